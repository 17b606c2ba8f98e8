#include <cstddef>
#include <cstdint>
#include <string_view>

#include "imports/imports.h"

// Whatever is read can be stored as evidence and read back unchanged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto result = imports::read_result(text);
  if (!result) {
    return 0;
  }
  result->file = "result";
  result->sha256 = base::sha256(text);
  const evidence::Statement statement = evidence::statement_of(*result);
  const auto parsed = evidence::Statement::parse(statement.canonical());
  if (!parsed) {
    __builtin_trap();
  }
  const auto again = evidence::imported_from(*parsed);
  if (!again || evidence::statement_of(*again).canonical() != statement.canonical()) {
    __builtin_trap();
  }
  return 0;
}
