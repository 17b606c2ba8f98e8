#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"
#include "base/uuid.h"
#include "bom/document.h"
#include "bom/licence.h"
#include "bom/models.h"
#include "bom/packages.h"

namespace bom {
namespace {

// What a field holds as one text: the elements of a list with commas between, anything but text as JSON.
std::string text_of(const base::Value& value) {
  if (!value.is_list()) {
    return value.is_string() ? std::string(value.as_text()) : base::to_json(value);
  }
  std::string text;
  for (const base::Value& one : value.as_list()) {
    text += (text.empty() ? "" : ", ") + std::string(one.as_text());
  }
  return text;
}

using base::Value;
using evidence::Asset;
using evidence::AssetKind;
using evidence::Confidence;
using evidence::Usage;

std::string without_extension(std::string_view name) {
  name = name_of(name);
  const std::size_t dot = name.rfind('.');
  return std::string(dot == name.npos || dot == 0 ? name : name.substr(0, dot));
}

class Collector {
 public:
  explicit Collector(const Input& input) : input_(input), declared_(input.system->document) {}

  Document run() {
    out_.time = input_.time;
    out_.tool_version = input_.tool_version;
    out_.claims = compare_claims(input_.assets, input_.system);
    out_.bills.assign(input_.bills.begin(), input_.bills.end());
    index();
    make_system();
    make_documents();
    make_models();
    make_declared_models();
    make_data();
    make_prompts();
    make_agents();
    make_usages();
    make_interfaces();
    collect_packages(input_.assets, out_);
    connect_declared();
    finish();
    return std::move(out_);
  }

 private:
  void index() {
    std::uint64_t left_out = 0;
    for (const Asset& asset : input_.assets) {
      by_path_.emplace(asset.path, &asset);
      const bool counts = asset.kind == AssetKind::model || asset.kind == AssetKind::dataset ||
                          asset.kind == AssetKind::prompt || asset.kind == AssetKind::lock_file;
      left_out += counts && !in_scope(asset) ? 1 : 0;
    }
    if (left_out > 0) {
      out_.notes.push_back(
          base::counted(left_out, "file", "files") +
          " of models, data, prompts and locks in folders of tests, documentation and vendored code left out");
    }
  }

  static Field observed(std::string value, const Asset& asset) {
    return {std::move(value), Origin::observed, asset.path, asset.line};
  }
  [[nodiscard]] Field declared(std::string_view value, std::uint32_t line) const {
    return {std::string(value), Origin::declared, input_.system->path, line};
  }
  void set_declared(Component& component, std::string_view field, const Value& value, std::uint32_t line) const {
    if (value.is_null() || component.fields.contains(field)) {
      return;
    }
    const std::string text = text_of(value);
    if (!text.empty()) {
      component.fields.emplace(field, declared(text, value.line() != 0 ? value.line() : line));
    }
  }

  Component& add(Kind kind, std::string ref, std::string name) {
    Component made;
    made.kind = kind;
    made.ref = std::move(ref);
    made.name = std::move(name);
    out_.components.push_back(std::move(made));
    return out_.components.back();
  }
  void edge(std::string from, Relation relation, std::string to, Origin origin, std::string source) {
    if (from != to) {
      out_.edges.push_back({std::move(from), relation, std::move(to), origin, std::move(source)});
    }
  }
  void contain(const std::string& ref) { edge(out_.system.ref, Relation::contains, ref, Origin::derived, ""); }

  static void add_content(Component& component, const Asset& asset) {
    component.path = asset.path;
    if (asset.sha256.is_set()) {
      component.digests.push_back({"sha256", asset.sha256.hex(), Origin::observed, asset.path});
    }
    component.fields["size"] = observed(std::to_string(asset.size_bytes), asset);
    if (!asset.format.empty()) {
      component.fields["format"] = observed(asset.format, asset);
    }
    if (asset.confidence != Confidence::high) {
      component.fields["recognised"] = {
          asset.recognised_by + " (" + std::string(to_string(asset.confidence)) + " confidence)", Origin::derived,
          asset.path, 0};
    }
    for (std::size_t i = 0; i < asset.notes.size() && i < 5; ++i) {
      component.fields["note" + (i == 0 ? std::string() : "-" + std::to_string(i + 1))] =
          observed(asset.notes[i], asset);
    }
  }

