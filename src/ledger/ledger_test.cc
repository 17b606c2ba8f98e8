#include "ledger/ledger.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <fstream>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "ledger/entry_edit.h"
#include "ledger/fsck.h"
#include "ledger/merkle.h"
#include "ledger/old_log.h"
#include "ledger/proof_file.h"

namespace ledger {
namespace {

using base::Errc;
using base::Sha256;
using ::testing::HasSubstr;
using Mode = Ledger::Mode;

/// A directory of its own for each test, removed afterwards.
class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ledger-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~LedgerTest() override {
    std::error_code ignored;
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(directory_, ignored);
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] std::filesystem::path log() const { return directory_ / "log"; }

  Ledger open(Mode mode) { return open_at(log(), mode); }
  static Ledger open_at(const std::filesystem::path& where, Mode mode) {
    auto ledger = Ledger::open(where, mode);
    EXPECT_TRUE(ledger) << ledger.error().text();
    return *std::move(ledger);
  }
  base::Error open_error(Mode mode) {
    auto ledger = Ledger::open(log(), mode);
    EXPECT_FALSE(ledger);
    return ledger ? base::Error{} : ledger.error();
  }

  // Appends `count` entries of new keys, numbered on from `first`.
  static void fill(Ledger& ledger, int first, int count) {
    std::vector<NewEntry> entries;
    for (int i = first; i < first + count; ++i) {
      entries.push_back({"key-" + std::to_string(i), "content-" + std::to_string(i)});
    }
    const auto appended = ledger.append(entries);
    ASSERT_TRUE(appended) << appended.error().text();
    ASSERT_EQ(*appended, static_cast<std::uint64_t>(count));
  }
  void make_log(int count) {
    Ledger ledger = open(Mode::write);
    fill(ledger, 0, count);
  }
  // Changes the database behind the ledger's back, as someone with the sqlite3 shell would.
  void edit(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((log() / "ledger.db").c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
    sqlite3_close(database);
  }
  Verification verify(const std::optional<Checkpoint>& remembered = {}) {
    const auto verified = open(Mode::read).verify(remembered);
    EXPECT_TRUE(verified) << verified.error().text();
    return verified ? *verified : Verification{};
  }
  void expect_intact(std::uint64_t entries) {
    const Verification verified = verify();
    EXPECT_TRUE(verified.intact) << base::join(verified.problems, "\n");
    EXPECT_EQ(verified.entries, entries);
  }
  // That verify() finds something, and says it in one of these words.
  void expect_problem(std::string_view wanted, const std::optional<Checkpoint>& remembered = {}) {
    const Verification verified = verify(remembered);
    EXPECT_FALSE(verified.intact);
    EXPECT_THAT(base::join(verified.problems, "\n"), HasSubstr(wanted));
  }

  std::filesystem::path directory_;
};

std::string file_content(const std::filesystem::path& path) {
  auto content = base::read_file(path, 1U << 30);
  EXPECT_TRUE(content) << content.error().text();
  return content ? *content : std::string();
}

// Runs `body` in a child process; its result is the exit status, or 128 and the signal's number.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Checkpoint, IsReadBackAndNothingElseIs) {
  Checkpoint checkpoint{"surety/0123", 70'000, base::sha256("root")};
  const std::string text = checkpoint.to_text();
  const auto parsed = Checkpoint::parse(text);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->to_text(), text);
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    EXPECT_EQ(Checkpoint::parse(text.substr(0, kept)).error().code, Errc::truncated) << kept;
  }
  const std::string root = "cgMvlE7uAsrQwGL74QOgO7NDAYFeCDveckp+L7YxB+Q=\n";
  EXPECT_TRUE(Checkpoint::parse("o\n18446744073709551615\n" + root));
  for (const std::string& bad :
       {"o\n18446744073709551616\n" + root, "o\n01\n" + root, "o\n-1\n" + root, "o\n+1\n" + root, "o\n\n" + root,
        "o\n1 \n" + root, "\n1\n" + root, "\x1b[2J\n1\n" + root, "\xff\n1\n" + root,
        std::string(256, 'o') + "\n1\n" + root, "o\n0\n" + root, "o\n1\n" + root + "more\n",
        std::string("o\n1\ncgMv\n"), std::string("o\n1\n!\n"), "o\r\n1\n" + root}) {
    EXPECT_EQ(Checkpoint::parse(bad).error().code, Errc::malformed) << bad;
  }
}

TEST(LeafHash, CoversVersionTimeKeyAndContentByteByByte) {
  const Entry entry{5, "k1", "content", {0x0102}};
  const std::string record = std::string("\0\1\0\0\0\0\0\0\1\2\0\0\0\0\0\0\0\2k1content", 27);
  EXPECT_EQ(leaf_hash(entry), base::sha256(record));
  EXPECT_NE(leaf_hash(Entry{5, "k1c", "ontent", {0x0102}}), leaf_hash(entry));
  EXPECT_NE(leaf_hash(Entry{5, "k1", "content", {0x0103}}), leaf_hash(entry));
}

TEST_F(LedgerTest, IsCreatedEmpty) {
  Ledger ledger = open(Mode::write);
  const auto checkpoint = ledger.checkpoint();
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->size, 0U);
  EXPECT_EQ(checkpoint->root, empty_root());
  EXPECT_THAT(checkpoint->origin, ::testing::MatchesRegex("surety/[0-9a-f]{32}"));
  EXPECT_EQ(file_content(log() / "checkpoint"), checkpoint->to_text());
  expect_intact(0);
}

