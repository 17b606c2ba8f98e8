#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// HDF5 files, Keras models among them.
[[nodiscard]] std::span<const Reading> keras_readings();

/// The configuration of a Keras model (JSON).
void judge_keras_config(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
