#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "gateway/loop.h"

namespace gateway {

struct TlsContext::Parts {
  struct Free {
    void operator()(SSL_CTX* one) const { SSL_CTX_free(one); }
  };
  std::unique_ptr<SSL_CTX, Free> context{SSL_CTX_new(TLS_method())};
  std::int64_t expires = 0;
};

/// TLS over a socket that does not block. Outcomes other than bytes are told apart as a socket's are.
class TlsStream {
 public:
  enum class Side : std::uint8_t { client, server };
  enum class State : std::uint8_t {
    done,   ///< `bytes` of it.
    waits,  ///< Until the socket can be read or written.
    ended,  ///< By the other side, properly.
    failed,
  };
  struct Step {
    State state = State::failed;
    std::size_t bytes = 0;
    std::string reason;
  };

  /// `descriptor` stays the caller's. `server_name`: that the server's certificate must have; for clients only.
  TlsStream(SSL_CTX* context, int descriptor, Side side, const std::string& server_name);

  [[nodiscard]] Step handshake();
  [[nodiscard]] Step read(char* buffer, std::size_t size);
  [[nodiscard]] Step write(std::string_view data);
  void close_notify();
  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }

 private:
  [[nodiscard]] Step step_of(int result, std::size_t bytes) const;

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace gateway
