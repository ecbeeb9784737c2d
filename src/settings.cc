#include "settings.h"

#include <string>

#include "arguments.h"
#include "handles.h"

namespace millrace {
namespace {

// librdkafka keeps two lists, one of clients and one of topics, and gives each as key, value, key, value …
void AppendNames(Napi::Array& names, const char** pairs, size_t count) {
  for (size_t i = 0; i + 1 < count; i += 2) names[names.Length()] = Napi::String::New(names.Env(), pairs[i]);
  rd_kafka_conf_dump_free(pairs, count);
}

}  // namespace

Napi::Value SettingNames(const Napi::CallbackInfo& info) {
  auto names = Napi::Array::New(info.Env());
  const ConfHandle conf(rd_kafka_conf_new());
  const TopicConfHandle topic_conf(rd_kafka_topic_conf_new());
  size_t count = 0;
  const char** const pairs = rd_kafka_conf_dump(conf.get(), &count);
  AppendNames(names, pairs, count);
  const char** const topic_pairs = rd_kafka_topic_conf_dump(topic_conf.get(), &count);
  AppendNames(names, topic_pairs, count);
  return names;
}

Napi::Value CheckSetting(const Napi::CallbackInfo& info) {
  const auto key = StringArgument(info, 0, "the key of a setting");
  if (!key) return {};
  const auto value = StringArgument(info, 1, "the value of a setting, a string");
  if (!value) return {};
  char error[512] = "";
  const ConfHandle conf(rd_kafka_conf_new());
  // Topic settings are accepted here too: librdkafka keeps them for its default topic configuration.
  const auto result = rd_kafka_conf_set(conf.get(), key->c_str(), value->c_str(), error, sizeof(error));
  return Napi::String::New(info.Env(), result == RD_KAFKA_CONF_OK ? "" : error);
}

Napi::Value ErrorText(const Napi::CallbackInfo& info) {
  const auto code = IntegerArgument(info, 0, INT16_MIN, INT16_MAX, "an error code");
  if (!code) return {};
  return Napi::String::New(info.Env(), rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(*code)));
}

}  // namespace millrace
