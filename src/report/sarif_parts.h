#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/value.h"
#include "evidence/observation.h"

/// What the SARIF output of an assessment and that of a scan share (OASIS SARIF 2.1.0). Private to the room.
namespace report {

/// One finding or check rule, with everything that the results under it taught.
struct SarifRule {
  std::string title;
  std::string explanation;
  std::string help;
  evidence::Severity severity = evidence::Severity::info;
  std::set<std::string> tags;
};
using SarifRules = std::map<std::string, SarifRule>;

inline constexpr std::string_view kSarifBase = "SRCROOT";
[[nodiscard]] std::string_view sarif_level(evidence::Severity severity);
[[nodiscard]] base::Value sarif_message(std::string_view text);
/// One line that ends like a sentence.
[[nodiscard]] std::string sarif_sentence(std::string_view text);
/// Where a result is. `path` is the file itself; `inner` the name with what lies inside it, where that is more.
[[nodiscard]] base::Value sarif_location(std::string_view path, std::string_view inner, std::uint64_t line,
                                         const std::optional<std::uint64_t>& byte_offset);
/// The result of one finding; adds to its rule.
[[nodiscard]] base::Value sarif_result(const evidence::Finding& finding, SarifRules& rules);
/// The rules as a list; sets ruleIndex of every result.
[[nodiscard]] base::Value::List sarif_rules(const SarifRules& rules, base::Value::List& results);
/// The document around one run.
[[nodiscard]] std::string sarif_document(base::Value::Map run);

}  // namespace report
