#include "gateway/loop.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <ctime>
#include <optional>

#include "base/text.h"

namespace gateway {

namespace asio = boost::asio;
using boost::system::error_code;
using Executor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof address);
    inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  } else {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof address);
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  }
  return text;
}

std::uint16_t Address::port() const {
  // The port stands at the same place in both kinds of address.
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof address);
  return ntohs(address.sin_port);
}

void Address::set_port(std::uint16_t port) {
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof address);
  address.sin_port = htons(port);
  std::memcpy(&storage, &address, sizeof address);
}

std::string Address::text() const {
  return (storage.ss_family == AF_INET6 ? "[" + host() + "]" : host()) + ":" + std::to_string(port());
}

bool Address::is_loopback() const {
  const std::string name = host();
  return name == "::1" || (storage.ss_family == AF_INET && name.starts_with("127."));
}

bool Address::operator==(const Address& other) const {
  return size == other.size && std::memcmp(&storage, &other.storage, size) == 0;
}

base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    return base::Error{base::Errc::io, "address of " + base::printable(host) + ": " + gai_strerror(failure)};
  }
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if ((entry->ai_family == AF_INET || entry->ai_family == AF_INET6) &&
        entry->ai_addrlen <= sizeof(sockaddr_storage)) {
      Address address;
      std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
      address.size = entry->ai_addrlen;
      addresses.push_back(address);
    }
  }
  freeaddrinfo(found);
  if (addresses.empty()) {
    return base::Error{base::Errc::io, "address of " + base::printable(host) + ": none for TCP"};
  }
  return addresses;
}

namespace {

asio::ip::tcp::endpoint endpoint_of(const Address& address) {
  asio::ip::tcp::endpoint endpoint;
  endpoint.resize(address.size);
  std::memcpy(endpoint.data(), &address.storage, address.size);
  return endpoint;
}

Address address_of(const asio::ip::tcp::endpoint& endpoint) {
  Address address;
  address.size = static_cast<socklen_t>(endpoint.size());
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  return address;
}

Outcome outcome_of(const error_code& error, std::size_t bytes) {
  Outcome outcome;
  outcome.bytes = bytes;
  if (error) {
    outcome.kind = error == asio::error::eof ? Outcome::Kind::ended : Outcome::Kind::failed;
    outcome.reason = error.message();
  }
  return outcome;
}

std::string last_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "cannot be read" : reason;
}

base::Error tls_error(const std::string& file, const std::string& what) {
  return base::Error{base::Errc::malformed, what + ": " + last_openssl_error(), 0, base::printable(file)};
}

// h2 where the client offers it, else http/1.1; without either the connection goes on without ALPN.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void* /*context*/) {
  static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

// ---- TLS ----

struct TlsContext::Parts {
  asio::ssl::context context{asio::ssl::context::tls};
  std::int64_t expires = 0;
};

TlsContext::TlsContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsContext::~TlsContext() = default;
std::int64_t TlsContext::expires() const {
  return parts_->expires;
}

namespace {

base::Result<std::int64_t> use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return tls_error(certificate, "certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return tls_error(key, "private key");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return tls_error(key, "private key of another certificate");
  }
  std::tm end{};
  const X509* leaf = SSL_CTX_get0_certificate(context);
  if (leaf == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &end) != 1) {
    return tls_error(certificate, "certificate's end");
  }
  return static_cast<std::int64_t>(timegm(&end));
}

void set_common(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> TlsContext::server(const Server& settings) {
  auto parts = std::make_unique<Parts>();
  SSL_CTX* context = parts->context.native_handle();
  set_common(context);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  parts->expires = TRY(use_certificate(context, settings.certificate_file, settings.key_file));
  if (!settings.client_ca_file.empty()) {
    if (SSL_CTX_load_verify_file(context, settings.client_ca_file.c_str()) != 1) {
      return tls_error(settings.client_ca_file, "certificates of client authorities");
    }
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(settings.client_ca_file.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (settings.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
    static constexpr unsigned char kSessions[] = "surety gateway";
    SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(parts)));
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::client(const Client& settings) {
  auto parts = std::make_unique<Parts>();
  SSL_CTX* context = parts->context.native_handle();
  set_common(context);
  ERR_clear_error();
  if (settings.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, settings.ca_file.c_str()) != 1) {
    return tls_error(settings.ca_file, "certificates of authorities");
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  static constexpr unsigned char kProtocols[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context, kProtocols, sizeof kProtocols - 1);
  if (!settings.certificate_file.empty()) {
    parts->expires = TRY(use_certificate(context, settings.certificate_file, settings.key_file));
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(parts)));
}

// ---- loop ----

struct Loop::Parts {
  std::optional<asio::io_context> context{std::in_place, 1};
  std::optional<asio::executor_work_guard<Executor>> guard{std::in_place, context->get_executor()};

  [[nodiscard]] asio::io_context& io() { return *context; }
};

namespace {

struct Repeat : std::enable_shared_from_this<Repeat> {
  Repeat(asio::io_context& io, std::chrono::milliseconds every, std::function<void()> what)
      : timer(io), period(every), work(std::move(what)) {}
  void arm() {
    timer.expires_after(period);
    timer.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) {
        self->work();
        self->arm();
      }
    });
  }
  Timer timer;
  std::chrono::milliseconds period;
  std::function<void()> work;
};

