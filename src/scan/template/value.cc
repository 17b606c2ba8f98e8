#include "scan/template/value.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "formats/jinja/lexer.h"

namespace scan::abstract {
namespace {

using Kind = Value::Kind;

constexpr std::uint64_t kMaxFormatWork = 16 * kMaxText;

/// Latin letters, and the few others whose other case is one of ASCII.
char32_t lower(char32_t c) {
  const bool capital = (c >= U'A' && c <= U'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
  return capital ? c + 32 : c == 0x212A ? U'k' : c;
}
char32_t upper(char32_t c) {
  const bool small = (c >= U'a' && c <= U'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7);
  return small ? c - 32 : c == 0x17F ? U'S' : c == 0x131 ? U'I' : c;
}
/// Letters that become two or three in capitals, and when case is folded.
std::u32string spread_out(const std::u32string& text) {
  std::u32string out;
  for (const char32_t c : text) {
    switch (c) {
      case 0xDF:
      case 0x1E9E:
        out += U"ss";
        break;
      case 0x17F:
        out += U"s";
        break;
      case 0xFB00:
        out += U"ff";
        break;
      case 0xFB01:
        out += U"fi";
        break;
      case 0xFB02:
        out += U"fl";
        break;
      case 0xFB03:
        out += U"ffi";
        break;
      case 0xFB04:
        out += U"ffl";
        break;
      case 0xFB05:
      case 0xFB06:
        out += U"st";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}
bool is_letter(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}
bool is_blank(char32_t c) {
  return c == U' ' || (c >= U'\t' && c <= U'\r') || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A);
}

Value limited(std::u32string text, Cost& cost) {
  cost.largest = std::max<std::uint64_t>(cost.largest, text.size());
  return text.size() > kMaxText ? make_mixed() : make_text(std::move(text));
}

template <class Change>
Value changed(const Value& subject, Change change) {
  Value out = subject;
  std::transform(out.text.begin(), out.text.end(), out.text.begin(), change);
  return out;
}

std::u32string replaced(const std::u32string& text, const std::u32string& from, const std::u32string& to,
                        std::int64_t count) {
  std::u32string out;
  std::size_t at = 0;
  while (count != 0 && out.size() <= kMaxText) {
    if (from.empty()) {
      out += to;
      if (at >= text.size()) {
        return out;
      }
      out.push_back(text[at++]);
    } else {
      const std::size_t found = text.find(from, at);
      if (found == std::u32string::npos) {
        break;
      }
      out.append(text, at, found - at);
      out += to;
      at = found + from.size();
    }
    --count;
  }
  out.append(text, at, std::u32string::npos);
  return out;
}

std::u32string stripped(const std::u32string& text, const std::u32string* characters, bool left, bool right) {
  std::u32string sorted = characters == nullptr ? std::u32string() : *characters;
  std::sort(sorted.begin(), sorted.end());
  const auto drops = [&](char32_t c) {
    return characters == nullptr ? is_blank(c) : std::binary_search(sorted.begin(), sorted.end(), c);
  };
  std::size_t begin = 0;
  std::size_t end = text.size();
  while (left && begin < end && drops(text[begin])) {
    ++begin;
  }
  while (right && end > begin && drops(text[end - 1])) {
    --end;
  }
  return text.substr(begin, end - begin);
}

std::vector<Value> split(const std::u32string& text, const std::u32string* separator, std::int64_t most, bool right) {
  std::vector<std::u32string> parts;
  if (separator == nullptr) {
    std::size_t at = 0;
    while (at < text.size() && parts.size() < kMaxItems) {
      while (at < text.size() && is_blank(text[at])) {
        ++at;
      }
      std::size_t end = at;
      while (end < text.size() && !is_blank(text[end])) {
        ++end;
      }
      if (end > at) {
        parts.push_back(text.substr(at, end - at));
      }
      at = end;
    }
  } else if (right && most >= 0) {
    std::u32string rest = text;
    while (most-- > 0 && parts.size() < kMaxItems) {
      const std::size_t found = rest.rfind(*separator);
      if (found == std::u32string::npos) {
        break;
      }
      parts.push_back(rest.substr(found + separator->size()));
      rest.resize(found);
    }
    parts.push_back(std::move(rest));
    std::reverse(parts.begin(), parts.end());
  } else {
    std::size_t at = 0;
    for (std::size_t found = text.find(*separator);
         found != std::u32string::npos && most != 0 && parts.size() < kMaxItems; found = text.find(*separator, at)) {
      parts.push_back(text.substr(at, found - at));
      at = found + separator->size();
      --most;
    }
    parts.push_back(text.substr(at));
  }
  std::vector<Value> out;
  for (std::u32string& part : parts) {
    out.push_back(make_text(std::move(part)));
  }
  return out;
}

/// Whether looking for `part` in `text` may take as many comparisons as the two together have code points, squared.
bool is_long_search(const std::u32string& text, const std::u32string& part) {
  constexpr std::size_t kMostComparisons = 1U << 22;
  return part.size() > 1 && text.size() * part.size() > kMostComparisons;
}

/// The characters of a text, the elements of a list, the keys of a dict.
std::optional<std::vector<Value>> elements(const Value& value) {
  std::vector<Value> out;
  if (value.is(Kind::list)) {
    return value.items;
  }
  if (value.is(Kind::dict)) {
    for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
      out.push_back(value.items[i]);
    }
    return out;
  }
  if (value.is_whole_text() && value.text.size() <= kMaxItems) {
    for (const char32_t c : value.text) {
      out.push_back(make_text(std::u32string(1, c)));
    }
    return out;
  }
  return std::nullopt;
}

std::optional<std::u32string> number_text(const Value& value, int base) {
  if (!value.is(Kind::integer) && !value.is(Kind::boolean)) {
    return std::nullopt;
  }
  std::u32string out;
  auto magnitude =
      value.number < 0 ? 0 - static_cast<std::uint64_t>(value.number) : static_cast<std::uint64_t>(value.number);
  do {
    out.insert(out.begin(), U"0123456789abcdef"[magnitude % static_cast<unsigned>(base)]);
    magnitude /= static_cast<unsigned>(base);
  } while (magnitude != 0);
  if (value.number < 0) {
    out.insert(out.begin(), U'-');
  }
  return out;
}

/// What a conversion letter makes of a value, for both kinds of formats.
std::optional<std::u32string> formatted(char32_t letter, const Value& value) {
  if (letter == U'c') {
    if (value.is(Kind::integer) && value.number >= 0 && value.number < 0x110000) {
      return std::u32string(1, static_cast<char32_t>(value.number));
    }
    return value.is_text() ? std::optional(value.text) : std::nullopt;
  }
  if (letter == U'd' || letter == U'i' || letter == U'u') {
    return number_text(value, 10);
  }
  if (letter == U'x' || letter == U'o' || letter == U'b' || letter == U'X') {
    auto out = number_text(value, letter == U'o' ? 8 : letter == U'b' ? 2 : 16);
    if (out && letter == U'X') {
      std::transform(out->begin(), out->end(), out->begin(), upper);
    }
    return out;
  }
  const Value text = as_text(value);
  return text.is_text() ? std::optional(text.text) : std::nullopt;
}

std::u32string padded(std::u32string text, std::uint64_t width, bool left_aligned) {
  if (text.size() < width && width <= kMaxText) {
    text.insert(left_aligned ? text.size() : 0, width - text.size(), U' ');
  }
  return text;
}

std::optional<Value> repeated(const Value& what, std::int64_t times, Cost& cost) {
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(times, 0));
  const std::uint64_t size = what.is_text() ? what.text.size() : what.items.size();
  std::uint64_t total = 0;
  if (__builtin_mul_overflow(size, count, &total)) {
    total = UINT64_MAX;
  }
  cost.largest = std::max(cost.largest, total);
  if (total > (what.is_text() ? kMaxText : kMaxItems) || (!what.is_text() && weight(what) * count > kMaxWeight)) {
    return make_mixed();
  }
  Value out = what;
  out.text.clear();
  out.items.clear();
  for (std::uint64_t i = 0; size > 0 && i < count; ++i) {
    out.text += what.text;
    out.items.insert(out.items.end(), what.items.begin(), what.items.end());
  }
  return out;
}

std::optional<Value> apply_to_text(std::string_view name, const Value& subject, const std::vector<Value>& arguments,
                                   Cost& cost);

std::optional<Value> apply_to_list(std::string_view name, const Value& subject, const std::vector<Value>& arguments) {
  const auto listed = elements(subject);
  if (!listed) {
    return std::nullopt;
  }
  std::vector<Value> items = *listed;
  if (name == "list" || name == "select" || name == "reject" || name == "copy" || name == "keys") {
    return make_list(std::move(items));
  }
  if (name == "unique" && items.size() <= 500) {
    std::vector<Value> out;
    for (const Value& one : items) {
      if (std::find(out.begin(), out.end(), one) == out.end()) {
        out.push_back(one);
      }
    }
    return make_list(std::move(out));
  }
  if (name == "values" && subject.is(Kind::dict)) {
    std::vector<Value> out;
    for (std::size_t i = 1; i < subject.items.size(); i += 2) {
      out.push_back(subject.items[i]);
    }
    return make_list(std::move(out));
  }
  if ((name == "items" || (name == "dictsort" && arguments.empty())) && subject.is(Kind::dict)) {
    std::vector<Value> out;
    for (std::size_t i = 0; i + 1 < subject.items.size(); i += 2) {
      out.push_back(make_list({subject.items[i], subject.items[i + 1]}));
    }
    if (name == "dictsort") {
      const auto folded = [](const Value& pair) {
        std::u32string text = pair.items[0].text;
        std::transform(text.begin(), text.end(), text.begin(), lower);
        return text;
      };
      std::stable_sort(out.begin(), out.end(), [&](const Value& a, const Value& b) { return folded(a) < folded(b); });
    }
    return make_list(std::move(out));
  }
  if (name == "dictsort") {
    return std::nullopt;
  }
  if (name == "first" || name == "last") {
    return items.empty() ? make_data() : name == "first" ? items.front() : items.back();
  }
  if (name == "random" || name == "min" || name == "max" || name == "pop" || name == "popitem") {
    if (name == "pop" && arguments.size() == 1) {
      return item(subject, arguments[0]);
    }
    if (name == "pop") {
      return items.empty() ? make_data() : items.back();
    }
    Value out = items.empty() ? make_data() : items.front();
    for (const Value& one : items) {
      out = join(out, one);
    }
    return out;
  }
  if (name == "reverse") {
    std::reverse(items.begin(), items.end());
    return make_list(std::move(items));
  }
  if (name == "sort") {
    if (items.size() > 500 ||
        !std::all_of(items.begin(), items.end(), [](const Value& one) { return one.is_whole_text(); })) {
      return std::nullopt;
    }
    const bool backwards = !arguments.empty() && arguments[0].is(Kind::boolean) && arguments[0].number == 1;
    std::stable_sort(items.begin(), items.end(), [&](const Value& a, const Value& b) {
      const auto folded = [](std::u32string text) {
        std::transform(text.begin(), text.end(), text.begin(), lower);
        return text;
      };
      return backwards ? folded(b.text) < folded(a.text) : folded(a.text) < folded(b.text);
    });
    return make_list(std::move(items));
  }
  if (name == "length" || name == "count") {
    return make_integer(static_cast<std::int64_t>(items.size()));
  }
  if (name == "join") {
    std::vector<Value> parts;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0 && !arguments.empty()) {
        parts.push_back(arguments[0]);
      }
      parts.push_back(items[i]);
    }
    return concat(parts);
  }
  if (name == "sum") {
    std::int64_t total = 0;
    for (const Value& one : items) {
      if (!one.is(Kind::integer) || __builtin_add_overflow(total, one.number, &total)) {
        return std::nullopt;
      }
    }
    return make_integer(total);
  }
  if (name == "get" && subject.is(Kind::dict) && !arguments.empty()) {
    if (auto found = item(subject, arguments[0])) {
      return found;
    }
    return arguments.size() > 1 ? arguments[1] : make_data();
  }
  return std::nullopt;
}

std::optional<Value> apply_to_text(std::string_view name, const Value& subject, const std::vector<Value>& arguments,
                                   Cost& cost) {
  const std::u32string& text = subject.text;
  if (name != "join" && std::any_of(arguments.begin(), arguments.end(),
                                    [](const Value& one) { return !is_constant(one) && !one.is_text(); })) {
    return std::nullopt;
  }
  const auto text_argument = [&](std::size_t index) -> const std::u32string* {
    return index < arguments.size() && arguments[index].is_text() ? &arguments[index].text : nullptr;
  };
  const auto number_argument = [&](std::size_t index, std::int64_t otherwise) {
    return index < arguments.size() && arguments[index].is(Kind::integer) ? arguments[index].number : otherwise;
  };
  constexpr std::string_view kSearches[] = {"replace",    "split", "rsplit", "splitlines", "partition",
                                            "rpartition", "count", "find",   "rfind",      "index"};
  if (text_argument(0) != nullptr && is_long_search(text, *text_argument(0)) &&
      std::find(std::begin(kSearches), std::end(kSearches), name) != std::end(kSearches)) {
    return std::nullopt;
  }
  if (name == "lower") {
    return changed(subject, lower);
  }
  if (name == "casefold" || name == "upper") {
    return changed(make_text(spread_out(text)), name == "upper" ? upper : lower);
  }
  if (name == "|title") {
    Value out = changed(subject, lower);
    bool begins = true;
    for (char32_t& c : out.text) {
      const bool divides = is_blank(c) || c == U'-' || c == U'(' || c == U'{' || c == U'[' || c == U'<';
      c = begins && !divides ? upper(c) : c;
      begins = divides;
    }
    return out;
  }
  if (name == "swapcase") {
    return changed(subject, [](char32_t c) { return lower(c) == c ? upper(c) : lower(c); });
  }
  if (name == "capitalize") {
    Value out = changed(subject, lower);
    if (!out.text.empty()) {
      out.text[0] = upper(out.text[0]);
    }
    return out;
  }
  if (name == "title") {
    Value out = subject;
    bool inside = false;
    for (char32_t& c : out.text) {
      c = inside ? lower(c) : upper(c);
      inside = is_letter(c) || (c >= U'0' && c <= U'9') || c == U'\'';
    }
    return out;
  }
  if (name == "safe" || name == "string" || name == "encode" || name == "decode" || name == "striptags" ||
      name == "__str__") {
    if (name == "striptags" && text.find_first_of(U"<&") != std::u32string::npos) {
      return std::nullopt;
    }
    return subject;
  }
  if (name == "escape" || name == "e" || name == "forceescape") {
    Value out = subject;
    constexpr std::pair<std::u32string_view, std::u32string_view> kEscapes[] = {
        {U"&", U"&amp;"}, {U"<", U"&lt;"}, {U">", U"&gt;"}, {U"'", U"&#39;"}, {U"\"", U"&#34;"}};
    for (const auto& [from, to] : kEscapes) {
      out.text = replaced(out.text, std::u32string(from), std::u32string(to), -1);
    }
    return limited(std::move(out.text), cost);
  }
  if (name == "reverse") {
    Value out = subject;
    std::reverse(out.text.begin(), out.text.end());
    return out;
  }
  if (name == "trim" || name == "strip" || name == "lstrip" || name == "rstrip") {
    return make_text(stripped(text, text_argument(0), name != "rstrip", name != "lstrip"));
  }
  if (name == "replace" && arguments.size() >= 2 && text_argument(0) != nullptr) {
    const Value to = as_text(arguments[1]);
    if (!to.is_text()) {
      return std::nullopt;
    }
    return limited(replaced(text, *text_argument(0), to.text, number_argument(2, -1)), cost);
  }
  if (name == "removeprefix" && text_argument(0) != nullptr) {
    return make_text(text.starts_with(*text_argument(0)) ? text.substr(text_argument(0)->size()) : text);
  }
  if (name == "removesuffix" && text_argument(0) != nullptr) {
    return make_text(text.ends_with(*text_argument(0)) ? text.substr(0, text.size() - text_argument(0)->size()) : text);
  }
  if (name == "split" || name == "rsplit" || name == "splitlines") {
    if (name == "splitlines") {
      const std::u32string line(1, U'\n');
      return make_list(split(text, &line, -1, false));
    }
    const std::u32string* separator = text_argument(0);
    if (separator != nullptr && separator->empty()) {
      return std::nullopt;
    }
    return make_list(split(text, separator, number_argument(1, -1), name == "rsplit"));
  }
  if ((name == "partition" || name == "rpartition") && text_argument(0) != nullptr) {
    const std::u32string& separator = *text_argument(0);
    const std::size_t found = name == "partition" ? text.find(separator) : text.rfind(separator);
    if (found == std::u32string::npos) {
      return make_list({subject, make_text(U""), make_text(U"")});
    }
    return make_list(
        {make_text(text.substr(0, found)), make_text(separator), make_text(text.substr(found + separator.size()))});
  }
  if (name == "center" || name == "ljust" || name == "rjust" || name == "zfill") {
    const std::int64_t width = number_argument(0, name == "center" ? 80 : 0);
    cost.largest = std::max(cost.largest, static_cast<std::uint64_t>(std::max<std::int64_t>(width, 0)));
    if (subject.has_holes() || width > static_cast<std::int64_t>(kMaxText)) {
      return std::nullopt;
    }
    std::u32string fill = text_argument(1) != nullptr ? *text_argument(1) : name == "zfill" ? U"0" : U" ";
    const auto wide = static_cast<std::size_t>(std::max<std::int64_t>(width, 0));
    if (fill.size() != 1 || text.size() >= wide) {
      return subject;
    }
    const std::size_t missing = wide - text.size();
    const std::size_t before = name == "ljust" ? 0 : name == "center" ? missing / 2 + (missing & wide & 1) : missing;
    return make_text(std::u32string(before, fill[0]) + text + std::u32string(missing - before, fill[0]));
  }
  if (name == "indent" || name == "expandtabs" || name == "wordwrap" || name == "truncate") {
    cost.largest =
        std::max(cost.largest,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(name == "indent" ? number_argument(0, 0) : 0, 0)));
    if (name == "indent" && text.find(U'\n') == std::u32string::npos && arguments.size() <= 1) {
      return subject;
    }
    if (name == "truncate" && !subject.has_holes() && text.size() <= 255 && arguments.empty()) {
      return subject;
    }
    return std::nullopt;
  }
  if (name == "join" && arguments.size() == 1) {  // the method: the separator is the subject
    const auto parts = elements(arguments[0]);
    return parts ? apply_to_list("join", make_list(*parts), {subject}) : std::nullopt;
  }
  if (subject.has_holes()) {
    return std::nullopt;
  }
  if (name == "length" || name == "count" || name == "wordcount" || name == "find" || name == "index" ||
      name == "rfind") {
    if (arguments.empty() && (name == "length" || name == "count")) {
      return make_integer(static_cast<std::int64_t>(text.size()));
    }
    if ((name == "find" || name == "index" || name == "rfind") && text_argument(0) != nullptr) {
      const std::size_t at = name == "rfind" ? text.rfind(*text_argument(0)) : text.find(*text_argument(0));
      return make_integer(at == std::u32string::npos ? -1 : static_cast<std::int64_t>(at));
    }
    return std::nullopt;
  }
  if (name == "int") {
    std::int64_t value = 0;
    const std::int64_t base = number_argument(1, 10);
    const std::string digits = base::to_lower(to_utf8(stripped(text, nullptr, true, true)));
    char* end = nullptr;
    value = std::strtoll(digits.c_str(), &end, base >= 2 && base <= 36 ? static_cast<int>(base) : 10);
    return make_integer(end != nullptr && *end == '\0' && !digits.empty() ? value : number_argument(0, 0));
  }
  if (name == "tojson" && text.find_first_of(U"<>&'\"\\\n\t") == std::u32string::npos) {
    return make_text(U"\"" + text + U"\"");
  }
  if (name == "urlencode") {
    for (const char32_t c : text) {
      if (!is_letter(c) && !(c >= U'0' && c <= U'9') && c != U'_' && c != U'.' && c != U'-' && c != U'/' && c != U'~') {
        return std::nullopt;
      }
    }
    return subject;
  }
  if (name == "startswith" && text_argument(0) != nullptr) {
    return make_boolean(text.starts_with(*text_argument(0)));
  }
  if (name == "endswith" && text_argument(0) != nullptr) {
    return make_boolean(text.ends_with(*text_argument(0)));
  }
  return apply_to_list(name, subject, arguments);
}

}  // namespace

