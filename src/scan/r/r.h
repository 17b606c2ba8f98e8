#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// Saved objects of R.
[[nodiscard]] std::span<const Reading> r_readings();

}  // namespace scan
