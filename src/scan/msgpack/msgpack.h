#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// MessagePack as Flax writes it.
[[nodiscard]] std::span<const Reading> msgpack_readings();

}  // namespace scan
