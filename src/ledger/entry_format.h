#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/time.h"
#include "ledger/ledger.h"

/// How entries and batches lie in a file of entries; docs/formats/ledger.md has every byte. Private to this room.
namespace ledger {

/// An entry as it lies in a file of entries, or in the table of an older log. Views live until the reader goes on.
struct StoredEntry {
  std::uint64_t index = 0;
  std::uint64_t place = 0;  ///< Byte of the file where it begins.
  base::UnixTime received;
  std::string_view key;
  std::string_view content;
  std::uint8_t record = 1;
  /// What is hashed, where it lies in one piece: 0x00 and a record that holds its content.
  std::string_view leaf;
};
/// The hash of its leaf, by the content that is there.
[[nodiscard]] base::Sha256 leaf_hash_of(const StoredEntry& entry);

/// The 12 random bytes of a file by which its frames are told from whatever entries hold.
using Marker = std::array<char, 12>;

inline constexpr std::size_t kFrameHeaderBytes = 68;
inline constexpr std::size_t kFrameFieldBytes = 36;      ///< Of these, what stands before the digest.
inline constexpr std::uint32_t kFrameMark = 0xFFFFFFFF;  ///< Stands where the length of an entry would.
inline constexpr std::size_t kLengthBytes = 4;           ///< Of the length before each entry.
inline constexpr std::size_t kRecordHeadBytes = 18;      ///< 0x00, version, received, length of the key.
inline constexpr std::size_t kContentDigestBytes = 40;   ///< Length and digest of the content, in version 2.
inline constexpr std::uint64_t kMaxEntryBytes =
    kRecordHeadBytes + kMaxKeyBytes + kContentDigestBytes + kMaxContentBytes;

/// The number in the first `count` bytes.
[[nodiscard]] std::uint64_t big_endian(std::string_view bytes, std::size_t count);
/// Puts a number behind `out`, in as many bytes as its type has.
void put_big_endian(std::string& out, std::uint16_t number);
void put_big_endian(std::string& out, std::uint32_t number);
void put_big_endian(std::string& out, std::uint64_t number);
/// Takes what follows the length of an entry apart, but for index and place. False where that is not how an entry
/// looks.
bool take_apart(std::string_view bytes, StoredEntry& out);

}  // namespace ledger
