#include "formats/packed/packed.h"

#include <gtest/gtest.h>

#include <vector>

namespace formats::packed {
namespace {

std::string hexadecimal(std::uint64_t value) {
  std::string out;
  for (int i = 28; i >= 0; i -= 4) {
    out.push_back("0123456789ABCDEF"[value >> i & 15]);
  }
  return out;
}

std::string entry(const std::string& name, const std::string& data, std::uint64_t mode = 0100644) {
  std::string out = "070701";
  for (const std::uint64_t field :
       {std::uint64_t{1}, mode, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0},
        std::uint64_t{data.size()}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0},
        std::uint64_t{name.size() + 1}, std::uint64_t{0}}) {
    out += hexadecimal(field);
  }
  out += name + '\0';
  out.resize((out.size() + 3) / 4 * 4);
  out += data;
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}
std::string archive(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string out;
  for (const auto& [name, data] : files) {
    out += entry(name, data);
  }
  return out + entry("TRAILER!!!", "");
}

std::vector<Member> members(const std::string& bytes, Outcome& outcome, const Limits& limits = {}, bool whole = true) {
  std::vector<Member> out;
  outcome = read(
      base::as_bytes(bytes), limits, [&](std::string_view, base::Bytes) { return whole; },
      [&](const Member& member) { out.push_back(member); });
  return out;
}

TEST(Packed, GivesNamesAndContents) {
  Outcome outcome;
  const auto all = members(archive({{"a", "hello"}, {"d/b", std::string(100000, 'x')}}), outcome);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "a");
  EXPECT_EQ(all[0].data, "hello");
  EXPECT_EQ(all[1].data.size(), 100000U);
  EXPECT_FALSE(outcome.problem);
  EXPECT_EQ(outcome.bytes, 100005U);
}

TEST(Packed, KeepsOnlyTheHeadOfWhatIsNotWanted) {
  Outcome outcome;
  const auto all = members(archive({{"a", std::string(100000, 'x')}, {"b", "b"}}), outcome, {}, false);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].data.size(), 4096U);
  EXPECT_EQ(all[1].data, "b");
}

TEST(Packed, StopsAtItsLimits) {
  Outcome outcome;
  Limits few;
  few.max_members = 1;
  EXPECT_EQ(members(archive({{"a", "1"}, {"b", "2"}}), outcome, few).size(), 1U);
  ASSERT_TRUE(outcome.problem);
  EXPECT_EQ(outcome.problem->code, base::Errc::too_large);
  Limits small;
  small.max_bytes = 1000;
  (void)members(archive({{"a", std::string(100000, 'x')}}), outcome, small);
  ASSERT_TRUE(outcome.problem);
  EXPECT_EQ(outcome.problem->code, base::Errc::too_large);
}

TEST(Packed, TellsLinksAndDevices) {
  Outcome outcome;
  const auto all = members(entry("l", "../x", 0120777) + entry("f", "", 010644) + entry("TRAILER!!!", ""), outcome);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].type, Type::link);
  EXPECT_EQ(all[0].link, "../x");
  EXPECT_EQ(all[1].type, Type::special);
}

TEST(Packed, SaysWhereATruncatedArchiveEnds) {
  const std::string whole = archive({{"a", "hello"}, {"b", "world"}});
  for (std::size_t kept = 0; kept + 124 < whole.size(); kept += 3) {  // the trailer may be left out
    Outcome outcome;
    const auto all = members(whole.substr(0, kept), outcome);
    const bool problem = outcome.problem || (!all.empty() && all.back().problem);
    EXPECT_TRUE(problem || kept % 4 == 0) << kept;
  }
}

TEST(Packed, IsNoReaderOfAnythingElse) {
  Outcome outcome;
  EXPECT_TRUE(members("PK\x05\x06" + std::string(18, '\0'), outcome).empty());
  EXPECT_TRUE(outcome.problem);
  EXPECT_TRUE(knows("7z"));
  EXPECT_FALSE(knows("zip"));
}

}  // namespace
}  // namespace formats::packed
