#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// Graphs of operators: ONNX, TensorFlow, TensorFlow Lite, Core ML and their like.
[[nodiscard]] std::span<const Reading> graph_readings();

bool judge_onnx(const Content& content, Collector& out);
bool judge_ort(const Content& content, Collector& out);
bool judge_tensorflow(const Content& content, Collector& out);
bool judge_network(const Content& content, Collector& out);
bool judge_compiled(const Content& content, Collector& out);
bool judge_tflite(const Content& content, Collector& out);

/// An operator of TensorFlow in a TensorFlow Lite model: its options hold the node as TensorFlow knows it.
void judge_flex(std::string_view name, base::Bytes options, const std::string& path, std::uint32_t depth,
                Collector& out);
void judge_tensorflow_node(base::Bytes node, const std::string& path, std::uint32_t depth, Collector& out);

/// The same for an operator of which only the name is known.
void judge_tensorflow_operator(std::string_view op, const std::string& path, std::uint32_t depth, Collector& out);

}  // namespace scan
