#include "gateway/settings.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <span>

#include "base/embedded.h"
#include "base/file.h"
#include "base/schema.h"
#include "base/text.h"
#include "base/yaml.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> gateway_schema;
}  // namespace embedded

namespace gateway {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

constexpr std::uint64_t kMaxFileBytes = 8U << 20;

class Reader {
 public:
  explicit Reader(std::filesystem::path file) : name_(base::printable(file.string())), folder_(file.parent_path()) {
    settings_.file = std::move(file);
  }

  Result<Settings> read(const Value& root) {
    for (const Value& entry : root["listen"].as_list()) {
      settings_.listen.push_back(listen(entry));
    }
    if (const Value* entry = root.find("admin")) {
      Settings::Admin admin;
      admin.address = (*entry)["address"].as_text(admin.address);
      admin.port = static_cast<std::uint16_t>((*entry)["port"].as_integer());
      admin.token_file = path((*entry)["token_file"]);
      settings_.admin = admin;
    }
    for (const Value& entry : root["upstreams"].as_list()) {
      TRY(group(entry));
    }
    settings_.controls = root["controls"];
    for (const Value& entry : root["routes"].as_list()) {
      TRY(route(entry));
    }
    timeouts(root["timeouts"]);
    limits(root["limits"]);
    settings_.workers = static_cast<unsigned>(root["workers"].as_integer(0));
    if (const Value* entry = root.find("monitor")) {
      TRY(monitor(*entry));
    }
    return std::move(settings_);
  }

 private:
  [[nodiscard]] Error wrong(const Value& place, std::string message) const {
    return Error{Errc::malformed, std::move(message), 0, name_, place.line()};
  }

  [[nodiscard]] std::string path(const Value& value) const {
    const std::filesystem::path given(value.as_text());
    return given.empty() || given.is_absolute() ? given.string() : (folder_ / given).string();
  }

  [[nodiscard]] Settings::Listen listen(const Value& entry) const {
    Settings::Listen listen;
    listen.address = entry["address"].as_text(listen.address);
    listen.port = static_cast<std::uint16_t>(entry["port"].as_integer());
    listen.line = entry.line();
    if (const Value* tls = entry.find("tls")) {
      listen.tls = Settings::Tls{path((*tls)["certificate"]), path((*tls)["key"]), path((*tls)["client_ca"]),
                                 (*tls)["client_certificate"].as_text() != "optional"};
    }
    return listen;
  }

  Result<Settings::Server> server(const Value& entry) const {
    Settings::Server server;
    server.line = entry.line();
    std::string_view url = entry["url"].as_text();
    server.tls = url.starts_with("https:");
    url.remove_prefix(server.tls ? 8 : 7);
    const std::size_t slash = std::min(url.find('/'), url.size());
    std::string_view host = url.substr(0, slash);
    server.path = url.substr(slash);
    while (server.path.ends_with('/')) {
      server.path.pop_back();
    }
    server.authority = host;
    server.port = server.tls ? 443 : 80;
    if (host.find('@') != std::string_view::npos) {
      return wrong(entry["url"], "url holds a credential; name one by key_env or key_file");
    }
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
    if (bracket == std::string_view::npos) {
      return wrong(entry["url"], "url: no ] after [");
    }
    const std::size_t colon = host.find(':', bracket);
    if (colon != std::string_view::npos) {
      const std::string_view digits = host.substr(colon + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), server.port);
      if (error != std::errc() || end != digits.data() + digits.size() || server.port == 0) {
        return wrong(entry["url"], "url: the port is no number from 1 to 65535");
      }
      host = host.substr(0, colon);
    }
    server.host = bracket > 0 ? host.substr(1, bracket - 1) : host;
    for (const char c : std::string(server.authority) + server.path) {
      if (c <= ' ' || c >= 0x7f) {
        return wrong(entry["url"], "url: only visible ASCII characters can stand in one");
      }
    }
    if (server.host.empty()) {
      return wrong(entry["url"], "url names no host");
    }
    server.weight = static_cast<unsigned>(entry["weight"].as_integer(1));
    server.key_env = entry["key_env"].as_text();
    server.key_file = path(entry["key_file"]);
    if (!server.key_env.empty() && !server.key_file.empty()) {
      return wrong(entry["key_file"], "key_env and key_file: one of the two");
    }
    const std::string_view header = entry["key_header"].as_text("authorization");
    server.key_header = header == "x-api-key" ? Settings::KeyHeader::x_api_key
                        : header == "api-key" ? Settings::KeyHeader::api_key
                                              : Settings::KeyHeader::authorization;
    server.ca_file = path(entry["ca_file"]);
    server.server_name = entry["server_name"].as_text(server.host);
    server.certificate_file = path(entry["certificate"]);
    server.certificate_key_file = path(entry["certificate_key"]);
    for (const std::string_view name : {"ca_file", "server_name", "certificate", "certificate_key"}) {
      if (!server.tls && entry.find(name) != nullptr) {
        return wrong(entry[name], std::string(name) + " has no meaning without https");
      }
    }
    if (server.certificate_file.empty() != server.certificate_key_file.empty()) {
      return wrong(entry, "certificate and certificate_key go together");
    }
    return server;
  }

