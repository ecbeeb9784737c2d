// Translates a message that was consumed into a plain JavaScript object, with copies of its bytes:
//   { offset, timestamp, key: Buffer | null, value: Buffer | null, headers: [name, Buffer | null, …], code, message }
// `code` is librdkafka's error code, 0 for a message; `message` is the text of an error. A name that is no UTF-8 comes
// with replacement characters.
#pragma once

#include <napi.h>

#include "handles.h"

namespace millrace {

Napi::Object MessageObject(Napi::Env env, const rd_kafka_message_t& message);

// The error that librdkafka put in the place of a message, or why its headers cannot be read.
rd_kafka_resp_err_t MessageCode(const rd_kafka_message_t& message);

}  // namespace millrace
