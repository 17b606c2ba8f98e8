"""Writes the corpus of NumPy files: malicious ones byte by byte with inert payloads, benign ones by the library.

Needs numpy 2.4.6.
"""
import io
import pathlib
import pickle
import shutil
import struct

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "malicious"


class Runs:
    def __reduce__(self):
        return print, ("surety",)


class Evaluates:
    def __reduce__(self):
        return eval, ("print('surety')",)


def pack(header, data=b"", version=1, minor=0, length=None):
    text = header if isinstance(header, bytes) else header.encode("utf-8" if version == 3 else "latin1")
    text += b" " * (-(len(text) + 11) % 16) + b"\n"
    size = len(text) if length is None else length
    return b"\x93NUMPY" + bytes([version, minor]) + (struct.pack("<H", size & 0xFFFF) if version == 1 else struct.pack("<I", size)) + text + data


def head(descr="'<f4'", shape="(2,)", order="False"):
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)


def malicious():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    eight = b"\0" * 8
    runs = {p: pickle.dumps(Runs(), p) for p in range(6)}
    npz = io.BytesIO()
    import zipfile
    with zipfile.ZipFile(npz, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.npy"), pack(head("'|O'", "(1,)"), runs[4]))
        archive.writestr(zipfile.ZipInfo("b.npy"), pack(head(), eight))
    mixed = io.BytesIO()
    with zipfile.ZipFile(mixed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("b.npy"), pack(head(), eight))
        archive.writestr(zipfile.ZipInfo("meta.pkl"), runs[2])
    files = {
        "objects_protocol_0.npy": pack(head("'|O'", "(1,)"), runs[0]),
        "objects_protocol_2.npy": pack(head("'|O'", "(1,)"), runs[2]),
        "objects_protocol_4.npy": pack(head("'|O'", "(1,)"), runs[4]),
        "objects_protocol_5_version_2.npy": pack(head("'|O'", "(1,)"), runs[5], version=2),
        "objects_version_3.npy": pack(head("'|O'", "(1,)"), runs[4], version=3),
        "objects_eval.npy": pack(head("'|O'", "(1,)"), pickle.dumps(Evaluates(), 4)),
        "objects_in_structure.npy": pack(head("[('a', '<f4'), ('b', '|O')]", "(1,)"), runs[4]),
        "objects_in_nested_structure.npy": pack(head("[('a', [('b', [('c', 'O')])])]", "(1,)"), runs[4]),
        "objects_in_sub_array.npy": pack(head("[('a', ('|O', (2,)))]", "(1,)"), runs[4]),
        "objects_with_title.npy": pack(head("[(('title', 'a'), '|O')]", "(1,)"), runs[4]),
        "objects_in_comma_list.npy": pack(head("'i4,O'", "(1,)"), runs[4]),
        "objects_by_escape.npy": pack(head("'\\x7cO'", "(1,)"), runs[4]),
        "objects_by_joined_text.npy": pack(head("'|' 'O'", "(1,)"), runs[4]),
        "objects_by_name.npy": pack(head("'object'", "(1,)"), runs[4]),
        "objects_key_escaped.npy": pack("{'desc\\x72': '|O', 'fortran_order': False, 'shape': (1,)}", runs[4]),
        "objects_second_key_counts.npy": pack("{'descr': '<f4', 'descr': '|O', 'fortran_order': False, 'shape': (1,)}", runs[4]),
        "objects_in_second_array.npy": pack(head(), eight) + pack(head("'|O'", "(1,)"), runs[4]),
        "objects_in_third_array.npy": pack(head(), eight) * 2 + pack(head("'|O'", "()"), runs[3]),
        "objects_in_archive.npz": npz.getvalue(),
        "pickle_in_archive.npz": mixed.getvalue(),
        "pickle_behind_array.npy": pack(head(), eight) + runs[4],
        "program_behind_array.npy": pack(head(), eight) + b"\x7fELF\x02\x01\x01" + b"\0" * 60,
        "pickle_named_npy.npy": runs[4],
        "code_in_header.npy": pack("__import__('os').system('echo surety')"),
        "code_in_shape.npy": pack(head(shape="(eval('2'),)"), eight),
        "code_in_type.npy": pack(head(descr="exec('pass')"), eight),
        "shape_negative.npy": pack(head(shape="(-1,)"), eight),
        "shape_overflow.npy": pack(head(shape="(4611686018427387904, 4611686018427387904)")),
        "shape_beyond_64_bits.npy": pack(head(shape="(99999999999999999999999,)"), eight),
        "shape_beyond_file.npy": pack(head(shape="(1000000000,)"), eight),
        "shape_is_text.npy": pack(head(shape="('2',)"), eight),
        "item_huge.npy": pack(head("'|S99999999999'", "(1,)"), eight),
        "sub_array_overflow.npy": pack(head("[('a', '<f4', (4294967296, 4294967296))]", "(1,)"), eight),
        "header_beyond_file.npy": pack(head(), eight, length=60000),
        "header_huge.npy": pack(head(), eight, version=2, length=0xFFFFFFF0),
        "header_deep.npy": pack(head(shape="(" * 900 + ")" * 900), eight),
        "header_no_dict.npy": pack("['<f4', False, (2,)]", eight),
        "header_extra_key.npy": pack("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'loader': 'x'}", eight),
        "type_unknown.npy": pack(head("'<z4'"), eight),
        "order_no_boolean.npy": pack(head(order="'yes'"), eight),
    }
    for name, content in files.items():
        (OUT / name).write_bytes(content)


def benign():
    import numpy as np

    out = HERE / "benign"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    rng = np.random.default_rng(1)
    for kind in ("?", "i1", "u1", "<i2", ">i4", "<u4", "<i8", "<u8", "<f2", "<f4", ">f8", "<c8", "<c16", "longdouble"):
        np.save(out / f"type_{np.dtype(kind).name}.npy", rng.integers(0, 2, (3, 2)).astype(kind))
    np.save(out / "text_fixed.npy", np.array(["a", "bcd", "é"]))
    np.save(out / "bytes_fixed.npy", np.array([b"a", b"bcd"]))
    np.save(out / "void.npy", np.zeros(2, "V5"))
    np.save(out / "dates.npy", np.array(["2024-01-01", "NaT"], "M8[D]"))
    np.save(out / "durations.npy", np.array([1, 2], "m8[25us]"))
    np.save(out / "scalar.npy", np.float64(1.5))
    np.save(out / "empty.npy", np.zeros((0, 3)))
    np.save(out / "fortran_order.npy", np.asfortranarray(rng.standard_normal((3, 4))))
    np.save(out / "many_dimensions.npy", np.zeros((1,) * 10))
    np.save(out / "structured.npy", np.zeros(2, [("id", "<i8"), ("name", "U8"), ("pos", "<f4", (3,))]))
    np.save(out / "structured_aligned.npy", np.zeros(2, np.dtype([("a", "i1"), ("b", "<f8")], align=True)))
    np.save(out / "structured_nested.npy", np.zeros(2, [("p", [("x", "<f4"), ("y", "<f4")]), ("t", "M8[s]")]))
    np.save(out / "structured_titles.npy", np.zeros(2, [(("Title of a", "a"), "<i4"), ("b", "S3")]))
    np.save(out / "field_names.npy", np.zeros(1, [("höhe", "<f4"), ("O", "<f4"), ("it's, (a) {b}", "<i2")]))
    np.save(out / "record_array.npy", np.rec.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]))
    with open(out / "several_arrays.npy", "wb") as file:
        for shape in ((2,), (0,), (3, 3)):
            np.save(file, np.ones(shape))
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(out / f"version_{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(4), version=version)
    mapped = np.lib.format.open_memmap(out / "memory_map.npy", mode="w+", dtype="<f4", shape=(4, 4))
    mapped[:] = 1
    mapped.flush()
    np.savez(out / "archive.npz", a=np.arange(3), b=np.zeros((2, 2)))
    np.savez_compressed(out / "archive_compressed.npz", weights=np.ones(100), bias=np.zeros(3))
    # As Python 2 and the first versions wrote it.
    (out / "python_2.npy").write_bytes(pack("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,), }", b"\0" * 8))


if __name__ == "__main__":
    malicious()
    benign()
