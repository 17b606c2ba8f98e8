#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_cursor.h"

/// Tar archives: the old dialect, ustar, GNU long names, pax paths and sizes. Source: POSIX.1-2017 pax, GNU tar manual.
namespace formats::tar {

struct Entry {
  std::string name;
  char type = '0';
  std::string link;  ///< Target of a link.
  std::uint64_t data_offset = 0;
  std::uint64_t bytes = 0;
};

struct Archive {
  std::vector<Entry> entries;
  std::string problem;  ///< Why reading ended before the end marker; empty otherwise.
  std::uint64_t problem_offset = 0;
  std::uint64_t end = 0;  ///< One past the last block read.
};

/// Reads the headers, not the data; at most `max_entries`. Never fails.
[[nodiscard]] Archive read(base::Bytes content, std::uint64_t max_entries = 200'000);

}  // namespace formats::tar
