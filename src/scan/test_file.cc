#include "scan/test_file.h"

#include <string>

#include "base/text.h"

namespace scan {

bool is_test_file(std::string_view path) {
  const std::string lower = base::to_lower(path);
  const std::string_view name = std::string_view(lower).substr(lower.find_last_of("/!") + 1);  // npos + 1 is 0
  return name.starts_with("test_") || name == "conftest.py" || name.find("_test.") != std::string_view::npos ||
         name.find(".test.") != std::string_view::npos || name.find(".spec.") != std::string_view::npos ||
         lower.starts_with("tests/") || lower.find("/tests/") != std::string::npos ||
         lower.find("!tests/") != std::string::npos;
}

}  // namespace scan
