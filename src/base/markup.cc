#include "base/markup.h"

#include "base/text.h"

namespace base {
namespace {

// The reference for a character that HTML, XML and Markdown read as the start of something, or none.
std::string_view reference(char c) {
  return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string_view();
}

// Whether `c` at `place` begins what a hosting service makes into a mention, a reference to an issue or a link.
bool begins_link(std::string_view text, std::size_t place) {
  const char next = place + 1 < text.size() ? text[place + 1] : '\0';
  return text[place] == '@' || (text[place] == '#' && next >= '0' && next <= '9') || text.substr(place, 3) == "://";
}

std::string inert_markdown(std::string_view text, std::string_view with_backslash) {
  const std::string safe = printable(text);
  std::string out;
  out.reserve(safe.size() + safe.size() / 8);
  for (std::size_t place = 0; place < safe.size(); ++place) {
    const char c = safe[place];
    if (const std::string_view name = reference(c); !name.empty()) {
      out += name;
      continue;
    }
    if (with_backslash.find(c) != std::string_view::npos) {
      out += '\\';
    }
    out += c;
    if (begins_link(safe, place)) {
      out += "<!-- -->";
    }
  }
  return out;
}

}  // namespace

std::string markup_text(std::string_view text) {
  const std::string safe = printable(text);
  std::string out;
  out.reserve(safe.size() + safe.size() / 8);
  for (std::size_t place = 0; place < safe.size(); ++place) {
    const char c = safe[place];
    const std::string_view three = std::string_view(safe).substr(place, 3);
    if (const std::string_view name = reference(c); !name.empty()) {
      out += name;
    } else if (c == '"' || c == '\'') {
      out += c == '"' ? "&quot;" : "&#39;";
    } else if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {  // U+FFFE, U+FFFF: UTF-8, but no characters of XML
      out += "\xEF\xBF\xBD";
      place += 2;
    } else {
      out += c;
    }
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  return inert_markdown(text, "\\`*_[]#~|!$");
}

std::string markdown_element_text(std::string_view text) {
  return inert_markdown(text, "");
}

}  // namespace base
