#include "ledger/state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "base/time.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;
using Item = EntryReader::Item;

namespace {

constexpr std::uint64_t kMaxTail = 1U << 20;  // where the database takes nothing more
constexpr std::uint64_t kMaxUnsettled = 64U << 10;
constexpr std::size_t kMaxDamagedPlaces = 100;
constexpr int kReadingsOfDamage = 3;  // what a reader finds while a writer writes may be whole a moment later

Error untrusted(const std::filesystem::path& path, const std::string& reason) {
  return {Errc::untrusted, "ledger: " + reason, 0, base::printable(path.native())};
}

Error unreadable(const std::filesystem::path& path, std::uint64_t index, std::uint64_t place) {
  return untrusted(
      path, "entry " + std::to_string(index) + " cannot be read: the file is damaged at byte " + std::to_string(place));
}

}  // namespace

Entry entry_of(const StoredEntry& stored) {
  Entry out;
  out.index = stored.index;
  out.received = stored.received;
  out.key = stored.key;
  out.content = stored.content;
  out.record = stored.record;
  return out;
}

StoredEntry stored_entry_of(const Query& query, std::uint8_t format) {
  StoredEntry out;
  out.index = static_cast<std::uint64_t>(query.integer(0));
  out.received = {query.integer(1)};
  out.key = query.bytes(2);
  out.content = query.bytes(3);
  out.record = record_version(format, out.key.size(), out.content.size());
  return out;
}