std::size_t weight(const Value& value) {
  std::size_t out = 1 + value.text.size() / 16;
  for (const Value& one : value.items) {
    if (out > 2 * kMaxWeight) {
      break;
    }
    out += weight(one);
  }
  return out;
}

Value make_data(std::string origin) {
  Value out;
  out.name = std::move(origin);
  return out;
}
Value make_mixed() {
  Value out;
  out.kind = Kind::mixed;
  return out;
}
Value make_text(std::u32string text) {
  Value out;
  out.kind = Kind::text;
  out.text = std::move(text);
  return out;
}
Value make_text(std::string_view utf8) {
  return make_text(from_utf8(utf8));
}
Value make_integer(std::int64_t number) {
  Value out;
  out.kind = Kind::integer;
  out.number = number;
  return out;
}
Value make_boolean(bool value) {
  Value out;
  out.kind = Kind::boolean;
  out.number = value ? 1 : 0;
  return out;
}
Value make_list(std::vector<Value> items) {
  Value out;
  out.kind = Kind::list;
  out.items = std::move(items);
  return out;
}
Value make_object(std::string name) {
  Value out;
  out.kind = Kind::object;
  out.name = std::move(name);
  return out;
}

std::u32string from_utf8(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    char32_t value = more == 0 ? lead : lead & (0x3FU >> more);
    if (i + more >= text.size()) {
      out.push_back(0xFFFD);
      break;
    }
    for (std::size_t k = 1; k <= more; ++k) {
      value = value << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    out.push_back(value > 0x10FFFF ? 0xFFFD : value);
    i += more + 1;
  }
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    if (c == kHole) {
      out += "…";
    } else {
      formats::jinja::append_utf8(out, c);
    }
  }
  return out;
}

