#include "gateway/transport_check.h"

#include <fstream>
#include <optional>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "gateway/probe.h"

namespace gateway {

using base::Result;
using base::Value;
using Came = TransportCase::Outcome;

namespace {

constexpr std::string_view kUpstream = "surety-self-test";
constexpr std::string_view kPath = "/v1/chat/completions";
constexpr std::uint64_t kMostSent = 4096;
constexpr std::size_t kStatusLine = 12;  // "HTTP/1.1 200"

Value absolute(const std::string& file) {
  return std::filesystem::absolute(file).native();
}

/// A server of the settings on free ports, run by a thread of its own.
class Serving {
 public:
  static Result<std::unique_ptr<Serving>> start(const Settings& settings, bool asks_clients,
                                                const TransportCheckOptions& options) {
    Value listen{Value::List{}};
    for (const Settings::Listen& each : settings.listen) {
      Value one;
      one.set("address", "127.0.0.1").set("port", 0);
      if (each.tls) {
        Value tls;
        tls.set("certificate", absolute(each.tls->certificate_file)).set("key", absolute(each.tls->key_file));
        if (asks_clients && !each.tls->client_ca_file.empty()) {
          tls.set("client_ca", absolute(each.tls->client_ca_file));
          tls.set("client_certificate", each.tls->client_required ? "required" : "optional");
        }
        one.set("tls", std::move(tls));
      }
      listen.push(std::move(one));
    }
    Value limits;
    const std::uint64_t head_bytes = settings.limits.head_bytes;
    const std::uint64_t fields = settings.limits.fields;
    limits.set("head_bytes", head_bytes).set("fields", fields);
    limits.set("body_bytes", settings.limits.body_bytes);
    Value server;
    server.set("url", "http://127.0.0.1:9");
    Value servers{Value::List{}};
    servers.push(std::move(server));
    Value group;
    group.set("name", kUpstream).set("servers", std::move(servers));
    Value upstreams{Value::List{}};
    upstreams.push(std::move(group));
    Value route;
    route.set("path", kPath).set("upstream", kUpstream);
    Value routes{Value::List{}};
    routes.push(std::move(route));
    Value document;
    document.set("listen", std::move(listen)).set("workers", 1).set("limits", std::move(limits));
    document.set("upstreams", std::move(upstreams)).set("routes", std::move(routes));
    if (!options.controls.is_null()) {
      Value controls = options.controls;
      controls.set("state", asks_clients ? "transport-state" : "transport-open-state");
      document.set("controls", std::move(controls));
    }
    const std::filesystem::path file = options.scratch / (asks_clients ? "transport.yaml" : "transport-open.yaml");
    {
      std::ofstream out(file, std::ios::binary);
      out << base::to_json(document, 2) << "\n";  // which is YAML too
      if (!out.flush()) {
        return base::Error{base::Errc::io, "cannot be written", 0, base::printable(file.native())};
      }
    }
    Server::Options server_options;
    server_options.make_controls = options.controls.is_null() ? nullptr : options.make_controls;
    server_options.say = [](std::string_view /*message*/) {};
    server_options.signals = false;
    server_options.watch = false;
    std::unique_ptr<Serving> serving(new Serving());
    serving->server_ = TRY(Server::start(file, std::move(server_options)));
    serving->thread_ = std::thread([server = serving->server_.get()] { server->run(); });
    return serving;
  }
  ~Serving() {
    if (thread_.joinable()) {
      server_->stop();
      thread_.join();
    }
  }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;
  [[nodiscard]] std::uint16_t port(std::size_t place) const { return server_->addresses()[place].port(); }

 private:
  Serving() = default;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// What is tried on one listener.
class Trial {
 public:
  Trial(const Settings& settings, const Settings::Listen& listen, const Probe::CertificateFiles& certificate,
        std::vector<TransportCase>& out)
      : settings_(settings), tls_(listen.tls), certificate_(certificate), out_(out) {
    name_ = std::string(tls_ ? "https" : "http") + "://" + listen.address + ":" + std::to_string(listen.port);
  }

