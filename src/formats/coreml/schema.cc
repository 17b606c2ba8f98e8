// Written by tools/write_protobuf_schema.py coreml.
// clang-format off
#include "formats/coreml/schema.h"

namespace formats::coreml {
namespace {

using protobuf::FieldSpec;
using protobuf::Kind;

constexpr FieldSpec kModelFields[] = {
    {"specificationVersion", 1, Kind::varint, false, 0, 0},
    {"description", 2, Kind::message, false, kModelDescription, 0},
    {"isUpdatable", 10, Kind::varint, false, 0, 0},
    {"pipelineClassifier", 200, Kind::message, false, kPipelineClassifier, 1},
    {"pipelineRegressor", 201, Kind::message, false, kPipelineRegressor, 1},
    {"pipeline", 202, Kind::message, false, kPipeline, 1},
    {"glmRegressor", 300, Kind::text, false, 0, 1},
    {"supportVectorRegressor", 301, Kind::text, false, 0, 1},
    {"treeEnsembleRegressor", 302, Kind::text, false, 0, 1},
    {"neuralNetworkRegressor", 303, Kind::message, false, kNeuralNetworkRegressor, 1},
    {"bayesianProbitRegressor", 304, Kind::text, false, 0, 1},
    {"glmClassifier", 400, Kind::text, false, 0, 1},
    {"supportVectorClassifier", 401, Kind::text, false, 0, 1},
    {"treeEnsembleClassifier", 402, Kind::text, false, 0, 1},
    {"neuralNetworkClassifier", 403, Kind::message, false, kNeuralNetworkClassifier, 1},
    {"kNearestNeighborsClassifier", 404, Kind::text, false, 0, 1},
    {"neuralNetwork", 500, Kind::message, false, kNeuralNetwork, 1},
    {"itemSimilarityRecommender", 501, Kind::text, false, 0, 1},
    {"mlProgram", 502, Kind::message, false, kProgram, 1},
    {"customModel", 555, Kind::message, false, kCustomModel, 1},
    {"linkedModel", 556, Kind::message, false, kLinkedModel, 1},
    {"classConfidenceThresholding", 560, Kind::text, false, 0, 1},
    {"oneHotEncoder", 600, Kind::text, false, 0, 1},
    {"imputer", 601, Kind::text, false, 0, 1},
    {"featureVectorizer", 602, Kind::text, false, 0, 1},
    {"dictVectorizer", 603, Kind::text, false, 0, 1},
    {"scaler", 604, Kind::text, false, 0, 1},
    {"categoricalMapping", 606, Kind::text, false, 0, 1},
    {"normalizer", 607, Kind::text, false, 0, 1},
    {"arrayFeatureExtractor", 609, Kind::text, false, 0, 1},
    {"nonMaximumSuppression", 610, Kind::text, false, 0, 1},
    {"identity", 900, Kind::text, false, 0, 1},
    {"textClassifier", 2000, Kind::text, false, 0, 1},
    {"wordTagger", 2001, Kind::text, false, 0, 1},
    {"visionFeaturePrint", 2002, Kind::text, false, 0, 1},
    {"soundAnalysisPreprocessing", 2003, Kind::text, false, 0, 1},
    {"gazetteer", 2004, Kind::text, false, 0, 1},
    {"wordEmbedding", 2005, Kind::text, false, 0, 1},
    {"audioFeaturePrint", 2006, Kind::text, false, 0, 1},
    {"serializedModel", 3000, Kind::message, false, kSerializedModel, 1},
};
constexpr FieldSpec kModelDescriptionFields[] = {
    {"input", 1, Kind::message, true, kFeatureDescription, 0},
    {"output", 10, Kind::message, true, kFeatureDescription, 0},
    {"predictedFeatureName", 11, Kind::text, false, 0, 0},
    {"predictedProbabilitiesName", 12, Kind::text, false, 0, 0},
    {"state", 13, Kind::message, true, kFeatureDescription, 0},
    {"functions", 20, Kind::message, true, kFunctionDescription, 0},
    {"defaultFunctionName", 21, Kind::text, false, 0, 0},
    {"trainingInput", 50, Kind::message, true, kFeatureDescription, 0},
    {"metadata", 100, Kind::message, false, kMetadata, 0},
};
constexpr FieldSpec kPipelineClassifierFields[] = {
    {"pipeline", 1, Kind::message, false, kPipeline, 0},
};
constexpr FieldSpec kPipelineRegressorFields[] = {
    {"pipeline", 1, Kind::message, false, kPipeline, 0},
};
constexpr FieldSpec kPipelineFields[] = {
    {"models", 1, Kind::message, true, kModel, 0},
    {"names", 2, Kind::text, true, 0, 0},
};
constexpr FieldSpec kNeuralNetworkRegressorFields[] = {
    {"layers", 1, Kind::message, true, kNeuralNetworkLayer, 0},
    {"preprocessing", 2, Kind::text, true, 0, 0},
    {"arrayInputShapeMapping", 5, Kind::varint, false, 0, 0},
    {"imageInputShapeMapping", 6, Kind::varint, false, 0, 0},
    {"updateParams", 10, Kind::text, false, 0, 0},
};
constexpr FieldSpec kNeuralNetworkClassifierFields[] = {
    {"layers", 1, Kind::message, true, kNeuralNetworkLayer, 0},
    {"preprocessing", 2, Kind::text, true, 0, 0},
    {"arrayInputShapeMapping", 5, Kind::varint, false, 0, 0},
    {"imageInputShapeMapping", 6, Kind::varint, false, 0, 0},
    {"updateParams", 10, Kind::text, false, 0, 0},
    {"stringClassLabels", 100, Kind::message, false, kStringVector, 1},
    {"int64ClassLabels", 101, Kind::text, false, 0, 1},
    {"labelProbabilityLayerName", 200, Kind::text, false, 0, 0},
};
constexpr FieldSpec kNeuralNetworkFields[] = {
    {"layers", 1, Kind::message, true, kNeuralNetworkLayer, 0},
    {"preprocessing", 2, Kind::text, true, 0, 0},
    {"arrayInputShapeMapping", 5, Kind::varint, false, 0, 0},
    {"imageInputShapeMapping", 6, Kind::varint, false, 0, 0},
    {"updateParams", 10, Kind::text, false, 0, 0},
};
constexpr FieldSpec kProgramFields[] = {
    {"version", 1, Kind::varint, false, 0, 0},
    {"functions", 2, Kind::message, true, kProgramFunctionsEntry, 0},
    {"docString", 3, Kind::text, false, 0, 0},
    {"attributes", 4, Kind::message, true, kProgramAttributesEntry, 0},
};
constexpr FieldSpec kCustomModelFields[] = {
    {"className", 10, Kind::text, false, 0, 0},
    {"parameters", 30, Kind::message, true, kCustomModelParametersEntry, 0},
    {"description", 40, Kind::text, false, 0, 0},
};
constexpr FieldSpec kLinkedModelFields[] = {
    {"linkedModelFile", 1, Kind::message, false, kLinkedModelFile, 1},
};
constexpr FieldSpec kSerializedModelFields[] = {
    {"identifier", 1, Kind::text, false, 0, 0},
    {"model", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kFunctionDescriptionFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"input", 2, Kind::message, true, kFeatureDescription, 0},
    {"output", 3, Kind::message, true, kFeatureDescription, 0},
    {"predictedFeatureName", 4, Kind::text, false, 0, 0},
    {"predictedProbabilitiesName", 5, Kind::text, false, 0, 0},
    {"state", 6, Kind::message, true, kFeatureDescription, 0},
};
constexpr FieldSpec kMetadataFields[] = {
    {"shortDescription", 1, Kind::text, false, 0, 0},
    {"versionString", 2, Kind::text, false, 0, 0},
    {"author", 3, Kind::text, false, 0, 0},
    {"license", 4, Kind::text, false, 0, 0},
    {"userDefined", 100, Kind::message, true, kMetadataUserDefinedEntry, 0},
};
constexpr FieldSpec kFeatureDescriptionFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"shortDescription", 2, Kind::text, false, 0, 0},
    {"type", 3, Kind::text, false, 0, 0},
};
constexpr FieldSpec kNeuralNetworkLayerFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"input", 2, Kind::text, true, 0, 0},
    {"output", 3, Kind::text, true, 0, 0},
    {"inputTensor", 4, Kind::text, true, 0, 0},
    {"outputTensor", 5, Kind::text, true, 0, 0},
    {"isUpdatable", 10, Kind::varint, false, 0, 0},
    {"convolution", 100, Kind::text, false, 0, 1},
    {"pooling", 120, Kind::text, false, 0, 1},
    {"activation", 130, Kind::text, false, 0, 1},
    {"innerProduct", 140, Kind::text, false, 0, 1},
    {"embedding", 150, Kind::text, false, 0, 1},
    {"batchnorm", 160, Kind::text, false, 0, 1},
    {"mvn", 165, Kind::text, false, 0, 1},
    {"l2normalize", 170, Kind::text, false, 0, 1},
    {"softmax", 175, Kind::text, false, 0, 1},
    {"lrn", 180, Kind::text, false, 0, 1},
    {"crop", 190, Kind::text, false, 0, 1},
    {"padding", 200, Kind::text, false, 0, 1},
    {"upsample", 210, Kind::text, false, 0, 1},
    {"resizeBilinear", 211, Kind::text, false, 0, 1},
    {"cropResize", 212, Kind::text, false, 0, 1},
    {"unary", 220, Kind::text, false, 0, 1},
    {"add", 230, Kind::text, false, 0, 1},
    {"multiply", 231, Kind::text, false, 0, 1},
    {"average", 240, Kind::text, false, 0, 1},
    {"scale", 245, Kind::text, false, 0, 1},
    {"bias", 250, Kind::text, false, 0, 1},
    {"max", 260, Kind::text, false, 0, 1},
    {"min", 261, Kind::text, false, 0, 1},
    {"dot", 270, Kind::text, false, 0, 1},
    {"reduce", 280, Kind::text, false, 0, 1},
    {"loadConstant", 290, Kind::text, false, 0, 1},
    {"reshape", 300, Kind::text, false, 0, 1},
    {"flatten", 301, Kind::text, false, 0, 1},
    {"permute", 310, Kind::text, false, 0, 1},
    {"concat", 320, Kind::text, false, 0, 1},
    {"split", 330, Kind::text, false, 0, 1},
    {"sequenceRepeat", 340, Kind::text, false, 0, 1},
    {"reorganizeData", 345, Kind::text, false, 0, 1},
    {"slice", 350, Kind::text, false, 0, 1},
    {"simpleRecurrent", 400, Kind::text, false, 0, 1},
    {"gru", 410, Kind::text, false, 0, 1},
    {"uniDirectionalLSTM", 420, Kind::text, false, 0, 1},
    {"biDirectionalLSTM", 430, Kind::text, false, 0, 1},
    {"custom", 500, Kind::message, false, kCustomLayerParams, 1},
    {"copy", 600, Kind::text, false, 0, 1},
    {"branch", 605, Kind::message, false, kBranchLayerParams, 1},
    {"loop", 615, Kind::message, false, kLoopLayerParams, 1},
    {"loopBreak", 620, Kind::text, false, 0, 1},
    {"loopContinue", 625, Kind::text, false, 0, 1},
    {"rangeStatic", 635, Kind::text, false, 0, 1},
    {"rangeDynamic", 640, Kind::text, false, 0, 1},
    {"clip", 660, Kind::text, false, 0, 1},
    {"ceil", 665, Kind::text, false, 0, 1},
    {"floor", 670, Kind::text, false, 0, 1},
    {"sign", 680, Kind::text, false, 0, 1},
    {"round", 685, Kind::text, false, 0, 1},
    {"exp2", 700, Kind::text, false, 0, 1},
    {"sin", 710, Kind::text, false, 0, 1},
    {"cos", 715, Kind::text, false, 0, 1},
    {"tan", 720, Kind::text, false, 0, 1},
    {"asin", 730, Kind::text, false, 0, 1},
    {"acos", 735, Kind::text, false, 0, 1},
    {"atan", 740, Kind::text, false, 0, 1},
    {"sinh", 750, Kind::text, false, 0, 1},
    {"cosh", 755, Kind::text, false, 0, 1},
    {"tanh", 760, Kind::text, false, 0, 1},
    {"asinh", 770, Kind::text, false, 0, 1},
    {"acosh", 775, Kind::text, false, 0, 1},
    {"atanh", 780, Kind::text, false, 0, 1},
    {"erf", 790, Kind::text, false, 0, 1},
    {"gelu", 795, Kind::text, false, 0, 1},
    {"equal", 815, Kind::text, false, 0, 1},
    {"notEqual", 820, Kind::text, false, 0, 1},
    {"lessThan", 825, Kind::text, false, 0, 1},
    {"lessEqual", 827, Kind::text, false, 0, 1},
    {"greaterThan", 830, Kind::text, false, 0, 1},
    {"greaterEqual", 832, Kind::text, false, 0, 1},
    {"logicalOr", 840, Kind::text, false, 0, 1},
    {"logicalXor", 845, Kind::text, false, 0, 1},
    {"logicalNot", 850, Kind::text, false, 0, 1},
    {"logicalAnd", 855, Kind::text, false, 0, 1},
    {"modBroadcastable", 865, Kind::text, false, 0, 1},
    {"minBroadcastable", 870, Kind::text, false, 0, 1},
    {"maxBroadcastable", 875, Kind::text, false, 0, 1},
    {"addBroadcastable", 880, Kind::text, false, 0, 1},
    {"powBroadcastable", 885, Kind::text, false, 0, 1},
    {"divideBroadcastable", 890, Kind::text, false, 0, 1},
    {"floorDivBroadcastable", 895, Kind::text, false, 0, 1},
    {"multiplyBroadcastable", 900, Kind::text, false, 0, 1},
    {"subtractBroadcastable", 905, Kind::text, false, 0, 1},
    {"tile", 920, Kind::text, false, 0, 1},
    {"stack", 925, Kind::text, false, 0, 1},
    {"gather", 930, Kind::text, false, 0, 1},
    {"scatter", 935, Kind::text, false, 0, 1},
    {"gatherND", 940, Kind::text, false, 0, 1},
    {"scatterND", 945, Kind::text, false, 0, 1},
    {"softmaxND", 950, Kind::text, false, 0, 1},
    {"gatherAlongAxis", 952, Kind::text, false, 0, 1},
    {"scatterAlongAxis", 954, Kind::text, false, 0, 1},
    {"reverse", 960, Kind::text, false, 0, 1},
    {"reverseSeq", 965, Kind::text, false, 0, 1},
    {"splitND", 975, Kind::text, false, 0, 1},
    {"concatND", 980, Kind::text, false, 0, 1},
    {"transpose", 985, Kind::text, false, 0, 1},
    {"sliceStatic", 995, Kind::text, false, 0, 1},
    {"sliceDynamic", 1000, Kind::text, false, 0, 1},
    {"slidingWindows", 1005, Kind::text, false, 0, 1},
    {"topK", 1015, Kind::text, false, 0, 1},
    {"argMin", 1020, Kind::text, false, 0, 1},
    {"argMax", 1025, Kind::text, false, 0, 1},
    {"embeddingND", 1040, Kind::text, false, 0, 1},
    {"batchedMatmul", 1045, Kind::text, false, 0, 1},
    {"getShape", 1065, Kind::text, false, 0, 1},
    {"loadConstantND", 1070, Kind::text, false, 0, 1},
    {"fillLike", 1080, Kind::text, false, 0, 1},
    {"fillStatic", 1085, Kind::text, false, 0, 1},
    {"fillDynamic", 1090, Kind::text, false, 0, 1},
    {"broadcastToLike", 1100, Kind::text, false, 0, 1},
    {"broadcastToStatic", 1105, Kind::text, false, 0, 1},
    {"broadcastToDynamic", 1110, Kind::text, false, 0, 1},
    {"squeeze", 1120, Kind::text, false, 0, 1},
    {"expandDims", 1125, Kind::text, false, 0, 1},
    {"flattenTo2D", 1130, Kind::text, false, 0, 1},
    {"reshapeLike", 1135, Kind::text, false, 0, 1},
    {"reshapeStatic", 1140, Kind::text, false, 0, 1},
    {"reshapeDynamic", 1145, Kind::text, false, 0, 1},
    {"rankPreservingReshape", 1150, Kind::text, false, 0, 1},
    {"constantPad", 1155, Kind::text, false, 0, 1},
    {"randomNormalLike", 1170, Kind::text, false, 0, 1},
    {"randomNormalStatic", 1175, Kind::text, false, 0, 1},
    {"randomNormalDynamic", 1180, Kind::text, false, 0, 1},
    {"randomUniformLike", 1190, Kind::text, false, 0, 1},
    {"randomUniformStatic", 1195, Kind::text, false, 0, 1},
    {"randomUniformDynamic", 1200, Kind::text, false, 0, 1},
    {"randomBernoulliLike", 1210, Kind::text, false, 0, 1},
    {"randomBernoulliStatic", 1215, Kind::text, false, 0, 1},
    {"randomBernoulliDynamic", 1220, Kind::text, false, 0, 1},
    {"categoricalDistribution", 1230, Kind::text, false, 0, 1},
    {"reduceL1", 1250, Kind::text, false, 0, 1},
    {"reduceL2", 1255, Kind::text, false, 0, 1},
    {"reduceMax", 1260, Kind::text, false, 0, 1},
    {"reduceMin", 1265, Kind::text, false, 0, 1},
    {"reduceSum", 1270, Kind::text, false, 0, 1},
    {"reduceProd", 1275, Kind::text, false, 0, 1},
    {"reduceMean", 1280, Kind::text, false, 0, 1},
    {"reduceLogSum", 1285, Kind::text, false, 0, 1},
    {"reduceSumSquare", 1290, Kind::text, false, 0, 1},
    {"reduceLogSumExp", 1295, Kind::text, false, 0, 1},
    {"whereNonZero", 1313, Kind::text, false, 0, 1},
    {"matrixBandPart", 1315, Kind::text, false, 0, 1},
    {"lowerTriangular", 1320, Kind::text, false, 0, 1},
    {"upperTriangular", 1325, Kind::text, false, 0, 1},
    {"whereBroadcastable", 1330, Kind::text, false, 0, 1},
    {"layerNormalization", 1350, Kind::text, false, 0, 1},
    {"NonMaximumSuppression", 1400, Kind::text, false, 0, 1},
    {"oneHot", 1450, Kind::text, false, 0, 1},
    {"cumSum", 1455, Kind::text, false, 0, 1},
    {"clampedReLU", 1460, Kind::text, false, 0, 1},
    {"argSort", 1461, Kind::text, false, 0, 1},
    {"pooling3d", 1465, Kind::text, false, 0, 1},
    {"globalPooling3d", 1466, Kind::text, false, 0, 1},
    {"sliceBySize", 1470, Kind::text, false, 0, 1},
    {"convolution3d", 1471, Kind::text, false, 0, 1},
};
constexpr FieldSpec kStringVectorFields[] = {
    {"vector", 1, Kind::text, true, 0, 0},
};
constexpr FieldSpec kProgramFunctionsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kFunction, 0},
};
constexpr FieldSpec kProgramAttributesEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kValue, 0},
};
constexpr FieldSpec kCustomModelParametersEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kCustomModelCustomModelParamValue, 0},
};
constexpr FieldSpec kLinkedModelFileFields[] = {
    {"linkedModelFileName", 1, Kind::message, false, kStringParameter, 0},
    {"linkedModelSearchPath", 2, Kind::message, false, kStringParameter, 0},
};
constexpr FieldSpec kMetadataUserDefinedEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kCustomLayerParamsFields[] = {
    {"className", 10, Kind::text, false, 0, 0},
    {"weights", 20, Kind::message, true, kWeightParams, 0},
    {"parameters", 30, Kind::message, true, kCustomLayerParamsParametersEntry, 0},
    {"description", 40, Kind::text, false, 0, 0},
};
constexpr FieldSpec kBranchLayerParamsFields[] = {
    {"ifBranch", 1, Kind::message, false, kNeuralNetwork, 0},
    {"elseBranch", 2, Kind::message, false, kNeuralNetwork, 0},
};
constexpr FieldSpec kLoopLayerParamsFields[] = {
    {"maxLoopIterations", 1, Kind::varint, false, 0, 0},
    {"conditionVar", 2, Kind::text, false, 0, 0},
    {"conditionNetwork", 3, Kind::message, false, kNeuralNetwork, 0},
    {"bodyNetwork", 4, Kind::message, false, kNeuralNetwork, 0},
};
constexpr FieldSpec kFunctionFields[] = {
    {"inputs", 1, Kind::message, true, kNamedValueType, 0},
    {"opset", 2, Kind::text, false, 0, 0},
    {"block_specializations", 3, Kind::message, true, kFunctionBlockSpecializationsEntry, 0},
    {"attributes", 4, Kind::message, true, kFunctionAttributesEntry, 0},
};
constexpr FieldSpec kValueFields[] = {
    {"docString", 1, Kind::text, false, 0, 0},
    {"type", 2, Kind::text, false, 0, 0},
    {"immediateValue", 3, Kind::message, false, kValueImmediateValue, 1},
    {"blobFileValue", 5, Kind::message, false, kValueBlobFileValue, 1},
};
constexpr FieldSpec kCustomModelCustomModelParamValueFields[] = {
    {"doubleValue", 10, Kind::fixed64, false, 0, 1},
    {"stringValue", 20, Kind::text, false, 0, 1},
    {"intValue", 30, Kind::varint, false, 0, 1},
    {"longValue", 40, Kind::varint, false, 0, 1},
    {"boolValue", 50, Kind::varint, false, 0, 1},
    {"bytesValue", 60, Kind::text, false, 0, 1},
};
constexpr FieldSpec kStringParameterFields[] = {
    {"defaultValue", 1, Kind::text, false, 0, 0},
};
constexpr FieldSpec kWeightParamsFields[] = {
    {"floatValue", 1, Kind::fixed32, true, 0, 0},
    {"float16Value", 2, Kind::text, false, 0, 0},
    {"rawValue", 30, Kind::text, false, 0, 0},
    {"int8RawValue", 31, Kind::text, false, 0, 0},
    {"quantization", 40, Kind::text, false, 0, 0},
    {"isUpdatable", 50, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kCustomLayerParamsParametersEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kCustomLayerParamsCustomLayerParamValue, 0},
};
constexpr FieldSpec kNamedValueTypeFields[] = {
    {"name", 1, Kind::text, false, 0, 0},
    {"type", 2, Kind::text, false, 0, 0},
};
constexpr FieldSpec kFunctionBlockSpecializationsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kBlock, 0},
};
constexpr FieldSpec kFunctionAttributesEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kValue, 0},
};
constexpr FieldSpec kValueImmediateValueFields[] = {
    {"tensor", 1, Kind::message, false, kTensorValue, 1},
    {"tuple", 2, Kind::message, false, kTupleValue, 1},
    {"list", 3, Kind::message, false, kListValue, 1},
    {"dictionary", 4, Kind::message, false, kDictionaryValue, 1},
};
constexpr FieldSpec kValueBlobFileValueFields[] = {
    {"fileName", 1, Kind::text, false, 0, 0},
    {"offset", 2, Kind::varint, false, 0, 0},
};
constexpr FieldSpec kCustomLayerParamsCustomLayerParamValueFields[] = {
    {"doubleValue", 10, Kind::fixed64, false, 0, 1},
    {"stringValue", 20, Kind::text, false, 0, 1},
    {"intValue", 30, Kind::varint, false, 0, 1},
    {"longValue", 40, Kind::varint, false, 0, 1},
    {"boolValue", 50, Kind::varint, false, 0, 1},
};
constexpr FieldSpec kBlockFields[] = {
    {"inputs", 1, Kind::message, true, kNamedValueType, 0},
    {"outputs", 2, Kind::text, true, 0, 0},
    {"operations", 3, Kind::message, true, kOperation, 0},
    {"attributes", 4, Kind::message, true, kBlockAttributesEntry, 0},
};
constexpr FieldSpec kTensorValueFields[] = {
    {"floats", 1, Kind::text, false, 0, 1},
    {"ints", 2, Kind::text, false, 0, 1},
    {"bools", 3, Kind::text, false, 0, 1},
    {"strings", 4, Kind::message, false, kTensorValueRepeatedStrings, 1},
    {"longInts", 5, Kind::text, false, 0, 1},
    {"doubles", 6, Kind::text, false, 0, 1},
    {"bytes", 7, Kind::message, false, kTensorValueRepeatedBytes, 1},
};
constexpr FieldSpec kTupleValueFields[] = {
    {"values", 1, Kind::message, true, kValue, 0},
};
constexpr FieldSpec kListValueFields[] = {
    {"values", 1, Kind::message, true, kValue, 0},
};
constexpr FieldSpec kDictionaryValueFields[] = {
    {"values", 1, Kind::message, true, kDictionaryValueKeyValuePair, 0},
};
constexpr FieldSpec kOperationFields[] = {
    {"type", 1, Kind::text, false, 0, 0},
    {"inputs", 2, Kind::message, true, kOperationInputsEntry, 0},
    {"outputs", 3, Kind::message, true, kNamedValueType, 0},
    {"blocks", 4, Kind::message, true, kBlock, 0},
    {"attributes", 5, Kind::message, true, kOperationAttributesEntry, 0},
};
constexpr FieldSpec kBlockAttributesEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kValue, 0},
};
constexpr FieldSpec kTensorValueRepeatedStringsFields[] = {
    {"values", 1, Kind::text, true, 0, 0},
};
constexpr FieldSpec kTensorValueRepeatedBytesFields[] = {
    {"values", 1, Kind::text, false, 0, 0},
};
constexpr FieldSpec kDictionaryValueKeyValuePairFields[] = {
    {"key", 1, Kind::message, false, kValue, 0},
    {"value", 2, Kind::message, false, kValue, 0},
};
constexpr FieldSpec kOperationInputsEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kArgument, 0},
};
constexpr FieldSpec kOperationAttributesEntryFields[] = {
    {"key", 1, Kind::text, false, 0, 0},
    {"value", 2, Kind::message, false, kValue, 0},
};
constexpr FieldSpec kArgumentFields[] = {
    {"arguments", 1, Kind::message, true, kArgumentBinding, 0},
};
constexpr FieldSpec kArgumentBindingFields[] = {
    {"name", 1, Kind::text, false, 0, 1},
    {"value", 2, Kind::message, false, kValue, 1},
};

