#include "formats/arrow/arrow.h"

// Values of metadata lie within the input, whichever way it is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto inside = [&](std::string_view text) {
    const char* begin = reinterpret_cast<const char*>(data);
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) {
      __builtin_trap();
    }
  };
  for (const auto& file : {formats::arrow::parse(bytes), formats::arrow::parse_feather(bytes),
                           formats::arrow::parse_schema_message(bytes)}) {
    if (file) {
      for (const auto& pair : file->metadata) {
        inside(pair.value);
      }
    }
  }
  (void)formats::arrow::looks_like_stream(bytes);
  return 0;
}
