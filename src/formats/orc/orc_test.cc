#include "formats/orc/orc.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::orc {
namespace {

TEST(Orc, ReadsTheTail) {
  const std::string content1 = sample("columnar/benign/plain.orc");
  const auto tail = parse(base::as_bytes(content1));
  ASSERT_TRUE(tail) << tail.error().text();
  EXPECT_FALSE(tail->compressed);
  EXPECT_EQ(tail->stripes, 1U);
  EXPECT_TRUE(tail->defects.empty());
}

TEST(Orc, RefusesTruncations) {
  const std::string file = sample("columnar/benign/plain.orc");
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    const auto tail = parse(base::as_bytes(file.substr(0, kept)));
    ASSERT_TRUE(!tail || !tail->defects.empty() || tail->stripes == 0) << kept;
  }
}

}  // namespace
}  // namespace formats::orc
