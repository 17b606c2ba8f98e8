"""Soundness of the pickle machine: random programs under CPython's unpicklers and under ours.

What CPython's C or Python unpickler imports and calls before it stops or fails must be, in the same order, among what
our machine tells; and where it imports anything at all, the scanner must not call the file clean. The programs name
modules that do not exist and are read with a find_class that makes harmless objects, so that nothing has effects.

    PICKLE_TRACE=build/.../pickle_trace test_pickle.py --count 20000 --seed 7 [--python /usr/bin/python3.12 ...]
"""

import argparse
import json
import os
import pathlib
import pickletools
import random
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ["m", "pkg", "pkg.sub", "ünï", "m-x"]
NAMES = ["f", "f.g", "C", "C.inner", "Cls", "s", "t", "i", "l", "n", "g", "h", "CC"]
CLASSES = ["C", "C.inner", "Cls", "CC"]
BATCH = 250


class Generator:
    """Programs that are valid most of the time. It keeps a rough picture of the stack to choose what can go on."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def program(self):
        r = self.random
        self.out = bytearray()
        self.memo = []
        self.wild = r.random() < 0.3  # everything goes; otherwise only what CPython mostly takes
        for _ in range(r.choice([1, 1, 1, 2, 3])):
            self.pickle()
        out = bytes(self.out)
        if r.random() < (0.3 if self.wild else 0.04):
            out = out[: r.randrange(len(out) + 1)]
        if self.wild and r.random() < 0.2 and out:
            at = r.randrange(len(out))
            out = out[:at] + bytes([r.randrange(256)]) + out[at + 1 :]
        if self.wild and r.random() < 0.1 and out:
            at = r.randrange(len(out))
            out = out[:at] + out[at + r.randrange(1, 6) :]
        return out

    def pickle(self):
        r = self.random
        self.stack = []  # 'g' callable, 't' tuple, 's' text, 'l' list, 'd' dict, 'e' set, 'o' object, 'v' other
        self.marks = []
        self.protocol = r.randrange(6)
        if self.protocol >= 2 or r.random() < 0.1:
            self.out += b"\x80" + bytes([self.protocol])
        frame = None
        for _ in range(r.choice([3, 8, 15, 30, 60])):
            if frame is None and r.random() < 0.03:
                frame = len(self.out)
                self.out += b"\x95" + struct.pack("<Q", 0)
                due = r.randrange(1, 12)
            self.step()
            if frame is not None:
                due -= 1
                if due == 0:
                    self.close_frame(frame)
                    frame = None
        if not self.stack or (self.marks and self.marks[-1] == len(self.stack)):
            self.constant()
        if not self.wild or r.random() < 0.9:
            self.out += b"."
        if frame is not None:
            self.close_frame(frame, r.choice([0, 0, 0, 1, 5, 40]) if r.random() < 0.5 else 0)
        if self.wild and r.random() < 0.1:
            self.out += bytes(r.randrange(256) for _ in range(r.randrange(1, 4)))

    def close_frame(self, at, more=0):
        size = len(self.out) - at - 9 + more
        if self.wild and self.random.random() < 0.2:
            size += self.random.choice([-3, -1, 1, 2, 9, 1000, 1 << 40])
        self.out[at + 1 : at + 9] = struct.pack("<Q", max(size, 0))

    def holds(self, count):
        return len(self.stack) - (self.marks[-1] if self.marks else 0) >= count

    def text(self, text):
        """One of the ways to write text."""
        r = self.random
        raw = text.encode("utf-8", "surrogatepass")
        way = r.randrange(9)
        if way == 0:
            self.out += b"X" + struct.pack("<I", len(raw)) + raw
        elif way == 1:
            self.out += b"\x8d" + struct.pack("<Q", len(raw)) + raw
        elif way == 2:
            line = bytearray()
            for c in text:
                escape = ord(c) > 0xFF or c in "\n\\" or r.random() < 0.2
                line += (
                    b"\\U%08x" % ord(c)
                    if escape and r.random() < 0.3
                    else b"\\u%04x" % ord(c) if escape else c.encode("latin-1")
                )
            self.out += b"V" + line + b"\n"
        elif way == 3 and text.isascii():
            quote = r.choice([b"'", b'"'])
            line = bytearray()
            for c in raw:
                pick = r.random()
                plain = bytes([c]) if 32 <= c < 127 and c not in b"'\"\\" else b"\\x%02x" % c
                line += b"\\x%02x" % c if pick < 0.15 else b"\\%o" % c if pick < 0.2 else plain
            self.out += b"S" + quote + line + quote + (b" " if self.wild and r.random() < 0.1 else b"") + b"\n"
        elif way == 4 and text.isascii():
            self.out += b"U" + bytes([len(raw)]) + raw
        elif way == 5 and text.isascii():
            self.out += b"T" + struct.pack("<i", len(raw)) + raw
        elif way == 6 and self.wild and r.random() < 0.3:
            self.out += b"V" + r.choice([b"\\\\u0066", b"\\x66", b"a\\", b"\\u00", b"\\ud800"]) + b"\n"
        else:
            self.out += b"\x8c" + bytes([len(raw)]) + raw
        self.stack.append("s")

    def constant(self):
        r = self.random
        pick = r.randrange(14)
        if pick < 4:
            self.text(r.choice(MODULES + NAMES + ["", "é", "a" * 20, "__setstate__", "append", "\n", "\U0001f600"]))
            return
        self.stack.append("v")
        if pick == 4:
            self.out += r.choice([b"N", b"\x88", b"\x89"])
        elif pick == 5:
            self.out += b"K" + bytes([r.randrange(256)])
        elif pick == 6:
            self.out += b"J" + struct.pack("<i", r.randrange(-9, 9)) if r.random() < 0.5 else b"M\x00\x01"
        elif pick == 7:
            self.out += (
                b"I" + r.choice([b"1", b"01", b"00", b"-7", b" 5", b"0x1f", b"+1"] + [b"1L", b"x"] * self.wild) + b"\n"
            )
        elif pick == 8:
            self.out += b"L" + r.choice([b"1L", b"1", b"-3L", b"0", b"0x2L"]) + b"\n"
        elif pick == 9:
            self.out += r.choice([b"F1.5\n", b"Fnan\n", b"G" + struct.pack(">d", 2.5)] + [b"Fx\n"] * self.wild)
        elif pick == 10:
            n = r.randrange(5)
            self.out += r.choice([b"\x8a" + bytes([n]), b"\x8b" + struct.pack("<i", n)]) + bytes(
                r.randrange(256) for _ in range(n)
            )
        elif pick == 11:
            body = bytes(r.randrange(256) for _ in range(r.randrange(12)))
            self.out += (
                r.choice(
                    [
                        b"B" + struct.pack("<I", len(body)),
                        b"C" + bytes([len(body)]),
                        b"\x8e" + struct.pack("<Q", len(body)),
                        b"\x96" + struct.pack("<Q", len(body)),
                    ]
                )
                + body
            )
        elif pick == 12:
            self.out += r.choice([b"P1\n", b"Pa b\n"] + [b"\x97"] * self.wild)
            self.stack[-1] = "o"
        else:
            kind = r.choice("ltde")
            self.out += {"l": b"]", "t": b")", "d": b"}", "e": b"\x8f"}[kind]
            self.stack[-1] = kind

    def name(self, names=NAMES):
        """A callable, in any of the ways to name one."""
        r = self.random
        module, name = r.choice(MODULES), r.choice(names)
        pick = r.random()
        if pick < 0.45:
            self.out += b"c" + module.encode() + b"\n" + name.encode() + b"\n"
            self.stack.append("g")
        elif pick < 0.85:
            for text in (module, name):
                self.text(text)
                if r.random() < 0.3:
                    self.put()
                if r.random() < 0.1:
                    self.out += b"N0"
            self.stack_global()
        elif pick < 0.95:
            code = r.choice([1, 3, 7] if names is CLASSES else [1, 2, 3, 7] + [8, 0] * self.wild)
            self.out += r.choice(
                [
                    b"\x82" + bytes([code]),
                    b"\x83" + struct.pack("<H", code),
                    b"\x84" + struct.pack("<i", r.choice([code, code, -code]) if self.wild else code),
                ]
            )
            self.stack.append("g")
        else:
            self.text(module)
            self.name_of_call(names)
            self.stack_global()

    def name_of_call(self, names):
        self.out += b"cm\ns\n"
        self.stack.append("g")
        self.text(self.random.choice(names))
        self.out += b"\x85R"
        self.stack[-2:] = ["s"]

    def stack_global(self):
        self.out += b"\x93"
        self.stack[-2:] = ["g"]

    def index(self):
        r = self.random
        if r.random() < 0.003:  # around the bounds of what the machine keeps in an array
            return r.choice([1_040_000, 2_000_000, 3_000_000])
        return r.choice([r.randrange(6), r.randrange(6), r.randrange(300), r.randrange(3000)])

    def number(self, index):
        """Python's decimal grammar has many ways to write one."""
        text = str(index)
        return self.random.choice(
            [
                text,
                text,
                text,
                " " + text,
                text + " ",
                "+" + text,
                "0" + text,
                "_".join(text),
                "\t" + text + "\r",
                "\x0b" + text + "\x0c",
                text + "\0",
                text + "\0junk",
                "1" * 25,
                "1" * 25 + "_1",
            ][: None if self.random.random() < 0.1 else 10]
            + ["-" + text, text + "L"] * self.wild
        ).encode()

    def put(self):
        r = self.random
        pick = r.randrange(4)
        if pick == 0:
            self.out += b"\x94"
            self.memo.append(len(set(self.memo)))
            return
        index = self.index()
        if pick == 1 and index < 256:
            self.out += b"q" + bytes([index])
        elif pick == 2:
            text = self.number(index)
            self.out += b"p" + text + b"\n"
            if text.startswith(b"1" * 25):
                index = text
        else:
            self.out += b"r" + struct.pack("<I", index)
        self.memo.append(index)

    def get(self):
        r = self.random
        index = r.choice(self.memo) if self.memo and r.random() < 0.97 else self.index()
        if isinstance(index, bytes):
            self.out += b"g" + index + b"\n"
        elif index < 256 and r.random() < 0.6:
            self.out += b"h" + bytes([index])
        elif r.random() < 0.4:
            self.out += b"g" + self.number(index) + b"\n"
        else:
            self.out += b"j" + struct.pack("<I", index)
        self.stack.append(r.choice("gtso"))

    def arguments(self):
        """What a call is given: mostly a tuple; Python's own unpickler takes all that can be iterated over."""
        r = self.random
        if r.random() < 0.97 - 0.12 * self.wild:
            for _ in range(count := r.randrange(4)):
                if r.random() < 0.7 or not self.memo:
                    self.constant()
                else:
                    self.get()
            del self.stack[len(self.stack) - count :]
            self.out += [b")", b"\x85", b"\x86", b"\x87"][count]
            self.stack.append("t")
        else:
            self.constant()

    def step(self):
        r = self.random
        pick = r.random()
        if pick < 0.18:
            self.constant()
        elif pick < 0.32:
            self.name()
        elif pick < 0.44:  # a call
            way = r.random()
            if r.random() < 0.8 or not self.holds(1) or (not self.wild and (way >= 0.6 or self.stack[-1] not in "go")):
                self.name(CLASSES if way >= 0.6 and not self.wild else NAMES)
            self.arguments()
            if way < 0.6:
                self.out += b"R"
            elif way < 0.85:
                self.out += b"\x81"
            else:
                self.out += (b"N" if self.wild and r.random() < 0.3 else b"}") + b"\x92"
            self.stack[-2:] = ["o"]
        elif pick < 0.49:  # INST, OBJ
            self.out += b"("
            instance = r.random() < 0.5
            start = len(self.stack)
            if not instance:
                self.name()
            for _ in range(r.randrange(3)):
                self.constant()
            if instance:
                self.out += (
                    b"i"
                    + r.choice(MODULES if self.wild else MODULES[:3]).encode()
                    + b"\n"
                    + r.choice(NAMES).encode()
                    + b"\n"
                )
            else:
                self.out += b"o"
            self.stack[start:] = ["o"]
        elif pick < 0.55 and self.stack:
            self.put()
        elif pick < 0.62 and self.memo:
            self.get()
        elif pick < 0.66:
            self.out += b"("
            self.marks.append(len(self.stack))
        elif pick < 0.72 and self.marks:
            start = self.marks.pop()
            kind = r.choice("tld1et")
            if kind == "d" and (len(self.stack) - start) % 2 and r.random() < 0.8:
                kind = "t"
            if kind in "de" and not self.wild and any(one in "lde" for one in self.stack[start:]):
                kind = "l"  # what cannot be hashed
            self.out += {"t": b"t", "l": b"l", "d": b"d", "1": b"1", "e": b"\x91"}[kind]
            del self.stack[start:]
            if kind != "1":
                self.stack.append(kind)
        elif pick < 0.77 and self.holds(1) and (self.wild or self.stack[-1] in "o"):  # state
            if self.wild and r.random() < 0.3:
                self.constant()
            else:
                self.state()
            self.out += b"b"
            self.stack.pop()
        elif pick < 0.88 and self.holds(1):  # mutation of whatever lies there
            way = (
                r.randrange(5)
                if self.wild
                else {"l": r.choice([0, 2]), "d": r.choice([1, 3]), "e": 4, "o": r.randrange(5)}.get(self.stack[-1], 5)
            )
            if way == 5:
                return
            if way == 0:
                self.constant()
                self.out += b"a"
                self.stack.pop()
            elif way == 1:
                self.constant()
                self.constant()
                self.out += b"s"
                del self.stack[-2:]
            else:
                self.out += b"("
                start = len(self.stack)
                for _ in range(r.randrange(5) if self.wild or way != 3 else r.choice([0, 2, 4])):
                    self.constant()
                self.out += {2: b"e", 3: b"u", 4: b"\x90"}[way]
                del self.stack[start:]
        elif pick < 0.93 and (self.wild or self.stack or self.marks):
            if r.random() < 0.5 and self.holds(1):
                self.out += b"2"
                self.stack.append(self.stack[-1])
                return
            self.out += b"0"
            if self.marks and self.marks[-1] == len(self.stack):
                self.marks.pop()
            elif self.stack:
                self.stack.pop()
        elif pick < 0.96 and self.holds(1):
            self.out += r.choice([b"Q", b"\x85"] + [b"\x98"] * self.wild)
            self.stack[-1] = "o"
        elif pick < 0.975 and self.holds(2) and (self.wild or self.stack[-2:] == ["s", "s"]):
            self.stack_global()
        elif pick < 0.98 and self.wild:
            self.out += bytes([r.randrange(256)])
        elif pick < 0.985:
            self.out += b"\x80" + bytes([r.randrange(7 if self.wild else 6)])

    def state(self):
        r = self.random
        slots = r.random() < 0.5
        self.out += b"N" if slots else b""
        self.out += b"}"
        self.stack.append("d")
        for _ in range(r.randrange(3)):
            self.text(r.choice(["__setstate__", "append", "extend", "x", "__new__", "__setitem__"]))
            self.name()
            self.out += b"s"
            del self.stack[-2:]
        if slots and r.random() < 0.9:
            self.out += b"\x86"
        elif slots:
            self.stack.insert(-1, "v")


