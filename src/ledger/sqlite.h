#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

/// The little of SQLite that the ledger needs, as Results. Private to this room.
namespace ledger {

class Database;

/// A prepared statement. Bind, step, read, reset, again. Texts and blobs are bound as blobs and must live until the
/// next reset(); columns are views that live until the next step() or reset().
class Query {
 public:
  Query() = default;
  Query& bind(int place, std::int64_t number);
  Query& bind(int place, std::string_view bytes);
  /// Advances; true while there is a row.
  base::Result<bool> step();
  /// For a statement without rows: steps to the end and resets.
  base::Result<void> run();
  void reset();
  [[nodiscard]] bool is_prepared() const { return statement_ != nullptr; }

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Query(const Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  const Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
};

/// A connection. Does not move, since queries point to it.
class Database {
 public:
  enum class Mode : std::uint8_t {
    read,
    write,  ///< Creates the file where there is none.
    still,  ///< Read-only, on a medium nobody writes to: needs no file beside the database.
  };
  static base::Result<std::unique_ptr<Database>> open(const std::filesystem::path& path, Mode mode);
  /// Opens to read a file that nobody can have swapped for a link or a device, also where SQLite cannot make its shared
  /// memory beside it. `name` is what messages begin with. Fails with not_found, malformed or io.
  static base::Result<std::unique_ptr<Database>> open_to_read(const std::filesystem::path& path,
                                                              const std::string& name);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] base::Result<Query> prepare(std::string_view sql) const;
  [[nodiscard]] base::Result<void> execute(const char* sql) const;
  /// First column of the first row of a query, as a number.
  [[nodiscard]] base::Result<std::int64_t> number(std::string_view sql) const;
  /// What went wrong last: malformed where the file is damaged, too_large, io for the rest.
  [[nodiscard]] base::Error error() const;

 private:
  explicit Database(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
  sqlite3* handle_ = nullptr;
};

/// Rolls back, unless committed, when it goes out of scope.
class Transaction {
 public:
  explicit Transaction(const Database& database) : database_(&database) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  base::Result<void> begin(const char* sql);
  base::Result<void> commit();

 private:
  const Database* database_;
  bool open_ = false;
};

}  // namespace ledger
