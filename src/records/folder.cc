#include "records/folder.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/file.h"

namespace records {

base::Result<std::vector<std::string>> names_in(const std::filesystem::path& folder, const std::string& shown) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), &::closedir);
  if (directory == nullptr) {
    base::Error error = base::system_error("open", folder);
    error.file = shown;
    return error;
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    names.emplace_back(static_cast<const char*>(entry->d_name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace records
