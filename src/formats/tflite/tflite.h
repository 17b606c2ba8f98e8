#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "base/result.h"

/// TensorFlow Lite (LiteRT) models. Source: tensorflow/tensorflow, compiler/mlir/lite/schema/schema.fbs.
namespace formats::tflite {

inline constexpr std::uint32_t kCustom = 32;          ///< BuiltinOperator.CUSTOM.
inline constexpr std::uint32_t kStablehloCall = 173;  ///< BuiltinOperator.STABLEHLO_CUSTOM_CALL.

/// Views point into the file throughout.
struct OperatorCode {
  std::uint32_t builtin = 0;
  std::string_view custom;  ///< The name that the program registers it by.
  std::uint64_t offset = 0;
};

struct CustomUse {
  std::uint32_t code = 0;  ///< Index of operator_codes.
  base::Bytes options;
  std::uint64_t offset = 0;
};

struct Text {
  std::string_view what;  ///< "description", "name", "metadata".
  std::string_view key;
  std::string_view value;
  std::uint64_t offset = 0;
};

/// Where the file contradicts itself or its format.
struct Defect {
  std::string text;  ///< "operator 3 of sub-graph 0: operator code 7 of 2".
  std::uint64_t offset = 0;
  bool exhausting = false;  ///< A shape far beyond what memory holds.
};

struct Model {
  std::uint32_t version = 0;
  std::vector<OperatorCode> codes;
  std::vector<CustomUse> customs;
  std::vector<Text> texts;
  std::vector<base::Bytes> strings;  ///< Buffers of tensors of text.
  std::vector<Defect> defects;       ///< At most 100.
  std::uint64_t subgraphs = 0;
  std::uint64_t operators = 0;
  std::uint64_t end = 0;  ///< One past the last byte that a buffer takes; more may follow (metadata in a zip archive).
};

/// Reads a model. Fails where a table leads out of the file; what is wrong within one is a defect. The data of buffers
/// is not touched.
base::Result<Model> parse(base::Bytes content);

}  // namespace formats::tflite
