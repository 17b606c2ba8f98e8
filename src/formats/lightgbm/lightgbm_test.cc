#include "formats/lightgbm/lightgbm.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::lightgbm {
namespace {

std::string first_defect(const std::string& text) {
  const auto model = parse(text);
  if (!model) {
    return model.error().message;
  }
  return model->defects.empty() ? model->strays.empty() ? "" : "stray" : model->defects.front().text;
}

TEST(Lightgbm, ReadsModelsOfTheLibrary) {
  for (const auto& [name, content] : samples("tree/benign", ".txt")) {
    if (name.starts_with("lgb_")) {
      SCOPED_TRACE(name);
      EXPECT_EQ(first_defect(content), "");
    }
  }
}

TEST(Lightgbm, SeesWhatIsWrongWithTrees) {
  for (const auto& [name, content] : samples("tree/malicious", ".txt")) {
    const bool text_only = name.find("parameter") != std::string::npos || name.find("objective") != std::string::npos ||
                           name.find("script") != std::string::npos || name.find("pandas") != std::string::npos;
    if (name.starts_with("lgb_") && !text_only) {
      EXPECT_NE(first_defect(content), "") << name;
    }
  }
}

TEST(Lightgbm, EveryTruncationWithinTheTreesIsSeen) {
  const std::string file = sample("tree/benign/lgb_binary.txt");
  const std::size_t end = file.find("end of trees");
  ASSERT_NE(end, std::string::npos);
  for (std::size_t kept = 0; kept < end; ++kept) {
    ASSERT_NE(first_defect(file.substr(0, kept)), "") << kept;
  }
}

}  // namespace
}  // namespace formats::lightgbm
