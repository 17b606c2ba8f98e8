#include "gateway/upstream.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "base/file.h"
#include "base/text.h"

namespace gateway {

using base::Errc;
using base::Error;
using base::Result;

Endpoint::Endpoint(Settings::Server settings, std::string credential, std::shared_ptr<const TlsContext> tls,
                   std::shared_ptr<Health> health)
    : settings_(std::move(settings)),
      identity_(settings_.identity()),
      tls_(std::move(tls)),
      health_(std::move(health)),
      addresses_(std::make_shared<const std::vector<Address>>()) {
  if (!credential.empty()) {
    switch (settings_.key_header) {
      case Settings::KeyHeader::authorization:
        credential_name_ = "authorization";
        credential_value_ = "Bearer " + credential;
        break;
      case Settings::KeyHeader::x_api_key:
        credential_name_ = "x-api-key";
        credential_value_ = std::move(credential);
        break;
      case Settings::KeyHeader::api_key:
        credential_name_ = "api-key";
        credential_value_ = std::move(credential);
        break;
    }
  }
}

std::shared_ptr<const std::vector<Address>> Endpoint::addresses() const {
  const std::lock_guard lock(mutex_);
  return addresses_;
}

Result<void> Endpoint::look_up() {
  auto found = resolve(settings_.host, settings_.port);
  if (!found) {
    return std::move(found).error();
  }
  auto addresses = std::make_shared<const std::vector<Address>>(*std::move(found));
  const std::lock_guard lock(mutex_);
  if (*addresses != *addresses_) {
    addresses_ = std::move(addresses);
    health_->good_address = 0;
  }
  return {};
}

Group::Group(Settings::Group settings, std::vector<std::shared_ptr<Endpoint>> endpoints)
    : settings_(std::move(settings)), endpoints_(std::move(endpoints)) {
  // Smooth weighted round robin, one turn of it laid out.
  std::vector<std::int64_t> credit(endpoints_.size(), 0);
  std::int64_t total = 0;
  unsigned divisor = 0;
  for (const auto& endpoint : endpoints_) {
    divisor = std::gcd(divisor, endpoint->settings().weight);
  }
  for (const auto& endpoint : endpoints_) {
    total += endpoint->settings().weight / std::max(divisor, 1U);
  }
  for (std::int64_t place = 0; place < total; ++place) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
      credit[i] += endpoints_[i]->settings().weight / std::max(divisor, 1U);
      if (credit[i] > credit[best]) {
        best = i;
      }
    }
    credit[best] -= total;
    order_.push_back(static_cast<std::uint32_t>(best));
  }
}

bool Group::lets_through(Endpoint& endpoint, Moment now) const {
  Health& health = endpoint.health();
  Moment until = health.open_until.load(std::memory_order_relaxed);
  if (until == 0) {
    return true;
  }
  // One request is let through when the time is over; the others wait for what becomes of it.
  return now >= until && health.open_until.compare_exchange_strong(until, now + settings_.breaker.open.count());
}

std::shared_ptr<Endpoint> Group::choose(Moment now, const std::vector<std::shared_ptr<Endpoint>>& tried) const {
  const auto fits = [&](const std::shared_ptr<Endpoint>& endpoint) {
    return std::find(tried.begin(), tried.end(), endpoint) == tried.end() && lets_through(*endpoint, now);
  };
  if (!order_.empty()) {
    const std::uint64_t turn = turn_.fetch_add(1, std::memory_order_relaxed);
    for (std::size_t step = 0; step < order_.size(); ++step) {
      const auto& endpoint = endpoints_[order_[(turn + step) % order_.size()]];
      if (fits(endpoint)) {
        return endpoint;
      }
    }
  }
  for (const auto& endpoint : endpoints_) {
    if (endpoint->settings().weight == 0 && fits(endpoint)) {
      return endpoint;
    }
  }
  return nullptr;
}

void Group::report(Endpoint& endpoint, bool good, Moment now) const {
  Health& health = endpoint.health();
  health.requests.fetch_add(1, std::memory_order_relaxed);
  if (good) {
    if (health.failures_in_a_row.load(std::memory_order_relaxed) != 0) {
      health.failures_in_a_row.store(0, std::memory_order_relaxed);
      health.open_until.store(0, std::memory_order_relaxed);
    }
    return;
  }
  health.failures.fetch_add(1, std::memory_order_relaxed);
  if (health.failures_in_a_row.fetch_add(1, std::memory_order_relaxed) + 1 >= settings_.breaker.failures) {
    health.open_until.store(now + settings_.breaker.open.count(), std::memory_order_relaxed);
  }
}

namespace {

constexpr std::uint64_t kMaxKeyBytes = 64U << 10;

Result<std::string> credential_of(const Settings::Server& server, const std::string& file) {
  std::string credential;
  std::string source;
  if (!server.key_env.empty()) {
    const char* value = std::getenv(server.key_env.c_str());
    credential = value == nullptr ? "" : value;
    source = "environment variable " + base::printable(server.key_env);
  } else if (!server.key_file.empty()) {
    credential = TRY(base::read_file(server.key_file, kMaxKeyBytes));
    credential.resize(std::min(credential.find_first_of("\r\n"), credential.size()));
    source = base::printable(server.key_file);
  } else {
    return credential;
  }
  const bool sendable = !credential.empty() &&
                        std::all_of(credential.begin(), credential.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!sendable) {
    return Error{Errc::malformed, source + (credential.empty() ? " is empty" : " holds characters that no key has"), 0,
                 file, server.line};
  }
  return credential;
}

}  // namespace

Result<std::map<std::string, std::shared_ptr<Group>, std::less<>>> make_groups(
    const Settings& settings, const std::map<std::string, std::shared_ptr<Health>>& old,
    std::vector<std::string>& warnings) {
  const std::string file = base::printable(settings.file.string());
  std::map<std::string, std::shared_ptr<const TlsContext>> contexts;
  std::map<std::string, std::shared_ptr<Group>, std::less<>> groups;
  for (const Settings::Group& group : settings.groups) {
    std::vector<std::shared_ptr<Endpoint>> endpoints;
    for (const Settings::Server& server : group.servers) {
      std::shared_ptr<const TlsContext> tls;
      if (server.tls) {
        auto& known = contexts[server.ca_file + '\n' + server.certificate_file + '\n' + server.certificate_key_file];
        if (known == nullptr) {
          known = TRY(TlsContext::client({server.ca_file, server.certificate_file, server.certificate_key_file}));
        }
        tls = known;
      }
      std::string credential = TRY(credential_of(server, file));
      const auto health = old.find(server.identity());
      auto endpoint = std::make_shared<Endpoint>(server, std::move(credential), std::move(tls),
                                                 health == old.end() ? std::make_shared<Health>() : health->second);
      if (const auto found = endpoint->look_up(); !found) {
        warnings.push_back(file + ":" + std::to_string(server.line) + ": " + found.error().message);
      }
      endpoints.push_back(std::move(endpoint));
    }
    groups.emplace(group.name, std::make_shared<Group>(group, std::move(endpoints)));
  }
  return groups;
}

}  // namespace gateway
