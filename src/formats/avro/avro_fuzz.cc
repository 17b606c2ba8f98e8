#include "formats/avro/avro.h"

// Texts lie within the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto inside = [&](std::string_view text) {
    const char* begin = reinterpret_cast<const char*>(data);
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) {
      __builtin_trap();
    }
  };
  if (const auto file = formats::avro::parse(bytes)) {
    for (const auto& [key, value] : file->metadata) {
      inside(key);
      inside(value);
    }
  }
  return 0;
}
