#include "app/input.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"

namespace app {

using base::Errc;
using base::Error;
using base::Result;

Result<void> read_parts(int fd, const std::string& name, const std::function<Result<void>(std::string_view)>& take) {
  std::string buffer(std::size_t{1} << 20, '\0');
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::system_error("read", name);
    }
    if (got == 0) {
      return {};
    }
    TRY(take(std::string_view(buffer).substr(0, static_cast<std::size_t>(got))));
  }
}

Result<std::string> read_whole(int fd, const std::string& name, std::uint64_t max_bytes) {
  std::string out;
  TRY(read_parts(fd, name, [&](std::string_view part) -> Result<void> {
    if (part.size() > max_bytes - out.size()) {
      return Error{Errc::too_large, "above " + base::human_bytes(max_bytes), 0, name};
    }
    out.append(part);
    return {};
  }));
  return out;
}

}  // namespace app
