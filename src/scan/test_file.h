#pragma once

#include <string_view>

namespace scan {

/// Whether the file, or the member of an archive, is a test by its own name or by a folder "tests" above it. Not by any
/// other folder: who scans /srv/test/… means it.
[[nodiscard]] bool is_test_file(std::string_view path);

}  // namespace scan
