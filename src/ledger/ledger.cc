#include "ledger/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "base/text.h"
#include "ledger/log_key.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "ledger/record.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::int64_t kApplicationId = 0x53727479;  // "Srty", in the header of the database
constexpr std::int64_t kFormat = 2;                  // user_version

// Every table, in the order of their names; a database with anything else in it is not ours.
struct Table {
  std::string_view name;
  std::string_view sql;
};
constexpr std::array<Table, 4> kTables = {{
    {"current", "CREATE TABLE current(key BLOB PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID"},
    {"entry",
     "CREATE TABLE entry(idx INTEGER PRIMARY KEY, received INTEGER NOT NULL, key BLOB NOT NULL, content BLOB NOT NULL) "
     "STRICT"},
    {"log",
     "CREATE TABLE log(id INTEGER PRIMARY KEY CHECK(id = 1), origin TEXT NOT NULL, size INTEGER NOT NULL, "
     "root BLOB NOT NULL) STRICT"},
    {"tile",
     "CREATE TABLE tile(level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, idx)) "
     "STRICT"},
}};
constexpr std::string_view kTileIndex = "sqlite_autoindex_tile_1";  // made by SQLite for the primary key

std::string shown(const std::filesystem::path& path) {
  return base::printable(path.native());
}

Error at(Error error, const std::filesystem::path& path) {
  return std::move(error).in_file(shown(path));
}

// Takes the writers' lock. It is the file's lock that counts, not that the file is there: the kernel drops it when the
// process ends, however it ends.
Result<base::Descriptor> lock_writer(const std::filesystem::path& path) {
  base::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644));
  if (!file.is_open()) {
    return base::system_error("ledger: open the lock file", path);
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return base::system_error("ledger: lock", path);
    }
    std::array<char, 32> holder{};
    const ssize_t got = ::pread(file.get(), holder.data(), holder.size() - 1, 0);
    const std::string_view pid = base::trim({holder.data(), static_cast<std::size_t>(got > 0 ? got : 0)});
    return Error{Errc::io,
                 "ledger: another process" + (pid.empty() ? "" : " (" + base::printable(pid) + ")") +
                     " is writing to it; wait for it to end",
                 0, shown(path)};
  }
  // For that message only: without room for it the lock is as good.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t wrote = ::pwrite(file.get(), pid.data(), pid.size(), 0);
  }
  return file;
}

Result<std::string> fresh_origin() {
  std::array<std::byte, 16> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return base::system_error("ledger: random numbers", {});
  }
  return "surety/" + base::to_hex(random);
}

// Whether the database holds no table at all and was never given to an application: just made, or never finished.
Result<bool> is_blank(const Database& database) {
  const std::int64_t application = TRY(database.number("PRAGMA application_id"));
  const std::int64_t tables = TRY(database.number("SELECT count(*) FROM sqlite_schema"));
  return application == 0 && tables == 0;
}

