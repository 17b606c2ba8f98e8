#include "formats/ubjson/ubjson.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::ubjson {
namespace {

using namespace std::string_literals;

base::Errc failure(const std::string& text, const Limits& limits = {}) {
  const auto document = parse(base::as_bytes(text), limits);
  EXPECT_FALSE(document);
  return document ? base::Errc::io : document.error().code;
}

TEST(Ubjson, ReadsTypedAndUntypedLists) {
  const std::string text =
      "{i\x01"s + "a[$l#i\x02"s + "\0\0\0\x07\xFF\xFF\xFF\xFF"s + "i\x01"s + "b[i\x05T]i\x01"s + "cSi\x02hi}"s;
  const auto document = parse(base::as_bytes(text));
  ASSERT_TRUE(document) << document.error().text();
  EXPECT_EQ(document->root.find("a")->size(), 2U);
  EXPECT_EQ(document->root.find("a")->integer_at(1), -1);
  EXPECT_EQ(document->root.find("b")->integer_at(0), 5);
  EXPECT_EQ(document->root.find("c")->text, "hi");
  EXPECT_EQ(document->length, text.size());
}

TEST(Ubjson, RefusesCountsThatCannotFit) {
  EXPECT_EQ(failure("[$l#L\x3F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), base::Errc::truncated);
  EXPECT_EQ(failure("[$l#L\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s), base::Errc::malformed);
  EXPECT_EQ(failure("[$Z#L\0\0\x01\0\0\0\0\0"s), base::Errc::too_large);
  EXPECT_EQ(failure("[#L\0\0\0\0\0\x10\0\0"s), base::Errc::truncated);
  EXPECT_EQ(failure("[$l"s), base::Errc::truncated);
  EXPECT_EQ(failure("[$li\x01"s), base::Errc::malformed);
  EXPECT_EQ(failure(std::string(1000, '[')), base::Errc::too_large);
  EXPECT_EQ(failure("?"), base::Errc::malformed);
}

TEST(Ubjson, RefusesEveryTruncationOfAModel) {
  const std::string file = sample("tree/benign/xgb_categories.ubj");
  ASSERT_TRUE(parse(base::as_bytes(file)));
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    ASSERT_EQ(failure(file.substr(0, kept)), base::Errc::truncated) << kept;
  }
}

}  // namespace
}  // namespace formats::ubjson
