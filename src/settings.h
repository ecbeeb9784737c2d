// What librdkafka knows of its own settings and error codes.
#pragma once

#include <napi.h>

namespace millrace {

Napi::Value CheckSetting(const Napi::CallbackInfo& info);  // (key, value) → { problem, isOfTopic }
Napi::Value ErrorText(const Napi::CallbackInfo& info);     // (code) → librdkafka's text for it

}  // namespace millrace
