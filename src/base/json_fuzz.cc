// Property: what parses is written as text that parses to the same value.
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = base::parse_json_document({reinterpret_cast<const char*>(data), size});
  if (document) {
    const std::string text = base::to_json(document->root);
    const auto again = base::parse_json(text);
    if (!again || base::to_json(*again) != text) {
      __builtin_trap();
    }
  }
  return 0;
}
