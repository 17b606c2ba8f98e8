"""Writes the corpus of archives and compressed streams: malicious/ and benign/ beside this script.

Needs: torch 2.x, numpy, joblib, py7zr, zstandard, lz4 (versions in the file VERSIONS), and nothing of the network.
Every payload is inert: it would print one word.
"""
import bz2
import gzip
import importlib.metadata
import io
import lzma
import os
import pathlib
import pickle
import shutil
import struct
import sys
import tarfile
import zipfile
import zlib

import joblib
import lz4.block
import lz4.frame
import numpy
import py7zr
import torch
import zstandard

HERE = pathlib.Path(__file__).resolve().parent
# Random or dependent on addresses in memory: made once, and kept by later runs.
KEPT = {"malicious/encrypted.7z", "malicious/encrypted_names.7z", "benign/state_dict_legacy.pth", "benign/scripted.torchscript.pt",
        "benign/traced.torchscript.pt", "benign/frozen.torchscript.pt", "benign/mobile.ptl", "benign/mobile.mar"}
BAD = HERE / "malicious"
GOOD = HERE / "benign"
WHEN = (2024, 1, 1, 0, 0, 0)
SECONDS = 1704067200
py7zr.helpers.ArchiveTimestamp.from_now = classmethod(lambda cls: cls.from_datetime(SECONDS))


# --- Payloads ---------------------------------------------------------------------------------------------------------


class Inert:
    def __reduce__(self):
        return (os.system, ("echo inert",))


def evil(protocol=2):
    return pickle.dumps(Inert(), protocol).replace(b"cposix\n", b"cos\n")


EVIL0 = b"cos\nsystem\n(S'echo inert'\ntR."
EVIL = evil(4)
FINE = pickle.dumps({"weights": [1.0, 2.0, 3.0]}, 2)
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 3, 62, 1) + bytes(200)
PE = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<HH", 0x8664, 1) + bytes(200)
MACH_O = b"\xcf\xfa\xed\xfe" + struct.pack("<IIIIII", 0x01000007, 3, 6, 1, 72, 0) + bytes(200)


# --- Zip archives, every field at will ---------------------------------------------------------------------------------


class Member:
    """A member; `local` and `central` override what its two headers say."""

    def __init__(self, name, data=b"", method=0, packed=None, listed=True, local=None, central=None, behind=b"", before=b""):
        self.name, self.data, self.method, self.listed = name, data, method, listed
        self.packed = data if packed is None else packed
        if packed is None and method == 8:
            squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
            self.packed = squeeze.compress(data) + squeeze.flush()
        self.local, self.central = local or {}, central or {}
        self.behind, self.before = behind, before

    def fields(self, changes):
        out = dict(name=self.name, flags=0, method=self.method, crc=zlib.crc32(self.data), packed=len(self.packed),
                   size=len(self.data), extra=b"", attributes=0, disk=0)
        out.update(changes)
        out["name"] = out["name"] if isinstance(out["name"], bytes) else out["name"].encode()
        return out

    def header(self):
        f = self.fields(self.local)
        return struct.pack("<4s5H3I2H", b"PK\3\4", 20, f["flags"], f["method"], 0, 0x5821, f["crc"], f["packed"], f["size"],
                           len(f["name"]), len(f["extra"])) + f["name"] + f["extra"]

    def entry(self, offset):
        f = self.fields(self.central)
        offset = f.get("offset", offset)
        return struct.pack("<4s6H3I5H2I", b"PK\1\2", 0x31E, 20, f["flags"], f["method"], 0, 0x5821, f["crc"], f["packed"],
                           f["size"], len(f["name"]), len(f["extra"]), 0, f["disk"], 0, f["attributes"], offset) + f["name"] + f["extra"]


def end_record(count, size, offset, comment=b"", disk=0, here=None):
    return struct.pack("<4s4H2IH", b"PK\5\6", disk, disk, count if here is None else here, count, size, offset, len(comment)) + comment


def zip_parts(members, start=0):
    body, directory, count = b"", b"", 0
    for member in members:
        body += member.before
        offset = start + len(body)
        body += member.header() + member.packed + member.behind
        if member.listed:
            directory += member.entry(offset)
            count += 1
    return body, directory, count


def zip_of(*members, comment=b"", start=0, **end):
    body, directory, count = zip_parts(members, start)
    values = dict(count=count, size=len(directory), offset=start + len(body))
    values.update({k: end[k] for k in end if k in values})
    return body + directory + end_record(values["count"], values["size"], values["offset"], comment,
                                         **{k: end[k] for k in end if k in ("disk", "here")})


def torch_zip(data_pkl=FINE, *more):
    return zip_of(Member("archive/data.pkl", data_pkl), Member("archive/version", b"3\n"), Member("archive/data/0", bytes(64)), *more)


VERSION = Member("archive/version", b"3\n")
STORAGE = Member("archive/data/0", bytes(64))


