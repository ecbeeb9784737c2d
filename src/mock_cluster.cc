#include "mock_cluster.h"

#include <vector>

#include "arguments.h"

namespace millrace {
namespace {

Napi::Value Code(Napi::Env env, rd_kafka_resp_err_t code) { return Napi::Number::New(env, code); }

std::optional<int32_t> Int32(const Napi::CallbackInfo& info, size_t index, int32_t low, const char* expected) {
  const auto value = IntegerArgument(info, index, low, INT32_MAX, expected);
  if (!value) return std::nullopt;
  return static_cast<int32_t>(*value);
}

std::optional<int16_t> ApiKey(const Napi::CallbackInfo& info, size_t index) {
  const auto value = IntegerArgument(info, index, 0, INT16_MAX, "an API key of Kafka's protocol");
  if (!value) return std::nullopt;
  return static_cast<int16_t>(*value);
}

}  // namespace

Napi::Function MockCluster::Define(Napi::Env env) {
  return DefineClass(
      env, "MockCluster",
      {InstanceMethod<&MockCluster::BootstrapServers>("bootstrapServers"),
       InstanceMethod<&MockCluster::CreateTopic>("createTopic"),
       InstanceMethod<&MockCluster::SetTopicError>("setTopicError"),
       InstanceMethod<&MockCluster::SetBrokerUp>("setBrokerUp"),
       InstanceMethod<&MockCluster::SetRoundTripTime>("setRoundTripTime"),
       InstanceMethod<&MockCluster::SetLeader>("setLeader"),
       InstanceMethod<&MockCluster::SetCoordinator>("setCoordinator"),
       InstanceMethod<&MockCluster::PushErrors>("pushErrors"),
       InstanceMethod<&MockCluster::PushBrokerErrors>("pushBrokerErrors"),
       InstanceMethod<&MockCluster::ClearErrors>("clearErrors"), InstanceMethod<&MockCluster::Close>("close")});
}

MockCluster::MockCluster(const Napi::CallbackInfo& info) : ObjectWrap(info), env_(info.Env()) {
  const auto brokers = IntegerArgument(info, 0, 1, 100, "a number of brokers from 1 to 100");
  if (!brokers) return;
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  char error[512];
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error, sizeof(error)));
  if (!client_) {
    Napi::Error::New(env_, error).ThrowAsJavaScriptException();
    return;
  }
  conf.release();  // the client owns it now
  cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), static_cast<int>(*brokers)));
  if (!cluster_) {
    Napi::Error::New(env_, "librdkafka could not start its mock brokers on loopback").ThrowAsJavaScriptException();
    return;
  }
  exit_hook_.emplace(env_, OnExit, this);
}

MockCluster::~MockCluster() { CloseAll(); }

bool MockCluster::ThrowIfClosed(Napi::Env env) {
  if (cluster_) return false;
  Napi::Error::New(env, "this mock cluster is closed").ThrowAsJavaScriptException();
  return true;
}

Napi::Value MockCluster::BootstrapServers(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  return Napi::String::New(info.Env(), rd_kafka_mock_cluster_bootstraps(cluster_.get()));
}

