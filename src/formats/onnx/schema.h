// Written by tools/write_protobuf_schema.py onnx.
// clang-format off
#pragma once

#include <cstdint>

#include "formats/protobuf/schema.h"

namespace formats::onnx {

/// The message types, as indices of kSchema.
enum Message : std::uint16_t {
  kModelProto,
  kOperatorSetIdProto,
  kGraphProto,
  kStringStringEntryProto,
  kTrainingInfoProto,
  kFunctionProto,
  kDeviceConfigurationProto,
  kNodeProto,
  kTensorProto,
  kSparseTensorProto,
  kValueInfoProto,
  kTensorAnnotation,
  kAttributeProto,
  kNodeDeviceConfigurationProto,
  kTensorProtoSegment,
  kTypeProto,
  kShardingSpecProto,
  kTypeProtoTensor,
  kTypeProtoSequence,
  kTypeProtoMap,
  kTypeProtoOptional,
  kTypeProtoSparseTensor,
  kTypeProtoOpaque,
  kIntIntListEntryProto,
  kShardedDimProto,
  kTensorShapeProto,
  kSimpleShardedDimProto,
  kTensorShapeProtoDimension,
};

extern const protobuf::Schema kSchema;

}  // namespace formats::onnx
