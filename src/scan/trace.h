#pragma once

#include <string>

#include "base/byte_cursor.h"

namespace scan {

/// A disassembly of the pickles in the content, and of those in the members of a zip archive: offset, index, opcode and
/// argument of every instruction, and under it what it makes a loader do. The same bytes give the same text. At most
/// `max_lines` lines; says so where there would be more.
[[nodiscard]] std::string trace(base::Bytes content, const std::string& path, std::size_t max_lines = 1'000'000);

}  // namespace scan