TEST_F(LedgerTest, AppendsOnlyWhatDiffersFromTheCurrentEntryOfItsKey) {
  Ledger ledger = open(Mode::write);
  const std::vector<NewEntry> entries = {{"a", "1"}, {"b", "1"}, {"a", "2"}, {"a", "2"}, {"c", ""}};
  EXPECT_EQ(*ledger.append(entries), 4U);
  EXPECT_EQ(*ledger.append(std::vector<NewEntry>{{"a", "2"}, {"b", "1"}, {"c", ""}}), 0U);
  EXPECT_EQ(*ledger.append({}), 0U);
  EXPECT_EQ(*ledger.append(std::vector<NewEntry>{{"a", "1"}}), 1U) << "an older content is new again";
  std::vector<std::string> seen;
  ASSERT_TRUE(ledger.for_each_current([&](const Entry& entry) -> base::Result<void> {
    seen.push_back(std::to_string(entry.index) + entry.key + entry.content);
    return {};
  }));
  EXPECT_THAT(seen, ::testing::ElementsAre("4a1", "1b1", "3c"));
  EXPECT_EQ((*ledger.current("a"))->index, 4U);
  EXPECT_FALSE(*ledger.current("d"));
  expect_intact(5);
}

TEST_F(LedgerTest, EntriesWithoutAKeyAreAllKeptAndNeverCurrent) {
  Ledger ledger = open(Mode::write);
  std::vector<std::uint64_t> places;
  EXPECT_EQ(
      *ledger.append(std::vector<NewEntry>{{"", "x"}, {"k", "x"}, {"", "x"}, {"k", "x"}}, Filing::at_once, &places),
      3U);
  EXPECT_THAT(places, ::testing::ElementsAre(0U, 1U, 2U, 1U));
  EXPECT_FALSE(*ledger.current(""));
  EXPECT_EQ((*ledger.entry(2))->content, "x");
  EXPECT_FALSE(*ledger.entry(3));
  expect_intact(3);
}

// From 65,536 bytes on a record holds the digest of the content, which any other tool can hash all the same.
TEST_F(LedgerTest, ALargeContentStandsInItsRecordByItsDigest) {
  const std::string small(kMaxRecordBytes - 17 - 1, 's');
  const std::string large = small + "l";
  {
    Ledger ledger = open(Mode::write);
    ASSERT_EQ(*ledger.append(std::vector<NewEntry>{{"a", small}, {"b", large}}), 2U);
  }
  const Ledger ledger = open(Mode::read);
  const auto first = ledger.entry(0);
  const auto second = ledger.entry(1);
  EXPECT_EQ((*first)->record, 1);
  EXPECT_EQ(record_of(**first).size(), kMaxRecordBytes);
  EXPECT_EQ((*second)->record, 2);
  EXPECT_EQ(record_of(**second).size(), 17U + 1 + 8 + 32);
  EXPECT_EQ((*second)->content, large);
  EXPECT_EQ(parse_record(record_of(**second))->content_digest, base::sha256(large));
  EXPECT_TRUE(verify_inclusion(1, 2, leaf_hash(**second), *ledger.inclusion_proof(1, 2), ledger.checkpoint()->root));
  expect_intact(2);
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) { bytes[spots[1].end - 1] = 'x'; });
  expect_problem("entry 1");
}

TEST_F(LedgerTest, TheCheckpointFileMayFollowLaterAndDoes) {
  Ledger ledger = open(Mode::write);
  ASSERT_TRUE(ledger.append(std::vector<NewEntry>{{"", "x"}}, Filing::later));
  EXPECT_EQ(Checkpoint::parse(file_content(log() / "checkpoint"))->size, 0U);
  expect_intact(1);  // older, but of the same log
  ASSERT_TRUE(ledger.file_checkpoint());
  EXPECT_EQ(Checkpoint::parse(file_content(log() / "checkpoint"))->size, 1U);
  ASSERT_TRUE(ledger.append(std::vector<NewEntry>{{"", "y"}}, Filing::later));
  { const Ledger closed = std::move(ledger); }
  EXPECT_EQ(Checkpoint::parse(file_content(log() / "checkpoint"))->size, 2U);
}

TEST_F(LedgerTest, EntriesAreAnyBytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
  }
  {
    Ledger ledger = open(Mode::write);
    EXPECT_EQ(*ledger.append(std::vector<NewEntry>{{all, all + all}, {all + "x", ""}}), 2U);
  }
  const auto entry = open(Mode::read).current(all);
  ASSERT_TRUE(entry && *entry);
  EXPECT_EQ((*entry)->key, all);
  EXPECT_EQ((*entry)->content, all + all);
  expect_intact(2);
}

TEST_F(LedgerTest, VisitsEntriesInOrderAndStopsAtAnError) {
  make_log(10);
  const Ledger ledger = open(Mode::read);
  std::uint64_t next = 4;
  EXPECT_TRUE(ledger.for_each(4, [&](const Entry& entry) -> base::Result<void> {
    EXPECT_EQ(entry.index, next);
    EXPECT_EQ(entry.content, "content-" + std::to_string(next++));
    return {};
  }));
  EXPECT_EQ(next, 10U);
  EXPECT_TRUE(ledger.for_each(~std::uint64_t{0}, [](const Entry&) -> base::Result<void> { return base::Error{}; }));
  int visited = 0;
  const auto stop = [&](const Entry&) -> base::Result<void> {
    return ++visited == 3 ? base::Result<void>(base::Error{Errc::usage, "enough"}) : base::Result<void>();
  };
  EXPECT_EQ(ledger.for_each(0, stop).error().message, "enough");
  EXPECT_EQ(visited, 3);
}

