#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "bundle/bundle.h"

namespace bundle {

/// What a buyer asks of a supplier's bundle.
struct Requirement {
  std::string provision;  ///< Primary id …
  std::string verb;       ///< … or all of a verb.
  evidence::Strength strength = evidence::Strength::documented;
  bool inherited = true;       ///< Will a pass do that is taken over from the supplier's own supplier?
  bool not_applicable = true;  ///< Will it do that the provision does not apply?
};
struct Requirements {
  std::vector<Requirement> provisions;
  bool adheres = false;
  std::int64_t max_age_days = 0;  ///< 0: any.
  bool exceptions = false;
  std::vector<std::string> signers;  ///< Fingerprints; empty: whoever the caller trusts.
  std::size_t witnesses = 0;
};
inline constexpr std::uint64_t kMaxRequirementsBytes = 1U << 20;

/// Reads requirements.yaml. Fails with malformed, naming file and line: a field that is unknown, a provision that the
/// catalogue does not have, an entry that names both or neither of id and verb.
base::Result<Requirements> parse_requirements(std::string_view text, std::string_view shown,
                                              const catalog::Catalog& catalog);

/// What is missing, a sentence each; empty where the bundle meets all of it.
[[nodiscard]] std::vector<std::string> gaps(const Requirements& requirements, const Verified& verified,
                                            base::UnixTime now);

}  // namespace bundle
