// One thread-safe function that tells JavaScript "there is something to fetch", at most one call pending.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>
#include <mutex>

namespace millrace {

class WakeUp {
 public:
  // On the JavaScript thread. `callback` is called without arguments, as soon as possible after a Signal().
  WakeUp(Napi::Env env, Napi::Function callback);
  ~WakeUp() { Close(); }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  // On any thread, also under librdkafka's locks: makes no librdkafka call, touches no JavaScript value.
  void Signal() noexcept;

  // Idempotent. When it returns, no Signal() touches the function any more.
  void Close() noexcept;

 private:
  using Pending = std::shared_ptr<std::atomic<bool>>;
  static void CallJs(napi_env env, napi_value callback, void* context, void* data) noexcept;

  // Set from a Signal() to just before its callback, so that a signal in between is never lost: what is noticed
  // after the flag was cleared causes a call of its own.
  const Pending pending_ = std::make_shared<std::atomic<bool>>(false);
  std::mutex mutex_;
  napi_threadsafe_function function_ = nullptr;  // guarded by mutex_; nullptr once closed
};

}  // namespace millrace
