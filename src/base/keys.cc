#include "base/keys.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace base {
namespace {

constexpr std::uint64_t kMaxKeyFileBytes = 1 << 20;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 16384;  // above, one verification takes seconds
constexpr std::size_t kEd25519Bytes = 32;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

const unsigned char* octets(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

EVP_PKEY* as_key(const std::shared_ptr<void>& key) {
  return static_cast<EVP_PKEY*>(key.get());
}

std::shared_ptr<void> owned(EVP_PKEY* key) {
  return {static_cast<void*>(key), [](void* pointer) { EVP_PKEY_free(static_cast<EVP_PKEY*>(pointer)); }};
}

// What OpenSSL put on its queue, as one clause; the queue is empty afterwards.
std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "not readable" : reason;
}

Bio reading(std::string_view text) {
  if (text.size() > kMaxKeyFileBytes) {
    return nullptr;
  }
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string content_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size <= 0 ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

Result<KeyKind> kind_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    return KeyKind::ed25519;
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1) {
      const std::string_view name(group.data(), size);
      if (name == "prime256v1" || name == "P-256") {
        return KeyKind::ecdsa_p256;
      }
      if (name == "secp384r1" || name == "P-384") {
        return KeyKind::ecdsa_p384;
      }
      if (name == "secp521r1" || name == "P-521") {
        return KeyKind::ecdsa_p521;
      }
      return Error{Errc::unsupported, "key: curve " + printable(name) + " is not P-256, P-384 or P-521"};
    }
    return Error{Errc::unsupported, "key: a curve without a name"};
  }
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < kMinRsaBits || bits > kMaxRsaBits) {
      return Error{Errc::unsupported, "key: RSA of " + std::to_string(bits) + " bits, not 2048 to 16384"};
    }
    return KeyKind::rsa;
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  return Error{Errc::unsupported,
               "key: " + std::string(name == nullptr ? "unknown kind" : name) + " is not Ed25519, ECDSA or RSA"};
}

const EVP_MD* digest_for(KeyKind kind, SignatureHash hash) {
  switch (hash) {
    case SignatureHash::sha256:
      return EVP_sha256();
    case SignatureHash::sha384:
      return EVP_sha384();
    case SignatureHash::sha512:
      return EVP_sha512();
    case SignatureHash::of_key:
      break;
  }
  return kind == KeyKind::ecdsa_p384 ? EVP_sha384() : kind == KeyKind::ecdsa_p521 ? EVP_sha512() : EVP_sha256();
}

struct Passphrase {
  std::string_view text;
  bool asked = false;
};

int give_passphrase(char* buffer, int size, int /*writing*/, void* data) {
  auto& passphrase = *static_cast<Passphrase*>(data);
  passphrase.asked = true;
  if (passphrase.text.empty() || std::cmp_greater(passphrase.text.size(), size)) {
    return -1;
  }
  std::memcpy(buffer, passphrase.text.data(), passphrase.text.size());
  return static_cast<int>(passphrase.text.size());
}

}  // namespace

std::string_view to_string(KeyKind kind) {
  switch (kind) {
    case KeyKind::ed25519:
      return "ed25519";
    case KeyKind::ecdsa_p256:
      return "ecdsa-p256";
    case KeyKind::ecdsa_p384:
      return "ecdsa-p384";
    case KeyKind::ecdsa_p521:
      return "ecdsa-p521";
    case KeyKind::rsa:
      return "rsa";
  }
  return "";
}

namespace {

bool holds_private_key(std::string_view pem) {
  return pem.find("PRIVATE KEY-----") != pem.npos;
}

}  // namespace

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const Bio bio = reading(pem);
  if (bio == nullptr) {
    return Error{Errc::too_large, "public key: above " + std::to_string(kMaxKeyFileBytes) + " bytes"};
  }
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr);
  if (key == nullptr && holds_private_key(pem)) {
    return Error{Errc::malformed, "public key: this is a private key; name the public one, and show this to nobody"};
  }
  if (key == nullptr) {
    return Error{Errc::malformed, "public key: no PEM \"PUBLIC KEY\": " + openssl_reason()};
  }
  std::shared_ptr<void> owner = owned(key);
  return PublicKey(std::move(owner), TRY(kind_of(key)));
}

Result<PublicKey> PublicKey::from_der(Bytes der) {
  if (der.size() > kMaxKeyFileBytes) {
    return Error{Errc::too_large, "public key: above " + std::to_string(kMaxKeyFileBytes) + " bytes"};
  }
  const unsigned char* at = octets(der);
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  if (key == nullptr) {
    return Error{Errc::malformed, "public key: no SubjectPublicKeyInfo: " + openssl_reason()};
  }
  std::shared_ptr<void> owner = owned(key);
  if (at != octets(der) + der.size()) {
    return Error{Errc::malformed, "public key: bytes after the SubjectPublicKeyInfo"};
  }
  return PublicKey(std::move(owner), TRY(kind_of(key)));
}

