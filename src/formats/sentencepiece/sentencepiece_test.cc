#include "formats/sentencepiece/sentencepiece.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::sentencepiece {
namespace {

TEST(Sentencepiece, ReadsModelsOfTheLibrary) {
  for (const auto& [name, content] : samples("tokenizer/benign", ".model")) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(looks_like_model(base::as_bytes(content)));
    const auto model = parse(base::as_bytes(content));
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_GT(model->pieces.size(), 20U);
    EXPECT_EQ(rules_defect(model->normalizer.rules), "");
    EXPECT_TRUE(model->strangers.empty());
  }
}

TEST(Sentencepiece, SeesMapsThatLeadOutside) {
  const std::string content1 = sample("tokenizer/malicious/sp_map_length.model");
  const auto model = parse(base::as_bytes(content1));
  ASSERT_TRUE(model);
  EXPECT_NE(rules_defect(model->normalizer.rules), "");
  EXPECT_NE(rules_defect("abc"), "");
}

TEST(Sentencepiece, NoTruncationGoesUnnoticedWithinAField) {
  const std::string file = sample("tokenizer/benign/sp_bpe.model");
  std::size_t whole = 0;
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    whole += parse(base::as_bytes(file.substr(0, kept))) ? 1 : 0;
  }
  EXPECT_LT(whole, file.size() / 8);  // only where a field ends
}

}  // namespace
}  // namespace formats::sentencepiece
