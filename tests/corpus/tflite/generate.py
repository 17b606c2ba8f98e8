"""TensorFlow Lite models. Needs tensorflow-cpu==2.21.0, flatbuffers==25.12.19, onnx==1.23.2; writes malicious/ and benign/."""
import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import io
import zipfile

import flatbuffers
import numpy as np
import tensorflow as tf
from flatbuffers import flexbuffers
from tensorflow.core.framework import node_def_pb2
from tensorflow.lite.python import schema_py_generated as s

HERE = pathlib.Path(__file__).resolve().parent
BAD, GOOD = HERE / "malicious", HERE / "benign"


def save(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def pack(model):
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def plain():
    """x + w, built table by table."""
    model = s.ModelT()
    model.version = 3
    model.description = "corpus"
    model.buffers = [s.BufferT(), s.BufferT()]
    model.buffers[1].data = np.frombuffer(np.zeros(4, np.float32).tobytes(), np.uint8)
    code = s.OperatorCodeT()
    code.builtinCode = s.BuiltinOperator.ADD
    model.operatorCodes = [code]
    graph = s.SubGraphT()
    graph.tensors = []
    for name, buffer in (("x", 0), ("w", 1), ("y", 0)):
        tensor = s.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, [4], s.TensorType.FLOAT32, buffer
        graph.tensors.append(tensor)
    op = s.OperatorT()
    op.opcodeIndex, op.inputs, op.outputs = 0, [0, 1], [2]
    graph.inputs, graph.outputs, graph.operators = [0], [2], [op]
    model.subgraphs = [graph]
    return model


def custom(name, options=b""):
    model = plain()
    model.operatorCodes[0].builtinCode = s.BuiltinOperator.CUSTOM
    model.operatorCodes[0].deprecatedBuiltinCode = 32
    model.operatorCodes[0].customCode = name
    if options:
        model.subgraphs[0].operators[0].customOptions = np.frombuffer(options, np.uint8)
    return model


def flex(op, **attrs):
    node = node_def_pb2.NodeDef(name="n", op=op, input=["a"])
    for key, value in attrs.items():
        node.attr[key].s = value
    builder = flexbuffers.Builder()
    with builder.Vector():
        builder.String(op)
        builder.String(node.SerializeToString(deterministic=True).decode("latin1").encode("latin1").decode("latin1"))
    return custom("Flex" + op, bytes(builder.Finish()))


def malicious():
    bad = lambda name, model: save(BAD, name, model if isinstance(model, bytes) else pack(model))
    bad("custom_operator.tflite", custom("ShellExec"))
    bad("custom_operator_renamed.bin", custom("my_native_op"))
    bad("custom_with_pickle.tflite", custom("TFLite_Detection_PostProcess", b"cposix\nsystem\n(S'echo never run'\ntR."))
    bad("flex_write_file.tflite", flex("WriteFile"))
    bad("flex_read_file.tflite", flex("ReadFile"))
    bad("flex_py_func.tflite", flex("EagerPyFunc", token=b"pyfunc_0"))
    bad("flex_print_to_file.tflite", flex("PrintV2", output_stream=b"file:///tmp/x"))
    bad("flex_without_options.tflite", custom("FlexWriteFile"))
    bad("flex_unknown.tflite", custom("FlexRunCommand"))

    def changed(change):
        model = plain()
        change(model, model.subgraphs[0])
        return model

    def set_op(field, value):
        return changed(lambda m, g: setattr(g.operators[0], field, value))

    def set_tensor(field, value, index=1):
        return changed(lambda m, g: setattr(g.tensors[index], field, value))

    bad("operator_code_out_of_range.tflite", set_op("opcodeIndex", 7))
    bad("operator_input_out_of_range.tflite", set_op("inputs", [0, 1000000]))
    bad("operator_input_negative.tflite", set_op("inputs", [0, -5]))
    bad("operator_output_out_of_range.tflite", set_op("outputs", [3]))
    bad("graph_input_out_of_range.tflite", changed(lambda m, g: setattr(g, "inputs", [99])))
    bad("tensor_buffer_out_of_range.tflite", set_tensor("buffer", 77))
    bad("tensor_shape_lies.tflite", set_tensor("shape", [4096]))
    bad("tensor_shape_negative.tflite", set_tensor("shape", [-4]))
    bad("tensor_shape_overflow.tflite", set_tensor("shape", [2**30, 2**30, 2**30], 0))
    bad("no_subgraph.tflite", changed(lambda m, g: setattr(m, "subgraphs", [])))
    bad("builtin_out_of_range.tflite", changed(lambda m, g: setattr(m.operatorCodes[0], "builtinCode", 99999)))

    def while_loop(model, graph):
        options = s.WhileOptionsT()
        options.condSubgraphIndex, options.bodySubgraphIndex = 5, 6
        model.operatorCodes[0].builtinCode = s.BuiltinOperator.WHILE
        graph.operators[0].builtinOptionsType = s.BuiltinOptions.WhileOptions
        graph.operators[0].builtinOptions = options
    bad("while_out_of_range.tflite", changed(while_loop))

    def metadata(model, graph):
        one = s.MetadataT()
        one.name, one.buffer = "min_runtime_version", 50
        model.metadata = [one]
    bad("metadata_out_of_range.tflite", changed(metadata))

    def hidden(content):
        def change(model, graph):
            one = s.MetadataT()
            one.name, one.buffer = "notes", 2
            model.buffers.append(s.BufferT())
            model.buffers[2].data = np.frombuffer(content, np.uint8)
            model.metadata = [one]
        return changed(change)
    bad("metadata_pickle.tflite", hidden(b"cposix\nsystem\n(S'echo never run'\ntR."))
    bad("metadata_elf.tflite", hidden(b"\x7fELF\x02\x01\x01" + bytes(57)))
    bad("description_code.tflite", changed(lambda m, g: setattr(m, "description", "__import__('os').system('echo never run')")))

    def beyond(model, graph):
        model.buffers[1].data = None
        model.buffers[1].offset, model.buffers[1].size = 2**40, 16
    bad("buffer_beyond_file.tflite", changed(beyond))
    good = pack(plain())
    bad("truncated.tflite", good[:len(good) // 2])
    bad("root_outside.tflite", b"\xff\xff\xff\x7f" + good[4:])
    root = int.from_bytes(good[:4], "little")
    bad("vtable_outside.tflite", good[:root] + b"\xff\xff\xff\x7f" + good[root + 4:])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        info = zipfile.ZipInfo("labels.pkl", (2020, 1, 1, 0, 0, 0))
        archive.writestr(info, b"cposix\nsystem\n(S'echo never run'\ntR.")
    bad("zip_behind.tflite", good + packed.getvalue())


def benign():
    good = lambda name, content: save(GOOD, name, content)
    tf.keras.utils.set_random_seed(0)
    layers = tf.keras.layers
    good("plain.tflite", pack(plain()))
    good("named.bin", pack(plain()))
    good("no_extension", pack(plain()))
    good("detection.tflite", pack(custom("TFLite_Detection_PostProcess", bytes(flexbuffers.Dumps({"max_detections": 10, "nms_iou_threshold": 0.5})))))
    good("flex.tflite", pack(flex("Erfinv")))

    def convert(name, model, shape, **options):
        run = tf.function(model).get_concrete_function(tf.TensorSpec(shape, options.pop("dtype", tf.float32)))
        converter = tf.lite.TFLiteConverter.from_concrete_functions([run])
        for key, value in options.items():
            setattr(converter, key, value)
        good(name, converter.convert())

    dense = tf.keras.Sequential([tf.keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2)])
    convert("dense.tflite", dense, [1, 4])
    convert("dense_batch.tflite", dense, [None, 4])
    convert("dense_dynamic_range.tflite", tf.keras.Sequential([tf.keras.Input((64,)), layers.Dense(32)]), [1, 64], optimizations=[tf.lite.Optimize.DEFAULT])
    conv = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2, activation="softmax")])
    convert("conv.tflite", conv, [1, 8, 8, 1])

    def samples():
        for i in range(4):
            yield [np.full((1, 8, 8, 1), i, np.float32)]
    convert("conv_int8.tflite", conv, [1, 8, 8, 1], optimizations=[tf.lite.Optimize.DEFAULT], representative_dataset=samples)
    convert("conv_float16.tflite", conv, [1, 8, 8, 1], optimizations=[tf.lite.Optimize.DEFAULT],
            target_spec=tf.lite.TargetSpec(supported_types=[tf.float16]))
    convert("loop.tflite", lambda x: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * 2.0), (0, x))[1], [2])
    convert("branch.tflite", lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x + 1, lambda: x - 1), [2])
    convert("reduce.tflite", lambda x: tf.reduce_mean(tf.nn.softmax(x), axis=-1), [None, 5])
    # what metadata writers append
    packed = io.BytesIO(pack(plain()))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(zipfile.ZipInfo("labels.txt", (2020, 1, 1, 0, 0, 0)), "cat\ndog\n")
    good("with_labels.tflite", packed.getvalue())


if __name__ == "__main__":
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
    malicious()
    benign()
