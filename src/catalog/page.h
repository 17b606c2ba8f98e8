#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"

namespace catalog {

inline constexpr std::size_t kMinColumns = 40;
inline constexpr std::size_t kLabelColumns = 14;

// A page of plain text. What it is given may come from a user's files, so it is made printable.
class Page {
 public:
  explicit Page(std::size_t columns) : columns_(std::max(columns, kMinColumns)) {}

  void title(std::string_view text) { wrapped(text, 0, 0); }
  void heading(std::string_view text) {
    out_ += '\n';
    wrapped(text, 0, 0);
  }
  void paragraph(std::string_view text, std::size_t indent = 2) { wrapped(text, indent, indent); }
  void item(std::string_view text, std::size_t indent = 2) {
    const std::size_t start = out_.size();
    wrapped(text, indent + 2, indent + 2);
    if (out_.size() > start) {
      out_[start + indent] = '-';
    }
  }
  /// "Label:        text", further lines under the text.
  void field(std::string_view label, std::string_view text, std::size_t width = kLabelColumns) {
    std::string line = base::printable(label);
    const std::size_t used = base::display_width(line);
    line.append(used + 1 < width ? width - used : 1, ' ');
    const std::size_t indent = base::display_width(line);
    const auto lines = base::wrap(base::printable(text), columns_ > indent + 10 ? columns_ - indent : 10);
    out_ += line + (lines.empty() ? std::string() : lines.front()) + '\n';
    for (std::size_t i = 1; i < lines.size(); ++i) {
      out_ += std::string(indent, ' ') + lines[i] + '\n';
    }
  }
  /// Line by line, as it stands.
  void literal(std::string_view text) {
    for (const std::string_view line : base::split(text, '\n')) {
      out_ += line.empty() ? "\n" : "  " + base::printable(line) + '\n';
    }
  }
  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  void wrapped(std::string_view text, std::size_t first, std::size_t rest) {
    const std::size_t width = columns_ - std::max(first, rest);
    bool is_first = true;
    for (const std::string& line : base::wrap(base::printable(text), width)) {
      out_ += std::string(is_first ? first : rest, ' ') + line + '\n';
      is_first = false;
    }
  }

  std::size_t columns_;
  std::string out_;
};

}  // namespace catalog
