#include "utf8.h"

#include <cstring>

namespace millrace::avro {

bool IsUtf8(const uint8_t* bytes, size_t size) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t at = 0;
  while (at < size) {
    // Most text is ASCII: eight bytes at a time while no high bit is set.
    uint64_t eight;
    while (size - at >= sizeof eight) {
      std::memcpy(&eight, bytes + at, sizeof eight);
      if ((eight & kHighBits) != 0) break;
      at += sizeof eight;
    }
    if (at == size) break;
    const uint8_t lead = bytes[at++];
    if (lead < 0x80) continue;
    // The second byte's range excludes overlong forms, surrogates and what is beyond U+10FFFF (RFC 3629, section 4).
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    size_t more;
    if (lead >= 0xc2 && lead <= 0xdf) {
      more = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead == 0xe0) low = 0xa0;
      if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead == 0xf0) low = 0x90;
      if (lead == 0xf4) high = 0x8f;
    } else {
      return false;
    }
    if (size - at < more || bytes[at] < low || bytes[at] > high) return false;
    for (size_t i = 1; i < more; i++) {
      if ((bytes[at + i] & 0xc0) != 0x80) return false;
    }
    at += more;
  }
  return true;
}

}  // namespace millrace::avro