Result<void> create_tables(const Database& database, std::string_view wanted) {
  const std::string origin = wanted.empty() ? TRY(fresh_origin()) : std::string(wanted);
  const Sha256 root = empty_root();
  for (const Table& table : kTables) {
    TRY(database.execute(std::string(table.sql).c_str()));
  }
  Query insert = TRY(database.prepare("INSERT INTO log VALUES(1, CAST(?1 AS TEXT), 0, ?2)"));
  TRY(insert.bind(1, origin).bind(2, as_text(root)).run());
  TRY(database.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
  TRY(database.execute(("PRAGMA user_version = " + std::to_string(kFormat)).c_str()));
  return {};
}

// Which format it is.
Result<std::uint8_t> check_tables(const Database& database) {
  if (TRY(database.number("PRAGMA application_id")) != kApplicationId) {
    return Error{Errc::malformed, "ledger: a SQLite database, but not a ledger of Surety"};
  }
  const std::int64_t format = TRY(database.number("PRAGMA user_version"));
  if (format > kFormat) {
    return Error{Errc::unsupported, "ledger: written by a newer Surety (format " + std::to_string(format) +
                                        ", this one reads " + std::to_string(kFormat) + ")"};
  }
  if (format < 1) {
    return Error{Errc::malformed, "ledger: format " + std::to_string(format) + " does not exist"};
  }
  Query schema = TRY(database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name"));
  std::size_t found = 0;
  while (TRY(schema.step())) {
    const std::string_view name = schema.bytes(0);
    if (name == kTileIndex && schema.is_null(1)) {
      continue;
    }
    if (found == kTables.size() || name != kTables[found].name || schema.bytes(1) != kTables[found].sql) {
      return Error{Errc::malformed, "ledger: \"" + base::printable(name) + "\" does not belong in it"};
    }
    ++found;
  }
  if (found != kTables.size()) {
    return Error{Errc::malformed, "ledger: table \"" + std::string(kTables[found].name) + "\" is missing"};
  }
  return static_cast<std::uint8_t>(format);
}

// Opens a database nobody can have swapped for a link or a device.
Result<std::unique_ptr<Database>> open_database(const std::filesystem::path& path, Ledger::Mode mode) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno != ENOENT || mode == Ledger::Mode::read) {
      return base::system_error("ledger", path);
    }
  } else if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, "ledger: not a regular file", 0, shown(path)};
  } else if (status.st_size == 0 && mode == Ledger::Mode::read) {
    return Error{Errc::malformed, "ledger: the file is empty", 0, shown(path)};
  }
  if (mode == Ledger::Mode::write) {
    return Database::open(path, Database::Mode::write);
  }
  auto database = TRY(Database::open(path, Database::Mode::read));
  const auto readable = database->number("SELECT count(*) FROM sqlite_schema");
  if (!readable && readable.error().code == Errc::io && ::access((path.native() + "-wal").c_str(), F_OK) != 0) {
    // A directory in which SQLite cannot make its shared memory. Without a write-ahead log all there is is in the file.
    database = TRY(Database::open(path, Database::Mode::still));
  }
  TRY(database->number("SELECT count(*) FROM sqlite_schema"));
  return database;
}

Error untrusted(const std::filesystem::path& path, const std::string& reason) {
  return {Errc::untrusted, "ledger: " + reason, 0, shown(path)};
}

// The tree as the tiles have it, ready to be appended to.
Result<void> load_tree(Frontier& frontier, std::array<std::string, 64 / kTileHeight>& partial_tiles,
                       const Database& database, std::uint64_t size) {
  Tiles tiles = TRY(Tiles::open(database));
  for (unsigned level = 0; level < 63; ++level) {
    if ((size >> level & 1U) != 0) {
      frontier.restore(level, TRY(tiles.node(level, (size >> level) - 1)));
    }
  }
  for (unsigned level = 0; level < partial_tiles.size(); ++level) {
    const std::uint64_t hashes = size >> (kTileHeight * level);
    const auto last = static_cast<std::size_t>(hashes % kTileHashes);
    if (last != 0) {
      const std::string_view tile = TRY(tiles.tile(level, hashes / kTileHashes));
      if (tile.size() != last * kHashBytes) {
        return Error{Errc::untrusted, "ledger: stored hashes: tile " + std::to_string(level) + "/" +
                                          std::to_string(hashes / kTileHashes) + " is not of the right length"};
      }
      partial_tiles[level] = tile;
    }
  }
  return {};
}

// Holds the log against the checkpoint file; writes that file where a writer was killed before it could.
Result<void> reconcile(const std::filesystem::path& file, const std::optional<Checkpoint>& filed,
                       const Checkpoint& stored, const Database& database) {
  if (!filed) {
    if (stored.size != 0) {
      return untrusted(file, "the checkpoint file is missing, so nothing shows that the log is whole");
    }
    return base::write_file(file, stored.to_text());
  }
  if (filed->origin != stored.origin) {
    return untrusted(file, "the checkpoint is of another log (" + filed->origin + "): ledger.db was exchanged");
  }
  if (filed->size > stored.size) {
    return untrusted(file, "the checkpoint is of " + base::counted(filed->size, "entry", "entries") + ", the log has " +
                               base::grouped(stored.size) + ": it was cut or rolled back");
  }
  Tiles tiles = TRY(Tiles::open(database));
  if (TRY(tiles.root(filed->size)) != filed->root) {
    return untrusted(file, "the log does not have the root of the checkpoint: it was rewritten");
  }
  if (filed->size < stored.size) {
    return base::write_file(file, stored.to_text());
  }
  return {};
}

// Stores the full tiles as they fill, and at the end the others.
class TileWriter {
 public:
  TileWriter(Query& insert, std::array<std::string, 64 / kTileHeight>& tiles) : insert_(&insert), tiles_(&tiles) {}

