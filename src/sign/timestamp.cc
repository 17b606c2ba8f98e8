#include "sign/timestamp.h"

#include <openssl/pkcs7.h>
#include <openssl/ts.h>

#include <ctime>

#include "base/text.h"
#include "sign/openssl.h"

namespace sign {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kMaxResponseBytes = 1U << 20;

using Response = OpensslOwner<TS_RESP, TS_RESP_free>;
using Context = OpensslOwner<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

Error untrusted(std::string_view reason) {
  return {Errc::untrusted, "signed timestamp (RFC 3161): " + std::string(reason)};
}

X509* x509_of(const Certificate& certificate) {
  return static_cast<X509*>(certificate.handle());
}

Result<base::UnixTime> stated_time(TS_TST_INFO* info) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) {
    ERR_clear_error();
    return untrusted("its time cannot be read");
  }
  return base::UnixTime{timegm(&parts)};
}

Result<void> check_imprint_algorithm(TS_TST_INFO* info) {
  const X509_ALGOR* algorithm = TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info));
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512) {
    return untrusted("its imprint is not made with SHA-256, SHA-384 or SHA-512");
  }
  return {};
}

// The certificate that signed, out of `certificates` and those in the token.
X509* signer_of(PKCS7* token, STACK_OF(X509) * certificates) {
  const Stack signers(PKCS7_get0_signers(token, certificates, 0));
  ERR_clear_error();
  return signers == nullptr || sk_X509_num(signers.get()) != 1 ? nullptr : sk_X509_value(signers.get(), 0);
}

Result<void> verify_under(TS_RESP* response, std::string_view signed_bytes, base::UnixTime time,
                          const TrustedAuthority& authority) {
  // The context takes what is given to it: the store and the stack become its own.
  const Context context(TS_VERIFY_CTX_new());
  X509_STORE* store = X509_STORE_new();
  STACK_OF(X509)* certificates = sk_X509_new_null();
  for (const Certificate& certificate : authority.chain) {
    X509_up_ref(x509_of(certificate));
    sk_X509_push(certificates, x509_of(certificate));
  }
  TS_VERIFY_CTX_set_store(context.get(), store);
  TS_VERIFY_CTX_set_certs(context.get(), certificates);
  TS_VERIFY_CTX_set_data(context.get(), BIO_new_mem_buf(signed_bytes.data(), static_cast<int>(signed_bytes.size())));
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_DATA);
  X509_STORE_add_cert(store, x509_of(authority.chain.back()));
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);  // we have

  PKCS7* token = TS_RESP_get_token(response);
  X509* signer = signer_of(token, certificates);
  if (signer == nullptr) {
    return untrusted("the certificate of its signer is not that of an authority in the trusted root");
  }
  const Certificate& first = authority.chain.front();
  if (!first.is_authority() && X509_cmp(signer, x509_of(first)) != 0) {
    return untrusted("signed by another certificate than the authority's own");
  }
  // By our own rules first, whose reasons say more; OpenSSL checks the chain again, and what the token names.
  unsigned char* data = nullptr;
  const int size = i2d_X509(signer, &data);
  const std::string der(reinterpret_cast<char*>(data), size < 0 ? 0 : static_cast<std::size_t>(size));
  OPENSSL_free(data);
  const Certificate leaf = TRY(Certificate::from_der(der));
  auto path =
      verify_chain(leaf, authority.chain, std::span(authority.chain).last(1), time, CertificateUse::time_stamping);
  if (!path) {
    return untrusted(path.error().message);
  }
  if (TS_RESP_verify_response(context.get(), response) != 1) {
    return untrusted(openssl_reason("does not verify"));
  }
  return {};
}

}  // namespace

Result<base::UnixTime> verify_timestamp(std::string_view response, std::string_view signed_bytes,
                                        std::span<const TrustedAuthority> authorities) {
  if (response.size() > kMaxResponseBytes || signed_bytes.size() > kMaxResponseBytes) {
    return Error{Errc::too_large, "signed timestamp (RFC 3161): above " + base::human_bytes(kMaxResponseBytes)};
  }
  const unsigned char* at = octets(response);
  const Response parsed(d2i_TS_RESP(nullptr, &at, static_cast<long>(response.size())));
  if (parsed == nullptr || at != octets(response) + response.size()) {
    return Error{Errc::malformed, "signed timestamp (RFC 3161): " +
                                      openssl_reason(parsed == nullptr ? "no TimeStampResp" : "bytes after it")};
  }
  TS_TST_INFO* info = TS_RESP_get_tst_info(parsed.get());
  if (info == nullptr || TS_RESP_get_token(parsed.get()) == nullptr) {
    return untrusted("not granted: there is no token");
  }
  TRY(check_imprint_algorithm(info));
  const base::UnixTime time = TRY(stated_time(info));
  if (authorities.empty()) {
    return untrusted("the trusted root names no time-stamping authority");
  }
  std::optional<Error> reason;
  for (const TrustedAuthority& authority : authorities) {
    auto verified = verify_under(parsed.get(), signed_bytes, time, authority);
    if (!verified) {
      // That of the authority which it names is worth more than that of one which it does not.
      if (!reason || verified.error().message.find("is not that of an authority") == std::string::npos) {
        reason = verified.error();
      }
      continue;
    }
    if (!authority.valid_for.contains(time)) {
      reason = untrusted("made at " + base::to_iso8601(time) + ", but authority " + base::printable(authority.uri) +
                         " is trusted from " + authority.valid_for.text());
      continue;
    }
    return time;
  }
  return *reason;
}

}  // namespace sign
