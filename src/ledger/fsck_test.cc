#include "ledger/fsck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "ledger/entry_edit.h"
#include "ledger/log_key.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Mode = Ledger::Mode;

class FsckTest : public LogDirectory {
 protected:
  void make_log(std::uint64_t count) const {
    Ledger log = open(Mode::write);
    fill(log, 0, count);
  }
  [[nodiscard]] FsckReport check(std::vector<Reference> others = {}) const {
    const auto report = check_ledger(open(Mode::read), std::move(others));
    EXPECT_TRUE(report) << report.error().text();
    return report ? *report : FsckReport{};
  }
  // Sets the hash at a place of a stored tile to something else.
  void spoil_hash(unsigned level, std::uint64_t tile, std::size_t place) const {
    edit("UPDATE tile SET hashes = CAST(substr(hashes, 1, " + std::to_string(32 * place) + ") || x'" +
         std::string(64, 'a') + "' || substr(hashes, " + std::to_string(32 * place + 33) +
         ") AS BLOB) WHERE level = " + std::to_string(level) + " AND idx = " + std::to_string(tile));
  }
};

TEST_F(FsckTest, AWholeLogIsWholeAtEverySizeAroundTileBorders) {
  for (const std::uint64_t size : {0U, 1U, 2U, 255U, 256U, 257U, 512U, 1000U}) {
    std::filesystem::remove_all(path("log"));
    make_log(size);
    const FsckReport report = check();
    EXPECT_TRUE(report.intact()) << size << ": " << base::join(report.findings, "\n");
    EXPECT_EQ(report.provable, size);
    EXPECT_FALSE(report.first_bad);
  }
}

TEST_F(FsckTest, NamesTheFirstBadEntryAndItsTileAndProvesTheOthers) {
  {
    Ledger log = open(Mode::write);
    fill(log, 0, 701);
    fill(log, 701, 1);
    fill(log, 702, 298);
  }
  edit_entries(path("log"), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    bytes[spots[300].content] = '?';
    bytes[spots[700].content] = '?';
    bytes.replace(spots[701].frame, spots[701].frame_end - spots[701].frame, "gone");
  });
  edit("DELETE FROM place WHERE idx = 1");  // it does not take the database's word for where entries are
  const FsckReport report = check();
  EXPECT_FALSE(report.intact());
  EXPECT_EQ(report.first_bad, 300U);
  EXPECT_EQ(report.first_bad_tile, "tile 0/001");
  EXPECT_EQ(report.provable, 997U);
  EXPECT_THAT(report.unprovable, ElementsAre(FsckReport::Range{300, 300}, FsckReport::Range{700, 701}));
  EXPECT_THAT(report.findings, Contains(HasSubstr("entry 701 (tile 0/002) is missing")));
}

TEST_F(FsckTest, ADamagedHashIsMadeUpForByWhatIsBelow) {
  make_log(1000);
  spoil_hash(0, 1, 7);  // of entry 263
  spoil_hash(1, 0, 2);  // on the right edge
  const FsckReport report = check();
  EXPECT_EQ(report.provable, 1000U);
  EXPECT_FALSE(report.first_bad);
  EXPECT_THAT(report.findings, ElementsAre(HasSubstr("tile 1/000 is damaged; what is below it makes up for it"),
                                           HasSubstr("tile 0/001 is damaged; what is below it makes up for it")));
}

TEST_F(FsckTest, DamageOfHashesAndEntriesInOneTileIsToldApart) {
  make_log(600);
  spoil_hash(0, 1, 7);
  overwrite_content(path("log"), 256 + 9, "changed");
  FsckReport report = check();
  EXPECT_EQ(report.first_bad, 265U);
  EXPECT_EQ(report.provable, 599U);
  spoil_hash(0, 1, 9);  // the hash of that entry as well: now nothing says what it was
  report = check();
  EXPECT_EQ(report.provable, 600U - 256U);
  EXPECT_THAT(report.unprovable, ElementsAre(FsckReport::Range{256, 511}));
  EXPECT_EQ(report.first_bad, 256U);
}

TEST_F(FsckTest, TheRightEdgeIsToldApartToo) {
  make_log(600);
  spoil_hash(0, 2, 50);
  overwrite_content(path("log"), 512 + 20, "changed");
  const FsckReport report = check();
  EXPECT_EQ(report.first_bad, 532U);
  EXPECT_EQ(report.provable, 599U);
}

