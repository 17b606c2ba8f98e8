#include "sign/rekor.h"

#include <array>

#include "base/json.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "sign/members.h"
#include "sign/openssl.h"

namespace sign {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kMaxBodyBytes = 64U << 20;  // an intoto entry of version 0.0.2 holds the payload

Error untrusted(std::string_view reason) {
  return {Errc::untrusted, "log entry: " + std::string(reason)};
}

// Names as Rekor 1 writes them ("sha256") and as Protocol Buffers do ("SHA2_256").
const EVP_MD* digest_named(std::string_view name) {
  if (name == "sha256" || name == "SHA2_256") {
    return EVP_sha256();
  }
  if (name == "sha384" || name == "SHA2_384") {
    return EVP_sha384();
  }
  return name == "sha512" || name == "SHA2_512" ? EVP_sha512() : nullptr;
}

Result<void> expect_digest(std::string_view algorithm, std::string_view digest, std::string_view bytes,
                           std::string_view what) {
  const EVP_MD* method = digest_named(algorithm);
  if (method == nullptr) {
    return Error{Errc::unsupported, "log entry: digest algorithm " + base::printable(algorithm)};
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, method, nullptr);
  if (digest != std::string_view(reinterpret_cast<const char*>(out.data()), size)) {
    return untrusted("its " + std::string(what) + " is not that of what is signed here");
  }
  return {};
}

Result<std::string> from_hex(const Members& from, std::string_view name) {
  const std::string digits = TRY(from.text(name));
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = base::hex_value(digits[i]);
    const int low = base::hex_value(digits[i + 1]);
    if (high < 0 || low < 0) {
      return from.fail(Errc::malformed, name, "is not hexadecimal");
    }
    out += static_cast<char>(high << 4 | low);
  }
  if (digits.empty() || digits.size() % 2 != 0) {
    return from.fail(Errc::malformed, name, "is not hexadecimal");
  }
  return out;
}

Result<void> expect_signature(std::string_view bytes, const SignedContent& content) {
  if (bytes != content.bundle->signature()) {
    return untrusted("it records another signature");
  }
  return {};
}

Result<void> expect_certificate(std::string_view der, const SignedContent& content) {
  if (content.leaf == nullptr || der != content.leaf->der()) {
    return untrusted("it records another certificate");
  }
  return {};
}
Result<void> expect_key(const Result<base::PublicKey>& key, const SignedContent& content) {
  if (content.key == nullptr || !key || key->der() != content.key->der()) {
    return untrusted("it records another public key");
  }
  return {};
}

// PEM of a certificate or a public key.
Result<void> expect_verifier(std::string_view pem, const SignedContent& content) {
  if (pem.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos) {
    const auto certificates = TRY(Certificate::from_pem(pem, 1));
    return expect_certificate(certificates[0].der(), content);
  }
  return expect_key(base::PublicKey::from_pem(pem), content);
}

// Rekor 2: dev.sigstore.rekor.v2.Verifier.
Result<void> expect_verifier(const Members& verifier, const SignedContent& content) {
  TRY(verifier.expect_only({"keyDetails", "x509Certificate", "publicKey"}));
  const bool certified = verifier.has("x509Certificate");
  if (certified == verifier.has("publicKey")) {
    return verifier.fail(Errc::malformed, {}, "not exactly one of x509Certificate and publicKey");
  }
  const Members holder = TRY(verifier.object(certified ? "x509Certificate" : "publicKey"));
  TRY(holder.expect_only({"rawBytes"}));
  const std::string bytes = TRY(holder.bytes("rawBytes"));
  return certified ? expect_certificate(bytes, content)
                   : expect_key(base::PublicKey::from_der(base::as_bytes(bytes)), content);
}

// {"algorithm": …, "value": hexadecimal}
Result<void> expect_hash(const Members& from, std::string_view name, std::string_view bytes, std::string_view what) {
  const Members hash = TRY(from.object(name));
  TRY(hash.expect_only({"algorithm", "value"}));
  const std::string algorithm = TRY(hash.text("algorithm"));
  const std::string digest = TRY(from_hex(hash, "value"));
  return expect_digest(algorithm, digest, bytes, what);
}
// {"algorithm": …, "digest": base64}
Result<void> expect_hash_v2(const Members& hash, std::string_view bytes, std::string_view what) {
  TRY(hash.expect_only({"algorithm", "digest"}));
  const std::string algorithm = TRY(hash.text("algorithm"));
  const std::string digest = TRY(hash.bytes("digest"));
  return expect_digest(algorithm, digest, bytes, what);
}

