#include "scan/data/rows.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "inspect/byte_masks.h"

namespace scan {
namespace {

constexpr std::size_t kLongestCell = 1U << 20;
constexpr std::size_t kDeepest = 32;  ///< Levels whose names are kept.
constexpr std::size_t kLongestName = 60;

std::size_t find_from(std::string_view text, char c, std::size_t from) {
  const std::size_t at = text.find(c, from);
  return at == std::string_view::npos ? text.size() : at;
}

/// Lines of JSON, whole documents of it, or plain lines.
class JsonLocator final : public Locator {
 public:
  JsonLocator(std::string_view text, bool lines, bool json) : text_(text), lines_(lines), json_(json) {}

  Cell locate(std::size_t at) override {
    if (lines_ && at >= next_line_) {
      // To the beginning of the line of `at`.
      const std::size_t before = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
      const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
      row_ += count_lines(text_.substr(counted_to_, begin - counted_to_));
      counted_to_ = begin;
      row_begin_ = begin;
      next_line_ = find_from(text_, '\n', at) + 1;
      at_ = begin;
      levels_.clear();
      depth_ = 0;
      inside_ = false;
    }
    Cell out;
    out.row = lines_ ? row_ : 1;
    out.row_begin = row_begin_;
    if (!json_) {
      out.begin = row_begin_;
      out.end = std::min(next_line_ - 1, at + kLongestCell);
      return out;
    }
    const std::size_t limit = lines_ ? std::min(next_line_, text_.size()) : text_.size();
    advance(at, limit);
    out.column = path(out);
    out.begin = inside_ ? string_begin_ : at;
    out.end = out.begin;
    if (inside_ && known_begin_ == string_begin_ && at < known_end_) {
      out.end = known_end_;
    } else if (inside_) {
      std::size_t i = at;
      // The escape that `at` may stand in: count the backslashes before it.
      std::size_t slashes = 0;
      while (i > string_begin_ + slashes && text_[i - slashes - 1] == '\\') {
        ++slashes;
      }
      i += slashes % 2;
      const std::size_t most = std::min(limit, at + kLongestCell);
      while (i < most && text_[i] != '"') {
        i += text_[i] == '\\' ? 2 : 1;
      }
      out.end = std::min(i, most);
      known_begin_ = string_begin_;
      known_end_ = out.end;
    }
    return out;
  }

 private:
  struct Level {
    bool list = false;
    std::uint64_t index = 0;
    std::string key;
  };

  /// Reads on to `to`.
  void advance(std::size_t to, std::size_t limit) {
    if (inside_ && at_ <= to && !read_string(to, limit)) {
      return;
    }
    while (at_ < to) {
      const char c = text_[at_];
      switch (c) {
        case '"':
          string_begin_ = at_ + 1;
          ++at_;
          inside_ = true;
          if (!read_string(to, limit)) {
            return;
          }
          break;
        case '{':
        case '[':
          if (depth_++ < kDeepest) {
            levels_.push_back({c == '[', 0, {}});
          }
          ++at_;
          break;
        case '}':
        case ']':
          if (depth_ > 0 && depth_-- <= kDeepest) {
            levels_.pop_back();
          }
          ++at_;
          break;
        case ',':
          if (depth_ > 0 && depth_ <= kDeepest && levels_.back().list) {
            ++levels_.back().index;
          }
          ++at_;
          break;
        default:
          ++at_;
      }
    }
  }

