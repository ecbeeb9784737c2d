// The JavaScript class PartitionQueues: all partition queues of one consumer client, behind one ready list and one
// wake-up. Lives on the JavaScript thread.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <vector>

#include "exit_hook.h"
#include "handles.h"
#include "partition_queue.h"
#include "ready_list.h"
#include "wake_up.h"

namespace millrace {

class PartitionQueues : public Napi::ObjectWrap<PartitionQueues> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit PartitionQueues(const Napi::CallbackInfo& info);  // (client name, on wake-up)
  ~PartitionQueues() override;

 private:
  Napi::Value Take(const Napi::CallbackInfo& info);       // (topic, partition) → slot
  Napi::Value Release(const Napi::CallbackInfo& info);    // (slot)
  Napi::Value TakeReady(const Napi::CallbackInfo& info);  // (Int32Array) → count
  // (slot, max, slab, ends, offsets, timestamps, flags, state, keep) → n
  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value KeptMessage(const Napi::CallbackInfo& info);  // (index in the last drain) → message, see message_object.h
  Napi::Value DrainMessages(const Napi::CallbackInfo& info);  // (slot, max, state) → messages, see message_object.h
  Napi::Value Serve(const Napi::CallbackInfo& info);          // () → what stood in the consumer's own queue
  Napi::Value CloseConsumer(
      const Napi::CallbackInfo& info);                // () → nothing is left to wait for; the first call begins it
  Napi::Value GiveUp(const Napi::CallbackInfo& info);  // () what CloseConsumer still waits for
  Napi::Value CutConnections(const Napi::CallbackInfo& info);  // () also after Close
  Napi::Value Close(const Napi::CallbackInfo& info);   // ()

  bool ThrowIfClosed(Napi::Env env);
  PartitionQueue* QueueArgument(const Napi::CallbackInfo& info);
  void CloseAll() noexcept;
  static void OnExit(void* self) noexcept { static_cast<PartitionQueues*>(self)->CloseAll(); }
  static void OnConsumerEvent(rd_kafka_t*, void* self) noexcept;

  // The slot that TakeReady() names when the consumer's own queue has something to Serve().
  static constexpr int32_t kConsumerSlot = 0;

  const Napi::Env env_;
  rd_kafka_t* client_ = nullptr;  // borrowed; librdkafka does not destroy it while a queue of it is held
  const void* socket_owner_ = nullptr;
  std::optional<WakeUp> wake_up_;
  std::optional<ReadyList> ready_;
  std::optional<ExitHook> exit_hook_;
  QueueHandle consumer_queue_;
  QueueHandle closing_queue_;                            // where librdkafka says that the consumer is closed
  std::vector<std::unique_ptr<PartitionQueue>> queues_;  // by slot; [0] is the consumer's own and stays empty
  std::vector<int32_t> free_slots_;
  std::vector<MessageHandle> kept_;  // of the last drain, whichever queue it was of, if that was told to keep them
};

}  // namespace millrace
