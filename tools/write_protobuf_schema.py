#!/usr/bin/env python3
"""Writes the message tables that formats/protobuf walks by, from the descriptors of the formats' own Python packages.

    tools/write_protobuf_schema.py onnx|tensorflow|coreml

The tables are committed; only who wants those of a newer version needs the packages: onnx 1.23.2,
tensorflow-cpu 2.21.0, coremltools 9.0.
"""
import importlib
import pathlib
import sys

FORMATS = pathlib.Path(__file__).resolve().parent.parent / "src" / "formats"

# Module and message of each root; messages that hold nothing to judge are left out with what is below them.
ROOTS = {
    "onnx": [("onnx.onnx_ml_pb2", "ModelProto")],
    "tensorflow": [
        ("tensorflow.core.protobuf.saved_model_pb2", "SavedModel"),
        ("tensorflow.core.protobuf.tensor_bundle_pb2", "BundleHeaderProto"),
        ("tensorflow.core.protobuf.tensor_bundle_pb2", "BundleEntryProto"),
        ("tensorflow.python.keras.protobuf.saved_metadata_pb2", "SavedMetadata"),
        ("tensorflow.core.protobuf.fingerprint_pb2", "FingerprintDef"),
    ],
    "coreml": [("coremltools.proto.Model_pb2", "Model")],
}
LEFT_OUT = {
    "onnx": set(),
    "tensorflow": {"GraphDebugInfo", "FullTypeDef", "StructuredValue", "OptionalStructuredValue"},
    "coreml": set(),
}
# Of CoreML only the way to code and files: its layers by the hundred hold numbers.
COREML = {
    "Model", "ModelDescription", "FeatureDescription", "Metadata", "Pipeline", "PipelineClassifier", "PipelineRegressor",
    "NeuralNetwork", "NeuralNetworkClassifier", "NeuralNetworkRegressor", "NeuralNetworkLayer", "CustomLayerParams",
    "CustomModel", "LinkedModel", "LinkedModelFile", "StringParameter", "SerializedModel", "Program", "Function", "Block",
    "Operation", "Value", "ImmediateValue", "BlobFileValue", "Argument", "Binding", "NamedValueType", "TupleValue",
    "ListValue", "DictionaryValue", "KeyValuePair", "TensorValue", "RepeatedStrings", "RepeatedBytes", "LoopLayerParams", "BranchLayerParams",
    "CustomLayerParamValue", "CustomModelParamValue", "FunctionDescription", "StringVector", "WeightParams",
}


def schema(name):
    messages, order = {}, []

    def visit(message):
        if message.full_name in messages:
            return
        messages[message.full_name] = len(order)
        order.append(message)

    for module, root in ROOTS[name]:
        visit(importlib.import_module(module).DESCRIPTOR.message_types_by_name[root])

    def kept(message):
        if message.name in LEFT_OUT[name]:
            return False
        return name != "coreml" or message.name in COREML or message.GetOptions().map_entry

    at = 0
    while at < len(order):
        for field in order[at].fields:
            if field.message_type is not None and kept(field.message_type):
                visit(field.message_type)
        at += 1
    return messages, order, kept


KINDS = {1: "fixed64", 2: "fixed32", 6: "fixed64", 7: "fixed32", 15: "fixed32", 16: "fixed64", 9: "text", 12: "text", 11: "message"}


def camel(message):
    """Nested types by all their names: TensorProto.Segment is kTensorProtoSegment."""
    names, one = [], message
    while one is not None:
        names.append(one.name)
        one = one.containing_type
    return ("Keras" if "keras" in message.file.package else "") + "".join(reversed(names))


def write(name):
    messages, order, kept = schema(name)
    folder = FORMATS / name
    folder.mkdir(exist_ok=True)
    head = [f"// Written by tools/write_protobuf_schema.py {name}.", "// clang-format off", ""]
    header = head[:2] + ["#pragma once", "", "#include <cstdint>", "", "#include \"formats/protobuf/schema.h\"", "",
                         f"namespace formats::{name} {{", "", "/// The message types, as indices of kSchema.",
                         "enum Message : std::uint16_t {"]
    header += [f"  k{camel(m)}," for m in order]
    header += ["};", "", "extern const protobuf::Schema kSchema;", "", f"}}  // namespace formats::{name}", ""]
    body = head[:2] + [f"#include \"formats/{name}/schema.h\"", "", f"namespace formats::{name} {{", "namespace {", "",
                       "using protobuf::FieldSpec;", "using protobuf::Kind;", ""]
    for message in order:
        rows = []
        for field in sorted(message.fields, key=lambda f: f.number):
            kind, target = KINDS.get(field.type, "varint"), 0
            if kind == "message":
                if kept(field.message_type):
                    target = f"k{camel(field.message_type)}"
                else:
                    kind = "text"  # skipped as a whole
            try:
                repeated = field.is_repeated
            except AttributeError:
                repeated = field.label == 3
            choice = 0
            if field.containing_oneof is not None:
                choice = [o.name for o in message.oneofs].index(field.containing_oneof.name) + 1
            rows.append(f"    {{\"{field.name}\", {field.number}, Kind::{kind}, {'true' if repeated else 'false'}, {target}, {choice}}},")
        if rows:
            body += [f"constexpr FieldSpec k{camel(message)}Fields[] = {{"] + rows + ["};"]
    body += ["", "constexpr protobuf::MessageSpec kMessages[] = {"]
    body += [f"    {{\"{camel(m)}\", {'k' + camel(m) + 'Fields' if m.fields else '{}'}}}," for m in order]
    body += ["};", "", "}  // namespace", "", "const protobuf::Schema kSchema{kMessages};", "", f"}}  // namespace formats::{name}", ""]
    (folder / "schema.h").write_text("\n".join(header))
    (folder / "schema.cc").write_text("\n".join(body))
    print(name, len(order), "messages", file=sys.stderr)


if __name__ == "__main__":
    write(sys.argv[1])
