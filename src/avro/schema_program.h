// A schema as a table of numbers that the walker follows, made by lib/avro/schema-program.ts.
//
// A node is its kind and then: the size of a fixed; the number of symbols of an enum; the node of the items of an array
// or of the values of a map; the number of branches of a union, or fields of a record, and the node of each. A node is
// named by its index in the table, so that a schema may contain itself. The root is node 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace millrace::avro {

enum class Kind : int32_t {
  kNull,
  kBoolean,
  kInt,
  kSafeLong,  // to be read as a number: within ±(2^53 - 2)
  kLong,      // any of 64 bits
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kRecord,
};

class SchemaProgram {
 public:
  // Nothing when the table is not sound: then a walk could leave it.
  static std::optional<SchemaProgram> Of(std::span<const int32_t> table);

  Kind KindOf(int32_t node) const { return static_cast<Kind>(table_[static_cast<size_t>(node)]); }
  // What follows the kind: size, symbols, items, or how many nodes there are.
  int32_t Argument(int32_t node) const { return table_[static_cast<size_t>(node) + 1]; }
  // The nodes of a union's branches or a record's fields.
  std::span<const int32_t> Nodes(int32_t node) const {
    return {table_.data() + node + 2, static_cast<size_t>(Argument(node))};
  }

 private:
  explicit SchemaProgram(std::vector<int32_t> table) : table_(std::move(table)) {}

  std::vector<int32_t> table_;
};

}  // namespace millrace::avro
