#include "formats/tensorflow/tensorflow.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "scan/graph/common.h"
#include "scan/graph/graph.h"
#include "scan/graph/operators.h"
#include "scan/keras/keras.h"

namespace scan {
namespace {

using evidence::Severity;
using formats::tensorflow::Asset;
using formats::tensorflow::Attribute;
using formats::tensorflow::Function;
using formats::tensorflow::kNoFunction;
using formats::tensorflow::Model;
using formats::tensorflow::Node;
using formats::tensorflow::Root;
using formats::tensorflow::Saver;

/// What an operator does besides computing.
enum class Effect : std::uint8_t {
  none,
  code,    ///< Runs Python.
  write,   ///< Opens the file of an input for writing, or removes it.
  read,    ///< Opens the file of an input.
  reader,  ///< Opens files that come later.
  network,
  exit,   ///< Ends the process.
  table,  ///< Reads a vocabulary: usual.
  save,   ///< Part of every SavedModel, where the file's name comes from the program.
  restore,
  debug,  ///< Writes tensors where an attribute says.
  print,
  descriptor,  ///< Reads a description of messages from the file of an attribute.
  graph,       ///< Runs a graph that is held in a constant.
  engine,      ///< Machine code.
  module,      ///< Runs StableHLO.
  region,      ///< Maps the file that an attribute names.
};

struct KnownOperator {
  std::string_view name;
  Effect effect;
  std::uint32_t input = 0;  ///< The input that names a file.
};

constexpr KnownOperator kOperators[] = {
    {"PyFunc", Effect::code},
    {"PyFuncStateless", Effect::code},
    {"EagerPyFunc", Effect::code},
    {"_EagerPyFunc", Effect::code},
    {"WriteFile", Effect::write, 0},
    {"CreateSummaryFileWriter", Effect::write, 1},
    {"CreateSummaryDbWriter", Effect::write, 1},
    {"SaveDataset", Effect::write, 1},
    {"SaveDatasetV2", Effect::write, 1},
    {"SnapshotDataset", Effect::write, 1},
    {"SnapshotDatasetV2", Effect::write, 1},
    {"CacheDataset", Effect::write, 1},
    {"CacheDatasetV2", Effect::write, 1},
    {"DatasetToTFRecord", Effect::write, 1},
    {"ExperimentalDatasetToTFRecord", Effect::write, 1},
    {"DistributedSave", Effect::write, 1},
    {"ImportEvent", Effect::write, 1},
    {"CalibrationStatisticsSaver", Effect::reader},
    {"ReadFile", Effect::read, 0},
    {"MatchingFiles", Effect::read, 0},
    {"MatchingFilesDataset", Effect::read, 0},
    {"ExperimentalMatchingFilesDataset", Effect::read, 0},
    {"TextLineDataset", Effect::read, 0},
    {"TFRecordDataset", Effect::read, 0},
    {"TFRecordDatasetV2", Effect::read, 0},
    {"FixedLengthRecordDataset", Effect::read, 0},
    {"FixedLengthRecordDatasetV2", Effect::read, 0},
    {"CSVDataset", Effect::read, 0},
    {"CSVDatasetV2", Effect::read, 0},
    {"ExperimentalCSVDataset", Effect::read, 0},
    {"LMDBDataset", Effect::read, 0},
    {"ExperimentalLMDBDataset", Effect::read, 0},
    {"LoadDataset", Effect::read, 0},
    {"ListSnapshotChunksDataset", Effect::read, 0},
    {"SnapshotChunkDataset", Effect::read, 0},
    {"SqlDataset", Effect::read, 1},
    {"ExperimentalSqlDataset", Effect::read, 1},
    {"LoadAndRemapMatrix", Effect::read, 0},
    {"GenerateVocabRemapping", Effect::read, 0},
    {"WholeFileReader", Effect::reader},
    {"WholeFileReaderV2", Effect::reader},
    {"TextLineReader", Effect::reader},
    {"TextLineReaderV2", Effect::reader},
    {"FixedLengthRecordReader", Effect::reader},
    {"FixedLengthRecordReaderV2", Effect::reader},
    {"TFRecordReader", Effect::reader},
    {"TFRecordReaderV2", Effect::reader},
    {"LMDBReader", Effect::reader},
    {"RpcCall", Effect::network},
    {"RpcClient", Effect::network},
    {"RpcServer", Effect::network},
    {"RpcServerStart", Effect::network},
    {"RpcServerRegister", Effect::network},
    {"Rpc", Effect::network},
    {"TryRpc", Effect::network},
    {"DataServiceDataset", Effect::network},
    {"DataServiceDatasetV2", Effect::network},
    {"DataServiceDatasetV3", Effect::network},
    {"DataServiceDatasetV4", Effect::network},
    {"RegisterDataset", Effect::network},
    {"RegisterDatasetV2", Effect::network},
    {"RemoteCall", Effect::network},
    {"RemoteFusedGraphExecute", Effect::network},
    {"FileSystemSetConfiguration", Effect::network},
    {"GcsConfigureCredentials", Effect::network},
    {"GcsConfigureBlockCache", Effect::network},
    {"BigQueryReader", Effect::network},
    {"BigtableClient", Effect::network},
    {"KafkaDataset", Effect::network},
    {"Abort", Effect::exit},
    {"InitializeTableFromTextFile", Effect::table, 1},
    {"InitializeTableFromTextFileV2", Effect::table, 1},
    {"Save", Effect::save, 0},
    {"SaveSlices", Effect::save, 0},
    {"SaveV2", Effect::save, 0},
    {"MergeV2Checkpoints", Effect::save, 1},
    {"Restore", Effect::restore, 0},
    {"RestoreSlice", Effect::restore, 0},
    {"RestoreV2", Effect::restore, 0},
    {"DTensorRestoreV2", Effect::restore, 0},
    {"DebugIdentity", Effect::debug},
    {"DebugIdentityV2", Effect::debug},
    {"DebugIdentityV3", Effect::debug},
    {"DebugNanCount", Effect::debug},
    {"DebugNumericSummary", Effect::debug},
    {"PrintV2", Effect::print},
    {"DecodeProtoV2", Effect::descriptor},
    {"EncodeProto", Effect::descriptor},
    {"ImmutableConst", Effect::region},
    {"DatasetFromGraph", Effect::graph, 0},
    {"TRTEngineOp", Effect::engine},
    {"XlaCallModule", Effect::module},
    {"XlaCustomCall", Effect::module},
    {"XlaCustomCallV2", Effect::module},
};

const KnownOperator* known_operator(std::string_view name) {
  static const auto kByName = [] {
    std::unordered_map<std::string_view, const KnownOperator*> out;
    for (const KnownOperator& one : kOperators) {
      out.emplace(one.name, &one);
    }
    return out;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? nullptr : found->second;
}

/// Operators of libraries that serve beside TensorFlow: text, decision forests, addons, recommenders.
bool is_library_operator(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"Addons>",         "TFText>", "SimpleML", "_Fused", "_Mkl",
                                            "_Native",         "_Xla",    "_TPU",     "_Tpu",   "Sentencepiece",
                                            "TFSentencepiece", "Tfds>",   "_OneDnn"};
  constexpr std::string_view kNames[] = {"CaseFoldUTF8",
                                         "NormalizeUTF8",
                                         "NormalizeUTF8WithOffsetsMap",
                                         "FindSourceOffsets",
                                         "RegexSplitWithOffsets",
                                         "WhitespaceTokenizeWithOffsets",
                                         "WhitespaceTokenizeWithOffsetsV2",
                                         "UnicodeScriptTokenizeWithOffsets",
                                         "WordpieceTokenizeWithOffsets",
                                         "FastWordpieceTokenizeWithOffsets",
                                         "TFTextFastBertNormalize",
                                         "TfText>FastWordpieceTokenizeWithOffsets",
                                         "SplitMergeTokenizeWithOffsets",
                                         "SplitMergeFromLogitsTokenizeWithOffsets",
                                         "ConstrainedSequence",
                                         "MaxSpanningTree",
                                         "NgramsStringJoin",
                                         "RougeL",
                                         "SentenceFragments",
                                         "SentenceFragmentsV2",
                                         "TFText>FastSentencepieceTokenizeWithOffsets",
                                         "TFText>FastBertNormalize",
                                         "Word2VecSkipgram",
                                         "HubModuleSpec",
                                         "DecisionTreeEnsemble",
                                         "TensorForestTreePredict",
                                         "_Arg",
                                         "_Retval",
                                         "_DeviceArg",
                                         "_DeviceRetval",
                                         "_SwitchN",
                                         "_ParallelConcatStart",
                                         "_ParallelConcatUpdate",
                                         "_If",
                                         "_While",
                                         "_Send",
                                         "_Recv",
                                         "NoOp"};
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool is_call(std::string_view op) {
  return op == "PartitionedCall" || op == "StatefulPartitionedCall" || op == "While" || op == "StatelessWhile" ||
         op == "If" || op == "StatelessIf" || op == "Case" || op == "StatelessCase" || op == "TPUPartitionedCall" ||
         op == "BatchFunction";
}

/// "a/b:0" is output 0 of node "a/b", "^a" only an order, "a:out:0" output "out" within a function.
std::string_view node_of(std::string_view input) {
  return input.substr(0, input.find(':'));
}

/// What a value may be, as far as constants tell.
struct Known {
  std::vector<std::string> texts;
  bool dynamic = false;  ///< Other values too, or parts that come from elsewhere.
  bool asset = false;    ///< A file of the model's own folder.
};

class TensorflowJudge {
 public:
  TensorflowJudge(const Model& model, std::string path, std::uint32_t depth, Collector& out)
      : model_(model), path_(std::move(path)), depth_(depth), out_(out) {}

  void judge() {
    if (describes_schemas()) {
      return;
    }
    judge_wire(model_.report, path_, "TensorFlow", out_);
    if (model_.cut) {
      out_.not_covered(path_, "tensorflow: more parts than are read");
    }
    functions();
    for (const Asset& asset : model_.assets) {
      judge_asset(asset);
    }
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      judge_node(i);
    }
    for (const auto& tensor : model_.tensors) {
      const std::string what = tensor.negative ? "an extent below 0" : std::to_string(tensor.elements) + " elements";
      add(tensor.negative ? "graph-malformed" : "graph-exhaustion", tensor.offset, "constant: " + what,
          "The shape of a constant says " + what + ", with " + std::to_string(tensor.bytes) + " bytes stored.");
    }
    for (const auto& text : model_.texts) {
      const std::string place = std::string(text.what) + (text.key.empty() ? "" : " " + shown(text.key, 60));
      judge_payload(text.value, {path_, place, text.offset, depth_},
                    text.what == "metadata" ? Probe::all : Probe::binary, out_);
      if (text.what == "metadata" && text.value.starts_with('{')) {
        judge_keras_config(text.value, path_, out_);
      }
    }
  }

 private:
  /// A set of protocol buffer schemas (FileDescriptorSet) has the fields of a graph: what would be the names of nodes
  /// are files, and what would be their operators are packages, which no reader of graphs knows.
  [[nodiscard]] bool describes_schemas() const {
    return !model_.nodes.empty() && std::all_of(model_.nodes.begin(), model_.nodes.end(), [](const Node& node) {
      return node.name.ends_with(".proto") && known_operator(node.op) == nullptr && !is_tensorflow_operator(node.op) &&
             !is_library_operator(node.op);
    });
  }

  void add(std::string_view rule, std::uint64_t offset, std::string subject, std::string message,
           std::optional<Severity> severity = std::nullopt) {
    Sighting sighting{path_, byte_place(offset), offset, 0, std::move(subject), std::move(message)};
    if (severity) {
      out_.add(rule, *severity, std::move(sighting));
    } else {
      out_.add(rule, std::move(sighting));
    }
  }

  static std::uint64_t scope_of(std::uint32_t graph, std::uint32_t function) {
    return std::uint64_t{graph} << 32 | function;
  }

  void functions() {
    std::vector<std::unordered_map<std::string_view, std::uint32_t>> by_name(model_.graphs + 1);
    std::vector<std::vector<std::uint32_t>> calls(model_.functions.size() + 1);
    std::vector<std::uint64_t> own(model_.functions.size() + 1, 1);
    for (std::uint32_t i = 0; i < model_.functions.size(); ++i) {
      const Function& function = model_.functions[i];
      if (!by_name[function.graph].emplace(function.name, i).second) {
        add("graph-ambiguous", function.offset, "function " + shown(function.name),
            "The function " + shown(function.name) + " is defined more than once.");
      }
      function_names_.insert(function.name);
      if (is_tensorflow_operator(function.name)) {
        add("graph-shadowed-operator", function.offset, shown(function.name),
            "The function " + shown(function.name) + " has the name of an operator.");
      }
    }
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      const Node& node = model_.nodes[i];
      const std::size_t caller = node.function == kNoFunction ? model_.functions.size() : node.function;
      ++own[caller];
      const auto& names = by_name[node.graph];
      for (const Attribute& attribute : node.attributes) {
        if (attribute.key.starts_with("_")) {
          continue;  // notes of gradients and the like: not called
        }
        for (const std::string_view name : attribute.functions) {
          if (const auto callee = names.find(name); callee != names.end()) {
            calls[caller].push_back(callee->second);
            callers_[callee->second].push_back(i);
          }
        }
      }
      if (const auto callee = names.find(node.op); callee != names.end()) {
        calls[caller].push_back(callee->second);
        callers_[callee->second].push_back(i);
      }
    }
    const Expansion expansion = expand(calls, own);
    if (expansion.recursive) {
      add("graph-exhaustion", 0, "functions call each other in a circle",
          "Functions of the graph call each other in a circle.");
    } else if (expansion.nodes > kMaxExpandedNodes) {
      add("graph-exhaustion", 0, "functions call functions by the power",
          "Inlined, the graph's functions come to more than 100 million nodes.");
    }
    mark_savers(by_name, calls);
  }

