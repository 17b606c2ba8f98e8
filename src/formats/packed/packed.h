#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_cursor.h"

/// Archives that libarchive reads for us: 7z, RAR (4 and 5), CAB, ISO 9660, cpio, ar, xar, LHA. All in memory; nothing
/// is written. docs/decisions/0010 says what the library is trusted with.
namespace formats::packed {

struct Limits {
  std::uint64_t max_members = 100'000;   ///< Directories that cost more than the file.
  std::uint64_t max_bytes = 1ULL << 30;  ///< Unpacked, over all members.
  std::uint64_t max_ratio = 20'000;      ///< Unpacked over packed bytes, beyond the first 100 MiB.
  std::uint32_t max_seconds = 60;        ///< Of processor time; decoders that crawl.
  std::uint64_t max_name_bytes = 4096;   ///< Names made to exhaust memory.
};

enum class Type : std::uint8_t { file, directory, link, hard_link, special };

/// One member as libarchive sees it.
struct Member {
  std::string name;
  Type type = Type::file;
  std::string link;  ///< Target of a link.
  bool encrypted = false;
  std::string data;                    ///< The head only, where the visitor did not want the whole.
  std::optional<base::Error> problem;  ///< Why `data` is not all: truncated, malformed, too_large, unsupported.
};

/// How the reading of the whole archive ended.
struct Outcome {
  std::uint64_t members = 0;
  std::uint64_t bytes = 0;             ///< Unpacked.
  bool encrypted = false;              ///< Members or the directory are encrypted.
  std::optional<base::Error> problem;  ///< Why there may be more than was visited.
};

/// Whether the whole of a member that begins with `head` is wanted.
using Wants = std::function<bool(std::string_view name, base::Bytes head)>;
using Visit = std::function<void(const Member& member)>;

/// Whether identify()'s name for a format is one that read() knows.
[[nodiscard]] bool knows(std::string_view format);

/// Where a 7z archive begins behind a program that unpacks itself, or other bytes: the first MiB is searched, as 7-Zip
/// does. The header's checksum must match.
[[nodiscard]] std::optional<std::size_t> find_7z(base::Bytes content);

/// Visits the members in the archive's order. Never fails otherwise than by the outcome's problem. Thread-safe.
[[nodiscard]] Outcome read(base::Bytes content, const Limits& limits, const Wants& wants, const Visit& visit);

}  // namespace formats::packed