Value join(const Value& a, const Value& b) {
  if (a == b) {
    return a;
  }
  const std::span<const Value> first = alternatives(a);
  std::vector<Value> all(first.begin(), first.end());
  for (const Value& one : alternatives(b)) {
    if (std::find(all.begin(), all.end(), one) == all.end()) {
      all.push_back(one);
    }
  }
  if (all.size() > kMaxAlternatives) {
    // Pieces of the names that lead anywhere begin or end with underscores; many other words are keys of data.
    const bool texts = std::any_of(all.begin(), all.end(), [](const Value& one) {
      return one.is(Kind::mixed) || one.is(Kind::list) ||
             (one.is_text() && (one.text.starts_with(U'_') || one.text.ends_with(U'_')));
    });
    return texts ? make_mixed() : make_data();
  }
  if (all.size() == 1) {
    return all.front();
  }
  Value out;
  out.kind = Kind::choice;
  out.items = std::move(all);
  return out;
}

bool is_constant(const Value& value) {
  switch (value.kind) {
    case Kind::text:
      return !value.has_holes();
    case Kind::integer:
    case Kind::real:
    case Kind::boolean:
    case Kind::none:
      return true;
    case Kind::list:
    case Kind::dict:
      return std::all_of(value.items.begin(), value.items.end(), is_constant);
    default:
      return false;
  }
}