TEST_F(LedgerTest, ContinuesAtEverySizeAfterReopening) {
  // One entry at a time around tile borders, each with a fresh ledger: the tree must be that of one long run.
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 0, 250);
  }
  for (int i = 250; i < 260; ++i) {
    Ledger ledger = open(Mode::write);
    fill(ledger, i, 1);
  }
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 260, 66'000);
  }
  for (int i = 66'260; i < 66'263; ++i) {
    Ledger ledger = open(Mode::write);
    fill(ledger, i, 1);
  }
  expect_intact(66'263);
}

TEST_F(LedgerTest, EveryProofHoldsInEverySmallLog) {
  Ledger ledger = open(Mode::write);
  std::vector<Sha256> roots = {empty_root()};
  std::vector<Sha256> leaves;
  for (int i = 0; i < 40; ++i) {
    fill(ledger, i, 1);
    roots.push_back(ledger.checkpoint()->root);
    leaves.push_back(leaf_hash(**ledger.current("key-" + std::to_string(i))));
  }
  for (std::uint64_t size = 1; size <= 40; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = ledger.inclusion_proof(index, size);
      ASSERT_TRUE(proof) << proof.error().text();
      EXPECT_TRUE(verify_inclusion(index, size, leaves[index], *proof, roots[size])) << index << " of " << size;
      const auto growth = ledger.consistency_proof(index + 1, size);
      ASSERT_TRUE(growth);
      EXPECT_TRUE(verify_consistency(index + 1, size, roots[index + 1], roots[size], *growth));
    }
  }
  EXPECT_EQ(ledger.inclusion_proof(40, 40).error().code, Errc::usage);
  EXPECT_EQ(ledger.inclusion_proof(0, 41).error().code, Errc::usage);
  EXPECT_EQ(ledger.inclusion_proof(0, 0).error().code, Errc::usage);
  EXPECT_EQ(ledger.consistency_proof(0, 4).error().code, Errc::usage);
}

TEST_F(LedgerTest, ProofsHoldInALargeLog) {
  Ledger ledger = open(Mode::write);
  fill(ledger, 0, 70'000);
  const Checkpoint checkpoint = *ledger.checkpoint();
  for (const std::uint64_t index : {0, 1, 255, 256, 257, 65'535, 65'536, 69'887, 69'888, 69'999}) {
    const auto proof = ledger.inclusion_proof(index, checkpoint.size);
    ASSERT_TRUE(proof) << proof.error().text();
    EXPECT_LE(proof->size(), 17U);
    Entry found;
    (void)ledger.for_each(index, [&](const Entry& entry) -> base::Result<void> {
      found = entry;
      return base::Error{Errc::usage, "one is enough"};
    });
    EXPECT_TRUE(verify_inclusion(index, checkpoint.size, leaf_hash(found), *proof, checkpoint.root)) << index;
  }
}

TEST_F(LedgerTest, ASecondWriterIsToldWhoWrites) {
  const Ledger first = open(Mode::write);
  const base::Error error = open_error(Mode::write);
  EXPECT_EQ(error.code, Errc::io);
  EXPECT_THAT(error.text(), HasSubstr("another process (" + std::to_string(::getpid()) + ") is writing"));
  EXPECT_THAT(error.text(), HasSubstr("ledger.lock"));
  EXPECT_TRUE(Ledger::open(log(), Mode::read)) << "readers do not wait";
}

TEST_F(LedgerTest, AReaderSeesWhatTheWriterRecords) {
  Ledger writer = open(Mode::write);
  const Ledger reader = open(Mode::read);
  EXPECT_EQ(reader.checkpoint()->size, 0U);
  fill(writer, 0, 3);
  EXPECT_EQ(reader.checkpoint()->size, 3U);
  EXPECT_TRUE(reader.verify()->intact);
}

// The writer brings the database up several times meanwhile, and small batches go over zeros that readers have seen.
TEST_F(LedgerTest, WhatAReaderSeesIsWholeWhateverTheWriterIsAt) {
  { const Ledger made = open(Mode::write); }
  const auto fail = [](const base::Error& error) { ADD_FAILURE() << error.text(); };
  std::atomic<bool> done = false;
  std::thread writer([&] {
    Ledger ledger = open(Mode::write);
    std::uint64_t next = 0;
    for (std::uint64_t round = 0; round < 160; ++round) {
      std::vector<NewEntry> entries;
      for (std::uint64_t i = 0; i < (round % 8 == 7 ? 1500U : 3U); ++i, ++next) {
        entries.push_back({"key-" + std::to_string(next % 700), "content-" + std::to_string(next)});
      }
      if (const auto appended = ledger.append(entries, Filing::later); !appended) {
        fail(appended.error());
      }
    }
    done = true;
  });
  const Ledger reader = open(Mode::read);
  std::uint64_t seen = 0;
  for (std::uint64_t round = 0; !done; ++round) {
    const auto now = reader.checkpoint();
    ASSERT_TRUE(now) << now.error().text();
    EXPECT_GE(now->size, seen);
    seen = now->size;
    if (seen == 0) {
      continue;
    }
    const auto last = reader.entry(seen - 1);
    ASSERT_TRUE(last && *last) << (last ? "no entry" : last.error().text());
    EXPECT_EQ((*last)->content, "content-" + std::to_string(seen - 1));
    const auto proof = reader.inclusion_proof(seen - 1, seen);
    ASSERT_TRUE(proof) << proof.error().text();
    EXPECT_TRUE(verify_inclusion(seen - 1, seen, leaf_hash(**last), *proof, now->root));
    const auto current = reader.for_each_current([&](const Entry& entry) -> base::Result<void> {
      EXPECT_EQ(entry.key, "key-" + std::to_string(entry.index % 700));
      return {};
    });
    EXPECT_TRUE(current) << current.error().text();
    if (round % 16 == 0) {
      const auto verified = open(Mode::read).verify();
      ASSERT_TRUE(verified) << verified.error().text();
      EXPECT_TRUE(verified->intact) << base::join(verified->problems, "\n");
    }
  }
  writer.join();
  EXPECT_EQ(reader.checkpoint()->size, 20U * 1500U + 140U * 3U);
  expect_intact(20U * 1500U + 140U * 3U);
}

TEST_F(LedgerTest, AReaderDoesNotAppend) {
  make_log(1);
  EXPECT_EQ(open(Mode::read).append(std::vector<NewEntry>{{"a", "b"}}).error().code, Errc::usage);
}

TEST_F(LedgerTest, RefusesEntriesAboveTheLimit) {
  Ledger ledger = open(Mode::write);
  EXPECT_EQ(ledger.append(std::vector<NewEntry>{{"a", "b"}, {std::string(kMaxKeyBytes + 1, 'k'), ""}}).error().code,
            Errc::too_large);
  EXPECT_EQ(ledger.append(std::vector<NewEntry>{{"a", std::string(kMaxContentBytes + 1, 'c')}}).error().code,
            Errc::too_large);
  EXPECT_EQ(ledger.checkpoint()->size, 0U);
  EXPECT_EQ(*ledger.append(std::vector<NewEntry>{{std::string(kMaxKeyBytes, 'k'), std::string(kMaxContentBytes, 'c')}}),
            1U);
  expect_intact(1);
}

// --------------------------------------------------------------------------------------------------------- tampering

TEST_F(LedgerTest, VerifyNamesTheEntryWhoseContentWasChanged) {
  make_log(300);
  overwrite_content(log(), 280, "forged");
  expect_problem("entry 280: key, content or time does not match its leaf hash");
}

TEST_F(LedgerTest, VerifyNamesTheEntryWhoseTimeWasChanged) {
  make_log(10);
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) { ++bytes[spots[3].received + 7]; });
  expect_problem("entry 3: key, content or time does not match its leaf hash");
}

