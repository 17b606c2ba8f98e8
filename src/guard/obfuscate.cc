#include "guard/obfuscate.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "guard/characters.h"

namespace guard {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Each character of the text, rewritten.
template <class Rewrite>
std::string each(std::string_view text, Rewrite rewrite) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    rewrite(next_character(text, at), out);
  }
  return out;
}

std::string zero_width(std::string_view text) {
  return each(text, [](char32_t c, std::string& out) {
    append_utf8(c, out);
    append_utf8(0x200B, out);
  });
}

std::string full_width(std::string_view text) {
  return each(text, [](char32_t c, std::string& out) { append_utf8(c > 0x20 && c < 0x7F ? c + 0xFEE0 : c, out); });
}

std::string bold(std::string_view text) {
  return each(text, [](char32_t c, std::string& out) {
    append_utf8(c >= 'a' && c <= 'z' ? 0x1D41A + (c - 'a') : c >= 'A' && c <= 'Z' ? 0x1D400 + (c - 'A') : c, out);
  });
}

std::string homoglyphs(std::string_view text) {
  constexpr std::string_view kFrom = "aceiopsxyjh";
  constexpr std::array<char32_t, 11> kTo = {0x430, 0x441, 0x435, 0x456, 0x43E, 0x440,
                                            0x455, 0x445, 0x443, 0x458, 0x4BB};
  return each(text, [&](char32_t c, std::string& out) {
    const std::size_t place = c < 0x80 ? kFrom.find(static_cast<char>(c)) : std::string_view::npos;
    append_utf8(place == std::string_view::npos ? c : kTo[place], out);
  });
}

std::string leet(std::string_view text) {
  constexpr std::string_view kFrom = "aeiostAEIOST";
  constexpr std::string_view kTo = "431057431057";
  std::string out(text);
  for (char& c : out) {
    const std::size_t place = kFrom.find(c);
    c = place == std::string_view::npos ? c : kTo[place];
  }
  return out;
}

std::string spaced(std::string_view text) {
  std::string out = each(text, [](char32_t c, std::string& to) {
    append_utf8(c, to);
    to += ' ';
  });
  if (!out.empty()) {
    out.pop_back();
  }
  return out;
}

std::string as_base64(std::string_view text) {
  return base::to_base64(base::as_bytes(text));
}

std::string as_hex(std::string_view text) {
  return base::to_hex(base::as_bytes(text));
}

std::string entities(std::string_view text) {
  return each(text,
              [](char32_t c, std::string& out) { out += "&#" + std::to_string(static_cast<std::uint32_t>(c)) + ";"; });
}

std::string rot13(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (is_letter(c)) {
      const char first = c >= 'a' ? 'a' : 'A';
      c = static_cast<char>(first + (c - first + 13) % 26);
    }
  }
  return out;
}

std::string backwards(std::string_view text) {
  std::string out;
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t start = end - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80) {
      --start;
    }
    out.append(text.substr(start, end - start));
    end = start;
  }
  return out;
}

std::string tags(std::string_view text) {
  // Tags spell ASCII alone; what else there is stays as it stands.
  return "Hello! " +
         each(text, [](char32_t c, std::string& out) { append_utf8(c >= 0x20 && c < 0x7F ? 0xE0000 + c : c, out); });
}

std::string marks(std::string_view text) {
  return each(text, [](char32_t c, std::string& out) {
    append_utf8(c, out);
    if (c < 0x80 && is_letter(static_cast<char>(c))) {
      append_utf8(0x0336, out);
    }
  });
}

constexpr std::array kObfuscations = {
    Obfuscation{"zero width", zero_width},
    Obfuscation{"full width", full_width},
    Obfuscation{"mathematical bold", bold},
    Obfuscation{"combining marks", marks},
    Obfuscation{"homoglyphs", homoglyphs},
    Obfuscation{"leet", leet},
    Obfuscation{"spaced letters", spaced},
    Obfuscation{"base64", as_base64},
    Obfuscation{"hexadecimal", as_hex},
    Obfuscation{"HTML entities", entities},
    Obfuscation{"ROT13", rot13},
    Obfuscation{"reversed", backwards},
    Obfuscation{"tag characters", tags},
};

}  // namespace

std::span<const Obfuscation> obfuscations() {
  return kObfuscations;
}

}  // namespace guard