  void make_system() {
    const Value& system = declared_["system"];
    Component& root = out_.system;
    root.kind = Kind::application;
    root.ref = "system";
    root.name = system["name"].as_text();
    if (root.name.empty()) {
      root.name = input_.directory_name.empty() ? "system" : input_.directory_name;
      root.fields["name"] = {root.name, Origin::derived, "", 0};
    } else {
      root.fields["name"] = declared(root.name, system["name"].line());
    }
    for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"description", "description"},
                                     {"supplier", "owner"},
                                     {"phase", "phase"},
                                     {"distribution", "distribution"},
                                     {"roles", "roles"}}) {
      set_declared(root, field, system[key], system.line());
    }
    const Value& contact = declared_["contacts"]["security"];
    set_declared(root, "security-contact", contact, contact.line());
    for (const std::string_view name :
         {"LICENSE", "LICENCE", "LICENSE.md", "LICENSE.txt", "LICENCE.md", "LICENCE.txt", "COPYING"}) {
      const auto found = by_path_.find(name);
      if (found != by_path_.end() && found->second->attributes["spdx"].is_string()) {
        root.fields["licence"] = observed(std::string(found->second->attributes["spdx"].as_text()), *found->second);
        break;
      }
    }
    for (const Asset& asset : input_.assets) {
      if (asset.kind == AssetKind::dependency_manifest && folder_of(asset.path).empty() &&
          asset.attributes["license"].is_string() && !root.fields.contains("licence")) {
        root.fields["licence"] = {std::string(asset.attributes["license"].as_text()), Origin::declared, asset.path, 0};
      }
    }
  }

  void make_documents() {
    for (const Asset& asset : input_.assets) {
      const bool wanted = asset.kind == AssetKind::model_card || asset.kind == AssetKind::datasheet ||
                          asset.kind == AssetKind::lock_file || asset.kind == AssetKind::dependency_manifest ||
                          is_bill(asset) || asset.kind == AssetKind::system_file || asset.kind == AssetKind::licence ||
                          asset.kind == AssetKind::disclosure_policy || asset.kind == AssetKind::container;
      // What Surety itself made of an earlier state is no part of this one.
      const bool own =
          is_bill(asset) && std::any_of(input_.bills.begin(), input_.bills.end(), [&](const evidence::Bill& bill) {
            return bill.path == asset.path && bill.producer.starts_with("surety");
          });
      if (!wanted || own || asset.is_part || !in_scope(asset)) {
        continue;
      }
      Component& made = add(Kind::document, "file/" + asset.path, std::string(name_of(asset.path)));
      add_content(made, asset);
      made.fields["role"] = {is_bill(asset) ? "bill-of-materials" : std::string(to_string(asset.kind)), Origin::derived,
                             asset.path, 0};
      documents_.insert(asset.path);
      contain(made.ref);
    }
  }

  void describe(const std::string& ref, const Asset* document, Origin origin) {
    if (document != nullptr && documents_.contains(document->path)) {
      edge(ref, Relation::described_by, "file/" + document->path, origin,
           origin == Origin::declared ? input_.system->path : std::string());
    }
  }

  static std::uint32_t line_of(const Asset& card, std::string_view field) {
    for (const evidence::Section& section : card.sections) {
      if (section.heading == "front-matter: " + std::string(field)) {
        return section.line;
      }
    }
    return 0;
  }

  void set_from_card(Component& component, const Asset& card, std::string_view field, std::string_view key) const {
    const Value& value = card.attributes[key];
    if (component.fields.contains(field) || value.is_null()) {
      return;
    }
    const std::string text = text_of(value);
    if (!text.empty()) {
      component.fields.emplace(field, Field{text, Origin::declared, card.path, line_of(card, key)});
    }
  }

  // Text under a heading of a card, by words in the heading.
  static const evidence::Section* section_with(const Asset& card, std::initializer_list<std::string_view> words) {
    for (const evidence::Section& section : card.sections) {
      if (section.heading.starts_with("front-matter:") || section.words == 0) {
        continue;
      }
      const std::string lower = base::to_lower(section.heading);
      if (std::any_of(words.begin(), words.end(),
                      [&](std::string_view word) { return lower.find(word) != lower.npos; })) {
        return &section;
      }
    }
    return nullptr;
  }
  static void set_from_section(Component& component, const Asset& card, std::string_view field,
                               std::initializer_list<std::string_view> words) {
    const evidence::Section* section = section_with(card, words);
    if (section != nullptr && !section->excerpt.empty() && !component.fields.contains(field)) {
      component.fields.emplace(field, Field{section->excerpt, Origin::declared, card.path, section->line});
    }
  }

  void add_header(Component& component, const Asset& weights) const {
    const Value& attributes = weights.attributes;
    const auto text = [&](std::string_view field, std::string_view key, Origin origin) {
      const Value& value = attributes[key];
      if (!value.is_null() && !value.is_map() && !component.fields.contains(field)) {
        component.fields.emplace(field, Field{value.is_string() ? std::string(value.as_text()) : base::to_json(value),
                                              origin, weights.path, 0});
      }
    };
    text("tensors", "tensors", Origin::observed);
    text("parameters", "parameters", Origin::observed);
    text("dtype", "dtype", Origin::observed);
    text("tensor-layout", "layout", Origin::derived);
    text("layers", "layers", Origin::observed);
    text("vocabulary", "vocabulary", Origin::observed);
    text("width", "hidden", Origin::observed);
    text("lora-rank", "lora_rank", Origin::observed);
    // What the header says of itself is as true as its writer.
    text("architecture", "architecture", Origin::declared);
    text("quantisation", "quantisation", Origin::declared);
    text("context-length", "context_length", Origin::declared);
    text("producer", "organization", Origin::declared);
    text("licence", "license", Origin::declared);
    text("version", "version", Origin::declared);
    const Value& metadata = attributes["metadata"]["license"];
    if (metadata.is_string() && !component.fields.contains("licence")) {
      component.fields.emplace("licence", Field{std::string(metadata.as_text()), Origin::declared, weights.path, 0});
    }
    std::string kinds;
    for (const auto& [name, count] : attributes["dtypes"].as_map()) {
      kinds += (kinds.empty() ? "" : ", ") + name + " " + std::to_string(count.as_integer());
    }
    if (!kinds.empty()) {
      component.fields.emplace("dtypes", Field{kinds, Origin::observed, weights.path, 0});
    }
  }

  void add_card(Component& component, const Asset& card) const {
    for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"licence", "license"},
                                     {"language", "language"},
                                     {"task", "pipeline_tag"},
                                     {"library", "library_name"},
                                     {"base-model", "base_model"},
                                     {"datasets", "datasets"},
                                     {"version", "version"},
                                     {"tags", "tags"}}) {
      set_from_card(component, card, field, key);
    }
    set_from_section(component, card, "description", {"model details", "model description", "summary", "overview"});
    set_from_section(component, card, "intended-use", {"intended use", "uses"});
    set_from_section(component, card, "limitations", {"limitation", "failure mode"});
    set_from_section(component, card, "training", {"training procedure", "training hyperparameters", "training data"});
    set_from_section(component, card, "metrics", {"evaluation", "results", "performance", "metrics"});
    set_from_section(component, card, "ethics", {"ethic", "bias", "fairness"});
    set_from_section(component, card, "guardrails", {"guardrail", "safety"});
    set_from_section(component, card, "input-output", {"input", "output"});
  }

  void add_declared_model(Component& component, const Value& entry) {
    component.fields["id"] = declared(entry["id"].as_text(), entry.line());
    set_declared(component, "version", entry["revision"], entry.line());
    set_declared(component, "origin", entry["origin"], entry.line());
    set_declared(component, "purpose", entry["purpose"], entry.line());
    set_declared(component, "classification", entry["classification"], entry.line());
    set_declared(component, "modalities", entry["modalities"]["supported"], entry.line());
    set_declared(component, "modalities-used", entry["modalities"]["used"], entry.line());
    set_declared(component, "provider", entry["provider"], entry.line());
    if (entry["origin"].as_text() == "own") {
      set_declared(component, "producer", declared_["system"]["owner"], entry.line());
    }
    declared_refs_[std::string(entry["id"].as_text())] = component.ref;
  }

  void make_models() {
    const std::vector<ModelGroup> groups = group_models(input_.assets, input_.system);
    std::map<const Value*, std::vector<std::string>> by_entry;
    for (const ModelGroup& group : groups) {
      const Asset& first = *group.weights.front();
      const bool single = group.weights.size() == 1;
      std::string name;
      if (group.card != nullptr && group.card->attributes["model_name"].is_string()) {
        name = group.card->attributes["model_name"].as_text();
      } else if (first.attributes["name"].is_string()) {
        name = first.attributes["name"].as_text();
      } else {
        const std::string_view folder = folder_of(first.path);
        const std::string stem = without_extension(group.path);
        const bool generic = stem == "model" || stem == "pytorch_model" || stem == "adapter_model" || stem == "weights";
        name = generic && !folder.empty() ? std::string(name_of(folder)) : stem;
      }
      const Kind kind = group.adapter ? Kind::adapter : Kind::model;
      const std::string ref = std::string(to_string(kind)) + "/" + group.path;
      const std::size_t place = out_.components.size();
      {
        Component& made = add(kind, ref, name);
        made.path = group.path;
        if (single) {
          add_content(made, first);
        }
        for (const Asset* weights : group.weights) {
          add_header(made, *weights);
        }
        if (!single) {
          sum_up(made, group);
        }
        if (group.declared != nullptr) {
          by_entry[group.declared].push_back(ref);
        }
        if (group.config != nullptr) {
          add_config(made, *group.config);
        }
        if (group.card != nullptr) {
          add_card(made, *group.card);
        }
        if (group.licence != nullptr && !made.fields.contains("licence")) {
          made.fields["licence"] = observed(std::string(group.licence->attributes["spdx"].as_text()), *group.licence);
        }
      }
      contain(ref);
      model_refs_.emplace(group.path, ref);
      for (const Asset* weights : group.weights) {
        model_refs_.emplace(weights->path, ref);
        if (const std::string_view folder = folder_of(weights->path); !folder.empty()) {
          model_refs_.emplace(folder, ref);
        }
        if (!single) {
          Component& part = add(Kind::weights, "weights/" + weights->path, std::string(name_of(weights->path)));
          add_content(part, *weights);
          add_header(part, *weights);
          edge(ref, Relation::contains, part.ref, Origin::derived, "");
        }
      }
      if (group.config != nullptr) {
        add_file(Kind::model_config, *group.config);
        edge(ref, Relation::configured_by, "config/" + group.config->path, Origin::derived, "");
      }
      for (const Asset* config : group.configs) {
        add_file(Kind::model_config, *config);
        edge(ref, Relation::configured_by, "config/" + config->path, Origin::derived, "");
      }
      if (group.index != nullptr) {
        add_file(Kind::model_config, *group.index);
        edge(ref, Relation::configured_by, "config/" + group.index->path, Origin::derived, "");
      }
      for (const Asset* tokenizer : group.tokenizers) {
        add_file(Kind::tokenizer, *tokenizer);
        edge(ref, Relation::tokenised_by, "tokenizer/" + tokenizer->path, Origin::derived, "");
      }
      for (const Asset* chat : group.templates) {
        add_file(Kind::chat_template, *chat);
        edge(ref, Relation::configured_by, "chat-template/" + chat->path, Origin::observed, chat->path);
      }
      describe(ref, group.card,
               group.declared != nullptr && !(*group.declared)["card"].is_null() ? Origin::declared : Origin::derived);
      describe(ref, group.licence, Origin::derived);
      base_models(ref, group, out_.components[place]);
    }
    for (const auto& [entry, refs] : by_entry) {
      for (const std::string& ref : refs) {
        const auto found = std::find_if(out_.components.begin(), out_.components.end(),
                                        [&](const Component& one) { return one.ref == ref; });
        Component& component = *found;
        if (refs.size() == 1 && component.name != (*entry)["id"].as_text()) {
          component.fields["file-name"] = {component.name, Origin::observed, component.path, 0};
          component.name = (*entry)["id"].as_text();
        }
        add_declared_model(component, *entry);
      }
      matched_.insert(entry);
    }
  }

  // Of a model in several files: the sizes added up, and one digest over theirs.
  static void sum_up(Component& component, const ModelGroup& group) {
    std::uint64_t bytes = 0;
    std::map<std::string, std::int64_t> parameters;
    std::string lines;
    bool whole = true;
    for (const Asset* weights : group.weights) {
      bytes += weights->size_bytes;
      parameters[weights->format] += weights->attributes["parameters"].as_integer();
      whole = whole && weights->sha256.is_set();
      lines += weights->sha256.hex() + "  " + std::string(name_of(weights->path)) + "\n";
    }
    std::int64_t most = 0;
    for (const auto& [format, count] : parameters) {
      most = std::max(most, count);
    }
    component.fields["size"] = {std::to_string(bytes), Origin::derived, component.path, 0};
    component.fields.erase("tensors");
    component.fields.erase("dtypes");
    component.fields.erase("parameters");
    if (most > 0) {
      component.fields["parameters"] = {std::to_string(most), Origin::derived, component.path, 0};
    }
    if (whole) {
      component.digests.push_back({"sha256", base::sha256(lines).hex(), Origin::derived, component.path});
    }
  }

  static void add_config(Component& component, const Asset& config) {
    const Value& attributes = config.attributes;
    const auto set = [&](std::string_view field, const Value& value) {
      if (!value.is_null() && !component.fields.contains(field)) {
        component.fields.emplace(field, Field{value.is_string() ? std::string(value.as_text()) : base::to_json(value),
                                              Origin::declared, config.path, 0});
      }
    };
    set("architecture",
        attributes["architectures"].as_list().empty() ? Value() : attributes["architectures"].as_list().front());
    set("architecture-family", attributes["model_type"]);
    set("declared-dtype", attributes["torch_dtype"].is_null() ? attributes["dtype"] : attributes["torch_dtype"]);
    set("declared-layers", attributes["num_hidden_layers"]);
    set("declared-vocabulary", attributes["vocab_size"]);
    set("context-length", attributes["max_position_embeddings"]);
    set("quantisation", attributes["quant_method"]);
    set("base-model", attributes["base_model_name_or_path"]);
    set("adapter-type", attributes["peft_type"]);
  }

  void add_file(Kind kind, const Asset& asset) {
    std::string prefix(to_string(kind));
    if (kind == Kind::model_config) {
      prefix = "config";
    }
    const std::string ref = prefix + "/" + asset.path;
    if (!files_.insert(ref).second) {
      return;
    }
    Component& made = add(kind, ref, std::string(name_of(asset.path)));
    add_content(made, asset);
    for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"tokenizer-type", "tokenizer_type"},
                                     {"tokenizer-class", "tokenizer_class"},
                                     {"runs-code", "auto_map"}}) {
      if (asset.attributes[key].is_string() && !asset.attributes[key].as_text().empty()) {
        made.fields[std::string(field)] = {std::string(asset.attributes[key].as_text()), Origin::declared, asset.path,
                                           0};
      }
    }
    contain(ref);
  }

  void base_models(const std::string& ref, const ModelGroup& group, const Component& component) {
    const auto field = component.fields.find("base-model");
    std::set<std::string> names;
    std::string source;
    if (field != component.fields.end()) {
      source = field->second.source;
      for (const std::string_view one : base::split(field->second.value, ',')) {
        names.insert(std::string(base::trim(one)));
      }
    }
    for (const Asset* weights : group.weights) {
      const Value& url = weights->attributes["base_model.0.repo_url"];
      std::string_view name = url.is_string() ? url.as_text() : weights->attributes["base_model.0.name"].as_text();
      if (const std::size_t host = name.find("huggingface.co/"); host != name.npos) {
        name.remove_prefix(host + 15);
      }
      if (!name.empty()) {
        names.insert(std::string(name));
        source = source.empty() ? weights->path : source;
      }
    }
    for (const std::string& name : names) {
      if (!name.empty()) {
        later_.push_back({ref, Relation::derived_from, name, Origin::declared, source});
      }
    }
    const auto datasets = component.fields.find("datasets");
    if (datasets != component.fields.end()) {
      for (const std::string_view one : base::split(datasets->second.value, ',')) {
        if (!base::trim(one).empty()) {
          later_.push_back({ref, Relation::trained_on, "dataset:" + std::string(base::trim(one)), Origin::declared,
                            datasets->second.source});
        }
      }
    }
  }

  Component& external_model(std::string_view name, bool hub) {
    const std::string ref = (hub ? "model/hub/" : "model/hosted/") + std::string(name);
    if (const auto found = external_.find(ref); found != external_.end()) {
      return out_.components[found->second];
    }
    external_.emplace(ref, out_.components.size());
    Component& made = add(Kind::model, ref, std::string(name));
    made.external = true;
    if (hub) {
      made.purl = "pkg:huggingface/" + percent_encoded(name, "/");
    }
    contain(ref);
    return made;
  }

  Component& external_dataset(std::string_view name) {
    const std::string ref = "dataset/hub/" + std::string(name);
    if (const auto found = external_.find(ref); found != external_.end()) {
      return out_.components[found->second];
    }
    external_.emplace(ref, out_.components.size());
    Component& made = add(Kind::dataset, ref, std::string(name));
    made.external = true;
    contain(ref);
    return made;
  }

  void make_declared_models() {
    for (const Value& entry : declared_["models"].as_list()) {
      if (matched_.contains(&entry)) {
        continue;
      }
      const std::string_view hosted = entry["hosted"].as_text();
      const std::string_view hub = entry["hub"].as_text();
      if (!hosted.empty() || !hub.empty()) {
        Component& made = external_model(hosted.empty() ? hub : hosted, hosted.empty());
        add_declared_model(made, entry);
      } else {
        Component& made = add(Kind::model, "model/declared/" + std::string(entry["id"].as_text()),
                              std::string(entry["id"].as_text()));
        made.external = true;
        add_declared_model(made, entry);
        set_declared(made, "declared-path", entry["path"], entry.line());
        contain(made.ref);
      }
    }
    for (const Value& entry : declared_["providers"].as_list()) {
      Component& made = add(Kind::service, "service/provider/" + std::string(entry["id"].as_text()),
                            std::string(entry["name"].as_text(entry["id"].as_text())));
      made.external = true;
      set_declared(made, "services", entry["services"], entry.line());
      set_declared(made, "assessment", entry["assessment"]["date"], entry.line());
      provider_refs_[std::string(entry["id"].as_text())] = made.ref;
      contain(made.ref);
    }
  }

  void make_data() {
    std::map<std::string, const Value*, std::less<>> declared_paths;
    for (const Value& entry : declared_["data"].as_list()) {
      declared_paths.emplace(plain_path(entry["path"].as_text()), &entry);
    }
    std::map<std::string, std::vector<const Asset*>, std::less<>> sheets;
    for (const Asset& asset : input_.assets) {
      if (asset.kind == AssetKind::datasheet && in_scope(asset) && !asset.is_part) {
        sheets[std::string(folder_of(asset.path))].push_back(&asset);
      }
    }
    std::set<const Value*> found_entries;
    for (const Asset& asset : input_.assets) {
      if (asset.kind != AssetKind::dataset || !in_scope(asset) || asset.is_part) {
        continue;
      }
      const std::string ref = "dataset/" + asset.path;
      {
        Component& made = add(Kind::dataset, ref, without_extension(asset.path));
        add_content(made, asset);
        for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"rows", "rows"},
                                         {"columns", "columns"},
                                         {"dtype", "dtype"},
                                         {"shape", "shape"},
                                         {"items", "count"}}) {
          const Value& value = asset.attributes[key];
          std::string text;
          for (const Value& one : value.as_list()) {
            if (text.size() < 500) {
              text += (text.empty() ? "" : ", ") + std::string(one.as_text());
            }
          }
          if (value.is_string() || value.is_integer()) {
            text = value.is_string() ? std::string(value.as_text()) : base::to_json(value);
          }
          if (!text.empty()) {
            made.fields[std::string(field)] = observed(text, asset);
          }
        }
        std::string_view place = asset.path;
        auto entry = declared_paths.find(place);
        while (entry == declared_paths.end() && !place.empty()) {
          place = folder_of(place);
          entry = place.empty() ? declared_paths.end() : declared_paths.find(place);
        }
        if (entry != declared_paths.end()) {
          add_declared_data(made, *entry->second);
          found_entries.insert(entry->second);
        }
      }
      contain(ref);
      for (std::string_view folder = folder_of(asset.path);; folder = folder_of(folder)) {
        if (const auto found = sheets.find(folder); found != sheets.end()) {
          for (const Asset* sheet : found->second) {
            describe(ref, sheet, Origin::derived);
            Component& made = out_.components[out_.components.size() - 1];
            if (made.ref == ref) {
              set_from_card(made, *sheet, "licence", "license");
              set_from_section(made, *sheet, "description", {"motivation", "summary", "description", "composition"});
              set_from_section(made, *sheet, "collection", {"collection", "source"});
              set_from_section(made, *sheet, "known-bias", {"bias", "gap", "limitation"});
            }
          }
          break;
        }
        if (folder.empty()) {
          break;
        }
      }
    }
    for (const Value& entry : declared_["data"].as_list()) {
      if (!found_entries.contains(&entry)) {
        Component& made = add(Kind::dataset, "dataset/declared/" + std::string(entry["id"].as_text()),
                              std::string(entry["id"].as_text()));
        made.external = true;
        add_declared_data(made, entry);
        set_declared(made, "declared-path", entry["path"], entry.line());
        contain(made.ref);
      }
    }
  }

  void add_declared_data(Component& component, const Value& entry) {
    component.fields["id"] = declared(entry["id"].as_text(), entry.line());
    for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"purpose", "purpose"},
                                     {"classification", "classification"},
                                     {"personal-data", "personal_data"},
                                     {"custodian", "custodian"}}) {
      set_declared(component, field, entry[key], entry.line());
    }
    const Value& source = entry["source"];
    for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"licence", "licence"},
                                     {"source", "url"},
                                     {"obtained", "obtained"},
                                     {"collection", "method"},
                                     {"public", "public"}}) {
      set_declared(component, field, source[key], entry.line());
    }
    declared_refs_.emplace(std::string(entry["id"].as_text()), component.ref);
    data_refs_[std::string(entry["id"].as_text())].push_back(component.ref);
  }

  void make_prompts() {
    std::map<std::string, const Value*, std::less<>> declared_paths;
    for (const Value& entry : declared_["prompts"].as_list()) {
      declared_paths.emplace(plain_path(entry["path"].as_text()), &entry);
    }
    for (const Asset& asset : input_.assets) {
      if (asset.kind != AssetKind::prompt || !in_scope(asset)) {
        continue;
      }
      const auto entry = declared_paths.find(asset.path);
      if (asset.confidence == Confidence::low && entry == declared_paths.end()) {
        continue;
      }
      const std::string ref = "prompt/" + asset.path;
      Component& made = add(Kind::prompt, ref, std::string(name_of(asset.path)));
      add_content(made, asset);
      if (asset.line != 0) {
        made.fields["line"] = observed(std::to_string(asset.line), asset);
      }
      if (asset.attributes["role"].is_string()) {
        made.fields["role"] = {std::string(asset.attributes["role"].as_text()), Origin::derived, asset.path,
                               asset.line};
      }
      if (entry != declared_paths.end()) {
        made.fields["id"] = declared((*entry->second)["id"].as_text(), entry->second->line());
        set_declared(made, "confidential", (*entry->second)["confidential"], entry->second->line());
        set_declared(made, "owner", (*entry->second)["owner"], entry->second->line());
        declared_refs_[std::string((*entry->second)["id"].as_text())] = ref;
        const Value& used_with = (*entry->second)["used_with"];
        for (const std::string& id : texts(used_with)) {
          later_.push_back(
              {"declared:" + id, Relation::configured_by, "ref:" + ref, Origin::declared, input_.system->path});
        }
      }
      contain(ref);
    }
  }

  static std::vector<std::string> texts(const Value& value) {
    std::vector<std::string> out;
    if (value.is_string()) {
      out.emplace_back(value.as_text());
    }
    for (const Value& one : value.as_list()) {
      out.emplace_back(one.as_text());
    }
    return out;
  }

  void make_agents() {
    for (const Asset& asset : input_.assets) {
      if (asset.kind == AssetKind::agent_config && in_scope(asset) && !asset.is_part) {
        Component& made = add(Kind::agent, "agent/" + asset.path, std::string(name_of(asset.path)));
        add_content(made, asset);
        contain(made.ref);
        agents_.insert(asset.path);
      }
    }
    for (const Asset& asset : input_.assets) {  // prompts that stand in an agent's file are that agent's
      if (asset.kind == AssetKind::prompt && asset.is_part) {
        const std::string file = asset.path.substr(0, asset.path.find('#'));
        if (agents_.contains(file) && asset.confidence != Confidence::low) {
          edge("agent/" + file, Relation::configured_by, "prompt/" + asset.path, Origin::observed, file);
        }
      }
    }
    for (const Value& entry : declared_["tools"].as_list()) {
      const std::string id(entry["id"].as_text());
      Component& made = add(Kind::tool, "tool/" + id, id);
      made.fields["id"] = declared(id, entry.line());
      set_declared(made, "purpose", entry["purpose"], entry.line());
      set_declared(made, "effect", entry["effect"], entry.line());
      set_declared(made, "approval", entry["approval"], entry.line());
      tools_.emplace(base::to_lower(id), out_.components.size() - 1);
      declared_refs_[id] = made.ref;
      contain(made.ref);
    }
  }

  void make_usages() {
    std::map<std::string, std::string> services;
    for (const Asset& asset : input_.assets) {
      if (!in_scope(asset)) {
        continue;
      }
      for (const Usage& usage : asset.usages) {
        if (usage.name.empty() || usage.name.front() == '(') {
          continue;
        }
        const std::string user = agents_.contains(asset.path) ? "agent/" + asset.path : out_.system.ref;
        const Field place{usage.name, Origin::observed, asset.path, usage.line};
        const bool of_card = asset.kind == AssetKind::model_card || asset.kind == AssetKind::datasheet ||
                             asset.format == "huggingface-adapter";
        if (usage.kind == "hosted-model" || usage.kind == "hub-model") {
          if (of_card || usage.name.front() == '.' || usage.name.front() == '/' || is_local(usage.name)) {
            continue;  // told by the card's own fields
          }
          Component& made = external_model(usage.name, usage.kind == "hub-model");
          note_use(made, usage, asset);
          edge(user, Relation::uses, made.ref, Origin::observed, asset.path);
        } else if (usage.kind == "hub-dataset" && !of_card && !is_local(usage.name)) {
          Component& made = external_dataset(usage.name);
          note_use(made, usage, asset);
          edge(user, Relation::uses, made.ref, Origin::observed, asset.path);
        } else if (usage.kind == "tool") {
          const auto [found, fresh] = tools_.try_emplace(base::to_lower(usage.name), out_.components.size());
          if (fresh) {
            Component& made = add(Kind::tool, "tool/" + usage.name, usage.name);
            note_use(made, usage, asset);
            if (!usage.detail.empty()) {
              made.fields["description"] = {usage.detail, Origin::observed, asset.path, usage.line};
            }
            contain(made.ref);
          } else {
            note_use(out_.components[found->second], usage, asset);
          }
          edge(user, Relation::uses, out_.components[found->second].ref, Origin::observed, asset.path);
        } else if (usage.kind == "mcp-server" || usage.kind == "endpoint") {
          const bool server = usage.kind == "mcp-server";
          const auto [found, fresh] =
              services.try_emplace((server ? "service/mcp/" : "service/endpoint/") + usage.name, usage.name);
          if (fresh) {
            Component& made = add(Kind::service, found->first, usage.name);
            made.external = true;
            note_use(made, usage, asset);
            if (server) {
              made.fields["protocol"] = {"Model Context Protocol", Origin::derived, "", 0};
              if (!usage.detail.empty()) {
                made.fields["command"] = {usage.detail, Origin::observed, asset.path, usage.line};
              }
            } else {
              made.fields["endpoint"] = place;
            }
            contain(made.ref);
          }
          edge(user, Relation::uses, found->first, Origin::observed, asset.path);
        }
      }
    }
  }

  static void note_use(Component& component, const Usage& usage, const Asset& asset) {
    if (!component.fields.contains("used-in")) {
      component.fields["used-in"] = {asset.path + (usage.line > 0 ? ", line " + std::to_string(usage.line) : ""),
                                     Origin::observed, asset.path, usage.line};
    }
    if (!usage.revision.empty() && !component.fields.contains("version")) {
      component.fields["version"] = {usage.revision, Origin::observed, asset.path, usage.line};
      if (component.purl.starts_with("pkg:huggingface/") && component.purl.find('@') == std::string::npos) {
        component.purl += '@' + percent_encoded(base::to_lower(usage.revision));
      }
    }
  }

  [[nodiscard]] bool is_local(std::string_view name) const {
    const std::string_view path = plain_path(name);
    return model_refs_.contains(path) || by_path_.contains(path);
  }

  void make_interfaces() {
    for (const Value& entry : declared_["interfaces"].as_list()) {
      const std::string id(entry["id"].as_text());
      const std::string ref = "service/interface/" + id;
      {
        Component& made = add(Kind::service, ref, id);
        made.fields["id"] = declared(id, entry.line());
        for (const auto& [field, key] : {std::pair<std::string_view, std::string_view>{"protocol", "kind"},
                                         {"exposure", "exposure"},
                                         {"authentication", "authentication"},
                                         {"rate-limit", "rate_limit"},
                                         {"version", "version"}}) {
          set_declared(made, field, entry[key], entry.line());
        }
      }
      declared_refs_.emplace(id, ref);
      contain(ref);
      for (const std::string& used : texts(entry["uses"])) {
        later_.push_back({"ref:" + ref, Relation::uses, "declared:" + used, Origin::declared, input_.system->path});
      }
      for (const std::string& check : texts(entry["input_checks"])) {
        const std::string path(plain_path(check));
        const std::string guard = "guardrail/" + path;
        if (files_.insert(guard).second) {
          Component& made = add(Kind::guardrail, guard, std::string(name_of(path)));
          made.fields["purpose"] = declared("checks what comes in at " + id, entry.line());
          if (const auto found = by_path_.find(path); found != by_path_.end()) {
            add_content(made, *found->second);
          }
          contain(guard);
        }
        edge(ref, Relation::uses, guard, Origin::declared, input_.system->path);
      }
    }
  }

  // References by name, once everything has its ref.
  void connect_declared() {
    for (const Value& entry : declared_["models"].as_list()) {
      const std::string from = resolved("declared:" + std::string(entry["id"].as_text()));
      if (from.empty()) {
        continue;
      }
      for (const std::string& id : texts(entry["trained_on"])) {
        const auto found = data_refs_.find(id);
        if (found != data_refs_.end()) {
          for (const std::string& ref : found->second) {
            edge(from, Relation::trained_on, ref, Origin::declared, input_.system->path);
          }
        }
      }
      for (const std::string& id : texts(entry["derived_from"])) {
        later_.push_back({from, Relation::derived_from, id, Origin::declared, input_.system->path});
      }
      if (const auto provider = provider_refs_.find(std::string(entry["provider"].as_text()));
          provider != provider_refs_.end()) {
        edge(from, Relation::provided_by, provider->second, Origin::declared, input_.system->path);
      }
    }
    for (std::size_t i = 0; i < later_.size(); ++i) {
      const Edge wanted = later_[i];
      const std::string from = resolved(wanted.from);
      std::string to = resolved(wanted.to);
      if (to.empty() && wanted.relation == Relation::derived_from) {
        to = base_ref(wanted.to, wanted.source);
      } else if (to.empty() && wanted.to.starts_with("dataset:")) {
        Component& made = external_dataset(wanted.to.substr(8));
        made.fields.try_emplace("named-in", Field{wanted.source, Origin::declared, wanted.source, 0});
        to = made.ref;
      }
      if (!from.empty() && !to.empty()) {
        edge(from, wanted.relation, to, wanted.origin, wanted.source);
      }
    }
  }

  std::string base_ref(const std::string& name, const std::string& source) {
    if (const auto found = model_refs_.find(plain_path(name)); found != model_refs_.end()) {
      return found->second;
    }
    Component& made = external_model(name, name.find('/') != name.npos);
    made.fields.try_emplace("named-in", Field{source, Origin::declared, source, 0});
    return made.ref;
  }

  [[nodiscard]] std::string resolved(const std::string& wanted) const {
    if (wanted.starts_with("ref:")) {
      return wanted.substr(4);
    }
    if (wanted.starts_with("declared:")) {
      const auto found = declared_refs_.find(wanted.substr(9));
      return found == declared_refs_.end() ? std::string() : found->second;
    }
    if (const auto found = declared_refs_.find(wanted); found != declared_refs_.end()) {
      return found->second;
    }
    return std::find_if(out_.components.begin(), out_.components.end(),
                        [&](const Component& one) { return one.ref == wanted; }) != out_.components.end()
               ? wanted
               : std::string();
  }

  void finish() {
    auto& components = out_.components;
    std::sort(components.begin(), components.end(),
              [](const Component& a, const Component& b) { return a.ref < b.ref; });
    for (std::size_t i = 1; i < components.size(); ++i) {  // refs are unique by construction but for odd names
      if (components[i].ref == components[i - 1].ref) {
        components[i].ref += "#" + std::to_string(i);
      }
    }
    const auto key = [](const Edge& edge) {
      return std::tie(edge.from, edge.relation, edge.to, edge.origin, edge.source);
    };
    std::sort(out_.edges.begin(), out_.edges.end(), [&](const Edge& a, const Edge& b) { return key(a) < key(b); });
    out_.edges.erase(std::unique(out_.edges.begin(), out_.edges.end(),
                                 [](const Edge& a, const Edge& b) {
                                   return a.from == b.from && a.relation == b.relation && a.to == b.to;
                                 }),
                     out_.edges.end());
    std::sort(out_.bills.begin(), out_.bills.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    base::Sha256Hasher hasher;
    const auto put = [&hasher](std::string_view text) {
      const std::uint64_t size = text.size();
      hasher.update(std::string_view(reinterpret_cast<const char*>(&size), sizeof size));
      hasher.update(text);
    };
    const auto put_component = [&put](const Component& one) {
      put(one.ref);
      put(one.name);
      put(one.path);
      put(one.purl);
      for (const auto& [name, field] : one.fields) {
        put(name);
        put(field.value);
        put(to_string(field.origin));
        put(field.source);
      }
      for (const Digest& digest : one.digests) {
        put(digest.algorithm);
        put(digest.value);
      }
    };
    put(out_.tool_version);
    put_component(out_.system);
    for (const Component& one : components) {
      put_component(one);
    }
    for (const Edge& one : out_.edges) {
      put(one.from);
      put(to_string(one.relation));
      put(one.to);
    }
    for (const evidence::Claims& claims : out_.claims) {
      for (const evidence::Claim& claim : claims.claims) {
        put(claim.field);
        put(claim.declared);
        put(claim.observed);
        put(evidence::to_string(claim.outcome));
      }
    }
    out_.serial = base::uuid_v5(base::kUrlNameSpace, "urn:surety:bom:" + hasher.finish().hex());
  }

  const Input& input_;
  const Value& declared_;
  Document out_;
  std::unordered_map<std::string_view, const Asset*> by_path_;
  std::set<std::string> documents_;                             // paths that have a component of their own
  std::map<std::string, std::string, std::less<>> model_refs_;  // by path
  std::map<std::string, std::string> declared_refs_;            // by id in ai-system.yaml
  std::map<std::string, std::vector<std::string>> data_refs_;   // by id
  std::map<std::string, std::string> provider_refs_;
  std::map<std::string, std::size_t> external_;  // ref to place
  std::map<std::string, std::size_t> tools_;     // lower-case name to place
  std::set<std::string> agents_;                 // paths
  std::set<std::string> files_;                  // refs made by add_file()
  std::set<const Value*> matched_;               // entries of models: that files answer to
  std::vector<Edge> later_;                      // ends that are names yet
};

}  // namespace

