#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What the guard knows of single characters. Private to this room.
namespace guard {

inline constexpr char32_t kReplacement = 0xFFFD;

/// The character at `text[at]`, which is advanced past it; U+FFFD for a byte that starts none.
[[nodiscard]] char32_t next_character(std::string_view text, std::size_t& at);

/// UTF-8 that stands for the character: lower case, compatibility forms resolved, generic combining marks dropped.
/// Empty for characters that show nothing, " " for white space and controls, "\n" for line ends. Valid until the next
/// call of this thread.
[[nodiscard]] std::string_view folded(char32_t character);

/// The ASCII letters that a character of another script is taken for by eye; empty where there are none. Source: the
/// shapes, in the sense of Unicode Technical Standard #39, section 4.
[[nodiscard]] std::string_view look_alike(char32_t character);

/// What a tag character (U+E0020 to U+E007E) spells; 0 for others.
[[nodiscard]] char tag_letter(char32_t character);
/// The byte that a variation selector smuggles (U+FE00: 0 … U+E01EF: 255); -1 for others.
[[nodiscard]] int selector_byte(char32_t character);

void append_utf8(char32_t character, std::string& out);

}  // namespace guard
