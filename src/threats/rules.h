#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "evidence/threats.h"

/// The threat model of an AI system, derived from facts by rules that are data. Format: docs/formats/threats.md.
namespace threats {

/// One rule: when it sees a threat, what that is linked to, and what answers it. Its SQL reads the fact tables.
struct Rule {
  evidence::ThreatRuleFacts facts;  ///< What is told of each threat.
  std::vector<std::string> harms;   ///< "confidentiality", "integrity", "availability"; never empty.
  std::uint64_t likelihood = 1;     ///< 1 to 3, by the maturity of its techniques.
  std::string when;
  std::vector<std::string> controls;  ///< Kinds of declared controls.
  std::string mitigated_by;           ///< May be empty.
  std::string proved_by;              ///< May be empty.
  std::vector<std::string> probes;
  std::string file;
  std::uint32_t line = 0;  ///< 0 for built-in rules.
};

/// The rules compiled into this program, by id.
base::Result<std::vector<Rule>> built_in_rules();
/// Adds those of every *.yaml in a user's folder. Fails with malformed (file, line, reason) on anything unknown,
/// missing or duplicate, with not_found where there is none; `rules` is then as it was.
base::Result<void> add_rules(std::vector<Rule>& rules, const std::filesystem::path& directory);
/// Digest over all that decides about threats, hexadecimal.
[[nodiscard]] std::string digest_of(const std::vector<Rule>& rules);
/// docs/threat-rules.md: the table of rules and a paragraph on each, as Markdown.
[[nodiscard]] std::string rules_page(const std::vector<Rule>& rules);

}  // namespace threats
