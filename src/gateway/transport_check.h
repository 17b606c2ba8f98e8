#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "gateway/probe.h"
#include "gateway/server.h"
#include "gateway/settings.h"

namespace gateway {

/// Something that a listener must do or must not, tried on it.
struct TransportCase {
  enum class Outcome : std::uint8_t { not_applicable, passed, not_tried, failed };
  std::string listener;    ///< As it is configured: "https://0.0.0.0:8443".
  std::string_view check;  ///< "head-limit".
  Outcome outcome = Outcome::not_tried;
  std::string reason;  ///< Why it did not pass; empty where it did.
};
[[nodiscard]] std::string_view to_string(TransportCase::Outcome outcome);  ///< "not-applicable".

struct TransportCheckOptions {
  std::filesystem::path scratch;      ///< An empty directory of the caller's; nothing else is written.
  base::Value controls;               ///< The section to serve with, without `state`; null for routes only.
  std::uint64_t most_body_bytes = 0;  ///< That it takes.
  decltype(Server::Options::make_controls) make_controls;
  Probe::CertificateFiles client_certificate;  ///< That listeners which ask for one must take; empty: none is at hand.
};

/// Serves the listeners and limits of `settings` on free ports of the loopback, in front of an upstream that nobody is
/// at, and sends each listener what it must take and what it must not: HTTP/1.1 and HTTP/2, heads and bodies at and
/// above their limits, a request with two readings, plain text where TLS is, connections without a client certificate
/// and with one that nobody signed, and with the one of `options`. The certificates of `settings` are read. Never fails
/// as a whole: a listener that cannot be made is not tried. Takes tens of milliseconds a listener; ends within seconds.
[[nodiscard]] std::vector<TransportCase> check_transport(const Settings& settings,
                                                         const TransportCheckOptions& options);

}  // namespace gateway
