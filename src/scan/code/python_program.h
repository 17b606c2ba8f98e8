#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "inspect/literals.h"
#include "scan/code/python_names.h"
#include "scan/code/python_tokens.h"

namespace scan {

/// Where a value comes from or what it names, as far as the text of the program tells.
enum PythonTaint : std::uint32_t {
  kDecoded = 1,         ///< Base64, compression, rot13, marshal.
  kDownloaded = 2,      ///< What an address answered.
  kModelOutput = 4,     ///< What a model wrote.
  kCredential = 8,      ///< Keys and credentials of the user.
  kEnvironment = 16,    ///< All of the environment.
  kAutorun = 32,        ///< The path of a file that something runs by itself.
  kSocket = 64,         ///< What a socket received.
  kSitePackage = 128,   ///< The interpreter's folders of packages.
  kInput = 256,         ///< What whoever starts the program types.
  kCommandLine = 1024,  ///< Its arguments.
  kRequest = 512,       ///< What a request to a server, or the call of a tool, brings.
};

/// A Python source, read as far as the judge asks: its tokens and blocks, what names stand for, which texts are
/// constant and where values come from. It is never run; two readings of all assignments stand for loops and
/// definitions that come later. Tokens are named by their index, stretches of them as [begin, end). Not for use by
/// several threads.
class PythonProgram {
 public:
  /// The block that a logical line stands in.
  struct Place {
    std::uint32_t scope = 0;
    bool deferred = false;  ///< Not run by importing the file.
    bool model_class = false;
    bool install_class = false;
  };
  /// What an expression names.
  struct Resolved {
    std::string dotted;
    std::size_t next = 0;   ///< The token after it.
    bool obscured = false;  ///< Reached by looking up a name at run time.
  };

  /// Borrows the source.
  explicit PythonProgram(std::string_view source);

  // --- tokens ---