Value as_text(const Value& value) {
  switch (value.kind) {
    case Kind::text:
      return value;
    case Kind::integer:
      return make_text(*number_text(value, 10));
    case Kind::boolean:
      return make_text(value.number == 1 ? U"True" : U"False");
    case Kind::none:
      return make_text(U"None");
    case Kind::data:
      return make_text(std::u32string(1, kHole));
    case Kind::list: {
      std::u32string out = U"[";
      for (const Value& one : value.items) {
        const Value text = as_text(one);
        if (!text.is_text() || out.size() > kMaxText) {
          return make_mixed();
        }
        out += out.size() > 1 ? U", " : U"";
        out += one.is_text() ? U"'" + text.text + U"'" : text.text;
      }
      return make_text(out + U"]");
    }
    case Kind::choice: {
      Value out = as_text(value.items.front());
      for (const Value& one : value.items) {
        out = join(out, as_text(one));
      }
      return out;
    }
    default:
      return make_mixed();
  }
}

std::optional<bool> truth(const Value& value) {
  switch (value.kind) {
    case Kind::text:
      return value.has_holes() ? std::nullopt : std::optional(!value.text.empty());
    case Kind::integer:
    case Kind::boolean:
      return value.number != 0;
    case Kind::none:
      return false;
    case Kind::list:
    case Kind::dict:
      return !value.items.empty();
    default:
      return std::nullopt;
  }
}

