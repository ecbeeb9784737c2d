// Where the stack of the calling thread ends: a worker's may be a tenth of the main thread's.
#pragma once

#include <cstdint>

namespace millrace::avro {

// The lowest address that a recursion may get to, with room below for what it calls. 0 where it is unknown.
uintptr_t StackEnd() noexcept;

}  // namespace millrace::avro
