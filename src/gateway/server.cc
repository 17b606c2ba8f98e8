#include "gateway/server.h"

#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <ctime>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "gateway/routes.h"
#include "gateway/upstream_connection.h"

namespace gateway {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr Moment kSettleMilliseconds = 300;     // from a change of a file to reading it: editors write in steps
constexpr Moment kLookUpMilliseconds = 30'000;  // between two look-ups of the servers' names
constexpr std::int64_t kSoonSeconds = 14 * 86'400;

// As many descriptors as this process may have: two for each exchange.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

void metric(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
  out.append(type).append("\n");
}

void sample(std::string& out, std::string_view name, std::string_view labels, std::uint64_t value) {
  out.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c == '\n' ? ' ' : c);
  }
  return out;
}

std::string digests(const std::vector<std::filesystem::path>& files) {
  std::string all;
  for (const std::filesystem::path& file : files) {
    const auto content = base::read_file(file, 64U << 20);
    all += content ? base::sha256(*content).hex() : "none";
  }
  return all;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const std::filesystem::path& file, Options options) {
  raise_descriptor_limit();
  std::unique_ptr<Server> server(new Server(std::move(options)));
  server->file_ = file;
  Settings settings = TRY(server->read_configuration());
  server->runtime_ = TRY(server->make_runtime(std::move(settings)));
  TRY(server->open());
  return server;
}