std::optional<Value> binary(std::string_view op, const Value& left, const Value& right, Cost& cost) {
  const bool numbers =
      (left.is(Kind::integer) || left.is(Kind::boolean)) && (right.is(Kind::integer) || right.is(Kind::boolean));
  if (op == "+") {
    if (left.is_text() && right.is_text()) {
      return limited(left.text + right.text, cost);
    }
    if (left.is(Kind::list) && right.is(Kind::list) && left.items.size() + right.items.size() <= kMaxItems) {
      Value out = left;
      out.items.insert(out.items.end(), right.items.begin(), right.items.end());
      return out;
    }
    if ((left.is_text() && right.is(Kind::data)) || (left.is(Kind::data) && right.is_text())) {
      return concat({left, right});
    }
  }
  if (op == "%" && left.is_text()) {
    return percent_format(left.text, right, cost);
  }
  if (op == "*") {
    if ((left.is_text() || left.is(Kind::list)) && right.is(Kind::integer)) {
      return repeated(left, right.number, cost);
    }
    if ((right.is_text() || right.is(Kind::list)) && left.is(Kind::integer)) {
      return repeated(right, left.number, cost);
    }
  }
  if (!numbers) {
    return std::nullopt;
  }
  std::int64_t out = 0;
  const std::int64_t a = left.number;
  const std::int64_t b = right.number;
  if (op == "+" && !__builtin_add_overflow(a, b, &out)) {
    return make_integer(out);
  }
  if (op == "-" && !__builtin_sub_overflow(a, b, &out)) {
    return make_integer(out);
  }
  if (op == "*" && !__builtin_mul_overflow(a, b, &out)) {
    return make_integer(out);
  }
  if (op == "**" && b >= 0) {
    const double digits = static_cast<double>(b) * std::log10(std::abs(static_cast<double>(a)) + 1);
    cost.largest = std::max(cost.largest, static_cast<std::uint64_t>(std::min(digits, 1e18)));
    if (a == 0) {
      return make_integer(b == 0 ? 1 : 0);
    }
    if (digits >= 20) {
      return std::nullopt;
    }
    out = 1;  // of bases from two on there are fewer than 67 rounds
    for (std::int64_t i = 0; i < b; ++i) {
      if (__builtin_mul_overflow(out, a, &out)) {
        return std::nullopt;
      }
    }
    return make_integer(out);
  }
  if ((op == "//" || op == "%") && b != 0 && !(a == INT64_MIN && b == -1)) {
    std::int64_t quotient = a / b;
    std::int64_t rest = a % b;
    if (rest != 0 && (rest < 0) != (b < 0)) {
      --quotient;
      rest += b;
    }
    return make_integer(op == "//" ? quotient : rest);
  }
  return std::nullopt;
}

