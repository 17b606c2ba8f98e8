#pragma once

#include <string_view>

#include "base/value.h"

namespace inventory {

/// Parses a TOML 1.0 document into a value with lines; dates become text. Fails with malformed or too_large, naming the
/// line. Uses toml++.
base::Result<base::Value> parse_toml(std::string_view text, std::uint64_t max_bytes = 4U << 20);

}  // namespace inventory
