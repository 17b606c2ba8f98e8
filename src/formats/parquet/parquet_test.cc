#include "formats/parquet/parquet.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::parquet {
namespace {

TEST(Parquet, ReadsFootersOfTheLibrary) {
  for (const auto& [name, content] : samples("columnar/benign", ".parquet")) {
    SCOPED_TRACE(name);
    const auto footer = parse(base::as_bytes(content));
    ASSERT_TRUE(footer) << footer.error().text();
    EXPECT_TRUE(footer->defects.empty()) << footer->defects.front().text;
    EXPECT_GT(footer->schema_elements, 1U);
    EXPECT_TRUE(footer->other_files.empty());
  }
}

TEST(Parquet, ReadsMetadataAndOtherFiles) {
  const std::string content1 = sample("columnar/benign/hugging_face.parquet");
  const auto footer = parse(base::as_bytes(content1));
  ASSERT_TRUE(footer);
  EXPECT_EQ(footer->metadata.front().key, "huggingface");
  const std::string content2 = sample("columnar/malicious/_metadata");
  const auto summary = parse(base::as_bytes(content2));
  ASSERT_TRUE(summary) << summary.error().text();
  ASSERT_FALSE(summary->other_files.empty());
  EXPECT_EQ(summary->other_files.front(), "../../../../etc/hostname");
}

TEST(Parquet, EveryTruncationIsRefused) {
  const std::string file = sample("columnar/benign/nested.parquet");
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    ASSERT_FALSE(parse(base::as_bytes(file.substr(0, kept)))) << kept;
  }
}

TEST(Parquet, EveryFooterCutShortIsRefusedOrDefective) {
  const std::string file = sample("columnar/benign/plain.parquet");
  const std::size_t tail = file.size() - 8;
  std::uint32_t size = 0;
  for (std::size_t i = 4; i-- > 0;) {
    size = size << 8 | static_cast<unsigned char>(file[tail + i]);
  }
  for (std::uint32_t kept = 1; kept < size; ++kept) {
    std::string cut = file.substr(0, tail - size + kept);
    for (int i = 0; i < 4; ++i) {
      cut.push_back(static_cast<char>(kept >> (8 * i)));
    }
    cut += "PAR1";
    const auto footer = parse(base::as_bytes(cut));
    ASSERT_FALSE(footer) << kept;
  }
}

TEST(Parquet, ColumnsOutsideTheFileAreDefects) {
  const std::string content3 = sample("columnar/malicious/column_outside.parquet");
  const auto footer = parse(base::as_bytes(content3));
  ASSERT_TRUE(footer) << footer.error().text();
  EXPECT_FALSE(footer->defects.empty());
}

TEST(Parquet, EncryptedFootersAreSaidToBeSo) {
  const auto footer = parse(base::as_bytes(std::string_view("PARE....PARE")));
  ASSERT_TRUE(footer);
  EXPECT_TRUE(footer->encrypted);
}

}  // namespace
}  // namespace formats::parquet