std::optional<bool> compare(std::string_view op, const Value& left, const Value& right) {
  if (!is_constant(left) || !is_constant(right)) {
    return std::nullopt;
  }
  if (op == "in" || op == "notin") {
    bool found = false;
    if (left.is_text() && right.is_text()) {
      if (is_long_search(right.text, left.text)) {
        return std::nullopt;
      }
      found = right.text.find(left.text) != std::u32string::npos;
    } else if (const auto all = elements(right); all && !right.is_text()) {
      found = std::find(all->begin(), all->end(), left) != all->end();
    } else {
      return std::nullopt;
    }
    return found == (op == "in");
  }
  const bool integers = left.is(Kind::integer) && right.is(Kind::integer);
  const bool texts = left.is_text() && right.is_text();
  if (op == "==" || op == "!=") {
    if (!integers && !texts) {
      return std::nullopt;
    }
    return (left == right) == (op == "==");
  }
  if (!integers && !texts) {
    return std::nullopt;
  }
  const auto order = integers ? left.number <=> right.number : left.text <=> right.text;
  return op == "<" ? order < 0 : op == "<=" ? order <= 0 : op == ">" ? order > 0 : order >= 0;
}

Value concat(const std::vector<Value>& parts) {
  std::vector<std::u32string> made{U""};
  for (const Value& part : parts) {
    const Value written = as_text(part);
    const std::span<const Value> all = alternatives(written);
    if (all.size() == 1 && all[0].is_text()) {
      for (std::u32string& one : made) {
        one += all[0].text;
        if (one.size() > kMaxText) {
          return make_mixed();
        }
      }
      continue;
    }
    std::vector<std::u32string> next;
    for (const std::u32string& begin : made) {
      for (const Value& one : all) {
        if (!one.is_text() || begin.size() + one.text.size() > kMaxText || next.size() >= 2 * kMaxAlternatives) {
          return make_mixed();
        }
        next.push_back(begin + one.text);
      }
    }
    made = std::move(next);
  }
  Value out = make_text(made.front());
  for (const std::u32string& one : made) {
    out = join(out, make_text(one));
  }
  return out;
}

std::optional<Value> item(const Value& container, const Value& key) {
  if (key.is(Kind::integer)) {
    if (const auto all = elements(container); all && !container.is(Kind::dict)) {
      const auto size = static_cast<std::int64_t>(all->size());
      const std::int64_t index = key.number < 0 ? key.number + size : key.number;
      return index >= 0 && index < size ? (*all)[static_cast<std::size_t>(index)] : make_data();
    }
  }
  if (container.is(Kind::dict)) {
    for (std::size_t i = 0; i + 1 < container.items.size(); i += 2) {
      if (container.items[i] == key) {
        return container.items[i + 1];
      }
    }
  }
  return std::nullopt;
}

