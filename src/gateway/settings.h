#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace gateway {

/// What gateway.yaml says (docs/formats/gateway.md). Paths of files are resolved against its folder.
struct Settings {
  using Milliseconds = std::chrono::milliseconds;

  struct Tls {
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;
    bool client_required = true;
  };
  struct Listen {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::optional<Tls> tls;
    std::uint32_t line = 0;
  };
  struct Admin {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::string token_file;
  };
  enum class KeyHeader : std::uint8_t { authorization, x_api_key, api_key };
  struct Server {
    bool tls = false;
    std::string host;
    std::uint16_t port = 80;
    std::string path;       ///< Of the base URL, without a slash at its end.
    std::string authority;  ///< For the Host field.
    unsigned weight = 1;
    std::string key_env;
    std::string key_file;
    KeyHeader key_header = KeyHeader::authorization;
    std::string ca_file;
    std::string server_name;
    std::string certificate_file;
    std::string certificate_key_file;
    std::uint32_t line = 0;

    /// What tells connections to it from those to others.
    [[nodiscard]] std::string identity() const;
    [[nodiscard]] std::string url() const;
  };
  struct Retry {
    unsigned attempts = 2;
    bool on_connect = true;
    bool on_reset = true;
    bool on_timeout = false;
    std::vector<unsigned> on_status = {502, 503, 504};
    bool post = false;
  };
  struct Breaker {
    unsigned failures = 5;
    Milliseconds open{10'000};
  };
  struct Group {
    std::string name;
    std::vector<Server> servers;
    Retry retry;
    Breaker breaker;
  };
  struct Route {
    std::string path;
    bool prefix = false;  ///< `path` is the beginning of what it stands for.
    std::string upstream;
    std::vector<std::string> models;  ///< Patterns: only requests for one of these; empty: for any.
    std::string model;                ///< What the upstream calls it; empty: as asked.
    std::string target;               ///< Empty: as asked.
    std::string protocol;             ///< Empty: by the path.
    bool streams = false;             ///< Bodies are passed on as they come.
  };
  struct Timeouts {
    Milliseconds head{10'000};
    Milliseconds body{60'000};
    Milliseconds idle{75'000};
    Milliseconds connect{5'000};
    Milliseconds first_byte{120'000};
    Milliseconds stall{60'000};
    Milliseconds total{900'000};
    Milliseconds upstream_idle{50'000};
    Milliseconds drain{30'000};
  };
  struct Limits {
    std::uint32_t connections = 20'000;
    std::uint32_t head_bytes = 32U << 10;
    std::uint32_t fields = 256;
    std::uint64_t body_bytes = 32U << 20;
    std::uint32_t requests_per_connection = 100'000;
    std::uint32_t streams_per_connection = 128;
    std::uint32_t resets_per_second = 50;
    std::uint32_t upstream_connections = 256;
  };

  /// Watching of traffic; what it means is for the monitor.
  struct Monitor {
    std::string baseline_file;
    std::string public_key_file;
    double days_between_false_alarms = 30;
    std::size_t max_keys = 10'000;
    std::string webhook_url;
    std::string webhook_secret_file;
    std::string record_directory;  ///< Of the AI system whose evidence what it sees is; empty for none.
  };

  std::filesystem::path file;  ///< Where it was read from.
  std::vector<Listen> listen;
  std::optional<Admin> admin;
  std::vector<Group> groups;
  std::vector<Route> routes;
  Timeouts timeouts;
  Limits limits;
  unsigned workers = 0;  ///< 0: one a processor.
  base::Value controls;  ///< As written; null where there is no such section.
  std::optional<Monitor> monitor;

  /// Every file besides `file` that a reload has to read again: certificates, keys, credentials.
  [[nodiscard]] std::vector<std::filesystem::path> other_files() const;
};

/// Reads and checks a configuration, without opening what it names. Fails with not_found, io, or malformed naming file,
/// line and reason.
base::Result<Settings> read_settings(const std::filesystem::path& file);
/// The same from text; `file` names it in errors and is where relative paths start.
base::Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& file);

}  // namespace gateway
