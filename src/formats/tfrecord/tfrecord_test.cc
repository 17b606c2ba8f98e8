#include "formats/tfrecord/tfrecord.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::tfrecord {
namespace {

TEST(Tfrecord, ReadsRecordsAndRefusesTruncations) {
  const std::string file = sample("columnar/benign/examples.tfrecord");
  ASSERT_TRUE(looks_like_records(base::as_bytes(file)));
  const auto records = parse(base::as_bytes(file));
  ASSERT_TRUE(records);
  EXPECT_EQ(records->records, 2U);
  std::size_t whole = 0;
  for (std::size_t kept = 1; kept < file.size(); ++kept) {
    whole += parse(base::as_bytes(file.substr(0, kept))) ? 1 : 0;
  }
  EXPECT_EQ(whole, 1U);  // the first record alone
  EXPECT_EQ(parse(base::as_bytes(sample("columnar/malicious/sum_wrong.tfrecord"))).error().code, base::Errc::untrusted);
}

}  // namespace
}  // namespace formats::tfrecord
