#pragma once

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

#include "base/keys.h"
#include "sign/certificate.h"
#include "sign/openssl.h"

/// Certificates made for tests.
namespace sign::testing {

struct Issued {
  Certificate certificate;
  base::PrivateKey key;
};

struct CertificateSpec {
  std::string subject = "leaf";
  const Issued* issuer = nullptr;  ///< Itself where there is none.
  std::int64_t not_before = 1'700'000'000;
  std::int64_t not_after = 1'800'000'000;
  base::KeyKind kind = base::KeyKind::ecdsa_p256;
  /// By OpenSSL's names: {"basicConstraints", "critical,CA:TRUE"}.
  std::vector<std::pair<std::string, std::string>> extensions{};
  const EVP_MD* digest = EVP_sha256();
};

inline std::vector<std::pair<std::string, std::string>> authority_extensions() {
  return {{"basicConstraints", "critical,CA:TRUE"}, {"keyUsage", "critical,keyCertSign,cRLSign"}};
}
inline std::vector<std::pair<std::string, std::string>> signer_extensions() {
  return {{"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "codeSigning"}};
}

/// Adds what the specification names, and signs. `change` may do anything to the certificate before that.
template <class Change>
Issued issue(const CertificateSpec& spec, Change change) {
  auto key = base::PrivateKey::generate(spec.kind);
  EXPECT_TRUE(key);
  OpensslOwner<X509, X509_free> x509(X509_new());
  static long serial = 0;
  X509_set_version(x509.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(x509.get()), static_cast<std::time_t>(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x509.get()), static_cast<std::time_t>(spec.not_after));
  X509_set_pubkey(x509.get(), static_cast<EVP_PKEY*>(key->handle()));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509.get()), "CN", MBSTRING_UTF8, octets(spec.subject), -1, -1, 0);
  auto* issuer = spec.issuer == nullptr ? x509.get() : static_cast<X509*>(spec.issuer->certificate.handle());
  X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer));
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, x509.get(), nullptr, nullptr, 0);
  for (const auto& [name, value] : spec.extensions) {
    OpensslOwner<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str()));
    EXPECT_NE(extension, nullptr) << name;
    X509_add_ext(x509.get(), extension.get(), -1);
  }
  change(x509.get());
  const base::PrivateKey& signer = spec.issuer == nullptr ? *key : spec.issuer->key;
  const bool is_ed25519 = signer.kind() == base::KeyKind::ed25519;
  EXPECT_GT(X509_sign(x509.get(), static_cast<EVP_PKEY*>(signer.handle()), is_ed25519 ? nullptr : spec.digest), 0);
  unsigned char* data = nullptr;
  const int size = i2d_X509(x509.get(), &data);
  const std::string der(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  auto certificate = Certificate::from_der(der);
  EXPECT_TRUE(certificate) << certificate.error().message;
  return {*certificate, *key};
}
inline Issued issue(const CertificateSpec& spec) {
  return issue(spec, [](X509*) {});
}

/// Adds an extension by its object identifier, with these bytes.
inline void add_extension(X509* x509, const char* object_identifier, std::string_view bytes) {
  OpensslOwner<ASN1_OBJECT, ASN1_OBJECT_free> object(OBJ_txt2obj(object_identifier, 1));
  OpensslOwner<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> data(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(data.get(), octets(bytes), static_cast<int>(bytes.size()));
  OpensslOwner<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, data.get()));
  X509_add_ext(x509, extension.get(), -1);
}

}  // namespace sign::testing
