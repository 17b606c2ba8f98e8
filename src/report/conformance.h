#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/exchange.h"
#include "report/report.h"

/// The conformance statement before it is written in any format. Private to the room.
namespace report {

struct EvidencePlace {
  std::string file;
  std::string sha256;                  ///< Empty where the subject is no file, or was not read.
  std::optional<std::uint64_t> entry;  ///< In the ledger.
};

/// One IXIT item: where the evidence of one check is.
struct ConformanceItem {
  std::string id;  ///< "IXIT-3".
  SharedCheck check;
  std::vector<EvidencePlace> places;
};

/// One line of the ICS.
struct ConformanceLine {
  const assess::ProvisionResult* result = nullptr;
  std::string_view claim;          ///< "supported", "not supported", "no claim".
  std::string_view applicability;  ///< "applicable", "not applicable".
  std::string reason;              ///< Of the verdict, with the rule where one says that it does not apply.
  std::vector<std::string> items;
};

struct ConformanceStatement {
  std::vector<ConformanceLine> lines;
  std::vector<ConformanceItem> items;
};

/// Points into `assessment`.
[[nodiscard]] ConformanceStatement conformance_statement(const assess::Assessment& assessment, const Options& options);

}  // namespace report
