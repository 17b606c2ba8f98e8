#include "formats/protobuf/varint.h"

namespace formats::protobuf {

std::optional<std::uint64_t> read_varint(base::ByteCursor& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = in.le<std::uint8_t>("varint");
    if (!byte) {
      return std::nullopt;
    }
    value |= static_cast<std::uint64_t>(*byte & 0x7F) << shift;
    if ((*byte & 0x80) == 0) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace formats::protobuf
