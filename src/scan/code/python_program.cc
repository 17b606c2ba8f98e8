#include "scan/code/python_program.h"

#include <algorithm>

#include "base/text.h"
#include "scan/collector.h"

namespace scan {
namespace {

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

bool is_model_class(std::string_view base) {
  return one_of(base, {"PreTrainedModel", "PretrainedConfig", "PreTrainedConfig", "PreTrainedTokenizer",
                       "PreTrainedTokenizerFast", "ProcessorMixin", "ImageProcessingMixin", "FeatureExtractionMixin",
                       "TritonPythonModel", "BaseHandler", "PythonModel", "ModelMixin", "DiffusionPipeline",
                       "GenerationMixin", "BaseImageProcessor", "Module"}) ||
         base.ends_with("PreTrainedModel") || base.ends_with("ForCausalLM");
}

}  // namespace

PythonProgram::PythonProgram(std::string_view source)
    : source_(source), tokens_(python_tokens(source, cut_)), paths_(telling_paths(source)) {
  name_symbols();
  find_blocks();
  for (int pass = 0; pass < 2; ++pass) {
    bind_names();
  }
  mark_tokens();
}

// ------------------------------------------------------------------------------------------------------------ tokens

bool PythonProgram::calls(std::size_t i) const {
  if (i == 0) {
    return false;
  }
  const PythonToken& before = tokens_[i - 1];
  return before.kind == PythonKind::name ||
         (before.kind == PythonKind::op && (before.text == ")" || before.text == "]"));
}

std::size_t PythonProgram::close_of(std::size_t open) const {
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

std::size_t PythonProgram::line_end(std::size_t i) const {
  while (i < tokens_.size() && tokens_[i].kind != PythonKind::line_end) {
    ++i;
  }
  return i;
}

std::vector<std::pair<std::size_t, std::size_t>> PythonProgram::arguments(std::size_t open) const {
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

std::optional<std::pair<std::size_t, std::size_t>> PythonProgram::keyword(std::size_t open,
                                                                          std::string_view name) const {
  for (const auto& [begin, end] : arguments(open)) {
    if (is_name(begin, name) && is_op(begin + 1, "=")) {
      return std::pair(begin + 2, end);
    }
  }
  return std::nullopt;
}

bool PythonProgram::keyword_is(std::size_t open, std::string_view name, std::string_view value) const {
  const auto found = keyword(open, name);
  return found && found->second == found->first + 1 && tokens_[found->first].text == value;
}

bool PythonProgram::has_stars(std::size_t open) const {
  const auto all = arguments(open);
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return is_op(one.first, "**"); });
}

std::string PythonProgram::code(std::size_t begin, std::size_t end, bool with_text) const {
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

std::string PythonProgram::words(const std::vector<std::pair<std::size_t, std::size_t>>& given) const {
  std::string out;
  for (const auto& [from, to] : given) {
    const auto text = constant(from, to);
    const std::string known = text ? *text : all_text(from, to);
    out += (out.empty() || known.empty() ? "" : " ") + known;
  }
  return out;
}

std::string PythonProgram::all_text(std::size_t begin, std::size_t end) const {
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

// ----------------------------------------------------------------------------------------------------------- symbols

void PythonProgram::name_symbols() {
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

std::size_t PythonProgram::slot_of(std::string_view name) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>()(name) & mask;
  while (slots_[slot] != kNoSymbol && symbols_[slots_[slot]].name != name) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

PythonProgram::Symbol PythonProgram::symbol_of(std::string_view name) {
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

std::uint32_t PythonProgram::roles_from(std::size_t i, std::size_t last) const {
  std::uint32_t out = roles_of(last) | (roles_of(i) & kLooksUp);
  if (last == i) {
    if (const Binding* known = binding(i); known != nullptr) {
      out |= known->roles;
    }
  }
  return out;
}

// ------------------------------------------------------------------------------------------------------------ blocks

void PythonProgram::find_blocks() {
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

bool PythonProgram::asks_whether_main(std::size_t i) const {
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

// -------------------------------------------------------------------------------------------------------------- names

const PythonProgram::Binding* PythonProgram::binding(Symbol symbol, std::uint32_t scope) const {
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

const PythonProgram::Binding* PythonProgram::binding(std::string_view name, std::uint32_t scope) const {
  return binding(slots_[slot_of(name)], scope);
}

PythonProgram::Binding& PythonProgram::bind(Symbol symbol, std::uint32_t scope) {
  symbols_[symbol].is_bound = true;
  return bindings_[key_of(symbol, scope)];
}

PythonProgram::Binding& PythonProgram::bind(std::string name, std::uint32_t scope) {
  if (slots_[slot_of(name)] == kNoSymbol) {
    return bind(symbol_of(composed_.emplace_back(std::move(name))), scope);
  }
  return bind(symbol_of(name), scope);
}

void PythonProgram::bind_names() {
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

void PythonProgram::bind_imports(std::size_t i, std::size_t end) {
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

void PythonProgram::name_function(std::size_t name, std::size_t end) {
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

bool PythonProgram::answers_requests(std::size_t name) const {
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

void PythonProgram::bind_parameters(std::size_t open, std::uint32_t scope) {
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

void PythonProgram::bind_block(std::size_t i, std::size_t end) {
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

void PythonProgram::bind_assignment(std::size_t i, std::size_t end) {
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

bool PythonProgram::names_whole(std::size_t begin, std::size_t end) const {
  if (tokens_[begin].kind != PythonKind::name) {
    return is_op(begin, "(");
  }
  const std::size_t last = last_of(begin);
  return last + 1 == end || (roles_from(begin, last) & kLooksUp) != 0;
}

const std::string* PythonProgram::opened_as(std::string_view name) const {
  const auto found = opened_.find(std::string(name));
  return found != opened_.end() ? &found->second : nullptr;
}

// ------------------------------------------------------------------------------------------------------------- taints

std::uint32_t PythonProgram::taints(std::size_t begin, std::size_t end) const {
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

std::uint32_t PythonProgram::token_taint(std::size_t i) const {
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
  if (combines_bits(i)) {
    out |= kDecoded;
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
  if (name->dotted == "sys.argv") {
    out |= kCommandLine;
  } else if ((roles & kAsksUser) != 0 && is_op(name->next, "(")) {
    out |= kInput;
  }
  if ((roles & kSitePackages) != 0) {
    out |= kSitePackage;
  }
  if ((roles & kEnvironments) != 0 ||
      (name->dotted == "os.environ" && !is_op(name->next, "[") && !is_name(name->next, "in") &&
       !is_op(name->next, "=") && !(i > 0 && (is_name(i - 1, "in") || is_name(i - 1, "not"))) &&
       !(i > 0 && is_op(i - 1, "(") && is_op(name->next, ",") &&
         is_string(name->next + 1)))) {  // look_up(os.environ, "X")
    out |= kEnvironment;
  }
  return out;
}

bool PythonProgram::is_request_part(std::size_t i) const {
  const std::size_t at = is_name(i, "flask") ? i + 2 : i;
  return is_name(at, "request") && is_op(at + 1, ".") && at + 2 < tokens_.size() &&
         one_of(tokens_[at + 2].text,
                {"args", "form", "json", "get_json", "data", "values", "get_data", "GET", "POST", "body"});
}

bool PythonProgram::combines_bits(std::size_t i) const {
  if (!(is_name(i, "bytes") || is_name(i, "bytearray") || is_name(i, "chr")) || !is_op(i + 1, "(")) {
    return false;
  }
  constexpr std::size_t kMaxTokens = 40;
  const std::size_t close = std::min(close_of(i + 1), i + kMaxTokens);
  for (std::size_t k = i + 2; k < close; ++k) {
    if (is_op(k, "^")) {
      return true;
    }
  }
  return false;
}

std::uint32_t PythonProgram::taint_of_paths(std::string_view text) const {
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

void PythonProgram::mark_tokens() {
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

}  // namespace scan
