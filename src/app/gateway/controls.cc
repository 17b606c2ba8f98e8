#include "app/gateway/gateway.h"
#include "base/text.h"
#include "control/administration.h"
#include "control/chain.h"
#include "gateway/routes.h"

namespace app {
namespace {

using base::Result;

Result<control::Configuration> configuration_of(const gateway::Settings& settings) {
  return control::parse_configuration(settings.controls, base::printable(settings.file.native()),
                                      settings.file.parent_path());
}

/// What the controls tell people, behind the admin listener.
class ControlPages final : public gateway::AdminPages {
 public:
  explicit ControlPages(std::shared_ptr<control::Administration> administration)
      : administration_(std::move(administration)) {}
  std::optional<control::Answer> answer(const gateway::AdminRequest& request) override {
    return administration_->answer(request.method, request.path, request.body);
  }
  void add_metrics(std::string& out) override { administration_->add_metrics(out); }

 private:
  std::shared_ptr<control::Administration> administration_;
};

}  // namespace

Result<void> check_gateway_controls(const gateway::Settings& settings) {
  TRY(configuration_of(settings));
  return {};
}

std::function<Result<gateway::Server::Made>(const gateway::Settings&)> gateway_controls_maker() {
  return [runtime = std::shared_ptr<control::Runtime>()](
             const gateway::Settings& settings) mutable -> Result<gateway::Server::Made> {
    gateway::Server::Made made;
    if (settings.controls.is_null()) {
      made.controls = gateway::make_route_controls(settings);
      return made;
    }
    control::Configuration configuration = TRY(configuration_of(settings));
    if (runtime == nullptr) {
      runtime = TRY(control::Runtime::open(configuration));
    }
    TRY(runtime->suits(configuration));
    const auto routes = std::make_shared<const std::vector<gateway::Settings::Route>>(gateway::routes_of(settings));
    made.pages = std::make_shared<ControlPages>(TRY(control::Administration::create(runtime, configuration)));
    made.controls = TRY(control::make_controls(
        runtime, std::move(configuration), [routes](std::string_view target, std::string_view /*model*/) {
          const gateway::Settings::Route* route = gateway::find_route(*routes, target);
          return route == nullptr ? control::RoutedTo{}
                                  : control::RoutedTo{route->upstream, gateway::routed_target(*route, target)};
        }));
    return made;
  };
}

}  // namespace app
