#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

/// Models in LightGBM's own text form. Source: microsoft/LightGBM 4, src/boosting/gbdt_model_text.cpp and
/// src/io/tree.cpp.
namespace formats::lightgbm {

inline constexpr std::uint64_t kMaxTrees = 10'000'000;
inline constexpr std::uint64_t kMaxLeaves = 100'000'000;  ///< Of one tree.
inline constexpr std::size_t kMaxDefects = 50;

struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

struct Model {
  std::uint64_t trees = 0;
  std::uint64_t features = 0;
  std::vector<Defect> defects;
  /// Lines outside the header, the trees and the sections that the library writes, with their places.
  std::vector<std::pair<std::string_view, std::uint64_t>> strays;
};

/// Reads the model. Fails with malformed where it has no header; what is wrong within it is a defect.
base::Result<Model> parse(std::string_view text);

}  // namespace formats::lightgbm
