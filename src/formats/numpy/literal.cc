#include "formats/numpy/literal.h"

#include "base/text.h"

namespace formats::numpy {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint32_t kMaxDepth = 32;
constexpr std::uint32_t kMaxValues = 200'000;

class Parser {
 public:
  explicit Parser(std::string_view source) : source_(source) {}

  Result<Literal> parse() {
    skip_blanks();
    Literal out = TRY(value(0));
    skip_blanks();
    if (at_ != source_.size()) {
      return fail("more than one value");
    }
    return out;
  }

 private:
  Error fail(std::string_view what) const {
    return {at_ >= source_.size() ? Errc::truncated : Errc::malformed, "header: " + std::string(what), at_};
  }
  void skip_blanks() {
    while (at_ < source_.size() && (source_[at_] == ' ' || (source_[at_] >= '\t' && source_[at_] <= '\r'))) {
      ++at_;
    }
  }
  bool skip(char c) {
    const bool there = at_ < source_.size() && source_[at_] == c;
    at_ += there ? 1U : 0U;
    return there;
  }

  Result<Literal> value(std::uint32_t depth) {
    if (depth > kMaxDepth || ++values_ > kMaxValues) {
      return Error{Errc::too_large, "header: nested or sized beyond every limit", at_};
    }
    if (at_ >= source_.size()) {
      return fail("value expected");
    }
    Literal out;
    const auto begin = static_cast<std::uint32_t>(at_);
    const char c = source_[at_];
    if (c == '{' || c == '[' || c == '(') {
      out = TRY(collection(depth));
    } else if (c == '\'' || c == '"' ||
               (at_ + 1 < source_.size() && (source_[at_ + 1] == '\'' || source_[at_ + 1] == '"') &&
                std::string_view("uUbBrR").find(c) != std::string_view::npos)) {
      out = TRY(text());
    } else if ((c >= '0' && c <= '9') || c == '-' || c == '+') {
      out = TRY(integer());
    } else {
      std::size_t end = at_;
      while (end < source_.size() && ((source_[end] >= 'a' && source_[end] <= 'z') ||
                                      (source_[end] >= 'A' && source_[end] <= 'Z') || source_[end] == '_')) {
        ++end;
      }
      const std::string_view word = source_.substr(at_, end - at_);
      if (word == "True" || word == "False") {
        out.kind = Literal::Kind::boolean;
        out.number = word == "True" ? 1 : 0;
      } else if (word != "None") {
        return word.empty() ? fail("value expected")
                            : fail("code where a value is expected: " + std::string(word.substr(0, 40)));
      }
      at_ = end;
    }
    out.begin = begin;
    out.end = static_cast<std::uint32_t>(at_);
    return out;
  }

  Result<Literal> collection(std::uint32_t depth) {
    Literal out;
    const char open = source_[at_++];
    const char close = open == '{' ? '}' : open == '[' ? ']' : ')';
    out.kind = open == '{' ? Literal::Kind::dict : open == '[' ? Literal::Kind::list : Literal::Kind::tuple;
    bool comma = true;
    while (true) {
      skip_blanks();
      if (skip(close)) {
        break;
      }
      if (!comma) {
        return fail("',' expected");
      }
      out.items.push_back(TRY(value(depth + 1)));
      skip_blanks();
      if (open == '{') {
        if (!skip(':')) {
          return fail("':' expected");
        }
        skip_blanks();
        out.items.push_back(TRY(value(depth + 1)));
        skip_blanks();
      }
      comma = skip(',');
    }
    if (open == '(' && out.items.size() == 1 && !comma) {
      Literal inner = std::move(out.items[0]);  // parentheses only
      return inner;
    }
    return out;
  }

  Result<Literal> text() {
    Literal out;
    out.kind = Literal::Kind::text;
    while (at_ < source_.size()) {
      bool raw = false;
      std::size_t at = at_;
      while (at < source_.size() && at < at_ + 2 &&
             std::string_view("uUbBrR").find(source_[at]) != std::string_view::npos) {
        raw = raw || source_[at] == 'r' || source_[at] == 'R';
        ++at;
      }
      if (at >= source_.size() || (source_[at] != '\'' && source_[at] != '"')) {
        break;
      }
      const char quote = source_[at];
      at_ = at + 1;
      while (at_ < source_.size() && source_[at_] != quote) {
        if (source_[at_] == '\n') {
          return fail("text over two lines");
        }
        if (source_[at_] == '\\' && !raw) {
          TRY(escape(out.text));
        } else {
          out.text.push_back(source_[at_++]);
        }
      }
      if (!skip(quote)) {
        return fail("text without an end");
      }
      skip_blanks();  // adjoining texts are one
    }
    return out;
  }

  Result<void> escape(std::string& out) {
    ++at_;
    if (at_ >= source_.size()) {
      return fail("text without an end");
    }
    const char c = source_[at_++];
    if (c == 'x' && at_ + 2 <= source_.size() && base::hex_value(source_[at_]) >= 0 &&
        base::hex_value(source_[at_ + 1]) >= 0) {
      out.push_back(static_cast<char>(base::hex_value(source_[at_]) << 4 | base::hex_value(source_[at_ + 1])));
      at_ += 2;
    } else if (c >= '0' && c <= '7') {
      int value = c - '0';
      for (int i = 0; i < 2 && at_ < source_.size() && source_[at_] >= '0' && source_[at_] <= '7'; ++i) {
        value = value * 8 + (source_[at_++] - '0');
      }
      out.push_back(static_cast<char>(value));
    } else {
      constexpr std::string_view kFrom = "nrt\\'\"";
      constexpr std::string_view kTo = "\n\r\t\\'\"";
      const std::size_t known = kFrom.find(c);
      if (known == std::string_view::npos) {
        out.push_back('\\');
      }
      out.push_back(known == std::string_view::npos ? c : kTo[known]);
    }
    return {};
  }

  Result<Literal> integer() {
    Literal out;
    out.kind = Literal::Kind::integer;
    const bool negative = source_[at_] == '-';
    at_ += source_[at_] == '-' || source_[at_] == '+' ? 1U : 0U;
    const std::size_t begin = at_;
    std::uint64_t magnitude = 0;
    for (; at_ < source_.size() && source_[at_] >= '0' && source_[at_] <= '9'; ++at_) {
      out.too_large = out.too_large || magnitude > (INT64_MAX - 9) / 10;
      magnitude = out.too_large ? INT64_MAX : magnitude * 10 + static_cast<std::uint64_t>(source_[at_] - '0');
    }
    if (at_ == begin) {
      return fail("number expected");
    }
    skip('L');  // as Python 2 wrote them
    out.number = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    return out;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::uint32_t values_ = 0;
};

}  // namespace

Result<Literal> parse_literal(std::string_view source) {
  return Parser(source).parse();
}

}  // namespace formats::numpy
