#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "ledger/entry_file.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/record.h"
#include "ledger/sqlite.h"
#include "ledger/tiles.h"

namespace ledger {

inline constexpr std::uint8_t kFormat = 3;          ///< user_version of the logs that are written.
inline constexpr std::uint8_t kEntriesInTable = 2;  ///< Up to this one the entries stand in the database.

inline constexpr std::uint64_t kSettleEntries = 8192;     ///< The tail is never much longer,
inline constexpr std::uint64_t kIdleSettleEntries = 512;  ///< nor than that, where there is time.

/// The state that the database knows; what the file of entries holds behind it is the tail.
struct Settled {
  Checkpoint checkpoint;
  std::uint64_t bytes = 0;  ///< Of the file of entries; 0 in older formats.
};

/// What an open ledger holds. Members are destroyed from the last to the first: queries before the connection, the
/// connection before the lock.
struct Ledger::State {
  std::filesystem::path directory;
  Mode mode = Mode::read;
  base::Descriptor lock;
  std::unique_ptr<Database> database;
  std::uint8_t format = kFormat;  ///< user_version; 1 knows only records that hold the content.
  Tail tail;
  std::optional<Tiles> tiles;    ///< For single tiles and proofs.
  std::uint64_t tiles_size = 0;  ///< How large the log was when they were read.
  mutable Query select_log;
  Query find_current;
  Query find_place;
  Query select_entry;  ///< Of older formats.

  // Where the entries are in a file of their own (format 3):
  std::optional<EntryFile> entries;
  std::optional<Settled> settled;
  Frontier frontier;  ///< Of the whole log. A reader has it only where there is a tail.
  bool has_frontier = false;
  std::uint64_t end = 0;              ///< Of the last batch in the file.
  std::optional<base::Error> damage;  ///< What stands behind it, where that is not just a batch cut short.

  /// The first entry of each tile of level 0 that can be read, for scan_readable().
  std::vector<Tail::Current> readable;
  std::uint64_t readable_size = 0;  ///< How large the log was then.
  /// Bytes of the file where it does not go on, and the entry that was to come, as scan_readable() found.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> damaged_places;

  // Kept by a writer only:
  /// A batch that is not on the disk yet, and what it adds to the log once it is there.
  struct Staged {
    EntryBatch entries;
    Addition added;
    Frontier tree;  ///< Of the log with it.
  };
  std::deque<Staged> staged;  ///< In their order. References stay good while others come and go.
  std::string spare;          ///< Room of a batch that was written.
  struct Statements {
    Query make_current, insert_tile, insert_place, update;
  };
  std::optional<Statements> statements;
  bool checkpoint_is_filed = true;

  [[nodiscard]] std::filesystem::path database_path() const { return directory / "ledger.db"; }
  [[nodiscard]] std::filesystem::path entries_path() const { return directory / "ledger.entries"; }
  [[nodiscard]] std::filesystem::path checkpoint_path() const { return directory / "checkpoint"; }
  [[nodiscard]] std::filesystem::path lock_path() const { return directory / "ledger.lock"; }
  [[nodiscard]] bool has_entry_file() const { return format > kEntriesInTable; }

  /// What the row of table `log` says.
  [[nodiscard]] base::Result<Settled> read_settled() const;
  /// The checkpoint of the log as it is now.
  [[nodiscard]] base::Result<Checkpoint> stored_checkpoint();
  /// That in the file; none where there is no file. Fails with untrusted where it is not a checkpoint.
  [[nodiscard]] base::Result<std::optional<Checkpoint>> filed_checkpoint() const;
  /// Tiles of the log when it has this size; what was read at another is read again.
  base::Result<Tiles*> tiles_at(std::uint64_t size);

  /// Makes a log where there is none. Fails with untrusted where there was one.
  base::Result<void> make(const std::optional<Checkpoint>& filed, std::string_view origin);
  /// For readers: takes in what a writer has done since. Nothing for writers.
  base::Result<void> refresh();
  /// Begins at the state that the database knows, without a tail.
  void start_at(Settled now);
  /// Reads the batches behind `end` into the tail, as far as they are whole; sets `damage`.
  base::Result<void> read_tail();

