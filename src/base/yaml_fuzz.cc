// Property: what parses can be written as JSON that parses, and lines lie inside the document.
#include <algorithm>

#include "base/json.h"
#include "base/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto documents = base::parse_yaml_stream(text, {.max_bytes = 1 << 16, .max_depth = 64, .max_values = 20000});
  if (documents) {
    const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n') +
                                                  std::count(text.begin(), text.end(), '\r') + 1);
    for (const base::Value& document : *documents) {
      if (document.line() > lines || !base::parse_json_document(base::to_json(document))) {
        __builtin_trap();
      }
    }
  }
  return 0;
}
