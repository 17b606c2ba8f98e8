#include "sign/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <ctime>
#include <iterator>

#include "base/text.h"
#include "sign/openssl.h"

namespace sign {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kMaxCertificateBytes = 1U << 20;
constexpr int kMaxDepth = 8;
constexpr int kSecurityLevel = 2;  // 112 bits: RSA 2048, SHA-224 and up
constexpr const char* kFulcioIssuer = "1.3.6.1.4.1.57264.1.1";
constexpr const char* kFulcioIssuerV2 = "1.3.6.1.4.1.57264.1.8";
constexpr const char* kFulcioUserName = "1.3.6.1.4.1.57264.1.7";

using X509Owner = OpensslOwner<X509, X509_free>;
using Bio = OpensslOwner<BIO, BIO_free_all>;
using Object = OpensslOwner<ASN1_OBJECT, ASN1_OBJECT_free>;

std::string name_text(const X509_NAME* name) {
  const Bio out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0,
                     (XN_FLAG_ONELINE | ASN1_STRFLGS_UTF8_CONVERT) & ~ASN1_STRFLGS_ESC_MSB & ~XN_FLAG_SPC_EQ);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  ERR_clear_error();
  return size <= 0 ? std::string() : base::printable({data, static_cast<std::size_t>(size)});
}

// Far outside every validity where OpenSSL cannot read the time, which it has checked while parsing.
std::int64_t seconds_of(const ASN1_TIME* time, std::int64_t fallback) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return fallback;
  }
  return timegm(&parts);
}

std::string label(const X509* certificate) {
  const std::string subject = name_text(X509_get_subject_name(certificate));
  return subject.empty() ? "certificate without subject" : "certificate \"" + base::abbreviate(subject, 120) + "\"";
}

}  // namespace

struct Certificate::State {
  X509Owner x509;
  std::string der;
};

Result<Certificate> Certificate::from_der(std::string_view der) {
  if (der.size() > kMaxCertificateBytes) {
    return Error{Errc::too_large, "certificate: above " + base::human_bytes(kMaxCertificateBytes)};
  }
  const unsigned char* at = octets(der);
  X509Owner x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (x509 == nullptr) {
    return Error{Errc::malformed, "certificate: " + openssl_reason("not X.509 in DER")};
  }
  if (at != octets(der) + der.size()) {
    return Error{Errc::malformed, "certificate: bytes after its end"};
  }
  // Reads the extensions once, so that later calls on it from several threads change nothing.
  X509_check_purpose(x509.get(), -1, 0);
  if ((X509_get_extension_flags(x509.get()) & EXFLAG_INVALID) != 0) {
    return Error{Errc::malformed, label(x509.get()) + ": " + openssl_reason("an extension cannot be read")};
  }
  ERR_clear_error();
  auto state = std::make_shared<State>();
  state->x509 = std::move(x509);
  state->der = der;
  return Certificate(std::move(state));
}

Result<std::vector<Certificate>> Certificate::from_pem(std::string_view pem, std::size_t max) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  std::vector<Certificate> out;
  if (pem.size() > INT_MAX) {
    return Error{Errc::too_large, "certificates: above 2 GiB of PEM"};
  }
  std::size_t begins = 0;
  for (std::size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + 1)) {
    ++begins;
  }
  if (begins > max) {
    return Error{Errc::too_large, "certificates: more than " + std::to_string(max)};
  }
  const Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (out.size() < begins) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(in.get(), &name, &header, &data, &size) != 1) {
      break;
    }
    const std::string kind(name);
    const std::string der(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (kind == "CERTIFICATE") {
      out.push_back(TRY(from_der(der)));
    }
  }
  ERR_clear_error();
  if (out.empty() || out.size() != begins) {
    return Error{Errc::malformed,
                 begins == 0 ? "certificates: no PEM block CERTIFICATE"
                             : "certificates: PEM block " + std::to_string(out.size() + 1) + " cannot be read"};
  }
  return out;
}

