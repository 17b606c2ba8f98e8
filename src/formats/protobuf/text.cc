#include "formats/protobuf/text.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace formats::protobuf {
namespace {

using base::Errc;
using base::Error;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// The few values of enumerations that something depends on.
std::uint64_t enumeration(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint64_t> kValues[] = {
      {"true", 1},      {"t", 1},        {"True", 1},     {"EXTERNAL", 1}, {"DT_FLOAT", 1},
      {"DT_DOUBLE", 2}, {"DT_INT32", 3}, {"DT_UINT8", 4}, {"DT_INT16", 5}, {"DT_INT8", 6},
      {"DT_STRING", 7}, {"DT_INT64", 9}, {"DT_BOOL", 10}, {"DT_HALF", 19}};
  for (const auto& [known, value] : kValues) {
    if (known == name) {
      return value;
    }
  }
  return 0;
}

struct Level {
  const MessageSpec* type = nullptr;  // nothing within fields that the schema does not have
  const FieldSpec* field = nullptr;   // that opened it
  char closing = '}';
  std::string out;
};

class Encoder {
 public:
  Encoder(std::string_view text, Schema schema, const TextLimits& limits)
      : text_(text), schema_(schema), limits_(limits) {}

  base::Result<Encoded> run(std::uint16_t root) {
    if (text_.size() > limits_.max_bytes) {
      return Error{Errc::too_large, "text: above the limit", 0};
    }
    levels_.push_back({&schema_[root], nullptr, '\0', {}});
    while (true) {
      skip_space();
      if (at_ == text_.size()) {
        break;
      }
      const char c = text_[at_];
      if (c == ',' || c == ';') {
        ++at_;
      } else if (c == '}' || c == '>') {
        TRY(close(c));
      } else {
        TRY(field());
      }
    }
    if (levels_.size() != 1) {
      return fail("message: not closed");
    }
    result_.wire = std::move(levels_.back().out);
    return std::move(result_);
  }

