#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace assess {

/// One column of a fact table.
struct Column {
  std::string name;
  std::string type;  ///< "TEXT" or "INTEGER".
  std::string description;
};

/// One fact table: what `surety query` shows and checks read. This description is the table: its SQL and its page in
/// docs/facts.md are both made from it.
struct FactTable {
  std::string name;
  std::string description;
  std::vector<Column> columns;
};

/// All tables. Those named declared_* follow schemas/ai-system.schema.json, and those of records schemas/records/, so
/// that a field added there is a column here.
[[nodiscard]] const std::vector<FactTable>& fact_tables();

/// The lists of things in ai-system.yaml: "models" is told by declared_models, whose rows in declared_lists have the
/// kind "model".
struct DeclaredList {
  std::string_view field;
  std::string_view table;
  std::string_view kind;
};
[[nodiscard]] const std::vector<DeclaredList>& declared_lists();

/// The table of a kind of record: "record_threat_briefing".
[[nodiscard]] std::string record_table(std::string_view kind);

}  // namespace assess
