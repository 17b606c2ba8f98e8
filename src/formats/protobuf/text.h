#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/protobuf/schema.h"

namespace formats::protobuf {

struct TextLimits {
  std::uint32_t max_depth = 100;         ///< Deep nesting.
  std::uint64_t max_bytes = 1ULL << 30;  ///< Of the text.
};

/// Text made binary, and what was left out on the way.
struct Encoded {
  std::string wire;
  std::uint64_t unknown_fields = 0;  ///< Names that the schema does not have; readers refuse such a file.
};

/// Turns a message in text format into the binary encoding, so that one parser serves both. Values of enumerations are
/// kept where the table below the function names them, otherwise as 0; numbers of fixed width as 0. Fails with
/// malformed where the text breaks off or breaks the grammar. Source: protobuf.dev, "Text Format Language
/// Specification".
base::Result<Encoded> encode_text(std::string_view text, Schema schema, std::uint16_t root,
                                  const TextLimits& limits = {});

}  // namespace formats::protobuf
