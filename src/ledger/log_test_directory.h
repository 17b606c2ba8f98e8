#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "ledger/ledger.h"

/// What the tests of logs share.
namespace ledger {

/// A directory of its own for each test, removed afterwards.
class LogDirectory : public ::testing::Test {
 protected:
  LogDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ledger-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~LogDirectory() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_ / name; }

  // The log in folder `name` of this test.
  [[nodiscard]] Ledger open(Ledger::Mode mode, const std::string& name = "log") const {
    auto log = Ledger::open(path(name), mode, mode == Ledger::Mode::write ? "log.example/test" : "");
    EXPECT_TRUE(log) << log.error().text();
    return *std::move(log);
  }
  // Appends entries numbered from `first`, each of a key of its own.
  static void fill(Ledger& log, std::uint64_t first, std::uint64_t count, const std::string& content = "content-") {
    std::vector<NewEntry> entries;
    for (std::uint64_t i = first; i < first + count; ++i) {
      entries.push_back({"key-" + std::to_string(i), content + std::to_string(i)});
    }
    const auto appended = log.append(entries);
    ASSERT_TRUE(appended) << appended.error().text();
    ASSERT_EQ(*appended, count);
  }
  // Changes the database behind the log's back.
  void edit(const std::string& sql, const std::string& name = "log") const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((path(name) / "ledger.db").c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(database);
  }
  static std::string content_of(const std::filesystem::path& file) {
    auto content = base::read_file(file, 1U << 30);
    EXPECT_TRUE(content) << content.error().text();
    return content ? *std::move(content) : std::string();
  }

  std::filesystem::path directory_;
};

/// The folder of shared vectors, where there is one.
inline std::filesystem::path vectors(const std::string& name) {
  return std::filesystem::path(PROJECT_DIR) / "../shared/vectors" / name;
}

}  // namespace ledger