  /// The functions that only saving and restoring reaches.
  void mark_savers(const std::vector<std::unordered_map<std::string_view, std::uint32_t>>& by_name,
                   const std::vector<std::vector<std::uint32_t>>& calls) {
    std::unordered_set<std::string> roots;
    for (const Saver& saver : model_.savers) {
      roots.insert(std::to_string(saver.graph) + " " + std::string(node_of(saver.save_tensor)));
      roots.insert(std::to_string(saver.graph) + " " + std::string(node_of(saver.restore_operation)));
    }
    std::vector<std::uint32_t> todo;
    for (const Node& node : model_.nodes) {
      if (node.function != kNoFunction || !roots.contains(std::to_string(node.graph) + " " + std::string(node.name))) {
        continue;
      }
      for (const Attribute& attribute : node.attributes) {
        for (const std::string_view name : attribute.functions) {
          if (const auto found = by_name[node.graph].find(name); found != by_name[node.graph].end()) {
            todo.push_back(found->second);
          }
        }
      }
    }
    while (!todo.empty()) {
      const std::uint32_t function = todo.back();
      todo.pop_back();
      if (savers_.insert(function).second) {
        todo.insert(todo.end(), calls[function].begin(), calls[function].end());
      }
    }
  }

  bool is_saver(const Node& node) const {
    if (node.function != kNoFunction) {
      return savers_.contains(node.function);
    }
    // Of TensorFlow 1, where the saver's nodes have the name of its scope.
    return std::any_of(model_.savers.begin(), model_.savers.end(),
                       [&](const Saver& saver) {
                         const std::string_view scope =
                             saver.restore_operation.substr(0, saver.restore_operation.find('/'));
                         return saver.graph == node.graph && node.name.starts_with(scope) &&
                                node.name.substr(scope.size()).starts_with("/");
                       }) ||
           node.name.starts_with("save/") || node.name.starts_with("save_");
  }

