#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

namespace base {

/// The whole regular file. Fails with not_found, io (also for devices, FIFOs, sockets) or too_large.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Replaces the file in one step: written beside it, synced, renamed. On failure the old file is whole. `mode` are its
/// permission bits from then on, less those of the umask.
Result<void> write_file(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);

/// Makes a file that is not there yet, synced, with these permission bits (0600 for a key). Fails with usage where
/// something of that name is there.
Result<void> create_file(const std::filesystem::path& path, std::string_view content, unsigned mode);

/// An operating system error of this moment, as an Error: "open: Permission denied".
[[nodiscard]] Error system_error(std::string_view what, const std::filesystem::path& path);

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  int release() noexcept;

 private:
  int fd_;
};

/// A file mapped read-only. Should the file shrink while it is mapped, the lost pages read as zeros instead of ending
/// the program, and shrunk() says so. Thread-safe to read.
class MappedFile {
 public:
  /// Maps `size` bytes of the open file.
  static Result<MappedFile> map(int fd, std::uint64_t size);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  [[nodiscard]] Bytes bytes() const { return {static_cast<const std::byte*>(address_), size_}; }
  [[nodiscard]] bool shrunk() const;

 private:
  MappedFile(void* address, std::size_t size, int slot) : address_(address), size_(size), slot_(slot) {}
  void* address_ = nullptr;
  std::size_t size_ = 0;
  int slot_ = -1;  ///< Place in the table that the SIGBUS handler reads; -1 where the table was full.
};

}  // namespace base