  void add(std::string_view check, Came outcome, std::string reason) {
    out_.push_back({name_, check, outcome, std::move(reason)});
  }
  void cannot(std::string_view reason) {
    for (const std::string_view check : kChecks) {
      add(check, Came::not_tried, std::string(reason));
    }
  }

  /// `open` asks for no client certificate.
  void run(std::uint16_t port, std::uint16_t open_port, std::uint64_t most_body) {
    most_body_ = most_body;
    try_http(open_port);
    try_tls(port, open_port);
    try_certificates(port);
    try_signed_certificate(port);
  }

 private:
  static constexpr std::string_view kChecks[] = {"http1",
                                                 "http2",
                                                 "head-limit",
                                                 "field-limit",
                                                 "body-limit",
                                                 "two-readings",
                                                 "tls",
                                                 "client-certificate",
                                                 "client-certificate-signed"};

  // The status of what is answered to `request`; empty where nothing is.
  [[nodiscard]] std::string status(std::uint16_t port, std::string_view request,
                                   Probe::Certificate certificate = Probe::Certificate::none) const {
    auto probe = Probe::connect(port);
    if (!probe || (tls_ && !probe->start_tls("http/1.1", certificate, certificate_))) {
      return {};
    }
    probe->send(request);
    const std::string answer = probe->receive(kStatusLine);
    return answer.starts_with("HTTP/1.1 ") && answer.size() >= kStatusLine ? answer.substr(9, 3) : std::string();
  }
  static std::string get(std::string_view more) {
    return "GET /surety-self-test HTTP/1.1\r\nHost: surety\r\n" + std::string(more) + "\r\n";
  }

  void expect(std::string_view check, const std::string& allowed, bool allowed_passed, const std::string& forbidden,
              std::string_view wanted) {
    if (allowed.empty() || !allowed_passed) {
      add(check, Came::failed, "what is allowed is refused: " + (allowed.empty() ? "no answer" : allowed));
    } else if (forbidden != wanted) {
      add(check, Came::failed,
          "what is forbidden is not refused with " + std::string(wanted) + ": " +
              (forbidden.empty() ? "no answer" : forbidden));
    } else {
      add(check, Came::passed, "");
    }
  }

  void try_http(std::uint16_t port) {
    const std::string plain = status(port, get(""));
    add("http1", plain == "404" || plain == "401" ? Came::passed : Came::failed,
        plain == "404" || plain == "401" ? "" : "a request is not answered: " + plain);
    const bool has_http2 = speaks_http2(port);
    add("http2", has_http2 ? Came::passed : Came::failed, has_http2 ? "" : "no stream is answered");
    // A head of exactly the limit, and of one byte more.
    const std::size_t room = settings_.limits.head_bytes - get("X: \r\n").size();
    const std::string full = status(port, get("X: " + std::string(room, 'a') + "\r\n"));
    expect("head-limit", full, full != "431", status(port, get("X: " + std::string(room + 1, 'a') + "\r\n")), "431");
    std::string fields;
    for (std::uint32_t i = 1; i < settings_.limits.fields; ++i) {
      fields += "X:\r\n";
    }
    if (get(fields + "X:\r\n").size() > settings_.limits.head_bytes) {
      add("field-limit", Came::not_applicable, "so many fields are longer than a head may be");
    } else {
      const std::string all = status(port, get(fields));
      expect("field-limit", all, all != "431", status(port, get(fields + "X:\r\n")), "431");
    }
    const std::string post = "POST " + std::string(kPath) + " HTTP/1.1\r\nHost: surety\r\n";
    const std::string json = "Content-Type: application/json\r\n";
    const std::string small = status(port, post + json + "Content-Length: 2\r\n\r\n{}");
    // It is refused by what it announces; a short one is sent all the same, so that whoever takes it answers at once.
    const std::string body(most_body_ < kMostSent ? static_cast<std::size_t>(most_body_ + 1) : 0, ' ');
    const std::string above = post + json + "Content-Length: " + std::to_string(most_body_ + 1) + "\r\n\r\n" + body;
    expect("body-limit", small, small != "413", status(port, above), "413");
    expect("two-readings", plain, plain != "400",
           status(port, post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400");
  }

  // Preface, settings, and a GET whose path is in the static table (RFC 7541: 0x82 GET, 0x86 and 0x87 the scheme, 0x84
  // "/").
  [[nodiscard]] bool speaks_http2(std::uint16_t port) const {
    auto probe = Probe::connect(port);
    if (!probe || (tls_ && !probe->start_tls("h2", Probe::Certificate::none))) {
      return false;
    }
    using namespace std::string_literals;
    const std::string scheme = tls_ ? "\x87" : "\x86";
    probe->send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"s + "\0\0\x0b\x01\x05\0\0\0\x01\x82"s + scheme +
                "\x84\x41\x06surety");
    std::string came;
    for (std::size_t at = 0;;) {
      while (came.size() < at + 9) {
        const std::string more = probe->receive(1);
        if (more.empty()) {
          return false;
        }
        came += more;
      }
      const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(came[i])); };
      if (came[at + 3] == 1 && byte(at + 8) == 1) {
        return true;  // the head of an answer on stream 1
      }
      at += 9 + (byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2));
    }
  }

