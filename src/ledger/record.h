#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/digest.h"
#include "base/time.h"

/// The hot side of records and hashes. Private to this room.
namespace ledger {

/// leaf_hash() of an entry that is in pieces.
[[nodiscard]] base::Sha256 leaf_hash_of(base::UnixTime received, std::string_view key, std::string_view content,
                                        std::uint8_t record);

/// The version of the record of an entry of that size, in a log of that format (user_version).
[[nodiscard]] std::uint8_t record_version(std::uint8_t format, std::size_t key_bytes, std::size_t content_bytes);

/// SHA-256 without what base::Sha256Hasher costs for each digest.
class QuickHasher {
 public:
  QuickHasher();
  void update(std::string_view bytes);
  /// Once only.
  base::Sha256 finish();
  [[nodiscard]] static base::Sha256 digest_of(std::string_view bytes);

 private:
  alignas(8) std::array<std::byte, 112> state_{};  ///< OpenSSL's.
};

/// node_hash() of children 0 and 1, 2 and 3 …; `out` has half as many places, and may be the first of `children`.
void hash_nodes(std::span<const base::Sha256> children, base::Sha256* out);

}  // namespace ledger
