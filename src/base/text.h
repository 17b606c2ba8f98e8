#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

namespace base {

[[nodiscard]] std::string to_hex(Bytes bytes);  ///< Lower case, two digits a byte.
[[nodiscard]] int hex_value(char digit);        ///< 0 to 15, or -1.
[[nodiscard]] std::string to_base64(Bytes bytes);
/// Standard alphabet with padding; fails on anything else.
Result<std::string> from_base64(std::string_view text);

[[nodiscard]] std::string to_lower(std::string_view text);   ///< ASCII only.
[[nodiscard]] std::string_view trim(std::string_view text);  ///< ASCII white space at both ends.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);          ///< ASCII only.
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view word);  ///< ASCII only.

[[nodiscard]] bool is_utf8(std::string_view text);
/// `text` made safe for a terminal, a log or a JSON string: valid UTF-8, with bytes that are not UTF-8, control
/// characters and bidirectional overrides written as \xNN or \u{NNNN}, and a backslash doubled where one was escaped.
[[nodiscard]] std::string printable(std::string_view text);
/// How many terminal columns the UTF-8 text takes (wide and zero-width characters counted as such, roughly).
[[nodiscard]] std::size_t display_width(std::string_view text);
/// Breaks at spaces so that no line is wider than `columns`; longer words (paths) are broken where they must be.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns);
/// At most `max_bytes` of `text`, cut at a character, with "…" when something was cut.
[[nodiscard]] std::string abbreviate(std::string_view text, std::size_t max_bytes);

/// The candidate that `word` was probably meant to be (edit distance at most a third of its length, and two for words
/// of four letters and up), or none.
[[nodiscard]] std::optional<std::string_view> closest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

/// 1536 -> "1.5 KiB".
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);
/// 12345 -> "12,345".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// 1, "model" -> "1 model"; 2, "model" -> "2 models"; irregular plurals are passed whole.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view singular, std::string_view plural = {});

}  // namespace base
