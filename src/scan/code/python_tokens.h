#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scan {

enum class PythonKind : std::uint8_t {
  name,  ///< Identifiers and keywords.
  number,
  string,    ///< A literal with prefix and quotes.
  op,        ///< One operator or bracket.
  line_end,  ///< End of a logical line; never inside brackets.
};

/// One token of Python source. `text` points into the source.
struct PythonToken {
  PythonKind kind = PythonKind::op;
  bool first = false;         ///< First of its logical line.
  std::uint32_t line = 0;     ///< From 1.
  std::uint32_t indent = 0;   ///< Columns before the first token of the logical line; the same for all tokens of it.
  std::uint32_t partner = 0;  ///< Of a bracket: the index of the other one; itself where there is none.
  std::string_view text;
};

/// Splits Python source; takes anything, in linear time, at most 4 million tokens. `cut` tells whether that was
/// reached. Source: The Python Language Reference, section 2.
[[nodiscard]] std::vector<PythonToken> python_tokens(std::string_view source, bool& cut);

/// What a string literal stands for: escapes resolved unless raw; bytes as they are; fields of f-strings as written.
[[nodiscard]] std::string python_string(std::string_view literal);
/// Whether the literal's prefix says that it has replacement fields.
[[nodiscard]] bool is_format_string(std::string_view literal);

}  // namespace scan
