#include "formats/identify.h"

// Every name identify() gives is one it documents by being non-empty, and the likeliest come first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  bool certain = true;
  for (const formats::Identified& one : formats::identify(bytes, size % 2 == 0 ? "x.joblib" : "data")) {
    if (one.format.empty() || one.how.empty() || (one.certain && !certain)) {
      __builtin_trap();
    }
    certain = one.certain;
  }
  return 0;
}
