#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// The tail of an ORC file. Source: Apache ORC specification v1, "File Tail"; orc_proto.proto.
namespace formats::orc {

inline constexpr std::uint64_t kMaxStripes = 10'000'000;

/// Views point into the file.
struct Tail {
  bool compressed = false;  ///< The footer is, and was not read.
  std::uint64_t stripes = 0;
  std::vector<std::pair<std::string_view, std::string_view>> metadata;
  std::vector<std::string> defects;
};

/// Reads postscript and, where it is not compressed, footer. Fails with truncated or malformed.
base::Result<Tail> parse(base::Bytes content);

}  // namespace formats::orc