  // A batch is begun, staged into, sealed, written with entries->write(), and taken in or dropped. The next one may be
  // begun once it is sealed; that write() may run in another thread meanwhile.
  void begin_batch();
  /// Puts entries that differ from the current one of their key into the batch that was begun last. `places` gets the
  /// index of every entry, that of the equal one where there is one. Fails with io, too_large or untrusted; then the
  /// batch is to be dropped.
  base::Result<void> stage(std::span<const NewEntry> entries, std::vector<std::uint64_t>* places);
  /// Nothing is added to it any more.
  const EntryBatch& seal() {
    staged.back().entries.seal();
    return staged.back().entries;
  }
  /// The first of those that are staged is on the disk now.
  void take_in();
  /// The last of those that are staged, or all of them, are not to be recorded.
  void drop_last() { staged.pop_back(); }
  void drop_all() { staged.clear(); }
  /// Brings the database up to the file of entries. Fails with io; then the tail stays.
  base::Result<void> settle();
  /// The same where many entries wait for it; where it fails they are durable all the same, and the next time makes it
  /// good.
  void settle_if_many(std::uint64_t entries = kSettleEntries);

  /// Which entry of the key is the current one.
  base::Result<std::optional<Tail::Current>> current_of(std::string_view key);
  /// The entry of this index that begins at `place`. Fails with untrusted where there is none of the key there.
  base::Result<StoredEntry> read_current(const Tail::Current& current, std::string_view key);
  /// Where the first entry of a tile of level 0 begins.
  base::Result<std::uint64_t> place_of_tile(std::uint64_t tile);
  /// Calls `visit` for the entries in [first, end) in order; stops at the first error. Fails with untrusted where one
  /// cannot be read.
  base::Result<void> scan(std::uint64_t first, std::uint64_t end,
                          const std::function<base::Result<void>(const StoredEntry&)>& visit);
  /// Calls `visit` for the entries that can be read in [first, end), in order, whatever the database says of their
  /// places. Fails with io.
  base::Result<void> scan_readable(std::uint64_t first, std::uint64_t end,
                                   const std::function<void(const StoredEntry&)>& visit);
  /// The version of the record of an entry of that size.
  [[nodiscard]] std::uint8_t record_version(std::size_t key_bytes, std::size_t content_bytes) const {
    return ledger::record_version(format, key_bytes, content_bytes);
  }
};

[[nodiscard]] Entry entry_of(const StoredEntry& stored);
/// An entry of an older log, from the columns idx, received, key, content.
[[nodiscard]] StoredEntry stored_entry_of(const Query& query, std::uint8_t format);

/// The tree as the tiles have it, ready to be appended to.
base::Result<Frontier> load_tree(Tiles& tiles, std::uint64_t size);

/// Brings a log whose entries stand in the database (format 1 or 2) into the present form: entries into the file
/// `entries`, where each begins into the database, in one transaction. Leaf hashes, and so root and proofs, stay. The
/// log is held against `stored` meanwhile: fails with untrusted, and changes nothing, where it does not agree. Fails
/// with io likewise.
base::Result<void> migrate(const Database& database, const std::filesystem::path& entries, std::uint8_t format,
                           const Checkpoint& stored);

/// Takes the writers' lock. It is the file's lock that counts, not that the file is there: the kernel drops it when the
/// process ends, however it ends. Fails with io, naming the process that has it.
base::Result<base::Descriptor> lock_writer(const std::filesystem::path& path);
/// Makes the tables of a log without entries, whose file of entries has its first batch at byte `bytes`.
base::Result<void> create_tables(const Database& database, const std::string& origin, std::uint64_t bytes);

/// The tables of a log: name and SQL, in the order of the names.
struct Table {
  std::string_view name;
  std::string_view sql;
};
[[nodiscard]] std::vector<Table> tables_of(std::uint8_t format);

}  // namespace ledger
