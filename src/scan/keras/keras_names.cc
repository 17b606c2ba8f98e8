#include "scan/keras/keras_names.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "scan/pickle/callables.h"

namespace scan {
namespace {

using Set = std::unordered_set<std::string_view>;

Set words(std::string_view list) {
  Set out;
  for (const std::string_view word : base::split(list, ' ')) {
    if (!word.empty()) {
      out.insert(word);
    }
  }
  return out;
}

/// Folders of Keras, below `keras` or `keras.src`, whose classes make up models.
const Set& class_folders() {
  static const Set kSet = words(
      "layers models initializers regularizers constraints losses metrics optimizers dtype_policies mixed_precision "
      "quantizers random ops activations distillation engine legacy_tf_layers premade_models feature_column loss_scale "
      "optimizer_v1 optimizer_v2 integration api applications trainers wrappers legacy");
  return kSet;
}
/// Those whose functions do.
const Set& function_folders() {
  static const Set kSet =
      words("activations ops losses metrics initializers regularizers constraints random quantizers");
  return kSet;
}
/// Functions of those folders that make objects of what they are given, instead of numbers.
const Set& factory_functions() {
  static const Set kSet = words("serialize deserialize get get_registered_object");
  return kSet;
}
const Set& layer_functions() {
  static const Set kSet = words("add average concatenate dot maximum minimum multiply subtract Input");
  return kSet;
}
const Set& utility_classes() {
  static const Set kSet = words("FeatureSpace Config Feature Cross CustomObjectScope Sequence OrderedEnqueuer");
  return kSet;
}
const Set& utility_functions() {
  static const Set kSet = words("normalize to_categorical standardize_dtype is_keras_tensor pad_sequences");
  return kSet;
}

/// Every name that Python's builtins module has, and those of Python 2.
const Set& builtin_names() {
  static const Set kSet = words(
      "abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex "
      "copyright credits delattr dict dir divmod enumerate eval exec execfile exit file filter float format frozenset "
      "getattr globals hasattr hash help hex id input int isinstance issubclass iter len license list locals map max "
      "memoryview min next object oct open ord pow print property quit range raw_input reload repr reversed round set "
      "setattr slice sorted staticmethod str sum super tuple type vars zip __import__ __build_class__ __loader__");
  return kSet;
}
const Set& harmless_builtins() {
  static const Set kSet = words(
      "abs all any bool bytes complex dict divmod enumerate float frozenset hash int isinstance len list max min pow "
      "range reversed round set slice sorted str sum tuple zip function");
  return kSet;
}

bool is_class_name(std::string_view name) {
  while (name.starts_with('_') && name.size() > 1) {
    name.remove_prefix(1);
  }
  return !name.empty() && name[0] >= 'A' && name[0] <= 'Z' && name.find('.') == std::string_view::npos;
}

/// "layers" of "keras.layers", "keras.src.layers.core", "tensorflow.keras.layers", "tf_keras.src.layers" …; "." for
/// Keras itself, empty for what is no module of Keras.
std::string_view keras_folder(std::string_view module) {
  constexpr std::string_view kRoots[] = {"tensorflow.python.keras",
                                         "tensorflow.keras",
                                         "tensorflow_core.keras",
                                         "tensorflow.contrib.keras.python.keras",
                                         "tf_keras",
                                         "keras_core",
                                         "keras"};
  for (const std::string_view root : kRoots) {
    if (module == root) {
      return ".";
    }
    if (!module.starts_with(root) || module[root.size()] != '.') {
      continue;
    }
    std::string_view rest = module.substr(root.size() + 1);
    for (const std::string_view inner : {"src", "_tf_keras", "keras", "api", "_v1", "_v2", "src"}) {
      if (rest == inner) {
        return ".";
      }
      if (rest.starts_with(inner) && rest[inner.size()] == '.') {
        rest.remove_prefix(inner.size() + 1);
      }
    }
    // Optimizers have a form for each backend ("keras.src.backend.torch.optimizers.torch_adamw").
    constexpr std::string_view kOptimizers = ".optimizers.";
    if (rest.starts_with("backend.") && rest.find(kOptimizers) == rest.find('.', 8)) {
      return "optimizers";
    }
    return rest.substr(0, rest.find('.'));
  }
  return {};
}

bool is_companion(std::string_view module) {
  const std::string_view top = module.substr(0, module.find('.'));
  static const Set kPackages = words(
      "keras_hub keras_nlp keras_cv keras_rs keras_tuner keras_contrib tensorflow_addons tensorflow_hub "
      "tensorflow_probability tensorflow_model_optimization tensorflow_text tensorflow_recommenders tensorflow_ranking "
      "tensorflow_decision_forests tensorflow_similarity qkeras larq spektral transformers official autokeras "
      "keras_tcn "
      "tcn keras_bert keras_self_attention keras_pos_embd keras_layer_normalization efficientnet segmentation_models "
      "classification_models kapre");
  return kPackages.contains(top);
}

/// Packages that nearly every machine with Keras has, and that no configuration has reason to name.
bool is_common_package(std::string_view module) {
  const std::string_view top = module.substr(0, module.find('.'));
  static const Set kPackages = words(
      "numpy scipy pandas sklearn torch torchvision tensorflow tensorflow_core jax jaxlib flax h5py joblib cloudpickle "
      "dill "
      "yaml requests urllib3 httpx aiohttp pip setuptools pkg_resources wheel distutils matplotlib PIL cv2 absl google "
      "grpc six certifi psutil paramiko fabric sh pexpect IPython ipykernel jupyter notebook tornado twisted flask "
      "django "
      "jinja2 werkzeug click fire typer rich numba cffi cython sympy networkx mlflow wandb tensorboard ml_dtypes "
      "optree "
      "namex onnx tf2onnx gdown boto3 botocore s3fs fsspec smart_open pyarrow dask ray pyspark lxml bs4 selenium "
      "docker "
      "kubernetes sqlalchemy pymongo redis psycopg2 nltk gensim spacy datasets huggingface_hub tokenizers safetensors "
      "timeout_decorator invoke ansible pytest nose _pytest py win32api win32com pywin32 comtypes wmi "
      "subprocess32 commands popen2");
  return kPackages.contains(top);
}

bool is_own_module(std::string_view module) {
  return module.empty() || module == "__main__" || module == "__mp_main__";
}

KerasStanding judge_module(std::string_view module, std::string_view name) {
  const Judgement known = judge_callable(module, name);
  if (known.standing == Standing::dangerous) {
    return KerasStanding::dangerous;
  }
  // Standard library of any version, whatever it may be harmless for in pickles.
  if (judge_callable(module, "no_such_name").standing == Standing::dangerous || is_common_package(module)) {
    return KerasStanding::dangerous;
  }
  return is_companion(module) ? KerasStanding::part : KerasStanding::foreign;
}

}  // namespace

KerasStanding judge_keras_class(std::string_view module, std::string_view name) {
  const std::string_view plain = name.substr(name.rfind('>') == std::string_view::npos ? 0 : name.rfind('>') + 1);
  if (is_own_module(module)) {
    return KerasStanding::own;
  }
  if (module == "builtins" || module == "__builtin__") {
    if (harmless_builtins().contains(plain)) {
      return KerasStanding::part;
    }
    return KerasStanding::dangerous;  // no class that a layer could be is there
  }
  const std::string_view folder = keras_folder(module);
  if (!folder.empty()) {
    if (folder == ".") {
      return is_class_name(plain) ? KerasStanding::part : KerasStanding::misplaced;
    }
    if (folder == "utils") {
      return utility_classes().contains(plain) || module.ends_with("jax_layer") || module.ends_with("torch_utils")
                 ? KerasStanding::part
                 : KerasStanding::misplaced;
    }
    if (folder == "export") {
      return plain == "TFSMLayer" ? KerasStanding::part : KerasStanding::misplaced;
    }
    if (folder == "saving" || !class_folders().contains(folder)) {
      return KerasStanding::misplaced;
    }
    return is_class_name(plain) ? KerasStanding::part : KerasStanding::misplaced;
  }
  if (module.starts_with("tensorflow.python.framework") || module.starts_with("tensorflow.python.util") ||
      module.starts_with("tensorflow.python.ops.ragged") || module.starts_with("tensorflow.python.data.ops") ||
      module.starts_with("tensorflow.python.training.tracking") || module.starts_with("tensorflow.python.trackable") ||
      module.starts_with("tensorflow.python.feature_column")) {
    // Type specifications and the wrappers of lists and dicts.
    return is_class_name(plain) ? KerasStanding::part : KerasStanding::dangerous;
  }
  return judge_module(module, plain);
}

KerasStanding judge_keras_function(std::string_view module, std::string_view name) {
  const std::string_view plain = name.substr(name.rfind('>') == std::string_view::npos ? 0 : name.rfind('>') + 1);
  if (plain.find('.') != std::string_view::npos && !plain.starts_with("<")) {
    const std::size_t dot = plain.rfind('.');
    if (judge_callable(plain.substr(0, dot), plain.substr(dot + 1)).standing == Standing::dangerous) {
      return KerasStanding::dangerous;
    }
  }
  if (is_own_module(module) || module == "builtins" || module == "__builtin__") {
    if (harmless_builtins().contains(plain)) {
      return KerasStanding::part;
    }
    const bool builtin = !is_own_module(module) && builtin_names().contains(plain);
    return builtin || (plain.starts_with("__") && plain.ends_with("__")) ? KerasStanding::dangerous
                                                                         : KerasStanding::own;
  }
  const std::string_view folder = keras_folder(module);
  if (!folder.empty()) {
    if (folder == "layers") {
      return layer_functions().contains(plain) || is_class_name(plain) ? KerasStanding::part : KerasStanding::misplaced;
    }
    if (folder == "utils") {
      return utility_functions().contains(plain) ? KerasStanding::part : KerasStanding::misplaced;
    }
    return function_folders().contains(folder) && !factory_functions().contains(plain) && !plain.starts_with('_') &&
                   plain.find('.') == std::string_view::npos
               ? KerasStanding::part
               : KerasStanding::misplaced;
  }
  if (module == "tensorflow" || module.starts_with("tensorflow.")) {
    constexpr std::string_view kMath[] = {"tensorflow.nn",
                                          "tensorflow.math",
                                          "tensorflow.python.ops.nn",
                                          "tensorflow.signal",
                                          "tensorflow.python.ops.math",
                                          "tensorflow.linalg",
                                          "tensorflow.python.ops.nn_ops",
                                          "tensorflow.python.ops.math_ops",
                                          "tensorflow.python.ops.gen_nn_ops",
                                          "tensorflow.python.ops.gen_math_ops",
                                          "tensorflow.python.ops.array_ops",
                                          "tensorflow.python.ops.nn_impl"};
    return std::find(std::begin(kMath), std::end(kMath), module) != std::end(kMath) ? KerasStanding::part
                                                                                    : KerasStanding::dangerous;
  }
  const KerasStanding standing = judge_module(module, plain);
  // Functions of packages around Keras may do anything, but for those of their mathematics.
  const bool mathematics = module.find(".activations") != std::string_view::npos ||
                           module.find(".losses") != std::string_view::npos ||
                           module.find(".metrics") != std::string_view::npos;
  return standing == KerasStanding::part && !mathematics ? KerasStanding::foreign : standing;
}

bool is_dangerous_module(std::string_view module) {
  if (is_own_module(module) || !keras_folder(module).empty() || module == "builtins") {
    return false;
  }
  return judge_module(module, "no_such_name") == KerasStanding::dangerous && module != "tensorflow" &&
         !module.starts_with("tensorflow.");
}

bool is_gadget_name(std::string_view name) {
  static const Set kGadgets = words(
      "get_file enable_unsafe_deserialization deserialize_keras_object load_model model_from_json model_from_yaml "
      "func_load load_weights eval exec execfile compile __import__ import_module system popen Popen check_output "
      "run_code run_path getattr setattr open read_file write_file py_function numpy_function load_library loads");
  const bool dotted = name.find('.') != std::string_view::npos;
  const std::size_t dot = name.rfind('.');
  const std::string_view module = dotted ? name.substr(0, dot) : std::string_view();
  const std::string_view last = dotted ? name.substr(dot + 1) : name;
  if (!std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
      })) {
    return false;
  }
  if (!dotted) {
    return kGadgets.contains(last);
  }
  if (!keras_folder(module).empty()) {
    return kGadgets.contains(last) && judge_keras_function(module, last) == KerasStanding::misplaced;
  }
  return judge_callable(module, last).standing == Standing::dangerous;
}