  Result<void> group(const Value& entry) {
    Settings::Group group;
    group.name = entry["name"].as_text();
    for (const Settings::Group& other : settings_.groups) {
      if (other.name == group.name) {
        return wrong(entry["name"], "upstream " + group.name + " stands here twice");
      }
    }
    for (const Value& each : entry["servers"].as_list()) {
      group.servers.push_back(TRY(server(each)));
    }
    if (const Value* retry = entry.find("retry")) {
      group.retry.attempts = static_cast<unsigned>((*retry)["attempts"].as_integer(group.retry.attempts));
      group.retry.post = (*retry)["post"].as_bool();
      if (const Value* on = retry->find("on")) {
        group.retry.on_connect = group.retry.on_reset = group.retry.on_timeout = false;
        group.retry.on_status.clear();
        for (const Value& each : on->as_list()) {
          const std::string_view what = each.as_text();
          if (what == "connect") {
            group.retry.on_connect = true;
          } else if (what == "reset") {
            group.retry.on_reset = true;
          } else if (what == "timeout") {
            group.retry.on_timeout = true;
          } else {
            unsigned status = 0;
            std::from_chars(what.data(), what.data() + what.size(), status);
            group.retry.on_status.push_back(status);
          }
        }
      }
    }
    if (const Value* breaker = entry.find("circuit_breaker")) {
      group.breaker.failures = static_cast<unsigned>((*breaker)["failures"].as_integer(group.breaker.failures));
      seconds((*breaker)["open_seconds"], group.breaker.open);
    }
    settings_.groups.push_back(std::move(group));
    return {};
  }

  Result<void> route(const Value& entry) {
    Settings::Route route;
    route.path = entry["path"].as_text();
    if (route.path.ends_with('*')) {
      route.prefix = true;
      route.path.pop_back();
    }
    if (route.path.find('*') != std::string::npos) {
      return wrong(entry["path"], "* may stand at the end of a path only");
    }
    route.upstream = entry["upstream"].as_text();
    std::vector<std::string_view> names;
    for (const Settings::Group& group : settings_.groups) {
      names.push_back(group.name);
    }
    if (std::find(names.begin(), names.end(), route.upstream) == names.end()) {
      const auto meant = base::closest(route.upstream, names);
      return wrong(entry["upstream"], "no upstream " + base::printable(route.upstream) +
                                          (meant ? "; did you mean " + std::string(*meant) + "?" : ""));
    }
    for (const Settings::Route& other : settings_.routes) {
      if (other.path == route.path && other.prefix == route.prefix && other.models.empty()) {
        return wrong(entry["path"], "path " + base::printable(entry["path"].as_text()) + " stands here twice");
      }
    }
    for (const Value& model : entry["models"].as_list()) {
      route.models.emplace_back(model.as_text());
    }
    route.model = entry["model"].as_text();
    if ((!route.models.empty() || !route.model.empty()) && settings_.controls.is_null()) {
      return wrong(entry, "models and model: without a section controls no body is read, so no model is known");
    }
    route.target = entry["target"].as_text();
    route.protocol = entry["protocol"].as_text();
    route.streams = entry["body"].as_text() == "stream";
    settings_.routes.push_back(std::move(route));
    return {};
  }

