#include "formats/tfrecord/tfrecord.h"

// A record takes sixteen bytes at least.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto file = formats::tfrecord::parse(bytes);
  if (file && file->records > size / 16) {
    __builtin_trap();
  }
  return 0;
}