class Process:
    """A program that answers each pickle with a line."""

    def __init__(self, command):
        self.command = command

    def answers(self, programs):
        data = b"".join(struct.pack("<I", len(one)) + one for one in programs)
        done = subprocess.run(self.command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=580)
        lines = done.stdout.decode().splitlines()
        if len(lines) == len(programs):
            return [json.loads(line) for line in lines]
        if len(programs) == 1:
            return [None]
        # It broke down on one of them: the others are still worth reading.
        print(f"{self.command[0]}: {done.stderr.decode()[-300:]}", file=sys.stderr)
        good = [json.loads(line) for line in lines]
        rest = programs[len(lines) :]
        return good + self.answers(rest[:1]) + (self.answers(rest[1:]) if rest[1:] else [])


def fits(ours, theirs):
    """Whether one event of the machine covers one of CPython."""
    if ours == theirs:
        return True
    if ours[0] == "computed":
        return theirs[0] == "import"
    if ours[0] == "call" and len(ours) == 1:  # the callee is not known by name
        return theirs[0] == "call"
    # A method of an object, which its state may have replaced.
    return ours[0] == "method" and theirs[0] == "call"


def missing(ours, theirs):
    """The first event of CPython that is not covered, in order, by the machine's; None where all are."""
    at = 0
    for event in theirs:
        if event[0] == "method" and at > 0 and ours[at - 1][0] == "method":
            continue  # one opcode may call the same method again and again
        while at < len(ours) and not fits(ours[at], event):
            at += 1
        if at == len(ours):
            return event
        at += 1
    return None


