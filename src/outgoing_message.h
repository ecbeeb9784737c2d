// One message with a key and headers on its way to librdkafka. Lives on the JavaScript thread, for the length of one
// call.
#pragma once

#include <napi.h>

#include <optional>

#include "handles.h"

namespace millrace {

class OutgoingMessage {
 public:
  // From the arguments (key, value, headers), the first of which has this index; nullopt after a throw. Key and value
  // are Uint8Arrays, borrowed, or null; headers are [name, value, name, value, …]. Reading an array may run JavaScript
  // (a getter), so nothing that JavaScript can take away may be held yet.
  static std::optional<OutgoingMessage> FromArguments(const Napi::CallbackInfo& info, size_t first);

  // librdkafka copies all of it. Once: the headers are librdkafka's afterwards.
  rd_kafka_resp_err_t Produce(rd_kafka_t* client, rd_kafka_topic_t* topic, int32_t partition, void* opaque);

 private:
  struct Bytes {
    void* data = nullptr;  // nullptr for null; an empty one has an address
    size_t size = 0;
  };
  static std::optional<Bytes> BytesOrNull(const Napi::CallbackInfo& info, size_t index, const char* expected);
  static HeadersHandle HeadersArgument(const Napi::CallbackInfo& info, size_t index);

  Bytes key_;
  Bytes value_;
  HeadersHandle headers_;
};

}  // namespace millrace
