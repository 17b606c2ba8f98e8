#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// Graphs of operators: ONNX, TensorFlow.
[[nodiscard]] std::span<const Reading> graph_readings();

bool judge_onnx(const Content& content, Collector& out);

}  // namespace scan
