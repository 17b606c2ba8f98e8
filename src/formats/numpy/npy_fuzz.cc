#include "formats/numpy/numpy.h"

// The data begins within the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = formats::numpy::parse({reinterpret_cast<const std::byte*>(data), size});
  if (header && (header->data_offset > size || header->shape.size() > 64)) {
    __builtin_trap();
  }
  return 0;
}