  void judge_asset(const Asset& asset) {
    const std::string_view risk = path_risk(asset.file);
    if (!risk.empty()) {
      add("graph-external-path", asset.offset, shown(asset.file, 200),
          "The model takes the file " + shown(asset.file, 200) + " for one of its own, which " + std::string(risk) +
              ".");
    }
  }

  bool is_asset(const Node& node) const {
    return node.function == kNoFunction &&
           std::any_of(model_.assets.begin(), model_.assets.end(), [&](const Asset& asset) {
             return asset.graph == node.graph && node_of(asset.tensor) == node.name;
           });
  }

  // ---- values

  void index() {
    if (indexed_) {
      return;
    }
    indexed_ = true;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      const Node& node = model_.nodes[i];
      index_[scope_of(node.graph, node.function)].emplace(node.name, i);
    }
  }

  /// What the given data input of a node may be.
  Known value_of(std::size_t node, std::size_t input) {
    index();
    work_ = 0;
    return input_value(node, input, 0);
  }

  Known input_value(std::size_t at, std::size_t input, int depth) {
    const Node& node = model_.nodes[at];
    std::size_t seen = 0;
    for (const std::string_view name : node.inputs) {
      if (name.starts_with('^')) {
        continue;
      }
      if (seen++ == input) {
        return named_value(node, node_of(name), depth + 1);
      }
    }
    return {{}, true, false};
  }

