#include "formats/catboost/catboost.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::catboost {
namespace {

TEST(Catboost, ReadsModelsOfTheLibrary) {
  for (const auto& [name, content] : samples("tree/benign", ".cbm")) {
    SCOPED_TRACE(name);
    const auto model = parse(base::as_bytes(content));
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_TRUE(model->defects.empty()) << model->defects.front();
    EXPECT_GT(model->trees, 0U);
    EXPECT_EQ(model->parts.empty(), model->length == content.size());
  }
}

TEST(Catboost, EveryTruncationIsRefused) {
  const std::string file = sample("tree/benign/cat_binary.cbm");
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    ASSERT_FALSE(parse(base::as_bytes(file.substr(0, kept)))) << kept;
  }
  EXPECT_FALSE(parse(base::as_bytes(sample("tree/malicious/cat_root_outside.cbm"))));
}

}  // namespace
}  // namespace formats::catboost