const std::string& Certificate::der() const {
  return state_->der;
}

std::string Certificate::pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), state_->x509.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

base::Sha256 Certificate::fingerprint() const {
  return base::sha256(state_->der);
}
std::string Certificate::subject() const {
  return name_text(X509_get_subject_name(state_->x509.get()));
}
std::string Certificate::issuer() const {
  return name_text(X509_get_issuer_name(state_->x509.get()));
}
std::string Certificate::serial() const {
  return base::to_hex(base::as_bytes(text_of(X509_get0_serialNumber(state_->x509.get()))));
}
base::UnixTime Certificate::not_before() const {
  return {seconds_of(X509_get0_notBefore(state_->x509.get()), INT64_MAX)};
}
base::UnixTime Certificate::not_after() const {
  return {seconds_of(X509_get0_notAfter(state_->x509.get()), INT64_MIN)};
}

bool Certificate::self_signed() const {
  const bool self = X509_self_signed(state_->x509.get(), 1) == 1;
  ERR_clear_error();
  return self;
}

bool Certificate::is_authority() const {
  return (X509_get_extension_flags(state_->x509.get()) & EXFLAG_CA) != 0;
}

Result<base::PublicKey> Certificate::key() const {
  unsigned char* data = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(state_->x509.get()), &data);
  if (size <= 0) {
    return Error{Errc::malformed, "certificate: " + openssl_reason("no public key")};
  }
  const std::string der(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  auto key = base::PublicKey::from_der(base::as_bytes(der));
  if (!key) {
    return Error{key.error().code, label(state_->x509.get()) + ": " + key.error().message};
  }
  return key;
}

