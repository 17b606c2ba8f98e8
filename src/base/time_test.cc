#include "base/time.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Time, ReadsDatesAndTimes) {
  EXPECT_EQ(parse_time("1970-01-01")->seconds, 0);
  EXPECT_EQ(parse_time("2026-11-23")->seconds, 1795392000);
  EXPECT_EQ(parse_time("2026-11-23T16:00:00Z")->seconds, 1795392000 + 16 * 3600);
  EXPECT_EQ(parse_time("2026-11-23T16:00:00.25+01:00")->seconds, 1795392000 + 15 * 3600);
  EXPECT_EQ(parse_time("2024-02-29")->seconds, 1709164800);
}

TEST(Time, RefusesDatesThatDoNotExist) {
  for (const char* text : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-1", "23/11/2026", "",
                           "2026-11-23T25:00:00Z", "2026-11-23T10:00:00", "2026-11-23Tx"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, WritesWhatItReads) {
  for (std::int64_t day = -200'000; day < 200'000; day += 97) {
    const UnixTime time{day * 86400};
    EXPECT_EQ(parse_time(to_iso_date(time))->seconds, time.seconds);
  }
  EXPECT_EQ(to_iso8601({1795392000 + 59}), "2026-11-23T00:00:59Z");
  EXPECT_EQ(to_iso8601({1795392000 + 86'399}), "2026-11-23T23:59:59Z");
  EXPECT_EQ(to_iso8601({-1}), "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_iso8601({253'402'300'799}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(to_iso8601({253'402'300'800}), "10000-01-01T00:00:00Z");
}

TEST(Time, TakesNowFromSourceDateEpoch) {
  setenv("SOURCE_DATE_EPOCH", "1795392000", 1);
  EXPECT_EQ(now().seconds, 1795392000);
  setenv("SOURCE_DATE_EPOCH", "nonsense", 1);
  EXPECT_GT(now().seconds, 1795000000);
  unsetenv("SOURCE_DATE_EPOCH");
}

}  // namespace
}  // namespace base
