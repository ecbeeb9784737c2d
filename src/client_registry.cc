#include "client_registry.h"

#include <algorithm>

namespace millrace {

ClientRegistry& ClientRegistry::Instance() {
  // Never destroyed: librdkafka may destroy a client while the process is already running its exit handlers.
  static ClientRegistry* const instance = new ClientRegistry();
  return *instance;
}

void ClientRegistry::Add(rd_kafka_t* client) {
  std::lock_guard lock(mutex_);
  clients_.push_back(client);
}

void ClientRegistry::Remove(rd_kafka_t* client) noexcept {
  std::lock_guard lock(mutex_);
  std::erase(clients_, client);
}

rd_kafka_t* ClientRegistry::Find(const std::string& name) {
  std::lock_guard lock(mutex_);
  // By name and only now: in on_new a client has no name yet.
  const auto found =
      std::find_if(clients_.begin(), clients_.end(), [&](rd_kafka_t* client) { return name == rd_kafka_name(client); });
  return found == clients_.end() ? nullptr : *found;
}

}  // namespace millrace
