#include "ledger/openings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "ledger/sqlite.h"
#include "ledger/tiles.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;
using base::Sha256;

namespace {

constexpr std::int64_t kApplicationId = 0x5372746F;  // "Srto", in the header of the database
constexpr std::int64_t kFormat = 1;                  // user_version
constexpr std::string_view kTable =
    "CREATE TABLE opening(commitment BLOB PRIMARY KEY, salt BLOB NOT NULL, content BLOB NOT NULL) STRICT, WITHOUT "
    "ROWID";

Result<void> check_table(const Database& database) {
  if (TRY(database.number("PRAGMA application_id")) != kApplicationId) {
    return Error{Errc::malformed, "openings: a SQLite database, but not the openings of a ledger"};
  }
  const std::int64_t format = TRY(database.number("PRAGMA user_version"));
  if (format > kFormat) {
    return Error{Errc::unsupported, "openings: written by a newer Surety (format " + std::to_string(format) +
                                        ", this one reads " + std::to_string(kFormat) + ")"};
  }
  Query schema = TRY(database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"));
  if (format != kFormat || !TRY(schema.step()) || schema.bytes(0) != kTable || TRY(schema.step())) {
    return Error{Errc::malformed, "openings: holds other tables than it should"};
  }
  return {};
}

// A file that nobody else may read, before SQLite puts anything in it. The files beside it get its mode from SQLite.
Result<void> make_private(const std::filesystem::path& path) {
  const base::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
    return base::system_error("openings", path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, "openings: not a regular file", 0, base::printable(path.native())};
  }
  if ((status.st_mode & 077U) != 0 && ::fchmod(file.get(), 0600) != 0) {
    return base::system_error("openings: make it private", path);
  }
  return {};
}

}  // namespace

struct Openings::State {
  std::filesystem::path path;
  Mode mode = Mode::read;
  std::unique_ptr<Database> database;

  [[nodiscard]] Error at(Error error) const {
    return error.file.empty() ? std::move(error).in_file(base::printable(path.native())) : std::move(error);
  }
};

Openings::Openings(std::unique_ptr<State> state) : state_(std::move(state)) {}
Openings::~Openings() = default;
Openings::Openings(Openings&&) noexcept = default;
Openings& Openings::operator=(Openings&&) noexcept = default;

Result<Openings> Openings::open(const std::filesystem::path& directory, Mode mode) {
  auto state = std::make_unique<State>();
  state->path = directory / "openings.db";
  state->mode = mode;
  const auto prepare = [&]() -> Result<void> {
    if (mode == Mode::read) {
      state->database = TRY(Database::open_to_read(state->path, "openings"));
      return check_table(*state->database);
    }
    TRY(make_private(state->path));
    state->database = TRY(Database::open(state->path, Database::Mode::write));
    const Database& database = *state->database;
    const bool blank = TRY(database.number("PRAGMA application_id")) == 0 &&
                       TRY(database.number("SELECT count(*) FROM sqlite_schema")) == 0;
    if (!blank) {
      TRY(check_table(database));  // before anything is changed: it may be the database of someone else
    }
    TRY(database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON"));
    if (blank) {
      Transaction transaction(database);
      TRY(transaction.begin("BEGIN IMMEDIATE"));
      TRY(database.execute(std::string(kTable).c_str()));
      TRY(database.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()));
      TRY(database.execute(("PRAGMA user_version = " + std::to_string(kFormat)).c_str()));
      TRY(transaction.commit());
    }
    return {};
  };
  if (auto prepared = prepare(); !prepared) {
    return state->at(std::move(prepared).error());
  }
  return Openings(std::move(state));
}

Result<void> Openings::add(std::span<const Opening> openings) {
  const auto write = [&]() -> Result<void> {
    if (state_->mode != Mode::write) {
      return Error{Errc::usage, "openings: opened to read"};
    }
    Query insert = TRY(state_->database->prepare("INSERT OR IGNORE INTO opening VALUES(?1, ?2, ?3)"));
    Transaction transaction(*state_->database);
    TRY(transaction.begin("BEGIN IMMEDIATE"));
    for (const Opening& opening : openings) {
      if (opening.salt.size() > kMaxOpeningBytes || opening.content.size() > kMaxOpeningBytes - opening.salt.size()) {
        return Error{Errc::too_large, "openings: private content above " + base::human_bytes(kMaxOpeningBytes)};
      }
      TRY(insert.bind(1, as_text(opening.commitment)).bind(2, opening.salt).bind(3, opening.content).run());
    }
    return transaction.commit();
  };
  if (auto written = write(); !written) {
    return state_->at(std::move(written).error());
  }
  return {};
}

Result<std::optional<Opening>> Openings::find(const Sha256& commitment) const {
  const auto read = [&]() -> Result<std::optional<Opening>> {
    Query query = TRY(state_->database->prepare("SELECT salt, content FROM opening WHERE commitment = ?1"));
    if (!TRY(query.bind(1, as_text(commitment)).step())) {
      return std::optional<Opening>();
    }
    return std::optional<Opening>({commitment, std::string(query.bytes(0)), std::string(query.bytes(1))});
  };
  auto found = read();
  if (!found) {
    return state_->at(std::move(found).error());
  }
  return found;
}

Result<void> Openings::for_each(const std::function<Result<void>(const Sha256&)>& visit) const {
  Query query = TRY(state_->database->prepare("SELECT commitment FROM opening ORDER BY commitment"));
  for (;;) {
    const auto more = query.step();
    if (!more) {
      return state_->at(more.error());
    }
    if (!*more) {
      return {};
    }
    Sha256 commitment;
    const std::string_view bytes = query.bytes(0);
    if (bytes.size() != commitment.bytes.size()) {
      return state_->at({Errc::malformed, "openings: a commitment is not of 32 bytes"});
    }
    std::copy(bytes.begin(), bytes.end(), commitment.bytes.begin());
    TRY(visit(commitment));
  }
}

Result<std::uint64_t> Openings::erase(std::span<const Sha256> commitments) {
  const auto write = [&]() -> Result<std::uint64_t> {
    if (state_->mode != Mode::write) {
      return Error{Errc::usage, "openings: opened to read"};
    }
    const Database& database = *state_->database;
    std::uint64_t erased = 0;
    {
      Query find = TRY(database.prepare("SELECT 1 FROM opening WHERE commitment = ?1"));
      Query remove = TRY(database.prepare("DELETE FROM opening WHERE commitment = ?1"));
      Transaction transaction(database);
      TRY(transaction.begin("BEGIN IMMEDIATE"));
      for (const Sha256& commitment : commitments) {
        erased += TRY(find.bind(1, as_text(commitment)).step()) ? 1 : 0;
        find.reset();
        TRY(remove.bind(1, as_text(commitment)).run());
      }
      TRY(transaction.commit());
    }
    // secure_delete has made zeros of the bytes in the pages as they now are; they reach the file, and the older pages
    // leave the write-ahead log, by a checkpoint that empties it.
    Query checkpoint = TRY(database.prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
    if (!TRY(checkpoint.step()) || checkpoint.integer(0) != 0) {
      return Error{Errc::io,
                   "openings: deleted, but another process reads them, so their bytes are still in the "
                   "write-ahead log; repeat when it has ended"};
    }
    return erased;
  };
  auto erased = write();
  if (!erased) {
    return state_->at(std::move(erased).error());
  }
  return erased;
}

}  // namespace ledger
