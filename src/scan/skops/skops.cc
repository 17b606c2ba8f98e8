#include "scan/skops/skops.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "formats/zip/zip.h"
#include "scan/pickle/callables.h"

namespace scan {
namespace {

using base::Value;
using evidence::Severity;
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

/// Node types of protocols 0 to 2.
bool is_known_loader(std::string_view loader) {
  static const Set kSet = words(
      "BytearrayNode BytesNode CachedNode ConstructorFromReduceNode DTypeNode DefaultDictNode DictNode FunctionNode "
      "JsonNode ListNode LossNode MaskedArrayNode MethodNode NdArrayNode ObjectNode OperatorFuncNode PartialNode "
      "QuantileForestNode RandomGeneratorNode RandomStateNode SetNode SliceNode SparseMatrixNode TreeNode TupleNode "
      "TypeNode ReduceNode SGDNode ZoneInfoNode");
  return kSet.contains(loader);
}

/// What a node of that type makes, where it is always the same; empty where it is not.
std::string_view made_by(std::string_view loader) {
  constexpr std::pair<std::string_view, std::string_view> kMade[] = {
      {"ListNode", "list"},
      {"SetNode", "set"},
      {"BytesNode", "bytes"},
      {"BytearrayNode", "bytearray"},
      {"SliceNode", "slice"},
      {"PartialNode", "partial"},
      {"DefaultDictNode", "defaultdict"},
  };
  for (const auto& [node, made] : kMade) {
    if (node == loader) {
      return made;
    }
  }
  return {};
}

bool is_array_function(std::string_view module, std::string_view name) {
  static const Set kUniversal = words(
      "abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh "
      "bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift "
      "bitwise_xor cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide divmod equal exp exp2 expm1 fabs "
      "float_power floor floor_divide fmax fmin fmod frexp gcd greater greater_equal heaviside hypot invert isfinite "
      "isinf isnan isnat lcm ldexp left_shift less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and "
      "logical_not logical_or logical_xor matmul matvec maximum minimum mod modf multiply negative nextafter not_equal "
      "positive pow power rad2deg radians reciprocal remainder right_shift rint sign signbit sin sinh spacing sqrt "
      "square subtract tan tanh true_divide trunc vecdot vecmat mean median std var sum prod min max amin amax argmin "
      "argmax nanmean nanmedian clip round around ravel reshape transpose squeeze concatenate stack hstack vstack "
      "nan_to_num cumsum diff dot where unique sort percentile quantile average ptp cov corrcoef asarray array");
  if (module == "numpy" || module.starts_with("numpy.core") || module.starts_with("numpy._core") ||
      module == "numpy.lib._function_base_impl" || module == "numpy.lib.function_base") {
    return kUniversal.contains(name);
  }
  return module == "scipy.special" || module.starts_with("scipy.special._");
}

class SchemaJudge {
 public:
  SchemaJudge(const std::string& path, Collector& out) : path_(path), out_(out) {}

  void judge(const Value& root) {
    std::vector<const Value*> open{&root};
    while (!open.empty()) {
      const Value& value = *open.back();
      open.pop_back();
      if (value.is_map()) {
        if (value.find("__loader__") != nullptr || value.find("__module__") != nullptr ||
            value.find("__class__") != nullptr) {
          judge_node(value);
        }
        for (const auto& [key, member] : value.as_map()) {
          open.push_back(&member);
        }
      } else if (value.is_list()) {
        for (const Value& element : value.as_list()) {
          open.push_back(&element);
        }
      }
    }
  }

 private:
  Sighting at(const Value& node, std::string subject, std::string message = {}) {
    return {path_, "line " + std::to_string(node.line()), 0, node.line(), std::move(subject), std::move(message)};
  }

  void judge_node(const Value& node) {
    const std::string_view loader = node["__loader__"].as_text();
    const std::string_view module = node["__module__"].as_text();
    const std::string_view name = node["__class__"].as_text();
    if (loader == "CachedNode") {
      return;
    }
    const std::string full = std::string(module) + "." + std::string(name);
    if (!is_known_loader(loader)) {
      out_.add("skops-defect",
               at(node, "node type " + std::string(loader),
                  "The schema names a node type that skops does not know: " + std::string(loader) + "."));
    }
    if (const std::string_view made = made_by(loader); !made.empty() && name != made && loader != "PartialNode") {
      out_.add("skops-defect", at(node, std::string(loader) + " of " + full,
                                  "A node says that it is of one type and is loaded as another: " + full + "."));
    }
    if (loader == "OperatorFuncNode" || (loader != "TypeNode" && (module == "operator" || module == "_operator"))) {
      judge_operator(node, module, name, full);
      return;
    }
    if (loader == "MethodNode") {
      judge_method(node, module, name, full);
    }
    judge_type(node, loader, module, name, full);
  }

  /// CVE-2025-54412: the loader made any function of the module `operator`, and called it.
  void judge_operator(const Value& node, std::string_view module, std::string_view name, const std::string& full) {
    if ((module != "operator" && module != "_operator") ||
        (name != "attrgetter" && name != "itemgetter" && name != "methodcaller")) {
      out_.add("skops-untrusted-type", at(node, "operator " + full));
    } else if (name != "itemgetter") {
      out_.add("skops-unknown-type", at(node, "operator " + full));
    }
  }

  /// CVE-2025-54413: the type that is checked is not that of the object whose method is taken.
  void judge_method(const Value& node, std::string_view module, std::string_view name, const std::string& full) {
    const Value& object = node["content"]["obj"];
    const std::string_view function = node["content"]["func"].as_text();
    const std::string subject = "method " + full + "." + std::string(function);
    if (object["__loader__"].as_text() != "CachedNode" &&
        (object["__module__"].as_text() != module || object["__class__"].as_text() != name)) {
      out_.add("skops-untrusted-type", at(node, subject + " of " + std::string(object["__module__"].as_text()) + "." +
                                                    std::string(object["__class__"].as_text())));
      return;
    }
    if (function.starts_with("__") || !module.starts_with("sklearn.")) {
      out_.add("skops-unknown-type", at(node, subject));
    }
  }

