#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "inspect/literals.h"
#include "scan/code/code.h"
#include "scan/code/python_names.h"
#include "scan/code/python_tokens.h"
#include "scan/code/shell.h"
#include "scan/content.h"
#include "scan/pickle/callables.h"
#include "scan/test_file.h"

namespace scan {
namespace {

/// Where a value comes from or what it names, as far as the text of the program tells.
enum Taint : std::uint32_t {
  kDecoded = 1,        ///< Base64, compression, rot13, marshal.
  kDownloaded = 2,     ///< What an address answered.
  kModelOutput = 4,    ///< What a model wrote.
  kCredential = 8,     ///< Keys and credentials of the user.
  kEnvironment = 16,   ///< All of the environment.
  kAutorun = 32,       ///< The path of a file that something runs by itself.
  kSocket = 64,        ///< What a socket received.
  kSitePackage = 128,  ///< The interpreter's folders of packages.
  kInput = 256,        ///< What whoever starts the program types.
  kRequest = 512,      ///< What a request to a server, or the call of a tool, brings.
};
constexpr std::string_view kSigningKeys[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET",
                                             "SSH_PRIVATE_KEY"};

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What is at the paths that attacks read and write.
struct TellingPath {
  std::string_view text;
  std::uint32_t taint;
};
constexpr TellingPath kTellingPaths[] = {
    {".ssh/id_", kCredential},
    {"/.ssh", kCredential},
    {".aws/credentials", kCredential},
    {"/etc/shadow", kCredential},
    {"/etc/passwd", kCredential},
    {".kube/config", kCredential},
    {".git-credentials", kCredential},
    {".docker/config.json", kCredential},
    {".netrc", kCredential},
    {".npmrc", kCredential},
    {".pypirc", kCredential},
    {".bash_history", kCredential},
    {"Login Data", kCredential},
    {"wallet.dat", kCredential},
    {".config/gcloud", kCredential},
    {"application_default_credentials", kCredential},
    {".huggingface/token", kCredential},
    {"huggingface/token", kCredential},
    {".gnupg", kCredential},
    {"id_rsa", kCredential},
    {"id_ed25519", kCredential},
    {".azure/", kCredential},
    {"Local State", kCredential},
    {"cookies.sqlite", kCredential},
    {"logins.json", kCredential},
    {".bashrc", kAutorun},
    {".bash_profile", kAutorun},
    {".zshrc", kAutorun},
    {".profile", kAutorun},
    {"authorized_keys", kAutorun},
    {"/etc/cron", kAutorun},
    {"/var/spool/cron", kAutorun},
    {"crontab", kAutorun},
    {"LaunchAgents", kAutorun},
    {"LaunchDaemons", kAutorun},
    {"/etc/systemd", kAutorun},
    {".config/systemd", kAutorun},
    {".config/autostart", kAutorun},
    {"site-packages/sitecustomize.py", kAutorun},
    {"site-packages/usercustomize.py", kAutorun},
    {"dist-packages/sitecustomize.py", kAutorun},
    {"/etc/ld.so.preload", kAutorun},
    {"/etc/rc.local", kAutorun},
    {"/etc/init.d", kAutorun},
    {"Start Menu\\Programs\\Startup", kAutorun},
    {"CurrentVersion\\Run", kAutorun},
};

/// Where they stand in a source.
std::vector<inspect::LiteralHit> telling_paths(std::string_view source) {
  static const inspect::LiteralFinder finder = [] {
    std::vector<inspect::Literal> literals;
    for (const TellingPath& path : kTellingPaths) {
      literals.push_back({path.text, false, static_cast<std::uint32_t>(literals.size())});
    }
    return inspect::LiteralFinder(std::move(literals));
  }();
  std::vector<inspect::LiteralHit> out;
  finder.find(source, out);
  return out;
}

bool names_model_output(std::string_view text) {
  static const re2::RE2 kPattern(
      R"re((?i)\b(?:llm|gpt|model|ai|agent|assistant|chat|chatbot|completion|generated|generation)_?(?:response|output|answer|reply|result|text|code|message|content|completion)s?\b|\b(?:completion|generated_code|generated_text|model_output|llm_output)\b|\bresponse\.(?:choices|content|text|output_text|message)|\bcompletion\.|\bchoices\[0\])re",
      re2::RE2::Quiet);
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), std::min<std::size_t>(text.size(), 2000)), kPattern);
}

/// Functions that are given the words of a command one by one.
bool takes_words(std::string_view name) {
  return name.starts_with("os.exec") || name.starts_with("os.spawn") || name.starts_with("os.posix_spawn") ||
         name == "asyncio.create_subprocess_exec" || name == "pexpect.spawn";
}

/// Keys of an account that no interface takes as a part of an address.
bool names_signing_key(std::string_view text) {
  return std::any_of(std::begin(kSigningKeys), std::end(kSigningKeys),
                     [&](std::string_view key) { return text.find(key) != std::string_view::npos; });
}

std::string rot13(std::string text) {
  for (char& c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      const char base = c >= 'a' ? 'a' : 'A';
      c = static_cast<char>(base + (c - base + 13) % 26);
    }
  }
  return text;
}

std::optional<std::string> loose_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == ' ' || c == '\r'; });
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) {
    text.push_back('=');
  }
  auto decoded = base::from_base64(text);
  return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

std::optional<std::string> unhex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      continue;
    }
    const int digit = base::hex_value(c);
    if (digit < 0) {
      return std::nullopt;
    }
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return high < 0 ? std::optional(std::move(out)) : std::nullopt;
}

