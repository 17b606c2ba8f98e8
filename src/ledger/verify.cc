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
constexpr std::string_view kPrefix = "ledger: ";  // of errors of this room

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

/// Where a log is verified: what the database and the file of entries hold. The tail goes before the database.
struct Parts {
  const Database& database;
  std::uint8_t format;
  const Tail& tail;
  EntryFile* entries = nullptr;  ///< None where the entries stand in the database.
  std::uint64_t end = 0;         ///< Of the entries in that file.
  std::uint64_t settled = 0;     ///< Entries that the database knows.
};

/// Goes through a log from the first entry to the last. Holds one entry, one tile of each level and the problems.
class Verifier {
 public:
  Verifier(const Parts& parts, Checkpoint stored, std::vector<Milestone> milestones)
      : parts_(parts), database_(parts.database), stored_(std::move(stored)), milestones_(std::move(milestones)) {}

  void problem(std::string text) {
    if (result_.problems.size() < kMaxProblems) {
      result_.problems.push_back(std::move(text));
    } else if (result_.problems.size() == kMaxProblems) {
      result_.problems.emplace_back("there are more problems than these");
    }
  }

  Result<void> run() {
    Tiles tiles = TRY(Tiles::open(database_, &parts_.tail));
    current_ = TRY(database_.prepare(parts_.entries != nullptr ? "SELECT idx, bytes FROM current WHERE key = ?1"
                                                               : "SELECT idx, 0 FROM current WHERE key = ?1"));
    check_milestones();
    TRY(parts_.entries != nullptr ? read_file(tiles) : read_table(tiles));
    TRY(pass_over_to(tiles, stored_.size));
    TRY(finish_tile(tiles));
    TRY(check_tile_sizes());
    TRY(check_current());
    TRY(check_places());
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
  Result<void> read_table(Tiles& tiles) {
    Query entries = TRY(database_.prepare("SELECT idx, received, key, content FROM entry ORDER BY idx"));
    while (TRY(entries.step())) {
      const std::int64_t place = entries.integer(0);
      if (place < 0 || static_cast<std::uint64_t>(place) >= stored_.size) {
        ++result_.entries;
        problem("entry " + std::to_string(place) + ": lies outside the log, which ends before entry " +
                std::to_string(stored_.size));
        continue;
      }
      TRY(pass_over(tiles, expected_, static_cast<std::uint64_t>(place), "missing"));
      const StoredEntry entry = stored_entry_of(entries, parts_.format);
      TRY(take_entry(tiles, entry, leaf_hash_of(entry)));
    }
    return {};
  }

  Result<void> read_file(Tiles& tiles) {
    EntryReader reader = parts_.entries->reader(parts_.entries->first_frame(), 0);
    FrameCheck check;
    bool in_place = false;    // is the frame at hand where it belongs?
    bool has_digest = false;  // and read from its beginning?
    while (reader.place() < parts_.end) {
      const std::uint64_t place = reader.place();
      switch (TRY(reader.next())) {
        case EntryReader::Item::frame: {
          const Frame& frame = reader.frame();
          in_place = frame.first >= expected_ && frame.first < stored_.size;
          if (!in_place) {
            problem("entry file: entries from " + std::to_string(frame.first) + " on at byte " + std::to_string(place) +
                    ": out of their order");
          } else {
            TRY(pass_over_to(tiles, frame.first));
          }
          check.begin(frame);
          has_digest = true;
          break;
        }
        case EntryReader::Item::entry: {
          const StoredEntry& entry = reader.entry();
          const Sha256 leaf = leaf_hash_of(entry);
          if (damage_) {
            in_place = entry.index >= expected_ && entry.index < stored_.size;
          }
          if (entry.index >= stored_.size) {
            ++result_.entries;
            problem("entry " + std::to_string(entry.index) + ": lies outside the log, which ends before entry " +
                    std::to_string(stored_.size));
          } else if (in_place) {
            TRY(pass_over_to(tiles, entry.index));
            TRY(take_entry(tiles, entry, leaf));
          }
          if (has_digest) {
            check.add(leaf);
            if (check.is_complete() && !check.holds()) {
              const std::uint64_t first = reader.frame().first;
              problem(range_text(first, entry.index) + ": not what was recorded together: the digest at byte " +
                      std::to_string(reader.frame().place) + " is another");
            }
          }
          break;
        }
        case EntryReader::Item::end:
        case EntryReader::Item::broken:
          damage_ = damage_ ? damage_ : place;
          has_digest = false;
          if (!TRY(reader.go_past_damage(stored_.size))) {
            return {};
          }
          break;
      }
    }
    if (!reader.is_between_batches()) {
      problem("batch that ends at byte " + std::to_string(reader.place()) + ": its header says something else of it");
    }
    return {};
  }

  // Goes on with entry `next`: those before it that were not met are missing, or cannot be read.
  Result<void> pass_over_to(Tiles& tiles, std::uint64_t next) {
    if (!damage_) {
      return pass_over(tiles, expected_, next, "missing");
    }
    const std::string where = "ledger.entries is damaged at byte " + std::to_string(*damage_);
    damage_.reset();
    if (expected_ >= next) {
      problem("batch of entry " + std::to_string(next) + ": " + where + ", before the entries");
    }
    return pass_over(tiles, expected_, next, "cannot be read: " + where);
  }

  // The entry that comes next in the log.
  Result<void> take_entry(Tiles& tiles, const StoredEntry& entry, const Sha256& leaf) {
    ++result_.entries;
    TRY(take(tiles, leaf));
    if (!entry.key.empty()) {
      TRY(check_key(entry));
    }
    if (entry.index % kTileHashes == 0 && parts_.entries != nullptr) {
      TRY(check_place(entry));
    }
    expected_ = entry.index + 1;
    return {};
  }

  // Is the entry, or a newer one, the current one of its key?
  Result<void> check_key(const StoredEntry& entry) {
    std::optional<Tail::Current> found;
    const auto in_tail = parts_.tail.current.find(entry.key);
    if (in_tail != parts_.tail.current.end()) {
      found = in_tail->second;
    } else {
      current_.bind(1, entry.key);
      const auto row = current_.step();
      if (row && *row) {
        found = {static_cast<std::uint64_t>(current_.integer(0)), static_cast<std::uint64_t>(current_.integer(1))};
      }
      current_.reset();
      TRY(row);
    }
    const std::string name = "entry " + std::to_string(entry.index);
    if (!found) {
      problem(name + ": its key is not in the list of current entries");
    } else if (found->index < entry.index) {
      problem(name + ": the list of current entries names the older entry " + std::to_string(found->index));
    } else if (found->index == entry.index) {
      ++current_entries_;
      if (found->place != entry.place) {
        problem(name + ": is not where the list of current entries says");
      }
    }
    return {};
  }

  Result<void> check_place(const StoredEntry& entry) {
    if (!place_.is_prepared()) {
      place_ = TRY(database_.prepare("SELECT bytes FROM place WHERE idx = ?1"));
    }
    if (parts_.tail.places.count(entry.index / kTileHashes) != 0) {
      return {};
    }
    place_.bind(1, static_cast<std::int64_t>(entry.index / kTileHashes));
    const auto row = place_.step();
    const bool right = row && *row && static_cast<std::uint64_t>(place_.integer(0)) == entry.place;
    place_.reset();
    TRY(row);
    if (!right) {
      problem("entry " + std::to_string(entry.index) + ": is not where the list of places says");
    }
    return {};
  }

  // No place too many.
  Result<void> check_places() {
    if (parts_.entries == nullptr) {
      return {};
    }
    const auto rows = static_cast<std::uint64_t>(TRY(database_.number("SELECT count(*) FROM place")));
    const std::uint64_t wanted = (parts_.settled + kTileHashes - 1) / kTileHashes;
    if (rows != wanted) {
      problem("list of places: " + base::counted(rows, "place") + ", not " + base::grouped(wanted));
    }
    return {};
  }

  // Entries that are not there. Their stored hashes keep the rest in its place, so that only they are reported.
  Result<void> pass_over(Tiles& tiles, std::uint64_t first, std::uint64_t end, const std::string& reason) {
    if (first >= end) {
      return {};
    }
    expected_ = end;
    problem(range_text(first, end - 1) + ": " + reason);
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
    for (std::uint64_t hashes = parts_.settled; hashes != 0; hashes /= kTileHashes) {
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
    if (parts_.entries == nullptr) {
      Query query = TRY(
          database_.prepare("SELECT c.idx FROM current c LEFT JOIN entry e ON e.idx = c.idx WHERE e.key IS NOT c.key"));
      while (TRY(query.step())) {
        name_wrong(query.integer(0));
      }
      return {};
    }
    // Each current entry was met once; another row is wrong.
    Query query = TRY(database_.prepare("SELECT key, idx, bytes FROM current"));
    std::uint64_t listed = parts_.tail.current.size();
    while (TRY(query.step())) {
      listed += parts_.tail.current.count(query.bytes(0)) == 0 ? 1 : 0;
    }
    if (listed == current_entries_) {
      return {};
    }
    query.reset();
    while (TRY(query.step())) {
      if (parts_.tail.current.count(query.bytes(0)) != 0) {
        continue;
      }
      const auto found = TRY(parts_.entries->at(static_cast<std::uint64_t>(query.integer(2)), 0));
      if (query.integer(1) < 0 || static_cast<std::uint64_t>(query.integer(1)) >= stored_.size || !found ||
          found->key != query.bytes(0)) {
        name_wrong(query.integer(1));
      }
    }
    return {};
  }
  void name_wrong(std::int64_t index) {
    problem("list of current entries: entry " + std::to_string(index) + " is missing or has another key than it says");
  }

  Parts parts_;
  const Database& database_;
  Checkpoint stored_;
  std::vector<Milestone> milestones_;
  Frontier frontier_;                       ///< Of the full tiles.
  std::array<Sha256, kTileHashes> leaves_;  ///< Of the tile at hand.
  std::size_t taken_ = 0;                   ///< How many of them.
  bool complete_ = true;                    ///< Whether these still stand for all entries so far.
  std::uint64_t next_milestone_ = 0;
  std::uint64_t expected_ = 0;           ///< The entry that comes next.
  std::optional<std::uint64_t> damage_;  ///< Byte of the file of entries where it does not go on.
  std::uint64_t current_entries_ = 0;    ///< That were met.
  Query current_;
  Query place_;
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
  if (state_->damage) {
    problems.push_back(state_->damage->message.substr(kPrefix.size()));
  }
  Parts parts{database, state_->format, state_->tail};
  if (state_->has_entry_file()) {
    parts.entries = &*state_->entries;
    parts.end = state_->end;
    parts.settled = state_->settled->checkpoint.size;
  } else {
    parts.settled = stored->size;
  }
  Verifier verifier(parts, *stored, std::move(milestones));
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