  void add(unsigned level, std::uint64_t index, const Sha256& hash) {
    if (level % kTileHeight != 0 || failure_) {
      return;
    }
    const unsigned tile_level = level / kTileHeight;
    std::string& tile = (*tiles_)[tile_level];
    tile += as_text(hash);
    dirty_[tile_level] = true;
    last_[tile_level] = index / kTileHashes;
    if (tile.size() == kTileHashes * kHashBytes) {
      store(tile_level);
      tile.clear();
    }
  }
  Result<void> finish() {
    for (unsigned level = 0; level < tiles_->size(); ++level) {
      if (dirty_[level] && !failure_) {
        store(level);
      }
    }
    if (failure_) {
      return *failure_;
    }
    return {};
  }

 private:
  void store(unsigned level) {
    insert_->bind(1, static_cast<std::int64_t>(level));
    insert_->bind(2, static_cast<std::int64_t>(last_[level]));
    if (auto stored = insert_->bind(3, (*tiles_)[level]).run(); !stored) {
      failure_ = stored.error();
    }
    dirty_[level] = false;
  }

  Query* insert_;
  std::array<std::string, 64 / kTileHeight>* tiles_;
  std::array<bool, 64 / kTileHeight> dirty_{};
  std::array<std::uint64_t, 64 / kTileHeight> last_{};
  std::optional<Error> failure_;
};

}  // namespace

Result<Checkpoint> Ledger::State::stored_checkpoint() const {
  if (!select_log.is_prepared()) {
    select_log = TRY(database->prepare("SELECT origin, size, root FROM log"));
  }
  select_log.reset();
  const auto found = select_log.step();
  std::optional<Checkpoint> out;
  if (found && *found && select_log.bytes(2).size() == kHashBytes && select_log.integer(1) >= 0) {
    out = Checkpoint{std::string(select_log.bytes(0)), static_cast<std::uint64_t>(select_log.integer(1)),
                     hash_at(select_log.bytes(2))};
  }
  select_log.reset();  // a statement that is not at its end keeps the database as it was
  TRY(found);
  if (!out) {
    return Error{Errc::malformed, "ledger: the stored checkpoint is missing or damaged", 0, shown(database_path())};
  }
  return *std::move(out);
}

Result<std::optional<Checkpoint>> Ledger::State::filed_checkpoint() const {
  const auto text = base::read_file(checkpoint_path(), 4096);
  if (!text) {
    if (text.error().code == Errc::not_found) {
      return std::optional<Checkpoint>();
    }
    return text.error();
  }
  auto parsed = Checkpoint::parse(*text);
  if (!parsed) {
    return untrusted(checkpoint_path(), parsed.error().message);
  }
  return std::optional<Checkpoint>(*std::move(parsed));
}

Result<Tiles*> Ledger::State::tiles_at(std::uint64_t size) {
  if (!tiles) {
    tiles = TRY(Tiles::open(*database));
  }
  if (tiles_size != size) {
    tiles->forget();
    tiles_size = size;
  }
  return &*tiles;
}

Entry Ledger::State::entry_of(const Query& query) const {
  Entry out;
  out.index = static_cast<std::uint64_t>(query.integer(0));
  out.received = {query.integer(1)};
  out.key = query.bytes(2);
  out.content = query.bytes(3);
  out.record = record_version(out.key.size(), out.content.size());
  return out;
}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::~Ledger() {
  if (state_ != nullptr && !state_->checkpoint_is_filed) {
    (void)file_checkpoint();  // where it fails, the next writer does it
  }
}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

