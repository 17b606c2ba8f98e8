#include "sign/certificate_transparency.h"

#include <openssl/ct.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "sign/openssl.h"

namespace sign {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr int kMaxTimestamps = 16;

using List = OpensslOwner<STACK_OF(SCT), SCT_LIST_free>;

Error untrusted(std::string_view reason) {
  return {Errc::untrusted, "certificate timestamp (SCT): " + std::string(reason)};
}

// RFC 6962, section 3.2: version 0, type 0, timestamp, entry type 1 (precertificate), issuer key hash, TBS, extensions.
Result<std::string> signed_data(const SCT* sct, const Certificate& leaf, const Certificate& issuer) {
  const auto big_endian = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) {
      out += static_cast<char>(value >> (8 * i) & 0xFFU);
    }
    return out;
  };
  using X509Owner = OpensslOwner<X509, X509_free>;
  const X509Owner copy(X509_dup(static_cast<X509*>(leaf.handle())));
  const int at = copy == nullptr ? -1 : X509_get_ext_by_NID(copy.get(), NID_ct_precert_scts, -1);
  if (at < 0 || X509_get_ext_by_NID(copy.get(), NID_ct_precert_scts, at) >= 0) {
    return untrusted("the extension stands twice");
  }
  X509_EXTENSION_free(X509_delete_ext(copy.get(), at));
  unsigned char* data = nullptr;
  int size = i2d_re_X509_tbs(copy.get(), &data);
  if (size <= 0 || size >= 1 << 24) {
    return untrusted(openssl_reason("the certificate cannot be written without it"));
  }
  const std::string tbs(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  data = nullptr;
  size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(static_cast<X509*>(issuer.handle())), &data);
  if (size <= 0) {
    return untrusted(openssl_reason("the issuer's key cannot be written"));
  }
  const base::Sha256 key_hash =
      base::sha256(std::string_view(reinterpret_cast<char*>(data), static_cast<std::size_t>(size)));
  OPENSSL_free(data);
  unsigned char* extensions = nullptr;
  const std::size_t extensions_size = SCT_get0_extensions(sct, &extensions);
  std::string out = big_endian(0, 2) + big_endian(SCT_get_timestamp(sct), 8) + big_endian(1, 2);
  out.append(reinterpret_cast<const char*>(key_hash.bytes.data()), key_hash.bytes.size());
  out += big_endian(tbs.size(), 3) + tbs + big_endian(extensions_size, 2);
  out.append(reinterpret_cast<const char*>(extensions), extensions_size);
  return out;
}

}  // namespace

Result<base::UnixTime> verify_certificate_timestamp(const Certificate& leaf, const Certificate& issuer,
                                                    std::span<const TransparencyLog> logs) {
  int critical = 0;
  const List list(static_cast<STACK_OF(SCT)*>(
      X509_get_ext_d2i(static_cast<X509*>(leaf.handle()), NID_ct_precert_scts, &critical, nullptr)));
  ERR_clear_error();
  if (list == nullptr) {
    return untrusted(critical == -1 ? "the certificate has none" : "the extension cannot be read, or stands twice");
  }
  if (sk_SCT_num(list.get()) > kMaxTimestamps) {
    return Error{Errc::too_large, "certificate timestamp (SCT): more than " + std::to_string(kMaxTimestamps)};
  }
  std::string reason = "none is of a log in the trusted root";
  for (int i = 0; i < sk_SCT_num(list.get()); ++i) {
    const SCT* sct = sk_SCT_value(list.get(), i);
    unsigned char* bytes = nullptr;
    const std::size_t id_size = SCT_get0_log_id(sct, &bytes);
    const std::string_view id(reinterpret_cast<const char*>(bytes), id_size);
    for (const TransparencyLog& log : logs) {
      if (SCT_get_version(sct) != SCT_VERSION_V1 || log.log_id != id) {
        continue;
      }
      const std::string name = base::printable(log.base_url);
      if (!log.key) {
        reason = "log " + name + ": " + log.key_problem;
        continue;
      }
      // Section 2.1.4: SHA-256 with ECDSA or RSA, and nothing else.
      const int algorithm = SCT_get_signature_nid(sct);
      if (algorithm != (log.key->kind() == base::KeyKind::rsa ? NID_sha256WithRSAEncryption : NID_ecdsa_with_SHA256)) {
        reason = "signature algorithm is not that of log " + name;
        continue;
      }
      const std::string data = TRY(signed_data(sct, leaf, issuer));
      const std::size_t size = SCT_get0_signature(sct, &bytes);
      if (!log.key->verifies(base::as_bytes(data), base::as_bytes({reinterpret_cast<const char*>(bytes), size}),
                             base::SignatureHash::sha256)) {
        reason = "signature of log " + name + " does not verify";
        continue;
      }
      const base::UnixTime time{static_cast<std::int64_t>(SCT_get_timestamp(sct) / 1000)};
      if (!log.valid_for.contains(time)) {
        reason = "made at " + base::to_iso8601(time) + ", but log " + name + " is trusted from " + log.valid_for.text();
        continue;
      }
      return time;
    }
  }
  return untrusted(reason);
}

}  // namespace sign
