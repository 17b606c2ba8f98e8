#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// Avro object container files. Source: Apache Avro 1.11 specification, "Object Container Files".
namespace formats::avro {

inline constexpr std::uint64_t kMaxEntries = 100'000;
inline constexpr std::uint64_t kMaxBlocks = 50'000'000;

/// Views point into the file.
struct File {
  std::vector<std::pair<std::string_view, std::string_view>> metadata;  ///< With "avro.schema" and "avro.codec".
  std::uint64_t blocks = 0;
};

/// Reads the header and walks over the blocks. Fails with truncated, malformed or too_large.
base::Result<File> parse(base::Bytes content);

}  // namespace formats::avro
