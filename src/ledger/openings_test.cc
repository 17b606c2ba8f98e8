#include "ledger/openings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/file.h"

namespace ledger {
namespace {

using base::Errc;
using Mode = Openings::Mode;
using ::testing::HasSubstr;

class OpeningsTest : public ::testing::Test {
 protected:
  OpeningsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "openings-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~OpeningsTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  Openings open(Mode mode) {
    auto openings = Openings::open(directory_, mode);
    EXPECT_TRUE(openings) << openings.error().text();
    return *std::move(openings);
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "openings.db"; }
  // Whether any file of the directory holds these bytes.
  [[nodiscard]] bool holds(std::string_view bytes) const {
    const auto found = std::filesystem::directory_iterator(directory_);
    return std::any_of(begin(found), end(found), [&](const auto& entry) {
      const auto content = base::read_file(entry.path(), 1U << 30);
      return content && content->find(bytes) != std::string::npos;
    });
  }
  static Opening opening(std::string_view content) {
    return {base::sha256(content), "salt of " + std::string(content.substr(0, 20)), std::string(content)};
  }

  std::filesystem::path directory_;
};

TEST_F(OpeningsTest, KeepsWhatIsAdded) {
  const Opening one = opening("one");
  const Opening empty{base::sha256("nothing"), "salt", ""};
  {
    Openings openings = open(Mode::write);
    ASSERT_TRUE(openings.add(std::vector{one, empty}));
    ASSERT_TRUE(openings.add(std::vector{one}));
  }
  const Openings openings = open(Mode::read);
  const auto found = openings.find(one.commitment);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->content, "one");
  EXPECT_EQ((*found)->salt, one.salt);
  EXPECT_TRUE(*openings.find(empty.commitment));
  EXPECT_FALSE(*openings.find(base::sha256("two")));
  std::vector<base::Sha256> all;
  ASSERT_TRUE(openings.for_each([&](const base::Sha256& commitment) -> base::Result<void> {
    all.push_back(commitment);
    return {};
  }));
  EXPECT_EQ(all.size(), 2U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(OpeningsTest, NobodyElseMayReadThem) {
  const mode_t before = ::umask(0);
  std::ofstream(file()).close();  // made by somebody careless
  ::chmod(file().c_str(), 0644);
  Openings openings = open(Mode::write);
  ASSERT_TRUE(openings.add(std::vector{opening("one")}));
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << entry.path();
  }
  ::umask(before);
}

TEST_F(OpeningsTest, ErasedBytesAreInNoFileAnyMore) {
  const std::string secret = "the customer's name is Ada Lovelace";
  std::string large;
  while (large.size() < 300'000) {
    large += "a page of what nobody may know any longer " + std::to_string(large.size()) + "\n";
  }
  const Opening kept = opening("what is kept");
  Openings openings = open(Mode::write);
  ASSERT_TRUE(openings.add(std::vector{opening(secret), opening(large), kept}));
  ASSERT_TRUE(holds(secret));
  ASSERT_TRUE(holds("may know any longer 123"));
  const auto erased =
      openings.erase(std::vector{base::sha256(secret), base::sha256(large), base::sha256("never there")});
  ASSERT_TRUE(erased) << erased.error().text();
  EXPECT_EQ(*erased, 2U);
  EXPECT_FALSE(holds("Ada Lovelace"));
  EXPECT_FALSE(holds("salt of the customer"));
  EXPECT_FALSE(holds("nobody may know any longer"));
  EXPECT_TRUE(holds("what is kept"));
  EXPECT_FALSE(*openings.find(base::sha256(secret)));
  EXPECT_TRUE(*openings.find(kept.commitment));
  EXPECT_EQ(*openings.erase(std::vector{base::sha256(secret)}), 0U);
}

TEST_F(OpeningsTest, AReaderInTheWayIsSaidAndRepeatingHelps) {
  const Opening one = opening("what a slow reader still sees");
  Openings openings = open(Mode::write);
  ASSERT_TRUE(openings.add(std::vector{one}));
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open_v2(file().c_str(), &reader, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM opening", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto erased = openings.erase(std::vector{one.commitment});
  ASSERT_FALSE(erased);
  EXPECT_EQ(erased.error().code, Errc::io);
  EXPECT_THAT(erased.error().message, HasSubstr("another process reads"));
  EXPECT_FALSE(*openings.find(one.commitment));
  sqlite3_close(reader);
  EXPECT_TRUE(openings.erase(std::vector{one.commitment}));
  EXPECT_FALSE(holds("slow reader"));
}

TEST_F(OpeningsTest, RefusesWhatIsNotItsOwn) {
  auto none = Openings::open(directory_, Mode::read);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::not_found);

  std::ofstream(file()) << "this is no database, whatever its name says";
  for (const Mode mode : {Mode::read, Mode::write}) {
    const auto text = Openings::open(directory_, mode);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, Errc::malformed);
    EXPECT_THAT(text.error().file, HasSubstr("openings.db"));
  }
  std::filesystem::remove(file());
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE opening(commitment, salt, content)", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  for (const Mode mode : {Mode::read, Mode::write}) {
    const auto foreign = Openings::open(directory_, mode);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, Errc::malformed);
  }
  std::filesystem::remove(file());
  std::filesystem::create_symlink("/dev/null", file());
  EXPECT_FALSE(Openings::open(directory_, Mode::write));
  EXPECT_FALSE(Openings::open(directory_, Mode::read));
}

TEST_F(OpeningsTest, ANewerFormatIsNotTouched) {
  { open(Mode::write); }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 2", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  const auto newer = Openings::open(directory_, Mode::write);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, Errc::unsupported);
}

TEST_F(OpeningsTest, EveryTruncationIsAnErrorAndNoCrash) {
  {
    Openings openings = open(Mode::write);
    ASSERT_TRUE(openings.add(std::vector{opening("one")}));
  }
  const auto whole = base::read_file(file(), 1U << 20);
  ASSERT_TRUE(whole);
  for (std::size_t size = 1; size < whole->size(); size += 97) {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << whole->substr(0, size);
    const auto cut = Openings::open(directory_, Mode::read);
    if (cut) {
      const auto found = cut->find(base::sha256("one"));
      EXPECT_FALSE(found && *found && (*found)->content != "one");
    } else {
      EXPECT_NE(cut.error().code, Errc::usage) << size;
    }
  }
}

TEST_F(OpeningsTest, WhatIsTooLargeOrOpenedToReadIsRefused) {
  {
    Openings openings = open(Mode::write);
    const Opening large{base::sha256("x"), "s", std::string(kMaxOpeningBytes, 'x')};
    EXPECT_EQ(openings.add(std::vector{opening("fine"), large}).error().code, Errc::too_large);
    EXPECT_FALSE(*openings.find(base::sha256("fine"))) << "all or none";
  }
  Openings reading = open(Mode::read);
  EXPECT_EQ(reading.add(std::vector{opening("one")}).error().code, Errc::usage);
  EXPECT_EQ(reading.erase(std::vector{base::sha256("one")}).error().code, Errc::usage);
}

}  // namespace
}  // namespace ledger
