#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "scan/keras/keras.h"
#include "scan/keras/keras_names.h"
#include "scan/pickle/callables.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

constexpr std::size_t kShortestCode = 24;  ///< Base64 of the smallest code objects and pickles.

/// The name without the package it was registered under: "Package>Class".
std::string_view plain_name(std::string_view name) {
  const std::size_t at = name.rfind('>');
  return at == std::string_view::npos ? name : name.substr(at + 1);
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether text is a place outside of the model: an absolute path, one that leads upwards, or an address.
bool is_outside_place(std::string_view text) {
  const bool drive = text.size() > 2 && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
  return text.starts_with('/') || text.starts_with('~') || text.starts_with("\\\\") || text.starts_with("..") ||
         drive || text.find("/../") != std::string_view::npos || text.find("://") != std::string_view::npos;
}

/// Text in base64, with or without line breaks and padding; nothing where it is anything else.
std::optional<std::string> decoded(std::string_view text) {
  if (text.size() < kShortestCode) {
    return std::nullopt;
  }
  std::string clean;
  clean.reserve(text.size());
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ') {
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                        c == '/' || c == '-' || c == '_' || c == '=';
    if (!letter) {
      return std::nullopt;
    }
    clean += c == '-' ? '+' : (c == '_' ? '/' : c);
  }
  while (clean.ends_with('=')) {
    clean.pop_back();
  }
  if (clean.size() % 4 == 1) {
    clean.pop_back();
  }
  clean.append((4 - clean.size() % 4) % 4, '=');
  auto bytes = base::from_base64(clean);
  return bytes ? std::optional<std::string>(std::move(*bytes)) : std::nullopt;
}

/// Whether bytes begin like a code object of Python's marshal, of any version: the type, then small counts.
bool is_code_object(std::string_view bytes) {
  if (bytes.size() < 24) {
    return false;
  }
  const auto type = static_cast<unsigned char>(bytes[0]);
  const auto count = [&](std::size_t at) {
    return static_cast<unsigned char>(bytes[at + 1]) == 0 && static_cast<unsigned char>(bytes[at + 2]) == 0 &&
           static_cast<unsigned char>(bytes[at + 3]) == 0;
  };
  return (type == 0xE3 || type == 0x63) && count(1) && count(5);
}

/// Names in bytecode that a layer's arithmetic has no use for.
std::string suspicious_names(std::string_view code) {
  constexpr std::string_view kNames[] = {"system",
                                         "popen",
                                         "subprocess",
                                         "Popen",
                                         "check_output",
                                         "__import__",
                                         "importlib",
                                         "import_module",
                                         "exec",
                                         "eval",
                                         "compile",
                                         "builtins",
                                         "__builtins__",
                                         "socket",
                                         "urllib",
                                         "urlopen",
                                         "requests",
                                         "shutil",
                                         "rmtree",
                                         "ctypes",
                                         "pty",
                                         "spawn",
                                         "base64",
                                         "b64decode",
                                         "marshal",
                                         "pickle",
                                         "getattr",
                                         "__globals__",
                                         "__subclasses__",
                                         "environ",
                                         "webbrowser",
                                         "codecs",
                                         "pathlib",
                                         "write_text",
                                         "write_bytes",
                                         "open",
                                         "posix",
                                         "nt",
                                         "os",
                                         "execv",
                                         "execve",
                                         "fork",
                                         "putenv",
                                         "unlink",
                                         "remove",
                                         "http",
                                         "ftplib",
                                         "smtplib",
                                         "paramiko",
                                         "runpy",
                                         "runcode",
                                         "FunctionType",
                                         "CodeType",
                                         "loads",
                                         "gfile",
                                         "read_file",
                                         "write_file",
                                         "py_function",
                                         "numpy_function",
                                         "get_file",
                                         "load_model"};
  std::string out;
  // Some keep the source itself.
  const bool source = std::all_of(code.begin(), code.end(), [](char c) { return c == '\n' || c == '\t' || c >= ' '; });
  for (const std::string_view name : kNames) {
    if (source && has_word(code, name)) {
      out += (out.empty() ? "" : ", ") + std::string(name);
      continue;
    }
    for (std::size_t at = code.find(name); at != std::string_view::npos; at = code.find(name, at + 1)) {
      // Marshal writes the length before a name: one byte, or four.
      const bool counted = at > 0 && static_cast<unsigned char>(code[at - 1]) == name.size();
      const bool counted_wide = at > 3 && code[at - 1] == 0 && static_cast<unsigned char>(code[at - 4]) == name.size();
      if (counted || counted_wide) {
        out += (out.empty() ? "" : ", ") + std::string(name);
        break;
      }
    }
  }
  return out;
}

