#include "bom/models.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace bom {
namespace {

using evidence::Asset;
using evidence::AssetKind;

struct Folder {
  std::vector<const Asset*> weights;
  const Asset* config = nullptr;
  const Asset* adapter_config = nullptr;
  const Asset* index = nullptr;
  const Asset* card = nullptr;
  const Asset* licence = nullptr;
  std::vector<const Asset*> tokenizers;
  std::vector<const Asset*> templates;
  std::vector<const Asset*> configs;
};

bool is_tokenizer(const Asset& asset) {
  return asset.format == "huggingface-tokenizer" || asset.format == "sentencepiece" || asset.format == "vocabulary";
}

// "model" of "model-00001-of-00003.safetensors"; empty for what is no part of several.
std::string_view shard_stem(std::string_view name) {
  const std::size_t of = name.find("-of-");
  if (of == name.npos || of < 6) {
    return {};
  }
  const std::size_t dash = name.rfind('-', of - 1);
  const std::string_view number = dash == name.npos ? std::string_view() : name.substr(dash + 1, of - dash - 1);
  const bool digits = number.size() >= 3 && std::all_of(number.begin(), number.end(), [](char c) {
                        return std::isdigit(static_cast<unsigned char>(c)) != 0;
                      });
  return digits ? name.substr(0, dash) : std::string_view();
}

}  // namespace

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view plain_path(std::string_view path) {
  while (path.starts_with("./")) {
    path.remove_prefix(2);
  }
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path;
}

bool in_scope(const Asset& asset) {
  const std::string_view setting = asset.attributes["setting"].as_text();
  return setting != "test" && setting != "documentation" && setting != "vendored";
}

bool is_bill(const Asset& asset) {
  return asset.kind == AssetKind::document && (asset.format == "cyclonedx" || asset.format == "spdx");
}

std::vector<ModelGroup> group_models(std::span<const Asset> assets, const evidence::SystemFacts* system) {
  std::map<std::string, Folder, std::less<>> folders;
  for (const Asset& asset : assets) {
    if (!in_scope(asset)) {
      continue;
    }
    const std::string_view file =
        std::string_view(asset.path).substr(0, asset.is_part ? asset.path.find('#') : asset.path.npos);
    const auto of = [&]() -> Folder& { return folders[std::string(folder_of(file))]; };
    if (asset.kind == AssetKind::model && !asset.is_part) {
      if (is_tokenizer(asset)) {
        of().tokenizers.push_back(&asset);
      } else {
        of().weights.push_back(&asset);
      }
    } else if (asset.kind == AssetKind::model_config) {
      Folder& folder = of();
      if (asset.format == "chat-template") {
        folder.templates.push_back(&asset);
      } else if (is_tokenizer(asset)) {
        folder.tokenizers.push_back(&asset);
      } else if (asset.format == "huggingface-adapter") {
        folder.adapter_config = &asset;
      } else if (asset.format == "huggingface-index") {
        folder.index = &asset;
      } else if (asset.format == "huggingface" && name_of(file) == "config.json") {
        folder.config = &asset;
      } else {
        folder.configs.push_back(&asset);
      }
    } else if (asset.kind == AssetKind::model_card && folders.size() < 1'000'000) {
      Folder& folder = of();
      folder.card = folder.card == nullptr ? &asset : folder.card;
    } else if (asset.kind == AssetKind::licence && asset.attributes["spdx"].is_string()) {
      Folder& folder = of();
      folder.licence = folder.licence == nullptr ? &asset : folder.licence;
    }
  }
  std::vector<ModelGroup> groups;
  for (const auto& [path, folder] : folders) {
    const std::string place = path.empty() ? "." : path;
    std::map<std::string, ModelGroup> made;  // by path
    for (const Asset* weights : folder.weights) {
      const std::string_view name = name_of(weights->path);
      const bool adapter = weights->attributes["adapter"].as_bool() ||
                           (folder.adapter_config != nullptr && name.starts_with("adapter_model"));
      const std::string_view stem = shard_stem(name);
      const bool whole_folder =
          !adapter && folder.config != nullptr && weights->format != "gguf" && weights->format != "ggml";
      std::string key = weights->path;
      if (adapter && folder.adapter_config != nullptr) {
        key = place + "#adapter";
      } else if (whole_folder) {
        key = place;
      } else if (!stem.empty()) {
        key = (path.empty() ? std::string() : path + "/") + std::string(stem);
      }
      ModelGroup& group = made[key];
      group.path = adapter && folder.adapter_config != nullptr ? place : key;
      group.adapter = adapter;
      group.config = adapter ? folder.adapter_config : weights->format == "gguf" ? nullptr : folder.config;
      group.index = adapter || weights->format == "gguf" ? nullptr : folder.index;
      group.weights.push_back(weights);
    }
    for (auto& [key, group] : made) {
      if (group.weights.size() == 1) {
        group.path = group.weights.front()->path;
      }
      group.licence = folder.licence;
      group.tokenizers = folder.tokenizers;
      group.configs = folder.configs;
      for (const Asset* one : folder.templates) {
        // A template inside of weights belongs to those alone.
        const std::string_view file = std::string_view(one->path).substr(0, one->path.find('#'));
        const bool inside =
            std::any_of(folder.weights.begin(), folder.weights.end(), [&](const Asset* w) { return w->path == file; });
        const bool own =
            std::any_of(group.weights.begin(), group.weights.end(), [&](const Asset* w) { return w->path == file; });
        if (!inside || own) {
          group.templates.push_back(one);
        }
      }
      for (std::string_view above = path;; above = folder_of(above)) {
        const auto found = folders.find(above);
        if (found != folders.end() && found->second.card != nullptr) {
          group.card = found->second.card;
          break;
        }
        if (above.empty()) {
          break;
        }
      }
      groups.push_back(std::move(group));
    }
  }
  if (system != nullptr) {
    std::map<std::string_view, const base::Value*> entries;  // by path; of two with one path the later
    for (const base::Value& entry : system->document["models"].as_list()) {
      entries[plain_path(entry["path"].as_text())] = &entry;
    }
    entries.erase(std::string_view());
    std::map<std::string_view, const Asset*> files;
    for (const Asset& asset : assets) {
      if (!asset.is_part) {
        files.emplace(asset.path, &asset);
      }
    }
    for (ModelGroup& group : groups) {
      for (std::string_view above = group.weights.front()->path; group.declared == nullptr;) {  // the closest
        const bool top = above.empty();
        const auto found = entries.find(top ? "." : above);
        group.declared = found != entries.end() ? found->second : nullptr;
        if (top) {
          break;
        }
        above = folder_of(above);
      }
      if (group.declared != nullptr && !(*group.declared)["card"].as_text().empty()) {
        const std::string_view card = plain_path((*group.declared)["card"].as_text());
        const auto found = files.find(card);
        group.card = found != files.end() ? found->second : group.card;
      }
    }
  }
  std::sort(groups.begin(), groups.end(), [](const ModelGroup& a, const ModelGroup& b) {
    return std::tie(a.path, a.adapter) < std::tie(b.path, b.adapter);
  });
  return groups;
}

}  // namespace bom
