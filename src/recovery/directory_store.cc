#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/read_write.h"
#include "base/text.h"
#include "recovery/store.h"

namespace recovery {
namespace {

using base::Descriptor;
using base::Errc;
using base::Error;
using base::Result;

class DirectoryStore final : public Store {
 public:
  DirectoryStore(Descriptor root, std::string path) : root_(std::move(root)), path_(std::move(path)) {}

  Result<void> fetch(const std::string& name, const Sink& sink) override {
    if (!is_plain_name(name)) {
      return Error{Errc::usage, "not a relative path", 0, base::printable(name)};
    }
    const auto parts = base::split(name, '/');
    // One component at a time, so that no link anywhere below the root is followed.
    Descriptor at(::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0));
    for (std::size_t i = 0; at.is_open() && i < parts.size(); ++i) {
      const bool last = i + 1 == parts.size();
      const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (last ? O_NONBLOCK : O_DIRECTORY);
      at = Descriptor(::openat(at.get(), std::string(parts[i]).c_str(), flags));
    }
    const std::string place = base::printable(path_ + "/" + name);
    if (!at.is_open()) {
      if (errno == ENOENT || errno == ENOTDIR) {
        return Error{Errc::not_found, "is not there", 0, place};
      }
      if (errno == ELOOP) {
        return Error{Errc::io, "is a link, which is not followed", 0, place};
      }
      return base::system_error("open", place);
    }
    struct stat status {};
    if (::fstat(at.get(), &status) != 0) {
      return base::system_error("stat", place);
    }
    if (!S_ISREG(status.st_mode)) {
      return Error{Errc::io, "is not a regular file", 0, place};
    }
    std::string buffer(1U << 20, '\0');
    for (;;) {
      const std::size_t count = TRY(base::read_some(at.get(), std::as_writable_bytes(std::span(buffer)), place));
      if (count == 0) {
        return {};
      }
      TRY(sink(std::string_view(buffer).substr(0, count)));
    }
  }

 private:
  Descriptor root_;
  std::string path_;
};

}  // namespace

base::Result<std::unique_ptr<Store>> open_directory_store(const Place& place) {
  Descriptor root(::open(place.location.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!root.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return Error{Errc::not_found, "no such directory", 0, base::printable(place.location)};
    }
    return base::system_error("open", place.location);
  }
  return std::unique_ptr<Store>(std::make_unique<DirectoryStore>(std::move(root), place.location));
}

}  // namespace recovery
