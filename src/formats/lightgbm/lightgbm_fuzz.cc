#include "formats/lightgbm/lightgbm.h"

// Stray lines lie within the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto inside = [&](std::string_view text) {
    const char* begin = reinterpret_cast<const char*>(data);
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) {
      __builtin_trap();
    }
  };
  if (const auto model = formats::lightgbm::parse(base::as_text(bytes))) {
    for (const auto& [line, offset] : model->strays) {
      inside(line);
      if (offset > size) {
        __builtin_trap();
      }
    }
  }
  return 0;
}
