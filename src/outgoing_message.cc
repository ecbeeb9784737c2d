#include "outgoing_message.h"

#include <string>

#include "arguments.h"

namespace millrace {
namespace {

constexpr char kHeaders[] = "an array of headers: a name, a Uint8Array as its value, a name, …";

}  // namespace

std::optional<OutgoingMessage> OutgoingMessage::FromArguments(const Napi::CallbackInfo& info, size_t first) {
  OutgoingMessage message;
  // Before the others: what these borrow must not be taken away by JavaScript that runs while an array is read.
  message.headers_ = HeadersArgument(info, first + 2);
  if (!message.headers_) return std::nullopt;
  const auto key = BytesOrNull(info, first, "a Uint8Array as key, or null");
  if (!key) return std::nullopt;
  const auto value = BytesOrNull(info, first + 1, "a Uint8Array as value, or null");
  if (!value) return std::nullopt;
  message.key_ = *key;
  message.value_ = *value;
  return message;
}

rd_kafka_resp_err_t OutgoingMessage::Produce(rd_kafka_t* client, rd_kafka_topic_t* topic, int32_t partition,
                                             void* opaque) {
  const auto code = rd_kafka_producev(client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key_.data, key_.size),
                                      RD_KAFKA_V_VALUE(value_.data, value_.size), RD_KAFKA_V_HEADERS(headers_.get()),
                                      RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  // A message that is refused leaves its headers with us.
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) headers_.release();
  return code;
}

std::optional<OutgoingMessage::Bytes> OutgoingMessage::BytesOrNull(const Napi::CallbackInfo& info, size_t index,
                                                                   const char* expected) {
  static uint8_t empty[1] = {};
  if (info[index].IsNull()) return Bytes{};
  const auto bytes = BytesArgument(info, index, expected);
  if (!bytes) return std::nullopt;
  return Bytes{bytes->empty() ? empty : bytes->data(), bytes->size()};
}

HeadersHandle OutgoingMessage::HeadersArgument(const Napi::CallbackInfo& info, size_t index) {
  const Napi::Env env = info.Env();
  if (!info[index].IsArray()) {
    ThrowType(env, kHeaders);
    return nullptr;
  }
  const auto array = info[index].As<Napi::Array>();
  const uint32_t length = array.Length();
  if (length % 2 != 0) {
    ThrowRange(env, "a value for each header's name");
    return nullptr;
  }
  HeadersHandle headers(rd_kafka_headers_new(8));
  for (uint32_t i = 0; i < length; i += 2) {
    const Napi::HandleScope scope(env);
    const Napi::Value name = array.Get(i);
    if (env.IsExceptionPending()) return nullptr;
    const Napi::Value value = array.Get(i + 1);
    if (env.IsExceptionPending()) return nullptr;
    const auto bytes = ArrayOf<uint8_t, napi_uint8_array>(env, value);
    if (!name.IsString() || !bytes) {
      ThrowType(env, kHeaders);
      return nullptr;
    }
    const std::string text = name.As<Napi::String>();
    // It would be sent, but librdkafka hands out names up to their first NUL.
    if (text.find('\0') != std::string::npos) {
      ThrowRange(env, "names of headers without a NUL");
      return nullptr;
    }
    // A null pointer would make it a null.
    const void* const data = bytes->empty() ? static_cast<const void*>("") : bytes->data();
    rd_kafka_header_add(headers.get(), text.data(), static_cast<ssize_t>(text.size()), data,
                        static_cast<ssize_t>(bytes->size()));
  }
  return headers;
}

}  // namespace millrace