def malicious_zip():
    out = {}
    pkl = "archive/data.pkl"
    out["plain_data_pkl.pt"] = torch_zip(EVIL)
    out["name_differs_local_evil.pt"] = zip_of(Member("archive/notes.txt", EVIL, local={"name": pkl}), VERSION)
    out["name_differs_central_evil.pt"] = zip_of(Member(pkl, EVIL, local={"name": "archive/notes.txt"}), VERSION)
    for bit in (0x1, 0x20, 0x40):
        out[f"flag_bit_{bit:02x}_in_directory.pt"] = zip_of(Member(pkl, EVIL, central={"flags": bit}), VERSION, STORAGE)
    out["flag_bits_in_both.pt"] = zip_of(Member(pkl, EVIL, central={"flags": 0x41}, local={"flags": 0x41}), VERSION)
    out["wrong_checksum.pt"] = zip_of(Member(pkl, EVIL, central={"crc": 1}, local={"crc": 1}), VERSION)
    out["checksums_differ.pt"] = zip_of(Member(pkl, EVIL, local={"crc": 77}), VERSION)
    good, bad = torch_zip(FINE), torch_zip(EVIL)
    out["two_archives_good_last.pt"] = bad + good
    out["two_archives_bad_last.pt"] = good + bad
    out["two_archives_adjusted.pt"] = bad + zip_of(Member(pkl, FINE), VERSION, start=len(bad))
    out["not_in_directory.pt"] = zip_of(Member(pkl, FINE), Member("archive/data.pkl", EVIL, listed=False), VERSION)
    out["not_in_directory_at_all.pt"] = zip_of(Member(pkl, EVIL, listed=False))
    out["directory_lost.pt"] = zip_parts([Member(pkl, EVIL), VERSION])[0]
    out["duplicate_evil_first.pt"] = zip_of(Member(pkl, EVIL), Member(pkl, FINE), VERSION)
    out["duplicate_evil_last.pt"] = zip_of(Member(pkl, FINE), Member(pkl, EVIL), VERSION)
    out["duplicate_by_case.pt"] = zip_of(Member("archive/DATA.PKL", EVIL), Member(pkl, FINE), VERSION)
    out["duplicate_by_backslash.pt"] = zip_of(Member("archive\\data.pkl", EVIL), Member(pkl, FINE), VERSION)
    out["duplicate_by_dot.pt"] = zip_of(Member("./archive/./data.pkl", EVIL), Member(pkl, FINE), VERSION)
    out["directory_truncates_member.pt"] = zip_of(
        Member(pkl, FINE + EVIL, central={"packed": len(FINE), "size": len(FINE), "crc": zlib.crc32(FINE)}), VERSION)
    out["local_header_truncates_member.pt"] = zip_of(Member(pkl, EVIL, local={"packed": 0, "size": 0}), VERSION)
    out["stored_with_two_sizes.pt"] = zip_of(Member(pkl, EVIL, central={"packed": 10}, local={"packed": 10}), VERSION)
    out["method_differs.pt"] = zip_of(Member(pkl, EVIL, central={"method": 8}), VERSION)
    # The member's name belongs to a directory; readers by name get its content all the same.
    out["folder_with_content.pt"] = zip_of(Member(pkl, FINE), Member("archive/data.pkl/", EVIL), VERSION)
    # Numbers of the zip64 end record against those of the plain one.
    body_a, dir_a, _ = zip_parts([Member(pkl, FINE)])
    body_b, dir_b, _ = zip_parts([Member(pkl, EVIL)], len(body_a))
    whole = body_a + body_b
    at_a, at_b = len(whole), len(whole) + len(dir_a)
    record_at = at_b + len(dir_b)
    wide = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(dir_b), at_b)
    out["zip64_end_leads_elsewhere.pt"] = (whole + dir_a + dir_b + wide + struct.pack("<4sIQI", b"PK\6\7", 0, record_at, 1) +
                                           end_record(1, len(dir_a), at_a))
    # The directory by its offset (PyTorch) and by its size from the end (Python) are two.
    out["directory_by_offset_and_by_size.pt"] = whole + dir_b + dir_a + end_record(1, len(dir_a), at_a)
    out["more_entries_than_counted.pt"] = zip_of(VERSION, Member(pkl, EVIL), count=1)
    out["fewer_bytes_than_entries.pt"] = zip_of(Member(pkl, EVIL), VERSION, size=len(VERSION.entry(0)))
    out["zip64_sizes_lie.pt"] = zip_of(Member(pkl, FINE + EVIL, local={"packed": 0xFFFFFFFF, "size": 0xFFFFFFFF, "extra":
                                       struct.pack("<HHQQ", 1, 16, len(FINE), len(FINE))}), VERSION)
    out["zip64_field_missing.pt"] = zip_of(Member(pkl, EVIL, central={"size": 0xFFFFFFFF, "extra": struct.pack("<HH", 1, 0)}), VERSION)
    out["unicode_name_differs.pt"] = zip_of(Member("archive/readme.txt", EVIL, central={"extra": struct.pack(
        "<HHBI", 0x7075, 5 + len(pkl), 1, zlib.crc32(b"archive/readme.txt")) + pkl.encode()}), VERSION)
    out["pickle_before_archive.pt"] = EVIL + good
    out["pickle_behind_archive.pt"] = good + EVIL
    out["pickle_between_members.pt"] = zip_of(Member(pkl, FINE, behind=EVIL0), VERSION)
    out["pickle_before_directory.pt"] = zip_of(VERSION, Member(pkl, FINE, behind=EVIL))
    out["comment_holds_archive.pt"] = zip_of(Member(pkl, FINE), VERSION, comment=bad)
    out["comment_holds_pickle.pt"] = zip_of(Member(pkl, FINE), VERSION, comment=EVIL)
    out["comment_too_long.pt"] = good[:-2] + struct.pack("<H", 500) + EVIL
    out["behind_the_compressed_stream.pt"] = zip_of(Member(pkl, FINE, 8, packed=Member("", FINE, 8).packed + EVIL), VERSION)
    out["descriptor_lies.pt"] = zip_of(Member(pkl, EVIL, local={"flags": 8, "packed": 0, "size": 0, "crc": 0}, central={"flags": 8},
                                       behind=struct.pack("<4s3I", b"PK\7\x08", 1, 2, 3)), VERSION)
    out["several_disks.pt"] = zip_of(Member(pkl, EVIL, central={"disk": 3}), VERSION, disk=3)
    out["protocol_0_named_txt.pt"] = torch_zip(FINE, Member("archive/notes.txt", EVIL0))
    out["pickle_with_odd_name.pt"] = torch_zip(FINE, Member("archive/.data/x", EVIL))
    out["junk_then_pickle_member.pt"] = torch_zip(FINE, Member("archive/license", b"Licence: see below.\n\0" + EVIL))
    out["pickle_as_storage.pt"] = zip_of(Member(pkl, FINE), VERSION, Member("archive/data/0", EVIL))
    out["program_as_storage.pt"] = zip_of(Member(pkl, FINE), VERSION, Member("archive/data/0", ELF))
    out["program_as_data_pkl.pt"] = zip_of(Member(pkl, ELF), VERSION)
    out["junk_far_behind.pt"] = bad + b"A" * 70_000
    out["unlisted_with_descriptor.pt"] = zip_of(Member(pkl, FINE), Member("archive/data.pkl", EVIL, listed=False, local={"flags": 8, "packed": 0, "size": 0,
                                                "crc": 0}, behind=struct.pack("<4s3I", b"PK\7\x08", zlib.crc32(EVIL), len(EVIL), len(EVIL))), VERSION)
    out["zlib_beside.pt"] = torch_zip(FINE, Member("archive/extra", zlib.compress(EVIL)))
    real = zipfile.ZipFile(io.BytesIO(saved({"w": torch.zeros(16)})))
    described = real.read(next(name for name in real.namelist() if name.endswith("data.pkl")))
    out["storage_too_small.pt"] = zip_of(Member(pkl, described), VERSION, Member("archive/data/0", bytes(8)))
    out["storage_missing.pt"] = zip_of(Member(pkl, described), VERSION)
    out["library_beside.pt"] = torch_zip(FINE, Member("archive/libop.so", ELF))
    out["script_beside.pt"] = torch_zip(FINE, Member("archive/setup.sh", b"#!/bin/sh\necho inert\n"))
    out["module_beside.pt"] = torch_zip(FINE, Member("archive/hook.py", b"import os\nos.system('echo inert')\n"))
    out["deflated_data_pkl.pt"] = zip_of(Member(pkl, EVIL, 8), VERSION)
    out["damaged_deflate.pt"] = zip_of(Member(pkl, EVIL, 8, packed=Member("", EVIL, 8).packed[:-6] + b"\xff" * 6), VERSION)
    out["office_beside.pt"] = torch_zip(EVIL, Member("[Content_Types].xml", b"<Types/>"))
    return out


