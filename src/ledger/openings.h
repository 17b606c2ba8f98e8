#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/digest.h"
#include "base/result.h"

namespace ledger {

/// What opens a commitment that stands in an entry: without it, nobody can tell what was committed to.
struct Opening {
  base::Sha256 commitment;
  std::string salt;
  std::string content;
};

inline constexpr std::uint64_t kMaxOpeningBytes = 16U << 20;  ///< Of salt and content of one.

/// The openings of a log, in `openings.db` beside it and readable by its owner alone. They are no part of what is
/// hashed, so that they can be erased while every proof goes on to hold; `ledger.db` itself never holds them. That an
/// opening is the right one is for the caller to check, who knows how commitments are made. docs/formats/ledger.md has
/// every byte, docs/decisions/0017 why. Not thread-safe; writers hold the lock of the log.
class Openings {
 public:
  enum class Mode : std::uint8_t { read, write };

  /// Opens or (in write mode) creates `directory`/openings.db. Fails with not_found (read mode), malformed (not such a
  /// file), unsupported (a newer version's) or io.
  static base::Result<Openings> open(const std::filesystem::path& directory, Mode mode);
  ~Openings();
  Openings(Openings&&) noexcept;
  Openings& operator=(Openings&&) noexcept;

  /// Adds them in one durable transaction; what is there already stays. Add before the entry is appended: an opening
  /// without an entry can be removed, an entry without an opening cannot be opened. Fails with io, too_large or usage
  /// (opened to read).
  base::Result<void> add(std::span<const Opening> openings);
  [[nodiscard]] base::Result<std::optional<Opening>> find(const base::Sha256& commitment) const;
  /// All commitments that can be opened, in order; stops at the first error. `visit` must not write.
  base::Result<void> for_each(const std::function<base::Result<void>(const base::Sha256&)>& visit) const;
  /// Deletes the openings and overwrites their bytes in the file and its write-ahead log. Returns how many were there.
  /// Fails with io also where another process still reads, so that the write-ahead log could not be emptied: then the
  /// rows are deleted, and erase() has to be called again. What file systems, disks and backups keep of earlier states
  /// is out of its reach.
  base::Result<std::uint64_t> erase(std::span<const base::Sha256> commitments);

 private:
  struct State;
  explicit Openings(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ledger
