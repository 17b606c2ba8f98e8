#include <re2/re2.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "scan/code/code.h"
#include "scan/code/shell.h"
#include "scan/pickle/callables.h"
#include "scan/template/template.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

std::string lines_of(const Value& value) {
  return "line " + std::to_string(value.line());
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view last_part(std::string_view path) {
  const std::size_t at = path.find_last_of("/!");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

/// "package.module.name", with "package.module:name" read the same.
struct Dotted {
  std::string module;
  std::string name;
};
std::optional<Dotted> dotted_name(std::string_view text) {
  if (text.size() < 3 || text.size() > 300) {
    return std::nullopt;
  }
  std::string whole(text);
  std::replace(whole.begin(), whole.end(), ':', '.');
  const bool letters =
      std::all_of(whole.begin(), whole.end(), [](char c) { return is_word(c) || c == '.' || c == '-'; });
  const std::size_t dot = whole.rfind('.');
  if (!letters || dot == std::string::npos || dot == 0 || dot + 1 == whole.size()) {
    return std::nullopt;
  }
  return Dotted{whole.substr(0, dot), whole.substr(dot + 1)};
}

/// Whether calling or making what the text names runs commands or code. A class of a library that nobody knows is not.
bool names_danger(std::string_view text) {
  if (one_of(text, {"eval", "exec", "compile", "__import__", "os.system", "subprocess.Popen"})) {
    return true;
  }
  const auto name = dotted_name(text);
  if (!name) {
    return false;
  }
  const std::string module = canonical_module(name->module);
  const std::string top = module.substr(0, module.find('.'));
  // Only the standard library and what is well known to run things: packages of a project have any name.
  static constexpr std::string_view kTops[] = {"os",
                                               "posix",
                                               "nt",
                                               "subprocess",
                                               "builtins",
                                               "__builtin__",
                                               "importlib",
                                               "runpy",
                                               "pty",
                                               "sys",
                                               "shutil",
                                               "socket",
                                               "ctypes",
                                               "code",
                                               "codeop",
                                               "commands",
                                               "marshal",
                                               "pickle",
                                               "webbrowser",
                                               "asyncio",
                                               "multiprocessing",
                                               "operator",
                                               "timeit",
                                               "pdb",
                                               "bdb",
                                               "cProfile",
                                               "profile",
                                               "trace",
                                               "doctest",
                                               "pip",
                                               "platform",
                                               "urllib",
                                               "http",
                                               "smtplib",
                                               "ftplib",
                                               "telnetlib",
                                               "tempfile",
                                               "types",
                                               "functools",
                                               "pydoc",
                                               "dill",
                                               "cloudpickle",
                                               "requests",
                                               "imp",
                                               "venv",
                                               "ensurepip",
                                               "idlelib",
                                               "lib2to3",
                                               "pkgutil",
                                               "zipimport",
                                               "inspect",
                                               "_posixsubprocess"};
  if (std::find(std::begin(kTops), std::end(kTops), top) == std::end(kTops)) {
    // A dotted way to them through another module: "numpy.testing.os.system".
    for (const std::string_view through :
         {".os.system", ".os.popen", ".subprocess.", ".builtins.eval", ".builtins.exec"}) {
      if (text.find(through) != std::string_view::npos) {
        return true;
      }
    }
    return false;
  }
  if (one_of(text, {"functools.partial",  "operator.itemgetter", "operator.attrgetter", "types.SimpleNamespace",
                    "sys.stdout",         "sys.stderr",          "builtins.dict",       "builtins.list",
                    "builtins.int",       "builtins.str",        "builtins.float",      "builtins.tuple",
                    "builtins.set",       "builtins.bool",       "builtins.slice",      "builtins.range",
                    "tempfile.mkdtemp",   "os.path.join",        "os.getcwd",           "multiprocessing.cpu_count",
                    "os.path.expanduser", "builtins.len",        "os.cpu_count",        "operator.add",
                    "operator.mul"})) {
    return false;
  }
  return judge_callable(module, name->name).standing == Standing::dangerous;
}

/// Whether it is a function that runs commands, code or whatever a file holds, by its own name too; other documents
/// have types and handlers that are called like a module of Python.
bool names_act(std::string_view text) {
  const std::string_view last = text.substr(text.find_last_of(".:") + 1);
  return one_of(
             last,
             {"system",      "popen",           "Popen",  "run",         "call",         "check_call", "check_output",
              "getoutput",   "getstatusoutput", "eval",   "exec",        "compile",      "__import__", "import_module",
              "run_path",    "run_module",      "load",   "loads",       "spawn",        "rmtree",     "CDLL",
              "LoadLibrary", "interact",        "timeit", "urlretrieve", "FunctionType", "CodeType",   "resolve_name",
              "locate"}) &&
         text.find_first_of(".:") != std::string_view::npos && names_danger(text);
}

/// Whether the value of a key is a thing to be made or called that is dangerous. Keys that frameworks have for that and
/// nothing else may hold a bare name, those that say class any dangerous one; others only what acts.
bool makes_danger(std::string_view key, std::string_view value) {
  if (one_of(key, {"_target_", "__target__", "_component_", "()", "class_path", "func", "callable", "factory",
                   "constructor", "import_path"})) {
    return names_danger(value);
  }
  if (one_of(key, {"class", "cls", "class_name", "_class_name", "impl", "collate_fn", "entrypoint", "entry_point"})) {
    return value.find_first_of(".:") != std::string_view::npos && names_danger(value);
  }
  return one_of(key, {"target", "function", "type", "init", "handler", "activation", "loader", "transform", "callback",
                      "fn", "object"}) &&
         names_act(value);
}

bool leads_out(std::string_view value) {
  return value.starts_with("../") || value.find("/../") != std::string_view::npos || value.ends_with("/..") ||
         value.find("..\\") != std::string_view::npos || value.starts_with("/etc/") || value.starts_with("/proc/") ||
         value.starts_with("/dev/") || value.starts_with("\\\\") || value.starts_with("file:") ||
         value.starts_with("~/.ssh") || value.starts_with("/root/.ssh");
}

bool is_model_file(std::string_view value) {
  const std::string lower = base::to_lower(value.substr(0, value.find_first_of("?#")));
  for (const std::string_view ending :
       {".bin", ".pt",    ".pth",    ".pkl",  ".pickle", ".ckpt", ".safetensors", ".onnx",
        ".h5",  ".keras", ".joblib", ".gguf", ".tar.gz", ".tgz",  ".zip",         ".nemo",
        ".mar", ".npz",   ".npy",    ".whl",  ".tflite", ".pb",   ".py"}) {
    if (lower.ends_with(ending)) {
      return true;
    }
  }
  return false;
}

class ConfigJudge {
 public:
  ConfigJudge(const std::string& path, Collector& out)
      : path_(path), out_(out), name_(base::to_lower(last_part(path))) {}

  void run(const Value& root) {
    each_value(root, [&](std::string_view key, const Value& value) { visit(key, value); });
    if (root.is_map()) {
      whole(root);
    }
    if (name_ == "modules.json") {
      modules(root);
    }
  }

 private:
  void add(std::string_view rule, const Value& at, std::string subject, std::string message = {},
           std::optional<Severity> severity = std::nullopt) {
    Sighting sighting{path_, lines_of(at), 0, at.line(), std::move(subject), std::move(message)};
    if (severity) {
      out_.add(rule, *severity, std::move(sighting));
    } else {
      out_.add(rule, std::move(sighting));
    }
  }

  void visit(std::string_view key, const Value& value) {
    if (value.is_string()) {
      text(key, value);
    } else if (key == "auto_map" && value.is_map()) {
      auto_map(value);
    } else if (key == "trust_remote_code" && value.is_bool() && value.as_bool()) {
      add("trust-remote-code", value, "trust_remote_code: true");
    } else if (key == "custom_pipelines" && value.is_map() && !value.as_map().empty()) {
      std::string names;
      for (const auto& [name, pipeline] : value.as_map()) {
        names += (names.empty() ? "" : ", ") + name + " -> " + std::string(pipeline["impl"].as_text());
      }
      add("remote-code", value, "custom_pipelines: " + names);
    } else if (value.is_number()) {
      const double size = value.as_double(static_cast<double>(value.as_integer()));
      const bool absurd =
          (one_of(key, {"num_hidden_layers", "n_layer", "num_layers", "num_attention_heads"}) && size > 1e5) ||
          (one_of(key, {"hidden_size", "n_embd", "d_model", "intermediate_size"}) && size > 1e8) ||
          (key == "vocab_size" && size > 1e9);
      if (absurd) {
        add("config-absurd-size", value, std::string(key) + ": " + std::to_string(static_cast<long double>(size)));
      }
    }
  }

  void text(std::string_view key, const Value& value) {
    const std::string_view words = value.as_text();
    const bool tokenizer = name_.find("token") != std::string::npos || name_.find("processor") != std::string::npos ||
                           name_.find("template") != std::string::npos;
    if (key == "chat_template" || key == "default_chat_template" ||
        (key == "template" &&
         (tokenizer || words.find("__") != std::string_view::npos || words.find("attr") != std::string_view::npos))) {
      judge_template(words, path_, 0, std::max(value.line(), 1U), out_);
      return;
    }
    if (words.size() < 3) {
      return;
    }
    if (makes_danger(key, words)) {
      add("config-dangerous-target", value, std::string(key) + ": " + std::string(words));
      return;
    }
    // Kernels of a repository on the hub, by its name: native code that is loaded with the model.
    if (one_of(key, {"_attn_implementation", "attn_implementation", "_attn_implementation_internal"}) &&
        words.find('/') != std::string_view::npos) {
      add("remote-code", value, std::string(key) + ": " + std::string(words));
    }
    if (key == "custom_pipeline") {
      add("remote-code", value, "custom_pipeline: " + std::string(words));
    } else if (key == "auto_map") {
      add("remote-code", value, "auto_map: " + std::string(words), "", severity_of_reference(words));
    }
    const bool file_key = key.ends_with("_file") || key.ends_with("_path") || key == "path" || key == "filename" ||
                          key == "location" || key == "model" || key == "model_file" || key == "default_model_filename";
    const bool url = words.starts_with("http://") || words.starts_with("https://") || words.starts_with("ftp://");
    if (file_key && key != "path" && leads_out(words) &&
        !one_of(key, {"log_path", "output_path", "data_path", "dataset_path", "log_file"})) {
      add("config-path", value, std::string(key) + ": " + std::string(words));
    }
    if (url) {
      const std::string host = host_of(words);
      const bool local =
          host == "localhost" || host.starts_with("127.") || host == "0.0.0.0" || host.find('.') == std::string::npos;
      if (!local && words.starts_with("http:") && is_model_file(words)) {
        add("plain-http-download", value, std::string(words));
      } else if (!local && is_model_file(words) && !is_known_host(host) &&
                 one_of(key, {"tokenizer_file", "vocab_file", "merges_file", "model_file", "spm_file", "weights_file",
                              "checkpoint_file", "special_tokens_map_file"})) {
        add("config-path", value, std::string(key) + ": " + std::string(words),
            "A file of the model is fetched from elsewhere.");
      }
    }
    if (words.find("${") != std::string_view::npos) {
      resolver(key, value);
    }
    if (words.size() > 8) {
      command(key, value);
    }
  }

  static Severity severity_of_reference(std::string_view reference) {
    return reference.find("--") != std::string_view::npos ? Severity::high : Severity::medium;
  }

  void auto_map(const Value& map) {
    std::string names;
    bool elsewhere = false;
    for (const auto& [name, target] : map.as_map()) {
      const std::vector<Value> single = {target};
      for (const Value& one : target.is_list() ? target.as_list() : single) {
        if (!one.is_string()) {
          continue;
        }
        names += (names.empty() ? "" : ", ") + name + " -> " + std::string(one.as_text());
        elsewhere = elsewhere || one.as_text().find("--") != std::string_view::npos;
      }
    }
    add("remote-code", map, names, elsewhere ? "The configuration names code in another repository." : "",
        elsewhere ? Severity::high : Severity::medium);
  }

  void resolver(std::string_view key, const Value& value) {
    static const re2::RE2 kPattern(R"(\$\{\s*(eval|exec|python|py|shell|sh|cmd|system|import)\s*:([^}]*)\}?)");
    const std::string_view words = value.as_text();
    re2::StringPiece name;
    re2::StringPiece body;
    if (!re2::RE2::PartialMatch(re2::StringPiece(words.data(), words.size()), kPattern, &name, &body)) {
      return;
    }
    const std::string_view inside(body.data(), body.size());
    const bool attack =
        inside.find("__") != std::string_view::npos || inside.find("import") != std::string_view::npos ||
        inside.find("system") != std::string_view::npos || inside.find("open(") != std::string_view::npos ||
        !(name == "eval" || name == "python" || name == "py");
    // ${eval:${a}*2} is arithmetic, and common.
    if (attack) {
      add("config-code", value, std::string(key) + ": " + std::string(words),
          "A value is run as code when it is read.");
    }
  }

  void command(std::string_view key, const Value& value) {
    const std::string_view words = value.as_text();
    // Prose about commands (help, descriptions, tokens of a vocabulary) is not one.
    if (one_of(key, {"description", "content", "text", "help", "readme", "comment", "title", "summary", "prompt", "doc",
                     "long_description", "source", "output", "answer", "question", "instructions", "system_prompt",
                     "run"})) {
      return;
    }
    if (const auto sighting = shell_attack(words)) {
      add("attack-command", value, std::string(key) + ": " + sighting->excerpt,
          "The command " + std::string(deed_words(sighting->deed)) + ".",
          sighting->deed == ShellDeed::fetch_and_run && !sighting->insecure ? Severity::high : Severity::critical);
    }
  }

  /// What only the document as a whole tells.
  /// {"name": "os.system", "args": […]}: by itself a name is anything's.
  void named_call(const Value& map) {
    const Value* name = map.find("name");
    if (name == nullptr || !name->is_string() || !names_act(name->as_text())) {
      return;
    }
    for (const std::string_view given : {"args", "kwargs", "arguments", "init_args", "params", "_args_", "options"}) {
      if (map.find(given) != nullptr) {
        add("config-dangerous-target", *name, "name: " + std::string(name->as_text()));
        return;
      }
    }
  }

  void whole(const Value& root) {
    if (describes_pipeline(root)) {
      diffusers(root);
    }
    // A call with its arguments: {"_target_": …} is told above; {"command": "bash", "args": ["-c", "…"]} here.
    std::vector<const Value*> work = {&root};
    for (std::size_t i = 0; i < work.size() && i < 200'000; ++i) {
      named_call(*work[i]);
      for (const auto& [key, member] : work[i]->as_map()) {
        if (member.is_map() || member.is_list()) {
          work.push_back(&member);
        }
        if ((key == "args" || key == "command" || key == "cmd" || key == "entrypoint") && member.is_list()) {
          joined(*work[i], member);
        }
        if (key == "_args_" || key == "args" || key == "kwargs" || key == "init_args" || key == "params") {
          continue;
        }
      }
      for (const Value& element : work[i]->as_list()) {
        if (element.is_map() || element.is_list()) {
          work.push_back(&element);
        }
      }
    }
    if (const Value* language = root.find("lc"); language != nullptr) {
      return;
    }
  }

  void joined(const Value& parent, const Value& list) {
    std::string line(parent["command"].as_text());
    for (const Value& one : list.as_list()) {
      line += (line.empty() ? "" : " ") + std::string(one.as_text());
    }
    bool told = false;
    for (const Value& one : list.as_list()) {
      told = told || shell_attack(one.as_text());
    }
    if (told) {
      return;
    }
    if (const auto sighting = shell_attack(line)) {
      add("attack-command", list, sighting->excerpt, "The command " + std::string(deed_words(sighting->deed)) + ".");
    }
  }

  /// A pipeline names its parts by module and class; what a part is made of may be lists of two names as well.
  [[nodiscard]] bool describes_pipeline(const Value& root) const {
    const Value* made = root.find("_class_name");
    return name_.ends_with("model_index.json") || (made != nullptr && root.find("_diffusers_version") != nullptr &&
                                                   (made->is_list() || made->as_text().ends_with("Pipeline")));
  }

  void diffusers(const Value& root) {
    const Value& pipeline = root["_class_name"];
    if (pipeline.is_list() && pipeline.as_list().size() == 2) {
      add("remote-code", pipeline,
          "_class_name: " + std::string(pipeline.as_list()[0].as_text()) + "." +
              std::string(pipeline.as_list()[1].as_text()),
          "The pipeline's class comes from a file of the repository.");
    }
    for (const auto& [key, value] : root.as_map()) {
      if (key.starts_with('_') || !value.is_list() || value.as_list().size() != 2 || !value.as_list()[0].is_string()) {
        continue;
      }
      const std::string_view library = value.as_list()[0].as_text();
      const std::string_view name = value.as_list()[1].as_text();
      const std::string whole_name = std::string(library) + "." + std::string(name);
      static constexpr std::string_view kKnown[] = {"diffusers",
                                                    "transformers",
                                                    "onnxruntime",
                                                    "optimum",
                                                    "stable_diffusion",
                                                    "paint_by_example",
                                                    "deprecated",
                                                    "latent_diffusion",
                                                    "versatile_diffusion",
                                                    "unidiffuser",
                                                    "kandinsky",
                                                    "kandinsky2_2",
                                                    "kandinsky3",
                                                    "audioldm",
                                                    "audioldm2",
                                                    "shap_e",
                                                    "wuerstchen",
                                                    "stable_cascade",
                                                    "deepfloyd_if",
                                                    "text_to_video_synthesis",
                                                    "stable_diffusion_safe",
                                                    "stable_diffusion_xl",
                                                    "stable_diffusion_3",
                                                    "flux",
                                                    "ledits_pp",
                                                    "stable_audio",
                                                    "alt_diffusion",
                                                    "latte",
                                                    "hunyuandit",
                                                    "pixart_alpha",
                                                    "lumina",
                                                    "musicldm",
                                                    "spectrogram_diffusion",
                                                    "repaint",
                                                    "dit",
                                                    "peft",
                                                    "safetensors",
                                                    "tokenizers",
                                                    "cosmos",
                                                    "sana",
                                                    "aura_flow",
                                                    "cogvideo",
                                                    "mochi",
                                                    "hidream_image",
                                                    "wan",
                                                    "ltx",
                                                    "qwenimage",
                                                    "hunyuan_video",
                                                    "ltx_video",
                                                    "semantic_stable_diffusion",
                                                    "stable_diffusion_gligen",
                                                    "blip_diffusion",
                                                    "amused",
                                                    "marigold",
                                                    "pag",
                                                    "controlnet",
                                                    "openvino"};
      if (names_danger(whole_name)) {
        add("config-dangerous-target", value, whole_name);
      } else if (std::find(std::begin(kKnown), std::end(kKnown), library) == std::end(kKnown)) {
        add("remote-code", value, key + ": " + whole_name,
            "A part of the pipeline comes from a module that is none of the usual libraries.");
      }
    }
  }

  void modules(const Value& root) {
    for (const Value& module : root.as_list()) {
      const std::string_view type = module["type"].as_text();
      if (!type.empty() && !type.starts_with("sentence_transformers.") && !names_danger(type)) {
        add("remote-code", module["type"], "type: " + std::string(type));
      }
      const std::string_view where = module["path"].as_text();
      if (leads_out(where) || where.starts_with('/')) {
        add("config-path", module["path"], "path: " + std::string(where));
      }
    }
  }

  const std::string& path_;
  Collector& out_;
  std::string name_;
};

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && base::hex_value(text[i + 1]) >= 0 &&
        base::hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(base::hex_value(text[i + 1]) << 4 | base::hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

void report_line(std::string_view rule, std::optional<Severity> severity, std::string_view text, std::size_t at,
                 std::string subject, std::string message, const std::string& path, Collector& out) {
  const std::uint32_t line = line_of(text, at);
  Sighting sighting{path, "line " + std::to_string(line), 0, line, std::move(subject), std::move(message)};
  if (severity) {
    out.add(rule, *severity, std::move(sighting));
  } else {
    out.add(rule, std::move(sighting));
  }
}

/// One tag of YAML with its handle resolved: "tag:yaml.org,2002:python/object/apply:os.system".
void judge_tag(const std::string& tag, std::string_view text, std::size_t at, const std::string& path, Collector& out) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  std::string_view rest = tag;
  if (rest.starts_with(kCore)) {
    rest.remove_prefix(kCore.size());
  }
  const auto told = [&](std::string_view rule, std::optional<Severity> severity, std::string message) {
    report_line(rule, severity, text, at, "!!" + std::string(rest), std::move(message), path, out);
  };
  if (rest.starts_with("python/")) {
    const std::string_view kind =
        rest.substr(7, rest.find(':') == std::string_view::npos ? rest.size() : rest.find(':') - 7);
    const std::size_t colon = rest.find(':');
    const std::string_view name = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    if (kind == "object/apply" || kind == "object/new") {
      const auto dotted = dotted_name(name);
      const Standing standing =
          dotted ? judge_callable(dotted->module, dotted->name).standing : judge_callable("builtins", name).standing;
      if (standing == Standing::allowed || standing == Standing::class_only || name == "collections.OrderedDict") {
        return;
      }
      if (standing == Standing::dangerous || names_danger(name)) {
        told("yaml-object", Severity::critical, "Loading the document calls " + std::string(name) + ".");
      } else {
        told("yaml-object", Severity::high, "Loading the document calls " + std::string(name) + ".");
      }
    } else if (kind == "object") {
      const auto dotted = dotted_name(name);
      const Standing standing = dotted ? judge_callable(dotted->module, dotted->name).standing : Standing::unknown;
      if (standing == Standing::allowed || standing == Standing::class_only) {
        return;
      }
      told("yaml-object", standing == Standing::dangerous ? Severity::critical : Severity::medium,
           "Loading the document makes an object of " + std::string(name) + ".");
    } else if (kind == "name" || kind == "module") {
      // Configuration of MkDocs names functions like this, and nothing is called by it.
      if (names_danger(name) || (kind == "module" && !name.empty())) {
        told("yaml-object", Severity::medium, "Loading the document imports " + std::string(name) + ".");
      }
    }
    return;
  }
  if (rest.starts_with("javax.") || rest.starts_with("java.") || rest.starts_with("com.sun.") ||
      rest.starts_with("org.springframework") || rest.starts_with("org.apache.commons")) {
    told("yaml-object", Severity::critical, "The tag makes a Java object, as attacks on SnakeYAML do.");
  } else if (rest.starts_with("ruby/object") || rest.starts_with("ruby/hash")) {
    told("yaml-object", Severity::high, "The tag makes a Ruby object.");
  } else if (rest.starts_with("js/function")) {
    told("yaml-object", Severity::high, "The tag makes a JavaScript function.");
  }
}

}  // namespace

void each_value(const Value& root, const std::function<void(std::string_view key, const Value& value)>& visit) {
  std::vector<std::pair<std::string_view, const Value*>> work = {{{}, &root}};
  while (!work.empty()) {
    const auto [key, value] = work.back();
    work.pop_back();
    visit(key, *value);
    if (value->is_map()) {
      const auto& members = value->as_map();
      for (auto member = members.rbegin(); member != members.rend(); ++member) {
        work.emplace_back(member->first, &member->second);
      }
    } else if (value->is_list()) {
      const auto& elements = value->as_list();
      for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
        work.emplace_back(key, &*element);
      }
    }
  }
}

