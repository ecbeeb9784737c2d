// The JavaScript class SlabProducer: gives slabs of encoded records to librdkafka and tells what became of them.
// Lives on the JavaScript thread; the tickets are settled on broker threads.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "exit_hook.h"
#include "handles.h"
#include "tickets.h"

namespace millrace {

class SlabProducer : public Napi::ObjectWrap<SlabProducer> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit SlabProducer(const Napi::CallbackInfo& info);  // (client name, on wake-up)
  ~SlabProducer() override;

 private:
  Napi::Value OpenTopic(const Napi::CallbackInfo& info);   // (name) → topic
  Napi::Value CloseTopic(const Napi::CallbackInfo& info);  // (topic)
  // (topic, ticket, slab, ends, partitions, from, to) → the first record that was not taken, as the queue is full
  Napi::Value Produce(const Napi::CallbackInfo& info);
  // (topic, ticket, partition, key, value, headers) → false when it was not taken, as the queue is full
  Napi::Value ProduceMessage(const Napi::CallbackInfo& info);
  Napi::Value TakeSettled(const Napi::CallbackInfo& info);  // (Float64Array) → rows of five, see SettledTicket
  Napi::Value OpenTickets(const Napi::CallbackInfo& info);  // () → count
  Napi::Value Purge(const Napi::CallbackInfo& info);        // (): settles everything, at once
  Napi::Value FatalError(const Napi::CallbackInfo& info);   // () → { code, message } or undefined
  Napi::Value Close(const Napi::CallbackInfo& info);

  bool ThrowIfClosed(Napi::Env env);
  rd_kafka_topic_t* TopicArgument(const Napi::CallbackInfo& info);
  void CloseAll() noexcept;
  static void OnExit(void* self) noexcept { static_cast<SlabProducer*>(self)->CloseAll(); }

  const Napi::Env env_;
  rd_kafka_t* client_ = nullptr;  // borrowed; librdkafka does not destroy it while a topic of it is held
  std::shared_ptr<Tickets> tickets_;
  std::optional<ExitHook> exit_hook_;
  std::vector<TopicHandle> topics_;
  std::vector<rd_kafka_message_t> batch_;  // reused by each Produce
};

}  // namespace millrace
