#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <utility>

#include "base/read_write.h"
#include "base/text.h"

namespace base {
namespace {

struct MappedRange {
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> shrunk{false};
};
constexpr std::size_t kMaxMappedFiles = 64;
std::array<MappedRange, kMaxMappedFiles> mapped_ranges;  // NOLINT: a signal handler can reach nothing else

// A file that shrinks under its mapping raises SIGBUS. Inside one of our mappings the lost page becomes a zero page;
// anywhere else the default action follows. Only async-signal-safe calls (mmap is a bare system call).
void on_bus_error(int signal, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (MappedRange& range : mapped_ranges) {
    if (address >= range.begin.load() && address < range.end.load()) {
      static const auto page = static_cast<std::uintptr_t>(4096);
      auto* start = reinterpret_cast<void*>(address & ~(page - 1));
      range.shrunk.store(true);
      if (mmap(start, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
        return;
      }
    }
  }
  std::signal(signal, SIG_DFL);
}

void install_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, nullptr);
  });
}

int register_range(void* address, std::size_t size) {
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  for (std::size_t i = 0; i < mapped_ranges.size(); ++i) {
    std::uintptr_t expected = 0;
    if (mapped_ranges[i].begin.compare_exchange_strong(expected, begin)) {
      mapped_ranges[i].shrunk = false;
      mapped_ranges[i].end = begin + size;
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace

Error system_error(std::string_view what, const std::filesystem::path& path) {
  const int code = errno;
  return {code == ENOENT || code == ENOTDIR ? Errc::not_found : Errc::io,
          std::string(what) + ": " + std::generic_category().message(code), 0, printable(path.native())};
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) {
      ::close(fd_);
    }
    fd_ = other.release();
  }
  return *this;
}

int Descriptor::release() noexcept {
  return std::exchange(fd_, -1);
}

Result<std::size_t> read_some(int descriptor, std::span<std::byte> place, const std::filesystem::path& path) {
  for (;;) {
    const ssize_t got = ::read(descriptor, place.data(), place.size());
    if (got >= 0) {
      return static_cast<std::size_t>(got);
    }
    if (errno != EINTR) {
      return system_error("read", path);
    }
  }
}

Result<void> write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote < 0) {
      return system_error("write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) {
    return system_error("open", path);
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0) {
    return system_error("stat", path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, "not a regular file", 0, printable(path.native())};
  }
  if (static_cast<std::uint64_t>(status.st_size) > max_bytes) {
    return Error{Errc::too_large,
                 human_bytes(static_cast<std::uint64_t>(status.st_size)) + " is above " + human_bytes(max_bytes), 0,
                 printable(path.native())};
  }
  std::string content;
  content.resize(static_cast<std::size_t>(status.st_size) + 1);
  std::size_t used = 0;
  for (;;) {
    const std::span<char> place(content.data() + used, content.size() - used);
    const std::size_t got = TRY(read_some(file.get(), std::as_writable_bytes(place), path));
    if (got == 0) {
      break;
    }
    used += got;
    if (used > max_bytes) {
      return Error{Errc::too_large, "grew above " + human_bytes(max_bytes) + " while read", 0,
                   printable(path.native())};
    }
    if (used == content.size()) {
      content.resize(2 * content.size());
    }
  }
  content.resize(used);
  return content;
}

namespace {

// Writes all of it to the descriptor and syncs; `path` is for messages.
Result<void> write_synced(int fd, std::string_view content, const std::filesystem::path& path) {
  TRY(write_all(fd, content, path));
  if (fsync(fd) != 0) {
    return system_error("sync", path);
  }
  return {};
}

}  // namespace

Result<void> write_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const std::filesystem::path scratch = path.native() + ".tmp" + std::to_string(::getpid());
  {
    const Descriptor file(::open(scratch.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (!file.is_open()) {
      return system_error("create", path);
    }
    if (auto written = write_synced(file.get(), content, path); !written) {
      ::unlink(scratch.c_str());
      return written;
    }
  }
  if (::rename(scratch.c_str(), path.c_str()) != 0) {
    Error error = system_error("rename", path);
    ::unlink(scratch.c_str());
    return error;
  }
  return {};
}

Result<void> create_file(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (!file.is_open()) {
    return errno == EEXIST ? Error{Errc::usage, "is there already; not replaced", 0, printable(path.native())}
                           : system_error("create", path);
  }
  auto written = write_synced(file.get(), content, path);
  if (!written) {
    ::unlink(path.c_str());
  }
  return written;
}

Result<MappedFile> MappedFile::map(int fd, std::uint64_t size) {
  if (size == 0) {
    return MappedFile(nullptr, 0, -1);
  }
  if (size > SIZE_MAX / 2) {
    return Error{Errc::too_large, "file too large to map"};
  }
  install_handler();
  void* address = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) {
    return Error{Errc::io, std::string("map: ") + std::generic_category().message(errno)};
  }
  const int slot = register_range(address, static_cast<std::size_t>(size));
  if (slot < 0) {
    munmap(address, static_cast<std::size_t>(size));
    return Error{Errc::too_large, "too many files mapped at once"};
  }
  return MappedFile(address, static_cast<std::size_t>(size), slot);
}

MappedFile::~MappedFile() {
  if (slot_ >= 0) {
    MappedRange& range = mapped_ranges[static_cast<std::size_t>(slot_)];
    range.end = 0;
    munmap(address_, size_);
    range.begin = 0;
  }
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : address_(other.address_), size_(other.size_), slot_(std::exchange(other.slot_, -1)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(size_, other.size_);
  std::swap(slot_, other.slot_);
  return *this;
}

bool MappedFile::shrunk() const {
  return slot_ >= 0 && mapped_ranges[static_cast<std::size_t>(slot_)].shrunk.load();
}

}  // namespace base
