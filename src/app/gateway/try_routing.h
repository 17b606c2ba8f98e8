#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/self_test.h"
#include "gateway/settings.h"

namespace app {

/// A model that was asked for on a path, and what became of it.
struct RoutingCase {
  std::string path;      ///< As the configuration has it.
  std::string model;     ///< One that a pattern of a route fits, or one that none of the path fits.
  std::string upstream;  ///< That it has to lead to; empty where it has to be refused.
  control::SelfTestOutcome outcome = control::SelfTestOutcome::not_tried;
  std::string reason;  ///< Why it did not pass.
};

/// Asks, for every route that names models, for a model of each of its patterns, and for one that no route of the path
/// is for, by the code that serves. What they have to lead to is worked out from the order of the routes. Empty where
/// no route names models. Writes below `scratch`. Fails as control::Runtime::open().
base::Result<std::vector<RoutingCase>> try_routing(const gateway::Settings& settings,
                                                   const std::filesystem::path& scratch);

}  // namespace app
