"""Writes the files that fickling's and modelscan's own tests judge, with what they expect of each (expected.json), for
bench/peers.py. Their tests build everything in code, so the checkouts have no files to read.

    peer_files.py fickling CHECKOUT FOLDER      in an environment with fickling's dependencies
    peer_files.py modelscan CHECKOUT FOLDER     in one with modelscan, dill, aiohttp, requests, numpy

fickling's tests are run with its analysis watched: each stream that it judges is written, and its own verdict is what it
expects. Of modelscan the builders of pickles, zip archives and arrays are run, with stand-ins for TensorFlow, Keras and
PyTorch, whose files are not written.
"""
import importlib
import json
import os
import pathlib
import shutil
import sys
import unittest
from unittest.mock import MagicMock

FICKLING = ["test_bypasses", "test_crashes", "test_expansion_attack_analysis", "test_scanner_deactivation_analysis", "test_unpickler", "test_analysis",
            "test_scan_api", "test_loads_api", "test_context", "test_hook", "test_pickle"]


def fickling(checkout, folder):
    sys.path.insert(0, str(checkout))
    analysis, fickle = importlib.import_module("fickling.analysis"), importlib.import_module("fickling.fickle")
    check, load = analysis.check_safety, fickle.Pickled.load
    running, raw, expected, tests, left_out = "", {}, {}, 0, []

    def remember(source, *given, **named):
        content = bytes(source) if isinstance(source, (bytes, bytearray)) else getattr(source, "getvalue", lambda: None)()
        out = load(source, *given, **named)
        if content is not None:
            raw[id(out)] = (out, content)
        return out

    def watched(pickled, *given, **named):
        result = check(pickled, *given, **named)
        content = b"".join(raw[id(one)][1] if id(one) in raw else one.dumps() for one in (pickled if isinstance(pickled, list) else [pickled]))
        name = f"{running}_{sum(one.startswith(running + '_') for one in expected)}.pkl"
        (folder / name).write_bytes(content)
        expected[name] = "benign" if result.severity.name == "LIKELY_SAFE" else "dangerous"
        return result

    analysis.check_safety = watched
    fickle.Pickled.load = staticmethod(remember)
    for name in FICKLING:
        try:
            module = importlib.import_module("test." + name)
        except ImportError as problem:
            left_out.append(f"{name} ({problem})")
            continue
        for place in (module, importlib.import_module("fickling.loader")):
            if hasattr(place, "check_safety"):
                place.check_safety = watched
        for case in unittest.TestLoader().loadTestsFromModule(module):
            for test in case:
                running = f"{name}.{test._testMethodName}"
                tests += 1
                test.run(unittest.TestResult())
    expected |= fickling_files(checkout, folder)
    print(f"{tests} tests, {len(expected)} files; left out: {', '.join(left_out) or 'none'}", file=sys.stderr)
    return expected


def fickling_files(checkout, folder):
    """The files that its tests of PyTorch write: what each test leaves in its temporary folder. A small network stands in for
    torchvision's, and where the checkout has no TorchScript file, one of it."""
    import torch

    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU6())
    sys.modules["torchvision"] = MagicMock(models=MagicMock(mobilenet_v2=lambda: network))
    script = checkout / "test" / "fixtures" / "squeezenet1_0_torchscript_v1_4.pt"
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        torch.jit.save(torch.jit.script(network), script)
    expected = {}

    def kept(test, place):
        for path in sorted(pathlib.Path(place).rglob("*")):
            if path.is_file():
                name = f"{test.id().split('test.')[-1]}/{path.relative_to(place)}"
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, folder / name)
                polyglot = path.name == "test_polyglot.pt"
                expected[name] = "dangerous" if path.name == "temp_filename" else "polyglot" if polyglot else "benign"

    for name in ("test_pytorch", "test_polyglot"):
        for case in unittest.TestLoader().loadTestsFromModule(importlib.import_module("test." + name)):
            for test in case:
                if hasattr(test, "tearDown") and "tmpdir" not in vars(test):
                    end = test.tearDown
                    test.tearDown = lambda test=test, end=end: (kept(test, test.tmpdir.name) if hasattr(test, "tmpdir") else None, end())
                test.run(unittest.TestResult())
    # Each test writes the same files before it begins: one of each is enough.
    once = set()
    for name in sorted(expected):
        if pathlib.Path(name).name in once and expected[name] == "benign":
            (folder / name).unlink()
            del expected[name]
        once.add(pathlib.Path(name).name)
    return expected


def modelscan(checkout, folder):
    for name in ("torch", "torch.nn", "tensorflow", "tf_keras"):
        sys.modules[name] = MagicMock()
    sys.modules["tensorflow"].Module = sys.modules["torch.nn"].Module = sys.modules["tf_keras"].Model = object
    sys.path[:0] = [str(checkout / "tests"), str(checkout)]
    os.chdir(checkout / "tests")
    module = importlib.import_module("test_modelscan")

    class Factory:
        def mktemp(self, name):
            (folder / name).mkdir(parents=True, exist_ok=True)
            return folder / name

    for name in ("zip_file_path", "file_path", "numpy_file_path"):
        fixture = getattr(module, name)
        getattr(fixture, "_fixture_function", getattr(fixture, "__wrapped__", fixture))(Factory())
    for path in (checkout / "tests" / "data").iterdir():
        shutil.copy(path, folder)
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    harmless = ("benign", "safe_", "int_array", "password_protected")
    return {name: "benign" if pathlib.Path(name).name.startswith(harmless) else "dangerous" for name in names}


if __name__ == "__main__":
    which, source, target = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    wanted = {"fickling": fickling, "modelscan": modelscan}[which](source, target)
    (target / "expected.json").write_text(json.dumps(wanted, indent=1, sort_keys=True))
