#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace control {

/// Does `pattern` fit the whole of `text`? '*' stands for any run of bytes, '/' included; everything else for itself.
/// Takes time in proportion to the product of both lengths at worst.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

/// Patterns one of which must fit. Without a value everything is allowed; an empty list allows nothing.
using AllowList = std::optional<std::vector<std::string>>;
[[nodiscard]] bool allows(const AllowList& list, std::string_view name);

/// What somebody may use.
struct Permissions {
  AllowList models;
  AllowList tools;
  AllowList routes;
};

}  // namespace control