std::string_view file_name(std::string_view path) {
  const std::size_t at = path.find_last_of("/!");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

/// Files that a library runs when it loads a model with code of its own.
bool is_model_code(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.ends_with(".py") && (name.starts_with("modeling_") || name.starts_with("configuration_") ||
                                   name.starts_with("tokenization_") || name.starts_with("processing_") ||
                                   name.starts_with("image_processing_") || name.starts_with("feature_extraction_"));
}

bool is_model_class(std::string_view base) {
  return one_of(base, {"PreTrainedModel", "PretrainedConfig", "PreTrainedConfig", "PreTrainedTokenizer",
                       "PreTrainedTokenizerFast", "ProcessorMixin", "ImageProcessingMixin", "FeatureExtractionMixin",
                       "TritonPythonModel", "BaseHandler", "PythonModel", "ModelMixin", "DiffusionPipeline",
                       "GenerationMixin", "BaseImageProcessor", "Module"}) ||
         base.ends_with("PreTrainedModel") || base.ends_with("ForCausalLM");
}

class PythonJudge {
 public:
  PythonJudge(std::string_view source, const std::string& path, Collector& out, const PythonUse& use)
      : source_(source), path_(path), out_(out), use_(use), tokens_(python_tokens(source, cut_)) {
    name_symbols();
    const std::string_view name = file_name(path);
    // Or a package that was packed, not the program of its user.
    test_ = is_test_file(path) || path.find('!') != std::string::npos;
    setup_ = name == "setup.py";
    model_code_ = is_model_code(path);
    library_ = model_code_ || name == "__init__.py";
  }

  void run() {
    if (cut_) {
      out_.not_covered(path_, "Python source of more tokens than are read");
    }
    find_blocks();
    for (int pass = 0; pass < 2; ++pass) {
      bind_names();
    }
    mark_tokens();
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const PythonToken& token = tokens_[i];
      if (token.kind == PythonKind::name && !follows_dot(i)) {
        visit_name(i);
      } else if (token.kind == PythonKind::name && is_op(i + 1, "(")) {
        visit_method(i);
      } else if (is_op(i, "(") && !calls(i)) {
        visit_bracketed(i);
      }
    }
    finish();
  }

 private:
  /// A name, by the order of first sight in the file.
  using Symbol = std::uint32_t;
  /// Roles of what is judged where it is called.
  static constexpr std::uint32_t kActing = kRunsCommand | kRunsCode | kDownloads | kSends | kUnpickles | kJudgedByName;
  static constexpr Symbol kNoSymbol = 0;  // of tokens that are no names
  struct SymbolState {
    std::string_view name;
    std::uint32_t roles = 0;  ///< That a dotted name may have whose last part it is.
    bool is_bound = false;    ///< In some scope.
  };
  struct Binding {
    std::string dotted;               ///< What it is another name of.
    std::optional<std::string> text;  ///< Its constant value.
    std::uint32_t taints = 0;
    std::uint32_t roles = 0;  ///< That what it is another name of may have.

    void set_dotted(std::string name) {
      dotted = std::move(name);
      roles = python_roles_of_last(std::string_view(dotted).substr(dotted.rfind('.') + 1)) |
              (dotted.find_first_of("()!") != std::string::npos ? kLooksUp : 0U);
    }
  };
  /// The block that a logical line stands in.
  struct Place {
    std::uint32_t scope = 0;
    bool deferred = false;  ///< Not run by importing the file.
    bool model_class = false;
    bool install_class = false;
  };
  /// A compound statement whose lines are indented below it.
  struct Block {
    std::uint32_t indent = 0;
    Place place;
  };
  struct Resolved {
    std::string dotted;
    std::size_t next = 0;   ///< The token after it.
    bool obscured = false;  ///< Reached by looking up a name at run time.
  };

  // --- tokens ---

  /// Equality with a text that the compiler knows, so that it becomes a comparison of a few numbers.
  [[gnu::always_inline]] static bool is_same(std::string_view a, std::string_view known) {
    return a.size() == known.size() && std::memcmp(a.data(), known.data(), known.size()) == 0;
  }
  [[nodiscard, gnu::always_inline]] bool is_op(std::size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].kind == PythonKind::op && is_same(tokens_[i].text, text);
  }
  [[nodiscard, gnu::always_inline]] bool is_name(std::size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].kind == PythonKind::name && is_same(tokens_[i].text, text);
  }
  [[nodiscard]] bool follows_dot(std::size_t i) const { return i > 0 && is_op(i - 1, "."); }
  /// Whether the bracket at `i` calls what stands before it.
  [[nodiscard]] bool calls(std::size_t i) const {
    if (i == 0) {
      return false;
    }
    const PythonToken& before = tokens_[i - 1];
    return before.kind == PythonKind::name ||
           (before.kind == PythonKind::op && (before.text == ")" || before.text == "]"));
  }
  [[nodiscard]] std::size_t close_of(std::size_t open) const {
    const std::size_t partner = tokens_[open].partner;
    if (partner > open) {
      return partner;
    }
    std::size_t i = open + 1;  // never closed, which Python refuses: to the end of the line, but not far
    while (i < tokens_.size() && i - open < 256 && tokens_[i].kind != PythonKind::line_end) {
      ++i;
    }
    return std::min(i, tokens_.size() - 1);
  }
  [[nodiscard]] std::size_t line_end(std::size_t i) const {
    while (i < tokens_.size() && tokens_[i].kind != PythonKind::line_end) {
      ++i;
    }
    return i;
  }
  [[nodiscard]] std::uint32_t file_line(std::size_t i) const {
    if (use_.line != 0) {
      return use_.line;
    }
    const std::uint32_t line = tokens_[std::min(i, tokens_.size() - 1)].line;
    return use_.lines != nullptr && !use_.lines->empty()
               ? (*use_.lines)[std::min<std::size_t>(line, use_.lines->size()) - 1]
               : line;
  }

  /// The arguments of the call at `open`, as [begin, end) of tokens.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> arguments(std::size_t open) const {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    const std::size_t close = close_of(open);
    std::size_t begin = open + 1;
    for (std::size_t i = begin; i < close; ++i) {
      if (tokens_[i].kind != PythonKind::op) {
        continue;
      }
      if (tokens_[i].partner > i && tokens_[i].partner < close) {
        i = tokens_[i].partner;
      } else if (tokens_[i].text == ",") {
        out.emplace_back(begin, i);
        begin = i + 1;
        if (out.size() > 1000) {
          return out;
        }
      }
    }
    if (begin < close) {
      out.emplace_back(begin, close);
    }
    return out;
  }
  /// The value of the keyword argument, as [begin, end).
  [[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> keyword(std::size_t open,
                                                                           std::string_view name) const {
    for (const auto& [begin, end] : arguments(open)) {
      if (is_name(begin, name) && is_op(begin + 1, "=")) {
        return std::pair(begin + 2, end);
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] bool keyword_is(std::size_t open, std::string_view name, std::string_view value) const {
    const auto found = keyword(open, name);
    return found && found->second == found->first + 1 && tokens_[found->first].text == value;
  }
  [[nodiscard]] bool has_stars(std::size_t open) const {
    const auto all = arguments(open);
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return is_op(one.first, "**"); });
  }
  /// Source between tokens, with text constants emptied unless they are format strings; at most 2,000 bytes.
  [[nodiscard]] std::string code(std::size_t begin, std::size_t end, bool with_text = false) const {
    std::string out;
    for (std::size_t i = begin; i < end && i < tokens_.size() && out.size() < 2000; ++i) {
      const PythonToken& token = tokens_[i];
      const bool spaced = !out.empty() && is_word(out.back()) && token.kind != PythonKind::op;
      out += spaced || token.text == "," ? (token.text == "," ? "" : " ") : "";
      if (token.kind == PythonKind::string && !with_text && !is_format_string(token.text)) {
        out += "''";
      } else {
        out += token.text == "," ? ", " : std::string(token.text);
      }
    }
    return out;
  }

  // --- symbols ---

  /// Gives each name a number, so that names are compared, bound and looked up as numbers.
  void name_symbols() {
    symbols_.emplace_back();  // kNoSymbol
    slots_.resize(64);
    symbol_.resize(tokens_.size());
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == PythonKind::name) {
        symbol_[i] = symbol_of(tokens_[i].text);
        any_call_matters_ = any_call_matters_ || is_name(i, "allow_dangerous_deserialization");
      }
    }
  }
  /// The slot of the name, or the empty one where it belongs.
  [[nodiscard]] std::size_t slot_of(std::string_view name) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = std::hash<std::string_view>()(name) & mask;
    while (slots_[slot] != kNoSymbol && symbols_[slots_[slot]].name != name) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
  /// The symbol of a name that lives as long as this; a new one where it has none.
  Symbol symbol_of(std::string_view name) {
    std::size_t slot = slot_of(name);
    if (slots_[slot] == kNoSymbol) {
      if (symbols_.size() * 2 > slots_.size()) {
        std::vector<Symbol> before(slots_.size() * 2, kNoSymbol);
        std::swap(slots_, before);
        for (Symbol symbol = 1; symbol < symbols_.size(); ++symbol) {
          slots_[slot_of(symbols_[symbol].name)] = symbol;
        }
        slot = slot_of(name);
      }
      slots_[slot] = static_cast<Symbol>(symbols_.size());
      symbols_.push_back({name, python_roles_of_last(name), false});
    }
    return slots_[slot];
  }
  [[nodiscard]] std::uint32_t roles_of(std::size_t i) const { return symbols_[symbol_[i]].roles; }
  /// The last of the names that are joined by dots from the name at `i` on.
  [[nodiscard]] std::size_t last_of(std::size_t i) const {
    while (i + 2 < tokens_.size() && is_op(i + 1, ".") && tokens_[i + 2].kind == PythonKind::name) {
      i += 2;
    }
    return i;
  }
  /// Every role that what the name at `i` begins may have, be it by another name. Of what has none, resolve() would
  /// tell nothing that anybody asks for: nearly every name.
  [[nodiscard]] std::uint32_t roles_from(std::size_t i, std::size_t last) const {
    std::uint32_t out = roles_of(last) | (roles_of(i) & kLooksUp);
    if (last == i) {
      if (const Binding* known = binding(i); known != nullptr) {
        out |= known->roles;
      }
    }
    return out;
  }

  // --- blocks ---

  void find_blocks() {
    std::vector<Block> stack;
    place_.resize(tokens_.size());
    parents_.push_back(0);
    std::optional<Block> opening;
    Place here;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const PythonToken& token = tokens_[i];
      if (token.first) {
        while (!stack.empty() && token.indent <= stack.back().indent) {
          stack.pop_back();
        }
        here = stack.empty() ? Place{} : stack.back().place;
        std::size_t word = i;
        if (is_name(word, "async")) {
          ++word;
        }
        opening.reset();
        if (is_name(word, "def")) {
          opening = Block{token.indent, here};
          opening->place.scope = static_cast<std::uint32_t>(parents_.size());
          parents_.push_back(here.scope);
          opening->place.deferred = true;
          has_definitions_ = true;
        } else if (is_name(word, "class")) {
          opening = Block{token.indent, here};
          has_definitions_ = true;
          for (std::size_t k = word + 1; k < tokens_.size() && tokens_[k].kind != PythonKind::line_end; ++k) {
            if (tokens_[k].kind == PythonKind::name) {
              Place& place = opening->place;
              place.model_class = place.model_class || is_model_class(tokens_[k].text);
              place.install_class =
                  place.install_class || one_of(tokens_[k].text, {"install", "develop", "egg_info", "bdist_egg",
                                                                  "install_lib", "install_scripts"});
            }
          }
        } else if (is_name(word, "if") && asks_whether_main(word + 1)) {
          opening = Block{token.indent, here};
          opening->place.deferred = true;
        }
        if (opening) {
          stack.push_back(*opening);
          here = opening->place;
        }
      }
      place_[i] = here;
    }
  }

  // --- names ---

  [[nodiscard]] const Binding* binding(Symbol symbol, std::uint32_t scope) const {
    if (!symbols_[symbol].is_bound) {
      return nullptr;
    }
    for (int hops = 0; hops < 64; ++hops) {
      const auto found = bindings_.find(key_of(symbol, scope));
      if (found != bindings_.end()) {
        return &found->second;
      }
      if (scope == 0) {
        return nullptr;
      }
      scope = parents_[scope];
    }
    return nullptr;
  }
  [[nodiscard]] const Binding* binding(std::string_view name, std::uint32_t scope) const {
    return binding(slots_[slot_of(name)], scope);
  }
  /// Of the name that is the token at `i`, where that stands.
  [[nodiscard]] const Binding* binding(std::size_t i) const { return binding(symbol_[i], place_[i].scope); }
  static std::uint64_t key_of(Symbol symbol, std::uint32_t scope) { return std::uint64_t{scope} << 32 | symbol; }
  Binding& bind(Symbol symbol, std::uint32_t scope) {
    symbols_[symbol].is_bound = true;
    return bindings_[key_of(symbol, scope)];
  }
  Binding& bind(std::string name, std::uint32_t scope) {
    if (slots_[slot_of(name)] == kNoSymbol) {
      return bind(symbol_of(composed_.emplace_back(std::move(name))), scope);
    }
    return bind(symbol_of(name), scope);
  }

  static bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view one) { return text.ends_with(one); });
  }

  static std::string canonical(std::string dotted) {
    static constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"builtins.", ""},
                                                                               {"__builtins__.", ""},
                                                                               {"__builtin__.", ""},
                                                                               {"posix.", "os."},
                                                                               {"nt.", "os."},
                                                                               {"cPickle.", "pickle."},
                                                                               {"_pickle.", "pickle."},
                                                                               {"six.moves.cPickle.", "pickle."},
                                                                               {"np.", "numpy."},
                                                                               {"pd.", "pandas."},
                                                                               {"six.moves.urllib.", "urllib."},
                                                                               {"_socket.", "socket."}};
    if (dotted.find('.') == std::string::npos) {
      return dotted;
    }
    for (const auto& [from, to] : kNames) {
      if (!dotted.empty() && dotted[0] == from[0] && dotted.starts_with(from)) {
        dotted = std::string(to) + dotted.substr(from.size());
      }
    }
    return dotted;
  }

  /// What the primary expression at `i` names, where that can be told.
  [[nodiscard]] std::optional<Resolved> resolve(std::size_t i, int depth = 0) const {
    if (i >= tokens_.size() || depth > 12) {
      return std::nullopt;
    }
    Resolved out;
    const PythonToken& token = tokens_[i];
    if (token.kind == PythonKind::name) {
      const Binding* known = binding(i);
      out.dotted = known != nullptr && !known->dotted.empty() ? known->dotted : std::string(token.text);
      out.obscured = known != nullptr && known->dotted.starts_with('!');
      if (out.obscured) {
        out.dotted.erase(0, 1);
      }
      out.next = i + 1;
    } else if (token.kind == PythonKind::op && token.text == "(" && token.partner > i) {
      auto inner = resolve(i + 1, depth + 1);
      if (!inner || inner->next != token.partner) {
        return std::nullopt;
      }
      out = std::move(*inner);
      out.next = token.partner + 1;
    } else {
      return std::nullopt;
    }
    while (out.next < tokens_.size() && out.dotted.size() < 400) {
      const std::size_t at = out.next;
      if (is_op(at, ".") && at + 1 < tokens_.size() && tokens_[at + 1].kind == PythonKind::name) {
        out.dotted += "." + std::string(tokens_[at + 1].text);
        out.next = at + 2;
        continue;
      }
      if (is_op(at, "[") && tokens_[at].partner > at) {
        // canonical() changes beginnings only; of the many that are no table the ending says so.
        if (!ends_with_any(out.dotted, {"__dict__", "()", "__builtins__", "modules"})) {
          break;
        }
        const std::string whole = canonical(out.dotted);
        const bool table = whole.ends_with("__dict__") || whole == "globals()" || whole == "locals()" ||
                           whole == "__builtins__" || whole == "sys.modules";
        const auto key = table ? constant(at + 1, tokens_[at].partner, depth + 1) : std::nullopt;
        if (!key) {
          break;
        }
        out.obscured = true;
        if (whole.ends_with(".__dict__")) {
          out.dotted = whole.substr(0, whole.size() - 8) + *key;
        } else {
          const Binding* known = whole == "globals()" ? binding(*key, 0) : nullptr;
          out.dotted = known != nullptr && !known->dotted.empty() ? known->dotted : *key;
        }
        out.next = tokens_[at].partner + 1;
        continue;
      }
      if (is_op(at, "(") && tokens_[at].partner > at) {
        if (!ends_with_any(out.dotted, {"__import__", "import_module", "getattr", "vars", "get_ipython", "globals",
                                        "locals", ".__getattribute__"})) {  // one of the names below
          break;
        }
        const std::string whole = canonical(out.dotted);
        const auto given = arguments(at);
        if ((whole == "__import__" || whole == "importlib.import_module" || whole == "importlib.__import__") &&
            !given.empty()) {
          const auto module = constant(given[0].first, given[0].second, depth + 1);
          if (!module) {
            break;
          }
          out.dotted = whole == "importlib.import_module" ? *module : module->substr(0, module->find('.'));
          out.obscured = true;
        } else if (whole == "getattr" && given.size() >= 2) {
          const auto object = resolve(given[0].first, depth + 1);
          const auto name = constant(given[1].first, given[1].second, depth + 1);
          if (!object || object->next != given[0].second || !name) {
            break;
          }
          out.dotted = object->dotted + "." + *name;
          out.obscured = true;
        } else if (constexpr std::string_view kMethod = ".__getattribute__";
                   whole.ends_with(kMethod) && given.size() == 1) {
          const auto name = constant(given[0].first, given[0].second, depth + 1);
          if (!name) {
            break;
          }
          out.dotted = whole.substr(0, whole.size() - kMethod.size() + 1) + *name;
          out.obscured = true;
        } else if (whole == "vars" && given.size() == 1) {
          const auto object = resolve(given[0].first, depth + 1);
          if (!object || object->next != given[0].second) {
            break;
          }
          out.dotted = object->dotted + ".__dict__";
        } else if (whole == "get_ipython" && given.empty()) {  // the shell of the notebook
          out.dotted = whole;
        } else if ((whole == "globals" || whole == "locals") && given.empty()) {
          out.dotted = whole + "()";
        } else {
          break;
        }
        out.next = tokens_[at].partner + 1;
        continue;
      }
      break;
    }
    out.dotted = canonical(std::move(out.dotted));
    return out;
  }

  /// The constant text of the expression [begin, end), through joining and the usual decoders.
  [[nodiscard]] std::optional<std::string> constant(std::size_t begin, std::size_t end, int depth = 0) const {
    if (begin >= end || end > tokens_.size() || depth > 12 || end - begin > 20000) {
      return std::nullopt;
    }
    std::string out;
    std::size_t i = begin;
    while (i < end) {
      auto term = constant_term(i, end, depth);
      if (!term) {
        return std::nullopt;
      }
      out += *term;
      if (out.size() > (4U << 20)) {
        return std::nullopt;
      }
      if (i < end && is_op(i, "+")) {
        ++i;
        if (i >= end) {
          return std::nullopt;
        }
      } else if (i < end && is_op(i, "%")) {
        return out;  // formatted: what is known without the values
      } else if (i < end) {
        return std::nullopt;
      }
    }
    return out;
  }

  [[nodiscard]] std::optional<std::string> constant_term(std::size_t& i, std::size_t end, int depth) const {
    std::string value;
    const PythonToken& token = tokens_[i];
    if (token.kind == PythonKind::string) {
      while (i < end && tokens_[i].kind == PythonKind::string) {
        value += python_string(tokens_[i].text);
        ++i;
      }
    } else if (token.kind == PythonKind::op && token.text == "(" && token.partner > i && token.partner < end) {
      const auto inner = constant(i + 1, token.partner, depth + 1);
      if (!inner) {
        return std::nullopt;
      }
      value = *inner;
      i = token.partner + 1;
    } else if (token.kind == PythonKind::name) {
      const std::size_t last = last_of(i);
      const bool may_call = (roles_from(i, last) & (kMakesConstant | kLooksUp)) != 0;
      const auto name = may_call ? resolve(i, depth + 1) : std::nullopt;
      const std::size_t next = name ? name->next : last + 1;
      if ((name || !may_call) && is_op(next, "(") && tokens_[next].partner > next && tokens_[next].partner < end) {
        const auto called = name ? constant_call(name->dotted, next, depth + 1) : std::nullopt;
        if (!called) {
          return std::nullopt;
        }
        value = *called;
        i = tokens_[next].partner + 1;
      } else {
        const Binding* known = binding(i);
        if (known == nullptr || !known->text) {
          return std::nullopt;
        }
        value = *known->text;
        ++i;
      }
    } else {
      return std::nullopt;
    }
    // Methods and slices of it.
    while (i < end) {
      if (is_op(i, "[") && tokens_[i].partner > i && tokens_[i].partner < end) {
        if (code(i + 1, tokens_[i].partner) != "::-1") {
          return std::nullopt;
        }
        std::reverse(value.begin(), value.end());
        i = tokens_[i].partner + 1;
        continue;
      }
      if (!is_op(i, ".") || !is_op(i + 2, "(") || tokens_[i + 2].partner <= i + 2 || tokens_[i + 2].partner >= end) {
        break;
      }
      const std::string_view method = tokens_[i + 1].text;
      const auto given = arguments(i + 2);
      if (one_of(method, {"encode", "decode", "strip", "lower", "lstrip", "rstrip", "format"})) {
        if (method == "decode" && !given.empty() &&
            base::contains_ignoring_case(code(given[0].first, given[0].second, true), "rot")) {
          value = rot13(std::move(value));
        }
        if (method == "lower") {
          value = base::to_lower(value);
        }
      } else if (method == "replace" && given.size() == 2) {
        const auto from = constant(given[0].first, given[0].second, depth + 1);
        const auto to = constant(given[1].first, given[1].second, depth + 1);
        if (!from || !to || from->empty()) {
          return std::nullopt;
        }
        std::string replaced;
        for (std::size_t at = 0;;) {
          const std::size_t hit = value.find(*from, at);
          replaced += value.substr(at, hit == std::string::npos ? hit : hit - at);
          if (hit == std::string::npos || replaced.size() > (1U << 20)) {
            break;
          }
          replaced += *to;
          at = hit + from->size();
        }
        value = std::move(replaced);
      } else if (method == "join" && given.size() == 1) {
        const auto joined = constant_list(given[0].first, given[0].second, value, depth + 1);
        if (!joined) {
          return std::nullopt;
        }
        value = *joined;
      } else {
        return std::nullopt;
      }
      i = tokens_[i + 2].partner + 1;
    }
    return value;
  }

  /// Elements of a list, or of map(chr, [...]) and (chr(x) for x in [...]), joined.
  [[nodiscard]] std::optional<std::string> constant_list(std::size_t begin, std::size_t end, const std::string& glue,
                                                         int depth) const {
    if (begin >= end) {
      return std::nullopt;
    }
    if ((is_op(begin, "[") || is_op(begin, "(")) && tokens_[begin].partner + 1 == end) {
      std::string out;
      bool first = true;
      for (const auto& [from, to] : arguments(begin)) {
        const auto element = constant(from, to, depth + 1);
        if (!element) {
          return std::nullopt;
        }
        out += (first ? "" : glue) + *element;
        first = false;
      }
      return out;
    }
    // Numbers that become characters.
    bool chr = false;
    std::string out;
    for (std::size_t i = begin; i < end; ++i) {
      chr = chr || is_name(i, "chr");
      if (tokens_[i].kind == PythonKind::number) {
        const auto code_point = number(tokens_[i].text);
        if (!code_point || *code_point > 255) {
          return std::nullopt;
        }
        out.push_back(static_cast<char>(*code_point));
      }
    }
    return chr ? std::optional(out) : std::nullopt;
  }

  static std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t out = 0;
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    for (const char c : text.substr(hex ? 2 : 0)) {
      const int digit = hex ? base::hex_value(c) : (c >= '0' && c <= '9' ? c - '0' : -1);
      if (digit < 0 || out > (1ULL << 40)) {
        return std::nullopt;
      }
      out = out * (hex ? 16 : 10) + static_cast<std::uint64_t>(digit);
    }
    return out;
  }

  [[nodiscard]] std::optional<std::string> constant_call(std::string_view name, std::size_t open, int depth) const {
    const auto given = arguments(open);
    if (given.empty()) {
      return std::nullopt;
    }
    const auto [begin, end] = given[0];
    if (name == "chr" && end == begin + 1 && tokens_[begin].kind == PythonKind::number) {
      const auto code_point = number(tokens_[begin].text);
      return code_point && *code_point < 128 ? std::optional(std::string(1, static_cast<char>(*code_point)))
                                             : std::nullopt;
    }
    if (name == "bytes" || name == "bytearray") {
      if (is_op(begin, "[") && tokens_[begin].partner + 1 == end) {
        std::string out;
        for (std::size_t i = begin + 1; i + 1 < end; ++i) {
          if (tokens_[i].kind == PythonKind::number) {
            const auto byte = number(tokens_[i].text);
            if (!byte || *byte > 255) {
              return std::nullopt;
            }
            out.push_back(static_cast<char>(*byte));
          } else if (tokens_[i].text != ",") {
            return std::nullopt;
          }
        }
        return out;
      }
      return constant(begin, end, depth + 1);
    }
    const auto argument = constant(begin, end, depth + 1);
    if (!argument) {
      return std::nullopt;
    }
    if (name == "str") {
      return argument;
    }
    if (name == "base64.b64decode" || name == "base64.urlsafe_b64decode" || name == "base64.standard_b64decode" ||
        name == "base64.decodebytes" || name == "binascii.a2b_base64") {
      return loose_base64(*argument);
    }
    if (name == "bytes.fromhex" || name == "bytearray.fromhex" || name == "binascii.unhexlify" ||
        name == "base64.b16decode" || name == "binascii.a2b_hex") {
      return unhex(*argument);
    }
    if (name == "codecs.decode" && given.size() >= 2) {
      const auto codec = constant(given[1].first, given[1].second, depth + 1);
      if (codec && codec->starts_with("rot")) {
        return rot13(*argument);
      }
      if (codec && codec->starts_with("base64")) {
        return loose_base64(*argument);
      }
      if (codec && codec->starts_with("hex")) {
        return unhex(*argument);
      }
    }
    if (one_of(name, {"os.path.expanduser", "pathlib.Path", "Path", "os.path.abspath", "os.fspath"})) {
      return argument;
    }
    return std::nullopt;
  }

  /// Whether the condition that begins at `i` holds only for the program that is started: __name__ == "__main__",
  /// alone or with more by "and".
  [[nodiscard]] bool asks_whether_main(std::size_t i) const {
    bool asks = false;
    for (; i < tokens_.size() && tokens_[i].kind != PythonKind::line_end && !is_op(i, ":"); ++i) {
      if (is_name(i, "or") || is_name(i, "not")) {
        return false;
      }
      const auto main = [&](std::size_t k) {
        return k < tokens_.size() && tokens_[k].kind == PythonKind::string &&
               python_string(tokens_[k].text) == "__main__";
      };
      asks = asks || (is_name(i, "__name__") && is_op(i + 1, "==") && main(i + 2)) ||
             (main(i) && is_op(i + 1, "==") && is_name(i + 2, "__name__"));
    }
    return asks;
  }

  /// What flows into the tokens of [begin, end), at the time of binding.
  [[nodiscard]] std::uint32_t taints(std::size_t begin, std::size_t end) const {
    std::uint32_t out = 0;
    if (is_marked_) {
      for (const Marks& one : marked_) {
        out |= one.before[end] > one.before[begin] ? one.taint : 0U;
      }
      return out;
    }
    for (std::size_t i = begin; i < end; ++i) {
      out |= token_taint(i);
    }
    return out;
  }

  [[nodiscard]] std::uint32_t token_taint(std::size_t i) const {
    const PythonToken& token = tokens_[i];
    if (token.kind == PythonKind::string) {
      std::uint32_t out = taint_of_paths(token.text);
      if (is_format_string(token.text)) {
        // Names in replacement fields.
        for (std::size_t at = token.text.find('{'); at != std::string_view::npos; at = token.text.find('{', at + 1)) {
          std::size_t stop = at + 1;
          while (stop < token.text.size() && is_word(token.text[stop])) {
            ++stop;
          }
          const Binding* known = binding(token.text.substr(at + 1, stop - at - 1), place_[i].scope);
          out |= known != nullptr ? known->taints : 0;
          out |= token.text.substr(at).starts_with("{os.environ}") ? static_cast<std::uint32_t>(kEnvironment) : 0U;
        }
      }
      return out;
    }
    if (token.kind != PythonKind::name) {
      return 0;
    }
    if (follows_dot(i)) {
      return (roles_of(i) & kReceivingMethod) != 0 && is_op(i + 1, "(") ? static_cast<std::uint32_t>(kSocket) : 0U;
    }
    if (is_op(i + 1, "=") && i > 0 && (is_op(i - 1, "(") || is_op(i - 1, ","))) {
      return 0;  // the name of a keyword argument
    }
    std::uint32_t out = 0;
    if (const Binding* known = binding(i); known != nullptr) {
      out |= known->taints;
    }
    if (is_request_part(i)) {
      out |= kRequest;
    }
    constexpr std::uint32_t kTainting =
        kDecodes | kDownloads | kAsksModel | kAsksUser | kSitePackages | kEnvironments | kJudgedByName | kLooksUp;
    if ((roles_from(i, last_of(i)) & kTainting) == 0) {
      return out;
    }
    const auto name = resolve(i);
    if (!name) {
      return out;
    }
    const std::uint32_t roles = python_roles(name->dotted);
    if (is_op(name->next, "(")) {
      if ((roles & kDecodes) != 0) {
        out |= kDecoded;
      } else if (name->dotted == "codecs.decode") {
        const std::string given = base::to_lower(code(name->next, close_of(name->next), true));
        if (given.find("rot") != std::string::npos || given.find("base64") != std::string::npos ||
            given.find("hex") != std::string::npos || given.find("zlib") != std::string::npos) {
          out |= kDecoded;
        }
      } else if ((roles & kDownloads) != 0) {
        out |= kDownloaded;
      } else if ((roles & kAsksModel) != 0) {
        out |= kModelOutput;
      }
    }
    if ((roles & kAsksUser) != 0 && (is_op(name->next, "(") || name->dotted == "sys.argv")) {
      out |= kInput;
    }
    if ((roles & kSitePackages) != 0) {
      out |= kSitePackage;
    }
    if ((roles & kEnvironments) != 0 ||
        (name->dotted == "os.environ" && !is_op(name->next, "[") && !is_name(name->next, "in") &&
         !is_op(name->next, "=") && !(i > 0 && (is_name(i - 1, "in") || is_name(i - 1, "not"))))) {
      out |= kEnvironment;
    }
    return out;
  }

  /// A part of what Flask and Django call the request: request.args, flask.request.json.
  [[nodiscard]] bool is_request_part(std::size_t i) const {
    const std::size_t at = is_name(i, "flask") ? i + 2 : i;
    return is_name(at, "request") && is_op(at + 1, ".") && at + 2 < tokens_.size() &&
           one_of(tokens_[at + 2].text,
                  {"args", "form", "json", "get_json", "data", "values", "get_data", "GET", "POST", "body"});
  }

  /// What is at the paths that stand in a text of the source; only its beginning is looked at.
  [[nodiscard]] std::uint32_t taint_of_paths(std::string_view text) const {
    constexpr std::size_t kMaxBytes = 4096;
    if (paths_.empty()) {
      return 0;
    }
    const auto begin = static_cast<std::size_t>(text.data() - source_.data());
    const std::size_t end = begin + std::min(text.size(), kMaxBytes);
    auto at = std::lower_bound(paths_.begin(), paths_.end(), begin,
                               [](const inspect::LiteralHit& hit, std::size_t place) { return hit.begin < place; });
    std::uint32_t out = 0;
    for (; at != paths_.end() && at->begin < end; ++at) {
      const TellingPath& path = kTellingPaths[at->id];
      out |= at->begin + path.text.size() <= end ? path.taint : 0U;
    }
    return out;
  }

  void mark_tokens() {
    std::vector<std::uint32_t> taint_of(tokens_.size());
    std::uint32_t all = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      taint_of[i] = token_taint(i);
      all |= taint_of[i];
    }
    for (std::uint32_t taint = 1; taint <= all; taint <<= 1) {
      if ((all & taint) == 0) {
        continue;
      }
      Marks& marks = marked_.emplace_back();
      marks.taint = taint;
      marks.before.resize(tokens_.size() + 1);
      for (std::size_t i = 0; i < tokens_.size(); ++i) {
        marks.before[i + 1] = marks.before[i] + ((taint_of[i] & taint) != 0 ? 1U : 0U);
      }
    }
    is_marked_ = true;
  }

  void bind_imports(std::size_t i, std::size_t end) {
    const bool from = tokens_[i].text == "from";
    const std::uint32_t scope = place_[i].scope;
    std::string module;
    std::size_t at = i + 1;
    const auto dotted = [&] {
      std::string name;
      while (at < end && (tokens_[at].kind == PythonKind::name || is_op(at, ".") || is_op(at, "..."))) {
        if (is_name(at, "import") || is_name(at, "as")) {
          break;
        }
        name += tokens_[at].text;
        ++at;
      }
      return name;
    };
    if (from) {
      module = dotted();
      if (!is_name(at, "import") || module.starts_with('.')) {
        return;
      }
      ++at;
    }
    while (at < end) {
      if (tokens_[at].kind != PythonKind::name) {
        ++at;
        continue;
      }
      const std::string name = dotted();
      std::string alias;
      if (is_name(at, "as") && at + 1 < end) {
        alias = std::string(tokens_[at + 1].text);
        at += 2;
      }
      if (from) {
        bind(alias.empty() ? name : alias, scope).set_dotted(module + "." + name);
      } else if (!alias.empty()) {
        bind(alias, scope).set_dotted(name);
      }
      imported_.insert(from ? module : name);
      if (name.empty()) {
        ++at;
      }
    }
  }

  void bind_names() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const PythonToken& token = tokens_[i];
      if (token.kind != PythonKind::name) {
        continue;
      }
      if (token.first) {
        const std::size_t end = line_end(i);
        if (token.text == "import" || token.text == "from") {
          bind_imports(i, end);
          continue;
        }
        if (token.text == "for" || token.text == "with" || (token.text == "async" && i + 1 < end)) {
          bind_block(i, end);
        } else if (token.text == "return" && place_[i].scope < function_names_.size()) {
          const std::uint32_t flows = taints(i + 1, end);
          if (const Symbol name = function_names_[place_[i].scope]; flows != 0 && name != kNoSymbol) {
            bind(name, 0).taints |= flows;
          }
        } else if (token.text == "def" && i + 1 < end) {
          name_function(i + 1, end);
        } else {
          bind_assignment(i, end);
        }
      } else if (is_op(i + 1, ":=")) {
        std::size_t stop = i + 2;
        while (stop < tokens_.size() && tokens_[stop].kind != PythonKind::line_end && !is_op(stop, ")")) {
          stop = tokens_[stop].partner > stop ? tokens_[stop].partner + 1 : stop + 1;
        }
        bind(symbol_[i], place_[i].scope).taints |= taints(i + 2, std::min(stop, tokens_.size()));
      } else if (token.text == "def" && i > 0 && is_name(i - 1, "async")) {
        name_function(i + 1, line_end(i));
      }
    }
  }

  void name_function(std::size_t name, std::size_t end) {
    // The scope of a function is that of the tokens on its own line.
    if (name >= end) {
      return;
    }
    const std::uint32_t scope = place_[name].scope;
    if (function_names_.size() <= scope) {
      function_names_.resize(scope + 1);
    }
    function_names_[scope] = symbol_[name];
    if (is_op(name + 1, "(") && answers_requests(name)) {
      bind_parameters(name + 1, scope);
    }
  }

  /// Whether a decorator above the function makes it the handler of a server's requests or the tool of a model.
  [[nodiscard]] bool answers_requests(std::size_t name) const {
    const auto begin_of_line = [&](std::size_t i) {
      while (i > 0 && !tokens_[i].first) {
        --i;
      }
      return i;
    };
    constexpr int kMaxDecorators = 16;
    std::size_t line = begin_of_line(name);
    for (int i = 0; i < kMaxDecorators && line >= 2; ++i) {
      const std::size_t above = begin_of_line(line - 2);
      if (!is_op(above, "@")) {
        return false;
      }
      const std::size_t last = last_of(above + 1);
      const std::string_view what = tokens_[last].text;
      if (one_of(what, {"tool", "function_tool", "kernel_function"}) ||
          (last > above + 1 && is_op(last + 1, "(") &&
           one_of(what, {"route", "get", "post", "put", "patch", "delete", "api_route", "websocket", "endpoint"}))) {
        return true;
      }
      line = above;
    }
    return false;
  }

  void bind_parameters(std::size_t open, std::uint32_t scope) {
    for (auto [begin, end] : arguments(open)) {
      if (is_op(begin, "*") || is_op(begin, "**")) {
        ++begin;
      }
      const bool number = is_op(begin + 1, ":") && begin + 2 < end &&
                          one_of(tokens_[begin + 2].text, {"int", "float", "bool", "UUID", "datetime"});
      if (begin < end && tokens_[begin].kind == PythonKind::name && !number &&
          !one_of(tokens_[begin].text, {"self", "cls", "ctx", "context"}) &&
          code(begin, end).find("Depends") == std::string::npos) {
        bind(symbol_[begin], scope).taints |= kRequest;
      }
    }
  }

  void bind_block(std::size_t i, std::size_t end) {
    // for NAME in EXPRESSION:   with EXPRESSION as NAME:
    std::size_t at = i + 1;
    if (is_name(at, "for") || is_name(at, "with")) {
      ++at;
    }
    const bool loop = is_name(at - 1, "for");
    if (loop) {
      std::size_t in = at;
      while (in < end && !is_name(in, "in")) {
        ++in;
      }
      const std::uint32_t flows = taints(std::min(in + 1, end), end);
      for (std::size_t k = at; k < in; ++k) {
        if (tokens_[k].kind == PythonKind::name && flows != 0) {
          bind(symbol_[k], place_[k].scope).taints |= flows;
        }
      }
      return;
    }
    std::size_t begin = at;
    for (std::size_t k = at; k < end; ++k) {
      if (is_name(k, "as") && k + 1 < end && tokens_[k + 1].kind == PythonKind::name) {
        const auto opened = resolve(begin);
        Binding& target = bind(symbol_[k + 1], place_[k].scope);
        target.taints |= taints(begin, k);
        if (opened && (opened->dotted == "open" || opened->dotted.ends_with(".open")) && is_op(opened->next, "(")) {
          const auto given = arguments(opened->next);
          if (!given.empty()) {
            opened_[std::string(tokens_[k + 1].text)] = code(given[0].first, given[0].second, true);
          }
        }
        begin = k + 3;
        ++k;
      }
    }
  }

  void bind_assignment(std::size_t i, std::size_t end) {
    std::vector<std::size_t> targets;  // tokens
    std::size_t begin = i;
    std::size_t value = 0;
    bool augmented = false;
    for (std::size_t k = i; k < end; ++k) {
      if (tokens_[k].kind != PythonKind::op) {
        continue;
      }
      if (tokens_[k].partner > k && tokens_[k].partner < end) {
        k = tokens_[k].partner;
        continue;
      }
      if (tokens_[k].text == "=" || tokens_[k].text == "+=") {
        // NAME, NAME.NAME or NAME: type before it; also NAME, NAME.
        for (std::size_t n = begin; n < k; ++n) {
          if (tokens_[n].kind == PythonKind::name && !follows_dot(n)) {
            targets.push_back(n);
            if (is_op(n + 1, ":")) {
              break;
            }
          }
        }
        augmented = tokens_[k].text == "+=";
        begin = k + 1;
        value = k + 1;
      }
    }
    if (value == 0 || value >= end || targets.size() > 20) {
      return;
    }
    const std::uint32_t flows = taints(value, end);
    const auto text = constant(value, end);
    const auto name = names_whole(value, end) ? resolve(value) : std::nullopt;
    for (const std::size_t target : targets) {
      if (is_name(target, "self") || is_name(target, "cls")) {
        continue;
      }
      Binding& bound = bind(symbol_[target], place_[i].scope);
      bound.taints |= flows;
      if (augmented) {
        bound.text.reset();
        continue;
      }
      bound.text = targets.size() == 1 && text && text->size() < (1U << 20) ? text : std::nullopt;
      if (name && name->next == end && targets.size() == 1 && name->dotted != tokens_[target].text &&
          (name->dotted.find('.') != std::string::npos || (python_roles(name->dotted) & kRunsCode) != 0 ||
           imported_.contains(name->dotted) || name->obscured ||
           one_of(name->dotted, {"getattr", "__import__", "get_ipython"}))) {
        bound.set_dotted((name->obscured ? "!" : "") + name->dotted);
      }
    }
  }
  /// Whether resolve() may take all of [begin, end).
  [[nodiscard]] bool names_whole(std::size_t begin, std::size_t end) const {
    if (tokens_[begin].kind != PythonKind::name) {
      return is_op(begin, "(");
    }
    const std::size_t last = last_of(begin);
    return last + 1 == end || (roles_from(begin, last) & kLooksUp) != 0;
  }

  // --- findings ---

  void report(std::string_view rule, std::size_t begin, std::size_t end, std::string message,
              std::optional<evidence::Severity> severity = std::nullopt) {
    const Rule* known = find_rule(rule);
    evidence::Severity grade = severity ? *severity : known != nullptr ? known->severity : evidence::Severity::medium;
    if (test_ && known != nullptr && known->finding_class != evidence::FindingClass::malice) {
      grade = std::min(grade, evidence::Severity::low);
    }
    const std::uint32_t line = file_line(begin);
    out_.add(rule, grade,
             {path_, "line " + std::to_string(line), 0, line, base::abbreviate(code(begin, end, true), 200),
              std::move(message)});
  }

  [[nodiscard]] bool at_import(std::size_t i) const { return !place_[i].deferred; }

  [[nodiscard]] std::string words(const std::vector<std::pair<std::size_t, std::size_t>>& given) const {
    std::string out;
    for (const auto& [from, to] : given) {
      const auto text = constant(from, to);
      const std::string known = text ? *text : all_text(from, to);
      out += (out.empty() || known.empty() ? "" : " ") + known;
    }
    return out;
  }

  /// All constant text of [begin, end), by spaces: a list of arguments reads as the command that it makes.
  [[nodiscard]] std::string all_text(std::size_t begin, std::size_t end) const {
    if (begin < end && (is_op(begin, "[") || is_op(begin, "(")) && tokens_[begin].partner + 1 == end) {
      return words(arguments(begin));
    }
    std::string out;
    for (std::size_t i = begin; i < end && out.size() < (1U << 18); ++i) {
      if (tokens_[i].kind == PythonKind::string) {
        out += (out.empty() ? "" : " ") + python_string(tokens_[i].text);
      } else if (tokens_[i].kind == PythonKind::name) {
        const Binding* known = binding(i);
        if (known != nullptr && known->text) {
          out += (out.empty() ? "" : " ") + *known->text;
        }
      }
    }
    return out;
  }

  void visit_name(std::size_t i) {
    if (i > 0 && (is_name(i - 1, "def") || is_name(i - 1, "class"))) {
      return;
    }
    if ((roles_of(i) & kSwitch) != 0 && is_op(i + 1, "=") && is_name(i + 2, "True")) {
      if (is_name(i, "trust_remote_code")) {
        report("trust-remote-code", i, i + 3, "trust_remote_code=True runs code that is downloaded with the model.");
      } else {
        report("agent-permissions", i, i + 3, "The agent runs or requests whatever a model writes.");
      }
      return;
    }
    if (!any_call_matters_ && (roles_from(i, last_of(i)) & (kActing | kLooksUp)) == 0) {
      return;
    }
    const auto name = resolve(i);
    if (!name) {
      return;
    }
    names_terminal_ = names_terminal_ || name->dotted == "pty.spawn";
    names_socket_ = names_socket_ || name->dotted == "socket.socket";
    if (is_op(name->next, "(")) {
      call(*name, i, name->next);
    } else if (is_name(i, "__builtins__") && name->next > i + 1 && (python_roles(name->dotted) & kRunsCode) != 0) {
      report("obfuscated-code", i, name->next,
             name->dotted + " is taken from the interpreter's own table, to be called under another name.",
             evidence::Severity::high);
    }
  }

  /// (expression)(…), (expression).name(…).
  void visit_bracketed(std::size_t i) {
    const std::size_t after = tokens_[i].partner + 1;
    if (after <= i + 1 || !(is_op(after, "(") || is_op(after, ".") || is_op(after, "["))) {
      return;  // nothing is called
    }
    const auto name = resolve(i);
    if (name && is_op(name->next, "(") && name->next > i + 1) {
      call(*name, i, name->next);
    }
  }

  /// value.name(…) of a value that is no plain name.
  void visit_method(std::size_t i) {
    const std::uint32_t roles = roles_of(i) & (kSendingMethod | kWritingMethod | kSystemMethod);
    if (roles == 0) {
      return;
    }
    const std::size_t open = i + 1;
    const std::size_t close = close_of(open);
    const std::uint32_t flows = taints(open, close);
    if ((roles & kSendingMethod) != 0 && (flows & (kCredential | kEnvironment)) != 0) {
      steals(i, close, flows);
    }
    if ((roles & kWritingMethod) != 0) {
      written(i, open, close);
    }
    if ((roles & kSystemMethod) != 0 && i >= 2 && is_op(i - 2, ")")) {
      const std::size_t start = tokens_[i - 2].partner;
      const auto name = start > 0 && start < i ? resolve_before(start) : std::nullopt;
      if (name && (name->find("CDLL") != std::string::npos || name->find("LoadLibrary") != std::string::npos)) {
        report("attack-command", i, close, "A command is run through the C library, out of sight of Python.",
               evidence::Severity::high);
      }
    }
  }

  /// The dotted name that ends just before the bracket at `open`.
  [[nodiscard]] std::optional<std::string> resolve_before(std::size_t open) const {
    std::size_t i = open;
    while (i >= 2 && tokens_[i - 1].kind == PythonKind::name && is_op(i - 2, ".")) {
      i -= 2;
    }
    if (i == 0 || tokens_[i - 1].kind != PythonKind::name) {
      return std::nullopt;
    }
    const auto name = resolve(i - 1);
    return name ? std::optional(name->dotted) : std::nullopt;
  }

  void steals(std::size_t begin, std::size_t end, std::uint32_t flows) {
    const bool network = std::any_of(imported_.begin(), imported_.end(), [](const std::string& module) {
      return module.starts_with("requests") || module.starts_with("urllib") || module.starts_with("socket") ||
             module.starts_with("http") || module.starts_with("aiohttp") || module.starts_with("smtplib") ||
             module.starts_with("ftplib") || module.starts_with("paramiko");
    });
    if (!network) {
      return;
    }
    report("credential-theft", begin, end,
           (flows & kEnvironment) != 0 ? "The whole environment is sent over the network."
                                       : "Files with keys or credentials are read and sent over the network.");
  }

  /// sitecustomize.py in the interpreter's own folders; in a folder that the program has made it serves that alone.
  [[nodiscard]] bool customises_site(std::size_t begin, std::size_t end) const {
    const std::string source = code(begin, end, true);
    return (source.find("sitecustomize.py") != std::string::npos ||
            source.find("usercustomize.py") != std::string::npos) &&
           ((taints(begin, end) & kSitePackage) != 0 || source.find("\"/") != std::string::npos ||
            source.find("'/") != std::string::npos || source.find('~') != std::string::npos);
  }

  void persists(std::size_t begin, std::size_t end) {
    if (installs_completion(begin)) {
      report("persistence", begin, end,
             "A function installs completion for the user's shell in a file that is run at log-in.",
             evidence::Severity::low);
      return;
    }
    report("persistence", begin, end, "The program writes to a file that is run by itself at start or log-in.");
  }

  /// Whether the function around a token does what command lines do on their users' request: it speaks of completion,
  /// runs only when it is called, neither starts nor fetches nor decodes anything, and has no command among its texts.
  [[nodiscard]] bool installs_completion(std::size_t at) {
    constexpr std::size_t kMaxFunctions = 64;
    const std::uint32_t scope = place_[at].scope;
    if (scope == 0 || at_import(at)) {
      return false;
    }
    if (const auto known = completes_.find(scope); known != completes_.end()) {
      return known->second;
    }
    if (completes_.size() >= kMaxFunctions) {
      return false;
    }
    bool completes = false;
    bool acts = false;
    for (std::size_t i = 0; i < tokens_.size() && !acts; ++i) {
      if (place_[i].scope != scope) {
        continue;
      }
      const bool text = tokens_[i].kind == PythonKind::string;
      const std::string shown = base::to_lower(text ? python_string(tokens_[i].text) : std::string(tokens_[i].text));
      completes = completes || shown.find("complet") != std::string::npos;
      constexpr std::string_view kCommands[] = {
          "curl",  "wget",  "base64", "/dev/tcp", "nc ", "http", "|",    "&",    "python", "eval",      "exec",
          "chmod", "nohup", "sudo",   "sh -",     "`",   "$(",   "/tmp", "perl", "ruby",   "osascript", "alias"};
      constexpr std::string_view kActs[] = {"subprocess",   "system",     "popen",     "run",     "call",
                                            "check_output", "exec",       "eval",      "urlopen", "urlretrieve",
                                            "get",          "requests",   "b64decode", "fromhex", "decode",
                                            "decompress",   "__import__", "chr"};
      acts = text ? std::any_of(std::begin(kCommands), std::end(kCommands),
                                [&](std::string_view one) { return shown.find(one) != std::string::npos; })
                  : tokens_[i].kind == PythonKind::name &&
                        std::find(std::begin(kActs), std::end(kActs), shown) != std::end(kActs);
    }
    return completes_[scope] = completes && !acts;
  }

  void written(std::size_t begin, std::size_t open, std::size_t close) {
    // PATH.write_text(…), open(PATH, "a").write(…), f.write(…)
    std::size_t start = begin;
    while (start > 0 && !tokens_[start].first) {
      --start;
    }
    if (((taints(start, begin) & kAutorun) != 0 || customises_site(start, begin)) &&
        writes_in(start, begin, tokens_[begin].text)) {
      persists(start, close);
    }
    if ((taints(open, close) & kDownloaded) != 0 && begin >= 2 && tokens_[begin - 2].kind == PythonKind::name) {
      const auto opened = opened_.find(std::string(tokens_[begin - 2].text));
      if (opened != opened_.end()) {
        downloaded_to_.insert(opened->second);
      }
    }
    const std::size_t made = begin >= 2 && is_op(begin - 2, ")") ? tokens_[begin - 2].partner : 0;
    if ((taints(open, close) & kDownloaded) != 0 && made > 0 && made < begin &&
        one_of(tokens_[made - 1].text, {"open", "Path", "PosixPath"})) {  // open("a", "wb").write(…)
      const auto given = arguments(made);
      if (!given.empty()) {
        downloaded_to_.insert(code(given[0].first, given[0].second, true));
      }
    }
  }

  [[nodiscard]] bool writes_in(std::size_t begin, std::size_t end, std::string_view method) const {
    if (method == "write_text" || method == "write_bytes") {
      return true;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (tokens_[i].kind == PythonKind::string) {
        const std::string mode = python_string(tokens_[i].text);
        if (!mode.empty() && mode.size() <= 3 && mode.find_first_of("wax") != std::string::npos) {
          return true;
        }
      }
    }
    return false;
  }

  void call(const Resolved& name, std::size_t at, std::size_t open) {
    const std::uint32_t roles = python_roles(name.dotted);
    if ((roles & kActing) == 0 && !any_call_matters_) {
      return;
    }
    const std::size_t close = close_of(open);
    const std::size_t end = std::min(close + 1, tokens_.size());
    const auto given = arguments(open);
    const std::pair<std::size_t, std::size_t> first = given.empty() ? std::pair(open + 1, open + 1) : given[0];
    const std::uint32_t flows = taints(first.first, first.second);
    const std::string_view what = name.dotted;
    if ((roles & kRunsCommand) != 0) {
      command(name, at, open, end);
    } else if ((roles & kRunsCode) != 0) {
      evaluation(name, at, open, end, first, flows);
    } else if ((roles & kSends) != 0 && (taints(open, close) & (kCredential | kEnvironment)) != 0) {
      steals(at, end, taints(open, close));
    } else if ((roles & kSends) != 0 && names_signing_key(code(first.first, first.second, true))) {
      report("credential-theft", at, end, "A key that only signs requests is made part of an address.");
    }
    if ((roles & kDownloads) != 0) {
      if (what.ends_with("urlretrieve") || what == "wget.download") {
        if (given.size() >= 2) {
          const bool named = is_name(given[1].first, "filename") || is_name(given[1].first, "out");
          downloaded_to_.insert(code(given[1].first + (named ? 2 : 0), given[1].second, true));
        }
      }
    }
    if (what == "open" && given.size() >= 2 &&
        ((flows & kAutorun) != 0 || customises_site(first.first, first.second))) {
      const auto mode = constant(given[1].first, given[1].second);
      const auto named = keyword(open, "mode");
      const auto named_mode = named ? constant(named->first, named->second) : std::nullopt;
      const std::string both = mode.value_or("") + named_mode.value_or("");
      if (both.size() <= 4 && both.find_first_of("wax+") != std::string::npos) {
        persists(at, end);
      }
    }
    if ((what == "shutil.copy" || what == "shutil.copyfile" || what == "os.rename" || what == "shutil.move") &&
        given.size() >= 2 && (taints(given[1].first, given[1].second) & kAutorun) != 0) {
      persists(at, end);
    }
    if (what == "os.dup2") {
      duplicates_socket_ = duplicates_socket_ || code(open, end).find("fileno") != std::string::npos;
      dup2_at_ = dup2_at_ == 0 ? at : dup2_at_;
    }
    if (what.ends_with("VirtualAlloc") || what.ends_with("RtlMoveMemory") || what.ends_with("CreateThread") ||
        what.ends_with("VirtualProtect") || what.ends_with("CreateRemoteThread")) {
      if (shellcode_at_ == 0) {
        shellcode_at_ = at;
      }
      shellcode_.emplace(what.substr(what.rfind('.') + 1));
    }
    if (what == "types.FunctionType" || what == "types.CodeType") {
      if ((taints(open, close) & kDecoded) != 0 && holds_payload()) {
        report("obfuscated-code", at, end, "A function is made of decoded bytes.");
      }
    }
    if (what == "marshal.loads" && ((flows & (kDownloaded | kSocket)) != 0 ||
                                    ((flows & kDecoded) != 0 && holds_payload()) || is_marshalled_code(first))) {
      report("obfuscated-code", at, end, "Compiled Python is unpacked from decoded data.");
    }
    loader(what, roles, at, open, end, first);
  }

  void command(const Resolved& name, std::size_t at, std::size_t open, std::size_t end) {
    const std::string& what = name.dotted;
    const auto given = arguments(open);
    if (given.empty()) {
      return;
    }
    const std::size_t begin = given[0].first;
    const std::size_t stop = takes_words(what) ? given.back().second : given[0].second;
    const std::uint32_t flows = taints(begin, stop);
    const auto whole = constant(begin, stop);
    const std::string text = whole ? *whole : takes_words(what) ? words(given) : all_text(begin, stop);
    const bool runs_shell = (python_roles(what) & kRunsShell) != 0;
    const bool shell = runs_shell || keyword_is(open, "shell", "True");
    if (const auto sighting = shell_attack(text)) {
      report("attack-command", at, end, "The command " + std::string(deed_words(sighting->deed)) + ".",
             evidence::Severity::critical);
      return;
    }
    const std::string arguments_code = code(open, end, true);
    const bool to_shell = text.find("/bin/sh") != std::string::npos || text.find("/bin/bash") != std::string::npos ||
                          text.find("cmd.exe") != std::string::npos || text.starts_with("bash") ||
                          text.starts_with("sh") || text.find("powershell") != std::string::npos;
    starts_shell_ = starts_shell_ || to_shell;
    if (to_shell && arguments_code.find("fileno()") != std::string::npos &&
        arguments_code.find("stdin") != std::string::npos && imported_.contains("socket")) {
      report("attack-command", at, end, "A shell is connected to a socket.", evidence::Severity::critical);
      return;
    }
    if ((flows & kSocket) != 0) {
      report("attack-command", at, end, "What a socket receives is run as a command.", evidence::Severity::critical);
      return;
    }
    const bool to_shell_text = to_shell && (has_word(text, "-c") || has_word(text, "/c") || has_word(text, "-Command"));
    if ((flows & kDecoded) != 0 && (shell || whole || to_shell_text)) {
      report("obfuscated-code", at, end, "A command is decoded and run.");
      return;
    }
    if ((flows & kDownloaded) != 0 && shell && code(begin, stop).find("read") == std::string::npos &&
        runs_downloaded_text(begin, stop)) {
      report("runs-download", at, end, "What an address answers is run as a command.");
      return;
    }
    const std::string interpreter = text.substr(0, text.find(' '));
    if ((flows & kDownloaded) != 0 &&
        (text.find(" -c") != std::string::npos || text.find(" -e") != std::string::npos) &&
        (interpreter.find("python") != std::string::npos || interpreter.ends_with("sh") || interpreter == "node" ||
         interpreter == "perl" || interpreter == "ruby")) {
      report("runs-download", at, end, "What an address answers is run as a program.");
      return;
    }
    if (runs_file(begin, stop, text)) {
      report("runs-download", at, end, "A file is downloaded and run.");
      return;
    }
    if (name.obscured && !is_name(at, "subprocess")) {
      report("obfuscated-code", at, end, what + " is reached by a name that is looked up at run time.");
      return;
    }
    if (shell && (names_model_output(code(open, end)) || (flows & kModelOutput) != 0)) {
      report("shell-of-model-output", at, end, what + " runs what a model wrote.");
      return;
    }
    if ((flows & kRequest) != 0 && (shell || to_shell_text) && arguments_code.find("quote(") == std::string::npos) {
      report("shell-of-input", at, end, what + " runs what a request brings.");
      return;
    }
    if (place_[at].install_class && shell_like_network(text)) {
      report("attack-command", at, end, "A command of the installation fetches from the network.",
             evidence::Severity::high);
      return;
    }
    if (use_.runs_unseen || model_code_ || place_[at].model_class) {
      report("model-code-runs-command", at, end, "Code that comes with a model runs a command.");
      return;
    }
    if (place_[at].install_class && runs_shell) {
      report("import-runs-command", at, end, "Installing the package runs a command.");
      return;
    }
    if (at_import(at) && runs_shell && (library_ || has_definitions_) && !setup_) {
      report("import-runs-command", at, end, "Importing the file runs a command.");
    } else if (at_import(at) && library_ && !setup_ && what != "subprocess.Popen" && !text.empty() &&
               shell_like_network(text)) {
      report("import-runs-command", at, end, "Importing the file runs a command.");
    } else if (at_import(at) && setup_ && shell_like_network(text)) {
      report("attack-command", at, end, "Installing the package fetches from the network by a command.",
             evidence::Severity::high);
    }
  }

  static bool shell_like_network(std::string_view text) {
    return has_word(text, "curl") || has_word(text, "wget") || has_word(text, "nc") || has_word(text, "powershell") ||
           text.find("Invoke-WebRequest") != std::string_view::npos || has_word(text, "whoami") ||
           text.find("/etc/passwd") != std::string_view::npos || text.find("/tmp/") != std::string_view::npos;
  }

  /// Whether the argument is the text of an answer itself and not, say, a name found in it.
  [[nodiscard]] bool runs_downloaded_text(std::size_t begin, std::size_t end) const {
    const std::string source = code(begin, end);
    return source.find(".text") != std::string::npos || source.find(".content") != std::string::npos ||
           source.find(".decode") != std::string::npos || end == begin + 1;
  }

  /// Whether a command starts a file that was downloaded before.
  [[nodiscard]] bool runs_file(std::size_t begin, std::size_t end, const std::string& text) const {
    if (downloaded_to_.empty()) {
      return false;
    }
    const std::string source = code(begin, end, true);
    for (const std::string& target : downloaded_to_) {
      if (target.size() < 2) {
        continue;
      }
      std::string bare = target;
      if (bare.front() == '"' || bare.front() == '\'') {
        bare = python_string(bare);
      }
      if (source.starts_with(target) || source.starts_with("[" + target) ||
          (bare.size() > 3 && text.starts_with(bare))) {
        return true;
      }
      const bool named =
          source.find(target) != std::string::npos || (bare.size() > 3 && text.find(bare) != std::string::npos);
      if (!named) {
        continue;
      }
      const std::string word = text.substr(0, text.find_first_of(" {"));
      if (one_of(word,
                 {"sh", "bash", "zsh", "/bin/sh", "/bin/bash", "chmod", "python", "python3", "perl", "./", "source"}) ||
          source.starts_with("[sys.executable") || source.starts_with("f\"./")) {
        return true;
      }
    }
    return false;
  }

  void evaluation(const Resolved& name, std::size_t at, std::size_t open, std::size_t end,
                  const std::pair<std::size_t, std::size_t>& first, std::uint32_t flows) {
    const std::string& what = name.dotted;
    if (first.first >= first.second) {
      return;
    }
    const auto text = constant(first.first, first.second);
    if ((flows & kSocket) != 0) {
      report("attack-command", at, end, "What a socket receives is run as code.", evidence::Severity::critical);
      return;
    }
    if ((flows & kDecoded) != 0 ||
        (text && first.second - first.first > 3 && what != "compile" && has_disguise(first))) {
      report("obfuscated-code", at, end, what + " runs code that was encoded.");
    } else if ((flows & kDownloaded) != 0 && !parses_answer(first)) {
      report("runs-download", at, end, what + " runs what an address answers.");
      return;
    } else if (what == "runpy.run_path" && downloaded_to_.contains(code(first.first, first.second, true))) {
      report("runs-download", at, end, "A file is downloaded and run.");
      return;
    }
    if (text && use_.depth < 4 && text->size() > 8) {
      PythonUse inner;
      inner.line = file_line(at);
      inner.depth = use_.depth + 1;
      inner.runs_unseen = true;
      judge_python(*text, path_, out_, inner);
      return;
    }
    if (what != "compile" && what != "timeit.timeit" && !text) {
      const std::string source = code(open, end);
      if (name.obscured) {
        report("obfuscated-code", at, end, what + " is reached by a name that is looked up at run time.");
      } else if ((what == "eval" || what == "exec") && (names_model_output(source) || (flows & kModelOutput) != 0)) {
        report("eval-of-model-output", at, end, what + " runs what a model wrote.");
      } else if ((what == "eval" || what == "exec") && (flows & kRequest) != 0) {
        report("eval-of-input", at, end, what + " runs what a request brings.");
      } else if (what == "eval" && (flows & kInput) != 0) {  // exec of a file's name is what profilers do
        report("eval-of-input", at, end, what + " runs what whoever starts the program types.",
               evidence::Severity::medium);
      }
    }
  }

  /// Whether the program brings something that could be code in disguise: a constant of many letters without a blank.
  /// Libraries that read compiled functions out of models and archives have none.
  [[nodiscard]] bool holds_payload() {
    if (!payload_) {  // a program may ask for each of its lines
      payload_ = std::any_of(tokens_.begin(), tokens_.end(), [](const PythonToken& token) {
        return token.kind == PythonKind::string && token.text.size() > 60 &&
               token.text.substr(0, 400).find_first_of(" {") == std::string_view::npos;
      });
    }
    return *payload_;
  }

  /// Whether the span is constant bytes that begin as a compiled function does in Python's own format.
  [[nodiscard]] bool is_marshalled_code(const std::pair<std::size_t, std::size_t>& span) const {
    const auto bytes = constant(span.first, span.second);
    return bytes && !bytes->empty() && (bytes->front() == '\xE3' || bytes->front() == 'c');
  }

  /// Whether constant text is put together in a way that hides it: chr(), reversal, joining of letters.
  [[nodiscard]] bool has_disguise(const std::pair<std::size_t, std::size_t>& span) const {
    const std::string source = code(span.first, span.second);
    return source.find("chr") != std::string::npos || source.find("[::-1]") != std::string::npos;
  }

  /// eval(json.loads(answer)["x"]) and its like take a part of an answer as data.
  [[nodiscard]] bool parses_answer(const std::pair<std::size_t, std::size_t>& span) const {
    return code(span.first, span.second).find("json") != std::string::npos;
  }

  void loader(std::string_view what, std::uint32_t roles, std::size_t at, std::size_t open, std::size_t end,
              const std::pair<std::size_t, std::size_t>& first) {
    if (what == "torch.load") {
      if (!keyword_is(open, "weights_only", "True") && !has_stars(open)) {
        const auto given = keyword(open, "weights_only");
        const bool settled = given && !keyword_is(open, "weights_only", "False") &&
                             !keyword_is(open, "weights_only", "0") && !keyword_is(open, "weights_only", "None");
        if (!settled) {
          report("unsafe-torch-load", at, end, "torch.load is called without weights_only=True.");
        }
      }
      return;
    }
    if ((roles & kUnpickles) != 0) {
      const std::string source = code(first.first, first.second);
      if (source.starts_with("pickle.dumps") || source.starts_with("dill.dumps") ||
          source.starts_with("cloudpickle.dumps")) {
        return;  // a copy by way of pickling
      }
      if (const auto bytes = constant(first.first, first.second); bytes && bytes->size() > 4) {
        (void)judge_content(base::as_bytes(*bytes), path_ + "!line " + std::to_string(file_line(at)), Trust::content, 1,
                            out_);
      }
      report("unsafe-pickle-load", at, end, std::string(what) + " runs whatever code the file contains.");
      return;
    }
    if (what == "numpy.load" && keyword_is(open, "allow_pickle", "True")) {
      report("unsafe-pickle-load", at, end, "numpy.load with allow_pickle=True runs whatever code the file contains.");
      return;
    }
    if (what == "yaml.load" || what == "yaml.load_all" || what == "yaml.unsafe_load" ||
        what == "yaml.unsafe_load_all") {
      // A loader that is handed on is not known: yaml.load(stream, self.loader).
      const auto given = arguments(open);
      std::string handed;
      if (const auto named = keyword(open, "Loader")) {
        handed = code(named->first, named->second);
      } else if (given.size() >= 2) {
        handed = code(given[1].first, given[1].second);
      }
      if (what.find("unsafe") == std::string::npos && !handed.empty() && handed.find("Loader") == std::string::npos) {
        return;
      }
      const std::string source = code(open, end);
      const bool safe = what.find("unsafe") == std::string::npos && (source.find("SafeLoader") != std::string::npos ||
                                                                     source.find("BaseLoader") != std::string::npos ||
                                                                     source.find("safe_loader") != std::string::npos);
      const bool plain = source.find("Loader") == std::string::npos ||
                         source.find("UnsafeLoader") != std::string::npos ||
                         source.find("yaml.Loader") != std::string::npos || source.find("CLoader") != std::string::npos;
      if (!safe && plain && source.find("FullLoader") == std::string::npos) {
        report("unsafe-yaml-load", at, end, std::string(what) + " makes objects of any class that the document names.");
      }
      return;
    }
    if (what == "torch.hub.load" && keyword_is(open, "trust_repo", "True")) {
      report("trust-remote-code", at, end, "torch.hub.load with trust_repo=True runs code of a repository unasked.");
      return;
    }
    if (what.ends_with("load_model") && keyword_is(open, "safe_mode", "False")) {
      report("unsafe-model-load", at, end, "Keras loads the model with its safe mode off, so that Lambda layers run.");
    } else if (what.ends_with("enable_unsafe_deserialization")) {
      report("unsafe-model-load", at, end, "Keras is told to load code with models.");
    } else if (keyword_is(open, "allow_dangerous_deserialization", "True")) {
      report("unsafe-model-load", at, end, "The index is unpickled, which runs whatever code it contains.");
    } else if (what == "skops.io.load" && keyword_is(open, "trusted", "True")) {
      report("unsafe-model-load", at, end, "skops is told to trust every type in the file.");
    }
  }

  void finish() {
    if (duplicates_socket_ && (names_terminal_ || starts_shell_) && (imported_.contains("socket") || names_socket_)) {
      report("attack-command", dup2_at_, std::min(dup2_at_ + 8, tokens_.size()), "A shell is connected to a socket.",
             evidence::Severity::critical);
    }
    if (shellcode_.size() >= 2) {
      report("attack-command", shellcode_at_, std::min(shellcode_at_ + 8, tokens_.size()),
             "Machine code is put into memory and run.", evidence::Severity::critical);
    }
  }

  /// For one kind of taint: how many tokens have it before each token.
  struct Marks {
    std::uint32_t taint = 0;
    std::vector<std::uint32_t> before;
  };

  std::string_view source_;
  const std::string& path_;
  Collector& out_;
  const PythonUse& use_;
  bool cut_ = false;
  std::vector<PythonToken> tokens_;
  std::vector<Place> place_;    // of each token
  std::vector<Symbol> symbol_;  // of each token
  std::vector<SymbolState> symbols_;
  std::vector<Symbol> slots_;         // a hash table of them; its size is a power of two
  std::deque<std::string> composed_;  // names that are no token
  std::vector<inspect::LiteralHit> paths_ = telling_paths(source_);
  std::vector<std::uint32_t> parents_;                   // of each scope
  std::vector<Symbol> function_names_;                   // of each scope
  std::unordered_map<std::uint32_t, bool> completes_;    // functions that install completion
  std::unordered_map<std::uint64_t, Binding> bindings_;  // by key_of()
  std::unordered_set<std::string> imported_;
  std::unordered_set<std::string> downloaded_to_;
  std::unordered_map<std::string, std::string> opened_;
  std::vector<Marks> marked_;  // of the taints that occur, once is_marked_
  std::unordered_set<std::string> shellcode_;
  std::size_t shellcode_at_ = 0;
  std::size_t dup2_at_ = 0;
  std::optional<bool> payload_;  ///< Once it was asked for.
  bool is_marked_ = false;
  bool any_call_matters_ = false;  ///< There is an argument that says something whatever is called.
  bool names_terminal_ = false;
  bool names_socket_ = false;
  bool duplicates_socket_ = false;
  bool starts_shell_ = false;
  bool has_definitions_ = false;
  bool test_ = false;
  bool setup_ = false;
  bool model_code_ = false;
  bool library_ = false;
};

}  // namespace

