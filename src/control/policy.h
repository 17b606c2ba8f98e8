#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/chain.h"
#include "traffic/inspection.h"

namespace control {

/// A configuration made ready for the workers. Immutable.
struct ReadyPolicy {
  std::shared_ptr<Runtime> runtime;
  Configuration configuration;
  Routing routing;
  std::vector<std::string> listed_models;
  std::shared_ptr<IdentitySource> identity;             ///< None where identity is off.
  std::shared_ptr<const traffic::Inspection> requests;  ///< None where inspection is off.
  std::shared_ptr<const traffic::Inspection> answers;
  std::shared_ptr<const traffic::Inspection> recording;  ///< Redacts everything, for bodies that are recorded redacted.
  std::vector<LimitRule> head_rules;                     ///< Can be counted before the body is read.
  std::vector<LimitRule> body_rules;
  bool reads_bodies = false;  ///< Some filter looks at what bodies hold.
};

}  // namespace control
