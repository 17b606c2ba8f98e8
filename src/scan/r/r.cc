#include "scan/r/r.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "formats/rds/rds.h"
#include "scan/code_words.h"

namespace scan {
namespace {

namespace rds = formats::rds;
using evidence::Severity;
using rds::Index;
using rds::Node;

/// Run commands, load native code or fetch: no model's function needs them.
constexpr std::string_view kCommands[] = {"system",
                                          "system2",
                                          "shell",
                                          "shell.exec",
                                          "pipe",
                                          "socketConnection",
                                          "socketAccept",
                                          "serverSocket",
                                          "make.socket",
                                          "download.file",
                                          "download.packages",
                                          "install.packages",
                                          "install_github",
                                          "install_url",
                                          "dyn.load",
                                          "sourceCpp",
                                          "cppFunction",
                                          "evalCpp",
                                          "py_run_string",
                                          "py_run_file",
                                          "py_eval",
                                          "source_python",
                                          "exec_wait",
                                          "exec_internal",
                                          "exec_background",
                                          "run_command",
                                          "source_url",
                                          "source_gist",
                                          "curl_download",
                                          "curl_fetch_memory",
                                          "mcfork",
                                          ".Internal.system",
                                          "Sys.setFileTime",
                                          "r_bg",
                                          "JavaScript",
                                          ".jcall",
                                          ".jnew"};
/// Have effects beyond the object. In formulas and calls that are kept as data, and in promises, nothing asks for them.
constexpr std::string_view kEffects[] = {
    "source",          "sys.source",  "unlink",           "file.remove",       "reg.finalizer",
    "library.dynam",   "unserialize", "attachNamespace",  "assignInNamespace", "unlockBinding",
    "addTaskCallback", "setHook",     "makeActiveBinding"};
/// Run what they read, which nothing in a model needs from the network.
constexpr std::string_view kRunsText[] = {"source",      "sys.source",    "load",          "readRDS",
                                          "unserialize", "parse",         "eval",          "evalq",
                                          "attach",      "library.dynam", "loadNamespace", "devtools::source_url"};
/// Files that have no place in a model's code.
constexpr std::string_view kForeignFiles[] = {".Rprofile",       ".bashrc",         ".profile",    ".ssh/",
                                              "authorized_keys", "crontab",         "/etc/passwd", "/etc/shadow",
                                              "/dev/tcp/",       "169.254.169.254", "/bin/sh",     "/bin/bash"};
/// Take a function by name or as a value.
constexpr std::string_view kTakeFunctions[] = {"do.call",
                                               "match.fun",
                                               "get",
                                               "get0",
                                               "mget",
                                               "getFromNamespace",
                                               "getExportedValue",
                                               "getAnywhere",
                                               "sapply",
                                               "lapply",
                                               "vapply",
                                               "Map",
                                               "mapply",
                                               "Reduce",
                                               "Filter",
                                               "Vectorize",
                                               "tapply",
                                               "apply",
                                               "outer",
                                               "rapply",
                                               "as.name",
                                               "as.symbol",
                                               "call",
                                               "Recall",
                                               "purrr::map",
                                               "eval",
                                               "evalq",
                                               "body<-",
                                               "as.call",
                                               "mclapply",
                                               "parLapply",
                                               "Position",
                                               "Find",
                                               "by",
                                               "aggregate",
                                               "ave",
                                               "exists"};
constexpr std::string_view kHideText[] = {
    "rawToChar",     "intToUtf8", "chartr",      "base64decode", "base64_dec", "base64_decode", "strtoi",
    "readLines",     "url",       "utf8ToInt",   "rev",          "as.raw",     "hex2raw",       "gsub",
    "memDecompress", "readRDS",   "unserialize", "paste0",       "strsplit",   "bitwXor",       "xor"};
/// Called by R itself, or by nearly every program.
constexpr std::string_view kStartUp[] = {".First",  ".Last",     ".First.sys", ".Last.sys",
                                         ".onLoad", ".onAttach", ".onUnload",  ".Rprofile"};
constexpr std::string_view kMasked[] = {"(",        "{",
                                        "[",        "[[",
                                        "$",        "<-",
                                        "=",        "if",
                                        "for",      "while",
                                        "function", "+",
                                        "-",        "*",
                                        "/",        "^",
                                        "==",       "&",
                                        "|",        "!",
                                        ":",        "c",
                                        "list",     "print",
                                        "cat",      "paste",
                                        "library",  "require",
                                        "q",        "quit",
                                        "return",   "invisible",
                                        "load",     "readRDS",
                                        "source",   "length",
                                        "names",    "attr",
                                        "class",    "is.null",
                                        "identity", "[<-",
                                        "[[<-",     "$<-",
                                        "predict",  "loadNamespace",
                                        "eval",     "get",
                                        "stop",     "message"};

bool is_any(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

enum class Place : std::uint8_t {
  data,       // the object's own structure
  workspace,  // a value of a named object of save()
  frame,      // bindings of an environment, where promises may wait
  language,   // calls and formulas kept as data
  function,   // bodies of functions
  promise,    // what runs as soon as it is touched
};

class Judge {
 public:
  Judge(const rds::Object& object, const Content& content, Collector& out)
      : object_(object), content_(content), out_(out), seen_(object.nodes.size(), 0) {}

  void judge() {
    if (object_.workspace) {
      judge_workspace();
    } else {
      push(object_.root, Place::data);
    }
    while (!open_.empty()) {
      const auto [index, place] = open_.back();
      open_.pop_back();
      visit(index, place);
    }
  }

 private:
  [[nodiscard]] const Node& node(Index index) const { return object_.nodes[index]; }

  void push(Index index, Place place) {
    if (index == 0 || index >= seen_.size()) {
      return;
    }
    const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(place));
    if ((seen_[index] & bit) == 0) {
      seen_[index] |= bit;
      open_.emplace_back(index, place);
    }
  }
  void push_children(const Node& one, Place place) {
    for (std::uint32_t i = 0; i < one.children; ++i) {
      push(object_.children[one.first_child + i], place);
    }
  }

  void add(std::string_view rule, const Node& at, std::string subject, std::string message) {
    out_.add(rule, {content_.path, byte_place(at.offset), at.offset, 0, std::move(subject), std::move(message)});
  }
  void add(std::string_view rule, Severity severity, const Node& at, std::string subject, std::string message) {
    out_.add(rule, severity,
             {content_.path, byte_place(at.offset), at.offset, 0, std::move(subject), std::move(message)});
  }

  /// The name of a symbol or the only string of a vector.
  [[nodiscard]] std::string_view name_of(Index index) const {
    const Node& one = node(index);
    if (one.type == rds::kSymbol) {
      return node(one.head).text;
    }
    if (one.type == rds::kString && one.length == 1 && one.children == 1) {
      return node(object_.children[one.first_child]).text;
    }
    if (one.type == rds::kSpecial || one.type == rds::kBuiltin) {
      return one.text;
    }
    return {};
  }
  /// What a call calls, without its package; empty where that is computed.
  [[nodiscard]] std::string_view function_of(const Node& call) const {
    const Node& head = node(call.head);
    if (head.type == rds::kLanguage) {
      const std::string_view operation = name_of(head.head);
      if (operation == "::" || operation == ":::" || operation == "$" || operation == "@") {
        return name_of(node(node(head.tail).tail).head);
      }
      return {};
    }
    return name_of(call.head);
  }

  /// The call as R would print it, cut short.
  [[nodiscard]] std::string written(Index index, int depth = 0) const {
    const Node& one = node(index);
    switch (one.type) {
      case rds::kNil:
        return "NULL";
      case rds::kSymbol:
        return std::string(name_of(index));
      case rds::kString:
        return one.children == 0 ? "character()"
                                 : "\"" + base::abbreviate(node(object_.children[one.first_child]).text, 100) + "\"" +
                                       (one.length > 1 ? " …" : "");
      case rds::kLanguage: {
        if (depth > 5) {
          return "…";
        }
        std::string out = written(one.head, depth + 1) + "(";
        int count = 0;
        for (Index cell = one.tail; cell != 0 && count < 6; cell = node(cell).tail, ++count) {
          const std::string_view tag = name_of(node(cell).tag);
          out += (count == 0 ? "" : ", ") + std::string(tag) + (tag.empty() ? "" : " = ") +
                 written(node(cell).head, depth + 1);
          if (out.size() > 300) {
            break;
          }
        }
        return out + ")";
      }
      case rds::kClosure:
        return "function";
      case rds::kBytecode:
        return "byte code";
      default:
        return "…";
    }
  }

  void judge_workspace() {
    for (Index cell = object_.root; cell != 0 && node(cell).type == rds::kPairList;) {
      const Node& one = node(cell);
      const std::string_view name = name_of(one.tag);
      const Node& value = node(one.head);
      const bool function = value.type == rds::kClosure || value.type == rds::kPromise || value.type == rds::kBuiltin ||
                            value.type == rds::kSpecial || one.active;
      if (function && is_any(name, kStartUp)) {
        add("r-start-up", one, std::string(name), "The workspace defines " + std::string(name) + ", which R calls.");
      } else if (function && is_any(name, kMasked)) {
        add("r-start-up", Severity::medium, one, std::string(name),
            "The workspace replaces the function '" + std::string(name) + "'.");
      }
      push(one.head, Place::workspace);
      push(one.attribute, Place::data);
      if ((seen_[cell] & 0x80) != 0) {
        break;
      }
      seen_[cell] |= 0x80;
      cell = one.tail;
    }
  }

  void visit(Index index, Place place) {
    const Node& one = node(index);
    const bool code = place == Place::language || place == Place::function || place == Place::promise;
    switch (one.type) {
      case rds::kPromise:
        visit_promise(one, place);
        return;
      case rds::kClosure:
        push(one.attribute, Place::data);
        push(one.tag, Place::data);
        push(one.head, Place::function);
        push(one.tail, Place::function);
        return;
      case rds::kLanguage:
        visit_call(index, code ? place : Place::language);
        return;
      case rds::kBytecode:
        visit_bytecode(one, place == Place::promise ? place : Place::function);
        return;
      case rds::kEnvironment:
        push(one.attribute, Place::data);
        push(one.tag, Place::data);
        push(one.head, Place::frame);
        push(one.tail, Place::frame);
        return;
      case rds::kDots:
      case rds::kPairList:
        push(one.attribute, Place::data);
        push(one.head, place);
        push(one.tail, place);
        return;
      case rds::kList:
      case rds::kExpression:
        push(one.attribute, Place::data);
        push_children(one, one.type == rds::kExpression && !code ? Place::language
                           : place == Place::workspace           ? Place::data
                                                                 : place);
        return;
      case rds::kAltrep:
        visit_altrep(one);
        return;
      case rds::kString:
        if (code) {
          judge_strings(one);
        }
        push(one.attribute, Place::data);
        return;
      case rds::kNamespace:
      case rds::kPackage:
        visit_package(one);
        return;
      case rds::kPersistent:
        add("r-package", one, one.children == 0 ? "" : node(object_.children[one.first_child]).text,
            "The object refers to something outside that a program must supply.");
        return;
      case rds::kExternalPointer:
        push(one.head, Place::data);
        push(one.tag, Place::data);
        push(one.attribute, Place::data);
        return;
      default:
        push(one.attribute, Place::data);
        return;
    }
  }

  void visit_promise(const Node& one, Place place) {
    push(one.tag, Place::data);
    const bool waiting = node(one.head).type == rds::kUnbound;
    const Node& expression = node(one.tail);
    const bool runs = expression.type == rds::kLanguage || expression.type == rds::kBytecode ||
                      expression.type == rds::kSymbol || expression.type == rds::kPromise ||
                      expression.type == rds::kExpression;
    if (waiting && runs && place != Place::frame) {
      add("r-promise", one, written(one.tail), "Reading the object runs " + written(one.tail) + ".");
    }
    if (!waiting) {
      push(one.head, Place::data);
    }
    push(one.tail, waiting ? Place::promise : Place::function);
  }

  void visit_call(Index index, Place place) {
    const Node& call = node(index);
    const std::string_view function = function_of(call);
    judge_call(index, call, function, place);
    // The function may be a call or a function itself; of "::" only the names matter, which have been looked at.
    push(call.head, place);
    push(call.attribute, Place::data);
    push(call.tail, place);
  }

  void judge_call(Index index, const Node& call, std::string_view function, Place place) {
    if (is_any(function, kCommands)) {
      add("r-dangerous-call", place == Place::promise ? Severity::critical : Severity::high, call, written(index),
          "The object holds the call " + written(index) + ".");
      return;
    }
    if ((place == Place::language || place == Place::promise) && is_any(function, kEffects)) {
      add("r-dangerous-call", call, written(index), "The object holds the call " + written(index) + ".");
      return;
    }
    if (is_any(function, kRunsText) && names_address(call.tail)) {
      add("r-dangerous-call", call, written(index), "The object holds the call " + written(index) + ".");
      return;
    }
    if (function == ".Internal" || is_any(function, kTakeFunctions)) {
      for (Index cell = call.tail; cell != 0; cell = node(cell).tail) {
        const std::string_view name = name_of(node(cell).head);
        if (is_any(name, kCommands)) {
          add("r-dangerous-call", call, written(index), "The object holds the call " + written(index) + ".");
          return;
        }
        if (node(cell).type != rds::kPairList && node(cell).type != rds::kDots && node(cell).type != rds::kLanguage) {
          break;
        }
        if (++walked_ > 50'000'000) {
          break;
        }
      }
    }
    if (function == "eval" || function == "evalq" || function == "str2lang" || function == "str2expression" ||
        function == "parse" || function == "do.call" || function == "get" || function == "match.fun" ||
        function.empty()) {
      judge_computed(index, call, function, place);
    }
  }

  /// Whether some text below names an address.
  [[nodiscard]] bool names_address(Index first) const {
    std::vector<Index> open{first};
    for (int budget = 500; !open.empty() && budget > 0; --budget) {
      const Node& one = node(open.back());
      open.pop_back();
      for (std::uint32_t i = 0; one.type == rds::kString && i < one.children; ++i) {
        if (node(object_.children[one.first_child + i]).text.find("://") != std::string::npos) {
          return true;
        }
      }
      if (one.type == rds::kLanguage || one.type == rds::kPairList) {
        open.insert(open.end(), {one.head, one.tail});
      }
    }
    return false;
  }

  /// Text that becomes code: dangerous where the text says so, computed where it is made by decoding.
  void judge_computed(Index index, const Node& call, std::string_view function, Place place) {
    std::vector<Index> open;
    if (function.empty()) {
      open.push_back(call.head);
    } else {
      open.push_back(call.tail);
    }
    bool parses = function == "parse" || function.starts_with("str2");
    bool hides = false;
    int budget = 2000;
    while (!open.empty() && budget-- > 0) {
      const Node& one = node(open.back());
      const Index here = open.back();
      open.pop_back();
      if (one.type == rds::kString) {
        for (std::uint32_t i = 0; i < one.children; ++i) {
          const std::string_view text = node(object_.children[one.first_child + i]).text;
          if ((parses || function == "eval") && !code_in(text).empty()) {
            add("r-dangerous-call", call, written(index), "The object holds the call " + written(index) + ".");
            return;
          }
        }
      }
      if (one.type == rds::kLanguage) {
        const std::string_view name = function_of(one);
        parses = parses || name == "parse" || name.starts_with("str2");
        hides = hides || is_any(name, kHideText);
      }
      if (one.type == rds::kLanguage || one.type == rds::kPairList) {
        for (const Index next : {one.head, one.tail}) {
          if (next != 0 && next != here) {
            open.push_back(next);
          }
        }
      }
    }
    const bool by_name = function == "do.call" || function == "get" || function == "match.fun" || function.empty();
    // "paste0" and "gsub" make column names in ordinary functions; in what is kept as data there is no such need.
    if ((parses && (hides || place == Place::language)) || (by_name && hides && place != Place::function)) {
      add("r-computed-code", place == Place::promise ? Severity::high : Severity::medium, call, written(index),
          "The object evaluates computed text: " + written(index) + ".");
    }
  }

  void judge_strings(const Node& one) {
    for (std::uint32_t i = 0; i < one.children; ++i) {
      const std::string& text = node(object_.children[one.first_child + i]).text;
      for (const std::string_view file : kForeignFiles) {
        if (text.find(file) != std::string::npos) {
          add("r-dangerous-call", one, text, "Code in the object names '" + std::string(file) + "'.");
          return;
        }
      }
    }
  }

  void visit_bytecode(const Node& one, Place place) {
    push(one.attribute, Place::data);
    push(one.head, Place::data);
    for (std::uint32_t i = 0; i < one.children; ++i) {
      const Index constant = object_.children[one.first_child + i];
      const Node& value = node(constant);
      if (value.type == rds::kSymbol && is_any(name_of(constant), kCommands)) {
        add("r-dangerous-call", one, std::string(name_of(constant)),
            "Byte code in the object uses the function '" + std::string(name_of(constant)) + "'.");
      }
      const bool runs = value.type == rds::kLanguage || value.type == rds::kBytecode || value.type == rds::kString;
      push(constant, runs ? place : Place::data);
    }
  }

  void visit_altrep(const Node& one) {
    const Node& info = node(one.head);
    const std::string_view name = name_of(info.head);
    if (name.find("mmap") != std::string_view::npos) {
      add("r-file-mapping", one, std::string(name), "");
    }
    push(node(one.tail).type == rds::kPromise ? 0 : one.tail, Place::data);
    if (node(one.tail).type == rds::kPromise) {
      visit_promise(node(one.tail), Place::data);
    }
    push(one.attribute, Place::data);
  }

  void visit_package(const Node& one) {
    if (one.children == 0) {
      return;
    }
    const std::string_view name = node(object_.children[one.first_child]).text;
    std::string_view plain = name;
    if (plain.starts_with("package:")) {
      plain.remove_prefix(8);
    }
    const bool valid =
        !plain.empty() && std::all_of(plain.begin(), plain.end(), [](char c) { return is_word(c) || c == '.'; });
    if (one.type == rds::kNamespace && !valid) {
      add("r-package", one, std::string(name), "The object loads the package '" + std::string(name) + "'.");
    }
  }

  const rds::Object& object_;
  const Content& content_;
  Collector& out_;
  std::vector<std::uint8_t> seen_;
  std::vector<std::pair<Index, Place>> open_;
  std::uint64_t walked_ = 0;
};

bool judge_rds(const Content& content, Collector& out) {
  out.format(content.format);
  rds::Object partial;
  auto object = rds::parse(content.bytes, {}, &partial);
  if (!object) {
    if (object.error().code == base::Errc::too_large) {
      out.add("limit-reached",
              {content.path, byte_place(object.error().offset), object.error().offset, 0, object.error().message, ""});
      out.not_covered(content.path, object.error().message);
    } else {
      out.unreadable("r-defect", object.error(), content.path);
    }
    if (partial.nodes.size() > 1) {
      Judge(partial, content, out).judge();
    }
    return true;
  }
  Judge(*object, content, out).judge();
  if (object->length < content.bytes.size()) {
    const base::Bytes rest = content.bytes.subspan(static_cast<std::size_t>(object->length));
    if (std::any_of(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{0}; })) {
      out.add("r-defect", {content.path, byte_place(object->length), object->length, 0,
                           base::human_bytes(rest.size()) + " after the object", "Bytes follow the object."});
      (void)judge_content(rest, content.path + "!after", Trust::content, content.depth + 1, out);
    }
  }
  return true;
}

}  // namespace

std::span<const Reading> r_readings() {
  static constexpr Reading kReadings[] = {{"rds", Need::any, judge_rds}};
  return kReadings;
}

}  // namespace scan
