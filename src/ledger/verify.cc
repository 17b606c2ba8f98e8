#include <algorithm>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "ledger/log_key.h"
#include "ledger/record.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::size_t kMaxProblems = 100;

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return first == last ? "entry " + std::to_string(first)
                       : "entries " + std::to_string(first) + " to " + std::to_string(last);
}

/// A checkpoint whose root the log must have had when it was of that size.
struct Milestone {
  std::string name;
  Checkpoint checkpoint;
  bool reached = false;
};

/// Goes through a log from the first entry to the last. Holds one entry, one tile of each level and the problems.
class Verifier {
 public:
  Verifier(const Database& database, std::uint8_t format, Checkpoint stored, std::vector<Milestone> milestones)
      : database_(database), format_(format), stored_(std::move(stored)), milestones_(std::move(milestones)) {}

  void problem(std::string text) {
    if (result_.problems.size() < kMaxProblems) {
      result_.problems.push_back(std::move(text));
    } else if (result_.problems.size() == kMaxProblems) {
      result_.problems.emplace_back("there are more problems than these");
    }
  }

  Result<void> run() {
    Tiles tiles = TRY(Tiles::open(database_));
    Query entries = TRY(database_.prepare("SELECT idx, received, key, content FROM entry ORDER BY idx"));
    Query current = TRY(database_.prepare("SELECT idx FROM current WHERE key = ?1"));
    check_milestones();
    std::uint64_t expected = 0;
    while (TRY(entries.step())) {
      ++result_.entries;
      const std::int64_t place = entries.integer(0);
      if (place < 0 || static_cast<std::uint64_t>(place) >= stored_.size) {
        problem("entry " + std::to_string(place) + ": lies outside the log, which ends before entry " +
                std::to_string(stored_.size));
        continue;
      }
      const auto index = static_cast<std::uint64_t>(place);
      TRY(pass_over(tiles, expected, index));
      const std::string_view key = entries.bytes(2);
      const std::string_view content = entries.bytes(3);
      TRY(take(tiles,
               leaf_hash_of({entries.integer(1)}, key, content, record_version(format_, key.size(), content.size()))));
      if (!key.empty()) {
        current.bind(1, key);
        if (!TRY(current.step())) {
          problem("entry " + std::to_string(index) + ": its key is not in the list of current entries");
        } else if (current.integer(0) < place) {
          problem("entry " + std::to_string(index) + ": the list of current entries names the older entry " +
                  std::to_string(current.integer(0)));
        }
        current.reset();
      }
      expected = index + 1;
    }
    TRY(pass_over(tiles, expected, stored_.size));
    TRY(finish_tile(tiles));
    TRY(check_tile_sizes());
    TRY(check_current());
    if (complete_ && frontier_.root() != stored_.root) {
      problem("stored checkpoint: its root is not that of the entries");
    }
    for (const Milestone& milestone : milestones_) {
      if (!milestone.reached && milestone.checkpoint.size > stored_.size) {
        problem(milestone.name + ": is of " + base::counted(milestone.checkpoint.size, "entry", "entries") +
                ", the log has " + base::grouped(stored_.size) + ": it was cut or rolled back");
      } else if (!milestone.reached) {
        problem(milestone.name + ": the entries it covers are not all there");
      }
    }
    return {};
  }

  Verification finish() {
    result_.root = frontier_.root();
    result_.intact = result_.problems.empty();
    return std::move(result_);
  }

 private:
  // Entries that are not there. Their stored hashes keep the rest in its place, so that only they are reported.
  Result<void> pass_over(Tiles& tiles, std::uint64_t first, std::uint64_t end) {
    if (first >= end) {
      return {};
    }
    problem(range_text(first, end - 1) + ": missing");
    for (std::uint64_t index = first; index < end && complete_; ++index) {
      const std::string_view tile = TRY(tiles.tile(0, index / kTileHashes));
      const auto offset = static_cast<std::size_t>(index % kTileHashes) * kHashBytes;
      if (tile.size() < offset + kHashBytes) {
        complete_ = false;
        problem("stored hashes: " + std::string(tile.empty() ? "missing" : "cut short") + " from entry " +
                std::to_string(index));
        return {};
      }
      TRY(take(tiles, hash_at(tile.substr(offset))));
    }
    return {};
  }

