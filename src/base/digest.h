#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"

namespace base {

/// A SHA-256 digest. Compares as bytes; all zero means "none".
struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};

  [[nodiscard]] std::string hex() const;  ///< 64 lower-case digits.
  [[nodiscard]] bool is_set() const { return bytes != std::array<std::uint8_t, 32>{}; }
  /// From 64 hexadecimal digits of either case.
  static Result<Sha256> from_hex(std::string_view digits);

  auto operator<=>(const Sha256&) const = default;
};

/// Computes SHA-256 over any number of updates. OpenSSL's implementation, fetched once; reuse a hasher, do not share
/// it between threads.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void update(Bytes bytes);
  void update(std::string_view text) { update(as_bytes(text)); }
  /// The digest of everything since the last finish(); the hasher then starts afresh.
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// SHA-256 of the bytes, with a hasher of this thread's own.
[[nodiscard]] Sha256 sha256(Bytes bytes);
[[nodiscard]] inline Sha256 sha256(std::string_view text) {
  return sha256(as_bytes(text));
}

}  // namespace base
