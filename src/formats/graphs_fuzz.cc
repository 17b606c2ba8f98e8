#include <cstdlib>

#include "formats/identify_graph.h"
#include "formats/network/network.h"
#include "formats/onnx/onnx.h"
#include "formats/tensorflow/tensorflow.h"
#include "formats/tflite/tflite.h"

// Whatever the bytes, each parser of graphs ends, and what it says lies within them; a model whose walk was complete is
// the same when read again.
namespace {

std::string_view g_input;

void check(std::string_view view) {
  if (!view.empty() && (view.data() < g_input.data() || view.data() + view.size() > g_input.data() + g_input.size())) {
    std::abort();
  }
}

void read_onnx(base::Bytes bytes) {
  const auto model = formats::onnx::parse(bytes);
  for (const auto& node : model.nodes) {
    check(node.op_type);
    check(node.domain);
  }
  for (const auto& tensor : model.tensors) {
    check(base::as_text(tensor.raw_head));
    if (tensor.raw_bytes > bytes.size()) {
      std::abort();
    }
  }
  if (const auto ort = formats::onnx::parse_ort(bytes)) {
    for (const auto& node : ort->nodes) {
      check(node.op_type);
    }
  }
}

void read_tensorflow(base::Bytes bytes) {
  using formats::tensorflow::Root;
  for (const Root root : {Root::saved_model, Root::meta_graph, Root::graph_def, Root::node_def, Root::keras_metadata}) {
    const auto model = formats::tensorflow::parse(bytes, root);
    for (const auto& node : model.nodes) {
      check(node.op);
      for (const auto& attribute : node.attributes) {
        for (const std::string_view text : attribute.texts) {
          check(text);
        }
      }
      if (node.function != formats::tensorflow::kNoFunction && node.function >= model.functions.size()) {
        std::abort();
      }
    }
  }
  static_cast<void>(formats::tensorflow::encode(base::as_text(bytes), Root::graph_def));
}

void read_tflite(base::Bytes bytes) {
  const auto model = formats::tflite::parse(bytes);
  if (!model) {
    return;
  }
  for (const auto& use : model->customs) {
    check(base::as_text(use.options));
    if (use.code >= model->codes.size()) {
      std::abort();
    }
  }
}

void read_networks(base::Bytes bytes) {
  namespace network = formats::network;
  const std::string_view text = base::as_text(bytes);
  static_cast<void>(network::parse_coreml(bytes));
  static_cast<void>(network::parse_paddle(bytes));
  static_cast<void>(network::parse_caffe(bytes));
  static_cast<void>(network::parse_caffe_text(text));
  static_cast<void>(network::parse_coreml_weights(bytes));
  static_cast<void>(network::parse_mlpackage_manifest(text));
  static_cast<void>(network::parse_mxnet(text));
  static_cast<void>(network::parse_openvino(text));
  static_cast<void>(network::parse_ncnn(text));
  static_cast<void>(network::parse_torch7(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes{reinterpret_cast<const std::byte*>(data), size};
  g_input = base::as_text(bytes);
  read_onnx(bytes);
  read_tensorflow(bytes);
  read_tflite(bytes);
  read_networks(bytes);
  std::vector<formats::Identified> out;
  formats::identify_graph(bytes, "", out);
  return 0;
}
