#include "ledger/rebuild.h"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ledger/log_key.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

Error untrusted(const std::filesystem::path& path, const std::string& reason) {
  return {Errc::untrusted, "ledger: " + reason, 0, base::printable(path.native())};
}

// What the database still says of the log; nothing where it cannot be read.
std::optional<Settled> row_of(const std::filesystem::path& path, Ledger::State& state) {
  auto opened = Database::open(path, Database::Mode::read);
  if (!opened) {
    return std::nullopt;
  }
  state.database = *std::move(opened);
  const auto row = state.read_settled();
  state.select_log = Query();
  state.database.reset();
  return row ? std::optional(*row) : std::nullopt;
}

// Adds the checkpoints that the log itself keeps.
Result<void> add_remembered(const Ledger::State& state, base::UnixTime now, std::vector<Reference>& out) {
  const auto filed = TRY(state.filed_checkpoint());
  if (!filed) {
    return untrusted(state.checkpoint_path(),
                     "the checkpoint file is missing as well, so nothing shows that the entries are all there");
  }
  out.push_back({"the checkpoint file", *filed});
  if (const auto text = TRY(read_signed_checkpoint(state.directory))) {
    const Trust keys = TRY(read_key_list(state.directory));
    out.push_back({"the signed checkpoint", TRY(open_checkpoint(*text, keys, now)).checkpoint});
  }
  return {};
}

// Brings the new database up to the file of entries.
Result<void> fill(Ledger::State& state, const std::filesystem::path& fresh, const std::string& origin) {
  state.database = TRY(Database::open(fresh, Database::Mode::write));
  state.entries = TRY(EntryFile::open(state.entries_path(), origin, false));
  // Nobody reads it before it is whole, and synced.
  TRY(state.database->execute("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768"));
  {
    Transaction transaction(*state.database);
    TRY(transaction.begin("BEGIN IMMEDIATE"));
    TRY(create_tables(*state.database, origin, state.entries->first_frame()));
    TRY(transaction.commit());
  }
  state.start_at(TRY(state.read_settled()));
  state.has_frontier = true;
  TRY(state.read_tail());
  if (state.damage) {
    return *state.damage;
  }
  return state.settle();
}

Result<std::string> hold_against(Ledger::State& state, const std::vector<Reference>& remembered) {
  Tiles* const tiles = TRY(state.tiles_at(state.frontier.size()));
  std::vector<std::string> names;
  for (const auto& [name, checkpoint] : remembered) {
    const std::string what = name + " (" + base::counted(checkpoint.size, "entry", "entries") + ")";
    if (checkpoint.origin != state.settled->checkpoint.origin) {
      return untrusted(state.entries_path(), "the entries are of another log than " + what + ": they were exchanged");
    }
    if (checkpoint.size > state.frontier.size()) {
      return untrusted(state.entries_path(), "there are " + base::counted(state.frontier.size(), "entry", "entries") +
                                                 ", fewer than by " + what + ": the log was cut or rolled back");
    }
    if (TRY(tiles->root(checkpoint.size)) != checkpoint.root) {
      return untrusted(state.entries_path(), "the entries do not have the root of " + what + ": they were rewritten");
    }
    names.push_back(what);
  }
  return base::join(names, ", ");
}

// The database and what SQLite keeps beside it, out of the way.
Result<std::optional<std::filesystem::path>> set_aside(const std::filesystem::path& path) {
  std::optional<std::filesystem::path> out;
  for (const char* suffix : {"-shm", "-wal", ""}) {
    std::error_code failure;
    const std::filesystem::path from = path.native() + suffix;
    if (std::filesystem::exists(std::filesystem::symlink_status(from, failure))) {
      const std::filesystem::path to = path.native() + ".damaged" + suffix;
      std::filesystem::rename(from, to, failure);
      if (failure) {
        return Error{Errc::io, "ledger: set aside: " + failure.message(), 0, base::printable(from.native())};
      }
      out = to;
    }
  }
  return out;
}

void remove_database(const std::filesystem::path& path) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(path.native() + suffix, ignored);
  }
}

Result<void> sync_file(const std::filesystem::path& path) {
  const base::Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open() || ::fsync(file.get()) != 0) {
    return base::system_error("ledger: sync", path);
  }
  return {};
}

}  // namespace

Result<Rebuilt> rebuild_database(const std::filesystem::path& directory, std::vector<Reference> others,
                                 base::UnixTime now) {
  Rebuilt out;
  Ledger::State state;
  state.directory = directory;
  state.mode = Ledger::Mode::write;
  const std::filesystem::path path = state.database_path();
  const std::filesystem::path fresh = directory / "ledger.db.new";
  const std::string origin = TRY(EntryFile::origin_of(state.entries_path()));
  state.lock = TRY(lock_writer(state.lock_path()));
  if (const auto whole = Ledger::open(directory, Ledger::Mode::read); whole && TRY(whole->verify()).intact) {
    return Error{Errc::usage, "ledger: it is whole, there is nothing to make again", 0, base::printable(path.native())};
  }
  std::vector<Reference> remembered = std::move(others);
  TRY(add_remembered(state, now, remembered));
  if (const auto row = row_of(path, state)) {
    remembered.push_back({"the database as it was", row->checkpoint});
  }
  remove_database(fresh);  // of a process that was killed
  const auto make = [&]() -> Result<void> {
    TRY(fill(state, fresh, origin));
    out.held_against = TRY(hold_against(state, remembered));
    out.checkpoint = state.settled->checkpoint;
    TRY(sync_file(fresh));
    TRY(state.entries->sync());
    out.set_aside = TRY(set_aside(path));
    std::error_code failure;
    std::filesystem::rename(fresh, path, failure);
    if (failure) {
      return Error{Errc::io, "ledger: " + failure.message(), 0, base::printable(path.native())};
    }
    return sync_directory(directory);
  };
  if (auto made = make(); !made) {
    remove_database(fresh);
    return std::move(made).error();
  }
  return out;
}

}  // namespace ledger
