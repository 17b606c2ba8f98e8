#include "scan/package/package.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "scan/code_words.h"
#include "scan/pickle/callables.h"
#include "scan/tokenizer/tokenizer.h"
#include "scan/tree/json_text.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;

class Judge {
 public:
  Judge(const Content& content, Collector& out) : content_(content), out_(out) {}

  void add(std::string_view rule, const Value& at, std::string subject, std::string message) {
    out_.add(rule, {content_.path, "line " + std::to_string(at.line()), 0, at.line(), std::move(subject),
                    std::move(message)});
  }
  void add(std::string_view rule, Severity severity, const Value& at, std::string subject, std::string message) {
    out_.add(
        rule, severity,
        {content_.path, "line " + std::to_string(at.line()), 0, at.line(), std::move(subject), std::move(message)});
  }

  /// A dotted name that is imported: of a module, or of something in it. `known` are beginnings that belong here.
  void reference(const Value& value, std::string_view what, std::initializer_list<std::string_view> known) {
    const std::string_view name = value.as_text();
    if (name.empty()) {
      return;
    }
    const std::string dotted = std::string(name) + ".";
    if (std::any_of(known.begin(), known.end(), [&](std::string_view one) { return dotted.starts_with(one); })) {
      return;
    }
    const std::size_t dot = name.rfind('.');
    const std::string_view module = dot == std::string_view::npos ? name : name.substr(0, dot);
    const std::string_view member = dot == std::string_view::npos ? std::string_view("system") : name.substr(dot + 1);
    if (judge_callable(module, member).standing == Standing::dangerous || is_dangerous_module(name) ||
        !code_in(name).empty()) {
      add("dangerous-code-reference", value, std::string(what) + ": " + std::string(name),
          "'" + std::string(name) + "' stands where " + std::string(what) + " belongs.");
    } else {
      add("foreign-code-reference", value, std::string(what) + ": " + std::string(name),
          "Loading the model imports '" + std::string(name) + "'.");
    }
  }

  /// A path or name within the model's folder.
  void inner_path(const Value& value, std::string_view what) {
    const std::string_view path = value.as_text();
    if (path.starts_with('/') || path.starts_with('\\') || path.starts_with("~") || leads_up(path) ||
        path.find("://") != std::string_view::npos) {
      add("model-path-outside",
          path.find("://") == std::string_view::npos && !leads_up(path) ? Severity::medium : Severity::high, value,
          std::string(what) + ": " + std::string(path), "");
    }
  }
  /// The name of a model elsewhere, or a path of the machine it was trained on.
  void model_name(const Value& value, std::string_view what) {
    const std::string_view name = value.as_text();
    if (name.find("://") != std::string_view::npos && !name.starts_with("https://huggingface.co/") &&
        !name.starts_with("https://hf.co/")) {
      add("model-path-outside", value, std::string(what) + ": " + std::string(name),
          "The model is fetched from an address.");
    } else if (name.starts_with("\\\\") || name.starts_with("//")) {
      add("model-path-outside", Severity::high, value, std::string(what) + ": " + std::string(name),
          "The model is fetched from another machine.");
    } else if (leads_up(name) && name.find("../..") != std::string_view::npos) {
      add("model-path-outside", value, std::string(what) + ": " + std::string(name), "");
    }
  }
  void texts(const Value& root) { judge_json_texts(root, content_, out_); }

  static bool leads_up(std::string_view path) {
    return path.starts_with("../") || path.find("/../") != std::string_view::npos || path.ends_with("/..") ||
           path.find("..\\") != std::string_view::npos || path == "..";
  }
  static bool is_dangerous_module(std::string_view name) {
    const std::string_view first = name.substr(0, name.find('.'));
    for (const std::string_view one :
         {"os",        "nt",     "posix",           "sys",     "subprocess", "builtins", "__builtin__", "importlib",
          "pty",       "shutil", "socket",          "ctypes",  "runpy",      "code",     "codeop",      "commands",
          "pdb",       "timeit", "webbrowser",      "urllib",  "http",       "pickle",   "marshal",     "cloudpickle",
          "dill",      "joblib", "multiprocessing", "asyncio", "platform",   "operator", "inspect",     "pip",
          "ensurepip", "site",   "smtplib",         "ftplib",  "tempfile",   "glob",     "imp",         "zipimport",
          "pkgutil",   "cffi"}) {
      if (first == one) {
        return true;
      }
    }
    return false;
  }

