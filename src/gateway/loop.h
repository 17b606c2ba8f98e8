#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/result.h"

/// The edge to epoll and OpenSSL: an event loop, sockets with and without TLS, and listeners, behind plain types.
namespace gateway {

/// A numeric network address with its port.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] std::string host() const;  ///< "127.0.0.1", "::1".
  [[nodiscard]] std::uint16_t port() const;
  void set_port(std::uint16_t port);
  [[nodiscard]] std::string text() const;  ///< "127.0.0.1:8080", "[::1]:8080".
  [[nodiscard]] bool is_loopback() const;
  bool operator==(const Address& other) const;
};

/// All addresses of a host: at once for a numeric one, else by asking the system's resolver, which may take seconds.
/// Fails with io.
base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port);

/// The certificates and rules of one side of TLS. Immutable once made; shared by all workers.
class TlsContext {
 public:
  struct Server {
    std::string certificate_file;  ///< PEM, the chain.
    std::string key_file;          ///< PEM.
    std::string client_ca_file;    ///< Empty: clients are not asked for a certificate.
    bool client_required = false;
  };
  struct Client {
    std::string ca_file;  ///< Empty: the system's roots.
    std::string certificate_file;
    std::string key_file;
  };
  /// TLS 1.2 and up, offering h2 and http/1.1. Fails with malformed or io, naming the file.
  static base::Result<std::shared_ptr<const TlsContext>> server(const Server& settings);
  /// Verifies the server's chain and name.
  static base::Result<std::shared_ptr<const TlsContext>> client(const Client& settings);
  ~TlsContext();

  /// Seconds since the epoch when the certificate ends; 0 where there is none.
  [[nodiscard]] std::int64_t expires() const;

 private:
  friend class Socket;
  struct Parts;
  explicit TlsContext(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// What became of a read, a write, a connection attempt or a handshake.
struct Outcome {
  enum class Kind : std::uint8_t {
    fine,
    ended,   ///< The other side ended the stream properly.
    failed,  ///< Anything else; `reason` says what.
  };
  Kind kind = Kind::fine;
  std::size_t bytes = 0;
  std::string reason;

  [[nodiscard]] bool fine() const { return kind == Kind::fine; }
};

/// Who owns a socket and hears of it. Kept alive while an operation is under way.
class SocketUser : public std::enable_shared_from_this<SocketUser> {
 public:
  virtual ~SocketUser() = default;
  virtual void on_ready(const Outcome& outcome) = 0;    ///< After connect() or handshake().
  virtual void on_read(const Outcome& outcome) = 0;     ///< After read().
  virtual void on_written(const Outcome& outcome) = 0;  ///< After write(), which writes all.
};

class Loop;

/// A stream socket. At most one read and one write at a time. Used on its loop's thread only.
class Socket {
 public:
  struct Parts;
  explicit Socket(std::unique_ptr<Parts> parts);
  ~Socket();
  /// One that is not connected yet.
  static std::unique_ptr<Socket> open(Loop& loop);

  void set_user(SocketUser* user);
  void connect(const Address& address);
  /// Starts TLS, as the server or (with the name that its certificate must have) as the client.
  void accept_tls(std::shared_ptr<const TlsContext> context);
  void connect_tls(std::shared_ptr<const TlsContext> context, const std::string& server_name);

  void read(char* buffer, std::size_t size);
  void write(std::string_view data);  ///< `data` must stay until on_written().
  void end_writing();                 ///< Half-closes; sends TLS's close_notify first.
  void close();                       ///< Outstanding operations are dropped without a word to the user.
  [[nodiscard]] bool is_open() const;

  [[nodiscard]] bool is_tls() const;
  [[nodiscard]] std::string_view protocol() const;            ///< "h2" where that was agreed on, else empty.
  [[nodiscard]] std::string peer_certificate_sha256() const;  ///< Hexadecimal; empty without one.
  [[nodiscard]] std::string peer_certificate_name() const;    ///< Its subject, by RFC 2253; empty without one.

 private:
  std::unique_ptr<Parts> parts_;
};

/// An event loop of one thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();                             ///< Until stop().
  void stop();                            ///< From any thread.
  void post(std::function<void()> work);  ///< From any thread.
  /// Does `work` once, when nothing is ready any more, or a millisecond later at the latest. On the loop's thread; the
  /// last one asked for counts.
  void when_idle(std::function<void()> work);
  void every(std::chrono::milliseconds period, std::function<void()> work);
  void on_signals(std::initializer_list<int> signals, const std::function<void(int)>& work);
  void on_readable(int descriptor, std::function<void()> work);  ///< Each time; the descriptor stays the caller's.
  /// Frees what still waits in it. Nothing runs afterwards.
  void clear();

  struct Parts;
  [[nodiscard]] Parts& parts() { return *parts_; }

 private:
  std::unique_ptr<Parts> parts_;
};

/// Accepts connections on one address, which other loops may share.
class Listener {
 public:
  using Accepted = std::function<void(std::unique_ptr<Socket>, const Address& peer)>;
  /// Fails with io where the address cannot be had. Port 0 takes a free one. `shared`: other loops may listen there
  /// too.
  static base::Result<std::unique_ptr<Listener>> open(Loop& loop, const Address& address, Accepted accepted,
                                                      bool shared = true);
  ~Listener();

  void resume();  ///< Accepts from now on; does nothing where it does already.
  void pause();   ///< New connections wait in the system's queue.
  [[nodiscard]] const Address& address() const;

 private:
  struct Parts;
  explicit Listener(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace gateway