struct Signals : std::enable_shared_from_this<Signals> {
  Signals(asio::io_context& io, std::function<void(int)> what) : set(io), work(std::move(what)) {}
  void arm() {
    set.async_wait([self = shared_from_this()](const error_code& error, int number) {
      if (!error) {
        self->work(number);
        self->arm();
      }
    });
  }
  asio::signal_set set;
  std::function<void(int)> work;
};

struct Watch : std::enable_shared_from_this<Watch> {
  Watch(asio::io_context& io, int number, std::function<void()> what) : descriptor(io, number), work(std::move(what)) {}
  ~Watch() { descriptor.release(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  void arm() {
    descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                          [self = shared_from_this()](const error_code& error) {
                            if (!error) {
                              self->work();
                              self->arm();
                            }
                          });
  }
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  std::function<void()> work;
};

}  // namespace

Loop::Loop() : parts_(std::make_unique<Parts>()) {}
Loop::~Loop() = default;
void Loop::run() {
  parts_->io().run();
}
void Loop::stop() {
  parts_->io().stop();
}
void Loop::post(std::function<void()> work) {
  asio::post(parts_->io(), std::move(work));
}
void Loop::every(std::chrono::milliseconds period, std::function<void()> work) {
  std::make_shared<Repeat>(parts_->io(), period, std::move(work))->arm();
}
void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> work) {
  auto set = std::make_shared<Signals>(parts_->io(), std::move(work));
  for (const int number : signals) {
    set->set.add(number);
  }
  set->arm();
}
void Loop::on_readable(int descriptor, std::function<void()> work) {
  std::make_shared<Watch>(parts_->io(), descriptor, std::move(work))->arm();
}
void Loop::clear() {
  parts_->guard.reset();
  parts_->context.reset();
}

// ---- sockets ----

struct Socket::Parts {
  explicit Parts(TcpSocket given) : plain(std::move(given)) {}

  TcpSocket plain;
  std::shared_ptr<const TlsContext> context;
  std::optional<asio::ssl::stream<TcpSocket&>> tls;
  SocketUser* user = nullptr;
  std::string_view writing;
  std::size_t written = 0;

  void tune() {
    error_code ignored;
    plain.set_option(asio::ip::tcp::no_delay(true), ignored);
    plain.non_blocking(true, ignored);
  }

  template <class Stream>
  void read_from(Stream& stream, char* buffer, std::size_t size) {
    stream.async_read_some(asio::mutable_buffer(buffer, size),
                           [this, owner = user->shared_from_this()](const error_code& error, std::size_t bytes) {
                             if (plain.is_open()) {
                               owner->on_read(outcome_of(error, bytes));
                             }
                           });
  }

  template <class Stream>
  void write_to(Stream& stream) {
    stream.async_write_some(
        asio::const_buffer(writing.data() + written, writing.size() - written),
        [this, &stream, owner = user->shared_from_this()](const error_code& error, std::size_t bytes) {
          if (!plain.is_open()) {
            return;
          }
          written += bytes;
          if (!error && written < writing.size()) {
            write_to(stream);
            return;
          }
          owner->on_written(outcome_of(error, written));
        });
  }

  void handshake(asio::ssl::stream_base::handshake_type side) {
    tls->async_handshake(side, [this, owner = user->shared_from_this()](const error_code& error) {
      if (!plain.is_open()) {
        return;
      }
      Outcome outcome = outcome_of(error, 0);
      if (error) {
        outcome.kind = Outcome::Kind::failed;
        const long verified = SSL_get_verify_result(tls->native_handle());
        if (verified != X509_V_OK) {
          outcome.reason += std::string(": ") + X509_verify_cert_error_string(verified);
        }
      }
      owner->on_ready(outcome);
    });
  }
};

Socket::Socket(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Socket::~Socket() = default;

std::unique_ptr<Socket> Socket::open(Loop& loop) {
  return std::make_unique<Socket>(std::make_unique<Parts>(TcpSocket(loop.parts().io())));
}

void Socket::set_user(SocketUser* user) {
  parts_->user = user;
}

void Socket::connect(const Address& address) {
  const auto endpoint = endpoint_of(address);
  error_code error;
  parts_->plain.open(endpoint.protocol(), error);
  if (error) {
    // No descriptor left, say: told later, like every failure.
    asio::post(parts_->plain.get_executor(), [owner = parts_->user->shared_from_this(), error] {
      owner->on_ready({Outcome::Kind::failed, 0, error.message()});
    });
    return;
  }
  parts_->tune();
  parts_->plain.async_connect(
      endpoint, [parts = parts_.get(), owner = parts_->user->shared_from_this()](const error_code& failure) {
        if (parts->plain.is_open()) {
          Outcome outcome = outcome_of(failure, 0);
          owner->on_ready(outcome);
        }
      });
}

void Socket::accept_tls(std::shared_ptr<const TlsContext> context) {
  parts_->context = std::move(context);
  parts_->tls.emplace(parts_->plain, parts_->context->parts_->context);
  parts_->handshake(asio::ssl::stream_base::server);
}

void Socket::connect_tls(std::shared_ptr<const TlsContext> context, const std::string& server_name) {
  parts_->context = std::move(context);
  parts_->tls.emplace(parts_->plain, parts_->context->parts_->context);
  SSL* ssl = parts_->tls->native_handle();
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, server_name.c_str()) != 1) {
    ERR_clear_error();
    std::string name = server_name;
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(rules, server_name.c_str(), server_name.size());
  }
  parts_->handshake(asio::ssl::stream_base::client);
}

