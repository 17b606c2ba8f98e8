#pragma once

#include <span>
#include <string>
#include <string_view>

namespace guard {

/// A way in which attackers hide words from filters while a model still reads them. Used to measure the guard.
struct Obfuscation {
  std::string_view name;
  std::string (*apply)(std::string_view text);
};
[[nodiscard]] std::span<const Obfuscation> obfuscations();

}  // namespace guard
