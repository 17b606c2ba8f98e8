#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// safetensors, GGUF and its forerunners, NumPy arrays.
[[nodiscard]] std::span<const Reading> weights_readings();

/// model.safetensors.index.json and its like: where the tensors of a model in several files lie.
void judge_weight_index(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
