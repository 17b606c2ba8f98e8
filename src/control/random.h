#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace control {

/// `count` bytes of the system's random numbers, fit for keys. Fails with io.
base::Result<std::string> random_bytes(std::size_t count);
/// `bytes` random bytes as lower-case hexadecimal digits. Fails with io.
base::Result<std::string> random_name(std::size_t bytes);

/// Base64 with the alphabet for URLs, without padding (RFC 4648, section 5).
[[nodiscard]] std::string to_base64url(std::string_view bytes);
/// The opposite. Fails with malformed on anything else, padding included, and on bits left over that are not zero.
base::Result<std::string> from_base64url(std::string_view text);

}  // namespace control