  /// Within a string: to its end; false where `to` is reached before. Takes note of it where it is a key.
  bool read_string(std::size_t to, std::size_t limit) {
    while (true) {
      // What is neither quote nor backslash is passed over as fast as the library can.
      const std::size_t end = std::min(to, limit);
      while (at_ < end && text_[at_] != '"' && text_[at_] != '\\') {
        ++at_;
      }
      if (at_ >= end) {
        return false;
      }
      if (text_[at_] == '\\') {
        at_ += 2;
        continue;
      }
      inside_ = false;
      const std::string_view value = text_.substr(string_begin_, at_ - string_begin_);
      ++at_;
      std::size_t colon = at_;
      while (colon < limit && colon < at_ + 64 &&
             (text_[colon] == ' ' || text_[colon] == '\t' || text_[colon] == '\n')) {
        ++colon;
      }
      if (colon < limit && text_[colon] == ':' && depth_ > 0 && depth_ <= kDeepest && !levels_.back().list) {
        levels_.back().key.assign(value.substr(0, kLongestName));
      }
      return true;
    }
  }

  /// The path, with the row taken from the outermost list of a whole document.
  std::string path(Cell& out) const {
    std::string name;
    bool row_known = lines_;
    for (const Level& level : levels_) {
      if (level.list) {
        if (!row_known) {
          out.row = level.index + 1;
          row_known = true;
          name += name.empty() ? "" : "[]";
          continue;
        }
        name += "[" + std::to_string(level.index) + "]";
      } else if (!level.key.empty()) {
        name += (name.empty() ? "" : ".") + level.key;
      }
    }
    return name;
  }

  std::string_view text_;
  bool lines_;
  bool json_;
  std::uint64_t row_ = 1;
  std::size_t counted_to_ = 0;
  std::size_t row_begin_ = 0;
  std::size_t next_line_ = 0;
  std::size_t at_ = 0;
  bool inside_ = false;
  std::size_t string_begin_ = 0;
  std::size_t known_begin_ = std::string_view::npos;  ///< Of the string whose end was looked for last …
  std::size_t known_end_ = 0;                         ///< … and that end, or how far it was looked for.
  std::size_t depth_ = 0;
  std::vector<Level> levels_;
};

/// Tables as RFC 4180 has them, with any of the three line ends. A quote counts as one where a cell begins with it.
class TableLocator final : public Locator {
 public:
  TableLocator(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      at_ = cell_begin_ = 3;
    }
    read_names();
  }

  Cell locate(std::size_t at) override {
    while (at_ <= at && at_ < text_.size()) {
      const std::size_t cell = at_;
      const std::size_t end = cell_end(cell);
      if (at < end || end >= text_.size()) {
        break;  // `at_` stays at the cell's beginning
      }
      step(end);
    }
    Cell out;
    out.row = row_;
    out.row_begin = row_begin_;
    out.begin = at_;
    const std::size_t end = cell_end(at_);
    out.end = std::min(end, at + kLongestCell);
    if (out.begin < out.end && text_[out.begin] == '"') {
      ++out.begin;
      out.end -= out.end > out.begin && text_[out.end - 1] == '"' ? 1 : 0;
    }
    out.column = row_ == 1 ? "" : column_ < names_.size() ? names_[column_] : "column " + std::to_string(column_ + 1);
    return out;
  }

 private:
  /// Where the cell that begins at `begin` ends: its delimiter or line end.
  std::size_t cell_end(std::size_t begin) {
    if (begin == known_begin_) {
      return known_end_;
    }
    std::size_t i = begin;
    if (i < text_.size() && text_[i] == '"') {
      ++i;
      while (true) {
        i = find_from(text_, '"', i);
        if (i + 1 < text_.size() && text_[i + 1] == '"') {
          i += 2;
          continue;
        }
        break;
      }
    }
    while (i < text_.size() && text_[i] != delimiter_ && text_[i] != '\n' && text_[i] != '\r') {
      ++i;
    }
    known_begin_ = begin;
    known_end_ = i;
    return i;
  }

  void step(std::size_t end) {
    if (text_[end] == delimiter_) {
      ++column_;
      at_ = end + 1;
    } else {
      at_ = end + (text_.substr(end, 2) == "\r\n" ? 2 : 1);
      ++row_;
      column_ = 0;
      row_begin_ = at_;
    }
  }

