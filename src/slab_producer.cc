#include "slab_producer.h"

#include <algorithm>
#include <string>

#include "arguments.h"
#include "client_argument.h"
#include "outgoing_message.h"

namespace millrace {
namespace {

// Records for one call of rd_kafka_produce_batch: small enough for the array to stay in the cache.
constexpr size_t kBatchRecords = 512;
constexpr int64_t kMaxSafeInteger = 9007199254740991;

bool IsValidSlab(std::span<const uint8_t> slab, std::span<const uint32_t> ends, std::span<const int32_t> partitions,
                 size_t from, size_t to) {
  if (from > to || to > ends.size() || to > partitions.size()) return false;
  uint32_t last = from == 0 ? 0 : ends[from - 1];
  for (size_t i = from; i < to; i++) {
    if (ends[i] < last || partitions[i] < 0) return false;
    last = ends[i];
  }
  return last <= slab.size();
}

}  // namespace

Napi::Function SlabProducer::Define(Napi::Env env) {
  return DefineClass(
      env, "SlabProducer",
      {InstanceMethod<&SlabProducer::OpenTopic>("openTopic"), InstanceMethod<&SlabProducer::CloseTopic>("closeTopic"),
       InstanceMethod<&SlabProducer::Produce>("produce"),
       InstanceMethod<&SlabProducer::ProduceMessage>("produceMessage"),
       InstanceMethod<&SlabProducer::TakeSettled>("takeSettled"),
       InstanceMethod<&SlabProducer::OpenTickets>("openTickets"), InstanceMethod<&SlabProducer::Purge>("purge"),
       InstanceMethod<&SlabProducer::FatalError>("fatalError"), InstanceMethod<&SlabProducer::Close>("close")});
}

SlabProducer::SlabProducer(const Napi::CallbackInfo& info) : ObjectWrap(info), env_(info.Env()) {
  rd_kafka_t* const client = ClientArgument(info, RD_KAFKA_PRODUCER);
  if (client == nullptr) return;
  if (!info[1].IsFunction()) {
    ThrowType(env_, "a function to call when tickets are settled");
    return;
  }
  auto wake_up = std::make_unique<WakeUp>(env_, info[1].As<Napi::Function>());
  if (env_.IsExceptionPending()) return;
  tickets_ = std::make_shared<Tickets>(std::move(wake_up));
  client_ = client;
  exit_hook_.emplace(env_, OnExit, this);
}

SlabProducer::~SlabProducer() { CloseAll(); }

bool SlabProducer::ThrowIfClosed(Napi::Env env) {
  if (client_ != nullptr) return false;
  Napi::Error::New(env, "this producer is closed").ThrowAsJavaScriptException();
  return true;
}

rd_kafka_topic_t* SlabProducer::TopicArgument(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return nullptr;
  const auto topic = IntegerArgument(info, 0, 0, static_cast<int64_t>(topics_.size()) - 1, "an open topic");
  if (!topic) return nullptr;
  rd_kafka_topic_t* const handle = topics_[static_cast<size_t>(*topic)].get();
  if (handle == nullptr) ThrowRange(info.Env(), "an open topic");
  return handle;
}

Napi::Value SlabProducer::OpenTopic(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto name = StringArgument(info, 0, "the name of a topic");
  if (!name) return {};
  TopicHandle topic(rd_kafka_topic_new(client_, name->c_str(), nullptr));
  if (!topic) {
    Napi::Error::New(info.Env(), std::string(rd_kafka_err2str(rd_kafka_last_error()))).ThrowAsJavaScriptException();
    return {};
  }
  const auto free = std::find(topics_.begin(), topics_.end(), nullptr);
  const auto place = free == topics_.end() ? topics_.insert(topics_.end(), nullptr) : free;
  *place = std::move(topic);
  return Napi::Number::New(info.Env(), static_cast<double>(place - topics_.begin()));
}

Napi::Value SlabProducer::CloseTopic(const Napi::CallbackInfo& info) {
  if (TopicArgument(info) == nullptr) return {};
  topics_[info[0].As<Napi::Number>().Uint32Value()].reset();
  return info.Env().Undefined();
}

Napi::Value SlabProducer::Produce(const Napi::CallbackInfo& info) {
  rd_kafka_topic_t* const topic = TopicArgument(info);
  if (topic == nullptr) return {};
  const auto id = IntegerArgument(info, 1, 1, kMaxSafeInteger, "a ticket number from 1");
  if (!id) return {};
  const auto slab = BytesArgument(info, 2, "a Uint8Array as slab");
  if (!slab) return {};
  const auto ends = Uint32Argument(info, 3, "a Uint32Array of ends");
  if (!ends) return {};
  const auto partitions = Int32Argument(info, 4, "an Int32Array of partitions");
  if (!partitions) return {};
  const auto from = IntegerArgument(info, 5, 0, UINT32_MAX, "the first record's index");
  if (!from) return {};
  const auto to = IntegerArgument(info, 6, 0, UINT32_MAX, "the index behind the last record");
  if (!to) return {};
  if (!IsValidSlab(*slab, *ends, *partitions, static_cast<size_t>(*from), static_cast<size_t>(*to))) {
    ThrowRange(info.Env(), "from <= to, ends that ascend within the slab, and a partition from 0 for each record");
    return {};
  }
  const size_t first = static_cast<size_t>(*from);
  const size_t end = static_cast<size_t>(*to);
  auto* const ticket = new Ticket(tickets_, static_cast<double>(*id), static_cast<uint32_t>(end - first));
  uint8_t empty[1] = {};
  size_t taken = first;
  for (bool full = false; taken < end && !full;) {
    const size_t count = std::min(end - taken, kBatchRecords);
    batch_.resize(count);
    for (size_t i = 0; i < count; i++) {
      const size_t record = taken + i;
      const uint32_t begin = record == 0 ? 0 : (*ends)[record - 1];
      rd_kafka_message_t& message = batch_[i];
      message = {};
      // librdkafka takes a null pointer for a tombstone, and an empty slab may have no memory.
      message.payload = slab->empty() ? empty : slab->data() + begin;
      message.len = (*ends)[record] - begin;
      message.partition = (*partitions)[record];
      message._private = ticket;
    }
    rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, batch_.data(),
                           static_cast<int>(count));
    // It stops at the first QUEUE_FULL, but goes on past every other error of a record, and reports those neither as
    // acknowledged nor as failed: they are counted here.
    for (size_t i = 0; i < count; i++, taken++) {
      const auto code = batch_[i].err;
      if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        full = true;
        break;
      }
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) ticket->Settle(RD_KAFKA_MSG_STATUS_NOT_PERSISTED, code);
    }
  }
  ticket->Release(static_cast<uint32_t>(end - taken));
  return Napi::Number::New(info.Env(), static_cast<double>(taken));
}

