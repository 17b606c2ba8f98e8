#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"
#include "evidence/statement.h"

/// What a supplier's verified bundle shows, as evidence of one's own.
namespace assess {

inline constexpr std::string_view kInheritedPredicate = "urn:surety:evidence:inherited:v1";

struct InheritedProvision {
  std::string id;
  std::string verb;      ///< "shall", "should" or "can".
  std::string verdict;   ///< As assess::to_string(Verdict).
  std::string strength;  ///< As the supplier has it; empty where it did not pass.
  bool stale = false;
  bool excepted = false;
  std::string attested_by;
};
struct Inherited {
  std::string provider;  ///< Id in ai-system.yaml, or as the importer calls it.
  base::Sha256 bundle;
  std::string system;
  std::string origin;  ///< Of the supplier's log.
  std::string signer;  ///< Fingerprint of the key that signed the bundle.
  base::UnixTime time;
  std::string catalogue;
  std::string catalogue_digest;
  std::string adherence;
  std::vector<std::string> roles;  ///< Of the supplier.
  std::vector<InheritedProvision> provisions;
  std::vector<std::string> chain;  ///< Origins of the logs that the supplier inherits from.
};
[[nodiscard]] evidence::Statement statement_of(const Inherited& inherited);
/// Fails with malformed, naming the field.
base::Result<Inherited> inherited_from(const evidence::Statement& statement);

}  // namespace assess
