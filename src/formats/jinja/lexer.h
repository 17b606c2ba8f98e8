#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace formats::jinja {

enum class TokenKind : std::uint8_t {
  data,
  variable_begin,
  variable_end,
  block_begin,
  block_end,
  name,
  text,
  integer,
  real,
  symbol,
  end
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t offset = 0;
  std::string text;  ///< Data, name, constant with escapes undone, digits without underscores, or the symbol.

  [[nodiscard]] bool is(TokenKind wanted, std::string_view value) const { return kind == wanted && text == value; }
};

/// Cuts the source into tokens as Jinja's lexer does with its default delimiters; comments are left out and raw blocks
/// are data. Where it fails, `tokens` holds what came before.
base::Result<void> tokenize(std::string_view source, std::size_t max_tokens, std::vector<Token>& tokens);

/// Appends a code point as UTF-8; surrogates too, which Python's text may hold.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace formats::jinja