  [[nodiscard]] const std::vector<PythonToken>& tokens() const { return tokens_; }
  [[nodiscard]] bool is_cut() const { return cut_; }  ///< There are more tokens than are read.
  [[nodiscard]] const Place& place(std::size_t i) const { return place_[i]; }
  [[nodiscard, gnu::always_inline]] bool is_op(std::size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].kind == PythonKind::op && is_same(tokens_[i].text, text);
  }
  [[nodiscard, gnu::always_inline]] bool is_name(std::size_t i, std::string_view text) const {
    return i < tokens_.size() && tokens_[i].kind == PythonKind::name && is_same(tokens_[i].text, text);
  }
  [[nodiscard]] bool is_string(std::size_t i) const {
    return i < tokens_.size() && tokens_[i].kind == PythonKind::string;
  }
  [[nodiscard]] bool follows_dot(std::size_t i) const { return i > 0 && is_op(i - 1, "."); }
  /// Whether the bracket at `i` calls what stands before it.
  [[nodiscard]] bool calls(std::size_t i) const;
  /// The bracket that closes the one at `open`; where none does, a token not far behind it.
  [[nodiscard]] std::size_t close_of(std::size_t open) const;
  /// The arguments of the call at `open`, as [begin, end) of tokens.
  [[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> arguments(std::size_t open) const;
  /// The value of the keyword argument, as [begin, end).
  [[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> keyword(std::size_t open,
                                                                           std::string_view name) const;
  [[nodiscard]] bool keyword_is(std::size_t open, std::string_view name, std::string_view value) const;
  /// Whether the call at `open` hands on keyword arguments that are not seen.
  [[nodiscard]] bool has_stars(std::size_t open) const;
  /// Source between tokens, with text constants emptied unless they are format strings; at most 2,000 bytes.
  [[nodiscard]] std::string code(std::size_t begin, std::size_t end, bool with_text = false) const;
  /// The constant text of each of these stretches, by spaces.
  [[nodiscard]] std::string words(const std::vector<std::pair<std::size_t, std::size_t>>& given) const;
  /// All constant text of [begin, end), by spaces: a list of arguments reads as the command that it makes.
  [[nodiscard]] std::string all_text(std::size_t begin, std::size_t end) const;

  // --- names and values ---

  /// Whether a function or a class is defined.
  [[nodiscard]] bool has_definitions() const { return has_definitions_; }
  /// Modules that are imported, and those from which something is.
  [[nodiscard]] const std::unordered_set<std::string>& imported() const { return imported_; }
  /// Whether there is an argument that says something whatever is called.
  [[nodiscard]] bool any_call_matters() const { return any_call_matters_; }
  /// The source of the path that `with open(PATH) as NAME` gave this name, if any.
  [[nodiscard]] const std::string* opened_as(std::string_view name) const;
  /// The roles that a dotted name may have whose last part is the name at `i`.
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
  [[nodiscard]] std::uint32_t roles_from(std::size_t i, std::size_t last) const;
  /// What the primary expression at `i` names, where that can be told.
  [[nodiscard]] std::optional<Resolved> resolve(std::size_t i, int depth = 0) const;
  /// The dotted name that ends just before the bracket at `open`.
  [[nodiscard]] std::optional<std::string> resolve_before(std::size_t open) const;
  /// The constant text of the expression [begin, end), through joining and the usual decoders.
  [[nodiscard]] std::optional<std::string> constant(std::size_t begin, std::size_t end, int depth = 0) const;
  /// What flows into the tokens of [begin, end), at the time of binding.
  [[nodiscard]] std::uint32_t taints(std::size_t begin, std::size_t end) const;

 private:
  /// A name, by the order of first sight in the file.
  using Symbol = std::uint32_t;
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
  /// A compound statement whose lines are indented below it.
  struct Block {
    std::uint32_t indent = 0;
    Place place;
  };
  /// For one kind of taint: how many tokens have it before each token.
  struct Marks {
    std::uint32_t taint = 0;
    std::vector<std::uint32_t> before;
  };

  /// Equality with a text that the compiler knows, so that it becomes a comparison of a few numbers.
  [[gnu::always_inline]] static bool is_same(std::string_view a, std::string_view known) {
    return a.size() == known.size() && std::memcmp(a.data(), known.data(), known.size()) == 0;
  }
  [[nodiscard]] std::size_t line_end(std::size_t i) const;
  /// Gives each name a number, so that names are compared, bound and looked up as numbers.
  void name_symbols();
  /// The slot of the name, or the empty one where it belongs.
  [[nodiscard]] std::size_t slot_of(std::string_view name) const;
  /// The symbol of a name that lives as long as this; a new one where it has none.
  Symbol symbol_of(std::string_view name);
  void find_blocks();
  /// Whether the condition that begins at `i` holds only for the program that is started: __name__ == "__main__",
  /// alone or with more by "and".
  [[nodiscard]] bool asks_whether_main(std::size_t i) const;
  [[nodiscard]] const Binding* binding(Symbol symbol, std::uint32_t scope) const;
  [[nodiscard]] const Binding* binding(std::string_view name, std::uint32_t scope) const;
  /// Of the name that is the token at `i`, where that stands.
  [[nodiscard]] const Binding* binding(std::size_t i) const { return binding(symbol_[i], place_[i].scope); }
  static std::uint64_t key_of(Symbol symbol, std::uint32_t scope) { return std::uint64_t{scope} << 32 | symbol; }
  Binding& bind(Symbol symbol, std::uint32_t scope);
  Binding& bind(std::string name, std::uint32_t scope);
  void bind_names();
  void bind_imports(std::size_t i, std::size_t end);
  void bind_block(std::size_t i, std::size_t end);
  void bind_assignment(std::size_t i, std::size_t end);
  void name_function(std::size_t name, std::size_t end);
  /// Whether resolve() may take all of [begin, end).
  [[nodiscard]] bool names_whole(std::size_t begin, std::size_t end) const;
  /// A part of what Flask and Django call the request: request.args, flask.request.json.
  [[nodiscard]] bool is_request_part(std::size_t i) const;
  /// bytes(b ^ 7 for b in …), chr(c ^ key): each letter is worked out of another.
  [[nodiscard]] bool combines_bits(std::size_t i) const;
  /// Whether a decorator above the function makes it the handler of a server's requests or the tool of a model.
  [[nodiscard]] bool answers_requests(std::size_t name) const;
  void bind_parameters(std::size_t open, std::uint32_t scope);
  [[nodiscard]] std::optional<std::string> constant_term(std::size_t& i, std::size_t end, int depth) const;
  /// Elements of a list, or of map(chr, [...]) and (chr(x) for x in [...]), joined.
  [[nodiscard]] std::optional<std::string> constant_list(std::size_t begin, std::size_t end, const std::string& glue,
                                                         int depth) const;
  [[nodiscard]] std::optional<std::string> constant_call(std::string_view name, std::size_t open, int depth) const;
  [[nodiscard]] std::uint32_t token_taint(std::size_t i) const;
  /// What is at the paths that stand in a text of the source; only its beginning is looked at.
  [[nodiscard]] std::uint32_t taint_of_paths(std::string_view text) const;
  void mark_tokens();

  std::string_view source_;
  bool cut_ = false;
  std::vector<PythonToken> tokens_;
  std::vector<Place> place_;    // of each token
  std::vector<Symbol> symbol_;  // of each token
  std::vector<SymbolState> symbols_;
  std::vector<Symbol> slots_;         // a hash table of them; its size is a power of two
  std::deque<std::string> composed_;  // names that are no token
  std::vector<inspect::LiteralHit> paths_;
  std::vector<std::uint32_t> parents_;                   // of each scope
  std::vector<Symbol> function_names_;                   // of each scope
  std::unordered_map<std::uint64_t, Binding> bindings_;  // by key_of()
  std::unordered_set<std::string> imported_;
  std::unordered_map<std::string, std::string> opened_;
  std::vector<Marks> marked_;  // of the taints that occur, once is_marked_
  bool is_marked_ = false;
  bool any_call_matters_ = false;
  bool has_definitions_ = false;
};

}  // namespace scan
