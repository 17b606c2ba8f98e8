#include "scan/template/evaluate.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include "base/text.h"

namespace scan::abstract {
namespace {

using formats::jinja::kNone;
using formats::jinja::Node;
using formats::jinja::NodeId;
using Kind = Value::Kind;
using Tree = formats::jinja::Kind;

constexpr std::uint64_t kMaxSteps = 300'000;
constexpr std::uint64_t kLargeResult = 10'000'000;  ///< Elements or characters that no conversation needs.
constexpr std::uint64_t kManyRounds = 2'000'000;    ///< Of loops over constants within one another.
constexpr std::size_t kMaxCalls = 48;
constexpr std::uint32_t kMaxDepth = 400;  ///< Of our own calls, some 20 kB each with sanitizers: bounds the stack.

const std::unordered_set<std::string_view>& special_names() {
  static const std::unordered_set<std::string_view> kNames = {"class",
                                                              "mro",
                                                              "subclasses",
                                                              "globals",
                                                              "builtins",
                                                              "builtin",
                                                              "init",
                                                              "import",
                                                              "base",
                                                              "bases",
                                                              "dict",
                                                              "getattribute",
                                                              "getattr",
                                                              "setattr",
                                                              "delattr",
                                                              "reduce",
                                                              "reduce_ex",
                                                              "call",
                                                              "code",
                                                              "closure",
                                                              "func",
                                                              "self",
                                                              "module",
                                                              "loader",
                                                              "spec",
                                                              "wrapped",
                                                              "new",
                                                              "getitem",
                                                              "setitem",
                                                              "delitem",
                                                              "enter",
                                                              "exit",
                                                              "del",
                                                              "str",
                                                              "repr",
                                                              "format",
                                                              "doc",
                                                              "kwdefaults",
                                                              "defaults",
                                                              "file",
                                                              "path",
                                                              "package",
                                                              "annotations",
                                                              "weakref",
                                                              "slots",
                                                              "getstate",
                                                              "setstate",
                                                              "init_subclass",
                                                              "subclasshook",
                                                              "dir",
                                                              "hash",
                                                              "sizeof",
                                                              "iter",
                                                              "next",
                                                              "len",
                                                              "contains",
                                                              "add",
                                                              "mul",
                                                              "mod",
                                                              "rmod",
                                                              "rmul",
                                                              "radd",
                                                              "iadd",
                                                              "eq",
                                                              "ne",
                                                              "lt",
                                                              "gt",
                                                              "le",
                                                              "ge",
                                                              "bool",
                                                              "int",
                                                              "float",
                                                              "index",
                                                              "missing",
                                                              "reversed",
                                                              "concat",
                                                              "get",
                                                              "set",
                                                              "html",
                                                              "html_format",
                                                              "class_getitem",
                                                              "prepare",
                                                              "instancecheck",
                                                              "subclasscheck",
                                                              "getnewargs",
                                                              "getnewargs_ex",
                                                              "copy",
                                                              "deepcopy",
                                                              "main",
                                                              "debug",
                                                              "build_class",
                                                              "cached",
                                                              "traceback",
                                                              "context",
                                                              "cause",
                                                              "text_signature",
                                                              "objclass",
                                                              "all",
                                                              "version",
                                                              "buffer",
                                                              "release_buffer",
                                                              "set_name",
                                                              "await",
                                                              "aiter",
                                                              "anext",
                                                              "invert",
                                                              "abstractmethods",
                                                              "flags",
                                                              "basicsize"};
  return kNames;
}

const std::unordered_set<std::string_view>& plain_internals() {
  static const std::unordered_set<std::string_view> kNames = {"mro",
                                                              "gi_frame",
                                                              "gi_code",
                                                              "gi_yieldfrom",
                                                              "cr_frame",
                                                              "cr_code",
                                                              "cr_origin",
                                                              "cr_await",
                                                              "ag_frame",
                                                              "ag_code",
                                                              "ag_await",
                                                              "f_globals",
                                                              "f_locals",
                                                              "f_builtins",
                                                              "f_back",
                                                              "f_code",
                                                              "f_trace",
                                                              "tb_frame",
                                                              "tb_next",
                                                              "func_globals",
                                                              "func_code",
                                                              "func_closure",
                                                              "func_defaults",
                                                              "func_dict",
                                                              "im_func",
                                                              "im_self",
                                                              "im_class",
                                                              "co_consts",
                                                              "co_code",
                                                              "co_names",
                                                              "co_varnames",
                                                              "_TemplateReference__context",
                                                              "_TemplateReference__self",
                                                              "_Macro__environment",
                                                              "_load_parent",
                                                              "_getframe",
                                                              "_current_frames",
                                                              "load_module",
                                                              "exec_module",
                                                              "find_spec",
                                                              "import_module",
                                                              "import_string",
                                                              "popen",
                                                              "Popen",
                                                              "check_output",
                                                              "check_call",
                                                              "getstatusoutput",
                                                              "_module",
                                                              "_eval_type",
                                                              "unsafe_callable",
                                                              "alters_data",
                                                              "overlay",
                                                              "compile_expression",
                                                              "from_string",
                                                              "get_template",
                                                              "_compile",
                                                              "_generate",
                                                              "linecache",
                                                              "warnings_module"};
  return kNames;
}

/// Called on whatever: nothing that messages are made of has them.
constexpr std::array<std::string_view, 24> kDangerousMethods = {
    "popen",       "Popen",         "system",        "check_output", "check_call",  "getoutput",  "getstatusoutput",
    "spawnl",      "spawnv",        "execv",         "execve",       "execl",       "exec",       "eval",
    "execfile",    "import_module", "import_string", "urlopen",      "urlretrieve", "run_module", "loads_pickle",
    "exec_module", "load_module",   "startfile"};

constexpr std::array<std::string_view, 13> kDangerousFunctions = {
    "eval",    "exec",   "compile", "open",       "__import__", "getattr", "setattr",
    "globals", "locals", "vars",    "breakpoint", "execfile",   "popen"};

constexpr std::array<std::string_view, 17> kModules = {
    "os",  "subprocess", "sys",    "builtins", "__builtins__", "importlib", "socket", "shutil", "ctypes",
    "pty", "requests",   "urllib", "pickle",   "commands",     "platform",  "runpy",  "posix"};

constexpr std::array<std::string_view, 10> kHostObjects = {
    "request", "config",      "session", "current_app", "url_for", "get_flashed_messages",
    "g",       "application", "app",     "environ"};

constexpr std::array<std::string_view, 9> kGlobals = {"range",  "dict", "namespace",       "cycler",      "joiner",
                                                      "lipsum", "_",    "raise_exception", "strftime_now"};

template <class Table>
bool one_of(const Table& table, std::string_view name) {
  return std::find(std::begin(table), std::end(table), name) != std::end(table);
}

class Evaluator {
 public:
  Evaluator(const formats::jinja::Template& tree, bool chat) : tree_(tree), chat_(chat) {
    scopes_.emplace_back();
    for (const Node& node : tree.nodes) {
      if (node.kind == Tree::block) {
        blocks_.insert(node.name);
      }
    }
  }

  Evaluation run() {
    look_at_words();
    statements(tree_.root);
    return std::move(result_);
  }

  std::string fold() {
    capture_ = make_text(U"");
    capturing_ = true;
    statements(tree_.root);
    return capture_.is_whole_text() && result_.complete ? to_utf8(capture_.text) : "?";
  }

 private:
  struct Arguments {
    std::vector<Value> values;
    std::vector<std::pair<std::string, Value>> keywords;
    bool spread = false;  // some are not known to be one or many

