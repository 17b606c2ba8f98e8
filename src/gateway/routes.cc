#include "gateway/routes.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "control/pattern.h"
#include "gateway/head.h"

namespace gateway {
namespace {

std::string_view path_of(std::string_view target) {
  const auto end = std::find_if(target.begin(), target.end(), [](char c) { return c == '?' || c == '#'; });
  return target.substr(0, static_cast<std::size_t>(end - target.begin()));
}

bool is_plain(std::string_view path) {
  if (path.find("//") != std::string_view::npos || path.find('\\') != std::string_view::npos) {
    return false;
  }
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const std::string code = base::to_lower(path.substr(at + 1, 2));
    if (code == "2e" || code == "2f" || code == "5c" || code == "00") {
      return false;
    }
  }
  // A segment of one point or two.
  for (std::size_t at = path.find('.'); at != std::string_view::npos; at = path.find('.', at + 1)) {
    if (at > 0 && path[at - 1] != '/') {
      continue;
    }
    const std::string_view rest = path.substr(at, std::min(path.find('/', at), path.size()) - at);
    if (rest == "." || rest == "..") {
      return false;
    }
  }
  return true;
}

class RouteExchange final : public control::Exchange {
 public:
  RouteExchange(const std::vector<Settings::Route>& routes, std::uint64_t most) : routes_(routes) {
    plan_.max_body_bytes = most;
  }
  void on_wake(std::function<void()> /*waker*/) override {}
  control::Step resume(std::string& /*out*/) override { return {}; }
  control::Step head(const control::RequestHead& request) override {
    const Settings::Route* route = find_route(routes_, request.target);
    if (route == nullptr) {
      return {control::Step::Kind::answer, failure_answer(404, "not_found_error", "no route for this path")};
    }
    plan_.upstream = route->upstream;
    plan_.target = routed_target(*route, request.target);
    plan_.body = route->streams ? control::Plan::Body::stream : control::Plan::Body::whole;
    return {};
  }
  [[nodiscard]] const control::Plan& plan() const override { return plan_; }
  control::Step body(std::string& /*body*/) override { return {}; }
  control::Step request_data(std::string_view data, bool /*last*/, std::string& out) override {
    out.append(data);
    return {};
  }
  control::Step answer_head(unsigned /*status*/, std::vector<control::OwnField>& /*fields*/) override { return {}; }
  [[nodiscard]] bool passes_unchanged() const override { return true; }
  control::Step answer_data(std::string_view /*data*/, bool /*last*/, std::string& /*out*/) override { return {}; }
  void finish(control::End /*end*/) override {}

 private:
  const std::vector<Settings::Route>& routes_;
  control::Plan plan_;
};

class RouteControls final : public control::Controls {
 public:
  explicit RouteControls(const Settings& settings) : routes_(routes_of(settings)), most_(settings.limits.body_bytes) {}
  std::unique_ptr<control::Exchange> begin() override { return std::make_unique<RouteExchange>(routes_, most_); }

 private:
  std::vector<Settings::Route> routes_;
  std::uint64_t most_;
};

}  // namespace

std::vector<Settings::Route> routes_of(const Settings& settings) {
  if (!settings.routes.empty() || settings.groups.empty()) {
    return settings.routes;
  }
  struct Known {
    std::string_view path;
    bool prefix;
    std::string_view protocol;
  };
  constexpr std::array kKnown = {
      Known{"/v1/chat/completions", false, "openai-chat"},
      Known{"/v1/responses", false, "openai-responses"},
      Known{"/v1/embeddings", false, "openai-embeddings"},
      Known{"/v1/models", false, "openai-models"},
      Known{"/v1/models/", true, "openai-models"},
      Known{"/v1/messages", false, "anthropic-messages"},
      Known{"/v1/messages/count_tokens", false, "anthropic-messages"},
  };
  std::vector<Settings::Route> routes;
  for (const Known& known : kKnown) {
    Settings::Route route;
    route.path = known.path;
    route.prefix = known.prefix;
    route.protocol = known.protocol;
    route.upstream = settings.groups.front().name;
    routes.push_back(std::move(route));
  }
  return routes;
}

const Settings::Route* find_route(const std::vector<Settings::Route>& routes, std::string_view target,
                                  std::string_view model) {
  const std::string_view path = path_of(target);
  for (const Settings::Route& route : routes) {
    if (!(route.prefix ? path.starts_with(route.path) : path == route.path)) {
      continue;
    }
    if (!is_plain(path)) {
      return nullptr;
    }
    if (model.empty() || route.models.empty() ||
        std::any_of(route.models.begin(), route.models.end(),
                    [&](const std::string& pattern) { return control::fits(pattern, model); })) {
      return &route;
    }
  }
  return nullptr;
}

std::vector<std::string> named_models(const std::vector<Settings::Route>& routes) {
  std::vector<std::string> out;
  for (const Settings::Route& route : routes) {
    for (const std::string& model : route.models) {
      if (model.find('*') == std::string::npos && std::find(out.begin(), out.end(), model) == out.end()) {
        out.push_back(model);
      }
    }
  }
  return out;
}

std::string routed_target(const Settings::Route& route, std::string_view target) {
  if (route.target.empty()) {
    return std::string(target);
  }
  const std::string_view path = path_of(target);
  std::string routed = route.target;
  if (route.prefix) {
    routed.append(path.substr(route.path.size()));
  }
  return routed.append(target.substr(path.size()));
}

std::shared_ptr<control::Controls> make_route_controls(const Settings& settings) {
  return std::make_shared<RouteControls>(settings);
}

}  // namespace gateway
