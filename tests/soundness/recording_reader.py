"""Reads pickles with CPython's own unpicklers and records what they import and call, without doing any of it.

Run as a program: pickles come on standard input, each behind its length in four bytes; for each, one line of JSON goes
out with the events of every reader. find_class never imports: it hands out objects made here, whose calls and methods
are recorded and otherwise do nothing.
"""

import copyreg
import io
import json
import pickle
import signal
import struct
import sys

EXTENSIONS = range(1, 8)
MOST_PICKLES = 50
MOST_EVENTS = 2000


class TooLong(Exception):
    """A program ran into the time limit of one reading."""


class Recorder:
    def __init__(self):
        self.events = []
        self.imported = set()
        self.known = {}

    def event(self, *what):
        if len(self.events) >= MOST_EVENTS:
            raise TooLong()
        self.events.append(what)

    def find_class(self, module, name):
        if module == "extension":
            self.event("extension", int(name))
            return make_class(self, ()) if int(name) % 2 else make_function(self, None, "f")
        if module == "":  # which CPython refuses before it imports anything
            raise ValueError("empty module name")
        key = (encoded(module), encoded(name))
        if key not in self.imported:  # the machine tells an import once
            self.imported.add(key)
            self.event("import", *key)
        if key not in self.known:
            last = name.rpartition(".")[2][:1]
            self.known[key] = make_class(self, key) if last == "C" else make_function(self, key, last)
        return self.known[key]

    def persistent_load(self, identity):
        return make_result(self)


def encoded(text):
    return text.encode("utf-8", "surrogatepass").hex()


class Methods:
    """What unpickling may call on an object; `recorder_` comes from the class made below."""

    def __hash__(self):
        return 7

    def __eq__(self, other):
        return self is other

    def append(self, *given):
        self.recorder_.event("method")

    def extend(self, *given):
        self.recorder_.event("method")

    def add(self, *given):
        self.recorder_.event("method")

    def __setitem__(self, *given):
        self.recorder_.event("method")

    def __iter__(self):
        return iter(())


class WithState(Methods):
    def __setstate__(self, *state):
        self.recorder_.event("method")


class Fixed(type):
    """Classes that BUILD cannot change: what a changed one calls is no longer what its name says, and the machine
    tells the change itself."""

    def __setattr__(cls, name, value):
        raise TypeError("a class is not changed")


def make_class(recorder, key):
    """A class, whose construction counts as the call of `key`."""

    def new(cls, *given, **named):
        recorder.event("call", *key)
        return object.__new__(cls)

    base = WithState if len(recorder.known) % 2 else Methods
    return Fixed("C", (base,), {"__new__": new, "__init__": lambda *_, **__: None, "recorder_": recorder})


def make_function(recorder, key, kind):
    def call(self, *given, **named):
        recorder.event("call", *(key or ()))
        if kind == "i":  # the identity
            return given[0] if given else self
        if kind == "s":
            return "".join(one for one in given if type(one) is str)
        if kind == "t":
            return tuple(given)
        if kind == "l":
            return list(given)
        if kind == "n":
            return len(given)
        return make_result(recorder)

    base = WithState if kind == "g" else Methods
    return type("Function", (base,), {"__call__": call, "recorder_": recorder})()


def make_result(recorder):
    """What an unknown call returns: it can itself be called."""

    def call(self, *given, **named):
        recorder.event("call")
        return self

    def new(cls, *given, **named):
        recorder.event("call")
        return cls

    made = type("Result", (WithState,), {"__call__": call, "recorder_": recorder})
    instance = made()
    made.__new__ = staticmethod(new)
    return instance


def unpickler(base, recorder, stream, shared):
    class Reader(base):
        def find_class(self, module, name):
            return recorder.find_class(module, name)

        def persistent_load(self, identity):
            return recorder.persistent_load(identity)

    # Text of Python 2 beyond ASCII is refused, or whatever the caller says; the machine keeps its bytes.
    options = {"encoding": "ASCII" if shared else "latin-1"}
    if sys.version_info >= (3, 8):
        options["buffers"] = [bytearray(b"x")] * 8
    return Reader(stream, **options)


def read(base, program, shared, opened=io.BytesIO):
    """The events of one reader, and why it stopped."""
    recorder = Recorder()
    stream = opened(program)
    reader = None
    why = "many"
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        for _ in range(MOST_PICKLES):
            copyreg.clear_extension_cache()
            if reader is None or not shared:
                reader = unpickler(base, recorder, stream, shared)
            reader.load()
    except BaseException as problem:  # whatever stops it, stops it
        why = type(problem).__name__ + ": " + str(problem)[:80]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {"events": recorder.events, "end": why}


class Buffered(io.BufferedReader):
    """As a file of open(): its unpickler looks ahead, here over all of the program."""

    def __init__(self, program):
        super().__init__(io.BytesIO(program), max(len(program), 1))
        self.peek(1)


def read_from_memory(program):
    return read(pickle.Unpickler, program, True, Buffered)


def too_long(*_):
    raise TooLong()


def main():
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    except (ImportError, ValueError, OSError):
        pass
    signal.signal(signal.SIGALRM, too_long)
    for code in EXTENSIONS:
        copyreg.add_extension("extension", str(code), code)
    while True:
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            return
        program = sys.stdin.buffer.read(struct.unpack("<I", head)[0])
        answer = {
            "c": read(pickle.Unpickler, program, True),
            "c memory": read_from_memory(program),
            "python": read(pickle._Unpickler, program, True),
            "c again": read(pickle.Unpickler, program, False),
            "python again": read(pickle._Unpickler, program, False),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
