#include "plugin.h"

#include "client_registry.h"
#include "sockets.h"
#include "tickets.h"

namespace millrace {
namespace {

constexpr char kName[] = "millrace";

rd_kafka_resp_err_t OnDestroy(rd_kafka_t* client, void*) noexcept {
  ClientRegistry::Instance().Remove(client);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// On a broker thread, once for each record that is settled. A record without a ticket is not one of ours.
rd_kafka_resp_err_t OnAcknowledgement(rd_kafka_t*, rd_kafka_message_t* message, void*) noexcept {
  if (auto* ticket = static_cast<Ticket*>(message->_private)) {
    ticket->Settle(rd_kafka_message_status(message), message->err);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t*, void*, char*, size_t) noexcept {
  auto code = rd_kafka_interceptor_add_on_destroy(client, kName, OnDestroy, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && rd_kafka_type(client) == RD_KAFKA_PRODUCER) {
    code = rd_kafka_interceptor_add_on_acknowledgement(client, kName, OnAcknowledgement, nullptr);
  }
  // A client that is not added is found by nobody, which is an error where it is opened.
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) ClientRegistry::Instance().Add(client);
  return code;
}

rd_kafka_resp_err_t Register(rd_kafka_conf_t* conf) noexcept;

// librdkafka's C++ layer, which node-rdkafka uses, duplicates the configuration, and interceptors are not copied with
// it: without this one on_new would never be called.
rd_kafka_resp_err_t OnConfDup(rd_kafka_conf_t* copy, const rd_kafka_conf_t*, size_t, const char**, void*) noexcept {
  return Register(copy);
}

rd_kafka_resp_err_t Register(rd_kafka_conf_t* conf) noexcept {
  const auto code = rd_kafka_conf_interceptor_add_on_new(conf, kName, OnNew, nullptr);
  // A duplicate that named the plugin again has both already.
  if (code == RD_KAFKA_RESP_ERR__CONFLICT) return RD_KAFKA_RESP_ERR_NO_ERROR;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
  Sockets::Watch(conf);
  return rd_kafka_conf_interceptor_add_on_conf_dup(conf, kName, OnConfDup, nullptr);
}

}  // namespace
}  // namespace millrace

extern "C" rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf, void**, char*, size_t) {
  return millrace::Register(conf);
}
