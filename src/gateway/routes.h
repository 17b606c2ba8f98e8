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

/// The first route for the path of `target` (its query does not count), or null. A path that another server might read
/// as another one (dot segments, empty ones, encoded dots, slashes or backslashes) has no route.
[[nodiscard]] const Settings::Route* find_route(const std::vector<Settings::Route>& routes, std::string_view target);

/// What to ask the server for: the route's target, or the path as asked, with the query.
[[nodiscard]] std::string routed_target(const Settings::Route& route, std::string_view target);

/// No controls but the routes: what a configuration without a section `controls` gets.
[[nodiscard]] std::shared_ptr<control::Controls> make_route_controls(const Settings& settings);

}  // namespace gateway
