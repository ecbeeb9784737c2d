// The librdkafka clients of this process that were created with our plugin.
//
// node-rdkafka owns the clients and does not hand out their handles; librdkafka itself shows them to a plugin
// (plugin.cc). This is the one piece of state that belongs to the process and not to an environment.
#pragma once

#include <librdkafka/rdkafka.h>

#include <mutex>
#include <string>
#include <vector>

namespace millrace {

class ClientRegistry {
 public:
  static ClientRegistry& Instance();

  // Called by librdkafka on whatever thread creates or destroys a client.
  void Add(rd_kafka_t* client);
  void Remove(rd_kafka_t* client) noexcept;

  // The live client of that name (node-rdkafka's `ready` event carries it), or nullptr.
  rd_kafka_t* Find(const std::string& name);

 private:
  std::mutex mutex_;
  std::vector<rd_kafka_t*> clients_;
};

}  // namespace millrace
