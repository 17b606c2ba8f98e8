#include "formats/parquet/parquet.h"

// Texts lie within the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto inside = [&](std::string_view text) {
    const char* begin = reinterpret_cast<const char*>(data);
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) {
      __builtin_trap();
    }
  };
  const auto footer = formats::parquet::parse(bytes);
  if (!footer) {
    return 0;
  }
  for (const auto& pair : footer->metadata) {
    inside(pair.key);
    inside(pair.value);
  }
  for (const auto& name : footer->other_files) {
    inside(name);
  }
  return 0;
}
