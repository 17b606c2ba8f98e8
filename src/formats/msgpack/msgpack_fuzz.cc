#include "formats/msgpack/msgpack.h"

// What was read ends within the file, and cutting off its last byte is noticed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes content{reinterpret_cast<const std::byte*>(data), size};
  formats::msgpack::Limits limits;
  limits.max_values = 100'000;
  (void)formats::msgpack::looks_like_flax(content);
  const auto document = formats::msgpack::parse(content, limits);
  if (!document) {
    return 0;
  }
  if (document->consumed == 0 || document->consumed > size) {
    __builtin_trap();
  }
  for (const auto& leaf : document->leaves) {
    if (!leaf.data.empty() &&
        (leaf.data.data() < content.data() || leaf.data.data() + leaf.data.size() > content.data() + size)) {
      __builtin_trap();
    }
  }
  if (formats::msgpack::parse(content.first(static_cast<std::size_t>(document->consumed) - 1), limits)) {
    __builtin_trap();
  }
  return 0;
}
