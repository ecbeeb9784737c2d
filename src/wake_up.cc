#include "wake_up.h"

namespace millrace {

WakeUp::WakeUp(Napi::Env env, Napi::Function callback) {
  // The function may outlive this object by the call that is queued in it, hence a share of the flag of its own.
  auto* context = new Pending(pending_);
  const auto drop = [](napi_env, void*, void* hint) { delete static_cast<Pending*>(hint); };
  const auto status = napi_create_threadsafe_function(env, callback, nullptr, Napi::String::New(env, "millrace"), 1, 1,
                                                      context, drop, context, CallJs, &function_);
  if (status != napi_ok) {
    delete context;
    function_ = nullptr;
    Napi::Error::New(env).ThrowAsJavaScriptException();
  }
}

void WakeUp::Signal() noexcept {
  if (pending_->exchange(true)) return;
  std::lock_guard lock(mutex_);
  if (function_) napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
}

void WakeUp::Close() noexcept {
  std::lock_guard lock(mutex_);
  if (!function_) return;
  napi_release_threadsafe_function(function_, napi_tsfn_abort);
  function_ = nullptr;
}

void WakeUp::CallJs(napi_env env, napi_value callback, void* context, void*) noexcept {
  // Without an environment the function is being taken down: its calls are emptied out after its finalizer has run,
  // so the context is gone.
  if (!env || !callback) return;
  (*static_cast<Pending*>(context))->store(false);
  napi_value receiver;
  if (napi_get_undefined(env, &receiver) == napi_ok) napi_call_function(env, receiver, callback, 0, nullptr, nullptr);
}

}  // namespace millrace
