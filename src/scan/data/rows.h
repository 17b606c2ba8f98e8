#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scan {

/// Where in a data set a byte stands.
struct Cell {
  std::uint64_t row = 0;  ///< From 1: lines of JSON lines and text, records of a table, elements of a JSON array.
  std::string column;     ///< "messages[0].content", the name in the first record, or empty where there are none.
  std::size_t begin = 0;  ///< The cell's bytes, without its quotes.
  std::size_t end = 0;
  std::size_t row_begin = 0;
};

/// Finds rows and columns for bytes asked in rising order; reads the text once at most, and only as far as asked.
class Locator {
 public:
  Locator() = default;
  virtual ~Locator() = default;
  Locator(const Locator&) = delete;
  Locator& operator=(const Locator&) = delete;
  /// The cell that `at` stands in, which is not below the one asked before. Cells are cut at 1 MiB behind `at`.
  virtual Cell locate(std::size_t at) = 0;
};

/// `format` is csv, tsv, jsonl, json or anything else, which is read as lines. Borrows `text`.
std::unique_ptr<Locator> make_locator(std::string_view text, std::string_view format);

/// How many line feeds stand in `text`.
[[nodiscard]] std::uint64_t count_lines(std::string_view text);
/// A column's name without the indices of its lists: "messages[].content".
[[nodiscard]] std::string without_indices(std::string_view column);
/// The text that a JSON string stands for, `inside` its quotes, with at most `max_bytes`; escapes that are none are
/// kept.
[[nodiscard]] std::string unescaped(std::string_view inside, std::size_t max_bytes);

/// Text in UTF-16 with a byte order mark, as UTF-8; halves of pairs become U+FFFD.
[[nodiscard]] std::string from_utf16(std::string_view text);

}  // namespace scan