  void try_tls(std::uint16_t port, std::uint16_t open_port) {
    if (!tls_) {
      add("tls", Came::not_applicable, "the listener has no TLS");
      return;
    }
    auto probe = Probe::connect(port);
    std::string answered;
    if (probe) {
      probe->send(get(""));
      answered = probe->receive(kStatusLine);
    }
    const bool is_plain = answered.starts_with("HTTP/");
    const bool shakes = !status(open_port, get("")).empty();
    add("tls", !is_plain && shakes ? Came::passed : Came::failed,
        is_plain  ? "plain HTTP is answered"
        : !shakes ? "no handshake, or no answer behind it"
                  : "");
  }

  void try_certificates(std::uint16_t port) {
    if (!tls_ || tls_->client_ca_file.empty()) {
      add("client-certificate", Came::not_applicable, "clients are not asked for certificates");
      return;
    }
    const std::string without = status(port, get(""));
    const std::string wrong = status(port, get(""), Probe::Certificate::self_signed);
    if (!wrong.empty()) {
      add("client-certificate", Came::failed, "a certificate that no authority signed is taken");
    } else if (tls_->client_required != without.empty()) {
      add("client-certificate", Came::failed,
          tls_->client_required ? "a client without a certificate is answered"
                                : "a client without a certificate is not answered");
    } else {
      add("client-certificate", Came::passed, "");
    }
  }

  void try_signed_certificate(std::uint16_t port) {
    constexpr std::string_view kCheck = "client-certificate-signed";
    if (!tls_ || tls_->client_ca_file.empty()) {
      add(kCheck, Came::not_applicable, "clients are not asked for certificates");
    } else if (certificate_.certificate.empty()) {
      add(kCheck, Came::not_applicable,
          "none was given: --client-certificate FILE --client-key FILE, signed by an authority of " +
              tls_->client_ca_file);
    } else if (status(port, get(""), Probe::Certificate::given).empty()) {
      add(kCheck, Came::failed, "the certificate of " + certificate_.certificate + " is not taken");
    } else {
      add(kCheck, Came::passed, "");
    }
  }

  const Settings& settings_;
  const std::optional<Settings::Tls>& tls_;
  const Probe::CertificateFiles& certificate_;
  std::vector<TransportCase>& out_;
  std::string name_;
  std::uint64_t most_body_ = 0;
};

}  // namespace

std::string_view to_string(Came outcome) {
  constexpr std::string_view kNames[] = {"not-applicable", "passed", "not-tried", "failed"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::vector<TransportCase> check_transport(const Settings& settings, const TransportCheckOptions& options) {
  std::vector<TransportCase> out;
  auto asking = Serving::start(settings, true, options);
  auto open = asking ? Serving::start(settings, false, options) : Result<std::unique_ptr<Serving>>(asking.error());
  for (std::size_t place = 0; place < settings.listen.size(); ++place) {
    Trial trial(settings, settings.listen[place], options.client_certificate, out);
    if (!open) {
      trial.cannot(open.error().text());
    } else {
      trial.run((*asking)->port(place), (*open)->port(place), options.most_body_bytes);
    }
  }
  return out;
}

}  // namespace gateway