  // The next leaf. Hashes are compared a tile at a time.
  Result<void> take(Tiles& tiles, const Sha256& leaf) {
    if (!complete_) {
      return {};
    }
    leaves_[taken_++] = leaf;
    if (frontier_.size() + taken_ == next_milestone_) {
      check_milestones();
    }
    return taken_ == kTileHashes ? finish_tile(tiles) : Result<void>();
  }

  // Compares the leaves taken with their tile, and what they complete with the tiles above.
  Result<void> finish_tile(Tiles& tiles) {
    if (taken_ == 0) {
      return {};
    }
    const std::uint64_t first = frontier_.size();
    const std::string_view stored = TRY(tiles.tile(0, first / kTileHashes));
    const std::size_t present = std::min(taken_, stored.size() / kHashBytes);
    if (std::memcmp(stored.data(), leaves_.data(), present * kHashBytes) != 0) {
      for (std::size_t i = 0; i < present; ++i) {
        if (hash_at(stored.substr(i * kHashBytes)) != leaves_[i]) {
          problem("entry " + std::to_string(first + i) + ": key, content or time does not match its leaf hash");
        }
      }
    }
    if (present < taken_) {
      problem("stored hashes: tile 0/" + std::to_string(first / kTileHashes) + " is " +
              (stored.empty() ? "missing" : "cut short"));
    }
    if (taken_ < kTileHashes) {
      for (std::size_t i = 0; i < taken_; ++i) {
        frontier_.append(leaves_[i], [](unsigned, std::uint64_t, const Sha256&) {});
      }
      taken_ = 0;
      return {};
    }
    Result<void> outcome;
    const auto check_node = [&](unsigned level, std::uint64_t index, const Sha256& hash) {
      if (level % kTileHeight != 0 || !outcome) {
        return;
      }
      const unsigned tile_level = level / kTileHeight;
      const auto tile = tiles.tile(tile_level, index / kTileHashes);
      if (!tile) {
        outcome = tile.error();
        return;
      }
      const auto offset = static_cast<std::size_t>(index % kTileHashes) * kHashBytes;
      const bool there = tile->size() >= offset + kHashBytes;
      if (there && hash_at(tile->substr(offset)) == hash) {
        return;
      }
      const std::string name = "tile " + std::to_string(tile_level) + "/" + std::to_string(index / kTileHashes);
      if (there) {
        problem("stored hashes: " + name + " does not match the entries below it");
      } else if (tile->size() == offset || offset == 0) {  // once for each tile
        problem("stored hashes: " + name + " is " + (tile->empty() ? "missing" : "cut short"));
      }
    };
    frontier_.append_subtree(kTileHeight, complete_root(leaves_), check_node);
    taken_ = 0;
    return outcome;
  }

  // The root over everything taken so far.
  [[nodiscard]] Sha256 root() const {
    Frontier all = frontier_;
    for (std::size_t i = 0; i < taken_; ++i) {
      all.append(leaves_[i], [](unsigned, std::uint64_t, const Sha256&) {});
    }
    return all.root();
  }

  void check_milestones() {
    const std::uint64_t size = frontier_.size() + taken_;
    next_milestone_ = std::numeric_limits<std::uint64_t>::max();
    for (Milestone& milestone : milestones_) {
      if (!milestone.reached && milestone.checkpoint.size == size) {
        milestone.reached = true;
        if (root() != milestone.checkpoint.root) {
          problem(milestone.name + ": its root is not that of the first " + base::counted(size, "entry", "entries") +
                  ": the log was rewritten");
        }
      } else if (!milestone.reached) {
        next_milestone_ = std::min(next_milestone_, milestone.checkpoint.size);
      }
    }
  }

