// Calls an object's close when the environment ends, and no longer once the object is closed.
#pragma once

#include <node_api.h>

namespace millrace {

class ExitHook {
 public:
  // To be made after the object's WakeUp: hooks run last-in first-out, and the object must be closed while its
  // thread-safe function is still there.
  ExitHook(napi_env env, void (*close)(void*), void* object) : env_(env), close_(close), object_(object) {
    napi_add_env_cleanup_hook(env_, close_, object_);
  }
  ~ExitHook() { napi_remove_env_cleanup_hook(env_, close_, object_); }
  ExitHook(const ExitHook&) = delete;
  ExitHook& operator=(const ExitHook&) = delete;

 private:
  const napi_env env_;
  void (*const close_)(void*);
  void* const object_;
};

}  // namespace millrace