class ConfigJudge {
 public:
  ConfigJudge(const std::string& path, Collector& out) : path_(path), out_(out) {}

  void judge(const Value& root) {
    std::vector<Item> open{{&root, "", "", false}};
    while (!open.empty()) {
      const Item item = open.back();
      open.pop_back();
      const Value& value = *item.value;
      if (value.is_map()) {
        std::string_view owner = item.owner;
        bool words = item.words;
        if (item.key == "weight_map") {
          judge_weight_map(value);
        }
        if (value["class_name"].is_string()) {
          judge_object(value, item.key);
          owner = plain_name(value["class_name"].as_text());
        }
        for (const auto& [key, member] : value.as_map()) {
          // Lists of words are not code, however they read.
          const bool list_of_words =
              (is_one_of(key, {"vocabulary", "vocab", "input_vocabulary"}) && member.is_list()) ||
              is_one_of(key, {"word_counts", "word_docs", "index_docs", "index_word", "word_index"});
          open.push_back({&member, key, owner, words || list_of_words});
        }
      } else if (value.is_list()) {
        for (const Value& element : value.as_list()) {
          open.push_back({&element, item.key, item.owner, item.words});
        }
      } else if (value.is_string() && !item.words) {
        judge_text(value, item.key, item.owner);
      }
    }
  }

 private:
  struct Item {
    const Value* value;
    std::string_view key;
    std::string_view owner;  ///< Class of the object around it.
    bool words;
  };

  Sighting at(const Value& value, std::string subject, std::string message = {}) {
    return {path_, "line " + std::to_string(value.line()), 0, value.line(), std::move(subject), std::move(message)};
  }

  void judge_object(const Value& object, std::string_view key) {
    const std::string_view name = object["class_name"].as_text();
    const std::string_view module = object["module"].as_text();
    const Value& config = object["config"];
    if (name == "__lambda__") {
      judge_code(config.is_map() ? (config.find("value") != nullptr ? config["value"] : config["code"]) : config,
                 object);
      return;
    }
    if (is_one_of(name, {"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__",
                         "__tuple__"})) {
      return;
    }
    if (name == "__typespec__") {
      report(judge_keras_class(module, object["spec_name"].as_text()), object, module, object["spec_name"].as_text(),
             "type specification");
      return;
    }
    if (name == "function") {
      // Which of the two names counts depends on the version.
      judge_function(object, module, config.as_text());
      const std::string_view registered = object["registered_name"].as_text();
      if (registered != "function" && registered != config.as_text()) {
        judge_function(object, module, registered);
      }
      return;
    }
    const std::string_view plain = plain_name(name);
    report(judge_keras_class(module, name), object, module, name, "class");
    // The name as written may lead on: "os.system" without a module.
    if (module.empty() && plain.find('.') != std::string_view::npos) {
      const std::size_t dot = plain.rfind('.');
      if (judge_callable(plain.substr(0, dot), plain.substr(dot + 1)).standing == Standing::dangerous) {
        report(KerasStanding::dangerous, object, plain.substr(0, dot), plain.substr(dot + 1), "class");
      }
    }
    judge_layer(object, plain, config);
    if (is_one_of(key, {"activation", "recurrent_activation"}) && !module.empty() &&
        is_one_of(plain, {"Model", "Sequential", "Functional"})) {
      out_.add("keras-gadget", Severity::medium, at(object, std::string(name) + " as " + std::string(key)));
    }
  }

