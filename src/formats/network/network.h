#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "formats/protobuf/wire.h"

/// Networks that are described as a list of layers, whatever the framework. Only what may lead to code, files or wrong
/// memory is kept; weights are skipped.
namespace formats::network {

struct Layer {
  std::string type;
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Those of text.
  std::uint64_t offset = 0;
};

/// A file that the network takes something from.
struct File {
  std::string what;  ///< "weights", "linked model", "source".
  std::string path;
  std::uint64_t offset = 0;
};

struct Text {
  std::string what;
  std::string value;
  std::uint64_t offset = 0;
};

/// Where the file contradicts itself.
struct Defect {
  std::string text;
  std::uint64_t offset = 0;
};

struct Network {
  std::vector<Layer> layers;
  std::vector<File> files;
  std::vector<Text> texts;
  std::vector<Defect> defects;      ///< At most 100.
  std::vector<std::string> opaque;  ///< Parts that only their maker can read.
  bool cut = false;                 ///< A limit was reached.
  protobuf::Report report;
};

/// Core ML's .mlmodel. Source: apple/coremltools, mlmodel/format/{Model,NeuralNetwork,MIL}.proto.
[[nodiscard]] Network parse_coreml(base::Bytes content);
/// The Manifest.json of a Core ML package (.mlpackage).
base::Result<Network> parse_mlpackage_manifest(std::string_view text);
/// PaddlePaddle's .pdmodel. Source: PaddlePaddle/Paddle, paddle/fluid/framework/framework.proto (ProgramDesc).
[[nodiscard]] Network parse_paddle(base::Bytes content);
/// Caffe's .caffemodel and .prototxt. Source: BVLC/caffe, src/caffe/proto/caffe.proto (NetParameter).
[[nodiscard]] Network parse_caffe(base::Bytes content);
base::Result<Network> parse_caffe_text(std::string_view text);
/// MXNet's symbol (JSON). Source: apache/mxnet, nnvm's SaveJSON.
base::Result<Network> parse_mxnet(std::string_view text);
/// OpenVINO's IR (XML). Source: docs.openvino.ai, "OpenVINO IR format".
base::Result<Network> parse_openvino(std::string_view text);
/// TensorFlow.js' model.json, graphs and layers. Source: tensorflow/tfjs, tfjs-core/src/io/types.ts (ModelJSON).
base::Result<Network> parse_tfjs(std::string_view text);
/// ncnn's .param. Source: Tencent/ncnn, docs/developer-guide/param-and-model-file-structure.md.
base::Result<Network> parse_ncnn(std::string_view text);
/// Torch 7's .t7, binary. Functions come as layers of type "function". Source: torch/torch7, File.lua and
/// doc/serialization.md.
base::Result<Network> parse_torch7(base::Bytes content);
/// MNN's model, a FlatBuffer without identifier. Only operators that are code come as layers. Source: alibaba/MNN,
/// schema/default/MNN.fbs (Net).
base::Result<Network> parse_mnn(base::Bytes content);
/// Whether the root table has the operators and tensor names of an MNN model.
[[nodiscard]] bool is_mnn(base::Bytes content);
/// The weights of an ML program (weight.bin of a package). Source: coremltools, MILBlob/Blob/StorageFormat.hpp.
base::Result<Network> parse_coreml_weights(base::Bytes content);

}  // namespace formats::network