    [[nodiscard]] const Value* keyword(std::string_view name) const {
      for (const auto& [known, value] : keywords) {
        if (known == name) {
          return &value;
        }
      }
      return nullptr;
    }
    [[nodiscard]] const Value* at(std::size_t index, std::string_view name) const {
      return index < values.size() ? &values[index] : keyword(name);
    }
  };

  const Node& at(NodeId id) const { return tree_.nodes[id]; }

  // ---- Remarks
  void remark(std::string_view rule, std::uint32_t offset, std::string what, std::string message) {
    if (result_.remarks.size() < 200 && seen_.emplace(rule, offset).second) {
      result_.remarks.push_back({rule, offset, std::move(what), std::move(message)});
    }
  }
  void internals(std::uint32_t offset, const std::string& what) {
    remark("template-code", offset, what,
           "The template reaches for " + base::printable(base::abbreviate(what, 80)) +
               ", with which templates run Python.");
  }
  void expensive(std::uint32_t offset, const std::string& what) {
    remark("template-expensive", offset, what,
           "Rendering takes more memory or time than a conversation needs: " + what + ".");
  }
  void check(std::uint32_t offset, const Cost& cost) {
    if (cost.largest > kLargeResult) {
      expensive(offset, "a result of " + base::grouped(cost.largest) + " elements or characters");
    }
  }

  /// What a plain reading of names and text constants shows, whether or not it is ever carried out.
  void look_at_words() {
    for (const Node& node : tree_.nodes) {
      if (node.kind == Tree::attribute || node.kind == Tree::member || node.kind == Tree::name ||
          node.kind == Tree::keyword || node.kind == Tree::filter) {
        std::string_view name = node.name;
        name = node.kind == Tree::member ? name.substr(name.find('.') + 1) : name;
        const Name looks = judge_name(from_utf8(name));
        if (looks == Name::internals && !(node.kind == Tree::name && name.find("__") == std::string_view::npos) &&
            !(node.kind == Tree::keyword && name.find("__") == std::string_view::npos)) {
          internals(node.offset, std::string(name));
        } else if (looks == Name::special &&
                   (chat_ || (node.kind == Tree::attribute && name != "__name__" && name != "__qualname__"))) {
          special(node.offset, std::string(name));
        }
      } else if (node.kind == Tree::text && node.name.find("__") != std::string::npos) {
        // A constant that is such a name is there to be looked up.
        if (judge_name(from_utf8(node.name)) == Name::internals) {
          internals(node.offset, node.name);
        } else {
          for (const std::string_view word :
               {"__globals__", "__builtins__", "__subclasses__", "__import__", "__mro__", "__class__"}) {
            if (node.name.find(word) != std::string::npos) {
              internals(node.offset, std::string(word));
            }
          }
        }
      } else if (chat_ && (node.kind == Tree::include || node.kind == Tree::extends || node.kind == Tree::import ||
                           node.kind == Tree::from_import)) {
        remark("template-include", node.offset, "another template", "");
      }
    }
  }
  void special(std::uint32_t offset, const std::string& what) { remark("template-special-name", offset, what, ""); }

  /// Something is looked up by `name`, in whatever.
  void look_up(const Value& name, std::uint32_t offset, bool dotted = false) {
    for (const Value& one : alternatives(name)) {
      if (one.is(Kind::mixed)) {
        remark("template-computed-name", offset, "a computed name", "");
      } else if (one.is(Kind::list)) {
        for (const Value& element : one.items) {
          if (element.is_text()) {
            look_up(element, offset);
          }
        }
      } else if (one.is_text()) {
        const Name looks = judge_name(one.text);
        if (looks == Name::internals) {
          internals(offset, to_utf8(one.text));
        } else if (looks == Name::special) {
          special(offset, to_utf8(one.text));
        } else if (std::count(one.text.begin(), one.text.end(), kHole) >= 3 &&
                   std::count(one.text.begin(), one.text.end(), kHole) ==
                       static_cast<std::ptrdiff_t>(one.text.size())) {
          remark("template-computed-name", offset, "a name put together from pieces", "");
        }
        if (dotted) {
          std::size_t begin = 0;
          for (std::size_t dot = one.text.find(U'.'); dot != std::u32string::npos; dot = one.text.find(U'.', begin)) {
            look_up(make_text(one.text.substr(begin, dot - begin)), offset);
            begin = dot + 1;
          }
          if (begin > 0) {
            look_up(make_text(one.text.substr(begin)), offset);
          }
        }
      }
    }
  }

  /// An attribute or item by a known name, of an object that has something to reach.
  void reach(const Value& object, std::string_view name, std::uint32_t offset) {
    for (const Value& one : alternatives(object)) {
      if (one.is(Kind::function) && one.name != "dict" && one.name != "macro" && one.name != "method" &&
          !(one.name == "url_for" || one.name == "caller" || name == "name" || name == "arguments")) {
        internals(offset, one.name + "." + std::string(name));
      } else if (one.is(Kind::data) && chat_ && one_of(kHostObjects, one.name) && one.name != "app" &&
                 one.name != "g" && one.name != "application") {
        host_object(one.name, offset);
      } else if (one.is(Kind::data) && one_of(kModules, one.name) && (chat_ || one_of(kDangerousMethods, name))) {
        internals(offset, one.name + "." + std::string(name));
      }
    }
  }
  void host_object(const std::string& name, std::uint32_t offset) {
    remark("template-host-object", offset, name,
           "The template uses " + name + ", an object of a web framework that may hold secrets and leads to its code.");
  }

  // ---- Variables
  const Value* variable(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      if (const auto found = scope->find(name); found != scope->end()) {
        return &found->second;
      }
    }
    return nullptr;
  }
  void assign(const std::string& name, Value value) {
    auto& scope = scopes_.back();
    if (uncertain_ > 0) {
      const Value* old = variable(name);
      value = join(old != nullptr ? *old : make_data(), value);
    }
    scope[name] = std::move(value);
  }
  void assign_member(const std::string& space_name, const std::string& name, const Value& value) {
    const Value* space = variable(space_name);
    if (space == nullptr) {
      return;
    }
    for (const Value& one : alternatives(*space)) {
      if (one.is(Kind::space)) {
        auto& members = spaces_[static_cast<std::size_t>(one.number)];
        const auto old = members.find(name);
        if (old != members.end() && uncertain_ > 0) {
          old->second = join(old->second, value);
        } else {
          members[name] = value;
        }
      }
    }
  }
  void bind(NodeId target, const Value& value) {
    const Node& node = at(target);
    if (node.kind == Tree::name) {
      assign(node.name, value);
    } else if (node.kind == Tree::member) {
      const std::size_t dot = node.name.find('.');
      assign_member(node.name.substr(0, dot), node.name.substr(dot + 1), value);
    } else if (node.kind == Tree::tuple) {
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        Value part = value.is(Kind::mixed) ? make_mixed() : make_data();
        bool first = true;
        for (const Value& one : alternatives(value)) {
          const auto element = abstract::item(one, make_integer(static_cast<std::int64_t>(i)));
          if (element) {
            part = first ? *element : join(part, *element);
            first = false;
          }
        }
        bind(node.children[i], part);
      }
    }
  }

  // ---- Statements
  bool spend(std::uint64_t steps = 1) {
    steps_ += steps;
    if (steps_ > kMaxSteps) {
      result_.complete = false;
    }
    return result_.complete;
  }