 private:
  Error fail(std::string what) const { return Error{Errc::malformed, std::move(what), at_}; }

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        const std::size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') {
        ++at_;
      } else {
        return;
      }
    }
  }

  base::Result<void> close(char c) {
    if (levels_.size() == 1 || levels_.back().closing != c) {
      return fail("message: closed that is not open");
    }
    ++at_;
    Level done = std::move(levels_.back());
    levels_.pop_back();
    if (done.field != nullptr) {
      std::string& out = levels_.back().out;
      put_varint(out, std::uint64_t{done.field->number} << 3 | 2);
      put_varint(out, done.out.size());
      out += done.out;
    }
    skip_space();
    if (in_list_ > 0 && levels_.size() == list_depth_) {
      TRY(after_element());
    }
    return {};
  }

  base::Result<void> open(const FieldSpec* spec) {
    if (levels_.size() >= limits_.max_depth) {
      return Error{Errc::too_large, "message: nested deeper than " + std::to_string(limits_.max_depth), at_};
    }
    const bool message = spec != nullptr && spec->kind == Kind::message;
    const char closing = text_[at_] == '{' ? '}' : '>';
    ++at_;
    levels_.push_back({message ? &schema_[spec->message] : nullptr, message ? spec : nullptr, closing, {}});
    return {};
  }

  base::Result<void> field() {
    const FieldSpec* spec = nullptr;
    if (text_[at_] == '[') {  // an extension or Any
      const std::size_t end = text_.find(']', at_);
      if (end == std::string_view::npos) {
        return fail("name: not closed");
      }
      at_ = end + 1;
      ++result_.unknown_fields;
    } else {
      const std::size_t begin = at_;
      while (at_ < text_.size() && is_name(text_[at_])) {
        ++at_;
      }
      if (at_ == begin) {
        return fail("name: expected");
      }
      const std::string_view name = text_.substr(begin, at_ - begin);
      const MessageSpec* type = levels_.back().type;
      if (type != nullptr) {
        const auto found = std::find_if(type->fields.begin(), type->fields.end(),
                                        [&](const FieldSpec& one) { return one.name == name; });
        spec = found == type->fields.end() ? nullptr : &*found;
        result_.unknown_fields += spec == nullptr ? 1 : 0;
      }
    }
    skip_space();
    const bool colon = at_ < text_.size() && text_[at_] == ':';
    if (colon) {
      ++at_;
      skip_space();
    }
    if (at_ == text_.size()) {
      return fail("value: missing");
    }
    const char c = text_[at_];
    if (c == '{' || c == '<') {
      return open(spec);
    }
    if (!colon) {
      return fail("value: no colon before it");
    }
    if (c == '[') {
      ++at_;
      return list(spec);
    }
    return scalar(spec);
  }

  /// Elements of scalars are read here; one of messages leaves the rest to close().
  base::Result<void> list(const FieldSpec* spec) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == ']') {
      ++at_;
      return {};
    }
    if (at_ < text_.size() && (text_[at_] == '{' || text_[at_] == '<')) {
      if (in_list_ > 0) {
        // Lists of messages within elements of such lists: the outer one goes on when the inner has ended.
        outer_lists_.push_back({list_depth_, list_spec_});
      }
      ++in_list_;
      list_depth_ = levels_.size();
      list_spec_ = spec;
      return open(spec);
    }
    while (true) {
      TRY(scalar(spec));
      skip_space();
      if (at_ == text_.size()) {
        return fail("list: not closed");
      }
      const char c = text_[at_++];
      if (c == ']') {
        return {};
      }
      if (c != ',') {
        return fail("list: neither comma nor end");
      }
      skip_space();
    }
  }

  base::Result<void> after_element() {
    if (at_ == text_.size()) {
      return fail("list: not closed");
    }
    const char c = text_[at_++];
    if (c == ']') {
      --in_list_;
      if (!outer_lists_.empty()) {
        list_depth_ = outer_lists_.back().first;
        list_spec_ = outer_lists_.back().second;
        outer_lists_.pop_back();
      }
      return {};
    }
    skip_space();
    if (c != ',' || at_ == text_.size() || (text_[at_] != '{' && text_[at_] != '<')) {
      return fail("list: neither comma nor end");
    }
    return open(list_spec_);
  }

  base::Result<void> scalar(const FieldSpec* spec) {
    if (at_ == text_.size()) {
      return fail("value: missing");
    }
    if (text_[at_] == '"' || text_[at_] == '\'') {
      std::string value;
      while (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
        TRY(quoted(value));
        skip_space();
      }
      if (spec != nullptr && spec->kind == Kind::text) {
        std::string& out = levels_.back().out;
        put_varint(out, std::uint64_t{spec->number} << 3 | 2);
        put_varint(out, value.size());
        out += value;
      }
      return {};
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_name(text_[at_]) || text_[at_] == '-' || text_[at_] == '+' || text_[at_] == '.')) {
      ++at_;
    }
    std::string_view word = text_.substr(begin, at_ - begin);
    if (word.empty()) {
      return fail("value: expected");
    }
    if (word == "-") {
      skip_space();
      const std::size_t digits = at_;
      while (at_ < text_.size() && (is_name(text_[at_]) || text_[at_] == '.')) {
        ++at_;
      }
      number(spec, text_.substr(digits, at_ - digits), true);
      return {};
    }
    const bool minus = word.starts_with('-');
    number(spec, minus ? word.substr(1) : word, minus);
    return {};
  }

  void number(const FieldSpec* spec, std::string_view word, bool minus) {
    if (spec == nullptr || spec->kind == Kind::text || spec->kind == Kind::message) {
      return;
    }
    std::string& out = levels_.back().out;
    if (spec->kind != Kind::varint) {
      const bool narrow = spec->kind == Kind::fixed32;
      put_varint(out, std::uint64_t{spec->number} << 3 | (narrow ? 5U : 1U));
      out.append(narrow ? 4 : 8, '\0');
      return;
    }
    std::uint64_t value = 0;
    if (!word.empty() && word[0] >= '0' && word[0] <= '9') {
      const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
      const bool octal = !hexadecimal && word.size() > 1 && word[0] == '0';
      const std::string_view digits = hexadecimal ? word.substr(2) : word;
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : (octal ? 8 : 10));
    } else {
      value = enumeration(word);
    }
    put_varint(out, std::uint64_t{spec->number} << 3);
    put_varint(out, minus ? 0 - value : value);
  }

  base::Result<void> quoted(std::string& out) {
    const char quote = text_[at_++];
    while (true) {
      if (at_ == text_.size()) {
        return fail("text: not closed");
      }
      const char c = text_[at_++];
      if (c == quote) {
        return {};
      }
      if (c != '\\') {
        out.push_back(c);
        continue;
      }
      if (at_ == text_.size()) {
        return fail("text: not closed");
      }
      escape(out);
    }
  }

  void escape(std::string& out) {
    const char c = text_[at_++];
    const auto digits = [&](std::size_t max, int base) {
      std::size_t end = at_;
      const auto is_digit = [&](char d) {
        return base == 16 ? (d >= '0' && d <= '9') || (d >= 'a' && d <= 'f') || (d >= 'A' && d <= 'F')
                          : (d >= '0' && d <= '7');
      };
      while (end < text_.size() && end - at_ < max && is_digit(text_[end])) {
        ++end;
      }
      std::uint32_t value = 0;
      std::from_chars(text_.data() + at_, text_.data() + end, value, base);
      at_ = end;
      return value;
    };
    switch (c) {
      case 'a':
        out.push_back('\a');
        break;
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'v':
        out.push_back('\v');
        break;
      case 'x':
      case 'X':
        out.push_back(static_cast<char>(digits(2, 16)));
        break;
      case 'u':
      case 'U': {
        const std::uint32_t code = digits(c == 'u' ? 4 : 8, 16);
        if (code < 0x80) {
          out.push_back(static_cast<char>(code));
        } else {
          out.push_back('?');  // no path and no operator needs it
        }
        break;
      }
      default:
        if (c >= '0' && c <= '7') {
          --at_;
          out.push_back(static_cast<char>(digits(3, 8)));
        } else {
          out.push_back(c);
        }
    }
  }

  std::string_view text_;
  Schema schema_;
  const TextLimits& limits_;
  std::size_t at_ = 0;
  std::vector<Level> levels_;
  std::uint32_t in_list_ = 0;
  std::size_t list_depth_ = 0;  // levels around the innermost list of messages
  const FieldSpec* list_spec_ = nullptr;
  std::vector<std::pair<std::size_t, const FieldSpec*>> outer_lists_;
  Encoded result_;
};

}  // namespace

base::Result<Encoded> encode_text(std::string_view text, Schema schema, std::uint16_t root, const TextLimits& limits) {
  return Encoder(text, schema, limits).run(root);
}

}  // namespace formats::protobuf
