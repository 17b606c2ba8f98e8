#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "ledger/ledger.h"
#include "ledger/merkle.h"
#include "ledger/record.h"
#include "ledger/tiles.h"

/// Logs as Surety wrote them before entries had a file of their own, for tests.
namespace ledger {

/// Makes a log of format 1 or 2 that holds `entries`.
inline void make_old_log(const std::filesystem::path& log, int format, const std::vector<NewEntry>& entries) {
  std::filesystem::create_directories(log);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((log / "ledger.db").c_str(), &database), SQLITE_OK);
  const auto run = [&](const std::string& sql, const std::vector<std::string>& values) {
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    for (std::size_t i = 0; i < values.size(); ++i) {
      sqlite3_bind_blob(statement, static_cast<int>(i) + 1, values[i].data(), static_cast<int>(values[i].size()),
                        SQLITE_TRANSIENT);
    }
    ASSERT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(database);
    sqlite3_finalize(statement);
  };
  for (const char* sql :
       {"PRAGMA application_id = 0x53727479", "BEGIN",
        "CREATE TABLE current(key BLOB PRIMARY KEY, idx INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE entry(idx INTEGER PRIMARY KEY, received INTEGER NOT NULL, key BLOB NOT NULL, content BLOB NOT "
        "NULL) STRICT",
        "CREATE TABLE log(id INTEGER PRIMARY KEY CHECK(id = 1), origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB "
        "NOT NULL) STRICT",
        "CREATE TABLE tile(level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY(level, "
        "idx)) STRICT"}) {
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  }
  run("PRAGMA user_version = " + std::to_string(format), {});
  Frontier tree;
  std::map<std::pair<unsigned, std::uint64_t>, std::string> tiles;
  constexpr std::int64_t kReceived = 1'700'000'000;
  for (const NewEntry& entry : entries) {
    const std::string index = std::to_string(tree.size());
    run("INSERT INTO entry VALUES(" + index + ", " + std::to_string(kReceived) + ", ?1, ?2)",
        {entry.key, entry.content});
    run("INSERT OR REPLACE INTO current VALUES(?1, " + index + ")", {entry.key});
    const auto version = record_version(static_cast<std::uint8_t>(format), entry.key.size(), entry.content.size());
    tree.append(leaf_hash_of({kReceived}, entry.key, entry.content, version),
                [&](unsigned level, std::uint64_t place, const base::Sha256& hash) {
                  if (level % kTileHeight == 0) {
                    tiles[{level / kTileHeight, place / kTileHashes}] += as_text(hash);
                  }
                });
  }
  for (const auto& [place, hashes] : tiles) {
    run("INSERT INTO tile VALUES(" + std::to_string(place.first) + ", " + std::to_string(place.second) + ", ?1)",
        {hashes});
  }
  const Checkpoint reached{"log.example/old", tree.size(), tree.root()};
  run("INSERT INTO log VALUES(1, '" + reached.origin + "', " + std::to_string(reached.size) + ", ?1)",
      {std::string(as_text(reached.root))});
  ASSERT_EQ(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  ASSERT_TRUE(base::write_file(log / "checkpoint", reached.to_text()));
}

}  // namespace ledger
