#include "sign/sigstore.h"

#include <set>

#include "base/json.h"
#include "base/text.h"
#include "sign/certificate_transparency.h"
#include "sign/dsse.h"
#include "sign/members.h"
#include "sign/openssl.h"
#include "sign/timestamp.h"

namespace sign {

using base::Errc;
using base::Error;
using base::Result;

namespace {

Error untrusted(std::string reason) {
  return {Errc::untrusted, std::move(reason)};
}

std::string digest_hex(const EVP_MD* method, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, method, nullptr);
  return base::to_hex(std::as_bytes(std::span(out.data(), size)));
}

struct NamedDigest {
  std::string_view statement;  ///< In in-toto statements.
  std::string_view message;    ///< In `messageDigest`.
  const EVP_MD* (*method)();
};
constexpr NamedDigest kDigests[] = {
    {"sha256", "SHA2_256", EVP_sha256}, {"sha384", "SHA2_384", EVP_sha384}, {"sha512", "SHA2_512", EVP_sha512}};

// The statement speaks of the file: one subject has a digest that we know, and each of those it has is the file's.
Result<void> expect_subject(const Envelope& envelope, std::string_view file) {
  if (envelope.payload_type != kInTotoPayloadType) {
    return Error{Errc::usage, "the bundle's envelope holds no in-toto statement, so it cannot be about a file"};
  }
  base::DocumentLimits limits;
  limits.max_bytes = kMaxBundleBytes;
  limits.max_depth = 64;
  const base::Value statement = TRY(base::parse_json(envelope.payload, limits));
  for (const base::Value& subject : statement["subject"].as_list()) {
    bool known = false;
    bool equal = true;
    for (const NamedDigest& digest : kDigests) {
      const base::Value& stated = subject["digest"][digest.statement];
      if (stated.is_string()) {
        known = true;
        equal = equal && stated.as_text() == digest_hex(digest.method(), file);
      }
    }
    if (known && equal) {
      return {};
    }
  }
  return untrusted("no subject of the statement has the digest of the file");
}

// A hint, which is not signed; but a bundle whose hint is wrong is for another file.
Result<void> expect_message_digest(const MessageSignature& message, std::string_view file) {
  if (message.digest.empty()) {
    return {};
  }
  for (const NamedDigest& digest : kDigests) {
    if (message.digest_algorithm == digest.message) {
      return base::to_hex(base::as_bytes(message.digest)) == digest_hex(digest.method(), file)
                 ? Result<void>()
                 : untrusted("messageDigest is not that of the file");
    }
  }
  return Error{Errc::unsupported,
               "messageDigest: algorithm " + base::abbreviate(base::printable(message.digest_algorithm), 40)};
}

// The bytes under the signature; `storage` holds them where they have to be made.
Result<std::string_view> signed_message(const Bundle& bundle, std::optional<std::string_view> file,
                                        std::string& storage) {
  if (bundle.envelope) {
    storage = dsse_signed_bytes(bundle.envelope->payload_type, bundle.envelope->payload);
    if (file) {
      TRY(expect_subject(*bundle.envelope, *file));
    }
    return std::string_view(storage);
  }
  if (!file) {
    return Error{Errc::usage, "the bundle signs a file, and none is given"};
  }
  TRY(expect_message_digest(*bundle.message, *file));
  return *file;
}

Result<std::vector<VerifiedEntry>> verify_entries(const Bundle& bundle, const SignedContent& content,
                                                  const TrustedRoot& root) {
  std::vector<VerifiedEntry> out;
  std::set<std::pair<std::string, std::uint64_t>> seen;
  for (const LogEntry& entry : bundle.log_entries) {
    if (!seen.emplace(entry.log_id, entry.log_index).second) {
      return untrusted("log entry: entry " + std::to_string(entry.log_index) + " stands twice in the bundle");
    }
    out.push_back(TRY(verify_log_entry(entry, content, root.logs)));
    const VerifiedEntry& verified = out.back();
    if (verified.integrated_time && !verified.log->valid_for.contains(*verified.integrated_time)) {
      return untrusted("log entry: made at " + base::to_iso8601(*verified.integrated_time) + ", but log " +
                       base::printable(verified.log->base_url) + " is trusted from " + verified.log->valid_for.text());
    }
  }
  return out;
}

Result<std::vector<VerifiedTime>> verify_times(const Bundle& bundle, std::span<const VerifiedEntry> entries,
                                               const TrustedRoot& root, std::vector<std::string>& notes) {
  std::vector<VerifiedTime> out;
  for (const VerifiedEntry& entry : entries) {
    if (entry.integrated_time) {
      out.push_back({*entry.integrated_time, "log " + base::printable(entry.log->base_url)});
    }
  }
  for (const std::string& timestamp : bundle.timestamps) {
    const auto time = verify_timestamp(timestamp, bundle.signature(), root.timestamp_authorities);
    if (time) {
      out.push_back({*time, "timestamp authority"});
    } else {
      notes.push_back(time.error().message);
    }
  }
  if (out.empty()) {
    return untrusted(notes.empty()
                         ? "no time: the bundle has neither a log's signed entry timestamp nor a signed timestamp"
                         : "no time that can be trusted: " + base::join(notes, "; "));
  }
  // A log without times of its own was trusted when the timestamps were made.
  for (const VerifiedEntry& entry : entries) {
    for (const VerifiedTime& time : out) {
      if (!entry.integrated_time && !entry.log->valid_for.contains(time.time)) {
        return untrusted("log entry: made at " + base::to_iso8601(time.time) + ", but log " +
                         base::printable(entry.log->base_url) + " is trusted from " + entry.log->valid_for.text());
      }
    }
  }
  return out;
}

// The path under one authority, which must hold at every time.
Result<std::vector<Certificate>> chain_under(const TrustedAuthority& authority, const Certificate& leaf,
                                             std::span<const VerifiedTime> times) {
  std::vector<Certificate> chain;
  for (const VerifiedTime& time : times) {
    chain = TRY(verify_chain(leaf, authority.chain, std::span(authority.chain).last(1), time.time,
                             CertificateUse::code_signing));
    if (!authority.valid_for.contains(time.time)) {
      return untrusted("certificate authority " + base::printable(authority.uri) + " is trusted from " +
                       authority.valid_for.text() + ", not at " + base::to_iso8601(time.time));
    }
  }
  return chain;
}

Result<std::vector<Certificate>> verify_certificate(const Certificate& leaf, std::span<const VerifiedTime> times,
                                                    const TrustedRoot& root) {
  for (const VerifiedTime& time : times) {
    if (!leaf.valid_at(time.time)) {
      return untrusted("the certificate was valid from " + base::to_iso8601(leaf.not_before()) + " to " +
                       base::to_iso8601(leaf.not_after()) + ", but the signature was made at " +
                       base::to_iso8601(time.time) + " by " + time.source);
    }
  }
  if (leaf.is_authority()) {
    return untrusted("the certificate is that of an authority, not of a signer");
  }
  std::optional<Error> reason;
  for (const TrustedAuthority& authority : root.certificate_authorities) {
    auto chain = chain_under(authority, leaf, times);
    if (chain) {
      return chain;
    }
    // An authority that issued it and fails says more than one that did not.
    const bool issued = !authority.chain.empty() && authority.chain.front().subject() == leaf.issuer();
    if (!reason || issued) {
      reason = chain.error();
    }
  }
  return reason ? *reason : untrusted("the trusted root names no certificate authority");
}

Result<SignerIdentity> verify_identity(const Certificate& leaf, const SignerIdentity& wanted) {
  const std::optional<std::string> issuer = TRY(leaf.fulcio_issuer());
  if (!issuer) {
    return untrusted("the certificate does not name the issuer of its identity");
  }
  const auto names = TRY(leaf.alternative_names());
  std::vector<std::string> found;
  for (const AlternativeName& name : names) {
    if (name.value == wanted.subject && name.kind != AlternativeName::Kind::dns) {
      if (*issuer != wanted.issuer) {
        return untrusted("identity: " + base::printable(wanted.subject) + " was vouched for by " +
                         base::printable(*issuer) + ", not by " + base::printable(wanted.issuer));
      }
      return SignerIdentity{name.value, *issuer};
    }
    found.push_back(base::printable(name.value));
  }
  return untrusted("identity: signed by " + (found.empty() ? "nobody named" : base::join(found, ", ")) + ", not by " +
                   base::printable(wanted.subject));
}

}  // namespace

