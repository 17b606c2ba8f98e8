#include "scan/pickle/judge_pickle.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "formats/compressed/compressed.h"
#include "formats/identify.h"
#include "formats/pickle/machine.h"
#include "formats/pickle/probe.h"
#include "scan/code/shell.h"
#include "scan/content.h"
#include "scan/pickle/callables.h"
#include "scan/pickle/cost.h"

namespace scan {
namespace {

using formats::pickle::End;
using formats::pickle::Global;
using formats::pickle::Kind;
using formats::pickle::Machine;
using formats::pickle::Opcode;
using formats::pickle::Place;
using formats::pickle::Run;
using formats::pickle::Value;

constexpr std::uint64_t kMaxPickles = 10'000;
constexpr std::uint32_t kMaxBroken = 64;
constexpr std::uint64_t kMaxEncoded = 64U << 20;  // of one constant behind base64 and its like
constexpr std::uint32_t kMaxCallsShown = 20;      // of one callable

std::string place_text(Place place) {
  return "byte " + std::to_string(place.offset) + ", opcode " + std::to_string(place.opcode);
}

bool is_identifier(std::string_view text) {
  return !text.empty() && (text[0] < '0' || text[0] > '9') && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Classes whose instances take APPENDS, SETITEMS and ADDITEMS as their own kind of container.
bool is_container_class(std::string_view module, std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kContainers[] = {{"collections", "OrderedDict"},
                                                                           {"collections", "defaultdict"},
                                                                           {"collections", "Counter"},
                                                                           {"collections", "deque"},
                                                                           {"collections", "UserDict"},
                                                                           {"collections", "UserList"},
                                                                           {"builtins", "list"},
                                                                           {"builtins", "dict"},
                                                                           {"builtins", "set"},
                                                                           {"builtins", "bytearray"},
                                                                           {"array", "array"},
                                                                           {"_collections", "deque"},
                                                                           {"_collections", "OrderedDict"},
                                                                           {"_collections", "defaultdict"}};
  return module == "transformers.modeling_outputs" ||  // ordered dicts
         std::any_of(std::begin(kContainers), std::end(kContainers),
                     [&](const auto& one) { return one.first == module && one.second == name; });
}

/// What is known of a callable by its names alone.
struct Callable {
  std::string module;     // canonical
  std::string attribute;  // as written
  std::string name;       // to show
  Judgement judgement;
};

/// The same few hundred names stand in nearly all pickles, so that what was judged is kept; `key` is of both names.
std::shared_ptr<const Callable> callable(const std::string& key, const Global& global) {
  constexpr std::size_t kMaxKept = 4096;
  constexpr std::size_t kMaxKeyBytes = 256;
  thread_local std::unordered_map<std::string, std::shared_ptr<const Callable>> kept;
  if (const auto known = kept.find(key); known != kept.end()) {
    return known->second;
  }
  Callable of;
  of.module = canonical_module(global.module);
  of.name =
      base::printable(base::abbreviate(global.module, 120)) + "." + base::printable(base::abbreviate(global.name, 120));
  of.attribute = global.name;
  of.judgement = judge_callable(global.module, global.name);
  auto out = std::make_shared<const Callable>(std::move(of));
  if (kept.size() < kMaxKept && key.size() <= kMaxKeyBytes) {
    kept.emplace(key, out);
  }
  return out;
}

/// Turns what the machine tells into findings.
class Judge final : public formats::pickle::Observer {
 public:
  Judge(base::Bytes bytes, const std::string& path, std::uint32_t depth, Collector& out)
      : bytes_(bytes), path_(path), depth_(depth), out_(out) {}

  void on_global(const Machine& machine, std::uint64_t index, Place place) override {
    std::vector<Use*>& uses = by_machine_[&machine];
    if (index == 0) {
      constexpr std::size_t kFewCallables = 16;
      uses.clear();  // a new machine, perhaps where an old one was
      uses.reserve(kFewCallables);
      order_.reserve(kFewCallables);
    }
    const Global& global = machine.globals()[index];
    const std::string key = global.module + '\0' + global.name;
    std::unique_ptr<Use>& use = uses_[key];
    if (use == nullptr) {
      use = std::make_unique<Use>(callable(key, global));
      use->place = place;
      order_.push_back(use.get());
    }
    uses.push_back(use.get());
  }

  void on_computed_global(const Machine& machine, Value module, Value name, Place place) override {
    report("pickle-computed-import", place, "import of " + machine.describe(module) + "." + machine.describe(name),
           "Loading imports a module or function whose name is computed while loading.");
  }

  void on_extension(const Machine&, std::uint64_t code, Place place) override {
    report("pickle-extension", place, "extension code " + std::to_string(code), "");
  }

  void on_call(const Machine& machine, Opcode opcode, Value callee, Value arguments, Value keywords,
               Place place) override {
    Use* use = used(machine, callee);
    const bool calls =
        opcode == formats::pickle::kReduce || opcode == formats::pickle::kInst || opcode == formats::pickle::kObj;
    if (use == nullptr || callee.kind() != Kind::global) {
      computed_call(machine, callee, arguments, calls, place);
      return;
    }
    ++use->uses;
    switch (use->judgement.standing) {
      case Standing::allowed:
        if (const auto dear = dear_call(machine, use->module, use->attribute, arguments)) {
          on_expensive(machine, *dear, place);
        }
        return;
      case Standing::checked:
        check(machine, *use, callee, arguments, place);
        return;
      case Standing::named:
        if (is_standard_module(use->module)) {
          use->judgement.reason = "no pickler calls it, but attacks do";
          dangerous(machine, *use, callee, arguments, keywords, place);
        } else {
          unknown(machine, *use, callee, arguments, calls, place);
        }
        return;
      case Standing::class_only:
        // A class that is called with nothing makes an empty object; a function that is does whatever it does.
        if (!calls || (use->judgement.check != ArgumentCheck::none && machine.size(arguments) == 0) ||
            (use->judgement.check == ArgumentCheck::no_text && one_plain_constant(machine, arguments) &&
             machine.items(arguments)[0].kind() != Kind::text) ||
            (use->judgement.check == ArgumentCheck::one_constant && one_plain_constant(machine, arguments))) {
          return;
        }
        unknown(machine, *use, callee, arguments, calls, place);
        return;
      case Standing::own:
      case Standing::unknown:
        unknown(machine, *use, callee, arguments, calls, place);
        return;
      case Standing::dangerous:
        dangerous(machine, *use, callee, arguments, keywords, place);
        return;
    }
  }

  void on_build(const Machine& machine, Value object, Value state, Place place) override {
    if (object.kind() == Kind::global) {
      report(
          "pickle-build-on-import", place, machine.describe(object) + " <- " + machine.describe(state),
          "Loading changes " + machine.describe(object, 120) + ", which belongs to the program and not to the file.");
      return;
    }
    const Use* maker = used(machine, object);
    if (maker != nullptr && maker->judgement.check == ArgumentCheck::partial) {
      // The state of a partial holds its function again.
      const std::span<const Value> parts = machine.items(state);
      if (parts.empty() || class_behind(machine, parts[0], true) == nullptr) {
        partials_changed_.insert(object.payload());
      }
    }
    // What is called a runner and is given an attacker's command will run it.
    if (maker != nullptr && maker->judgement.standing == Standing::own && names_an_actor(maker->attribute) &&
        ++states_read_ <= kMostStatesRead) {
      if (const std::string command = attack_in(machine, state); !command.empty()) {
        report("pickle-dangerous-call", place, maker->name + " <- " + command,
               "Loading gives " + maker->name + " a command of an attack: " + command + ".");
      }
    }
    const bool evaluates = maker != nullptr && evaluates_its_text(maker->module);
    const auto look = [&](Value dict) {
      for (const Value value : evaluates&& dict.kind() == Kind::dict ? machine.items(dict) : std::span<const Value>()) {
        const std::string text = value.kind() == Kind::text ? machine.text(value).value_or("") : std::string();
        if (reads_like_python_call(text)) {
          report("pickle-evaluated-text", place, base::printable(base::abbreviate(text, 160)),
                 "Loading gives " + maker->name +
                     " a formula that it evaluates as Python: " + base::printable(base::abbreviate(text, 160)) + ".");
        }
      }
      for (const auto& [key, value] : machine.dunder_keys(dict)) {
        const std::string name = machine.text(key).value_or("");
        // Constants replace nothing that is called; Pydantic and attrs keep their state under such names.
        constexpr std::string_view kHarmless[] = {
            "__dict__",           "__fields_set__",       "__pydantic_fields_set__",
            "__pydantic_extra__", "__pydantic_private__", "__private_attribute_values__",
            "__orig_class__",     "__annotations__"};
        const Kind kind = value.kind();
        const bool constant =
            (kind >= Kind::none && kind <= Kind::byte_array) ||
            ((kind == Kind::dict || kind == Kind::list || kind == Kind::tuple) && machine.size(value) == 0);
        if (constant || std::find(std::begin(kHarmless), std::end(kHarmless), name) != std::end(kHarmless)) {
          continue;
        }
        report("pickle-attribute-override", place, machine.describe(object, 160) + "." + name,
               "Loading sets the special attribute " + name + " of an object.");
      }
    };
    look(state);
    // dict([("__setstate__", …)]): no pickler writes a state that way.
    const Use* state_maker = used(machine, state);
    if (state_maker != nullptr && (state.kind() == Kind::call || state.kind() == Kind::object)) {
      for (const Value argument : machine.items(machine.arguments(state))) {
        for (const Value pair : machine.items(argument)) {
          const std::span<const Value> parts = machine.items(pair);
          const std::string name =
              pair.kind() == Kind::tuple && parts.size() == 2 ? machine.text(parts[0]).value_or("") : "";
          if (name.size() > 4 && name.starts_with("__") && name.ends_with("__")) {
            report("pickle-attribute-override", place, machine.describe(object, 160) + "." + name,
                   "Loading sets the special attribute " + name + " of an object.");
          }
        }
      }
    }
    if (state.kind() == Kind::tuple) {
      for (const Value part : machine.items(state)) {
        look(part);
      }
    }
  }

  void on_mutation(const Machine& machine, Opcode opcode, Value object, Place place) override {
    const Use* use = used(machine, object);
    const bool made = object.kind() == Kind::call || object.kind() == Kind::object;
    if (use != nullptr && made) {
      if (is_container_class(use->module, use->attribute)) {
        return;
      }
      const bool tensor = use->module.starts_with("torch.") && use->attribute.starts_with("_rebuild");
      // Sub-classes of list and dict come this way; what they are is said where they are made.
      if (!tensor &&
          ((object.kind() == Kind::object && use->judgement.standing != Standing::allowed) ||
           use->judgement.standing == Standing::unknown || use->judgement.standing == Standing::own ||
           use->judgement.check == ArgumentCheck::reconstructor || use->judgement.check == ArgumentCheck::new_object)) {
        return;
      }
    }
    if (object.kind() == Kind::persistent || object.kind() == Kind::buffer) {
      return;
    }
    constexpr std::string_view kNames[] = {"append", "setitem", "add"};
    const std::string_view what = opcode == formats::pickle::kAppend || opcode == formats::pickle::kAppends ? kNames[0]
                                  : opcode == formats::pickle::kAddItems                                    ? kNames[2]
                                                                                                            : kNames[1];
    report("pickle-mutation", place, std::string(what) + " on " + machine.describe(object, 200), "");
  }

  void on_nested(const Machine&, base::Bytes content, Place place) override {
    if (nested_.size() >= 1000) {
      out_.not_covered(path_, "more than 1,000 pickles or archives among its constants");
      return;
    }
    add_nested(content, place, false);
  }

  void on_expensive(const Machine&, std::string_view what, Place place) override {
    report("pickle-expensive", place, std::string(what),
           "Loading allocates or computes far more than the file holds: " + std::string(what) + ".");
  }

  /// What can only be said when all has been read: imports without use, unknown ones, pickles within constants.
  void finish() {
    for (const Use* use : order_) {
      const Judgement& judgement = use->judgement;
      if (judgement.standing == Standing::dangerous && use->uses == 0) {
        report("pickle-dangerous-import", use->place, use->name,
               "Loading imports " + use->name + ": " + std::string(judgement.reason) + ".");
      } else if (judgement.standing == Standing::unknown && use->uses == 0 && !is_standard_module(use->module) &&
                 use->attribute.find('.') == std::string::npos) {
        // A function that is kept, as an activation or a collate function, and not called.
        report("pickle-own-class", use->place, use->name, "Loading needs the program's own " + use->name + ".");
      } else if (judgement.standing == Standing::unknown && !use->reported) {
        unknown_finding(*use, use->place, use->name, use->uses == 0 ? "imports" : "uses");
      } else if (judgement.standing == Standing::own && !use->reported) {
        report("pickle-own-class", use->place, use->name, "Loading needs the program's own class " + use->name + ".");
      }
    }
    for (const Nested& nested : nested_) {
      judge_nested(nested);
    }
  }

  [[nodiscard]] bool found_callable() const { return !order_.empty(); }

 private:
  struct Use {
    explicit Use(std::shared_ptr<const Callable> of)
        : kept(std::move(of)),
          module(kept->module),
          attribute(kept->attribute),
          name(kept->name),
          judgement(kept->judgement) {}
    std::shared_ptr<const Callable> kept;
    const std::string& module;     // canonical
    const std::string& attribute;  // as written
    const std::string& name;       // to show
    Judgement judgement;
    Place place;
    std::uint64_t uses = 0;
    std::uint32_t shown = 0;
    bool reported = false;
  };
  struct Nested {
    base::Bytes content;
    std::string decoded;  // where the content is not in the file as it stands
    Place place;
    bool loaded = false;  // by the file itself
  };

  void report(std::string_view rule, Place place, std::string subject, std::string message) {
    out_.add(rule, {path_, place_text(place), place.offset, 0, std::move(subject), std::move(message)});
  }

  Use* used(const Machine& machine, Value value) {
    const Global* global = machine.maker(value);
    const auto known = by_machine_.find(&machine);
    if (global == nullptr || known == by_machine_.end()) {
      return nullptr;
    }
    const auto index = static_cast<std::size_t>(global - machine.globals().data());
    return index < known->second.size() ? known->second[index] : nullptr;
  }

  static std::string call_text(const Machine& machine, Value callee, Value arguments) {
    std::string given = machine.describe(arguments, 300);
    if (arguments.kind() == Kind::tuple) {
      if (given.ends_with(",)")) {
        given.erase(given.size() - 2, 1);
      }
    } else {
      given = "(*" + given + ")";
    }
    return machine.describe(callee, 160) + given;
  }

  void dangerous(const Machine& machine, Use& use, Value callee, Value arguments, Value keywords, Place place) {
    use.reported = true;
    if (++use.shown > kMaxCallsShown) {
      return;
    }
    std::string call = call_text(machine, callee, arguments);
    if (keywords.kind() == Kind::dict) {
      call += " with " + machine.describe(keywords, 160);
    }
    std::string_view reason = use.judgement.reason;
    report(
        "pickle-dangerous-call", place, call,
        "Loading calls " + call + ": " + (reason.empty() ? std::string("it is dangerous") : std::string(reason)) + ".");
  }

  void unknown_finding(const Use& use, Place place, std::string subject, std::string_view verb) {
    report("pickle-unknown-callable", place, std::move(subject),
           "Loading " + std::string(verb) + " " + use.name + ", which is not on the allow list.");
  }

  bool commands_in(const Machine& machine, Value value, int depth = 0) {
    if (depth > 4) {
      return false;
    }
    if (value.kind() == Kind::text || value.kind() == Kind::bytes) {
      return reads_like_command(base::as_text(machine.raw(value)));
    }
    const std::span<const Value> items = machine.items(value);
    return std::any_of(items.begin(), items.end(), [&](Value item) { return commands_in(machine, item, depth + 1); });
  }

  /// The first text within a value that is a command of an attack (fetched and run, a shell to elsewhere), abbreviated.
  static std::string attack_in(const Machine& machine, Value value, int depth = 0) {
    if (value.kind() == Kind::text) {
      const auto attack = shell_attack(base::as_text(machine.raw(value)).substr(0, 4096));
      return attack ? base::printable(base::abbreviate(attack->excerpt, 160)) : std::string();
    }
    std::string found;
    const std::span<const Value> items = depth > 4 ? std::span<const Value>() : machine.items(value);
    for (std::size_t i = 0; i < items.size() && found.empty(); ++i) {
      found = attack_in(machine, items[i], depth + 1);
    }
    return found;
  }

  /// Text that could be an expression: some classes evaluate what they are made of.
  bool code_in(const Machine& machine, Value value, int depth = 0) {
    if (value.kind() == Kind::text || value.kind() == Kind::bytes) {
      const std::string_view text = base::as_text(machine.raw(value)).substr(0, 4096);
      return value.kind() == Kind::text && text.find_first_of("(`$|;\\") != std::string_view::npos;
    }
    const std::span<const Value> items = machine.items(value);
    return depth > 4 ||
           std::any_of(items.begin(), items.end(), [&](Value item) { return code_in(machine, item, depth + 1); });
  }

  void unknown(const Machine& machine, Use& use, Value callee, Value arguments, bool calls, Place place) {
    if (commands_in(machine, arguments)) {
      if (++use.shown <= kMaxCallsShown) {
        use.reported = true;
        const std::string call = call_text(machine, callee, arguments);
        report("pickle-dangerous-call", place, call,
               "Loading calls " + call + ": it is unknown, and what it is given reads like a command.");
      }
      return;
    }
    if (use.reported) {
      return;
    }
    use.reported = true;
    // Making an instance without calling the class runs none of its code but __new__; a class of __main__ is called
    // with constants (the member of an enumeration), or with nothing.
    const bool main = use.module == "__main__" || use.module == "__mp_main__";
    // sympy evaluates text that its expressions are made of.
    const bool sympy = use.module.starts_with("sympy.");
    const bool acts = calls && !main && machine.size(arguments) > 0 &&
                      (names_an_actor(use.attribute) || (sympy && text_in(machine, arguments)));
    if (use.judgement.standing == Standing::own && !acts &&
        (!calls ? main || !code_in(machine, arguments) : plain_data(machine, arguments, !main))) {
      report("pickle-own-class", place, use.name, "Loading needs the program's own class " + use.name + ".");
      return;
    }
    const bool expression = use.judgement.standing == Standing::own && sympy && !text_in(machine, arguments);
    // What __new__ is looked up on is a class, however it is called; without arguments it only makes room.
    const bool lower_case_class = !calls && use.judgement.standing == Standing::unknown &&
                                  !is_standard_module(use.module) && machine.size(arguments) == 0;
    if (expression || lower_case_class) {
      report("pickle-own-class", place, use.name, "Loading needs the program's own class " + use.name + ".");
      return;
    }
    unknown_finding(use, place, call_text(machine, callee, arguments), calls ? "calls" : "makes an object of");
  }

  static bool text_in(const Machine& machine, Value value, int depth = 0) {
    const std::span<const Value> items = machine.items(value);
    return value.kind() == Kind::text || value.kind() == Kind::bytes || depth > 4 ||
           std::any_of(items.begin(), items.end(), [&](Value item) { return text_in(machine, item, depth + 1); });
  }

  /// The type of Python that dill names by a text; empty where that is none that makes data of data.
  std::string named_type(const Machine& machine, Value value) {
    const Use* maker = used(machine, value);
    if (maker == nullptr || value.kind() != Kind::call || maker->judgement.check != ArgumentCheck::type_name) {
      return {};
    }
    const std::span<const Value> given = machine.items(machine.arguments(value));
    std::string name = given.size() == 1 ? machine.text(given[0]).value_or("") : "";
    return judge_callable("builtins", name).standing == Standing::allowed ? name : std::string();
  }

  /// The class of getattr(CLASS, NAME) as protocols before 4 write nested classes and constructors with keywords.
  Use* class_behind(const Machine& machine, Value method, bool constructor) {
    const Use* maker = used(machine, method);
    const std::span<const Value> items = machine.items(machine.arguments(method));
    if (maker == nullptr || method.kind() != Kind::call || maker->judgement.check != ArgumentCheck::getattr ||
        items.size() != 2 || items[0].kind() != Kind::global) {
      return nullptr;
    }
    Use* of = used(machine, items[0]);
    const std::string name = machine.text(items[1]).value_or("");
    const bool fits = constructor ? name == "__new__" : is_cap_words_name(name);
    const bool good = of != nullptr && (is_good(of->judgement.standing) || of->judgement.standing == Standing::own);
    return fits && good && is_cap_words_name(of->attribute) ? of : nullptr;
  }

  bool is_keras_model(const Machine& machine, Value method, Value arguments) {
    const std::span<const Value> items = machine.items(method);
    const std::span<const Value> given = machine.items(arguments);
    if (items.size() != 2 || given.size() != 1 || machine.text(items[1]).value_or("") != "_unpickle_model") {
      return false;
    }
    const Use* owner = used(machine, items[0]);
    const Use* buffer = used(machine, given[0]);
    return owner != nullptr && items[0].kind() == Kind::global && owner->module.starts_with("keras.src.") &&
           owner->judgement.standing == Standing::class_only && buffer != nullptr && buffer->attribute == "BytesIO";
  }

  void computed_call(const Machine& machine, Value callee, Value arguments, bool calls, Place place) {
    const Use* maker = used(machine, callee);
    // partial(CLASS.__new__, …)() is NEWOBJ_EX in protocols 2 and 3, where no other function was put into the partial.
    if (maker != nullptr && callee.kind() == Kind::call && maker->judgement.check == ArgumentCheck::partial &&
        machine.size(arguments) == 0 && partials_changed_.count(callee.payload()) == 0) {
      const std::span<const Value> given = machine.items(machine.arguments(callee));
      if (Use* of = given.empty() ? nullptr : class_behind(machine, given[0], true)) {
        ++of->uses;
        if (of->judgement.standing == Standing::own) {
          unknown(machine, *of, callee, arguments, false, place);
        }
        return;
      }
    }
    // Models of Keras are pickled whole as the bytes of their archive, which are judged as the constant that they are.
    if (maker != nullptr && callee.kind() == Kind::call && maker->judgement.check == ArgumentCheck::getattr &&
        is_keras_model(machine, machine.arguments(callee), arguments)) {
      return;
    }
    if (Use* of = class_behind(machine, callee, false)) {
      ++of->uses;
      if (!calls || machine.size(arguments) == 0 || one_plain_constant(machine, arguments)) {
        return;
      }
      unknown(machine, *of, callee, arguments, calls, place);
      return;
    }
    if (maker != nullptr && callee.kind() == Kind::call && maker->judgement.check == ArgumentCheck::getattr &&
        allowed_method(machine, machine.arguments(callee))) {
      return;
    }
    if (const std::string type = named_type(machine, callee); !type.empty()) {
      if (const auto dear = dear_call(machine, "builtins", type, arguments)) {
        on_expensive(machine, *dear, place);
      }
      return;
    }
    // torch_geometric's batches: a class derived from two.
    if (maker != nullptr && maker->attribute == "DynamicInheritanceGetter" &&
        maker->module == "torch_geometric.data.batch" && machine.is_whole(arguments)) {
      const std::span<const Value> bases = machine.items(arguments);
      if (!bases.empty() && std::all_of(bases.begin(), bases.end(), [&](Value base) {
            const Use* of = used(machine, base);
            return is_trusted(machine, base) && of->module.starts_with("torch_geometric.");
          })) {
        return;
      }
    }
    report("pickle-computed-call", place, call_text(machine, callee, arguments), "");
  }

  static bool one_constant(const Machine& machine, Value arguments) {
    const std::span<const Value> items = machine.items(arguments);
    if (!machine.is_whole(arguments) || items.size() != 1) {
      return false;
    }
    const Kind kind = items[0].kind();
    return kind == Kind::text || kind == Kind::integer || kind == Kind::none || kind == Kind::truth ||
           kind == Kind::falsity || kind == Kind::floating;
  }

  /// A member of an enumeration by its value: a number, or text that is neither a path nor an address.
  static bool one_plain_constant(const Machine& machine, Value arguments) {
    if (!one_constant(machine, arguments)) {
      return false;
    }
    const Value only = machine.items(arguments)[0];
    if (only.kind() != Kind::text) {
      return true;
    }
    return is_word_like(machine.text(only).value_or("/"));
  }
  static bool is_word_like(std::string_view text) {
    return text.size() <= 64 &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.' || c == '-' || c == '+'; });
  }

  /// Words as people write them: no path, address or sign of a shell or program.
  static bool is_label_like(std::string_view text) {
    return text.size() <= 300 && text.find_first_of("/\\~`$|;&<>{}[]=*\"\n") == std::string_view::npos &&
           text.find("..") == std::string_view::npos && text.find("__") == std::string_view::npos;
  }

  /// Nothing but constants and containers of them; text like a label where asked for.
  static bool plain_data(const Machine& machine, Value value, bool words_only, int depth = 0) {
    if (words_only && value.kind() == Kind::text) {
      return is_label_like(machine.text(value).value_or("/"));
    }
    if (value.kind() >= Kind::none && value.kind() <= Kind::byte_array) {
      return true;
    }
    if (value.kind() < Kind::list || value.kind() > Kind::frozen_set || depth > 8 || !machine.is_whole(value)) {
      return false;
    }
    const std::span<const Value> items = machine.items(value);
    return std::all_of(items.begin(), items.end(),
                       [&](Value item) { return plain_data(machine, item, words_only, depth + 1); });
  }

  /// A global that stands for a class or function of good standing.
  bool is_trusted(const Machine& machine, Value value) {
    const Use* use = used(machine, value);
    return value.kind() == Kind::global && use != nullptr && is_good(use->judgement.standing);
  }

  bool allowed_getattr(const Machine& machine, Value arguments) {
    const std::span<const Value> items = machine.items(arguments);
    if (items.size() != 2 || !machine.is_whole(arguments) || items[1].kind() != Kind::text) {
      return false;
    }
    const std::string name = machine.text(items[1]).value_or("");
    const Use* of = used(machine, items[0]);
    // Bound methods of constants and containers, and methods of their types: kept, not called.
    const Kind kind = items[0].kind();
    const bool data = (kind >= Kind::none && kind <= Kind::frozen_set) ||
                      (of != nullptr && kind == Kind::global && of->module == "builtins" &&
                       of->judgement.standing == Standing::allowed);
    if (data && is_identifier(name) && name[0] != '_' && !name.starts_with("format")) {
      return true;
    }
    // zoneinfo's constructor, and methods that objects of SciPy and others keep of themselves.
    const bool of_class = of != nullptr && kind == Kind::global && is_cap_words_name(of->attribute);
    if (of_class && name == "__new__" && (is_good(of->judgement.standing) || of->judgement.standing == Standing::own)) {
      return true;
    }
    const bool kept_method =
        name == "_unpickle" || (of_class && !name.starts_with("__")) ||
        (of != nullptr && of->module == "scipy.interpolate._interpolate" && name.starts_with("_call_")) ||
        (of != nullptr && items[0].kind() != Kind::global && !name.starts_with("__"));
    return of != nullptr && is_good(of->judgement.standing) &&
           (kind != Kind::call || of->judgement.standing == Standing::allowed) && is_identifier(name) &&
           (name[0] != '_' || kept_method) && !judge_is_dangerous(name);
  }
  /// Methods that picklers look up to call them.
  bool allowed_method(const Machine& machine, Value arguments) {
    const std::span<const Value> items = machine.items(arguments);
    if (items.size() != 2 || items[0].kind() != Kind::global) {
      return false;
    }
    const Use* of = used(machine, items[0]);
    const std::string name = machine.text(items[1]).value_or("");
    constexpr struct {
      std::string_view module, owner, method;
    } kMethods[] = {{"zoneinfo", "ZoneInfo", "_unpickle"}, {"datetime", "datetime", "fromisoformat"},
                    {"datetime", "datetime", "strptime"},  {"decimal", "Decimal", "from_float"},
                    {"builtins", "bytes", "fromhex"},      {"builtins", "float", "fromhex"},
                    {"builtins", "dict", "fromkeys"},      {"collections", "OrderedDict", "fromkeys"}};
    return of != nullptr && std::any_of(std::begin(kMethods), std::end(kMethods), [&](const auto& one) {
             return one.module == of->module && one.owner == of->attribute && one.method == name;
           });
  }
  static bool is_good(Standing standing) {
    return standing == Standing::allowed || standing == Standing::class_only || standing == Standing::named;
  }
  static bool judge_is_dangerous(std::string_view attribute) {
    constexpr std::string_view kActs[] = {"eval",   "exec",    "compile", "open",  "system", "popen", "run", "call",
                                          "import", "globals", "spawn",   "query", "pipe",   "apply", "func"};
    return std::find(std::begin(kActs), std::end(kActs), attribute) != std::end(kActs) ||
           judge_callable("x", attribute).standing == Standing::dangerous || attribute.starts_with("from_") ||
           attribute.starts_with("load") || attribute.starts_with("read") || attribute.starts_with("write") ||
           attribute.starts_with("to_") || attribute.starts_with("save") || attribute == "unlink" ||
           attribute == "rmdir" || attribute == "touch" || attribute == "chmod" || attribute == "rename" ||
           attribute == "replace" || attribute == "symlink_to" || attribute == "tofile" || attribute == "dump" ||
           attribute == "mkdir" || attribute == "glob" || attribute == "rglob" || attribute == "iterdir";
  }

  bool allowed_partial(const Machine& machine, Value arguments) {
    const std::span<const Value> items = machine.items(arguments);
    const Use* maker = items.empty() ? nullptr : used(machine, items[0]);
    const bool method = maker != nullptr && items[0].kind() == Kind::call &&
                        maker->judgement.check == ArgumentCheck::getattr &&
                        allowed_getattr(machine, machine.arguments(items[0]));
    return !items.empty() && (method || is_trusted(machine, items[0]));
  }

  /// Whether the arguments make a `checked` callable harmless; where they do not, says so.
  void check(const Machine& machine, Use& use, Value callee, Value arguments, Place place) {
    if (arguments.kind() != Kind::tuple) {  // no pickler writes that
      dangerous(machine, use, callee, arguments, {}, place);
      return;
    }
    const std::span<const Value> items = machine.items(arguments);
    const bool whole = arguments.kind() == Kind::tuple && machine.is_whole(arguments);
    switch (use.judgement.check) {
      case ArgumentCheck::getattr: {
        if (allowed_getattr(machine, arguments)) {
          return;
        }
        const std::string name = items.size() >= 2 ? machine.text(items[1]).value_or("") : "";
        const Use* of = items.empty() ? nullptr : used(machine, items[0]);
        // A class within a class, or a method, of the program's own.
        if (whole && items.size() == 2 && of != nullptr && items[0].kind() == Kind::global &&
            of->judgement.standing == Standing::own && is_identifier(name) && name[0] != '_' &&
            !judge_is_dangerous(name)) {
          return;
        }
        // A method or member of a class that is reported as unknown anyway.
        if (whole && items.size() == 2 && is_identifier(name) && name[0] != '_' && !judge_is_dangerous(name) &&
            of != nullptr && of->judgement.standing != Standing::dangerous &&
            of->judgement.standing != Standing::checked && items[0].kind() != Kind::call) {
          if (!use.reported) {
            use.reported = true;
            unknown_finding(use, place, call_text(machine, callee, arguments), "calls");
          }
          return;
        }
        break;
      }
      case ArgumentCheck::encode: {
        const std::string codec = items.size() >= 2 ? base::to_lower(machine.text(items[1]).value_or("")) : "";
        if (whole && items.size() <= 3 && !items.empty() && items[0].kind() == Kind::text &&
            (codec == "latin1" || codec == "latin-1" || codec == "utf-8" || codec == "utf8" || codec == "ascii" ||
             codec == "iso-8859-1" || codec == "raw_unicode_escape" || (items.size() == 1 && codec.empty()))) {
          return;
        }
        if (whole && !items.empty() && items[0].kind() == Kind::text) {
          if (!use.reported) {
            use.reported = true;
            unknown_finding(use, place, call_text(machine, callee, arguments), "calls");
          }
          return;
        }
        break;
      }
      case ArgumentCheck::reconstructor:
      case ArgumentCheck::new_object: {
        if (items.empty()) {
          break;
        }
        Use* of = used(machine, items[0]);
        if (items[0].kind() != Kind::global || of == nullptr) {
          break;
        }
        if (is_trusted(machine, items[0])) {
          ++of->uses;
          return;
        }
        ++of->uses;
        if (of->judgement.standing == Standing::dangerous || of->judgement.standing == Standing::checked) {
          dangerous(machine, *of, callee, arguments, {}, place);
        } else {
          unknown(machine, *of, items[0], arguments, false, place);
        }
        return;
      }
      case ArgumentCheck::partial: {
        if (allowed_partial(machine, arguments)) {
          return;
        }
        const Use* of = items.empty() ? nullptr : used(machine, items[0]);
        if (of != nullptr && items[0].kind() == Kind::global &&
            (of->judgement.standing == Standing::unknown || of->judgement.standing == Standing::own)) {
          return;  // reported on its own
        }
        break;
      }
      case ArgumentCheck::numeric_ufunc: {
        const std::string module = items.size() == 2 ? machine.text(items[0]).value_or("") : "";
        const std::string name = items.size() == 2 ? machine.text(items[1]).value_or("") : "";
        if (whole && is_identifier(name) && name[0] != '_' &&
            (module == "numpy" || module == "numpy.core.umath" || module == "numpy._core.umath" ||
             module == "numpy.core._multiarray_umath" || module == "numpy._core._multiarray_umath" ||
             module == "scipy.special._ufuncs")) {
          return;
        }
        break;
      }
      case ArgumentCheck::type_of:
        if (whole && items.size() == 1) {
          return;
        }
        break;
      case ArgumentCheck::nested_torch: {
        if (whole && items.size() == 1 && (items[0].kind() == Kind::bytes || items[0].kind() == Kind::call)) {
          if (items[0].kind() == Kind::bytes) {
            const base::Bytes inner = machine.raw(items[0]);
            add_nested(inner, place, true);
            return;
          }
          const Use* maker = used(machine, items[0]);
          const std::span<const Value> given = machine.items(machine.arguments(items[0]));
          if (maker != nullptr && maker->judgement.check == ArgumentCheck::encode && !given.empty() &&
              given[0].kind() == Kind::text) {
            const base::Bytes inner = machine.raw(given[0]);
            add_nested(inner, place, true);
            return;
          }
        }
        break;
      }
      case ArgumentCheck::inner_pickle: {
        // Bytes that a call makes are not known; others are what any constant is.
        const bool known =
            whole && std::any_of(items.begin(), items.end(), [](Value item) { return item.kind() == Kind::bytes; });
        const bool made = std::any_of(items.begin(), items.end(), [&](Value item) {
          const Use* maker = item.kind() == Kind::call ? used(machine, item) : nullptr;
          const bool trusted =
              maker != nullptr && maker->attribute != "bytes" &&
              (is_good(maker->judgement.standing) || maker->judgement.check == ArgumentCheck::inner_pickle);
          return item.kind() == Kind::call && !trusted;
        });
        if (known && !made) {
          return;
        }
        break;
      }
      case ArgumentCheck::typing_item: {
        const Use* of = items.empty() ? nullptr : used(machine, items[0]);
        if (whole && items.size() == 2 && items[0].kind() == Kind::global && of != nullptr &&
            of->judgement.standing == Standing::allowed &&
            (items[1].kind() != Kind::text || of->attribute == "Literal") &&
            (of->module == "typing" || of->module == "builtins" || of->module == "collections")) {
          return;
        }
        break;
      }
      case ArgumentCheck::array_state: {
        const Use* of = items.empty() ? nullptr : used(machine, items[0]);
        if (whole && items.size() >= 3 && items.size() <= 4 && items[0].kind() == Kind::global && of != nullptr &&
            of->judgement.standing == Standing::allowed && of->module.starts_with("numpy.") &&
            items[1].kind() == Kind::tuple) {
          return;
        }
        break;
      }
      case ArgumentCheck::allowed_function: {
        const bool good = whole && std::all_of(items.begin(), items.end(), [&](Value item) {
                            const Use* of = used(machine, item);
                            return item.kind() != Kind::global ||
                                   (of != nullptr && (of->judgement.standing == Standing::allowed ||
                                                      of->judgement.check == ArgumentCheck::allowed_function));
                          });
        // NumPy's generators are made of the name or the object of another; the others call what they are given.
        const bool generator = use.module == "numpy.random._pickle";
        if (good && !items.empty() &&
            (items[0].kind() == Kind::global ||
             (generator &&
              (items[0].kind() == Kind::text || items[0].kind() == Kind::object || items[0].kind() == Kind::call)))) {
          return;
        }
        // The type of a tensor's sub-class stands second; only the function is called.
        if (whole && items.size() >= 2 && use.attribute.starts_with("_rebuild_from_type") &&
            items[0].kind() == Kind::global) {
          const Use* of = used(machine, items[0]);
          if (of != nullptr && of->judgement.standing == Standing::allowed) {
            return;  // the type is judged by its own standing
          }
          if (of != nullptr &&
              (of->judgement.standing == Standing::unknown || of->judgement.standing == Standing::own)) {
            unknown_finding(*of, place, call_text(machine, callee, arguments), "calls");
            return;
          }
        }
        break;
      }
      case ArgumentCheck::iterator_of: {
        const auto given = [&](Value item) {
          const Kind kind = item.kind();
          const Use* of = used(machine, item);
          return (kind >= Kind::none && kind <= Kind::frozen_set) ||
                 ((kind == Kind::call || kind == Kind::object) && of != nullptr &&
                  (of->judgement.standing == Standing::allowed || of->judgement.check == ArgumentCheck::iterator_of));
        };
        const bool accumulates = use.attribute == "accumulate";
        if (whole && !items.empty() && items.size() <= (accumulates ? 2U : 1U) && given(items[0]) &&
            (items.size() == 1 || items[1].kind() == Kind::none)) {
          return;
        }
        break;
      }
      case ArgumentCheck::attribute_names:
        if (whole && !items.empty() && std::all_of(items.begin(), items.end(), [&](Value item) {
              const std::string name = machine.text(item).value_or("");
              return is_identifier(name) && name[0] != '_' && !judge_is_dangerous(name);
            })) {
          return;
        }
        break;
      case ArgumentCheck::union_type: {
        const Use* of = items.empty() ? nullptr : used(machine, items[0]);
        if (whole && items.size() == 2 && items[0].kind() == Kind::global && of != nullptr && of->attribute == "or_" &&
            (of->module == "operator" || of->module == "_operator") && items[1].kind() == Kind::tuple) {
          return;
        }
        break;
      }
      case ArgumentCheck::one_constant:
      case ArgumentCheck::no_text:
      case ArgumentCheck::logger:
        if (one_constant(machine, arguments) || machine.size(arguments) == 0) {
          return;
        }
        break;
      case ArgumentCheck::type_name: {
        const std::string name = items.size() == 1 ? machine.text(items[0]).value_or("") : "";
        if (whole && judge_callable("builtins", name).standing == Standing::allowed) {
          return;
        }
        break;
      }
      case ArgumentCheck::kept_only:
        break;
      case ArgumentCheck::none:
        return;
    }
    dangerous(machine, use, callee, arguments, {}, place);
  }

  void add_nested(base::Bytes content, Place place, bool loaded) {
    Nested nested{content, {}, place, loaded};
    if (content.data() < bytes_.data() || content.data() >= bytes_.data() + bytes_.size()) {
      if (content.size() > out_.unpack_budget()) {
        out_.not_covered(path_, "pickles in its constants beyond the limit of unpacked bytes");
        return;
      }
      out_.spend(content.size());
      nested.decoded = base::as_text(content);
    }
    nested_.push_back(std::move(nested));
  }

  void judge_nested(const Nested& nested) {
    if (depth_ + 1 > out_.limits().max_depth) {
      out_.not_covered(path_, "pickles within pickles beyond depth " + std::to_string(out_.limits().max_depth));
      return;
    }
    constexpr int kMaxEncodings = 4;
    base::Bytes content = nested.decoded.empty() ? nested.content : base::as_bytes(nested.decoded);
    std::string decoded;
    for (int i = 0; i < kMaxEncodings; ++i) {
      auto next = formats::pickle::decode_constant(
          content, static_cast<std::size_t>(std::min<std::uint64_t>(out_.unpack_budget(), kMaxEncoded)));
      if (!next) {
        break;
      }
      out_.spend(next->size());
      decoded = *std::move(next);
      content = base::as_bytes(decoded);
    }
    const std::string path = path_ + "!bytes@" + std::to_string(nested.place.offset);
    if (nested.loaded) {
      judge_content(content, path, Trust::content, depth_ + 1, out_);
      return;
    }
    const formats::pickle::Probe probe = formats::pickle::probe(content);
    // One that names nothing may hold one that does.
    if (probe.pickle && !probe.names_callable && !probe.certain) {
      return;
    }
    const std::size_t before = out_.count();
    // A few bytes of anything look like the header of a compressed stream: what it unpacks to counts.
    for (const formats::Identified& one : formats::identify(content, "")) {
      const auto codec = formats::compressed::codec(one.format);
      if (!codec) {
        continue;
      }
      const formats::compressed::Unpacked all = formats::compressed::unpack(*codec, content, out_.unpack_budget());
      out_.spend(all.data.size());
      if (all.problem && all.problem->code == base::Errc::too_large) {
        out_.not_covered(path, "a compressed constant that unpacks to more than the limit");
      }
      judge_content(base::as_bytes(all.data), path + "!" + std::string(one.format), Trust::content, depth_ + 1, out_);
      return;
    }
    judge_content(content, path, Trust::content, depth_ + 1, out_);
    if (probe.pickle && probe.names_callable && out_.count() > before) {
      report("pickle-nested", nested.place, "pickle of " + base::human_bytes(content.size()), "");
    }
  }

  base::Bytes bytes_;
  const std::string& path_;
  std::uint32_t depth_;
  Collector& out_;
  std::unordered_map<const Machine*, std::vector<Use*>> by_machine_;
  std::unordered_map<std::string, std::unique_ptr<Use>> uses_;
  std::vector<const Use*> order_;
  std::vector<Nested> nested_;
  std::unordered_set<std::uint64_t> partials_changed_;
  static constexpr std::uint32_t kMostStatesRead = 64;  // each is looked through for commands
  std::uint32_t states_read_ = 0;
};

bool is_blank(base::Bytes bytes) {
  return bytes.size() <= 4096 && std::all_of(bytes.begin(), bytes.end(), [](std::byte b) {
           return b == std::byte{0} || b == std::byte{'\n'} || b == std::byte{'\r'} || b == std::byte{' '} ||
                  b == std::byte{'\t'};
         });
}

}  // namespace

namespace {

/// Bytes that one of CPython's readers drops.
struct Cut {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // 0: none
};

/// Judges the pickles of `bytes` as a reader that drops none sees them; frames before `frames_from` were dealt with.
Cut judge_as_read(base::Bytes bytes, std::uint64_t frames_from, const std::string& path, PickleUse use,
                  std::uint32_t depth, Collector& out) {
  Cut cut;
  const auto note = [&](const Run& run) {
    if (run.crossed != 0) {
      out.add("pickle-malformed",
              {path, byte_place(run.crossed), run.crossed, 0, "argument across the end of a frame",
               "An argument goes on behind the end of its frame at byte " + std::to_string(run.crossed) +
                   ": loaders read different things, and no pickler writes that."});
    }
    if (cut.end == 0) {
      cut = {run.cut_begin, run.cut_end};
    }
  };
  formats::pickle::Limits limits;
  limits.max_opcodes = out.limits().max_opcodes;
  Judge judge(bytes, path, depth, out);
  const auto machine = std::make_unique<Machine>(bytes, limits);
  machine->ignore_frames_before(frames_from);
  std::uint64_t at = 0;
  std::uint64_t count = 0;
  std::uint64_t budget = formats::pickle::kHiddenBudget + bytes.size() / 2;
  std::uint32_t broken = 0;
  bool later_reads = false;
  std::vector<std::uint64_t> starts;
  std::vector<std::uint64_t> behind_frames;
  while (at < bytes.size() || count == 0) {
    if (count >= kMaxPickles) {
      out.not_covered(path, "more than 10,000 pickles one after the other");
      break;
    }
    const Run run = machine->run(at, false, judge);
    note(run);
    later_reads = later_reads || (count > 0 && run.memo_reads > 0);
    ++count;
    starts.push_back(at);
    std::uint64_t search = run.end;
    if (run.how == End::limit) {
      out.add("limit-reached", {path, byte_place(run.problem_offset), run.problem_offset, 0, run.problem, ""});
      out.not_covered(path, run.problem);
    } else if (run.how != End::stopped) {
      out.add(
          "pickle-malformed",
          {path, byte_place(run.problem_offset), run.problem_offset, 0, run.problem,
           "The pickle " + std::string(run.how == End::truncated ? "ends early" : "breaks its format") + " at byte " +
               std::to_string(run.problem_offset) + " (" + run.problem + "); " + base::counted(run.imports, "import") +
               " and " + base::counted(run.calls, "call") + " have run by then."});
      out.not_covered(path, "bytes after " + std::to_string(run.problem_offset) + ", where the pickle breaks off");
      search = std::max(run.begin + 1, std::min(run.end, run.problem_offset + 1));
    }
    if (run.how == End::stopped && run.end >= bytes.size()) {
      break;
    }
    // pickle.load() after pickle.load() reads whole frames: it goes on behind the frame, wherever STOP was.
    if (run.how == End::stopped && run.frame_end > run.end) {
      out.add("pickle-malformed",
              {path, byte_place(run.end), run.end, 0, "frame that goes on behind STOP",
               "The pickle stops at byte " + std::to_string(run.end) + ", within a frame that ends at byte " +
                   std::to_string(run.frame_end) + "; loaders differ in where they go on."});
      if (run.frame_end < bytes.size() && behind_frames.size() < kMaxPickles) {
        behind_frames.push_back(run.frame_end);
      }
    }
    const base::Bytes rest = bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(search, bytes.size())));
    if (run.how == End::stopped) {
      const formats::pickle::Probe next = formats::pickle::probe(rest);
      if (next.pickle && next.certain) {
        at = run.end;
        continue;
      }
    }
    const auto hidden = formats::pickle::find_hidden(bytes, search, budget);
    if (budget == 0) {
      out.not_covered(path, "the search for hidden pickles reached its limit");
    }
    if (hidden) {
      if (run.how == End::stopped) {
        out.add("pickle-hidden",
                {path, byte_place(*hidden), *hidden, 0, "pickle at byte " + std::to_string(*hidden),
                 "Behind byte " + std::to_string(search) +
                     ", where the usual loader stops, there is a further pickle that names functions."});
      }
      broken += run.how == End::stopped ? 0U : 1U;
      if (broken > kMaxBroken) {
        out.not_covered(path, "more than 64 broken pickles one after the other");
        break;
      }
      at = *hidden;
      continue;
    }
    const bool expected_rest = (use == PickleUse::torch_legacy && count >= 5) || use == PickleUse::second;
    if (run.how == End::stopped && !expected_rest && !is_blank(rest)) {
      out.add("pickle-trailing-data",
              {path, byte_place(run.end), run.end, 0, base::human_bytes(rest.size()) + " after the pickle's end", ""});
    }
    break;
  }
  std::uint64_t reads_behind_frames = 0;
  while (!behind_frames.empty()) {
    const std::uint64_t from = behind_frames.back();
    behind_frames.pop_back();
    if (std::find(starts.begin(), starts.end(), from) != starts.end()) {
      continue;
    }
    if (++reads_behind_frames > kMaxBroken) {
      out.not_covered(path, "more than 64 pickles behind frames that are too long");
      break;
    }
    const Run run = machine->run(from, false, judge);
    note(run);
    starts.push_back(from);
    if (run.how == End::stopped && std::max(run.end, run.frame_end) < bytes.size()) {
      behind_frames.push_back(std::max(run.end, run.frame_end));
    } else if (run.how != End::stopped) {
      out.not_covered(path, "bytes after " + std::to_string(run.problem_offset) + ", where the pickle breaks off");
    }
  }
  // One Unpickler used for all of them keeps its memo: what a later pickle reads may then be something else.
  if (later_reads) {
    const auto keeping = std::make_unique<Machine>(bytes, limits);
    keeping->ignore_frames_before(frames_from);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      note(keeping->run(starts[i], i > 0, judge));
    }
  }
  judge.finish();
  return cut;
}

}  // namespace

