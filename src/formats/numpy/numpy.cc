#include "formats/numpy/numpy.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "formats/numpy/literal.h"

namespace formats::numpy {
namespace {

using base::Errc;
using base::Error;
using Kind = Literal::Kind;

void defect(Header& header, std::string text) {
  if (header.defects.size() < 20) {
    header.defects.push_back(std::move(text));
  }
}

/// "<f4", "|O", "float32", "(2,3)i4", "M8[ns]".
Type plain_type(std::string_view text) {
  Type out;
  std::uint64_t times = 1;
  // A shape or a number in front.
  if (text.starts_with('(')) {
    const std::size_t close = std::min(text.find(')'), text.size());
    for (const std::string_view one : base::split(text.substr(1, close - 1), ',')) {
      std::uint64_t extent = 0;
      for (const char c : base::trim(one)) {
        out.known = out.known && c >= '0' && c <= '9' && extent < (1ULL << 32);
        extent = extent * 10 + static_cast<std::uint64_t>(c - '0');
      }
      out.known = out.known && (base::trim(one).empty() || !__builtin_mul_overflow(times, extent, &times));
    }
    text.remove_prefix(std::min(close + 1, text.size()));
  }
  text = base::trim(text);
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
  }
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 24> kNames{
      {{"bool", 1},      {"int8", 1},        {"int16", 2},       {"int32", 4},     {"int64", 8},       {"uint8", 1},
       {"uint16", 2},    {"uint32", 4},      {"uint64", 8},      {"float16", 2},   {"float32", 4},     {"float64", 8},
       {"complex64", 8}, {"complex128", 16}, {"longdouble", 16}, {"float128", 16}, {"complex256", 32}, {"half", 2},
       {"single", 4},    {"double", 8},      {"int", 8},         {"float", 8},     {"complex", 16},    {"uint", 8}}};
  for (const auto& [name, bytes] : kNames) {
    if (text == name) {
      out.known = out.known && !__builtin_mul_overflow(bytes, times, &out.bytes);
      return out;
    }
  }
  if (text == "O" || text == "O4" || text == "O8" || text == "object" || text == "object_") {
    out.has_objects = true;
    return out;
  }
  if (text.empty()) {
    out.known = false;
    return out;
  }
  const char letter = text.front();
  std::string_view rest = text.substr(1);
  if (letter == 'M' || letter == 'm') {
    if (const std::size_t bracket = rest.find('['); bracket != std::string_view::npos && rest.ends_with(']')) {
      const std::string_view unit = rest.substr(bracket + 1, rest.size() - bracket - 2);
      out.known = out.known && unit.size() <= 16 && std::all_of(unit.begin(), unit.end(), [](char c) {
                    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/';
                  });
      rest = rest.substr(0, bracket);
    }
  }
  std::uint64_t width = 0;
  for (const char c : rest) {
    if (c < '0' || c > '9' || width > (1ULL << 40)) {
      out.known = false;
      return out;
    }
    width = width * 10 + static_cast<std::uint64_t>(c - '0');
  }
  constexpr std::array<std::pair<char, std::uint64_t>, 16> kLetters{{{'?', 1},
                                                                     {'b', 1},
                                                                     {'B', 1},
                                                                     {'h', 2},
                                                                     {'H', 2},
                                                                     {'l', 8},
                                                                     {'L', 8},
                                                                     {'q', 8},
                                                                     {'Q', 8},
                                                                     {'e', 2},
                                                                     {'d', 8},
                                                                     {'g', 16},
                                                                     {'F', 8},
                                                                     {'D', 16},
                                                                     {'G', 32},
                                                                     {'p', 8}}};
  if (!rest.empty() && std::string_view("biufcmMSaUVt").find(letter) != std::string_view::npos) {
    const auto one_of = [&](std::initializer_list<std::uint64_t> sizes) {
      return std::find(sizes.begin(), sizes.end(), width) != sizes.end();
    };
    const bool fits = letter == 'b'                    ? one_of({1, 2, 4, 8})
                      : letter == 'i' || letter == 'u' ? one_of({1, 2, 4, 8, 16})
                      : letter == 'f'                  ? one_of({2, 4, 8, 10, 12, 16})
                      : letter == 'c'                  ? one_of({8, 16, 20, 24, 32})
                      : letter == 'm' || letter == 'M' ? one_of({8})
                                                       : true;
    out.known = out.known && fits && !__builtin_mul_overflow(width, letter == 'U' ? 4U * times : times, &out.bytes);
    return out;
  }
  if (rest.empty()) {
    std::uint64_t bytes = letter == 'i' || letter == 'I' || letter == 'f' ? 4 : letter == 'c' ? 1 : 0;
    bool found = bytes != 0 || std::string_view("SaUVmM").find(letter) != std::string_view::npos;
    bytes = letter == 'm' || letter == 'M' ? 8 : bytes;
    for (const auto& [known, size] : kLetters) {
      if (letter == known) {
        bytes = size;
        found = true;
      }
    }
    out.known = out.known && found && !__builtin_mul_overflow(bytes, times, &out.bytes);
    return out;
  }
  out.known = false;
  return out;
}

/// A comma-separated list outside of parentheses is a structure.
Type text_type(std::string_view text) {
  Type out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != ',') {
      depth += text[i] == '(' || text[i] == '[' ? 1 : text[i] == ')' || text[i] == ']' ? -1 : 0;
      continue;
    }
    if (i < text.size() && depth > 0) {
      continue;
    }
    const Type one = plain_type(text.substr(begin, i - begin));
    out.has_objects = out.has_objects || one.has_objects;
    out.known = out.known && one.known && !__builtin_add_overflow(out.bytes, one.bytes, &out.bytes);
    begin = i + 1;
  }
  return out;
}

