#include "settings.h"

#include <string>

#include "arguments.h"
#include "handles.h"

namespace millrace {
Napi::Value CheckSetting(const Napi::CallbackInfo& info) {
  const auto key = StringArgument(info, 0, "the key of a setting");
  if (!key) return {};
  const auto value = StringArgument(info, 1, "the value of a setting, a string");
  if (!value) return {};
  char error[512] = "";
  const TopicConfHandle topic_conf(rd_kafka_topic_conf_new());
  auto result = rd_kafka_topic_conf_set(topic_conf.get(), key->c_str(), value->c_str(), error, sizeof(error));
  const bool is_of_topic = result != RD_KAFKA_CONF_UNKNOWN;
  if (!is_of_topic) {
    const ConfHandle conf(rd_kafka_conf_new());
    result = rd_kafka_conf_set(conf.get(), key->c_str(), value->c_str(), error, sizeof(error));
  }
  auto answer = Napi::Object::New(info.Env());
  answer["problem"] = Napi::String::New(info.Env(), result == RD_KAFKA_CONF_OK ? "" : error);
  answer["isOfTopic"] = Napi::Boolean::New(info.Env(), is_of_topic);
  return answer;
}

Napi::Value ErrorText(const Napi::CallbackInfo& info) {
  const auto code = IntegerArgument(info, 0, INT16_MIN, INT16_MAX, "an error code");
  if (!code) return {};
  return Napi::String::New(info.Env(), rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(*code)));
}

}  // namespace millrace
