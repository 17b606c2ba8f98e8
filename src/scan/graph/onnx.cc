#include "formats/onnx/onnx.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/text.h"
#include "scan/graph/common.h"
#include "scan/graph/graph.h"
#include "scan/graph/operators.h"
#include "scan/template/template.h"

namespace scan {
namespace {

using formats::onnx::Attribute;
using formats::onnx::Entry;
using formats::onnx::Function;
using formats::onnx::Model;
using formats::onnx::Node;
using formats::onnx::Tensor;
using formats::onnx::Text;

bool is_standard(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx";
}

bool is_standard_extra(std::string_view domain) {
  return domain == "ai.onnx.ml" || domain == "ai.onnx.training" || domain == "ai.onnx.preview.training" ||
         domain == "ai.onnx.preview";
}

/// Operator sets that runtimes bring along, and those that exporters write besides functions of that name.
bool is_usual_domain(std::string_view domain) {
  constexpr std::string_view kKnown[] = {"com.microsoft",
                                         "com.microsoft.nchwc",
                                         "com.microsoft.experimental",
                                         "com.microsoft.dml",
                                         "com.microsoft.internal.nhwc",
                                         "com.ms.internal.nhwc",
                                         "com.microsoft.extensions",
                                         "com.microsoft.gelu",
                                         "ai.onnx.contrib",
                                         "org.pytorch.aten",
                                         "org.pytorch.prim",
                                         "org.pytorch._caffe2",
                                         "this",
                                         "local",
                                         "aten",
                                         "prim",
                                         "onnxscript.atenlib",
                                         "mmdeploy",
                                         "trt.plugins",
                                         "com.nvidia",
                                         "TRT",
                                         "com.xilinx",
                                         "com.amd.quark",
                                         "com.qti.aisw",
                                         "com.intel.ai",
                                         "qonnx.custom_op.general",
                                         "qti_aisw"};
  return std::find(std::begin(kKnown), std::end(kKnown), domain) != std::end(kKnown) || domain.starts_with("pkg.") ||
         domain.starts_with("torch_scatter") || domain.starts_with("local_");
}

/// Operators that run Python code or any operator by name.
bool runs_code(const Node& node) {
  constexpr std::string_view kNames[] = {"PyOp",          "PythonOp",   "PythonOpGrad", "PyFunc",    "PyCustomOp",
                                         "PyCustomOpDef", "PythonFunc", "TorchPyOp",    "OrtPyOp",   "EagerPyFunc",
                                         "ExternalPyOp",  "PythonCall", "SystemCall",   "ShellExec", "ExecuteCommand"};
  return std::find(std::begin(kNames), std::end(kNames), node.op_type) != std::end(kNames);
}

/// Operators of onnxruntime-extensions (ai.onnx.contrib, formerly com.microsoft.extensions).
bool is_contrib_operator(std::string_view name) {
  constexpr std::string_view kNames[] = {"AudioDecoder",
                                         "BasicTokenizer",
                                         "BertTokenizer",
                                         "BertTokenizerDecoder",
                                         "BlingFireSentenceBreaker",
                                         "BpeDecoder",
                                         "BpeTokenizer",
                                         "CLIPTokenizer",
                                         "DecodeImage",
                                         "DrawBoundingBoxes",
                                         "EncodeImage",
                                         "GPT2Tokenizer",
                                         "GaussianBlur",
                                         "HfBertTokenizer",
                                         "HfJsonTokenizer",
                                         "ImageDecoder",
                                         "ImageReader",
                                         "Inverse",
                                         "MaskedFill",
                                         "NegPos",
                                         "RaggedTensorToDense",
                                         "RaggedTensorToSparse",
                                         "RobertaTokenizer",
                                         "SegmentExtraction",
                                         "SegmentSum",
                                         "SentencepieceDecoder",
                                         "SentencepieceTokenizer",
                                         "SpmTokenizer",
                                         "StftNorm",
                                         "StringConcat",
                                         "StringECMARegexReplace",
                                         "StringECMARegexSplitWithOffsets",
                                         "StringEqual",
                                         "StringHash",
                                         "StringHashFast",
                                         "StringJoin",
                                         "StringLength",
                                         "StringLower",
                                         "StringMapping",
                                         "StringRaggedTensorToDense",
                                         "StringRegexReplace",
                                         "StringRegexSplitWithOffsets",
                                         "StringSlice",
                                         "StringSplit",
                                         "StringStrip",
                                         "StringToHashBucket",
                                         "StringToHashBucketFast",
                                         "StringToVector",
                                         "StringUpper",
                                         "TrieDetokenizer",
                                         "TrieTokenizer",
                                         "UnicodeNormalize",
                                         "VectorToString",
                                         "WordpieceTokenizer",
                                         "XLMRobertaTokenizer"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

class OnnxJudge {
 public:
  OnnxJudge(const Model& model, const Content& content, Collector& out)
      : model_(model), path_(content.path), depth_(content.depth), out_(out) {}

  void judge() {
    judge_wire(model_.report, path_, "ONNX", out_);
    if (model_.cut) {
      out_.not_covered(path_, "onnx: more parts than are read");
    }
    if (model_.graphs == 0 && model_.functions.empty()) {
      add("graph-malformed", 0, "no graph", "The model holds no graph.");
    }
    if (model_.ir_version >= 3 && model_.graphs != 0 && model_.operator_sets.empty()) {
      out_.not_covered(path_, "onnx: no operator sets; the model may be cut off");
    }
    functions();
    operator_sets();
    nodes();
    for (const Tensor& tensor : model_.tensors) {
      judge_tensor(tensor);
    }
    texts();
  }

 private:
  void add(std::string_view rule, std::uint64_t offset, std::string subject, std::string message) {
    out_.add(rule, {path_, byte_place(offset), offset, 0, std::move(subject), std::move(message)});
  }

  static std::string operator_name(std::string_view domain, std::string_view name) {
    return (domain.empty() ? std::string() : shown(domain) + "::") + shown(name);
  }

  void functions() {
    std::unordered_map<std::string, std::uint32_t> by_name;
    for (std::uint32_t i = 0; i < model_.functions.size(); ++i) {
      const Function& function = model_.functions[i];
      local_domains_.insert(function.domain);
      if ((is_standard(function.domain) && is_onnx_operator(function.name)) ||
          (is_standard_extra(function.domain) && is_onnx_extra_operator(function.name))) {
        add("graph-shadowed-operator", function.offset, operator_name(function.domain, function.name),
            "The function " + shown(function.name) + " stands in for the standard operator of that name.");
      }
      if (!by_name.emplace(key(function.domain, function.name, function.overload), i).second) {
        add("graph-ambiguous", function.offset, operator_name(function.domain, function.name),
            "The function " + shown(function.name) + " is defined more than once.");
      }
    }
    std::vector<std::vector<std::uint32_t>> calls(model_.functions.size() + 1);
    std::vector<std::uint64_t> own(model_.functions.size() + 1, 1);
    for (const Node& node : model_.nodes) {
      const std::size_t caller = node.function == formats::onnx::kNoFunction ? model_.functions.size() : node.function;
      ++own[caller];
      if (model_.functions.empty()) {
        continue;
      }
      const auto callee = by_name.find(key(node.domain, node.op_type, node.overload));
      if (callee != by_name.end()) {
        calls[caller].push_back(callee->second);
        local_calls_.insert(&node);
      }
    }
    const Expansion expansion = expand(calls, own);
    if (expansion.recursive) {
      add("graph-exhaustion", 0, "functions call each other in a circle",
          "Functions of the model call each other in a circle: loading it does not end.");
    } else if (expansion.nodes > kMaxExpandedNodes) {
      add("graph-exhaustion", 0, "functions call functions by the power",
          "Inlined, the model's functions come to more than 100 million nodes.");
    }
  }

  static std::string key(std::string_view domain, std::string_view name, std::string_view overload) {
    return std::string(is_standard(domain) ? "" : domain) + '\x1f' + std::string(name) + '\x1f' + std::string(overload);
  }

  void operator_sets() {
    std::map<std::string_view, std::uint64_t> versions;
    for (const auto& set : model_.operator_sets) {
      if (!is_standard(set.domain) && !is_standard_extra(set.domain) && !is_usual_domain(set.domain) &&
          !local_domains_.contains(set.domain)) {
        custom(set.domain, {}, set.offset);
      }
    }
  }

  void custom(std::string_view domain, std::string_view name, std::uint64_t offset) {
    if (domains_told_.insert(std::string(domain)).second) {
      add("graph-custom-operator", offset, name.empty() ? "operator set " + shown(domain) : operator_name(domain, name),
          "The model needs operators of the set " + shown(domain) + ", which no runtime brings along.");
    }
  }

  void nodes() {
    for (const Node& node : model_.nodes) {
      const bool local = local_calls_.contains(&node);
      if (runs_code(node) && !local) {
        add("graph-code", node.offset, operator_name(node.domain, node.op_type) + attribute_text(node),
            "The operator " + operator_name(node.domain, node.op_type) + " runs Python code" + attribute_text(node) +
                ".");
      } else if (!local) {
        judge_operator(node);
      }
      for (const Attribute& attribute : node.attributes) {
        for (const std::string_view text : attribute.texts) {
          judge_payload(
              text,
              {path_, "attribute " + shown(attribute.name) + " of " + shown(node.op_type), attribute.offset, depth_},
              attribute.texts.size() > 1 ? Probe::binary : Probe::all, out_);
        }
      }
    }
  }

  void judge_operator(const Node& node) {
    const std::string_view name = node.op_type;
    if (is_standard(node.domain)) {
      if (!is_onnx_operator(name)) {
        add("graph-custom-operator", 0, "operator " + shown(name),
            "The standard operator set has no operator " + shown(name) + ".");
      }
    } else if (is_standard_extra(node.domain)) {
      if (!is_onnx_extra_operator(name)) {
        add("graph-custom-operator", 0, operator_name(node.domain, name),
            "The operator set " + shown(node.domain) + " has no operator " + shown(name) + ".");
      }
    } else if (node.domain == "ai.onnx.contrib" || node.domain == "com.microsoft.extensions") {
      if (!is_contrib_operator(name)) {
        add("graph-custom-operator", 0, operator_name(node.domain, name),
            "The operator " + shown(name) + " is none of ONNX Runtime's extensions: programs add such in Python.");
      } else if (name == "ImageReader") {
        add("graph-file-access", node.offset, operator_name(node.domain, name),
            "The operator ImageReader opens files by the names that it is given.");
      }
    } else if (!is_usual_domain(node.domain) && !local_domains_.contains(node.domain)) {
      custom(node.domain, name, node.offset);
    } else if (local_domains_.contains(node.domain) && !is_usual_domain(node.domain)) {
      add("graph-custom-operator", 0, operator_name(node.domain, name),
          "The model defines no function " + operator_name(node.domain, name) + ".");
    }
    if (name == "EPContext") {
      judge_context(node);
    } else if (name == "ATen" || node.domain == "org.pytorch.aten") {
      const std::string text = attribute_text(node);
      for (const std::string_view bad : {"from_file", "::load", "::save", "_load", "rpc_", "py_"}) {
        if (text.find(bad) != std::string::npos) {
          add("graph-file-access", node.offset, operator_name(node.domain, name) + text,
              "ATen runs PyTorch's operator" + text + ".");
          break;
        }
      }
    }
  }

  /// Compiled models within models: a file beside the model, or the bytes themselves.
  void judge_context(const Node& node) {
    for (const Attribute& attribute : node.attributes) {
      if (attribute.name != "ep_cache_context") {
        continue;
      }
      for (const std::string_view text : attribute.texts) {
        const std::string_view risk = text.size() < 4096 ? path_risk(text) : std::string_view();
        if (!risk.empty()) {
          add("graph-external-path", attribute.offset, shown(text),
              "Compiled code is taken from " + shown(text) + ", which " + std::string(risk) + ".");
        }
      }
    }
    out_.not_covered(path_, "onnx: EPContext holds code compiled for an accelerator");
  }

  static std::string attribute_text(const Node& node) {
    std::string out;
    for (const Attribute& attribute : node.attributes) {
      for (const std::string_view text : attribute.texts) {
        if (out.size() < 200) {
          out += " " + shown(attribute.name, 40) + "=" + shown(text, 80);
        }
      }
    }
    return out;
  }

  void judge_tensor(const Tensor& tensor) {
    const std::string label = "tensor " + shown(tensor.name, 80);
    std::uint64_t elements = 1;
    bool fits = true;
    bool negative = false;
    for (const std::int64_t extent : tensor.dims) {
      negative = negative || extent < 0;
      fits = fits && extent >= 0 && !__builtin_mul_overflow(elements, static_cast<std::uint64_t>(extent), &elements);
    }
    if (std::find(tensor.dims.begin(), tensor.dims.end(), 0) != tensor.dims.end()) {
      fits = true;
      elements = 0;
    }
    if (tensor.rank > 64) {
      add("graph-malformed", tensor.offset, label + ": rank " + std::to_string(tensor.rank),
          label + " has a rank above 64.");
      return;
    }
    const std::uint32_t bits = formats::onnx::element_bits(tensor.data_type);
    std::uint64_t total_bits = 0;
    if (negative) {
      add("graph-malformed", tensor.offset, label + ": negative extent", "An extent of " + label + " is negative.");
      fits = false;
    } else if (!fits || (bits != 0 && __builtin_mul_overflow(elements, bits, &total_bits))) {
      add("graph-exhaustion", tensor.offset, label + ": shape overflows",
          "The shape of " + label + " comes to more than 2^64.");
      fits = false;
    }
    const std::uint64_t bytes = total_bits / 8 + (total_bits % 8 != 0 ? 1 : 0);
    if (fits && bits != 0) {
      if (tensor.has_raw && tensor.raw_bytes != bytes && !tensor.is_external) {
        add("graph-malformed", tensor.offset,
            label + ": " + std::to_string(tensor.raw_bytes) + " bytes for " + std::to_string(bytes),
            "Shape and type of " + label + " take " + std::to_string(bytes) + " bytes, " +
                std::to_string(tensor.raw_bytes) + " are stored.");
      }
      const bool plain_float = tensor.data_type == 1 || tensor.data_type == 11;
      if (plain_float && !tensor.has_raw && tensor.typed_bytes != 0 && tensor.typed_bytes != bytes) {
        add("graph-malformed", tensor.offset,
            label + ": " + std::to_string(tensor.typed_bytes) + " bytes for " + std::to_string(bytes),
            "Shape and type of " + label + " take " + std::to_string(bytes) + " bytes, " +
                std::to_string(tensor.typed_bytes) + " are stored.");
      }
      if (!tensor.has_raw && !tensor.is_external && tensor.external.empty() && elements > (1U << 20) &&
          elements / 8 > tensor.typed_bytes) {
        add("graph-exhaustion", tensor.offset, label + ": " + std::to_string(elements) + " elements",
            "The shape of " + label + " says " + std::to_string(elements) + " elements, of which few are stored.");
      }
    }
    if (tensor.data_type < 0 || tensor.data_type > 64) {
      add("graph-malformed", tensor.offset, label + ": type " + std::to_string(tensor.data_type),
          "The type of " + label + " is none.");
    }
    if (tensor.is_external || !tensor.external.empty()) {
      judge_external(tensor, label, fits && bits != 0 ? std::optional(bytes) : std::nullopt);
    }
    if (!tensor.raw_head.empty()) {
      const std::string_view head = base::as_text(tensor.raw_head);
      if (head.starts_with('\x80') || head.starts_with("PK\x03\x04") ||
          head.starts_with("\x7F"
                           "ELF") ||
          head.starts_with("MZ") || head.starts_with("#!/") || tensor.data_type == 2 || tensor.data_type == 3) {
        judge_payload(head, {path_, "the data of " + label, tensor.raw_offset, depth_}, Probe::binary, out_);
      }
    }
  }

  void judge_external(const Tensor& tensor, const std::string& label, std::optional<std::uint64_t> bytes) {
    std::optional<std::uint64_t> offset = 0;
    std::optional<std::uint64_t> length;
    std::string_view location;
    std::set<std::string_view> keys;
    for (const Entry& entry : tensor.external) {
      if (!keys.insert(entry.key).second) {
        add("graph-ambiguous", entry.offset, label + ": " + shown(entry.key) + " twice",
            "External data of " + label + " gives " + shown(entry.key) + " more than once.");
      }
      if (entry.key == "location" || entry.key == "basepath") {
        location = entry.key == "location" ? entry.value : location;
        judge_location(entry, label);
      } else if (entry.key == "offset") {
        offset = whole_number(entry.value);
        if (!offset || *offset > INT64_MAX) {
          add("graph-external-data", entry.offset, label + ": offset " + shown(entry.value, 40),
              "The offset of " + label + " is no place in a file.");
        }
      } else if (entry.key == "length") {
        length = whole_number(entry.value);
        if (!length || *length > INT64_MAX) {
          add("graph-external-data", entry.offset, label + ": length " + shown(entry.value, 40),
              "The length of " + label + " is none that a file can have.");
        }
      } else if (entry.key != "checksum" && !entry.key.starts_with("prepacked")) {
        out_.add("graph-external-data",
                 entry.key.find("__") != std::string_view::npos ? evidence::Severity::high : evidence::Severity::medium,
                 {path_, byte_place(entry.offset), entry.offset, 0, label + ": key " + shown(entry.key, 60),
                  "External data of " + label + " has the unknown key " + shown(entry.key, 60) +
                      ", which readers are known to set as an attribute of their own object (CVE-2026-34445)."});
      }
    }
    if (tensor.is_external && !keys.contains("location")) {
      add("graph-external-data", tensor.offset, label + ": no location",
          "External data of " + label + " names no file.");
    }
    if (tensor.is_external && tensor.has_raw && tensor.raw_bytes > 0) {
      add("graph-ambiguous", tensor.offset, label + ": external and stored",
          "The data of " + label + " is both stored here and said to be elsewhere.");
    }
    std::uint64_t end = 0;
    if (offset && length && *offset <= INT64_MAX && *length <= INT64_MAX &&
        (__builtin_add_overflow(*offset, *length, &end) || end > INT64_MAX)) {
      add("graph-external-data", tensor.offset, label + ": offset and length overflow",
          "Offset and length of " + label + " together overflow.");
    } else if (length && bytes && *length != *bytes && *length <= INT64_MAX) {
      add("graph-external-data", tensor.offset,
          label + ": length " + std::to_string(*length) + " for " + std::to_string(*bytes),
          "Shape and type of " + label + " take " + std::to_string(*bytes) + " bytes, its external data has " +
              std::to_string(*length) + ".");
    }
  }

  void judge_location(const Entry& entry, const std::string& label) {
    if (!locations_told_.insert(std::string(entry.value)).second) {
      return;
    }
    std::string_view risk = path_risk(entry.value);
    if (risk.empty()) {
      risk = sensitive_file(entry.value);
    }
    if (!risk.empty()) {
      add("graph-external-path", entry.offset, shown(entry.value, 200),
          "Data of " + label + " is taken from " + shown(entry.value, 200) + ", which " + std::string(risk) + ".");
    } else if (entry.value.empty() || entry.value == "." || entry.value.ends_with('/')) {
      add("graph-external-data", entry.offset, label + ": location \"" + shown(entry.value) + "\"",
          "External data of " + label + " names no file.");
    }
  }

  void texts() {
    judge_payload(model_.producer_name, {path_, "producer_name", 0, depth_}, Probe::all, out_);
    for (const Text& text : model_.texts) {
      const std::string place = std::string(text.what) + (text.key.empty() ? std::string() : " " + shown(text.key, 60));
      judge_payload(text.value, {path_, place, text.offset, depth_},
                    text.what == "string_data" ? Probe::binary : Probe::all, out_);
      if (text.what == "metadata_props") {
        judge_payload(text.key, {path_, "a key of metadata_props", text.offset, depth_}, Probe::all, out_);
        if (text.value.find("{{") != std::string_view::npos || text.value.find("{%") != std::string_view::npos) {
          judge_template(text.value, path_, text.offset, 0, out_);
        }
        if (text.key == "ort_config") {
          add("graph-custom-operator", text.offset, "ort_config " + shown(text.value),
              "The model sets options of the runtime's session.");
        }
      }
    }
    for (const Text& text : model_.unknown) {
      judge_payload(text.value, {path_, "a field that ONNX does not have", text.offset, depth_}, Probe::binary, out_);
    }
  }

  const Model& model_;
  const std::string& path_;
  std::uint32_t depth_;
  Collector& out_;
  std::set<std::string_view> local_domains_;
  std::set<const Node*> local_calls_;
  std::set<std::string> domains_told_;
  std::set<std::string> locations_told_;
};

}  // namespace

bool judge_onnx(const Content& content, Collector& out) {
  std::string encoded;
  const bool text = content.format == "onnx-text";
  if (text) {
    auto wire = formats::onnx::encode(base::as_text(content.bytes));
    if (!wire) {
      out.format(content.format);
      out.unreadable("graph-malformed", wire.error(), content.path);
      return true;
    }
    encoded = *std::move(wire);
  }
  const Model model = formats::onnx::parse(text ? base::as_bytes(encoded) : content.bytes);
  if (model.nodes.empty() && model.tensors.empty() && model.graphs == 0 && !content.certain &&
      !last_name(content.path).ends_with(".onnx")) {
    return false;
  }
  out.format(content.format);
  OnnxJudge(model, content, out).judge();
  return true;
}

bool judge_ort(const Content& content, Collector& out) {
  out.format(content.format);
  const auto model = formats::onnx::parse_ort(content.bytes);
  if (!model) {
    out.unreadable("graph-malformed", model.error(), content.path);
    return true;
  }
  OnnxJudge(*model, content, out).judge();
  return true;
}

}  // namespace scan
