#include "app/gateway/try_routing.h"

#include <algorithm>

#include "app/gateway/gateway.h"
#include "base/json.h"
#include "control/chain.h"
#include "control/drive.h"
#include "control/pattern.h"
#include "control/self_test_scenes.h"
#include "gateway/routes.h"
#include "traffic/message.h"

namespace app {

using base::Result;
using control::SelfTestOutcome;
using gateway::Settings;

namespace {

constexpr std::string_view kStrange = "surety-self-test-of-no-route";

bool covers(const Settings::Route& route, std::string_view path) {
  return route.prefix ? path.starts_with(route.path) : path == route.path;
}

bool is_for(const Settings::Route& route, std::string_view model) {
  return route.models.empty() || std::any_of(route.models.begin(), route.models.end(),
                                             [&](const std::string& pattern) { return control::fits(pattern, model); });
}

// The first route whose path and models both fit; null where there is none.
const Settings::Route* expected_route(const std::vector<Settings::Route>& routes, std::string_view path,
                                      std::string_view model) {
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Settings::Route& route) {
    return covers(route, path) && is_for(route, model);
  });
  return found == routes.end() ? nullptr : &*found;
}

// What is wrong with where it led; empty where nothing is.
std::string fault_of(const control::DrivenResult& result, const Settings::Route* wanted, const std::string& model) {
  if (wanted == nullptr) {
    return result.reached_upstream ? "no route is for this model, and it reached upstream " + result.upstream
           : result.status != 404  ? "refused with " + std::to_string(result.status) + " instead of 404"
                                   : "";
  }
  if (!result.reached_upstream) {
    return "refused with " + std::to_string(result.status);
  }
  if (result.upstream != wanted->upstream) {
    return "reached upstream " + result.upstream;
  }
  const auto body = base::parse_json(result.upstream_body);
  const std::string& called = wanted->model.empty() ? model : wanted->model;
  if (!body || (*body)["model"].as_text() != called) {
    return "the upstream was not asked for " + called;
  }
  const auto answer = base::parse_json(result.body);
  if (!answer || (answer->find("model") != nullptr && (*answer)["model"].as_text() != model)) {
    return "the answer does not call it " + model;
  }
  return "";
}

}  // namespace

Result<std::vector<RoutingCase>> try_routing(const Settings& settings, const std::filesystem::path& scratch) {
  std::vector<RoutingCase> out;
  const std::vector<Settings::Route> routes = gateway::routes_of(settings);
  if (std::all_of(routes.begin(), routes.end(), [](const auto& route) { return route.models.empty(); })) {
    return out;
  }
  base::Value section{base::Value::Map{}};
  section.set("state", "routing-state");
  control::Configuration configuration = TRY(control::parse_configuration(section, "gateway test", scratch));
  const auto runtime = TRY(control::Runtime::open(configuration));
  const auto controls = TRY(control::make_controls(runtime, std::move(configuration), routing_of(settings)));

  std::vector<std::pair<std::string, std::string>> tried;
  const auto attempt = [&](const Settings::Route& route, const std::string& model) {
    if (std::find(tried.begin(), tried.end(), std::pair(route.path, model)) != tried.end()) {
      return;
    }
    tried.emplace_back(route.path, model);
    const Settings::Route* const wanted = expected_route(routes, route.path, model);
    RoutingCase one{route.path, model, wanted == nullptr ? "" : wanted->upstream, SelfTestOutcome::not_tried, ""};
    const traffic::Route protocol = traffic::route_of("POST", route.path);
    if (!control::names_model(protocol)) {
      one.reason = "requests of this path are not read, so no model is known of them";
    } else {
      control::SceneNames names;
      names.model = model;
      if (wanted != nullptr) {
        names.answering_model = wanted->model;
      }
      control::DrivenExchange exchange = control::plain_exchange(protocol, false, names);
      exchange.target = route.path;
      one.reason = fault_of(control::drive(*controls, exchange), wanted, model);
      one.outcome = one.reason.empty() ? SelfTestOutcome::passed : SelfTestOutcome::failed;
    }
    out.push_back(std::move(one));
  };
  for (const Settings::Route& route : routes) {
    for (const std::string& pattern : route.models) {
      attempt(route, control::instance_of(pattern));
    }
    if (!route.models.empty()) {
      attempt(route, std::string(kStrange));
    }
  }
  return out;
}

}  // namespace app
