#include "control/counters.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/digest.h"
#include "base/text.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr char kMagic[8] = {'S', 'r', 't', 'y', 'C', 'n', 't', '1'};
constexpr std::size_t kHeaderBytes = 64;

// The store of one number: whole, and not before those that were stored ahead of it.
void store(std::uint64_t& place, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(place).store(value, std::memory_order_release);
}

}  // namespace

Counters::Counters(base::Descriptor file, void* memory, std::size_t bytes, std::uint32_t slots)
    : file_(std::move(file)),
      memory_(memory),
      bytes_(bytes),
      slots_(reinterpret_cast<Slot*>(static_cast<char*>(memory) + kHeaderBytes)),
      count_(slots) {}

Counters::Counters(Counters&& other) noexcept
    : file_(std::move(other.file_)),
      memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_),
      slots_(other.slots_),
      count_(other.count_),
      known_(std::move(other.known_)) {}

Counters::~Counters() {
  if (memory_ != nullptr) {
    ::munmap(memory_, bytes_);
  }
}

Result<Counters> Counters::open(const std::filesystem::path& path, std::uint32_t slots) {
  const std::size_t bytes = kHeaderBytes + std::size_t{slots} * sizeof(Slot);
  base::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
    return base::system_error("counters", path);
  }
  const std::string shown = base::printable(path.native());
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::io, "counters: not a regular file", 0, shown};
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? Error{Errc::io, "counters: another gateway has them open", 0, shown}
                                : base::system_error("counters: lock", path);
  }
  const bool is_new = status.st_size == 0;
  if (!is_new && status.st_size != static_cast<off_t>(bytes)) {
    return Error{Errc::unsupported, "counters: the file has another size than " + std::to_string(bytes) + " bytes", 0,
                 shown};
  }
  // Allocated whole: a disk that is full says so now, not by a signal in the middle of a request.
  if (is_new && ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)) != 0) {
    static_cast<void>(::ftruncate(file.get(), 0) == 0);
    return Error{Errc::io, "counters: no room for " + base::human_bytes(bytes), 0, shown};
  }
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) {
    return base::system_error("counters: map", path);
  }
  Counters counters(std::move(file), memory, bytes, slots);
  if (is_new) {
    std::memcpy(memory, kMagic, sizeof(kMagic));
  } else if (std::memcmp(memory, kMagic, sizeof(kMagic)) != 0) {
    return Error{Errc::malformed, "counters: not such a file", 0, shown};
  }
  return counters;
}

Counters::Slot* Counters::slot(std::string_view name, std::uint64_t window_seconds, std::uint64_t now_seconds) {
  auto known = known_.find(name);
  if (known == known_.end()) {
    // Names that were seen once must not stay for ever; those in use come back at once.
    if (known_.size() >= 4 * std::size_t{count_}) {
      known_.clear();
    }
    const base::Sha256 digest = base::sha256(name);
    Known entry;
    std::copy_n(digest.bytes.begin(), entry.digest.size(), entry.digest.begin());
    entry.digest[0] |= 1;  // never all zero
    std::uint64_t start = 0;
    std::memcpy(&start, entry.digest.data(), sizeof(start));
    entry.index = static_cast<std::uint32_t>(start % count_);
    known = known_.emplace(std::string(name), entry).first;
  }
  Known& at = known->second;
  const auto is_over = [&](const Slot& slot) {
    return slot.window_seconds == 0 || slot.window_start + slot.window_seconds <= now_seconds;
  };
  if (slots_[at.index].name_digest != at.digest) {
    // Probes the neighbourhood; slots are never moved, so a name is found wherever it was put.
    constexpr std::uint32_t kProbes = 64;
    const std::uint32_t probes = std::min(kProbes, count_);
    Slot* usable = nullptr;
    bool found = false;
    std::uint64_t home = 0;
    std::memcpy(&home, at.digest.data(), sizeof(home));
    for (std::uint32_t i = 0; i < probes; ++i) {
      Slot& candidate = slots_[(home % count_ + i) % count_];
      if (candidate.name_digest == at.digest) {
        usable = &candidate;
        found = true;
        break;
      }
      if (usable == nullptr && is_over(candidate)) {
        usable = &candidate;
      }
    }
    if (usable == nullptr) {
      return nullptr;
    }
    at.index = static_cast<std::uint32_t>(usable - slots_);
    if (!found) {
      store(usable->window_seconds, 0);  // until it is complete the slot counts as free
      store(usable->used, 0);
      store(usable->window_start, 0);
      usable->name_digest = at.digest;
    }
  }
  Slot& slot = slots_[at.index];
  const std::uint64_t start = now_seconds - now_seconds % window_seconds;
  // A clock that went back opens no new window.
  if (slot.window_seconds != window_seconds || slot.window_start < start) {
    store(slot.used, 0);
    store(slot.window_start, start);
    store(slot.window_seconds, window_seconds);
  }
  return &slot;
}

Result<void> Counters::sync() {
  if (::msync(memory_, bytes_, MS_SYNC) != 0) {
    return base::system_error("counters: sync", {});
  }
  return {};
}

}  // namespace control