def malicious_plain_zip():
    out = {}
    for name, path in {"traversal.zip": "../../../home/user/.bashrc", "absolute.zip": "/etc/cron.d/job", "drive.zip": "C:\\Windows\\x.bat",
                       "backslash_traversal.zip": "data\\..\\..\\x.txt"}.items():
        out[name] = zip_of(Member("data/a.csv", b"a,b\n1,2\n"), Member(path, b"inert\n"))
    link = 0o120777 << 16
    out["symlink.zip"] = zip_of(Member("weights", b"/etc/passwd", central={"attributes": link}))
    out["symlink_up.zip"] = zip_of(Member("data/weights", b"../../../secrets", central={"attributes": link}))
    out["impossible_ratio.zip"] = zip_of(Member("zeros.bin", b"", 8, packed=b"\x03\x00", central={"size": 0x7FFFFFFF}, local={"size": 0x7FFFFFFF}))
    # Fifield: one kernel, many members, each quoting the headers of the next.
    kernel = Member("k", bytes(3_000_000), 8)
    body, directory = b"", b""
    headers = [Member(f"{i:03}", b"", 8) for i in range(40)]
    data = kernel.packed
    for member in headers:
        member.packed, member.data = data, bytes(3_000_000)
        body += member.header()
    for i, member in enumerate(headers):
        directory += member.entry(i * len(member.header()))
    body += data
    out["bomb_of_overlaps.zip"] = body + directory + end_record(len(headers), len(directory), len(body))
    out["bomb_by_total.zip"] = zip_of(*[Member(f"{i}.bin", b"", 8, packed=b"\x03" + bytes(40), central={"size": 40_000},
                                        local={"size": 40_000}) for i in range(3)],
                                      Member("all.bin", b"", 12, packed=bytes(400), central={"size": 0xF0000000}, local={"size": 0xF0000000}),
                                      Member("all2.bin", b"", 12, packed=bytes(400), central={"size": 0xF0000000}, local={"size": 0xF0000000}))
    nested = EVIL
    for level in range(12):
        nested = zip_of(Member(f"level{level}.zip" if level else "model.pkl", nested, 8))
    out["nested_twelve_deep.zip"] = nested
    out["pickle_named_csv.zip"] = zip_of(Member("data/rows.csv", EVIL))
    out["model_in_wheel.whl"] = zip_of(Member("pkg/__init__.py", b"", 8), Member("pkg/model.pkl", EVIL, 8),
                                       Member("pkg-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n", 8),
                                       Member("pkg-1.0.dist-info/RECORD", b"", 8))
    out["duplicate_model.zip"] = zip_of(Member("model.pkl", FINE), Member("model.pkl", EVIL))
    out["program_named_model.zip"] = zip_of(Member("model.safetensors", PE))
    out["zipcrypto.zip"] = zip_of(Member("model.pkl", EVIL, packed=bytes((i * 151 + 7) % 256 for i in range(len(EVIL) + 12)),
                                         central={"flags": 1}, local={"flags": 1}))
    out["object_array.npz"] = zip_of(Member("arr.npy", npy_of_objects()))
    out["pickle_for_array.npz"] = zip_of(Member("arr.npy", EVIL))
    out["bzip2_member.zip"] = zip_of(Member("model.pkl", EVIL, 12, packed=bz2.compress(EVIL)))
    xz = lzma.compress(EVIL, format=lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "preset": 6}])
    out["lzma_member.zip"] = zip_of(Member("model.pkl", EVIL, 14, packed=struct.pack("<BBH", 9, 4, 5) + xz[:5] + xz[13:],
                                           central={"flags": 2}, local={"flags": 2}))
    out["zstd_member.zip"] = zip_of(Member("model.pkl", EVIL, 93, packed=zstandard.compress(EVIL)))
    out["xz_member.zip"] = zip_of(Member("model.pkl", EVIL, 95, packed=lzma.compress(EVIL)))
    return out


def npy_of_objects():
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (118 - len(header) - 1 + 0) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + EVIL


# --- Archives of models --------------------------------------------------------------------------------------------------


def script_zip(code=b"", constants=None, **more):
    constants = constants or pickle.dumps((), 2)
    members = [Member("m/data.pkl", FINE), Member("m/code/__torch__.py", code), Member("m/code/__torch__.py.debug_pkl", more.get("debug", pickle.dumps((), 2))),
               Member("m/constants.pkl", constants), Member("m/version", b"3\n")]
    return zip_of(*members)


