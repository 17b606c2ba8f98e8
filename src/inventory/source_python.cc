#include <algorithm>
#include <array>

#include "base/text.h"
#include "inventory/source_lexer.h"

namespace inventory {
namespace {

// A string, or a replacement field of an f-string, that encloses the place being read.
struct Enclosing {
  char quote = 0;  ///< 0 for a replacement field.
  bool triple = false;
  bool formatted = false;
  std::uint32_t brackets = 0;  ///< Open brackets inside a replacement field.
};

constexpr std::size_t kMaxNesting = 64;  ///< Of f-strings in f-strings; deeper ones are read as plain text.

bool is_prefix_letter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return lower == 'r' || lower == 'b' || lower == 'f' || lower == 'u' || lower == 't';
}

// The length of a string prefix (r, b, f, u, t and their pairs) that stands before a quote; npos where none does.
std::size_t string_prefix(const SourceReader& in) {
  std::size_t length = 0;
  while (length < 3 && is_prefix_letter(in.peek(length))) {
    ++length;
  }
  const char quote = in.peek(length);
  return length < 3 && (quote == '"' || quote == '\'') ? length : std::string_view::npos;
}

bool is_formatted(std::string_view prefix) {
  return prefix.find_first_of("fFtT") != prefix.npos;
}

class PythonLexer {
 public:
  PythonLexer(std::string_view text, std::uint32_t first_line) : in_(text, first_line) {
    out_.tokens.reserve(std::min<std::size_t>(text.size() / 4, 1U << 14));  // words are seldom shorter
  }

  Tokens run() {
    bool at_line_start = true;
    while (!in_.at_end() && !out_.cut) {
      const char c = in_.peek();
      if (at_line_start && c != ' ' && c != '\t') {
        at_line_start = false;
        if (brackets_ == 0 && (c == '%' || c == '!' || c == '?')) {  // IPython
          in_.skip_to_line_end();
          continue;
        }
      }
      if (starts_name(c) && !is_prefix_letter(c)) {
        read_name();
      } else if (c == '\n') {
        if (brackets_ == 0 && !out_.tokens.empty() && out_.tokens.back().kind != TokenKind::line_end) {
          push(TokenKind::line_end, in_.at(), in_.line());
        }
        in_.skip();
        at_line_start = true;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
        in_.skip();
      } else if (c == '#') {
        in_.skip_to_line_end();
      } else if (c == '\\' && (in_.peek(1) == '\n' || in_.peek(1) == '\r')) {
        in_.skip(in_.peek(1) == '\r' && in_.peek(2) == '\n' ? 3 : 2);
      } else if (const std::size_t prefix = string_prefix(in_); prefix != std::string_view::npos) {
        read_string(prefix);
      } else if (starts_name(c)) {
        read_name();
      } else if (is_digit(c) || (c == '.' && is_digit(in_.peek(1)))) {
        read_number();
      } else {
        read_operator();
      }
    }
    if (!out_.tokens.empty() && out_.tokens.back().kind != TokenKind::line_end) {
      push(TokenKind::line_end, in_.at(), in_.line());
    }
    return std::move(out_);
  }

 private:
  void push(TokenKind kind, std::size_t begin, std::uint32_t line, bool complete = true) {
    if (out_.tokens.size() >= kMaxTokens) {
      out_.cut = true;
      return;
    }
    out_.tokens.push_back({kind, complete, line, in_.since(begin)});
  }

  void read_name() {
    const std::size_t begin = in_.at();
    in_.skip_name();
    push(TokenKind::name, begin, in_.line());
  }

  void read_number() {
    const std::size_t begin = in_.at();
    while (continues_name(in_.peek()) || in_.peek() == '.') {
      in_.skip();
    }
    push(TokenKind::number, begin, in_.line());
  }