  Known named_value(const Node& user, std::string_view name, int depth) {
    if (depth > 24 || ++work_ > 2000) {
      return {{}, true, false};
    }
    const auto scope = index_.find(scope_of(user.graph, user.function));
    if (scope != index_.end()) {
      if (const auto found = scope->second.find(name); found != scope->second.end()) {
        return node_value(found->second, depth);
      }
    }
    if (user.function == kNoFunction) {
      return {{}, true, false};
    }
    const auto& arguments = model_.functions[user.function].arguments;
    const auto argument = std::find(arguments.begin(), arguments.end(), name);
    const auto callers = callers_.find(user.function);
    if (argument == arguments.end() || callers == callers_.end()) {
      return {{}, true, false};
    }
    Known all;
    for (const std::size_t caller : callers->second) {
      const std::string_view op = model_.nodes[caller].op;
      if (!is_call(op) && op != model_.functions[user.function].name) {
        all.dynamic = true;  // elements of a data set and the like
        continue;
      }
      const std::size_t shift = op == "If" || op == "StatelessIf" || op == "Case" || op == "StatelessCase" ? 1 : 0;
      merge(all, input_value(caller, static_cast<std::size_t>(argument - arguments.begin()) + shift, depth));
    }
    return all;
  }

  static void merge(Known& into, Known from) {
    for (std::string& text : from.texts) {
      if (into.texts.size() < 64) {
        into.texts.push_back(std::move(text));
      }
    }
    into.dynamic = into.dynamic || from.dynamic;
    into.asset = into.asset || from.asset;
  }

