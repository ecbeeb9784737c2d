#include "requests.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "arguments.h"
#include "client_argument.h"
#include "request_answers.h"

namespace millrace {
namespace {

constexpr int64_t kMaxSafeInteger = 9007199254740991;
constexpr int64_t kMaxTimeoutMs = 3600 * 1000;
constexpr size_t kMaxMetadataBytes = 32'767;  // of a string in Kafka's protocol; brokers take 4,096 by default

std::optional<double> IdArgument(const Napi::CallbackInfo& info) {
  const auto id = IntegerArgument(info, 0, 1, kMaxSafeInteger, "a request number from 1");
  if (!id) return std::nullopt;
  return static_cast<double>(*id);
}

std::optional<int64_t> TimeoutArgument(const Napi::CallbackInfo& info, size_t index) {
  return IntegerArgument(info, index, 1, kMaxTimeoutMs, "a time-out from 1 ms to an hour");
}

PartitionListHandle ListOf(const std::string& topic, std::span<const int32_t> partitions) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const int32_t partition : partitions) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  return list;
}

}  // namespace

Napi::Function Requests::Define(Napi::Env env) {
  return DefineClass(
      env, "Requests",
      {InstanceMethod<&Requests::Commit>("commit"), InstanceMethod<&Requests::ListCommitted>("listCommitted"),
       InstanceMethod<&Requests::ListOffsets>("listOffsets"), InstanceMethod<&Requests::DescribeTopic>("describeTopic"),
       InstanceMethod<&Requests::KnowsCluster>("knowsCluster"), InstanceMethod<&Requests::TakeAnswers>("takeAnswers"),
       InstanceMethod<&Requests::AddBrokers>("addBrokers"), InstanceMethod<&Requests::Close>("close")});
}

Requests::Requests(const Napi::CallbackInfo& info) : ObjectWrap(info), env_(info.Env()) {
  if (!info[1].IsBoolean()) {
    ThrowType(env_, "true for a consumer, false for a producer");
    return;
  }
  const bool is_consumer = info[1].As<Napi::Boolean>();
  rd_kafka_t* const client = ClientArgument(info, is_consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER);
  if (client == nullptr) return;
  if (!info[2].IsFunction()) {
    ThrowType(env_, "a function to call when there are answers");
    return;
  }
  wake_up_.emplace(env_, info[2].As<Napi::Function>());
  if (env_.IsExceptionPending()) return;
  client_ = client;
  exit_hook_.emplace(env_, OnExit, this);
  queue_.reset(rd_kafka_queue_new(client));
  rd_kafka_queue_cb_event_enable(queue_.get(), OnNotEmpty, this);
}

Requests::~Requests() { CloseAll(); }

// On a librdkafka thread that holds the queue's lock.
void Requests::OnNotEmpty(rd_kafka_t*, void* self) noexcept { static_cast<Requests*>(self)->wake_up_->Signal(); }

bool Requests::ThrowIfClosed(Napi::Env env) {
  if (client_ != nullptr) return false;
  Napi::Error::New(env, "the requests of this client are closed").ThrowAsJavaScriptException();
  return true;
}

AdminOptionsHandle Requests::Options(rd_kafka_admin_op_t operation, double id, int64_t timeout_ms) {
  AdminOptionsHandle options(rd_kafka_AdminOptions_new(client_, operation));
  rd_kafka_AdminOptions_set_opaque(options.get(), OpaqueOf(id));
  char error[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout_ms), error, sizeof(error));
  return options;
}

Napi::Value Requests::Commit(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto id = IdArgument(info);
  if (!id) return {};
  const auto topic = StringArgument(info, 1, "the name of a topic");
  if (!topic) return {};
  const auto partitions = Int32Argument(info, 2, "an Int32Array of partitions");
  if (!partitions) return {};
  const auto offsets = Float64Argument(info, 3, "a Float64Array of offsets");
  if (!offsets) return {};
  const auto epochs = Int32Argument(info, 4, "an Int32Array of leader epochs");
  if (!epochs) return {};
  const auto metadata = StringArgument(info, 5, "the metadata of the commit, a string");
  if (!metadata) return {};
  if (metadata->size() > kMaxMetadataBytes) {
    ThrowRange(info.Env(), "metadata of at most 32,767 bytes");
    return {};
  }
  if (offsets->size() != partitions->size() || epochs->size() != partitions->size()) {
    ThrowRange(info.Env(), "as many offsets and epochs as partitions");
    return {};
  }
  const auto list = ListOf(*topic, *partitions);
  for (size_t i = 0; i < partitions->size(); i++) {
    rd_kafka_topic_partition_t& element = list->elems[i];
    element.offset = static_cast<int64_t>((*offsets)[i]);
    if ((*epochs)[i] >= 0) rd_kafka_topic_partition_set_leader_epoch(&element, (*epochs)[i]);
    if (!metadata->empty()) {
      // Freed with the list. Not as a C string: it may hold a NUL.
      element.metadata = std::malloc(metadata->size());
      if (element.metadata == nullptr) continue;
      std::memcpy(element.metadata, metadata->data(), metadata->size());
      element.metadata_size = metadata->size();
    }
  }
  const auto code = rd_kafka_commit_queue(client_, list.get(), queue_.get(), nullptr, OpaqueOf(*id));
  return Napi::Number::New(info.Env(), code);
}

