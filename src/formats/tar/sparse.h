#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/tar/tar.h"

/// The maps of sparse files in tar archives: which bytes of a file its member holds; what lies between reads as zeros.
/// Source: GNU tar manual, "Storing Sparse Files".
namespace formats::tar {

inline constexpr std::size_t kMaxExtents = 1U << 20;  ///< Of one file; a map of more is not read.

/// Reads pairs of 12-byte numbers, up to the first that is empty, as GNU's headers have them.
void add_extents(std::string_view pairs, SparseMap& map);
/// Reads "OFFSET,BYTES,OFFSET,BYTES", as pax records have them.
void add_extents_of_list(std::string_view list, SparseMap& map);
/// Reads the map that stands before the data of pax's format 1.0, and moves the member's data behind it.
void take_map_before_data(base::Bytes content, Entry& entry);

/// The file that a sparse member stands for. None where its map is not whole, leads beyond the member or the file's
/// size, goes backwards, or makes more than `max_bytes`.
[[nodiscard]] std::optional<std::string> fill(const Entry& entry, base::Bytes content, std::uint64_t max_bytes);

}  // namespace formats::tar
