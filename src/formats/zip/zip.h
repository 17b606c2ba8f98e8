#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_cursor.h"
#include "formats/compressed/compressed.h"

/// Zip archives as every reader might see them: by the central directory, and by the local headers.
/// Source: PKWARE APPNOTE 6.3.10.
namespace formats::zip {

struct Limits {
  std::uint64_t max_entries = 200'000;         ///< Directories that cost more than the file.
  std::uint64_t max_name_bytes = 4096;         ///< Names made to exhaust memory.
  std::uint64_t max_ratio = 1100;              ///< Deflate cannot do better than 1,032; more is a lie in the header.
  std::uint64_t max_total_bytes = 4ULL << 30;  ///< Unpacked, over all members; only counts where it is 200 times the
                                               ///< file as well.
};

/// One member as one reader sees it.
struct Entry {
  std::string name;  ///< As written, any bytes.
  std::uint16_t flags = 0;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflate.
  std::uint32_t crc = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t header_offset = 0;     ///< Of the local header.
  std::uint64_t data_offset = 0;       ///< Of the packed data; 0 where there is no local header.
  std::uint32_t attributes = 0;        ///< External attributes; Unix mode in the upper half.
  std::uint64_t descriptor_bytes = 0;  ///< Length of the data descriptor behind the data.
  bool listed = true;                  ///< False for what only the local headers, or another directory, tell.

  [[nodiscard]] bool encrypted() const { return (flags & 0x2041U) != 0; }
  [[nodiscard]] bool is_directory() const { return name.ends_with('/'); }
  [[nodiscard]] bool is_symlink() const { return (attributes >> 28) == 0xA; }
};

/// What readers of the archive may disagree about, or must not trust.
enum class IssueKind : std::uint8_t {
  no_directory,    ///< No end record, or a directory that cannot be read.
  several_ends,    ///< More than one end record or directory that fits.
  duplicate_name,  ///< Two members of one name and different content.
  same_member,     ///< Two members whose names differ by case, separator or "./" only, or whose checksums agree.
  name_differs,    ///< Between directory and local header.
  size_differs,
  method_differs,
  flags_differ,  ///< Encryption claimed in one place only.
  crc_differs,
  no_local_header,  ///< The directory points where there is none.
  unlisted_member,  ///< A local header that the directory does not list.
  overlap,          ///< Two members share bytes.
  disk_numbers,     ///< Parts of an archive of several disks, or numbers that claim so.
  total_size,       ///< All members together unpack to far more than the file can hold.
  leading_bytes,    ///< Before the first member.
  gap,              ///< Between members.
  trailing_bytes,   ///< After the end record.
  encrypted,
  traversal,  ///< A name that leads out of the folder, or is absolute.
  symlink,
  impossible_ratio,
  limit,  ///< A limit of ours; the rest was not looked at.
};

struct Issue {
  IssueKind kind = IssueKind::gap;
  std::string entry;  ///< Name of the member concerned; may be empty.
  std::string text;   ///< "directory says 10 bytes, local header 400".
  std::uint64_t offset = 0;
};

/// Bytes that belong to no member: before, between and behind them, and the archive's comment.
struct Region {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct Archive {
  std::vector<Entry> entries;  ///< Listed ones in directory order, then what only other readers see.
  std::vector<Issue> issues;
  std::vector<Region> regions;  ///< At most 64.
  std::uint64_t end = 0;        ///< One past the end record and its comment; the file's size where there is none.
};

/// Reads every directory that some reader would take, and each local header, not the data. Never fails: what cannot be
/// read is an issue.
[[nodiscard]] Archive read(base::Bytes content, const Limits& limits = {});

/// The bytes of a member, at most `max_bytes`; encryption flags are ignored, as PyTorch's reader does. The problem is
/// unsupported for other methods, untrusted where the CRC does not match (the data is given all the same).
/// A stored member is not copied: `stored` then borrows from `content`.
struct Member {
  base::Bytes stored;
  compressed::Unpacked unpacked;
  bool is_stored = false;
  std::uint64_t unused = 0;  ///< Packed bytes behind the end of the compressed stream.
  [[nodiscard]] base::Bytes bytes() const { return is_stored ? stored : base::as_bytes(unpacked.data); }
};
[[nodiscard]] Member extract(base::Bytes content, const Entry& entry, std::uint64_t max_bytes, bool check_crc = true);

/// The CRC-32 of a member's content.
[[nodiscard]] std::uint32_t checksum(base::Bytes content);

}  // namespace formats::zip
