// Written by tools/write_protobuf_schema.py tensorflow.
// clang-format off
#include "formats/tensorflow/schema.h"

namespace formats::tensorflow {
namespace {

using protobuf::FieldSpec;
using protobuf::Kind;

constexpr FieldSpec kSavedModelFields[] = {
    {"saved_model_schema_version", 1, Kind::varint, false, 0, 0},
    {"meta_graphs", 2, Kind::message, true, kMetaGraphDef, 0},
};
constexpr FieldSpec kBundleHeaderProtoFields[] = {
    {"num_shards", 1, Kind::varint, false, 0, 0},
    {"endianness", 2, Kind::varint, false, 0, 0},
    {"version", 3, Kind::message, false, kVersionDef, 0},
};
constexpr FieldSpec kBundleEntryProtoFields[] = {
    {"dtype", 1, Kind::varint, false, 0, 0},
    {"shape", 2, Kind::message, false, kTensorShapeProto, 0},
    {"shard_id", 3, Kind::varint, false, 0, 0},
    {"offset", 4, Kind::varint, false, 0, 0},
    {"size", 5, Kind::varint, false, 0, 0},
    {"crc32c", 6, Kind::fixed32, false, 0, 0},
    {"slices", 7, Kind::message, true, kTensorSliceProto, 0},
};
constexpr FieldSpec kKerasSavedMetadataFields[] = {
    {"nodes", 1, Kind::message, true, kKerasSavedObject, 0},
};
constexpr FieldSpec kFingerprintDefFields[] = {
    {"saved_model_checksum", 1, Kind::varint, false, 0, 0},
    {"graph_def_program_hash", 2, Kind::varint, false, 0, 0},
    {"signature_def_hash", 3, Kind::varint, false, 0, 0},
    {"saved_object_graph_hash", 4, Kind::varint, false, 0, 0},
    {"checkpoint_hash", 5, Kind::varint, false, 0, 0},
    {"version", 6, Kind::message, false, kVersionDef, 0},
    {"uuid", 7, Kind::text, false, 0, 0},
};
constexpr FieldSpec kMetaGraphDefFields[] = {
    {"meta_info_def", 1, Kind::message, false, kMetaGraphDefMetaInfoDef, 0},
    {"graph_def", 2, Kind::message, false, kGraphDef, 0},
    {"saver_def", 3, Kind::message, false, kSaverDef, 0},
    {"collection_def", 4, Kind::message, true, kMetaGraphDefCollectionDefEntry, 0},
    {"signature_def", 5, Kind::message, true, kMetaGraphDefSignatureDefEntry, 0},
    {"asset_file_def", 6, Kind::message, true, kAssetFileDef, 0},
    {"object_graph_def", 7, Kind::message, false, kSavedObjectGraph, 0},
};
constexpr FieldSpec kVersionDefFields[] = {
    {"producer", 1, Kind::varint, false, 0, 0},
    {"min_consumer", 2, Kind::varint, false, 0, 0},
    {"bad_consumers", 3, Kind::varint, true, 0, 0},
};
constexpr FieldSpec kTensorShapeProtoFields[] = {
    {"dim", 2, Kind::message, true, kTensorShapeProtoDim, 0},
    {"unknown_rank", 3, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kTensorSliceProtoFields[] = {
    {"extent", 1, Kind::message, true, kTensorSliceProtoExtent, 0},
};
constexpr FieldSpec kKerasSavedObjectFields[] = {
    {"node_id", 2, Kind::varint, false, 0, 0},
    {"node_path", 3, Kind::text, false, 0, 0},
    {"identifier", 4, Kind::text, false, 0, 0},
    {"metadata", 5, Kind::text, false, 0, 0},
    {"version", 6, Kind::message, false, kKerasVersionDef, 0},
};
constexpr FieldSpec kMetaGraphDefMetaInfoDefFields[] = {
    {"meta_graph_version", 1, Kind::text, false, 0, 0},
    {"stripped_op_list", 2, Kind::message, false, kOpList, 0},
    {"any_info", 3, Kind::message, false, kAny, 0},
    {"tags", 4, Kind::text, true, 0, 0},
    {"tensorflow_version", 5, Kind::text, false, 0, 0},
    {"tensorflow_git_version", 6, Kind::text, false, 0, 0},
    {"stripped_default_attrs", 7, Kind::varint, false, 0, 0},
    {"function_aliases", 8, Kind::message, true, kMetaGraphDefMetaInfoDefFunctionAliasesEntry, 0},
};
constexpr FieldSpec kGraphDefFields[] = {
    {"node", 1, Kind::message, true, kNodeDef, 0},
    {"library", 2, Kind::message, false, kFunctionDefLibrary, 0},
    {"version", 3, Kind::varint, false, 0, 0},
    {"versions", 4, Kind::message, false, kVersionDef, 0},
    {"debug_info", 5, Kind::text, false, 0, 0},
};
constexpr FieldSpec kSaverDefFields[] = {
    {"filename_tensor_name", 1, Kind::text, false, 0, 0},
    {"save_tensor_name", 2, Kind::text, false, 0, 0},
    {"restore_op_name", 3, Kind::text, false, 0, 0},
    {"max_to_keep", 4, Kind::varint, false, 0, 0},
    {"sharded", 5, Kind::varint, false, 0, 0},
    {"keep_checkpoint_every_n_hours", 6, Kind::fixed32, false, 0, 0},
    {"version", 7, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kMetaGraphDefCollectionDefEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kCollectionDef, 0},
};
constexpr FieldSpec kMetaGraphDefSignatureDefEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kSignatureDef, 0},
};
constexpr FieldSpec kAssetFileDefFields[] = {
    {"tensor_info", 1, Kind::message, false, kTensorInfo, 0},
    {"filename", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kSavedObjectGraphFields[] = {
    {"nodes", 1, Kind::message, true, kSavedObject, 0},
    {"concrete_functions", 2, Kind::message, true, kSavedObjectGraphConcreteFunctionsEntry, 0},
};
constexpr FieldSpec kTensorShapeProtoDimFields[] = {
    {"size", 1, Kind::varint, false, 0, 0},
    {"name", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kTensorSliceProtoExtentFields[] = {
    {"start", 1, Kind::varint, false, 0, 0},
    {"length", 2, Kind::varint, false, 0, 1},
};
constexpr FieldSpec kKerasVersionDefFields[] = {
    {"producer", 1, Kind::varint, false, 0, 0},
    {"min_consumer", 2, Kind::varint, false, 0, 0},
    {"bad_consumers", 3, Kind::varint, true, 0, 0},
};
constexpr FieldSpec kOpListFields[] = {
    {"op", 1, Kind::message, true, kOpDef, 0},
};
constexpr FieldSpec kAnyFields[] = {
    {"type_url", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kMetaGraphDefMetaInfoDefFunctionAliasesEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kNodeDefFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"op", 2, Kind::text, false, 0, 0},
    {"input", 3, Kind::text, true, 0, 0},
    {"device", 4, Kind::text, false, 0, 0},
    {"attr", 5, Kind::message, true, kNodeDefAttrEntry, 0},
    {"experimental_debug_info", 6, Kind::message, false, kNodeDefExperimentalDebugInfo, 0},
    {"experimental_type", 7, Kind::text, false, 0, 0},
};
constexpr FieldSpec kFunctionDefLibraryFields[] = {
    {"function", 1, Kind::message, true, kFunctionDef, 0},
    {"gradient", 2, Kind::message, true, kGradientDef, 0},
    {"registered_gradients", 3, Kind::message, true, kRegisteredGradient, 0},
};
constexpr FieldSpec kCollectionDefFields[] = {
    {"node_list", 1, Kind::message, false, kCollectionDefNodeList, 1},
    {"bytes_list", 2, Kind::message, false, kCollectionDefBytesList, 1},
    {"int64_list", 3, Kind::message, false, kCollectionDefInt64List, 1},
    {"float_list", 4, Kind::message, false, kCollectionDefFloatList, 1},
    {"any_list", 5, Kind::message, false, kCollectionDefAnyList, 1},
};
constexpr FieldSpec kSignatureDefFields[] = {
    {"inputs", 1, Kind::message, true, kSignatureDefInputsEntry, 0},
    {"outputs", 2, Kind::message, true, kSignatureDefOutputsEntry, 0},
    {"method_name", 3, Kind::text, false, 0, 0},
    {"defaults", 4, Kind::message, true, kSignatureDefDefaultsEntry, 0},
};
constexpr FieldSpec kTensorInfoFields[] = {
    {"name", 1, Kind::text, false, 0, 1},
    {"dtype", 2, Kind::varint, false, 0, 0},
    {"tensor_shape", 3, Kind::message, false, kTensorShapeProto, 0},
    {"coo_sparse", 4, Kind::message, false, kTensorInfoCooSparse, 1},
    {"composite_tensor", 5, Kind::message, false, kTensorInfoCompositeTensor, 1},
};
constexpr FieldSpec kSavedObjectFields[] = {
    {"children", 1, Kind::message, true, kTrackableObjectGraphTrackableObjectObjectReference, 0},
    {"slot_variables", 3, Kind::message, true, kTrackableObjectGraphTrackableObjectSlotVariableReference, 0},
    {"user_object", 4, Kind::message, false, kSavedUserObject, 1},
    {"asset", 5, Kind::message, false, kSavedAsset, 1},
    {"function", 6, Kind::message, false, kSavedFunction, 1},
    {"variable", 7, Kind::message, false, kSavedVariable, 1},
    {"bare_concrete_function", 8, Kind::message, false, kSavedBareConcreteFunction, 1},
    {"constant", 9, Kind::message, false, kSavedConstant, 1},
    {"resource", 10, Kind::message, false, kSavedResource, 1},
    {"saveable_objects", 11, Kind::message, true, kSavedObjectSaveableObjectsEntry, 0},
    {"captured_tensor", 12, Kind::message, false, kCapturedTensor, 1},
    {"registered_name", 13, Kind::text, false, 0, 0},
    {"serialized_user_proto", 14, Kind::message, false, kAny, 0},
    {"dependencies", 15, Kind::message, true, kTrackableObjectGraphTrackableObjectObjectReference, 0},
    {"registered_saver", 16, Kind::text, false, 0, 0},
};
constexpr FieldSpec kSavedObjectGraphConcreteFunctionsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kSavedConcreteFunction, 0},
};
constexpr FieldSpec kOpDefFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"input_arg", 2, Kind::message, true, kOpDefArgDef, 0},
    {"output_arg", 3, Kind::message, true, kOpDefArgDef, 0},
    {"attr", 4, Kind::message, true, kOpDefAttrDef, 0},
    {"summary", 5, Kind::text, false, 0, 0},
    {"description", 6, Kind::text, false, 0, 0},
    {"deprecation", 8, Kind::message, false, kOpDeprecation, 0},
    {"is_aggregate", 16, Kind::varint, false, 0, 0},
    {"is_stateful", 17, Kind::varint, false, 0, 0},
    {"is_commutative", 18, Kind::varint, false, 0, 0},
    {"allows_uninitialized_input", 19, Kind::varint, false, 0, 0},
    {"control_output", 20, Kind::text, true, 0, 0},
    {"is_distributed_communication", 21, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kNodeDefAttrEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kAttrValue, 0},
};
constexpr FieldSpec kNodeDefExperimentalDebugInfoFields[] = {
    {"original_node_names", 1, Kind::text, true, 0, 0},
    {"original_func_names", 2, Kind::text, true, 0, 0},
};
constexpr FieldSpec kFunctionDefFields[] = {
    {"signature", 1, Kind::message, false, kOpDef, 0},
    {"node_def", 3, Kind::message, true, kNodeDef, 0},
    {"ret", 4, Kind::message, true, kFunctionDefRetEntry, 0},
    {"attr", 5, Kind::message, true, kFunctionDefAttrEntry, 0},
    {"control_ret", 6, Kind::message, true, kFunctionDefControlRetEntry, 0},
    {"arg_attr", 7, Kind::message, true, kFunctionDefArgAttrEntry, 0},
    {"resource_arg_unique_id", 8, Kind::message, true, kFunctionDefResourceArgUniqueIdEntry, 0},
};
constexpr FieldSpec kGradientDefFields[] = {
    {"function_name", 1, Kind::text, false, 0, 0},
    {"gradient_func", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kRegisteredGradientFields[] = {
    {"gradient_func", 1, Kind::text, false, 0, 0},
    {"registered_op_type", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kCollectionDefNodeListFields[] = {
    {"value", 1, Kind::text, true, 0, 0},
};
constexpr FieldSpec kCollectionDefBytesListFields[] = {
    {"value", 1, Kind::text, true, 0, 0},
};
constexpr FieldSpec kCollectionDefInt64ListFields[] = {
    {"value", 1, Kind::varint, true, 0, 0},
};
constexpr FieldSpec kCollectionDefFloatListFields[] = {
    {"value", 1, Kind::fixed32, true, 0, 0},
};
constexpr FieldSpec kCollectionDefAnyListFields[] = {
    {"value", 1, Kind::message, true, kAny, 0},
};
constexpr FieldSpec kSignatureDefInputsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kTensorInfo, 0},
};
constexpr FieldSpec kSignatureDefOutputsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kTensorInfo, 0},
};
constexpr FieldSpec kSignatureDefDefaultsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kTensorProto, 0},
};
constexpr FieldSpec kTensorInfoCooSparseFields[] = {
    {"values_tensor_name", 1, Kind::text, false, 0, 0},
    {"indices_tensor_name", 2, Kind::text, false, 0, 0},
    {"dense_shape_tensor_name", 3, Kind::text, false, 0, 0},
};
constexpr FieldSpec kTensorInfoCompositeTensorFields[] = {
    {"type_spec", 1, Kind::message, false, kTypeSpecProto, 0},
    {"components", 2, Kind::message, true, kTensorInfo, 0},
};
constexpr FieldSpec kTrackableObjectGraphTrackableObjectObjectReferenceFields[] = {
    {"node_id", 1, Kind::varint, false, 0, 0},
    {"local_name", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kTrackableObjectGraphTrackableObjectSlotVariableReferenceFields[] = {
    {"original_variable_node_id", 1, Kind::varint, false, 0, 0},
    {"slot_name", 2, Kind::text, false, 0, 0},
    {"slot_variable_node_id", 3, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kSavedUserObjectFields[] = {
    {"identifier", 1, Kind::text, false, 0, 0},
    {"version", 2, Kind::message, false, kVersionDef, 0},
    {"metadata", 3, Kind::text, false, 0, 0},
};
constexpr FieldSpec kSavedAssetFields[] = {
    {"asset_file_def_index", 1, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kSavedFunctionFields[] = {
    {"concrete_functions", 1, Kind::text, true, 0, 0},
    {"function_spec", 2, Kind::message, false, kFunctionSpec, 0},
};
constexpr FieldSpec kSavedVariableFields[] = {
    {"dtype", 1, Kind::varint, false, 0, 0},
    {"shape", 2, Kind::message, false, kTensorShapeProto, 0},
    {"trainable", 3, Kind::varint, false, 0, 0},
    {"synchronization", 4, Kind::varint, false, 0, 0},
    {"aggregation", 5, Kind::varint, false, 0, 0},
    {"name", 6, Kind::text, false, 0, 0},
    {"device", 7, Kind::text, false, 0, 0},
    {"experimental_distributed_variable_components", 8, Kind::message, true, kSavedVariable, 0},
};
constexpr FieldSpec kSavedBareConcreteFunctionFields[] = {
    {"concrete_function_name", 1, Kind::text, false, 0, 0},
    {"argument_keywords", 2, Kind::text, true, 0, 0},
    {"allowed_positional_arguments", 3, Kind::varint, false, 0, 0},
    {"function_spec", 4, Kind::message, false, kFunctionSpec, 0},
};
constexpr FieldSpec kSavedConstantFields[] = {
    {"operation", 1, Kind::text, false, 0, 0},
};
constexpr FieldSpec kSavedResourceFields[] = {
    {"device", 1, Kind::text, false, 0, 0},
};
constexpr FieldSpec kCapturedTensorFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"concrete_function", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kSavedObjectSaveableObjectsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kSaveableObject, 0},
};
constexpr FieldSpec kSavedConcreteFunctionFields[] = {
    {"bound_inputs", 2, Kind::varint, true, 0, 0},
    {"canonicalized_input_signature", 3, Kind::text, false, 0, 0},
    {"output_signature", 4, Kind::text, false, 0, 0},
};
constexpr FieldSpec kOpDefArgDefFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"description", 2, Kind::text, false, 0, 0},
    {"type", 3, Kind::varint, false, 0, 0},
    {"type_attr", 4, Kind::text, false, 0, 0},
    {"number_attr", 5, Kind::text, false, 0, 0},
    {"type_list_attr", 6, Kind::text, false, 0, 0},
    {"handle_data", 7, Kind::message, true, kResourceHandleProtoDtypeAndShape, 0},
    {"is_ref", 16, Kind::varint, false, 0, 0},
    {"experimental_full_type", 17, Kind::text, false, 0, 0},
};
constexpr FieldSpec kOpDefAttrDefFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"type", 2, Kind::text, false, 0, 0},
    {"default_value", 3, Kind::message, false, kAttrValue, 0},
    {"description", 4, Kind::text, false, 0, 0},
    {"has_minimum", 5, Kind::varint, false, 0, 0},
    {"minimum", 6, Kind::varint, false, 0, 0},
    {"allowed_values", 7, Kind::message, false, kAttrValue, 0},
};
constexpr FieldSpec kOpDeprecationFields[] = {
    {"version", 1, Kind::varint, false, 0, 0},
    {"explanation", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kAttrValueFields[] = {
    {"list", 1, Kind::message, false, kAttrValueListValue, 1},
    {"s", 2, Kind::text, false, 0, 1},
    {"i", 3, Kind::varint, false, 0, 1},
    {"f", 4, Kind::fixed32, false, 0, 1},
    {"b", 5, Kind::varint, false, 0, 1},
    {"type", 6, Kind::varint, false, 0, 1},
    {"shape", 7, Kind::message, false, kTensorShapeProto, 1},
    {"tensor", 8, Kind::message, false, kTensorProto, 1},
    {"placeholder", 9, Kind::text, false, 0, 1},
    {"func", 10, Kind::message, false, kNameAttrList, 1},
};
constexpr FieldSpec kFunctionDefAttrEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kAttrValue, 0},
};
constexpr FieldSpec kFunctionDefArgAttrEntryFields[] = {
    {"key", 1, Kind::varint, false, 0, 0},
    {"value", 2, Kind::message, false, kFunctionDefArgAttrs, 0},
};
constexpr FieldSpec kFunctionDefResourceArgUniqueIdEntryFields[] = {
    {"key", 1, Kind::varint, false, 0, 0},
    {"value", 2, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kFunctionDefRetEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kFunctionDefControlRetEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kTensorProtoFields[] = {
    {"dtype", 1, Kind::varint, false, 0, 0},
    {"tensor_shape", 2, Kind::message, false, kTensorShapeProto, 0},
    {"version_number", 3, Kind::varint, false, 0, 0},
    {"tensor_content", 4, Kind::text, false, 0, 0},
    {"float_val", 5, Kind::fixed32, true, 0, 0},
    {"double_val", 6, Kind::fixed64, true, 0, 0},
    {"int_val", 7, Kind::varint, true, 0, 0},
    {"string_val", 8, Kind::text, true, 0, 0},
    {"scomplex_val", 9, Kind::fixed32, true, 0, 0},
    {"int64_val", 10, Kind::varint, true, 0, 0},
    {"bool_val", 11, Kind::varint, true, 0, 0},
    {"dcomplex_val", 12, Kind::fixed64, true, 0, 0},
    {"half_val", 13, Kind::varint, true, 0, 0},
    {"resource_handle_val", 14, Kind::message, true, kResourceHandleProto, 0},
    {"variant_val", 15, Kind::message, true, kVariantTensorDataProto, 0},
    {"uint32_val", 16, Kind::varint, true, 0, 0},
    {"uint64_val", 17, Kind::varint, true, 0, 0},
    {"float8_val", 18, Kind::text, false, 0, 0},
};
constexpr FieldSpec kTypeSpecProtoFields[] = {
    {"type_spec_class", 1, Kind::varint, false, 0, 0},
    {"type_state", 2, Kind::text, false, 0, 0},
    {"type_spec_class_name", 3, Kind::text, false, 0, 0},
    {"num_flat_components", 4, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kFunctionSpecFields[] = {
    {"fullargspec", 1, Kind::text, false, 0, 0},
    {"is_method", 2, Kind::varint, false, 0, 0},
    {"input_signature", 5, Kind::text, false, 0, 0},
    {"jit_compile", 6, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kSaveableObjectFields[] = {
    {"save_function", 2, Kind::varint, false, 0, 0},
    {"restore_function", 3, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kResourceHandleProtoDtypeAndShapeFields[] = {
    {"dtype", 1, Kind::varint, false, 0, 0},
    {"shape", 2, Kind::message, false, kTensorShapeProto, 0},
};
constexpr FieldSpec kAttrValueListValueFields[] = {
    {"s", 2, Kind::text, true, 0, 0},
    {"i", 3, Kind::varint, true, 0, 0},
    {"f", 4, Kind::fixed32, true, 0, 0},
    {"b", 5, Kind::varint, true, 0, 0},
    {"type", 6, Kind::varint, true, 0, 0},
    {"shape", 7, Kind::message, true, kTensorShapeProto, 0},
    {"tensor", 8, Kind::message, true, kTensorProto, 0},
    {"func", 9, Kind::message, true, kNameAttrList, 0},
};
constexpr FieldSpec kNameAttrListFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"attr", 2, Kind::message, true, kNameAttrListAttrEntry, 0},
};
constexpr FieldSpec kFunctionDefArgAttrsFields[] = {
    {"attr", 1, Kind::message, true, kFunctionDefArgAttrsAttrEntry, 0},
};
constexpr FieldSpec kResourceHandleProtoFields[] = {
    {"device", 1, Kind::text, false, 0, 0},
    {"container", 2, Kind::text, false, 0, 0},
    {"name", 3, Kind::text, false, 0, 0},
    {"hash_code", 4, Kind::varint, false, 0, 0},
    {"maybe_type_name", 5, Kind::text, false, 0, 0},
    {"dtypes_and_shapes", 6, Kind::message, true, kResourceHandleProtoDtypeAndShape, 0},
};
constexpr FieldSpec kVariantTensorDataProtoFields[] = {
    {"type_name", 1, Kind::text, false, 0, 0},
    {"metadata", 2, Kind::text, false, 0, 0},
    {"tensors", 3, Kind::message, true, kTensorProto, 0},
};
constexpr FieldSpec kNameAttrListAttrEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kAttrValue, 0},
};
constexpr FieldSpec kFunctionDefArgAttrsAttrEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kAttrValue, 0},
};

constexpr protobuf::MessageSpec kMessages[] = {
    {"SavedModel", kSavedModelFields},
    {"BundleHeaderProto", kBundleHeaderProtoFields},
    {"BundleEntryProto", kBundleEntryProtoFields},
    {"KerasSavedMetadata", kKerasSavedMetadataFields},
    {"FingerprintDef", kFingerprintDefFields},
    {"MetaGraphDef", kMetaGraphDefFields},
    {"VersionDef", kVersionDefFields},
    {"TensorShapeProto", kTensorShapeProtoFields},
    {"TensorSliceProto", kTensorSliceProtoFields},
    {"KerasSavedObject", kKerasSavedObjectFields},
    {"MetaGraphDefMetaInfoDef", kMetaGraphDefMetaInfoDefFields},
    {"GraphDef", kGraphDefFields},
    {"SaverDef", kSaverDefFields},
    {"MetaGraphDefCollectionDefEntry", kMetaGraphDefCollectionDefEntryFields},
    {"MetaGraphDefSignatureDefEntry", kMetaGraphDefSignatureDefEntryFields},
    {"AssetFileDef", kAssetFileDefFields},
    {"SavedObjectGraph", kSavedObjectGraphFields},
    {"TensorShapeProtoDim", kTensorShapeProtoDimFields},
    {"TensorSliceProtoExtent", kTensorSliceProtoExtentFields},
    {"KerasVersionDef", kKerasVersionDefFields},
    {"OpList", kOpListFields},
    {"Any", kAnyFields},
    {"MetaGraphDefMetaInfoDefFunctionAliasesEntry", kMetaGraphDefMetaInfoDefFunctionAliasesEntryFields},
    {"NodeDef", kNodeDefFields},
    {"FunctionDefLibrary", kFunctionDefLibraryFields},
    {"CollectionDef", kCollectionDefFields},
    {"SignatureDef", kSignatureDefFields},
    {"TensorInfo", kTensorInfoFields},
    {"SavedObject", kSavedObjectFields},
    {"SavedObjectGraphConcreteFunctionsEntry", kSavedObjectGraphConcreteFunctionsEntryFields},
    {"OpDef", kOpDefFields},
    {"NodeDefAttrEntry", kNodeDefAttrEntryFields},
    {"NodeDefExperimentalDebugInfo", kNodeDefExperimentalDebugInfoFields},
    {"FunctionDef", kFunctionDefFields},
    {"GradientDef", kGradientDefFields},
    {"RegisteredGradient", kRegisteredGradientFields},
    {"CollectionDefNodeList", kCollectionDefNodeListFields},
    {"CollectionDefBytesList", kCollectionDefBytesListFields},
    {"CollectionDefInt64List", kCollectionDefInt64ListFields},
    {"CollectionDefFloatList", kCollectionDefFloatListFields},
    {"CollectionDefAnyList", kCollectionDefAnyListFields},
    {"SignatureDefInputsEntry", kSignatureDefInputsEntryFields},
    {"SignatureDefOutputsEntry", kSignatureDefOutputsEntryFields},
    {"SignatureDefDefaultsEntry", kSignatureDefDefaultsEntryFields},
    {"TensorInfoCooSparse", kTensorInfoCooSparseFields},
    {"TensorInfoCompositeTensor", kTensorInfoCompositeTensorFields},
    {"TrackableObjectGraphTrackableObjectObjectReference", kTrackableObjectGraphTrackableObjectObjectReferenceFields},
    {"TrackableObjectGraphTrackableObjectSlotVariableReference", kTrackableObjectGraphTrackableObjectSlotVariableReferenceFields},
    {"SavedUserObject", kSavedUserObjectFields},
    {"SavedAsset", kSavedAssetFields},
    {"SavedFunction", kSavedFunctionFields},
    {"SavedVariable", kSavedVariableFields},
    {"SavedBareConcreteFunction", kSavedBareConcreteFunctionFields},
    {"SavedConstant", kSavedConstantFields},
    {"SavedResource", kSavedResourceFields},
    {"CapturedTensor", kCapturedTensorFields},
    {"SavedObjectSaveableObjectsEntry", kSavedObjectSaveableObjectsEntryFields},
    {"SavedConcreteFunction", kSavedConcreteFunctionFields},
    {"OpDefArgDef", kOpDefArgDefFields},
    {"OpDefAttrDef", kOpDefAttrDefFields},
    {"OpDeprecation", kOpDeprecationFields},
    {"AttrValue", kAttrValueFields},
    {"FunctionDefAttrEntry", kFunctionDefAttrEntryFields},
    {"FunctionDefArgAttrEntry", kFunctionDefArgAttrEntryFields},
    {"FunctionDefResourceArgUniqueIdEntry", kFunctionDefResourceArgUniqueIdEntryFields},
    {"FunctionDefRetEntry", kFunctionDefRetEntryFields},
    {"FunctionDefControlRetEntry", kFunctionDefControlRetEntryFields},
    {"TensorProto", kTensorProtoFields},
    {"TypeSpecProto", kTypeSpecProtoFields},
    {"FunctionSpec", kFunctionSpecFields},
    {"SaveableObject", kSaveableObjectFields},
    {"ResourceHandleProtoDtypeAndShape", kResourceHandleProtoDtypeAndShapeFields},
    {"AttrValueListValue", kAttrValueListValueFields},
    {"NameAttrList", kNameAttrListFields},
    {"FunctionDefArgAttrs", kFunctionDefArgAttrsFields},
    {"ResourceHandleProto", kResourceHandleProtoFields},
    {"VariantTensorDataProto", kVariantTensorDataProtoFields},
    {"NameAttrListAttrEntry", kNameAttrListAttrEntryFields},
    {"FunctionDefArgAttrsAttrEntry", kFunctionDefArgAttrsAttrEntryFields},
};

}  // namespace

const protobuf::Schema kSchema{kMessages};

}  // namespace formats::tensorflow
