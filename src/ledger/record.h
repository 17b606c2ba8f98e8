#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/quick_sha256.h"
#include "base/time.h"

/// The hot side of records and hashes. Private to this room.
namespace ledger {

/// leaf_hash() of an entry that is in pieces.
[[nodiscard]] base::Sha256 leaf_hash_of(base::UnixTime received, std::string_view key, std::string_view content,
                                        std::uint8_t record);

/// Puts 0x00 and what stands before the key behind `out`.
void put_record_head(std::string& out, base::UnixTime received, std::size_t key_bytes, std::uint8_t record);

/// The version of the record of an entry of that size, in a log of that format (user_version).
[[nodiscard]] std::uint8_t record_version(std::uint8_t format, std::size_t key_bytes, std::size_t content_bytes);

using QuickHasher = base::QuickSha256;

/// node_hash() of children 0 and 1, 2 and 3 …; `out` has half as many places, and may be the first of `children`.
void hash_nodes(std::span<const base::Sha256> children, base::Sha256* out);

}  // namespace ledger
