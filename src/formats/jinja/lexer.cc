#include "formats/jinja/lexer.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace formats::jinja {
namespace {

using base::Errc;
using base::Error;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// Letters, digits, underscore, and every byte of what is not ASCII.
bool is_name(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// The few names of \N{…} with which a template could spell what it needs.
std::uint32_t named_character(std::string_view name) {
  const std::string lower = base::to_lower(name);
  constexpr std::array<std::pair<std::string_view, std::uint32_t>, 12> kNamed{{{"low line", '_'},
                                                                               {"full stop", '.'},
                                                                               {"spacing underscore", '_'},
                                                                               {"left curly bracket", '{'},
                                                                               {"right curly bracket", '}'},
                                                                               {"left square bracket", '['},
                                                                               {"right square bracket", ']'},
                                                                               {"left parenthesis", '('},
                                                                               {"right parenthesis", ')'},
                                                                               {"solidus", '/'},
                                                                               {"space", ' '},
                                                                               {"quotation mark", '"'}}};
  for (const auto& [known, code_point] : kNamed) {
    if (lower == known) {
      return code_point;
    }
  }
  for (const bool small : {true, false}) {
    const std::string_view prefix = small ? "latin small letter " : "latin capital letter ";
    if (lower.size() == prefix.size() + 1 && lower.starts_with(prefix) && lower.back() >= 'a' && lower.back() <= 'z') {
      return static_cast<std::uint32_t>(lower.back()) - (small ? 0U : 32U);
    }
  }
  return 0xFFFD;
}

/// Python's unicode-escape. Returns false where Python refuses the text.
bool undo_escapes(std::string_view raw, std::string& out) {
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      out.push_back(raw[i]);
      continue;
    }
    if (++i == raw.size()) {
      return false;
    }
    const char c = raw[i];
    constexpr std::string_view kFrom = "\\'\"abfnrtv";
    constexpr std::string_view kTo = "\\'\"\a\b\f\n\r\t\v";
    if (const std::size_t simple = kFrom.find(c); simple != std::string_view::npos) {
      out.push_back(kTo[simple]);
    } else if (c == '\n') {
      continue;
    } else if (c >= '0' && c <= '7') {
      std::uint32_t value = 0;
      std::size_t digits = 0;
      for (; digits < 3 && i + digits < raw.size() && raw[i + digits] >= '0' && raw[i + digits] <= '7'; ++digits) {
        value = value * 8 + static_cast<std::uint32_t>(raw[i + digits] - '0');
      }
      append_utf8(out, value);
      i += digits - 1;
    } else if (c == 'x' || c == 'u' || c == 'U') {
      const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      if (i + digits >= raw.size()) {
        return false;
      }
      std::uint32_t value = 0;
      for (std::size_t d = 1; d <= digits; ++d) {
        const int digit = base::hex_value(raw[i + d]);
        if (digit < 0) {
          return false;
        }
        value = value << 4 | static_cast<std::uint32_t>(digit);
      }
      if (value > 0x10FFFF) {
        return false;
      }
      append_utf8(out, value);
      i += digits;
    } else if (c == 'N') {
      const std::size_t close = raw.find('}', i);
      if (i + 1 >= raw.size() || raw[i + 1] != '{' || close == std::string_view::npos) {
        return false;
      }
      append_utf8(out, named_character(raw.substr(i + 2, close - i - 2)));
      i = close;
    } else {
      out.push_back('\\');
      out.push_back(c);
    }
  }
  return true;
}

class Lexer {
 public:
  Lexer(std::string_view source, std::size_t max_tokens, std::vector<Token>& tokens)
      : source_(source), max_tokens_(max_tokens), tokens_(tokens) {}

