#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace formats::tar {

/// Octal digits up to a NUL or a space, as readers take them, or GNU's base 256 where the first bit is set. Nothing
/// where other characters stand there; `lenient` where readers differ over what the field says.
struct Number {
  std::optional<std::uint64_t> value;
  bool lenient = false;
};
[[nodiscard]] Number number(std::string_view bytes);

}  // namespace formats::tar
