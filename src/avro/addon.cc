// The door of the second addon, which checks Avro and knows nothing of Kafka: schemas work where librdkafka does not.
#include <napi.h>

#include "batch_walker.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["BatchWalker"] = millrace::avro::BatchWalker::Define(env);
  return exports;
}

}  // namespace

NODE_API_MODULE(millrace_avro, Init)
