#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// safetensors, GGUF, NumPy arrays.
[[nodiscard]] std::span<const Reading> weights_readings();

}  // namespace scan
