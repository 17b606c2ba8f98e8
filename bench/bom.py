#!/usr/bin/env python3
"""Measures `surety bom` on a tree of 100,000 files and on a lock file of 2,000 packages, beside plain hashing and a peer.

    bench/bom.py [--surety BINARY] [--files N] [--runs N] [--peer cyclonedx-py]

The peer (cyclonedx-bom from PyPI, `cyclonedx-py poetry`) is given the same poetry.lock. CPU seconds are user and system
together; medians.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from assess import PROJECT, hashing, machine, make_tree, measure  # noqa: E402

PYPROJECT = """[tool.poetry]
name = "x"
version = "1"
description = ""
authors = []
[tool.poetry.dependencies]
python = "^3.11"
package-0 = "*"
"""


def write_lock(folder, packages):
    """A poetry.lock of that many packages with ten artefacts each, and the project file that belongs to it."""
    folder.mkdir(parents=True)
    lines = ["# generated\n"]
    for i in range(packages):
        files = "".join(f'    {{file = "package_{i}-1.{i}-{k}.whl", hash = "sha256:{hashlib.sha256(f"{i} {k}".encode()).hexdigest()}"}},\n'
                        for k in range(10))
        lines.append(f'[[package]]\nname = "package-{i}"\nversion = "1.{i}"\ndescription = ""\noptional = false\npython-versions = "*"\n'
                     f'groups = ["main"]\nfiles = [\n{files}]\n\n')
        needed = [k for k in (2 * i + 1, 2 * i + 2) if k < packages]
        if needed:
            lines.append("[package.dependencies]\n" + "".join(f'package-{k} = ">=1"\n' for k in needed) + "\n")
    content = hashlib.sha256(PYPROJECT.encode()).hexdigest()
    lines.append(f'[metadata]\nlock-version = "2.1"\npython-versions = "^3.11"\ncontent-hash = "{content}"\n')
    (folder / "poetry.lock").write_text("".join(lines))
    (folder / "pyproject.toml").write_text(PYPROJECT)


def medians(runs, words):
    return [statistics.median(column) for column in zip(*(measure(words) for _ in range(runs)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--surety", default=str(PROJECT / "build/release/src/app/surety"))
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--packages", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer", help="the program cyclonedx-py")
    options = parser.parse_args()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="surety-bench-"))
    try:
        print(f"{machine()}, medians of {options.runs}\n")
        print("| what | program | wall s | CPU s | peak MiB |\n|---|---|---|---|---|")

        def row(what, program, words):
            wall, cpu, memory = medians(options.runs, words)
            print(f"| {what} | {program} | {wall:.2f} | {cpu:.2f} | {memory:.0f} |", flush=True)
            return cpu

        tree = scratch / "tree"
        size = make_tree(tree, options.files)
        what = f"{options.files:,} files" + (f", {size / 1e6:.0f} MB" if isinstance(size, int) else "")
        alone = row(what, "find + openssl dgst -sha256", hashing(tree))
        for form in ("cyclonedx-1.7", "spdx-3.0.1"):
            cpu = row(what, f"surety bom --format {form}", [options.surety, "bom", str(tree), "--format", form, "-o", str(scratch / "out")])
            print(f"|  | beyond hashing alone | | {cpu - alone:.2f} | |")
        lock = scratch / "lock"
        write_lock(lock, options.packages)
        what = f"poetry.lock of {options.packages:,} packages, {(lock / 'poetry.lock').stat().st_size / 1e6:.1f} MB"
        for form in ("cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1", "g7"):
            row(what, f"surety bom --format {form}", [options.surety, "bom", str(lock), "--format", form, "-o", str(scratch / "out")])
        if options.peer:
            row(what, "cyclonedx-py poetry", [options.peer, "poetry", "--no-validate", "-o", str(scratch / "peer"), str(lock)])
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