bool times_shape(const Literal& shape, std::uint64_t& bytes) {
  const auto multiply = [&](const Literal& extent) {
    return extent.kind == Kind::integer && extent.number >= 0 && !extent.too_large &&
           !__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent.number), &bytes);
  };
  if (shape.kind == Kind::integer) {
    return multiply(shape);
  }
  return (shape.kind == Kind::tuple || shape.kind == Kind::list) &&
         std::all_of(shape.items.begin(), shape.items.end(), multiply);
}

/// The literal's own limit on nesting bounds the recursion.
Type type_of(const Literal& description) {
  Type out;
  switch (description.kind) {
    case Kind::text:
      return text_type(description.text);
    case Kind::tuple:  // (type, shape)
      if (description.items.size() != 2) {
        out.known = false;
      }
      if (!description.items.empty()) {
        const bool known = out.known;
        out = type_of(description.items[0]);
        out.known = out.known && known && description.items.size() == 2 && times_shape(description.items[1], out.bytes);
      }
      return out;
    case Kind::list:
      for (const Literal& field : description.items) {
        // (name, type) or (name, type, shape); the name may be (title, name).
        if (field.kind != Kind::tuple || field.items.size() < 2 || field.items.size() > 3) {
          out.known = false;
          const Type inside = type_of(field);
          out.has_objects = out.has_objects || inside.has_objects;
          continue;
        }
        Type one = type_of(field.items[1]);
        one.known = one.known && (field.items.size() == 2 || times_shape(field.items[2], one.bytes)) &&
                    (field.items[0].kind == Kind::text || field.items[0].kind == Kind::tuple);
        out.has_objects = out.has_objects || one.has_objects;
        out.known = out.known && one.known && !__builtin_add_overflow(out.bytes, one.bytes, &out.bytes);
      }
      return out;
    case Kind::dict:  // {'names': …, 'formats': …}: np.dtype takes it, np.save does not write it
      out.known = false;
      for (const Literal& item : description.items) {
        for (const Literal& inner : item.items) {
          out.has_objects = out.has_objects || type_of(inner).has_objects;
        }
      }
      return out;
    default:
      out.known = false;
      return out;
  }
}

}  // namespace

