"""Checkpoints and indexes of vectors: TensorFlow's table, PaddlePaddle's parameters, fastText, word2vec, FAISS, Annoy, MNN.
Written field by field as their formats say, except flat.faiss and ivf.faiss, which are of faiss-cpu==1.15.1 where it is
installed. Needs nothing else; writes malicious/ and benign/."""
import pathlib
import shutil
import struct

HERE = pathlib.Path(__file__).resolve().parent
BAD, GOOD = HERE / "malicious", HERE / "benign"
CALL = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0aecho never\x85R."


def save(folder, name, content):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


# ---- TensorFlow: a table of LevelDB
def block(entries, restart=True):
    out = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in entries)
    return out + struct.pack("<II", 0, 1)


def table(entries, overlap=False, compression=0):
    body = bytearray()

    def put(content):
        at = len(body)
        body.extend(content + bytes([compression]) + bytes(4))
        return varint(at) + varint(len(content))

    data = put(block(entries))
    index = put(block([(b"\xff", data)] * (60 if overlap else 1)))
    meta = put(block([]))
    return bytes(body) + (meta + index).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def tensor(shape=(2, 3), kind=1, shard=0, offset=0, size=24):
    dims = b"".join(field(2, field(1, one)) for one in shape)
    return field(1, kind) + field(2, dims) + field(3, shard) + field(4, offset) + field(5, size)


HEADER = (b"", field(1, 1) + field(3, field(1, 1)))


# ---- PaddlePaddle
def paddle(shape, kind=5, width=4):
    description = field(1, kind) + b"".join(field(2, one) for one in shape)
    count = 1
    for one in shape:
        count *= one
    return struct.pack("<IQI", 0, 0, 0) + struct.pack("<i", len(description)) + description + bytes(count * width)


# ---- fastText
def fasttext(quantised=False, words=(b"the", b"of", "né".encode())):
    arguments = struct.pack("<12id", 4, 5, 1, 5, 1, 2, 1, 3, 0, 3, 6, 100, 1e-4)
    entries = b"".join(word + b"\0" + struct.pack("<qb", 3, 0) for word in words)
    dictionary = struct.pack("<iiiqq", len(words), len(words), 0, 9, -1) + entries
    dense = struct.pack("<qq", len(words), 4) + bytes(len(words) * 4 * 4)
    quantiser = struct.pack("<iiii", 4, 2, 2, 2) + bytes(4 * 256 * 4)
    packed = b"\1" + struct.pack("<qqi", 3, 4, 6) + bytes(6) + quantiser + bytes(3) + quantiser
    first = b"\1" + packed if quantised else b"\0" + dense
    return struct.pack("<ii", 793712314, 12) + arguments + dictionary + first + b"\0" + dense


def word2vec(words=3):
    return b"%d 4\n" % words + b"".join(b"word%d " % i + struct.pack("<4f", 0.1, -2, 3e9, i) + b"\n" for i in range(3))


# ---- FAISS
def faiss(kind=b"IxF2", tail=b""):
    return kind + struct.pack("<iqqqBi", 4, 2, 1 << 20, 1 << 20, 1, 1) + struct.pack("<Q", 8) + bytes(32) + tail


def on_disk(name):
    return b"ilod" + struct.pack("<QQ", 1, 16) + struct.pack("<Q", 1) + bytes(24) + struct.pack("<Q", 0) + struct.pack("<Q", len(name)) + name + struct.pack("<Q", 0)


# ---- MNN: a FlatBuffer, built from its end
class Flat:
    def __init__(self):
        self.out = bytearray(4)

    def align(self, width=4):
        self.out.extend(bytes(-len(self.out) % width))

    def text(self, value):
        self.align()
        at = len(self.out)
        self.out += struct.pack("<I", len(value)) + value + b"\0"
        return at

    def offsets(self, targets):
        """A vector of offsets to what stands behind it; the places to fill are returned."""
        self.align()
        at = len(self.out)
        self.out += struct.pack("<I", targets) + bytes(4 * targets)
        return at, [at + 4 + 4 * i for i in range(targets)]

    def point(self, place, target):
        self.out[place : place + 4] = struct.pack("<I", target - place)

    def table(self, fields):
        """`fields`: number -> ("i", value) or "o"; returns the table and the places of its offsets."""
        self.align()
        last = max(fields, default=-1) + 1
        vtable = len(self.out)
        size, at, slots = 4, {}, []
        for number in sorted(fields):
            at[number] = size
            size += 4
        for number in range(last):
            slots.append(at.get(number, 0))
        self.out += struct.pack("<HH", 4 + 2 * last, size) + b"".join(struct.pack("<H", one) for one in slots)
        self.align()
        table = len(self.out)
        self.out += struct.pack("<i", table - vtable) + bytes(size - 4)
        for number, value in fields.items():
            if value != "o":
                self.out[table + at[number] : table + at[number] + 4] = struct.pack("<i", value[1])
        return table, {number: table + at[number] for number in fields if fields[number] == "o"}


