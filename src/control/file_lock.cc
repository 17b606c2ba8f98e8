#include "control/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

namespace control {

base::Result<base::Descriptor> lock_beside(const std::filesystem::path& path) {
  const std::filesystem::path lock = path.native() + ".lock";
  base::Descriptor file(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open() || ::flock(file.get(), LOCK_EX) != 0) {
    return base::system_error("lock", lock);
  }
  return file;
}

}  // namespace control
