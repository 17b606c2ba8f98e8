#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/keys.h"
#include "base/time.h"

namespace sign {

/// One subject alternative name that can name a signer.
struct AlternativeName {
  enum class Kind : std::uint8_t { uri, email, dns, other };  ///< `other`: Fulcio's user name (1.3.6.1.4.1.57264.1.7).
  Kind kind = Kind::uri;
  std::string value;
};

/// A parsed X.509 certificate (RFC 5280), by OpenSSL. A value; copies share it. Safe to use from several threads.
class Certificate {
 public:
  /// From DER, without anything after it. Fails with malformed.
  static base::Result<Certificate> from_der(std::string_view der);
  /// Every certificate of PEM text, in its order; at least one, at most `max`. Fails with malformed or too_large.
  static base::Result<std::vector<Certificate>> from_pem(std::string_view pem, std::size_t max = 256);

  [[nodiscard]] const std::string& der() const;
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] base::Sha256 fingerprint() const;  ///< SHA-256 over the DER.
  [[nodiscard]] std::string subject() const;       ///< "O=sigstore.dev, CN=sigstore"; printable, empty where it is.
  [[nodiscard]] std::string issuer() const;
  [[nodiscard]] std::string serial() const;  ///< Hexadecimal.
  [[nodiscard]] base::UnixTime not_before() const;
  [[nodiscard]] base::UnixTime not_after() const;  ///< The last second at which it is valid.
  [[nodiscard]] bool valid_at(base::UnixTime time) const { return not_before() <= time && time <= not_after(); }
  /// Issued by its own subject, whose key also signed it.
  [[nodiscard]] bool self_signed() const;
  /// basicConstraints say that it may issue certificates.
  [[nodiscard]] bool is_authority() const;
  /// Fails with unsupported (another kind of key than base::PublicKey takes).
  [[nodiscard]] base::Result<base::PublicKey> key() const;

  /// Names in the order of the certificate. Fails with malformed (a name holds a zero byte, is no UTF-8).
  [[nodiscard]] base::Result<std::vector<AlternativeName>> alternative_names() const;
  /// The bytes of an extension by its dotted object identifier, without the OCTET STRING around them; none where it is
  /// absent. Fails with malformed where it stands twice.
  [[nodiscard]] base::Result<std::optional<std::string>> extension(const char* object_identifier) const;
  /// The token issuer that Fulcio has put in: 1.3.6.1.4.1.57264.1.8 (a DER UTF8String), or the older .1 (raw text).
  [[nodiscard]] base::Result<std::optional<std::string>> fulcio_issuer() const;

  /// OpenSSL's X509; lives as long as this or a copy.
  [[nodiscard]] void* handle() const;

 private:
  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// What the leaf of a chain is for.
enum class CertificateUse : std::uint8_t {
  /// Needs extendedKeyUsage codeSigning, as Fulcio's certificates have.
  code_signing,
  /// As OpenSSF Model Signing 1.0 has it: keyUsage digitalSignature, or extendedKeyUsage codeSigning. What is there
  /// must
  /// not say otherwise: a keyUsage without digitalSignature is refused.
  model_signing,
  /// RFC 3161: extendedKeyUsage, critical, timeStamping alone.
  time_stamping,
};

/// Checks the path from `leaf` over `intermediates` to one of `anchors` as RFC 5280, section 6: signatures, names,
/// validity of every certificate at `time`, basicConstraints and path length, keyUsage keyCertSign, extendedKeyUsage of
/// leaf and issuers, critical extensions, at least 112 bits of security. An anchor need not be self-signed: whoever
/// names it trusts it. Revocation is not looked at: nothing here asks the network. Returns the path, leaf first. Fails
/// with untrusted, naming the certificate and the reason.
base::Result<std::vector<Certificate>> verify_chain(const Certificate& leaf, std::span<const Certificate> intermediates,
                                                    std::span<const Certificate> anchors, base::UnixTime time,
                                                    CertificateUse use);

}  // namespace sign