Result<SigstoreVerification> verify_sigstore(const Bundle& bundle, const TrustedRoot& root,
                                             const SignerIdentity& identity, std::optional<std::string_view> file) {
  if (bundle.material == Bundle::Material::public_key) {
    return untrusted("the bundle was signed with a key, so it proves no identity: name the key to verify it with");
  }
  if (bundle.material == Bundle::Material::certificate_chain && bundle.version == Bundle::Version::v0_3) {
    return Error{Errc::malformed,
                 "verificationMaterial.x509CertificateChain: not allowed in keyless bundles of version 0.3"};
  }
  const Certificate leaf = TRY(Certificate::from_der(bundle.certificates[0]));
  for (std::size_t i = 1; i < bundle.certificates.size(); ++i) {
    const Certificate issuer = TRY(Certificate::from_der(bundle.certificates[i]));
    if (issuer.self_signed()) {
      return untrusted("the bundle brings a root certificate of its own (\"" + issuer.subject() +
                       "\"); roots come from the trusted root alone");
    }
  }
  if (bundle.log_entries.empty()) {
    return untrusted("the bundle has no entry of a transparency log");
  }
  std::string storage;
  SignedContent content;
  content.bundle = &bundle;
  content.leaf = &leaf;
  content.message = TRY(signed_message(bundle, file, storage));

  SigstoreVerification out;
  out.entries = TRY(verify_entries(bundle, content, root));
  out.times = TRY(verify_times(bundle, out.entries, root, out.notes));
  out.chain = TRY(verify_certificate(leaf, out.times, root));
  if (out.chain.size() < 2) {
    return untrusted("the certificate is a trust anchor itself, which no signer's is");
  }
  out.certificate_logged = TRY(verify_certificate_timestamp(leaf, out.chain[1], root.certificate_logs));
  out.identity = TRY(verify_identity(leaf, identity));
  const base::PublicKey key = TRY(leaf.key());
  if (!key.verifies(base::as_bytes(content.message), base::as_bytes(bundle.signature()))) {
    return untrusted("the signature does not verify under the certificate's key");
  }
  return out;
}

Result<std::vector<VerifiedEntry>> verify_with_key(const Bundle& bundle, const base::PublicKey& key,
                                                   const TrustedRoot* root, std::optional<std::string_view> file) {
  if (bundle.material != Bundle::Material::public_key) {
    return untrusted("the bundle was signed with a certificate, not with a key");
  }
  std::string storage;
  SignedContent content;
  content.bundle = &bundle;
  content.key = &key;
  content.message = TRY(signed_message(bundle, file, storage));
  if (!key.verifies(base::as_bytes(content.message), base::as_bytes(bundle.signature()))) {
    return untrusted("the signature does not verify under the key");
  }
  if (root == nullptr) {
    return std::vector<VerifiedEntry>();
  }
  return verify_entries(bundle, content, *root);
}

}  // namespace sign
