#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ledger/tile_log.h"

/// Finds what is damaged in a log, and what can still be proven all the same.
namespace ledger {

/// A tree whose hashes and entries may be damaged.
class TreeSource {
 public:
  virtual ~TreeSource() = default;
  /// The stored hashes of a tile of the tree of `size` entries; whatever is there, also nothing. Fails with io only.
  virtual base::Result<std::string> tile(unsigned level, std::uint64_t index, std::uint64_t width) = 0;
  /// The leaf hashes of entries [first, first + out.size()), computed from the entries; none where there is no entry.
  virtual base::Result<void> leaves(std::uint64_t first, std::span<std::optional<base::Sha256>> out) = 0;
};
/// A ledger's database. Borrows it.
std::unique_ptr<TreeSource> tree_of(const Ledger& log);
/// Files as of C2SP tlog-tiles, of a log of `size` entries. Borrows the source.
std::unique_ptr<TreeSource> tree_of(LogSource& source, std::uint64_t size);

/// A checkpoint to hold the log against.
struct Reference {
  std::string name;  ///< "checkpoint file" …
  Checkpoint checkpoint;
};

struct FsckReport {
  using Range = std::pair<std::uint64_t, std::uint64_t>;  ///< First and last.
  std::string held_against;       ///< Name of the largest checkpoint that the log can be shown to agree with; or empty.
  std::uint64_t size = 0;         ///< Of that checkpoint.
  std::uint64_t provable = 0;     ///< Entries that are what the checkpoint says they are.
  std::vector<Range> unprovable;  ///< The others, at most kMaxFindings ranges.
  std::optional<std::uint64_t> first_bad;
  std::string first_bad_tile;         ///< "tile 0/019": where the hash of that entry stands.
  std::vector<std::string> findings;  ///< In order of place, at most kMaxFindings.
  std::vector<std::string> notes;     ///< What is no damage: a clock that went back.
  [[nodiscard]] bool intact() const { return findings.empty() && unprovable.empty() && !held_against.empty(); }
};
inline constexpr std::size_t kMaxFindings = 100;

/// Goes from the root down, so that each entry is proven by what is above it, and past damaged hashes by what is below
/// them. Memory does not grow with the log. Fails with io only.
base::Result<FsckReport> check_tree(TreeSource& source, std::vector<Reference> references);

/// check_tree() of a ledger against the checkpoint in it, the checkpoint file, the signed one, and `others`; notes
/// where the clock went back.
base::Result<FsckReport> check_ledger(const Ledger& log, std::vector<Reference> others);

}  // namespace ledger
