#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
  /// Also takes extension lines after the root, as other logs may write them; they are not kept.
  static base::Result<Checkpoint> parse_extended(std::string_view text);
  bool operator==(const Checkpoint&) const = default;
};

/// One entry to append. Content is what the caller likes, in this project a statement's canonical bytes; `key` says
/// what it is about, so that the newest entry of a key is the current one. An entry without a key is never current: it
/// is read in order only.
struct NewEntry {
  std::string key;
  std::string content;
};
struct Entry {
  std::uint64_t index = 0;
  std::string key;
  std::string content;
  base::UnixTime received;  ///< When the log took it in.
  /// How the record holds the content: 1 whole, 2 by length and SHA-256, so that it fits in a tile log's entry bundle.
  std::uint8_t record = 1;
};

/// What the log vouches for: the bytes whose hash is the entry's leaf. One byte with the version, `received` as
/// big-endian 64-bit two's complement, the length of the key as big-endian 64-bit number, the key, and then, in version
/// 1, the content up to the end, in version 2 the length of the content as big-endian 64-bit number and its SHA-256.
[[nodiscard]] std::string record_of(const Entry& entry);
/// A record taken apart. `content` is empty where the record has only its digest.
struct Record {
  Entry entry;
  std::uint64_t content_bytes = 0;
  base::Sha256 content_digest;  ///< Of version 2 only.
};
/// Fails with truncated, malformed or unsupported.
base::Result<Record> parse_record(std::string_view record);

/// The RFC 6962 hash of a leaf: SHA-256 of 0x00 and the record.
[[nodiscard]] base::Sha256 leaf_hash(const Entry& entry);
[[nodiscard]] base::Sha256 leaf_hash_of_record(std::string_view record);

inline constexpr std::uint64_t kMaxKeyBytes = 32U << 10;      ///< Far above any path; leaves room in a record.
inline constexpr std::uint64_t kMaxContentBytes = 64U << 20;  ///< As evidence::kMaxStatementBytes.

/// When the checkpoint file follows the database.
enum class Filing : std::uint8_t {
  at_once,  ///< Before append() returns.
  later,    ///< With the next file_checkpoint(), close or open; entries are durable all the same.
};

/// What verify() found.
struct Verification {
  std::uint64_t entries = 0;
  base::Sha256 root;
  bool intact = false;
  std::vector<std::string> problems;  ///< "entry 12: content does not match its leaf hash" …
};

/// A Merkle log (RFC 6962 hashing, leaves as leaf_hash() makes them): a file of entries, synced with every append, and
/// what is derived from it in SQLite. One process writes at a time (`ledger.lock`); the last checkpoint is also in the
/// file `checkpoint`, so that a log cut, rolled back or exchanged is noticed. docs/formats/ledger.md has every byte.
/// Not thread-safe.
class Ledger {
 public:
  enum class Mode : std::uint8_t { read, write };
  struct State;  ///< Of this room.

  /// Opens or (in write mode) creates `directory`/ledger.db. In write mode the log must agree with the checkpoint file:
  /// one that was cut, rewritten or exchanged is not written on, so that the proof of it stays. Where a writer was
  /// killed before it wrote the checkpoint file, that is made good. Fails with io (also when another process writes,
  /// naming it), not_found (read mode), malformed (not a ledger, naming what is wrong), unsupported (a newer version's)
  /// or untrusted (write mode: the log does not agree with the checkpoint file).
  /// `origin` names a log that is made here; by default it is made up. For one that is there already it must be empty
  /// or the same (usage).
  static base::Result<Ledger> open(const std::filesystem::path& directory, Mode mode, std::string_view origin = {});
  ~Ledger();
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;

  /// Appends, in one durable batch, those entries whose content differs from the current one of their key, and
  /// then writes the checkpoint. All or none is recorded. Returns how many were appended. Fails with io (disk full
  /// included), too_large or usage (opened to read); then nothing was recorded, but where only the checkpoint file
  /// could not be written, which the message says.
  base::Result<std::uint64_t> append(std::span<const NewEntry> entries) { return append(entries, Filing::at_once); }
  /// The same. `places`, where it is given, gets the index of every entry: that of the equal one which was there
  /// already for one that was left out.
  base::Result<std::uint64_t> append(std::span<const NewEntry> entries, Filing filing,
                                     std::vector<std::uint64_t>* places = nullptr);
  /// Brings the checkpoint file up to the database. Fails with io or usage (opened to read).
  base::Result<void> file_checkpoint();

