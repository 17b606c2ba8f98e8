#include "inventory/manifest_toml.h"

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

namespace inventory {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr int kMaxDepth = 64;               ///< Of arrays, inline tables and dotted keys.
constexpr std::size_t kMaxKeys = 10'000;    ///< In all tables together; keeps look-ups by name cheap.
constexpr std::size_t kMaxItems = 200'000;  ///< In all arrays together.

class TomlReader {
 public:
  explicit TomlReader(std::string_view text) : text_(text) {}

  Result<Value> run() {
    Value root{Value::Map{}};
    root.set_line(1);
    // Only what hangs below the current table grows while it is current, so the pointer stays good.
    Value* table = &root;
    for (skip_blank(true); at_ < text_.size(); skip_blank(true)) {
      if (peek() == '[') {
        table = TRY(read_header(root));
      } else {
        TRY(read_member(*table, 0));
      }
      skip_blank(false);
      if (at_ < text_.size() && peek() != '\n') {
        return fail("text after the end of a value");
      }
    }
    return root;
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] Error fail(std::string_view reason, Errc code = Errc::malformed) const {
    return {code, "TOML: " + std::string(reason), 0, {}, line_};
  }

  // Over spaces and comments, and over line ends where they mean nothing.
  void skip_blank(bool lines) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        const std::size_t end = text_.find('\n', at_);
        at_ = end == text_.npos ? text_.size() : end;
      } else if (c == '\n' && lines) {
        ++line_;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at_;
      } else {
        return;
      }
    }
  }

  static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  Result<std::string> read_key() {
    skip_blank(false);
    if (peek() == '"' || peek() == '\'') {
      return read_string();
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_bare(text_[at_])) {
      ++at_;
    }
    if (at_ == begin) {
      return fail("a key is missing");
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::vector<std::string>> read_dotted_key() {
    std::vector<std::string> keys;
    for (;;) {
      keys.push_back(TRY(read_key()));
      if (keys.size() > static_cast<std::size_t>(kMaxDepth)) {
        return fail("a key of too many parts", Errc::too_large);
      }
      skip_blank(false);
      if (peek() != '.') {
        return keys;
      }
      ++at_;
    }
  }

  // The table of that name below `parent`, made where there is none; the last one of an array of tables.
  Result<Value*> descend(Value& parent, const std::string& key) {
    const Value* found = parent.find(key);
    if (found == nullptr) {
      TRY(count_key());
      Value made{Value::Map{}};
      made.set_line(line_);
      parent.set(key, std::move(made));
      found = parent.find(key);
    }
    if (found->is_list() && !found->as_list().empty()) {
      found = &found->as_list().back();
    }
    if (!found->is_map()) {
      return fail("\"" + base::printable(key) + "\" is no table");
    }
    return const_cast<Value*>(found);
  }

  Result<void> count_key() {
    if (++keys_ > kMaxKeys) {
      return fail("more than " + base::grouped(kMaxKeys) + " keys", Errc::too_large);
    }
    return {};
  }

  // [a.b] or [[a.b]]
  Result<Value*> read_header(Value& root) {
    const bool array = peek(1) == '[';
    at_ += array ? 2 : 1;
    const std::vector<std::string> keys = TRY(read_dotted_key());
    skip_blank(false);
    if (peek() != ']' || (array && peek(1) != ']')) {
      return fail("the name of a table is not closed");
    }
    at_ += array ? 2 : 1;
    Value* table = &root;
    for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
      table = TRY(descend(*table, keys[i]));
    }
    if (!array) {
      return descend(*table, keys.back());
    }
    const Value* list = table->find(keys.back());
    if (list == nullptr) {
      TRY(count_key());
      table->set(keys.back(), Value(Value::List{}));
      list = table->find(keys.back());
    }
    if (!list->is_list()) {
      return fail("\"" + base::printable(keys.back()) + "\" is no array of tables");
    }
    TRY(count_item());
    Value made{Value::Map{}};
    made.set_line(line_);
    const_cast<Value*>(list)->push(std::move(made));
    return const_cast<Value*>(&list->as_list().back());
  }

  Result<void> count_item() {
    if (++items_ > kMaxItems) {
      return fail("more than " + base::grouped(kMaxItems) + " items", Errc::too_large);
    }
    return {};
  }

  // a.b = value
  Result<void> read_member(Value& table, int depth) {
    const std::vector<std::string> keys = TRY(read_dotted_key());
    if (peek() != '=') {
      return fail("'=' is missing");
    }
    ++at_;
    Value* target = &table;
    for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
      target = TRY(descend(*target, keys[i]));
    }
    TRY(count_key());
    if (target->find(keys.back()) != nullptr) {
      return fail("key \"" + base::printable(keys.back()) + "\" stands twice");
    }
    Value value = TRY(read_value(depth + 1));
    target->set(keys.back(), std::move(value));
    return {};
  }

  Result<Value> read_value(int depth) {
    if (depth > kMaxDepth) {
      return fail("nested deeper than " + std::to_string(kMaxDepth) + " levels", Errc::too_large);
    }
    skip_blank(false);
    const std::uint32_t line = line_;
    Value value;
    const char c = peek();
    if (c == '"' || c == '\'') {
      value = Value(TRY(read_string()));
    } else if (c == '[') {
      value = TRY(read_array(depth));
    } else if (c == '{') {
      value = TRY(read_inline_table(depth));
    } else {
      const std::size_t end = std::min(text_.size(), text_.find_first_of(",]}#\n", at_));
      const std::string_view word = base::trim(text_.substr(at_, end - at_));
      if (word.empty()) {
        return fail("a value is missing");
      }
      at_ = end;
      value = scalar(word);
    }
    value.set_line(line);
    return value;
  }

  static Value scalar(std::string_view word) {
    if (word == "true" || word == "false") {
      return word == "true";
    }
    std::int64_t whole = 0;
    const char* begin = word.data() + (word[0] == '+' ? 1 : 0);
    const char* end = word.data() + word.size();
    if (const auto [rest, code] = std::from_chars(begin, end, whole); code == std::errc{} && rest == end) {
      return whole;
    }
    double real = 0;
    if (const auto [rest, code] = std::from_chars(begin, end, real); code == std::errc{} && rest == end) {
      return real;
    }
    return Value(word);
  }

  Result<Value> read_array(int depth) {
    ++at_;
    Value::List list;
    for (;;) {
      skip_blank(true);
      if (peek() == ']') {
        ++at_;
        return Value(std::move(list));
      }
      TRY(count_item());
      list.push_back(TRY(read_value(depth + 1)));
      skip_blank(true);
      if (peek() == ',') {
        ++at_;
      } else if (peek() != ']') {
        return fail("an array is not closed");
      }
    }
  }

  Result<Value> read_inline_table(int depth) {
    ++at_;
    Value table{Value::Map{}};
    for (;;) {
      skip_blank(true);
      if (peek() == '}') {
        ++at_;
        return table;
      }
      TRY(read_member(table, depth));
      skip_blank(true);
      if (peek() == ',') {
        ++at_;
      } else if (peek() != '}') {
        return fail("an inline table is not closed");
      }
    }
  }

  Result<std::string> read_string() {
    const char quote = peek();
    const bool many = peek(1) == quote && peek(2) == quote;
    at_ += many ? 3 : 1;
    if (many && peek() == '\n') {
      ++line_;
      ++at_;
    }
    std::string out;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == quote && (!many || (peek(1) == quote && peek(2) == quote))) {
        at_ += many ? 3 : 1;
        return out;
      }
      if (c == '\n') {
        if (!many) {
          break;
        }
        ++line_;
      }
      if (c == '\\' && quote == '"') {
        TRY(read_escape(out, many));
        continue;
      }
      out += c;
      ++at_;
    }
    return fail("a string is not closed");
  }

  Result<void> read_escape(std::string& out, bool many) {
    const char c = peek(1);
    constexpr std::string_view kLetters = "btnfr\"\\e";
    constexpr std::string_view kMeant = "\b\t\n\f\r\"\\\x1b";
    if (const std::size_t index = kLetters.find(c); c != '\0' && index != kLetters.npos) {
      out += kMeant[index];
      at_ += 2;
      return {};
    }
    if (c == 'u' || c == 'U') {
      // Kept as written: names and versions have no such characters.
      out += text_.substr(at_, 2);
      at_ += 2;
      return {};
    }
    if (many && (c == '\n' || c == ' ' || c == '\t' || c == '\r')) {  // the line goes on
      ++at_;
      while (at_ < text_.size() && (peek() == '\n' || peek() == ' ' || peek() == '\t' || peek() == '\r')) {
        line_ += peek() == '\n' ? 1 : 0;
        ++at_;
      }
      return {};
    }
    return fail("unknown escape in a string");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t keys_ = 0;
  std::size_t items_ = 0;
};

}  // namespace

Result<Value> parse_toml(std::string_view text, std::uint64_t max_bytes) {
  if (text.size() > max_bytes) {
    return Error{Errc::too_large,
                 "TOML: " + base::human_bytes(text.size()) + " is above " + base::human_bytes(max_bytes)};
  }
  if (!base::is_utf8(text)) {
    return Error{Errc::malformed, "TOML: not UTF-8"};
  }
  return TomlReader(text).run();
}

}  // namespace inventory