  void judge_type(const Value& node, std::string_view loader, std::string_view module, std::string_view name,
                  const std::string& full) {
    if (module.empty() && name.empty()) {
      return;
    }
    const Judgement known = judge_callable(module, name);
    const bool function = loader == "FunctionNode" || loader == "TypeNode";
    // What every node of containers and values has.
    static const Set kPlain = words(
        "dict list set tuple map int float str bool bytes bytearray slice NoneType complex "
        "frozenset type object range len abs min max sum sorted round");
    if (module == "builtins" && kPlain.contains(name)) {
      return;
    }
    if ((module == "functools" && name == "partial") || (module == "types" && name == "FunctionType") ||
        (module == "zoneinfo" && name == "ZoneInfo") || (module == "operator" && name == "itemgetter")) {
      return;
    }
    if (known.standing == Standing::dangerous) {
      if (function && is_array_function(module, name)) {
        return;
      }
      out_.add("skops-untrusted-type", at(node, std::string(loader) + " " + full));
      return;
    }
    if (known.standing == Standing::allowed || known.standing == Standing::checked ||
        known.standing == Standing::class_only) {
      return;
    }
    const bool own_numbers = module.starts_with("sklearn.") || module.starts_with("quantile_forest.") ||
                             module.starts_with("scipy.sparse") || module.starts_with("scipy.stats") ||
                             module.starts_with("scipy.spatial") || module.starts_with("numpy.random") ||
                             module.starts_with("numpy.dtypes") || module.starts_with("numpy.ma") ||
                             is_array_function(module, name);
    const bool plain_name = std::all_of(name.begin(), name.end(), is_word) && !name.starts_with("__");
    // Protocol 0 knew types of NumPy by these names.
    static const Set kNumpy = words(
        "ndarray dtype generic matrix number str_ bytes_ void object_ bool_ bool float64 float32 "
        "float16 int64 int32 int16 int8 uint64 uint32 uint16 uint8 complex64 complex128 "
        "longdouble clongdouble datetime64 timedelta64 intp uintp longlong ulonglong");
    if ((own_numbers && plain_name) || (module == "numpy" && kNumpy.contains(name))) {
      return;
    }
    out_.add("skops-unknown-type", at(node, std::string(loader) + " " + full));
  }

  const std::string& path_;
  Collector& out_;
};

bool judge_skops(const Content& content, Collector& out) {
  const formats::zip::Archive archive = formats::zip::read(content.bytes);
  bool found = false;
  for (const formats::zip::Entry& entry : archive.entries) {
    if (entry.name != "schema.json") {
      continue;
    }
    const std::string path = content.path + "!" + entry.name;
    const formats::zip::Member member = formats::zip::extract(content.bytes, entry, out.unpack_budget(), false);
    if (judge_skops_schema(base::as_text(member.bytes()), path, out)) {
      found = true;
      if (member.unpacked.problem && member.unpacked.problem->code != base::Errc::untrusted) {
        out.unreadable("skops-defect", *member.unpacked.problem, path);
      }
    }
  }
  if (!found) {
    if (!content.path.ends_with(".skops")) {
      return false;
    }
    out.add("skops-defect", {content.path, "", 0, 0, "no schema", "The file has no schema that skops could read."});
  }
  out.format("skops");
  for (const formats::zip::Entry& entry : archive.entries) {
    const std::string lower = base::to_lower(entry.name);
    if (lower.ends_with(".pkl") || lower.ends_with(".pickle") || lower.ends_with(".joblib") || lower.ends_with(".p")) {
      out.add("skops-unknown-type",
              {content.path + "!" + entry.name, byte_place(entry.header_offset), entry.header_offset, 0,
               "member " + entry.name, "A pickle lies in the file; skops writes none."});
    }
  }
  return true;
}

}  // namespace

bool judge_skops_schema(std::string_view text, const std::string& path, Collector& out) {
  base::DocumentLimits limits;
  limits.max_bytes = 256U << 20;
  limits.max_depth = 900;
  limits.max_values = 8'000'000;  // some 400 MB
  const bool meant = text.find("__loader__") != std::string_view::npos ||
                     text.find("_skops_version") != std::string_view::npos ||
                     text.find("\\u00") != std::string_view::npos;
  if (!meant) {
    return false;
  }
  const auto document = base::parse_json_document(text, limits);
  if (!document) {
    if (document.error().code == base::Errc::too_large || text.find("__loader__") != std::string_view::npos) {
      out.unreadable("skops-defect", document.error(), path);
      return true;
    }
    return false;
  }
  const Value& root = document->root;
  if (!root.is_map() || (root.find("__loader__") == nullptr && root.find("_skops_version") == nullptr)) {
    return false;
  }
  for (const base::DuplicateKey& one : document->duplicates) {
    if (!one.key.starts_with("__") && one.key != "content" && one.key != "file" && one.key != "protocol") {
      continue;  // keys of the user's own dictionaries, which differ in type only
    }
    out.add("skops-defect", {path, "line " + std::to_string(one.line), 0, one.line, "key " + one.key + " twice",
                             "The key \"" + one.key + "\" stands twice; readers differ in which they take."});
  }
  SchemaJudge(path, out).judge(root);
  return true;
}

std::span<const Reading> skops_readings() {
  static constexpr Reading kReadings[] = {{"skops", Need::any, judge_skops}};
  return kReadings;
}

}  // namespace scan
