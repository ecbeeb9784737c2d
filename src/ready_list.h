// The partition queues of one client that have become non-empty since JavaScript last asked.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "wake_up.h"

namespace millrace {

class ReadyList {
 public:
  explicit ReadyList(WakeUp& wake_up) : wake_up_(wake_up) {}

  // On the JavaScript thread, before a slot's first Add().
  void AddSlot() {
    std::lock_guard lock(mutex_);
    listed_.push_back(false);
    slots_.reserve(listed_.size());  // so that Add() never allocates
  }

  // On a librdkafka thread that holds a queue's lock.
  void Add(int32_t slot) noexcept {
    {
      std::lock_guard lock(mutex_);
      if (listed_[static_cast<size_t>(slot)]) return;
      listed_[static_cast<size_t>(slot)] = true;
      slots_.push_back(slot);
    }
    wake_up_.Signal();
  }

  // On the JavaScript thread. What does not fit stays for the next call.
  size_t Take(std::span<int32_t> target) noexcept {
    std::lock_guard lock(mutex_);
    size_t count = 0;
    while (count < target.size() && !slots_.empty()) {
      const int32_t slot = slots_.back();
      slots_.pop_back();
      listed_[static_cast<size_t>(slot)] = false;
      target[count++] = slot;
    }
    return count;
  }

 private:
  WakeUp& wake_up_;
  std::mutex mutex_;
  std::vector<bool> listed_;
  std::vector<int32_t> slots_;
};

}  // namespace millrace
