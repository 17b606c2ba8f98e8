#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace inventory {

/// For tests: a directory of its own that goes away with the object.
class TemporaryTree {
 public:
  TemporaryTree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "surety-inventory-XXXXXX").native();
    root = ::mkdtemp(pattern.data());
  }
  ~TemporaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
    if (ignored) {  // deeper than the library can follow
      [[maybe_unused]] const int code = std::system(("rm -rf '" + root.native() + "'").c_str());
    }
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;

  void write(std::string_view name, std::string_view content) const {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << content;
  }
  [[nodiscard]] std::string path(std::string_view name) const { return (root / name).native(); }

  std::filesystem::path root;
};

}  // namespace inventory
