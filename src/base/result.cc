#include "base/result.h"

namespace base {

std::string Error::text() const {
  std::string out = file;
  if (!out.empty()) {
    if (line != 0) {
      out += ":" + std::to_string(line);
    } else if (offset != 0) {
      out += ": at byte " + std::to_string(offset);
    }
    out += ": ";
  }
  return out + message;
}

Error Error::in_file(std::string_view path) && {
  if (file.empty()) {
    file = path;
  }
  return std::move(*this);
}

}  // namespace base
