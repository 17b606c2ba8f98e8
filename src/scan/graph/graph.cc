#include "scan/graph/graph.h"

namespace scan {
namespace {

bool judge_recognised(const Content& content, Collector& out) {
  out.format(content.format);
  out.not_covered(content.path, std::string(content.format) + ": recognised, its operators are not examined");
  return true;
}

}  // namespace

std::span<const Reading> graph_readings() {
  static constexpr Reading kReadings[] = {
      {"onnx", Need::believed, judge_onnx},
      {"tflite", Need::believed, judge_recognised},
      {"tf-savedmodel", Need::believed, judge_recognised},
      {"ggml", Need::believed, judge_recognised},
  };
  return kReadings;
}

}  // namespace scan
