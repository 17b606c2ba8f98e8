#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_cursor.h"

/// Tar archives: the old dialect, ustar, GNU long names, sparse files and numbers in base 256, pax records. Where
/// readers go on at different places (a size that a pax record and the header state differently, data behind a
/// directory, a lone block of zeros, a header whose sum does not match), each continuation is read. Source:
/// POSIX.1-2017 pax, GNU tar manual, Python's tarfile.
namespace formats::tar {

/// A piece of a sparse file that is not a hole.
struct Extent {
  std::uint64_t offset = 0;  ///< In the file, as it is unpacked.
  std::uint64_t bytes = 0;
};
/// What the data of a sparse file's member are; as it is written, so that only fill() (sparse.h) may believe it.
struct SparseMap {
  std::vector<Extent> extents;
  std::optional<std::uint64_t> file_bytes;  ///< With its holes.
  bool broken = false;                      ///< Not read in full.
};

struct Entry {
  std::string name;
  char type = '0';
  std::string link;  ///< Target of a link.
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t bytes = 0;
  bool sparse = false;  ///< The data is that between holes; the map says where it goes.
  SparseMap map;
  bool main_view = true;  ///< False for what only some readers see.

  /// Readers take types that they do not know for files.
  [[nodiscard]] bool is_file() const { return type < '1' || type > '6'; }
  [[nodiscard]] bool is_link() const { return type == '1' || type == '2'; }
  [[nodiscard]] bool is_device() const { return type == '3' || type == '4' || type == '6'; }
};

/// A place from which readers see different archives.
struct Ambiguity {
  std::string text;  ///< "size: 10 in the header, 2000 in the pax record".
  std::string entry;
  std::uint64_t offset = 0;
};

struct Archive {
  std::vector<Entry> entries;
  std::vector<Ambiguity> ambiguities;
  std::string problem;  ///< Why reading ended before the end marker; empty otherwise.
  std::uint64_t problem_offset = 0;
  std::uint64_t end = 0;  ///< One past the last block read, by the usual reader.
};

/// Reads the headers, not the data; at most `max_entries`. Never fails.
[[nodiscard]] Archive read(base::Bytes content, std::uint64_t max_entries = 200'000);

}  // namespace formats::tar
