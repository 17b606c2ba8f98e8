#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"
#include "formats/protobuf/wire.h"

/// Graphs of TensorFlow as they are stored. Source: tensorflow/tensorflow, core/protobuf/{saved_model,meta_graph,
/// saved_object_graph,tensor_bundle}.proto, core/framework/{graph,node_def,function,attr_value,tensor}.proto; for
/// keras_metadata.pb python/keras/protobuf/saved_metadata.proto.
namespace formats::tensorflow {

struct Limits {
  std::uint64_t max_nodes = 20'000'000;  ///< Of each list; more are an attack on memory.
  std::uint64_t max_texts = 5'000'000;   ///< Constants and attributes of text kept.
};

/// What the file holds at its top.
enum class Root : std::uint8_t { saved_model, meta_graph, graph_def, node_def, keras_metadata };

inline constexpr std::uint32_t kNoFunction = UINT32_MAX;
inline constexpr std::uint64_t kString = 7;  ///< DT_STRING.

/// Views point into the file throughout.
struct Attribute {
  std::string_view key;
  std::vector<std::string_view> texts;      ///< s, list(s), and the elements of constants of text.
  std::vector<std::string_view> functions;  ///< Names of functions.
  std::uint64_t number = 0;                 ///< i, b or type.
  bool is_tensor = false;
  std::uint64_t offset = 0;
};

struct Node {
  std::string_view name;
  std::string_view op;
  std::vector<std::string_view> inputs;
  std::vector<Attribute> attributes;
  std::uint32_t graph = 0;               ///< Which of the file's graphs.
  std::uint32_t function = kNoFunction;  ///< The function of that graph it stands in.
  std::uint64_t offset = 0;
  [[nodiscard]] const Attribute* attribute(std::string_view key) const;
};

struct Function {
  std::string_view name;
  std::vector<std::string_view> arguments;
  std::uint32_t graph = 0;
  std::uint64_t offset = 0;
};

/// A file of the folder assets/ and the constant that is replaced by its path at loading.
struct Asset {
  std::string_view tensor;
  std::string_view file;
  std::uint32_t graph = 0;
  std::uint64_t offset = 0;
};

struct Saver {
  std::string_view filename_tensor;
  std::string_view save_tensor;
  std::string_view restore_operation;
  std::uint32_t graph = 0;
};

/// A constant's shape and what is there of it.
struct Tensor {
  std::uint64_t type = 0;
  std::uint64_t elements = 1;  ///< By the shape; saturates.
  bool negative = false;       ///< An extent below zero.
  std::uint64_t bytes = 0;     ///< Stored, all kinds together.
  std::uint64_t offset = 0;
};

/// Text that the graph itself does not act on.
struct Text {
  std::string_view what;  ///< "metadata", "identifier", "collection", "unknown field".
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;
};

struct Model {
  std::vector<Node> nodes;
  std::vector<Function> functions;
  std::vector<Asset> assets;
  std::vector<Saver> savers;
  std::vector<Tensor> tensors;  ///< Only those whose shape says more than is stored, or less than nothing.
  std::vector<Text> texts;
  std::uint32_t graphs = 0;
  bool cut = false;
  protobuf::Report report;
};

/// Reads one of these messages. Never fails: what is damaged is in the report. The data of tensors is not touched,
/// except for text.
[[nodiscard]] Model parse(base::Bytes content, Root root, const Limits& limits = {});

/// The same message in text format as binary, for parse(). Fails where the text is none.
base::Result<std::string> encode(std::string_view text, Root root);

/// Bytes of one element of a DataType; 0 where that is not fixed.
[[nodiscard]] std::uint32_t element_bytes(std::uint64_t type);

}  // namespace formats::tensorflow