def show(program):
    out = [repr(program)]
    try:
        for opcode, argument, position in pickletools.genops(program):
            out.append(f"{position:5} {opcode.name} {argument!r}")
    except Exception as problem:
        out.append(str(problem))
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--python", action="append", help="interpreters to compare with; this one where none is given")
    parser.add_argument("--show", type=int, default=3, help="how many failures to print")
    given = parser.parse_args()
    machine = Process([os.environ["PICKLE_TRACE"]])
    readers = [Process([python, str(HERE / "recording_reader.py")]) for python in given.python or [sys.executable]]
    failures = events = finished = 0
    for start in range(0, given.count, BATCH):
        programs = [Generator(f"{given.seed}.{n}").program() for n in range(start, min(start + BATCH, given.count))]
        ours = machine.answers(programs)
        for reader in readers:
            for number, (program, seen, theirs) in enumerate(zip(programs, ours, reader.answers(programs)), start):
                problems = []
                if seen is None:
                    problems.append("the machine broke down")
                for name, one in (theirs or {}).items():
                    events += len(one["events"])
                    finished += one["end"].startswith(("EOFError", "many"))
                    if seen is None:
                        continue
                    if name in seen:
                        event = missing(seen[name], one["events"])
                        if event:
                            problems.append(f"{name}: not told of {event}; theirs: {one}; ours: {seen}")
                    if seen["clean"] and any(event[0] != "method" for event in one["events"]):
                        problems.append(f"{name}: clean, though it imports: {one}")
                if problems:
                    failures += 1
                    if failures <= given.show:
                        print(
                            f"program {given.seed}.{number} under {reader.command[0]}",
                            *problems,
                            show(program),
                            sep="\n",
                        )
    print(f"{given.count} programs, {events} imports and calls by CPython", end=", ")
    print(f"{finished} readings to the end, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
