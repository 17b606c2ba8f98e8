#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Headers of .npy files. Source: numpy/lib/format.py, versions 1.0 to 3.0; numpy documentation, "Data type objects"
/// and "Array interface protocol".
namespace formats::numpy {

/// What a type description comes to.
struct Type {
  bool has_objects = false;  ///< Somewhere in it: the data is a pickle.
  bool known = true;         ///< False where some part of it is none of NumPy's.
  std::uint64_t bytes = 0;   ///< Of one item.
};

struct Header {
  std::uint8_t major = 1;
  std::string_view text;     ///< The literal, borrowed from the file.
  std::string_view type;     ///< What stands behind 'descr', as written.
  bool has_objects = false;  ///< The data is a pickle.
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::uint64_t item_bytes = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t data_bytes = 0;      ///< By type and shape; 0 for objects.
  std::vector<std::string> defects;  ///< Where it departs from what np.save writes and np.load takes; at most 20.
};

/// Fails with truncated, malformed (the header is no literal of Python with type and shape), unsupported (another
/// version) or too_large (a header above 1 MiB).
base::Result<Header> parse(base::Bytes content);

}  // namespace formats::numpy