std::string_view to_string(Origin origin) {
  constexpr std::array<std::string_view, 3> kNames = {"observed", "declared", "derived"};
  return kNames[static_cast<std::size_t>(origin)];
}

std::string_view to_string(Kind kind) {
  constexpr std::array<std::string_view, 15> kNames = {
      "application", "model", "weights", "adapter",   "tokenizer", "chat-template", "model-config", "prompt",
      "dataset",     "agent", "tool",    "guardrail", "service",   "library",       "document"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Relation relation) {
  constexpr std::array<std::string_view, 9> kNames = {"contains",      "depends-on",   "uses",
                                                      "trained-on",    "derived-from", "tokenised-by",
                                                      "configured-by", "described-by", "provided-by"};
  return kNames[static_cast<std::size_t>(relation)];
}

const Component* Document::find(std::string_view ref) const {
  if (system.ref == ref) {
    return &system;
  }
  const auto found = std::lower_bound(components.begin(), components.end(), ref,
                                      [](const Component& one, std::string_view wanted) { return one.ref < wanted; });
  return found != components.end() && found->ref == ref ? &*found : nullptr;
}

Document collect(const Input& input) {
  return Collector(input).run();
}

std::vector<evidence::Finding> findings(const Document& document) {
  std::vector<evidence::Finding> out;
  for (const evidence::Claims& claims : document.claims) {
    for (const evidence::Claim& claim : claims.claims) {
      if (claim.outcome != evidence::Agreement::contradicts) {
        continue;
      }
      evidence::Finding finding;
      finding.rule = "declared-contradicted";
      finding.severity = evidence::Severity::high;
      finding.finding_class = evidence::FindingClass::policy;
      finding.path = claims.path;
      finding.line = claim.declared_in == claims.path ? claim.line : 0;
      finding.place = claim.declared_in + (claim.line > 0 ? ", line " + std::to_string(claim.line) : "");
      finding.subject = claim.field + ": " + claim.declared;
      finding.message =
          claim.declared_in + " says " + claim.field + " " + claim.declared + ", but " + claim.reason + ".";
      finding.remedy = "Correct what is declared, or find out where these bytes come from.";
      finding.id = evidence::finding_id(finding);
      out.push_back(std::move(finding));
    }
  }
  for (const evidence::Bill& bill : document.bills) {
    for (const evidence::ListedComponent& component : bill.components) {
      if (component.outcome != "other-digest") {
        continue;
      }
      evidence::Finding finding;
      finding.rule = "bill-contradicted";
      finding.severity = evidence::Severity::high;
      finding.finding_class = evidence::FindingClass::policy;
      finding.path = component.asset;
      finding.place = bill.path;
      finding.subject = component.name;
      finding.message =
          bill.path + " lists " + component.name + " with another digest than the file " + component.asset + " has.";
      finding.remedy = "Make the document again from these files, or find out who changed them.";
      finding.id = evidence::finding_id(finding);
      out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace bom