TEST_F(LedgerTest, VerifyNamesTheEntryWhoseKeyWasChanged) {
  make_log(10);
  overwrite_key(log(), 3, "other");
  expect_problem("entry 3: key, content or time does not match its leaf hash");
}

TEST_F(LedgerTest, VerifyNamesTheEntriesOfABatchThatIsGone) {
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 0, 5);
    fill(ledger, 5, 3);
    fill(ledger, 8, 291);
    fill(ledger, 299, 1);
  }
  std::string last;
  edit_entries(log(), [&](std::string& bytes, const std::vector<EntrySpot>& spots) {
    last = bytes.substr(spots[299].frame);
    bytes.resize(spots[299].frame);
  });
  expect_problem("the file ends before byte");
  expect_problem("entry 299: cannot be read");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("it was cut"));
  edit_entries(log(), [&](std::string& bytes, const std::vector<EntrySpot>&) { bytes += last; });
  expect_intact(300);
  wipe_batch(log(), 6);
  expect_problem("entries 5 to 7: cannot be read: ledger.entries is damaged at byte");
}

TEST_F(LedgerTest, VerifyNamesWhatStandsBehindADamagedLength) {
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 0, 10);
    fill(ledger, 10, 10);
  }
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) { bytes[spots[7].begin + 3] = 90; });
  expect_problem("entries 8 to 9: cannot be read");
  expect_problem("entry 7: key, content or time does not match its leaf hash");
}

TEST_F(LedgerTest, VerifyFindsTwoEntriesExchanged) {
  make_log(10);
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    const std::string third = bytes.substr(spots[3].begin, spots[3].end - spots[3].begin);
    const std::string fourth = bytes.substr(spots[4].begin, spots[4].end - spots[4].begin);
    bytes.replace(spots[3].begin, third.size() + fourth.size(), fourth + third);
  });
  expect_problem("entry 3: key, content or time does not match");
  expect_problem("entry 4: key, content or time does not match");
  expect_problem("entries 0 to 9: not what was recorded together");
}

TEST_F(LedgerTest, VerifyFindsABatchPutInAndABatchWhoseHeaderWasChanged) {
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 0, 5);
    fill(ledger, 5, 5);
  }
  const std::string good = file_content(log() / "ledger.entries");
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    bytes.insert(spots[5].frame, bytes.substr(spots[0].frame, spots[0].frame_end - spots[0].frame));
  });
  expect_problem("entries from 0 on at byte");
  ASSERT_TRUE(base::write_file(log() / "ledger.entries", good));
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) { ++bytes[spots[5].frame + 36]; });
  expect_problem("entries 5 to 9: not what was recorded together");
  ASSERT_TRUE(base::write_file(log() / "ledger.entries", good));
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) { ++bytes[spots[5].frame + 23]; });
  expect_problem("entry 5: missing");
  expect_problem("entry 10: lies outside the log");
  ASSERT_TRUE(base::write_file(log() / "ledger.entries", good));
  expect_intact(10);
}

