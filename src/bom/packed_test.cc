#include "bom/packed.h"

#include <gtest/gtest.h>

#include "bom/bom_testing.h"

namespace bom {
namespace {

using base::Errc;
using base::Error;

Listed document() {
  auto listed = read_document(to_cyclonedx(full_system().collected(), CycloneDx::v1_6), "x.json");
  EXPECT_TRUE(listed) << listed.error().text();
  listed->problems = {"component a: its reference stands twice"};
  return *std::move(listed);
}

TEST(Packed, GivesBackTheDocument) {
  const Listed before = document();
  ASSERT_FALSE(before.items.empty());
  const auto after = unpack_listed(base::as_bytes(pack(before)));
  ASSERT_TRUE(after) << after.error().text();
  EXPECT_EQ(after->format, "cyclonedx");
  EXPECT_EQ(after->problems, before.problems);
  EXPECT_EQ(pack(*after), pack(before));
  std::vector<std::string> notes;
  EXPECT_TRUE(differences(before, *after, notes).empty());
}

TEST(Packed, GivesBackTheError) {
  const auto after = unpack_listed(base::as_bytes(pack(Error{Errc::unsupported, "version 9", 3, "x.json", 7})));
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, Errc::unsupported);
  EXPECT_EQ(after.error().text(), "x.json:7: version 9");
  EXPECT_EQ(after.error().offset, 3U);
}

TEST(Packed, RefusesEveryTruncationAndWhatStandsBehind) {
  for (const std::string& whole : {pack(document()), pack(Error{Errc::malformed, "m", 0, "f", 1})}) {
    for (std::size_t kept = 0; kept < whole.size(); kept += kept < 600 ? 1 : 97) {
      const auto cut = unpack_listed(base::as_bytes(std::string_view(whole).substr(0, kept)));
      ASSERT_FALSE(cut);
      EXPECT_NE(cut.error().message, "m") << kept;
    }
    const auto more = unpack_listed(base::as_bytes(whole + "x"));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, Errc::malformed);
  }
}

TEST(Packed, RefusesWhatTheReaderNeverReturns) {
  std::string packed = pack(document());
  const std::size_t name = packed.find("numpy");
  ASSERT_NE(name, std::string::npos);
  packed[name] = '\x1b';
  EXPECT_FALSE(unpack_listed(base::as_bytes(packed)));
  Listed listed = document();
  listed.format = "other";
  EXPECT_FALSE(unpack_listed(base::as_bytes(pack(listed))));
}

TEST(Packed, MakesPrintableWhatTheDocumentSaysOtherwise) {
  Listed listed = document();
  listed.items.front().relations = {"a\x1b[2Jb"};
  const auto after = unpack_listed(base::as_bytes(pack(listed)));
  ASSERT_TRUE(after) << after.error().text();
  EXPECT_EQ(*after->items.front().relations.begin(), "a\\x1b[2Jb");
}

}  // namespace
}  // namespace bom
