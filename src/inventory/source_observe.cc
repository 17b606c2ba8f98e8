#include "inventory/source_observe.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "inventory/source_names.h"

namespace inventory {
namespace {

using evidence::Confidence;

constexpr std::size_t kMaxDepth = 256;             ///< Of brackets that are looked into.
constexpr std::size_t kMaxEntries = 512;           ///< Of one call, list or mapping.
constexpr std::size_t kMaxPromptBytes = 1U << 20;  ///< Of one prompt's text.
constexpr std::size_t kMaxValues = 256;            ///< Of one name that are told apart by function.
constexpr std::uint64_t kMaxSteps = 20'000'000;    ///< Tokens looked at while evaluating text, in all.

// Tokens [begin, end).
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Entry {
  std::string_view key;  ///< Empty for a positional one.
  Range value;
};

// A bracket that is open at the place being read.
struct Frame {
  char bracket = 0;
  std::uint32_t open = 0;
  Range callee;                 ///< Of the call this is, or is an argument of.
  bool is_call = false;         ///< Whether this bracket itself opens the call.
  std::size_t first_entry = 0;  ///< In the shared stack of entries.
  std::string_view key;         ///< Of the entry being read.
  std::uint32_t value = 0;      ///< Where its value starts.
  std::string_view owner;       ///< Key or variable that this bracket's value goes to.
};

struct Text {
  std::string text;
  std::uint32_t line = 0;
  bool dynamic = false;
  std::string_view constant;  ///< Name of the constant it came from.
};

class SourceObserver {
 public:
  SourceObserver(Observed& out, const File& file, Language language, const std::vector<LineOrigin>* origins)
      : out_(out), file_(file), language_(language), origins_(origins) {}

  void run(std::string_view text) {
    Tokens lexed = language_ == Language::python ? lex_python(text) : lex_script(text);
    tokens_ = std::move(lexed.tokens);
    if (lexed.cut) {
      add_note(out_, "more than " + base::grouped(kMaxTokens) + " words of program text; the rest is not searched");
    }
    pair_brackets();
    if (language_ == Language::python) {
      find_functions(text);
    }
    read_imports_and_constants();
    read_statements();
    read_groups();
  }

 private:
  // --- tokens -------------------------------------------------------------------------------------------------------

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(tokens_.size()); }
  // A literal, so that its length is known when this is compiled: the comparison is one of whole words, without a call.
  template <std::size_t size_with_nul>
  [[nodiscard]] bool is(std::uint32_t at, const char (&text)[size_with_nul]) const {
    return at < size() && tokens_[at].text.size() == size_with_nul - 1 &&
           std::memcmp(tokens_[at].text.data(), text, size_with_nul - 1) == 0 && tokens_[at].kind != TokenKind::string;
  }
  [[nodiscard]] bool is_name(std::uint32_t at) const { return at < size() && tokens_[at].kind == TokenKind::name; }
  [[nodiscard]] bool is_string(std::uint32_t at) const {
    return at < size() && tokens_[at].kind == TokenKind::string && tokens_[at].complete;
  }
  // The operator at `at` where it is one character long; 0 where another token stands there.
  [[nodiscard]] char sign(std::uint32_t at) const {
    return at < size() && tokens_[at].kind == TokenKind::operator_ && tokens_[at].text.size() == 1
               ? tokens_[at].text.front()
               : '\0';
  }
  static bool opens(char sign) { return sign == '(' || sign == '[' || sign == '{'; }
  static bool closes(char sign) { return sign == ')' || sign == ']' || sign == '}'; }
  [[nodiscard]] bool is_open(std::uint32_t at) const { return opens(sign(at)); }
  [[nodiscard]] bool is_close(std::uint32_t at) const { return closes(sign(at)); }
  [[nodiscard]] std::string_view word(std::uint32_t at) const {
    return at < size() ? tokens_[at].text : std::string_view();
  }
  // A short string literal's text without escapes, for keys and module names.
  [[nodiscard]] std::string_view plain_string(std::uint32_t at) const {
    if (!is_string(at)) {
      return {};
    }
    std::string_view text = tokens_[at].text;
    while (!text.empty() && text.front() != '"' && text.front() != '\'' && text.front() != '`') {
      text.remove_prefix(1);
    }
    return text.size() >= 2 ? text.substr(1, text.size() - 2) : std::string_view();
  }
  [[nodiscard]] std::uint32_t line_of(std::uint32_t at) const { return at < size() ? real_line(tokens_[at].line) : 0; }
  [[nodiscard]] std::uint32_t real_line(std::uint32_t line) const {
    return origins_ != nullptr && line >= 1 && line <= origins_->size() ? (*origins_)[line - 1].line : line;
  }
  [[nodiscard]] std::string with_cell(std::uint32_t at, std::string detail) const {
    if (origins_ != nullptr && at < size() && tokens_[at].line >= 1 && tokens_[at].line <= origins_->size()) {
      const std::uint32_t cell = (*origins_)[tokens_[at].line - 1].cell;
      if (cell != 0) {
        detail += (detail.empty() ? "cell " : ", cell ") + std::to_string(cell);
      }
    }
    return detail;
  }
  void use(std::string_view kind, std::string_view name, std::uint32_t at, std::string detail = {},
           std::string_view revision = {}) {
    add_usage(out_, kind, name, revision, line_of(at), with_cell(at, std::move(detail)));
  }

  void pair_brackets() {
    match_.assign(tokens_.size(), 0);
    std::vector<std::uint32_t> open;
    for (std::uint32_t i = 0; i < size(); ++i) {
      const char bracket = sign(i);
      if (opens(bracket)) {
        open.push_back(i);
      } else if (closes(bracket) && !open.empty()) {
        match_[open.back()] = i;
        match_[i] = open.back();
        open.pop_back();
      }
    }
  }
  // Behind the bracket that closes the one at `at`; behind `at` itself where none does.
  [[nodiscard]] std::uint32_t past(std::uint32_t at) const { return match_[at] != 0 ? match_[at] + 1 : at + 1; }

  // Which function or body of a class the tokens of a Python file stand in, by the indentation of their statements.
  // What a class names is seen in its body, and not in its functions.
  void find_functions(std::string_view text) {
    struct Open {
      std::size_t column;
      std::uint32_t function;
      bool is_class;
    };
    std::vector<Open> open;
    parents_.assign(1, 0);
    functions_.assign(tokens_.size(), 0);
    statements_.assign(tokens_.size(), 0);
    std::uint32_t now = 0;
    std::uint32_t statement = 0;
    for (std::uint32_t i = 0; i < size(); ++i) {
      const bool first = i == 0 || tokens_[i - 1].kind == TokenKind::line_end;
      if (first && tokens_[i].kind != TokenKind::line_end) {
        ++statement;
        const auto offset = static_cast<std::size_t>(tokens_[i].text.data() - text.data());
        const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
        const std::size_t column = before == std::string_view::npos ? offset : offset - before - 1;
        while (!open.empty() && open.back().column >= column) {
          open.pop_back();
        }
        now = open.empty() ? 0 : open.back().function;
        const bool is_class = is(i, "class");
        if (is_class || is(i, "def") || (is(i, "async") && is(i + 1, "def"))) {
          const auto around =
              std::find_if(open.rbegin(), open.rend(), [](const Open& outer) { return !outer.is_class; });
          parents_.push_back(around == open.rend() ? 0 : around->function);
          now = static_cast<std::uint32_t>(parents_.size() - 1);
          open.push_back({column, now, is_class});
        }
      }
      functions_[i] = now;
      statements_[i] = statement;
    }
  }
  [[nodiscard]] std::uint32_t function_of(std::uint32_t at) const {
    return at < functions_.size() ? functions_[at] : 0;
  }

