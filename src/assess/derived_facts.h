#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assess/facts_schema.h"

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
/// Fills approvals, from states, events and assets, once these have their indexes.
[[nodiscard]] std::string approvals_sql();
/// Fills evaluated_parts, from states, events, records and what ai-system.yaml says.
[[nodiscard]] std::string evaluated_parts_sql();
/// Fills probes, from imported red-team results and the models of ai-system.yaml.
[[nodiscard]] std::string probes_sql();
/// All other indexes but those of records and events.
[[nodiscard]] std::string indexes_sql();

/// The tables about events stand in a database of their own, attached under this name, so that they can be kept as a
/// file: Facts::write_events().
inline constexpr std::string_view kEventTables[] = {"events", "event_links"};
inline constexpr std::string_view kEventSchema = "log";
/// Makes its tables; its indexes where they are not there.
[[nodiscard]] std::string event_tables_sql();
[[nodiscard]] std::string event_indexes_sql();
/// The CREATE TABLE statement of a fact table; `schema` may be empty.
[[nodiscard]] std::string create_table_sql(const FactTable& table, std::string_view schema);
[[nodiscard]] bool is_about_events(std::string_view table);

}  // namespace assess