  Result<void> monitor(const Value& entry) {
    Settings::Monitor monitor;
    monitor.baseline_file = path(entry["baseline"]);
    monitor.public_key_file = path(entry["public_key"]);
    monitor.days_between_false_alarms = entry["days_between_false_alarms"].as_double(30);
    monitor.max_keys = static_cast<std::size_t>(entry["max_keys"].as_integer(10'000));
    monitor.webhook_url = entry["webhook"]["url"].as_text();
    monitor.webhook_secret_file = path(entry["webhook"]["secret_file"]);
    monitor.record_directory = path(entry["record"]);
    if (monitor.baseline_file.empty() != monitor.public_key_file.empty()) {
      return wrong(entry, "monitor: baseline and public_key go together");
    }
    if (settings_.controls.is_null()) {
      return wrong(entry, "monitor: watches what the controls tell, and there is no section controls");
    }
    settings_.monitor = std::move(monitor);
    return {};
  }

  static void seconds(const Value& value, Settings::Milliseconds& out) {
    if (value.is_number()) {
      out = Settings::Milliseconds(static_cast<std::int64_t>(value.as_double() * 1000));
    }
  }

  void timeouts(const Value& entry) {
    Settings::Timeouts& timeouts = settings_.timeouts;
    seconds(entry["head_seconds"], timeouts.head);
    seconds(entry["body_seconds"], timeouts.body);
    seconds(entry["idle_seconds"], timeouts.idle);
    seconds(entry["connect_seconds"], timeouts.connect);
    seconds(entry["first_byte_seconds"], timeouts.first_byte);
    seconds(entry["stall_seconds"], timeouts.stall);
    seconds(entry["total_seconds"], timeouts.total);
    seconds(entry["upstream_idle_seconds"], timeouts.upstream_idle);
    seconds(entry["drain_seconds"], timeouts.drain);
  }

  void limits(const Value& entry) {
    Settings::Limits& limits = settings_.limits;
    const auto whole = [&entry](std::string_view name, auto& out) {
      if (const Value* value = entry.find(name)) {
        out = static_cast<std::remove_reference_t<decltype(out)>>(value->as_integer());
      }
    };
    whole("connections", limits.connections);
    whole("head_bytes", limits.head_bytes);
    whole("fields", limits.fields);
    whole("body_bytes", limits.body_bytes);
    whole("requests_per_connection", limits.requests_per_connection);
    whole("streams_per_connection", limits.streams_per_connection);
    whole("resets_per_second", limits.resets_per_second);
    whole("upstream_connections", limits.upstream_connections);
  }

  std::string name_;
  std::filesystem::path folder_;
  Settings settings_;
};

}  // namespace

std::string Settings::Server::url() const {
  return (tls ? "https://" : "http://") + authority + path;
}

std::string Settings::Server::identity() const {
  return url() + '\n' + server_name + '\n' + ca_file + '\n' + certificate_file + '\n' + certificate_key_file;
}

std::vector<std::filesystem::path> Settings::other_files() const {
  std::set<std::filesystem::path> files;
  for (const Listen& each : listen) {
    if (each.tls) {
      files.insert({each.tls->certificate_file, each.tls->key_file, each.tls->client_ca_file});
    }
  }
  for (const Group& group : groups) {
    for (const Server& server : group.servers) {
      files.insert({server.key_file, server.ca_file, server.certificate_file, server.certificate_key_file});
    }
  }
  if (admin) {
    files.insert(admin->token_file);
  }
  if (monitor) {
    files.insert({monitor->baseline_file, monitor->public_key_file, monitor->webhook_secret_file});
  }
  files.erase(std::filesystem::path());
  return {files.begin(), files.end()};
}

Result<Settings> parse_settings(std::string_view text, const std::filesystem::path& file) {
  const std::string name = base::printable(file.string());
  auto document = base::parse_yaml(text);
  if (!document) {
    return std::move(document).error().in_file(name);
  }
  static const auto kSchema = base::Schema::load(embedded::gateway_schema.front().content);
  if (!kSchema) {
    return kSchema.error();
  }
  TRY(kSchema->require(*document, name));
  return Reader(file).read(*document);
}

Result<Settings> read_settings(const std::filesystem::path& file) {
  const std::string text = TRY(base::read_file(file, kMaxFileBytes));
  return parse_settings(text, file);
}

}  // namespace gateway