Napi::Value Requests::ListCommitted(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto id = IdArgument(info);
  if (!id) return {};
  const auto group = StringArgument(info, 1, "the name of a group");
  if (!group) return {};
  const auto topic = StringArgument(info, 2, "the name of a topic");
  if (!topic) return {};
  const auto partitions = Int32Argument(info, 3, "an Int32Array of partitions");
  if (!partitions) return {};
  const auto timeout_ms = TimeoutArgument(info, 4);
  if (!timeout_ms) return {};
  const auto list = ListOf(*topic, *partitions);
  const auto options = Options(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, *id, *timeout_ms);
  std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, DestroyWith<rd_kafka_ListConsumerGroupOffsets_destroy>> request(
      rd_kafka_ListConsumerGroupOffsets_new(group->c_str(), list.get()));
  rd_kafka_ListConsumerGroupOffsets_t* requests[] = {request.get()};
  rd_kafka_ListConsumerGroupOffsets(client_, requests, 1, options.get(), queue_.get());
  return info.Env().Undefined();
}

Napi::Value Requests::ListOffsets(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto id = IdArgument(info);
  if (!id) return {};
  const auto topic = StringArgument(info, 1, "the name of a topic");
  if (!topic) return {};
  const auto partitions = Int32Argument(info, 2, "an Int32Array of partitions");
  if (!partitions) return {};
  const auto spec = IntegerArgument(info, 3, RD_KAFKA_OFFSET_SPEC_EARLIEST, RD_KAFKA_OFFSET_SPEC_LATEST,
                                    "-2 for the first offsets, -1 for the end offsets");
  if (!spec) return {};
  if (!info[4].IsBoolean()) {
    ThrowType(info.Env(), "true to count committed records only");
    return {};
  }
  const auto timeout_ms = TimeoutArgument(info, 5);
  if (!timeout_ms) return {};
  const auto list = ListOf(*topic, *partitions);
  for (int i = 0; i < list->cnt; i++) list->elems[i].offset = *spec;
  const auto options = Options(RD_KAFKA_ADMIN_OP_LISTOFFSETS, *id, *timeout_ms);
  const bool committed_only = info[4].As<Napi::Boolean>();
  // The error object only says what is impossible here: that the option does not apply to this operation.
  rd_kafka_error_destroy(rd_kafka_AdminOptions_set_isolation_level(
      options.get(),
      committed_only ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  rd_kafka_ListOffsets(client_, list.get(), options.get(), queue_.get());
  return info.Env().Undefined();
}

Napi::Value Requests::DescribeTopic(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto id = IdArgument(info);
  if (!id) return {};
  const auto topic = StringArgument(info, 1, "the name of a topic");
  if (!topic) return {};
  if (topic->empty()) {
    ThrowRange(info.Env(), "a topic name that is not empty");
    return {};
  }
  const auto broker = IntegerArgument(info, 2, -1, INT32_MAX, "a broker id, or -1 for any");
  if (!broker) return {};
  const auto timeout_ms = TimeoutArgument(info, 3);
  if (!timeout_ms) return {};
  const auto options = Options(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, *id, *timeout_ms);
  char error[256];
  if (*broker >= 0) {
    rd_kafka_AdminOptions_set_broker(options.get(), static_cast<int32_t>(*broker), error, sizeof(error));
  }
  const char* names[] = {topic->c_str()};
  const TopicCollectionHandle topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
  rd_kafka_DescribeTopics(client_, topics.get(), options.get(), queue_.get());
  return info.Env().Undefined();
}

Napi::Value Requests::KnowsCluster(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  // Every answer to a request for metadata names a controller.
  return Napi::Boolean::New(info.Env(), rd_kafka_controllerid(client_, 0) != -1);
}

Napi::Value Requests::AddBrokers(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (ThrowIfClosed(env)) return {};
  if (!info[0].IsString()) {
    ThrowType(env, "servers, as host:port with commas between");
    return {};
  }
  // Those that it has already it only counts.
  rd_kafka_brokers_add(client_, info[0].As<Napi::String>().Utf8Value().c_str());
  return env.Undefined();
}

Napi::Value Requests::TakeAnswers(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto answers = Napi::Array::New(env);
  if (client_ == nullptr) return answers;
  while (const EventHandle event{rd_kafka_queue_poll(queue_.get(), 0)}) {
    const Napi::HandleScope scope(env);
    const auto answer = AnswerOf(env, event.get());
    if (!answer.IsUndefined()) answers[answers.Length()] = answer;
  }
  return answers;
}

Napi::Value Requests::Close(const Napi::CallbackInfo& info) {
  CloseAll();
  return info.Env().Undefined();
}

// Idempotent: by JavaScript's close(), the destructor and the environment's exit. Answers that come later are
// dropped by librdkafka, as their queue is gone.
void Requests::CloseAll() noexcept {
  if (client_ == nullptr) return;
  client_ = nullptr;
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  wake_up_->Close();
  queue_.reset();
  exit_hook_.reset();
}

}  // namespace millrace