def malicious_models():
    out = {}
    head = b"class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    "
    out["torchscript_saves_file.pt"] = script_zip(head + b"_0 = torch.save(x, \"/tmp/inert\")\n    return x\n")
    out["torchscript_maps_file.pt"] = script_zip(head + b"_0 = torch.from_file(\"/etc/hostname\", False, 10)\n    return _0\n")
    out["torchscript_aten_from_file.ptl"] = script_zip(head + b"_0 = ops.aten.from_file(\"/etc/hostname\", False, 10)\n    return _0\n")
    out["torchscript_os_operator.pt"] = script_zip(head + b"_0 = ops.os.system(\"echo inert\")\n    return x\n")
    out["torchscript_imports_os.pt"] = script_zip(b"import os\nos.system('echo inert')\n" + head + b"return x\n")
    out["torchscript_eval.pt"] = script_zip(head + b"_0 = eval(\"1\")\n    return x\n")
    out["torchscript_constants.pt"] = script_zip(head + b"return x\n", constants=EVIL)
    out["torchscript_debug_pkl.pt"] = script_zip(head + b"return x\n", debug=EVIL)
    out["torchscript_posing_as_package.pt"] = zip_of(Member("m/data.pkl", FINE), Member("m/code/__torch__.py", head + b"_0 = ops.aten.save(x, \"f\")\n"),
                                                     Member("m/constants.pkl", pickle.dumps((), 2)), Member("m/.data/extern_modules", b""))
    lambda_layer = (b'{"module": "keras", "class_name": "Sequential", "config": {"layers": [{"module": "keras.layers", "class_name": "Lambda", "config": '
                    b'{"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": null, "closure": null}}}}]}, '
                    b'"registered_name": null}')
    out["keras_posing_as_torch.keras"] = zip_of(Member("config.json", lambda_layer), Member("metadata.json", b'{"keras_version": "3.5.0"}'),
                                                Member("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(100)), Member("x/data.pkl", FINE))
    package = [Member("p/.data/extern_modules", b""), Member("p/.data/version", b"6\n"), Member("p/.data/python_version", b"3.11")]
    out["package_code.pt"] = zip_of(Member("p/model/model.pkl", FINE), Member("p/net.py", b"import os\n\nos.system('echo inert')\n"), *package)
    out["package_code_hidden.pt"] = zip_of(Member("p/model/model.pkl", FINE), Member(
        "p/net.py", b"import os as o\nfrom base64 import b64decode as d\n\ngetattr(o, d('c3lzdGVt').decode())('echo inert')\nexec(d('MQ=='))\n"), *package)
    out["package_pickle.pt"] = zip_of(Member("p/model/weights", EVIL), *package)
    manifest = b'{"runtime": "python", "model": {"modelName": "m", "serializedFile": "m.pt", "handler": "handler.py"}, "archiverVersion": "0.12.0"}'
    out["handler_runs_command.mar"] = zip_of(Member("MAR-INF/MANIFEST.json", manifest, 8), Member("m.pt", torch_zip(), 8), Member(
        "handler.py", b"import subprocess\nfrom ts.torch_handler.base_handler import BaseHandler\n\n\nclass H(BaseHandler):\n"
        b"    def initialize(self, context):\n        subprocess.run(['echo', 'inert'])\n", 8))
    out["handler_evals.mar"] = zip_of(Member("MAR-INF/MANIFEST.json", manifest, 8), Member(
        "handler.py", b"def handle(data, context):\n    return [eval(data[0]['body'])]\n", 8))
    out["weights.mar"] = zip_of(Member("MAR-INF/MANIFEST.json", manifest, 8), Member("m.pt", torch_zip(EVIL), 8))
    config = b"target: nemo.collections.asr.models.EncDecCTCModel\npreprocessor:\n  _target_: os.system\n  command: echo inert\n"
    out["target_os_system.nemo"] = tar_of(("./model_config.yaml", config), ("./model_weights.ckpt", torch_zip()))
    out["target_quoted.nemo"] = gzip_of(tar_of(("model_config.yaml", b'{"a": {"\\x5ftarget_": "builtins.exec", "_args_": ["1"]}}')))
    out["target_unknown.nemo"] = tar_of(("model_config.yaml", b"encoder:\n  _target_: evilpkg.loader.run\n"))
    out["weights.nemo"] = tar_of(("./model_config.yaml", b"a: 1\n"), ("./model_weights.ckpt", torch_zip(EVIL)))
    for name, program in {"elf.pt": ELF, "pe.safetensors": PE, "mach_o.bin": MACH_O, "elf.gguf": ELF, "pe.onnx": PE, "elf.pkl": ELF}.items():
        out["program_" + name] = program
    out["engine_with_library.engine"] = b"ftrt" + struct.pack("<IQ", 0, 4096) + bytes(300) + ELF + bytes(100)
    out["executorch_with_pickle.pte"] = struct.pack("<I", 16) + b"ET12" + bytes(60) + EVIL + bytes(20)
    return out


# --- Tar -------------------------------------------------------------------------------------------------------------------


def header(name, size=0, kind=b"0", link=b"", magic=b"ustar\x0000", size_field=None, wrong_sum=False):
    name = name if isinstance(name, bytes) else name.encode()
    field = b"%011o\0" % size if size_field is None else size_field
    block = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + field.ljust(12, b"\0") + b"%011o\0" % SECONDS + b" " * 8 + kind
    block += link.ljust(100, b"\0") + magic + bytes(512 - 265)
    total = sum(block) + (1 if wrong_sum else 0)
    return block[:148] + b"%06o\0 " % total + block[156:]


def padded(data):
    return data + bytes(-len(data) % 512)


def tar_of(*files, end=True, **how):
    out = b"".join(header(name, len(data), **how) + padded(data) for name, data in files)
    return out + (bytes(1024) if end else b"")


def pax_record(key, value):
    text = f" {key}={value}\n"
    size = len(text)
    while len(str(size)) + len(text) != size:
        size = len(str(size)) + len(text)
    return f"{size}{text}".encode()


def malicious_tar():
    out = {}
    out["ustar.tar"] = tar_of(("model.pkl", EVIL))
    out["odd_name.tar"] = tar_of(("notes.txt", EVIL0))
    out["v7.tar"] = tar_of(("model.pkl", EVIL), magic=bytes(8))
    out["gnu_long_name.tar"] = header("././@LongLink", 150, b"L", magic=b"ustar  \0") + padded(b"d/" * 72 + b"m.pkl\0") + tar_of(("d/short", EVIL), magic=b"ustar  \0")
    records = pax_record("path", "folder/model.pkl")
    out["pax_path.tar"] = header("PaxHeaders/x", len(records), b"x") + padded(records) + tar_of(("readme", EVIL))
    # The size of the pax record jumps over a second archive; readers that go by the header see it.
    hidden = tar_of(("model.pkl", EVIL), end=False)
    records = pax_record("size", len(hidden))
    out["pax_size_hides.tar"] = header("PaxHeaders/x", len(records), b"x") + padded(records) + header("blob", 0) + hidden + tar_of(("b", b"b"))
    out["pax_size_shows.tar"] = header("PaxHeaders/x", len(pax_record("size", 0)), b"x") + padded(pax_record("size", 0)) + header("blob", len(hidden)) + hidden + tar_of(("b", b"b"))
    out["behind_end.tar"] = tar_of(("a.txt", b"a")) + tar_of(("model.pkl", EVIL))
    out["behind_lone_zero_block.tar"] = tar_of(("a.txt", b"a"), end=False) + bytes(512) + tar_of(("model.pkl", EVIL))
    out["behind_wrong_sum.tar"] = tar_of(("a.txt", b"a"), end=False) + header("b", wrong_sum=True) + tar_of(("model.pkl", EVIL))
    out["data_of_a_folder.tar"] = header("d/", len(hidden), b"5") + hidden + tar_of(("a.txt", b"a"))
    out["data_of_a_link.tar"] = tar_of(("a.txt", b"a"), end=False) + header("b", len(EVIL), b"1", b"a.txt") + padded(EVIL) + bytes(1024)
    out["base256_size.tar"] = header("model.pkl", size_field=b"\x80" + len(EVIL).to_bytes(11, "big")) + padded(EVIL) + bytes(1024)
    out["size_with_two_readings.tar"] = header("a", size_field=b"0\0" + b"%09o\0" % len(hidden)) + hidden + bytes(1024)
    out["unknown_type.tar"] = tar_of(("model.pkl", EVIL), kind=b"Z")
    out["traversal.tar"] = tar_of(("../../.ssh/authorized_keys", b"inert\n"))
    out["absolute.tar"] = tar_of(("/root/.profile", b"inert\n"))
    out["link_out.tar"] = header("weights", 0, b"2", b"/etc/passwd") + bytes(1024)
    out["link_then_file.tar"] = header("d", 0, b"2", b"../../target") + tar_of(("d/x", b"inert\n"))
    out["hard_link_out.tar"] = header("weights", 0, b"1", b"/etc/passwd") + bytes(1024)
    out["device.tar"] = header("mem", 0, b"3") + bytes(1024)
    out["truncated.tar"] = tar_of(("model.pkl", EVIL + bytes(2000)))[:700]
    out["sparse.tar"] = (header("model.pkl", len(EVIL), b"S", magic=b"ustar  \0")) + padded(EVIL) + bytes(1024)
    out["torch_format.tar"] = tar_of(("sys_info", FINE), ("pickle", EVIL), ("storages", pickle.dumps(0, 2)), ("tensors", pickle.dumps(0, 2)))
    out["torch_format_storages.tar"] = tar_of(("sys_info", FINE), ("pickle", FINE), ("storages", pickle.dumps(1, 2) + EVIL + bytes(64)), ("tensors", pickle.dumps(0, 2)))
    # The name of the first member is a whole pickle of protocol 0.
    out["tar_and_pickle.tar"] = tar_of((EVIL0, b"a"))
    layer = gzip_of(tar_of(("opt/model/weights.pkl", EVIL)))
    out["image_layer.tar"] = tar_of(("manifest.json", b'[{"Layers": ["blobs/sha256/ab"]}]'), ("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), ("blobs/sha256/ab", layer))
    return out


# --- Compressed streams -----------------------------------------------------------------------------------------------------


def gzip_of(data, name=b"", flags=0):
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(data) + body.flush()
    flags |= 8 if name else 0
    return (struct.pack("<4BIBB", 0x1F, 0x8B, 8, flags, 0, 2, 255) + (name + b"\0" if name else b"") + packed +
            struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))


def lz4_legacy(data):
    block = lz4.block.compress(data, store_size=False)
    return struct.pack("<II", 0x184C2102, len(block)) + block


def lzip(data):
    raw = lzma.compress(data, format=lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}])[13:]
    return b"LZIP\x01\x10" + raw + struct.pack("<IQQ", zlib.crc32(data), len(data), 6 + len(raw) + 20)


def zfile(data):
    return b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data)