  base::Result<void> run() {
    std::size_t next_variable = 0;
    std::size_t next_block = 0;
    std::size_t next_comment = 0;
    const auto refresh = [&](std::size_t& known, std::string_view opening) {
      if (known != std::string_view::npos && known <= at_) {
        known = source_.find(opening, at_);
      }
    };
    while (at_ < source_.size()) {
      refresh(next_variable, "{{");
      refresh(next_block, "{%");
      refresh(next_comment, "{#");
      const std::size_t open = std::min({next_variable, next_block, next_comment});
      if (open == std::string_view::npos) {
        data(at_, source_.size(), false);
        at_ = source_.size();
        break;
      }
      const std::size_t raw_body = open == next_block ? raw_begin(open) : std::string_view::npos;
      const bool strips = open + 2 < source_.size() && source_[open + 2] == '-';
      data(at_, open, strips);
      strip_next_ = false;
      if (raw_body != std::string_view::npos) {
        TRY(raw(open, raw_body));
        continue;
      }
      at_ = open + 2;
      if (open == next_comment) {
        const std::size_t close = source_.find("#}", at_);
        if (close == std::string_view::npos) {
          return Error{Errc::truncated, "comment: not closed", open};
        }
        strip_next_ = close > at_ && source_[close - 1] == '-';
        at_ = close + 2;
        continue;
      }
      if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+')) {
        ++at_;
      }
      TRY(push(open == next_variable ? TokenKind::variable_begin : TokenKind::block_begin, open, {}));
      TRY(code(open, open == next_variable));
    }
    return push(TokenKind::end, source_.size(), {});
  }

 private:
  base::Result<void> push(TokenKind kind, std::size_t offset, std::string text) {
    if (tokens_.size() >= max_tokens_) {
      return Error{Errc::too_large, "template: more than " + std::to_string(max_tokens_) + " tokens", offset};
    }
    tokens_.push_back({kind, static_cast<std::uint32_t>(offset), std::move(text)});
    return {};
  }

  void data(std::size_t begin, std::size_t end, bool strip_end) {
    std::string_view text = source_.substr(begin, end - begin);
    if (strip_next_) {
      while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
        ++begin;
      }
    }
    while (strip_end && !text.empty() && is_space(text.back())) {
      text.remove_suffix(1);
    }
    if (!text.empty()) {
      tokens_.push_back({TokenKind::data, static_cast<std::uint32_t>(begin), std::string(text)});
    }
  }

  /// Where the body of a raw block begins, if {% raw %} stands at `open`.
  std::size_t raw_begin(std::size_t open) {
    std::size_t at = open + 2;
    at += at < source_.size() && (source_[at] == '-' || source_[at] == '+') ? 1U : 0U;
    skip_spaces(at);
    if (!source_.substr(at).starts_with("raw")) {
      return std::string_view::npos;
    }
    at += 3;
    skip_spaces(at);
    const bool strips = source_.substr(at).starts_with("-%}");
    if (!strips && !source_.substr(at).starts_with("%}")) {
      return std::string_view::npos;
    }
    raw_strips_ = strips;
    return at + (strips ? 3 : 2);
  }

  base::Result<void> raw(std::size_t open, std::size_t body) {
    for (std::size_t at = source_.find("{%", body); at != std::string_view::npos; at = source_.find("{%", at + 2)) {
      std::size_t here = at + 2;
      const bool strips = here < source_.size() && source_[here] == '-';
      here += here < source_.size() && (source_[here] == '-' || source_[here] == '+') ? 1U : 0U;
      skip_spaces(here);
      if (!source_.substr(here).starts_with("endraw")) {
        continue;
      }
      here += 6;
      skip_spaces(here);
      const bool strips_next = source_.substr(here).starts_with("-%}");
      if (!strips_next && !source_.substr(here).starts_with("%}") && !source_.substr(here).starts_with("+%}")) {
        continue;
      }
      strip_next_ = raw_strips_;
      data(body, at, strips);
      strip_next_ = strips_next;
      at_ = here + (source_.substr(here).starts_with("%}") ? 2 : 3);
      return {};
    }
    return Error{Errc::truncated, "raw block: not closed", open};
  }

  void skip_spaces(std::size_t& at) const {
    while (at < source_.size() && is_space(source_[at])) {
      ++at;
    }
  }

  base::Result<void> code(std::size_t open, bool variable) {
    std::string brackets;
    const std::string_view closing = variable ? "}}" : "%}";
    while (true) {
      skip_spaces(at_);
      if (at_ >= source_.size()) {
        return Error{Errc::truncated, "tag: not closed", open};
      }
      const std::string_view rest = source_.substr(at_);
      const char c = rest.front();
      if (brackets.empty()) {
        const bool sign = c == '-' || (c == '+' && !variable);
        if (rest.substr(sign ? 1 : 0).starts_with(closing)) {
          TRY(push(variable ? TokenKind::variable_end : TokenKind::block_end, at_, {}));
          strip_next_ = c == '-';
          at_ += sign ? 3 : 2;
          return {};
        }
      }
      if (is_digit(c)) {
        TRY(number());
      } else if (is_name(c)) {
        std::size_t end = at_;
        while (end < source_.size() && is_name(source_[end])) {
          ++end;
        }
        TRY(push(TokenKind::name, at_, std::string(source_.substr(at_, end - at_))));
        at_ = end;
      } else if (c == '\'' || c == '"') {
        TRY(text());
      } else {
        TRY(symbol(brackets));
      }
    }
  }

  base::Result<void> text() {
    const char quote = source_[at_];
    std::size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) {
      end += source_[end] == '\\' ? 2 : 1;
    }
    if (end >= source_.size()) {
      return Error{Errc::truncated, "text constant: not closed", at_};
    }
    std::string value;
    if (!undo_escapes(source_.substr(at_ + 1, end - at_ - 1), value)) {
      return Error{Errc::malformed, "text constant: an escape that Python refuses", at_};
    }
    TRY(push(TokenKind::text, at_, std::move(value)));
    at_ = end + 1;
    return {};
  }

  base::Result<void> number() {
    const std::string_view rest = source_.substr(at_);
    std::size_t length = 0;
    bool real = false;
    const bool behind_dot = at_ > 0 && source_[at_ - 1] == '.';
    const auto digits = [&](std::size_t from) {
      std::size_t end = from;
      while (end < rest.size() && (is_digit(rest[end]) || (rest[end] == '_' && end > from && end + 1 < rest.size() &&
                                                           is_digit(rest[end + 1])))) {
        ++end;
      }
      return end;
    };
    const char second = rest.size() > 1 ? static_cast<char>(rest[1] | 0x20) : '\0';
    if (rest[0] == '0' && (second == 'x' || second == 'o' || second == 'b')) {
      length = 2;
      while (length < rest.size() && (base::hex_value(rest[length]) >= 0 || rest[length] == '_')) {
        ++length;
      }
    } else {
      length = digits(0);
      if (!behind_dot) {
        if (length + 1 < rest.size() && rest[length] == '.' && is_digit(rest[length + 1])) {
          length = digits(length + 1);
          real = true;
        }
        if (length < rest.size() && (rest[length] == 'e' || rest[length] == 'E')) {
          std::size_t exponent = length + 1;
          exponent += exponent < rest.size() && (rest[exponent] == '+' || rest[exponent] == '-') ? 1U : 0U;
          if (exponent < rest.size() && is_digit(rest[exponent])) {
            length = digits(exponent);
            real = true;
          }
        }
      }
    }
    std::string value(rest.substr(0, length));
    value.erase(std::remove(value.begin(), value.end(), '_'), value.end());
    TRY(push(real ? TokenKind::real : TokenKind::integer, at_, std::move(value)));
    at_ += length;
    return {};
  }

  base::Result<void> symbol(std::string& brackets) {
    constexpr std::string_view kSymbols[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
                                             "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};
    const std::string_view rest = source_.substr(at_);
    for (const std::string_view one : kSymbols) {
      if (!rest.starts_with(one)) {
        continue;
      }
      if (one == "(" || one == "[" || one == "{") {
        brackets.push_back(one == "(" ? ')' : one == "[" ? ']' : '}');
      } else if (one == ")" || one == "]" || one == "}") {
        if (brackets.empty() || brackets.back() != one.front()) {
          return Error{Errc::malformed, "bracket: closes none", at_};
        }
        brackets.pop_back();
      }
      TRY(push(TokenKind::symbol, at_, std::string(one)));
      at_ += one.size();
      return {};
    }
    return Error{Errc::malformed, "character: not one of Jinja's", at_};
  }

  std::string_view source_;
  std::size_t max_tokens_;
  std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  bool strip_next_ = false;
  bool raw_strips_ = false;
};

}  // namespace

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code_point < 0x80) {
    byte(code_point);
  } else if (code_point < 0x800) {
    byte(0xC0 | code_point >> 6);
    byte(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    byte(0xE0 | code_point >> 12);
    byte(0x80 | (code_point >> 6 & 0x3F));
    byte(0x80 | (code_point & 0x3F));
  } else {
    byte(0xF0 | code_point >> 18);
    byte(0x80 | (code_point >> 12 & 0x3F));
    byte(0x80 | (code_point >> 6 & 0x3F));
    byte(0x80 | (code_point & 0x3F));
  }
}

base::Result<void> tokenize(std::string_view source, std::size_t max_tokens, std::vector<Token>& tokens) {
  return Lexer(source, max_tokens, tokens).run();
}

}  // namespace formats::jinja
