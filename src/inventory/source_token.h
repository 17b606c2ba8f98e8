#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Lexers of program text: enough of Python and of JavaScript and TypeScript to tell code from strings and comments.
/// They accept anything, take linear time, and never look outside the text.
namespace inventory {

enum class TokenKind : std::uint8_t {
  name,  ///< Identifiers and keywords.
  number,
  string,     ///< A whole literal with prefix and quotes.
  operator_,  ///< One operator or bracket, such as "==" or "(".
  line_end,   ///< End of a logical line; Python only, never inside brackets.
};

enum class Language : std::uint8_t { python, script };

struct Token {
  TokenKind kind = TokenKind::operator_;
  bool complete = true;    ///< False for a string whose closing quote is missing.
  std::uint32_t line = 0;  ///< Of its first character, from 1.
  std::string_view text;   ///< As written.
};

inline constexpr std::size_t kMaxTokens = 1'000'000;  ///< Bounds memory; source files people write are far below.

struct Tokens {
  std::vector<Token> tokens;
  bool cut = false;  ///< Whether kMaxTokens was reached.
};

/// Python 3, with every string prefix, triple quotes, nested quotes in f-strings, comments, line continuation. Lines of
/// notebooks that start with '%', '!' or '?' are passed over. `first_line` is the number of the first line.
[[nodiscard]] Tokens lex_python(std::string_view text, std::uint32_t first_line = 1);

/// JavaScript and TypeScript: strings, template literals with nesting, regular expressions, comments. JSX is tolerated:
/// a quote without its partner on the line is an operator.
[[nodiscard]] Tokens lex_script(std::string_view text, std::uint32_t first_line = 1);

/// What a string literal stands for.
struct StringValue {
  std::string text;      ///< Escapes resolved; replacement fields of f-strings and templates are left as written.
  bool dynamic = false;  ///< Whether it has replacement fields.
  bool bytes = false;    ///< Python's b"".
};
[[nodiscard]] StringValue string_value(const Token& token, Language language);

}  // namespace inventory
