#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "gateway/loop_parts.h"
#include "gateway/socket_parts.h"

namespace gateway {
namespace {

// Edges: each is told once, so nothing has to be asked for again between two of them.
constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr int kMostAccepted = 64;  // connections in one round

Outcome failure(int error) {
  return {Outcome::Kind::failed, 0, std::generic_category().message(error)};
}

void set_no_delay(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

// A socket's user is kept alive while it waits for something, by the pointer that says what it waits for.
struct Socket::Parts final : Watched {
  enum class Opening : std::uint8_t { none, connecting, handshake };
  using User = std::shared_ptr<SocketUser>;

  Parts(Loop::Parts& in, base::Descriptor given) : loop(in), descriptor(std::move(given)) {}

  Loop::Parts& loop;
  base::Descriptor descriptor;
  std::shared_ptr<const TlsContext> context;
  std::optional<TlsStream> tls;
  SocketUser* user = nullptr;

  Opening opening = Opening::none;
  User opener;
  std::optional<Outcome> opened;  ///< To be told.

  bool readable = false;  ///< Something may be there to read: an edge came, and it was not read to the end since.
  bool ended = false;     ///< The other side said that nothing follows what is there.
  User reader;
  char* into = nullptr;
  std::size_t room = 0;
  std::optional<Outcome> read_over;  ///< To be told.

  bool writable = true;
  User writer;
  std::string_view writing;
  std::size_t written = 0;
  bool is_tried = true;               ///< What is to be written: did the system take any of it, or refuse?
  std::optional<Outcome> write_over;  ///< To be told.

  [[nodiscard]] bool is_open() const { return descriptor.is_open(); }

  bool register_at_loop() { return loop.watch(descriptor.get(), kEvents, *this); }

  void close() {
    if (!is_open()) {
      return;
    }
    if (!std::exchange(is_tried, true)) {
      write_some();  // what is written last may leave with the end
    }
    loop.unwatch(descriptor.get(), *this);
    descriptor = base::Descriptor();
    let_go();
  }

  void let_go() override {
    for (User* each : {&opener, &reader, &writer}) {
      loop.release(std::move(*each));
      each->reset();
    }
  }

  void on_events(std::uint32_t events) override {
    ended = ended || (events & kEnds) != 0;
    readable = readable || (events & (EPOLLIN | kEnds)) != 0;
    writable = writable || (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
    if (tls) {  // either may have waited for the other: a key update is answered while reading
      readable = true;
      writable = true;
    } else if (reader != nullptr && readable) {
      read_over = receive();
    }
  }

  void go_on() override {
    if (is_open() && opener != nullptr) {
      open();
    }
    if (is_open() && writer != nullptr && is_tried) {
      write_some();
      if (write_over) {
        const Outcome outcome = std::move(*write_over);
        write_over.reset();
        const User told = std::move(writer);
        told->on_written(outcome);
      }
    }
    if (is_open() && reader != nullptr && (read_over || readable)) {
      read_some();
    }
  }

  void write_now() override {
    is_tried = true;
    go_on();
  }

  void open() {
    if (!opened && opening == Opening::connecting && writable) {
      int error = 0;
      socklen_t size = sizeof error;
      if (::getsockopt(descriptor.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
      }
      opened = error == 0 ? Outcome{} : failure(error);
    }
    if (!opened && opening == Opening::handshake) {
      const TlsStream::Step step = tls->handshake();
      if (step.state == TlsStream::State::waits) {
        return;
      }
      opened = step.state == TlsStream::State::done ? Outcome{} : Outcome{Outcome::Kind::failed, 0, step.reason};
      readable = true;  // TLS may hold what came with the handshake
    }
    if (opened) {
      opening = Opening::none;
      const Outcome outcome = std::move(*opened);
      opened.reset();
      const User told = std::move(opener);
      told->on_ready(outcome);
    }
  }

  void read_some() {
    std::optional<Outcome> outcome = std::exchange(read_over, std::nullopt);
    if (!outcome) {
      outcome = tls ? decrypt() : receive();
    }
    if (outcome) {
      const User told = std::move(reader);
      told->on_read(*outcome);
    }
  }

  std::optional<Outcome> decrypt() {
    const TlsStream::Step step = tls->read(into, room);
    if (step.state == TlsStream::State::waits) {
      readable = false;
      return std::nullopt;
    }
    return Outcome{step.state == TlsStream::State::done    ? Outcome::Kind::fine
                   : step.state == TlsStream::State::ended ? Outcome::Kind::ended
                                                           : Outcome::Kind::failed,
                   step.bytes, step.reason};
  }

  /// None where nothing is there.
  std::optional<Outcome> receive() {
    const ssize_t count = ::recv(descriptor.get(), into, room, 0);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      // Less than there was room for is all there is: the next edge tells of more (epoll(7), question 9).
      readable = bytes == room || ended;
      return Outcome{Outcome::Kind::fine, bytes, {}};
    }
    if (count == 0) {
      return Outcome{Outcome::Kind::ended, 0, "the connection was closed"};
    }
    if (errno != EAGAIN && errno != EINTR) {
      return failure(errno);
    }
    readable = errno == EINTR;
    if (readable) {
      loop.soon(*this);
    }
    return std::nullopt;
  }

  void write_some() {
    while (writable && !write_over) {
      const std::string_view left = writing.substr(written);
      if (left.empty()) {
        write_over = Outcome{Outcome::Kind::fine, written, {}};
      } else if (tls) {
        const TlsStream::Step step = tls->write(left);
        written += step.bytes;
        if (step.state == TlsStream::State::waits) {
          writable = false;
        } else if (step.state != TlsStream::State::done) {
          write_over = Outcome{Outcome::Kind::failed, written, step.reason};
        }
      } else {
        const ssize_t count = ::send(descriptor.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (count >= 0) {
          written += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
          writable = false;
        } else if (errno != EINTR) {
          write_over = failure(errno);
        }
      }
    }
  }

  void begin_handshake(std::shared_ptr<const TlsContext> with, TlsStream::Side side, const std::string& name) {
    context = std::move(with);
    tls.emplace(context->parts_->context.get(), descriptor.get(), side, name);
    opening = Opening::handshake;
    opener = user->shared_from_this();
    loop.soon(*this);
  }
};

Socket::Socket(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Socket::~Socket() {
  Loop::Parts& loop = parts_->loop;
  parts_->close();
  loop.bury(std::move(parts_));
}

std::unique_ptr<Socket> Socket::open(Loop& loop) {
  return std::make_unique<Socket>(std::make_unique<Parts>(loop.parts(), base::Descriptor()));
}

void Socket::set_user(SocketUser* user) {
  parts_->user = user;
}

void Socket::connect(const Address& address) {
  Parts& parts = *parts_;
  parts.opening = Parts::Opening::connecting;
  parts.opener = parts.user->shared_from_this();
  parts.writable = false;
  const auto* const to = reinterpret_cast<const sockaddr*>(&address.storage);
  parts.descriptor =
      base::Descriptor(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  bool is_fine = parts.is_open();
  if (is_fine) {
    set_no_delay(parts.descriptor.get());
    is_fine = ::connect(parts.descriptor.get(), to, address.size) == 0 || errno == EINPROGRESS;
  }
  if (!is_fine || !parts.register_at_loop()) {
    // No descriptor left, say: told later, like every failure.
    parts.loop.post([opener = std::move(parts.opener), outcome = failure(errno)] { opener->on_ready(outcome); });
    parts.opener.reset();
    parts.descriptor = base::Descriptor();
  }
}

void Socket::accept_tls(std::shared_ptr<const TlsContext> context) {
  parts_->begin_handshake(std::move(context), TlsStream::Side::server, {});
}

void Socket::connect_tls(std::shared_ptr<const TlsContext> context, const std::string& server_name) {
  parts_->begin_handshake(std::move(context), TlsStream::Side::client, server_name);
}

void Socket::read(char* buffer, std::size_t size) {
  Parts& parts = *parts_;
  parts.reader = parts.user->shared_from_this();
  parts.into = buffer;
  parts.room = size;
  if (parts.readable) {
    parts.loop.soon(parts);
  }
}

void Socket::write(std::string_view data) {
  Parts& parts = *parts_;
  parts.writer = parts.user->shared_from_this();
  parts.writing = data;
  parts.written = 0;
  parts.is_tried = false;
  parts.loop.write_later(parts);
}

void Socket::end_writing() {
  if (parts_->tls) {
    parts_->tls->close_notify();
  }
  ::shutdown(parts_->descriptor.get(), SHUT_WR);
}

void Socket::close() {
  parts_->close();
}

bool Socket::is_open() const {
  return parts_->is_open();
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
  SSL_get0_alpn_selected(parts_->tls->ssl(), &name, &size);
  return size == 2 && std::memcmp(name, "h2", 2) == 0 ? std::string_view("h2") : std::string_view();
}

std::string Socket::peer_certificate_sha256() const {
  const X509* certificate = parts_->tls ? SSL_get0_peer_certificate(parts_->tls->ssl()) : nullptr;
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
  const X509* certificate = parts_->tls ? SSL_get0_peer_certificate(parts_->tls->ssl()) : nullptr;
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

struct Listener::Parts final : Watched {
  Parts(Loop::Parts& in, Accepted what) : loop(in), accepted(std::move(what)) {}

  Loop::Parts& loop;
  base::Descriptor descriptor;
  Accepted accepted;
  Address address;
  bool wanted = false;

  void want(bool wants) {
    if (wanted != wants && descriptor.is_open()) {
      wanted = wants;
      loop.change(descriptor.get(), wants ? EPOLLIN : 0U, *this);
    }
  }

  void on_events(std::uint32_t /*events*/) override {
    for (int i = 0; i < kMostAccepted && wanted && descriptor.is_open(); ++i) {
      Address peer;
      peer.size = sizeof peer.storage;
      base::Descriptor socket(::accept4(descriptor.get(), reinterpret_cast<sockaddr*>(&peer.storage), &peer.size,
                                        SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!socket.is_open()) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
          want(false);  // resume() is called again by the sweep, when some may be free
        }
        return;
      }
      set_no_delay(socket.get());
      auto parts = std::make_unique<Socket::Parts>(loop, std::move(socket));
      if (parts->register_at_loop()) {
        accepted(std::make_unique<Socket>(std::move(parts)), peer);
      }
    }
  }
};

Listener::Listener(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Listener::~Listener() {
  Loop::Parts& loop = parts_->loop;
  if (parts_->descriptor.is_open()) {
    loop.unwatch(parts_->descriptor.get(), *parts_);
    parts_->descriptor = base::Descriptor();
  }
  loop.bury(std::move(parts_));
}

base::Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address, Accepted accepted,
                                                       bool shared) {
  auto parts = std::make_unique<Parts>(loop.parts(), std::move(accepted));
  parts->descriptor =
      base::Descriptor(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int socket = parts->descriptor.get();
  const int on = 1;
  parts->address.size = sizeof parts->address.storage;
  const bool is_open =
      parts->descriptor.is_open() && ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      (!shared || ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 &&
      ::listen(socket, 4096) == 0 &&
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&parts->address.storage), &parts->address.size) == 0 &&
      loop.parts().watch(socket, 0, *parts);
  if (!is_open) {
    return base::Error{base::Errc::io,
                       "listening on " + address.text() + ": " + std::generic_category().message(errno)};
  }
  return std::unique_ptr<Listener>(new Listener(std::move(parts)));
}

void Listener::resume() {
  parts_->want(true);
}

void Listener::pause() {
  parts_->want(false);
}

const Address& Listener::address() const {
  return parts_->address;
}

}  // namespace gateway