  Known node_value(std::size_t at, int depth) {
    const Node& node = model_.nodes[at];
    if (node.op == "Const" || node.op == "HostConst") {
      Known out;
      if (is_asset(node)) {
        out.asset = true;
        return out;
      }
      if (const Attribute* value = node.attribute("value")) {
        for (const std::string_view text : value->texts) {
          if (out.texts.size() < 64) {
            out.texts.emplace_back(text);
          }
        }
      }
      return out;
    }
    std::size_t inputs = 0;
    for (const std::string_view name : node.inputs) {
      inputs += name.starts_with('^') ? 0 : 1;
    }
    if (inputs == 0 || node.op.starts_with("Placeholder") ? node.op != "PlaceholderWithDefault" : false) {
      return {{}, true, false};
    }
    if (node.op == "StringJoin" || node.op == "ShardedFilename") {
      Known out;
      std::string joined;
      const Attribute* separator = node.attribute("separator");
      const std::size_t parts = node.op == "StringJoin" ? inputs : 1;
      for (std::size_t i = 0; i < parts && i < 32; ++i) {
        Known part = input_value(at, i, depth);
        if (i > 0 && separator != nullptr && !separator->texts.empty()) {
          joined += separator->texts.front();
        }
        joined += part.texts.empty() ? "" : part.texts.front();
        out.dynamic = out.dynamic || part.dynamic;
        out.asset = out.asset || part.asset;
      }
      out.texts.push_back(joined.substr(0, 4096));
      return out;
    }
    Known out;
    for (std::size_t i = 0; i < inputs && i < 32; ++i) {
      merge(out, input_value(at, i, depth));
    }
    constexpr std::string_view kPassing[] = {"Identity",    "IdentityN", "StopGradient", "Reshape",
                                             "ExpandDims",  "Squeeze",   "Pack",         "Snapshot",
                                             "EnsureShape", "Fill",      "Tile"};
    if (std::find(std::begin(kPassing), std::end(kPassing), node.op) == std::end(kPassing)) {
      out.dynamic = true;
    }
    return out;
  }