  /// The files of weights in several parts; each lies beside the list.
  void judge_weight_map(const Value& map) {
    for (const auto& [name, file] : map.as_map()) {
      const auto& list = file.as_list();
      const std::string_view first = list.empty() ? file.as_text() : list.front().as_text();
      if (is_outside_place(first)) {
        out_.add("keras-outside-file", at(file, name + " in " + std::string(first)));
      }
    }
  }

  void judge_layer(const Value& object, std::string_view plain, const Value& config) {
    if (plain == "Lambda") {
      judge_lambda(object, config);
    } else if (is_one_of(plain, {"TFOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty"})) {
      const std::string_view function = config["function"].as_text();
      if (judge_tensorflow_function(function) == KerasStanding::dangerous) {
        out_.add("keras-gadget", at(object, "TFOpLambda " + std::string(function)));
      }
    } else if (is_one_of(plain, {"TensorFlowOpLayer", "TFSMLayer"})) {
      judge_graph_layer(object, plain, config);
    } else if (plain == "TorchModuleWrapper") {
      out_.add("keras-embedded-code",
               at(object, "TorchModuleWrapper",
                  "The layer holds a pickled PyTorch module, which loading unpickles (CVE-2025-49655)."));
      const Value& inner = config["module"];
      const std::string_view text = inner.is_map() ? inner["config"]["value"].as_text() : inner.as_text();
      if (const auto bytes = decoded(text)) {
        (void)judge_content(base::as_bytes(*bytes), path_ + "!module", Trust::name, 1, out_);
      }
    } else if (plain == "KerasLayer" && !config["handle"].as_text().empty()) {
      const std::string_view handle = config["handle"].as_text();
      const bool hub = handle.starts_with("https://tfhub.dev/") || handle.starts_with("https://www.kaggle.com/models/");
      out_.add("keras-outside-file", hub ? Severity::low : Severity::medium,
               at(object, "handle " + std::string(handle),
                  "A layer is loaded from another place: " + std::string(handle) + "."));
    } else if (is_one_of(plain, {"StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup", "Hashing"})) {
      for (const std::string_view key : {"vocabulary", "idf_weights", "vocabulary_file"}) {
        const std::string_view file = config[key].as_text();
        if (!file.empty()) {
          out_.add("keras-outside-file", is_outside_place(file) ? Severity::high : Severity::medium,
                   at(object, std::string(plain) + " " + std::string(key) + " " + std::string(file),
                      "Loading reads a file that the configuration names, or fetches it (CVE-2025-12058): " +
                          std::string(file) + "."));
        }
      }
    }
  }

