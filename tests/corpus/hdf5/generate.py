"""HDF5 files that are no models of Keras: those that scientific libraries write, and those that attack their readers.

Needs h5py==3.14.0 numpy==2.4.6 pandas==3.1.1 tables==3.11.1 anndata==0.12.19 h5netcdf==1.8.2 (Python 3.11).
Payloads only name files that do not exist, or print a word.
"""
import base64
import io
import pathlib
import pickle
import shutil
import struct
import warnings

import h5py
import numpy as np

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).resolve().parent
BENIGN = HERE / "benign"
MALICIOUS = HERE / "malicious"
EVIL = b"cos\nsystem\n(S'echo pwned'\ntR."


def write(path, fill, **options):
    with h5py.File(path, "w", **options) as file:
        fill(file)


# ---- benign ---------------------------------------------------------------------------------------------------------


def many_styles(file):
    file.attrs["text"] = "résumé"
    file.attrs["fixed"] = np.bytes_(b"abc")
    file.attrs["numbers"] = np.arange(5)
    file.attrs["words"] = ["a", "bb", "ccc"]
    file.attrs["none"] = h5py.Empty("f4")
    file.attrs["flag"] = True
    group = file.create_group("a/b/c")
    group["scalar"] = 3.5
    group["text"] = "hello"
    group["bytes"] = np.void(b"\x00\x01\x02\x03")
    group["strings"] = np.array([b"x", b"yy"], dtype="S4")
    group.create_dataset("variable", data=["one", "two"], dtype=h5py.string_dtype())
    group.create_dataset("chunked", data=np.arange(100.0).reshape(10, 10), chunks=(5, 5), compression="gzip", shuffle=True,
                         fletcher32=True)
    group.create_dataset("lzf", data=np.arange(64), chunks=(8,), compression="lzf")
    group.create_dataset("scaled", data=np.arange(64), chunks=(8,), scaleoffset=0)
    group.create_dataset("growing", (0, 3), maxshape=(None, 3), dtype="i2")
    group.create_dataset("ragged", data=np.array([np.arange(3), np.arange(2)], dtype=object), dtype=h5py.vlen_dtype("i4"))
    group.create_dataset("compound", data=np.zeros(3, dtype=[("x", "f4"), ("y", "S3"), ("z", "i8", (2,))]))
    group.create_dataset("enum", data=[0, 1], dtype=h5py.enum_dtype({"A": 0, "B": 1}, basetype="i1"))
    group.create_dataset("complex", data=np.ones(2, "c8"))
    group.create_dataset("half", data=np.ones(4, "f2"))
    group["reference"] = group.ref
    group.create_dataset("references", data=[group.ref, file.ref], dtype=h5py.ref_dtype)
    group["region"] = group["chunked"].regionref[0:2, :]
    file["hard"] = group
    file["soft"] = h5py.SoftLink("/a/b/c/text")
    file["dangling"] = h5py.SoftLink("/nowhere")
    group["back"] = file["a"]  # a cycle
    file["named_type"] = np.dtype("f8")
    file.create_dataset("typed", data=[1.0], dtype=file["named_type"])
    file["typed"].attrs.create("typed", 2.0, dtype=file["named_type"])


def many_members(file):
    one = file.create_group("one")
    for i in range(300):  # enough for an index of two levels
        file[f"group_{i:04d}"] = one
    dense = file.create_group("dense")
    for i in range(40):
        dense.attrs[f"attribute_{i}"] = f"value {i}"


def tracked(file):
    group = file.create_group("ordered", track_order=True)
    for i in range(30):
        group[f"d{29 - i}"] = i
    for i in range(12):
        group.attrs[f"a{i}"] = i


def scales(file):
    file["x"] = np.arange(3.0)
    file["x"].make_scale("x axis")
    file["data"] = np.zeros((3, 2))
    file["data"].dims[0].attach_scale(file["x"])
    file["data"].dims[0].label = "x"


def large_attribute(file):
    file.attrs["large"] = np.arange(8500.0)


def images(file):
    file["train_set_x"] = np.random.RandomState(1).randint(0, 255, (20, 8, 8, 3), dtype="u1")
    file["train_set_y"] = np.arange(20)
    file["list_classes"] = np.array([b"non-cat", b"cat"])


