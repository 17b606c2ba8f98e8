#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace evidence {

/// The first 16 hexadecimal digits of SHA-256 over the fields, each preceded by its length as a big-endian 64-bit
/// number: the ids of assets, findings and events.
[[nodiscard]] std::string short_digest(std::initializer_list<std::string_view> fields);

}  // namespace evidence
