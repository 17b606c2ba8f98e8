#include "ledger/entry_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/entry_batch.h"

namespace ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Entries as they lie in a batch.
std::string entries(std::initializer_list<std::string> contents) {
  EntryBatch batch({}, 0, 0);
  for (const std::string& content : contents) {
    batch.add({5}, "key", content, 1);
  }
  return std::string(batch.bytes().substr(kFrameHeaderBytes));
}

constexpr std::size_t kBefore = kLengthBytes + kRecordHeadBytes + 3;  // what an entry has besides its content

TEST(EntrySearch, FindsTheFirstPlaceFromWhichEntriesReachTheEnd) {
  const std::string whole = entries({"a", "bb", "ccc"});
  EXPECT_THAT(entries_up_to_end(whole), ElementsAre(0, kBefore + 1, 2 * kBefore + 3));
  EXPECT_THAT(entries_up_to_end("damage" + whole), ElementsAre(6, kBefore + 7, 2 * kBefore + 9));
  EXPECT_THAT(entries_up_to_end(whole.substr(1)), ElementsAre(kBefore, 2 * kBefore + 2));
  EXPECT_THAT(entries_up_to_end(whole + std::string(100, '\0')), ElementsAre(0, kBefore + 1, 2 * kBefore + 3));
}

TEST(EntrySearch, FindsNothingWhereTheEndIsDamaged) {
  const std::string whole = entries({"a", "bb", "ccc"});
  for (std::size_t kept = 1; kept < whole.size(); ++kept) {
    // Where an entry ends, or only the zeros of the next length follow.
    const bool is_boundary = kept - (kBefore + 1) < 4 || kept - (2 * kBefore + 3) < 4;
    EXPECT_EQ(entries_up_to_end(whole.substr(0, kept)).empty(), !is_boundary) << kept;
  }
  EXPECT_THAT(entries_up_to_end(""), IsEmpty());
  EXPECT_THAT(entries_up_to_end(std::string(1000, '\0')), IsEmpty());
  EXPECT_THAT(entries_up_to_end(std::string(1000, '\xff')), IsEmpty());
}

TEST(EntrySearch, AContentThatEndsInZerosStaysWhole) {
  const std::string whole = entries({"a", std::string(40, '\0')});
  EXPECT_THAT(entries_up_to_end(whole), ElementsAre(0, kBefore + 1));
}

}  // namespace
}  // namespace ledger
