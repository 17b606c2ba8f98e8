#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assess/facts_schema.h"
#include "base/result.h"
#include "evidence/statement.h"

/// Threats as fact tables. Private to this room.
namespace assess {

/// The tables: threats, threat_rules, threat_ids and their like.
[[nodiscard]] std::vector<FactTable> threat_tables();
/// SQL that makes their indexes.
inline constexpr std::string_view kThreatIndexes =
    "CREATE INDEX threat_elements_id ON threat_elements(id); CREATE INDEX threat_elements_path ON "
    "threat_elements(path);"
    "CREATE INDEX threat_flows_target ON threat_flows(target); CREATE INDEX threat_flows_source ON "
    "threat_flows(source);"
    "CREATE INDEX threat_reach_target ON threat_reach(target); CREATE INDEX threat_uses_used ON threat_uses(used);"
    "CREATE INDEX threat_uses_user ON threat_uses(user); CREATE INDEX threat_covers_path ON threat_covers(path);"
    "CREATE INDEX threat_covers_element ON threat_covers(element);"
    "CREATE INDEX threat_evaluations_model ON threat_evaluations(model, kind);"
    "CREATE INDEX declared_lists_value ON declared_lists(kind, field, value);"
    "CREATE INDEX threats_element ON threats(element); CREATE INDEX threats_id ON threats(id);";

using FactCells = std::vector<std::pair<std::string_view, std::optional<std::string>>>;
using InsertFact = std::function<base::Result<void>(std::string_view table, const FactCells& cells)>;

[[nodiscard]] bool is_about_threats(std::string_view predicate_type);
/// Rows of a statement about threats. Fails as the readers of evidence/threats.h do.
base::Result<void> load_threats(const evidence::Statement& statement, const InsertFact& insert);

}  // namespace assess
