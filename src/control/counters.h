#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/file.h"
#include "base/result.h"

namespace control {

/// Named counters, each of one window of time, in a file that is mapped into memory: a count is where the kernel keeps
/// it as soon as it is made, so that a process which is killed loses none; after a loss of power those of the last
/// sync() are there. One process at a time. docs/formats/gateway-controls.md has every byte. Not thread-safe.
class Counters {
 public:
  /// Opens or makes the file with room for `slots`. Fails with io (also where another process has it), malformed or
  /// unsupported (written by a newer version, or of another size).
  static base::Result<Counters> open(const std::filesystem::path& path, std::uint32_t slots = 65536);
  ~Counters();
  Counters(Counters&& other) noexcept;
  Counters& operator=(Counters&& other) = delete;

  /// One counter: what was used in the window [window_start, window_start + window_seconds).
  struct Slot {
    std::array<std::uint8_t, 16> name_digest;  ///< First bytes of the SHA-256 of the name; all zero: free.
    std::uint64_t window_start;                ///< Seconds since 1970.
    std::uint64_t window_seconds;
    std::uint64_t used;
    std::uint64_t reserved[3];
  };
  static_assert(sizeof(Slot) == 64);

  /// The counter of that name, rolled to the window that `now_seconds` is in. None where all slots hold counters of
  /// windows that are not over.
  [[nodiscard]] Slot* slot(std::string_view name, std::uint64_t window_seconds, std::uint64_t now_seconds);
  /// Writes what changed to the disk. Fails with io.
  base::Result<void> sync();

 private:
  Counters(base::Descriptor file, void* memory, std::size_t bytes, std::uint32_t slots);
  base::Descriptor file_;
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
  Slot* slots_ = nullptr;
  std::uint32_t count_ = 0;
  struct Known {
    std::uint32_t index = 0;
    std::array<std::uint8_t, 16> digest{};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;  ///< Names seen by this process.
};

}  // namespace control