TEST_F(FsckTest, ARolledBackLogIsHeldAgainstWhatWasRemembered) {
  make_log(500);
  std::filesystem::copy(path("log"), path("kept"), std::filesystem::copy_options::recursive);
  {
    Ledger log = open(Mode::write);
    fill(log, 500, 100);
  }
  const Checkpoint remembered = *open(Mode::read).checkpoint();
  std::filesystem::remove_all(path("log"));
  std::filesystem::copy(path("kept"), path("log"), std::filesystem::copy_options::recursive);
  EXPECT_TRUE(check().intact());  // all by itself it is an older, valid log
  const FsckReport report = check({{"the remembered checkpoint", remembered}});
  EXPECT_FALSE(report.intact());
  EXPECT_THAT(report.findings, Contains(HasSubstr("the remembered checkpoint (600 entries): nothing that is stored")));
  EXPECT_EQ(report.provable, 500U);
  EXPECT_EQ(report.size, 500U);
}

TEST_F(FsckTest, ARewrittenLogDoesNotAgreeWithItsSignedCheckpoint) {
  {
    Ledger log = open(Mode::write);
    fill(log, 0, 400);
    ASSERT_TRUE(sign_checkpoint(log, *open_log_key(log, {}, {})));
    fill(log, 400, 10);
  }
  EXPECT_TRUE(check().intact());
  // Somebody writes another log of the same name and puts the database in its place.
  {
    Ledger forged = open(Mode::write, "forged");
    fill(forged, 0, 410, "forged-");
  }
  for (const std::string name : {"ledger.db", "ledger.entries", "checkpoint"}) {
    std::filesystem::copy_file(path("forged") / name, path("log") / name,
                               std::filesystem::copy_options::overwrite_existing);
  }
  const FsckReport report = check();
  EXPECT_FALSE(report.intact());
  EXPECT_THAT(report.findings,
              Contains(HasSubstr("the signed checkpoint (400 entries): the log does not have its root")));
  const auto verified = open(Mode::read).verify();
  ASSERT_TRUE(verified);
  EXPECT_THAT(verified->problems, Contains(HasSubstr("signed checkpoint: its root is not that")));
}

TEST_F(FsckTest, WithoutAnyRootTheFirstBadEntryIsNamedAllTheSame) {
  make_log(300);
  edit("UPDATE log SET root = zeroblob(32)");
  overwrite_key(path("log"), 290, "other");
  ASSERT_TRUE(base::write_file(path("log") / "checkpoint", "damaged"));
  const FsckReport report = check();
  EXPECT_FALSE(report.intact());
  EXPECT_TRUE(report.held_against.empty());
  EXPECT_EQ(report.first_bad, 290U);
  EXPECT_EQ(report.first_bad_tile, "tile 0/001");
  EXPECT_EQ(report.provable, 0U);
}

TEST_F(FsckTest, AClockThatWentBackIsANoteNotADamage) {
  ::setenv("SOURCE_DATE_EPOCH", "2000", 1);
  make_log(3);
  ::setenv("SOURCE_DATE_EPOCH", "1500", 1);
  {
    Ledger log = open(Mode::write);
    fill(log, 3, 2);
  }
  ::unsetenv("SOURCE_DATE_EPOCH");
  const FsckReport report = check();
  EXPECT_TRUE(report.intact());
  EXPECT_THAT(report.notes, ElementsAre("entry 3: the clock went back by 500 seconds"));
}

class DamagedFileTest : public FsckTest {
 protected:
  // Three batches of twenty entries.
  DamagedFileTest() {
    Ledger log = open(Mode::write);
    for (std::uint64_t first = 0; first < 60; first += 20) {
      fill(log, first, 20, std::string(300, 'x'));
    }
  }
  void put(std::size_t place, const std::string& bytes) const {
    edit_entries(path("log"),
                 [&](std::string& all, const std::vector<EntrySpot>&) { all.replace(place, bytes.size(), bytes); });
  }
  [[nodiscard]] std::vector<EntrySpot> spots() const { return spots_of(content_of(path("log") / "ledger.entries")); }
  [[nodiscard]] std::vector<std::string> problems() const {
    const auto verified = open(Mode::read).verify();
    EXPECT_TRUE(verified) << verified.error().text();
    return verified ? verified->problems : std::vector<std::string>();
  }
};