def skippable(data):
    return struct.pack("<II", 0x184D2A53, len(data)) + data


def malicious_compressed():
    out = {}
    for name, squeeze in {"gz": gzip_of, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress, "lz4": lz4.frame.compress,
                          "z": zlib.compress, "lz": lzip}.items():
        out[f"pickle.pkl.{name}"] = squeeze(EVIL)
        out[f"protocol_0.joblib.{name}"] = squeeze(EVIL0)
    out["pickle.lzma"] = lzma.compress(EVIL, format=lzma.FORMAT_ALONE)
    out["legacy.lz4"] = lz4_legacy(EVIL)
    out["old_joblib.pkl"] = zfile(EVIL)
    out["joblib_zlib.joblib"] = zlib.compress(EVIL)
    out["second_member.pkl.gz"] = gzip_of(FINE) + gzip_of(EVIL)
    out["member_behind_zeros.pkl.gz"] = gzip_of(FINE) + bytes(700) + gzip_of(EVIL)
    out["behind_stream.pkl.gz"] = gzip_of(FINE) + EVIL
    out["empty_first_stream.pkl.bz2"] = bz2.compress(b"") + bz2.compress(EVIL)
    out["second_stream.pkl.bz2"] = bz2.compress(FINE) + bz2.compress(EVIL)
    out["second_stream_padded.pkl.xz"] = lzma.compress(FINE) + bytes(8) + lzma.compress(EVIL)
    out["skippable_frames.pkl.zst"] = skippable(b"x" * 40) + skippable(b"") + zstandard.compress(FINE) + skippable(b"y" * 9) + zstandard.compress(EVIL)
    out["skippable_frame.pkl.lz4"] = skippable(b"x" * 40) + lz4.frame.compress(EVIL)
    out["truncated.pkl.gz"] = gzip_of(EVIL + bytes(range(256)) * 8)[:-30]
    out["name_leads_out.gz"] = gzip_of(b"inert\n", name=b"../../.bashrc")
    out["gzip_twice.pkl.gz.gz"] = gzip_of(gzip_of(EVIL))
    out["tar_in_gzip.tar.gz"] = gzip_of(tar_of(("model.pkl", EVIL)))
    out["tar_in_xz.tar.xz"] = lzma.compress(tar_of(("model.pt", torch_zip(EVIL))))
    out["bomb.bz2"] = bz2.compress(bytes(900_000)) * 2000
    squeeze = zstandard.ZstdCompressor(level=19, write_content_size=False).compressobj()
    out["bomb.zst"] = b"".join(squeeze.compress(bytes(1 << 24)) for _ in range(24)) + squeeze.flush()
    return out


# --- 7z and what else libarchive reads -----------------------------------------------------------------------------------


def seven_zip(files, filters=None, password=None, hide_names=False):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=filters, password=password, header_encryption=hide_names) as archive:
        for name, data in files:
            archive.writef(io.BytesIO(data), name)
    return out.getvalue()


def cpio(files):
    out = b""
    for name, data in list(files) + [("TRAILER!!!", b"")]:
        fields = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
        out += head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    return out


def ar(files):
    out = b"!<arch>\n"
    for name, data in files:
        out += f"{name + '/':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def cab(files):
    """One folder, stored."""
    names = b"".join(struct.pack("<IIHHHH", len(data), sum(len(d) for _, d in files[:i]), 0, 0x5821, 0, 0x20) + name.encode() + b"\0"
                     for i, (name, data) in enumerate(files))
    body = b"".join(data for _, data in files)
    first = 36 + 8
    block = first + len(names)
    total = block + 8 + len(body)
    return (struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, total, 0, first, 0, 3, 1, 1, len(files), 0, 0, 0) + struct.pack("<IHH", block, 1, 0) +
            names + struct.pack("<IHH", 0, len(body), len(body)) + body)


def malicious_packed():
    out = {}
    methods = {
        "lzma2": [{"id": py7zr.FILTER_LZMA2, "preset": 7}],
        "lzma": [{"id": py7zr.FILTER_LZMA}],
        "bcj_lzma2": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA2, "preset": 7}],
        "bzip2": [{"id": py7zr.FILTER_BZIP2}],
        "deflate": [{"id": py7zr.FILTER_DEFLATE}],
        "ppmd": [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
        "copy": [{"id": py7zr.FILTER_COPY}],
        "zstd": [{"id": py7zr.FILTER_ZSTD, "level": 3}],
    }
    for name, filters in methods.items():
        if name != "zstd":  # libarchive 3.6 does not know it: incomplete, not found
            out[f"{name}.7z"] = seven_zip([("model.pkl", EVIL), ("notes.txt", b"notes\n")], filters)
    hidden = seven_zip([("model.pkl", EVIL)], methods["lzma2"])
    out["behind_program.exe"] = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(2000) + hidden
    out["behind_script.7z"] = b"#!/bin/sh\ntail -c +99 $0\n" + hidden
    out["nullifai.pt"] = seven_zip([("archive/data.pkl", EVIL[:-1]), ("archive/version", b"3\n")])
    out["nullifai_whole_model.pth"] = seven_zip([("model.pt", torch_zip(EVIL))])
    for name, hide in {"encrypted.7z": False, "encrypted_names.7z": True}.items():
        out[name] = seven_zip([("model.pkl", EVIL)], password="inert", hide_names=hide)
    out["pickle.cpio"] = cpio([("model.pkl", EVIL)])
    out["pickle.a"] = ar([("notes.txt", b"n"), ("model.pkl", EVIL)])
    out["package.deb"] = ar([("debian-binary", b"2.0\n"), ("data.tar.xz", lzma.compress(tar_of(("./opt/model.pkl", EVIL))))])
    out["pickle.cab"] = cab([("model.pkl", EVIL)])
    out["traversal.cpio"] = cpio([("../../x.txt", b"inert\n")])
    return out