 private:
  const Content& content_;
  Collector& out_;
};

std::optional<base::Document> parse_json(const Content& content) {
  auto document = base::parse_json_document(base::as_text(content.bytes),
                                            {.max_bytes = 32U << 20, .max_depth = 128, .max_values = 2'000'000});
  return document ? std::optional(std::move(*document)) : std::nullopt;
}

/// PEFT: adapter_config.json. Source: huggingface/peft, src/peft/config.py, auto.py, tuners/lora.
bool judge_adapter(const Content& content, Collector& out) {
  const auto document = parse_json(content);
  if (!document || !document->root.is_map() || document->root.find("peft_type") == nullptr) {
    return false;
  }
  out.format(content.format);
  const Value& root = document->root;
  Judge judge(content, out);
  for (const base::DuplicateKey& twice : document->duplicates) {
    out.add("tree-defect", Severity::medium,
            {content.path, "line " + std::to_string(twice.line), 0, twice.line, "key " + twice.key + " twice",
             "A key stands twice: readers differ in which one counts."});
  }
  judge.reference(root["auto_mapping"]["parent_library"], "the library of the base model",
                  {"transformers.", "diffusers.", "peft.", "sentence_transformers.", "timm.", "torch.nn.",
                   "torchvision.", "open_clip.", "accelerate."});
  judge.reference(root["megatron_core"], "Megatron's core", {"megatron.core."});
  judge.model_name(root["base_model_name_or_path"], "base_model_name_or_path");
  judge.model_name(root["tokenizer_name_or_path"], "tokenizer_name_or_path");
  for (const std::string_view key : {"target_modules", "exclude_modules", "layers_pattern", "feedforward_modules"}) {
    const Value& pattern = root[key];
    if (pattern.is_string() && is_catastrophic(pattern.as_text())) {
      judge.add("tokenizer-exhausts", pattern, std::string(pattern.as_text()),
                "A pattern of module names takes exponential time.");
    }
  }
  if (root["tokenizer_kwargs"]["trust_remote_code"].as_bool()) {
    judge.add("trust-remote-code", root["tokenizer_kwargs"], "tokenizer_kwargs", "");
  }
  for (const std::string_view key : {"covariance_file", "cache_file"}) {
    judge.inner_path(root["corda_config"][key], key);
  }
  judge.texts(root);
  return true;
}

/// sentence-transformers: modules.json. Source: UKPLab/sentence-transformers, SentenceTransformer._load_sbert_model.
bool judge_modules(const Content& content, Collector& out) {
  const auto document = parse_json(content);
  if (!document || !document->root.is_list()) {
    return false;
  }
  const auto& list = document->root.as_list();
  const bool fits = !list.empty() && std::all_of(list.begin(), list.end(), [](const Value& one) {
    return one["type"].is_string() && one["path"].is_string() && one.find("idx") != nullptr;
  });
  if (!fits) {
    return false;
  }
  out.format(content.format);
  Judge judge(content, out);
  for (const Value& one : list) {
    judge.reference(one["type"], "the class of a module", {"sentence_transformers.", "pylate."});
    judge.inner_path(one["path"], "path");
  }
  judge.texts(document->root);
  return true;
}

