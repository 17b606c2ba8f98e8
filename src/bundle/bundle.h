#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/assess.h"
#include "assess/inherited.h"
#include "base/keys.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "catalog/catalog.h"
#include "ledger/ledger.h"
#include "ledger/signed_checkpoint.h"

/// `.surety` bundles: a result with all that it rests on, in one signed file, so that a stranger can compute every
/// verdict again. docs/formats/bundle.md has every byte.
namespace bundle {

inline constexpr std::string_view kFirstLine = "surety-bundle\t1\n";
inline constexpr std::uint64_t kMaxBundleBytes = 2ULL << 30;
inline constexpr std::uint64_t kMaxEntries = 4'000'000;
inline constexpr std::uint64_t kMaxHeaderBytes = 1U << 20;
inline constexpr std::uint64_t kMaxResultBytes = 64U << 20;
inline constexpr std::size_t kMaxDocuments = 4000;

/// What is said of the whole.
struct Header {
  std::string tool_version;
  std::string system;     ///< Name of the system; may be empty.
  base::UnixTime time;    ///< Of the assessment; what is stale or expired is judged by it.
  std::string catalogue;  ///< Id and version.
  std::string catalogue_title;
  std::string catalogue_digest;
  std::uint64_t entries = 0;
};

/// Hexadecimal SHA-256 over the key's SubjectPublicKeyInfo (DER).
[[nodiscard]] std::string fingerprint(const base::PublicKey& key);

/// Whether these are the bytes of a bundle, by their first line.
[[nodiscard]] bool is_bundle(std::string_view bytes);

/// Loads an entry as a stranger can read it: private fields of events are withheld, and named as such.
base::Result<void> load_entry(assess::Facts& facts, const ledger::Entry& entry);

/// Writes bundles. Collects in memory what is written.
class Writer {
 public:
  Writer(Header header, std::vector<catalog::Document> documents);

  /// Entries in ascending order of index. Fails with usage for another order, malformed where a key or content could
  /// not be written on one line, too_large above the limits.
  base::Result<void> add(const ledger::Entry& entry);
  /// `checkpoint` is signed, of the log that the entries are from; `keys` verify it. Fails with io or untrusted (the
  /// entries are not those of the log), or as signing does.
  base::Result<std::string> finish(const ledger::Ledger& log, std::string_view checkpoint, const ledger::Trust& keys,
                                   const base::Value& outcome, const base::PrivateKey& key);

 private:
  Header header_;
  std::vector<catalog::Document> documents_;
  std::vector<std::uint64_t> indices_;
  std::vector<base::Sha256> leaves_;
  std::string entries_;
};

/// What verifying is told from outside the bundle.
struct VerifyOptions {
  /// The keys whose signature counts, as fingerprints; empty: whoever signed, which then is for the caller to judge.
  std::vector<std::string> signers;
  /// Digests of catalogues that are known here. A bundle of another one is refused unless `any_catalogue`.
  std::vector<std::string> catalogues;
  bool any_catalogue = false;
  base::UnixTime now;  ///< For keys of the log that expired or were revoked.
};

/// A bundle that verified: signature, proofs and every verdict.
struct Verified {
  Header header;
  std::string signer;      ///< Fingerprint of the key that signed it.
  std::string public_key;  ///< PEM.
  base::Sha256 sha256;     ///< Of the file.
  std::string origin;      ///< Of the log.
  std::uint64_t log_size = 0;
  std::vector<std::string> log_keys;
  std::vector<std::string> witnesses;
  base::Value outcome;  ///< As recomputed, see assess::outcome_value().
  std::vector<assess::Inherited> inherited;
};

/// Checks the signature over every byte, the catalogue's digest, the checkpoint, that each entry is in the log, and
/// computes every verdict again from the entries. Fails with untrusted for whatever does not verify or agree, naming it
/// (verdict by verdict, at most 200); with malformed or truncated where it is no bundle, too_large above the limits,
/// unsupported for another version.
base::Result<Verified> verify(std::string_view bytes, const VerifyOptions& options);

/// The result as evidence for somebody who relies on this supplier.
[[nodiscard]] assess::Inherited inherit(const Verified& verified, std::string_view provider);

}  // namespace bundle
