#pragma once

#include <string_view>

namespace base {

/// A file compiled into the program by cmake/embed.cmake; lives as long as the program.
struct EmbeddedFile {
  std::string_view name;  ///< Path relative to the embedded folder, with '/'.
  std::string_view content;
};

}  // namespace base
