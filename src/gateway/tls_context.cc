#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "base/text.h"
#include "gateway/socket_parts.h"

namespace gateway {
namespace {

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

TlsContext::TlsContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsContext::~TlsContext() = default;
std::int64_t TlsContext::expires() const {
  return parts_->expires;
}

base::Result<std::shared_ptr<const TlsContext>> TlsContext::server(const Server& settings) {
  auto parts = std::make_unique<Parts>();
  SSL_CTX* const context = parts->context.get();
  if (context == nullptr) {
    return tls_error(settings.certificate_file, "context");
  }
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
  SSL_CTX* const context = parts->context.get();
  if (context == nullptr) {
    return tls_error(settings.certificate_file, "context");
  }
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

}  // namespace gateway