  // ---- operators

  void judge_node(std::size_t at) {
    const Node& node = model_.nodes[at];
    const KnownOperator* known = known_operator(node.op);
    if (known != nullptr) {
      judge_effect(at, *known);
    } else if (!is_tensorflow_operator(node.op) && !function_names_.contains(node.op) &&
               !is_library_operator(node.op)) {
      if (operators_told_.insert(node.op).second) {
        add("graph-custom-operator", node.offset, "operator " + shown(node.op),
            "TensorFlow has no operator " + shown(node.op) + ".");
      }
    }
    for (const Attribute& attribute : node.attributes) {
      const bool many = attribute.texts.size() > 8 || attribute.is_tensor;
      for (const std::string_view text : attribute.texts) {
        if (text.size() >= 4 && (known == nullptr || known->effect != Effect::module)) {
          judge_payload(
              text,
              {path_, "attribute " + shown(attribute.key, 40) + " of " + shown(node.op, 40), attribute.offset, depth_},
              many || attribute.key == "config_proto" ? Probe::binary : Probe::all, out_);
        }
      }
    }
  }

  static std::string label(const Node& node) { return shown(node.op, 60) + " (" + shown(node.name, 80) + ")"; }

  /// The first of the known texts that says where, and what is wrong with it.
  static std::pair<std::string, std::string_view> worst(const Known& known) {
    for (const std::string& text : known.texts) {
      std::string_view risk = path_risk(text);
      if (risk.empty()) {
        risk = sensitive_file(text);
      }
      if (!risk.empty()) {
        return {text, risk};
      }
    }
    for (const std::string& text : known.texts) {
      if (!text.empty()) {
        return {text, {}};
      }
    }
    return {};
  }

