#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "formats/protobuf/wire.h"

/// What an ONNX model says, without its numbers. Source: onnx/onnx, onnx/onnx.proto (ModelProto), docs/IR.md and
/// docs/ExternalData.md; for .ort files microsoft/onnxruntime, core/flatbuffers/schema/ort.fbs.
namespace formats::onnx {

struct Limits {
  std::uint64_t max_nodes = 20'000'000;  ///< Of each list; more are an attack on memory.
  std::uint64_t max_texts = 5'000'000;   ///< Names, documentation and other text kept.
};

/// Views point into the file throughout.
struct Entry {
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;
};

struct OperatorSet {
  std::string_view domain;
  std::uint64_t version = 0;
  std::uint64_t offset = 0;
};

struct Tensor {
  std::string_view name;
  std::vector<std::int64_t> dims;  ///< At most 64 are kept.
  std::uint64_t rank = 0;
  std::int64_t data_type = 0;
  std::uint64_t raw_bytes = 0;
  bool has_raw = false;
  std::uint64_t typed_bytes = 0;  ///< Of float_data and its like.
  std::uint64_t strings = 0;      ///< Of string_data.
  bool is_external = false;       ///< data_location is EXTERNAL.
  std::vector<Entry> external;    ///< external_data.
  base::Bytes raw_head;           ///< The first bytes of raw_data.
  std::uint64_t raw_offset = 0;
  std::uint64_t offset = 0;
};

struct Attribute {
  std::string_view name;
  std::vector<std::string_view> texts;  ///< s and strings.
  std::uint64_t offset = 0;
};

inline constexpr std::uint32_t kNoFunction = UINT32_MAX;

struct Node {
  std::string_view name;
  std::string_view domain;
  std::string_view op_type;
  std::string_view overload;
  std::vector<Attribute> attributes;     ///< Only those with text.
  std::uint32_t function = kNoFunction;  ///< The model-local function it stands in.
  std::uint64_t offset = 0;
};

struct Function {
  std::string_view name;
  std::string_view domain;
  std::string_view overload;
  std::uint64_t offset = 0;
};

/// Text that no reader of the model acts on: documentation, metadata, constants.
struct Text {
  std::string_view what;  ///< "doc_string", "metadata_props", "string_data".
  std::string_view key;   ///< Of metadata_props.
  std::string_view value;
  std::uint64_t offset = 0;
};

struct Model {
  std::uint64_t ir_version = 0;
  std::string_view producer_name;
  std::vector<OperatorSet> operator_sets;
  std::vector<Node> nodes;
  std::vector<Tensor> tensors;
  std::vector<Function> functions;
  std::vector<Text> texts;
  std::vector<Text> unknown;  ///< Contents of fields that the format does not have; at most 1,000.
  std::uint64_t graphs = 0;
  bool cut = false;  ///< A limit was reached: more stands in the file.
  protobuf::Report report;
};

/// Reads a ModelProto. Never fails: what is damaged is in the report. Takes time by the number of fields; the data of
/// tensors is not touched but for the first bytes.
[[nodiscard]] Model parse(base::Bytes content, const Limits& limits = {});

/// A ModelProto in text format as binary, for parse(). Fails where the text is none.
base::Result<std::string> encode(std::string_view text);

/// Reads a .ort file (identifier ORTM at byte 4). Fails where a table leads out of the file.
base::Result<Model> parse_ort(base::Bytes content, const Limits& limits = {});

/// Bits of one element of a TensorProto.DataType; 0 for text and what is not known.
[[nodiscard]] std::uint32_t element_bits(std::int64_t data_type);

}  // namespace formats::onnx
