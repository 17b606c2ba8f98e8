#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "evidence/threats.h"
#include "threats/rules.h"

namespace threats {

/// Rows of a query, as text.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};
/// The fact tables, wherever they are kept. `query` reads only, under a limit of steps; `add_row` adds to one of the
/// tables threat_elements, threat_flows, threat_reach, threat_uses, threat_evaluations, threat_covers, threat_surplus.
struct FactTables {
  std::function<base::Result<Rows>(std::string_view sql)> query;
  std::function<base::Result<void>(std::string_view table, const base::Value& row)> add_row;
  /// Called when the rows of the system's elements are all there, before rules ask for them; may be empty.
  std::function<base::Result<void>()> filled;
};

/// Derives the threat model: elements and flows from what is declared and discovered, then every rule over them, then
/// the state of each threat. Equal facts and day give an equal model. Fails with malformed (file, line) on a rule whose
/// SQL does not work, with too_large above kMaxThreats.
base::Result<evidence::ThreatModel> derive(const FactTables& facts, std::span<const Rule> rules);

inline constexpr std::size_t kMaxThreats = 100'000;

}  // namespace threats
