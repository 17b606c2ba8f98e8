#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "evidence/observation.h"

namespace bom {

/// The files that make one model or adapter, and what lies beside them.
struct ModelGroup {
  std::string path;  ///< The file, or the folder where several files make the model ("." for the root).
  bool adapter = false;
  std::vector<const evidence::Asset*> weights;  ///< At least one; by path.
  const evidence::Asset* config = nullptr;      ///< config.json of Hugging Face, or adapter_config.json.
  const evidence::Asset* index = nullptr;       ///< model.safetensors.index.json.
  const evidence::Asset* card = nullptr;        ///< In the folder, or in the nearest one above it.
  const evidence::Asset* licence = nullptr;     ///< In the folder of the weights.
  std::vector<const evidence::Asset*> tokenizers;
  std::vector<const evidence::Asset*> templates;
  std::vector<const evidence::Asset*> configs;  ///< Generation settings and their like.
  const base::Value* declared = nullptr;        ///< Entry under models: of ai-system.yaml; null where there is none.
};

/// Whether the asset belongs to the system: not to its tests, documentation or vendored code.
[[nodiscard]] bool in_scope(const evidence::Asset& asset);

/// Whether the asset is a bill of materials in CycloneDX or SPDX.
[[nodiscard]] bool is_bill(const evidence::Asset& asset);

/// Models and adapters among the files; every weights file of the scope is in exactly one of them. By path.
[[nodiscard]] std::vector<ModelGroup> group_models(std::span<const evidence::Asset> assets,
                                                   const evidence::SystemFacts* system);

/// "a/b" of "a/b/c"; empty for a name alone.
[[nodiscard]] std::string_view folder_of(std::string_view path);
[[nodiscard]] std::string_view name_of(std::string_view path);
/// Without "./" in front and "/" behind.
[[nodiscard]] std::string_view plain_path(std::string_view path);

}  // namespace bom
