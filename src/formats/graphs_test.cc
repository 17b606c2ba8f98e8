#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "formats/identify.h"
#include "formats/network/network.h"
#include "formats/onnx/onnx.h"
#include "formats/onnx/schema.h"
#include "formats/protobuf/text.h"
#include "formats/tensorflow/tensorflow.h"
#include "formats/tflite/tflite.h"

namespace formats {
namespace {

using namespace std::string_literals;

std::string sample(std::string_view name) {
  std::ifstream in(std::string(PROJECT_DIR) + "/tests/corpus/" + std::string(name), std::ios::binary);
  std::string out{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(out.empty()) << name;
  return out;
}

/// Counts what a walk tells.
class Counter final : public protobuf::Handler {
 public:
  bool enter(const protobuf::Found& /*found*/) override {
    ++messages;
    return true;
  }
  void leave(const protobuf::FieldSpec& /*field*/) override { ++left; }
  void value(const protobuf::Found& found) override {
    ++values;
    protobuf::for_each_varint(found, [&](std::uint64_t number) { sum += found.field->number == 1 ? number : 0; });
  }
  void unknown(const protobuf::Found& /*found*/) override { ++unknowns; }
  int messages = 0;
  int left = 0;
  int values = 0;
  int unknowns = 0;
  std::uint64_t sum = 0;
};

protobuf::Report walk(std::string_view bytes, Counter& counter, std::uint16_t root = onnx::kTensorProto) {
  return protobuf::walk(base::as_bytes(bytes), onnx::kSchema, root, counter);
}

TEST(Wire, ReadsPackedNumbersAsSingleOnes) {
  Counter packed;
  EXPECT_TRUE(walk("\x0a\x03\x01\x02\x03", packed).complete());
  Counter single;
  EXPECT_TRUE(walk("\x08\x01\x08\x02\x08\x03", single).complete());
  EXPECT_EQ(packed.sum, 6U);
  EXPECT_EQ(single.sum, 6U);
}

TEST(Wire, TellsWhatOnlyStandsOnceWhenItStandsTwice) {
  Counter counter;
  const auto report = walk("\x42\x01"s + "a" + "\x42\x01" + "b", counter);
  EXPECT_EQ(report.repeated_single, 1U);
  EXPECT_EQ(report.repeated_name, "TensorProto.name");
  EXPECT_EQ(report.repeated_offset, 5U);
}

TEST(Wire, SkipsGroupsAndRefusesThoseThatDoNotEnd) {
  Counter counter;
  EXPECT_TRUE(walk("\xa3\x06\xab\x06\x08\x01\xac\x06\xa4\x06\x10\x01"s, counter).complete());
  EXPECT_EQ(counter.unknowns, 1);
  EXPECT_EQ(counter.values, 1);
  Counter other;
  EXPECT_FALSE(walk("\xa3\x06\x08\x01"s, other).complete());
  EXPECT_FALSE(walk("\xa3\x06\xac\x06"s, other).complete());
}

TEST(Wire, TellsOverlongNumbers) {
  Counter counter;
  const auto report = walk("\x90\x80\x00\x01"s, counter);
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.overlong, 1U);
  EXPECT_FALSE(walk("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, counter).complete());
}

TEST(Wire, RefusesLengthsBeyondTheMessage) {
  Counter counter;
  EXPECT_EQ(walk("\x4a\xff\xff\xff\xff\x0f"s, counter).problem->code, base::Errc::truncated);
  EXPECT_EQ(walk("\x00\x01"s, counter).problem->code, base::Errc::malformed);
  EXPECT_EQ(walk("\x0f\x01"s, counter).problem->code, base::Errc::malformed);
}

TEST(Wire, StopsAtTheDepthOfOtherReaders) {
  std::string type;
  for (int i = 0; i < 100 && type.size() < 100; ++i) {
    type = "\x22"s + static_cast<char>(type.size() + 2) + "\x0a"s + static_cast<char>(type.size()) + type;
  }
  Counter counter;
  const auto report = protobuf::walk(base::as_bytes(type), onnx::kSchema, onnx::kTypeProto, counter, {.max_depth = 10});
  ASSERT_FALSE(report.complete());
  EXPECT_EQ(report.problem->code, base::Errc::too_large);
}

TEST(TextFormat, GivesTheBytesOfTheBinaryEncoding) {
  const auto encoded = protobuf::encode_text(
      "name: 'a' \"b\\x63\" # text\n dims: [1, -1] external_data { key: \"k\" } external_data < value: 'v' >; "
      "data_type: 0x10",
      onnx::kSchema, onnx::kTensorProto);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->wire,
            "\x42\x03"
            "abc\x08\x01\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x6a\x03\x0a\x01k\x6a\x03\x12\x01v\x10\x10"s);
  const auto list = protobuf::encode_text("external_data: [{key: 'a'}, {key: 'b'}]", onnx::kSchema, onnx::kTensorProto);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->wire,
            "\x6a\x03\x0a\x01"
            "a\x6a\x03\x0a\x01"
            "b"s);
  for (const std::string_view bad :
       {"name: 'a", "external_data {", "}", "name", "dims: [1", "name 'a'", "external_data: [{key: 'a'} x"}) {
    EXPECT_FALSE(protobuf::encode_text(bad, onnx::kSchema, onnx::kTensorProto)) << bad;
  }
}

TEST(Onnx, DescribesGraphsFunctionsAndTensorsWithoutTheirData) {
  const std::string file = sample("onnx/malicious/external_in_branch.onnx");
  const auto model = onnx::parse(base::as_bytes(file));
  EXPECT_TRUE(model.report.complete());
  EXPECT_EQ(model.graphs, 3U);
  ASSERT_EQ(model.tensors.size(), 1U);
  EXPECT_TRUE(model.tensors[0].is_external);
  ASSERT_EQ(model.tensors[0].external.size(), 1U);
  EXPECT_EQ(model.tensors[0].external[0].value, "../up.bin");
}

TEST(Onnx, SurvivesEveryTruncation) {
  const std::string file = sample("onnx/benign/torch_lib_functions.onnx");
  ASSERT_TRUE(onnx::parse(base::as_bytes(file)).report.complete());
  int complete = 0;
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    complete += onnx::parse(base::as_bytes(std::string_view(file).substr(0, kept))).report.complete() ? 1 : 0;
  }
  EXPECT_LT(complete, 12);  // between two fields of the top
}

TEST(Tensorflow, DescribesNodesAndFunctions) {
  const std::string file = sample("tensorflow/malicious/read_file_by_argument/saved_model.pb");
  const auto model = tensorflow::parse(base::as_bytes(file), tensorflow::Root::saved_model);
  EXPECT_TRUE(model.report.complete());
  ASSERT_EQ(model.functions.size(), 1U);
  EXPECT_EQ(model.functions[0].name, "f");
  ASSERT_EQ(model.functions[0].arguments.size(), 1U);
  const auto read =
      std::find_if(model.nodes.begin(), model.nodes.end(), [](const auto& n) { return n.op == "ReadFile"; });
  ASSERT_NE(read, model.nodes.end());
  EXPECT_EQ(read->function, 0U);
}

TEST(Tflite, RefusesEveryTruncationOrSeesTheDefect) {
  const std::string file = sample("tflite/benign/plain.tflite");
  const auto whole = tflite::parse(base::as_bytes(file));
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->defects.empty());
  EXPECT_EQ(whole->operators, 1U);
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    EXPECT_FALSE(tflite::parse(base::as_bytes(std::string_view(file).substr(0, kept)))) << kept;
  }
}

