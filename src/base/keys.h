#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"

/// Keys for signatures, by OpenSSL. Values; copying shares the key. Safe to use from several threads.
namespace base {

enum class KeyKind : std::uint8_t { ed25519, ecdsa_p256, ecdsa_p384, ecdsa_p521, rsa };
[[nodiscard]] std::string_view to_string(KeyKind kind);  ///< "ed25519", "ecdsa-p256", …, "rsa".

/// The digest that is signed. Ed25519 has its own and takes none of these.
enum class SignatureHash : std::uint8_t {
  of_key,  ///< SHA-256 for P-256 and RSA, SHA-384 for P-384, SHA-512 for P-521.
  sha256,
  sha384,
  sha512,
};

/// A public key that can check signatures: Ed25519 (RFC 8032), ECDSA in ASN.1 DER over P-256, P-384, P-521 (FIPS
/// 186-5), RSA with PKCS #1 v1.5 of 2048 to 16384 bits.
class PublicKey {
 public:
  /// From a SubjectPublicKeyInfo in PEM ("PUBLIC KEY"). Fails with malformed or unsupported (another kind of key).
  static Result<PublicKey> from_pem(std::string_view pem);
  /// From a SubjectPublicKeyInfo in DER, without anything after it.
  static Result<PublicKey> from_der(Bytes der);
  /// From the 32 bytes of an Ed25519 key.
  static Result<PublicKey> from_ed25519(Bytes bytes);

  [[nodiscard]] KeyKind kind() const { return kind_; }
  [[nodiscard]] std::string pem() const;            ///< SubjectPublicKeyInfo as OpenSSL writes it, final newline too.
  [[nodiscard]] std::string der() const;            ///< SubjectPublicKeyInfo.
  [[nodiscard]] std::string ed25519_bytes() const;  ///< The 32 bytes; empty for another kind.

  /// Is `signature` this key's over `message`? False for whatever is no signature.
  [[nodiscard]] bool verifies(Bytes message, Bytes signature, SignatureHash hash = SignatureHash::of_key) const;

  /// OpenSSL's EVP_PKEY, for code that needs it; lives as long as this or a copy.
  [[nodiscard]] void* handle() const { return key_.get(); }

 private:
  friend class PrivateKey;
  PublicKey(std::shared_ptr<void> key, KeyKind kind) : key_(std::move(key)), kind_(kind) {}
  std::shared_ptr<void> key_;
  KeyKind kind_;
};

/// A private key. Its memory is wiped when the last copy goes.
class PrivateKey {
 public:
  /// A new key from the system's random numbers. RSA is not made (unsupported).
  static Result<PrivateKey> generate(KeyKind kind);
  /// From PEM: PKCS #8, encrypted or not, SEC1 ("EC PRIVATE KEY") or PKCS #1. Fails with malformed, unsupported, or
  /// usage where the passphrase is missing or wrong.
  static Result<PrivateKey> from_pem(std::string_view pem, std::string_view passphrase = {});
  /// from_pem() of a file that nobody but its owner may read or write. Fails with usage where others may, or where it
  /// belongs to another user (root's is taken), naming the mode.
  static Result<PrivateKey> from_file(const std::string& path, std::string_view passphrase = {});

  [[nodiscard]] KeyKind kind() const { return public_.kind(); }
  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  /// PKCS #8; encrypted (AES-256-CBC, PBKDF2) where there is a passphrase.
  [[nodiscard]] std::string pem(std::string_view passphrase = {}) const;

  /// The signature over `message`. ECDSA and RSA signatures differ from call to call or key to key as their standards
  /// say; Ed25519 is deterministic.
  [[nodiscard]] Result<std::string> sign(Bytes message, SignatureHash hash = SignatureHash::of_key) const;

  [[nodiscard]] void* handle() const { return key_.get(); }

 private:
  PrivateKey(std::shared_ptr<void> key, PublicKey public_key) : key_(std::move(key)), public_(std::move(public_key)) {}
  std::shared_ptr<void> key_;
  PublicKey public_;
};

}  // namespace base
