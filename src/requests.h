// The JavaScript class Requests: librdkafka's asynchronous requests, whose answers arrive on a queue of ours. No
// thread waits for them. Works for consumers and producers; commit() for consumers only.
#pragma once

#include <napi.h>

#include <optional>

#include "exit_hook.h"
#include "handles.h"
#include "wake_up.h"

namespace millrace {

class Requests : public Napi::ObjectWrap<Requests> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit Requests(const Napi::CallbackInfo& info);  // (client name, is consumer, on wake-up)
  ~Requests() override;

 private:
  // The first argument of each is a number of the caller's choice that comes back with the answer.
  Napi::Value Commit(const Napi::CallbackInfo& info);  // (id, topic, partitions, offsets, epochs, metadata) → code
  Napi::Value ListCommitted(const Napi::CallbackInfo& info);  // (id, group, topic, partitions, timeoutMs)
  Napi::Value ListOffsets(const Napi::CallbackInfo& info);  // (id, topic, partitions, spec, committed only, timeoutMs)
  Napi::Value DescribeTopic(const Napi::CallbackInfo& info);  // (id, topic, broker or -1, timeoutMs)
  Napi::Value KnowsCluster(const Napi::CallbackInfo& info);   // () → whether a broker has told of its cluster
  Napi::Value AddBrokers(const Napi::CallbackInfo& info);     // (servers)
  Napi::Value TakeAnswers(const Napi::CallbackInfo& info);    // () → answers, see request_answers.h
  Napi::Value Close(const Napi::CallbackInfo& info);

  bool ThrowIfClosed(Napi::Env env);
  AdminOptionsHandle Options(rd_kafka_admin_op_t operation, double id, int64_t timeout_ms);
  void CloseAll() noexcept;
  static void OnExit(void* self) noexcept { static_cast<Requests*>(self)->CloseAll(); }
  static void OnNotEmpty(rd_kafka_t*, void* self) noexcept;

  const Napi::Env env_;
  rd_kafka_t* client_ = nullptr;  // borrowed; librdkafka does not destroy it while queue_ is held
  std::optional<WakeUp> wake_up_;
  std::optional<ExitHook> exit_hook_;
  QueueHandle queue_;
};

}  // namespace millrace
