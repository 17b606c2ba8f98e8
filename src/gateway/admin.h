#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "control/exchange.h"

namespace gateway {

/// What the admin listener is asked.
struct AdminRequest {
  std::string method;
  std::string path;
  std::string query;  ///< Without the question mark.
  std::string body;
  std::string peer;
};

/// What the admin listener answers besides health and metrics. Called on the listener's thread.
class AdminPages {
 public:
  virtual ~AdminPages() = default;
  /// Nothing where it does not know the path.
  virtual std::optional<control::Answer> answer(const AdminRequest& request) = 0;
  /// Appends metrics in Prometheus' text format.
  virtual void add_metrics(std::string& out) = 0;
};

/// What stands behind the admin listener: /healthz (no token), /readyz, /metrics and the pages. `token`: what a request
/// must carry as its bearer token; empty for none. A request that a web page of another origin makes a browser send is
/// refused.
struct AdminParts {
  std::string token;
  std::function<bool()> ready;
  std::function<void(std::string&)> metrics;
  std::function<std::shared_ptr<AdminPages>()> pages;
};
[[nodiscard]] std::shared_ptr<control::Controls> make_admin_controls(AdminParts parts);

}  // namespace gateway
