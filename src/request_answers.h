// Translates the events on the request queue into plain JavaScript objects:
//   { id, code, message, partitions: Int32Array, offsets: Float64Array, codes: Int32Array }   commit, offsets
//   … and metadata: string[]                                                                  committed offsets
//   { id, code, message, topicId, leaders: Int32Array }                                       topic descriptions
// `code` is librdkafka's error code, 0 for none; `codes` has one for each partition; a leader is a broker id or -1.
#pragma once

#include <napi.h>

#include "handles.h"

namespace millrace {

// Undefined for an event that answers none of our requests.
Napi::Value AnswerOf(Napi::Env env, rd_kafka_event_t* event);

// A request's number travels as librdkafka's opaque pointer.
void* OpaqueOf(double id);
double IdOf(const void* opaque);

}  // namespace millrace
