// The addon's door: what lib/native/index.ts types and hands on.
#include <napi.h>

#include "mock_cluster.h"
#include "partition_queues.h"
#include "requests.h"
#include "settings.h"
#include "slab_producer.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["PartitionQueues"] = millrace::PartitionQueues::Define(env);
  exports["Requests"] = millrace::Requests::Define(env);
  exports["SlabProducer"] = millrace::SlabProducer::Define(env);
  exports["MockCluster"] = millrace::MockCluster::Define(env);
  exports["checkSetting"] = Napi::Function::New(env, millrace::CheckSetting, "checkSetting");
  exports["settingsTable"] = Napi::Function::New(env, millrace::SettingsTable, "settingsTable");
  exports["startProblem"] = Napi::Function::New(env, millrace::StartProblem, "startProblem");
  exports["errorText"] = Napi::Function::New(env, millrace::ErrorText, "errorText");
  exports["runningVersion"] = Napi::Number::New(env, rd_kafka_version());
  exports["builtVersion"] = Napi::Number::New(env, RD_KAFKA_VERSION);
  exports["versionText"] = Napi::String::New(env, rd_kafka_version_str());
  return exports;
}

}  // namespace

NODE_API_MODULE(millrace, Init)
