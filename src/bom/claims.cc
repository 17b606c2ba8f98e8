#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "bom/document.h"
#include "bom/licence.h"
#include "bom/models.h"

namespace bom {
namespace {

using base::Value;
using evidence::Agreement;
using evidence::Asset;
using evidence::Claim;

// ---- names of families, and what tensors and headers of such models look like

struct Family {
  std::string_view word;                            ///< In the lower-case name of a model; longer words stand first.
  std::array<std::string_view, 3> layouts{};        ///< What the tensors may be called; see inventory/observe_weights.
  std::array<std::string_view, 3> architectures{};  ///< general.architecture of GGUF begins with one of these.
};
constexpr std::array kFamilies = {
    Family{"distilbert", {"distilbert"}, {"bert"}},
    Family{"camembert", {"bert"}, {"bert"}},
    Family{"codellama", {"llama"}, {"llama"}},
    Family{"tinyllama", {"llama"}, {"llama"}},
    Family{"starcoder2", {"llama"}, {"starcoder2"}},
    Family{"deberta", {"deberta"}, {"bert"}},
    Family{"roberta", {"bert"}, {"bert", "roberta", "xlm"}},
    Family{"electra", {"bert"}, {"bert"}},
    Family{"mixtral", {"llama"}, {"llama", "mixtral"}},
    Family{"mistral", {"llama"}, {"llama", "mistral"}},
    Family{"deepseek", {"llama", "gpt-2"}, {"deepseek", "llama", "qwen"}},
    Family{"pythia", {"gpt-neox"}, {"gptneox"}},
    Family{"gpt-neox", {"gpt-neox"}, {"gptneox"}},
    Family{"albert", {"albert"}, {"bert"}},
    Family{"vicuna", {"llama"}, {"llama"}},
    Family{"zephyr", {"llama"}, {"llama"}},
    Family{"whisper", {"bart", "opt", "encoder"}, {"whisper"}},
    Family{"flan-t5", {"t5"}, {"t5"}},
    Family{"gemma", {"llama"}, {"gemma"}},
    Family{"llama", {"llama"}, {"llama", "mllama"}},
    Family{"bloom", {"bloom"}, {"bloom"}},
    Family{"qwen", {"llama", "gpt-2"}, {"qwen", "llama"}},
    Family{"gpt2", {"gpt-2"}, {"gpt2"}},
    Family{"gpt-2", {"gpt-2"}, {"gpt2"}},
    Family{"gpt-j", {"gpt-j"}, {"gptj"}},
    Family{"olmo", {"llama"}, {"olmo"}},
    Family{"smollm", {"llama"}, {"llama", "smollm"}},
    Family{"mamba", {"mamba"}, {"mamba"}},
    Family{"bart", {"bart", "opt", "encoder"}, {"bart"}},
    Family{"bert", {"bert"}, {"bert"}},
    Family{"opt-", {"opt"}, {"opt"}},
    Family{"mpt-", {"mpt"}, {"mpt"}},
    Family{"vit-", {"vit"}, {"vit"}},
    Family{"t5", {"t5"}, {"t5"}},
};

bool is_alpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

const Family* family_of(std::string_view name) {
  const std::string lower = base::to_lower(name_of(name));
  for (const Family& family : kFamilies) {
    const std::size_t at = lower.find(family.word);
    if (at != lower.npos && (at == 0 || !is_alpha(lower[at - 1]))) {
      return &family;
    }
  }
  return nullptr;
}

// What model_type of config.json makes of tensors' names; no family where it is not known.
const Family* family_of_type(std::string_view model_type) {
  std::string name = base::to_lower(model_type);
  std::replace(name.begin(), name.end(), '_', '-');
  if (name == "opt" || name == "mpt" || name == "vit") {
    name += '-';
  }
  return family_of(name);
}

bool contains(const std::array<std::string_view, 3>& list, std::string_view word) {
  return !word.empty() && std::find(list.begin(), list.end(), word) != list.end();
}
bool begins_with_one(const std::array<std::string_view, 3>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view one) { return !one.empty() && text.starts_with(one); });
}

