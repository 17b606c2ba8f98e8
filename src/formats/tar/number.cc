#include "formats/tar/number.h"

#include <algorithm>

namespace formats::tar {

Number number(std::string_view bytes) {
  Number out;
  if (!bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      if (value >> 55 != 0) {
        return out;  // negative, or beyond any file
      }
      value = value << 8 | (i == 0 ? byte & 0x7FU : byte);
    }
    out.value = value;
    return out;
  }
  const std::size_t begin = bytes.find_first_not_of(' ');
  if (begin == std::string_view::npos) {
    out.value = 0;
    return out;
  }
  std::uint64_t value = 0;
  std::size_t i = begin;
  for (; i < bytes.size() && bytes[i] >= '0' && bytes[i] <= '7'; ++i) {
    if (value >> 58 != 0) {
      return out;
    }
    value = value << 3 | static_cast<std::uint64_t>(bytes[i] - '0');
  }
  if (i < bytes.size() && bytes[i] != '\0' && bytes[i] != ' ') {
    return out;
  }
  out.value = value;
  // Some readers stop at the first NUL or space, others go over it.
  const std::string_view rest = bytes.substr(i);
  out.lenient = std::any_of(rest.begin(), rest.end(), [](char c) { return c != '\0' && c != ' '; });
  return out;
}

}  // namespace formats::tar
