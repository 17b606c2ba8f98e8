#include "sign/trusted_root.h"

#include <openssl/rsa.h>

#include "base/json.h"
#include "base/text.h"
#include "sign/members.h"
#include "sign/openssl.h"

namespace sign {

using base::Errc;
using base::Result;

namespace {

constexpr std::size_t kMaxChain = 16;

Result<base::UnixTime> read_time(const Members& from, std::string_view name) {
  const std::string text = TRY(from.text(name));
  const auto time = base::parse_time(text);
  if (!time || text.find_first_of("Tt") == std::string::npos) {
    return from.fail(Errc::malformed, name, "is not a time of RFC 3339");
  }
  return *time;
}

Result<TimeRange> read_range(const Members& from) {
  const Members range = TRY(from.object("validFor"));
  TRY(range.expect_only({"start", "end"}));
  TimeRange out;
  out.start = TRY(read_time(range, "start"));
  if (range.has("end")) {
    out.end = TRY(read_time(range, "end"));
    if (*out.end < out.start) {
      return range.fail(Errc::malformed, "end", "is before start");
    }
  }
  return out;
}

std::string host_of(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  return std::string(url.substr(0, url.find_first_of("/?#")));
}

// An RSAPublicKey of PKCS #1 as a SubjectPublicKeyInfo; what is given where it is something else.
std::string as_public_key_info(const std::string& bytes) {
  const unsigned char* at = octets(bytes);
  using Key = OpensslOwner<EVP_PKEY, EVP_PKEY_free>;
  const Key key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, static_cast<long>(bytes.size())));
  std::string out = bytes;
  if (key != nullptr && at == octets(bytes) + bytes.size()) {
    unsigned char* data = nullptr;
    const int size = i2d_PUBKEY(key.get(), &data);
    if (size > 0) {
      out.assign(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
    }
    OPENSSL_free(data);
  }
  ERR_clear_error();
  return out;
}

struct KeyDetails {
  std::string_view name;
  base::KeyKind kind;
  base::SignatureHash hash;
};
// dev.sigstore.common.v1.PublicKeyDetails, of which those with RSA-PSS and the deprecated ones are left out.
constexpr KeyDetails kKeyDetails[] = {
    {"PKIX_ED25519", base::KeyKind::ed25519, base::SignatureHash::of_key},
    {"PKIX_ECDSA_P256_SHA_256", base::KeyKind::ecdsa_p256, base::SignatureHash::sha256},
    {"PKIX_ECDSA_P384_SHA_384", base::KeyKind::ecdsa_p384, base::SignatureHash::sha384},
    {"PKIX_ECDSA_P521_SHA_512", base::KeyKind::ecdsa_p521, base::SignatureHash::sha512},
    {"PKIX_RSA_PKCS1V15_2048_SHA256", base::KeyKind::rsa, base::SignatureHash::sha256},
    {"PKIX_RSA_PKCS1V15_3072_SHA256", base::KeyKind::rsa, base::SignatureHash::sha256},
    {"PKIX_RSA_PKCS1V15_4096_SHA256", base::KeyKind::rsa, base::SignatureHash::sha256},
    {"PKCS1_RSA_PKCS1V5", base::KeyKind::rsa, base::SignatureHash::sha256},
};

// A key that cannot be used is no reason to refuse the file: a newer one may list keys of kinds to come.
void read_key(const std::string& bytes, const std::string& details, TransparencyLog& out) {
  for (const KeyDetails& known : kKeyDetails) {
    if (known.name != details) {
      continue;
    }
    auto key =
        base::PublicKey::from_der(base::as_bytes(details == "PKCS1_RSA_PKCS1V5" ? as_public_key_info(bytes) : bytes));
    if (!key) {
      out.key_problem = key.error().message;
    } else if (key->kind() != known.kind) {
      out.key_problem = "key: is " + std::string(base::to_string(key->kind())) + ", not " + details;
    } else {
      out.key = std::move(*key);
      out.hash = known.hash;
    }
    return;
  }
  out.key_problem = "key: " + base::abbreviate(base::printable(details), 60) + " is not supported";
}

Result<TransparencyLog> read_log(const Members& from) {
  TRY(from.expect_only({"baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator"}));
  TransparencyLog out;
  out.base_url = TRY(from.text("baseUrl"));
  out.host = host_of(out.base_url);
  const std::string hash = TRY(from.text("hashAlgorithm"));
  if (hash != "SHA2_256") {
    return from.fail(Errc::unsupported, "hashAlgorithm", "is not SHA2_256");
  }
  const Members key = TRY(from.object("publicKey"));
  TRY(key.expect_only({"rawBytes", "keyDetails", "validFor"}));
  const std::string bytes = TRY(key.bytes("rawBytes"));
  const std::string details = TRY(key.text("keyDetails"));
  read_key(bytes, details, out);
  out.valid_for = TRY(read_range(key));
  const Members id = TRY(from.object("logId"));
  TRY(id.expect_only({"keyId"}));
  out.log_id = TRY(id.bytes("keyId"));
  out.checkpoint_key_id = out.log_id;
  if (from.has("checkpointKeyId")) {
    const Members other = TRY(from.object("checkpointKeyId"));
    TRY(other.expect_only({"keyId"}));
    out.checkpoint_key_id = TRY(other.bytes("keyId"));
  }
  if (out.checkpoint_key_id.size() < 4) {
    return from.fail(Errc::malformed, "logId", "shorter than 4 bytes");
  }
  return out;
}

Result<TrustedAuthority> read_authority(const Members& from) {
  TRY(from.expect_only({"subject", "uri", "certChain", "validFor", "operator"}));
  TrustedAuthority out;
  out.uri = TRY(from.text_or("uri", {}));
  const Members chain = TRY(from.object("certChain"));
  TRY(chain.expect_only({"certificates"}));
  for (const Members& element : TRY(chain.objects("certificates", kMaxChain))) {
    TRY(element.expect_only({"rawBytes"}));
    const std::string der = TRY(element.bytes("rawBytes"));
    auto certificate = Certificate::from_der(der);
    if (!certificate) {
      return element.fail(certificate.error().code, "rawBytes", certificate.error().message);
    }
    out.chain.push_back(std::move(*certificate));
  }
  if (out.chain.empty()) {
    return chain.fail(Errc::malformed, "certificates", "no certificate");
  }
  out.valid_for = TRY(read_range(from));
  return out;
}

}  // namespace