  void judge_effect(std::size_t at, const KnownOperator& known) {
    const Node& node = model_.nodes[at];
    switch (known.effect) {
      case Effect::none:
        break;
      case Effect::code: {
        const Attribute* token = node.attribute("token");
        add("graph-code", node.offset,
            label(node) +
                (token != nullptr && !token->texts.empty() ? " token " + shown(token->texts.front(), 60) : ""),
            "The operator " + label(node) + " calls a Python function of the program that loads the model.");
        break;
      }
      case Effect::write:
      case Effect::read:
        judge_file(at, known);
        break;
      case Effect::reader:
        add("graph-file-access", node.offset, label(node), "The operator " + label(node) + " opens files.",
            Severity::medium);
        break;
      case Effect::network:
        add("graph-network", node.offset, label(node) + texts_of(node),
            "The operator " + label(node) + " uses the network.");
        break;
      case Effect::exit:
        add("graph-exhaustion", node.offset, label(node),
            "The operator " + label(node) + " ends the process that runs the model.");
        break;
      case Effect::table: {
        const Known file = value_of(at, known.input);
        const auto [name, risk] = worst(file);
        if (!sensitive_file(name).empty() || name.find("://") != std::string::npos) {
          add("graph-file-access", node.offset, label(node) + " " + shown(name, 200),
              "A table is filled from " + shown(name, 200) + ", which is no file of the model's.");
        }
        break;
      }
      case Effect::save:
      case Effect::restore:
        judge_checkpoint(at, known);
        break;
      case Effect::debug:
        judge_debug(node);
        break;
      case Effect::region:
        for (const Attribute& attribute : node.attributes) {
          for (const std::string_view text : attribute.texts) {
            if (attribute.key == "memory_region_name" && !text.starts_with("memmapped_package://")) {
              add("graph-file-access", node.offset, label(node) + " " + shown(text, 200),
                  "The operator " + label(node) + " reads the file " + shown(text, 200) + ".");
            }
          }
        }
        break;
      case Effect::print:
        if (const Attribute* stream = node.attribute("output_stream");
            stream != nullptr && std::any_of(stream->texts.begin(), stream->texts.end(),
                                             [](std::string_view s) { return s.starts_with("file:"); })) {
          add("graph-file-access", node.offset, label(node) + texts_of(node),
              "The operator " + label(node) + " prints into a file.");
        }
        break;
      case Effect::descriptor:
        for (const Attribute& attribute : node.attributes) {
          if (attribute.key != "descriptor_source") {
            continue;
          }
          for (const std::string_view text : attribute.texts) {
            if (!text.empty() && !text.starts_with("local://") && !text.starts_with("bytes://")) {
              add("graph-file-access", node.offset, label(node) + " " + shown(text, 200),
                  "The operator " + label(node) + " reads the file " + shown(text, 200) + ".");
            }
          }
        }
        break;
      case Effect::graph:
        judge_inner_graph(at, known);
        break;
      case Effect::engine:
        add("graph-native-code", node.offset, label(node),
            "The operator " + label(node) + " holds an engine of TensorRT.");
        out_.not_covered(path_, "tensorflow: the machine code of TRTEngineOp");
        break;
      case Effect::module:
        for (const Attribute& attribute : node.attributes) {
          for (const std::string_view text : attribute.texts) {
            for (const std::string_view bad :
                 {"python_cpu_callback", "python_gpu_callback", "xla_python", "py_client_cpu", "PyFunc"}) {
              if (text.find(bad) != std::string_view::npos) {
                add("graph-code", attribute.offset, label(node) + " calls " + std::string(bad),
                    "The module of " + label(node) + " calls back into Python by an address in memory.");
                break;
              }
            }
          }
        }
        break;
    }
  }

  static std::string texts_of(const Node& node) {
    std::string out;
    for (const Attribute& attribute : node.attributes) {
      for (const std::string_view text : attribute.texts) {
        if (out.size() < 200 && !text.empty()) {
          out += " " + shown(attribute.key, 40) + "=" + shown(text, 100);
        }
      }
    }
    return out;
  }

  void judge_file(std::size_t at, const KnownOperator& known) {
    const Node& node = model_.nodes[at];
    const Known file = value_of(at, known.input);
    const auto [name, risk] = worst(file);
    const bool writes = known.effect == Effect::write;
    if (file.asset && !writes && name.empty() && !file.dynamic) {
      return;
    }
    if (node.op.starts_with("CacheDataset") && name.empty() && !file.dynamic) {
      return;  // kept in memory
    }
    const std::string verb = writes ? " writes " : " reads ";
    if (name.empty()) {
      add("graph-file-access", node.offset, label(node),
          "The operator " + label(node) + verb + "files by names that it is given.",
          writes ? Severity::high : Severity::medium);
    } else {
      add("graph-file-access", node.offset, label(node) + " " + shown(name, 200),
          "The operator " + label(node) + verb + shown(name, 200) +
              (risk.empty() ? std::string() : ", which " + std::string(risk)) + ".");
    }
  }

  void judge_checkpoint(std::size_t at, const KnownOperator& known) {
    const Node& node = model_.nodes[at];
    const Known file = value_of(at, known.input);
    const auto [name, risk] = worst(file);
    const bool writes = known.effect == Effect::save;
    if (!risk.empty()) {
      add("graph-file-access", node.offset, label(node) + " " + shown(name, 200),
          "The operator " + label(node) + (writes ? " writes " : " reads ") + shown(name, 200) + ", which " +
              std::string(risk) + ".");
    } else if (!is_saver(node)) {
      add("graph-file-access", node.offset, label(node) + (name.empty() ? "" : " " + shown(name, 200)),
          "The operator " + label(node) + (writes ? " writes" : " reads") +
              " a checkpoint and is no part of the model's saving.",
          Severity::medium);
    }
  }