// What stands behind the last batch is no entry: a batch that was not written to its end, or what somebody put there.
TEST_F(LedgerTest, WhatStandsBehindTheLastBatchIsCutOff) {
  make_log(10);
  const std::string good = file_content(log() / "ledger.entries");
  const auto spots = spots_of(good);
  const std::string batch = good.substr(spots[0].frame);
  for (const std::string& behind : {batch, batch.substr(0, 30), batch.substr(0, 100), std::string(5, '\0'),
                                    std::string(300'000, '\0'), std::string("garbage")}) {
    SCOPED_TRACE(behind.size());
    ASSERT_TRUE(base::write_file(log() / "ledger.entries", good + behind));
    expect_intact(10);
    { const Ledger ledger = open(Mode::write); }
    EXPECT_EQ(file_content(log() / "ledger.entries"), good);
  }
}

TEST_F(LedgerTest, AWriterRefusesDamageInFrontOfAWholeBatch) {
  make_log(10);
  const std::string database = file_content(log() / "ledger.db");
  const std::string filed = file_content(log() / "checkpoint");
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 10, 5);
    fill(ledger, 15, 5);
  }
  // As after a kill: the database knows nothing of the two batches yet.
  ASSERT_TRUE(base::write_file(log() / "ledger.db", database));
  const std::string whole = file_content(log() / "checkpoint");
  expect_intact(20);
  overwrite_content(log(), 12, "forged");
  const std::string damaged = file_content(log() / "ledger.entries");
  for (const std::string& checkpoint : {filed, whole}) {
    ASSERT_TRUE(base::write_file(log() / "checkpoint", checkpoint));
    expect_problem("entry 10 cannot be read: the file is damaged at byte");
    EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
    EXPECT_EQ(file_content(log() / "ledger.entries"), damaged) << "a refused writer must leave everything as it is";
  }
  // The last batch alone could be one that was not written to its end; the checkpoint file knows better.
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    bytes.replace(spots[12].content, 6, "conten");
    bytes[spots[19].end - 1] = '?';
  });
  expect_problem("checkpoint file: is of 20 entries, the log has 15: it was cut or rolled back");
  EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
}

TEST_F(LedgerTest, VerifyFindsAChangedHash) {
  make_log(600);
  edit("UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND idx = 1");
  expect_problem("entry 256: key, content or time does not match its leaf hash");
  make_log(0);
}

TEST_F(LedgerTest, VerifyFindsAChangedInnerHash) {
  make_log(600);
  edit("UPDATE tile SET hashes = zeroblob(64) WHERE level = 1");
  expect_problem("tile 1/0 does not match the entries below it");
}

TEST_F(LedgerTest, VerifyFindsMissingShortAndSurplusHashes) {
  make_log(600);
  edit("UPDATE tile SET hashes = substr(hashes, 1, 64) WHERE level = 0 AND idx = 2");
  expect_problem("tile 0/2 is cut short");
  edit("DELETE FROM tile WHERE level = 0 AND idx = 2");
  expect_problem("tile 0/2 is missing");
  edit("INSERT INTO tile VALUES(7, 0, x'00')");
  expect_problem("stored hashes: 4 tiles");
}

TEST_F(LedgerTest, VerifyFindsAChangedListOfCurrentEntries) {
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 0, 10);
    EXPECT_EQ(*ledger.append(std::vector<NewEntry>{{"key-3", "newer"}}), 1U);
  }
  edit("UPDATE current SET idx = 3 WHERE key = CAST('key-3' AS BLOB)");
  expect_problem("entry 10: the list of current entries names the older entry 3");
  edit("DELETE FROM current WHERE key = CAST('key-3' AS BLOB)");
  expect_problem("entry 10: its key is not in the list of current entries");
  edit("INSERT INTO current VALUES(CAST('key-3' AS BLOB), 99, 0)");
  expect_problem("list of current entries: entry 99 is missing or has another key");
  const auto visited = open(Mode::read).for_each_current([](const Entry&) -> base::Result<void> { return {}; });
  EXPECT_EQ(visited.error().code, Errc::untrusted);
}

TEST_F(LedgerTest, VerifyFindsAChangedStoredCheckpoint) {
  make_log(10);
  edit("UPDATE log SET root = zeroblob(32)");
  expect_problem("stored checkpoint: its root is not that of the entries");
  EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
  edit("UPDATE log SET root = x'00'");
  expect_problem("stored checkpoint is missing or damaged");
  edit("UPDATE log SET size = -1");
  expect_problem("stored checkpoint is missing or damaged");
  edit("DELETE FROM log");
  expect_problem("stored checkpoint is missing or damaged");
}

// Someone who knows the format and leaves a database that agrees with itself.
TEST_F(LedgerTest, ALogRewrittenFromScratchDoesNotMatchItsCheckpoint) {
  make_log(10);
  const Checkpoint remembered = *open(Mode::read).checkpoint();
  const std::string filed = file_content(log() / "checkpoint");
  std::filesystem::remove_all(log());
  {
    Ledger ledger = *Ledger::open(log(), Mode::write, remembered.origin);
    std::vector<NewEntry> forged(10, NewEntry{"key", ""});
    for (std::size_t i = 0; i < forged.size(); ++i) {
      forged[i].content = "forged-" + std::to_string(i);
    }
    EXPECT_EQ(*ledger.append(forged), 10U);
  }
  expect_intact(10);  // nothing inside tells, but both checkpoints kept elsewhere do
  expect_problem("checkpoint given: its root is not that of the first 10 entries: the log was rewritten", remembered);
  ASSERT_TRUE(base::write_file(log() / "checkpoint", filed));
  expect_problem("checkpoint file: its root is not that of the first 10 entries: the log was rewritten");
  EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
  EXPECT_EQ(file_content(log() / "checkpoint"), filed) << "a refused writer must leave the proof alone";
}

