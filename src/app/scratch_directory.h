#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace app {

/// A directory of our own, readable by its owner alone, that goes away with all in it when this does.
class ScratchDirectory {
 public:
  /// Makes it where the system keeps temporary files, as "surety-NAME-" and six characters. Fails with io.
  static base::Result<ScratchDirectory> create(std::string_view name);
  ~ScratchDirectory();
  ScratchDirectory(ScratchDirectory&& other) noexcept;
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::filesystem::path path);
  std::filesystem::path path_;
};

}  // namespace app
