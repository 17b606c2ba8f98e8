#include "ledger/tile_log.h"

// The entries of a bundle, put together again, are the bundle.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto entries = ledger::parse_bundle(bytes, std::uint64_t{data[0]} + 1);
  if (entries) {
    std::string again;
    for (const std::string_view entry : *entries) {
      again += static_cast<char>(entry.size() >> 8U);
      again += static_cast<char>(entry.size() & 0xFFU);
      again += entry;
    }
    if (again != bytes) {
      __builtin_trap();
    }
  }
  return 0;
}
