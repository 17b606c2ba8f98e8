#include "formats/xgboost/xgboost.h"

#include <gtest/gtest.h>

#include "formats/corpus_testing.h"

namespace formats::xgboost {
namespace {

std::string defect_of(std::vector<Node> nodes, std::uint64_t features = 0) {
  return std::string(tree_defect(nodes, features));
}

TEST(Xgboost, SeesWhatIsWrongWithATree) {
  EXPECT_EQ(defect_of({{1, 2, 0}, {-1, -1, 0}, {-1, -1, 0}}, 1), "");
  EXPECT_EQ(defect_of({{1, 2, 0}, {-1, 7, 0}, {-1, -1, 0}}, 1), "");  // a leaf of a vector of values
  EXPECT_EQ(defect_of({}), "no nodes");
  EXPECT_EQ(defect_of({{1, 3, 0}, {-1, -1, 0}, {-1, -1, 0}}), "a child outside the tree");
  EXPECT_EQ(defect_of({{1, -1, 0}, {-1, -1, 0}}), "a child outside the tree");
  EXPECT_EQ(defect_of({{1, 1, 0}, {-1, -1, 0}}), "a node with two parents");
  EXPECT_EQ(defect_of({{1, 2, 0}, {0, 2, 0}, {-1, -1, 0}}), "a node with two parents");
  EXPECT_EQ(defect_of({{1, 2, 5}, {-1, -1, 0}, {-1, -1, 0}}, 5), "a feature that the model does not have");
}

TEST(Xgboost, ReadsTheOldBinaryFormAndRefusesTruncations) {
  for (const auto& [name, content] : samples("tree/benign", ".model")) {
    if (!name.starts_with("xgb_old")) {
      continue;
    }
    SCOPED_TRACE(name);
    ASSERT_TRUE(looks_like_model(base::as_bytes(content)));
    std::uint64_t trees = 0;
    const auto model =
        parse(base::as_bytes(content), [&](const Model& head, std::span<const Node> nodes, std::uint64_t /*offset*/) {
          ++trees;
          EXPECT_EQ(tree_defect(nodes, head.features), "");
        });
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_EQ(model->trees, trees);
    EXPECT_EQ(model->length, content.size());
    for (std::size_t kept = 0; kept < content.size(); ++kept) {
      const auto cut =
          parse(base::as_bytes(content.substr(0, kept)), [](const Model&, std::span<const Node>, std::uint64_t) {});
      ASSERT_FALSE(cut) << kept;
    }
  }
}

}  // namespace
}  // namespace formats::xgboost