TEST(Torch7, RefusesEveryTruncation) {
  const std::string file = sample("networks/benign/torch7.t7");
  ASSERT_TRUE(network::parse_torch7(base::as_bytes(file)));
  for (std::size_t kept = 0; kept < file.size(); ++kept) {
    EXPECT_FALSE(network::parse_torch7(base::as_bytes(std::string_view(file).substr(0, kept)))) << kept;
  }
}

TEST(IdentifyGraph, KnowsGraphsByContentAlone) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"onnx/benign/relu.onnx", "onnx"},
      {"tensorflow/benign/dense/saved_model.pb", "tf-savedmodel"},
      {"tensorflow/benign/frozen.pb", "tf-graphdef"},
      {"tensorflow/benign/checkpoint_v1/model.ckpt.meta", "tf-metagraph"},
      {"tensorflow/benign/keras_metadata.pb", "keras-metadata"},
      {"tflite/benign/dense.tflite", "tflite"},
      {"coreml/benign/regressor.mlmodel", "coreml"},
      {"networks/benign/paddle.pdmodel", "paddle"},
      {"networks/benign/caffe.caffemodel", "caffe"},
      {"networks/benign/mxnet-symbol.json", "mxnet"},
      {"networks/benign/openvino.xml", "openvino"},
      {"networks/benign/ncnn.param", "ncnn"},
      {"networks/benign/torch7.t7", "torch7"}};
  for (const auto& [path, format] : cases) {
    const std::string content = sample(path);
    const auto all = identify(base::as_bytes(content), "x");
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&, wanted = format](const auto& one) {
      return one.format == wanted && one.certain;
    })) << path;
  }
}

TEST(IdentifyGraph, TakesOtherBytesForNone) {
  std::uint32_t state = 1;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (int i = 0; i < 64; ++i) {
      state = state * 1664525 + 1013904223;
      bytes.push_back(static_cast<char>(state >> 24 & (round % 3 == 0 ? 0x1F : (round % 3 == 1 ? 0x7F : 0xFF))));
    }
    for (const auto& one : identify(base::as_bytes(bytes), "x.bin")) {
      EXPECT_TRUE(one.format != "onnx" && one.format != "tf-savedmodel" && one.format != "tf-graphdef" &&
                  one.format != "coreml" && one.format != "paddle" && one.format != "caffe")
          << one.format;
    }
  }
}

}  // namespace
}  // namespace formats
