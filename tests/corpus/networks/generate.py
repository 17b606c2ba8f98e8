"""Caffe, PaddlePaddle, MXNet, OpenVINO, ncnn, Torch 7, TensorRT. Their libraries are too heavy or gone: the files are
written field by field as their formats say. Needs nothing beside Python; writes malicious/ and benign/."""
import json
import pathlib
import shutil
import struct

HERE = pathlib.Path(__file__).resolve().parent
BAD, GOOD = HERE / "malicious", HERE / "benign"


def save(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def varint(value):
    value &= 2**64 - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def paddle(*ops):
    block = field(1, 0) + field(2, -1) + b"".join(field(3, field(1, name) + field(2, field(1, 7))) for name in ("feed", "x", "y"))
    for kind, attrs in ops:
        op = field(1, field(1, "X") + field(2, "x")) + field(2, field(1, "Out") + field(2, "y")) + field(3, kind)
        for key, value in attrs.items():
            op += field(4, field(1, key) + field(2, 2) + field(5, value))
        block += field(4, op)
    return field(1, block) + field(4, field(1, 0))


def caffe(*layers):
    return field(1, "net") + b"".join(field(100, field(1, name) + field(2, kind) + more) for name, kind, more in layers)


def mxnet(*nodes, **more):
    made = [{"op": "null", "name": "data", "inputs": []}]
    made += [{"op": op, "name": f"n{i}", "attrs": attrs, "inputs": [[i, 0, 0]]} for i, (op, attrs) in enumerate(nodes)]
    return json.dumps({"nodes": made, "arg_nodes": [0], "node_row_ptr": list(range(len(made) + 1)), "heads": [[len(made) - 1, 0, 0]],
                       "attrs": {"mxnet_version": ["int", 10901]}, **more}, indent=2)


def openvino(kind="ReLU", version="opset1", data='<data element_type="f32" shape="4" offset="0" size="16" />', head=""):
    return f"""<?xml version="1.0"?>
{head}<net name="net" version="11">
  <layers>
    <layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,4" element_type="f32" /><output><port id="0" precision="FP32"><dim>1</dim><dim>4</dim></port></output></layer>
    <layer id="1" name="w" type="Const" version="opset1">{data}</layer>
    <layer id="2" name="a" type="{kind}" version="{version}"><input><port id="0"><dim>1</dim></port></input></layer>
    <layer id="3" name="y" type="Result" version="opset1" />
  </layers>
  <edges><edge from-layer="0" from-port="0" to-layer="2" to-port="0" /></edges>
  <rt_info><Runtime_version value="2024.1.0" /></rt_info>
</net>
"""


def t7_text(text):
    return struct.pack("<II", 2, len(text)) + text.encode()


def t7_tensor(index):
    return struct.pack("<II", 4, index) + struct.pack("<I", 3) + b"V 1" + struct.pack("<I", 17) + b"torch.FloatTensor" + struct.pack("<I", 1) + struct.pack("<qqq", 2, 1, 1) + \
        struct.pack("<II", 4, index + 1) + struct.pack("<I", 3) + b"V 1" + struct.pack("<I", 18) + b"torch.FloatStorage" + struct.pack("<q", 2) + bytes(8)


def t7_table(index, *pairs):
    return struct.pack("<III", 3, index, len(pairs)) + b"".join(key + value for key, value in pairs)


def t7_object(index, name, members):
    return struct.pack("<II", 4, index) + struct.pack("<I", 3) + b"V 1" + struct.pack("<I", len(name)) + name.encode() + members


def t7_function(index):
    code = b"\x1bLJ\x02\x02never run"
    return struct.pack("<III", 8, index, len(code)) + code + t7_table(index + 1)


def elf():
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, 62) + bytes(44)