Result<Ledger> Ledger::open(const std::filesystem::path& directory, Mode mode, std::string_view origin) {
  if (!origin.empty() && !is_key_name(origin)) {
    return Error{Errc::usage, "ledger: \"" + base::printable(origin) +
                                  "\" cannot be the origin of a log: it is above " + std::to_string(kMaxKeyNameBytes) +
                                  " bytes, or has a space or a plus sign"};
  }
  auto state = std::make_unique<State>();
  state->directory = directory;
  state->mode = mode;
  if (mode == Mode::write) {
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure) {
      return Error{Errc::io, "ledger: create the directory: " + failure.message(), 0, shown(directory)};
    }
    state->lock = TRY(lock_writer(state->lock_path()));
  }
  const std::filesystem::path path = state->database_path();
  const auto prepare = [&]() -> Result<void> {
    state->database = TRY(open_database(path, mode));
    const Database& database = *state->database;
    if (mode == Mode::read) {
      state->format = TRY(check_tables(database));
      return {};
    }
    const std::optional<Checkpoint> filed = TRY(state->filed_checkpoint());
    const bool blank = TRY(is_blank(database));
    if (!blank) {
      state->format =
          TRY(check_tables(database));  // before anything is changed: it may be the database of someone else
    }
    TRY(database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768"));
    if (blank) {
      if (filed && filed->size != 0) {
        return untrusted(state->checkpoint_path(), "the checkpoint is of " +
                                                       base::counted(filed->size, "entry", "entries") +
                                                       ", but ledger.db is gone or empty");
      }
      Transaction transaction(database);
      TRY(transaction.begin("BEGIN IMMEDIATE"));
      TRY(create_tables(database, origin));
      TRY(transaction.commit());
      const Checkpoint fresh = TRY(state->stored_checkpoint());
      TRY(base::write_file(state->checkpoint_path(), fresh.to_text()));
      return sync_directory(directory);
    }
    const Checkpoint stored = TRY(state->stored_checkpoint());
    if (!origin.empty() && stored.origin != origin) {
      return Error{Errc::usage, "ledger: this is the log " + base::printable(stored.origin)};
    }
    TRY(reconcile(state->checkpoint_path(), filed, stored, database));
    TRY(load_tree(state->frontier, state->partial_tiles, database, stored.size));
    const auto entries =
        static_cast<std::uint64_t>(TRY(database.number("SELECT coalesce(max(idx) + 1, 0) FROM entry")));
    if (state->frontier.root() != stored.root || entries != stored.size) {
      return untrusted(path, "entries, stored hashes and stored checkpoint do not agree: it was changed");
    }
    return {};
  };
  if (auto prepared = prepare(); !prepared) {
    return at(prepared.error(), path);
  }
  return Ledger(std::move(state));
}

Result<std::uint64_t> Ledger::append(std::span<const NewEntry> entries, Filing filing,
                                     std::vector<std::uint64_t>* places) {
  const std::filesystem::path path = state_->database_path();
  if (state_->mode != Mode::write) {
    return Error{Errc::usage, "ledger: opened to read", 0, shown(path)};
  }
  for (const NewEntry& entry : entries) {
    if (entry.key.size() > kMaxKeyBytes || entry.content.size() > kMaxContentBytes) {
      return Error{Errc::too_large,
                   "ledger: entry \"" + base::printable(base::abbreviate(entry.key, 200)) + "\" is above " +
                       base::human_bytes(entry.key.size() > kMaxKeyBytes ? kMaxKeyBytes : kMaxContentBytes),
                   0, shown(path)};
    }
  }
  const Database& database = *state_->database;
  const base::UnixTime received = base::now();
  Frontier frontier = state_->frontier;
  auto partial_tiles = state_->partial_tiles;
  if (places != nullptr) {
    places->clear();
  }
  const auto prepare = [&]() -> Result<void> {
    if (!state_->statements) {
      state_->statements = State::Statements{TRY(database.prepare("SELECT idx FROM current WHERE key = ?1")),
                                             TRY(database.prepare("SELECT content FROM entry WHERE idx = ?1")),
                                             TRY(database.prepare("INSERT INTO entry VALUES(?1, ?2, ?3, ?4)")),
                                             TRY(database.prepare("INSERT OR REPLACE INTO current VALUES(?1, ?2)")),
                                             TRY(database.prepare("INSERT OR REPLACE INTO tile VALUES(?1, ?2, ?3)")),
                                             TRY(database.prepare("UPDATE log SET size = ?1, root = ?2"))};
    }
    return {};
  };
  // The index of the current entry of the key, where it has this content.
  const auto equal_entry = [&](const NewEntry& entry) -> Result<std::optional<std::uint64_t>> {
    auto& [find, content_of, insert, make_current, insert_tile, update] = *state_->statements;
    std::optional<std::uint64_t> out;
    find.bind(1, entry.key);
    const auto found = find.step();
    if (found && *found) {
      const auto index = find.integer(0);
      content_of.bind(1, index);
      const auto read = content_of.step();
      if (read && *read && content_of.bytes(0) == entry.content) {
        out = static_cast<std::uint64_t>(index);
      }
      content_of.reset();
      find.reset();
      TRY(read);
    }
    find.reset();
    TRY(found);
    return out;
  };
  const auto write = [&]() -> Result<void> {
    TRY(prepare());
    auto& [find, content_of, insert, make_current, insert_tile, update] = *state_->statements;
    TileWriter tiles(insert_tile, partial_tiles);
    Transaction transaction(database);
    TRY(transaction.begin("BEGIN IMMEDIATE"));
    Entry leaf;
    leaf.received = received;
    for (const NewEntry& entry : entries) {
      if (!entry.key.empty()) {
        if (const auto equal = TRY(equal_entry(entry))) {
          if (places != nullptr) {
            places->push_back(*equal);
          }
          continue;
        }
      }
      const auto index = static_cast<std::int64_t>(frontier.size());
      insert.bind(1, index).bind(2, received.seconds).bind(3, entry.key);
      TRY(insert.bind(4, entry.content).run());
      if (!entry.key.empty()) {
        TRY(make_current.bind(1, entry.key).bind(2, index).run());
      }
      if (places != nullptr) {
        places->push_back(frontier.size());
      }
      frontier.append(leaf_hash_of(received, entry.key, entry.content,
                                   state_->record_version(entry.key.size(), entry.content.size())),
                      [&](unsigned level, std::uint64_t place, const Sha256& hash) { tiles.add(level, place, hash); });
    }
    if (frontier.size() == state_->frontier.size()) {
      return {};
    }
    TRY(tiles.finish());
    const Sha256 root = frontier.root();
    TRY(update.bind(1, static_cast<std::int64_t>(frontier.size())).bind(2, as_text(root)).run());
    return transaction.commit();
  };
  if (auto written = write(); !written) {
    return at(written.error(), path);
  }
  const std::uint64_t appended = frontier.size() - state_->frontier.size();
  if (appended != 0) {
    state_->frontier = frontier;
    state_->partial_tiles = std::move(partial_tiles);
    state_->checkpoint_is_filed = false;
    if (filing == Filing::at_once) {
      if (auto filed = file_checkpoint(); !filed) {
        Error error = std::move(filed).error();
        error.message = "ledger: the entries are recorded, but the checkpoint file is not written: " + error.message;
        return error;
      }
    }
  }
  return appended;
}

