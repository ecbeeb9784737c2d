// The connections of each client of this process, so that one which is given up need not wait for a broker that keeps
// them and does not answer.
#pragma once

#include <librdkafka/rdkafka.h>

#include <mutex>
#include <unordered_map>

namespace millrace {

class Sockets {
 public:
  static Sockets& Instance();

  // Has librdkafka open and close sockets through this. In a plugin's conf_init, and for each duplicate.
  static void Watch(rd_kafka_conf_t* conf) noexcept;

  // Ends the connections of a client; librdkafka notices as if its brokers had. `owner` is its rd_kafka_opaque().
  void Cut(const void* owner) noexcept;

 private:
  static int Open(int domain, int type, int protocol, void* owner) noexcept;
  static int Close(int socket, void* owner) noexcept;

  std::mutex mutex_;
  std::unordered_map<int, const void*> owners_;  // guarded by mutex_; none that is closed, whose number may be another's
};

}  // namespace millrace
