// Whether bytes are valid UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::avro {

bool IsUtf8(const uint8_t* bytes, size_t size);

}  // namespace millrace::avro
