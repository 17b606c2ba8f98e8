#include "recovery/fetch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace recovery {

using base::Descriptor;
using base::Errc;
using base::Error;
using base::Result;

namespace {

namespace fs = std::filesystem;

// Makes the parents one by one and opens a new file in the last, never through a link.
Result<Descriptor> create(const Descriptor& root, const std::string& name) {
  const auto parts = base::split(name, '/');
  Descriptor at(::fcntl(root.get(), F_DUPFD_CLOEXEC, 0));
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::string part(parts[i]);
    if (::mkdirat(at.get(), part.c_str(), 0777) != 0 && errno != EEXIST) {
      return base::system_error("mkdir", name);
    }
    at = Descriptor(::openat(at.get(), part.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY));
    if (!at.is_open()) {
      return base::system_error("open", name);
    }
  }
  Descriptor file(::openat(at.get(), std::string(parts.back()).c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.is_open()) {
    return base::system_error("open", name);
  }
  return file;
}

void remove(const Descriptor& root, const std::string& name) {
  // Below a directory that only we write to, so that the path cannot have changed meanwhile.
  ::unlinkat(root.get(), name.c_str(), 0);
}

Result<void> write_all(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return base::system_error("write", {});
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<Fetched> fetch_files(Store& store, std::span<const std::string> names, const fs::path& directory,
                            std::uint64_t max_bytes) {
  for (const std::string& name : names) {
    if (!is_plain_name(name)) {
      return Error{Errc::usage, "\"" + base::abbreviate(base::printable(name), 100) + "\" is not a relative path"};
    }
  }
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return Error{Errc::io, "cannot be made: " + error.message(), 0, base::printable(directory.native())};
  }
  const Descriptor root(::open(directory.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!root.is_open()) {
    return base::system_error("open", directory);
  }
  if (!fs::is_empty(directory, error) || error) {
    return Error{Errc::usage, "is not empty: name a new directory", 0, base::printable(directory.native())};
  }
  Fetched out;
  std::uint64_t left = max_bytes;
  for (const std::string& name : names) {
    auto file = create(root, name);
    if (!file) {
      out.problems.push_back({name, file.error()});
      continue;
    }
    std::uint64_t size = 0;
    const Sink sink = [&](std::string_view bytes) -> Result<void> {
      if (bytes.size() > left) {
        left = 0;
        return Error{Errc::too_large, "the place serves more bytes than the snapshot has"};
      }
      left -= bytes.size();
      size += bytes.size();
      return write_all(*file, bytes);
    };
    const auto fetched = store.fetch(name, sink);
    if (!fetched) {
      remove(root, name);
      out.problems.push_back({name, fetched.error()});
      continue;
    }
    ++out.files;
    out.bytes += size;
  }
  return out;
}

}  // namespace recovery
