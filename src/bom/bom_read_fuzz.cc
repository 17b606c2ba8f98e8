#include <cstddef>
#include <cstdint>

#include "bom/bom_testing.h"
#include "bom/read.h"

// Anything is read or refused; what was read can be held against files and compared with itself without a difference.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bom::System system = bom::full_system();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto listed = bom::read_document(text, "fuzz.json");
  if (!listed) {
    return 0;
  }
  (void)bom::hold_against(*listed, "bom.json", {}, system.assets);
  std::vector<std::string> notes;
  if (!bom::differences(*listed, *listed, notes).empty()) {
    __builtin_trap();
  }
  return 0;
}