base::Result<Header> parse(base::Bytes content) {
  base::ByteCursor in(content);
  Header header;
  if (base::as_text(TRY(in.take(6, "magic"))) != "\x93NUMPY") {
    return Error{Errc::malformed, "magic: not .npy", 0};
  }
  header.major = TRY(in.le<std::uint8_t>("major version"));
  const auto minor = TRY(in.le<std::uint8_t>("minor version"));
  if (header.major < 1 || header.major > 3 || minor != 0) {
    return Error{Errc::unsupported, "version: " + std::to_string(header.major) + "." + std::to_string(minor), 6};
  }
  const std::uint64_t length =
      header.major == 1 ? TRY(in.le<std::uint16_t>("header length")) : TRY(in.le<std::uint32_t>("header length"));
  if (length > (1U << 20)) {
    return Error{Errc::too_large, "header length: " + std::to_string(length), 8};
  }
  const std::uint64_t text_offset = in.offset();
  header.text = base::as_text(TRY(in.take(length, "header")));
  header.data_offset = in.offset();
  auto literal = parse_literal(header.text);
  if (!literal) {
    // The header is all there, so that nothing is truncated but the literal.
    const Errc code = literal.error().code == Errc::truncated ? Errc::malformed : literal.error().code;
    return Error{code, literal.error().message, text_offset + literal.error().offset};
  }
  if (literal->kind != Kind::dict) {
    return Error{Errc::malformed, "header: no dict", text_offset};
  }
  const Literal* type = nullptr;
  const Literal* shape = nullptr;
  const Literal* order = nullptr;
  for (std::size_t i = 0; i + 1 < literal->items.size(); i += 2) {
    const std::string& key = literal->items[i].text;
    const Literal** slot = key == "descr" ? &type : key == "shape" ? &shape : key == "fortran_order" ? &order : nullptr;
    if (slot == nullptr || literal->items[i].kind != Kind::text) {
      defect(header, "header: key \"" + base::printable(base::abbreviate(key, 60)) + "\" is none of NumPy's");
    } else {
      if (*slot != nullptr) {
        defect(header, "header: key \"" + key + "\" stands twice");
      }
      *slot = &literal->items[i + 1];  // the last one counts, as in Python
    }
  }
  if (type == nullptr || shape == nullptr) {
    return Error{Errc::malformed, "header: no descr or no shape", text_offset};
  }
  if (order == nullptr || order->kind != Kind::boolean) {
    defect(header, "fortran_order: neither True nor False");
  } else {
    header.fortran_order = order->number == 1;
  }
  header.type = header.text.substr(type->begin, type->end - type->begin);
  const Type described = type_of(*type);
  header.has_objects = described.has_objects;
  header.item_bytes = described.bytes;
  if (!described.known) {
    defect(header, "descr: " + base::printable(base::abbreviate(header.type, 80)) + " is no type of NumPy");
  }
  if (shape->kind != Kind::tuple || shape->items.size() > 64) {
    return Error{Errc::malformed, "shape: no tuple of at most 64 whole numbers", text_offset + shape->begin};
  }
  std::uint64_t bytes = described.bytes;
  bool fits = true;
  bool empty = false;
  for (const Literal& extent : shape->items) {
    if (extent.kind != Kind::integer || extent.number < 0 || extent.too_large) {
      defect(header, "shape: an extent is no whole number from 0 to 2^63");
      fits = false;
      continue;
    }
    header.shape.push_back(static_cast<std::uint64_t>(extent.number));
    empty = empty || extent.number == 0;
    fits = fits && !__builtin_mul_overflow(bytes, header.shape.back(), &bytes);
  }
  if (!fits && !empty) {
    defect(header, "shape: more bytes than 2^64");
  } else if (!header.has_objects) {
    header.data_bytes = empty ? 0 : bytes;
  }
  return header;
}

}  // namespace formats::numpy
