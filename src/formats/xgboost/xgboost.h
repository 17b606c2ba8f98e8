#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// The binary models that XGBoost wrote before 3.1. Source: dmlc/xgboost 1.7, src/learner.cc (LearnerIO::Load),
/// src/gbm/gbtree_model.h, include/xgboost/tree_model.h.
namespace formats::xgboost {

inline constexpr std::uint64_t kMaxTrees = 10'000'000;
inline constexpr std::uint64_t kMaxNodes = 1ULL << 31;
inline constexpr std::uint64_t kMaxTextBytes = 64U << 20;

/// One node of a tree in any of the formats; -1 where there is no child.
struct Node {
  std::int64_t left = -1;
  std::int64_t right = -1;
  std::uint64_t feature = 0;
};

/// A model's header and texts. Views point into the file.
struct Model {
  bool magic = false;  ///< Begins with "binf".
  std::uint64_t features = 0;
  std::uint64_t trees = 0;
  std::string_view objective;
  std::string_view booster;
  std::vector<std::pair<std::string_view, std::string_view>> attributes;
  std::uint64_t length = 0;  ///< Bytes read.
};

/// Reads the model and gives each tree to `tree` (what is known of the model by then, the tree's nodes, and where it
/// begins). Fails with truncated, malformed,
/// too_large, or unsupported where it is not such a model.
base::Result<Model> parse(
    base::Bytes content,
    const std::function<void(const Model& head, std::span<const Node> nodes, std::uint64_t offset)>& tree);

/// Whether the head is that of such a model.
[[nodiscard]] bool looks_like_model(base::Bytes content);

/// What is wrong with a tree, or nothing: children that are not there, nodes with several parents, loops, features
/// beyond `features` (0: not known).
[[nodiscard]] std::string_view tree_defect(std::span<const Node> nodes, std::uint64_t features);

}  // namespace formats::xgboost
