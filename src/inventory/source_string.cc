#include <optional>

#include "base/text.h"
#include "inventory/source_token.h"

namespace inventory {
namespace {

void append_utf8(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    out += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x110000) {
    out += static_cast<char>(0xF0 | code_point >> 18);
    out += static_cast<char>(0x80 | (code_point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code_point & 0x3F));
  }
}

// Up to `digits` hexadecimal digits at `at`; nothing where there is none.
std::optional<std::uint32_t> read_hex(std::string_view text, std::size_t& at, std::size_t digits) {
  std::uint32_t value = 0;
  std::size_t count = 0;
  for (; count < digits && at < text.size() && base::hex_value(text[at]) >= 0; ++count, ++at) {
    value = value << 4 | static_cast<std::uint32_t>(base::hex_value(text[at]));
  }
  return count == 0 ? std::nullopt : std::optional(value);
}

// One escape; `at` stands behind the backslash.
void append_escape(std::string& out, std::string_view text, std::size_t& at, Language language) {
  const char c = text[at++];
  switch (c) {
    case 'n':
      out += '\n';
      return;
    case 't':
      out += '\t';
      return;
    case 'r':
      out += '\r';
      return;
    case '\n':
      return;
    case '\r':
      at += at < text.size() && text[at] == '\n' ? 1 : 0;
      return;
    case '\\':
    case '\'':
    case '"':
    case '`':
    case '$':
      out += c;
      return;
    case 'x':
      if (const auto value = read_hex(text, at, 2)) {
        append_utf8(out, *value);
      }
      return;
    case 'u':
    case 'U': {
      if (language == Language::script && at < text.size() && text[at] == '{') {
        ++at;
        if (const auto value = read_hex(text, at, 6)) {
          append_utf8(out, *value);
        }
        at += at < text.size() && text[at] == '}' ? 1 : 0;
        return;
      }
      if (const auto value = read_hex(text, at, c == 'u' ? 4 : 8)) {
        append_utf8(out, *value);
      }
      return;
    }
    default:
      out += '\\';
      out += c;
  }
}

}  // namespace

StringValue string_value(const Token& token, Language language) {
  StringValue value;
  std::string_view text = token.text;
  bool raw = false;
  bool formatted = language == Language::script && text.starts_with('`');
  while (!text.empty() && text.front() != '"' && text.front() != '\'' && text.front() != '`') {
    const char letter = static_cast<char>(text.front() | 0x20);
    raw = raw || letter == 'r';
    formatted = formatted || letter == 'f' || letter == 't';
    value.bytes = value.bytes || letter == 'b';
    text.remove_prefix(1);
  }
  if (text.empty()) {
    return value;
  }
  const std::string_view quote =
      language == Language::python && text.size() >= 3 && text[1] == text[0] && text[2] == text[0] ? text.substr(0, 3)
                                                                                                   : text.substr(0, 1);
  text.remove_prefix(quote.size());
  if (token.complete && text.size() >= quote.size()) {
    text.remove_suffix(quote.size());
  }
  value.text.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '\\' && !raw && at < text.size()) {
      append_escape(value.text, text, at, language);
      continue;
    }
    if (formatted && language == Language::python && (c == '{' || c == '}')) {
      if (at < text.size() && text[at] == c) {
        ++at;
      } else if (c == '{') {
        value.dynamic = true;
      }
    } else if (formatted && language == Language::script && c == '$' && at < text.size() && text[at] == '{') {
      value.dynamic = true;
    }
    value.text += c;
  }
  return value;
}

}  // namespace inventory
