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
