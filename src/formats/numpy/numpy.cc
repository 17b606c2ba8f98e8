#include "formats/numpy/numpy.h"

#include <optional>

#include "base/text.h"

namespace formats::numpy {
namespace {

using base::Errc;
using base::Error;

/// The text of the value behind 'key': in a Python dict literal, up to the ',' or '}' at its own depth.
std::optional<std::string_view> member(std::string_view literal, std::string_view key) {
  int depth = 0;
  char quote = '\0';
  std::size_t text_begin = 0;
  std::size_t value_begin = std::string_view::npos;
  std::string_view last_text;
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const char c = literal[i];
    if (quote != '\0') {
      if (c == '\\') {
        ++i;
      } else if (c == quote) {
        last_text = literal.substr(text_begin, i - text_begin);
        quote = '\0';
      }
      continue;
    }
    if (c == '\'' || c == '"') {
      quote = c;
      text_begin = i + 1;
    } else if (c == '{' || c == '[' || c == '(') {
      ++depth;
    } else if (c == '}' || c == ']' || c == ')') {
      --depth;
      if (depth == 0 && value_begin != std::string_view::npos) {
        return base::trim(literal.substr(value_begin, i - value_begin));
      }
    } else if (c == ':' && depth == 1 && value_begin == std::string_view::npos && last_text == key) {
      value_begin = i + 1;
    } else if (c == ',' && depth == 1) {
      if (value_begin != std::string_view::npos) {
        return base::trim(literal.substr(value_begin, i - value_begin));
      }
      last_text = {};
    }
  }
  return std::nullopt;
}

/// Whether any type within the description holds Python objects: 'O' behind an optional byte order.
bool names_objects(std::string_view description) {
  char quote = '\0';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < description.size(); ++i) {
    const char c = description[i];
    if (quote != '\0') {
      if (c == quote) {
        std::string_view text = description.substr(begin, i - begin);
        while (!text.empty() && (text.front() == '|' || text.front() == '<' || text.front() == '>' ||
                                 text.front() == '=' || text.front() == ' ')) {
          text.remove_prefix(1);
        }
        // "(2,3)O", "O8", "object", and comma-separated lists of types.
        for (const std::string_view part : base::split(text, ',')) {
          const std::string_view one = part.substr(std::min(part.find_first_not_of("|<>= 0123456789()"), part.size()));
          if (one == "O" || one == "O4" || one == "O8" || one.starts_with("object")) {
            return true;
          }
        }
        quote = '\0';
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      begin = i + 1;
    }
  }
  return false;
}

}  // namespace

base::Result<Header> parse(base::Bytes content) {
  base::ByteCursor in(content);
  Header header;
  if (base::as_text(TRY(in.take(6, "magic"))) != "\x93NUMPY") {
    return Error{Errc::malformed, "magic: not .npy", 0};
  }
  header.major = TRY(in.le<std::uint8_t>("major version"));
  TRY(in.skip(1, "minor version"));
  if (header.major < 1 || header.major > 3) {
    return Error{Errc::unsupported, "version: " + std::to_string(header.major), 6};
  }
  const std::uint64_t length =
      header.major == 1 ? TRY(in.le<std::uint16_t>("header length")) : TRY(in.le<std::uint32_t>("header length"));
  if (length > (1U << 20)) {
    return Error{Errc::too_large, "header length: " + std::to_string(length), 8};
  }
  header.text = base::as_text(TRY(in.take(length, "header")));
  header.data_offset = in.offset();
  const auto type = member(header.text, "descr");
  const auto shape = member(header.text, "shape");
  if (!type || !shape) {
    return Error{Errc::malformed, "header: no descr or no shape", 10};
  }
  header.type = *type;
  header.has_objects = names_objects(*type);
  std::uint64_t number = 0;
  bool digits = false;
  for (const char c : *shape) {
    if (c >= '0' && c <= '9') {
      digits = true;
      if (number > (UINT64_MAX - 9) / 10) {
        return Error{Errc::malformed, "shape: an extent above 2^64", 10};
      }
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
    } else if (c == ',' || c == ')') {
      if (digits) {
        header.shape.push_back(number);
      }
      number = 0;
      digits = false;
    } else if (c != ' ' && c != '(' && c != 'L') {
      return Error{Errc::malformed, "shape: no tuple of whole numbers", 10};
    }
    if (header.shape.size() > 64) {
      return Error{Errc::malformed, "shape: more than 64 extents", 10};
    }
  }
  // '<f4' and its like.
  std::string_view plain = *type;
  if (plain.size() >= 2 && (plain.front() == '\'' || plain.front() == '"') && plain.back() == plain.front()) {
    plain = plain.substr(1, plain.size() - 2);
    const std::size_t letter = plain.find_first_not_of("<>|=");
    if (letter != std::string_view::npos) {
      std::uint64_t width = 0;
      for (const char c : plain.substr(letter + 1)) {
        if (c < '0' || c > '9' || width > 1'000'000'000) {
          width = 0;
          break;
        }
        width = width * 10 + static_cast<std::uint64_t>(c - '0');
      }
      header.item_bytes = plain[letter] == 'U' ? width * 4 : width;
    }
  }
  return header;
}

}  // namespace formats::numpy
