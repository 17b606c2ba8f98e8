#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace gateway {

/// A connection to a listener on the loopback, as a client has it that tries what the listener does. Blocks, at most
/// kWaitSeconds for each read. One thread.
class Probe {
 public:
  static constexpr int kWaitSeconds = 5;
  enum class Certificate : std::uint8_t { none, self_signed, given };
  /// The files of one that is given (PEM).
  struct CertificateFiles {
    std::string certificate;
    std::string key;
  };

  /// Connects. Fails with io.
  static base::Result<Probe> connect(std::uint16_t port);
  /// Shakes hands, offering `protocol` ("http/1.1", "h2"), without looking at the server's certificate. False where the
  /// server does not, or takes another protocol.
  bool start_tls(std::string_view protocol, Certificate certificate, const CertificateFiles& files = {});
  /// Sends all; what the other side does not take any more is no error.
  void send(std::string_view bytes);
  /// What comes until `enough` bytes are there, the other side closes, or nothing comes for kWaitSeconds.
  [[nodiscard]] std::string receive(std::size_t enough);

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  explicit Probe(base::Descriptor socket) : socket_(std::move(socket)) {}
  base::Descriptor socket_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace gateway
