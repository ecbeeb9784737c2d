#include "walker.h"

#include <algorithm>

#include "utf8.h"

namespace millrace::avro {
namespace {

// What avsc takes for an exact number, on writing too.
constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 2;
// Values that take no bytes cost memory all the same, and a batch may have thousands of records that are full of them:
// so a record has no more than a few for each of its bytes, and these besides. Sound ones have one or two.
constexpr int64_t kValuesPerByte = 16;
constexpr int64_t kValuesBesides = 1000;

}  // namespace

Problem Walker::Walk(std::span<const uint8_t> bytes) {
  begin_ = at_ = bytes.data();
  end_ = begin_ + bytes.size();
  const auto size = static_cast<int64_t>(bytes.size());
  values_left_ = std::min(limits_.max_values, kValuesBesides + kValuesPerByte * size);
  const Problem problem = Value(0, 0);
  if (problem != Problem::kNone) return problem;
  return at_ == end_ ? Problem::kNone : Problem::kLeftOver;
}

Problem Walker::Value(int32_t node, int32_t depth) {
  if (--values_left_ < 0) return Problem::kTooManyValues;
  switch (program_.KindOf(node)) {
    case Kind::kNull:
      return Problem::kNone;
    case Kind::kBoolean:
      if (at_ == end_) return Problem::kCutShort;
      return *at_++ <= 1 ? Problem::kNone : Problem::kNotBoolean;
    case Kind::kInt: {
      int64_t value;
      if (const Problem problem = Long(value); problem != Problem::kNone) return problem;
      return value == static_cast<int32_t>(value) ? Problem::kNone : Problem::kNotInt;
    }
    case Kind::kSafeLong: {
      int64_t value;
      if (const Problem problem = Long(value); problem != Problem::kNone) return problem;
      return value >= -kMaxSafeInteger && value <= kMaxSafeInteger ? Problem::kNone : Problem::kNotSafe;
    }
    case Kind::kLong: {
      int64_t value;
      return Long(value);
    }
    case Kind::kFloat:
      return Skip(4);
    case Kind::kDouble:
      return Skip(8);
    case Kind::kBytes:
      return Sized(false);
    case Kind::kString:
      return Sized(true);
    case Kind::kFixed:
      return Skip(program_.Argument(node));
    case Kind::kEnum: {
      int64_t symbol;
      if (const Problem problem = Long(symbol); problem != Problem::kNone) return problem;
      return symbol >= 0 && symbol < program_.Argument(node) ? Problem::kNone : Problem::kNoSuchSymbol;
    }
    case Kind::kArray:
      return Blocks(program_.Argument(node), false, depth + 1);
    case Kind::kMap:
      return Blocks(program_.Argument(node), true, depth + 1);
    case Kind::kUnion:
      return Union(node, depth + 1);
    case Kind::kRecord:
      return Record(node, depth + 1);
  }
  return Problem::kCutShort;  // no other kind: SchemaProgram::Of
}

// Only what nests costs stack, and a worker may have little of it.
inline Problem Walker::Nesting(int32_t depth) const {
  if (depth > limits_.max_depth) return Problem::kTooDeep;
  const bool has_stack = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) > stack_end_;
  return has_stack ? Problem::kNone : Problem::kNoStack;
}

Problem Walker::Record(int32_t node, int32_t depth) {
  if (const Problem problem = Nesting(depth); problem != Problem::kNone) return problem;
  for (const int32_t field : program_.Nodes(node)) {
    if (const Problem problem = Value(field, depth); problem != Problem::kNone) return problem;
  }
  return Problem::kNone;
}

Problem Walker::Union(int32_t node, int32_t depth) {
  if (const Problem problem = Nesting(depth); problem != Problem::kNone) return problem;
  int64_t branch;
  if (const Problem problem = Long(branch); problem != Problem::kNone) return problem;
  const auto branches = program_.Nodes(node);
  if (branch < 0 || branch >= static_cast<int64_t>(branches.size())) return Problem::kNoSuchBranch;
  return Value(branches[static_cast<size_t>(branch)], depth);
}

// Blocks of a count, in front of a size in bytes where the count is negative, and so many items; a count of 0 ends
// them.
Problem Walker::Blocks(int32_t item, bool is_map, int32_t depth) {
  if (const Problem problem = Nesting(depth); problem != Problem::kNone) return problem;
  for (;;) {
    int64_t count;
    if (const Problem problem = Long(count); problem != Problem::kNone) return problem;
    if (count == 0) return Problem::kNone;
    const uint8_t* block_end = nullptr;
    if (count < 0) {
      int64_t size;
      if (const Problem problem = Long(size); problem != Problem::kNone) return problem;
      if (size < 0) return Problem::kNegativeLength;
      if (size > end_ - at_) return Problem::kCutShort;
      block_end = at_ + size;
      // Of the lowest int64 there is no positive one.
      if (count == INT64_MIN) return Problem::kTooManyValues;
      count = -count;
    }
    if (count > values_left_) return Problem::kTooManyValues;
    for (; count > 0; count--) {
      if (is_map) {
        if (--values_left_ < 0) return Problem::kTooManyValues;
        if (const Problem problem = Sized(true); problem != Problem::kNone) return problem;
      }
      if (const Problem problem = Value(item, depth); problem != Problem::kNone) return problem;
    }
    if (block_end != nullptr && at_ != block_end) return Problem::kBlockSize;
  }
}

Problem Walker::Long(int64_t& value) {
  // Most are of one byte.
  if (at_ < end_ && *at_ < 0x80) {
    const uint64_t zigzag = *at_++;
    value = static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
    return Problem::kNone;
  }
  uint64_t zigzag = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (at_ == end_) return Problem::kCutShort;
    const uint8_t byte = *at_++;
    // Of the tenth byte one bit is left.
    if (shift == 63 && byte > 1) return Problem::kLongerThan64Bits;
    zigzag |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      value = static_cast<int64_t>(zigzag >> 1) ^ -static_cast<int64_t>(zigzag & 1);
      return Problem::kNone;
    }
  }
  return Problem::kLongerThan64Bits;
}

Problem Walker::Sized(bool is_text) {
  int64_t size;
  if (const Problem problem = Long(size); problem != Problem::kNone) return problem;
  if (size < 0) return Problem::kNegativeLength;
  const uint8_t* const content = at_;
  if (const Problem problem = Skip(size); problem != Problem::kNone) return problem;
  if (is_text && !IsUtf8(content, static_cast<size_t>(size))) {
    at_ = content;
    return Problem::kNotUtf8;
  }
  return Problem::kNone;
}

Problem Walker::Skip(int64_t size) {
  if (size > end_ - at_) return Problem::kCutShort;
  at_ += size;
  return Problem::kNone;
}

}  // namespace millrace::avro
