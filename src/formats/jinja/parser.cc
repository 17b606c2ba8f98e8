#include <algorithm>
#include <charconv>

#include "formats/jinja/jinja.h"
#include "formats/jinja/lexer.h"

namespace formats::jinja {
namespace {

using base::Errc;
using base::Error;
using base::Result;

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Limits& limits) : tokens_(std::move(tokens)), limits_(limits) {}

  Result<Template> parse() {
    out_.root = TRY(body({}, 0));
    return std::move(out_);
  }

 private:
  using Names = std::vector<std::string_view>;

  // ---- Tokens
  const Token& now() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  void advance() { at_ += at_ + 1 < tokens_.size() ? 1U : 0U; }
  bool is_name(std::string_view word) const { return now().is(TokenKind::name, word); }
  bool is_symbol(std::string_view symbol) const { return now().is(TokenKind::symbol, symbol); }
  bool skip_name(std::string_view word) {
    const bool there = is_name(word);
    if (there) {
      advance();
    }
    return there;
  }
  bool skip_symbol(std::string_view symbol) {
    const bool there = is_symbol(symbol);
    if (there) {
      advance();
    }
    return there;
  }
  Error fail(std::string_view what) const {
    const bool end = now().kind == TokenKind::end;
    return {end ? Errc::truncated : Errc::malformed, std::string(what), now().offset};
  }
  Result<void> expect_symbol(std::string_view symbol) {
    if (!skip_symbol(symbol)) {
      return fail("'" + std::string(symbol) + "' expected");
    }
    return {};
  }
  Result<void> expect(TokenKind kind, std::string_view what) {
    if (now().kind != kind) {
      return fail(std::string(what) + " expected");
    }
    advance();
    return {};
  }
  Result<std::string> take_name() {
    if (now().kind != TokenKind::name) {
      return fail("name expected");
    }
    std::string name = now().text;
    advance();
    return name;
  }

  // ---- Tree
  Result<NodeId> make(Kind kind, std::uint32_t offset, std::string name, std::vector<NodeId> children,
                      std::int64_t number = 0) {
    if (out_.nodes.size() >= limits_.max_nodes) {
      return Error{Errc::too_large, "template: more than " + std::to_string(limits_.max_nodes) + " nodes", offset};
    }
    std::uint32_t depth = 1;
    for (const NodeId child : children) {
      depth = child == kNone ? depth : std::max(depth, out_.nodes[child].depth + 1);
    }
    if (depth > limits_.max_depth) {
      return too_deep(offset);
    }
    out_.nodes.push_back({kind, offset, depth, number, std::move(name), std::move(children)});
    return static_cast<NodeId>(out_.nodes.size() - 1);
  }
  Error too_deep(std::uint32_t offset) const {
    return {Errc::too_large, "template: nested deeper than " + std::to_string(limits_.max_depth), offset};
  }
  /// Of the parser's own calls, of which one level of the tree takes up to four.
  Result<void> check(std::uint32_t depth) const {
    if (depth > 4 * limits_.max_depth) {
      return too_deep(now().offset);
    }
    return {};
  }

  // ---- Expressions, from the loosest binding to the tightest
  Result<NodeId> expression(std::uint32_t depth) {
    TRY(check(depth));
    const std::uint32_t offset = now().offset;
    NodeId value = TRY(operators(0, depth + 1));
    while (skip_name("if")) {
      const NodeId test = TRY(operators(0, depth + 1));
      NodeId otherwise = kNone;
      if (skip_name("else")) {
        otherwise = TRY(expression(depth + 1));
      }
      value = TRY(make(Kind::condition, offset, {}, {test, value, otherwise}));
    }
    return value;
  }

  enum Level : std::uint8_t { kOr, kAnd, kNot, kCompare, kSum, kConcat, kProduct, kPower, kUnary };

