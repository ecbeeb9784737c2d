#include "settings.h"

#include <cstdio>
#include <cstdlib>
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
  answer["isKnown"] = Napi::Boolean::New(info.Env(), result != RD_KAFKA_CONF_UNKNOWN);
  answer["isOfTopic"] = Napi::Boolean::New(info.Env(), is_of_topic);
  return answer;
}

Napi::Value SettingsTable(const Napi::CallbackInfo& info) {
  char* text = nullptr;
  size_t size = 0;
  FILE* const file = open_memstream(&text, &size);
  if (file == nullptr) return Napi::String::New(info.Env(), "");
  rd_kafka_conf_properties_show(file);
  fclose(file);
  auto table = Napi::String::New(info.Env(), text, size);
  free(text);
  return table;
}

Napi::Value StartProblem(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsBoolean() || !info[1].IsArray()) {
    ThrowType(env, "true for a producer or false for a consumer, and an array of keys and values");
    return {};
  }
  const bool is_producer = info[0].As<Napi::Boolean>();
  const auto settings = info[1].As<Napi::Array>();
  char error[512] = "";
  ConfHandle conf(rd_kafka_conf_new());
  // Its log would go to standard error, and says no more than the answer does.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  for (uint32_t i = 0; i + 1 < settings.Length(); i += 2) {
    const Napi::Value given[] = {settings.Get(i), settings.Get(i + 1)};
    if (!given[0].IsString() || !given[1].IsString()) {
      ThrowType(env, "keys and values that are strings");
      return {};
    }
    const std::string key = given[0].As<Napi::String>();
    const std::string value = given[1].As<Napi::String>();
    if (rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), error, sizeof(error)) != RD_KAFKA_CONF_OK) {
      return Napi::String::New(env, error);
    }
  }
  const auto type = is_producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  rd_kafka_t* const client = rd_kafka_new(type, conf.get(), error, sizeof(error));
  if (client == nullptr) return Napi::String::New(env, error);
  conf.release();  // the client's now
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return Napi::String::New(env, "");
}

Napi::Value ErrorText(const Napi::CallbackInfo& info) {
  const auto code = IntegerArgument(info, 0, INT16_MIN, INT16_MAX, "an error code");
  if (!code) return {};
  return Napi::String::New(info.Env(), rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(*code)));
}

}  // namespace millrace