def mnn(operators):
    flat = Flat()
    root, places = flat.table({3: "o", 7: "o", 8: ("i", 2)})
    flat.point(0, root)
    vector, slots = flat.offsets(len(operators))
    flat.point(places[3], vector)
    for slot, (kind, name, parameter) in zip(slots, operators):
        fields = {2: "o", 3: "o", 5: ("i", kind)}
        if parameter:
            del fields[2]
            fields = {1: ("i", 1), 2: "o", 3: "o", 5: ("i", kind)}
        op, inner = flat.table(fields)
        flat.point(slot, op)
        if parameter:
            made, texts = flat.table({0: "o"})
            flat.point(inner[2], made)
            flat.point(texts[0], flat.text(parameter))
        else:
            flat.point(inner[2], flat.table({})[0])
        flat.point(inner[3], flat.text(name))
    names, slots = flat.offsets(1)
    flat.point(places[7], names)
    flat.point(slots[0], flat.text(b"input"))
    flat.align()
    return bytes(flat.out)


def malicious():
    bad = lambda name, content: save(BAD, name, content)
    bad("shard_beyond.index", table([HEADER, (b"w", tensor(shard=7))]))
    bad("size_lies.index", table([HEADER, (b"w", tensor(size=4096))]))
    bad("negative_offset.index", table([HEADER, (b"w", tensor(offset=2**64 - 8))]))
    bad("blocks_overlap.index", table([HEADER, (b"w", tensor())], overlap=True))
    bad("pickle.data-00000-of-00001", CALL)
    bad("beyond.pdiparams", paddle((2, 3)) + paddle((4, 4))[:-9])
    bad("pickle_behind.pdiparams", paddle((2, 3)) + CALL)
    bad("rows.bin", fasttext()[:-16])
    bad("pickle_behind.ftz", fasttext(True) + CALL)
    bad("behind.vec.bin", word2vec() + b"\x7fELF" + bytes(60))
    bad("on_disk.faiss", faiss(b"IwFl", on_disk(b"/etc/passwd")))
    bad("on_disk_up.faiss", faiss(b"IwFl", on_disk(b"../../secret")))
    bad("plugin.mnn", mnn([(34, b"in", None), (256, b"evil", b"EvilPlugin")]))
    bad("extra.mnn", mnn([(34, b"in", None), (512, b"evil", b"Evil")]))


def benign():
    good = lambda name, content: save(GOOD, name, content)
    good("plain.index", table([HEADER, (b"layer/bias", tensor((3,), size=12)), (b"layer/kernel", tensor())]))
    good("plain.data-00000-of-00001", bytes(range(36)))
    good("slices.index", table([HEADER, (b"w", tensor((4, 3)) + field(7, b"")), (b"s", tensor((2,), kind=7, size=11))]))
    good("inference.pdiparams", paddle((2, 3)) + paddle((3,)) + paddle((1,), 3, 8))
    good("half.pdiparams", paddle((4, 4), 4, 2))
    good("words.bin", fasttext())
    good("words.ftz", fasttext(True))
    good("vectors.bin", word2vec())
    good("lists_beside.faiss", faiss(b"IwFl", on_disk(b"merged_index.ivfdata")))
    good("plain.mnn", mnn([(34, b"in", None), (12, b"conv", None), (80, b"softmax", None)]))
    good("items.ann", bytes(range(200)))
    try:
        import faiss as library
        import numpy as np
    except ImportError:
        good("flat.faiss", faiss())
        return
    data = np.random.RandomState(0).rand(60, 4).astype("f4")
    for name, made in (("flat", library.IndexFlatL2(4)), ("ivf", library.index_factory(4, "IVF2,Flat")), ("hnsw", library.IndexHNSWFlat(4, 4)), ("pq", library.index_factory(4, "SQ8"))):
        made.train(data)
        made.add(data)
        library.write_index(made, str(GOOD / f"{name}.faiss"))


if __name__ == "__main__":
    for folder in (BAD, GOOD):
        shutil.rmtree(folder, ignore_errors=True)
    malicious()
    benign()
