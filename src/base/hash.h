#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"

namespace base {

/// The digests that OpenSSF Model Signing knows. The values are in the order of its registry.
enum class HashAlgorithm : std::uint8_t {
  sha256,
  blake2b,  ///< BLAKE2b with 64 bytes (RFC 7693).
  blake3,   ///< BLAKE3 with 32 bytes; only where has_algorithm() says so.
};
[[nodiscard]] std::string_view to_string(HashAlgorithm algorithm);  ///< "sha256", "blake2b", "blake3".
[[nodiscard]] std::optional<HashAlgorithm> hash_algorithm(std::string_view name);
[[nodiscard]] std::size_t digest_size(HashAlgorithm algorithm);  ///< Bytes.
/// Can this build compute it? False for BLAKE3 where there was no source of it (docs/decisions/0013).
[[nodiscard]] bool has_algorithm(HashAlgorithm algorithm);

/// Several digests in one pass over the bytes: each piece is hashed with every algorithm while it is in the cache.
/// Reuse one, do not share it between threads.
class MultiHasher {
 public:
  /// Fails with unsupported where has_algorithm() is false for one of them.
  static Result<MultiHasher> create(std::span<const HashAlgorithm> algorithms);
  ~MultiHasher();
  MultiHasher(MultiHasher&&) noexcept;
  MultiHasher& operator=(MultiHasher&&) noexcept;

  void update(Bytes bytes);
  /// The digests (raw bytes) in the order of create(); the hasher then starts afresh.
  std::vector<std::string> finish();

 private:
  struct State;
  explicit MultiHasher(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace base
