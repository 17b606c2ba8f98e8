#include "ledger/rebuild.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "ledger/entry_edit.h"
#include "ledger/log_key.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using base::Errc;
using ::testing::HasSubstr;
using Mode = Ledger::Mode;

class RebuildTest : public LogDirectory {
 protected:
  RebuildTest() {
    Ledger log = open(Mode::write);
    fill(log, 0, 600);
    fill(log, 590, 20, "newer-");
    before_ = *log.checkpoint();
  }
  [[nodiscard]] base::Result<Rebuilt> rebuild(std::vector<Reference> others = {}) const {
    return rebuild_database(path("log"), std::move(others), {});
  }
  void lose_database() const {
    for (const char* name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"}) {
      std::filesystem::remove(path("log") / name);
    }
  }
  void expect_whole(std::uint64_t entries) const {
    const Ledger log = open(Mode::read);
    const auto verified = log.verify();
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_TRUE(verified->intact) << base::join(verified->problems, "\n");
    EXPECT_EQ(verified->entries, entries);
  }
  void expect_refused(const std::string& reason, std::vector<Reference> others = {}) const {
    const auto rebuilt = rebuild(std::move(others));
    ASSERT_FALSE(rebuilt);
    EXPECT_EQ(rebuilt.error().code, Errc::untrusted);
    EXPECT_THAT(rebuilt.error().text(), HasSubstr(reason));
    EXPECT_FALSE(std::filesystem::exists(path("log") / "ledger.db.new"));
  }

  Checkpoint before_;
};

TEST_F(RebuildTest, ALostDatabaseIsMadeAgain) {
  lose_database();
  for (const Mode mode : {Mode::read, Mode::write}) {
    const auto refused = Ledger::open(path("log"), mode);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("surety log rebuild"));
    std::filesystem::remove(path("log") / "ledger.db");  // a writer's attempt leaves an empty one
  }
  const auto rebuilt = rebuild();
  ASSERT_TRUE(rebuilt) << rebuilt.error().text();
  EXPECT_EQ(rebuilt->checkpoint, before_);
  EXPECT_EQ(rebuilt->held_against, "the checkpoint file (620 entries)");
  EXPECT_FALSE(rebuilt->set_aside);
  expect_whole(620);
  EXPECT_EQ((*open(Mode::read).current("key-595"))->content, "newer-595");
  {
    Ledger log = open(Mode::write);
    fill(log, 620, 10);
  }
  expect_whole(630);
}

TEST_F(RebuildTest, ADamagedDatabaseIsMadeAgainAndKept) {
  const std::string good = content_of(path("log") / "ledger.db");
  for (std::size_t page = 0; page * 4096 < good.size(); page += 7) {
    SCOPED_TRACE(page);
    std::string bad = good;
    bad.replace(page * 4096, 4096, 4096, '\x5a');
    ASSERT_TRUE(base::write_file(path("log") / "ledger.db", bad));
    const auto rebuilt = rebuild();
    if (!rebuilt) {
      EXPECT_EQ(rebuilt.error().code, Errc::usage) << rebuilt.error().text();  // a page that holds nothing
      continue;
    }
    EXPECT_EQ(rebuilt->checkpoint, before_);
    ASSERT_TRUE(rebuilt->set_aside);
    EXPECT_EQ(content_of(*rebuilt->set_aside), bad);
    expect_whole(620);
  }
}

TEST_F(RebuildTest, AWholeDatabaseStays) {
  const auto rebuilt = rebuild();
  ASSERT_FALSE(rebuilt);
  EXPECT_EQ(rebuilt.error().code, Errc::usage);
  expect_whole(620);
}

TEST_F(RebuildTest, ALogThatWasCutOrRolledBackIsRefused) {
  lose_database();
  edit_entries(path("log"),
               [](std::string& bytes, const std::vector<EntrySpot>& spots) { bytes.resize(spots[600].frame); });
  expect_refused("fewer than by the checkpoint file (620 entries): the log was cut or rolled back");
  std::filesystem::remove(path("log") / "checkpoint");
  expect_refused("the checkpoint file is missing as well");
}

TEST_F(RebuildTest, AnOlderCopyIsRefusedByAnyCheckpointThatIsLeft) {
  std::filesystem::copy(path("log"), path("old"), std::filesystem::copy_options::recursive);
  {
    Ledger log = open(Mode::write);
    fill(log, 620, 5);
    ASSERT_TRUE(sign_checkpoint(log, *open_log_key(log, {}, {})));
  }
  const Checkpoint newest = *open(Mode::read).checkpoint();
  for (const char* name : {"ledger.entries", "checkpoint"}) {
    std::filesystem::copy_file(path("old") / name, path("log") / name,
                               std::filesystem::copy_options::overwrite_existing);
  }
  expect_refused("fewer than by the signed checkpoint (625 entries)");
  std::filesystem::remove(path("log") / "checkpoint.signed");
  expect_refused("fewer than by the database as it was (625 entries)");
  lose_database();
  expect_refused("fewer than by the one that was kept (625 entries)", {{"the one that was kept", newest}});
  EXPECT_TRUE(rebuild());  // nothing is left that shows it
}

TEST_F(RebuildTest, RewrittenAndForeignEntriesAreRefused) {
  lose_database();
  overwrite_content(path("log"), 3, "changed");
  expect_refused("entry 0 cannot be read: the file is damaged at byte");
  {
    Ledger forged = open(Mode::write, "forged");
    fill(forged, 0, 630, "forged-");
  }
  std::filesystem::copy_file(path("forged") / "ledger.entries", path("log") / "ledger.entries",
                             std::filesystem::copy_options::overwrite_existing);
  expect_refused("the entries do not have the root of the checkpoint file (620 entries): they were rewritten");
  auto other = Ledger::open(path("other"), Mode::write, "log.example/other");
  ASSERT_TRUE(other);
  fill(*other, 0, 630);
  std::filesystem::copy_file(path("other") / "ledger.entries", path("log") / "ledger.entries",
                             std::filesystem::copy_options::overwrite_existing);
  expect_refused("the entries are of another log than the checkpoint file");
}

TEST_F(RebuildTest, ABatchThatWasCutShortByACrashIsNoDamage) {
  lose_database();
  edit_entries(path("log"), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    bytes += bytes.substr(spots[600].frame, 100);
  });
  ASSERT_TRUE(rebuild());
  expect_whole(620);
}

TEST_F(RebuildTest, AnotherWriterIsNotDisturbed) {
  lose_database();
  Ledger other = open(Mode::write, "other");
  std::filesystem::remove(path("log") / "ledger.lock");
  std::filesystem::create_hard_link(path("other") / "ledger.lock", path("log") / "ledger.lock");
  const auto rebuilt = rebuild();
  ASSERT_FALSE(rebuilt);
  EXPECT_THAT(rebuilt.error().text(), HasSubstr("is writing to it"));
}

}  // namespace
}  // namespace ledger
