#include "formats/gguf/legacy.h"

// Tensors lie within the file, one behind the other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = formats::ggml::parse({reinterpret_cast<const std::byte*>(data), size});
  if (!file) {
    return 0;
  }
  std::uint64_t at = 0;
  for (const auto& tensor : file->tensors) {
    if (tensor.offset < at || tensor.offset > size || tensor.bytes > size - tensor.offset) {
      __builtin_trap();
    }
    at = tensor.offset + tensor.bytes;
  }
  return 0;
}
