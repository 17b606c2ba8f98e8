#include "formats/avro/avro.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::avro {
namespace {

TEST(Avro, ReadsTheSchema) {
  const std::string content1 = sample("columnar/benign/row.avro");
  const auto file = parse(base::as_bytes(content1));
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->metadata.front().first, "avro.schema");
  EXPECT_EQ(file->blocks, 1U);
}

TEST(Avro, RefusesEveryTruncationAndHugeCounts) {
  const std::string file = sample("columnar/benign/row.avro");
  std::size_t whole = 0;
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    whole += parse(base::as_bytes(file.substr(0, kept))) ? 1 : 0;
  }
  EXPECT_EQ(whole, 1U);  // the header alone is a file without blocks
  EXPECT_FALSE(parse(base::as_bytes(sample("columnar/malicious/block_huge.avro"))));
  EXPECT_FALSE(parse(base::as_bytes(sample("columnar/malicious/metadata_huge.avro"))));
}

}  // namespace
}  // namespace formats::avro
