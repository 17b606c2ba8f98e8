// Written by tools/write_protobuf_schema.py onnx.
// clang-format off
#include "formats/onnx/schema.h"

namespace formats::onnx {
namespace {

using protobuf::FieldSpec;
using protobuf::Kind;

constexpr FieldSpec kModelProtoFields[] = {
    {"ir_version", 1, Kind::varint, false, 0, 0},
    {"producer_name", 2, Kind::text, false, 0, 0},
    {"producer_version", 3, Kind::text, false, 0, 0},
    {"domain", 4, Kind::text, false, 0, 0},
    {"model_version", 5, Kind::varint, false, 0, 0},
    {"doc_string", 6, Kind::text, false, 0, 0},
    {"graph", 7, Kind::message, false, kGraphProto, 0},
    {"opset_import", 8, Kind::message, true, kOperatorSetIdProto, 0},
    {"metadata_props", 14, Kind::message, true, kStringStringEntryProto, 0},
    {"training_info", 20, Kind::message, true, kTrainingInfoProto, 0},
    {"functions", 25, Kind::message, true, kFunctionProto, 0},
    {"configuration", 26, Kind::message, true, kDeviceConfigurationProto, 0},
};
constexpr FieldSpec kOperatorSetIdProtoFields[] = {
    {"domain", 1, Kind::text, false, 0, 0},
    {"version", 2, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kGraphProtoFields[] = {
    {"node", 1, Kind::message, true, kNodeProto, 0},
    {"name", 2, Kind::text, false, 0, 0},
    {"initializer", 5, Kind::message, true, kTensorProto, 0},
    {"doc_string", 10, Kind::text, false, 0, 0},
    {"input", 11, Kind::message, true, kValueInfoProto, 0},
    {"output", 12, Kind::message, true, kValueInfoProto, 0},
    {"value_info", 13, Kind::message, true, kValueInfoProto, 0},
    {"quantization_annotation", 14, Kind::message, true, kTensorAnnotation, 0},
    {"sparse_initializer", 15, Kind::message, true, kSparseTensorProto, 0},
    {"metadata_props", 16, Kind::message, true, kStringStringEntryProto, 0},
};
constexpr FieldSpec kStringStringEntryProtoFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kTrainingInfoProtoFields[] = {
    {"initialization", 1, Kind::message, false, kGraphProto, 0},
    {"algorithm", 2, Kind::message, false, kGraphProto, 0},
    {"initialization_binding", 3, Kind::message, true, kStringStringEntryProto, 0},
    {"update_binding", 4, Kind::message, true, kStringStringEntryProto, 0},
};
constexpr FieldSpec kFunctionProtoFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"input", 4, Kind::text, true, 0, 0},
    {"output", 5, Kind::text, true, 0, 0},
    {"attribute", 6, Kind::text, true, 0, 0},
    {"node", 7, Kind::message, true, kNodeProto, 0},
    {"doc_string", 8, Kind::text, false, 0, 0},
    {"opset_import", 9, Kind::message, true, kOperatorSetIdProto, 0},
    {"domain", 10, Kind::text, false, 0, 0},
    {"attribute_proto", 11, Kind::message, true, kAttributeProto, 0},
    {"value_info", 12, Kind::message, true, kValueInfoProto, 0},
    {"overload", 13, Kind::text, false, 0, 0},
    {"metadata_props", 14, Kind::message, true, kStringStringEntryProto, 0},
};
constexpr FieldSpec kDeviceConfigurationProtoFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"num_devices", 2, Kind::varint, false, 0, 0},
    {"device", 3, Kind::text, true, 0, 0},
};
constexpr FieldSpec kNodeProtoFields[] = {
    {"input", 1, Kind::text, true, 0, 0},
    {"output", 2, Kind::text, true, 0, 0},
    {"name", 3, Kind::text, false, 0, 0},
    {"op_type", 4, Kind::text, false, 0, 0},
    {"attribute", 5, Kind::message, true, kAttributeProto, 0},
    {"doc_string", 6, Kind::text, false, 0, 0},
    {"domain", 7, Kind::text, false, 0, 0},
    {"overload", 8, Kind::text, false, 0, 0},
    {"metadata_props", 9, Kind::message, true, kStringStringEntryProto, 0},
    {"device_configurations", 10, Kind::message, true, kNodeDeviceConfigurationProto, 0},
};
constexpr FieldSpec kTensorProtoFields[] = {
    {"dims", 1, Kind::varint, true, 0, 0},
    {"data_type", 2, Kind::varint, false, 0, 0},
    {"segment", 3, Kind::message, false, kTensorProtoSegment, 0},
    {"float_data", 4, Kind::fixed32, true, 0, 0},
    {"int32_data", 5, Kind::varint, true, 0, 0},
    {"string_data", 6, Kind::text, true, 0, 0},
    {"int64_data", 7, Kind::varint, true, 0, 0},
    {"name", 8, Kind::text, false, 0, 0},
    {"raw_data", 9, Kind::text, false, 0, 0},
    {"double_data", 10, Kind::fixed64, true, 0, 0},
    {"uint64_data", 11, Kind::varint, true, 0, 0},
    {"doc_string", 12, Kind::text, false, 0, 0},
    {"external_data", 13, Kind::message, true, kStringStringEntryProto, 0},
    {"data_location", 14, Kind::varint, false, 0, 0},
    {"metadata_props", 16, Kind::message, true, kStringStringEntryProto, 0},
};
constexpr FieldSpec kSparseTensorProtoFields[] = {
    {"values", 1, Kind::message, false, kTensorProto, 0},
    {"indices", 2, Kind::message, false, kTensorProto, 0},
    {"dims", 3, Kind::varint, true, 0, 0},
};
constexpr FieldSpec kValueInfoProtoFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"type", 2, Kind::message, false, kTypeProto, 0},
    {"doc_string", 3, Kind::text, false, 0, 0},
    {"metadata_props", 4, Kind::message, true, kStringStringEntryProto, 0},
};
constexpr FieldSpec kTensorAnnotationFields[] = {
    {"tensor_name", 1, Kind::text, false, 0, 0},
    {"quant_parameter_tensor_names", 2, Kind::message, true, kStringStringEntryProto, 0},
};
constexpr FieldSpec kAttributeProtoFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"f", 2, Kind::fixed32, false, 0, 0},
    {"i", 3, Kind::varint, false, 0, 0},
    {"s", 4, Kind::text, false, 0, 0},
    {"t", 5, Kind::message, false, kTensorProto, 0},
    {"g", 6, Kind::message, false, kGraphProto, 0},
    {"floats", 7, Kind::fixed32, true, 0, 0},
    {"ints", 8, Kind::varint, true, 0, 0},
    {"strings", 9, Kind::text, true, 0, 0},
    {"tensors", 10, Kind::message, true, kTensorProto, 0},
    {"graphs", 11, Kind::message, true, kGraphProto, 0},
    {"doc_string", 13, Kind::text, false, 0, 0},
    {"tp", 14, Kind::message, false, kTypeProto, 0},
    {"type_protos", 15, Kind::message, true, kTypeProto, 0},
    {"type", 20, Kind::varint, false, 0, 0},
    {"ref_attr_name", 21, Kind::text, false, 0, 0},
    {"sparse_tensor", 22, Kind::message, false, kSparseTensorProto, 0},
    {"sparse_tensors", 23, Kind::message, true, kSparseTensorProto, 0},
};
constexpr FieldSpec kNodeDeviceConfigurationProtoFields[] = {
    {"configuration_id", 1, Kind::text, false, 0, 0},
    {"sharding_spec", 2, Kind::message, true, kShardingSpecProto, 0},
    {"pipeline_stage", 3, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kTensorProtoSegmentFields[] = {
    {"begin", 1, Kind::varint, false, 0, 0},
    {"end", 2, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kTypeProtoFields[] = {
    {"tensor_type", 1, Kind::message, false, kTypeProtoTensor, 1},
    {"sequence_type", 4, Kind::message, false, kTypeProtoSequence, 1},
    {"map_type", 5, Kind::message, false, kTypeProtoMap, 1},
    {"denotation", 6, Kind::text, false, 0, 0},
    {"opaque_type", 7, Kind::message, false, kTypeProtoOpaque, 1},
    {"sparse_tensor_type", 8, Kind::message, false, kTypeProtoSparseTensor, 1},
    {"optional_type", 9, Kind::message, false, kTypeProtoOptional, 1},
};
constexpr FieldSpec kShardingSpecProtoFields[] = {
    {"tensor_name", 1, Kind::text, false, 0, 0},
    {"device", 2, Kind::varint, true, 0, 0},
    {"index_to_device_group_map", 3, Kind::message, true, kIntIntListEntryProto, 0},
    {"sharded_dim", 4, Kind::message, true, kShardedDimProto, 0},
};
constexpr FieldSpec kTypeProtoTensorFields[] = {
    {"elem_type", 1, Kind::varint, false, 0, 0},
    {"shape", 2, Kind::message, false, kTensorShapeProto, 0},
};
constexpr FieldSpec kTypeProtoSequenceFields[] = {
    {"elem_type", 1, Kind::message, false, kTypeProto, 0},
};
constexpr FieldSpec kTypeProtoMapFields[] = {
    {"key_type", 1, Kind::varint, false, 0, 0},
    {"value_type", 2, Kind::message, false, kTypeProto, 0},
};
constexpr FieldSpec kTypeProtoOptionalFields[] = {
    {"elem_type", 1, Kind::message, false, kTypeProto, 0},
};
constexpr FieldSpec kTypeProtoSparseTensorFields[] = {
    {"elem_type", 1, Kind::varint, false, 0, 0},
    {"shape", 2, Kind::message, false, kTensorShapeProto, 0},
};
constexpr FieldSpec kTypeProtoOpaqueFields[] = {
    {"domain", 1, Kind::text, false, 0, 0},
    {"name", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kIntIntListEntryProtoFields[] = {
    {"key", 1, Kind::varint, false, 0, 0},
    {"value", 2, Kind::varint, true, 0, 0},
};
constexpr FieldSpec kShardedDimProtoFields[] = {
    {"axis", 1, Kind::varint, false, 0, 0},
    {"simple_sharding", 2, Kind::message, true, kSimpleShardedDimProto, 0},
};
constexpr FieldSpec kTensorShapeProtoFields[] = {
    {"dim", 1, Kind::message, true, kTensorShapeProtoDimension, 0},
};
constexpr FieldSpec kSimpleShardedDimProtoFields[] = {
    {"dim_value", 1, Kind::varint, false, 0, 1},
    {"dim_param", 2, Kind::text, false, 0, 1},
    {"num_shards", 3, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kTensorShapeProtoDimensionFields[] = {
    {"dim_value", 1, Kind::varint, false, 0, 1},
    {"dim_param", 2, Kind::text, false, 0, 1},
    {"denotation", 3, Kind::text, false, 0, 0},
};

constexpr protobuf::MessageSpec kMessages[] = {
    {"ModelProto", kModelProtoFields},
    {"OperatorSetIdProto", kOperatorSetIdProtoFields},
    {"GraphProto", kGraphProtoFields},
    {"StringStringEntryProto", kStringStringEntryProtoFields},
    {"TrainingInfoProto", kTrainingInfoProtoFields},
    {"FunctionProto", kFunctionProtoFields},
    {"DeviceConfigurationProto", kDeviceConfigurationProtoFields},
    {"NodeProto", kNodeProtoFields},
    {"TensorProto", kTensorProtoFields},
    {"SparseTensorProto", kSparseTensorProtoFields},
    {"ValueInfoProto", kValueInfoProtoFields},
    {"TensorAnnotation", kTensorAnnotationFields},
    {"AttributeProto", kAttributeProtoFields},
    {"NodeDeviceConfigurationProto", kNodeDeviceConfigurationProtoFields},
    {"TensorProtoSegment", kTensorProtoSegmentFields},
    {"TypeProto", kTypeProtoFields},
    {"ShardingSpecProto", kShardingSpecProtoFields},
    {"TypeProtoTensor", kTypeProtoTensorFields},
    {"TypeProtoSequence", kTypeProtoSequenceFields},
    {"TypeProtoMap", kTypeProtoMapFields},
    {"TypeProtoOptional", kTypeProtoOptionalFields},
    {"TypeProtoSparseTensor", kTypeProtoSparseTensorFields},
    {"TypeProtoOpaque", kTypeProtoOpaqueFields},
    {"IntIntListEntryProto", kIntIntListEntryProtoFields},
    {"ShardedDimProto", kShardedDimProtoFields},
    {"TensorShapeProto", kTensorShapeProtoFields},
    {"SimpleShardedDimProto", kSimpleShardedDimProtoFields},
    {"TensorShapeProtoDimension", kTensorShapeProtoDimensionFields},
};

}  // namespace

const protobuf::Schema kSchema{kMessages};

}  // namespace formats::onnx