def malicious():
    bad = lambda name, content: save(BAD, name, content)
    for kind, attrs in (("py_func", {"forward_callable_id": "0"}), ("save", {"file_path": "/tmp/x"}), ("save_combine", {"file_path": "../x"}), ("load", {"file_path": "/etc/passwd"}),
                        ("load_combine", {"file_path": "w"}), ("py_layer", {}), ("listen_and_serv", {"endpoint": "0.0.0.0:80"}), ("send", {"epmap": "x.invalid:80"})):
        bad(f"paddle_{kind}.pdmodel", paddle(("feed", {}), (kind, attrs), ("fetch", {})))
    bad("paddle_renamed.bin", paddle(("py_func", {})))
    bad("paddle_code.pdmodel", paddle(("relu", {"note": "__import__('os').system('echo never run')"})))
    bad("paddle_truncated.pdmodel", paddle(("relu", {}), ("softmax", {}))[:-7])
    python = field(130, field(1, "os") + field(2, "system") + field(3, "echo never run"))
    bad("caffe_python.caffemodel", caffe(("data", "Input", b""), ("p", "Python", python)))
    bad("caffe_python_renamed.bin", caffe(("p", "Python", python)))
    bad("caffe_source.caffemodel", caffe(("d", "ImageData", field(115, field(1, "/etc/passwd")))))
    bad("caffe_output.caffemodel", caffe(("d", "HDF5Output", field(113, field(1, "/tmp/out.h5")))))
    bad("caffe_python.prototxt", 'name: "net"\nlayer {\n  name: "p"\n  type: "Python"\n  python_param {\n    module: "os"\n    layer: "system"\n  }\n}\n')
    bad("caffe_source.prototxt", "name: 'net'\nlayer { name: 'd' type: 'HDF5Data' hdf5_data_param { source: '../../secret' batch_size: 1 } }\n")
    bad("caffe_python_escaped.prototxt", 'name: "net"\nlayer { name: "p" type: "\\120ython" python_param < module: "o" "s" layer: "system" > }\n')
    bad("mxnet_custom-symbol.json", mxnet(("Custom", {"op_type": "evil"})))
    bad("mxnet_native-symbol.json", mxnet(("_Native", {"info": "0x7f0000000000", "need_top_grad": "True"})))
    bad("mxnet_ndarray-symbol.json", mxnet(("_NDArray", {"info": "140000000000"})))
    inner = json.loads(mxnet(("Custom", {"op_type": "evil"})))
    outer = json.loads(mxnet(("_foreach", {})))
    outer["nodes"][1]["subgraphs"] = [inner]
    bad("mxnet_subgraph-symbol.json", json.dumps(outer))
    bad("mxnet_inputs-symbol.json", json.dumps({"nodes": [{"op": "relu", "name": "a", "inputs": [[9, 0, 0]]}], "arg_nodes": [], "heads": [[0, 0, 0]]}))
    bad("mxnet_heads-symbol.json", mxnet(("relu", {}), heads=[[77, 0, 0]]))
    bad("openvino_extension.xml", openvino("Evil", "extension"))
    bad("openvino_custom_set.xml", openvino("Evil", "my_ops"))
    bad("openvino_library.xml", openvino(data='<data offset="0" size="16" library="./evil.so" />'))
    bad("openvino_python.xml", openvino("PythonOp", "opset1"))
    bad("openvino_weights.xml", openvino(data='<data element_type="f32" shape="4" offset="18446744073709551600" size="64" />'))
    bad("openvino_negative.xml", openvino(data='<data element_type="f32" shape="4" offset="-8" size="64" />'))
    bad("openvino_entity.xml", openvino(head='<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'))
    bad("openvino_laughs.xml", openvino(head='<!DOCTYPE net [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n'))
    tfjs = lambda nodes, paths: json.dumps({"format": "graph-model", "modelTopology": {"node": nodes}, "weightsManifest": [{"paths": paths, "weights": []}]})
    bad("tfjs_paths/model.json", tfjs([], ["../../../etc/passwd"]))
    bad("tfjs_address/model.json", tfjs([], ["https://weights.invalid/group1.bin"]))
    bad("tfjs_write_file/model.json", tfjs([{"name": "w", "op": "WriteFile"}], ["group1-shard1of1.bin"]))
    bad("tfjs_custom/model.json", tfjs([{"name": "w", "op": "RunCommand"}], ["group1-shard1of1.bin"]))
    bad("onnx_text.textproto", 'ir_version: 8\nopset_import { version: 17 }\ngraph {\n  node { input: "x" output: "y" op_type: "Relu" }\n  initializer { name: "w" data_type: 1 data_location: EXTERNAL external_data { key: "location" value: "../../x" } }\n}\n')
    bad("rknn_shell.rknn", b"RKNN" + bytes(60) + b"/bin/sh -c 'echo never run'" + bytes(64))
    bad("ncnn_counts.param", "7767517\n9 9\nInput data 0 1 data 0=4\nReLU relu 1 1 data out\n")
    bad("torch7_function.t7", t7_object(1, "nn.Sequential", t7_table(2, (t7_text("forward"), t7_function(3)))))
    bad("torch7_table_function.t7", t7_table(1, (t7_text("run"), t7_function(2))))
    bad("torch7_storage.t7", t7_table(1, (t7_text("w"), t7_tensor(2)[:-16] + struct.pack("<q", 2**61) + bytes(8))))
    bad("tensorrt_plugin.engine", b"ptrt" + bytes(28) + b"weights" * 20 + elf() + bytes(64))


