#include "inventory/observe_weights.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "formats/gguf/gguf.h"
#include "formats/hdf5/hdf5.h"
#include "formats/onnx/onnx.h"
#include "formats/pickle/machine.h"
#include "formats/safetensors/safetensors.h"
#include "formats/zip/zip.h"
#include "inventory/observe_families.h"

namespace inventory {
namespace {

using base::Value;

constexpr std::uint64_t kMostParameters = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMaxNames = 50'000;             ///< Of tensors, looked at for layout and layers.
constexpr std::size_t kMaxModules = 24;               ///< Shapes kept.
constexpr std::uint64_t kMaxPickleBytes = 64U << 20;  ///< Of data.pkl; those of large models have some MiB.

/// Elements of a tensor; stops at 2^64 - 1.
std::uint64_t elements_of(std::span<const std::uint64_t> shape) {
  std::uint64_t product = 1;
  for (const std::uint64_t size : shape) {
    if (__builtin_mul_overflow(product, size, &product)) {
      return std::numeric_limits<std::uint64_t>::max();
    }
  }
  return product;
}

struct Layout {
  std::string_view name;
  std::string_view first;  ///< Both must stand in the tensor's name.
  std::string_view second;
};
// The first that fits counts. Families share names: what is called "llama" here are all models built like it.
constexpr std::array kLayouts = {
    Layout{"bart", "decoder.layers.", ".encoder_attn."},
    Layout{"opt", "decoder.layers.", ".self_attn."},
    Layout{"encoder", "encoder.layers.", "attn"},
    Layout{"encoder", "encoder.layers.", "attention"},
    Layout{"t5", ".SelfAttention.", ""},
    Layout{"llama", "layers.", ".self_attn."},
    Layout{"gpt-neox", "gpt_neox.layers.", ""},
    Layout{"bloom", ".self_attention.query_key_value", ""},
    Layout{"gpt-2", ".attn.c_attn", ""},
    Layout{"mpt", ".attn.Wqkv", ""},
    Layout{"gpt-j", "h.", ".attn.q_proj"},
    Layout{"deberta", ".attention.self.query_proj", ""},
    Layout{"bert", ".attention.self.query", ""},
    Layout{"vit", ".attention.attention.query", ""},
    Layout{"distilbert", ".attention.q_lin", ""},
    Layout{"albert", "albert_layer_groups", ""},
    Layout{"rwkv", ".attention.receptance", ""},
    Layout{"mamba", ".mixer.in_proj", ""},
};

std::string shape_text(std::uint64_t rows, std::uint64_t columns) {
  return std::to_string(rows) + 'x' + std::to_string(columns);
}

/// Sums up the tensors of one file.
class Summary {
 public:
  /// `reversed`: the fastest dimension comes first, as in GGUF.
  void add(std::string_view name, std::string_view dtype, std::span<const std::uint64_t> shape, bool reversed = false) {
    const std::uint64_t elements = elements_of(shape);
    ++tensors_;
    parameters_ = elements > kMostParameters - std::min(parameters_, kMostParameters) ? kMostParameters + 1
                                                                                      : parameters_ + elements;
    if (dtypes_.size() < 32 || dtypes_.contains(std::string(dtype))) {
      auto& [count, sum] = dtypes_[one_line(dtype, 20)];
      ++count;
      sum += static_cast<double>(elements);
    }
    if (++names_ <= kMaxNames) {
      look_at_name(name, shape, reversed);
    }
  }