TEST_F(LedgerTest, ALogRolledBackDoesNotMatchItsCheckpoint) {
  make_log(10);
  const std::string older = file_content(log() / "ledger.db");
  const std::string older_entries = file_content(log() / "ledger.entries");
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 10, 5);
  }
  const Checkpoint remembered = *open(Mode::read).checkpoint();
  const std::string filed = file_content(log() / "checkpoint");
  std::filesystem::remove(log() / "ledger.db-wal");
  std::filesystem::remove(log() / "ledger.db-shm");
  std::ofstream(log() / "ledger.db", std::ios::binary) << older;
  expect_intact(15);  // the entries are there, whatever the database knows of them
  std::ofstream(log() / "ledger.entries", std::ios::binary) << older_entries;
  expect_problem("checkpoint file: is of 15 entries, the log has 10: it was cut or rolled back");
  const base::Error error = open_error(Mode::write);
  EXPECT_EQ(error.code, Errc::untrusted);
  EXPECT_THAT(error.text(), HasSubstr("the checkpoint is of 15 entries, the log has 10"));
  EXPECT_EQ(file_content(log() / "checkpoint"), filed);
  std::filesystem::remove(log() / "checkpoint");
  expect_problem("checkpoint file: missing");
  EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
  expect_problem("checkpoint given: is of 15 entries, the log has 10", remembered);
}

TEST_F(LedgerTest, AnExchangedDatabaseIsNoticed) {
  make_log(10);
  {
    Ledger other = open_at(path("other"), Mode::write);
    fill(other, 0, 20);
  }
  const Checkpoint remembered = *open(Mode::read).checkpoint();
  std::filesystem::copy_file(path("other") / "ledger.db", log() / "ledger.db",
                             std::filesystem::copy_options::overwrite_existing);
  expect_problem("the entries are of another log (");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("ledger.entries: ledger: the entries are of another log ("));
  std::filesystem::copy_file(path("other") / "ledger.entries", log() / "ledger.entries",
                             std::filesystem::copy_options::overwrite_existing);
  expect_problem("ledger.db was exchanged");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("ledger.db was exchanged"));
  expect_problem("checkpoint given: is of another log", remembered);
}

TEST_F(LedgerTest, AVanishedDatabaseIsNoticed) {
  make_log(10);
  std::filesystem::remove(log() / "ledger.db");
  EXPECT_EQ(open_error(Mode::read).code, Errc::not_found);
  const base::Error error = open_error(Mode::write);
  EXPECT_EQ(error.code, Errc::untrusted);
  EXPECT_THAT(error.text(), HasSubstr("the checkpoint is of 10 entries, but ledger.db is gone or empty"));
  std::filesystem::remove(log() / "checkpoint");
  std::filesystem::remove(log() / "ledger.db");
  const std::string entries = file_content(log() / "ledger.entries");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("there are entries, but ledger.db is gone or empty"));
  EXPECT_EQ(file_content(log() / "ledger.entries"), entries);
}

TEST_F(LedgerTest, ADamagedCheckpointFileIsNoticed) {
  make_log(10);
  std::ofstream(log() / "checkpoint") << "nonsense";
  expect_problem("checkpoint file: ledger: checkpoint:");
  EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
}

TEST_F(LedgerTest, VerifyReportsTheFirstHundredProblems) {
  make_log(1000);
  edit_entries(log(), [](std::string& bytes, const std::vector<EntrySpot>& spots) {
    for (const EntrySpot& spot : spots) {
      bytes.replace(spot.received, 8, 8, '\0');
    }
  });
  const Verification verified = verify();
  EXPECT_EQ(verified.problems.size(), 101U);
  EXPECT_EQ(verified.problems.back(), "there are more problems than these");
}

// ---------------------------------------------------------------------------------------- kills, full disks, bad files

TEST_F(LedgerTest, AWriterKilledBeforeTheCheckpointFileIsMadeGood) {
  make_log(10);
  const std::string older = file_content(log() / "checkpoint");
  {
    Ledger ledger = open(Mode::write);
    fill(ledger, 10, 300);
  }
  ASSERT_TRUE(base::write_file(log() / "checkpoint", older));
  expect_intact(310);  // an older checkpoint of the same log is no alarm
  { const Ledger ledger = open(Mode::write); }
  EXPECT_EQ(file_content(log() / "checkpoint"), open(Mode::read).checkpoint()->to_text());
  expect_intact(310);
}

TEST_F(LedgerTest, AWriterKilledWhileCreatingIsMadeGood) {
  { const Ledger ledger = open(Mode::write); }
  std::filesystem::remove(log() / "checkpoint");
  expect_intact(0);
  { const Ledger ledger = open(Mode::write); }
  expect_intact(0);
  std::filesystem::remove_all(log());
  std::filesystem::create_directory(log());
  std::ofstream(log() / "ledger.db").close();  // SQLite had only just made the file
  EXPECT_THAT(open_error(Mode::read).text(), HasSubstr("the file is empty"));
  { const Ledger ledger = open(Mode::write); }
  expect_intact(0);
}

TEST_F(LedgerTest, NothingRecordedIsLostWhenTheWriterIsKilled) {
  { const Ledger ledger = open(Mode::write); }
  int next = 0;
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto ledger = Ledger::open(log(), Mode::write);
      for (int i = next; ledger; ++i) {
        const std::vector<NewEntry> batch = {{"a", std::to_string(i)}, {std::to_string(i), std::string(5000, 'x')}};
        if (!ledger->append(batch) || ::write(pipe[1], &i, sizeof i) != sizeof i) {
          break;
        }
      }
      ::_exit(1);
    }
    ::close(pipe[1]);
    int last = -1;
    for (int i = 0; i < 3 + 5 * round && ::read(pipe[0], &last, sizeof last) == sizeof last; ++i) {
    }
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &last, sizeof last) == sizeof last) {
    }
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
    ASSERT_GE(last, next) << "the child recorded nothing";
    const Verification before = verify();
    EXPECT_TRUE(before.intact) << base::join(before.problems, "\n");
    const Ledger ledger = open(Mode::write);
    const auto found = ledger.current(std::to_string(last));
    ASSERT_TRUE(found && *found) << "what was acknowledged is gone";
    const std::uint64_t size = ledger.checkpoint()->size;
    EXPECT_TRUE(size == 2U * static_cast<unsigned>(last + 1) || size == 2U * static_cast<unsigned>(last + 2));
    next = static_cast<int>(size / 2);
  }
  expect_intact(2U * static_cast<unsigned>(next));
}