Result<Frontier> load_tree(Tiles& tiles, std::uint64_t size) {
  Frontier out;
  for (unsigned level = 0; level < 63; ++level) {
    if ((size >> level & 1U) != 0) {
      out.restore(level, TRY(tiles.node(level, (size >> level) - 1)));
    }
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------- the tail

void Ledger::State::start_at(Settled now) {
  tail = Tail();
  for (unsigned level = 0; level < tail.first.size(); ++level) {
    tail.first[level] = now.checkpoint.size >> (kTileHeight * level);
  }
  frontier = Frontier();
  has_frontier = false;
  end = now.bytes;
  damage.reset();
  settled = std::move(now);
  if (entries) {
    entries->forget();
  }
  if (tiles) {
    tiles->forget();
  }
}

namespace {

// Adds an entry to `tree`, and to what is added to the log but for the list of current entries.
void add_entry(Frontier& tree, Addition& added, const Sha256& leaf, std::uint64_t place) {
  if (tree.size() % kTileHashes == 0) {
    added.places.emplace(tree.size() / kTileHashes, place);
  }
  tree.append(leaf, [&](unsigned level, std::uint64_t index, const Sha256& hash) {
    (void)index;
    if (level % kTileHeight == 0) {
      added.hashes[level / kTileHeight] += as_text(hash);
    }
  });
}

}  // namespace

Result<void> Ledger::State::read_tail() {
  damage.reset();
  std::uint64_t size = has_frontier ? frontier.size() : settled->checkpoint.size;
  EntryReader reader = entries->reader(end, size);
  FrameCheck check;
  Addition added;
  Frontier tree;
  bool is_whole = true;  // everything so far
  for (;;) {
    const Item item = TRY(reader.next());
    if (item == Item::end && is_whole) {
      return {};
    }
    if (item == Item::frame && reader.frame().first == size) {
      if (!has_frontier) {
        Tiles* const stored = TRY(tiles_at(size));
        frontier = TRY(load_tree(*stored, size));
        has_frontier = true;
      }
      check.begin(reader.frame());
      added = Addition();
      tree = frontier;
      is_whole = false;
      continue;
    }
    if (item != Item::entry || is_whole) {
      break;
    }
    const StoredEntry& entry = reader.entry();
    const Sha256 leaf = leaf_hash_of(entry);
    check.add(leaf);
    if (!entry.key.empty()) {
      added.current.insert_or_assign(std::string(entry.key), Tail::Current{entry.index, entry.place});
    }
    add_entry(tree, added, leaf, entry.place);
    if (check.is_complete()) {
      if (!check.holds()) {
        break;
      }
      tail.take(std::move(added));
      frontier = tree;
      size = tree.size();
      end = reader.place();
      is_whole = true;
      if (mode == Mode::write && size - settled->checkpoint.size >= kMaxUnsettled) {
        TRY(settle());  // memory does not grow with what the database does not know
      }
    }
  }
  // A batch that was not written to its end is the last thing in the file. With another behind it, it is damage.
  if (TRY(reader.seek_frame(end + 1))) {
    damage = unreadable(entries_path(), size, end);
  }
  return {};
}

Result<void> Ledger::State::refresh() {
  if (!has_entry_file() || mode == Mode::write) {
    return {};
  }
  for (int reading = 0;; ++reading) {
    Settled now = TRY(read_settled());
    if (!entries) {
      entries = TRY(EntryFile::open(entries_path(), now.checkpoint.origin, false));
    }
    if (!settled || now.checkpoint != settled->checkpoint || now.bytes != settled->bytes || damage) {
      start_at(std::move(now));
    }
    const std::uint64_t before = end;
    if (TRY(entries->size()) < end) {
      damage = untrusted(entries_path(), "the file ends before byte " + std::to_string(end) +
                                             ", where the entries end by ledger.db: it was cut");
      return {};
    }
    TRY(read_tail());
    if (end != before) {
      entries->forget();
      TRY(entries->sync());  // what was shown to somebody must not go with the power
    }
    if (!damage || reading == kReadingsOfDamage) {
      return {};
    }
  }
}

Result<Checkpoint> Ledger::State::stored_checkpoint() {
  if (!has_entry_file()) {
    return TRY(read_settled()).checkpoint;
  }
  TRY(refresh());
  Checkpoint out = settled->checkpoint;
  if (has_frontier) {
    out.size = frontier.size();
    out.root = frontier.root();
  }
  return out;
}

Result<void> Ledger::State::settle() {
  if (!settled || !has_frontier || frontier.size() == settled->checkpoint.size) {
    return {};
  }
  Settled now{{settled->checkpoint.origin, frontier.size(), frontier.root()}, end};
  if (!statements) {
    statements = Statements{TRY(database->prepare("INSERT OR REPLACE INTO current VALUES(?1, ?2, ?3)")),
                            TRY(database->prepare("INSERT OR REPLACE INTO tile VALUES(?1, ?2, ?3)")),
                            TRY(database->prepare("INSERT OR REPLACE INTO place VALUES(?1, ?2)")),
                            TRY(database->prepare("UPDATE log SET size = ?1, root = ?2, bytes = ?3"))};
  }
  auto& [make_current, insert_tile, insert_place, update] = *statements;
  Transaction transaction(*database);
  TRY(transaction.begin("BEGIN IMMEDIATE"));
  Tiles* const stored = TRY(tiles_at(now.checkpoint.size));
  for (unsigned level = 0; level < tail.first.size(); ++level) {
    const std::uint64_t hashes = tail.hashes[level].size() / kHashBytes;
    if (hashes == 0) {
      continue;
    }
    const std::uint64_t last = (tail.first[level] + hashes - 1) / kTileHashes;
    for (std::uint64_t index = tail.first[level] / kTileHashes; index <= last; ++index) {
      insert_tile.bind(1, static_cast<std::int64_t>(level)).bind(2, static_cast<std::int64_t>(index));
      const std::string_view tile = TRY(stored->tile(level, index));
      TRY(insert_tile.bind(3, tile).run());
    }
  }
  for (const auto& [tile, place] : tail.places) {
    TRY(insert_place.bind(1, static_cast<std::int64_t>(tile)).bind(2, static_cast<std::int64_t>(place)).run());
  }
  for (const auto& [key, current] : tail.current) {
    make_current.bind(1, key).bind(2, static_cast<std::int64_t>(current.index));
    TRY(make_current.bind(3, static_cast<std::int64_t>(current.place)).run());
  }
  update.bind(1, static_cast<std::int64_t>(now.checkpoint.size)).bind(2, as_text(now.checkpoint.root));
  TRY(update.bind(3, static_cast<std::int64_t>(now.bytes)).run());
  TRY(transaction.commit());
  const Frontier tree = frontier;
  start_at(std::move(now));
  frontier = tree;
  has_frontier = true;
  return {};
}

void Ledger::State::settle_if_many(std::uint64_t entries_at_least) {
  if (frontier.size() - settled->checkpoint.size >= entries_at_least) {
    (void)settle();
  }
}

// -------------------------------------------------------------------------------------------------------- appending

void Ledger::State::begin_batch() {
  const std::uint64_t place = staged.empty() ? end : staged.back().entries.end();
  const Frontier& tree = staged.empty() ? frontier : staged.back().tree;
  staged.push_back({EntryBatch(entries->marker(), place, tree.size(), std::exchange(spare, {})), {}, tree});
}

Result<void> Ledger::State::stage(std::span<const NewEntry> batch, std::vector<std::uint64_t>* places) {
  for (const NewEntry& entry : batch) {
    if (entry.key.size() > kMaxKeyBytes || entry.content.size() > kMaxContentBytes) {
      return Error{Errc::too_large,
                   "ledger: entry \"" + base::printable(base::abbreviate(entry.key, 200)) + "\" is above " +
                       base::human_bytes(entry.key.size() > kMaxKeyBytes ? kMaxKeyBytes : kMaxContentBytes),
                   0, base::printable(database_path().native())};
    }
  }
  Staged& last = staged.back();
  if (last.tree.size() - settled->checkpoint.size >= kMaxTail) {
    TRY(settle());
  }
  // What is looked up in the database is looked up in one state of it: locking it for each key costs more than that.
  Transaction lookups(*database);
  if (std::any_of(batch.begin(), batch.end(), [](const NewEntry& entry) { return !entry.key.empty(); })) {
    TRY(lookups.begin("BEGIN"));
  }
  const base::UnixTime received = base::now();
  for (const NewEntry& entry : batch) {
    if (!entry.key.empty()) {
      const auto current = TRY(current_of(entry.key));
      if (current && TRY(read_current(*current, entry.key)).content == entry.content) {
        if (places != nullptr) {
          places->push_back(current->index);
        }
        continue;
      }
    }
    const std::uint64_t index = last.tree.size();
    const auto added =
        last.entries.add(received, entry.key, entry.content, record_version(entry.key.size(), entry.content.size()));
    if (!entry.key.empty()) {
      last.added.current.insert_or_assign(entry.key, Tail::Current{index, added.place});
    }
    if (places != nullptr) {
      places->push_back(index);
    }
    add_entry(last.tree, last.added, added.leaf, added.place);
  }
  return {};
}

void Ledger::State::take_in() {
  constexpr std::size_t kMaxSpare = 8U << 20;
  Staged& first = staged.front();
  if (first.entries.count() != 0) {
    tail.take(std::move(first.added));
    frontier = first.tree;
    end = first.entries.end();
    checkpoint_is_filed = false;
    entries->forget();
  }
  spare = std::move(first.entries).release();
  if (spare.capacity() > kMaxSpare) {
    spare = std::string();
  }
  staged.pop_front();
}

// -------------------------------------------------------------------------------------------------------- the entries

Result<std::optional<Tail::Current>> Ledger::State::current_of(std::string_view key) {
  for (auto batch = staged.rbegin(); batch != staged.rend(); ++batch) {
    if (const auto found = batch->added.current.find(key); found != batch->added.current.end()) {
      return std::optional(found->second);
    }
  }
  if (const auto found = tail.current.find(key); found != tail.current.end()) {
    return std::optional(found->second);
  }
  if (!find_current.is_prepared()) {
    find_current = TRY(database->prepare(has_entry_file() ? "SELECT idx, bytes FROM current WHERE key = ?1"
                                                          : "SELECT idx, 0 FROM current WHERE key = ?1"));
  }
  find_current.bind(1, key);
  const auto found = find_current.step();
  std::optional<Tail::Current> out;
  if (found && *found) {
    out = {static_cast<std::uint64_t>(find_current.integer(0)), static_cast<std::uint64_t>(find_current.integer(1))};
  }
  find_current.reset();
  TRY(found);
  return out;
}

Result<StoredEntry> Ledger::State::read_current(const Tail::Current& current, std::string_view key) {
  std::optional<StoredEntry> found;
  if (!staged.empty() && current.place >= staged.front().entries.place()) {
    for (const Staged& batch : staged) {
      found = found ? found : batch.entries.at(current.place, current.index);
    }
  } else if (has_entry_file()) {
    found = TRY(entries->at(current.place, current.index));
    if (!found || found->key != key) {  // a writer may have recorded it since the file was read
      entries->forget();
      found = TRY(entries->at(current.place, current.index));
    }
  } else {
    select_entry = TRY(database->prepare("SELECT idx, received, key, content FROM entry WHERE idx = ?1"));
    if (TRY(select_entry.bind(1, static_cast<std::int64_t>(current.index)).step())) {
      found = stored_entry_of(select_entry, format);
    }
  }
  if (!found || found->key != key) {
    return untrusted(database_path(), "entry " + std::to_string(static_cast<std::int64_t>(current.index)) +
                                          " is missing or of another key than the list of current entries says");
  }
  return *found;
}

Result<std::uint64_t> Ledger::State::place_of_tile(std::uint64_t tile) {
  if (const auto found = tail.places.find(tile); found != tail.places.end()) {
    return found->second;
  }
  if (!find_place.is_prepared()) {
    find_place = TRY(database->prepare("SELECT bytes FROM place WHERE idx = ?1"));
  }
  find_place.bind(1, static_cast<std::int64_t>(tile));
  const auto found = find_place.step();
  std::optional<std::uint64_t> out;
  if (found && *found) {
    out = static_cast<std::uint64_t>(find_place.integer(0));
  }
  find_place.reset();
  TRY(found);
  if (!out) {
    return untrusted(database_path(),
                     "the place of entry " + std::to_string(tile * kTileHashes) + " is not in the list of places");
  }
  return *out;
}

Result<void> Ledger::State::scan(std::uint64_t first, std::uint64_t end_index,
                                 const std::function<Result<void>(const StoredEntry&)>& visit) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!has_entry_file()) {
    if (first > kLargest) {
      return {};
    }
    Query query = TRY(
        database->prepare("SELECT idx, received, key, content FROM entry WHERE idx >= ?1 AND idx < ?2 ORDER BY idx"));
    query.bind(1, static_cast<std::int64_t>(first));
    query.bind(2, static_cast<std::int64_t>(std::min(end_index, kLargest)));
    while (TRY(query.step())) {
      TRY(visit(stored_entry_of(query, format)));
    }
    return {};
  }
  const std::uint64_t size = has_frontier ? frontier.size() : settled->checkpoint.size;
  const std::uint64_t last = std::min(end_index, size);
  if (first >= last) {
    return {};
  }
  const std::uint64_t tile = first / kTileHashes;
  const std::uint64_t place = tile == 0 ? entries->first_frame() : TRY(place_of_tile(tile));
  EntryReader reader = entries->reader(place, tile * kTileHashes);
  for (std::uint64_t expected = tile * kTileHashes; expected < last;) {
    const Item item = TRY(reader.next());
    if (item == Item::frame && reader.frame().first == expected) {
      continue;
    }
    if (item != Item::entry) {
      return unreadable(entries_path(), expected, reader.place());
    }
    if (expected++ >= first) {
      TRY(visit(reader.entry()));
    }
  }
  return {};
}