std::string TimeRange::text() const {
  return base::to_iso8601(start) + (end ? " to " + base::to_iso8601(*end) : " on");
}

Result<TrustedRoot> TrustedRoot::parse(std::string_view json) {
  base::DocumentLimits limits;
  limits.max_bytes = kMaxTrustedRootBytes;
  limits.max_depth = 16;
  limits.max_values = 100'000;
  const base::Value document = TRY(base::parse_json(json, limits));
  const Members root = TRY(Members::of(document, {}));
  const std::string type = TRY(root.text("mediaType"));
  if (type != "application/vnd.dev.sigstore.trustedroot+json;version=0.1" &&
      type != "application/vnd.dev.sigstore.trustedroot+json;version=0.2" &&
      type != "application/vnd.dev.sigstore.trustedroot.v0.2+json") {
    return root.fail(
        Errc::unsupported, "mediaType",
        "\"" + base::abbreviate(base::printable(type), 80) + "\" is no trusted root of version 0.1 or 0.2");
  }
  TRY(root.expect_only({"mediaType", "tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities"}));
  TrustedRoot out;
  for (const Members& log : TRY(root.objects("tlogs", kMaxTrustedInstances))) {
    out.logs.push_back(TRY(read_log(log)));
  }
  for (const Members& log : TRY(root.objects("ctlogs", kMaxTrustedInstances))) {
    out.certificate_logs.push_back(TRY(read_log(log)));
  }
  for (const Members& authority : TRY(root.objects("certificateAuthorities", kMaxTrustedInstances))) {
    out.certificate_authorities.push_back(TRY(read_authority(authority)));
  }
  for (const Members& authority : TRY(root.objects("timestampAuthorities", kMaxTrustedInstances))) {
    out.timestamp_authorities.push_back(TRY(read_authority(authority)));
  }
  return out;
}

}  // namespace sign