  void read_operator() {
    constexpr std::array<std::string_view, 24> kLong = {
        "**=", "//=", ">>=", "<<=", "...", "->", ":=", "==", "!=", "<=", ">=", "+=",
        "-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", "@=", "**", "//", "<<", ">>"};
    constexpr std::string_view kSecond = "=*/<>.";  // every longer operator goes on with one of these
    const std::size_t begin = in_.at();
    const std::uint32_t line = in_.line();
    if (kSecond.find(in_.peek(1)) != kSecond.npos) {
      for (const std::string_view word : kLong) {
        if (in_.looking_at(word)) {
          in_.skip(word.size());
          push(TokenKind::operator_, begin, line);
          return;
        }
      }
    }
    const char c = in_.peek();
    if (c == '(' || c == '[' || c == '{') {
      ++brackets_;
    } else if ((c == ')' || c == ']' || c == '}') && brackets_ > 0) {
      --brackets_;
    }
    in_.skip();
    push(TokenKind::operator_, begin, line);
  }

  // One literal; the reader stands at its prefix.
  void read_string(std::size_t prefix) {
    const std::size_t begin = in_.at();
    const std::uint32_t line = in_.line();
    std::vector<Enclosing> stack;
    open(stack, prefix);
    while (!stack.empty() && !in_.at_end()) {
      Enclosing& top = stack.back();
      const char c = in_.peek();
      if (top.quote == 0) {
        read_field_character(stack);
      } else if (c == '\\') {
        in_.skip(in_.peek(1) == '\r' && in_.peek(2) == '\n' ? 3 : 2);
      } else if (c == '\n' && !top.triple) {
        push(TokenKind::string, begin, line, false);
        return;
      } else if (c == top.quote && (!top.triple || (in_.peek(1) == c && in_.peek(2) == c))) {
        in_.skip(top.triple ? 3 : 1);
        stack.pop_back();
      } else if (top.formatted && c == '{' && in_.peek(1) == '{') {
        in_.skip(2);
      } else if (top.formatted && c == '{' && stack.size() < kMaxNesting) {
        in_.skip();
        stack.push_back({});
      } else {
        in_.skip();
        in_.skip_plain(top.quote);
      }
    }
    push(TokenKind::string, begin, line, stack.empty());
  }

  void open(std::vector<Enclosing>& stack, std::size_t prefix) {
    const std::size_t begin = in_.at();
    in_.skip(prefix);
    const bool formatted = is_formatted(in_.since(begin));
    const char quote = in_.peek();
    const bool triple = in_.peek(1) == quote && in_.peek(2) == quote;
    in_.skip(triple ? 3 : 1);
    stack.push_back({quote, triple, formatted});
  }

  // Inside the braces of a replacement field.
  void read_field_character(std::vector<Enclosing>& stack) {
    const char c = in_.peek();
    // Before Python 3.12 the enclosing quote cannot occur here, so where it ends the whole string it does so.
    const Enclosing& outer = stack[stack.size() - 2];
    if (c == '\n' && !outer.triple) {
      stack.pop_back();  // the string itself ends with the line
    } else if (outer.triple && c == outer.quote && in_.peek(1) == c && in_.peek(2) == c) {
      stack.pop_back();
    } else if (c == '{' || c == '[' || c == '(') {
      ++stack.back().brackets;
      in_.skip();
    } else if (c == '}' && stack.back().brackets == 0) {
      in_.skip();
      stack.pop_back();
    } else if (c == '}' || c == ']' || c == ')') {
      stack.back().brackets -= stack.back().brackets > 0 ? 1 : 0;
      in_.skip();
    } else if (c == '"' || c == '\'') {
      if (stack.size() < kMaxNesting) {
        open(stack, 0);
      } else {
        in_.skip();
      }
    } else if (starts_name(c)) {
      const std::size_t prefix = string_prefix(in_);
      if (prefix != std::string_view::npos && stack.size() < kMaxNesting) {
        open(stack, prefix);
      } else {
        in_.skip_name();
      }
    } else {
      in_.skip();
    }
  }

  SourceReader in_;
  Tokens out_;
  std::size_t brackets_ = 0;
};

}  // namespace

Tokens lex_python(std::string_view text, std::uint32_t first_line) {
  return PythonLexer(text, first_line).run();
}

}  // namespace inventory