Napi::Value SlabProducer::ProduceMessage(const Napi::CallbackInfo& info) {
  // First, as it may run JavaScript, which can close this producer.
  auto message = OutgoingMessage::FromArguments(info, 3);
  if (!message) return {};
  rd_kafka_topic_t* const topic = TopicArgument(info);
  if (topic == nullptr) return {};
  const auto id = IntegerArgument(info, 1, 1, kMaxSafeInteger, "a ticket number from 1");
  if (!id) return {};
  const auto partition = IntegerArgument(info, 2, 0, INT32_MAX, "a partition number");
  if (!partition) return {};
  auto* const ticket = new Ticket(tickets_, static_cast<double>(*id), 1);
  const auto code = message->Produce(client_, topic, static_cast<int32_t>(*partition), ticket);
  const bool is_full = code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
  // Here librdkafka reports a message that the topic or partition is not there for, but none that it refuses before:
  // one that is too large, or any after a fatal error.
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && !is_full && ticket->HasOpenRecords()) {
    ticket->Settle(RD_KAFKA_MSG_STATUS_NOT_PERSISTED, code);
  }
  ticket->Release(is_full ? 1 : 0);
  return Napi::Boolean::New(info.Env(), !is_full);
}

Napi::Value SlabProducer::TakeSettled(const Napi::CallbackInfo& info) {
  const auto rows = Float64Argument(info, 0, "a Float64Array for rows of five numbers");
  if (!rows) return {};
  const size_t count = tickets_ ? tickets_->Take(rows->data(), rows->size() / 5) : 0;
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

Napi::Value SlabProducer::OpenTickets(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), tickets_ ? tickets_->open.load() : 0);
}

// librdkafka's destroy reports nothing: before a client with open tickets goes, this settles what was never sent as
// failed and the rest as unknown.
Napi::Value SlabProducer::Purge(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  return info.Env().Undefined();
}

Napi::Value SlabProducer::FatalError(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (ThrowIfClosed(env)) return {};
  char text[512];
  const auto code = rd_kafka_fatal_error(client_, text, sizeof(text));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return env.Undefined();
  auto error = Napi::Object::New(env);
  error["code"] = Napi::Number::New(env, code);
  error["message"] = Napi::String::New(env, text);
  return error;
}

Napi::Value SlabProducer::Close(const Napi::CallbackInfo& info) {
  CloseAll();
  return info.Env().Undefined();
}

// Idempotent: by JavaScript's close(), the destructor and the environment's exit.
void SlabProducer::CloseAll() noexcept {
  if (client_ == nullptr) return;
  client_ = nullptr;
  topics_.clear();
  tickets_->Close();
  exit_hook_.reset();
}

}  // namespace millrace
