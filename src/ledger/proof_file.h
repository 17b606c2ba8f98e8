#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "ledger/signed_checkpoint.h"

/// Proofs that travel on their own: C2SP tlog-proof (one entry is in the log) and the request of C2SP tlog-witness (one
/// checkpoint continues another). Both end in a signed checkpoint, kept as it came.
namespace ledger {

inline constexpr std::size_t kMaxProofHashes = 63;  ///< The height of a tree of 2^63 entries.
/// A record has to fit in an entry bundle (C2SP tlog-tiles).
inline constexpr std::uint64_t kMaxRecordBytes = 65535;

struct TlogProof {
  std::optional<std::string> extra;  ///< Of the application; not covered by the proof.
  std::uint64_t index = 0;
  std::vector<base::Sha256> hashes;  ///< The leaf's sibling first.
  std::string checkpoint;

  [[nodiscard]] std::string to_text() const;
  /// Fails with malformed, truncated or too_large, naming the line.
  static base::Result<TlogProof> parse(std::string_view text);
};

/// A checkpoint and the proof that the tree of `old_size` is its beginning.
struct AddCheckpoint {
  std::uint64_t old_size = 0;
  std::vector<base::Sha256> hashes;
  std::string checkpoint;

  [[nodiscard]] std::string to_text() const;
  static base::Result<AddCheckpoint> parse(std::string_view text);
};

/// That `record` is the entry the proof is about, in a log that the keys signed. Fails as open_checkpoint(), or with
/// untrusted where the proof does not lead to the checkpoint's root.
base::Result<OpenedCheckpoint> check_proof(const TlogProof& proof, std::string_view record, const Trust& trust,
                                           base::UnixTime now);

}  // namespace ledger
