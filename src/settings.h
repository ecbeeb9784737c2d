// What librdkafka knows of its own settings and error codes.
#pragma once

#include <napi.h>

namespace millrace {

Napi::Value CheckSetting(const Napi::CallbackInfo& info);  // (key, value) → { problem, isKnown, isOfTopic }
// () → librdkafka's table of its settings, a row for each: name, C, P or *, values, default and more, with | between.
Napi::Value SettingsTable(const Napi::CallbackInfo& info);

// (is producer, [key, value, …]) → why librdkafka does not start a client with these settings together, or ''.
//
// Asked before node-rdkafka is: when rd_kafka_new fails with a plugin's interceptors in the configuration, librdkafka
// frees their lists, and its C++ layer, destroying that configuration, frees them once more.
Napi::Value StartProblem(const Napi::CallbackInfo& info);

Napi::Value ErrorText(const Napi::CallbackInfo& info);  // (code) → librdkafka's text for it

}  // namespace millrace