std::optional<Value> slice(const Value& container, const Value& start, const Value& stop, const Value& step) {
  if (container.is(Kind::dict) || !(container.is_whole_text() || container.is(Kind::list))) {
    return std::nullopt;
  }
  for (const Value* one : {&start, &stop, &step}) {
    if (!one->is(Kind::integer) && !one->is(Kind::none)) {
      return std::nullopt;
    }
  }
  const auto size = static_cast<std::int64_t>(container.is_text() ? container.text.size() : container.items.size());
  const std::int64_t by = step.is(Kind::integer) ? step.number : 1;
  if (by == 0) {
    return std::nullopt;
  }
  const auto clamp = [&](const Value& bound, std::int64_t otherwise) {
    if (!bound.is(Kind::integer)) {
      return otherwise;
    }
    const std::int64_t at = bound.number < 0 ? std::max<std::int64_t>(bound.number, -size - 1) + size : bound.number;
    return by > 0 ? std::clamp<std::int64_t>(at, 0, size) : std::clamp<std::int64_t>(at, -1, size - 1);
  };
  const std::int64_t from = clamp(start, by > 0 ? 0 : size - 1);
  const std::int64_t to = clamp(stop, by > 0 ? size : -1);
  Value out = container;
  out.text.clear();
  out.items.clear();
  for (std::int64_t at = from; by > 0 ? at < to : at > to;) {
    if (container.is_text()) {
      out.text.push_back(container.text[static_cast<std::size_t>(at)]);
    } else {
      out.items.push_back(container.items[static_cast<std::size_t>(at)]);
    }
    if (__builtin_add_overflow(at, by, &at)) {
      break;
    }
  }
  return out;
}

std::optional<Value> apply(std::string_view name, const Value& subject, const std::vector<Value>& arguments,
                           Cost& cost) {
  if (name == "default" || name == "d") {
    return subject.is(Kind::data) && !arguments.empty() ? join(subject, arguments[0]) : subject;
  }
  if (subject.is_text()) {
    if (name == "format") {
      return std::nullopt;  // %-formatting as a filter, braces as a method: the caller knows which
    }
    return apply_to_text(name, subject, arguments, cost);
  }
  if (name == "string") {
    return as_text(subject);
  }
  if ((name == "int" || name == "abs" || name == "round") && subject.is(Kind::integer)) {
    return make_integer(name == "abs" && subject.number != INT64_MIN ? std::abs(subject.number) : subject.number);
  }
  if (subject.is(Kind::integer) || subject.is(Kind::boolean) || subject.is(Kind::none)) {
    constexpr std::string_view kTextFilters[] = {"upper", "lower", "trim", "|title", "capitalize", "replace", "center"};
    if (std::find(std::begin(kTextFilters), std::end(kTextFilters), name) != std::end(kTextFilters)) {
      return apply_to_text(name, as_text(subject), arguments, cost);
    }
  }
  return apply_to_list(name, subject, arguments);
}

std::optional<Value> percent_format(const std::u32string& format, const Value& arguments, Cost& cost) {
  const std::vector<Value> values = arguments.is(Kind::list) ? arguments.items : std::vector<Value>{arguments};
  std::u32string out;
  std::uint64_t work = 0;  // what was looked at or made, and then cut off
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (work > kMaxFormatWork) {
      return std::nullopt;
    }
    if (format[i] != U'%') {
      out.push_back(format[i]);
      continue;
    }
    if (++i >= format.size()) {
      return std::nullopt;
    }
    const Value* named = nullptr;
    Value found;
    if (format[i] == U'(') {
      const std::size_t close = format.find(U')', i);
      if (close == std::u32string::npos) {
        return std::nullopt;
      }
      const auto member = item(arguments, make_text(format.substr(i + 1, close - i - 1)));
      work += arguments.items.size();
      found = member ? *member : make_data();
      named = &found;
      i = close + 1;
    }
    bool left_aligned = false;
    while (i < format.size() &&
           (format[i] == U'-' || format[i] == U'0' || format[i] == U'+' || format[i] == U' ' || format[i] == U'#')) {
      left_aligned = left_aligned || format[i] == U'-';
      ++i;
    }
    const auto take = [&]() -> const Value* { return next < values.size() ? &values[next++] : nullptr; };
    const auto width_at = [&]() -> std::optional<std::uint64_t> {
      std::uint64_t width = 0;
      if (i < format.size() && format[i] == U'*') {
        const Value* value = take();
        ++i;
        if (value == nullptr || !value->is(Kind::integer)) {
          return std::nullopt;
        }
        return value->number < 0 ? 0 - static_cast<std::uint64_t>(value->number)
                                 : static_cast<std::uint64_t>(value->number);
      }
      for (; i < format.size() && format[i] >= U'0' && format[i] <= U'9'; ++i) {
        width = std::min<std::uint64_t>(width * 10 + (format[i] - U'0'), 1ULL << 40);
      }
      return width;
    };
    const auto width = width_at();
    std::optional<std::uint64_t> precision = UINT64_MAX;
    if (i < format.size() && format[i] == U'.') {
      ++i;
      precision = width_at();
    }
    if (!width || !precision || i >= format.size()) {
      return std::nullopt;
    }
    cost.largest = std::max(cost.largest, *width);
    if (*precision != UINT64_MAX) {
      cost.largest = std::max(cost.largest, format[i] == U's' ? 0 : *precision);
    }
    if (format[i] == U'%') {
      out.push_back(U'%');
      continue;
    }
    const Value* value = named != nullptr ? named : take();
    if (value == nullptr) {
      return std::nullopt;
    }
    auto text = formatted(format[i], *value);
    if (!text || *width > kMaxText) {
      return std::nullopt;
    }
    work += text->size();
    if (*precision < text->size() && (format[i] == U's' || format[i] == U'r')) {
      text->resize(*precision);
    }
    out += padded(std::move(*text), *width, left_aligned);
    if (out.size() > kMaxText) {
      return make_mixed();
    }
  }
  return limited(std::move(out), cost);
}

