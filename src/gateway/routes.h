#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/exchange.h"
#include "gateway/settings.h"

namespace gateway {

/// The routes of a configuration; where it has none, the paths of the OpenAI and Anthropic APIs, all to the first
/// group.
[[nodiscard]] std::vector<Settings::Route> routes_of(const Settings& settings);

/// The first route for the path of `target` (its query does not count) and the model, or null. An empty model fits
/// every route: that of a request which names none, or whose body was not read yet. A path that another server might
/// read as another one (dot segments, empty ones, encoded dots, slashes or backslashes) has no route.
[[nodiscard]] const Settings::Route* find_route(const std::vector<Settings::Route>& routes, std::string_view target,
                                                std::string_view model = {});
/// The models that the routes name, each once and in their order; patterns are no names. Empty where no route is for
/// certain models.
[[nodiscard]] std::vector<std::string> named_models(const std::vector<Settings::Route>& routes);

/// What to ask the server for: the route's target, or the path as asked, with the query.
[[nodiscard]] std::string routed_target(const Settings::Route& route, std::string_view target);

/// No controls but the routes: what a configuration without a section `controls` gets.
[[nodiscard]] std::shared_ptr<control::Controls> make_route_controls(const Settings& settings);

}  // namespace gateway