Napi::Value MockCluster::CreateTopic(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto topic = StringArgument(info, 0, "the name of a topic");
  if (!topic) return {};
  const auto partitions = IntegerArgument(info, 1, 1, 100'000, "a number of partitions");
  if (!partitions) return {};
  const auto replicas = IntegerArgument(info, 2, 1, 100, "a number of replicas");
  if (!replicas) return {};
  return Code(info.Env(), rd_kafka_mock_topic_create(cluster_.get(), topic->c_str(), static_cast<int>(*partitions),
                                                     static_cast<int>(*replicas)));
}

Napi::Value MockCluster::SetTopicError(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto topic = StringArgument(info, 0, "the name of a topic");
  if (!topic) return {};
  const auto code = IntegerArgument(info, 1, -200, 1000, "an error code");
  if (!code) return {};
  rd_kafka_mock_topic_set_error(cluster_.get(), topic->c_str(), static_cast<rd_kafka_resp_err_t>(*code));
  return Code(info.Env(), RD_KAFKA_RESP_ERR_NO_ERROR);
}

Napi::Value MockCluster::SetBrokerUp(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto broker = Int32(info, 0, 1, "a broker id from 1");
  if (!broker) return {};
  const auto set = info[1].ToBoolean() ? rd_kafka_mock_broker_set_up : rd_kafka_mock_broker_set_down;
  return Code(info.Env(), set(cluster_.get(), *broker));
}

Napi::Value MockCluster::SetRoundTripTime(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto broker = Int32(info, 0, 1, "a broker id from 1");
  if (!broker) return {};
  const auto ms = Int32(info, 1, 0, "milliseconds");
  if (!ms) return {};
  return Code(info.Env(), rd_kafka_mock_broker_set_rtt(cluster_.get(), *broker, *ms));
}

Napi::Value MockCluster::SetLeader(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto topic = StringArgument(info, 0, "the name of a topic");
  if (!topic) return {};
  const auto partition = Int32(info, 1, 0, "a partition number");
  if (!partition) return {};
  const auto broker = Int32(info, 2, 1, "a broker id from 1");
  if (!broker) return {};
  return Code(info.Env(), rd_kafka_mock_partition_set_leader(cluster_.get(), topic->c_str(), *partition, *broker));
}

Napi::Value MockCluster::SetCoordinator(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto group = StringArgument(info, 0, "the name of a group");
  if (!group) return {};
  const auto broker = Int32(info, 1, 1, "a broker id from 1");
  if (!broker) return {};
  return Code(info.Env(), rd_kafka_mock_coordinator_set(cluster_.get(), "group", group->c_str(), *broker));
}

Napi::Value MockCluster::PushErrors(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto api_key = ApiKey(info, 0);
  if (!api_key) return {};
  const auto codes = Int32Argument(info, 1, "an Int32Array of error codes");
  if (!codes) return {};
  std::vector<rd_kafka_resp_err_t> errors;
  for (const int32_t code : *codes) errors.push_back(static_cast<rd_kafka_resp_err_t>(code));
  rd_kafka_mock_push_request_errors_array(cluster_.get(), *api_key, errors.size(), errors.data());
  return Code(info.Env(), RD_KAFKA_RESP_ERR_NO_ERROR);
}

Napi::Value MockCluster::PushBrokerErrors(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto broker = Int32(info, 0, 1, "a broker id from 1");
  if (!broker) return {};
  const auto api_key = ApiKey(info, 1);
  if (!api_key) return {};
  const auto codes = Int32Argument(info, 2, "an Int32Array of error codes");
  if (!codes) return {};
  const auto delays = Int32Argument(info, 3, "an Int32Array of delays in milliseconds");
  if (!delays) return {};
  if (delays->size() != codes->size()) {
    ThrowRange(info.Env(), "as many delays as codes");
    return {};
  }
  auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (size_t i = 0; i < codes->size() && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    code =
        rd_kafka_mock_broker_push_request_error_rtts(cluster_.get(), *broker, *api_key, 1, (*codes)[i], (*delays)[i]);
  }
  return Code(info.Env(), code);
}

Napi::Value MockCluster::ClearErrors(const Napi::CallbackInfo& info) {
  if (ThrowIfClosed(info.Env())) return {};
  const auto api_key = ApiKey(info, 0);
  if (!api_key) return {};
  rd_kafka_mock_clear_request_errors(cluster_.get(), *api_key);
  return Code(info.Env(), RD_KAFKA_RESP_ERR_NO_ERROR);
}

Napi::Value MockCluster::Close(const Napi::CallbackInfo& info) {
  CloseAll();
  return info.Env().Undefined();
}

// Idempotent: by JavaScript's close(), the destructor and the environment's exit. The brokers before their client.
void MockCluster::CloseAll() noexcept {
  if (!cluster_) return;
  cluster_.reset();
  client_.reset();
  exit_hook_.reset();
}

}  // namespace millrace