  void judge_debug(const Node& node) {
    for (const Attribute& attribute : node.attributes) {
      if (attribute.key != "debug_urls") {
        continue;
      }
      for (const std::string_view url : attribute.texts) {
        if (url.starts_with("grpc://")) {
          add("graph-network", node.offset, label(node) + " " + shown(url),
              "The operator " + label(node) + " sends tensors to " + shown(url) + ".");
        } else if (!url.empty()) {
          add("graph-file-access", node.offset, label(node) + " " + shown(url),
              "The operator " + label(node) + " writes tensors to " + shown(url) + ".");
        }
      }
    }
  }

  void judge_inner_graph(std::size_t at, const KnownOperator& known) {
    const Node& node = model_.nodes[at];
    const Known graph = value_of(at, known.input);
    if (graph.texts.empty() || depth_ >= out_.limits().max_depth) {
      add("graph-code", node.offset, label(node), "The operator " + label(node) + " runs a graph that it is given.",
          Severity::medium);
      return;
    }
    for (const std::string& text : graph.texts) {
      const Model inner = formats::tensorflow::parse(base::as_bytes(text), Root::graph_def);
      TensorflowJudge(inner, path_ + "!" + shown(node.name, 80), depth_ + 1, out_).judge();
    }
  }

  const Model& model_;
  const std::string path_;
  std::uint32_t depth_;
  Collector& out_;
  std::unordered_set<std::string_view> function_names_;
  std::unordered_set<std::uint32_t> savers_;
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> callers_;
  std::unordered_map<std::uint64_t, std::unordered_map<std::string_view, std::size_t>> index_;
  std::set<std::string_view> operators_told_;
  bool indexed_ = false;
  int work_ = 0;
};

}  // namespace

void judge_tensorflow_node(base::Bytes node, const std::string& path, std::uint32_t depth, Collector& out) {
  TensorflowJudge(formats::tensorflow::parse(node, Root::node_def), path, depth, out).judge();
}

void judge_tensorflow_operator(std::string_view op, const std::string& path, std::uint32_t depth, Collector& out) {
  Model model;
  model.graphs = 1;
  model.nodes.emplace_back();
  model.nodes.back().name = "node";
  model.nodes.back().op = op;
  TensorflowJudge(model, path, depth, out).judge();
}

bool judge_tensorflow(const Content& content, Collector& out) {
  std::string_view format = content.format;
  const bool text = format.ends_with("-text");
  if (text) {
    format.remove_suffix(5);
  }
  Root root = Root::saved_model;
  if (format == "tf-graphdef") {
    root = Root::graph_def;
  } else if (format == "tf-metagraph") {
    root = Root::meta_graph;
  } else if (format == "keras-metadata") {
    root = Root::keras_metadata;
  }
  std::string encoded;
  if (text) {
    auto wire = formats::tensorflow::encode(base::as_text(content.bytes), root);
    if (!wire) {
      out.format(content.format);
      out.unreadable("graph-malformed", wire.error(), content.path);
      return true;
    }
    encoded = *std::move(wire);
  }
  const Model model = formats::tensorflow::parse(text ? base::as_bytes(encoded) : content.bytes, root);
  // Two texts in a message are no graph yet: an operator of TensorFlow's, or a name that says so.
  const bool likely = content.certain || last_name(content.path).ends_with(".pb") ||
                      std::any_of(model.nodes.begin(), model.nodes.end(),
                                  [](const Node& node) { return is_tensorflow_operator(node.op); });
  if (!likely) {
    return false;
  }
  out.format(content.format);
  TensorflowJudge(model, content.path, content.depth, out).judge();
  return true;
}

}  // namespace scan