// Appends until that fails; says with which error, and whether what was recorded before is there and can be added to
// once there is room again.
template <class MakeRoom>
int append_until_it_fails(const std::filesystem::path& where, MakeRoom make_room) {
  std::uint64_t recorded = 0;
  {
    auto ledger = Ledger::open(where, Mode::write);
    if (!ledger) {
      return 10;
    }
    for (int i = 0; i < 10'000; ++i) {
      const auto appended = ledger->append(std::vector<NewEntry>{{std::to_string(i), std::string(20'000, 'x')}});
      if (!appended) {
        if (appended.error().code != Errc::io) {
          return 11;
        }
        break;
      }
      recorded += *appended;
    }
    if (recorded == 0 || recorded == 10'000) {
      return 12;
    }
    if (ledger->checkpoint()->size < recorded) {
      return 13;
    }
  }
  make_room();
  auto ledger = Ledger::open(where, Mode::write);
  if (!ledger) {
    return 14;
  }
  const auto verified = ledger->verify();
  if (!verified || !verified->intact || verified->entries < recorded) {
    return 15;
  }
  return ledger->append(std::vector<NewEntry>{{"after", "all"}}) && ledger->verify()->intact ? 0 : 16;
}

TEST_F(LedgerTest, AFileSizeLimitLosesNothingRecorded) {
  const int status = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{400'000, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &small);
    return append_until_it_fails(log(), [] {
      const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &none);
    });
  });
  EXPECT_EQ(status, 0);
}

TEST_F(LedgerTest, AFullDiskLosesNothingRecorded) {
  std::filesystem::create_directory(log());
  constexpr int kNoMount = 77;
  const int status = in_child([&] {
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", log().c_str(), "tmpfs", 0, "size=1m") != 0) {
      return kNoMount;
    }
    return append_until_it_fails(log(), [&] { ::mount("tmpfs", log().c_str(), "tmpfs", MS_REMOUNT, "size=16m"); });
  });
  if (status == kNoMount) {
    GTEST_SKIP() << "may not mount a small file system here";
  }
  EXPECT_EQ(status, 0);
}

TEST_F(LedgerTest, ReadsFromADirectoryItMayNotWriteTo) {
  make_log(10);
  std::filesystem::permissions(log(), std::filesystem::perms(0555));
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) {
      return 1;
    }
    const auto reader = Ledger::open(log(), Mode::read);
    if (!reader || !reader->verify() || !reader->verify()->intact) {
      return 2;
    }
    const auto writer = Ledger::open(log(), Mode::write);
    return writer || writer.error().code != Errc::io ? 3 : 0;
  });
  std::filesystem::permissions(log(), std::filesystem::perms(0755));
  EXPECT_EQ(status, 0);
}

TEST_F(LedgerTest, SaysWhatIsNotALedger) {
  EXPECT_EQ(open_error(Mode::read).code, Errc::not_found);
  std::filesystem::create_directory(log());
  std::ofstream(log() / "ledger.db") << std::string(5000, 'x');
  for (const Mode mode : {Mode::read, Mode::write}) {
    const base::Error error = open_error(mode);
    EXPECT_EQ(error.code, Errc::malformed);
    EXPECT_THAT(error.text(), HasSubstr("ledger.db: ledger: not a SQLite database"));
  }
  std::filesystem::remove(log() / "ledger.db");
  edit("CREATE TABLE cats(name); PRAGMA application_id = 7");
  const std::string before = file_content(log() / "ledger.db");
  for (const Mode mode : {Mode::read, Mode::write}) {
    EXPECT_THAT(open_error(mode).text(), HasSubstr("not a ledger of Surety"));
  }
  EXPECT_EQ(file_content(log() / "ledger.db"), before) << "the database of someone else was changed";
  std::filesystem::remove(log() / "ledger.db");
  std::filesystem::create_directory(log() / "ledger.db");
  EXPECT_THAT(open_error(Mode::read).text(), HasSubstr("not a regular file"));
  std::filesystem::remove(log() / "ledger.db");
  std::filesystem::create_symlink("elsewhere.db", log() / "ledger.db");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("not a regular file"));
  EXPECT_FALSE(std::filesystem::exists(log() / "elsewhere.db"));
}

TEST_F(LedgerTest, RefusesANewerVersionAndForeignTables) {
  make_log(3);
  edit("PRAGMA user_version = 4");
  for (const Mode mode : {Mode::read, Mode::write}) {
    EXPECT_EQ(open_error(mode).code, Errc::unsupported);
  }
  edit("PRAGMA user_version = 0");
  EXPECT_EQ(open_error(Mode::read).code, Errc::malformed);
  edit("PRAGMA user_version = 3; CREATE TRIGGER quiet AFTER INSERT ON place BEGIN DELETE FROM place; END");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("\"quiet\" does not belong in it"));
  edit("DROP TRIGGER quiet; DROP TABLE current");
  EXPECT_THAT(open_error(Mode::write).text(), HasSubstr("does not belong in it"));
  edit("CREATE VIEW current AS SELECT 1 AS key, idx FROM place");
  EXPECT_EQ(open_error(Mode::read).code, Errc::malformed);
}

