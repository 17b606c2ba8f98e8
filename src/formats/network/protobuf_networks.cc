#include <algorithm>
#include <memory>

#include "formats/coreml/schema.h"
#include "formats/network/network.h"
#include "formats/protobuf/text.h"

namespace formats::network {
namespace {

using protobuf::FieldSpec;
using protobuf::Found;
using protobuf::Kind;

constexpr std::size_t kMaxParts = 5'000'000;

std::string text_of(const Found& found) {
  return std::string(base::as_text(found.content.bytes));
}

class Gatherer : public protobuf::Handler {
 public:
  explicit Gatherer(Network& network) : network_(network) {}
  bool enter(const Found& /*found*/) override { return true; }
  void leave(const FieldSpec& /*field*/) override {}
  void unknown(const Found& /*found*/) override {}

 protected:
  bool room() {
    if (network_.layers.size() + network_.files.size() + network_.texts.size() < kMaxParts) {
      return true;
    }
    network_.cut = true;
    return false;
  }
  void layer(std::string type, std::string name, std::uint64_t offset) {
    if (room()) {
      network_.layers.push_back({std::move(type), std::move(name), {}, offset});
    }
  }
  void file(std::string what, std::string path, std::uint64_t offset) {
    if (room()) {
      network_.files.push_back({std::move(what), std::move(path), offset});
    }
  }
  void text(std::string what, std::string value, std::uint64_t offset) {
    if (!value.empty() && room()) {
      network_.texts.push_back({std::move(what), std::move(value), offset});
    }
  }
  Network& network_;
};

// ---- Core ML

class CoremlGatherer final : public Gatherer {
 public:
  using Gatherer::Gatherer;
  bool enter(const Found& found) override {
    if (found.field->message == coreml::kSerializedModel) {
      network_.opaque.emplace_back("a serialised model");
    }
    if (found.field->message == coreml::kStringParameter) {
      parameter_ = found.field->name;
    }
    return found.field->message != coreml::kWeightParams;
  }
  void value(const Found& found) override {
    const std::string_view name = found.field->name;
    switch (found.message) {
      case coreml::kCustomModel:
      case coreml::kCustomLayerParams:
        if (name == "className") {
          layer(found.message == coreml::kCustomModel ? "custom model" : "custom layer", text_of(found),
                found.content.offset);
        } else if (name == "description") {
          text("description", text_of(found), found.content.offset);
        }
        break;
      case coreml::kCustomLayerParamsCustomLayerParamValue:
      case coreml::kCustomModelCustomModelParamValue:
        if (found.field->kind == Kind::text) {
          text("parameter of a custom layer", text_of(found), found.content.offset);
        }
        break;
      case coreml::kStringParameter:
        file(parameter_ == "linkedModelSearchPath" ? "search path" : "linked model", text_of(found),
             found.content.offset);
        break;
      case coreml::kValueBlobFileValue:
        if (name == "fileName") {
          file("weights", text_of(found), found.content.offset);
        }
        break;
      case coreml::kOperation:
        if (name == "type") {
          layer("operation", text_of(found), found.content.offset);
        }
        break;
      case coreml::kMetadata:
        text(std::string(name), text_of(found), found.content.offset);
        break;
      case coreml::kMetadataUserDefinedEntry:
        text("userDefined", text_of(found), found.content.offset);
        break;
      case coreml::kModelDescription:
      case coreml::kFeatureDescription:
        if (found.field->kind == Kind::text && name == "shortDescription") {
          text("description", text_of(found), found.content.offset);
        }
        break;
      case coreml::kTensorValueRepeatedStrings:
        text("constant", text_of(found), found.content.offset);
        break;
      default:
        break;
    }
  }

 private:
  std::string_view parameter_;
};

// ---- PaddlePaddle: ProgramDesc

enum Paddle : std::uint16_t { kProgram, kPaddleBlock, kOpDesc, kAttr, kOpVersion };
constexpr FieldSpec kProgramFields[] = {{"blocks", 1, Kind::message, true, kPaddleBlock, 0},
                                        {"version", 4, Kind::text, false, 0, 0},
                                        {"op_version_map", 5, Kind::text, false, 0, 0}};
constexpr FieldSpec kPaddleBlockFields[] = {{"idx", 1, Kind::varint, false, 0, 0},
                                            {"parent_idx", 2, Kind::varint, false, 0, 0},
                                            {"vars", 3, Kind::text, true, 0, 0},
                                            {"ops", 4, Kind::message, true, kOpDesc, 0},
                                            {"forward_block_idx", 5, Kind::varint, false, 0, 0}};
constexpr FieldSpec kOpDescFields[] = {{"inputs", 1, Kind::text, true, 0, 0},
                                       {"outputs", 2, Kind::text, true, 0, 0},
                                       {"type", 3, Kind::text, false, 0, 0},
                                       {"attrs", 4, Kind::message, true, kAttr, 0},
                                       {"is_target", 5, Kind::varint, false, 0, 0}};
constexpr FieldSpec kAttrFields[] = {{"name", 1, Kind::text, false, 0, 0},
                                     {"type", 2, Kind::varint, false, 0, 0},
                                     {"s", 5, Kind::text, false, 0, 0},
                                     {"strings", 8, Kind::text, true, 0, 0}};
constexpr protobuf::MessageSpec kPaddleMessages[] = {{"ProgramDesc", kProgramFields},
                                                     {"BlockDesc", kPaddleBlockFields},
                                                     {"OpDesc", kOpDescFields},
                                                     {"OpDesc.Attr", kAttrFields}};

class PaddleGatherer final : public Gatherer {
 public:
  using Gatherer::Gatherer;
  bool enter(const Found& found) override {
    if (found.field->message == kOpDesc) {
      layer({}, {}, found.content.offset);
    }
    return true;
  }
  void value(const Found& found) override {
    if (network_.layers.empty()) {
      return;
    }
    Layer& last = network_.layers.back();
    if (found.message == kOpDesc && found.field->number == 3) {
      last.type = text_of(found);
    } else if (found.message == kAttr && found.field->number == 1) {
      key_ = text_of(found);
    } else if (found.message == kAttr && found.field->kind == Kind::text && last.attributes.size() < 1000) {
      last.attributes.emplace_back(key_, text_of(found));
    }
  }

