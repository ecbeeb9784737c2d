// The JavaScript class MockCluster: librdkafka's mock brokers inside this process, which speak the real protocol on
// loopback ports. Lives on the JavaScript thread.
#pragma once

#include <napi.h>

#include <optional>
#include <string>

#include "exit_hook.h"
#include "handles.h"

namespace millrace {

class MockCluster : public Napi::ObjectWrap<MockCluster> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit MockCluster(const Napi::CallbackInfo& info);  // (number of brokers)
  ~MockCluster() override;

 private:
  // Those without a result return librdkafka's error code, 0 for none.
  Napi::Value BootstrapServers(const Napi::CallbackInfo& info);  // () → 'host:port,…'
  Napi::Value CreateTopic(const Napi::CallbackInfo& info);       // (name, partitions, replicas)
  Napi::Value SetTopicError(const Napi::CallbackInfo& info);     // (name, code): what metadata says of it; 0 for none
  Napi::Value SetBrokerUp(const Napi::CallbackInfo& info);       // (broker, up)
  Napi::Value SetRoundTripTime(const Napi::CallbackInfo& info);  // (broker, ms)
  Napi::Value SetLeader(const Napi::CallbackInfo& info);         // (topic, partition, broker)
  Napi::Value SetCoordinator(const Napi::CallbackInfo& info);    // (group, broker)
  Napi::Value PushErrors(const Napi::CallbackInfo& info);        // (api key, codes): one for each next request
  Napi::Value PushBrokerErrors(const Napi::CallbackInfo& info);  // (broker, api key, codes, delays in ms)
  Napi::Value ClearErrors(const Napi::CallbackInfo& info);       // (api key)
  Napi::Value Close(const Napi::CallbackInfo& info);

  bool ThrowIfClosed(Napi::Env env);
  void CloseAll() noexcept;
  static void OnExit(void* self) noexcept { static_cast<MockCluster*>(self)->CloseAll(); }

  const Napi::Env env_;
  ClientHandle client_;  // the mock brokers live on a client of their own, which connects nowhere
  MockClusterHandle cluster_;
  std::optional<ExitHook> exit_hook_;
};

}  // namespace millrace