void judge_config(const Value& document, const std::string& path, Collector& out) {
  ConfigJudge(path, out).run(document);
}

void judge_yaml_tags(std::string_view text, const std::string& path, Collector& out) {
  // "%TAG !x! prefix" gives other names to prefixes.
  std::vector<std::pair<std::string, std::string>> handles = {{"!!", "tag:yaml.org,2002:"}};
  if (text.find("%TAG") != std::string_view::npos) {
    for (std::size_t at = text.find("%TAG"); at != std::string_view::npos; at = text.find("%TAG", at + 4)) {
      const std::string_view line = text.substr(at, text.find('\n', at) - at);
      const std::vector<std::string_view> words = base::split(line, ' ');
      std::vector<std::string_view> filled;
      std::copy_if(words.begin(), words.end(), std::back_inserter(filled),
                   [](std::string_view w) { return !base::trim(w).empty(); });
      if (filled.size() >= 3) {
        handles.emplace_back(std::string(base::trim(filled[1])), std::string(base::trim(filled[2])));
      }
    }
  }
  char quote = '\0';
  bool comment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      comment = false;
      quote = '\0';  // quoted text over several lines ends being skipped: better a tag too many
      continue;
    }
    if (comment) {
      continue;
    }
    if (quote != '\0') {
      i += quote == '"' && c == '\\' ? 1 : 0;
      quote = c == quote ? '\0' : quote;
      continue;
    }
    const bool start = i == 0 || std::strchr(" \t\n[{,:-?", text[i - 1]) != nullptr;
    if ((c == '"' || c == '\'') && start) {
      quote = c;
    } else if (c == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n' || text[i - 1] == '\t')) {
      comment = true;
    } else if (c == '!' && start) {
      std::size_t end = i;
      const bool verbatim = i + 1 < text.size() && text[i + 1] == '<';
      while (end < text.size() && text[end] != '\n' && text[end] != ' ' && text[end] != '\t' && text[end] != '\r' &&
             (verbatim || (text[end] != '[' && text[end] != ']' && text[end] != '{' && text[end] != '}'))) {
        ++end;
        if (verbatim && text[end - 1] == '>') {
          break;
        }
      }
      std::string tag = percent_decoded(text.substr(i, end - i));
      if (verbatim) {
        tag = tag.substr(2, tag.size() > 3 ? tag.size() - 3 : std::string::npos);
      } else {
        const auto* best = static_cast<const std::pair<std::string, std::string>*>(nullptr);
        for (const auto& handle : handles) {
          if (tag.starts_with(handle.first) && (best == nullptr || handle.first.size() >= best->first.size())) {
            best = &handle;
          }
        }
        if (best != nullptr) {
          tag = percent_decoded(best->second) + tag.substr(best->first.size());
        }
      }
      if (tag.ends_with(',')) {
        tag.pop_back();
      }
      judge_tag(tag, text, i, path, out);
      i = end - (end > i ? 1 : 0);
    }
  }
}

