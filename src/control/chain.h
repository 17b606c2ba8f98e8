#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/configuration.h"
#include "control/exchange.h"
#include "control/runtime.h"

namespace control {

/// Where a request goes.
struct RoutedTo {
  std::string upstream;  ///< Name of a group; empty where there is none.
  std::string target;    ///< What to ask there for; empty: as the client asked.
  std::string model;     ///< What the upstream calls the model; empty: as the client asked.
};
/// Where the target and the model of a request lead. The model is empty where the request names none, and before its
/// body was read: then any group of that path will do. Called from every worker at once.
using Routing = std::function<RoutedTo(std::string_view target, std::string_view model)>;

/// The controls of a configuration. A reload makes new ones over the same runtime; exchanges that have begun end by the
/// old ones, which live as long as they do. `listed`: models that are told to who asks for a list, as far as he may use
/// them; where there are none, an upstream is asked. Reads the keys and the key set; fails as these do.
base::Result<std::unique_ptr<Controls>> make_controls(std::shared_ptr<Runtime> runtime, Configuration configuration,
                                                      Routing routing, std::vector<std::string> listed = {});

}  // namespace control
