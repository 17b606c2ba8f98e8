#include "ledger/entry_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/text.h"
#include "ledger/ledger.h"
#include "ledger/log_test_directory.h"

namespace ledger {
namespace {

using base::Errc;
using ::testing::HasSubstr;
using Item = EntryReader::Item;

class EntryFileTest : public LogDirectory {
 protected:
  EntryFileTest() : file_(path("entries")) {}

  // A file with two batches: one of an entry, one of three, of which the last has only the digest of its content.
  void make_file() {
    auto made = EntryFile::create(file_, "log.example/test");
    ASSERT_TRUE(made) << made.error().text();
    EntryBatch batch = made->batch(0);
    leaves_.push_back(batch.add({7}, "first", "content", 1).leaf);
    batch.seal();
    ASSERT_TRUE(made->write(batch));
    batch = made->batch(1);
    leaves_.push_back(batch.add({8}, "", "", 1).leaf);
    leaves_.push_back(batch.add({-9}, "key", std::string(3, '\0'), 1).leaf);
    leaves_.push_back(batch.add({10}, "large", std::string(70'000, 'l'), 2).leaf);
    batch.seal();
    ASSERT_TRUE(made->write(batch));
  }
  void put(const std::string& bytes) const { std::ofstream(file_, std::ios::binary | std::ios::trunc) << bytes; }
  [[nodiscard]] base::Result<EntryFile> open_file(std::string_view origin = "log.example/test") const {
    return EntryFile::open(file_, origin, false);
  }
  // How many entries stand in batches that are whole, and how the reading ends.
  [[nodiscard]] static std::pair<std::size_t, Item> read(const EntryFile& file) {
    EntryReader reader = file.reader(file.first_frame(), 0);
    FrameCheck check;
    std::size_t whole = 0;
    std::size_t seen = 0;
    for (;;) {
      const auto item = reader.next();
      EXPECT_TRUE(item) << item.error().text();
      if (!item || *item == Item::end || *item == Item::broken) {
        return {whole, item ? *item : Item::broken};
      }
      if (*item == Item::frame) {
        if (reader.frame().first != seen) {
          return {whole, Item::broken};
        }
        check.begin(reader.frame());
        continue;
      }
      EXPECT_EQ(reader.entry().index, seen++);
      check.add(leaf_hash_of(reader.entry()));
      if (check.is_complete() && check.holds()) {
        whole = seen;
      }
    }
  }

  std::filesystem::path file_;
  std::vector<base::Sha256> leaves_;
};

TEST_F(EntryFileTest, WhatIsWrittenIsReadAndHasTheHashesOfItsRecords) {
  make_file();
  const auto file = open_file();
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(read(*file), std::pair(std::size_t{4}, Item::end));
  EntryReader reader = file->reader(file->first_frame(), 0);
  std::vector<Entry> entries;
  for (auto item = reader.next(); item && *item != Item::end; item = reader.next()) {
    if (*item == Item::entry) {
      const StoredEntry& stored = reader.entry();
      EXPECT_EQ(leaf_hash_of(stored), leaves_[entries.size()]);
      entries.push_back(
          {stored.index, std::string(stored.key), std::string(stored.content), stored.received, stored.record});
      EXPECT_EQ(leaf_hash(entries.back()), leaves_[entries.size() - 1]);
    }
  }
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].key, "first");
  EXPECT_EQ(entries[0].received.seconds, 7);
  EXPECT_EQ(entries[2].received.seconds, -9);
  EXPECT_EQ(entries[3].content, std::string(70'000, 'l'));
}

TEST_F(EntryFileTest, NoCutLeavesAWholeBatchThatWasNotWritten) {
  make_file();
  const std::string good = content_of(file_);
  const std::size_t first_frame = 22 + 16 + 32;
  const std::size_t second_frame = first_frame + 68 + 22 + 5 + 7;
  for (std::size_t kept = 0; kept < good.size(); kept += kept < 600 ? 1 : 997) {
    SCOPED_TRACE(kept);
    put(good.substr(0, kept));
    const auto file = open_file();
    if (kept < first_frame) {
      ASSERT_FALSE(file);
      EXPECT_EQ(file.error().code, Errc::malformed);
      continue;
    }
    ASSERT_TRUE(file) << file.error().text();
    const auto [whole, ending] = read(*file);
    EXPECT_EQ(whole, kept < second_frame ? 0U : 1U);
    EXPECT_EQ(ending, kept == first_frame || kept == second_frame ? Item::end : Item::broken);
  }
}

TEST_F(EntryFileTest, NoChangedByteIsPartOfAWholeBatch) {
  make_file();
  const std::string good = content_of(file_);
  for (std::size_t place = 0; place < good.size(); place += place < 600 ? 1 : 997) {
    SCOPED_TRACE(place);
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ 0x21);
    put(bad);
    const auto file = open_file();
    if (place < 70) {
      EXPECT_FALSE(file);
    } else if (place < 172) {  // the first batch; the second is found behind it
      ASSERT_TRUE(file);
      EntryReader reader = file->reader(0, 0);
      ASSERT_TRUE(*reader.seek_frame(72));
      EXPECT_EQ(reader.place(), 172U);
    } else if (place < 300 || place > 400) {  // else in the digest of a content, which counts by the content itself
      ASSERT_TRUE(file);
      EXPECT_EQ(read(*file).first, 1U);
    }
  }
}

TEST_F(EntryFileTest, AFileOfAnotherLogAndOtherThingsAreRefused) {
  make_file();
  const auto other = open_file("log.example/other");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::untrusted);
  EXPECT_THAT(other.error().text(), HasSubstr("the entries are of another log (log.example/test)"));
  std::filesystem::remove(file_);
  EXPECT_EQ(open_file().error().code, Errc::not_found);
  std::filesystem::create_symlink("elsewhere", file_);
  EXPECT_FALSE(open_file());
  std::filesystem::remove(file_);
  std::filesystem::create_directory(file_);
  EXPECT_FALSE(open_file());
}

TEST_F(EntryFileTest, AnOpenFileThatIsNotWrittenToStaysAsItIs) {
  make_file();
  const std::string before = content_of(file_) + std::string(5000, '\0');
  ASSERT_TRUE(base::write_file(file_, before));
  { const auto opened = EntryFile::open(file_, "log.example/test", true); }
  EXPECT_EQ(content_of(file_), before);
}

TEST_F(EntryFileTest, ASmallBatchIsWrittenOverZerosThatAreGoneWhenTheFileIsClosed) {
  auto made = EntryFile::create(file_, "log.example/test");
  ASSERT_TRUE(made);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EntryBatch batch = made->batch(i);
    batch.add({1}, "", "x", 1);
    batch.seal();
    ASSERT_TRUE(made->write(batch));
  }
  EXPECT_GT(std::filesystem::file_size(file_), made->end() + 100'000);
  EXPECT_EQ(read(*open_file()), std::pair(std::size_t{3}, Item::end));
  const std::uint64_t end = made->end();
  { const EntryFile closed = *std::move(made); }
  EXPECT_EQ(std::filesystem::file_size(file_), end);
}

}  // namespace
}  // namespace ledger
