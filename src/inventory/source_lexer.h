#pragma once

#include <algorithm>
#include <cstddef>

#include "inventory/source_token.h"

namespace inventory {

[[nodiscard]] inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// Letters of other alphabets arrive as bytes above 127 and count as letters.
[[nodiscard]] inline bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
[[nodiscard]] inline bool continues_name(char c) {
  return starts_name(c) || is_digit(c);
}

/// A place in program text that counts lines.
class SourceReader {
 public:
  SourceReader(std::string_view text, std::uint32_t first_line) : text_(text), line_(first_line) {}

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::uint32_t line() const { return line_; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  /// The character `ahead` places on; '\0' beyond the end.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool looking_at(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  void skip(std::size_t count = 1) {
    const std::size_t end = std::min(text_.size(), at_ + count);
    for (; at_ < end; ++at_) {
      line_ += text_[at_] == '\n' ? 1 : 0;
    }
  }
  /// Over what belongs to a name or number; none of it ends a line.
  void skip_name() {
    while (at_ < text_.size() && continues_name(text_[at_])) {
      ++at_;
    }
  }
  /// Over what means nothing inside a string that ends with `quote`.
  void skip_plain(char quote) {
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\\' && text_[at_] != '\n' && text_[at_] != '{') {
      ++at_;
    }
  }
  void skip_to_line_end() {
    const std::size_t end = text_.find('\n', at_);
    at_ = end == std::string_view::npos ? text_.size() : end;
  }
  /// Over everything up to and including `word`, or to the end.
  void skip_past(std::string_view word) {
    const std::size_t found = text_.find(word, at_);
    skip(found == std::string_view::npos ? text_.size() - at_ : found + word.size() - at_);
  }
  [[nodiscard]] std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_;
};

}  // namespace inventory