def benign():
    good = lambda name, content: save(GOOD, name, content)
    good("paddle.pdmodel", paddle(("feed", {}), ("conv2d", {"padding_algorithm": "EXPLICIT", "data_format": "NCHW"}), ("relu", {}), ("fetch", {})))
    good("paddle_while.pdmodel", paddle(("feed", {}), ("while", {}), ("print", {"message": "step"}), ("fetch", {})))
    good("caffe.caffemodel", caffe(("data", "Input", field(143, b"")), ("conv", "Convolution", field(7, field(5, bytes(16)))), ("prob", "Softmax", b"")))
    good("caffe_data.caffemodel", caffe(("data", "Data", field(107, field(1, "examples/train_lmdb") + field(4, 64))), ("ip", "InnerProduct", b"")))
    good("caffe.prototxt", '# LeNet\nname: "LeNet"\nlayer {\n  name: "data"\n  type: "Input"\n  top: "data"\n  input_param { shape: { dim: 64 dim: 1 dim: 28 dim: 28 } }\n}\nlayer {\n  name: "conv1"\n  type: "Convolution"\n  bottom: "data"\n  convolution_param { num_output: 20 kernel_size: 5 weight_filler { type: "xavier" } }\n}\n')
    good("mxnet-symbol.json", mxnet(("Convolution", {"kernel": "(3, 3)", "num_filter": "8"}), ("Activation", {"act_type": "relu"}), ("SoftmaxOutput", {})))
    good("openvino.xml", openvino())
    good("openvino_opset13.xml", openvino("ScaledDotProductAttention", "opset13"))
    good("openvino_experimental.xml", openvino("ExperimentalDetectronROIFeatureExtractor", "opset6"))
    good("tfjs/model.json", json.dumps({"format": "graph-model", "modelTopology": {"node": [{"name": "x", "op": "Placeholder"}, {"name": "y", "op": "Relu", "input": ["x"]}]}, "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": []}]}))
    good("onnx_text.textproto", 'ir_version: 8\nopset_import { version: 17 }\ngraph {\n  name: "g"\n  node { input: "x" output: "y" op_type: "Relu" }\n}\n')
    good("ncnn.param", "7767517\n3 3\nInput            data             0 1 data 0=227 1=227 2=3\nConvolution      conv1            1 1 data conv1 0=64 1=3\nSoftmax          prob             1 1 conv1 prob\n")
    good("torch7.t7", t7_object(1, "nn.Linear", t7_table(2, (t7_text("weight"), t7_tensor(3)), (t7_text("bias"), t7_tensor(5)), (t7_text("train"), struct.pack("<II", 5, 0)))))
    good("torch7_table.t7", t7_table(1, (t7_text("mean"), struct.pack("<Id", 1, 0.5)), (t7_text("model"), t7_tensor(2))))


if __name__ == "__main__":
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
    malicious()
    benign()