Result<std::shared_ptr<const Runtime>> Server::make_runtime(Settings settings) {
  if (settings.workers == 0) {
    settings.workers = std::max(1U, std::thread::hardware_concurrency());
  }
  auto runtime = std::make_shared<Runtime>();
  std::vector<std::string> warnings;
  for (const Settings::Listen& listen : settings.listen) {
    std::shared_ptr<const TlsContext> context;
    if (listen.tls) {
      context = TRY(TlsContext::server({listen.tls->certificate_file, listen.tls->key_file, listen.tls->client_ca_file,
                                        listen.tls->client_required}));
      const std::int64_t left = context->expires() - static_cast<std::int64_t>(std::time(nullptr));
      if (left < kSoonSeconds) {
        warnings.push_back(base::printable(listen.tls->certificate_file) +
                           (left < 0 ? ": the certificate has ended"
                                     : ": the certificate ends in " +
                                           base::counted(static_cast<std::uint64_t>(left) / 86'400, "day")));
      }
    }
    runtime->listen_tls.push_back(std::move(context));
  }
  runtime->groups = TRY(make_groups(settings, health_, warnings));
  Made made;
  if (options_.make_controls) {
    made = TRY(options_.make_controls(settings));
  }
  if (made.controls == nullptr) {
    made.controls = make_route_controls(settings);
  }
  for (const std::string& warning : warnings) {
    options_.say("warning: " + warning);
  }
  for (const auto& [name, group] : runtime->groups) {
    for (const auto& endpoint : group->endpoints()) {
      health_[endpoint->identity()] = endpoint->shared_health();
    }
  }
  runtime->controls = made.controls;
  runtime->pages = made.pages;
  runtime->settings = std::move(settings);
  return std::shared_ptr<const Runtime>(std::move(runtime));
}

Result<void> Server::open() {
  const Settings& settings = runtime_->settings;
  for (unsigned number = 0; number < settings.workers; ++number) {
    workers_.push_back(std::make_unique<Worker>(runtime_));
  }
  for (std::size_t place = 0; place < settings.listen.size(); ++place) {
    const Settings::Listen& listen = settings.listen[place];
    Address address = TRY(resolve(listen.address, listen.port)).front();
    asked_.push_back(address);
    // The workers share the address, and so could another program of the same user: it must be free at first.
    {
      Loop probe;
      const auto alone = Listener::open(probe, address, {}, false);
      if (!alone) {
        return alone.error();
      }
    }
    for (const auto& worker : workers_) {
      address.set_port(TRY(worker->listen(address, place)));
    }
    addresses_.push_back(address);
    options_.say("listening on " + std::string(listen.tls ? "https://" : "http://") + address.text());
  }
  TRY(open_admin());
  if (options_.watch) {
    inotify_ = base::Descriptor(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!inotify_.is_open()) {
      return base::system_error("inotify", file_);
    }
    watch_files();
    loop_.on_readable(inotify_.get(), [this] { on_watch(); });
  }
  if (options_.signals) {
    loop_.on_signals({SIGTERM, SIGINT}, [this](int) { begin_stop(); });
    loop_.on_signals({SIGHUP}, [this](int) {
      if (const auto done = reload(); !done) {
        options_.say(done.error().text());
      }
    });
  }
  looked_up_at_ = Worker::exact_now() / 1000;
  loop_.every(std::chrono::milliseconds(100), [this] { tick(); });
  return {};
}

Result<void> Server::open_admin() {
  const Settings& settings = runtime_->settings;
  if (!settings.admin) {
    return {};
  }
  AdminParts parts;
  if (!settings.admin->token_file.empty()) {
    parts.token = TRY(base::read_file(settings.admin->token_file, 64U << 10));
    parts.token.resize(std::min(parts.token.find_first_of("\r\n"), parts.token.size()));
    if (parts.token.size() < 16) {
      return Error{Errc::malformed, "the token has fewer than 16 characters", 0,
                   base::printable(settings.admin->token_file)};
    }
  }
  parts.ready = [this] { return !stopping_.load(); };
  parts.metrics = [this](std::string& out) { add_metrics(out); };
  parts.pages = [this] { return runtime()->pages; };
  Address address = TRY(resolve(settings.admin->address, settings.admin->port)).front();
  if (!address.is_loopback() && parts.token.empty()) {
    return Error{Errc::malformed, "admin: an address other than loopback needs a token_file", 0,
                 base::printable(file_.string())};
  }
  auto runtime = std::make_shared<Runtime>();
  runtime->settings.limits.connections = 64;
  runtime->settings.workers = 1;
  runtime->controls = make_admin_controls(std::move(parts));
  admin_ = std::make_unique<Worker>(std::move(runtime));
  address.set_port(TRY(admin_->listen(address, 0)));
  admin_address_ = address;
  options_.say("admin on http://" + address.text());
  return {};
}

Server::~Server() {
  stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  if (admin_thread_.joinable()) {
    admin_->loop().stop();
    admin_thread_.join();
  }
}

void Server::run() {
  for (const auto& worker : workers_) {
    threads_.emplace_back([&each = *worker] { each.run(); });
  }
  if (admin_ != nullptr) {
    admin_thread_ = std::thread([this] { admin_->run(); });
  }
  loop_.run();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
  if (admin_thread_.joinable()) {
    admin_->loop().stop();
    admin_thread_.join();
  }
}

void Server::stop() {
  loop_.post([this] { begin_stop(); });
}

void Server::begin_stop() {
  if (stopping_.exchange(true)) {
    return;
  }
  const auto most = runtime()->settings.timeouts.drain;
  options_.say("draining");
  for (const auto& worker : workers_) {
    worker->loop().post([&each = *worker, most] { each.drain(most); });
  }
  loop_.stop();
}

std::shared_ptr<const Runtime> Server::runtime() const {
  const std::lock_guard lock(mutex_);
  return runtime_;
}

Result<void> Server::reload() {
  const auto attempt = [this]() -> Result<void> {
    Settings settings = TRY(read_configuration());
    const auto old = runtime();
    if (settings.workers != 0 && settings.workers != old->settings.workers) {
      return Error{Errc::unsupported, "workers: another number needs a restart", 0, base::printable(file_.string())};
    }
    settings.workers = old->settings.workers;
    // New addresses first: when one cannot be had, nothing has changed.
    std::vector<Address> asked;
    std::vector<Address> bound;
    for (const Settings::Listen& listen : settings.listen) {
      asked.push_back(TRY(resolve(listen.address, listen.port)).front());
    }
    const std::shared_ptr<const Runtime> next = TRY(make_runtime(std::move(settings)));
    std::vector<std::size_t> added;
    for (std::size_t place = 0; place < asked.size(); ++place) {
      const auto known = std::find(asked_.begin(), asked_.end(), asked[place]);
      if (known != asked_.end()) {
        bound.push_back(addresses_[static_cast<std::size_t>(known - asked_.begin())]);
        continue;
      }
      Loop probe;
      const auto alone = Listener::open(probe, asked[place], {}, false);
      if (!alone) {
        return alone.error();
      }
      Address address = asked[place];
      if (address.port() == 0) {
        return Error{Errc::unsupported, "port 0 can be taken at the start only", 0, base::printable(file_.string())};
      }
      added.push_back(place);
      bound.push_back(address);
    }
    std::vector<Address> left;
    for (const Address& address : addresses_) {
      if (std::find(bound.begin(), bound.end(), address) == bound.end()) {
        left.push_back(address);
      }
    }
    for (const auto& worker : workers_) {
      worker->loop().post([this, &each = *worker, next, bound, left, added] {
        each.set_runtime(next, bound);
        for (const std::size_t place : added) {
          if (const auto done = each.listen(bound[place], place); !done) {
            options_.say(done.error().text());
          }
        }
        for (const Address& address : left) {
          each.leave(address);
        }
      });
    }
    addresses_ = bound;
    asked_ = asked;
    const std::lock_guard lock(mutex_);
    runtime_ = next;
    return {};
  };
  auto done = attempt();
  if (!done) {
    fingerprint_ = fingerprint();
    ++reloads_refused_;
    Error error = done.error();
    error.message += " (the old configuration stays in force)";
    return error;
  }
  ++reloads_;
  if (options_.watch) {
    watch_files();
  }
  options_.say("reloaded " + base::printable(file_.string()));
  return {};
}

// Directories are watched, not files: editors and secret stores replace files.
void Server::watch_files() {
  std::set<std::filesystem::path> folders;
  std::vector<std::filesystem::path> files = runtime_->settings.other_files();
  files.push_back(file_);
  for (const std::filesystem::path& file : files) {
    const std::filesystem::path folder = file.parent_path();
    folders.insert(folder.empty() ? std::filesystem::path(".") : folder);
  }
  for (const std::filesystem::path& folder : folders) {
    const int number = inotify_add_watch(inotify_.get(), folder.c_str(),
                                         IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ONLYDIR);
    if (number >= 0) {
      watched_[number] = folder;
    }
  }
}

void Server::on_watch() {
  alignas(inotify_event) char buffer[16U << 10];
  while (::read(inotify_.get(), buffer, sizeof buffer) > 0) {
    changed_ = true;
    changed_at_ = Worker::exact_now() / 1000;
  }
}

// Digests of the configuration and of all it names, so that a touched file is no reload.
std::string Server::fingerprint() const {
  return digests({file_}) + digests(runtime()->settings.other_files());
}

// The digests are taken before the files are read: a change in between is then noticed afterwards.
Result<Settings> Server::read_configuration() {
  std::string before = digests({file_});
  Settings settings = TRY(read_settings(file_));
  fingerprint_ = before + digests(settings.other_files());
  changed_ = true;
  return settings;
}

void Server::tick() {
  const Moment now = Worker::exact_now() / 1000;
  if (changed_ && now - changed_at_ >= kSettleMilliseconds) {
    changed_ = false;
    if (fingerprint() != fingerprint_) {
      if (const auto done = reload(); !done) {
        options_.say(done.error().text());
      }
    }
  }
  if (now - looked_up_at_ >= kLookUpMilliseconds) {
    looked_up_at_ = now;
    for (const auto& [name, group] : runtime()->groups) {
      for (const auto& endpoint : group->endpoints()) {
        static_cast<void>(endpoint->look_up());  // the old addresses stay; connecting tells when they are wrong
      }
    }
  }
}

void Server::add_metrics(std::string& out) const {
  const auto total = [this](auto&& counter) {
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) {
      sum += counter(worker->counters()).value();
    }
    return sum;
  };
  const auto one = [&](std::string_view name, std::string_view type, std::string_view help, auto&& counter) {
    metric(out, name, type, help);
    sample(out, name, "", total(counter));
  };
  using C = const Counters&;
  one("surety_gateway_connections_total", "counter", "Connections accepted from clients.",
      [](C c) -> const Counter& { return c.connections_accepted; });
  one("surety_gateway_connections", "gauge", "Connections from clients that are open.",
      [](C c) -> const Counter& { return c.connections_open; });
  one("surety_gateway_exchanges", "gauge", "Requests under way.",
      [](C c) -> const Counter& { return c.exchanges_open; });
  metric(out, "surety_gateway_answers_total", "counter", "Answers begun, by the first digit of their status.");
  for (std::size_t digit = 1; digit <= 5; ++digit) {
    sample(out, "surety_gateway_answers_total", "{status=\"" + std::to_string(digit) + "xx\"}",
           total([digit](C c) -> const Counter& { return c.answers[digit]; }));
  }
  metric(out, "surety_gateway_exchanges_total", "counter", "Exchanges that ended, by how.");
  constexpr std::array<std::string_view, 6> kEnds = {"complete",  "client_gone", "upstream_failed",
                                                     "timed_out", "refused",     "shutdown"};
  for (std::size_t end = 0; end < kEnds.size(); ++end) {
    sample(out, "surety_gateway_exchanges_total", "{end=\"" + std::string(kEnds[end]) + "\"}",
           total([end](C c) -> const Counter& { return c.ends[end]; }));
  }
  metric(out, "surety_gateway_exchange_duration_seconds", "histogram",
         "From the head of a request to the end of its answer.");
  std::uint64_t sum = 0;
  for (std::size_t bound = 0; bound <= kDurationBounds.size(); ++bound) {
    sum += total([bound](C c) -> const Counter& { return c.duration[bound]; });
    std::string text = "+Inf";
    if (bound < kDurationBounds.size()) {
      char digits[32];
      const double seconds = static_cast<double>(kDurationBounds[bound]) / 1000;
      text.assign(digits, std::to_chars(digits, digits + sizeof digits, seconds).ptr);
    }
    sample(out, "surety_gateway_exchange_duration_seconds_bucket", "{le=\"" + text + "\"}", sum);
  }
  const std::uint64_t micros = total([](C c) -> const Counter& { return c.seconds_sum_microseconds; });
  out += "surety_gateway_exchange_duration_seconds_sum " + std::to_string(micros / 1'000'000) + "." +
         std::to_string(1'000'000 + micros % 1'000'000).substr(1) + "\n";
  sample(out, "surety_gateway_exchange_duration_seconds_count", "", sum);
  one("surety_gateway_refused_by_transport_total", "counter", "Requests that were malformed, too large or too slow.",
      [](C c) -> const Counter& { return c.refused_by_transport; });
  one("surety_gateway_http2_connections_total", "counter", "Connections that spoke HTTP/2.",
      [](C c) -> const Counter& { return c.http2_connections; });
  one("surety_gateway_http2_floods_total", "counter", "Connections ended because of resets or empty frames.",
      [](C c) -> const Counter& { return c.http2_floods; });
  one("surety_gateway_retries_total", "counter", "Requests sent again.",
      [](C c) -> const Counter& { return c.retries; });
  one("surety_gateway_upstream_connect_failures_total", "counter", "Servers that could not be reached.",
      [](C c) -> const Counter& { return c.upstream_connect_failures; });
  one("surety_gateway_upstream_resets_total", "counter", "Servers that broke off or sent no HTTP.",
      [](C c) -> const Counter& { return c.upstream_resets; });
  metric(out, "surety_gateway_reloads_total", "counter", "Configurations read again, by what became of it.");
  sample(out, "surety_gateway_reloads_total", "{result=\"taken\"}", reloads_.load());
  sample(out, "surety_gateway_reloads_total", "{result=\"refused\"}", reloads_refused_.load());
  const auto current = runtime();
  const Moment now = Worker::exact_now() / 1000;
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto&& value) {
    metric(out, name, type, help);
    for (const auto& [group, parts] : current->groups) {
      for (const auto& endpoint : parts->endpoints()) {
        sample(out, name,
               "{upstream=\"" + label_value(group) + "\",server=\"" + label_value(endpoint->settings().url()) + "\"}",
               value(endpoint->health()));
      }
    }
  };
  each("surety_gateway_server_requests_total", "counter", "Requests a server answered or failed.",
       [](const Health& health) { return health.requests.load(); });
  each("surety_gateway_server_failures_total", "counter", "Of those, failures.",
       [](const Health& health) { return health.failures.load(); });
  each("surety_gateway_server_connections_total", "counter", "Connections made to a server.",
       [](const Health& health) { return health.connections.load(); });
  each("surety_gateway_server_left_out", "gauge", "1 while the circuit breaker leaves a server out.",
       [now](const Health& health) { return std::uint64_t{health.open_until.load() > now ? 1U : 0U}; });
  metric(out, "surety_gateway_certificate_end_seconds", "gauge",
         "When a listener's certificate ends, since the epoch.");
  for (std::size_t place = 0; place < current->listen_tls.size(); ++place) {
    if (current->listen_tls[place] != nullptr) {
      sample(out, "surety_gateway_certificate_end_seconds", "{listen=\"" + std::to_string(place) + "\"}",
             static_cast<std::uint64_t>(std::max<std::int64_t>(0, current->listen_tls[place]->expires())));
    }
  }
}

}  // namespace gateway