  /// The operator of `level` that stands here, consumed; empty where there is none.
  std::string operator_of(int level) {
    const Token& token = now();
    const auto one_of = [&](std::initializer_list<std::string_view> symbols) {
      for (const std::string_view symbol : symbols) {
        if (skip_symbol(symbol)) {
          return std::string(symbol);
        }
      }
      return std::string();
    };
    switch (level) {
      case kOr:
        return skip_name("or") ? "or" : "";
      case kAnd:
        return skip_name("and") ? "and" : "";
      case kCompare:
        if (token.kind == TokenKind::name) {
          if (token.text == "in") {
            advance();
            return "in";
          }
          if (token.text == "not" && ahead().is(TokenKind::name, "in")) {
            advance();
            advance();
            return "notin";
          }
          return {};
        }
        return one_of({"==", "!=", "<=", ">=", "<", ">"});
      case kSum:
        return one_of({"+", "-"});
      case kConcat:
        return one_of({"~"});
      case kProduct:
        return one_of({"//", "*", "/", "%"});
      case kPower:
        return one_of({"**"});
      default:
        return {};
    }
  }

  Result<NodeId> operators(int level, std::uint32_t depth) {
    if (level == kUnary) {
      return unary(true, depth + 1);
    }
    if (level == kNot) {
      return negation(depth);
    }
    const std::uint32_t offset = now().offset;
    NodeId left = TRY(operators(level + 1, depth));
    std::vector<NodeId> operands{left};
    std::string names;
    for (std::string name = operator_of(level); !name.empty(); name = operator_of(level)) {
      const NodeId right = TRY(operators(level + 1, depth));
      if (level == kCompare || level == kConcat || level == kOr || level == kAnd) {
        operands.push_back(right);
        names += (names.empty() ? "" : " ") + name;
      } else {
        left = TRY(make(Kind::binary, offset, std::move(name), {left, right}));
      }
    }
    if (operands.size() == 1) {
      return left;
    }
    const Kind kind = level == kCompare  ? Kind::compare
                      : level == kConcat ? Kind::concat
                      : level == kOr     ? Kind::logical_or
                                         : Kind::logical_and;
    return make(kind, offset, level == kCompare ? std::move(names) : std::string(), std::move(operands));
  }

  Result<NodeId> negation(std::uint32_t depth) {
    TRY(check(depth));
    const std::uint32_t offset = now().offset;
    if (is_name("not")) {
      advance();
      const NodeId value = TRY(negation(depth + 1));
      return make(Kind::logical_not, offset, {}, {value});
    }
    return operators(kCompare, depth);
  }

  Result<NodeId> unary(bool with_filter, std::uint32_t depth) {
    TRY(check(depth));
    const std::uint32_t offset = now().offset;
    NodeId value = kNone;
    if (is_symbol("-") || is_symbol("+")) {
      const Kind kind = is_symbol("-") ? Kind::negative : Kind::positive;
      advance();
      value = TRY(unary(false, depth + 1));
      value = TRY(make(kind, offset, {}, {value}));
    } else {
      value = TRY(primary(false, depth + 1));
    }
    value = TRY(postfix(value, depth));
    if (!with_filter) {
      return value;
    }
    while (true) {
      if (is_symbol("|")) {
        advance();
        value = TRY(one_filter(value, depth));
      } else if (is_name("is")) {
        value = TRY(one_test(value, depth));
      } else if (is_symbol("(")) {
        value = TRY(call(value, depth));
      } else {
        return value;
      }
    }
  }

  Result<NodeId> postfix(NodeId value, std::uint32_t depth) {
    while (true) {
      if (is_symbol(".")) {
        const std::uint32_t offset = now().offset;
        advance();
        if (now().kind == TokenKind::name) {
          std::string name = now().text;
          advance();
          value = TRY(make(Kind::attribute, offset, std::move(name), {value}));
        } else if (now().kind == TokenKind::integer) {
          const NodeId key = TRY(primary(false, depth + 1));
          value = TRY(make(Kind::item, offset, {}, {value, key}));
        } else {
          return fail("name or number expected");
        }
      } else if (is_symbol("[")) {
        value = TRY(subscript(value, depth));
      } else if (is_symbol("(")) {
        value = TRY(call(value, depth));
      } else {
        return value;
      }
    }
  }

