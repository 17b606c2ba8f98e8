#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// Small files that describe a model and name the code that loads it: adapters, MLflow, Spark ML,
/// sentence-transformers.
[[nodiscard]] std::span<const Reading> package_readings();

}  // namespace scan