KerasStanding judge_tensorflow_function(std::string_view name) {
  std::string_view rest = name;
  for (const std::string_view prefix : {"tf.", "tensorflow.", "compat.v1.", "compat.v2."}) {
    if (rest.starts_with(prefix)) {
      rest.remove_prefix(prefix.size());
    }
  }
  const std::size_t last_dot = rest.rfind('.');
  const std::string_view last = rest.substr(last_dot == std::string_view::npos ? 0 : last_dot + 1);
  static const Set kDangerous = words(
      "read_file write_file matching_files py_function py_func numpy_function load_library load_op_library "
      "load_file_system_library load_model saved_model "
      "decode_csv_file initialize_all_tables ReadFile WriteFile MatchingFiles PyFunc EagerPyFunc PyFuncStateless Save "
      "SaveV2 SaveSlices Restore RestoreV2 RestoreSlice MergeV2Checkpoints WholeFileReader WholeFileReaderV2 "
      "TextLineReader TextLineReaderV2 TFRecordReader TFRecordReaderV2 FixedLengthRecordReader "
      "FixedLengthRecordReaderV2 LookupTableExport InitializeTableFromTextFile InitializeTableFromTextFileV2 "
      "TextLineDataset TFRecordDataset FixedLengthRecordDataset SqlDataset LoadDataset SaveDataset SaveDatasetV2 "
      "CacheDataset CacheDatasetV2 WriteGraphSummary WriteSummary CreateSummaryFileWriter CreateSummaryDbWriter "
      "ImportEvent DebugIdentity DebugIdentityV2 RpcCall XlaCompileOnDemand rmtree makedirs");
  if (kDangerous.contains(last)) {
    return KerasStanding::dangerous;
  }
  constexpr std::string_view kDangerousFolders[] = {
      "io.",         "raw_ops.",  "saved_model.",           "data.",     "train.", "python",
      "distribute.", "summary.",  "debugging.experimental", "profiler.", "tpu.",   "sysconfig.",
      "gfile.",      "autograph."};
  const bool inside = std::any_of(std::begin(kDangerousFolders), std::end(kDangerousFolders),
                                  [&](std::string_view prefix) { return rest.starts_with(prefix); });
  // Parsing and encoding of tensors touches nothing else.
  const bool codec = rest.starts_with("io.decode_") || rest.starts_with("io.encode_") ||
                     rest.starts_with("io.parse_") || rest.starts_with("io.serialize_");
  return inside && !codec ? KerasStanding::dangerous : KerasStanding::part;
}

}  // namespace scan
