#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_cursor.h"

namespace formats::protobuf {

/// A base-128 number of at most ten bytes, least significant group first; nothing where it is cut off or longer.
/// Source: Protocol Buffers encoding, "Base 128 Varints".
[[nodiscard]] std::optional<std::uint64_t> read_varint(base::ByteCursor& in);

}  // namespace formats::protobuf
