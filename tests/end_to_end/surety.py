"""Runs the real binary for the end-to-end tests. Needs Python's standard library only."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SURETY", str(PROJECT / "build/dev/src/app/surety"))
NOW = "1795392000"  # 2026-11-23, so that dates in the examples stay what they are


class Run:
    def __init__(self, completed):
        self.code = completed.returncode
        self.bytes = completed.stdout
        self.out = completed.stdout.decode("utf-8", "replace")
        self.err = completed.stderr.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)


def surety(*words, cwd=None, env=None, timeout=120, **options):
    """Runs `surety WORDS...` and returns what it printed and its exit code."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": NOW, "HOME": "/nonexistent"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(env or {})
    return Run(subprocess.run([BINARY, *map(os.fspath, words)], cwd=cwd, env=environment, timeout=timeout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options))


class Case(unittest.TestCase):
    """A test with a directory of its own."""

    maxDiff = None

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="surety-test-"))
        self.addCleanup(self.remove)

    def remove(self):
        for folder, names, _ in os.walk(self.directory):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o755)
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, path, content):
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.write_text(content)
        return target

    def assert_code(self, run, code):
        self.assertEqual(run.code, code, f"exit code {run.code}, wanted {code}\n{run.out[-2000:]}\n{run.err[-2000:]}")


def copy_example(name, target):
    """A copy of an example under version control of its own, committed, as its users would have it."""
    shutil.copytree(PROJECT / "examples" / name, target, ignore=shutil.ignore_patterns(".surety"))
    git = ["git", "-C", str(target), "-c", "user.name=Test", "-c", "user.email=test@example.org", "-c",
           "init.defaultBranch=main", "-c", "core.autocrlf=false"]
    date = {"GIT_AUTHOR_DATE": "2026-11-20T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-20T12:00:00Z"}
    for words in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True, env={**os.environ, **date}, stdout=subprocess.DEVNULL)
    return target
