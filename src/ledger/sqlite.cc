#include "ledger/sqlite.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "ledger/ledger.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr int kBusyMilliseconds = 5000;  // a reader may have to wait for a writer that recovers or cleans up

// SQLite's file: URI, in which '%', '?' and '#' have a meaning of their own.
std::string uri_of(const std::filesystem::path& path, std::string_view parameters) {
  std::string out = "file:";
  for (const char c : path.native()) {
    if (c == '%' || c == '?' || c == '#') {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "?" + std::string(parameters);
}

}  // namespace

Query& Query::bind(int place, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), place, number);
  return *this;
}

Query& Query::bind(int place, std::string_view bytes) {
  // A null pointer would bind NULL instead of nothing.
  sqlite3_bind_blob64(statement_.get(), place, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Query::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code == SQLITE_DONE) {
    return false;
  }
  return database_->error();
}

Result<void> Query::run() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_DONE && code != SQLITE_ROW) {
    Error error = database_->error();
    sqlite3_reset(statement_.get());
    return error;
  }
  sqlite3_reset(statement_.get());
  return {};
}

void Query::reset() {
  sqlite3_reset(statement_.get());
}

std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Query::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return data == nullptr ? std::string_view() : std::string_view(data, static_cast<std::size_t>(size));
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path, Mode mode) {
  std::unique_ptr<Database> out(new Database(path));
  const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const std::string uri = uri_of(path, mode == Mode::still ? "immutable=1" : "psow=1");
  if (sqlite3_open_v2(uri.c_str(), &out->handle_, flags, nullptr) != SQLITE_OK) {
    return out->error();
  }
  // The file may come from anyone: nothing in its schema may act, and no row may fill the memory.
  sqlite3_db_config(out->handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(out->handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(out->handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(out->handle_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(out->handle_, SQLITE_LIMIT_LENGTH, static_cast<int>(kMaxContentBytes + (1U << 20) + 4096));
  sqlite3_busy_timeout(out->handle_, kBusyMilliseconds);
  return out;
}

Result<std::unique_ptr<Database>> Database::open_to_read(const std::filesystem::path& path, const std::string& name) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return base::system_error(name, path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, name + ": not a regular file", 0, base::printable(path.native())};
  }
  if (status.st_size == 0) {
    return Error{Errc::malformed, name + ": the file is empty", 0, base::printable(path.native())};
  }
  auto database = TRY(open(path, Mode::read));
  const auto readable = database->number("SELECT count(*) FROM sqlite_schema");
  if (!readable && readable.error().code == Errc::io && ::access((path.native() + "-wal").c_str(), F_OK) != 0) {
    // Without a write-ahead log all there is is in the file.
    database = TRY(open(path, Mode::still));
  }
  TRY(database->number("SELECT count(*) FROM sqlite_schema"));
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<Query> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK) {
    return error();
  }
  return Query(*this, statement);
}

Result<void> Database::execute(const char* sql) const {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return error();
  }
  return {};
}

Result<std::int64_t> Database::number(std::string_view sql) const {
  Query query = TRY(prepare(sql));
  if (!TRY(query.step())) {
    return Error{Errc::malformed, "ledger: no row", 0, base::printable(path_.native())};
  }
  return query.integer(0);
}

namespace {

// What the system said when it last refused to read the database or its write-ahead log; 0 where it did not. SQLite
// calls that damage too, though what is on the disk may be whole.
int refused_read(sqlite3* handle) {
  for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    int system = 0;
    if (sqlite3_file_control(handle, "main", which, static_cast<void*>(&file)) == SQLITE_OK && file != nullptr &&
        file->pMethods != nullptr &&
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &system) == SQLITE_OK &&
        (system == EIO || system == ENXIO || system == ERANGE)) {
      return system;
    }
  }
  return 0;
}

}  // namespace

Error Database::error() const {
  const int code = sqlite3_extended_errcode(handle_);
  Error out{Errc::io, "ledger: " + base::printable(sqlite3_errmsg(handle_)), 0, base::printable(path_.native())};
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
      out.code = Errc::malformed;
      out.message = "ledger: not a SQLite database";
      break;
    case SQLITE_CORRUPT:
      if (const int system = refused_read(handle_); system != 0) {
        out.message = "ledger: cannot be read: " + std::generic_category().message(system);
        break;
      }
      out.code = Errc::malformed;
      out.message = "ledger: the database file is damaged";
      break;
    case SQLITE_ERROR:  // SQL that does not fit the tables
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      out.code = Errc::malformed;
      break;
    case SQLITE_TOOBIG:
      out.code = Errc::too_large;
      break;
    case SQLITE_FULL:
      out.message = "ledger: disk full, nothing was recorded";
      break;
    default:
      if (const int system = sqlite3_system_errno(handle_); system != 0) {
        out.message += ": " + std::generic_category().message(system);
      }
  }
  return out;
}

Transaction::~Transaction() {
  if (open_) {
    (void)database_->execute("ROLLBACK");  // fails where SQLite already did so itself
  }
}

Result<void> Transaction::begin(const char* sql) {
  TRY(database_->execute(sql));
  open_ = true;
  return {};
}

Result<void> Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  open_ = false;
  return {};
}

}  // namespace ledger