 private:
  std::string key_;
};

// ---- Caffe: NetParameter

enum Caffe : std::uint16_t { kNet, kOldLayer, kLayer, kPython, kSource, kOutput };
constexpr FieldSpec kNetFields[] = {{"name", 1, Kind::text, false, 0, 0},
                                    {"layers", 2, Kind::message, true, kOldLayer, 0},
                                    {"layer", 100, Kind::message, true, kLayer, 0}};
constexpr FieldSpec kOldLayerFields[] = {{"name", 4, Kind::text, false, 0, 0},
                                         {"hdf5_output_param", 14, Kind::message, false, kOutput, 0},
                                         {"data_param", 11, Kind::message, false, kSource, 0},
                                         {"hdf5_data_param", 13, Kind::message, false, kSource, 0},
                                         {"image_data_param", 15, Kind::message, false, kSource, 0},
                                         {"window_data_param", 20, Kind::message, false, kSource, 0}};
constexpr FieldSpec kLayerFields[] = {{"name", 1, Kind::text, false, 0, 0},
                                      {"type", 2, Kind::text, false, 0, 0},
                                      {"data_param", 107, Kind::message, false, kSource, 0},
                                      {"hdf5_data_param", 112, Kind::message, false, kSource, 0},
                                      {"hdf5_output_param", 113, Kind::message, false, kOutput, 0},
                                      {"image_data_param", 115, Kind::message, false, kSource, 0},
                                      {"window_data_param", 129, Kind::message, false, kSource, 0},
                                      {"python_param", 130, Kind::message, false, kPython, 0}};
constexpr FieldSpec kPythonFields[] = {{"module", 1, Kind::text, false, 0, 0},
                                       {"layer", 2, Kind::text, false, 0, 0},
                                       {"param_str", 3, Kind::text, false, 0, 0}};
constexpr FieldSpec kSourceFields[] = {{"source", 1, Kind::text, false, 0, 0}};
constexpr FieldSpec kOutputFields[] = {{"file_name", 1, Kind::text, false, 0, 0}};
constexpr FieldSpec kSortedOldLayerFields[] = {kOldLayerFields[0], kOldLayerFields[2], kOldLayerFields[3],
                                               kOldLayerFields[1], kOldLayerFields[4], kOldLayerFields[5]};
constexpr protobuf::MessageSpec kCaffeMessages[] = {
    {"NetParameter", kNetFields},     {"V1LayerParameter", kSortedOldLayerFields},
    {"LayerParameter", kLayerFields}, {"PythonParameter", kPythonFields},
    {"source", kSourceFields},        {"output", kOutputFields}};

class CaffeGatherer final : public Gatherer {
 public:
  using Gatherer::Gatherer;
  bool enter(const Found& found) override {
    const std::uint16_t message = found.field->message;
    if (message == kLayer || message == kOldLayer) {
      layer(message == kOldLayer ? "(version 1)" : "", {}, found.content.offset);
    }
    return true;
  }
  void value(const Found& found) override {
    if (network_.layers.empty()) {
      return;
    }
    Layer& last = network_.layers.back();
    switch (found.message) {
      case kOldLayer:
        last.name = text_of(found);
        break;
      case kLayer:
        (found.field->number == 1 ? last.name : last.type) = text_of(found);
        break;
      case kPython:
        last.attributes.emplace_back(std::string(found.field->name), text_of(found));
        break;
      case kSource:
        file("source", text_of(found), found.content.offset);
        break;
      case kOutput:
        file("output", text_of(found), found.content.offset);
        break;
      default:
        break;
    }
  }
};

template <class Handler>
Network gather(base::Bytes content, protobuf::Schema schema, std::uint16_t root) {
  Network network;
  Handler handler(network);
  network.report = protobuf::walk(content, schema, root, handler);
  return network;
}

}  // namespace

Network parse_coreml(base::Bytes content) {
  return gather<CoremlGatherer>(content, coreml::kSchema, coreml::kModel);
}

Network parse_paddle(base::Bytes content) {
  return gather<PaddleGatherer>(content, kPaddleMessages, kProgram);
}

Network parse_caffe(base::Bytes content) {
  return gather<CaffeGatherer>(content, kCaffeMessages, kNet);
}

base::Result<Network> parse_caffe_text(std::string_view text) {
  const auto encoded = TRY(protobuf::encode_text(text, kCaffeMessages, kNet));
  Network network = parse_caffe(base::as_bytes(encoded.wire));
  network.report.repeated_single = 0;  // of the text, names tell
  return network;
}

}  // namespace formats::network