// ---- numbers of parameters as people write them

struct Count {
  double value = 0;
  bool exact = false;  ///< Written in full, with four digits or more.
};

// "1,539", "7B", "1.1 billion", "8x7B" (none).
std::optional<Count> parse_count(std::string_view text) {
  std::string digits;
  std::size_t at = 0;
  std::size_t figures = 0;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.' || text[at] == ','); ++at) {
    if (text[at] != ',') {
      digits += text[at];
    }
    figures += is_digit(text[at]) ? 1 : 0;
  }
  double value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
    return std::nullopt;
  }
  const std::string unit = base::to_lower(base::trim(text.substr(at)));
  const std::string_view plain = unit.starts_with('-') ? std::string_view(unit).substr(1) : std::string_view(unit);
  if (plain.empty()) {
    return Count{value, figures >= 4};
  }
  for (const auto& [word, factor] : {std::pair<std::string_view, double>{"k", 1e3},
                                     {"thousand", 1e3},
                                     {"m", 1e6},
                                     {"million", 1e6},
                                     {"b", 1e9},
                                     {"billion", 1e9},
                                     {"t", 1e12},
                                     {"trillion", 1e12}}) {
    if (plain == word) {
      return Count{value * factor, false};
    }
  }
  return std::nullopt;
}

// "7b" of "llama-2-7b-chat", as written; empty where the name has none or tells of experts ("8x7B", "30B-A3B").
std::string size_in_name(std::string_view name) {
  name = name_of(name);
  std::string found;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_digit(name[i]) || (i > 0 && (is_digit(name[i - 1]) || name[i - 1] == '.'))) {
      continue;
    }
    std::size_t end = i;
    while (end < name.size() && (is_digit(name[end]) || name[end] == '.')) {
      ++end;
    }
    const bool unit =
        end < name.size() && (name[end] == 'b' || name[end] == 'B' || name[end] == 'm' || name[end] == 'M');
    const bool ends = end + 1 >= name.size() || !(is_alpha(name[end + 1]) || is_digit(name[end + 1]));
    if (!unit || !ends) {
      continue;
    }
    if (i > 0 && is_alpha(name[i - 1])) {
      return {};
    }
    if (found.empty()) {
      found = name.substr(i, end + 1 - i);
    }
  }
  return found;
}

std::string number_text(double value) {
  return base::grouped(static_cast<std::uint64_t>(value));
}

bool near(double a, double b, double ratio) {
  return a > 0 && b > 0 && a / b <= ratio && b / a <= ratio;
}

// "F16" of "float16", "torch.float16", "half".
std::string dtype_of(std::string_view text) {
  std::string lower = base::to_lower(text);
  if (lower.starts_with("torch.")) {
    lower.erase(0, 6);
  }
  for (const auto& [word, dtype] : {std::pair<std::string_view, std::string_view>{"float32", "F32"},
                                    {"float", "F32"},
                                    {"fp32", "F32"},
                                    {"float16", "F16"},
                                    {"half", "F16"},
                                    {"fp16", "F16"},
                                    {"bfloat16", "BF16"},
                                    {"bf16", "BF16"},
                                    {"float64", "F64"},
                                    {"int8", "I8"},
                                    {"uint8", "U8"},
                                    {"float8_e4m3fn", "F8_E4M3"},
                                    {"float8_e5m2", "F8_E5M2"}}) {
    if (lower == word) {
      return std::string(dtype);
    }
  }
  return {};
}

// The type that most matrices of a file of that llama.cpp type have: "Q4_K" of "Q4_K_M".
std::string matrix_type(std::string_view quantisation) {
  for (const std::string_view known :
       {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "BF16", "F16", "F32"}) {
    if (quantisation.starts_with(known)) {
      return std::string(known);
    }
  }
  return {};
}

