// Walks over the Avro binary encoding of one value without making anything of it: whether it is sound, and whether it
// ends exactly where it should. No payload makes it read outside of its bytes, loop long, or nest deep.
#pragma once

#include <cstdint>
#include <span>

#include "schema_program.h"
#include "stack.h"

namespace millrace::avro {

// The order is that of the texts in lib/avro/walker.ts.
enum class Problem : int32_t {
  kNone,
  kCutShort,
  kLeftOver,
  kNotBoolean,
  kLongerThan64Bits,
  kNotInt,
  kNotSafe,
  kNegativeLength,
  kNotUtf8,
  kNoSuchSymbol,
  kNoSuchBranch,
  kBlockSize,
  kTooManyValues,
  kTooDeep,
  kNoStack,
};

struct Limits {
  // Every field, item, key and entry of a value counts as one, also those that take no byte: what a decoder makes of a
  // payload is in proportion to them.
  int64_t max_values;
  int32_t max_depth;
};

class Walker {
 public:
  Walker(const SchemaProgram& program, const Limits& limits) : program_(program), limits_(limits) {}

  Problem Walk(std::span<const uint8_t> bytes);
  // Where in the bytes the last walk stopped.
  size_t Position() const { return static_cast<size_t>(at_ - begin_); }

 private:
  Problem Value(int32_t node, int32_t depth);
  Problem Record(int32_t node, int32_t depth);
  Problem Union(int32_t node, int32_t depth);
  Problem Blocks(int32_t node, bool is_map, int32_t depth);
  Problem Nesting(int32_t depth) const;
  Problem Long(int64_t& value);
  Problem Sized(bool is_text);
  Problem Skip(int64_t size);

  const SchemaProgram& program_;
  const Limits limits_;
  const uint8_t* begin_ = nullptr;
  const uint8_t* at_ = nullptr;
  const uint8_t* end_ = nullptr;
  int64_t values_left_ = 0;
  const uintptr_t stack_end_ = StackEnd();
};

}  // namespace millrace::avro
