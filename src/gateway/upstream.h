#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/loop.h"
#include "gateway/settings.h"

namespace gateway {

/// Milliseconds of the steady clock.
using Moment = std::int64_t;

/// How a server has been doing; kept over reloads and shared by all workers.
struct Health {
  std::atomic<std::uint32_t> failures_in_a_row{0};
  std::atomic<Moment> open_until{0};  ///< 0: the circuit is closed.
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> connections{0};  ///< Made so far.
  std::atomic<std::uint32_t> good_address{0};
};

/// One server of a group. Thread-safe.
class Endpoint {
 public:
  Endpoint(Settings::Server settings, std::string credential, std::shared_ptr<const TlsContext> tls,
           std::shared_ptr<Health> health);

  [[nodiscard]] const Settings::Server& settings() const { return settings_; }
  [[nodiscard]] const std::string& identity() const { return identity_; }
  [[nodiscard]] const std::shared_ptr<const TlsContext>& tls() const { return tls_; }
  [[nodiscard]] Health& health() const { return *health_; }
  [[nodiscard]] const std::shared_ptr<Health>& shared_health() const { return health_; }

  /// The field that authenticates the gateway there; an empty name where there is none.
  [[nodiscard]] std::string_view credential_name() const { return credential_name_; }
  [[nodiscard]] std::string_view credential_value() const { return credential_value_; }

  /// The addresses last found; empty where none was.
  [[nodiscard]] std::shared_ptr<const std::vector<Address>> addresses() const;
  /// Looks them up again; may take seconds. On failure the old ones stay.
  base::Result<void> look_up();

 private:
  Settings::Server settings_;
  std::string identity_;
  std::string credential_name_;
  std::string credential_value_;
  std::shared_ptr<const TlsContext> tls_;
  std::shared_ptr<Health> health_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Address>> addresses_;
};

/// A group of servers: which one takes the next request, and which are left out for a while. Thread-safe.
class Group {
 public:
  Group(Settings::Group settings, std::vector<std::shared_ptr<Endpoint>> endpoints);

  [[nodiscard]] const Settings::Group& settings() const { return settings_; }
  [[nodiscard]] const std::vector<std::shared_ptr<Endpoint>>& endpoints() const { return endpoints_; }

  /// The next server by weight whose circuit lets a request through and that is not in `tried`; those of weight 0 only
  /// when there is no other. Null where there is none.
  [[nodiscard]] std::shared_ptr<Endpoint> choose(Moment now, const std::vector<std::shared_ptr<Endpoint>>& tried) const;
  /// Tells how a request went, for the circuit breaker.
  void report(Endpoint& endpoint, bool good, Moment now) const;

 private:
  [[nodiscard]] bool lets_through(Endpoint& endpoint, Moment now) const;

  Settings::Group settings_;
  std::vector<std::shared_ptr<Endpoint>> endpoints_;
  std::vector<std::uint32_t> order_;  ///< Places in endpoints_, each as often as its weight, spread evenly.
  mutable std::atomic<std::uint64_t> turn_{0};
};

/// Makes the groups of a configuration: reads credentials, loads certificates, looks names up. `old`: health of
/// servers known before, by identity. A name that cannot be found now is no failure, but is said in `warnings`.
/// Fails with malformed or io naming file and line.
base::Result<std::map<std::string, std::shared_ptr<Group>, std::less<>>> make_groups(
    const Settings& settings, const std::map<std::string, std::shared_ptr<Health>>& old,
    std::vector<std::string>& warnings);

}  // namespace gateway
