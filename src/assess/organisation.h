#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "evidence/observation.h"
#include "evidence/statement.h"

/// What an organisation says of itself. docs/formats/organisation.md has every field.
namespace assess {

inline constexpr std::string_view kOrganisationFile = "organisation.yaml";
inline constexpr std::string_view kOrganisationPredicate = "urn:surety:evidence:organisation:v1";
inline constexpr std::uint64_t kMaxOrganisationBytes = 1U << 20;

/// One thing that is said. What nobody said has no declaration, and excludes nothing.
struct Declaration {
  std::string field;  ///< size, sector, jurisdiction, role, distribution, function or technology.
  std::string name;   ///< "developer", "generative", "GB".
  bool holds = true;  ///< False: it is said that it does not.
  std::uint32_t line = 0;
};

struct Organisation {
  std::string path;  ///< Of the file, for messages and reasons.
  base::Sha256 sha256;
  std::string name;
  std::vector<Declaration> declarations;  ///< In the order of the schema, then of the file.

  /// What is said of it, or null where nothing is.
  [[nodiscard]] const Declaration* find(std::string_view field, std::string_view declared) const;
  [[nodiscard]] bool has(std::string_view field) const;
};

/// Reads the file; `shown` names it in messages. Fails with malformed (file, line, reason): what the schema forbids,
/// and what contradicts itself, such as a role that the functions deny.
base::Result<Organisation> parse_organisation(std::string_view text, std::string_view shown);

/// Fails with malformed, naming both places, where ai-system.yaml declares what the organisation denies: a role that it
/// does not hold, a distribution that it does not have, a technology or function that it says it has not. A system that
/// is not declared contradicts nothing.
base::Result<void> check_agreement(const Organisation& organisation, const evidence::SystemFacts& system);

[[nodiscard]] evidence::Statement statement_of(const Organisation& organisation);
/// Fails with malformed, naming the field.
base::Result<Organisation> organisation_from(const evidence::Statement& statement);

/// A commented organisation.yaml that holds nothing yet but a name to fill in. Valid as it stands.
[[nodiscard]] std::string organisation_template();

}  // namespace assess
