#include "formats/msgpack/msgpack.h"

#include <gtest/gtest.h>

namespace formats::msgpack {
namespace {

using namespace std::string_literals;

/// {"a": array of two float32, "b": bytes}
const std::string kSample =
    "\x82\xa1"
    "a\xc7\x15\x01\x93\x91\x02\xa7"
    "float32\xc4\x08\x00\x00\x00\x00\x00\x00\x00\x00\xa1"
    "b\xc4\x02xy"s;

TEST(Msgpack, ReadsArraysOfFlax) {
  const auto read = parse(base::as_bytes(kSample));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->is_map);
  EXPECT_EQ(read->consumed, kSample.size());
  EXPECT_TRUE(read->defects.empty());
  ASSERT_EQ(read->leaves.size(), 2U);
  EXPECT_EQ(read->leaves[0].kind, Leaf::Kind::array);
  EXPECT_EQ(read->leaves[0].path, "a");
  EXPECT_EQ(read->leaves[0].element_type, "float32");
  EXPECT_EQ(read->leaves[0].shape, std::vector<std::uint64_t>{2});
  EXPECT_EQ(read->leaves[0].data.size(), 8U);
  EXPECT_EQ(base::as_text(read->leaves[1].data), "xy");
  EXPECT_TRUE(looks_like_flax(base::as_bytes(kSample)));
}

TEST(Msgpack, RefusesEveryTruncation) {
  for (std::size_t kept = 0; kept < kSample.size(); ++kept) {
    SCOPED_TRACE(kept);
    const auto read = parse(base::as_bytes(std::string_view(kSample).substr(0, kept)));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::Errc::truncated);
    EXPECT_LE(read.error().offset, kept);
  }
}

TEST(Msgpack, RefusesCountsThatCannotFitAndDepth) {
  for (const std::string& one : {"\xdf\xff\xff\xff\xff\x01"s, "\xdd\xff\xff\xff\xff\x01"s, "\xc6\xff\xff\xff\xff\x01"s,
                                 "\xdb\xff\xff\xff\xff\x01"s, "\xc9\xff\xff\xff\xff\x01\x01"s}) {
    const auto read = parse(base::as_bytes(one));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::Errc::truncated);
  }
  const std::string deep(5000, '\x91');
  const auto read = parse(base::as_bytes(deep));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::Errc::too_large);
  const auto never = parse(base::as_bytes("\xc1"s));
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, base::Errc::malformed);
}

TEST(Msgpack, ReportsTwiceTheSameKeyAndArraysThatDoNotFit) {
  EXPECT_EQ(parse(base::as_bytes("\x82\xa1"
                                 "a\x01\xa1"
                                 "a\x02"s))
                ->defects.size(),
            1U);
  std::string wrong = kSample;
  wrong[wrong.find("\x91\x02") + 1] = '\x03';
  EXPECT_EQ(parse(base::as_bytes(wrong))->defects.size(), 1U);
}

TEST(Msgpack, TellsWhereTheFirstValueEnds) {
  const std::string more = kSample + "more";
  EXPECT_EQ(parse(base::as_bytes(more))->consumed, kSample.size());
}

}  // namespace
}  // namespace formats::msgpack