/// Spark ML: the line of JSON in a "metadata" folder. Source: apache/spark, ml/util/ReadWrite.scala and
/// pyspark/ml/util.py (DefaultParamsReader).
bool judge_spark(const Content& content, Collector& out) {
  const auto document = parse_json(content);
  if (!document || !document->root["class"].is_string()) {
    return false;
  }
  out.format(content.format);
  const Value& root = document->root;
  Judge judge(content, out);
  const std::string_view name = root["class"].as_text();
  const bool gadget = name.starts_with("java.") || name.starts_with("javax.") || name.starts_with("sun.") ||
                      name.starts_with("com.sun.") || name.starts_with("scala.sys.") || name.starts_with("jdk.");
  if (gadget) {
    judge.add("dangerous-code-reference", root["class"], std::string(name), "");
  } else {
    judge.reference(root["class"], "the class of a Spark model",
                    {"org.apache.spark.", "pyspark.", "xgboost.spark.", "ml.dmlc.xgboost4j.", "com.johnsnowlabs.",
                     "com.microsoft.azure.synapse.", "synapse.ml.", "com.microsoft.ml.spark.", "sparknlp.",
                     "ai.h2o.sparkling.", "ml.combust.mleap.", "ai.catboost.spark."});
  }
  const std::string statement = base::to_lower(root["paramMap"]["statement"].as_text());
  if (statement.find("java_method") != std::string::npos || statement.find("reflect(") != std::string::npos ||
      statement.find("reflect (") != std::string::npos) {
    judge.add("dangerous-code-reference", root["paramMap"]["statement"], statement,
              "The statement of an SQL transformer calls Java by reflection.");
  }
  judge.texts(root);
  return true;
}

/// MLflow: MLmodel. Source: mlflow/mlflow, models/model.py and pyfunc/__init__.py.
bool judge_mlflow(const Content& content, Collector& out) {
  const std::string_view text = base::as_text(content.bytes);
  Judge judge(content, out);
  if (const std::size_t at = text.find("!!python/"); at != std::string_view::npos) {
    out.format(content.format);
    const std::uint32_t line = line_of(text, at);
    out.add("yaml-python-object",
            {content.path, "line " + std::to_string(line), at, line, std::string(text.substr(at, 80)), ""});
  }
  const auto document = base::parse_yaml(text);
  if (!document) {
    out.format(content.format);
    out.not_covered(content.path, document.error().message);
    return true;
  }
  const Value& root = *document;
  if (!root["flavors"].is_map()) {
    return false;
  }
  out.format(content.format);
  for (const auto& [name, flavour] : root["flavors"].as_map()) {
    judge.reference(flavour["loader_module"], "the loader of a model",
                    {"mlflow.", "pmdarima.", "databricks.", "mleap.", "sktime.utils.mlflow_sktime.", "autogluon.",
                     "h2o.", "flair."});
    for (const std::string_view key : {"code", "data", "model_data", "model_path", "python_model", "pickled_model",
                                       "model_binary", "model_code_path", "saved_input_example_info", "model_json"}) {
      judge.inner_path(flavour[key], key);
    }
    for (const auto& [key, artifact] : flavour["artifacts"].as_map()) {
      judge.inner_path(artifact["path"], "artifacts." + key);
    }
    if (flavour["code"].is_string() && !flavour["code"].as_text().empty()) {
      judge.add("foreign-code-reference", Severity::low, flavour["code"],
                "code: " + std::string(flavour["code"].as_text()),
                "The model brings Python code that is put on the path when it is loaded.");
    }
  }
  judge.inner_path(root["saved_input_example_info"]["artifact_path"], "saved_input_example_info");
  judge.texts(root);
  return true;
}

/// BentoML: model.yaml of its store. Source: bentoml/BentoML, _internal/models/model.py.
bool judge_bentoml(const Content& content, Collector& out) {
  const std::string_view text = base::as_text(content.bytes);
  if (const std::size_t at = text.find("!!python/"); at != std::string_view::npos) {
    const std::uint32_t line = line_of(text, at);
    out.add("yaml-python-object",
            {content.path, "line " + std::to_string(line), at, line, std::string(text.substr(at, 80)), ""});
  }
  const auto document = base::parse_yaml(text);
  if (!document || (*document)["module"].is_null()) {
    return false;
  }
  out.format(content.format);
  Judge judge(content, out);
  judge.reference((*document)["module"], "the module of a model", {"bentoml.", "__main__."});
  judge.texts(*document);
  return true;
}

}  // namespace

std::span<const Reading> package_readings() {
  static constexpr Reading kReadings[] = {
      {"adapter-config", Need::any, judge_adapter}, {"sentence-transformers-modules", Need::believed, judge_modules},
      {"spark-metadata", Need::any, judge_spark},   {"mlflow-model", Need::any, judge_mlflow},
      {"bentoml-model", Need::any, judge_bentoml},
  };
  return kReadings;
}

}  // namespace scan
