#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/result.h"

namespace base {

/// Borrowed, read-only bytes.
using Bytes = std::span<const std::byte>;

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads untrusted bytes front to back. Every read is checked, names the field it
/// wanted, and leaves the cursor where it was when it fails. Borrows the bytes: they
/// must outlive the cursor and every view it hands out. Copy a cursor to look ahead.
class ByteCursor {
 public:
  /// `file_offset` is where `bytes` starts in the file; errors report file offsets.
  explicit ByteCursor(Bytes bytes, std::uint64_t file_offset = 0) noexcept : left_(bytes), offset_(file_offset) {}

  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
  [[nodiscard]] std::size_t remaining() const noexcept { return left_.size(); }
  [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
  /// What is left, without advancing.
  [[nodiscard]] Bytes rest() const noexcept { return left_; }

  /// The next `count` bytes. The only place that compares a size with what is left.
  Result<Bytes> take(std::uint64_t count, std::string_view field);
  /// Advances over `count` bytes.
  Result<void> skip(std::uint64_t count, std::string_view field);

  /// A little-endian unsigned integer.
  template <std::unsigned_integral T>
  Result<T> le(std::string_view field) {
    const Bytes bytes = TRY(take(sizeof(T), field));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return static_cast<T>(value);
  }
  /// A big-endian unsigned integer.
  template <std::unsigned_integral T>
  Result<T> be(std::string_view field) {
    const Bytes bytes = TRY(take(sizeof(T), field));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    }
    return static_cast<T>(value);
  }

  /// A u64 element count, refused when above `max` or when that many elements of at
  /// least `min_bytes` (> 0) each cannot fit in what is left, so it is safe to reserve().
  Result<std::uint64_t> count(std::uint64_t max, std::uint64_t min_bytes, std::string_view field);

  /// A u64 length and that many bytes, at most `max`. Not checked to be UTF-8.
  Result<std::string_view> text(std::uint64_t max, std::string_view field);

  /// Everything up to the next '\n', which is consumed but not returned; at most `max` bytes.
  Result<std::string_view> line(std::uint64_t max, std::string_view field);

  /// Fails unless every byte was consumed.
  Result<void> expect_end(std::string_view field) const;

  /// An error of this cursor's place: "FIELD: REASON".
  [[nodiscard]] Error fail(Errc code, std::string_view field, std::string_view reason) const;

 private:
  Bytes left_;
  std::uint64_t offset_;
};

}  // namespace base