  [[nodiscard]] bool starts_statement(std::uint32_t at) const {
    if (at == 0) {
      return true;
    }
    const Token& before = tokens_[at - 1];
    if (language_ == Language::python) {
      return before.kind == TokenKind::line_end ||
             (before.kind == TokenKind::operator_ && is_one_of(before.text, {";", ":"}));
    }
    return true;
  }

  // The end of the expression that starts at `begin`, on its own level of brackets.
  [[nodiscard]] std::uint32_t expression_end(std::uint32_t begin) const {
    std::uint32_t at = begin;
    for (std::uint32_t steps = 0; at < size() && steps < 4096; ++steps) {
      const Token& token = tokens_[at];
      if (token.kind == TokenKind::line_end || is_close(at) ||
          (token.kind == TokenKind::operator_ && is_one_of(token.text, {",", ";", "="}))) {
        return at;
      }
      if (language_ == Language::script && at > begin && token.kind != TokenKind::operator_) {
        const Token& before = tokens_[at - 1];
        const bool value_before = before.kind != TokenKind::operator_ || is_close(at - 1);
        const bool tagged = before.kind == TokenKind::name && token.text.starts_with('`');
        const bool joined = is_one_of(token.text, {"as", "satisfies"}) ||
                            is_one_of(before.text, {"as", "satisfies", "new", "await", "typeof"});
        if (value_before && !tagged && !joined) {
          return at;  // the next statement, without a semicolon
        }
      }
      at = is_open(at) ? past(at) : at + 1;
    }
    return at;
  }

  // The dotted name that ends at `last`, as tokens; empty where none does.
  [[nodiscard]] Range chain_before(std::uint32_t end) const {
    if (end == 0 || !is_name(end - 1)) {
      return {};
    }
    std::uint32_t begin = end - 1;
    for (int parts = 0; parts < 12 && begin >= 2; ++parts) {
      if (!(is(begin - 1, ".") || is(begin - 1, "?.")) || !is_name(begin - 2)) {
        break;
      }
      begin -= 2;
    }
    return {begin, end};
  }
  [[nodiscard]] std::string chain_text(Range chain) const {
    std::string text;
    for (std::uint32_t i = chain.begin; i < chain.end; ++i) {
      text += is_name(i) ? tokens_[i].text : std::string_view(".");
    }
    return text;
  }
  [[nodiscard]] std::string_view last_name(Range chain) const {
    return chain.end > chain.begin ? tokens_[chain.end - 1].text : std::string_view();
  }
  // The last name but one: "messages" of "client.messages.create".
  [[nodiscard]] std::string_view name_before_last(Range chain) const {
    return chain.end >= chain.begin + 3 ? tokens_[chain.end - 3].text : std::string_view();
  }

  // --- imports and constants ----------------------------------------------------------------------------------------

