#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"

/// CatBoost's binary models: "CBM1", a length, a FlatBuffers core, then parts. Source: catboost/catboost 1.2,
/// catboost/libs/model/flatbuffers/model.fbs and model.cpp.
namespace formats::catboost {

inline constexpr std::size_t kMaxDefects = 50;

/// Views point into the file.
struct Model {
  std::string_view version;
  std::vector<std::pair<std::string_view, std::string_view>> information;
  std::vector<std::string_view> parts;  ///< Names of what follows the core.
  std::uint64_t trees = 0;
  std::uint64_t length = 0;  ///< Of magic, length and core.
  std::vector<std::string> defects;
};

/// Reads the core. Fails with truncated or malformed.
base::Result<Model> parse(base::Bytes content);

}  // namespace formats::catboost