Result<void> Ledger::State::scan_readable(std::uint64_t first, std::uint64_t end_index,
                                          const std::function<void(const StoredEntry&)>& visit) {
  if (!has_entry_file()) {
    return scan(first, end_index, [&](const StoredEntry& entry) -> Result<void> {
      visit(entry);
      return {};
    });
  }
  const std::uint64_t size = has_frontier ? frontier.size() : settled->checkpoint.size;
  // Calls `take` for every entry from `from` on that can be read, until it says no.
  const auto walk = [&](const Tail::Current& from, const auto& take, const auto& see_damage) -> Result<void> {
    EntryReader reader = entries->reader(from.place, from.index);
    std::uint64_t next = from.index;
    while (reader.place() < end) {
      const std::uint64_t place = reader.place();
      switch (TRY(reader.next())) {
        case Item::frame:
          next = reader.frame().first;
          break;
        case Item::entry:
          next = reader.entry().index + 1;
          if (!take(reader.entry())) {
            return {};
          }
          break;
        case Item::end:
        case Item::broken: {
          see_damage(place, next);
          const bool goes_on = TRY(reader.go_past_damage(size));
          if ((reader.skipped() && !take(*reader.skipped())) || !goes_on) {
            return {};
          }
          break;
        }
      }
    }
    if (!reader.is_between_batches()) {
      see_damage(reader.place(), next);
    }
    return {};
  };
  if (readable_size != size) {
    constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();
    damaged_places.clear();
    readable.assign(static_cast<std::size_t>((size + kTileHashes - 1) / kTileHashes), {kNowhere, 0});
    TRY(walk(
        {0, entries->first_frame()},
        [&](const StoredEntry& entry) {
          if (entry.index < size) {
            Tail::Current& known = readable[static_cast<std::size_t>(entry.index / kTileHashes)];
            known = entry.index < known.index ? Tail::Current{entry.index, entry.place} : known;
          }
          return true;
        },
        [&](std::uint64_t place, std::uint64_t index) {
          if (damaged_places.size() < kMaxDamagedPlaces) {
            damaged_places.emplace_back(place, index);
          }
        }));
    readable_size = size;
  }
  const std::uint64_t last = std::min(end_index, size);
  std::uint64_t next = first;
  while (next < last) {
    const std::uint64_t tile_end = std::min(last, (next / kTileHashes + 1) * kTileHashes);
    const Tail::Current start = readable[static_cast<std::size_t>(next / kTileHashes)];
    if (start.index < tile_end) {
      TRY(walk(
          start,
          [&](const StoredEntry& entry) {
            if (entry.index >= next && entry.index < tile_end) {
              visit(entry);
              next = entry.index + 1;
            }
            return entry.index + 1 < tile_end;
          },
          [](std::uint64_t, std::uint64_t) {}));
    }
    next = tile_end;
  }
  return {};
}

}  // namespace ledger
