#include "formats/gguf/gguf.h"

// Views lie within the file, and the alignment of a file without defects is a power of two.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const char* begin = reinterpret_cast<const char*>(data);
  const auto file = formats::gguf::parse({reinterpret_cast<const std::byte*>(data), size});
  if (!file) {
    return 0;
  }
  const auto inside = [&](std::string_view text) {
    if (!text.empty() && (text.data() < begin || text.data() + text.size() > begin + size)) {
      __builtin_trap();
    }
  };
  for (const auto& tensor : file->tensors) {
    inside(tensor.name);
  }
  for (const auto& one : file->templates) {
    inside(one.text);
  }
  if (file->alignment == 0 || (file->alignment & (file->alignment - 1)) != 0) {
    __builtin_trap();
  }
  return 0;
}