Result<std::vector<AlternativeName>> Certificate::alternative_names() const {
  std::vector<AlternativeName> out;
  int critical = 0;
  using Names = OpensslOwner<GENERAL_NAMES, GENERAL_NAMES_free>;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(state_->x509.get(), NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr) {
    ERR_clear_error();
    if (critical == -1) {
      return out;
    }
    return Error{Errc::malformed,
                 label(state_->x509.get()) + ": subject alternative names cannot be read, or stand twice"};
  }
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    AlternativeName one;
    if (name->type == GEN_URI || name->type == GEN_EMAIL || name->type == GEN_DNS) {
      one.kind = name->type == GEN_URI     ? AlternativeName::Kind::uri
                 : name->type == GEN_EMAIL ? AlternativeName::Kind::email
                                           : AlternativeName::Kind::dns;
      one.value = text_of(name->d.ia5);
    } else if (name->type == GEN_OTHERNAME && name->d.otherName->value->type == V_ASN1_UTF8STRING) {
      const Object user_name(OBJ_txt2obj(kFulcioUserName, 1));
      if (OBJ_cmp(name->d.otherName->type_id, user_name.get()) != 0) {
        continue;
      }
      one.kind = AlternativeName::Kind::other;
      one.value = text_of(name->d.otherName->value->value.utf8string);
    } else {
      continue;
    }
    if (one.value.find('\0') != std::string::npos || !base::is_utf8(one.value)) {
      return Error{Errc::malformed, label(state_->x509.get()) + ": subject alternative name is not text"};
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::optional<std::string>> Certificate::extension(const char* object_identifier) const {
  const Object object(OBJ_txt2obj(object_identifier, 1));
  const int at = X509_get_ext_by_OBJ(state_->x509.get(), object.get(), -1);
  if (at < 0) {
    return std::optional<std::string>();
  }
  if (X509_get_ext_by_OBJ(state_->x509.get(), object.get(), at) >= 0) {
    return Error{Errc::malformed,
                 label(state_->x509.get()) + ": extension " + std::string(object_identifier) + " stands twice"};
  }
  return std::optional<std::string>(text_of(X509_EXTENSION_get_data(X509_get_ext(state_->x509.get(), at))));
}

Result<std::optional<std::string>> Certificate::fulcio_issuer() const {
  const auto fail = [&](std::string_view reason) {
    return Error{Errc::malformed, label(state_->x509.get()) + ": Fulcio's issuer extension " + std::string(reason)};
  };
  const std::optional<std::string> older = TRY(extension(kFulcioIssuer));
  const std::optional<std::string> encoded = TRY(extension(kFulcioIssuerV2));
  std::optional<std::string> issuer = older;
  if (encoded) {
    const unsigned char* at = octets(*encoded);
    using Utf8 = OpensslOwner<ASN1_UTF8STRING, ASN1_UTF8STRING_free>;
    const Utf8 text(d2i_ASN1_UTF8STRING(nullptr, &at, static_cast<long>(encoded->size())));
    if (text == nullptr || at != octets(*encoded) + encoded->size()) {
      ERR_clear_error();
      return fail("is not a UTF8String");
    }
    issuer = std::string(text_of(text.get()));
    if (older && *older != *issuer) {
      return fail("differs between its two forms");
    }
  }
  if (issuer && (issuer->empty() || issuer->find('\0') != std::string::npos || !base::is_utf8(*issuer))) {
    return fail("is not text");
  }
  return issuer;
}

void* Certificate::handle() const {
  return state_->x509.get();
}

namespace {

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

X509* x509_of(const Certificate& certificate) {
  return static_cast<X509*>(certificate.handle());
}

Error untrusted(const X509* certificate, std::string_view reason) {
  return {Errc::untrusted, label(certificate) + ": " + std::string(reason)};
}

// X509_get_extended_key_usage() and X509_get_key_usage() say all bits where the extension is absent.
bool has_extended_use(X509* certificate, std::uint32_t bit) {
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(certificate) & bit) != 0;
}

Result<void> check_leaf(X509* leaf, CertificateUse use) {
  const std::uint32_t flags = X509_get_extension_flags(leaf);
  const bool signs = (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) != 0;
  if ((flags & EXFLAG_KUSAGE) != 0 && !signs) {
    return untrusted(leaf, "its keyUsage does not allow digital signatures");
  }
  switch (use) {
    case CertificateUse::code_signing:
      if (!has_extended_use(leaf, XKU_CODE_SIGN)) {
        return untrusted(leaf, "its extendedKeyUsage does not name code signing");
      }
      break;
    case CertificateUse::model_signing:
      if ((flags & EXFLAG_KUSAGE) == 0 && !has_extended_use(leaf, XKU_CODE_SIGN)) {
        return untrusted(leaf, "neither keyUsage digitalSignature nor extendedKeyUsage codeSigning");
      }
      if ((flags & EXFLAG_XKUSAGE) != 0 && !has_extended_use(leaf, XKU_CODE_SIGN | XKU_ANYEKU)) {
        return untrusted(leaf, "its extendedKeyUsage does not name code signing");
      }
      break;
    case CertificateUse::time_stamping: {
      const int at = X509_get_ext_by_NID(leaf, NID_ext_key_usage, -1);
      if (at < 0 || X509_EXTENSION_get_critical(X509_get_ext(leaf, at)) == 0 ||
          X509_get_extended_key_usage(leaf) != XKU_TIMESTAMP) {
        return untrusted(leaf, "its extendedKeyUsage is not time stamping alone, and critical");
      }
      break;
    }
  }
  return {};
}

Result<void> check_issuer(X509* issuer, CertificateUse use) {
  if ((X509_get_extension_flags(issuer) & EXFLAG_CA) == 0) {
    return untrusted(issuer, "issued a certificate without being an authority (basicConstraints)");
  }
  if ((X509_get_key_usage(issuer) & KU_KEY_CERT_SIGN) == 0) {
    return untrusted(issuer, "its keyUsage does not allow it to issue certificates");
  }
  const std::uint32_t wanted = use == CertificateUse::time_stamping ? XKU_TIMESTAMP : XKU_CODE_SIGN;
  if ((X509_get_extension_flags(issuer) & EXFLAG_XKUSAGE) != 0 && !has_extended_use(issuer, wanted | XKU_ANYEKU)) {
    return untrusted(issuer, "its extendedKeyUsage does not cover this use");
  }
  return {};
}

// Everything but dates, uses and authority, which the caller checks. OpenSSL would refuse the last second of a
// validity, which RFC 5280 includes.
Result<std::vector<Certificate>> build_path(const Certificate& leaf, std::span<const Certificate> intermediates,
                                            std::span<const Certificate> anchors) {
  using Store = OpensslOwner<X509_STORE, X509_STORE_free>;
  using Context = OpensslOwner<X509_STORE_CTX, X509_STORE_CTX_free>;
  const Store store(X509_STORE_new());
  const Stack untrusted_stack(sk_X509_new_null());
  for (const Certificate& anchor : anchors) {
    X509_STORE_add_cert(store.get(), x509_of(anchor));
  }
  for (const Certificate& intermediate : intermediates) {
    sk_X509_push(untrusted_stack.get(), x509_of(intermediate));
  }
  const Context context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store.get(), x509_of(leaf), untrusted_stack.get()) != 1) {
    return Error{Errc::untrusted, "certificate chain: " + openssl_reason("cannot be checked")};
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters,
                              X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CHECK_SS_SIGNATURE | X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_depth(parameters, kMaxDepth);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
  const int verified = X509_verify_cert(context.get());
  ERR_clear_error();
  if (verified != 1) {
    const X509* bad = X509_STORE_CTX_get_current_cert(context.get());
    return untrusted(bad == nullptr ? x509_of(leaf) : bad,
                     base::to_lower(X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
  }
  STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context.get());
  std::vector<Certificate> out{leaf};
  for (int i = 1; i < sk_X509_num(path); ++i) {
    unsigned char* data = nullptr;
    const int size = i2d_X509(sk_X509_value(path, i), &data);
    const std::string der(reinterpret_cast<char*>(data), size < 0 ? 0 : static_cast<std::size_t>(size));
    OPENSSL_free(data);
    out.push_back(TRY(Certificate::from_der(der)));
  }
  return out;
}

std::vector<Certificate> valid_ones(std::span<const Certificate> certificates, base::UnixTime time) {
  std::vector<Certificate> out;
  std::copy_if(certificates.begin(), certificates.end(), std::back_inserter(out),
               [&](const Certificate& certificate) { return certificate.valid_at(time); });
  return out;
}

}  // namespace

Result<std::vector<Certificate>> verify_chain(const Certificate& leaf, std::span<const Certificate> intermediates,
                                              std::span<const Certificate> anchors, base::UnixTime time,
                                              CertificateUse use) {
  // Those out of their dates are left aside, so that a renewed one is found; they are asked again only for a reason.
  auto path = build_path(leaf, valid_ones(intermediates, time), valid_ones(anchors, time));
  if (!path) {
    if (auto expired = build_path(leaf, intermediates, anchors)) {
      path = std::move(expired);
    }
  }
  if (!path) {
    return path.error();
  }
  for (const Certificate& certificate : *path) {
    if (!certificate.valid_at(time)) {
      return untrusted(x509_of(certificate),
                       (time < certificate.not_before() ? "is not yet valid at " : "has expired at ") +
                           base::to_iso8601(time) + " (valid from " + base::to_iso8601(certificate.not_before()) +
                           " to " + base::to_iso8601(certificate.not_after()) + ")");
    }
  }
  TRY(check_leaf(x509_of(leaf), use));
  for (std::size_t i = 1; i < path->size(); ++i) {
    TRY(check_issuer(x509_of((*path)[i]), use));
  }
  return path;
}

}  // namespace sign
