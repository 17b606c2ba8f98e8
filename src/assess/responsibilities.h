#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "assess/assess.h"

/// Provisions that a supplier meets: what shared-responsibility records say, and what the suppliers' bundles show.
namespace assess {

/// What is taken over for one provision from one supplier.
struct Responsibility {
  InheritedFrom from;
  bool ours_too = false;  ///< Own evidence is needed beside it: it is shared, or the role is held here too.
  CheckResult check;      ///< As a check of the provision: settles, and no stronger than the supplier's evidence.
};

/// By provision (primary id), in the order of the records. `held_roles` are those of this organisation. The latest
/// record about each provider counts. Fails with malformed, naming file and line, where a record names a provision that
/// the catalogue does not have, or one that is not addressed to the role.
base::Result<std::map<std::string, std::vector<Responsibility>>> responsibilities(
    const Facts& facts, const catalog::Catalog& catalog, std::span<const std::string> held_roles);

}  // namespace assess