  void judge_graph_layer(const Value& object, std::string_view plain, const Value& config) {
    if (plain == "TFSMLayer") {
      const std::string_view file = config["filepath"].as_text();
      out_.add("keras-outside-file", Severity::high,
               at(object, "TFSMLayer " + std::string(file),
                  "The layer loads a TensorFlow program from another place: " + std::string(file) + "."));
      return;
    }
    const Value& node = config["node_def"];
    const std::string text = node.is_string() ? std::string(node.as_text()) : base::to_json(node);
    std::string op(node.is_map() ? node["op"].as_text() : std::string_view());
    if (op.empty()) {
      for (const std::string_view name : {"ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "MatchingFiles"}) {
        op = text.find(name) != std::string::npos ? std::string(name) : op;
      }
    }
    if (judge_tensorflow_function(op) == KerasStanding::dangerous) {
      out_.add("keras-gadget", at(object, "TensorFlowOpLayer " + op));
    }
  }

  void judge_lambda(const Value& object, const Value& config) {
    for (const std::string_view key : {"function", "output_shape", "mask"}) {
      const Value& function = config[key];
      const std::string_view type = config[std::string(key) + "_type"].as_text();
      const Value* code = &function;
      if (function.is_list() && !function.as_list().empty()) {
        code = &function.as_list().front();  // code, defaults, closure
      } else if (function.is_map() && function["class_name"].as_text() == "__tuple__") {
        const auto& items = function["items"].is_list() ? function["items"].as_list() : function["config"].as_list();
        code = items.empty() ? code : &items.front();
      }
      const bool bytecode = type == "lambda" || type == "raw" || (key == "function" && code != &function);
      if (bytecode && code->is_string()) {
        judge_code(*code, object);
      } else if (function.is_string() && (key == "function" || type == "function")) {
        const bool identifier = std::all_of(function.as_text().begin(), function.as_text().end(), is_word);
        const std::string_view module = config[key == "function" ? "module" : std::string(key) + "_module"].as_text();
        if (!identifier && function.as_text().find('>') == std::string_view::npos && !decoded(function.as_text())) {
          out_.add("keras-lambda", at(object, "Lambda " + std::string(function.as_text())));
        }
        judge_function(function, module, function.as_text());
      }
    }
    if (config.is_map() && config["function"].is_null() && config.find("function") == nullptr &&
        config.as_map().size() < 3) {
      out_.add("keras-lambda", at(object, "Lambda layer"));
    }
  }

  void judge_function(const Value& where, std::string_view module, std::string_view name) {
    if (!name.empty()) {
      report(judge_keras_function(module, name), where, module, name, "function");
    }
  }

  void report(KerasStanding standing, const Value& where, std::string_view module, std::string_view name,
              std::string_view what) {
    const std::string full = (module.empty() ? "" : std::string(module) + ".") + std::string(name);
    switch (standing) {
      case KerasStanding::part:
      case KerasStanding::own:
        return;
      case KerasStanding::foreign:
        if (what == "function") {
          out_.add("keras-foreign-module", Severity::medium, at(where, what_of(what, full)));
        } else if (name.find('>') == std::string_view::npos &&
                   where["registered_name"].as_text().find('>') == std::string_view::npos) {
          out_.add("keras-custom-code", at(where, what_of(what, full)));
        }
        return;
      case KerasStanding::misplaced:
        out_.add("keras-gadget", at(where, what_of(what, full)));
        return;
      case KerasStanding::dangerous:
        out_.add("keras-foreign-module", at(where, what_of(what, full)));
        return;
    }
  }
  static std::string what_of(std::string_view what, const std::string& full) { return std::string(what) + " " + full; }

  void judge_code(const Value& code, const Value& object) {
    const auto bytes = decoded(code.as_text());
    const std::string names = bytes ? suspicious_names(*bytes) : std::string();
    if (!names.empty()) {
      out_.add("keras-lambda-attack",
               at(object, "bytecode that uses " + names, "A function stored as Python bytecode uses " + names + "."));
    } else {
      out_.add("keras-lambda", at(object, "function stored as Python bytecode"));
    }
  }

  /// Names of modules and functions in places where some version, or some layer, looks them up.
  void judge_name(const Value& value, std::string_view key, std::string_view owner) {
    const std::string_view text = value.as_text();
    if (key.ends_with("module") && key != "module" && is_dangerous_module(text)) {
      out_.add("keras-foreign-module", at(value, std::string(key) + " " + std::string(text)));
    } else if (key == "fn_module" && judge_keras_function(text, "call") == KerasStanding::foreign) {
      out_.add("keras-foreign-module", Severity::medium, at(value, std::string(key) + " " + std::string(text)));
    }
    // Layers of TensorFlow's operations name them in their own way.
    if (is_one_of(owner, {"TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty"})) {
      return;
    }
    const bool dotted = text.find('.') != std::string_view::npos;
    const bool callable_place = is_one_of(
        key, {"activation", "recurrent_activation", "loss", "metrics", "function", "output_shape", "fn", "func",
              "callable", "callback", "target", "loader", "initializer", "call_fn", "init_fn", "standardize", "split"});
    if ((callable_place || (dotted && !key.ends_with("module") && text.starts_with("keras."))) &&
        is_gadget_name(text)) {
      out_.add("keras-gadget", at(value, std::string(key) + " " + std::string(text)));
    }
  }

  /// Text anywhere: code and pickles in disguise, and the names of functions in places where old versions look them up.
  void judge_text(const Value& value, std::string_view key, std::string_view owner) {
    const std::string_view text = value.as_text();
    if (const auto bytes = decoded(text)) {
      if (is_code_object(*bytes)) {
        judge_code(value, value);
      } else if (owner != "TorchModuleWrapper" && interests(base::as_bytes(*bytes), "")) {
        (void)judge_content(base::as_bytes(*bytes), path_ + "!" + std::string(key), Trust::content, 1, out_);
      }
      return;
    }
    judge_name(value, key, owner);
    constexpr std::string_view kCode[] = {"__import__(", "os.system(",     "os.popen(",   "subprocess.", "exec(",
                                          "eval(",       "__subclasses__", "__globals__", "__builtins__"};
    if (std::any_of(std::begin(kCode), std::end(kCode),
                    [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; })) {
      out_.add("keras-embedded-code",
               at(value, std::string(key) + ": " + std::string(text), "A value of the configuration is Python code."));
    }
    if (is_one_of(key, {"vocabulary", "vocabulary_file", "vocab_file", "filepath", "file_path", "proto", "merges",
                        "weights_path", "path", "filename"}) &&
        !owner.empty() && is_outside_place(text) && text.size() < 4096 &&
        !is_one_of(owner,
                   {"StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup", "Hashing", "TFSMLayer"})) {
      out_.add("keras-outside-file", Severity::medium,
               at(value, std::string(owner) + " " + std::string(key) + " " + std::string(text),
                  "The configuration names a file or address outside of the model: " + std::string(text) + "."));
    }
  }

  const std::string& path_;
  Collector& out_;
};

/// Python's reader takes NaN and Infinity, which JSON does not know: numbers of the same length stand in for them.
std::string without_odd_numbers(std::string_view text) {
  std::string out(text);
  bool quoted = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (quoted) {
      if (out[i] == '\\') {
        ++i;
      } else if (out[i] == '"') {
        quoted = false;
      }
    } else if (out[i] == '"') {
      quoted = true;
    } else if (out[i] == 'N' && std::string_view(out).substr(i, 3) == "NaN") {
      out.replace(i, 3, "0  ");
    } else if (out[i] == 'I' && std::string_view(out).substr(i, 8) == "Infinity") {
      out.replace(i, 8, "1       ");
    }
  }
  return out;
}

}  // namespace

void judge_keras_config(std::string_view text, const std::string& path, Collector& out) {
  base::DocumentLimits limits;
  limits.max_bytes = 256U << 20;
  limits.max_depth = 900;         // Python's own reader gives up at about 1,000
  limits.max_values = 8'000'000;  // some 400 MB
  auto document = base::parse_json_document(text, limits);
  if (!document && (text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos)) {
    document = base::parse_json_document(without_odd_numbers(text), limits);
  }
  if (!document) {
    const base::Error& error = document.error();
    out.add("keras-config-defect", {path, "line " + std::to_string(error.line), 0, error.line, error.message,
                                    "The configuration cannot be read: " + error.message + "."});
    out.not_covered(path, error.message);
    return;
  }
  for (const base::DuplicateKey& one : document->duplicates) {
    out.add("keras-config-defect", {path, "line " + std::to_string(one.line), 0, one.line, "key " + one.key + " twice",
                                    "The key \"" + one.key + "\" stands twice; readers differ in which they take."});
  }
  judge_keras_value(document->root, path, out);
}

void judge_keras_value(const Value& root, const std::string& path, Collector& out) {
  ConfigJudge(path, out).judge(root);
}

}  // namespace scan