void judge_pickle(base::Bytes bytes, const std::string& path, PickleUse use, std::uint32_t depth, Collector& out) {
  constexpr std::uint32_t kMaxCuts = 16;
  Cut cut = judge_as_read(bytes, 0, path, use, depth, out);
  std::string dropped;
  for (std::uint32_t cuts = 0; cut.end != 0; ++cuts) {
    if (cuts == 0) {
      if (bytes.size() > out.unpack_budget()) {
        out.not_covered(path, "what a reader of files sees that drops bytes at the end of a frame");
        return;
      }
      out.spend(bytes.size());
      dropped = base::as_text(bytes);
    } else if (cuts == kMaxCuts) {
      out.not_covered(path, "more than 16 arguments across the ends of frames");
      return;
    }
    dropped.erase(static_cast<std::size_t>(cut.begin), static_cast<std::size_t>(cut.end - cut.begin));
    cut = judge_as_read(base::as_bytes(dropped), cut.begin, path, use, depth, out);
  }
}

namespace {

bool judge_pickle_file(const Content& content, Collector& out) {
  // A few bytes of anything run as opcodes. What is no certain pickle counts when it names something to call, when it
  // runs to its very end, or when the file says that it is one.
  // 'P' is the opcode of a persistent id: without a loader that knows some, the first opcode of an archive fails.
  if (content.format == "pickle" && !content.is_likeliest() && base::as_text(content.bytes).starts_with("PK\x03\x04")) {
    return false;
  }
  const formats::pickle::Probe probe =
      content.certain ? formats::pickle::Probe{} : formats::pickle::probe(content.bytes);
  const bool whole = probe.stopped && probe.length == content.bytes.size() && content.is_likeliest();
  const bool names = probe.names_callable && !probe.by_extension;  // any byte of three is an extension code
  if (!content.certain && !names && !whole && !names_a_pickle(content.path)) {
    return false;
  }
  out.format(content.format);
  const PickleUse use = content.format == "torch-legacy" ? PickleUse::torch_legacy
                        : content.is_likeliest()         ? PickleUse::stream
                                                         : PickleUse::second;
  judge_pickle(content.bytes, content.path, use, content.depth, out);
  return true;
}

}  // namespace

std::span<const Reading> pickle_readings() {
  static constexpr Reading kReadings[] = {
      {"pickle", Need::believed, judge_pickle_file},
      {"torch-legacy", Need::believed, judge_pickle_file},
      {"joblib", Need::believed, judge_pickle_file},
  };
  return kReadings;
}

}  // namespace scan
