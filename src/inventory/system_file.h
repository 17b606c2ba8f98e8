#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "evidence/observation.h"
#include "inventory/inventory.h"

namespace inventory {

inline constexpr std::string_view kSystemFile = "ai-system.yaml";
inline constexpr std::string_view kSystemFileShort = "ai-system.yml";

/// Reads and checks ai-system.yaml (or .yml) at the root: syntax, schemas/ai-system.schema.json, then what a schema
/// cannot say (ids that stand twice or name nothing, paths that leave the directory, dates to come). Without the file,
/// the facts that are assumed in its place. Fails, naming file and line, when the file is there but wrong. What is odd
/// but no error is added to `notes`.
base::Result<evidence::SystemFacts> read_system_file(const std::filesystem::path& root,
                                                     std::vector<std::string>& notes);

/// The same for the text of the file; `path` is for messages.
base::Result<base::Value> parse_system_file(std::string_view text, std::string_view path);

/// An ai-system.yaml for what was found: models, data, prompts and providers filled in, everything that only a person
/// can say as a comment with the values it may take. Valid as it stands.
[[nodiscard]] std::string draft_system_file(const Inventory& inventory);

}  // namespace inventory