  void put(const Value& value) {
    if (!capturing_ || capture_.is(Kind::mixed)) {
      return;
    }
    // Names are short: what a macro writes for the conversation is not followed in all its ways.
    constexpr std::size_t kLongName = 200;
    if (capture_.is_text()) {
      // At once, as most are: a long text is not copied for each of its pieces.
      const Value written = as_text(value);
      if (written.is_text() && capture_.text.size() + written.text.size() <= kMaxText) {
        // What is longer has no holes, or would not have been kept.
        const bool holes = written.has_holes() || (capture_.text.size() <= kLongName && capture_.has_holes());
        capture_.text += written.text;
        if (holes && capture_.text.size() > kLongName) {
          capture_ = make_mixed();
        }
        return;
      }
    }
    capture_ = concat({capture_, value});
    const std::span<const Value> ways = alternatives(capture_);
    if (ways.size() > 8 || std::any_of(ways.begin(), ways.end(), [](const Value& way) {
          return !way.is_text() || (way.text.size() > kLongName && way.has_holes());
        })) {
      capture_ = make_mixed();
    }
  }

  void statements(NodeId id) {
    if (id == kNone) {
      return;
    }
    for (const NodeId child : at(id).children) {
      if (!spend() || !descend()) {
        return;
      }
      statement(at(child), child);
      --depth_;
    }
  }

  /// Goes one call deeper; false where that is too deep, and then nothing is to be undone.
  bool descend() {
    if (depth_ >= kMaxDepth) {
      result_.complete = false;
      return false;
    }
    ++depth_;
    return true;
  }

  /// The text that the statements put out.
  Value captured(NodeId body) {
    Value outer = std::move(capture_);
    const bool was = capturing_;
    capture_ = make_text(U"");
    capturing_ = true;
    statements(body);
    Value out = std::move(capture_);
    capture_ = std::move(outer);
    capturing_ = was;
    return out;
  }