Result<void> check_hashedrekord_v1(const Members& spec, const SignedContent& content) {
  TRY(spec.expect_only({"data", "signature"}));
  const Members data = TRY(spec.object("data"));
  TRY(data.expect_only({"hash"}));
  TRY(expect_hash(data, "hash", content.message, "digest"));
  const Members signature = TRY(spec.object("signature"));
  TRY(signature.expect_only({"content", "publicKey"}));
  const std::string bytes = TRY(signature.bytes("content"));
  TRY(expect_signature(bytes, content));
  const Members key = TRY(signature.object("publicKey"));
  TRY(key.expect_only({"content"}));
  const std::string pem = TRY(key.bytes("content"));
  return expect_verifier(std::string_view(pem), content);
}

Result<void> check_hashedrekord_v2(const Members& spec, const SignedContent& content) {
  TRY(spec.expect_only({"hashedRekordV002"}));
  const Members record = TRY(spec.object("hashedRekordV002"));
  TRY(record.expect_only({"data", "signature"}));
  const Members data = TRY(record.object("data"));
  TRY(expect_hash_v2(data, content.message, "digest"));
  const Members signature = TRY(record.object("signature"));
  TRY(signature.expect_only({"content", "verifier"}));
  const std::string bytes = TRY(signature.bytes("content"));
  TRY(expect_signature(bytes, content));
  const Members verifier = TRY(signature.object("verifier"));
  return expect_verifier(verifier, content);
}

Result<const Envelope*> envelope_of(const SignedContent& content) {
  if (!content.bundle->envelope) {
    return untrusted("it records an envelope, but the bundle has none");
  }
  return &*content.bundle->envelope;
}

Result<Members> only_signature(const Members& from) {
  const auto signatures = TRY(from.objects("signatures", 16));
  if (signatures.size() != 1) {
    return from.fail(Errc::malformed, "signatures", std::to_string(signatures.size()) + " signatures, not one");
  }
  return signatures[0];
}

Result<void> check_dsse_v1(const Members& spec, const SignedContent& content) {
  TRY(spec.expect_only({"envelopeHash", "payloadHash", "signatures"}));
  const Envelope* envelope = TRY(envelope_of(content));
  // envelopeHash is over the JSON that was sent to the log, which is not part of the bundle.
  TRY(expect_hash(spec, "payloadHash", envelope->payload, "payload digest"));
  const Members signature = TRY(only_signature(spec));
  TRY(signature.expect_only({"signature", "verifier"}));
  const std::string bytes = TRY(signature.bytes("signature"));
  TRY(expect_signature(bytes, content));
  const std::string pem = TRY(signature.bytes("verifier"));
  return expect_verifier(std::string_view(pem), content);
}

Result<void> check_dsse_v2(const Members& spec, const SignedContent& content) {
  TRY(spec.expect_only({"dsseV002"}));
  const Members record = TRY(spec.object("dsseV002"));
  TRY(record.expect_only({"payloadHash", "signatures"}));
  const Envelope* envelope = TRY(envelope_of(content));
  const Members hash = TRY(record.object("payloadHash"));
  TRY(expect_hash_v2(hash, envelope->payload, "payload digest"));
  const Members signature = TRY(only_signature(record));
  TRY(signature.expect_only({"content", "verifier"}));
  const std::string bytes = TRY(signature.bytes("content"));
  TRY(expect_signature(bytes, content));
  const Members verifier = TRY(signature.object("verifier"));
  return expect_verifier(verifier, content);
}

Result<void> check_intoto(const Members& spec, const SignedContent& content) {
  TRY(spec.expect_only({"content"}));
  const Members inner = TRY(spec.object("content"));
  TRY(inner.expect_only({"envelope", "hash", "payloadHash"}));
  const Envelope* envelope = TRY(envelope_of(content));
  TRY(expect_hash(inner, "payloadHash", envelope->payload, "payload digest"));
  const Members recorded = TRY(inner.object("envelope"));
  TRY(recorded.expect_only({"payload", "payloadType", "signatures"}));
  const std::string type = TRY(recorded.text("payloadType"));
  if (type != envelope->payload_type) {
    return untrusted("it records another payload type");
  }
  const Members signature = TRY(only_signature(recorded));
  TRY(signature.expect_only({"publicKey", "sig", "keyid"}));
  const std::string encoded = TRY(signature.bytes("sig"));  // base64 of base64
  const auto bytes = base::from_base64(encoded);
  if (!bytes) {
    return signature.fail(Errc::malformed, "sig", "is not base64 of base64");
  }
  TRY(expect_signature(*bytes, content));
  const std::string pem = TRY(signature.bytes("publicKey"));
  return expect_verifier(std::string_view(pem), content);
}

