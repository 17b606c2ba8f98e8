#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

/// Files of tests/corpus, for tests of parsers.
namespace formats {

/// A file of the corpus, such as "tree/benign/xgb_binary.ubj".
inline std::string sample(const std::string& name) {
  std::ifstream in(std::string(PROJECT_DIR) + "/tests/corpus/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

/// All files of a folder of the corpus whose names end so, with their contents.
inline std::vector<std::pair<std::string, std::string>> samples(const std::string& folder, const std::string& ending) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PROJECT_DIR) + "/tests/corpus/" + folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.ends_with(ending)) {
      out.emplace_back(name, sample(folder + "/" + name));
    }
  }
  EXPECT_FALSE(out.empty()) << folder << " " << ending;
  return out;
}

}  // namespace formats
