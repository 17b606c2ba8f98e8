#include "gateway/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <csignal>

namespace gateway {

using base::Result;

namespace {

struct FreeOpenssl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

// A certificate that no authority signed, into the context. False where it cannot be made.
bool use_self_signed(SSL_CTX& context) {
  constexpr long kDay = 86'400;
  const std::unique_ptr<EVP_PKEY, FreeOpenssl> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, FreeOpenssl> certificate(X509_new());
  if (key == nullptr || certificate == nullptr) {
    return false;
  }
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const std::string common = "surety-self-test";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common.data()),
                             static_cast<int>(common.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  return X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0 &&
         SSL_CTX_use_certificate(&context, certificate.get()) == 1 && SSL_CTX_use_PrivateKey(&context, key.get()) == 1;
}

bool use_files(SSL_CTX& context, const Probe::CertificateFiles& files) {
  return SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) == 1 &&
         SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
         SSL_CTX_check_private_key(&context) == 1;
}

}  // namespace

Result<Probe> Probe::connect(std::uint16_t port) {
  base::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval wait{kWaitSeconds, 0};
  if (!socket.is_open() || ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return base::system_error("connect to port", std::to_string(port));
  }
  return Probe(std::move(socket));
}

bool Probe::start_tls(std::string_view protocol, Certificate certificate, const CertificateFiles& files) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (context_ == nullptr || (certificate == Certificate::self_signed && !use_self_signed(*context_)) ||
      (certificate == Certificate::given && !use_files(*context_, files))) {
    return false;
  }
  ssl_.reset(SSL_new(context_.get()));
  std::string offered(1, static_cast<char>(protocol.size()));
  offered += protocol;
  if (ssl_ == nullptr ||
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                          static_cast<unsigned>(offered.size())) != 0 ||
      SSL_set_fd(ssl_.get(), socket_.get()) != 1 || SSL_connect(ssl_.get()) != 1) {
    return false;
  }
  const unsigned char* taken = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &taken, &size);
  return std::string_view(reinterpret_cast<const char*>(taken), size) == protocol;
}

void Probe::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ssl_ != nullptr ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                      : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Probe::receive(std::size_t enough) {
  std::string out;
  char buffer[4096];
  while (out.size() < enough) {
    const auto came =
        ssl_ != nullptr ? SSL_read(ssl_.get(), buffer, sizeof buffer) : ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (came <= 0) {
      break;
    }
    out.append(buffer, static_cast<std::size_t>(came));
  }
  return out;
}

}  // namespace gateway
