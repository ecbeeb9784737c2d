// The client of librdkafka that a call is about, by the name that node-rdkafka gives it.
#pragma once

#include <napi.h>

#include "arguments.h"
#include "client_registry.h"

namespace millrace {

// The captured client that the first argument names, or nullptr after a throw.
inline rd_kafka_t* ClientArgument(const Napi::CallbackInfo& info, rd_kafka_type_t type) {
  const auto name = StringArgument(info, 0, "the name of a client");
  if (!name) return nullptr;
  rd_kafka_t* client = ClientRegistry::Instance().Find(*name);
  if (client == nullptr || rd_kafka_type(client) != type) {
    Napi::Error::New(info.Env(), "the client '" + *name + "' was not captured by the millrace plugin")
        .ThrowAsJavaScriptException();
    return nullptr;
  }
  return client;
}

}  // namespace millrace