def trajectories(file):
    for i in range(3):
        group = file.create_group(f"data/demo_{i}")
        group.attrs["num_samples"] = 5
        group["actions"] = np.zeros((5, 7))
        group.create_dataset("obs/image", data=np.zeros((5, 4, 4, 3), "u1"), chunks=(1, 4, 4, 3), compression="gzip")
    file["data"].attrs["env_args"] = '{"env_name": "Lift", "type": 1}'
    file["mask/train"] = np.array([b"demo_0", b"demo_1"])


def virtual(folder):
    """A virtual dataset over its own file, as instruments write them."""
    with h5py.File(folder / "virtual_same_file.h5", "w", libver="latest") as file:
        for i in range(3):
            file[f"part{i}"] = np.arange(4) + i
        layout = h5py.VirtualLayout((3, 4), "i8")
        for i in range(3):
            layout[i] = h5py.VirtualSource(".", f"part{i}", (4,))
        file.create_virtual_dataset("all", layout)


def benign():
    for name, options in {"earliest": {}, "latest": {"libver": "latest"}, "v110": {"libver": ("v110", "v110")},
                          "v108": {"libver": ("earliest", "v108")}, "ordered": {"track_order": True},
                          "user_block": {"userblock_size": 1024}, "page": {"fs_strategy": "page", "fs_persist": True}}.items():
        write(BENIGN / f"styles_{name}.h5", many_styles, **options)
    for name, options in {"earliest": {}, "latest": {"libver": "latest"}}.items():
        write(BENIGN / f"members_{name}.h5", many_members, **options)
        write(BENIGN / f"tracked_{name}.h5", tracked, **options)
        write(BENIGN / f"scales_{name}.hdf5", scales, **options)
    write(BENIGN / "large_attribute.h5", large_attribute, libver="latest")
    write(BENIGN / "images.h5", images)
    write(BENIGN / "robomimic_like.hdf5", trajectories)
    write(BENIGN / "empty.h5", lambda file: None)
    write(BENIGN / "empty_latest.h5", lambda file: None, libver="latest")
    virtual(BENIGN)
    large = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    large.set_sizes(4, 4)
    with h5py.File(h5py.h5f.create(str(BENIGN / "short_addresses.h5").encode(), h5py.h5f.ACC_TRUNC, large)) as file:
        many_styles(file)

    import pandas
    frame = pandas.DataFrame({"n": [1, 2, 3], "x": [0.5, 1.5, 2.5], "t": pandas.date_range("2025-01-01", periods=3)})
    with pandas.HDFStore(BENIGN / "pandas_fixed.h5", "w") as store:
        store.put("frame", frame[["n", "x"]])
        store.put("series", frame["x"])
    frame.to_hdf(BENIGN / "pandas_table.h5", key="frame", format="table", data_columns=True, complevel=5)
    import tables
    with tables.open_file(str(BENIGN / "pytables.h5"), "w") as file:
        group = file.create_group("/", "g", "a title")
        file.create_array(group, "a", np.arange(5))
        file.create_carray(group, "c", obj=np.zeros((8, 8)), filters=tables.Filters(3, "blosc"))
        file.create_earray(group, "e", tables.Float32Atom(), (0, 2), chunkshape=(4, 2)).append(np.zeros((3, 2), "f4"))
        strings = file.create_vlarray(group, "v", tables.VLUnicodeAtom(), chunkshape=(4,))
        strings.append("text of any length")
        table = file.create_table(group, "t", {"i": tables.Int32Col(), "s": tables.StringCol(8)}, expectedrows=2, chunkshape=(4,))
        table.append([(1, b"a"), (2, b"b")])
        group._v_attrs.number = 3
        group._v_attrs.plain = {"a": [1, 2, (3, 4)], "b": "text"}
    import anndata
    anndata.settings.allow_write_nullable_strings = True
    data = anndata.AnnData(np.ones((3, 2), "f4"), obs=pandas.DataFrame({"kind": pandas.Categorical(["a", "b", "a"])}, index=list("xyz")))
    data.uns["note"] = {"nested": "value"}
    data.write_h5ad(BENIGN / "anndata.h5ad")
    import h5netcdf
    with h5netcdf.File(BENIGN / "netcdf.nc", "w") as file:
        file.dimensions = {"x": 5}
        variable = file.create_variable("t", ("x",), float)
        variable[...] = np.ones(5)
        variable.attrs["units"] = "K"