void judge_triton_config(std::string_view text, const std::string& path, Collector& out) {
  static const re2::RE2 kOutside(
      R"re((?s)(default_model_filename\s*:\s*"(?:[^"]*\.\./[^"]*|/[^"]*)"|"EXECUTION_ENV_PATH"\s*,?\s*value\s*:?\s*\{\s*string_value\s*:\s*"(?:https?:[^"]*|/(?:tmp|dev/shm|var/tmp)[^"]*|[^"$]*\.\./[^"]*)"))re");
  re2::StringPiece match;
  const re2::StringPiece whole(text.data(), text.size());
  if (kOutside.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
    report_line("config-path", std::nullopt, text, static_cast<std::size_t>(match.data() - text.data()),
                std::string(match.data(), match.size()), "The model's server is led to a file outside its folder.",
                path, out);
  }
  static const re2::RE2 kPython(R"re(backend\s*:\s*"python")re");
  if (kPython.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
    report_line("remote-code", Severity::low, text, static_cast<std::size_t>(match.data() - text.data()),
                "backend: \"python\"", "The server runs the Python file that lies with the model.", path, out);
  }
}

void judge_torchserve_config(std::string_view text, const std::string& path, Collector& out) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.find('\n', begin);
    end = end == std::string_view::npos ? text.size() : end;
    const std::string_view line = base::trim(text.substr(begin, end - begin));
    const std::size_t equals = line.find_first_of("=:");
    if (!line.starts_with('#') && equals != std::string_view::npos) {
      const std::string_view key = base::trim(line.substr(0, equals));
      const std::string_view value = base::trim(line.substr(equals + 1));
      const auto told = [&](std::string message) {
        report_line("serving-open", std::nullopt, text, begin, std::string(line), std::move(message), path, out);
      };
      if (key == "management_address" &&
          (value.find("0.0.0.0") != std::string_view::npos || value.find("[::]") != std::string_view::npos)) {
        told("Anyone who reaches the machine can register models, and with them code.");
      } else if (key == "allowed_urls" && (value.find(".*") != std::string_view::npos) &&
                 (value == ".*" || value.find("://.*") != std::string_view::npos)) {
        told("Models may be loaded from any address.");
      } else if (key == "disable_token_authorization" && value == "true") {
        told("The server takes requests without a token.");
      } else if (key == "install_py_dep_per_model" && value == "true") {
        told("Every model may install packages of its choice.");
      }
    }
    begin = end + 1;
  }
}

void judge_code_in_text(std::string_view text, const std::string& path, Collector& out) {
  static const re2::RE2 kPattern(
      R"re((__import__\s*\(\s*\\?['"](os|subprocess|socket|pty|builtins|importlib|sys|ctypes|base64)\\?['"]\s*\)|\bos\.(system|popen)\s*\(\s*\\?['"]|\bsubprocess\.(Popen|run|call|check_output|getoutput)\s*\(\s*[\[\\'"]|\bexec\s*\(\s*(base64|__import__|compile|requests|urllib)|\beval\s*\(\s*(base64|__import__|compile|requests|urllib)))re");
  if (text.find("__import__") == std::string_view::npos && text.find("os.") == std::string_view::npos &&
      text.find("subprocess") == std::string_view::npos && text.find("exec") == std::string_view::npos &&
      text.find("eval") == std::string_view::npos) {
    return;
  }
  re2::StringPiece match;
  const re2::StringPiece whole(text.data(), text.size());
  if (kPattern.Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, &match, 1)) {
    report_line("config-code", std::nullopt, text, static_cast<std::size_t>(match.data() - text.data()),
                std::string(match.data(), match.size()), "A value of the configuration is Python that runs something.",
                path, out);
  }
}

}  // namespace scan
