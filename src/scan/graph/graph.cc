#include "scan/graph/graph.h"

namespace scan {

std::span<const Reading> graph_readings() {
  static constexpr Reading kReadings[] = {
      {"onnx", Need::believed, judge_onnx},
      {"ort", Need::believed, judge_ort},
      {"onnx-text", Need::believed, judge_onnx},
      {"tfjs", Need::believed, judge_network},
      {"tflite", Need::believed, judge_tflite},
      {"tf-savedmodel", Need::believed, judge_tensorflow},
      {"tf-graphdef", Need::believed, judge_tensorflow},
      {"tf-metagraph", Need::believed, judge_tensorflow},
      {"tf-savedmodel-text", Need::believed, judge_tensorflow},
      {"tf-graphdef-text", Need::believed, judge_tensorflow},
      {"tf-metagraph-text", Need::believed, judge_tensorflow},
      {"keras-metadata", Need::believed, judge_tensorflow},
      {"coreml", Need::believed, judge_network},
      {"coreml-manifest", Need::believed, judge_network},
      {"coreml-weights", Need::believed, judge_network},
      {"paddle", Need::believed, judge_network},
      {"caffe", Need::believed, judge_network},
      {"caffe-text", Need::believed, judge_network},
      {"mxnet", Need::believed, judge_network},
      {"openvino", Need::believed, judge_network},
      {"ncnn", Need::believed, judge_network},
      {"torch7", Need::believed, judge_network},
      {"mnn", Need::believed, judge_network},
      {"tensorrt", Need::believed, judge_compiled},
      {"executorch", Need::believed, judge_compiled},
      {"rknn", Need::believed, judge_compiled},
      {"cntk", Need::believed, judge_compiled},
      {"tf-chunked", Need::believed, judge_compiled},
  };
  return kReadings;
}

}  // namespace scan