# ---- malicious ------------------------------------------------------------------------------------------------------


def changed(name, source, change):
    data = bytearray(source)
    change(data)
    (MALICIOUS / name).write_bytes(data)


def bytes_of(fill, **options):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        fill(file)
    return buffer.getvalue()


def malicious():
    for name, options in {"earliest": {}, "latest": {"libver": "latest"}}.items():
        write(MALICIOUS / f"external_link_{name}.h5", lambda f: f.__setitem__("x", h5py.ExternalLink("/etc/hostname", "/")), **options)
        write(MALICIOUS / f"external_data_{name}.h5",
              lambda f: f.create_dataset("x", (4,), "u1", external=[("/etc/hostname", 0, 4)]), **options)
        write(MALICIOUS / f"external_data_parent_{name}.h5",
              lambda f: f.create_dataset("x", (4,), "u1", external=[("../../secret", 0, 4)]), **options)
        write(MALICIOUS / f"pickle_attribute_{name}.h5", lambda f: f.attrs.__setitem__("CLASS", np.bytes_(EVIL)), **options)
        write(MALICIOUS / f"pickle_opaque_{name}.h5", lambda f: f.__setitem__("model", np.void(EVIL)), **options)
        write(MALICIOUS / f"pickle_bytes_{name}.h5", lambda f: f.__setitem__("model", np.frombuffer(EVIL, "u1")), **options)
        write(MALICIOUS / f"pickle_text_{name}.h5", lambda f: f.__setitem__("model", EVIL.decode()), **options)
    write(MALICIOUS / "external_link_dense.h5", lambda f: [f.create_group(f"g{i}") for i in range(200)] and
          f.__setitem__("x", h5py.ExternalLink("/etc/hostname", "/")), libver="latest")
    write(MALICIOUS / "external_link_deep.h5", lambda f: f.__setitem__("/".join("abcdefghij") + "/x", h5py.ExternalLink("../../x.h5", "/")))
    write(MALICIOUS / "external_link_user_block.h5", lambda f: f.__setitem__("x", h5py.ExternalLink("/etc/hostname", "/")),
          userblock_size=2048)
    write(MALICIOUS / "pickle_dense_attribute.h5", lambda f: [f.attrs.__setitem__(f"a{i}", i) for i in range(30)] and
          f.attrs.__setitem__("z", np.bytes_(EVIL)), libver="latest")
    write(MALICIOUS / "pickle_variable_attribute.h5", lambda f: f.attrs.create("z", EVIL.decode(), dtype=h5py.string_dtype("ascii")))
    write(MALICIOUS / "pickle_huge_attribute.h5",
          lambda f: f.attrs.__setitem__("z", np.bytes_(b"\x80\x04\x8c\x02os\x8c\x06system\x93B\x00\x20\x01\x00" + b"#" * 73728 + b"\x85R.")),
          libver="latest")
    write(MALICIOUS / "pickle_strings.h5", lambda f: f.create_dataset("s", data=[b"ok", EVIL], dtype="S64"))

    def virtual_elsewhere(file):
        layout = h5py.VirtualLayout((4,), "u1")
        layout[:] = h5py.VirtualSource("/etc/hostname.h5", "x", (4,))
        file.create_virtual_dataset("all", layout)

    write(MALICIOUS / "virtual_elsewhere.h5", virtual_elsewhere, libver="latest")

    import tables
    with tables.open_file(str(MALICIOUS / "pytables_object_attribute.h5"), "w") as file:
        file.root._v_attrs.evil = np.bytes_(EVIL)
    with tables.open_file(str(MALICIOUS / "pytables_object_array.h5"), "w") as file:
        array = file.create_vlarray("/", "objects", tables.ObjectAtom(), chunkshape=(4,))

        class Evil:
            def __reduce__(self):
                return __import__("os").system, ("echo pwned",)

        array.append([Evil()])
    with tables.open_file(str(MALICIOUS / "pytables_object_array_packed.h5"), "w") as file:
        array = file.create_vlarray("/", "objects", tables.ObjectAtom(), filters=tables.Filters(5, "zlib"), chunkshape=(4,))
        array.append([1, 2])
        array.append([Evil()])

    with h5py.File(MALICIOUS / "pickle_encoded_attribute.h5", "w") as file:
        file.attrs["note"] = base64.b64encode(EVIL).decode()
    with h5py.File(MALICIOUS / "pickle_encoded_text.h5", "w") as file:
        file.create_dataset("notes", data=[base64.b64encode(EVIL).decode()], dtype=h5py.string_dtype())

    # A filter that nobody has: the library looks for a shared library of that number.
    plain = bytes_of(lambda f: f.create_dataset("x", data=np.zeros(64), chunks=(8,), compression="gzip"))
    at = plain.index(b"deflate") - 8
    changed("filter_unknown.h5", plain, lambda d: d.__setitem__(slice(at, at + 2), struct.pack("<H", 4242)))

    # Structure.
    groups = bytes_of(lambda f: [f.create_group(f"g{i}") for i in range(20)])
    latest = bytes_of(lambda f: [f.create_group(f"g{i}") for i in range(20)], libver="latest")
    (MALICIOUS / "truncated.h5").write_bytes(groups[: len(groups) // 2])
    (MALICIOUS / "truncated_latest.h5").write_bytes(latest[: len(latest) // 2])
    (MALICIOUS / "head_only.h5").write_bytes(groups[:40])
    changed("checksum.h5", latest, lambda d: d.__setitem__(30, d[30] ^ 1))
    changed("superblock_9.h5", groups, lambda d: d.__setitem__(8, 9))
    changed("sizes.h5", groups, lambda d: d.__setitem__(13, 3))
    tree = groups.index(b"TREE")
    changed("index_cycle.h5", groups, lambda d: d.__setitem__(slice(tree + 32, tree + 40), struct.pack("<Q", tree)))
    changed("index_count.h5", groups, lambda d: d.__setitem__(slice(tree + 6, tree + 8), b"\xff\xff"))
    changed("index_type.h5", groups, lambda d: d.__setitem__(tree + 4, 1))
    heap = groups.index(b"HEAP")
    changed("heap_size.h5", groups, lambda d: d.__setitem__(slice(heap + 8, heap + 16), struct.pack("<Q", 1 << 62)))
    changed("heap_address.h5", groups, lambda d: d.__setitem__(slice(heap + 24, heap + 32), struct.pack("<Q", 1 << 62)))
    node = groups.index(b"SNOD")
    changed("symbols.h5", groups, lambda d: d.__setitem__(slice(node + 6, node + 8), b"\xff\xff"))
    changed("symbol_name.h5", groups, lambda d: d.__setitem__(slice(node + 8, node + 16), struct.pack("<Q", 1 << 40)))
    changed("symbol_object.h5", groups, lambda d: d.__setitem__(slice(node + 16, node + 24), struct.pack("<Q", 1 << 40)))
    fractal = latest.index(b"FRHP")
    changed("fractal_heap.h5", latest, lambda d: d.__setitem__(slice(fractal + 110, fractal + 112), b"\x00\x00"))
    btree = latest.index(b"BTHD")
    changed("btree_depth.h5", latest, lambda d: d.__setitem__(slice(btree + 12, btree + 14), b"\xff\xff"))
    leaf = latest.index(b"BTLF")
    changed("btree_record.h5", latest, lambda d: d.__setitem__(slice(leaf + 10, leaf + 17), b"\xff" * 7))
    attribute = bytes_of(lambda f: f.attrs.__setitem__("a", np.arange(4)))
    place = attribute.index(b"a\x00\x00\x00\x00\x00\x00\x00\x10")
    changed("attribute_extent.h5", attribute, lambda d: d.__setitem__(slice(place + 32, place + 40), struct.pack("<Q", 1 << 61)))
    # Two superblocks: which one counts depends on where a reader looks first.
    hidden = bytes_of(lambda f: f.__setitem__("x", h5py.ExternalLink("/etc/hostname", "/")), userblock_size=4096)
    front = bytearray(hidden)
    front[: len(attribute[:4096])] = attribute[:4096]
    (MALICIOUS / "two_superblocks.h5").write_bytes(front)


for folder in (BENIGN, MALICIOUS):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
benign()
malicious()
