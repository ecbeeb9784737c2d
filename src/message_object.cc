#include "message_object.h"

namespace millrace {
namespace {

Napi::Value BufferOrNull(Napi::Env env, const void* data, size_t size) {
  if (data == nullptr) return env.Null();
  return Napi::Buffer<uint8_t>::Copy(env, static_cast<const uint8_t*>(data), size);
}

Napi::Array HeadersOf(Napi::Env env, const rd_kafka_message_t& message) {
  auto array = Napi::Array::New(env);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return array;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (uint32_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
    array[2 * i] = Napi::String::New(env, name);
    array[2 * i + 1] = BufferOrNull(env, value, size);
  }
  return array;
}

}  // namespace

rd_kafka_resp_err_t MessageCode(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return message.err;
  rd_kafka_headers_t* headers = nullptr;
  const auto code = rd_kafka_message_headers(&message, &headers);
  return code == RD_KAFKA_RESP_ERR__NOENT ? RD_KAFKA_RESP_ERR_NO_ERROR : code;
}

Napi::Object MessageObject(Napi::Env env, const rd_kafka_message_t& message) {
  auto object = Napi::Object::New(env);
  const auto code = MessageCode(message);
  // In the place of a message librdkafka keeps the text of an error where the value would be.
  const bool is_error = message.err != RD_KAFKA_RESP_ERR_NO_ERROR;
  const char* text = is_error ? rd_kafka_message_errstr(&message) : rd_kafka_err2str(code);
  object["offset"] = Napi::Number::New(env, static_cast<double>(message.offset));
  object["timestamp"] = Napi::Number::New(env, static_cast<double>(rd_kafka_message_timestamp(&message, nullptr)));
  object["key"] = is_error ? env.Null() : BufferOrNull(env, message.key, message.key_len);
  object["value"] = is_error ? env.Null() : BufferOrNull(env, message.payload, message.len);
  object["headers"] = is_error ? Napi::Array::New(env) : HeadersOf(env, message);
  object["code"] = Napi::Number::New(env, code);
  object["message"] = Napi::String::New(env, code == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : text);
  return object;
}

}  // namespace millrace
