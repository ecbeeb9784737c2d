#include "partition_queues.h"

#include <algorithm>
#include <string>

#include "arguments.h"
#include "client_argument.h"
#include "message_object.h"
#include "sockets.h"

namespace millrace {
namespace {

constexpr int64_t kMaxRecords = 1'000'000;
// Each is an object of JavaScript's.
constexpr int64_t kMaxMessages = 10'000;

}  // namespace

Napi::Function PartitionQueues::Define(Napi::Env env) {
  return DefineClass(
      env, "PartitionQueues",
      {InstanceMethod<&PartitionQueues::Take>("take"), InstanceMethod<&PartitionQueues::Release>("release"),
       InstanceMethod<&PartitionQueues::TakeReady>("takeReady"), InstanceMethod<&PartitionQueues::Drain>("drain"),
       InstanceMethod<&PartitionQueues::KeptMessage>("keptMessage"),
       InstanceMethod<&PartitionQueues::DrainMessages>("drainMessages"),
       InstanceMethod<&PartitionQueues::Serve>("serve"),
       InstanceMethod<&PartitionQueues::CloseConsumer>("closeConsumer"),
       InstanceMethod<&PartitionQueues::GiveUp>("giveUp"),
       InstanceMethod<&PartitionQueues::CutConnections>("cutConnections"),
       InstanceMethod<&PartitionQueues::Close>("close")});
}

PartitionQueues::PartitionQueues(const Napi::CallbackInfo& info) : ObjectWrap(info), env_(info.Env()) {
  rd_kafka_t* const client = ClientArgument(info, RD_KAFKA_CONSUMER);
  if (client == nullptr) return;
  if (!info[1].IsFunction()) {
    ThrowType(env_, "a function to call when a queue has records");
    return;
  }
  wake_up_.emplace(env_, info[1].As<Napi::Function>());
  if (env_.IsExceptionPending()) return;
  ready_.emplace(*wake_up_);
  exit_hook_.emplace(env_, OnExit, this);
  client_ = client;
  socket_owner_ = rd_kafka_opaque(client);
  queues_.emplace_back();
  ready_->AddSlot();
  consumer_queue_.reset(rd_kafka_queue_get_consumer(client));
  if (consumer_queue_) rd_kafka_queue_cb_event_enable(consumer_queue_.get(), OnConsumerEvent, this);
}

PartitionQueues::~PartitionQueues() { CloseAll(); }

void PartitionQueues::OnConsumerEvent(rd_kafka_t*, void* self) noexcept {
  static_cast<PartitionQueues*>(self)->ready_->Add(kConsumerSlot);
}

bool PartitionQueues::ThrowIfClosed(Napi::Env env) {
  if (client_ != nullptr) return false;
  Napi::Error::New(env, "the partition queues of this client are closed").ThrowAsJavaScriptException();
  return true;
}

PartitionQueue* PartitionQueues::QueueArgument(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return nullptr;
  const auto slot = IntegerArgument(info, 0, 1, static_cast<int64_t>(queues_.size()) - 1, "the slot of a queue");
  if (!slot) return nullptr;
  PartitionQueue* const queue = queues_[static_cast<size_t>(*slot)].get();
  if (queue == nullptr) ThrowRange(info.Env(), "the slot of a queue that is not released");
  return queue;
}

Napi::Value PartitionQueues::Take(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto topic = StringArgument(info, 0, "the name of a topic");
  if (!topic) return {};
  const auto partition = IntegerArgument(info, 1, 0, INT32_MAX, "a partition number");
  if (!partition) return {};
  int32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<int32_t>(queues_.size());
    queues_.emplace_back();
    ready_->AddSlot();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  // A new topic is asked for at once where it is made by this call. Made by its queue, it has no leader, and no record
  // comes, until librdkafka looks after all of its topics, once a second.
  const TopicHandle asked(rd_kafka_topic_new(client_, topic->c_str(), nullptr));
  auto queue = std::make_unique<PartitionQueue>(client_, *topic, static_cast<int32_t>(*partition), *ready_, slot);
  if (!queue->IsOpen()) {
    free_slots_.push_back(slot);
    Napi::Error::New(info.Env(), "librdkafka has no queue for " + *topic + " [" + std::to_string(*partition) + "]")
        .ThrowAsJavaScriptException();
    return {};
  }
  queues_[static_cast<size_t>(slot)] = std::move(queue);
  return Napi::Number::New(info.Env(), slot);
}

Napi::Value PartitionQueues::Release(const Napi::CallbackInfo& info) {
  if (QueueArgument(info) == nullptr) return {};
  const int32_t slot = info[0].As<Napi::Number>().Int32Value();
  // They may be of this queue, and nobody may drain another for long.
  kept_.clear();
  queues_[static_cast<size_t>(slot)].reset();
  free_slots_.push_back(slot);
  return info.Env().Undefined();
}

Napi::Value PartitionQueues::TakeReady(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto target = Int32Argument(info, 0, "an Int32Array for slots");
  if (!target) return {};
  return Napi::Number::New(info.Env(), static_cast<double>(ready_->Take(*target)));
}

Napi::Value PartitionQueues::Drain(const Napi::CallbackInfo& info) {
  PartitionQueue* const queue = QueueArgument(info);
  if (queue == nullptr) return {};
  const auto max = IntegerArgument(info, 1, 1, kMaxRecords, "a number of records from 1 to 1,000,000");
  if (!max) return {};
  const auto slab = BytesArgument(info, 2, "a Uint8Array as slab");
  if (!slab) return {};
  const auto ends = Uint32Argument(info, 3, "a Uint32Array for ends");
  if (!ends) return {};
  const auto offsets = Float64Argument(info, 4, "a Float64Array for offsets");
  if (!offsets) return {};
  const auto timestamps = Float64Argument(info, 5, "a Float64Array for timestamps");
  if (!timestamps) return {};
  const auto flags = BytesArgument(info, 6, "a Uint8Array for flags");
  if (!flags) return {};
  const auto state = Float64Argument(info, 7, "a Float64Array for the state after the drain");
  if (!state) return {};
  const auto records = static_cast<size_t>(*max);
  if (std::min({ends->size(), offsets->size(), timestamps->size(), flags->size()}) < records || state->size() < 3 ||
      slab->size() > UINT32_MAX) {
    ThrowRange(info.Env(), "arrays with room for that many records, and a slab of at most 4 GiB");
    return {};
  }
  DrainTarget target{*slab, *ends, *offsets, *timestamps, *flags};
  kept_.clear();
  const bool keep = info[8].IsBoolean() && info[8].As<Napi::Boolean>().Value();
  const DrainResult result = queue->Drain(records, target, keep ? &kept_ : nullptr);
  (*state)[0] = result.next_offset;
  (*state)[1] = result.leader_epoch;
  (*state)[2] = static_cast<double>(result.slab_bytes_needed);
  return Napi::Number::New(info.Env(), static_cast<double>(result.count));
}

Napi::Value PartitionQueues::KeptMessage(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto index = IntegerArgument(info, 0, 0, static_cast<int64_t>(kept_.size()) - 1, "the index of a kept message");
  if (!index) return {};
  return MessageObject(info.Env(), *kept_[static_cast<size_t>(*index)]);
}

Napi::Value PartitionQueues::DrainMessages(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  PartitionQueue* const queue = QueueArgument(info);
  if (queue == nullptr) return {};
  const auto max = IntegerArgument(info, 1, 1, kMaxMessages, "a number of messages from 1 to 10,000");
  if (!max) return {};
  const auto state = Float64Argument(info, 2, "a Float64Array for the state after the drain");
  if (!state) return {};
  if (state->size() < 2) {
    ThrowRange(env, "a state of at least two numbers");
    return {};
  }
  kept_.clear();
  std::vector<MessageHandle> messages;
  const DrainResult result = queue->DrainMessages(static_cast<size_t>(*max), messages);
  (*state)[0] = result.next_offset;
  (*state)[1] = result.leader_epoch;
  auto array = Napi::Array::New(env, messages.size());
  for (uint32_t i = 0; i < messages.size(); i++) {
    const Napi::HandleScope scope(env);
    array[i] = MessageObject(env, *messages[i]);
  }
  return array;
}

// The consumer's own queue carries librdkafka's callbacks (errors, statistics), which run in here. A message in it is
// an error of the client, or a record that went past its partition's queue.
Napi::Value PartitionQueues::Serve(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (ThrowIfClosed(env)) return {};
  auto found = Napi::Array::New(env);
  for (int i = 0; i < 1000; i++) {
    const MessageHandle message(rd_kafka_consumer_poll(client_, 0));
    if (!message) break;
    auto entry = Napi::Object::New(env);
    entry["code"] = Napi::Number::New(env, message->err);
    entry["message"] = Napi::String::New(env, message->err ? rd_kafka_message_errstr(message.get()) : "");
    if (message->rkt) entry["topic"] = Napi::String::New(env, rd_kafka_topic_name(message->rkt));
    entry["partition"] = Napi::Number::New(env, message->partition);
    entry["offset"] = Napi::Number::New(env, static_cast<double>(message->offset));
    found[found.Length()] = entry;
  }
  return found;
}

// librdkafka's closing waits for the answers to all commits under way, for a minute or more when no broker answers:
// asked from time to time here, instead of by a thread that stands still as long.
Napi::Value PartitionQueues::CloseConsumer(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (ThrowIfClosed(env)) return {};
  if (!closing_queue_) {
    if (consumer_queue_) rd_kafka_queue_cb_event_enable(consumer_queue_.get(), nullptr, nullptr);
    closing_queue_.reset(rd_kafka_queue_new(client_));
    // A client that has failed for good is not closed but only destroyed.
    if (rd_kafka_error_t* error = rd_kafka_consumer_close_queue(client_, closing_queue_.get())) {
      rd_kafka_error_destroy(error);
      return Napi::Boolean::New(env, true);
    }
  }
  return Napi::Boolean::New(env, rd_kafka_consumer_closed(client_) != 0);
}

// librdkafka goes on waiting for as long as a broker keeps the connection and does not answer, and so would whoever
// closes the client. One that has failed for good is only destroyed, which waits for no answer: there is no other way
// to have node-rdkafka do that.
Napi::Value PartitionQueues::GiveUp(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (ThrowIfClosed(env)) return {};
  rd_kafka_test_fatal_error(client_, RD_KAFKA_RESP_ERR__DESTROY, "closed before the broker answered");
  return env.Undefined();
}

// While librdkafka destroys the client it still waits for what it has sent, until a time-out of a minute.
Napi::Value PartitionQueues::CutConnections(const Napi::CallbackInfo& info) {
  if (socket_owner_ != nullptr) Sockets::Instance().Cut(socket_owner_);
  return info.Env().Undefined();
}

Napi::Value PartitionQueues::Close(const Napi::CallbackInfo& info) {
  CloseAll();
  return info.Env().Undefined();
}

// Idempotent: by JavaScript's close(), the destructor and the environment's exit. First no callback (that of a
// partition's queue ends with it), then no wake-up, then the handles that are left: librdkafka's destroy waits for all.
void PartitionQueues::CloseAll() noexcept {
  if (client_ == nullptr) return;
  client_ = nullptr;
  if (consumer_queue_) rd_kafka_queue_cb_event_enable(consumer_queue_.get(), nullptr, nullptr);
  kept_.clear();
  queues_.clear();
  wake_up_->Close();
  closing_queue_.reset();
  consumer_queue_.reset();
  exit_hook_.reset();
}

}  // namespace millrace
