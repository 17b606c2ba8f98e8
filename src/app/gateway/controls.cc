#include "app/gateway/gateway.h"
#include "app/gateway/traffic_watch.h"
#include "base/json.h"
#include "base/text.h"
#include "control/administration.h"
#include "control/chain.h"
#include "gateway/routes.h"
#include "inspect/inspect.h"

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
  ControlPages(std::shared_ptr<control::Administration> administration, std::shared_ptr<TrafficWatch> watch)
      : administration_(std::move(administration)), watch_(std::move(watch)) {}
  std::optional<control::Answer> answer(const gateway::AdminRequest& request) override {
    if (watch_ != nullptr && request.method == "GET" && request.path == "/alarms") {
      control::Answer out;
      out.fields = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
      out.body = watch_->alarms();
      return out;
    }
    if (watch_ != nullptr && request.method == "POST" && request.path == "/alarms/acknowledge") {
      const auto done = watch_->acknowledge(request.body);
      control::Answer out;
      out.fields = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
      base::Value told;
      if (!done) {
        out.status = done.error().code == base::Errc::not_found ? 404 : 400;
        told.set("error", done.error().text());
      }
      out.body = base::to_json(done ? *done : told, 2) + "\n";
      return out;
    }
    return administration_->answer(request.method, request.path, request.body);
  }
  void add_metrics(std::string& out) override {
    administration_->add_metrics(out);
    if (watch_ != nullptr) {
      watch_->add_metrics(out);
    }
  }

 private:
  std::shared_ptr<control::Administration> administration_;
  std::shared_ptr<TrafficWatch> watch_;
};

}  // namespace

Result<void> check_gateway_controls(const gateway::Settings& settings) {
  TRY(configuration_of(settings));
  return {};
}

control::Routing routing_of(const gateway::Settings& settings) {
  const auto routes = std::make_shared<const std::vector<gateway::Settings::Route>>(gateway::routes_of(settings));
  return [routes](std::string_view target, std::string_view model) {
    const gateway::Settings::Route* route = gateway::find_route(*routes, target, model);
    return route == nullptr ? control::RoutedTo{}
                            : control::RoutedTo{route->upstream, gateway::routed_target(*route, target), route->model};
  };
}

std::function<Result<gateway::Server::Made>(const gateway::Settings&)> gateway_controls_maker() {
  return [runtime = std::shared_ptr<control::Runtime>(), watch = std::shared_ptr<TrafficWatch>()](
             const gateway::Settings& settings) mutable -> Result<gateway::Server::Made> {
    gateway::Server::Made made;
    if (settings.controls.is_null()) {
      made.controls = gateway::make_route_controls(settings);
      return made;
    }
    control::Configuration configuration = TRY(configuration_of(settings));
    if (configuration.is_on(control::Filter::inspection)) {
      inspect::prepare();  // the first thousand requests are looked at as fast as the others
    }
    const bool is_first = runtime == nullptr;
    if (is_first) {
      runtime = TRY(control::Runtime::open(configuration));
    }
    TRY(runtime->suits(configuration));
    if (!is_first && settings.monitor.has_value() != (watch != nullptr)) {
      return base::Error{base::Errc::usage, "monitor was turned on or off; start the gateway anew"};
    }
    if (is_first && settings.monitor) {
      watch = TRY(TrafficWatch::start(*runtime, *settings.monitor));
      runtime->set_observer(watch);
    } else if (watch != nullptr) {
      TRY(watch->change(*settings.monitor));
    }
    made.pages = std::make_shared<ControlPages>(TRY(control::Administration::create(runtime, configuration)), watch);
    made.controls = TRY(control::make_controls(runtime, std::move(configuration), routing_of(settings),
                                               gateway::named_models(gateway::routes_of(settings))));
    return made;
  };
}

}  // namespace app