  void read_names() {
    std::size_t i = at_;
    while (i <= text_.size() && names_.size() < 2000) {
      const std::size_t end = cell_end(i);
      std::string_view name = base::trim(text_.substr(i, std::min<std::size_t>(end - i, 2 * kLongestName)));
      if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
        name = name.substr(1, name.size() - 2);
      }
      names_.push_back(base::abbreviate(name, kLongestName));
      if (end >= text_.size() || text_[end] != delimiter_) {
        break;
      }
      i = end + 1;
    }
  }

  std::string_view text_;
  char delimiter_;
  std::vector<std::string> names_;
  std::uint64_t row_ = 1;
  std::size_t column_ = 0;
  std::size_t at_ = 0;  ///< Beginning of the cell reached.
  std::size_t cell_begin_ = 0;
  std::size_t row_begin_ = 0;
  std::size_t known_begin_ = std::string_view::npos;
  std::size_t known_end_ = 0;
};

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

}  // namespace

std::unique_ptr<Locator> make_locator(std::string_view text, std::string_view format) {
  if (format == "csv" || format == "tsv") {
    char delimiter = format == "tsv" ? '\t' : ',';
    if (format == "csv") {
      // Tables of other countries part with semicolons.
      const std::string_view first =
          text.substr(0, std::min(text.size(), find_from(text.substr(0, 1U << 16), '\n', 0)));
      const auto commas = std::count(first.begin(), first.end(), ',');
      if (std::count(first.begin(), first.end(), ';') > 2 * commas) {
        delimiter = ';';
      } else if (std::count(first.begin(), first.end(), '|') > 2 * commas) {
        delimiter = '|';
      }
    }
    return std::make_unique<TableLocator>(text, delimiter);
  }
  return std::make_unique<JsonLocator>(text, format != "json", format == "json" || format == "jsonl");
}

std::uint64_t count_lines(std::string_view text) {
  return inspect::count_bytes(text, '\n');
}

std::string without_indices(std::string_view column) {
  std::string out;
  for (std::size_t i = 0; i < column.size(); ++i) {
    out.push_back(column[i]);
    if (column[i] == '[') {
      while (i + 1 < column.size() && column[i + 1] >= '0' && column[i + 1] <= '9') {
        ++i;
      }
    }
  }
  return out;
}

std::string unescaped(std::string_view inside, std::size_t max_bytes) {
  std::string out;
  const auto unit = [&](std::size_t at) -> int {
    if (inside.size() < at + 6 || inside[at] != '\\' || inside[at + 1] != 'u') {
      return -1;
    }
    int value = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      const int digit = base::hex_value(inside[i]);
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  };
  for (std::size_t i = 0; i < inside.size() && out.size() < max_bytes; ++i) {
    if (inside[i] != '\\' || i + 1 >= inside.size()) {
      out.push_back(inside[i]);
      continue;
    }
    const int first = unit(i);
    if (first >= 0) {
      std::uint32_t code = static_cast<std::uint32_t>(first);
      i += 5;
      if (code >= 0xD800 && code < 0xDC00) {
        const int second = unit(i + 1);
        if (second >= 0xDC00 && second < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<std::uint32_t>(second) - 0xDC00);
          i += 6;
        }
      }
      append_utf8(code, out);
      continue;
    }
    const char c = inside[++i];
    out.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' || c == 'f' ? ' ' : c);
  }
  return out;
}

std::string from_utf16(std::string_view text) {
  std::string out;
  const bool big = text.starts_with("\xFE\xFF");
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    const auto second = static_cast<unsigned char>(text[at + 1]);
    return static_cast<std::uint32_t>(big ? first << 8 | second : second << 8 | first);
  };
  out.reserve(text.size() / 2);
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    std::uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xE000) {
      const std::uint32_t low = code < 0xDC00 && i + 3 < text.size() ? unit(i + 2) : 0;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      } else {
        code = 0xFFFD;
      }
    }
    append_utf8(code, out);
  }
  return out;
}

}  // namespace scan