  void import_module(std::string_view module, std::uint32_t at, bool names_an_agent = true) {
    if (module.empty() || module.front() == '.' || module.size() > 200) {
      return;
    }
    if ((module == "ai" && language_ == Language::python) || (module == "agents" && !names_an_agent) ||
        (language_ == Language::script && is_one_of(module, {"agents", "phi", "camel", "guidance", "datasets"}))) {
      return;
    }
    const auto sdk = sdk_of(module);
    if (!sdk) {
      return;
    }
    prompts_ = prompts_ || sdk->prompts;
    hub_ = hub_ || sdk->hub;
    if (sdks_.insert(sdk->name).second) {
      use("sdk", sdk->name, at, "import " + std::string(module));
    }
  }
  [[nodiscard]] bool has_sdk(std::initializer_list<std::string_view> names) const {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return sdks_.contains(name); });
  }

  // A dotted module name from `at`; `at` moves behind it.
  std::string module_name(std::uint32_t& at) const {
    std::string module;
    while (is(at, ".") || is(at, "...")) {
      module += word(at++);
    }
    while (is_name(at) && !is_one_of(word(at), {"import", "as"})) {
      module += word(at++);
      if (is(at, ".") && is_name(at + 1)) {
        module += word(at++);
      } else {
        break;
      }
    }
    return module;
  }

  void read_python_import(std::uint32_t at) {
    if (is(at, "import")) {
      std::uint32_t i = at + 1;
      while (is_name(i)) {
        import_module(module_name(i), at);
        if (is(i, "as")) {
          i += 2;
        }
        if (!is(i, ",")) {
          break;
        }
        ++i;
      }
      return;
    }
    std::uint32_t i = at + 1;
    const std::string module = module_name(i);
    if (!is(i, "import")) {
      return;
    }
    bool agent = false;
    std::vector<std::string_view> names;
    for (++i; i < size() && tokens_[i].kind != TokenKind::line_end && !is(i, ")"); ++i) {
      if (is_name(i) && !is(i, "as") && !is(i - 1, "as")) {
        agent = agent || is_one_of(word(i), {"Agent", "Runner", "function_tool", "RunContextWrapper", "Tool", "handoff",
                                             "ModelSettings", "InputGuardrail", "input_guardrail", "trace"});
        names.push_back(word(i));
      }
    }
    if (module == "google") {
      for (const std::string_view name : names) {
        import_module("google." + std::string(name), at);
      }
    }
    import_module(module, at, agent);
  }

  void read_script_import(std::uint32_t at) {
    if (is_string(at + 1)) {
      import_module(plain_string(at + 1), at);
      return;
    }
    if (is(at + 1, "(")) {
      import_module(plain_string(at + 2), at);
      return;
    }
    for (std::uint32_t i = at + 1; i < size() && i < at + 2000 && !is(i, "import") && !is(i, ";"); ++i) {
      if (is(i, "from") && is_string(i + 1)) {
        import_module(plain_string(i + 1), at);
        return;
      }
    }
  }

  // Whether the value at `at` may be text: a literal, a bracketed one, or a call that wraps one.
  [[nodiscard]] bool may_be_text(std::uint32_t at) const {
    return is_string(at) || is(at, "(") || is(at, "[") ||
           (is_name(at) && (is(at + 1, "(") || is(at + 1, ".") || is_string(at + 1)));
  }

  // Where the value assigned to the name at `at` starts: behind "=" or ": type ="; 0 where nothing is assigned.
  [[nodiscard]] std::uint32_t assigned_value(std::uint32_t at) const {
    if (is(at + 1, "=")) {
      return at + 2;
    }
    if (is(at + 1, ":") || (is(at + 1, "?") && is(at + 2, ":"))) {
      for (std::uint32_t i = at + 2; i < size() && i < at + 24; ++i) {
        if (is(i, "=")) {
          return i + 1;
        }
        const bool in_type = is_name(i) || is_string(i) || is(i, "[") || is(i, "]") || is(i, ".") || is(i, "|") ||
                             is(i, "<") || is(i, ">") ||
                             (is(i, ",") && language_ == Language::python && is(i + 2, "]"));
        if (!in_type) {
          break;
        }
      }
    }
    return 0;
  }

  void read_imports_and_constants() {
    for (std::uint32_t i = 0; i < size(); ++i) {
      if (!is_name(i)) {
        if (is_string(i)) {
          note_endpoint_of_provider(i);
        }
        continue;
      }
      const std::string_view name = word(i);
      if (language_ == Language::python) {
        if ((name == "import" || name == "from") && starts_statement(i)) {
          if (name == "import" || !(i > 0 && is(i - 1, "yield"))) {
            read_python_import(i);
          }
          continue;
        }
      } else if (name == "import") {
        read_script_import(i);
        continue;
      } else if (name == "require" && is(i + 1, "(")) {
        import_module(plain_string(i + 2), i);
        continue;
      }
      const bool declared = language_ == Language::python ? starts_statement(i)
                                                          : i > 0 && is_one_of(word(i - 1), {"const", "let", "var"});
      if (!declared || constant_count_ >= 50'000) {
        continue;
      }
      const std::uint32_t value = assigned_value(i);
      if (value != 0 && may_be_text(value)) {
        constants_[name].push_back(value);
        ++constant_count_;
      }
    }
  }

  // Where the value starts that the name has at `at`, as Python resolves names: in the function itself the last text
  // assigned before, else what is assigned first there, in the nearest function around it or in the file; 0 for none.
  // Scripts are not told apart by function.
  [[nodiscard]] std::uint32_t constant_at(std::string_view name, std::uint32_t at) const {
    const auto found = constants_.find(name);
    if (found == constants_.end()) {
      return 0;
    }
    const std::vector<std::uint32_t>& values = found->second;
    if (language_ != Language::python) {
      return values.front();
    }
    for (std::uint32_t function = function_of(at), inside = 1;; inside = 0) {
      std::uint32_t best = 0;
      for (std::size_t i = 0; i < values.size() && i < kMaxValues; ++i) {
        if (function_of(values[i]) == function &&
            (best == 0 || (inside != 0 && statements_[values[i]] < statements_[at] &&
                           (is_string(values[i]) || is(values[i], "("))))) {
          best = values[i];
        }
      }
      if (best != 0 || function == 0) {
        return best;
      }
      function = parents_[function];
    }
  }

  // Code that calls a provider without its library: the address tells.
  void note_endpoint_of_provider(std::uint32_t at) {
    const std::string_view text = tokens_[at].text;
    if (text.size() > 300 || text.find("://") == text.npos) {
      return;
    }
    if (has_word(text, {"api.openai.com", "api.anthropic.com", "generativelanguage.googleapis.com", "api.mistral.ai",
                        "api.cohere.", "openrouter.ai/api", "api.groq.com", "api.together.xyz", "api.deepseek.com",
                        "api.x.ai", "api-inference.huggingface.co", "localhost:11434", "openai.azure.com"})) {
      prompts_ = true;
    }
  }

  // --- values -------------------------------------------------------------------------------------------------------

  // The text that the expression stands for, as far as the source alone tells; nothing where it holds no text.
  std::optional<Text> evaluate(Range range, int depth = 0) {
    Text out;
    bool found = false;
    append(range, depth, out, found);
    if (!found || out.text.size() > kMaxPromptBytes) {
      return std::nullopt;
    }
    return out;
  }

  void append(Range range, int depth, Text& out, bool& found) {
    if (depth > 8) {
      return;
    }
    for (std::uint32_t i = range.begin; i < range.end && i < size();) {
      if (++steps_ > kMaxSteps || out.text.size() > kMaxPromptBytes) {
        return;
      }
      if (is_string(i)) {
        StringValue value = string_value(tokens_[i], language_);
        if (!found) {
          out.line = line_of(i);
        }
        found = true;
        out.text += value.text;
        out.dynamic = out.dynamic || value.dynamic;
        ++i;
        i = append_methods(i, range.end, out);
      } else if (is(i, "+")) {
        ++i;
      } else if (is(i, "(")) {
        append({i + 1, std::min(range.end, past(i) - 1)}, depth + 1, out, found);
        i = append_methods(past(i), range.end, out);
      } else if (is(i, "[") && !found) {
        i = append_joined_list(i, depth, out, found);
      } else if (is_name(i)) {
        const std::string_view name = word(i);
        if (name == "if" || name == "else") {  // "text" if condition else …
          out.dynamic = true;
          return;
        }
        if (is_one_of(name, {"or", "and", "as", "const", "new", "await", "satisfies"})) {
          ++i;
          continue;
        }
        i = append_name(i, range.end, depth, out, found);
      } else if (is(i, "??") || is(i, "||")) {
        ++i;
      } else if (is(i, "?") && !found) {
        out.text.clear();
        ++i;
      } else if (is(i, "%") && found) {
        out.dynamic = true;
        return;
      } else {
        return;
      }
    }
  }

  // ".format(…)", ".strip()", ".replace(…)" behind text; returns where they end.
  std::uint32_t append_methods(std::uint32_t at, std::uint32_t end, Text& out) const {
    while (at + 2 < end && (is(at, ".") || is(at, "?.")) && is_name(at + 1) && is(at + 2, "(")) {
      out.dynamic =
          out.dynamic || is_one_of(word(at + 1), {"format", "replace", "join", "concat", "format_map", "substitute"});
      at = past(at + 2);
    }
    return at;
  }

  // ["a", "b"].join("\n")
  std::uint32_t append_joined_list(std::uint32_t at, int depth, Text& out, bool& found) {
    const std::uint32_t end = past(at);
    if (!(is(end, ".") && is(end + 1, "join"))) {
      return size();
    }
    std::uint32_t begin = at + 1;
    for (std::uint32_t i = begin; i < end; i = is_open(i) ? past(i) : i + 1) {
      if (is(i, ",") || i + 1 == end) {
        const bool had = found;
        append({begin, i}, depth + 1, out, found);
        if (found && (had || !out.text.empty())) {
          out.text += '\n';
        }
        begin = i + 1;
      }
    }
    return append_methods(end, size(), out);
  }

  std::uint32_t append_name(std::uint32_t at, std::uint32_t end, int depth, Text& out, bool& found) {
    std::uint32_t last = at;
    while (last + 2 < end && (is(last + 1, ".") || is(last + 1, "?.")) && is_name(last + 2)) {
      last += 2;
    }
    const std::string_view name = word(last);
    if (is(last + 1, "(") && last + 1 < end) {
      const std::uint32_t close = past(last + 1) - 1;
      if (is_one_of(name,
                    {"dedent", "cleandoc", "trim", "str", "String", "Template", "stripIndent", "Field", "SystemMessage",
                     "HumanMessage", "String.raw", "TextContent", "Literal", "lazy", "_", "gettext"})) {
        const std::uint32_t first_end = argument_end(last + 2, close);
        append({last + 2, first_end}, depth + 1, out, found);
      } else if (is_one_of(name, {"getenv", "get"}) && (is(at, "os") || is(at, "environ") || is(at, "getenv"))) {
        const std::uint32_t first_end = argument_end(last + 2, close);
        if (first_end < close) {
          append({first_end + 1, close}, depth + 1, out, found);
        }
        out.dynamic = true;
      } else {
        out.dynamic = true;
      }
      return append_methods(close + 1, end, out);
    }
    if (is_string(last + 1) && last + 1 < end && word(last + 1).starts_with('`')) {
      return last + 1;  // a tagged template: the tag is passed over
    }
    if (last == at) {
      const std::uint32_t constant = constant_at(name, at);
      if (constant != 0 && depth < 4 && constant != range_guard_) {
        const std::uint32_t saved = range_guard_;
        range_guard_ = constant;
        const bool had = found;
        append({constant, expression_end(constant)}, depth + 1, out, found);
        range_guard_ = saved;
        if (found && !had) {
          out.constant = name;
        }
        return append_methods(last + 1, end, out);
      }
    }
    if (found) {
      out.text += '{' + std::string(name) + '}';
    }
    out.dynamic = true;
    if (is(last + 1, "[") && last + 1 < end) {  // os.environ["X"]
      return append_methods(past(last + 1), end, out);
    }
    return last + 1;
  }

  // Where the argument that starts at `begin` ends: at a comma of this level, or at `close`.
  [[nodiscard]] std::uint32_t argument_end(std::uint32_t begin, std::uint32_t close) const {
    std::uint32_t i = begin;
    for (int steps = 0; i < close && steps < 4096; ++steps) {
      if (is(i, ",")) {
        return i;
      }
      i = is_open(i) ? past(i) : i + 1;
    }
    return std::min(i, close);
  }

  // --- prompts ------------------------------------------------------------------------------------------------------

  void found_prompt(const Text& text, std::string_view name, std::string_view role, Confidence confidence,
                    std::string how) {
    FoundPrompt prompt;
    prompt.name = text.constant.empty() ? std::string(name) : std::string(text.constant);
    prompt.text = text.text;
    prompt.line = text.line;
    prompt.role = role;
    prompt.dynamic = text.dynamic;
    prompt.recognised_by = std::move(how);
    prompt.confidence = confidence;
    add_prompt(out_, file_, std::move(prompt));
  }

  // A name that a prompt may have, with a value: a variable, a field, a keyword.
  void named_value(std::string_view name, Range value, std::string_view how) {
    const std::string snake = snake_case(name);
    const PromptName strength = prompt_name(snake);
    if (strength == PromptName::none) {
      return;
    }
    const auto text = evaluate(value);
    if (!text) {
      return;
    }
    const bool beside_prompts = has_word(file_.lower_path, {"prompt", "agent", "llm", "persona"});
    if (strength == PromptName::strong) {
      if (is_prose(text->text, 20, 3)) {
        found_prompt(*text, name, "system", prompts_ || beside_prompts ? Confidence::high : Confidence::medium,
                     std::string(how));
      }
      return;
    }
    const std::string_view end = base::trim(text->text);
    const bool asks = text->text.size() < 200 && (end.ends_with('?') || end.ends_with(':') || end.ends_with("]"));
    if (!is_prose(text->text, 40, 6) || asks) {
      return;
    }
    if (!prompts_ && !beside_prompts) {
      // Without a model in sight such a name mostly asks a person something; long text under it hardly does.
      if (!is_prose(text->text, 200, 30) || snake == "instructions" || !has_word(snake, {"prompt"})) {
        return;
      }
      found_prompt(*text, name, "", Confidence::low, std::string(how));
      return;
    }
    const bool screaming = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    found_prompt(*text, name, "", screaming && prompts_ && !hub_only() ? Confidence::high : Confidence::medium,
                 std::string(how));
  }
  // Image generation and training code call their inputs prompts, too.
  [[nodiscard]] bool hub_only() const { return has_sdk({"diffusers"}); }

  // --- statements ---------------------------------------------------------------------------------------------------

  void read_statements() {
    for (std::uint32_t i = 0; i < size(); ++i) {
      if (is(i, "@") && starts_statement(i)) {
        read_decorator(i);
      } else if (is_name(i)) {
        if (language_ == Language::python && is(i, "class") && starts_statement(i)) {
          read_class(i);
        }
        read_environment(i);
        read_assignment(i);
      }
    }
  }

  void read_assignment(std::uint32_t at) {
    if (language_ == Language::python && !(starts_statement(at) || is(at - 1, "."))) {
      return;
    }
    const std::uint32_t value = assigned_value(at);
    if (value == 0) {
      return;
    }
    const std::string_view name = word(at);
    const std::string lower = base::to_lower(name);
    if (has_word(lower, {"prompt", "instruction", "preamble", "persona", "system"})) {
      named_value(name, {value, expression_end(value)}, "code: assigned to " + std::string(name.substr(0, 80)));
    } else if (has_word(lower, {"model", "engine", "deployment", "llm"})) {
      model_value(name, {value, expression_end(value)}, {}, at);
    } else if (is_string(value) && is_secret_name(name)) {
      literal_key(name, value);
    } else if (is_string(value) &&
               has_word(lower, {"base_url", "baseurl", "endpoint", "api_url", "api_base", "host_url"})) {
      if (const std::string url = endpoint_of(plain_string(value)); !url.empty()) {
        use("endpoint", url, value, "assigned to " + std::string(name));
      }
    }
  }

  void literal_key(std::string_view name, std::uint32_t value) {
    const std::string_view text = plain_string(value);
    if (is_provider_key(text)) {
      use("literal-key", name, value, "value not kept; SHA-256 starts " + base::sha256(text).hex().substr(0, 12));
    }
  }

  // os.environ["X"], os.environ.get("X"), os.getenv("X"), process.env.X, Deno.env.get("X")
  void read_environment(std::uint32_t at) {
    std::string_view name;
    std::uint32_t place = at;
    if (is(at, "getenv") && is(at + 1, "(")) {
      name = plain_string(at + 2);
    } else if (is(at, "environ") ||
               (is(at, "env") && at >= 2 && is_one_of(word(at - 2), {"process", "meta", "Deno", "Bun"}))) {
      if (is(at + 1, "[")) {
        name = plain_string(at + 2);
      } else if (is(at + 1, ".") && is_one_of(word(at + 2), {"get", "setdefault", "pop"}) && is(at + 3, "(")) {
        name = plain_string(at + 4);
      } else if (is(at + 1, ".") && is_name(at + 2) && language_ == Language::script) {
        name = word(at + 2);
      }
    }
    if (!name.empty() && name.size() < 100 && is_secret_name(name)) {
      use("environment-variable", name, place);
    }
  }

  void read_decorator(std::uint32_t at) {
    std::uint32_t i = at + 1;
    while (is_name(i) && is(i + 1, ".") && is_name(i + 2)) {
      i += 2;
    }
    if (!is_name(i)) {
      return;
    }
    const Range chain{at + 1, i + 1};
    const std::string_view last = last_name(chain);
    if (!is_one_of(last, {"tool", "function_tool", "tool_plain", "kernel_function", "ai_function", "ai_tool",
                          "beta_tool", "llm_tool", "register_tool", "register_for_llm", "action"}) ||
        !(prompts_ || is_one_of(last, {"function_tool", "kernel_function", "register_for_llm"}))) {
      return;
    }
    if (last == "action" && !has_sdk({"browser-use", "nemoguardrails"})) {
      return;
    }
    std::string name;
    std::uint32_t next = i + 1;
    if (is(next, "(")) {
      const std::uint32_t close = past(next) - 1;
      if (is_string(next + 1)) {
        name = plain_string(next + 1);
      }
      for (std::uint32_t k = next + 1; k + 2 < close && k < next + 200; k = is_open(k) ? past(k) : k + 1) {
        if (is(k, "name") && is(k + 1, "=") && is_string(k + 2)) {
          name = plain_string(k + 2);
        }
      }
      next = close + 1;
    }
    // Behind further decorators, the function.
    for (std::uint32_t steps = 0; next < size() && steps < 200; ++steps) {
      if (is(next, "def") && is_name(next + 1)) {
        if (name.empty() || name.find(' ') != name.npos) {
          name = word(next + 1);
        }
        tools_.insert(std::string(word(next + 1)));
        tools_.insert(name);
        use("tool", name, next + 1, "@" + chain_text(chain));
        return;
      }
      if (is(next, "class")) {
        return;
      }
      next = is_open(next) ? past(next) : next + 1;
    }
  }

  // class Search(BaseTool):
  void read_class(std::uint32_t at) {
    if (!prompts_ || !is_name(at + 1) || !is(at + 2, "(")) {
      return;
    }
    const std::uint32_t close = past(at + 2) - 1;
    for (std::uint32_t i = at + 3; i < close && i < at + 40; ++i) {
      if (is_name(i) && is_one_of(word(i), {"BaseTool", "StructuredTool", "FunctionTool", "Tool"})) {
        tools_.insert(std::string(word(at + 1)));
        use("tool", word(at + 1), at + 1, "class of " + std::string(word(i)));
        return;
      }
    }
  }

  // --- calls, lists and mappings ------------------------------------------------------------------------------------

  void read_groups() {
    std::vector<Frame> frames;
    std::size_t too_deep = 0;
    for (std::uint32_t i = 0; i < size(); ++i) {
      const char mark = sign(i);
      if (mark == '\0') {
        continue;
      }
      if (opens(mark)) {
        if (frames.size() >= kMaxDepth || too_deep > 0) {
          ++too_deep;
          continue;
        }
        frames.push_back(open_frame(i, frames));
        start_entry(frames.back(), i + 1);
      } else if (closes(mark)) {
        if (too_deep > 0) {
          --too_deep;
          continue;
        }
        if (frames.empty()) {
          continue;
        }
        Frame& frame = frames.back();
        end_entry(frame, i);
        on_group(frame, std::span(entries_).subspan(frame.first_entry), frames);
        entries_.resize(frame.first_entry);
        frames.pop_back();
      } else if (!frames.empty() && too_deep == 0 && (mark == ',' || mark == ';')) {
        end_entry(frames.back(), i);
        start_entry(frames.back(), i + 1);
      }
    }
  }

  Frame open_frame(std::uint32_t at, const std::vector<Frame>& frames) {
    Frame frame;
    frame.bracket = tokens_[at].text.front();
    frame.open = at;
    frame.first_entry = entries_.size();
    if (frame.bracket == '(') {
      frame.callee = chain_before(at);
      // Generic calls of TypeScript: name<T>(…)
      frame.is_call =
          frame.callee.end != 0 &&
          !is_one_of(last_name(frame.callee), {"if", "for", "while", "return", "in", "and", "or", "not", "function"}) &&
          !(frame.callee.begin > 0 && is_one_of(word(frame.callee.begin - 1), {"def", "class", "function"}));
      if (!frame.is_call) {
        frame.callee = {};
      }
      // Who gets the result: name = call(…), key: call(…)
      std::uint32_t before = frame.callee.begin;
      while (before > 0 && is_one_of(word(before - 1), {"await", "new"})) {
        --before;
      }
      if (frame.is_call && before >= 3 && is(before - 1, "=>") && is(before - 2, ")")) {
        // const name = (…) => call(…)
        const std::uint32_t open = match_[before - 2];
        before = open > 0 && is(open - 1, "async") ? open - 1 : open;
      }
      if (frame.is_call && before >= 2 && (is(before - 1, "=") || is(before - 1, ":"))) {
        frame.owner = is_name(before - 2) ? word(before - 2) : plain_string(before - 2);
      }
    }
    if (frame.callee.end == 0 && !frames.empty()) {
      frame.callee = frames.back().callee;
      frame.owner = frames.back().key.empty() ? frames.back().owner : frames.back().key;
    }
    return frame;
  }

  void start_entry(Frame& frame, std::uint32_t at) {
    frame.key = {};
    frame.value = at;
    if (frame.bracket == '(' && language_ == Language::python && is_name(at) && is(at + 1, "=")) {
      frame.key = word(at);
      frame.value = at + 2;
    } else if (frame.bracket == '{' && (is_name(at) || is_string(at))) {
      if (is(at + 1, ":")) {
        frame.key = is_name(at) ? word(at) : plain_string(at);
        frame.value = at + 2;
      } else if (is_name(at) && language_ == Language::script && (is(at + 1, ",") || is(at + 1, "}"))) {
        frame.key = word(at);  // { model }
      }
    }
  }

  void end_entry(Frame& frame, std::uint32_t at) {
    if (at > frame.value && entries_.size() - frame.first_entry < kMaxEntries) {
      entries_.push_back({frame.key, {frame.value, at}});
    }
    frame.key = {};
  }

  static const Entry* find(std::span<const Entry> entries, std::initializer_list<std::string_view> keys) {
    for (const Entry& entry : entries) {
      if (!entry.key.empty() && is_one_of(entry.key, keys)) {
        return &entry;
      }
    }
    return nullptr;
  }
  // The positional entry of that number, from 0.
  static const Entry* positional(std::span<const Entry> entries, std::size_t number) {
    for (const Entry& entry : entries) {
      if (!entry.key.empty()) {
        return nullptr;
      }
      if (number-- == 0) {
        return &entry;
      }
    }
    return nullptr;
  }
  // The text of an entry that is one literal.
  [[nodiscard]] std::string_view literal(const Entry* entry) const {
    return entry != nullptr && entry->value.end == entry->value.begin + 1 ? plain_string(entry->value.begin)
                                                                          : std::string_view();
  }
  [[nodiscard]] bool is_true(const Entry* entry) const {
    return entry != nullptr && entry->value.end == entry->value.begin + 1 &&
           is_one_of(word(entry->value.begin), {"True", "true"});
  }
  [[nodiscard]] bool is_false(const Entry* entry) const {
    return entry != nullptr && entry->value.end == entry->value.begin + 1 &&
           is_one_of(word(entry->value.begin), {"False", "false"});
  }

  void on_group(const Frame& frame, std::span<const Entry> entries, const std::vector<Frame>& frames) {
    if (entries.empty()) {
      return;
    }
    if (frame.bracket == '{') {
      on_message(frame, entries);
      on_tool_description(frame, entries);
    } else if (!frame.is_call) {
      on_pair(frame, entries);
    } else {
      on_call(frame, entries);
    }
    for (const Entry& entry : entries) {
      if (!entry.key.empty()) {
        on_entry(frame, entry, entries);
      }
    }
    if (frame.bracket == '[' && prompts_ && !frames.empty() && frames.size() >= 2) {
      on_tool_list(frames, entries);
    }
  }

  // {"role": "system", "content": "…"}
  void on_message(const Frame& frame, std::span<const Entry> entries) {
    const std::string_view role = literal(find(entries, {"role"}));
    if (role != "system" && role != "developer") {
      return;
    }
    const Entry* content = find(entries, {"content", "text", "parts"});
    if (content == nullptr) {
      return;
    }
    auto text = evaluate(content->value);
    if (!text && is(content->value.begin, "[")) {
      // [{"type": "text", "text": "…"}]
      for (std::uint32_t i = content->value.begin; i < content->value.end && i < content->value.begin + 64; ++i) {
        if ((is(i, ":") && plain_string(i - 1) == "text") || (is(i, ":") && is(i - 1, "text"))) {
          text = evaluate({i + 1, argument_end(i + 1, content->value.end)});
          break;
        }
      }
    }
    if (text && is_prose(text->text, 8, 2)) {
      found_prompt(*text, role, role, prompts_ ? Confidence::high : Confidence::medium,
                   "code: message with role " + std::string(role));
    }
    (void)frame;
  }

  // ("system", "…")
  void on_pair(const Frame& frame, std::span<const Entry> entries) {
    if (entries.size() != 2 || !entries[0].key.empty() || !entries[1].key.empty()) {
      return;
    }
    const std::string_view role = literal(&entries[0]);
    if (role != "system" && role != "developer") {
      return;
    }
    const std::string_view callee = last_name(frame.callee);
    if (!has_sdk({"langchain", "langgraph"}) && callee != "from_messages" && callee != "fromMessages") {
      return;
    }
    if (const auto text = evaluate(entries[1].value); text && is_prose(text->text, 8, 2)) {
      found_prompt(*text, role, role, Confidence::high, "code: message with role " + std::string(role));
    }
  }

  // {"name": "…", "description": "…", "parameters": {…}}
  void on_tool_description(const Frame& frame, std::span<const Entry> entries) {
    const Entry* name = find(entries, {"name"});
    const std::string_view text = literal(name);
    if (text.empty() || text.size() > 100 || text.find(' ') != text.npos || !prompts_) {
      return;
    }
    const bool schema =
        find(entries, {"parameters", "input_schema", "inputSchema", "schema", "argsSchema", "func"}) != nullptr;
    const bool described = find(entries, {"description"}) != nullptr;
    const bool callee_is_tool =
        is_one_of(last_name(frame.callee), {"tool", "DynamicTool", "DynamicStructuredTool", "createTool",
                                            "FunctionTool", "Tool", "StructuredTool", "toolDefinition"});
    if ((schema && described) || callee_is_tool) {
      tools_.insert(std::string(text));
      use("tool", text, name->value.begin, callee_is_tool ? chain_text(frame.callee) : "function description");
    }
  }

  // tools=[search, send_mail]
  void on_tool_list(const std::vector<Frame>& frames, std::span<const Entry> entries) {
    const Frame& parent = frames[frames.size() - 2];
    const bool bound = parent.is_call && parent.key.empty() &&
                       is_one_of(last_name(parent.callee), {"bind_tools", "bindTools", "ToolNode"});
    if (parent.key != "tools" && !bound) {
      return;
    }
    for (const Entry& entry : entries) {
      if (entry.key.empty() && entry.value.end == entry.value.begin + 1 && is_name(entry.value.begin)) {
        const std::string name(word(entry.value.begin));
        if (name == "tool" || name == "t" || name == "None") {
          continue;
        }
        if (tools_.insert(name).second) {
          use("tool", name, entry.value.begin, "listed in tools");
        }
      }
    }
  }

  void on_entry(const Frame& frame, const Entry& entry, std::span<const Entry> entries) {
    const std::string lower = base::to_lower(entry.key);
    const std::string_view callee = last_name(frame.callee);
    const std::uint32_t at = entry.value.begin;
    if (has_word(lower, {"prompt", "instruction", "preamble", "system", "persona", "template"})) {
      on_prompt_entry(frame, entry, callee, lower);
    } else if (lower.find("model") != lower.npos ||
               is_one_of(lower, {"engine", "llm", "azure_deployment", "deployment_name"})) {
      model_value(entry.key, entry.value, frame.callee, at, entries);
    } else if (is_one_of(lower, {"base_url", "baseurl", "api_base", "endpoint", "azure_endpoint", "url", "api_url",
                                 "host", "server_url", "endpoint_url"})) {
      if (const auto text = evaluate(entry.value)) {
        if (const std::string url = endpoint_of(text->text);
            !url.empty() && (lower != "url" || prompts_ || is_client_call(frame.callee))) {
          use("endpoint", url, at, std::string(entry.key) + "=");
        }
      }
    } else if (is_string(at) && is_secret_name(entry.key)) {
      literal_key(entry.key, at);
    }
    if (frame.is_call && has_sdk({"crewai"}) && is_one_of(callee, {"Agent", "Task"}) &&
        is_one_of(lower, {"role", "goal", "backstory", "description", "expected_output"})) {
      if (const auto text = evaluate(entry.value); text && is_prose(text->text, 8, 2)) {
        found_prompt(*text, std::string(callee) + "." + lower, "agent", Confidence::high,
                     "code: " + lower + " of a CrewAI " + std::string(callee));
      }
    }
  }

  void on_prompt_entry(const Frame& frame, const Entry& entry, std::string_view callee, const std::string& lower) {
    const std::string how = "code: passed as " + std::string(entry.key.substr(0, 80));
    const std::string snake = snake_case(entry.key);
    const PromptName strength = prompt_name(snake);
    if (strength == PromptName::strong) {
      named_value(entry.key, entry.value, how);
      return;
    }
    bool expected = false;
    std::string_view role = "system";
    if (lower == "system") {
      expected =
          prompts_ && (is_one_of(callee, {"create", "stream", "generateText", "streamText", "generateObject",
                                          "streamObject", "generate", "chat", "converse", "count_tokens", "countTokens",
                                          "Agent", "agent", "parse", "invoke", "query", "complete"}) ||
                       frame.callee.end == 0 || frame.owner == "system");
      if (frame.callee.end == 0 && !has_sdk({"anthropic", "vercel-ai", "bedrock", "ollama"})) {
        expected = false;
      }
    } else if (is_one_of(lower, {"instructions", "instruction"})) {
      expected = prompts_ &&
                 (has_word(base::to_lower(callee), {"agent", "assistant"}) ||
                  is_one_of(callee, {"create", "stream", "update", "parse", "FastMCP", "Server", "McpServer", "run"}));
    } else if (lower == "preamble") {
      expected = has_sdk({"cohere"});
    } else if (has_word(lower, {"template"})) {
      expected = has_word(callee, {"PromptTemplate", "from_template", "fromTemplate"}) ||
                 (prompts_ && has_word(snake, {"prompt"}));
      role = "template";
    } else if (strength == PromptName::weak && prompts_) {
      named_value(entry.key, entry.value, how);
      return;
    }
    if (!expected) {
      return;
    }
    if (const auto text = evaluate(entry.value); text && is_prose(text->text, 10, 2)) {
      found_prompt(*text, entry.key, role, Confidence::high, how);
    }
  }

  [[nodiscard]] bool is_client_call(Range callee) const {
    const std::string_view root = callee.end > callee.begin ? word(callee.begin) : std::string_view();
    const std::string_view last = last_name(callee);
    return is_one_of(last, {"fetch", "axios", "urlopen", "Request", "AsyncClient", "ClientSession"}) ||
           (is_one_of(root, {"requests", "httpx", "axios", "session", "aiohttp", "http", "got", "ky", "urllib3"}) &&
            is_one_of(last, {"get", "post", "put", "patch", "delete", "request", "stream"}));
  }

  void on_call(const Frame& frame, std::span<const Entry> entries) {
    const std::string_view last = last_name(frame.callee);
    const std::uint32_t at = frame.callee.end - 1;
    const Entry* first = positional(entries, 0);
    if (is_one_of(last, {"SystemMessage", "SystemMessagePromptTemplate"}) ||
        (is_one_of(last, {"from_template", "fromTemplate"}) && has_word(chain_text(frame.callee), {"Prompt"})) ||
        (is_one_of(last, {"PromptTemplate"}) && has_sdk({"langchain", "llama-index", "haystack"}))) {
      const Entry* value = first != nullptr ? first : find(entries, {"content", "template"});
      if (value != nullptr && !is(value->value.begin, "{")) {
        if (const auto text = evaluate(value->value); text && is_prose(text->text, 8, 2)) {
          const bool system = has_word(chain_text(frame.callee), {"System"});
          found_prompt(*text, frame.owner.empty() ? last : frame.owner, system ? "system" : "template",
                       Confidence::high, "code: argument of " + chain_text(frame.callee));
        }
      }
    }
    if (is_client_call(frame.callee) && first != nullptr) {
      if (const auto text = evaluate(first->value)) {
        const std::size_t field = text->text.find('{');
        const std::string url = endpoint_of(std::string_view(text->text).substr(0, field));
        if (!url.empty()) {
          use("endpoint", url, first->value.begin, chain_text(frame.callee));
        }
      }
    }
    on_hub_call(frame, entries, last, at);
    on_loader_call(frame, entries, last, at);
    on_tool_call(frame, entries, last, at);
    on_client_call(frame, entries, last, at);
  }

  // Loaders of the Hugging Face hub and their like.
  void on_hub_call(const Frame& frame, std::span<const Entry> entries, std::string_view last, std::uint32_t at) {
    struct Loader {
      std::string_view name;
      std::size_t position;
      bool dataset;
      bool any_name;  ///< Whether a name without an organisation counts.
    };
    constexpr Loader kLoaders[] = {
        {"from_pretrained", 0, false, true},         {"pipeline", 1, false, true},
        {"SentenceTransformer", 0, false, true},     {"CrossEncoder", 0, false, true},
        {"hf_hub_download", 0, false, false},        {"snapshot_download", 0, false, false},
        {"InferenceClient", 0, false, false},        {"LLM", 0, false, false},
        {"HuggingFaceEmbeddings", 9, false, true},   {"HuggingFaceEmbedding", 9, false, true},
        {"FastLanguageModel", 0, false, true},       {"load_dataset", 0, true, true},
        {"HuggingFacePipeline", 9, false, true},     {"TransformersModel", 9, false, true},
        {"InferenceClientModel", 9, false, false},   {"from_model_id", 9, false, true},
        {"StableDiffusionPipeline", 0, false, true}, {"SparseEncoder", 0, false, true},
    };
    const auto loader =
        std::find_if(std::begin(kLoaders), std::end(kLoaders), [&](const Loader& l) { return l.name == last; });
    if (loader == std::end(kLoaders)) {
      if (last == "load" && has_word(chain_text(frame.callee), {"torch.hub.load"})) {
        if (const auto text = first_text(entries, 0, {"repo_or_dir"});
            text && is_hub_name(text->text.substr(0, text->text.find(':')))) {
          const std::size_t colon = text->text.find(':');
          use("hub-model", text->text.substr(0, colon), at, "torch.hub.load",
              colon == std::string::npos ? "" : text->text.substr(colon + 1));
        }
      }
      return;
    }
    if (!hub_ && !prompts_) {
      return;
    }
    const auto text = first_text(
        entries, loader->position,
        {"model", "model_name", "repo_id", "pretrained_model_name_or_path", "model_id", "path", "model_name_or_path"});
    std::string detail = chain_text(frame.callee);
    const bool trusts = is_true(find(entries, {"trust_remote_code", "trustRemoteCode"}));
    if (trusts) {
      detail += ", trust_remote_code=True";
    }
    if (is_false(find(entries, {"use_safetensors"}))) {
      detail += ", use_safetensors=False";
    }
    const Entry* revision_entry = find(entries, {"revision", "code_revision"});
    const auto revision = revision_entry != nullptr ? evaluate(revision_entry->value) : std::nullopt;
    const std::string_view kind = loader->dataset ? "hub-dataset" : "hub-model";
    const HubReference named = hub_reference(text ? std::string_view(text->text) : std::string_view());
    const bool from_dataset_hub = literal(find(entries, {"repo_type"})) == "dataset";
    if (text && !text->text.empty() && text->text.find_first_of("{ \n") == text->text.npos) {
      if (is_local_path(named.name)) {
        return;
      }
      const bool org = is_hub_name(named.name);
      const bool file_format = is_one_of(text->text, {"json", "csv", "parquet", "text", "imagefolder", "audiofolder",
                                                      "arrow", "pandas", "webdataset", "xml", "sql"});
      if ((org || loader->any_name) && !(loader->dataset && file_format) && !is_hosted_model(text->text)) {
        use(from_dataset_hub ? "hub-dataset" : kind, named.name, at, std::move(detail),
            revision ? std::string_view(revision->text) : named.revision);
      }
    } else if (trusts) {
      use(kind, "(known when it runs)", at, std::move(detail), revision ? revision->text : "");
    }
  }

  std::optional<Text> first_text(std::span<const Entry> entries, std::size_t position,
                                 std::initializer_list<std::string_view> keys) {
    const Entry* entry = find(entries, keys);
    if (entry == nullptr) {
      entry = positional(entries, position);
    }
    return entry == nullptr ? std::nullopt : evaluate(entry->value);
  }

  // Calls that run code found in the file they load.
  void on_loader_call(const Frame& frame, std::span<const Entry> entries, std::string_view last, std::uint32_t at) {
    if (!is_one_of(last, {"load", "loads", "load_model", "Unpickler", "read_pickle"})) {
      return;
    }
    const std::string callee = chain_text(frame.callee);
    std::string detail;
    if (callee == "torch.load") {
      const Entry* only = find(entries, {"weights_only"});
      detail = is_true(only) ? "weights_only=True" : is_false(only) ? "weights_only=False" : "";
    } else if (is_one_of(callee, {"np.load", "numpy.load"})) {
      if (!is_true(find(entries, {"allow_pickle"}))) {
        return;
      }
      detail = "allow_pickle=True";
    } else if (last == "load_model" && has_word(callee, {"keras", "models.load_model"})) {
      detail = is_false(find(entries, {"safe_mode"})) ? "safe_mode=False" : "";
    } else if (!is_one_of(callee, {"pickle.load", "pickle.loads", "cPickle.load", "cPickle.loads", "_pickle.load",
                                   "dill.load", "dill.loads", "cloudpickle.load", "cloudpickle.loads", "joblib.load",
                                   "pickle.Unpickler", "pd.read_pickle", "pandas.read_pickle"})) {
      return;
    }
    use("loader", callee, at, std::move(detail));
  }

  void on_tool_call(const Frame& frame, std::span<const Entry> entries, std::string_view last, std::uint32_t at) {
    if (!prompts_) {
      return;
    }
    std::string name;
    if (is_one_of(last, {"Tool", "StructuredTool", "FunctionTool", "FunctionDeclaration", "from_function",
                         "from_defaults"})) {
      name = literal(find(entries, {"name"}));
      if (name.empty()) {
        if (const Entry* function = find(entries, {"func", "fn", "function"});
            function != nullptr && function->value.end == function->value.begin + 1 && is_name(function->value.begin)) {
          name = word(function->value.begin);
        }
      }
    } else if (language_ == Language::script && is_one_of(last, {"tool", "registerTool", "createTool", "addTool"})) {
      name = literal(positional(entries, 0));
      if (name.empty() && last == "tool") {
        name = frame.owner;
      }
    } else if (last == "tool" && language_ == Language::python && has_sdk({"claude-agent-sdk"})) {
      name = literal(positional(entries, 0));
    }
    if (is_one_of(name, {"fn", "func", "f", "function", "tool"})) {
      return;  // a variable of a loop, not the name of a tool
    }
    if (!name.empty() && name.size() <= 100 && name.find(' ') == name.npos && tools_.insert(name).second) {
      use("tool", name, at, chain_text(frame.callee));
    }
    if (is_one_of(last, {"StdioServerParameters", "MCPServerStdio", "StdioClientTransport", "StdioMCPServer"})) {
      const auto command = first_text(entries, 0, {"command"});
      if (command && command->text.find(' ') == command->text.npos) {
        use("mcp-server", command->text, at, last == "StdioServerParameters" ? "stdio" : std::string(last));
      }
    }
  }

  // Models named by position, and clients that only a string tells.
  void on_client_call(const Frame& frame, std::span<const Entry> entries, std::string_view last, std::uint32_t at) {
    const Entry* first = positional(entries, 0);
    if (first == nullptr) {
      return;
    }
    if (is_one_of(last, {"client", "resource"}) && is(frame.callee.begin, "boto3")) {
      const std::string_view service = literal(first);
      if (service.starts_with("bedrock")) {
        prompts_ = true;
        sdks_.insert("bedrock");
        use("sdk", "bedrock", at, "boto3 client " + std::string(service));
      }
      return;
    }
    if (prompts_ && is_one_of(last, {"GenerativeModel",
                                     "openai",
                                     "anthropic",
                                     "google",
                                     "mistral",
                                     "groq",
                                     "xai",
                                     "deepseek",
                                     "azure",
                                     "bedrock",
                                     "vertex",
                                     "init_chat_model",
                                     "initChatModel",
                                     "Agent",
                                     "gateway",
                                     "cohere",
                                     "perplexity",
                                     "LM",
                                     "getGenerativeModel",
                                     "openrouter",
                                     "LiteLlm",
                                     "OpenAIModel",
                                     "AnthropicModel",
                                     "OpenAIChatModel",
                                     "GeminiModel",
                                     "encoding_for_model",
                                     "chat",
                                     "responses",
                                     "completion",
                                     "chatModel",
                                     "languageModel",
                                     "textEmbeddingModel",
                                     "embedding"})) {
      if (last == "encoding_for_model") {
        return;
      }
      if (const auto text = evaluate(first->value); text && is_hosted_model(text->text)) {
        use("hosted-model", text->text, at, chain_text(frame.callee), model_revision(text->text));
      }
    }
  }

  // A name that a model may have, with a value.
  void model_value(std::string_view key, Range value, Range callee, std::uint32_t at,
                   std::span<const Entry> entries = {}) {
    if (value.end > value.begin + 400) {
      return;
    }
    const auto text = evaluate(value);
    if (!text || text->text.empty() || text->text.size() > 140) {
      return;
    }
    const std::string_view last = last_name(callee);
    const std::uint32_t place = is_name(at) || is_string(at) ? at : value.begin;
    const std::string detail = callee.end != 0 ? chain_text(callee) + " " + std::string(key) : std::string(key);
    if (has_word(base::to_lower(last), {"ollama"}) || (callee.end != 0 && is(callee.begin, "ollama"))) {
      const std::size_t colon = text->text.find(':');
      if (text->text.find_first_of(" /{") == text->text.npos) {
        use("hub-model", text->text.substr(0, colon), place, "ollama",
            colon == std::string::npos || text->text.substr(colon + 1) == "latest" ? "" : text->text.substr(colon + 1));
      }
      return;
    }
    if (is_hosted_model(text->text)) {
      use("hosted-model", text->text, place, detail, model_revision(text->text));
      return;
    }
    if (is_one_of(last,
                  {"from_pretrained", "pipeline", "hf_hub_download", "snapshot_download", "LLM", "SentenceTransformer",
                   "HuggingFaceEmbeddings", "HuggingFaceEmbedding", "CrossEncoder", "load_dataset", "from_model_id",
                   "InferenceClient", "TransformersModel", "InferenceClientModel"})) {
      return;  // on_hub_call() knows revisions, too
    }
    const bool names_a_model =
        has_word(base::to_lower(key), {"model"}) && !has_word(base::to_lower(key), {"path", "dir", "file"});
    const HubReference named = hub_reference(text->text);
    if (names_a_model && is_hub_name(named.name) && (hub_ || prompts_)) {
      const Entry* revision_entry = find(entries, {"revision"});
      const auto revision = revision_entry != nullptr ? evaluate(revision_entry->value) : std::nullopt;
      use("hub-model", named.name, place, detail, revision ? std::string_view(revision->text) : named.revision);
    }
  }

  Observed& out_;
  const File& file_;
  Language language_;
  const std::vector<LineOrigin>* origins_;
  std::vector<Token> tokens_;
  std::vector<std::uint32_t> match_;  ///< For a bracket, its partner; 0 where there is none.
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> constants_;  ///< Where values given to a name start.
  std::size_t constant_count_ = 0;
  std::vector<std::uint32_t> functions_;   ///< Of each token, in Python; 0 is the file.
  std::vector<std::uint32_t> statements_;  ///< Of each token, in Python.
  std::vector<std::uint32_t> parents_;     ///< Of each function, that around it.
  std::unordered_set<std::string_view> sdks_;
  std::unordered_set<std::string> tools_;
  std::vector<Entry> entries_;
  bool prompts_ = false;  ///< Whether the file uses a language model.
  bool hub_ = false;      ///< Whether it loads from the Hugging Face hub.
  std::uint64_t steps_ = 0;
  std::uint32_t range_guard_ = 0;  ///< The constant being evaluated, which must not evaluate itself.
};

}  // namespace

void observe_source(Observed& out, const File& file, Language language, std::string_view text,
                    const std::vector<LineOrigin>* origins) {
  if (mentions_ai(text)) {
    SourceObserver(out, file, language, origins).run(text);
  }
}

}  // namespace inventory