Result<PublicKey> PublicKey::from_ed25519(Bytes bytes) {
  if (bytes.size() != kEd25519Bytes) {
    return Error{Errc::malformed, "public key: " + std::to_string(bytes.size()) + " bytes instead of 32"};
  }
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(bytes), bytes.size());
  if (key == nullptr) {
    return Error{Errc::malformed, "public key: " + openssl_reason()};
  }
  return PublicKey(owned(key), KeyKind::ed25519);
}

std::string PublicKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  return bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), as_key(key_)) == 1 ? content_of(bio) : std::string();
}

std::string PublicKey::der() const {
  unsigned char* data = nullptr;
  const int size = i2d_PUBKEY(as_key(key_), &data);
  std::string out =
      size <= 0 ? std::string() : std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  return out;
}

std::string PublicKey::ed25519_bytes() const {
  std::string out(kEd25519Bytes, '\0');
  std::size_t size = out.size();
  if (kind_ != KeyKind::ed25519 ||
      EVP_PKEY_get_raw_public_key(as_key(key_), reinterpret_cast<unsigned char*>(out.data()), &size) != 1) {
    return {};
  }
  return out;
}

bool PublicKey::verifies(Bytes message, Bytes signature, SignatureHash hash) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = kind_ == KeyKind::ed25519 ? nullptr : digest_for(kind_, hash);
  const bool verified =
      context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, as_key(key_)) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
  ERR_clear_error();
  return verified;
}

Result<PrivateKey> PrivateKey::generate(KeyKind kind) {
  EVP_PKEY* key = nullptr;
  switch (kind) {
    case KeyKind::ed25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
    case KeyKind::ecdsa_p256:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
      break;
    case KeyKind::ecdsa_p384:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
      break;
    case KeyKind::ecdsa_p521:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
      break;
    case KeyKind::rsa:
      return Error{Errc::unsupported, "key: RSA keys are read, not made"};
  }
  if (key == nullptr) {
    return Error{Errc::io, "key: " + openssl_reason()};
  }
  std::shared_ptr<void> owner = owned(key);
  PublicKey half = TRY(PublicKey::from_der(as_bytes(PublicKey(owner, kind).der())));
  return PrivateKey(std::move(owner), std::move(half));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, std::string_view passphrase) {
  const Bio bio = reading(pem);
  if (bio == nullptr) {
    return Error{Errc::too_large, "private key: above " + std::to_string(kMaxKeyFileBytes) + " bytes"};
  }
  Passphrase given{passphrase};
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &given);
  if (key == nullptr) {
    const std::string reason = openssl_reason();
    if (given.asked) {
      return Error{Errc::usage, passphrase.empty() ? "private key: it is encrypted and no passphrase was given"
                                                   : "private key: the passphrase does not open it"};
    }
    return Error{Errc::malformed, "private key: no PEM \"PRIVATE KEY\": " + reason};
  }
  std::shared_ptr<void> owner = owned(key);
  const KeyKind kind = TRY(kind_of(key));
  PublicKey half = TRY(PublicKey::from_der(as_bytes(PublicKey(owner, kind).der())));
  return PrivateKey(std::move(owner), std::move(half));
}

Result<PrivateKey> PrivateKey::from_file(const std::string& path, std::string_view passphrase) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return system_error("private key", path);
  }
  std::string text = TRY(read_file(path, kMaxKeyFileBytes));
  const std::unique_ptr<std::string, void (*)(std::string*)> wiped(
      &text, [](std::string* read) { OPENSSL_cleanse(read->data(), read->size()); });
  if (text.find("-----BEGIN PUBLIC KEY-----") != text.npos && !holds_private_key(text)) {
    return Error{Errc::malformed, "private key: this is a public key; name the private one"}.in_file(printable(path));
  }
  if (!holds_private_key(text)) {
    return Error{Errc::malformed, "private key: no PEM \"PRIVATE KEY\" in it"}.in_file(printable(path));
  }
  if ((status.st_mode & 077U) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
    return Error{Errc::usage, "private key: others may use it (mode " + std::string(mode.data()) + "); chmod 600 it"}
        .in_file(printable(path));
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return Error{Errc::usage, "private key: it belongs to another user"}.in_file(printable(path));
  }
  auto key = from_pem(text, passphrase);
  if (!key) {
    return std::move(key).error().in_file(printable(path));
  }
  return key;
}

std::string PrivateKey::pem(std::string_view passphrase) const {
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (bio == nullptr) {
    return {};
  }
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_256_cbc();
  const int written = PEM_write_bio_PKCS8PrivateKey(bio.get(), as_key(key_), cipher, passphrase.data(),
                                                    static_cast<int>(passphrase.size()), nullptr, nullptr);
  return written == 1 ? content_of(bio) : std::string();
}

Result<std::string> PrivateKey::sign(Bytes message, SignatureHash hash) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = kind() == KeyKind::ed25519 ? nullptr : digest_for(kind(), hash);
  std::size_t size = 0;
  if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, as_key(key_)) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, octets(message), message.size()) != 1) {
    return Error{Errc::io, "signature: " + openssl_reason()};
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(message),
                     message.size()) != 1) {
    return Error{Errc::io, "signature: " + openssl_reason()};
  }
  signature.resize(size);
  return signature;
}

}  // namespace base