void judge_python(std::string_view text, const std::string& path, Collector& out, const PythonUse& use) {
  PythonJudge(text, path, out, use).run();
}

void judge_path_file(std::string_view text, const std::string& path, Collector& out) {
  std::uint32_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.starts_with("import ") && !line.starts_with("import\t")) {
      continue;
    }
    // What setuptools, virtualenv, coverage and namespace packages write.
    const bool usual =
        line.find("__editable__") != std::string_view::npos || line.find("_distutils_hack") != std::string_view::npos ||
        line.find("_virtualenv") != std::string_view::npos || line.find("has_mfs") != std::string_view::npos ||
        line.find("coverage") != std::string_view::npos || line.find("pytest_cov") != std::string_view::npos ||
        line.find("types.ModuleType") != std::string_view::npos;
    PythonUse use;
    use.line = number;
    use.runs_unseen = true;
    judge_python(line, path, out, use);
    static const re2::RE2 kActs(
        R"(\b(exec|eval|compile|system|popen|Popen|subprocess|urlopen|urllib|socket|base64|requests|ctypes|__import__)\b)");
    const bool acts = re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), kActs);
    if (!usual) {
      out.add("autorun-path-file", acts ? evidence::Severity::high : evidence::Severity::medium,
              {path, "line " + std::to_string(number), 0, number, base::abbreviate(line, 200), ""});
    }
  }
}

}  // namespace scan