// "Q4_K_M" of "llama-q4_k_m.gguf"; empty where the name has none.
std::string quantisation_in_name(std::string_view name) {
  std::string upper;
  for (const char c : name_of(name)) {
    upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  for (const std::string_view known : {"Q2_K_S", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M",
                                       "Q2_K", "Q6_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "BF16", "F16", "F32"}) {
    const std::size_t at = upper.find(known);
    const std::size_t end = at + known.size();
    if (at != upper.npos && at > 0 && !is_alpha(upper[at - 1]) && !is_digit(upper[at - 1]) &&
        (end == upper.size() || (!is_alpha(upper[end]) && !is_digit(upper[end])))) {
      return std::string(known);
    }
  }
  return {};
}

std::uint32_t section_line(const Asset& asset, std::string_view field) {
  for (const evidence::Section& section : asset.sections) {
    if (section.heading == "front-matter: " + std::string(field)) {
      return section.line;
    }
  }
  return 0;
}

// A text, or the first of a list.
std::vector<std::string> texts_of(const Value& value) {
  std::vector<std::string> out;
  if (value.is_string() && !value.as_text().empty()) {
    out.emplace_back(value.as_text());
  }
  for (const Value& one : value.as_list()) {
    if (one.is_string() && !one.as_text().empty() && out.size() < 16) {
      out.emplace_back(one.as_text());
    }
  }
  return out;
}

// ---- one model

class Comparer {
 public:
  Comparer(const ModelGroup& group, const std::vector<ModelGroup>& all) : group_(group), all_(all) {}

  std::vector<Claim> run() {
    sum_up();
    parameters();
    dtype();
    quantisation();
    shards();
    if (group_.config != nullptr && !group_.adapter) {
      architecture();
      shapes();
    }
    base_models();
    licences();
    return std::move(claims_);
  }

 private:
  void sum_up() {
    // The formats of one model repeat each other: the largest counts. Shards add up.
    std::map<std::string, double> by_format;
    std::map<std::string, bool> whole;
    for (const Asset* weights : group_.weights) {
      const Value& count = weights->attributes["parameters"];
      by_format[weights->format] += count.is_integer() ? static_cast<double>(count.as_integer()) : 0;
      whole.try_emplace(weights->format, true);
      whole[weights->format] = whole[weights->format] && count.is_integer() && weights->notes.empty();
      packed_ = packed_ || weights->attributes["packed"].as_bool();
      if (layout_.empty() && !weights->attributes["layout"].as_text().empty()) {
        layout_ = weights->attributes["layout"].as_text();
        layout_in_ = weights->path;
      }
      for (const auto& [name, value] : weights->attributes["dtypes"].as_map()) {
        dtypes_.insert(name);
      }
    }
    for (const auto& [format, count] : by_format) {
      if (count > parameters_ && whole[format]) {
        parameters_ = count;
      }
    }
  }

  [[nodiscard]] const std::string& weights_path() const { return group_.weights.front()->path; }

  void add(std::string_view field, std::string declared, const Asset& by, std::uint32_t line, std::string observed,
           std::string_view observed_in, Agreement outcome, std::string reason) {
    claims_.push_back({std::string(field), base::abbreviate(declared, 300), by.path, line, std::move(observed),
                       std::string(observed_in), outcome, std::move(reason)});
  }

  void count_claim(std::string_view written, const Asset& by, std::uint32_t line, double ratio) {
    const std::optional<Count> count = parse_count(written);
    if (!count || count->value <= 0) {
      return;
    }
    if (parameters_ <= 0 || packed_) {
      add("parameter-count", std::string(written), by, line, "", weights_path(), Agreement::unchecked,
          packed_ ? "the weights are packed, so that their elements are not parameters"
                  : "the headers of the weights do not tell how many parameters there are");
      return;
    }
    const bool fits = near(count->value, parameters_, count->exact ? 1.005 : ratio);
    add("parameter-count", std::string(written), by, line, number_text(parameters_), weights_path(),
        fits ? Agreement::agrees : Agreement::contradicts,
        fits ? "the headers of the weights add up to about that"
             : "the headers of the weights add up to " + number_text(parameters_) + " parameters");
  }

  void parameters() {
    if (group_.adapter) {
      return;
    }
    if (group_.card != nullptr && group_.card->attributes["declared_parameters"].is_string()) {
      count_claim(group_.card->attributes["declared_parameters"].as_text(), *group_.card,
                  static_cast<std::uint32_t>(group_.card->attributes["declared_parameters_line"].as_integer()), 1.3);
    }
    for (const Asset* weights : group_.weights) {
      const std::string_view label = weights->attributes["size_label"].as_text();
      if (!label.empty() && label.find('x') == label.npos && label.find('A') == label.npos) {
        count_claim(label, *weights, 0, 1.3);
      }
    }
    if (group_.index != nullptr && group_.index->attributes["total_parameters"].is_integer()) {
      count_claim(std::to_string(group_.index->attributes["total_parameters"].as_integer()), *group_.index, 0, 1.005);
    }
  }

  void dtype() {
    if (group_.config == nullptr || group_.adapter) {
      return;
    }
    const Value& attributes = group_.config->attributes;
    const std::string_view written =
        attributes["torch_dtype"].is_string() ? attributes["torch_dtype"].as_text() : attributes["dtype"].as_text();
    const std::string wanted = dtype_of(written);
    if (wanted.empty()) {
      return;
    }
    std::string observed;
    for (const Asset* weights : group_.weights) {
      if (const std::string_view one = weights->attributes["dtype"].as_text(); !one.empty()) {
        observed = one;
        if (one == wanted) {
          break;
        }
      }
    }
    const bool quantised = packed_ || attributes["quant_method"].is_string();
    if (observed.empty() || quantised) {
      add("dtype", std::string(written), *group_.config, 0, observed, weights_path(), Agreement::unchecked,
          quantised ? "the weights are quantised, and the configuration names the type that they are computed in"
                    : "the headers of the weights do not tell the type of their numbers");
      return;
    }
    add("dtype", std::string(written), *group_.config, 0, observed, weights_path(),
        observed == wanted ? Agreement::agrees : Agreement::contradicts,
        observed == wanted ? "most parameters are of that type" : "most parameters are " + observed);
  }

  void quantisation() {
    for (const Asset* weights : group_.weights) {
      const Value& attributes = weights->attributes;
      const std::string_view stated = attributes["quantisation"].as_text();
      if (weights->format == "gguf" && !stated.empty()) {
        const std::string wanted = matrix_type(stated);
        const Value& types = attributes["matrix_types"];
        if (wanted.empty() || types.as_map().empty()) {
          add("quantisation", std::string(stated), *weights, 0, "", weights->path, Agreement::unchecked,
              "which types the tensors of such a file have is not known");
        } else {
          std::int64_t most = 0;
          std::string_view most_name;
          for (const auto& [name, share] : types.as_map()) {
            if (share.as_integer() > most) {
              most = share.as_integer();
              most_name = name;
            }
          }
          const std::int64_t share = types[wanted].as_integer();
          const bool agrees = most_name == wanted;
          add("quantisation", std::string(stated), *weights, 0, std::string(most_name), weights->path,
              agrees        ? Agreement::agrees
              : share < 100 ? Agreement::contradicts
                            : Agreement::unchecked,
              agrees ? "most of the matrices are " + wanted
                     : std::to_string(share / 10) + " % of the matrices are " + wanted + ", most are " +
                           std::string(most_name));
        }
        if (const std::string named = quantisation_in_name(weights->path); !named.empty()) {
          add("quantisation", named, *weights, 0, std::string(stated), weights->path,
              named == stated ? Agreement::agrees : Agreement::contradicts,
              named == stated ? "the header says what the file's name says"
                              : "the file's name says " + named + ", its header " + std::string(stated));
        }
      } else if (weights->format != "gguf") {
        named_type(*weights);
      }
    }
    if (group_.config == nullptr || group_.adapter) {
      return;
    }
    const Value& attributes = group_.config->attributes;
    std::int64_t bits = attributes["quant_bits"].as_integer();
    bits = attributes["load_in_4bit"].as_bool() ? 4 : attributes["load_in_8bit"].as_bool() ? 8 : bits;
    if (!attributes["quant_method"].is_string() || bits == 0 || dtypes_.empty()) {
      return;
    }
    const bool integers = std::any_of(dtypes_.begin(), dtypes_.end(), [](const std::string& dtype) {
      return dtype.starts_with('I') || dtype.starts_with('U') || dtype.starts_with("F8") || dtype.starts_with("F4");
    });
    const std::string declared =
        std::string(attributes["quant_method"].as_text()) + ", " + std::to_string(bits) + " bits";
    const std::string observed = group_.weights.front()->attributes["dtype"].as_text().empty()
                                     ? std::string()
                                     : std::string(group_.weights.front()->attributes["dtype"].as_text());
    add("quantisation", declared, *group_.config, 0, observed, weights_path(),
        integers || packed_ ? Agreement::agrees : Agreement::contradicts,
        integers || packed_ ? "the weights hold quantised numbers" : "no tensor holds quantised numbers");
  }

  // "model-fp16.onnx" whose numbers are F32.
  void named_type(const Asset& weights) {
    const std::string lower = base::to_lower(name_of(weights.path));
    const std::string_view observed = weights.attributes["dtype"].as_text();
    if (observed.empty()) {
      return;
    }
    for (const auto& [word, wanted] : {std::pair<std::string_view, std::string_view>{"fp16", "F16"},
                                       {"bf16", "BF16"},
                                       {"fp32", "F32"},
                                       {"int8", "I8"}}) {
      const std::size_t at = lower.find(word);
      const std::size_t end = at + word.size();
      if (at == lower.npos || (at > 0 && (is_alpha(lower[at - 1]) || is_digit(lower[at - 1]))) ||
          (end < lower.size() && (is_alpha(lower[end]) || is_digit(lower[end])))) {
        continue;
      }
      const bool has = dtypes_.contains(std::string(wanted)) || (word == "int8" && dtypes_.contains("U8"));
      add("dtype", std::string(word), weights, 0, std::string(observed), weights.path,
          observed == wanted || (word == "int8" && has) ? Agreement::agrees
          : has                                         ? Agreement::unchecked
                                                        : Agreement::contradicts,
          has ? "the header names numbers of that type" : "no tensor is of the type in the file's name");
      return;
    }
  }

  void shards() {
    if (group_.index == nullptr) {
      return;
    }
    std::vector<std::string> missing;
    std::size_t named = 0;
    for (const Value& shard : group_.index->attributes["shards"].as_list()) {
      ++named;
      const bool there = std::any_of(group_.weights.begin(), group_.weights.end(),
                                     [&](const Asset* weights) { return name_of(weights->path) == shard.as_text(); });
      if (!there && missing.size() < 5) {
        missing.emplace_back(shard.as_text());
      }
    }
    if (named == 0) {
      return;
    }
    add("shards", base::counted(named, "file"), *group_.index, 0, base::counted(group_.weights.size(), "file"),
        weights_path(), missing.empty() ? Agreement::agrees : Agreement::contradicts,
        missing.empty() ? "every file that the index names is there"
                        : "the index names files that are not there: " + base::join(missing, ", "));
    const Value& total = group_.index->attributes["total_size"];
    double safetensors = 0;
    for (const Asset* weights : group_.weights) {
      safetensors += weights->format == "safetensors" ? static_cast<double>(weights->size_bytes) : 0;
    }
    if (total.is_number() && safetensors > 0 && missing.empty()) {
      const bool fits = near(total.as_double(), safetensors, 1.02) || std::abs(safetensors - total.as_double()) < 4e6;
      add("size", number_text(total.as_double()) + " bytes", *group_.index, 0, number_text(safetensors) + " bytes",
          weights_path(), fits ? Agreement::agrees : Agreement::contradicts,
          fits ? "the files are as large as the index says, headers apart"
               : "the files of weights are " + number_text(safetensors) + " bytes");
    }
  }

  void architecture() {
    const std::string_view type = group_.config->attributes["model_type"].as_text();
    if (type.empty()) {
      return;
    }
    const Family* family = family_of_type(type);
    if (family == nullptr || layout_.empty()) {
      add("architecture", std::string(type), *group_.config, 0, layout_, layout_in_, Agreement::unchecked,
          layout_.empty() ? "the names of the tensors are of no family that is known"
                          : "what the tensors of such a model are called is not known");
      return;
    }
    const bool fits = contains(family->layouts, layout_);
    add("architecture", std::string(type), *group_.config, 0, layout_, layout_in_,
        fits ? Agreement::agrees : Agreement::contradicts,
        fits ? "the tensors are called as in such models"
             : "the tensors are called as in models of the family " + layout_);
  }

  void shapes() {
    const Value& config = group_.config->attributes;
    const auto declared = [&](std::initializer_list<std::string_view> keys) -> std::int64_t {
      for (const std::string_view key : keys) {
        if (config[key].is_integer()) {
          return config[key].as_integer();
        }
      }
      return 0;
    };
    std::int64_t vocabulary = 0;
    std::int64_t hidden = 0;
    std::int64_t layers = 0;
    std::string_view embedding_in;
    for (const Asset* weights : group_.weights) {
      if (vocabulary == 0 && weights->attributes["vocabulary"].is_integer()) {
        vocabulary = weights->attributes["vocabulary"].as_integer();
        hidden = weights->attributes["hidden"].as_integer();
        embedding_in = weights->path;
      }
      layers = std::max(layers, weights->attributes["layers"].as_integer());
    }
    const bool plain = layout_ == "llama" || layout_ == "bert" || layout_ == "gpt-2" || layout_ == "gpt-neox" ||
                       layout_ == "bloom" || layout_ == "gpt-j" || layout_ == "mpt";
    const auto compare = [&](std::string_view what, std::int64_t wanted, std::int64_t seen, std::string_view in,
                             bool fits) {
      if (wanted > 0 && seen > 0) {
        add("shape", std::string(what) + " " + std::to_string(wanted), *group_.config, 0,
            std::string(what) + " " + std::to_string(seen), in, fits ? Agreement::agrees : Agreement::contradicts,
            fits ? "the shapes in the header fit" : "the shapes in the header say " + std::to_string(seen));
      }
    };
    if (!packed_) {
      const std::int64_t words = declared({"vocab_size"});
      compare("vocabulary", words, vocabulary, embedding_in,
              vocabulary >= words && static_cast<double>(vocabulary) <= 1.1 * static_cast<double>(words) + 1024);
      if (plain) {
        const std::int64_t width = declared({"hidden_size", "n_embd", "d_model"});
        compare("width", width, hidden, embedding_in, hidden == width);
      }
    }
    if (plain) {
      const std::int64_t depth = declared({"num_hidden_layers", "n_layer", "num_layers"});
      compare("layers", depth, layers, weights_path(), layers == depth || layers == depth + 1);
    }
  }

  void base_models() {
    std::set<std::string> seen;
    const auto each = [&](const Asset& by, const Value& names, std::uint32_t line) {
      for (const std::string& name : texts_of(names)) {
        if (seen.insert(by.path + '\n' + name).second) {
          base_model(name, by, line);
        }
      }
    };
    if (group_.card != nullptr && folder_of(group_.card->path) == folder_of(weights_path())) {
      each(*group_.card, group_.card->attributes["base_model"], section_line(*group_.card, "base_model"));
    }
    if (group_.config != nullptr && group_.adapter) {
      each(*group_.config, group_.config->attributes["base_model_name_or_path"], 0);
    }
    for (const Asset* weights : group_.weights) {
      for (const std::string_view key : {"base_model.0.repo_url", "base_model.0.name"}) {
        each(*weights, weights->attributes[key], 0);
      }
    }
    if (group_.declared != nullptr) {
      Asset system;  // only its path is told
      system.path = "ai-system.yaml";
      const Value& from = (*group_.declared)["derived_from"];
      for (const std::string& name : texts_of(from)) {
        if (seen.insert(system.path + '\n' + name).second && family_of(name) != nullptr) {
          base_model(name, system, group_.declared->line());
        }
      }
    }
  }

  // What is said to be the model that this one was made from: its family against the names of the tensors, its shapes
  // against the weights of that model where they are here, its size against the number of parameters.
  void base_model(const std::string& name, const Asset& by, std::uint32_t line) {
    const Family* family = family_of(name);
    const std::string_view architecture = group_.weights.front()->attributes["architecture"].as_text();
    std::string observed = architecture.empty() ? layout_ : std::string(architecture);
    if (const ModelGroup* found = local_model(name); found != nullptr && found != &group_) {
      std::string different;
      std::size_t compared = 0;
      for (const Asset* ours : group_.weights) {
        for (const Asset* theirs : found->weights) {
          for (const auto& [module, shape] : ours->attributes["modules"].as_map()) {
            const std::string_view other = theirs->attributes["modules"][module].as_text();
            if (!other.empty()) {
              ++compared;
              if (other != shape.as_text() && different.empty()) {
                different = module + " is " + std::string(shape.as_text()) + " here and " + std::string(other) +
                            " in " + theirs->path;
              }
            }
          }
        }
      }
      if (compared > 0) {
        add("base-model", name, by, line,
            different.empty() ? "shapes of " + base::counted(compared, "module") : different, weights_path(),
            different.empty() ? Agreement::agrees : Agreement::contradicts,
            different.empty() ? "the shapes of the tensors fit those of " + found->path
                              : "the shapes do not fit those of " + found->path + ": " + different);
        return;
      }
    }
    if (family == nullptr || observed.empty()) {
      add("base-model", name, by, line, observed, layout_in_, Agreement::unchecked,
          family == nullptr ? "no family of models is known by that name"
                            : "neither names of tensors nor a header tell the family of these weights");
      return;
    }
    const bool fits = architecture.empty() ? contains(family->layouts, layout_)
                                           : begins_with_one(family->architectures, architecture);
    if (!fits) {
      add("base-model", name, by, line, observed, weights_path(), Agreement::contradicts,
          (architecture.empty() ? "the tensors are called as in models of the family "
                                : "the header says the architecture ") +
              observed);
      return;
    }
    const std::string size = size_in_name(name);
    if (const auto count = parse_count(size);
        count && !group_.adapter && parameters_ > 0 && !packed_ && !near(count->value, parameters_, 1.45)) {
      add("base-model", name, by, line, number_text(parameters_) + " parameters", weights_path(),
          Agreement::contradicts,
          "its name says " + size + ", and the weights have " + number_text(parameters_) + " parameters");
      return;
    }
    add("base-model", name, by, line, observed, weights_path(), Agreement::agrees,
        "family" + std::string(size.empty() || group_.adapter ? "" : " and size") + " fit the headers of the weights");
  }

  [[nodiscard]] const ModelGroup* local_model(std::string_view name) const {
    const std::string_view path = plain_path(name);
    for (const ModelGroup& other : all_) {
      if (&other == &group_ || other.adapter) {
        continue;
      }
      const std::string_view folder = other.path;
      if (path == folder || name_of(folder) == name_of(path) ||
          (other.declared != nullptr &&
           ((*other.declared)["id"].as_text() == name || (*other.declared)["hub"].as_text() == name)) ||
          (other.weights.size() == 1 && folder_of(folder) == path)) {
        return &other;
      }
    }
    return nullptr;
  }

  void licences() {
    // What the header says counts as observed; where there is none, the licence text beside the weights.
    std::string observed;
    std::string in;
    for (const Asset* weights : group_.weights) {
      const Value& header = weights->attributes["license"].is_string() ? weights->attributes["license"]
                                                                       : weights->attributes["metadata"]["license"];
      if (header.is_string() && observed.empty()) {
        observed = header.as_text();
        in = weights->path;
      }
    }
    const bool header = !observed.empty();
    if (observed.empty() && group_.licence != nullptr) {
      observed = group_.licence->attributes["spdx"].as_text();
      in = group_.licence->path;
    }
    if (group_.card == nullptr) {
      return;
    }
    const std::vector<std::string> declared = texts_of(group_.card->attributes["license"]);
    if (declared.empty() || declared.front() == "other" || declared.front() == "unknown") {
      return;
    }
    const std::uint32_t line = section_line(*group_.card, "license");
    if (observed.empty()) {
      add("licence", declared.front(), *group_.card, line, "", "", Agreement::unchecked,
          "no header and no licence text beside the weights says anything");
      return;
    }
    const bool fits = std::any_of(declared.begin(), declared.end(),
                                  [&](const std::string& one) { return same_licence(one, observed); });
    add("licence", base::join(declared, ", "), *group_.card, line, observed, in,
        fits ? Agreement::agrees : Agreement::contradicts,
        fits     ? "both name the same licence"
        : header ? "the header of the weights says " + observed
                 : "the licence text beside the weights is " + observed);
  }

  const ModelGroup& group_;
  const std::vector<ModelGroup>& all_;
  std::vector<Claim> claims_;
  double parameters_ = 0;
  bool packed_ = false;
  std::string layout_;
  std::string layout_in_;
  std::set<std::string> dtypes_;
};

// Licences of data: the datasheet beside it against what ai-system.yaml says.
void compare_data(std::span<const Asset> assets, const evidence::SystemFacts& system,
                  std::map<std::string, evidence::Claims>& out) {
  for (const Value& entry : system.document["data"].as_list()) {
    const std::string_view path = plain_path(entry["path"].as_text());
    const std::string_view licence = entry["source"]["licence"].as_text();
    if (path.empty() || licence.empty()) {
      continue;
    }
    const Asset* data = nullptr;
    const Asset* sheet = nullptr;
    for (const Asset& asset : assets) {
      if (asset.path == path && !asset.is_part) {
        data = &asset;
      }
      if (asset.kind == evidence::AssetKind::datasheet && !asset.is_part && asset.attributes["license"].is_string() &&
          (folder_of(asset.path) == folder_of(path) || folder_of(asset.path) == path)) {
        sheet = &asset;
      }
    }
    if (data == nullptr || sheet == nullptr) {
      continue;
    }
    const std::string stated(sheet->attributes["license"].as_text());
    const bool fits = same_licence(stated, licence);
    evidence::Claims& claims = out[data->path];
    claims.path = data->path;
    claims.sha256 = data->sha256;
    claims.claims.push_back(
        {"licence", std::string(licence), system.path, entry.line(), stated, sheet->path,
         fits ? Agreement::agrees : Agreement::contradicts,
         fits ? "the datasheet names the same licence" : "the datasheet beside the data says " + stated});
  }
}

}  // namespace

std::vector<evidence::Claims> compare_claims(std::span<const Asset> assets, const evidence::SystemFacts* system) {
  const std::vector<ModelGroup> groups = group_models(assets, system);
  std::map<std::string, evidence::Claims> out;
  for (const ModelGroup& group : groups) {
    std::vector<Claim> claims = Comparer(group, groups).run();
    if (claims.empty()) {
      continue;
    }
    evidence::Claims& of_file = out[group.weights.front()->path];
    of_file.path = group.weights.front()->path;
    of_file.sha256 = group.weights.front()->sha256;
    std::move(claims.begin(), claims.end(), std::back_inserter(of_file.claims));
  }
  if (system != nullptr) {
    compare_data(assets, *system, out);
  }
  std::vector<evidence::Claims> sorted;
  sorted.reserve(out.size());
  for (auto& [path, claims] : out) {
    sorted.push_back(std::move(claims));
  }
  return sorted;
}

}  // namespace bom
