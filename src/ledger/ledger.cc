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
constexpr std::uint64_t kMaxEmptyBytes = 512;        // of a file of entries that holds none

constexpr std::string_view kTileIndex = "sqlite_autoindex_tile_1";  // made by SQLite for the primary key

std::string shown(const std::filesystem::path& path) {
  return base::printable(path.native());
}

Error at(Error error, const std::filesystem::path& path) {
  return std::move(error).in_file(shown(path));
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

// Which format it is.
Result<std::uint8_t> check_tables(const Database& database) {
  if (TRY(database.number("PRAGMA application_id")) != kApplicationId) {
    return Error{Errc::malformed, "ledger: a SQLite database, but not a ledger of Surety"};
  }
  const std::int64_t format = TRY(database.number("PRAGMA user_version"));
  if (format > kFormat) {
    return Error{Errc::unsupported, "ledger: written by a newer Surety (format " + std::to_string(format) +
                                        ", this one reads " + std::to_string(int{kFormat}) + ")"};
  }
  if (format < 1) {
    return Error{Errc::malformed, "ledger: format " + std::to_string(format) + " does not exist"};
  }
  const std::vector<Table> tables = tables_of(static_cast<std::uint8_t>(format));
  Query schema = TRY(database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name"));
  std::size_t found = 0;
  while (TRY(schema.step())) {
    const std::string_view name = schema.bytes(0);
    if (name == kTileIndex && schema.is_null(1)) {
      continue;
    }
    if (found == tables.size() || name != tables[found].name || schema.bytes(1) != tables[found].sql) {
      return Error{Errc::malformed, "ledger: \"" + base::printable(name) + "\" does not belong in it"};
    }
    ++found;
  }
  if (found != tables.size()) {
    return Error{Errc::malformed, "ledger: table \"" + std::string(tables[found].name) + "\" is missing"};
  }
  return static_cast<std::uint8_t>(format);
}

// Opens a database nobody can have swapped for a link or a device.
Result<std::unique_ptr<Database>> open_database(const std::filesystem::path& path, Ledger::Mode mode) {
  if (mode == Ledger::Mode::read) {
    return Database::open_to_read(path, "ledger");
  }
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) {
      return base::system_error("ledger", path);
    }
  } else if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, "ledger: not a regular file", 0, shown(path)};
  }
  return Database::open(path, Database::Mode::write);
}

Error untrusted(const std::filesystem::path& path, const std::string& reason) {
  return {Errc::untrusted, "ledger: " + reason, 0, shown(path)};
}

// What to do where the database is lost or damaged.
std::string hint_of_rebuilding(const std::filesystem::path& directory) {
  std::error_code failure;
  const auto bytes = std::filesystem::file_size(directory / "ledger.entries", failure);
  return !failure && bytes > kMaxEmptyBytes
             ? "; what was in it can be made again from ledger.entries: surety log rebuild"
             : "";
}

Result<void> check_origin(const Checkpoint& stored, std::string_view wanted) {
  if (!wanted.empty() && stored.origin != wanted) {
    return Error{Errc::usage, "ledger: this is the log " + base::printable(stored.origin)};
  }
  return {};
}

// Holds the log against the checkpoint file; writes that file where a writer was killed before it could.
Result<void> reconcile(const std::filesystem::path& file, const std::optional<Checkpoint>& filed,
                       const Checkpoint& stored, Tiles& tiles) {
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
  if (TRY(tiles.root(filed->size)) != filed->root) {
    return untrusted(file, "the log does not have the root of the checkpoint: it was rewritten");
  }
  if (filed->size < stored.size) {
    return base::write_file(file, stored.to_text());
  }
  return {};
}

}  // namespace

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

