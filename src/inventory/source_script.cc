#include <algorithm>
#include <array>

#include "inventory/observe_file.h"
#include "inventory/source_lexer.h"

namespace inventory {
namespace {

constexpr std::size_t kMaxNesting = 64;  ///< Of templates in templates; deeper ones are read as plain text.

class ScriptLexer {
 public:
  ScriptLexer(std::string_view text, std::uint32_t first_line) : in_(text, first_line), text_(text) {
    out_.tokens.reserve(std::min<std::size_t>(text.size() / 4, 1U << 14));  // words are seldom shorter
  }

  Tokens run() {
    if (in_.looking_at("#!")) {
      in_.skip_to_line_end();
    }
    while (!in_.at_end() && !out_.cut) {
      const char c = in_.peek();
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
        in_.skip();
      } else if (c == '/' && in_.peek(1) == '/') {
        in_.skip_to_line_end();
      } else if (c == '/' && in_.peek(1) == '*') {
        in_.skip(2);
        in_.skip_past("*/");
      } else if (c == '"' || c == '\'') {
        read_string(c);
      } else if (c == '`') {
        read_template();
      } else if (starts_name(c) || c == '$') {
        read_word(TokenKind::name, '$');
      } else if (is_digit(c)) {
        read_word(TokenKind::number, '.');
      } else if (c == '/' && expects_value() && read_regular_expression()) {
        continue;
      } else {
        read_operator();
      }
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

  // Letters, digits and the character besides that belongs to a word of this kind.
  void read_word(TokenKind kind, char besides) {
    const std::size_t begin = in_.at();
    for (in_.skip_name(); in_.peek() == besides; in_.skip_name()) {
      in_.skip();
    }
    push(kind, begin, in_.line());
  }

  void read_operator() {
    constexpr std::array<std::string_view, 20> kLong = {"...", "===", "!==", "**=", "&&=", "||=", "?\?=",
                                                        "=>",  "==",  "!=",  "<=",  ">=",  "&&",  "||",
                                                        "??",  "?.",  "+=",  "-=",  "++",  "--"};
    constexpr std::string_view kSecond = "=.>*&|?+-";  // every longer operator goes on with one of these
    const std::size_t begin = in_.at();
    const std::uint32_t line = in_.line();
    std::size_t length = 1;
    if (kSecond.find(in_.peek(1)) != kSecond.npos) {
      for (const std::string_view word : kLong) {
        if (in_.looking_at(word)) {
          length = word.size();
          break;
        }
      }
    }
    in_.skip(length);
    push(TokenKind::operator_, begin, line);
  }

  // Whether a '/' here starts a regular expression: where a value may stand, it cannot divide anything.
  [[nodiscard]] bool expects_value() const {
    if (out_.tokens.empty()) {
      return true;
    }
    const Token& last = out_.tokens.back();
    if (last.kind == TokenKind::name) {
      return is_one_of(last.text, {"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else",
                                   "do", "instanceof", "yield", "await"});
    }
    return last.kind == TokenKind::operator_ && !is_one_of(last.text, {")", "]", "}", "++", "--", ">", "<"});
  }

  // Where the line that holds `at` ends, asked in rising order.
  std::size_t line_end(std::size_t at) {
    if (line_end_ <= at) {
      const std::size_t found = text_.find('\n', at);
      line_end_ = found == std::string_view::npos ? text_.size() : found;
    }
    return line_end_;
  }

  void read_string(char quote) {
    const std::size_t begin = in_.at();
    const std::uint32_t line = in_.line();
    std::size_t& unclosed = quote == '"' ? unclosed_double_ : unclosed_single_;
    if (begin < unclosed) {  // an earlier quote on this line found no partner, so this one finds none either
      read_operator();
      return;
    }
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '\\') {
        i += text_.substr(i + 1, 2) == "\r\n" ? 2 : 1;
      } else if (c == quote) {
        in_.skip(i + 1 - begin);
        push(TokenKind::string, begin, line);
        return;
      } else if (c == '\n') {
        break;
      }
    }
    unclosed = line_end(begin);
    read_operator();
  }

  // A regular expression ends on its line; otherwise the '/' divides.
  bool read_regular_expression() {
    const std::size_t begin = in_.at();
    if (begin < unclosed_expression_) {
      return false;
    }
    bool in_class = false;
    const std::size_t end = line_end(begin);
    for (std::size_t i = begin + 1; i < end; ++i) {
      const char c = text_[i];
      if (c == '\\') {
        ++i;
      } else if (c == '[') {
        in_class = true;
      } else if (c == ']') {
        in_class = false;
      } else if (c == '/' && !in_class) {
        const std::uint32_t line = in_.line();
        in_.skip(i + 1 - begin);
        in_.skip_name();
        push(TokenKind::number, begin, line);  // a value nobody asks for
        return true;
      }
    }
    unclosed_expression_ = end;
    return false;
  }

  // A template literal; `${` opens an expression that may hold strings and further templates.
  void read_template() {
    const std::size_t begin = in_.at();
    const std::uint32_t line = in_.line();
    if (begin < unclosed_template_) {
      read_operator();
      return;
    }
    struct Level {
      bool expression = false;
      std::uint32_t braces = 0;
    };
    std::vector<Level> stack = {{}};
    std::size_t i = begin + 1;
    while (i < text_.size() && !stack.empty()) {
      const char c = text_[i];
      Level& top = stack.back();
      if (c == '\\') {
        i += 2;
        continue;
      }
      if (!top.expression) {
        if (c == '`') {
          stack.pop_back();
        } else if (c == '$' && i + 1 < text_.size() && text_[i + 1] == '{' && stack.size() < kMaxNesting) {
          stack.push_back({.expression = true});
          ++i;
        }
      } else if (c == '{') {
        ++top.braces;
      } else if (c == '}') {
        if (top.braces == 0) {
          stack.pop_back();
        } else {
          --top.braces;
        }
      } else if (c == '`' && stack.size() < kMaxNesting) {
        stack.push_back({});
      } else if (c == '"' || c == '\'') {
        i = past_quoted(i);
        continue;
      }
      ++i;
    }
    if (!stack.empty()) {
      unclosed_template_ = text_.size();
      read_operator();
      return;
    }
    in_.skip(i - begin);
    push(TokenKind::string, begin, line);
  }

  // Past a quoted string inside a template's expression; past the quote alone where the line ends first.
  std::size_t past_quoted(std::size_t at) {
    const char quote = text_[at];
    if (at < unclosed_inner_) {
      return at + 1;
    }
    for (std::size_t i = at + 1; i < text_.size() && text_[i] != '\n'; ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      }
    }
    const std::size_t end = text_.find('\n', at);
    unclosed_inner_ = end == std::string_view::npos ? text_.size() : end;
    return at + 1;
  }

  SourceReader in_;
  std::string_view text_;
  Tokens out_;
  // Up to these places it is known that no closing partner comes, which keeps hostile input linear.
  std::size_t unclosed_double_ = 0;
  std::size_t unclosed_single_ = 0;
  std::size_t unclosed_template_ = 0;
  std::size_t unclosed_expression_ = 0;
  std::size_t unclosed_inner_ = 0;
  std::size_t line_end_ = 0;
};

}  // namespace

Tokens lex_script(std::string_view text, std::uint32_t first_line) {
  return ScriptLexer(text, first_line).run();
}

}  // namespace inventory
