"""Reads and changes a log's file of entries behind its back (docs/formats/ledger.md)."""
import pathlib
import struct


class Entry:
    def __init__(self, begin, end, frame, received, key, content):
        self.begin, self.end, self.frame = begin, end, frame
        self.received, self.key, self.content = received, key, content


def read(state):
    """The entries of the log in a state directory, in order."""
    data = (pathlib.Path(state) / "ledger.entries").read_bytes()
    at = 22 + struct.unpack_from(">H", data, 20)[0] + 32
    out, frame = [], at
    while at + 4 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        if length == 0:
            break
        if length == 0xFFFFFFFF:
            frame, at = at, at + 68
            continue
        received, key_bytes = struct.unpack_from(">qQ", data, at + 6)
        content = at + 22 + key_bytes + (40 if data[at + 5] == 2 else 0)
        out.append(Entry(at, at + 4 + length, frame, received, data[at + 22:at + 22 + key_bytes],
                         data[content:at + 4 + length]))
        at += 4 + length
    return out


def overwrite(state, place, new):
    with open(pathlib.Path(state) / "ledger.entries", "r+b") as file:
        file.seek(place)
        file.write(new)


def change(state, entry, old, new):
    """Puts `new` in place of `old`, of the same length, in the content of an entry of read()."""
    assert len(old) == len(new) and old in entry.content
    overwrite(state, entry.end - len(entry.content) + entry.content.index(old), new)


def truncate(state, size):
    with open(pathlib.Path(state) / "ledger.entries", "r+b") as file:
        file.truncate(size)
