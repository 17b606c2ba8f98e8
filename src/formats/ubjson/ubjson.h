#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Universal Binary JSON, draft 12 (ubjson.org), as XGBoost writes it: numbers in big-endian order, lists and mappings
/// with optional type (`$`) and count (`#`).
namespace formats::ubjson {

enum class Kind : std::uint8_t { null, boolean, integer, number, text, list, map, numbers };

struct Member;

/// Views point into the parsed bytes.
struct Value {
  Kind kind = Kind::null;
  bool flag = false;
  std::int64_t integer = 0;
  double number = 0;
  std::string_view text;
  std::vector<Value> list;
  std::vector<Member> map;  ///< In the order of the file, duplicates included.
  char type = 0;            ///< Of a list of numbers of one type: i U I l L d D.
  base::Bytes packed;       ///< Its elements.

  /// The last member of that name, or nothing.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// Elements of a list, packed or not.
  [[nodiscard]] std::uint64_t size() const;
  /// Element `i` of a list as a whole number; 0 where it is none.
  [[nodiscard]] std::int64_t integer_at(std::uint64_t i) const;
};

/// A key and its value.
struct Member {
  std::string_view first;
  Value second;
};

struct Limits {
  std::uint32_t max_depth = 200;         ///< Stops exhaustion of the stack in readers that recurse.
  std::uint64_t max_values = 4'000'000;  ///< Stops lists of values without bytes (`[$Z#l…`).
  std::uint64_t max_text_bytes = 64U << 20;
};

struct Document {
  Value root;
  std::uint64_t length = 0;  ///< Bytes read; what follows is not part of it.
};

/// Reads one value. Fails with truncated, malformed or too_large.
base::Result<Document> parse(base::Bytes bytes, const Limits& limits = {});

}  // namespace formats::ubjson