Result<void> create_tables(const Database& database, const std::string& origin, std::uint64_t bytes) {
  const Sha256 root = empty_root();
  for (const Table& table : tables_of(kFormat)) {
    TRY(database.execute(std::string(table.sql).c_str()));
  }
  Query insert = TRY(database.prepare("INSERT INTO log VALUES(1, CAST(?1 AS TEXT), 0, ?2, ?3)"));
  TRY(insert.bind(1, origin).bind(2, as_text(root)).bind(3, static_cast<std::int64_t>(bytes)).run());
  TRY(database.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
  TRY(database.execute(("PRAGMA user_version = " + std::to_string(kFormat)).c_str()));
  return {};
}

std::vector<Table> tables_of(std::uint8_t format) {
  constexpr Table kTile = {
      "tile",
      "CREATE TABLE tile(level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, idx)) "
      "STRICT"};
  if (format <= kEntriesInTable) {
    return {{"current", "CREATE TABLE current(key BLOB PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID"},
            {"entry",
             "CREATE TABLE entry(idx INTEGER PRIMARY KEY, received INTEGER NOT NULL, key BLOB NOT NULL, content BLOB "
             "NOT NULL) STRICT"},
            {"log",
             "CREATE TABLE log(id INTEGER PRIMARY KEY CHECK(id = 1), origin TEXT NOT NULL, size INTEGER NOT NULL, "
             "root BLOB NOT NULL) STRICT"},
            kTile};
  }
  return {{"current",
           "CREATE TABLE current(key BLOB PRIMARY KEY, idx INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT "
           "ROWID"},
          {"log",
           "CREATE TABLE log(id INTEGER PRIMARY KEY CHECK(id = 1), origin TEXT NOT NULL, size INTEGER NOT NULL, "
           "root BLOB NOT NULL, bytes INTEGER NOT NULL) STRICT"},
          {"place", "CREATE TABLE place(idx INTEGER PRIMARY KEY, bytes INTEGER NOT NULL) STRICT"},
          kTile};
}

Result<Settled> Ledger::State::read_settled() const {
  if (!select_log.is_prepared()) {
    select_log = TRY(database->prepare(has_entry_file() ? "SELECT origin, size, root, bytes FROM log"
                                                        : "SELECT origin, size, root, 0 FROM log"));
  }
  select_log.reset();
  const auto found = select_log.step();
  std::optional<Settled> out;
  if (found && *found && select_log.bytes(2).size() == kHashBytes && select_log.integer(1) >= 0 &&
      select_log.integer(3) >= 0) {
    out = Settled{Checkpoint{std::string(select_log.bytes(0)), static_cast<std::uint64_t>(select_log.integer(1)),
                             hash_at(select_log.bytes(2))},
                  static_cast<std::uint64_t>(select_log.integer(3))};
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

Result<void> Ledger::State::make(const std::optional<Checkpoint>& filed, std::string_view wanted) {
  if (filed && filed->size != 0) {
    return untrusted(checkpoint_path(), "the checkpoint is of " + base::counted(filed->size, "entry", "entries") +
                                            ", but ledger.db is gone or empty" + hint_of_rebuilding(directory));
  }
  const std::string origin = wanted.empty() ? TRY(fresh_origin()) : std::string(wanted);
  std::error_code failure;
  // A file of entries that holds none was left by a process that was killed here.
  if (const auto bytes = std::filesystem::file_size(entries_path(), failure); !failure && bytes > kMaxEmptyBytes) {
    return untrusted(entries_path(),
                     "there are entries, but ledger.db is gone or empty" + hint_of_rebuilding(directory));
  }
  {
    const EntryFile made = TRY(EntryFile::create(entries_path(), origin));
    Transaction transaction(*database);
    TRY(transaction.begin("BEGIN IMMEDIATE"));
    TRY(create_tables(*database, origin, made.first_frame()));
    TRY(transaction.commit());
  }
  const Settled fresh = TRY(read_settled());
  TRY(base::write_file(checkpoint_path(), fresh.checkpoint.to_text()));
  return sync_directory(directory);
}

Result<Tiles*> Ledger::State::tiles_at(std::uint64_t size) {
  if (!tiles) {
    tiles = TRY(Tiles::open(*database, &tail));
  }
  if (tiles_size != size) {
    tiles->forget();
    tiles_size = size;
  }
  return &*tiles;
}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::~Ledger() {
  if (state_ != nullptr && state_->mode == Mode::write) {  // where it fails, the next writer does it
    if (!state_->checkpoint_is_filed) {
      (void)file_checkpoint();
    }
    (void)state_->settle();
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
      TRY(state->make(filed, origin));
    } else if (!state->has_entry_file()) {
      const Checkpoint stored = TRY(state->read_settled()).checkpoint;
      TRY(check_origin(stored, origin));
      Tiles tiles = TRY(Tiles::open(database));
      TRY(reconcile(state->checkpoint_path(), filed, stored, tiles));
      TRY(migrate(database, state->entries_path(), state->format, stored));
      state->format = kFormat;
      state->select_log = Query();
    }
    // The file of entries says what is recorded; what the database says is brought up to it again after a crash.
    TRY(database.execute("PRAGMA synchronous = NORMAL"));
    const Settled settled = TRY(state->read_settled());
    TRY(check_origin(settled.checkpoint, origin));
    state->entries = TRY(EntryFile::open(state->entries_path(), settled.checkpoint.origin, true));
    if (TRY(state->entries->size()) < settled.bytes) {
      return untrusted(state->entries_path(), "the file ends before byte " + std::to_string(settled.bytes) +
                                                  ", where the entries end by ledger.db: it was cut");
    }
    state->start_at(settled);
    Tiles tiles = TRY(Tiles::open(database, &state->tail));
    state->frontier = TRY(load_tree(tiles, settled.checkpoint.size));
    state->has_frontier = true;
    if (state->frontier.root() != settled.checkpoint.root) {
      return untrusted(path, "entries, stored hashes and stored checkpoint do not agree: it was changed");
    }
    TRY(state->read_tail());
    if (state->damage) {
      return *state->damage;
    }
    if (state->end != settled.bytes) {
      TRY(state->entries->sync());
    }
    tiles.forget();
    const Checkpoint reached = TRY(state->stored_checkpoint());
    TRY(reconcile(state->checkpoint_path(), filed, reached, tiles));
    return state->entries->continue_at(state->end);
  };
  if (auto prepared = prepare(); !prepared) {
    Error error = std::move(prepared).error();
    if (error.code == Errc::malformed || (error.code == Errc::not_found && !std::filesystem::exists(path))) {
      error.message += hint_of_rebuilding(directory);
    }
    return at(std::move(error), path);
  }
  return Ledger(std::move(state));
}

Result<std::uint64_t> Ledger::append(std::span<const NewEntry> entries, Filing filing,
                                     std::vector<std::uint64_t>* places) {
  State& state = *state_;
  if (state.mode != Mode::write) {
    return Error{Errc::usage, "ledger: opened to read", 0, shown(state.database_path())};
  }
  if (places != nullptr) {
    places->clear();
  }
  state.begin_batch();
  const auto write = [&]() -> Result<void> {
    TRY(state.stage(entries, places));
    return state.entries->write(state.seal());
  };
  if (auto written = write(); !written) {
    state.drop_all();
    return at(written.error(), state.entries_path());
  }
  const std::uint64_t appended = state.staged.front().entries.count();
  state.take_in();
  state.settle_if_many();
  if (appended != 0 && filing == Filing::at_once) {
    if (auto filed = file_checkpoint(); !filed) {
      Error error = std::move(filed).error();
      error.message = "ledger: the entries are recorded, but the checkpoint file is not written: " + error.message;
      return error;
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
  state_->settle_if_many(kIdleSettleEntries);
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
  State& state = *state_;
  TRY(state.refresh());
  Query query = TRY(state.database->prepare(std::string("SELECT key, idx, ") +
                                            (state.has_entry_file() ? "bytes" : "0") + " FROM current WHERE key >= ?1" +
                                            (keys.end.empty() ? "" : " AND key < ?2") + " ORDER BY key"));
  query.bind(1, keys.first);
  if (!keys.end.empty()) {
    query.bind(2, keys.end);
  }
  const auto show = [&](const Tail::Current& current, std::string_view key) -> Result<void> {
    return visit(entry_of(TRY(state.read_current(current, key))));
  };
  // What the tail has goes between what is stored.
  auto next = state.tail.current.lower_bound(keys.first);
  const auto last = keys.end.empty() ? state.tail.current.end() : state.tail.current.lower_bound(keys.end);
  while (TRY(query.step())) {
    const std::string_view key = query.bytes(0);
    for (; next != last && next->first < key; ++next) {
      TRY(show(next->second, next->first));
    }
    Tail::Current current{static_cast<std::uint64_t>(query.integer(1)), static_cast<std::uint64_t>(query.integer(2))};
    if (next != last && next->first == key) {
      current = next->second.index > current.index ? next->second : current;
      ++next;
    }
    TRY(show(current, key));
  }
  for (; next != last; ++next) {
    TRY(show(next->second, next->first));
  }
  return {};
}

Result<void> Ledger::for_each(std::uint64_t first, const std::function<Result<void>(const Entry&)>& visit) const {
  TRY(state_->refresh());
  return state_->scan(first, std::numeric_limits<std::uint64_t>::max(),
                      [&](const StoredEntry& entry) { return visit(entry_of(entry)); });
}

Result<std::optional<Entry>> Ledger::current(std::string_view key) const {
  TRY(state_->refresh());
  const auto found = TRY(state_->current_of(key));
  if (!found) {
    return std::optional<Entry>();
  }
  return std::optional<Entry>(entry_of(TRY(state_->read_current(*found, key))));
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
  std::optional<Entry> out;
  TRY(state_->refresh());
  if (index != std::numeric_limits<std::uint64_t>::max()) {
    TRY(state_->scan(index, index + 1, [&](const StoredEntry& entry) -> Result<void> {
      out = entry_of(entry);
      return {};
    }));
  }
  return out;
}

Result<void> Ledger::leaf_hashes(std::uint64_t first, std::uint64_t end,
                                 const std::function<void(std::uint64_t, const Sha256&)>& visit) const {
  TRY(state_->refresh());
  return state_->scan_readable(first, end, [&](const StoredEntry& entry) { visit(entry.index, leaf_hash_of(entry)); });
}

const std::vector<std::pair<std::uint64_t, std::uint64_t>>& Ledger::damaged_places() const {
  return state_->damaged_places;
}

Result<std::vector<std::pair<std::uint64_t, std::int64_t>>> Ledger::clock_steps(std::size_t most) const {
  std::vector<std::pair<std::uint64_t, std::int64_t>> out;
  std::optional<std::int64_t> last;
  TRY(state_->refresh());
  const auto compare = [&](const StoredEntry& entry) -> Result<void> {
    if (last && entry.received.seconds < *last) {
      out.emplace_back(entry.index, *last - entry.received.seconds);
    }
    last = entry.received.seconds;
    return out.size() < most ? Result<void>() : Result<void>(Error{Errc::not_found, ""});
  };
  if (auto scanned = state_->scan(0, std::numeric_limits<std::uint64_t>::max(), compare);
      !scanned && out.size() < most) {
    return scanned.error();
  }
  return out;
}

Result<std::string_view> Ledger::tile(unsigned level, std::uint64_t index) const {
  TRY(state_->refresh());
  Tiles* tiles = TRY(state_->tiles_at(0));
  tiles->forget();
  return tiles->tile(level, index);
}

const std::filesystem::path& Ledger::directory() const {
  return state_->directory;
}

}  // namespace ledger