Result<void> check_body(const LogEntry& entry, const SignedContent& content) {
  base::DocumentLimits limits;
  limits.max_bytes = kMaxBodyBytes;
  limits.max_depth = 16;
  limits.max_values = 1000;
  const base::Value document = TRY(base::parse_json(entry.canonicalized_body, limits));
  const Members body = TRY(Members::of(document, "canonicalizedBody"));
  TRY(body.expect_only({"apiVersion", "kind", "spec"}));
  const std::string kind = TRY(body.text("kind"));
  const std::string version = TRY(body.text("apiVersion"));
  if (kind != entry.kind || version != entry.version) {
    return untrusted("its body is of another kind than it says");
  }
  const Members spec = TRY(body.object("spec"));
  if (kind == "hashedrekord" && version == "0.0.1") {
    return check_hashedrekord_v1(spec, content);
  }
  if (kind == "hashedrekord" && version == "0.0.2") {
    return check_hashedrekord_v2(spec, content);
  }
  if (kind == "dsse" && version == "0.0.1") {
    return check_dsse_v1(spec, content);
  }
  if (kind == "dsse" && version == "0.0.2") {
    return check_dsse_v2(spec, content);
  }
  if (kind == "intoto" && version == "0.0.2") {
    return check_intoto(spec, content);
  }
  return Error{Errc::unsupported,
               "log entry: kind " + base::abbreviate(base::printable(kind + " " + version), 80) + " is not read"};
}

// Rekor 1 signs this JSON, members sorted, without white space.
Result<void> check_promise(const LogEntry& entry, const TransparencyLog& log) {
  const std::string text = "{\"body\":\"" + base::to_base64(base::as_bytes(entry.canonicalized_body)) +
                           "\",\"integratedTime\":" + std::to_string(entry.integrated_time.value_or(0)) +
                           ",\"logID\":\"" + base::to_hex(base::as_bytes(entry.log_id)) +
                           "\",\"logIndex\":" + std::to_string(entry.log_index) + "}";
  if (!log.key->verifies(base::as_bytes(text), base::as_bytes(entry.signed_entry_timestamp), log.hash)) {
    return untrusted("its signed entry timestamp does not verify under the key of log " +
                     base::printable(log.base_url));
  }
  return {};
}

Result<void> check_checkpoint(const InclusionProof& proof, const TransparencyLog& log) {
  const ledger::Note note = TRY(ledger::Note::parse(proof.checkpoint));
  const ledger::Checkpoint checkpoint = TRY(ledger::Checkpoint::parse_extended(note.text));  // Rekor 1 has extensions
  std::uint32_t key_id = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    key_id = key_id << 8 | static_cast<unsigned char>(log.checkpoint_key_id[i]);
  }
  bool found = false;
  bool verified = false;
  for (const ledger::NoteSignature& signature : note.signatures) {
    if (signature.name == log.host && signature.key_id == key_id) {
      found = true;
      verified = verified || log.key->verifies(base::as_bytes(note.text), base::as_bytes(signature.bytes), log.hash);
    }
  }
  if (!verified) {
    return untrusted(found ? "the checkpoint's signature by log " + base::printable(log.host) + " does not verify"
                           : "the checkpoint is not signed by log " + base::printable(log.host));
  }
  if (checkpoint.size != proof.tree_size || checkpoint.root != proof.root) {
    return untrusted("the checkpoint has another size or root than the inclusion proof");
  }
  return {};
}

Result<void> check_proof(const LogEntry& entry, const TransparencyLog& log) {
  const InclusionProof& proof = *entry.proof;
  const base::Sha256 leaf = base::sha256(std::string(1, '\0') + entry.canonicalized_body);
  if (!ledger::verify_inclusion(proof.log_index, proof.tree_size, leaf, proof.hashes, proof.root)) {
    return untrusted("the inclusion proof does not lead from the entry to the root");
  }
  return proof.checkpoint.empty() ? Result<void>() : check_checkpoint(proof, log);
}

}  // namespace

Result<VerifiedEntry> verify_log_entry(const LogEntry& entry, const SignedContent& content,
                                       std::span<const TransparencyLog> logs) {
  const TransparencyLog* log = nullptr;
  for (const TransparencyLog& known : logs) {
    if (known.log_id == entry.log_id) {
      log = &known;
    }
  }
  if (log == nullptr) {
    return untrusted("its log, " + base::to_hex(base::as_bytes(entry.log_id)) + ", is not in the trusted root");
  }
  if (!log->key) {
    return Error{Errc::unsupported, "log " + base::printable(log->base_url) + ": " + log->key_problem};
  }
  VerifiedEntry out;
  out.log = log;
  out.index = entry.proof ? entry.proof->log_index : entry.log_index;
  if (!entry.signed_entry_timestamp.empty()) {
    TRY(check_promise(entry, *log));
    if (entry.integrated_time) {
      out.integrated_time = base::UnixTime{*entry.integrated_time};
    }
  }
  if (entry.proof) {
    TRY(check_proof(entry, *log));
  }
  const bool by_checkpoint = entry.proof && !entry.proof->checkpoint.empty();
  if (!by_checkpoint && entry.signed_entry_timestamp.empty()) {
    return untrusted("neither a signed entry timestamp nor an inclusion proof with checkpoint");
  }
  TRY(check_body(entry, content));
  return out;
}

}  // namespace sign
