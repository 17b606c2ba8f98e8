#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "base/time.h"

namespace ledger {

/// The state of the log after some entry: what a later verification is held against. Text form as in C2SP
/// tlog-checkpoint, without signatures: origin, tree size, base64 root, each on a line.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  base::Sha256 root;
  [[nodiscard]] std::string to_text() const;
  /// Takes exactly what to_text() writes. Fails with truncated or malformed, naming the line.
  static base::Result<Checkpoint> parse(std::string_view text);
};

/// One entry to append. Content is a statement's canonical bytes; `key` says what it is about, so that the newest entry
/// of a key is the current one.
struct NewEntry {
  std::string key;
  std::string content;
};
struct Entry {
  std::uint64_t index = 0;
  std::string key;
  std::string content;
  base::UnixTime received;  ///< When the log took it in.
};

/// The RFC 6962 hash of an entry's leaf: SHA-256 of 0x00 and the entry's record, which is one byte 0x01 (version of the
/// record), `received` as big-endian 64-bit two's complement, the length of the key as big-endian 64-bit number, the
/// key, and the content up to the end. So the log vouches for all three.
[[nodiscard]] base::Sha256 leaf_hash(const Entry& entry);

inline constexpr std::uint64_t kMaxKeyBytes = 1U << 20;       ///< Far above any path; stops a row of keys alone.
inline constexpr std::uint64_t kMaxContentBytes = 64U << 20;  ///< As evidence::kMaxStatementBytes.

/// What verify() found.
struct Verification {
  std::uint64_t entries = 0;
  base::Sha256 root;
  bool intact = false;
  std::vector<std::string> problems;  ///< "entry 12: content does not match its leaf hash" …
};

/// A Merkle log (RFC 6962 hashing, leaves as leaf_hash() makes them) in one SQLite file, WAL, synced at every commit.
/// One process writes at a time (`ledger.lock` beside it); the last checkpoint is also kept in the file `checkpoint`
/// beside it, so that a log cut, rolled back or exchanged is noticed. docs/formats/ledger.md has every byte. Not
/// thread-safe.
class Ledger {
 public:
  enum class Mode : std::uint8_t { read, write };

  /// Opens or (in write mode) creates `directory`/ledger.db. In write mode the log must agree with the checkpoint file:
  /// one that was cut, rewritten or exchanged is not written on, so that the proof of it stays. Where a writer was
  /// killed before it wrote the checkpoint file, that is made good. Fails with io (also when another process writes,
  /// naming it), not_found (read mode), malformed (not a ledger, naming what is wrong), unsupported (a newer version's)
  /// or untrusted (write mode: the log does not agree with the checkpoint file).
  static base::Result<Ledger> open(const std::filesystem::path& directory, Mode mode);
  ~Ledger();
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;

  /// Appends, in one durable transaction, those entries whose content differs from the current one of their key, and
  /// then writes the checkpoint. All or none is recorded. Returns how many were appended. Fails with io (disk full
  /// included), too_large or usage (opened to read); then nothing was recorded, but where only the checkpoint file
  /// could not be written, which the message says.
  base::Result<std::uint64_t> append(std::span<const NewEntry> entries);

  [[nodiscard]] base::Result<Checkpoint> checkpoint() const;
  /// Calls `visit` for the current (newest) entry of every key, in order of key; stops at the first error. `visit` must
  /// not append. Fails with untrusted where the list of current entries does not agree with the entries.
  base::Result<void> for_each_current(const std::function<base::Result<void>(const Entry&)>& visit) const;
  /// The same for all entries from `first`, in order.
  base::Result<void> for_each(std::uint64_t first, const std::function<base::Result<void>(const Entry&)>& visit) const;
  [[nodiscard]] base::Result<std::optional<Entry>> current(std::string_view key) const;

  /// Recomputes every hash and compares with the stored tree, the stored checkpoint, the checkpoint file and, where
  /// given, a checkpoint kept elsewhere. Memory does not grow with the log. What is wrong with the log is not an error
  /// but a problem in the result (the first hundred); fails with io only.
  [[nodiscard]] base::Result<Verification> verify(const std::optional<Checkpoint>& remembered = {}) const;
  /// Inclusion proof of entry `index` in the tree of `size` (RFC 6962, section 2.1.1), leaf's sibling first. Reads a
  /// few tiles, whatever the size. Fails with usage (no such entry or size) or untrusted (stored hashes are missing).
  [[nodiscard]] base::Result<std::vector<base::Sha256>> inclusion_proof(std::uint64_t index, std::uint64_t size) const;
  /// Proof that the tree of `old_size` is the beginning of that of `new_size` (RFC 6962, section 2.1.2). Fails
  /// likewise.
  [[nodiscard]] base::Result<std::vector<base::Sha256>> consistency_proof(std::uint64_t old_size,
                                                                          std::uint64_t new_size) const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ledger