  Result<NodeId> subscript(NodeId value, std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    advance();
    std::vector<NodeId> keys;
    while (!is_symbol("]")) {
      if (!keys.empty()) {
        TRY(expect_symbol(","));
      }
      keys.push_back(TRY(subscribed(depth + 1)));
    }
    advance();
    const NodeId key = keys.size() == 1 ? keys[0] : TRY(make(Kind::tuple, offset, {}, std::move(keys)));
    return make(Kind::item, offset, {}, {value, key});
  }

  Result<NodeId> subscribed(std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    std::vector<NodeId> parts(3, kNone);
    if (!is_symbol(":")) {
      parts[0] = TRY(expression(depth));
      if (!is_symbol(":")) {
        return parts[0];
      }
    }
    for (std::size_t part = 1; part < 3 && skip_symbol(":"); ++part) {
      if (!is_symbol(":") && !is_symbol("]") && !is_symbol(",")) {
        parts[part] = TRY(expression(depth));
      }
    }
    return make(Kind::slice, offset, {}, std::move(parts));
  }

  Result<NodeId> primary(bool namespaces, std::uint32_t depth) {
    TRY(check(depth));
    const Token token = now();
    switch (token.kind) {
      case TokenKind::name:
        advance();
        if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False") {
          return make(Kind::boolean, token.offset, {}, {}, token.text.front() == 't' || token.text.front() == 'T');
        }
        if (token.text == "none" || token.text == "None") {
          return make(Kind::none, token.offset, {}, {});
        }
        if (namespaces && skip_symbol(".")) {
          const std::string member = TRY(take_name());
          return make(Kind::member, token.offset, token.text + "." + member, {});
        }
        return make(Kind::name, token.offset, token.text, {});
      case TokenKind::text: {
        std::string value;
        while (now().kind == TokenKind::text) {
          value += now().text;
          advance();
        }
        return make(Kind::text, token.offset, std::move(value), {});
      }
      case TokenKind::integer:
        advance();
        return integer(token);
      case TokenKind::real:
        advance();
        return make(Kind::real, token.offset, token.text, {});
      default:
        break;
    }
    if (skip_symbol("(")) {
      const NodeId value = TRY(tuple(true, true, {}, depth + 1));
      TRY(expect_symbol(")"));
      return value;
    }
    if (is_symbol("[") || is_symbol("{")) {
      return collection(is_symbol("{"), depth);
    }
    return fail("expression expected");
  }

  Result<NodeId> integer(const Token& token) {
    std::string_view digits = token.text;
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0' && (digits[1] < '0' || digits[1] > '9')) {
      const char letter = static_cast<char>(digits[1] | 0x20);
      base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
      digits.remove_prefix(2);
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error == std::errc::result_out_of_range) {
      return make(Kind::integer, token.offset, token.text, {}, INT64_MAX);
    }
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return Error{Errc::malformed, "number: not one", token.offset};
    }
    return make(Kind::integer, token.offset, {}, {}, number);
  }

  Result<NodeId> collection(bool dict, std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    const std::string_view closing = dict ? "}" : "]";
    advance();
    std::vector<NodeId> elements;
    while (!is_symbol(closing)) {
      if (!elements.empty()) {
        TRY(expect_symbol(","));
        if (is_symbol(closing)) {
          break;
        }
      }
      elements.push_back(TRY(expression(depth + 1)));
      if (dict) {
        TRY(expect_symbol(":"));
        elements.push_back(TRY(expression(depth + 1)));
      }
    }
    advance();
    return make(dict ? Kind::dict : Kind::list, offset, {}, std::move(elements));
  }

  bool tuple_ends(const Names& end_names) const {
    return now().kind == TokenKind::variable_end || now().kind == TokenKind::block_end || is_symbol(")") ||
           std::any_of(end_names.begin(), end_names.end(), [&](std::string_view name) { return is_name(name); });
  }

  /// An expression, or several with commas between them. `conditions`: whether "a if b" may stand here.
  Result<NodeId> tuple(bool parentheses, bool conditions, const Names& end_names, std::uint32_t depth) {
    TRY(check(depth));
    const std::uint32_t offset = now().offset;
    std::vector<NodeId> elements;
    bool several = false;
    while (true) {
      if (!elements.empty()) {
        TRY(expect_symbol(","));
      }
      if (tuple_ends(end_names)) {
        break;
      }
      elements.push_back(conditions ? TRY(expression(depth)) : TRY(operators(kOr, depth)));
      if (!is_symbol(",")) {
        break;
      }
      several = true;
    }
    if (!several && !elements.empty()) {
      return elements[0];
    }
    if (!several && !parentheses) {
      return fail("expression expected");
    }
    return make(Kind::tuple, offset, {}, std::move(elements));
  }

  /// "(a, *b, c=d, **e)": appends to `arguments`.
  Result<void> call_arguments(std::vector<NodeId>& arguments, std::uint32_t depth) {
    TRY(check(depth));
    TRY(expect_symbol("("));
    bool first = true;
    while (!is_symbol(")")) {
      if (!first) {
        TRY(expect_symbol(","));
        if (is_symbol(")")) {
          break;
        }
      }
      first = false;
      const std::uint32_t offset = now().offset;
      if (is_symbol("*") || is_symbol("**")) {
        const Kind kind = is_symbol("*") ? Kind::spread : Kind::spread_map;
        advance();
        const NodeId value = TRY(expression(depth + 1));
        arguments.push_back(TRY(make(kind, offset, {}, {value})));
      } else if (now().kind == TokenKind::name && ahead().is(TokenKind::symbol, "=")) {
        std::string name = now().text;
        advance();
        advance();
        const NodeId value = TRY(expression(depth + 1));
        arguments.push_back(TRY(make(Kind::keyword, offset, std::move(name), {value})));
      } else {
        arguments.push_back(TRY(expression(depth + 1)));
      }
    }
    advance();
    return {};
  }

  Result<NodeId> call(NodeId callee, std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    std::vector<NodeId> children{callee};
    TRY(call_arguments(children, depth + 1));
    return make(Kind::call, offset, {}, std::move(children));
  }

  Result<std::string> dotted_name() {
    std::string name = TRY(take_name());
    while (skip_symbol(".")) {
      name += "." + TRY(take_name());
    }
    return name;
  }

  /// Behind the '|'.
  Result<NodeId> one_filter(NodeId value, std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    std::string name = TRY(dotted_name());
    std::vector<NodeId> children{value};
    if (is_symbol("(")) {
      TRY(call_arguments(children, depth + 1));
    }
    return make(Kind::filter, offset, std::move(name), std::move(children));
  }

  Result<NodeId> one_test(NodeId value, std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    advance();  // is
    const bool negated = skip_name("not");
    std::string name = TRY(dotted_name());
    std::vector<NodeId> children{value};
    if (is_symbol("(")) {
      TRY(call_arguments(children, depth + 1));
    } else if ((now().kind == TokenKind::name && !is_name("else") && !is_name("or") && !is_name("and")) ||
               now().kind == TokenKind::text || now().kind == TokenKind::integer || now().kind == TokenKind::real ||
               is_symbol("[") || is_symbol("{")) {
      if (is_name("is")) {
        return fail("tests cannot be chained");
      }
      NodeId argument = TRY(primary(false, depth + 1));
      argument = TRY(postfix(argument, depth));
      children.push_back(argument);
    }
    const NodeId test = TRY(make(Kind::test, offset, std::move(name), std::move(children)));
    return negated ? make(Kind::logical_not, offset, {}, {test}) : Result<NodeId>(test);
  }

  // ---- Statements
  /// Statements up to {% one of `ends`, which is left standing behind its block_begin.
  Result<NodeId> body(const Names& ends, std::uint32_t depth) {
    TRY(check(depth));
    const std::uint32_t offset = now().offset;
    std::vector<NodeId> statements;
    while (true) {
      const Token& token = now();
      if (token.kind == TokenKind::end) {
        if (!ends.empty()) {
          return fail("{% " + std::string(ends.back()) + " %} expected");
        }
        break;
      }
      if (token.kind == TokenKind::data) {
        statements.push_back(TRY(make(Kind::data, token.offset, token.text, {})));
        advance();
      } else if (token.kind == TokenKind::variable_begin) {
        const std::uint32_t here = token.offset;
        advance();
        const NodeId value = TRY(tuple(false, true, {}, depth + 1));
        TRY(expect(TokenKind::variable_end, "'}}'"));
        statements.push_back(TRY(make(Kind::output, here, {}, {value})));
      } else {
        TRY(expect(TokenKind::block_begin, "'{%'"));
        if (std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return is_name(end); })) {
          break;
        }
        TRY(statement(statements, depth + 4));  // their frames are large
        TRY(expect(TokenKind::block_end, "'%}'"));
      }
    }
    return make(Kind::body, offset, {}, std::move(statements));
  }

  /// "… %} statements {% one of ends": the end's name stays.
  Result<NodeId> block_body(const Names& ends, std::uint32_t depth) {
    skip_symbol(":");
    TRY(expect(TokenKind::block_end, "'%}'"));
    return body(ends, depth);
  }
  Result<NodeId> closed_body(std::string_view end, std::uint32_t depth) {
    const NodeId inner = TRY(block_body({end}, depth));
    advance();
    return inner;
  }

  Result<NodeId> target(const Names& end_names, bool namespaces) {
    const std::uint32_t offset = now().offset;
    std::vector<NodeId> names;
    bool several = false;
    while (true) {
      if (!names.empty()) {
        TRY(expect_symbol(","));
      }
      if (tuple_ends(end_names)) {
        break;
      }
      if (skip_symbol("(")) {
        TRY(check(++target_depth_));
        names.push_back(TRY(target({}, namespaces)));
        --target_depth_;
        TRY(expect_symbol(")"));
      } else {
        if (now().kind != TokenKind::name) {
          return fail("name expected");
        }
        names.push_back(TRY(primary(namespaces, 0)));
      }
      if (!is_symbol(",")) {
        break;
      }
      several = true;
    }
    if (names.empty()) {
      return fail("name expected");
    }
    return several ? make(Kind::tuple, offset, {}, std::move(names)) : Result<NodeId>(names[0]);
  }

  Result<void> signature(std::vector<NodeId>& parameters, std::uint32_t depth) {
    TRY(expect_symbol("("));
    bool first = true;
    while (!is_symbol(")")) {
      if (!first) {
        TRY(expect_symbol(","));
      }
      first = false;
      const std::uint32_t offset = now().offset;
      std::string name = TRY(take_name());
      NodeId value = kNone;
      if (skip_symbol("=")) {
        value = TRY(expression(depth + 1));
      }
      parameters.push_back(TRY(make(Kind::parameter, offset, std::move(name), {value})));
    }
    advance();
    return {};
  }

  void skip_context() {
    if ((is_name("with") || is_name("without")) && ahead().is(TokenKind::name, "context")) {
      advance();
      advance();
    }
  }

  /// One statement, its name standing here; appends to `out` (print makes several).
  Result<void> statement(std::vector<NodeId>& out, std::uint32_t depth) {
    const std::uint32_t offset = now().offset;
    const std::string name = TRY(take_name());
    NodeId made = kNone;
    if (name == "print") {
      bool first = true;
      while (now().kind != TokenKind::block_end) {
        if (!first) {
          TRY(expect_symbol(","));
        }
        first = false;
        const NodeId value = TRY(expression(depth));
        out.push_back(TRY(make(Kind::output, offset, {}, {value})));
      }
      return {};
    }
    if (name == "set") {
      made = TRY(set(offset, depth));
    } else if (name == "for") {
      made = TRY(loop(offset, depth));
    } else if (name == "if") {
      made = TRY(branch(offset, depth));
    } else if (name == "with") {
      std::vector<NodeId> children;
      while (now().kind != TokenKind::block_end) {
        if (!children.empty()) {
          TRY(expect_symbol(","));
        }
        children.push_back(TRY(target({}, false)));
        TRY(expect_symbol("="));
        children.push_back(TRY(expression(depth)));
      }
      children.push_back(TRY(closed_body("endwith", depth)));
      made = TRY(make(Kind::with, offset, {}, std::move(children)));
    } else if (name == "macro") {
      std::string macro_name = TRY(take_name());
      std::vector<NodeId> children;
      TRY(signature(children, depth));
      children.push_back(TRY(closed_body("endmacro", depth)));
      made = TRY(make(Kind::macro, offset, std::move(macro_name), std::move(children)));
    } else if (name == "call") {
      std::vector<NodeId> children;
      if (is_symbol("(")) {
        TRY(signature(children, depth));
      }
      const NodeId callee = TRY(expression(depth));
      if (out_.nodes[callee].kind != Kind::call) {
        return fail("call expected");
      }
      children.push_back(callee);
      children.push_back(TRY(closed_body("endcall", depth)));
      made = TRY(make(Kind::call_block, offset, {}, std::move(children)));
    } else if (name == "filter") {
      NodeId filter = TRY(one_filter(kNone, depth));
      while (skip_symbol("|")) {
        filter = TRY(one_filter(filter, depth));
      }
      const NodeId inner = TRY(closed_body("endfilter", depth));
      made = TRY(make(Kind::filter_block, offset, {}, {filter, inner}));
    } else if (name == "block") {
      std::string block_name = TRY(take_name());
      skip_name("scoped");
      skip_name("required");
      const NodeId inner = TRY(closed_body("endblock", depth));
      skip_name(block_name);
      made = TRY(make(Kind::block, offset, std::move(block_name), {inner}));
    } else if (name == "extends" || name == "include") {
      const NodeId value = TRY(expression(depth));
      if (name == "include") {
        if (is_name("ignore") && ahead().is(TokenKind::name, "missing")) {
          advance();
          advance();
        }
        skip_context();
      }
      made = TRY(make(name == "extends" ? Kind::extends : Kind::include, offset, {}, {value}));
    } else if (name == "import" || name == "from") {
      made = TRY(imported(name == "from", offset, depth));
    } else if (name == "autoescape") {
      const NodeId value = TRY(expression(depth));
      const NodeId inner = TRY(closed_body("endautoescape", depth));
      made = TRY(make(Kind::autoescape, offset, {}, {value, inner}));
    } else if (name == "do") {
      const NodeId value = TRY(tuple(false, true, {}, depth));
      made = TRY(make(Kind::evaluate, offset, {}, {value}));
    } else if (name == "generation") {
      const NodeId inner = TRY(closed_body("endgeneration", depth));
      made = TRY(make(Kind::generation, offset, {}, {inner}));
    } else if (name == "trans") {
      made = TRY(translate(offset, depth));
    } else if (name == "break" || name == "continue") {
      made = TRY(make(Kind::loop_control, offset, name, {}));
    } else {
      return Error{Errc::malformed, "tag {% " + name.substr(0, 40) + " %}: unknown here", offset};
    }
    out.push_back(made);
    return {};
  }

  Result<NodeId> set(std::uint32_t offset, std::uint32_t depth) {
    const NodeId to = TRY(target({}, true));
    if (skip_symbol("=")) {
      const NodeId value = TRY(tuple(false, true, {}, depth));
      return make(Kind::set, offset, {}, {to, value});
    }
    NodeId filter = kNone;
    while (skip_symbol("|")) {
      filter = TRY(one_filter(filter, depth));
    }
    const NodeId inner = TRY(closed_body("endset", depth));
    return make(Kind::set_block, offset, {}, {to, filter, inner});
  }

  Result<NodeId> loop(std::uint32_t offset, std::uint32_t depth) {
    std::vector<NodeId> children(5, kNone);
    children[0] = TRY(target({"in"}, false));
    if (!skip_name("in")) {
      return fail("'in' expected");
    }
    children[1] = TRY(tuple(false, false, {"recursive"}, depth));
    if (skip_name("if")) {
      children[2] = TRY(expression(depth));
    }
    const bool recursive = skip_name("recursive");
    children[3] = TRY(block_body({"endfor", "else"}, depth));
    if (skip_name("else")) {
      children[4] = TRY(closed_body("endfor", depth));
    } else {
      advance();
    }
    return make(Kind::loop, offset, {}, std::move(children), recursive ? 1 : 0);
  }

  Result<NodeId> branch(std::uint32_t offset, std::uint32_t depth) {
    std::vector<NodeId> children;
    while (true) {
      children.push_back(TRY(tuple(false, false, {}, depth)));
      children.push_back(TRY(block_body({"elif", "else", "endif"}, depth)));
      if (skip_name("elif")) {
        continue;
      }
      if (skip_name("else")) {
        children.push_back(TRY(closed_body("endif", depth)));
      } else {
        advance();
      }
      return make(Kind::branch, offset, {}, std::move(children));
    }
  }

  Result<NodeId> imported(bool from, std::uint32_t offset, std::uint32_t depth) {
    std::vector<NodeId> children{TRY(expression(depth))};
    if (!from) {
      if (!skip_name("as")) {
        return fail("'as' expected");
      }
      std::string name = TRY(take_name());
      skip_context();
      return make(Kind::import, offset, std::move(name), std::move(children));
    }
    if (!skip_name("import")) {
      return fail("'import' expected");
    }
    while (now().kind == TokenKind::name) {
      if ((is_name("with") || is_name("without")) && ahead().is(TokenKind::name, "context")) {
        break;
      }
      const std::uint32_t here = now().offset;
      std::string name = TRY(take_name());
      if (skip_name("as")) {
        name = TRY(take_name());
      }
      children.push_back(TRY(make(Kind::name, here, std::move(name), {})));
      if (!skip_symbol(",")) {
        break;
      }
    }
    skip_context();
    return make(Kind::from_import, offset, {}, std::move(children));
  }

  Result<NodeId> translate(std::uint32_t offset, std::uint32_t depth) {
    std::vector<NodeId> children;
    while (now().kind != TokenKind::block_end) {
      skip_symbol(",");
      if (skip_symbol(":")) {
        break;
      }
      const std::uint32_t here = now().offset;
      std::string name = now().kind == TokenKind::text ? now().text : std::string();
      if (now().kind == TokenKind::text) {
        advance();
        continue;
      }
      name = TRY(take_name());
      NodeId value = kNone;
      if (skip_symbol("=")) {
        value = TRY(expression(depth));
      }
      children.push_back(TRY(make(Kind::keyword, here, std::move(name), {value})));
    }
    NodeId inner = TRY(block_body({"pluralize", "endtrans"}, depth));
    if (skip_name("pluralize")) {
      if (now().kind == TokenKind::name) {
        advance();
      }
      children.push_back(inner);
      inner = TRY(block_body({"endtrans"}, depth));
    }
    advance();
    children.push_back(inner);
    return make(Kind::translate, offset, {}, std::move(children));
  }

  std::vector<Token> tokens_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::uint32_t target_depth_ = 0;
  Template out_;
};

}  // namespace