void Socket::read(char* buffer, std::size_t size) {
  if (parts_->tls) {
    parts_->read_from(*parts_->tls, buffer, size);
  } else {
    parts_->read_from(parts_->plain, buffer, size);
  }
}

void Socket::write(std::string_view data) {
  parts_->writing = data;
  parts_->written = 0;
  if (parts_->tls) {
    parts_->write_to(*parts_->tls);
  } else {
    parts_->write_to(parts_->plain);
  }
}

void Socket::end_writing() {
  if (parts_->tls) {
    parts_->tls->async_shutdown([parts = parts_.get(), owner = parts_->user->shared_from_this()](const error_code&) {
      error_code ignored;
      if (parts->plain.is_open()) {
        parts->plain.shutdown(asio::socket_base::shutdown_send, ignored);
      }
    });
    return;
  }
  error_code ignored;
  parts_->plain.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Socket::close() {
  error_code ignored;
  parts_->plain.close(ignored);
}

bool Socket::is_open() const {
  return parts_->plain.is_open();
}

bool Socket::is_tls() const {
  return parts_->tls.has_value();
}

std::string_view Socket::protocol() const {
  if (!parts_->tls) {
    return {};
  }
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(parts_->tls->native_handle(), &name, &size);
  return size == 2 && std::memcmp(name, "h2", 2) == 0 ? std::string_view("h2") : std::string_view();
}

std::string Socket::peer_certificate_sha256() const {
  if (!parts_->tls) {
    return {};
  }
  const X509* certificate = SSL_get0_peer_certificate(parts_->tls->native_handle());
  if (certificate == nullptr) {
    return {};
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1) {
    return {};
  }
  return base::to_hex({reinterpret_cast<const std::byte*>(digest), size});
}

std::string Socket::peer_certificate_name() const {
  const X509* certificate = parts_->tls ? SSL_get0_peer_certificate(parts_->tls->native_handle()) : nullptr;
  if (certificate == nullptr) {
    return {};
  }
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (out == nullptr || X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  std::string name(BIO_ctrl_pending(out.get()), '\0');
  BIO_read(out.get(), name.data(), static_cast<int>(name.size()));
  return name;
}

// ---- listeners ----

struct Listener::Parts : std::enable_shared_from_this<Listener::Parts> {
  Parts(asio::io_context& io, Accepted what) : acceptor(io), accepted(std::move(what)) {}

  void arm() {
    if (armed || !wanted || !acceptor.is_open()) {
      return;
    }
    armed = true;
    acceptor.async_accept([self = shared_from_this()](const error_code& error, TcpSocket socket) {
      self->armed = false;
      if (!self->acceptor.is_open()) {
        return;
      }
      if (error) {
        // Out of descriptors: resume() is called again by the sweep, when some may be free.
        self->wanted = self->wanted && error != asio::error::no_descriptors;
        self->arm();
        return;
      }
      error_code failure;
      const auto peer = socket.remote_endpoint(failure);
      if (!failure) {
        auto parts = std::make_unique<Socket::Parts>(std::move(socket));
        parts->tune();
        self->accepted(std::make_unique<Socket>(std::move(parts)), address_of(peer));
      }
      self->arm();
    });
  }

  Acceptor acceptor;
  Accepted accepted;
  Address address;
  bool wanted = false;
  bool armed = false;
};

Listener::Listener(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}

Listener::~Listener() {
  error_code ignored;
  parts_->acceptor.close(ignored);
}

base::Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address, Accepted accepted,
                                                       bool shared) {
  auto parts = std::make_shared<Parts>(loop.parts().io(), std::move(accepted));
  const auto endpoint = endpoint_of(address);
  error_code error;
  parts->acceptor.open(endpoint.protocol(), error);
  if (!error) {
    parts->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  }
  if (!error && shared) {
    parts->acceptor.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true), error);
  }
  if (!error) {
    parts->acceptor.bind(endpoint, error);
  }
  if (!error) {
    parts->acceptor.listen(4096, error);
  }
  if (!error) {
    parts->address = address_of(parts->acceptor.local_endpoint(error));
  }
  if (error) {
    return base::Error{base::Errc::io, "listening on " + address.text() + ": " + error.message()};
  }
  return std::unique_ptr<Listener>(new Listener(std::move(parts)));
}

void Listener::resume() {
  parts_->wanted = true;
  parts_->arm();
}

void Listener::pause() {
  parts_->wanted = false;
}

const Address& Listener::address() const {
  return parts_->address;
}

}  // namespace gateway