std::optional<Value> brace_format(const std::u32string& format, const std::vector<Value>& arguments,
                                  const std::vector<std::pair<std::string, Value>>& keywords, Cost& cost) {
  std::u32string out;
  std::uint64_t work = 0;  // what was looked at or made, and then cut off
  std::size_t automatic = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (work > kMaxFormatWork) {
      return std::nullopt;
    }
    const char32_t c = format[i];
    if (c == U'}') {
      ++i;
      out.push_back(U'}');
      continue;
    }
    if (c != U'{') {
      out.push_back(c);
      continue;
    }
    if (i + 1 < format.size() && format[i + 1] == U'{') {
      out.push_back(U'{');
      ++i;
      continue;
    }
    const std::size_t close = format.find(U'}', i);
    if (close == std::u32string::npos) {
      return std::nullopt;
    }
    const std::u32string field = format.substr(i + 1, close - i - 1);
    i = close;
    if (field.find(U'{') != std::u32string::npos) {
      return std::nullopt;  // nested
    }
    const std::size_t colon = field.find(U':');
    std::u32string name = field.substr(0, colon);
    const std::u32string spec = colon == std::u32string::npos ? U"" : field.substr(colon + 1);
    if (const std::size_t bang = name.find(U'!'); bang != std::u32string::npos) {
      name.resize(bang);
    }
    if (name.find_first_of(U".[") != std::u32string::npos) {
      return std::nullopt;
    }
    const Value* value = nullptr;
    if (name.empty()) {
      value = automatic < arguments.size() ? &arguments[automatic] : nullptr;
      ++automatic;
    } else if (name[0] >= U'0' && name[0] <= U'9') {
      std::size_t index = 0;
      for (const char32_t digit : name) {
        index = std::min<std::size_t>(index * 10 + (digit - U'0'), 1'000'000);
      }
      value = index < arguments.size() ? &arguments[index] : nullptr;
    } else {
      const std::string wanted = to_utf8(name);
      for (const auto& [keyword, one] : keywords) {
        value = keyword == wanted ? &one : value;
      }
      work += keywords.size();
    }
    if (value == nullptr) {
      return std::nullopt;
    }
    // [[fill]align][sign][#][0][width][,][.precision][type]
    std::size_t at = 0;
    char32_t fill = U' ';
    char32_t align = U'\0';
    const auto aligns = [&](std::size_t index) {
      return index < spec.size() && std::u32string_view(U"<>^=").find(spec[index]) != std::u32string_view::npos;
    };
    if (aligns(1)) {
      fill = spec[0];
      align = spec[1];
      at = 2;
    } else if (aligns(0)) {
      align = spec[0];
      at = 1;
    }
    while (at < spec.size() && std::u32string_view(U"+- #0").find(spec[at]) != std::u32string_view::npos) {
      fill = spec[at] == U'0' ? U'0' : fill;
      ++at;
    }
    const auto digits = [&](std::uint64_t otherwise) {
      std::uint64_t number = otherwise;
      for (bool first = true; at < spec.size() && spec[at] >= U'0' && spec[at] <= U'9'; ++at, first = false) {
        number = std::min<std::uint64_t>((first ? 0 : number) * 10 + (spec[at] - U'0'), 1ULL << 40);
      }
      return number;
    };
    const std::uint64_t width = digits(0);
    std::uint64_t precision = UINT64_MAX;
    if (at < spec.size() && spec[at] == U'.') {
      ++at;
      precision = digits(UINT64_MAX);
    }
    char32_t letter = at < spec.size() ? spec[at++] : value->is(Kind::integer) ? U'd' : U's';
    cost.largest = std::max(cost.largest, width);
    if (at != spec.size() || (letter == U's' && !spec.empty() && !value->is_text())) {
      return std::nullopt;
    }
    auto text = formatted(letter, *value);
    if (!text || width > kMaxText || (precision != UINT64_MAX && letter != U's') ||
        (text->find(kHole) != std::u32string::npos && !spec.empty())) {
      return std::nullopt;
    }
    work += text->size();
    if (precision < text->size()) {
      text->resize(precision);
    }
    const std::size_t missing = width > text->size() ? static_cast<std::size_t>(width) - text->size() : 0;
    const bool left_aligned = align == U'<' || (align == U'\0' && value->is_text());
    const std::size_t before = align == U'^' ? missing / 2 : left_aligned ? 0 : missing;
    out += std::u32string(before, fill) + *text + std::u32string(missing - before, fill);
    if (out.size() > kMaxText) {
      return make_mixed();
    }
  }
  return limited(std::move(out), cost);
}

std::vector<std::u32string> format_names(const std::u32string& format) {
  std::vector<std::u32string> out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != U'{') {
      continue;
    }
    // Up to the field's end; nested fields lie in the part behind the colon, and are met by the outer loop.
    std::u32string name;
    bool inside = false;
    for (++i; i < format.size() && format[i] != U'}' && format[i] != U':' && format[i] != U'{'; ++i) {
      const char32_t c = format[i];
      if (c == U'.' || c == U'[' || c == U']' || c == U'!') {
        if (inside && !name.empty()) {
          out.push_back(name);
        }
        name.clear();
        inside = c != U'!';
      } else {
        name.push_back(c);
      }
    }
    if (inside && !name.empty()) {
      out.push_back(name);
    }
  }
  return out;
}

}  // namespace scan::abstract
