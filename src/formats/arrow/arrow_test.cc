#include "formats/arrow/arrow.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "formats/corpus_testing.h"

namespace formats::arrow {
namespace {

std::size_t defects(const std::string& file) {
  const auto parsed = parse(base::as_bytes(file));
  return parsed ? parsed->defects.size() : 1000;
}

TEST(Arrow, ReadsFilesAndStreamsOfTheLibrary) {
  for (const auto& [name, content] : samples("columnar/benign", ".arrow")) {
    SCOPED_TRACE(name);
    const auto file = parse(base::as_bytes(content));
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_TRUE(file->defects.empty()) << file->defects.front().text;
    EXPECT_GT(file->fields, 0U);
  }
  EXPECT_TRUE(looks_like_stream(base::as_bytes(sample("columnar/benign/plain_stream.arrow"))));
}

TEST(Arrow, ReadsFeatherOfBothVersions) {
  EXPECT_EQ(defects(sample("columnar/benign/v2.feather")), 0U);
  const std::string content1 = sample("columnar/benign/v1.feather");
  const auto first = parse_feather(base::as_bytes(content1));
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_TRUE(first->defects.empty());
  EXPECT_EQ(first->fields, 3U);
}

TEST(Arrow, GivesTheMetadataOfNestedFields) {
  const std::string content2 = sample("columnar/malicious/python_type_nested.arrow");
  const auto file = parse(base::as_bytes(content2));
  ASSERT_TRUE(file);
  const bool found = std::any_of(file->metadata.begin(), file->metadata.end(), [](const Metadata& one) {
    return one.field == "x" && one.value == "arrow.py_extension_type";
  });
  EXPECT_TRUE(found);
}

TEST(Arrow, EveryTruncationOfAFileIsRefused) {
  const std::string file = sample("columnar/benign/nested.arrow");
  for (std::size_t kept = 8; kept < file.size(); ++kept) {
    ASSERT_FALSE(parse(base::as_bytes(file.substr(0, kept)))) << kept;
  }
}

TEST(Arrow, BuffersOutsideTheBodyAreDefects) {
  EXPECT_GT(defects(sample("columnar/malicious/buffer_outside.arrow")), 0U);
  EXPECT_EQ(defects(sample("columnar/malicious/footer_root.arrow")), 1000U);
}

}  // namespace
}  // namespace formats::arrow
