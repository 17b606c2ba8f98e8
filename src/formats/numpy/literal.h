#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace formats::numpy {

/// A literal of Python, as ast.literal_eval takes it: text, whole numbers, True, False, None, tuples, lists and dicts.
struct Literal {
  enum class Kind : std::uint8_t { text, integer, boolean, none, tuple, list, dict };
  Kind kind = Kind::none;
  std::int64_t number = 0;  ///< Also 0 and 1 of booleans.
  bool too_large = false;   ///< An integer beyond 64 bits.
  std::string text;
  std::vector<Literal> items;  ///< Keys and values in turn where it is a dict.
  std::uint32_t begin = 0;     ///< Where it stands in the source.
  std::uint32_t end = 0;
};

/// At most 200,000 values, nested at most 32 deep. Fails with malformed, truncated or too_large.
base::Result<Literal> parse_literal(std::string_view source);

}  // namespace formats::numpy
