#include "sign/bundle.h"

#include "base/json.h"
#include "base/text.h"
#include "sign/members.h"

namespace sign {

using base::Errc;
using base::Result;

namespace {

Result<Bundle::Version> read_version(const Members& root) {
  using Version = Bundle::Version;
  const std::string type = TRY(root.text("mediaType"));
  if (type == kBundleMediaType || type == "application/vnd.dev.sigstore.bundle+json;version=0.3") {
    return Version::v0_3;
  }
  if (type == "application/vnd.dev.sigstore.bundle+json;version=0.2") {
    return Version::v0_2;
  }
  if (type == "application/vnd.dev.sigstore.bundle+json;version=0.1") {
    return Version::v0_1;
  }
  return root.fail(
      Errc::unsupported, "mediaType",
      "\"" + base::abbreviate(base::printable(type), 80) + "\" is no Sigstore bundle of version 0.1 to 0.3");
}

Result<InclusionProof> read_proof(const Members& from, Bundle::Version version) {
  TRY(from.expect_only({"logIndex", "rootHash", "treeSize", "hashes", "checkpoint"}));
  InclusionProof out;
  // Protocol Buffers leave out a zero.
  out.log_index = from.has("logIndex") ? TRY(from.number("logIndex")) : 0;
  out.tree_size = TRY(from.number("treeSize"));
  out.root = TRY(from.sha256("rootHash"));
  for (const std::string& hash : TRY(from.byte_list("hashes", kMaxProofHashes))) {
    auto digest = sha256_from_bytes(hash, "hash");
    if (!digest) {
      return from.fail(Errc::malformed, "hashes",
                       "element " + std::to_string(out.hashes.size()) + " is not 32 bytes long");
    }
    out.hashes.push_back(*digest);
  }
  if (out.log_index >= out.tree_size) {
    return from.fail(Errc::malformed, "logIndex", "is not below treeSize");
  }
  if (from.has("checkpoint")) {
    const Members checkpoint = TRY(from.object("checkpoint"));
    TRY(checkpoint.expect_only({"envelope"}));
    out.checkpoint = TRY(checkpoint.text("envelope"));
  }
  if (out.checkpoint.empty() && version != Bundle::Version::v0_1) {
    return from.fail(Errc::malformed, "checkpoint", "missing, but bundles from version 0.2 on must have it");
  }
  return out;
}

Result<LogEntry> read_log_entry(const Members& from, Bundle::Version version) {
  TRY(from.expect_only({"logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
                        "canonicalizedBody"}));
  LogEntry out;
  out.log_index = from.has("logIndex") ? TRY(from.number("logIndex")) : 0;
  const Members log = TRY(from.object("logId"));
  TRY(log.expect_only({"keyId"}));
  out.log_id = TRY(log.bytes("keyId"));
  const Members kind = TRY(from.object("kindVersion"));
  TRY(kind.expect_only({"kind", "version"}));
  out.kind = TRY(kind.text("kind"));
  out.version = TRY(kind.text("version"));
  if (from.has("integratedTime")) {
    const std::uint64_t time = TRY(from.number("integratedTime"));
    if (time != 0) {
      out.integrated_time = static_cast<std::int64_t>(time);
    }
  }
  if (from.has("inclusionPromise")) {
    const Members promise = TRY(from.object("inclusionPromise"));
    TRY(promise.expect_only({"signedEntryTimestamp"}));
    out.signed_entry_timestamp = TRY(promise.bytes("signedEntryTimestamp"));
  }
  if (from.has("inclusionProof")) {
    const Members proof = TRY(from.object("inclusionProof"));
    out.proof = TRY(read_proof(proof, version));
  } else if (version != Bundle::Version::v0_1) {
    return from.fail(Errc::malformed, "inclusionProof", "missing, but bundles from version 0.2 on must have it");
  }
  if (version == Bundle::Version::v0_1 && out.signed_entry_timestamp.empty()) {
    return from.fail(Errc::malformed, "inclusionPromise", "missing, but bundles of version 0.1 must have it");
  }
  out.canonicalized_body = TRY(from.bytes("canonicalizedBody"));
  return out;
}

Result<void> read_key(const Members& from, Bundle& out) {
  // Model Signing 0.3 to 1.0 wrote the key itself, which no reader may trust.
  TRY(from.expect_only({"hint", "rawBytes", "keyDetails"}));
  out.material = Bundle::Material::public_key;
  out.key_hint = TRY(from.text_or("hint", {}));
  if (from.has("rawBytes")) {
    out.key_pem = TRY(from.bytes("rawBytes"));
  }
  TRY(from.text_or("keyDetails", {}));
  return {};
}

Result<void> read_chain(const Members& from, Bundle& out) {
  TRY(from.expect_only({"certificates"}));
  out.material = Bundle::Material::certificate_chain;
  for (const Members& certificate : TRY(from.objects("certificates", kMaxBundleCertificates))) {
    TRY(certificate.expect_only({"rawBytes"}));
    out.certificates.push_back(TRY(certificate.bytes("rawBytes")));
  }
  if (out.certificates.empty()) {
    return from.fail(Errc::malformed, "certificates", "no certificate");
  }
  return {};
}

Result<void> read_material(const Members& from, Bundle& out) {
  TRY(from.expect_only(
      {"publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData"}));
  const int alternatives = static_cast<int>(from.has("publicKey")) +
                           static_cast<int>(from.has("x509CertificateChain")) +
                           static_cast<int>(from.has("certificate"));
  if (alternatives != 1) {
    return from.fail(Errc::malformed, {},
                     alternatives == 0 ? "none of publicKey, x509CertificateChain and certificate"
                                       : "more than one of publicKey, x509CertificateChain and certificate");
  }
  if (from.has("publicKey")) {
    const Members key = TRY(from.object("publicKey"));
    TRY(read_key(key, out));
  } else if (from.has("x509CertificateChain")) {
    const Members chain = TRY(from.object("x509CertificateChain"));
    TRY(read_chain(chain, out));
  } else {
    const Members certificate = TRY(from.object("certificate"));
    TRY(certificate.expect_only({"rawBytes"}));
    out.material = Bundle::Material::certificate;
    out.certificates.push_back(TRY(certificate.bytes("rawBytes")));
  }
  for (const Members& entry : TRY(from.objects("tlogEntries", kMaxLogEntries))) {
    out.log_entries.push_back(TRY(read_log_entry(entry, out.version)));
  }
  if (from.has("timestampVerificationData")) {
    const Members data = TRY(from.object("timestampVerificationData"));
    TRY(data.expect_only({"rfc3161Timestamps"}));
    for (const Members& timestamp : TRY(data.objects("rfc3161Timestamps", kMaxTimestamps))) {
      TRY(timestamp.expect_only({"signedTimestamp"}));
      out.timestamps.push_back(TRY(timestamp.bytes("signedTimestamp")));
    }
  }
  return {};
}

Result<Envelope> read_envelope(const Members& from) {
  TRY(from.expect_only({"payload", "payloadType", "signatures"}));
  Envelope out;
  out.payload = TRY(from.bytes("payload"));
  out.payload_type = TRY(from.text("payloadType"));
  const auto signatures = TRY(from.objects("signatures", 16));
  if (signatures.size() != 1) {
    return from.fail(Errc::malformed, "signatures",
                     std::to_string(signatures.size()) + " signatures, but a bundle's envelope has exactly one");
  }
  TRY(signatures[0].expect_only({"sig", "keyid"}));
  out.signature = TRY(signatures[0].bytes("sig"));
  out.key_id = TRY(signatures[0].text_or("keyid", {}));
  return out;
}

Result<MessageSignature> read_message(const Members& from) {
  TRY(from.expect_only({"messageDigest", "signature"}));
  MessageSignature out;
  if (from.has("messageDigest")) {
    const Members digest = TRY(from.object("messageDigest"));
    TRY(digest.expect_only({"algorithm", "digest"}));
    out.digest_algorithm = TRY(digest.text("algorithm"));
    out.digest = TRY(digest.bytes("digest"));
  }
  out.signature = TRY(from.bytes("signature"));
  return out;
}

}  // namespace

base::Result<Bundle> Bundle::parse(std::string_view json) {
  base::DocumentLimits limits;
  limits.max_bytes = kMaxBundleBytes;
  limits.max_depth = 16;
  limits.max_values = 10'000;
  const auto parsed = base::parse_json(json, limits);
  if (!parsed) {
    base::Error error = parsed.error();
    error.message = "no signature bundle: " + error.message;
    return error;
  }
  const base::Value& document = *parsed;
  const Members root = TRY(Members::of(document, {}));
  Bundle out;
  out.version = TRY(read_version(root));
  TRY(root.expect_only({"mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"}));
  const Members material = TRY(root.object("verificationMaterial"));
  TRY(read_material(material, out));
  if (root.has("messageSignature") == root.has("dsseEnvelope")) {
    return root.fail(Errc::malformed, {},
                     root.has("dsseEnvelope") ? "both of messageSignature and dsseEnvelope"
                                              : "neither messageSignature nor dsseEnvelope");
  }
  if (root.has("dsseEnvelope")) {
    const Members envelope = TRY(root.object("dsseEnvelope"));
    out.envelope = TRY(read_envelope(envelope));
  } else {
    const Members message = TRY(root.object("messageSignature"));
    out.message = TRY(read_message(message));
  }
  return out;
}

}  // namespace sign
