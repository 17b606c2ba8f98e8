#include <cstddef>
#include <cstdint>

#include "bom/licence.h"

// A normalised expression is its own normal form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string once = bom::licence_expression(text);
  if (!once.empty() && bom::licence_expression(once) != once) {
    __builtin_trap();
  }
  if (!bom::same_licence(text, text)) {
    __builtin_trap();
  }
  return 0;
}