# --- Two formats at once ------------------------------------------------------------------------------------------------


PNG = (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0) + struct.pack(">I", 0x3A7E9B55) +
       struct.pack(">I", 10) + b"IDAT" + zlib.compress(b"\0\0") + struct.pack(">I", 0) + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", 0xAE426082))
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
TENSORS = struct.pack("<Q", 64) + b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.ljust(64) + bytes(8)
GGUF = b"GGUF" + struct.pack("<IQQ", 3, 0, 0)


def malicious_polyglots():
    out = {}
    bad = torch_zip(EVIL)
    for name, front in {"png": PNG, "pdf": PDF, "safetensors": TENSORS, "gguf": GGUF, "elf": ELF, "pickle": FINE}.items():
        out[f"{name}_and_model.{'pt' if name in ('elf', 'pickle') else name}"] = front + zip_of(
            Member("archive/data.pkl", EVIL), VERSION, start=len(front))
    out["png_and_plain_zip.png"] = PNG + zip_of(Member("model.pkl", EVIL))
    out["png_and_fine_model.png"] = PNG + torch_zip(FINE)
    out["pickle_then_fine_model.pt"] = FINE + torch_zip(FINE)
    out["elf_and_fine_model.pt"] = ELF + torch_zip(FINE)
    out["tar_with_archive_at_end.tar"] = tar_of(("a.txt", b"a")) + bad
    deep = zip_of(Member("inner.tar.gz", gzip_of(tar_of(("inner.7z", seven_zip([("model.pkl.xz", lzma.compress(EVIL))]))))))
    out["zip_tar_gzip_7z_xz.zip"] = deep
    out["npz_in_tar_in_zip.zip"] = zip_of(Member("a.tar", tar_of(("b.npz", zip_of(Member("arr.npy", npy_of_objects()))))))
    out["model_in_model.pt"] = torch_zip(FINE, Member("archive/extra/backup", torch_zip(EVIL)))
    out["joblib_in_zip.zip"] = zip_of(Member("pipeline.joblib", zlib.compress(EVIL), 8))
    out["gzip_named_txt.zip"] = zip_of(Member("readme.txt", gzip_of(EVIL)))
    return out


# --- What real libraries write --------------------------------------------------------------------------------------------