Result<void> Ledger::file_checkpoint() {
  if (state_->mode != Mode::write) {
    return Error{Errc::usage, "ledger: opened to read", 0, shown(state_->database_path())};
  }
  const Checkpoint reached = TRY(state_->stored_checkpoint());
  TRY(base::write_file(state_->checkpoint_path(), reached.to_text()));
  state_->checkpoint_is_filed = true;
  return {};
}

Result<Checkpoint> Ledger::checkpoint() const {
  return state_->stored_checkpoint();
}

Result<bool> Ledger::continues(const Checkpoint& earlier) const {
  const Checkpoint now = TRY(state_->stored_checkpoint());
  if (earlier.origin != now.origin || earlier.size > now.size) {
    return false;
  }
  Tiles* tiles = TRY(state_->tiles_at(now.size));
  return TRY(tiles->root(earlier.size)) == earlier.root;
}

Result<void> Ledger::for_each_current(const std::function<Result<void>(const Entry&)>& visit) const {
  return for_each_current(KeyRange(), visit);
}

Result<void> Ledger::for_each_current(KeyRange keys, const std::function<Result<void>(const Entry&)>& visit) const {
  const std::filesystem::path path = state_->database_path();
  Query query = TRY(state_->database->prepare(
      std::string("SELECT e.idx, e.received, e.key, e.content, c.key IS e.key, c.idx FROM current c LEFT JOIN entry e "
                  "ON e.idx = c.idx WHERE c.key >= ?1") +
      (keys.end.empty() ? "" : " AND c.key < ?2") + " ORDER BY c.key"));
  query.bind(1, keys.first);
  if (!keys.end.empty()) {
    query.bind(2, keys.end);
  }
  while (TRY(query.step())) {
    if (query.integer(4) != 1) {
      return untrusted(path, "entry " + std::to_string(query.integer(5)) +
                                 " is missing or of another key than the list of current entries says");
    }
    TRY(visit(state_->entry_of(query)));
  }
  return {};
}

Result<void> Ledger::for_each(std::uint64_t first, const std::function<Result<void>(const Entry&)>& visit) const {
  if (first > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return {};
  }
  Query query =
      TRY(state_->database->prepare("SELECT idx, received, key, content FROM entry WHERE idx >= ?1 ORDER BY idx"));
  query.bind(1, static_cast<std::int64_t>(first));
  while (TRY(query.step())) {
    TRY(visit(state_->entry_of(query)));
  }
  return {};
}