constexpr protobuf::MessageSpec kMessages[] = {
    {"Model", kModelFields},
    {"ModelDescription", kModelDescriptionFields},
    {"PipelineClassifier", kPipelineClassifierFields},
    {"PipelineRegressor", kPipelineRegressorFields},
    {"Pipeline", kPipelineFields},
    {"NeuralNetworkRegressor", kNeuralNetworkRegressorFields},
    {"NeuralNetworkClassifier", kNeuralNetworkClassifierFields},
    {"NeuralNetwork", kNeuralNetworkFields},
    {"Program", kProgramFields},
    {"CustomModel", kCustomModelFields},
    {"LinkedModel", kLinkedModelFields},
    {"SerializedModel", kSerializedModelFields},
    {"FunctionDescription", kFunctionDescriptionFields},
    {"Metadata", kMetadataFields},
    {"FeatureDescription", kFeatureDescriptionFields},
    {"NeuralNetworkLayer", kNeuralNetworkLayerFields},
    {"StringVector", kStringVectorFields},
    {"ProgramFunctionsEntry", kProgramFunctionsEntryFields},
    {"ProgramAttributesEntry", kProgramAttributesEntryFields},
    {"CustomModelParametersEntry", kCustomModelParametersEntryFields},
    {"LinkedModelFile", kLinkedModelFileFields},
    {"MetadataUserDefinedEntry", kMetadataUserDefinedEntryFields},
    {"CustomLayerParams", kCustomLayerParamsFields},
    {"BranchLayerParams", kBranchLayerParamsFields},
    {"LoopLayerParams", kLoopLayerParamsFields},
    {"Function", kFunctionFields},
    {"Value", kValueFields},
    {"CustomModelCustomModelParamValue", kCustomModelCustomModelParamValueFields},
    {"StringParameter", kStringParameterFields},
    {"WeightParams", kWeightParamsFields},
    {"CustomLayerParamsParametersEntry", kCustomLayerParamsParametersEntryFields},
    {"NamedValueType", kNamedValueTypeFields},
    {"FunctionBlockSpecializationsEntry", kFunctionBlockSpecializationsEntryFields},
    {"FunctionAttributesEntry", kFunctionAttributesEntryFields},
    {"ValueImmediateValue", kValueImmediateValueFields},
    {"ValueBlobFileValue", kValueBlobFileValueFields},
    {"CustomLayerParamsCustomLayerParamValue", kCustomLayerParamsCustomLayerParamValueFields},
    {"Block", kBlockFields},
    {"TensorValue", kTensorValueFields},
    {"TupleValue", kTupleValueFields},
    {"ListValue", kListValueFields},
    {"DictionaryValue", kDictionaryValueFields},
    {"Operation", kOperationFields},
    {"BlockAttributesEntry", kBlockAttributesEntryFields},
    {"TensorValueRepeatedStrings", kTensorValueRepeatedStringsFields},
    {"TensorValueRepeatedBytes", kTensorValueRepeatedBytesFields},
    {"DictionaryValueKeyValuePair", kDictionaryValueKeyValuePairFields},
    {"OperationInputsEntry", kOperationInputsEntryFields},
    {"OperationAttributesEntry", kOperationAttributesEntryFields},
    {"Argument", kArgumentFields},
    {"ArgumentBinding", kArgumentBindingFields},
};

}  // namespace

const protobuf::Schema kSchema{kMessages};

}  // namespace formats::coreml
