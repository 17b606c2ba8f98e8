#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Facts that follow from other facts, as SQL to run once everything is loaded. Private to this room.
namespace assess {

/// Most rows that declared_files may come to: entries of ai-system.yaml that overlap could otherwise fill the memory.
inline constexpr std::uint64_t kMaxDeclaredFiles = 1'000'000;

/// The indexes that the statements of declared_files_sql() need.
[[nodiscard]] std::string asset_indexes_sql();
/// Statements that fill declared_files; each stops at kMaxDeclaredFiles + 1 rows of its own.
[[nodiscard]] std::vector<std::string> declared_files_sql();
/// Fills model_versions, after declared_files.
[[nodiscard]] std::string model_versions_sql();
/// Fills states, from events.
[[nodiscard]] std::string states_sql();
/// All other indexes but those of records.
[[nodiscard]] std::string indexes_sql();

}  // namespace assess
