#include "formats/safetensors/safetensors.h"

// A header without defects tiles the data exactly.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = formats::safetensors::parse({reinterpret_cast<const std::byte*>(data), size});
  if (!header || !header->defects.empty()) {
    return 0;
  }
  std::uint64_t total = 0;
  for (const auto& tensor : header->tensors) {
    if (tensor.begin > tensor.end) {
      __builtin_trap();
    }
    total += tensor.end - tensor.begin;
  }
  if (total + header->header_bytes + 8 != size) {
    __builtin_trap();
  }
  return 0;
}
