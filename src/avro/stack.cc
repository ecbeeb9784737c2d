#include "stack.h"

#include <pthread.h>

namespace millrace::avro {
namespace {

constexpr uintptr_t kReserve = 64 * 1024;

uintptr_t FindStackEnd() noexcept {
#ifdef __APPLE__
  const auto top = reinterpret_cast<uintptr_t>(pthread_get_stackaddr_np(pthread_self()));
  return top - pthread_get_stacksize_np(pthread_self()) + kReserve;
#else
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  size_t size = 0;
  const int failed = pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return failed == 0 ? reinterpret_cast<uintptr_t>(lowest) + kReserve : 0;
#endif
}

}  // namespace

uintptr_t StackEnd() noexcept {
  // Asked once per thread: on the main thread the answer stands in a file.
  thread_local const uintptr_t end = FindStackEnd();
  return end;
}

}  // namespace millrace::avro