// Any one byte, or a cut anywhere: an error or a problem, never a crash, and never a wrong entry called intact.
TEST_F(LedgerTest, EveryDamageOfTheFileIsAnErrorAProblemOrHarmless) {
  make_log(40);
  { const Ledger ledger = open(Mode::write); }  // the last connection to close leaves everything in the one file
  std::set<std::string> contents;
  for (int i = 0; i < 40; ++i) {
    contents.insert("content-" + std::to_string(i));
  }
  for (const std::string name : {"ledger.db", "ledger.entries"}) {
    SCOPED_TRACE(name);
    const std::string good = file_content(log() / name);
    const auto examine = [&](const std::string& bytes) {
      std::ofstream(log() / name, std::ios::binary | std::ios::trunc) << bytes;
      const auto ledger = Ledger::open(log(), Mode::read);
      if (!ledger) {
        return;
      }
      const auto report = check_ledger(*ledger, {});
      EXPECT_TRUE(!report || report->provable <= 40);
      const auto verified = ledger->verify();
      if (!verified || !verified->intact) {
        return;
      }
      std::uint64_t seen = 0;
      EXPECT_TRUE(ledger->for_each(0, [&](const Entry& entry) -> base::Result<void> {
        EXPECT_EQ(contents.count(entry.content), 1U);
        ++seen;
        return {};
      }));
      EXPECT_EQ(seen, 40U);
    };
    for (std::size_t place = 0; place < good.size(); place += name == "ledger.db" ? 97 : 11) {
      SCOPED_TRACE(place);
      std::string bad = good;
      bad[place] = static_cast<char>(bad[place] ^ 0x41);
      examine(bad);
    }
    for (std::size_t kept = 0; kept < good.size(); kept += name == "ledger.db" ? 1001 : 101) {
      SCOPED_TRACE(kept);
      examine(good.substr(0, kept));
    }
    ASSERT_TRUE(base::write_file(log() / name, good));
  }
}

// ---------------------------------------------------------------------------------------------------------- old logs

TEST_F(LedgerTest, LogsOfOlderFormatsAreReadVerifiedAndBroughtIntoThePresentForm) {
  for (const int format : {1, 2}) {
    SCOPED_TRACE(format);
    std::filesystem::remove_all(log());
    std::vector<NewEntry> entries = {{"large", std::string(100'000, 'l')}};
    for (int i = 1; i < 600; ++i) {
      entries.push_back({"key-" + std::to_string(i % 300), "content-" + std::to_string(i)});
    }
    make_old_log(log(), format, entries);
    Checkpoint before;
    {
      const Ledger old = open(Mode::read);
      before = *old.checkpoint();
      EXPECT_EQ(before.size, 600U);
      EXPECT_EQ((*old.entry(0))->record, format == 1 ? 1 : 2);
      EXPECT_EQ((*old.entry(599))->content, "content-599");
      EXPECT_EQ((*old.current("key-7"))->index, 307U);
      EXPECT_TRUE(check_ledger(old, {})->intact());
    }
    expect_intact(600);
    {
      Ledger ledger = open(Mode::write);
      EXPECT_EQ(*ledger.checkpoint(), before);
      EXPECT_EQ(*ledger.append(std::vector<NewEntry>{{"key-7", "content-307"}, {"new", std::string(70'000, 'n')}}), 1U);
    }
    const Ledger ledger = open(Mode::read);
    EXPECT_TRUE(*ledger.continues(before));
    EXPECT_EQ((*ledger.entry(0))->record, format == 1 ? 1 : 2) << "leaf hashes stay what they are";
    EXPECT_EQ((*ledger.entry(0))->content, entries[0].content);
    EXPECT_EQ((*ledger.entry(600))->record, 2);
    EXPECT_EQ((*ledger.current("key-299"))->index, 599U);
    expect_intact(601);
    EXPECT_TRUE(check_ledger(ledger, {})->intact());
  }
}

TEST_F(LedgerTest, AnOlderLogThatWasChangedIsVerifiedAndNotBroughtIntoThePresentForm) {
  std::vector<NewEntry> entries;
  for (int i = 0; i < 300; ++i) {
    entries.push_back({"key-" + std::to_string(i), "content-" + std::to_string(i)});
  }
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"UPDATE entry SET content = CAST('forged' AS BLOB) WHERE idx = 280",
       "entry 280: key, content or time does not match its leaf hash"},
      {"DELETE FROM entry WHERE idx BETWEEN 5 AND 7", "entries 5 to 7: missing"},
      {"INSERT INTO entry SELECT 300, received, key, content FROM entry WHERE idx = 9",
       "entry 300: lies outside the log"},
      {"UPDATE entry SET idx = -5 WHERE idx = 9", "entry -5: lies outside the log"},
      {"UPDATE current SET idx = 3 WHERE idx = 4", "entry 4: the list of current entries names the older entry 3"},
      {"UPDATE log SET root = zeroblob(32)", "stored checkpoint: its root is not that of the entries"}};
  for (const auto& [sql, problem] : changes) {
    SCOPED_TRACE(sql);
    std::filesystem::remove_all(log());
    make_old_log(log(), 2, entries);
    edit(sql);
    expect_problem(problem);
    EXPECT_EQ(open_error(Mode::write).code, Errc::untrusted);
    expect_problem(problem);
  }
}

// Guards the order of magnitude, in processor time since other programs may be busy: under 1 s when optimised.
TEST_F(LedgerTest, AHundredThousandEntriesAreRecordedInAMoment) {
  std::vector<NewEntry> entries;
  entries.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) {
    entries.push_back({"[\"urn:surety:evidence:asset:v1\",\"model\",\"models/" + std::to_string(i) + "\"]",
                       std::string(300, static_cast<char>('a' + i % 26))});
  }
  Ledger ledger = open(Mode::write);
  const std::clock_t start = std::clock();
  EXPECT_EQ(*ledger.append(entries), entries.size());
  EXPECT_EQ(*ledger.append(entries), 0U);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 60);
}

}  // namespace
}  // namespace ledger
