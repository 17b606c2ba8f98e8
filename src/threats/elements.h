#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/threats.h"
#include "threats/derive.h"

/// The system as elements and flows, before any rule. Private to this room.
namespace threats {

/// Fills elements, flows, covers and surplus of the model, and the fact tables that rules read.
base::Result<void> describe_system(const FactTables& facts, evidence::ThreatModel& model);

/// Things that are there and that nothing uses, from the tables that describe_system() filled.
base::Result<std::vector<evidence::Surplus>> find_surplus(const FactTables& facts);

/// The cell in that column of a row; empty where it is NULL.
inline std::string cell(const std::vector<std::optional<std::string>>& row, std::size_t column) {
  return column < row.size() ? row[column].value_or("") : std::string();
}

}  // namespace threats