Result<Template> parse(std::string_view source, const Limits& limits) {
  if (source.size() > limits.max_bytes) {
    return Error{Errc::too_large, "template: above " + std::to_string(limits.max_bytes) + " bytes", 0};
  }
  std::vector<Token> tokens;
  TRY(tokenize(source, limits.max_nodes, tokens));
  return Parser(std::move(tokens), limits).parse();
}

std::vector<Word> words(std::string_view source) {
  std::vector<Word> out;
  std::vector<Token> tokens;
  // Code goes on behind what the lexer cannot read: it is taken up again at the next tag.
  std::size_t from = 0;
  for (int attempt = 0; attempt < 50 && from < source.size() && out.size() < 100'000; ++attempt) {
    tokens.clear();
    const auto done = tokenize(source.substr(from), 400'000, tokens);
    std::size_t last = from;
    for (Token& token : tokens) {
      last = from + token.offset;
      if ((token.kind == TokenKind::name || token.kind == TokenKind::text) && out.size() < 100'000) {
        out.push_back(
            {std::move(token.text), static_cast<std::uint32_t>(from + token.offset), token.kind == TokenKind::text});
      }
    }
    if (done || tokens.empty()) {
      break;
    }
    const std::size_t stop = std::max(last, from + static_cast<std::size_t>(done.error().offset));
    const std::size_t next = source.find('{', std::max(stop, from) + 1);
    if (next == std::string_view::npos) {
      break;
    }
    from = next;
  }
  return out;
}

}  // namespace formats::jinja
