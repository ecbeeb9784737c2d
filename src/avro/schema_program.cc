#include "schema_program.h"

namespace millrace::avro {

std::optional<SchemaProgram> SchemaProgram::Of(std::span<const int32_t> table) {
  const auto size = static_cast<int64_t>(table.size());
  if (size == 0 || size > INT32_MAX) return std::nullopt;
  // First where nodes begin, then whether each node that is named is one of them.
  std::vector<bool> is_node(table.size());
  std::vector<int32_t> named{0};
  for (int64_t at = 0; at < size;) {
    const int32_t kind = table[static_cast<size_t>(at)];
    if (kind < 0 || kind > static_cast<int32_t>(Kind::kRecord)) return std::nullopt;
    is_node[static_cast<size_t>(at)] = true;
    at++;
    if (kind < static_cast<int32_t>(Kind::kFixed)) continue;
    if (at == size) return std::nullopt;
    const int32_t argument = table[static_cast<size_t>(at++)];
    if (argument < 0) return std::nullopt;
    if (kind == static_cast<int32_t>(Kind::kArray) || kind == static_cast<int32_t>(Kind::kMap)) {
      named.push_back(argument);
    } else if (kind >= static_cast<int32_t>(Kind::kUnion)) {
      if (argument > size - at) return std::nullopt;
      const auto nodes = table.subspan(static_cast<size_t>(at), static_cast<size_t>(argument));
      named.insert(named.end(), nodes.begin(), nodes.end());
      at += argument;
    }
  }
  for (const int32_t node : named) {
    if (node < 0 || node >= size || !is_node[static_cast<size_t>(node)]) return std::nullopt;
  }
  return SchemaProgram({table.begin(), table.end()});
}

}  // namespace millrace::avro
