#include <cstddef>
#include <cstdint>

#include "bom/packed.h"

// Anything is unpacked or refused; what was unpacked packs to bytes that say the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto listed = bom::unpack_listed(base::Bytes(reinterpret_cast<const std::byte*>(data), size));
  const std::string packed = bom::pack(listed);
  if (bom::pack(bom::unpack_listed(base::as_bytes(packed))) != packed) {
    __builtin_trap();
  }
  return 0;
}
