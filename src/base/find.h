#pragma once

#include <cstring>
#include <string_view>

namespace base {

/// Whether `word` stands somewhere in `text`. string_view::find() tries each place of the first byte, which is slow
/// where that is a quote or a blank; this is not.
[[nodiscard]] inline bool contains(std::string_view text, std::string_view word) {
  return word.empty() ||
         (word.size() <= text.size() && ::memmem(text.data(), text.size(), word.data(), word.size()) != nullptr);
}

}  // namespace base
