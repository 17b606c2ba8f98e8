#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "control/configuration.h"
#include "control/exchange.h"
#include "control/runtime.h"

namespace control {

/// What people who run the gateway may ask and do, behind its admin listener: docs/formats/gateway-controls.md lists
/// the paths. Who may reach it at all is for the listener to check; who approves is checked here where identity is on.
/// Thread-safe.
class Administration {
 public:
  /// Reads the keys; fails as that does.
  static base::Result<std::shared_ptr<Administration>> create(std::shared_ptr<Runtime> runtime,
                                                              Configuration configuration);

  /// Nothing where it does not know the path.
  [[nodiscard]] std::optional<Answer> answer(std::string_view method, std::string_view path, std::string_view body);
  /// Appends what the filters did, in Prometheus' text format.
  void add_metrics(std::string& out) const;

 private:
  Administration(std::shared_ptr<Runtime> runtime, Configuration configuration)
      : runtime_(std::move(runtime)), configuration_(std::move(configuration)) {}
  Answer decide(std::string_view id, bool approves, std::string_view body);
  Answer kill(std::string_view body, bool drill);
  Answer lift(std::string_view body);
  Answer accept(std::string_view body, bool is_model);
  Answer erase(std::string_view body);
  [[nodiscard]] Answer status() const;

  std::shared_ptr<Runtime> runtime_;
  Configuration configuration_;
  std::shared_ptr<IdentitySource> identity_;
};

}  // namespace control
