#pragma once

#include <cstdint>
#include <string>

#include "base/byte_cursor.h"
#include "scan/collector.h"

namespace scan {

/// How much the name of what is judged may decide where content is not certain.
enum class Trust : std::uint8_t {
  name,     ///< A file: its name helps.
  content,  ///< A member or constant: only what is certain from content.
};

/// Judges content by every format it can be read as. Returns whether any of them is one that rules know.
bool judge_content(base::Bytes bytes, const std::string& path, Trust trust, std::uint32_t depth, Collector& out);

/// Whether the name says that the file is a pickle.
[[nodiscard]] bool names_a_pickle(std::string_view path);

}  // namespace scan
