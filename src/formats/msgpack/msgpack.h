#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// MessagePack, and what Flax keeps in it. Source: msgpack specification (github.com/msgpack/msgpack, spec.md) and
/// flax.serialization: extension 1 is an array, 2 a complex number, 3 a scalar of NumPy.
namespace formats::msgpack {

struct Limits {
  std::uint64_t max_values = 20'000'000;  ///< Lists of nothing.
  std::uint64_t max_depth = 512;          ///< The reference unpacker's own limit is 1,024 and less.
  std::uint64_t max_defects = 100;
};

/// A binary value, an extension or a text of at least 16 bytes.
struct Leaf {
  enum class Kind : std::uint8_t { binary, text, array, complex, scalar, extension };
  Kind kind = Kind::binary;
  std::int8_t type = 0;  ///< Of extensions.
  std::string path;      ///< Keys and indices, "params/Dense_0/kernel".
  std::uint64_t offset = 0;
  base::Bytes data;                  ///< Arrays: their buffer.
  std::string_view element_type;     ///< Arrays and scalars: NumPy's name, "float32".
  std::vector<std::uint64_t> shape;  ///< Arrays.
};

struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

struct Document {
  bool is_map = false;
  std::uint64_t values = 0;
  std::uint64_t consumed = 0;                                       ///< Bytes of the first value; more may follow.
  std::vector<Leaf> leaves;                                         ///< At most a million.
  std::vector<std::pair<std::string, std::uint64_t>> special_keys;  ///< Of the kind "__name__", with their offsets.
  std::vector<Defect> defects;
};

/// Reads the first value. Fails with truncated, malformed or too_large where it cannot be read to its end; what is
/// wrong with arrays is a defect.
base::Result<Document> parse(base::Bytes content, const Limits& limits = {});

/// Whether the head of `content` reads as a map with text for keys that holds an array of Flax.
[[nodiscard]] bool looks_like_flax(base::Bytes content);

/// Bytes of one element, 0 where the type is not one of numbers.
[[nodiscard]] std::uint64_t element_bytes(std::string_view type);

}  // namespace formats::msgpack
