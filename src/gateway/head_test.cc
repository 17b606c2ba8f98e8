#include "gateway/head.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway {
namespace {

std::string field(std::string_view name, std::string_view value) {
  std::string out;
  append_field(out, name, value);
  return out;
}

TEST(AppendField, LetsNoLineEndThroughWhereverItStands) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char end : {'\r', '\n', '\0'}) {
        std::string value(size, 'v');
        value[at] = end;
        EXPECT_EQ(field("name", value), "") << size << " " << at;
        EXPECT_EQ(field(value, "value"), "") << size << " " << at;
      }
      for (const char kept : {'\t', '\x1f', '\x7f', '\x80', '\xff', ' ', ':'}) {
        std::string value(size, 'v');
        value[at] = kept;
        EXPECT_EQ(field("name", value), "name: " + value + "\r\n") << size << " " << at;
      }
    }
  }
}

TEST(AppendField, WantsANameWithoutBlanksAndColons) {
  EXPECT_EQ(field("", "value"), "");
  EXPECT_EQ(field("a b", "value"), "");
  EXPECT_EQ(field("a:b", "value"), "");
  EXPECT_EQ(field("a-b", ""), "a-b: \r\n");
}

}  // namespace
}  // namespace gateway
