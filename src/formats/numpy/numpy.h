#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Headers of .npy files. Source: numpy/lib/format.py, versions 1.0 to 3.0.
namespace formats::numpy {

struct Header {
  std::uint8_t major = 1;
  std::string_view text;     ///< The literal, borrowed from the file.
  std::string_view type;     ///< What stands behind 'descr', as written.
  bool has_objects = false;  ///< The data is a pickle.
  std::vector<std::uint64_t> shape;
  std::uint64_t item_bytes = 0;  ///< 0 where the type is not plain.
  std::uint64_t data_offset = 0;
};

/// Fails with truncated, malformed, unsupported (another version) or too_large (a header above 1 MiB).
base::Result<Header> parse(base::Bytes content);

}  // namespace formats::numpy
