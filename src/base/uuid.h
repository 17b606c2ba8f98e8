#pragma once

#include <string>
#include <string_view>

namespace base {

/// The UUID of version 5 (RFC 9562, section 5.5) of `name` in the name space `space`: equal names give equal UUIDs.
/// `space` is a UUID as text, such as kUrlNameSpace; anything else is a bug in the caller (assert).
[[nodiscard]] std::string uuid_v5(std::string_view space, std::string_view name);

inline constexpr std::string_view kUrlNameSpace = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";  ///< RFC 9562, section 6.6.

}  // namespace base
