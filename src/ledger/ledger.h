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
  base::UnixTime received;  ///< When the log took it in; not part of the leaf.
};

/// What verify() found.
struct Verification {
  std::uint64_t entries = 0;
  base::Sha256 root;
  bool intact = false;
  std::vector<std::string> problems;  ///< "entry 12: content does not match its leaf hash" …
};

/// A Merkle log (RFC 6962 hashing: leaf SHA-256(0x00 || content), node SHA-256(0x01 || left || right)) in one SQLite
/// file, WAL, synced at every commit. One process writes at a time (a lock file beside it); the last checkpoint is also
/// kept in a file of its own, so that a log cut or rolled back is noticed. Not thread-safe.
class Ledger {
 public:
  enum class Mode : std::uint8_t { read, write };

  /// Opens or (in write mode) creates `directory`/ledger.db. Fails with io (also when another process writes),
  /// malformed (not a ledger, naming what is wrong) or unsupported (a newer version's).
  static base::Result<Ledger> open(const std::filesystem::path& directory, Mode mode);
  ~Ledger();
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;

  /// Appends, in one durable transaction, those entries whose content differs from the current one of their key, and
  /// then writes the checkpoint. All or none is recorded. Returns how many were appended.
  base::Result<std::uint64_t> append(std::span<const NewEntry> entries);

  [[nodiscard]] base::Result<Checkpoint> checkpoint() const;
  /// Calls `visit` for the current (newest) entry of every key, in order of key; stops at the first error.
  base::Result<void> for_each_current(const std::function<base::Result<void>(const Entry&)>& visit) const;
  /// The same for all entries from `first`, in order.
  base::Result<void> for_each(std::uint64_t first, const std::function<base::Result<void>(const Entry&)>& visit) const;
  [[nodiscard]] base::Result<std::optional<Entry>> current(std::string_view key) const;

  /// Recomputes every hash and compares with the stored tree, the stored checkpoint, the checkpoint file and, where
  /// given, a checkpoint kept elsewhere. Memory does not grow with the log.
  [[nodiscard]] base::Result<Verification> verify(const std::optional<Checkpoint>& remembered = {}) const;
  /// Inclusion proof of entry `index` in the tree of `size` (RFC 6962, section 2.1.1).
  [[nodiscard]] base::Result<std::vector<base::Sha256>> inclusion_proof(std::uint64_t index, std::uint64_t size) const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ledger
