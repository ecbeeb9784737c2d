#include "sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace millrace {

Sockets& Sockets::Instance() {
  // Never destroyed: librdkafka's threads may outlive the exit handlers.
  static Sockets* const instance = new Sockets();
  return *instance;
}

void Sockets::Watch(rd_kafka_conf_t* conf) noexcept {
  rd_kafka_conf_set_socket_cb(conf, Open);
  rd_kafka_conf_set_closesocket_cb(conf, Close);
}

void Sockets::Cut(const void* owner) noexcept {
  std::lock_guard lock(mutex_);
  for (const auto& [socket, of] : owners_) {
    if (of == owner) shutdown(socket, SHUT_RDWR);
  }
}

// On a broker thread. As librdkafka itself does it: not left to child processes.
int Sockets::Open(int domain, int type, int protocol, void* owner) noexcept {
#ifdef SOCK_CLOEXEC
  const int opened = socket(domain, type | SOCK_CLOEXEC, protocol);
#else
  const int opened = socket(domain, type, protocol);
  if (opened != -1) fcntl(opened, F_SETFD, FD_CLOEXEC);
#endif
  if (opened == -1) return -1;
  Sockets& sockets = Instance();
  std::lock_guard lock(sockets.mutex_);
  sockets.owners_[opened] = owner;
  return opened;
}

int Sockets::Close(int socket, void*) noexcept {
  Sockets& sockets = Instance();
  {
    std::lock_guard lock(sockets.mutex_);
    sockets.owners_.erase(socket);
  }
  return close(socket);
}

}  // namespace millrace
