"""MessagePack as Flax writes it, and as attackers do.

Needs flax==0.12.8 jax==0.10.2 msgpack==1.2.4 numpy==2.4.6 (Python 3.11).
Payloads only name files that do not exist, or print a word.
"""
import pathlib
import shutil

import jax.numpy as jnp
import msgpack
import numpy as np
from flax import serialization
from flax.training import train_state
import optax

HERE = pathlib.Path(__file__).resolve().parent
BENIGN = HERE / "benign"
MALICIOUS = HERE / "malicious"
EVIL = b"cos\nsystem\n(S'echo pwned'\ntR."


def save(name, tree):
    (BENIGN / name).write_bytes(serialization.to_bytes(tree))


def array(shape, kind, data):
    return msgpack.ExtType(1, msgpack.packb((shape, kind, data), use_bin_type=True))


def benign():
    params = {"params": {f"Dense_{i}": {"kernel": np.full((3, 4), i, "f4"), "bias": np.zeros(4, "f4")} for i in range(3)}}
    save("flax_model.msgpack", params)
    save("bfloat16.msgpack", {"a": jnp.ones((2, 2), jnp.bfloat16), "b": jnp.ones(3, jnp.float16)})
    save("scalars.msgpack", {"step": 3, "rate": 0.1, "name": "a name that is rather long", "flag": True, "none": None,
                             "complex": 1 + 2j, "scalar": np.float32(3), "list": [1, 2, {"x": np.arange(3)}]})
    save("integers.msgpack", {k: np.ones(4, dtype=k) for k in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")})
    state = train_state.TrainState.create(apply_fn=None, params=params["params"], tx=optax.adam(0.1))
    save("train_state.msgpack", state)
    save("checkpoint_100", {"step": 100, "params": params})
    save("empty.msgpack", {})
    save("nested.msgpack", {"a": {"b": {"c": {"d": np.ones((1, 1, 1), "f8")}}}, "frozen": ()})
    chunked = {"__msgpack_chunked_array__": True, "shape": {"0": 4}, "chunks": {"0": np.ones(2, "f4"), "1": np.ones(2, "f4")}}
    save("chunked.msgpack", {"big": chunked})
    (BENIGN / "lists.msgpack").write_bytes(msgpack.packb({"params": {"layer": {"kernel": [[0.1, 0.2]], "bias": b"\0" * 100}},
                                                          "__orbax_metadata__": {"version": "0.1"}}))
    (BENIGN / "plain.msgpack").write_bytes(msgpack.packb({"vocabulary": ["a", "b"], "counts": [1, 2], "when": msgpack.Timestamp(1, 2)}))


def evil(name, data):
    (MALICIOUS / name).write_bytes(data)


def malicious():
    good = array((2,), "float32", b"\0" * 8)
    pack = lambda tree: msgpack.packb(tree, use_bin_type=True)
    evil("object_array.msgpack", pack({"a": array((1,), "object", EVIL), "b": good}))
    evil("object_letter.msgpack", pack({"a": array((1,), "O", b"\0" * 8)}))
    evil("structured.msgpack", pack({"a": array((1,), "i4,O", b"\0" * 12)}))
    evil("pickle_in_bytes.msgpack", pack({"a": EVIL, "b": good}))
    evil("pickle_in_text.msgpack", pack({"a": EVIL.decode(), "b": good}))
    evil("pickle_in_array.msgpack", pack({"a": array((len(EVIL),), "uint8", EVIL)}))
    evil("pickle_in_extension.msgpack", pack({"a": msgpack.ExtType(42, EVIL)}))
    evil("extension_unknown.msgpack", pack({"a": msgpack.ExtType(77, b"x" * 20), "b": good}))
    evil("extension_python.msgpack", pack({"a": msgpack.ExtType(0, b"csomething")}))
    evil("duplicate_keys.msgpack", b"\x82" + pack("a") + pack(good) + pack("a") + pack(good))
    evil("wrong_size.msgpack", pack({"a": array((1 << 40,), "float32", b"\0" * 8)}))
    evil("overflowing_shape.msgpack", pack({"a": array((1 << 32, 1 << 32, 4), "float32", b"\0" * 8)}))
    evil("shape_of_text.msgpack", pack({"a": array(("x",), "float32", b"\0" * 8)}))
    evil("array_not_three.msgpack", pack({"a": msgpack.ExtType(1, pack((1, 2)))}))
    evil("array_trailing.msgpack", pack({"a": msgpack.ExtType(1, pack(((2,), "float32", b"\0" * 8)) + EVIL)}))
    evil("huge_map.msgpack", b"\xdf\xff\xff\xff\xff" + pack("a") + pack(1))
    evil("huge_list.msgpack", b"\x81" + pack("a") + b"\xdd\xff\xff\xff\xff")
    evil("huge_bytes.msgpack", b"\x81" + pack("a") + b"\xc6\xff\xff\xff\xff")
    evil("deep.msgpack", b"\x81\xa1a" * 2000 + b"\x01")
    evil("deep_lists.msgpack", b"\x91" * 100000)
    evil("reserved_byte.msgpack", pack({"a": good})[:-1] + b"\0" + b"\xc1")
    evil("never_used.msgpack", b"\x82\xa1a\xc1\xa1b\x01")
    evil("truncated.msgpack", pack({"a": good, "b": good})[:-5])
    evil("trailing_pickle.msgpack", pack({"a": good}) + EVIL)
    evil("checkpoint_7", pack({"a": EVIL, "b": good}))
    evil("reduce_key.msgpack", pack({"params": good, "__reduce__": ["os.system", "echo pwned"]}))
    evil("code_text.msgpack", pack({"params": good, "code": "import os; os.system('echo pwned')"}))
    evil("code_bytes.flax", pack({"params": good, "code": b"eval(compile('print(1)', 'x', 'exec'))"}))
    evil("map_as_key.msgpack", b"\x82\x80\x01" + pack("b") + pack(good))


for folder in (BENIGN, MALICIOUS):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
benign()
malicious()
