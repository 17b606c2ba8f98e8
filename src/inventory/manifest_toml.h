#pragma once

#include <string_view>

#include "base/value.h"

namespace inventory {

/// Parses a TOML 1.0 document into a value with lines. Lenient where that changes no meaning: dates are text, and so is
/// what is no value. Fails with malformed or too_large, naming the line. Linear but for the number of keys in one
/// table, which is limited.
base::Result<base::Value> parse_toml(std::string_view text, std::uint64_t max_bytes = 4U << 20);

}  // namespace inventory