  // No tile too many, none too long; those that are missing or short were met on the way.
  Result<void> check_tile_sizes() {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    for (std::uint64_t hashes = stored_.size; hashes != 0; hashes /= kTileHashes) {
      rows += (hashes + kTileHashes - 1) / kTileHashes;
      bytes += hashes * kHashBytes;
    }
    Query query = TRY(database_.prepare("SELECT count(*), coalesce(sum(length(hashes)), 0) FROM tile"));
    if (TRY(query.step()) && (static_cast<std::uint64_t>(query.integer(0)) != rows ||
                              static_cast<std::uint64_t>(query.integer(1)) != bytes)) {
      problem("stored hashes: " + base::counted(static_cast<std::uint64_t>(query.integer(0)), "tile") + " of " +
              base::counted(static_cast<std::uint64_t>(query.integer(1)), "byte") + ", not " + base::grouped(rows) +
              " of " + base::grouped(bytes));
    }
    return {};
  }

  // Together with the check of each entry: every current entry is the newest of its key, and no key is left out.
  Result<void> check_current() {
    Query query = TRY(
        database_.prepare("SELECT c.idx FROM current c LEFT JOIN entry e ON e.idx = c.idx WHERE e.key IS NOT c.key"));
    while (TRY(query.step())) {
      problem("list of current entries: entry " + std::to_string(query.integer(0)) +
              " is missing or has another key than it says");
    }
    return {};
  }

  const Database& database_;
  std::uint8_t format_;
  Checkpoint stored_;
  std::vector<Milestone> milestones_;
  Frontier frontier_;                       ///< Of the full tiles.
  std::array<Sha256, kTileHashes> leaves_;  ///< Of the tile at hand.
  std::size_t taken_ = 0;                   ///< How many of them.
  bool complete_ = true;                    ///< Whether these still stand for all entries so far.
  std::uint64_t next_milestone_ = 0;
  Verification result_;
};

}  // namespace

Result<Verification> Ledger::verify(const std::optional<Checkpoint>& remembered) const {
  // The file first: a writer at work may only make the database newer than it.
  const auto filed = state_->filed_checkpoint();
  if (!filed && filed.error().code != Errc::untrusted) {
    return filed.error();
  }
  const auto signed_text = TRY(read_signed_checkpoint(state_->directory));
  const Database& database = *state_->database;
  Transaction transaction(database);
  Verification damaged;
  const auto report = [&](const Error& error) -> Result<Verification> {
    if (error.code != Errc::malformed && error.code != Errc::untrusted && error.code != Errc::too_large) {
      return error;
    }
    damaged.problems.push_back(error.message);
    return damaged;
  };
  if (auto begun = transaction.begin("BEGIN"); !begun) {
    return report(begun.error());
  }
  const auto stored = state_->stored_checkpoint();
  if (!stored) {
    return report(stored.error());
  }
  std::vector<Milestone> milestones;
  std::vector<std::string> problems;
  const auto add = [&](std::string name, const Checkpoint& checkpoint) {
    if (checkpoint.origin != stored->origin) {
      problems.push_back(name + ": is of another log (" + base::printable(checkpoint.origin) +
                         "): ledger.db was exchanged");
    } else {
      milestones.push_back({std::move(name), checkpoint});
    }
  };
  if (!filed) {
    problems.push_back("checkpoint file: " + filed.error().message);
  } else if (*filed) {
    add("checkpoint file", **filed);
  } else if (stored->size != 0) {
    problems.emplace_back("checkpoint file: missing, so nothing shows that the log is whole");
  }
  if (signed_text) {
    const auto keys = read_key_list(state_->directory);
    const auto opened =
        keys ? open_checkpoint(*signed_text, *keys, base::now()) : Result<OpenedCheckpoint>(keys.error());
    if (opened) {
      add("signed checkpoint", opened->checkpoint);
    } else {
      problems.push_back("signed checkpoint: " + opened.error().message);
    }
  }
  if (remembered) {
    add("checkpoint given", *remembered);
  }
  Verifier verifier(database, state_->format, *stored, std::move(milestones));
  for (std::string& problem : problems) {
    verifier.problem(std::move(problem));
  }
  if (const auto ran = verifier.run(); !ran) {
    if (ran.error().code != Errc::malformed && ran.error().code != Errc::too_large) {
      return ran.error();
    }
    verifier.problem(ran.error().message);
  }
  return verifier.finish();
}

}  // namespace ledger