TEST_F(DamagedFileTest, ADamagedLengthCostsNothingButItself) {
  for (const std::uint64_t index : {0U, 7U, 19U, 20U, 33U, 45U, 58U}) {
    for (const std::string& length : {std::string("\xff\xff\xff\xff", 4), std::string(4, '\0'),
                                      std::string("\0\0\0\1", 4), std::string("\0\x10\0\0", 4)}) {
      SCOPED_TRACE(std::to_string(index) + " " + std::to_string(length[3]));
      const std::string before = content_of(path("log") / "ledger.entries");
      put(spots()[index].begin, length);
      const FsckReport report = check();
      EXPECT_FALSE(report.intact());
      EXPECT_EQ(report.provable, 60U);
      EXPECT_FALSE(report.first_bad);
      EXPECT_THAT(report.findings, ElementsAre(HasSubstr("ledger.entries is damaged at byte " +
                                                         std::to_string(spots_of(before)[index].begin) +
                                                         ", where entry " + std::to_string(index))));
      EXPECT_THAT(problems(),
                  Contains("entry " + std::to_string(index) + ": cannot be read: ledger.entries is damaged at byte " +
                           std::to_string(spots_of(before)[index].begin)));
      ASSERT_TRUE(base::write_file(path("log") / "ledger.entries", before));
    }
  }
}

TEST_F(DamagedFileTest, ADamagedLengthAndContentCostOneEntry) {
  put(spots()[25].begin, std::string(30, '\x7f'));
  const FsckReport report = check();
  EXPECT_EQ(report.provable, 59U);
  EXPECT_EQ(report.first_bad, 25U);
  EXPECT_THAT(report.unprovable, ElementsAre(FsckReport::Range{25, 25}));
  EXPECT_THAT(problems(), Contains(HasSubstr("entry 25: cannot be read")));
}

TEST_F(DamagedFileTest, TwoDamagedLengthsOfABatchCostWhatIsBetween) {
  put(spots()[38].begin, std::string(4, '\x7f'));
  put(spots()[24].begin, std::string(4, '\x7f'));
  const FsckReport report = check();
  EXPECT_EQ(report.provable, 60U - 15U);
  EXPECT_THAT(report.unprovable, ElementsAre(FsckReport::Range{24, 38}));
  EXPECT_THAT(problems(), Contains(HasSubstr("entries 24 to 38: cannot be read")));
}

TEST_F(DamagedFileTest, ADamagedHeaderOfABatchCostsNoEntry) {
  for (const std::uint64_t index : {0U, 20U, 40U}) {
    for (const std::size_t offset : {0U, 5U, 27U, 35U}) {
      SCOPED_TRACE(std::to_string(index) + "+" + std::to_string(offset));
      const std::string before = content_of(path("log") / "ledger.entries");
      put(spots()[index].frame + offset, std::string(1, '\x55'));
      const FsckReport report = check();
      EXPECT_FALSE(report.intact());
      EXPECT_EQ(report.provable, 60U);
      EXPECT_FALSE(problems().empty());
      ASSERT_TRUE(base::write_file(path("log") / "ledger.entries", before));
    }
  }
}

TEST_F(DamagedFileTest, WhatAnEntryHoldsIsNotTakenForTheEntriesBehindIt) {
  // The content of entry 60 looks like entries itself, the last of which ends where entry 60 does.
  std::string inner;
  for (int i = 0; i < 3; ++i) {
    inner += std::string("\0\0\0\x14\0\1", 6) + std::string(16, '\0') + "in";
  }
  {
    Ledger log = open(Mode::write);
    const std::vector<NewEntry> entries = {{"outer", inner}, {"next", "a"}, {"last", "b"}};
    ASSERT_TRUE(log.append(entries));
  }
  put(spots()[60].begin, std::string(4, '\x7f'));
  const FsckReport report = check();
  EXPECT_EQ(report.provable, 63U);
  put(spots()[20].frame, "");  // nothing else was touched
  EXPECT_THAT(report.findings, ElementsAre(HasSubstr("where entry 60")));
}

// A damaged page of the file costs the batches on it, no others.
TEST_F(FsckTest, ADamagedPageCostsItsBatchesOnly) {
  {
    Ledger log = open(Mode::write);
    for (std::uint64_t first = 0; first < 2000; first += 50) {
      fill(log, first, 50);
    }
  }
  edit_entries(path("log"), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    bytes.replace(spots[1234].begin / 4096 * 4096, 4096, std::string(4096, '\xff'));
  });
  const FsckReport report = check();
  EXPECT_FALSE(report.intact());
  ASSERT_TRUE(report.first_bad);
  EXPECT_LE(*report.first_bad, 1234U);
  EXPECT_GE(report.provable, 1800U);
  EXPECT_LT(report.provable, 2000U);
}

}  // namespace
}  // namespace ledger