class Unseekable(io.RawIOBase):
    """A stream that zipfile can only write forward to, so that it leaves sizes to data descriptors."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, chunk):
        self.data += chunk
        return len(chunk)


def info(name, method=zipfile.ZIP_DEFLATED, mode=0o644):
    out = zipfile.ZipInfo(name, WHEN)
    out.compress_type = method
    out.external_attr = (0o100000 | mode) << 16
    return out


def real_zip(files, method=zipfile.ZIP_DEFLATED, comment=b"", stream=None, zip64=False):
    target = stream or io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files:
            if zip64:
                with archive.open(info(name, method), "w", force_zip64=True) as member:
                    member.write(data)
            elif name.endswith("/"):
                folder = zipfile.ZipInfo(name, WHEN)
                folder.external_attr = 0o40755 << 16 | 0x10
                archive.writestr(folder, b"")
            else:
                archive.writestr(info(name, method), data)
        archive.comment = comment
    return bytes(target.data) if stream is not None else target.getvalue()


CSV = b"id,label,score\n" + b"".join(b"%d,%s,%.3f\n" % (i, b"cat" if i % 3 else b"dog", i / 7) for i in range(200))


def real_tar(files, form, compress=""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:" + compress, format=form) as archive:
        for name, data, *link in files:
            member = tarfile.TarInfo(name)
            member.mtime = SECONDS + 0.5 if form == tarfile.PAX_FORMAT else SECONDS
            if link:
                member.type, member.linkname = link[0], data
                archive.addfile(member)
            elif name.endswith("/"):
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
            else:
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.register_buffer("scale", torch.ones(3))

    def forward(self, x):
        return torch.relu(self.norm(self.linear(x))) * self.scale


def saved(thing, **how):
    out = io.BytesIO()
    torch.save(thing, out, **how)
    return out.getvalue()


def benign_torch():
    torch.manual_seed(0)
    net = Net().eval()
    out = {}
    out["state_dict.pt"] = saved(net.state_dict())
    out["state_dict_legacy.pth"] = saved(net.state_dict(), _use_new_zipfile_serialization=False)
    out["tensors_of_all_types.pt"] = saved({str(t): torch.zeros(3, dtype=t) for t in (
        torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.bool,
        torch.complex64)})
    optimizer = torch.optim.Adam(net.parameters())
    net.train()
    net(torch.randn(5, 4)).sum().backward()
    optimizer.step()
    net.eval()
    out["checkpoint.ckpt"] = saved({"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "loss": 0.25, "args": {"lr": 1e-3}})
    out["sequential.pt"] = saved(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()))
    out["sparse.pt"] = saved(torch.eye(4).to_sparse())
    out["shared_storage.bin"] = saved([net.linear.weight.data, net.linear.weight.data[1:], net.linear.weight.data.t()])
    out["large_storages.pt"] = saved({f"layer{i}": torch.zeros(2000) for i in range(4)})
    script = torch.jit.script(net)
    traced = torch.jit.trace(net, torch.zeros(1, 4))
    for name, module in {"scripted": script, "traced": traced, "frozen": torch.jit.freeze(script)}.items():
        buffer = io.BytesIO()
        torch.jit.save(module, buffer, _extra_files={"labels.txt": "cat\ndog\n"} if name == "scripted" else None)
        out[f"{name}.torchscript.pt"] = buffer.getvalue()
    out["mobile.ptl"] = script._save_to_buffer_for_lite_interpreter()
    buffer = io.BytesIO()
    with torch.package.PackageExporter(buffer) as exporter:
        exporter.save_source_string("util", "import math\n\n\ndef scale(x):\n    return x * math.pi\n")
        exporter.save_pickle("model", "weights.pkl", net.state_dict())
        exporter.save_text("model", "labels.txt", "cat\ndog\n")
        exporter.extern(["math", "torch.**", "collections", "sys", "io"])
    out["package.pt"] = buffer.getvalue()
    repacked = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(out["state_dict.pt"])) as old, zipfile.ZipFile(repacked, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(info(name), old.read(name))
    out["repacked_deflated.pt"] = repacked.getvalue()
    out["mobile.mar"] = real_zip([("MAR-INF/MANIFEST.json", b'{"createdOn": "01/01/2024 00:00:00", "runtime": "python", "model": {"modelName": "net", '
                                   b'"serializedFile": "net.pt", "handler": "handler.py", "modelVersion": "1.0"}, "archiverVersion": "0.12.0"}'),
                                  ("net.pt", out["scripted.torchscript.pt"]), ("index_to_name.json", b'{"0": "cat", "1": "dog"}'),
                                  ("handler.py", b"import json\nimport os\n\nimport torch\nfrom ts.torch_handler.base_handler import BaseHandler\n\n\n"
                                   b"class NetHandler(BaseHandler):\n    def initialize(self, context):\n        folder = context.system_properties['model_dir']\n"
                                   b"        self.model = torch.jit.load(os.path.join(folder, 'net.pt'))\n        self.model.eval()\n"
                                   b"        with open(os.path.join(folder, 'index_to_name.json')) as names:\n            self.names = json.load(names)\n")])
    config = (b"target: nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE\nnemo_version: 1.23.0\nsample_rate: 16000\npreprocessor:\n"
              b"  _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor\n  features: 80\noptim:\n  name: adamw\n  sched:\n    name: CosineAnnealing\n"
              b"encoder:\n  _target_: nemo.collections.asr.modules.ConformerEncoder\n  feat_in: 80\n")
    files = [("./", b""), ("./model_config.yaml", config), ("./model_weights.ckpt", out["state_dict.pt"]), ("./vocab.txt", b"a\nb\n")]
    out["conformer.nemo"] = real_tar(files, tarfile.PAX_FORMAT)
    out["conformer_gz.nemo"] = gzip_of(real_tar(files, tarfile.GNU_FORMAT))
    return out


def benign_arrays():
    out = {}
    arrays = {"x": numpy.arange(30.0).reshape(5, 6), "y": numpy.zeros(100, dtype="int64"), "names": numpy.array(["a", "bc"])}
    for name, save in {"arrays.npz": numpy.savez, "arrays_compressed.npz": numpy.savez_compressed}.items():
        buffer = io.BytesIO()
        save(buffer, **arrays)
        out[name] = buffer.getvalue()
    model = {"coef": numpy.arange(12.0).reshape(3, 4), "classes": ["cat", "dog"], "intercept": numpy.zeros(3)}
    for name, how in {"zlib": ("zlib", 3), "gzip": ("gzip", 3), "bz2": ("bz2", 3), "lzma": ("lzma", 3), "xz": ("xz", 3), "lz4": ("lz4", 3), "none": 0}.items():
        path = GOOD / f"model_{name}.joblib"
        joblib.dump(model, path, compress=how)
        out[path.name] = path.read_bytes()
        if name == "gzip":  # the time of writing stands in the header
            out[path.name] = out[path.name][:4] + bytes(4) + out[path.name][8:]
    out["old_model.pkl"] = zfile(pickle.dumps({"coef": [1.0, 2.0]}, 2))
    out["model.pkl.gz"] = gzip_of(pickle.dumps(model, 4), name=b"model.pkl")
    out["model.pkl.zst"] = zstandard.compress(pickle.dumps(model, 4))
    return out


def benign_zip():
    out = {}
    files = [("data/", b""), ("data/train.csv", CSV), ("data/test.csv", CSV[:500]), ("README.md", b"# Data\n\nRows of cats and dogs.\n")]
    out["stored.zip"] = real_zip(files, zipfile.ZIP_STORED)
    out["deflated.zip"] = real_zip(files)
    out["bzip2.zip"] = real_zip(files, zipfile.ZIP_BZIP2)
    out["lzma.zip"] = real_zip(files, zipfile.ZIP_LZMA)
    out["data_descriptors.zip"] = real_zip(files[1:], stream=Unseekable())
    out["data_descriptors_stored.zip"] = real_zip(files[1:], zipfile.ZIP_STORED, stream=Unseekable())
    out["zip64.zip"] = real_zip(files[1:], zip64=True)
    out["comment.zip"] = real_zip(files, comment=b"Written for the corpus. PK is no magic here.")
    out["empty.zip"] = real_zip([])
    out["nested.zip"] = real_zip([("inner.zip", real_zip(files)), ("outer.txt", b"outer\n")], zipfile.ZIP_STORED)
    buffer = io.BytesIO(real_zip(files))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(info("data/late.csv"), CSV[:300])
    out["appended.zip"] = buffer.getvalue()
    out["utf8_names.zip"] = real_zip([("données/zusätzlich.csv", CSV), ("数据.txt", b"rows\n")])
    wheel = [("pkg/__init__.py", b"__version__ = '1.0'\n"), ("pkg/core.py", b"import subprocess\nimport pickle\n\n\ndef run(args):\n    return subprocess.run(args, check=True)\n"
              b"\n\ndef load(f):\n    return pickle.load(f)\n"), ("pkg/_native.so", ELF), ("pkg-1.0.data/scripts/tool", b"#!python\nimport pkg\n"),
             ("pkg-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n"), ("pkg-1.0.dist-info/WHEEL", b"Wheel-Version: 1.0\nTag: py3-none-any\n"),
             ("pkg-1.0.dist-info/RECORD", b"")]
    out["pkg-1.0-py3-none-any.whl"] = real_zip(wheel)
    out["pkg-1.0-py3.11.egg"] = real_zip(wheel[:3] + [("EGG-INFO/PKG-INFO", b"Name: pkg\n"), ("pkg/__pycache__/core.cpython-311.pyc", b"\xa7\r\r\n" + bytes(40))])
    jar = [("META-INF/", b""), ("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\n"), ("META-INF/LICENSE", b"Licence\n"), ("META-INF/license/NOTICE", b"n\n"),
           ("com/example/A.class", b"\xca\xfe\xba\xbe\0\0\0\x3d" + bytes(60)), ("META-INF/LICENSE", b"Licence\n"), ("META-INF/", b"")]
    with __import__("warnings").catch_warnings():
        __import__("warnings").simplefilter("ignore")
        out["library.jar"] = real_zip(jar)
        out["same_name_twice.zip"] = real_zip(files + [("data/test.csv", CSV[:600])])
    out["application.pyz"] = b"#!/usr/bin/env python3\n" + real_zip([("__main__.py", b"print('hello')\n"), ("app/__init__.py", b"")])
    buffer = io.BytesIO()
    buffer.write(b"#!/bin/sh\nexec unzip -o \"$0\"\n")
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(info("data.csv"), CSV)
    out["self_extracting.zip"] = buffer.getvalue()
    body, directory, count = zip_parts([Member("AndroidManifest.xml", b"\x03\0\x08\0" + bytes(40)), Member("assets/labels.txt", b"cat\ndog\n", local={"extra": bytes(3)})])
    block = struct.pack("<QQI", 36, 12, 0x7109871A) + bytes(8)
    signing = struct.pack("<Q", len(block) + 24) + block + struct.pack("<Q", len(block) + 24) + b"APK Sig Block 42"
    out["aligned_and_signed.apk"] = body + signing + directory + end_record(count, len(directory), len(body) + len(signing))
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    out["letter.docx"] = real_zip([("[Content_Types].xml", types), ("_rels/.rels", b"<Relationships/>"), ("word/document.xml", b"<w:document/>"), ("word/media/image1.png", PNG)])
    out["table.xlsx"] = real_zip([("[Content_Types].xml", types), ("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", b"<worksheet/>")], stream=Unseekable())
    out["text.odt"] = real_zip([("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<office:document-content/>"), ("META-INF/manifest.xml", b"<manifest/>")])
    out["model_folder.zip"] = real_zip([("m/config.json", b'{"architectures": ["BertModel"], "hidden_size": 8, "model_type": "bert"}'), ("m/model.safetensors", TENSORS),
                                        ("m/vocab.txt", b"[PAD]\n[UNK]\n")])
    out["links_inside.zip"] = zip_of(Member("lib/libx.so.1", b"x"), Member("lib/libx.so", b"libx.so.1", central={"attributes": 0o120777 << 16}))
    return out


def benign_tar():
    out = {}
    files = [("data/", b""), ("data/train.csv", CSV), ("data/" + "long" * 40 + ".txt", b"long name\n"), ("data/latest.csv", "train.csv", tarfile.SYMTYPE),
             ("data/copy.csv", "data/train.csv", tarfile.LNKTYPE), ("data/train.csv", CSV[:100])]
    out["gnu.tar"] = real_tar(files, tarfile.GNU_FORMAT)
    out["pax.tar"] = real_tar(files, tarfile.PAX_FORMAT)
    out["ustar.tar"] = real_tar([files[0], files[1], files[3]], tarfile.USTAR_FORMAT)
    out["data.tar.gz"] = gzip_of(real_tar(files, tarfile.PAX_FORMAT), name=b"data.tar")
    out["data.tar.xz"] = lzma.compress(real_tar(files, tarfile.GNU_FORMAT))
    out["data.tar.zst"] = zstandard.compress(real_tar(files, tarfile.GNU_FORMAT))
    root = [("etc/", b""), ("etc/passwd", b"root:x:0:0::/root:/bin/sh\n"), ("bin", "usr/bin", tarfile.SYMTYPE), ("usr/bin/", b""), ("usr/bin/sh", ELF),
            ("usr/bin/awk", "/etc/alternatives/awk", tarfile.SYMTYPE), ("dev/null", b"", tarfile.CHRTYPE), ("usr/lib/python3/a.py", b"import os\nos.system('true')\n")]
    layer = real_tar([(n, d if not r else (d if isinstance(d, str) else ""), *r) for n, d, *r in root], tarfile.PAX_FORMAT)
    out["layer.tar"] = layer
    out["image.tar"] = real_tar([("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), ("index.json", b'{"schemaVersion": 2, "manifests": []}'), ("blobs/", b""),
                                 ("blobs/sha256/", b""), ("blobs/sha256/aa", gzip_of(layer))], tarfile.PAX_FORMAT)
    with_archive = real_tar([("data/a.npz", benign_arrays_npz()), ("data/z.zip", real_zip([("a.csv", CSV)]))], tarfile.GNU_FORMAT)
    out["archives_inside.tar"] = with_archive
    return out


def benign_arrays_npz():
    buffer = io.BytesIO()
    numpy.savez(buffer, x=numpy.arange(5))
    return buffer.getvalue()


def benign_others():
    out = {}
    out["data.7z"] = seven_zip([("data/train.csv", CSV), ("README.md", b"# Data\n")])
    out["data_ppmd.7z"] = seven_zip([("data/train.csv", CSV)], [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}])
    out["model.7z"] = seven_zip([("model.npz", benign_arrays_npz()), ("weights.pkl", FINE)])
    out["rows.csv.gz"] = gzip_of(CSV, name=b"rows.csv")
    out["rows_members.csv.gz"] = gzip_of(CSV) + gzip_of(CSV)
    out["rows.csv.bz2"] = bz2.compress(CSV)
    out["rows.csv.xz"] = lzma.compress(CSV)
    out["rows.csv.zst"] = zstandard.compress(CSV)
    out["rows.csv.lz4"] = lz4.frame.compress(CSV)
    out["initrd.cpio"] = cpio([("init.txt", b"inert\n"), ("data.csv", CSV)])
    out["package.deb"] = ar([("debian-binary", b"2.0\n"), ("control.tar.xz", lzma.compress(real_tar([("./control", b"Package: x\n")], tarfile.GNU_FORMAT))),
                             ("data.tar.xz", lzma.compress(real_tar([("./usr/bin/x", ELF)], tarfile.GNU_FORMAT)))])
    out["pickle_of_archive.pkl"] = pickle.dumps({"config": {"a": 1}, "archive": real_zip([("a.txt", b"a")])}, 4)
    return out


def write(folder, parts):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in parts.items():
        if (folder / name).exists():
            raise SystemExit(f"{name}: made twice")
        (folder / name).write_bytes(data)


def main():
    kept = {name: (HERE / name).read_bytes() for name in KEPT if (HERE / name).exists()}
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for prefix, parts in {"zip": malicious_zip(), "archive": malicious_plain_zip(), "model": malicious_models(), "tar": malicious_tar(),
                          "stream": malicious_compressed(), "packed": malicious_packed(), "two": malicious_polyglots()}.items():
        write(BAD, {(name if name.startswith("encrypted") else f"{prefix}_{name}"): data for name, data in parts.items()})
    benign = {}
    for parts in (benign_torch(), benign_arrays(), benign_zip(), benign_tar(), benign_others()):
        for name in parts:
            if name in benign:
                raise SystemExit(f"{name}: made twice")
        benign.update(parts)
    shutil.rmtree(GOOD)
    write(GOOD, benign)
    for name, data in kept.items():
        (HERE / name).write_bytes(data)
    versions = "".join(f"{name} {importlib.metadata.version(name)}\n" for name in ("torch", "numpy", "joblib", "py7zr", "zstandard", "lz4"))
    (HERE / "VERSIONS").write_text(f"python {sys.version.split()[0]}\n{versions}")


if __name__ == "__main__":
    if "generate.py" not in main.__code__.co_filename or os.path.isabs(main.__code__.co_filename):
        # TorchScript keeps the path of its source: run under the bare name.
        os.chdir(HERE)
        exec(compile(open("generate.py").read(), "generate.py", "exec"))
    else:
        main()