  void write(Value& attributes) const {
    attributes.set("tensors", Value(tensors_));
    if (parameters_ > 0 && parameters_ <= kMostParameters) {
      attributes.set("parameters", Value(parameters_));
    }
    Value kinds;
    std::string_view most;
    double most_elements = 0;
    for (const auto& [dtype, sums] : dtypes_) {
      kinds.set(dtype, static_cast<std::int64_t>(sums.first));
      if (sums.second > most_elements) {
        most = dtype;
        most_elements = sums.second;
      }
    }
    if (kinds.is_map()) {
      attributes.set("dtypes", std::move(kinds));
    }
    if (!most.empty()) {
      attributes.set("dtype", most);
    }
    if (const auto found = std::max_element(layouts_.begin(), layouts_.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
        found != layouts_.end()) {
      attributes.set("layout", found->first);
    }
    const auto stack = std::max_element(stacks_.begin(), stacks_.end(),
                                        [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
    if (stack != stacks_.end() && stack->second.first > 1) {
      attributes.set("layers", static_cast<std::int64_t>(stack->second.second) + 1);
    }
    if (vocabulary_ != 0) {
      attributes.set("vocabulary", Value(vocabulary_));
      attributes.set("hidden", Value(hidden_));
    }
    Value modules;
    for (const auto& [name, shape] : modules_) {
      if (shape.first != 0 && shape.second != 0) {
        modules.set(name, shape_text(shape.first, shape.second));
      }
    }
    if (modules.is_map()) {
      attributes.set("modules", std::move(modules));
    }
    if (lora_rank_ != 0) {
      attributes.set("adapter", true);
      attributes.set("lora_rank", Value(lora_rank_));
    }
    if (packed_) {
      attributes.set("packed", true);
    }
  }

 private:
  void look_at_name(std::string_view name, std::span<const std::uint64_t> shape, bool reversed) {
    for (const Layout& layout : kLayouts) {
      if (name.find(layout.first) != name.npos && name.find(layout.second) != name.npos) {
        ++layouts_[std::string(layout.name)];
        break;
      }
    }
    packed_ = packed_ || name.ends_with(".qweight") || name.ends_with(".weight_packed") ||
              name.find(".quant_state.") != name.npos;
    // The first part of the name that is a number counts layers.
    std::size_t begin = 0;
    std::optional<std::uint32_t> layer;
    for (std::size_t end = name.find('.'); end != name.npos; begin = end + 1, end = name.find('.', begin)) {
      const std::string_view part = name.substr(begin, end - begin);
      std::uint32_t index = 0;
      const auto [rest, code] = std::from_chars(part.data(), part.data() + part.size(), index);
      if (code == std::errc{} && rest == part.data() + part.size() && index < 100'000) {
        layer = index;
        if (stacks_.size() < 1000 || stacks_.contains(std::string(name.substr(0, begin)))) {
          auto& [count, last] = stacks_[std::string(name.substr(0, begin))];
          ++count;
          last = std::max(last, index);
        }
        break;
      }
    }
    if (shape.size() != 2) {
      return;
    }
    const std::uint64_t rows = shape[reversed ? 1 : 0];
    const std::uint64_t columns = shape[reversed ? 0 : 1];
    for (const std::string_view ending :
         {"embed_tokens.weight", "wte.weight", "word_embeddings.weight", "embed_in.weight", "shared.weight",
          "token_embd.weight", "tok_embeddings.weight"}) {
      if (name.ends_with(ending) && vocabulary_ == 0) {
        vocabulary_ = rows;
        hidden_ = columns;
      }
    }
    if (const std::size_t low_rank = name.find(".lora_"); low_rank != name.npos) {
      const std::string_view module = name.substr(name.rfind('.', low_rank - 1) + 1);
      auto* known = module_named(module.substr(0, module.find('.')));
      const bool a = name.substr(low_rank).starts_with(".lora_A");
      lora_rank_ = std::max(lora_rank_, a ? rows : columns);
      if (known != nullptr) {
        std::uint64_t& size = a ? known->second : known->first;
        size = size == 0 ? (a ? columns : rows) : size;
      }
      return;
    }
    if (layer == 0U && name.ends_with(".weight") && !reversed) {
      const std::string_view owner = name.substr(0, name.size() - 7);
      if (auto* known = module_named(owner.substr(owner.rfind('.') + 1)); known != nullptr && known->first == 0) {
        *known = {rows, columns};
      }
    }
  }

  std::pair<std::uint64_t, std::uint64_t>* module_named(std::string_view name) {
    const std::string key = one_line(name, 60);
    if (key.empty() || (modules_.size() >= kMaxModules && !modules_.contains(key))) {
      return nullptr;
    }
    return &modules_[key];
  }

  std::uint64_t tensors_ = 0;
  std::uint64_t parameters_ = 0;
  std::size_t names_ = 0;
  std::map<std::string, std::pair<std::uint64_t, double>> dtypes_;  // tensors, elements
  std::map<std::string, std::uint64_t> layouts_;
  std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> stacks_;   // names under it, last index
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> modules_;  // rows, columns
  std::uint64_t vocabulary_ = 0;
  std::uint64_t hidden_ = 0;
  std::uint64_t lora_rank_ = 0;
  bool packed_ = false;
};

// ---- safetensors

void describe_safetensors(Observed& out, const File& file) {
  const auto header = formats::safetensors::parse(file.content);
  if (!header) {
    add_note(out, "safetensors: " + header.error().message);
    return;
  }
  Value kept;
  for (const auto& [key, value] : header->metadata) {
    if (kept.as_map().size() < 50) {
      kept.set(one_line(key, 80), one_line(value, 300));
    }
  }
  if (kept.is_map()) {
    out.asset.attributes.set("metadata", std::move(kept));
  }
  Summary summary;
  for (const auto& tensor : header->tensors) {
    summary.add(tensor.name, tensor.dtype, tensor.shape);
  }
  summary.write(out.asset.attributes);
  for (std::size_t i = 0; i < header->defects.size() && i < 5; ++i) {
    add_note(out, "safetensors: " + header->defects[i].text);
  }
}

// ---- GGUF

// ggml/include/ggml.h, enum ggml_type.
std::string tensor_type_name(std::uint32_t type) {
  constexpr std::array<std::string_view, 40> kNames = {
      "F32",    "F16",   "Q4_0",  "Q4_1",   "",      "",      "Q5_0",    "Q5_1",   "Q8_0",    "Q8_1",
      "Q2_K",   "Q3_K",  "Q4_K",  "Q5_K",   "Q6_K",  "Q8_K",  "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S",
      "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",    "I16",   "I32",     "I64",    "F64",     "IQ1_M",
      "BF16",   "",      "",      "",       "TQ1_0", "TQ2_0", "",        "",       "",        "MXFP4"};
  return type < kNames.size() && !kNames[type].empty() ? std::string(kNames[type]) : "type " + std::to_string(type);
}

// llama.cpp, enum llama_ftype.
std::string quantisation_name(std::int64_t type) {
  static const std::map<std::int64_t, std::string_view> kNames = {
      {0, "F32"},     {1, "F16"},       {2, "Q4_0"},    {3, "Q4_1"},    {7, "Q8_0"},     {8, "Q5_0"},
      {9, "Q5_1"},    {10, "Q2_K"},     {11, "Q3_K_S"}, {12, "Q3_K_M"}, {13, "Q3_K_L"},  {14, "Q4_K_S"},
      {15, "Q4_K_M"}, {16, "Q5_K_S"},   {17, "Q5_K_M"}, {18, "Q6_K"},   {19, "IQ2_XXS"}, {20, "IQ2_XS"},
      {21, "Q2_K_S"}, {23, "IQ3_XXS"},  {24, "IQ1_S"},  {25, "IQ4_NL"}, {26, "IQ3_S"},   {27, "IQ3_M"},
      {28, "IQ2_S"},  {29, "IQ2_M"},    {30, "IQ4_XS"}, {31, "IQ1_M"},  {32, "BF16"},    {36, "TQ1_0"},
      {37, "TQ2_0"},  {38, "MXFP4_MOE"}};
  const auto found = kNames.find(type);
  return found == kNames.end() ? "file type " + std::to_string(type) : std::string(found->second);
}

void describe_gguf(Observed& out, const File& file) {
  const auto read = formats::gguf::parse(file.content);
  if (!read) {
    add_note(out, "gguf: " + read.error().message);
    return;
  }
  Value& attributes = out.asset.attributes;
  attributes.set("gguf_version", static_cast<std::int64_t>(read->version));
  std::string architecture;
  for (const auto& [key, value] : read->entries) {
    if (key == "general.architecture") {
      architecture = one_line(value.as_text(), 100);
      attributes.set("architecture", architecture);
    } else if (key == "general.file_type" && value.is_integer()) {
      attributes.set("quantisation", quantisation_name(value.as_integer()));
    } else if (is_one_of(key, {"general.name", "general.license", "general.source.url", "general.version",
                               "general.organization", "general.base_model.0.repo_url", "general.base_model.0.name",
                               "general.size_label", "general.finetune", "general.type"})) {
      attributes.set(std::string_view(key).substr(8), one_line(value.as_text(), 300));
    }
  }
  for (const auto& [name, key] : {std::pair<std::string_view, std::string_view>{"context_length", ".context_length"},
                                  {"block_count", ".block_count"},
                                  {"embedding_length", ".embedding_length"}}) {
    if (const Value* value = read->find(architecture + std::string(key)); value != nullptr && value->is_integer()) {
      attributes.set(name, *value);
    }
  }
  Summary summary;
  // The types of what is multiplied; embeddings and norms are often kept at higher precision.
  std::map<std::uint32_t, double> matrices;
  for (const auto& tensor : read->tensors) {
    const auto shape = std::span(tensor.shape).first(std::min<std::size_t>(tensor.rank, tensor.shape.size()));
    summary.add(tensor.name, tensor_type_name(tensor.type), shape, true);
    if (tensor.rank >= 2 && tensor.name.starts_with("blk.")) {
      matrices[tensor.type] += static_cast<double>(elements_of(shape));
    }
  }
  summary.write(attributes);
  double all = 0;
  for (const auto& [type, elements] : matrices) {
    all += elements;
  }
  Value shares;
  for (const auto& [type, elements] : matrices) {
    shares.set(tensor_type_name(type), static_cast<std::int64_t>(all > 0 ? 1000 * elements / all : 0));
  }
  if (shares.is_map()) {
    attributes.set("matrix_types", std::move(shares));  // thousandths of their elements
  }
  for (const auto& one : read->templates) {
    if (one.key == "tokenizer.chat_template" || one.key.starts_with("tokenizer.chat_template.")) {
      add_chat_template(out, file, one.text, 0);
    }
  }
}

// ---- ONNX: TensorProto.DataType

std::string_view onnx_type_name(std::int64_t type) {
  constexpr std::array<std::string_view, 24> kNames = {
      "",    "F32", "U8",  "I8",   "U16",  "I16",     "I32",     "I64",     "STR",     "BOOL", "F16", "F64",
      "U32", "U64", "C64", "C128", "BF16", "F8_E4M3", "F8_E4M3", "F8_E5M2", "F8_E5M2", "U4",   "I4",  "F4"};
  return type > 0 && static_cast<std::size_t>(type) < kNames.size() ? kNames[static_cast<std::size_t>(type)]
                                                                    : "unknown";
}

void describe_onnx(Observed& out, const formats::onnx::Model& model) {
  Summary summary;
  for (const auto& tensor : model.tensors) {
    if (tensor.name.empty() || tensor.rank > tensor.dims.size()) {
      continue;
    }
    std::vector<std::uint64_t> shape;
    for (const std::int64_t size : tensor.dims) {
      shape.push_back(size < 0 ? 0 : static_cast<std::uint64_t>(size));
    }
    summary.add(tensor.name, onnx_type_name(tensor.data_type), shape);
  }
  summary.write(out.asset.attributes);
  if (!model.producer_name.empty()) {
    out.asset.attributes.set("producer", one_line(model.producer_name, 100));
  }
  if (model.cut) {
    add_note(out, "onnx: a limit was reached, so that not all tensors were counted");
  }
}

// ---- PyTorch: a zip archive with the pickle data.pkl, whose tensors name their storage

class TensorCounter : public formats::pickle::Observer {
 public:
  void on_global(const formats::pickle::Machine&, std::uint64_t, formats::pickle::Place) override {}
  void on_computed_global(const formats::pickle::Machine&, formats::pickle::Value, formats::pickle::Value,
                          formats::pickle::Place) override {}
  void on_extension(const formats::pickle::Machine&, std::uint64_t, formats::pickle::Place) override {}
  void on_build(const formats::pickle::Machine&, formats::pickle::Value, formats::pickle::Value,
                formats::pickle::Place) override {}
  void on_mutation(const formats::pickle::Machine&, formats::pickle::Opcode, formats::pickle::Value,
                   formats::pickle::Place) override {}
  void on_nested(const formats::pickle::Machine&, base::Bytes, formats::pickle::Place) override {}
  void on_expensive(const formats::pickle::Machine&, std::string_view, formats::pickle::Place) override {}

  // ('storage', torch.FloatStorage, '0', 'cpu', elements); torch/serialization.py
  void on_persistent(const formats::pickle::Machine& machine, formats::pickle::Value id,
                     formats::pickle::Place /*place*/) override {
    const auto items = machine.items(id);
    dtype_.clear();
    storage_.clear();
    if (items.size() < 3) {
      return;
    }
    if (const auto* type = machine.maker(items[1]); type != nullptr) {
      dtype_ = storage_type(type->name);
    }
    storage_ = machine.text(items[2]).value_or("");
  }

  void on_call(const formats::pickle::Machine& machine, formats::pickle::Opcode /*opcode*/,
               formats::pickle::Value callee, formats::pickle::Value arguments, formats::pickle::Value /*keywords*/,
               formats::pickle::Place /*place*/) override {
    const auto* function = machine.maker(callee);
    if (function == nullptr || function->module != "torch._utils" || !function->name.starts_with("_rebuild_tensor")) {
      return;
    }
    const auto items = machine.items(arguments);
    if (items.size() < 3) {
      return;
    }
    const auto offset = machine.integer(items[1]).value_or(0);
    std::vector<std::uint64_t> shape;
    for (const auto size : machine.items(items[2])) {
      shape.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(0, machine.integer(size).value_or(0))));
    }
    // Tensors that share their storage are counted once.
    if (tensors.size() < 1'000'000 && seen_.insert(storage_ + ':' + std::to_string(offset)).second) {
      tensors.emplace_back(dtype_.empty() ? "unknown" : dtype_, std::move(shape));
    }
  }

  std::vector<std::pair<std::string, std::vector<std::uint64_t>>> tensors;

 private:
  static std::string storage_type(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes = {{{"FloatStorage", "F32"},
                                                                                      {"HalfStorage", "F16"},
                                                                                      {"BFloat16Storage", "BF16"},
                                                                                      {"DoubleStorage", "F64"},
                                                                                      {"LongStorage", "I64"},
                                                                                      {"IntStorage", "I32"},
                                                                                      {"CharStorage", "I8"},
                                                                                      {"ByteStorage", "U8"},
                                                                                      {"BoolStorage", "BOOL"}}};
    for (const auto& [known, dtype] : kTypes) {
      if (known == name) {
        return std::string(dtype);
      }
    }
    return one_line(name, 20);
  }

  std::set<std::string> seen_;
  std::string dtype_;
  std::string storage_;
};

// Names of tensors are texts of the pickle; they stand in it as they are.
std::vector<std::string_view> names_in(base::Bytes pickle) {
  const std::string_view text = base::as_text(pickle);
  std::vector<std::string_view> names;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size() && names.size() < kMaxNames; ++at) {
    const bool in_name = at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 ||
                                              text[at] == '.' || text[at] == '_');
    if (!in_name) {
      const std::string_view run = text.substr(begin, at - begin);
      if (run.size() >= 8 && run.find(".weight") != run.npos) {
        names.push_back(run);
      }
      begin = at + 1;
    }
  }
  return names;
}

void describe_torch(Observed& out, const File& file) {
  const auto archive = formats::zip::read(file.content);
  const auto entry = std::find_if(archive.entries.begin(), archive.entries.end(), [](const auto& one) {
    return one.name == "data.pkl" || one.name.ends_with("/data.pkl");
  });
  if (entry == archive.entries.end() || entry->bytes > kMaxPickleBytes) {
    return;
  }
  const auto member = formats::zip::extract(file.content, *entry, kMaxPickleBytes, false);
  formats::pickle::Machine machine(member.bytes(), {.max_opcodes = 20'000'000,
                                                    .max_stack = 2'000'000,
                                                    .max_memo = 4'000'000,
                                                    .max_globals = 10'000,
                                                    .max_kept_values = 4'000'000,
                                                    .max_depth = 1});
  TensorCounter counter;
  const auto run = machine.run(0, false, counter);
  if (run.how != formats::pickle::End::stopped) {
    add_note(out, "data.pkl: " + run.problem);
  }
  if (counter.tensors.empty()) {
    return;
  }
  Summary summary;
  const std::vector<std::string_view> names = names_in(member.bytes());
  for (std::size_t i = 0; i < counter.tensors.size(); ++i) {
    // Names and tensors stand in the same order, but for what is neither: shapes are not told by name.
    const auto& [dtype, shape] = counter.tensors[i];
    summary.add({}, dtype, shape);
  }
  Summary named;
  for (const std::string_view name : names) {
    named.add(name, "", {});
  }
  Value from_names;
  named.write(from_names);
  summary.write(out.asset.attributes);
  for (const std::string_view key : {"layout", "layers"}) {
    if (const Value* value = from_names.find(key); value != nullptr) {
      out.asset.attributes.set(key, *value);
    }
  }
}

// ---- HDF5 of Keras

void describe_keras(Observed& out, const File& file) {
  const auto read = formats::hdf5::parse(file.content);
  if (!read) {
    return;  // the scanner says what is wrong
  }
  Summary summary;
  for (const auto& object : read->objects) {
    if (object.kind == formats::hdf5::ObjectKind::dataset && object.type.kind == formats::hdf5::TypeClass::floating) {
      summary.add({}, "F" + std::to_string(object.type.bytes * 8), object.shape);
    }
  }
  summary.write(out.asset.attributes);
}

}  // namespace

void describe_weights(Observed& out, const File& file, std::string_view format) {
  if (format == "safetensors") {
    describe_safetensors(out, file);
  } else if (format == "gguf") {
    describe_gguf(out, file);
  } else if (format == "onnx") {
    describe_onnx(out, formats::onnx::parse(file.content));
  } else if (format == "torch-zip") {
    describe_torch(out, file);
  } else if (format == "keras-h5") {
    describe_keras(out, file);
  }
}

}  // namespace inventory
