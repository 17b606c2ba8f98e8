// Written by tools/write_protobuf_schema.py coreml.
// clang-format off
#pragma once

#include <cstdint>

#include "formats/protobuf/schema.h"

namespace formats::coreml {

/// The message types, as indices of kSchema.
enum Message : std::uint16_t {
  kModel,
  kModelDescription,
  kPipelineClassifier,
  kPipelineRegressor,
  kPipeline,
  kNeuralNetworkRegressor,
  kNeuralNetworkClassifier,
  kNeuralNetwork,
  kProgram,
  kCustomModel,
  kLinkedModel,
  kSerializedModel,
  kFunctionDescription,
  kMetadata,
  kFeatureDescription,
  kNeuralNetworkLayer,
  kStringVector,
  kProgramFunctionsEntry,
  kProgramAttributesEntry,
  kCustomModelParametersEntry,
  kLinkedModelFile,
  kMetadataUserDefinedEntry,
  kCustomLayerParams,
  kBranchLayerParams,
  kLoopLayerParams,
  kFunction,
  kValue,
  kCustomModelCustomModelParamValue,
  kStringParameter,
  kWeightParams,
  kCustomLayerParamsParametersEntry,
  kNamedValueType,
  kFunctionBlockSpecializationsEntry,
  kFunctionAttributesEntry,
  kValueImmediateValue,
  kValueBlobFileValue,
  kCustomLayerParamsCustomLayerParamValue,
  kBlock,
  kTensorValue,
  kTupleValue,
  kListValue,
  kDictionaryValue,
  kOperation,
  kBlockAttributesEntry,
  kTensorValueRepeatedStrings,
  kTensorValueRepeatedBytes,
  kDictionaryValueKeyValuePair,
  kOperationInputsEntry,
  kOperationAttributesEntry,
  kArgument,
  kArgumentBinding,
};

extern const protobuf::Schema kSchema;

}  // namespace formats::coreml