  void statement(const Node& node, NodeId id) {
    switch (node.kind) {
      case Tree::data:
        if (capturing_) {
          put(make_text(std::string_view(node.name)));
        }
        break;
      case Tree::output: {
        const Value value = evaluate(node.children[0]);
        if (chat_ && value.is(Kind::data) && at(node.children[0]).kind == Tree::name &&
            (value.name == "config" || value.name == "request" || value.name == "session")) {
          host_object(value.name, node.offset);
        }
        put(value);
        break;
      }
      case Tree::evaluate:
        evaluate(node.children[0]);
        break;
      case Tree::set:
        bind(node.children[0], evaluate(node.children[1]));
        break;
      case Tree::set_block: {
        Value value = captured(node.children[2]);
        if (node.children[1] != kNone) {
          value = filter(at(node.children[1]), &value);
        }
        bind(node.children[0], value);
        break;
      }
      case Tree::filter_block: {
        const Value value = captured(node.children[1]);
        put(filter(at(node.children[0]), &value));
        break;
      }
      case Tree::loop:
        loop(node);
        break;
      case Tree::branch:
        branch(node);
        break;
      case Tree::with: {
        scopes_.emplace_back();
        const std::uint32_t outer = std::exchange(uncertain_, 0);
        std::vector<Value> values;
        for (std::size_t i = 1; i + 1 < node.children.size(); i += 2) {
          values.push_back(evaluate(node.children[i]));
        }
        for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
          bind(node.children[i], values[i / 2]);
        }
        uncertain_ = outer;
        statements(node.children.back());
        scopes_.pop_back();
        break;
      }
      case Tree::macro: {
        Value function;
        function.kind = Kind::function;
        function.name = "macro";
        function.number = id;
        assign(node.name, function);
        // Once with arguments that are not known, so that all of it is seen.
        ++uncertain_;
        call_macro(node, id, {}, true);
        --uncertain_;
        break;
      }
      case Tree::call_block: {
        const NodeId call = node.children[node.children.size() - 2];
        const NodeId body = node.children.back();
        scopes_.emplace_back();
        for (std::size_t i = 0; i + 2 < node.children.size(); ++i) {
          scopes_.back()[at(node.children[i]).name] = make_data();
        }
        const Value text = captured(body);
        scopes_.pop_back();
        scopes_.emplace_back();
        scopes_.back()["caller"] = make_object("caller");
        callers_.push_back(text);
        put(evaluate(call));
        callers_.pop_back();
        scopes_.pop_back();
        break;
      }
      case Tree::block:
      case Tree::generation:
        statements(node.children[0]);
        break;
      case Tree::autoescape:
        evaluate(node.children[0]);
        statements(node.children[1]);
        break;
      case Tree::extends:
      case Tree::include:
      case Tree::import:
      case Tree::from_import: {
        const Value name = evaluate(node.children[0]);
        for (const Value& one : alternatives(name)) {
          const std::string text = one.is_text() ? to_utf8(one.text) : "";
          if (text.starts_with('/') || text.find("..") != std::string::npos || text.find("://") != std::string::npos) {
            remark("template-include", node.offset, text, "");
          }
        }
        if (node.kind == Tree::import) {
          assign(node.name, make_object("module"));
        }
        for (std::size_t i = 1; i < node.children.size(); ++i) {
          assign(at(node.children[i]).name, make_object("imported"));
        }
        break;
      }
      case Tree::translate:
        for (const NodeId child : node.children) {
          if (at(child).kind == Tree::body) {
            statements(child);
          } else if (!at(child).children.empty() && at(child).children[0] != kNone) {
            assign(at(child).name, evaluate(at(child).children[0]));
          }
        }
        break;
      default:
        break;
    }
  }

  void branch(const Node& node) {
    // Tests in turn: one that is known to hold ends the chain, one known not to is passed over.
    const Value before = capture_;
    spend(weight(before) / 4);
    std::optional<Value> after;
    bool certain = true;
    bool closed = false;
    const auto take = [&](NodeId body) {
      capture_ = before;
      statements(body);
      after = after ? join(*after, capture_) : capture_;
    };
    std::uint32_t opened = 0;
    for (std::size_t i = 0; i < node.children.size() && !closed; i += 2) {
      if (i + 1 == node.children.size()) {
        take(node.children[i]);
        closed = true;
        break;
      }
      const std::optional<bool> holds = truth(evaluate(node.children[i]));
      if (holds && !*holds) {
        // Not carried out, but an attacker may know better than we do: it is looked at all the same.
        continue;
      }
      if (!holds && certain) {
        certain = false;
        ++uncertain_;
        ++opened;
      }
      take(node.children[i + 1]);
      closed = holds.has_value();
    }
    uncertain_ -= opened;
    if (!closed) {
      after = after ? join(*after, before) : before;
    }
    if (capturing_) {
      capture_ = after ? *after : before;
    } else {
      capture_ = before;
    }
  }

  void loop(const Node& node) { loop(node, evaluate(node.children[1])); }

  void loop(const Node& node, const Value& iterable) {
    std::optional<std::vector<Value>> rounds;
    std::uint64_t count = 0;
    if (iterable.is(Kind::list)) {
      rounds = iterable.items;
    } else if (iterable.is(Kind::dict)) {
      rounds = apply_now("list", iterable, {})->items;
    } else if (iterable.is_whole_text()) {
      if (const auto list = apply_now("list", iterable, {})) {
        rounds = list->items;
      }
    } else if (iterable.is(Kind::range)) {
      count = static_cast<std::uint64_t>(iterable.number);
    }
    count = rounds ? rounds->size() : std::max<std::uint64_t>(count, 1);
    const std::uint64_t outer = rounds_;
    if (__builtin_mul_overflow(rounds_, std::max<std::uint64_t>(count, 1), &rounds_)) {
      rounds_ = UINT64_MAX;
    }
    if (rounds_ > kManyRounds && count > 1) {
      expensive(node.offset, "loops of " + base::grouped(rounds_) + " rounds");
    }
    const auto round = [&](const Value& value, Value index, std::size_t number) {
      scopes_.emplace_back();
      const std::uint32_t certain = std::exchange(uncertain_, 0);
      bind(node.children[0], value);
      Value state = make_object("loop");
      state.number = &node - tree_.nodes.data();
      state.items = {std::move(index), make_integer(static_cast<std::int64_t>(rounds ? rounds->size() : 0)),
                     make_boolean(rounds.has_value())};
      scopes_.back()["loop"] = std::move(state);
      uncertain_ = certain;
      bool carried_out = true;
      if (node.children[2] != kNone) {
        const auto holds = truth(evaluate(node.children[2]));
        carried_out = !holds || *holds;
        if (!holds) {
          ++uncertain_;
          statements(node.children[3]);
          --uncertain_;
          scopes_.pop_back();
          return;
        }
      }
      if (carried_out && (number < 200 || steps_ < kMaxSteps / 2)) {
        statements(node.children[3]);
      }
      scopes_.pop_back();
    };
    if (rounds && !rounds->empty() && rounds->size() <= 2000 && rounds_ <= 20'000) {
      for (std::size_t i = 0; i < rounds->size() && spend(); ++i) {
        round((*rounds)[i], make_integer(static_cast<std::int64_t>(i)), i);
      }
    } else {
      Value any = make_data();
      if (rounds && !rounds->empty()) {
        any = rounds->front();
        for (const Value& one : *rounds) {
          any = join(any, one);
        }
      } else if (iterable.is(Kind::mixed)) {
        any = make_mixed();
      } else if (iterable.is(Kind::choice)) {
        bool first = true;
        for (const Value& one : iterable.items) {
          const auto list = apply_now("list", one, {});
          for (const Value& element : list ? list->items : std::vector<Value>{make_data()}) {
            any = first ? element : join(any, element);
            first = false;
          }
        }
      }
      ++uncertain_;
      ++data_loops_;
      const Value before = capture_;
      spend(weight(before) / 4);
      for (int again = 0; again < (data_loops_ <= 3 ? 2 : 1) && spend(); ++again) {
        round(any, make_data(), 0);
      }
      if (capturing_) {
        capture_ = join(before, capture_);
      }
      --data_loops_;
      if (node.children[4] != kNone) {
        statements(node.children[4]);
      }
      --uncertain_;
    }
    rounds_ = outer;
  }

  // ---- Macros
  Value call_macro(const Node& node, NodeId id, const Arguments& arguments, bool definition) {
    std::size_t again = 0;
    bool certain = !definition;
    for (const auto& [macro, uncertain] : calls_) {
      if (macro == id) {
        ++again;
        certain = certain && uncertain_ <= uncertain;
      }
    }
    if (calls_.size() >= kMaxCalls || (again >= 2 && !certain)) {
      if (again >= 2 && certain) {
        expensive(node.offset, "macro " + node.name + " calls itself without end");
      } else if (again < 2) {
        result_.complete = false;
      }
      return make_data();
    }
    calls_.emplace_back(id, uncertain_);
    scopes_.emplace_back();
    const std::uint32_t outer = std::exchange(uncertain_, 0);
    const std::size_t parameters = node.children.size() - 1;
    for (std::size_t i = 0; i < parameters; ++i) {
      const Node& parameter = at(node.children[i]);
      Value value = make_data();
      if (const Value* given = arguments.at(i, parameter.name)) {
        value = *given;
      } else if (parameter.children[0] != kNone) {
        value = evaluate(parameter.children[0]);
        if (definition || arguments.spread) {
          value = join(value, make_data());
        }
      }
      scopes_.back()[parameter.name] = std::move(value);
    }
    scopes_.back()["varargs"] =
        make_list(arguments.values.size() > parameters
                      ? std::vector<Value>(arguments.values.begin() + static_cast<std::ptrdiff_t>(parameters),
                                           arguments.values.end())
                      : std::vector<Value>{});
    std::vector<std::pair<std::string, Value>> others;
    for (const auto& keyword : arguments.keywords) {
      const bool known = std::any_of(node.children.begin(), node.children.end() - 1,
                                     [&](NodeId parameter) { return at(parameter).name == keyword.first; });
      if (!known) {
        others.push_back(keyword);
      }
    }
    scopes_.back()["kwargs"] = make_dict(others);
    uncertain_ = outer;
    Value out = captured(node.children.back());
    scopes_.pop_back();
    calls_.pop_back();
    return out;
  }

  // ---- Expressions
  Arguments arguments_of(const Node& node, std::size_t from) {
    Arguments out;
    std::size_t heavy = 0;
    for (std::size_t i = from; i < node.children.size(); ++i) {
      const Node& child = at(node.children[i]);
      if (child.kind == Tree::keyword) {
        out.keywords.emplace_back(child.name, evaluate(child.children[0]));
      } else if (child.kind == Tree::spread || child.kind == Tree::spread_map) {
        const Value value = evaluate(child.children[0]);
        if (child.kind == Tree::spread && value.is(Kind::list)) {
          out.values.insert(out.values.end(), value.items.begin(), value.items.end());
        } else if (child.kind == Tree::spread_map && value.is(Kind::dict)) {
          for (std::size_t k = 0; k + 1 < value.items.size(); k += 2) {
            if (value.items[k].is_text()) {
              out.keywords.emplace_back(to_utf8(value.items[k].text), value.items[k + 1]);
            }
          }
        } else {
          out.spread = true;
        }
      } else {
        out.values.push_back(evaluate(node.children[i]));
        heavy += weight(out.values.back());
      }
      if (heavy > 4 * kMaxWeight) {
        result_.complete = false;
        break;
      }
    }
    return out;
  }

  /// Where an operation is not followed: data stays data, what constants have gone into is mixed.
  static Value unknown(const std::vector<Value>& operands) {
    bool mixed = false;
    bool data = false;
    for (const Value& one : operands) {
      for (const Value& way : alternatives(one)) {
        mixed = mixed || way.is(Kind::mixed) || way.is(Kind::object) || way.is(Kind::function) ||
                (way.is_text() && way.text.size() > 0) || (way.is(Kind::list) && !way.items.empty()) ||
                way.is(Kind::dict);
        data = data || way.is(Kind::data);
      }
    }
    if (!operands.empty()) {
      const Kind subject = operands.front().kind;
      if (subject == Kind::data) {
        return make_data(operands.front().name);
      }
    }
    return mixed ? make_mixed() : make_data();
  }

  std::optional<Value> apply_now(std::string_view name, const Value& subject, const std::vector<Value>& arguments) {
    Cost cost;
    auto out = abstract::apply(name, subject, arguments, cost);
    last_cost_ = cost;
    return out;
  }

  /// `apply` for each of the ways that subject and arguments may be.
  Value apply_each(std::string_view name, const Value& subject, const Arguments& arguments, std::uint32_t offset) {
    constexpr std::size_t kMostArguments = 32;  // filters and methods have three at most
    if (arguments.values.size() > kMostArguments) {
      return make_mixed();
    }
    std::vector<std::vector<Value>> lists{{}};
    for (const Value& argument : arguments.values) {
      std::vector<std::vector<Value>> next;
      for (const auto& begin : lists) {
        for (const Value& way : alternatives(argument)) {
          if (next.size() < 64) {
            next.push_back(begin);
            next.back().push_back(way);
          }
        }
      }
      lists = std::move(next);
    }
    std::optional<Value> out;
    for (const Value& way : alternatives(subject)) {
      for (const auto& list : lists) {
        if (!spend()) {
          return make_data();
        }
        Cost cost;
        auto one = abstract::apply(name, way, list, cost);
        check(offset, cost);
        std::vector<Value> operands{way};
        operands.insert(operands.end(), list.begin(), list.end());
        const Value value = one ? *one : unknown(operands);
        out = out ? join(*out, value) : value;
      }
    }
    return out ? *out : make_data();
  }

  Value evaluate(NodeId id) {
    if (id == kNone || !spend() || !descend()) {
      return make_data();
    }
    Value out = evaluate_node(id);
    --depth_;
    const std::size_t heavy = weight(out);
    spend(heavy / 2);
    return heavy > kMaxWeight ? make_mixed() : out;
  }

  Value evaluate_node(NodeId id) {
    const Node& node = at(id);
    switch (node.kind) {
      case Tree::text:
        return make_text(std::string_view(node.name));
      case Tree::integer: {
        Value out = make_integer(node.number);
        return out;
      }
      case Tree::real: {
        Value out;
        out.kind = Kind::real;
        out.real_number = std::strtod(node.name.c_str(), nullptr);
        return out;
      }
      case Tree::boolean:
        return make_boolean(node.number == 1);
      case Tree::none: {
        Value out;
        out.kind = Kind::none;
        return out;
      }
      case Tree::name:
        return named(node);
      case Tree::tuple:
      case Tree::list:
      case Tree::dict: {
        Value out;
        out.kind = node.kind == Tree::dict ? Kind::dict : Kind::list;
        std::size_t heavy = 0;
        for (const NodeId child : node.children) {
          out.items.push_back(evaluate(child));
          heavy += weight(out.items.back());
          if (out.items.size() > kMaxItems || heavy > kMaxWeight) {
            return make_mixed();
          }
        }
        return out;
      }
      case Tree::attribute:
        return attribute(node);
      case Tree::item:
        return subscript(node);
      case Tree::call:
        return call(node);
      case Tree::filter:
        return filter(node, nullptr);
      case Tree::test:
        return test(node);
      case Tree::condition: {
        const auto holds = truth(evaluate(node.children[0]));
        if (holds) {
          return *holds ? evaluate(node.children[1]) : evaluate(node.children[2]);
        }
        const Value yes = evaluate(node.children[1]);
        return join(yes, node.children[2] == kNone ? make_text(U"") : evaluate(node.children[2]));
      }
      case Tree::logical_not: {
        const auto holds = truth(evaluate(node.children[0]));
        return holds ? make_boolean(!*holds) : make_data();
      }
      case Tree::logical_or:
      case Tree::logical_and: {
        Value out = evaluate(node.children[0]);
        for (std::size_t i = 1; i < node.children.size(); ++i) {
          const auto holds = truth(out);
          const Value next = evaluate(node.children[i]);
          if (!holds) {
            out = join(out, next);
          } else if (*holds == (node.kind == Tree::logical_and)) {
            out = next;
          }
        }
        return out;
      }
      case Tree::negative: {
        const Value value = evaluate(node.children[0]);
        return value.is(Kind::integer) && value.number != INT64_MIN ? make_integer(-value.number) : make_data();
      }
      case Tree::positive:
        return evaluate(node.children[0]);
      case Tree::concat: {
        std::vector<Value> parts;
        for (const NodeId child : node.children) {
          parts.push_back(evaluate(child));
        }
        return concat(parts);
      }
      case Tree::binary:
        return operation(node);
      case Tree::compare: {
        std::vector<Value> operands;
        for (const NodeId child : node.children) {
          operands.push_back(evaluate(child));
        }
        const std::vector<std::string_view> names = base::split(node.name, ' ');
        bool all = true;
        for (std::size_t i = 0; i + 1 < operands.size() && i < names.size(); ++i) {
          const auto holds = compare(names[i], operands[i], operands[i + 1]);
          if (!holds) {
            return make_data();
          }
          all = all && *holds;
        }
        return make_boolean(all);
      }
      default:
        return make_data();
    }
  }

  Value named(const Node& node) {
    if (const Value* known = variable(node.name)) {
      return *known;
    }
    if (one_of(kGlobals, node.name) || (!chat_ && (node.name == "url_for" || node.name == "get_flashed_messages"))) {
      Value out;
      out.kind = Kind::function;
      out.name = node.name;
      return out;
    }
    if (node.name == "self" || node.name == "super") {
      return make_object(node.name);
    }
    return make_data(node.name);
  }

  Value attribute(const Node& node) {
    const Value object = evaluate(node.children[0]);
    reach(object, node.name, node.offset);
    std::optional<Value> out;
    for (const Value& one : alternatives(object)) {
      const Value value = member(one, node.name);
      out = out ? join(*out, value) : value;
    }
    return *out;
  }

  Value member(const Value& object, const std::string& name) {
    if (object.is(Kind::space)) {
      const auto& members = spaces_[static_cast<std::size_t>(object.number)];
      const auto found = members.find(name);
      return found == members.end() ? make_data() : found->second;
    }
    if (object.is(Kind::dict)) {
      if (auto found = abstract::item(object, make_text(std::string_view(name)))) {
        return *found;
      }
    }
    if (object.is(Kind::dict) || object.is(Kind::list) || object.is_text()) {
      Value out;
      out.kind = Kind::function;
      out.name = "method";
      out.text = from_utf8(name);
      out.items = {object};
      return out;
    }
    if (object.is(Kind::object) && object.name == "loop" && object.items.size() == 3) {
      const Value& index = object.items[0];
      const bool known = object.items[2].number == 1 && index.is(Kind::integer);
      const std::int64_t length = object.items[1].number;
      if (!known) {
        return make_data();
      }
      if (name == "index0" || name == "index") {
        return make_integer(index.number + (name == "index" ? 1 : 0));
      }
      if (name == "first" || name == "last") {
        return make_boolean(index.number == (name == "first" ? 0 : length - 1));
      }
      if (name == "length") {
        return make_integer(length);
      }
      if (name == "revindex" || name == "revindex0") {
        return make_integer(length - index.number - (name == "revindex0" ? 1 : 0));
      }
      return make_data();
    }
    if (object.is(Kind::object) && object.name == "cycler") {
      return choice_of(object.items);
    }
    if (object.is(Kind::data)) {
      return make_data(one_of(kHostObjects, object.name) ? object.name : std::string());
    }
    return object.is(Kind::object) || object.is(Kind::function) || object.is(Kind::mixed) ? make_mixed() : make_data();
  }

  static Value choice_of(const std::vector<Value>& items) {
    Value out = items.empty() ? make_data() : items.front();
    for (const Value& one : items) {
      out = join(out, one);
    }
    return out;
  }

  Value subscript(const Node& node) {
    const Value object = evaluate(node.children[0]);
    const Node& key_node = at(node.children[1]);
    if (key_node.kind == Tree::slice) {
      std::array<Value, 3> bounds;
      Value nothing;
      nothing.kind = Kind::none;
      for (std::size_t i = 0; i < 3; ++i) {
        bounds[i] = key_node.children[i] == kNone ? nothing : evaluate(key_node.children[i]);
      }
      std::optional<Value> out;
      for (const Value& one : alternatives(object)) {
        auto part = abstract::slice(one, bounds[0], bounds[1], bounds[2]);
        const Value value = part ? *part : unknown({one});
        out = out ? join(*out, value) : value;
      }
      return *out;
    }
    const Value key = evaluate(node.children[1]);
    bool text_key = false;
    for (const Value& one : alternatives(key)) {
      text_key = text_key || one.is_text() || one.is(Kind::mixed);
      if (one.is_text()) {
        reach(object, to_utf8(one.text), node.offset);
      }
    }
    // The keys of a dict or list that is made here lead nowhere, unless they are not in it.
    if (text_key) {
      look_up(key, node.offset);
    } else if (key.is(Kind::data) && one_of(kHostObjects, key.name)) {
      remark("template-computed-name", node.offset, "a name from " + key.name, "");
    }
    std::optional<Value> out;
    for (const Value& one : alternatives(object)) {
      for (const Value& way : alternatives(key)) {
        if (!spend()) {
          return make_data();
        }
        Value value;
        if (auto found = abstract::item(one, way)) {
          value = std::move(*found);
        } else if (way.is_whole_text() && (one.is(Kind::space) || one.is(Kind::object) || one.is_text())) {
          value = member(one, to_utf8(way.text));
        } else if ((one.is(Kind::list) || one.is(Kind::dict)) && way.is(Kind::data)) {
          std::vector<Value> all = one.items;
          if (one.is(Kind::dict)) {
            all = apply_now("values", one, {})->items;
          }
          value = choice_of(all);
        } else {
          value = one.is(Kind::data) ? make_data(one_of(kHostObjects, one.name) ? one.name : std::string())
                                     : unknown({one, way});
        }
        out = out ? join(*out, value) : value;
      }
    }
    return *out;
  }

  Value operation(const Node& node) {
    const Value left = evaluate(node.children[0]);
    const Value right = evaluate(node.children[1]);
    std::optional<Value> out;
    for (const Value& a : alternatives(left)) {
      for (const Value& b : alternatives(right)) {
        if (!spend()) {
          return make_data();
        }
        Cost cost;
        auto one = binary(node.name, a, b, cost);
        check(node.offset, cost);
        Value value = one ? std::move(*one) : unknown({a, b});
        if (!one && (a.is(Kind::mixed) || b.is(Kind::mixed) || (node.name == "%" && a.is_text()))) {
          value = make_mixed();
        }
        out = out ? join(*out, value) : value;
      }
    }
    return *out;
  }

  Value test(const Node& node) {
    const Value value = evaluate(node.children[0]);
    const Arguments arguments = arguments_of(node, 1);
    if (node.name == "none" && (value.is(Kind::none) || is_constant(value))) {
      return make_boolean(value.is(Kind::none));
    }
    if (node.name == "string" && is_constant(value)) {
      return make_boolean(value.is_text());
    }
    if ((node.name == "eq" || node.name == "equalto" || node.name == "==") && arguments.values.size() == 1) {
      if (const auto same = compare("==", value, arguments.values[0])) {
        return make_boolean(*same);
      }
    }
    return make_data();
  }

  Value filter(const Node& node, const Value* given) {
    Value subject;
    if (node.children[0] != kNone) {
      // Within a filter block the innermost filter has no subject of its own.
      const Node& inner = at(node.children[0]);
      subject = given != nullptr && inner.kind == Tree::filter && heads_block(inner) ? filter(inner, given)
                                                                                     : evaluate(node.children[0]);
    } else if (given != nullptr) {
      subject = *given;
    }
    const Arguments arguments = arguments_of(node, 1);
    return apply_filter(node.name, subject, arguments, node.offset, 0);
  }

  bool heads_block(const Node& node) const {
    const Node* one = &node;
    while (one->kind == Tree::filter && one->children[0] != kNone) {
      one = &at(one->children[0]);
    }
    return one->kind == Tree::filter;
  }

  Value apply_filter(const std::string& name, const Value& subject, const Arguments& arguments, std::uint32_t offset,
                     int nested) {
    if (name == "attr") {
      const Value attribute_name = arguments.values.empty() ? make_data() : arguments.values[0];
      bool known = true;
      for (const Value& one : alternatives(attribute_name)) {
        known = known && one.is_whole_text();
      }
      look_up(attribute_name, offset);
      if (!known) {
        remark("template-computed-name", offset, "attr filter with a name that is not constant", "");
      }
      for (const Value& one : alternatives(attribute_name)) {
        if (one.is_whole_text()) {
          reach(subject, to_utf8(one.text), offset);
        }
      }
      if (known && subject.is_text() && attribute_name.is_text()) {
        return member(subject, to_utf8(attribute_name.text));
      }
      return subject.is(Kind::data) ? make_data() : make_mixed();
    }
    for (const auto& [keyword, value] : arguments.keywords) {
      if (keyword == "attribute") {
        look_up(value, offset, true);
      }
    }
    const auto first = [&] { return arguments.values.empty() ? nullptr : &arguments.values[0]; };
    if ((name == "selectattr" || name == "rejectattr" || name == "groupby" || name == "sum" || name == "min" ||
         name == "max") &&
        first() != nullptr) {
      look_up(name == "min" || name == "max" ? make_data() : *first(), offset, true);
    }
    if ((name == "join" || name == "unique" || name == "sort" || name == "min" || name == "max") &&
        arguments.values.size() >= 2) {
      look_up(arguments.values.back(), offset, true);
    }
    if (name == "map") {
      if (first() == nullptr) {
        return unknown({subject});
      }
      Arguments rest;
      rest.values.assign(arguments.values.begin() + 1, arguments.values.end());
      rest.keywords = arguments.keywords;
      std::optional<Value> out;
      for (const Value& way : alternatives(*first())) {
        if (!way.is_whole_text() || nested > 2) {
          if (!way.is(Kind::data)) {
            remark("template-computed-name", offset, "map with a computed filter", "");
          }
          continue;
        }
        const std::string inner = to_utf8(way.text);
        if (subject.is(Kind::list)) {
          std::vector<Value> items;
          std::size_t heavy = 0;
          for (const Value& argument : rest.values) {
            heavy += weight(argument);
          }
          for (const Value& one : subject.items) {
            items.push_back(apply_filter(inner, one, rest, offset, nested + 1));
            if (!spend(1 + heavy / 8)) {
              return make_data();
            }
          }
          out = out ? join(*out, make_list(items)) : make_list(items);
        } else {
          const auto listed = apply_now("list", subject, {});
          if (listed && listed->is(Kind::list)) {
            return apply_filter(name, *listed, arguments, offset, nested);
          }
          apply_filter(inner, subject.is(Kind::mixed) ? make_mixed() : make_data(), rest, offset, nested + 1);
          out = unknown({subject});
        }
      }
      return out ? *out : unknown({subject});
    }
    if (name == "format") {
      std::optional<Value> out;
      for (const Value& way : alternatives(subject)) {
        Cost cost;
        Value values = make_list(arguments.values);
        if (!arguments.keywords.empty()) {
          values = make_dict(arguments.keywords);
        }
        auto one = way.is_text() ? percent_format(way.text, values, cost) : std::nullopt;
        check(offset, cost);
        std::vector<Value> operands{way};
        const Value value = one ? *one : unknown(operands);
        out = out ? join(*out, value) : value;
      }
      return *out;
    }
    if (name == "indent" || name == "center" || name == "lipsum" || name == "batch" || name == "slice") {
      const Value* width = arguments.at(0, name == "batch" ? "linecount" : name == "slice" ? "slices" : "width");
      if (width != nullptr && width->is(Kind::integer) && width->number > static_cast<std::int64_t>(kLargeResult)) {
        expensive(offset, "|" + name + " by " + std::to_string(width->number));
      }
    }
    if (name == "string" || name == "safe" || name == "list" || name == "join" || name == "first" || name == "last") {
      // What Python prints of its own objects has letters in it.
      if (subject.is(Kind::object) || subject.is(Kind::function)) {
        return make_mixed();
      }
    }
    if ((name == "select" || name == "reject" || name == "map" || name == "batch") && subject.is(Kind::list) &&
        subject.items.empty()) {
      return make_object("generator");
    }
    Arguments plain = arguments;
    if (name == "join" || name == "default" || name == "d" || name == "replace") {
      for (const std::string_view keyword : {"d", "default_value", "old", "new", "count"}) {
        if (const Value* value = arguments.keyword(keyword)) {
          plain.values.push_back(*value);
        }
      }
    }
    if (name == "sort" && arguments.keyword("reverse") != nullptr) {
      plain.values.insert(plain.values.begin(), *arguments.keyword("reverse"));
    }
    return apply_each(name == "title" ? "|title" : name, subject, plain, offset);
  }

  static Value make_dict(const std::vector<std::pair<std::string, Value>>& members) {
    Value out;
    out.kind = Kind::dict;
    for (const auto& [name, value] : members) {
      // Python brings identifiers into a normal form, in which other letters than ASCII's may become such.
      const bool plain =
          std::all_of(name.begin(), name.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80U) == 0; });
      out.items.push_back(plain ? make_text(std::string_view(name)) : make_mixed());
      out.items.push_back(value);
    }
    return out;
  }

  Value call(const Node& node) {
    const Node& callee = at(node.children[0]);
    if (callee.kind == Tree::attribute) {
      return call_method(node, callee);
    }
    if (callee.kind == Tree::name && variable(callee.name) == nullptr) {
      if (one_of(kDangerousFunctions, callee.name) && (chat_ || callee.name != "vars")) {
        internals(node.offset, callee.name + "()");
      } else if (chat_ && (callee.name == "url_for" || callee.name == "get_flashed_messages")) {
        host_object(callee.name, node.offset);
      }
    }
    const Value function = evaluate(node.children[0]);
    const Arguments arguments = arguments_of(node, 1);
    std::optional<Value> out;
    for (const Value& one : alternatives(function)) {
      const Value value = call_function(one, arguments, node.offset);
      out = out ? join(*out, value) : value;
    }
    return *out;
  }

  Value call_function(const Value& function, const Arguments& arguments, std::uint32_t offset) {
    if (function.is(Kind::object) && function.name == "caller") {
      return callers_.empty() ? make_data() : callers_.back();
    }
    if (function.is(Kind::object) && function.name == "loop") {
      const Node& node = at(static_cast<NodeId>(function.number));
      if (arguments.values.size() != 1 || recursions_ >= 6) {
        return recursions_ >= 6 && !arguments.values.empty() && arguments.values[0].is(Kind::data) ? make_data()
                                                                                                   : make_mixed();
      }
      ++recursions_;
      Value outer = std::move(capture_);
      const bool was = std::exchange(capturing_, true);
      capture_ = make_text(U"");
      loop(node, arguments.values[0]);
      Value out = std::move(capture_);
      capture_ = std::move(outer);
      capturing_ = was;
      --recursions_;
      return out;
    }
    if (function.is(Kind::object)) {
      return function.name == "joiner" ? choice_of(function.items) : make_mixed();
    }
    if (!function.is(Kind::function)) {
      std::vector<Value> operands{function};
      return function.is(Kind::mixed) ? make_mixed() : make_data();
    }
    if (function.name == "method") {
      return method(function.items[0], to_utf8(function.text), arguments, offset);
    }
    if (function.name == "macro") {
      const auto id = static_cast<NodeId>(function.number);
      return call_macro(at(id), id, arguments, false);
    }
    if (function.name == "range") {
      return range(arguments, offset);
    }
    if (function.name == "dict") {
      Value out = make_dict(arguments.keywords);
      if (!arguments.values.empty() && arguments.values[0].is(Kind::list)) {
        for (const Value& pair : arguments.values[0].items) {
          if (pair.is(Kind::list) && pair.items.size() == 2) {
            out.items.push_back(pair.items[0]);
            out.items.push_back(pair.items[1]);
          }
        }
      } else if (!arguments.values.empty() && arguments.values[0].is(Kind::dict)) {
        out.items.insert(out.items.end(), arguments.values[0].items.begin(), arguments.values[0].items.end());
      } else if (!arguments.values.empty() || arguments.spread) {
        return make_data();
      }
      return out;
    }
    if (function.name == "namespace") {
      Value out;
      out.kind = Kind::space;
      out.number = static_cast<std::int64_t>(spaces_.size());
      if (spaces_.size() > 300) {
        return make_data();
      }
      spaces_.emplace_back();
      for (const auto& [name, value] : arguments.keywords) {
        spaces_.back()[name] = value;
      }
      if (!arguments.values.empty() && arguments.values[0].is(Kind::dict)) {
        const Value& members = arguments.values[0];
        for (std::size_t i = 0; i + 1 < members.items.size(); i += 2) {
          if (members.items[i].is_text()) {
            spaces_.back()[to_utf8(members.items[i].text)] = members.items[i + 1];
          }
        }
      }
      return out;
    }
    if (function.name == "cycler" || function.name == "joiner") {
      Value out = make_object(function.name);
      out.items = arguments.values;
      if (function.name == "joiner") {
        out.items.push_back(make_text(U""));
      }
      return out;
    }
    if (function.name == "lipsum") {
      for (const Value& one : arguments.values) {
        if (one.is(Kind::integer) && one.number > 100'000) {
          expensive(offset, "lipsum of " + std::to_string(one.number) + " paragraphs");
        }
      }
      return make_mixed();
    }
    if (function.name == "_" && !arguments.values.empty()) {
      return arguments.values[0];
    }
    return make_data();
  }

  Value range(const Arguments& arguments, std::uint32_t offset) {
    std::array<std::int64_t, 3> bounds{0, 0, 1};
    const std::size_t count = arguments.values.size();
    for (const Value& one : arguments.values) {
      if (!one.is(Kind::integer)) {
        return make_data();
      }
    }
    if (count == 0 || count > 3 || arguments.spread) {
      return make_data();
    }
    bounds[1] = arguments.values[count == 1 ? 0 : 1].number;
    bounds[0] = count == 1 ? 0 : arguments.values[0].number;
    bounds[2] = count == 3 ? arguments.values[2].number : 1;
    if (bounds[2] == 0) {
      return make_data();
    }
    const auto span = static_cast<__int128>(bounds[1]) - bounds[0];
    const __int128 rounds = std::max<__int128>(0, (span + bounds[2] - (bounds[2] > 0 ? 1 : -1)) / bounds[2]);
    if (rounds > 1'000'000) {
      expensive(offset, "range of more than a million");
    }
    if (rounds > 2000) {
      Value out;
      out.kind = Kind::range;
      out.number = static_cast<std::int64_t>(std::min<__int128>(rounds, INT64_MAX));
      return out;
    }
    std::vector<Value> items;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(rounds); ++i) {
      items.push_back(make_integer(static_cast<std::int64_t>(bounds[0] + static_cast<__int128>(i) * bounds[2])));
    }
    return make_list(std::move(items));
  }

  Value call_method(const Node& node, const Node& callee) {
    const Value object = evaluate(callee.children[0]);
    const Arguments arguments = arguments_of(node, 1);
    const std::string& name = callee.name;
    reach(object, name, callee.offset);
    if (one_of(kDangerousMethods, name)) {
      internals(callee.offset, name + "()");
    }
    if (change(callee.children[0], object, name, arguments)) {
      Value out;
      out.kind = Kind::none;
      return out;
    }
    std::optional<Value> out;
    for (const Value& one : alternatives(object)) {
      const Value value = method(one, name, arguments, callee.offset);
      out = out ? join(*out, value) : value;
    }
    return *out;
  }

  /// Puts a changed list or dict back where it was taken from.
  void store(NodeId owner, const Value& before, const Value& after) {
    const Node& node = at(owner);
    std::size_t variables = 0;
    for (const auto* all : {&scopes_, &spaces_}) {
      for (const auto& scope : *all) {
        variables += scope.size();
      }
    }
    if (!spend(variables / 16)) {
      return;
    }
    // The same list may be known by other names; then both contents are possible there.
    const auto both = [&](Value& known) {
      if (known == before) {
        known = join(known, after);
      }
    };
    for (auto& scope : scopes_) {
      for (auto& [other, known] : scope) {
        both(known);
      }
    }
    for (auto& space : spaces_) {
      for (auto& [other, known] : space) {
        both(known);
      }
    }
    if (node.kind == Tree::name) {
      for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
        if (const auto found = scope->find(node.name); found != scope->end()) {
          found->second = uncertain_ > 0 ? join(before, after) : after;
          return;
        }
      }
    } else if (node.kind == Tree::attribute || node.kind == Tree::item) {
      const Value container = evaluate(node.children[0]);
      Value key = node.kind == Tree::attribute ? make_text(std::string_view(node.name)) : evaluate(node.children[1]);
      if (container.is(Kind::space) && key.is_whole_text()) {
        Value& known = spaces_[static_cast<std::size_t>(container.number)][to_utf8(key.text)];
        known = uncertain_ > 0 ? join(before, after) : after;
      } else if (container.is(Kind::dict) || container.is(Kind::list)) {
        Value changed = container;
        for (Value& part : changed.items) {
          part = part == before ? after : part;
        }
        store(node.children[0], container, changed);
      }
    }
  }

  /// list.append and its like.
  bool change(NodeId owner, const Value& object, const std::string& name, const Arguments& arguments) {
    if (!object.is(Kind::list) && !object.is(Kind::dict)) {
      return false;
    }
    Value changed = object;
    if (object.is(Kind::list) && (name == "append" || name == "extend" || name == "insert") &&
        changed.items.size() < kMaxItems) {
      if (name == "append" && arguments.values.size() == 1) {
        changed.items.push_back(arguments.values[0]);
      } else if (name == "insert" && arguments.values.size() == 2 && arguments.values[0].is(Kind::integer)) {
        const auto size = static_cast<std::int64_t>(changed.items.size());
        std::int64_t where = arguments.values[0].number;
        where = std::clamp<std::int64_t>(where < 0 ? where + size : where, 0, size);
        changed.items.insert(changed.items.begin() + where, arguments.values[1]);
      } else if (name == "extend" && arguments.values.size() == 1) {
        const auto more = apply_now("list", arguments.values[0], {});
        if (more && more->is(Kind::list)) {
          changed.items.insert(changed.items.end(), more->items.begin(), more->items.end());
        }
      }
    } else if (object.is(Kind::list) && name == "reverse" && arguments.values.empty()) {
      std::reverse(changed.items.begin(), changed.items.end());
    } else if (object.is(Kind::dict) && (name == "update" || name == "setdefault")) {
      Value more = make_dict(arguments.keywords);
      if (name == "setdefault" && arguments.values.size() == 2) {
        more.items = arguments.values;
      } else if (arguments.values.size() == 1 && arguments.values[0].is(Kind::dict)) {
        more.items.insert(more.items.end(), arguments.values[0].items.begin(), arguments.values[0].items.end());
      }
      changed.items.insert(changed.items.begin(), more.items.begin(), more.items.end());
    } else {
      return false;
    }
    store(owner, object, changed);
    return true;
  }

  Value method(const Value& object, const std::string& name, const Arguments& arguments, std::uint32_t offset) {
    if (name == "format" || name == "format_map") {
      if (object.is_text()) {
        for (const std::u32string& part : format_names(object.text)) {
          look_up(make_text(part), offset);
        }
        Cost cost;
        std::vector<std::pair<std::string, Value>> keywords = arguments.keywords;
        if (name == "format_map" && arguments.values.size() == 1 && arguments.values[0].is(Kind::dict)) {
          const Value& members = arguments.values[0];
          for (std::size_t i = 0; i + 1 < members.items.size(); i += 2) {
            keywords.emplace_back(members.items[i].is_text() ? to_utf8(members.items[i].text) : "",
                                  members.items[i + 1]);
          }
        }
        const auto made = brace_format(object.text, arguments.values, keywords, cost);
        check(offset, cost);
        return made ? *made : make_mixed();
      }
      if (object.is(Kind::mixed)) {
        remark("template-computed-name", offset, "a computed format", "");
      }
      return unknown({object});
    }
    if (object.is(Kind::object) && object.name == "loop" && name == "cycle") {
      return choice_of(arguments.values);
    }
    if (object.is(Kind::object) && object.name == "cycler") {
      return choice_of(object.items);
    }
    if (object.is(Kind::object) && object.name == "self" && blocks_.contains(name)) {
      return make_mixed();
    }
    if (object.is(Kind::space) || object.is(Kind::dict)) {
      const Value function = member(object, name);
      if (function.is(Kind::function) && function.name != "method") {
        return call_function(function, arguments, offset);
      }
    }
    if (object.is(Kind::function) && object.name == "dict" && name == "fromkeys" && !arguments.values.empty()) {
      const auto keys = apply_now("list", arguments.values[0], {});
      Value out;
      out.kind = Kind::dict;
      for (const Value& key : keys && keys->is(Kind::list) ? keys->items : std::vector<Value>{}) {
        out.items.push_back(key);
        out.items.push_back(arguments.values.size() > 1 ? arguments.values[1] : make_data());
      }
      return out;
    }
    return apply_each(name, object, arguments, offset);
  }

  const formats::jinja::Template& tree_;
  bool chat_;
  Evaluation result_;
  std::set<std::pair<std::string_view, std::uint32_t>> seen_;
  std::set<std::string> blocks_;
  std::vector<std::map<std::string, Value>> scopes_;
  std::vector<std::map<std::string, Value>> spaces_;
  std::vector<std::pair<NodeId, std::uint32_t>> calls_;  // macros being carried out, and what was certain there
  std::vector<Value> callers_;
  Value capture_;
  Cost last_cost_;
  bool capturing_ = false;
  std::uint32_t uncertain_ = 0;  // branches and loops around that may not be carried out
  std::uint32_t data_loops_ = 0;
  std::uint32_t recursions_ = 0;  // loops that call themselves
  std::uint64_t rounds_ = 1;
  std::uint64_t steps_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace

Name judge_name(std::u32string_view name) {
  std::string letters;
  bool holes = false;
  for (char32_t c : name) {
    if (c == kHole) {
      holes = true;
      continue;
    }
    if (c >= 0xFF01 && c <= 0xFF5E) {
      c -= 0xFEE0;  // full width forms, which Python's identifiers are normalised from
    }
    if (c == U' ' || c == U'\t' || c == U'\n' || c == U'\r') {
      continue;
    }
    if (c > 0x7E || letters.size() > 100) {
      return Name::plain;
    }
    letters.push_back(static_cast<char>(c));
  }
  if (plain_internals().contains(letters)) {
    return Name::internals;
  }
  if (letters.size() > 4 && letters.starts_with("__") && letters.ends_with("__")) {
    const std::string_view inner = std::string_view(letters).substr(2, letters.size() - 4);
    if (special_names().contains(inner)) {
      return Name::internals;
    }
    const bool word =
        std::all_of(inner.begin(), inner.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    return word ? Name::special : Name::plain;
  }
  return holes && (letters.starts_with("__") || letters.ends_with("__")) ? Name::special : Name::plain;
}

Evaluation evaluate(const formats::jinja::Template& tree, bool chat) {
  return Evaluator(tree, chat).run();
}

std::string fold(const formats::jinja::Template& tree) {
  return Evaluator(tree, true).fold();
}

}  // namespace scan::abstract
