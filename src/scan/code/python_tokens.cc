#include "scan/code/python_tokens.h"

#include <algorithm>

#include "base/text.h"
#include "scan/collector.h"

namespace scan {
namespace {

constexpr std::size_t kMaxTokens = 4'000'000;

bool starts_name(char c) {
  return is_word(c) ? !(c >= '0' && c <= '9') : static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
  return is_word(c) || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What a token may begin with, or go on with.
struct Letters {
  bool is[256];
  constexpr bool operator()(char c) const { return is[static_cast<unsigned char>(c)]; }
};
constexpr Letters letters(std::string_view of) {
  Letters out{};
  for (const char c : of) {
    out.is[static_cast<unsigned char>(c)] = true;
  }
  return out;
}
constexpr Letters kStringStart = letters("rRbBuUfFtT'\"");
constexpr Letters kLongOperatorEnd = letters("=*/><.");

/// Letters before the opening quote at `at`; npos where no string begins there.
std::size_t prefix_length(std::string_view source, std::size_t at) {
  std::size_t i = at;
  while (i < source.size() && i - at < 3) {
    const char c = source[i];
    if (!kStringStart(c)) {
      return std::string_view::npos;
    }
    if (c == '"' || c == '\'') {
      return i - at;
    }
    ++i;
  }
  return i < source.size() && (source[i] == '"' || source[i] == '\'') ? i - at : std::string_view::npos;
}

/// The end of the string literal whose quote is at `quote`.
std::size_t string_end(std::string_view source, std::size_t quote) {
  const char q = source[quote];
  const auto is_triple = [&](std::size_t at) {
    return at + 2 < source.size() && source[at] == q && source[at + 1] == q && source[at + 2] == q;
  };
  const bool triple = is_triple(quote);
  std::size_t i = quote + (triple ? 3 : 1);
  while (i < source.size()) {
    const char c = source[i];
    if (c == '\\') {
      i += 2;
      continue;
    }
    if (c == q && (!triple || is_triple(i))) {
      return std::min(source.size(), i + (triple ? 3 : 1));
    }
    if (c == '\n' && !triple) {
      return i;
    }
    ++i;
  }
  return source.size();
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x110000) {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

}  // namespace

std::vector<PythonToken> python_tokens(std::string_view source, bool& cut) {
  std::vector<PythonToken> out;
  out.reserve(source.size() / 6 + 16);
  std::vector<std::uint32_t> open;
  cut = false;
  std::size_t i = source.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::uint32_t line = 1;
  std::uint32_t indent = 0;
  bool first = true;
  const auto add = [&](PythonKind kind, std::size_t begin, std::size_t end) {
    const auto self = static_cast<std::uint32_t>(out.size());
    out.push_back({kind, first, line, indent, self, source.substr(begin, end - begin)});
    first = false;
  };
  const auto measure = [&] {
    indent = 0;
    while (i < source.size() && (source[i] == ' ' || source[i] == '\t' || source[i] == '\f')) {
      indent = source[i] == '\t' ? (indent / 8 + 1) * 8 : indent + 1;
      ++i;
    }
  };
  measure();
  while (i < source.size()) {
    if (out.size() >= kMaxTokens) {
      cut = true;
      break;
    }
    const char c = source[i];
    if (c == '\n') {
      if (open.empty()) {
        if (!first) {
          add(PythonKind::line_end, i, i + 1);
        }
        first = true;
      }
      ++line;
      ++i;
      if (open.empty()) {
        measure();
      }
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      ++i;
      continue;
    }
    if (c == '\\' && i + 1 < source.size() && (source[i + 1] == '\n' || source.substr(i + 1, 2) == "\r\n")) {
      i += source[i + 1] == '\n' ? 2 : 3;
      ++line;
      continue;
    }
    if (c == '#') {
      const std::size_t end = source.find('\n', i);
      i = end == std::string_view::npos ? source.size() : end;
      continue;
    }
    if (const std::size_t prefix = prefix_length(source, i); prefix != std::string_view::npos) {
      const std::size_t end = string_end(source, i + prefix);
      add(PythonKind::string, i, end);
      line += static_cast<std::uint32_t>(std::count(source.begin() + static_cast<std::ptrdiff_t>(i),
                                                    source.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      i = std::max(end, i + 1);
      continue;
    }
    if (starts_name(c)) {
      std::size_t end = i + 1;
      while (end < source.size() && continues_name(source[end])) {
        ++end;
      }
      add(PythonKind::name, i, end);
      i = end;
      continue;
    }
    if (is_digit(c) || (c == '.' && i + 1 < source.size() && is_digit(source[i + 1]))) {
      std::size_t end = i + 1;
      while (end < source.size() && (is_word(source[end]) || source[end] == '.')) {
        ++end;
      }
      add(PythonKind::number, i, end);
      i = end;
      continue;
    }
    std::size_t length = 1;
    if (i + 1 < source.size() && kLongOperatorEnd(source[i + 1])) {
      constexpr std::string_view kLong[] = {
          "**=", "//=", ">>=", "<<=", "...", "==", "!=", "<=", ">=", "->", ":=", "+=",
          "-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", "@=", "**", "//", "<<", ">>"};
      for (const std::string_view op : kLong) {
        if (op[0] == c && source.substr(i, op.size()) == op) {
          length = op.size();
          break;
        }
      }
    }
    if (c == ';' && open.empty()) {  // ends a statement like a line does
      add(PythonKind::line_end, i, i + 1);
      first = true;
      ++i;
      continue;
    }
    add(PythonKind::op, i, i + length);
    const auto self = static_cast<std::uint32_t>(out.size() - 1);
    if (c == '(' || c == '[' || c == '{') {
      open.push_back(self);
    } else if ((c == ')' || c == ']' || c == '}') && !open.empty()) {
      // Python refuses brackets nested deeper than 200; each level that is paired may be gone over once more.
      if (open.size() <= 200) {
        out[open.back()].partner = self;
        out[self].partner = open.back();
      }
      open.pop_back();
    }
    i += length;
  }
  add(PythonKind::line_end, source.size(), source.size());
  return out;
}

bool is_format_string(std::string_view literal) {
  for (const char c : literal) {
    if (c == '"' || c == '\'') {
      return false;
    }
    if (c == 'f' || c == 'F' || c == 't' || c == 'T') {
      return true;
    }
  }
  return false;
}

std::string python_string(std::string_view literal) {
  bool raw = false;
  bool bytes = false;
  while (!literal.empty() && literal[0] != '"' && literal[0] != '\'') {
    raw = raw || literal[0] == 'r' || literal[0] == 'R';
    bytes = bytes || literal[0] == 'b' || literal[0] == 'B';
    literal.remove_prefix(1);
  }
  if (literal.empty()) {
    return {};
  }
  const char q = literal[0];
  const std::size_t width = literal.size() >= 6 && literal.starts_with(std::string(3, q)) ? 3 : 1;
  literal.remove_prefix(width);
  if (literal.ends_with(std::string(width, q))) {
    literal.remove_suffix(width);
  }
  if (raw || literal.find('\\') == std::string_view::npos) {
    return std::string(literal);
  }
  std::string out;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\' || i + 1 >= literal.size()) {
      out.push_back(literal[i]);
      continue;
    }
    const char c = literal[++i];
    const auto hex = [&](std::size_t digits) {
      std::uint32_t code = 0;
      std::size_t used = 0;
      while (used < digits && i + 1 < literal.size() && base::hex_value(literal[i + 1]) >= 0) {
        code = code << 4 | static_cast<std::uint32_t>(base::hex_value(literal[++i]));
        ++used;
      }
      return code;
    };
    switch (c) {
      case '\n':
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 'x': {
        const std::uint32_t code = hex(2);
        bytes ? out.push_back(static_cast<char>(code)) : append_utf8(out, code);
        break;
      }
      case 'u':
        append_utf8(out, hex(4));
        break;
      case 'U':
        append_utf8(out, hex(8));
        break;
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7': {
        auto code = static_cast<std::uint32_t>(c - '0');
        for (int k = 0; k < 2 && i + 1 < literal.size() && literal[i + 1] >= '0' && literal[i + 1] <= '7'; ++k) {
          code = code * 8 + static_cast<std::uint32_t>(literal[++i] - '0');
        }
        bytes ? out.push_back(static_cast<char>(code & 0xFF)) : append_utf8(out, code);
        break;
      }
      case '\\':
      case '\'':
      case '"':
        out.push_back(c);
        break;
      default:
        out.push_back('\\');
        out.push_back(c);
    }
  }
  return out;
}

}  // namespace scan
