// Checks of what JavaScript passes: everything is verified before any native work is done with it.
// Each returns false (or nullopt) after it has thrown; the caller then returns at once.
#pragma once

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace millrace {

inline void ThrowType(Napi::Env env, const char* expected) {
  Napi::TypeError::New(env, std::string("millrace native call: expected ") + expected).ThrowAsJavaScriptException();
}

inline void ThrowRange(Napi::Env env, const char* expected) {
  Napi::RangeError::New(env, std::string("millrace native call: expected ") + expected).ThrowAsJavaScriptException();
}

// What a typed array of that type has; nullopt, without a throw, for anything else.
template <typename Element, napi_typedarray_type kType>
std::optional<std::span<Element>> ArrayOf(Napi::Env env, napi_value value) {
  bool is_array = false;
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok || type != kType) {
    return std::nullopt;
  }
  // A detached buffer has no memory and length 0.
  if (data == nullptr) length = 0;
  return std::span<Element>(static_cast<Element*>(data), length);
}

template <typename Element, napi_typedarray_type kType>
std::optional<std::span<Element>> ArrayArgument(const Napi::CallbackInfo& info, size_t index, const char* expected) {
  const auto array = ArrayOf<Element, kType>(info.Env(), info[index]);
  if (!array) ThrowType(info.Env(), expected);
  return array;
}

inline auto Int32Argument(const Napi::CallbackInfo& info, size_t index, const char* expected) {
  return ArrayArgument<int32_t, napi_int32_array>(info, index, expected);
}
inline auto Uint32Argument(const Napi::CallbackInfo& info, size_t index, const char* expected) {
  return ArrayArgument<uint32_t, napi_uint32_array>(info, index, expected);
}
inline auto Float64Argument(const Napi::CallbackInfo& info, size_t index, const char* expected) {
  return ArrayArgument<double, napi_float64_array>(info, index, expected);
}
inline auto BytesArgument(const Napi::CallbackInfo& info, size_t index, const char* expected) {
  return ArrayArgument<uint8_t, napi_uint8_array>(info, index, expected);
}

inline std::optional<std::string> StringArgument(const Napi::CallbackInfo& info, size_t index, const char* expected) {
  if (!info[index].IsString()) {
    ThrowType(info.Env(), expected);
    return std::nullopt;
  }
  return info[index].As<Napi::String>().Utf8Value();
}

// A whole number in [low, high].
inline std::optional<int64_t> IntegerArgument(const Napi::CallbackInfo& info, size_t index, int64_t low, int64_t high,
                                              const char* expected) {
  if (!info[index].IsNumber()) {
    ThrowType(info.Env(), expected);
    return std::nullopt;
  }
  const double value = info[index].As<Napi::Number>().DoubleValue();
  if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high)) || value != std::floor(value)) {
    ThrowRange(info.Env(), expected);
    return std::nullopt;
  }
  return static_cast<int64_t>(value);
}

}  // namespace millrace
