#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace sign {

inline constexpr std::string_view kBundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// Limits on one bundle.
inline constexpr std::uint64_t kMaxBundleBytes = 512U << 20;  ///< A manifest of a million files fits.
inline constexpr std::size_t kMaxBundleCertificates = 32;     ///< Stops long chains; real ones have four at most.
inline constexpr std::size_t kMaxLogEntries = 32;             ///< Stops a thousand signatures to check.
inline constexpr std::size_t kMaxTimestamps = 32;             ///< Likewise.
inline constexpr std::size_t kMaxProofHashes = 64;            ///< No tree of 2^64 leaves needs more.

/// `tlogEntries[].inclusionProof`. What it claims; nothing is verified.
struct InclusionProof {
  std::uint64_t log_index = 0;
  std::uint64_t tree_size = 0;
  base::Sha256 root;
  std::vector<base::Sha256> hashes;  ///< The leaf's sibling first.
  std::string checkpoint;            ///< A signed note; empty only in bundles of version 0.1.
};

/// `tlogEntries[]`: an entry of a transparency log.
struct LogEntry {
  std::uint64_t log_index = 0;  ///< Over all shards of a log; the index in the tree is that of the proof.
  std::string log_id;           ///< Bytes.
  std::string kind;             ///< "hashedrekord", "dsse", "intoto".
  std::string version;          ///< "0.0.1", "0.0.2".
  std::optional<std::int64_t> integrated_time;  ///< Seconds since 1970.
  std::string signed_entry_timestamp;           ///< `inclusionPromise`; empty where there is none.
  std::optional<InclusionProof> proof;
  std::string canonicalized_body;  ///< JSON: what the log's leaf is the hash of.
};

/// A DSSE envelope with its one signature.
struct Envelope {
  std::string payload;  ///< Decoded.
  std::string payload_type;
  std::string signature;  ///< Decoded.
  std::string key_id;     ///< Unauthenticated hint; often empty.
};

/// A signature over a file's own bytes.
struct MessageSignature {
  std::string digest_algorithm;  ///< "SHA2_256"; empty where there is no digest. A hint, which is not signed.
  std::string digest;
  std::string signature;
};

/// A Sigstore bundle of version 0.1 to 0.3, in which OpenSSF Model Signing travels as well. A parsed file: nothing in
/// it is verified. docs/formats/signature.md
struct Bundle {
  enum class Version : std::uint8_t { v0_1, v0_2, v0_3 };
  Version version = Version::v0_3;

  enum class Material : std::uint8_t { public_key, certificate_chain, certificate };
  Material material = Material::public_key;
  std::string key_hint;                   ///< public_key: names the key, does not hold it.
  std::string key_pem;                    ///< public_key of Model Signing before 1.1: the key itself. Never trust it.
  std::vector<std::string> certificates;  ///< DER, leaf first; exactly one where material is certificate.

  std::vector<LogEntry> log_entries;
  std::vector<std::string> timestamps;  ///< RFC 3161, DER: a TimeStampResp.

  std::optional<Envelope> envelope;  ///< Exactly one of these two is there.
  std::optional<MessageSignature> message;

  /// The signature of whichever it is.
  [[nodiscard]] const std::string& signature() const { return envelope ? envelope->signature : message->signature; }

  /// Strict: a duplicate key, an unknown member, a missing one, both or neither of alternatives, more than one DSSE
  /// signature, base64 that is not standard. Fails with malformed, truncated, too_large, or unsupported (a media type
  /// of no version that we know), naming place and line.
  static base::Result<Bundle> parse(std::string_view json);
};

}  // namespace sign
