#include "app/scratch_directory.h"

#include <stdlib.h>

#include <string>
#include <utility>

#include "base/file.h"

namespace app {

namespace fs = std::filesystem;

ScratchDirectory::ScratchDirectory(fs::path path) : path_(std::move(path)) {}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) {
    fs::remove_all(path_, ignored);
  }
}

base::Result<ScratchDirectory> ScratchDirectory::create(std::string_view name) {
  std::error_code error;
  std::string path = (fs::temp_directory_path(error) / ("surety-" + std::string(name) + "-XXXXXX")).native();
  if (error || ::mkdtemp(path.data()) == nullptr) {
    return base::system_error("mkdtemp", path);
  }
  return ScratchDirectory(path);
}

}  // namespace app