  [[nodiscard]] base::Result<Checkpoint> checkpoint() const;
  /// Whether the log begins with the one that `earlier` is of: same origin, not longer, and of its root at its size by
  /// the stored hashes. Fails with io, or untrusted (stored hashes are missing).
  [[nodiscard]] base::Result<bool> continues(const Checkpoint& earlier) const;
  /// Calls `visit` for the current (newest) entry of every key, in order of key; stops at the first error. `visit` must
  /// not append. Fails with untrusted where the list of current entries does not agree with the entries.
  base::Result<void> for_each_current(const std::function<base::Result<void>(const Entry&)>& visit) const;
  /// Which keys to visit: from `first` up to but without `end`; where that is empty, to the last.
  struct KeyRange {
    std::string_view first;
    std::string_view end;
  };
  /// The same for the keys of a range only; others are not read.
  base::Result<void> for_each_current(KeyRange keys,
                                      const std::function<base::Result<void>(const Entry&)>& visit) const;
  /// The same for all entries from `first`, in order.
  base::Result<void> for_each(std::uint64_t first, const std::function<base::Result<void>(const Entry&)>& visit) const;
  [[nodiscard]] base::Result<std::optional<Entry>> current(std::string_view key) const;

  /// Recomputes every hash and compares with the stored tree, the stored checkpoint, the checkpoint file, the signed
  /// checkpoint (whose signature must count by the log's key list) and, where given, a checkpoint kept elsewhere.
  /// Memory does not grow with the log. What is wrong with the log is not an error but a problem in the result (the
  /// first hundred); fails with io only.
  [[nodiscard]] base::Result<Verification> verify(const std::optional<Checkpoint>& remembered = {}) const;
  /// Entry `index`, if there is one.
  [[nodiscard]] base::Result<std::optional<Entry>> entry(std::uint64_t index) const;
  /// Inclusion proof of entry `index` in the tree of `size` (RFC 6962, section 2.1.1), leaf's sibling first. Reads a
  /// few tiles, whatever the size. Fails with usage (no such entry or size) or untrusted (stored hashes are missing).
  [[nodiscard]] base::Result<std::vector<base::Sha256>> inclusion_proof(std::uint64_t index, std::uint64_t size) const;
  /// Proof that the tree of `old_size` is the beginning of that of `new_size` (RFC 6962, section 2.1.2). Fails
  /// likewise.
  [[nodiscard]] base::Result<std::vector<base::Sha256>> consistency_proof(std::uint64_t old_size,
                                                                          std::uint64_t new_size) const;

  /// Proof that entries are in the tree of `size`: the roots of the largest complete subtrees that hold none of
  /// `indices`, from left to right. `indices` ascend and are below `size`. Fails likewise.
  [[nodiscard]] base::Result<std::vector<base::Sha256>> subset_proof(std::span<const std::uint64_t> indices,
                                                                     std::uint64_t size) const;

  /// Calls `visit` with index and leaf hash of the entries that there are in [first, end), in order.
  [[nodiscard]] base::Result<void> leaf_hashes(
      std::uint64_t first, std::uint64_t end,
      const std::function<void(std::uint64_t, const base::Sha256&)>& visit) const;
  /// Where the file of entries cannot be read, as leaf_hashes() found: the byte, and the entry that was to come there.
  /// The first hundred.
  [[nodiscard]] const std::vector<std::pair<std::uint64_t, std::uint64_t>>& damaged_places() const;
  /// Entries received at an earlier time than the one before, by how many seconds; at most `most`. That is no damage:
  /// the order of the log is that of its indices, whatever the clock said.
  [[nodiscard]] base::Result<std::vector<std::pair<std::uint64_t, std::int64_t>>> clock_steps(std::size_t most) const;
  /// The stored tile; empty where there is none. Valid until the next call for this level.
  [[nodiscard]] base::Result<std::string_view> tile(unsigned level, std::uint64_t index) const;
  [[nodiscard]] const std::filesystem::path& directory() const;

 private:
  friend class Appender;  // which prepares a batch while the one before is on its way to the disk
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ledger