Result<std::optional<Entry>> Ledger::current(std::string_view key) const {
  Query query = TRY(state_->database->prepare(
      "SELECT e.idx, e.received, e.key, e.content, c.key IS e.key FROM current c LEFT JOIN entry e ON e.idx = c.idx "
      "WHERE c.key = ?1"));
  if (!TRY(query.bind(1, key).step())) {
    return std::optional<Entry>();
  }
  if (query.integer(4) != 1) {
    return untrusted(state_->database_path(), "the current entry of a key is missing or of another key");
  }
  return std::optional<Entry>(state_->entry_of(query));
}

Result<std::vector<Sha256>> Ledger::inclusion_proof(std::uint64_t index, std::uint64_t size) const {
  const Checkpoint now = TRY(state_->stored_checkpoint());
  if (size > now.size || index >= size) {
    return Error{Errc::usage, "ledger: no entry " + std::to_string(index) + " in a log of size " +
                                  std::to_string(size) + " (this one has " + std::to_string(now.size) + ")"};
  }
  return TRY(state_->tiles_at(now.size))->inclusion_proof(index, size);
}

Result<std::vector<Sha256>> Ledger::consistency_proof(std::uint64_t old_size, std::uint64_t new_size) const {
  const Checkpoint now = TRY(state_->stored_checkpoint());
  if (new_size > now.size || old_size > new_size || old_size == 0) {
    return Error{Errc::usage, "ledger: no proof from size " + std::to_string(old_size) + " to " +
                                  std::to_string(new_size) + " (this log has " + std::to_string(now.size) + ")"};
  }
  return TRY(state_->tiles_at(now.size))->consistency_proof(old_size, new_size);
}

Result<std::vector<Sha256>> Ledger::subset_proof(std::span<const std::uint64_t> indices, std::uint64_t size) const {
  const Checkpoint now = TRY(state_->stored_checkpoint());
  if (size > now.size || (!indices.empty() && indices.back() >= size) ||
      std::adjacent_find(indices.begin(), indices.end(), std::greater_equal<>()) != indices.end()) {
    return Error{Errc::usage, "ledger: no such entries in a log of size " + std::to_string(size)};
  }
  Tiles* tiles = TRY(state_->tiles_at(now.size));
  std::vector<Sha256> out;
  for (const auto& [level, index] : gaps_between(indices, size)) {
    out.push_back(TRY(tiles->node(level, index)));
  }
  return out;
}

Result<std::optional<Entry>> Ledger::entry(std::uint64_t index) const {
  if (index > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::optional<Entry>();
  }
  Query query = TRY(state_->database->prepare("SELECT idx, received, key, content FROM entry WHERE idx = ?1"));
  if (!TRY(query.bind(1, static_cast<std::int64_t>(index)).step())) {
    return std::optional<Entry>();
  }
  return std::optional<Entry>(state_->entry_of(query));
}

Result<void> Ledger::leaf_hashes(std::uint64_t first, std::uint64_t end,
                                 const std::function<void(std::uint64_t, const Sha256&)>& visit) const {
  Query query = TRY(state_->database->prepare(
      "SELECT idx, received, key, content FROM entry WHERE idx >= ?1 AND idx < ?2 ORDER BY idx"));
  query.bind(1, static_cast<std::int64_t>(first)).bind(2, static_cast<std::int64_t>(end));
  while (TRY(query.step())) {
    const std::string_view key = query.bytes(2);
    const std::string_view content = query.bytes(3);
    visit(static_cast<std::uint64_t>(query.integer(0)),
          leaf_hash_of({query.integer(1)}, key, content, state_->record_version(key.size(), content.size())));
  }
  return {};
}

Result<std::vector<std::pair<std::uint64_t, std::int64_t>>> Ledger::clock_steps(std::size_t most) const {
  std::vector<std::pair<std::uint64_t, std::int64_t>> out;
  Query query = TRY(state_->database->prepare("SELECT idx, received FROM entry ORDER BY idx"));
  std::optional<std::int64_t> last;
  while (out.size() < most && TRY(query.step())) {
    const std::int64_t received = query.integer(1);
    if (last && received < *last) {
      out.emplace_back(static_cast<std::uint64_t>(query.integer(0)), *last - received);
    }
    last = received;
  }
  return out;
}

Result<std::string_view> Ledger::tile(unsigned level, std::uint64_t index) const {
  Tiles* tiles = TRY(state_->tiles_at(0));
  tiles->forget();
  return tiles->tile(level, index);
}

const std::filesystem::path& Ledger::directory() const {
  return state_->directory;
}

}  // namespace ledger
