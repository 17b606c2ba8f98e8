#pragma once

#include <string_view>

namespace inspect {

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_alnum(char c) {
  return is_digit(c) || is_alpha(c);
}
/// ASCII letters, digits and the underscore.
[[nodiscard]] constexpr bool is_word(char c) {
  return is_alnum(c) || c == '_';
}
[[nodiscard]] constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
[[nodiscard]] constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
[[nodiscard]] constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
[[nodiscard]] constexpr bool is_one_of(char c, std::string_view set) {
  for (const char one : set) {  // shorter than a call of the library
    if (c == one) {
      return true;
    }
  }
  return false;
}

/// How sure a detector is of what it found.
enum class Certainty : unsigned char {
  low,     ///< The form alone fits, and much else has it: counts where a name or many like it agree.
  medium,  ///< A form that little else has, or a weak one in words that name it.
  high,    ///< A check digit or a rare form, or both form and words.
};

}  // namespace inspect
