#!/usr/bin/env python3
"""Measures `surety scan` beside its peers on the same files in the same run, and prints a table for docs/performance.md.

    bench/scan.py SURETY [--peers VENV] [--runs 5] [--scratch DIR]

VENV is a virtual environment with picklescan and fickling; without it only Surety and the plain reading are measured.
Everything is written below the scratch directory and removed again.
"""
import argparse
import os
import pathlib
import pickle
import random
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

OPEN_READ_TOUCH = """
import os, sys
total = 0
for entry in os.scandir(sys.argv[1]):
    with open(entry.path, 'rb') as file:
        total += file.read()[-1]
"""


def measure(words, cores=None, ok=(0, 1, 3)):
    """Wall seconds of a command."""
    if cores:
        words = ["taskset", "-c", cores, *words]
    start = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    code = process.wait()
    wall = time.monotonic() - start
    if code not in ok:
        sys.exit(f"{words}: exit code {code}")
    return wall


def median(runs, words, **options):
    return statistics.median(measure(words, **options) for _ in range(runs))


def small_pickles(folder, count=10_000):
    draw = random.Random(1)
    folder.mkdir()
    for i in range(count):
        value = {"name": f"m{i}", "w": [draw.random() for _ in range(60)], "cfg": {f"k{j}": draw.randrange(10**6) for j in range(25)}}
        (folder / f"{i:05}.pkl").write_bytes(pickle.dumps(value, 2 + i % 4))


def large_pickle(path):
    draw = random.Random(2)
    with open(path, "wb") as file:
        pickle.dump([{"id": i, "a": draw.randrange(10**6), "b": draw.random(), "c": str(i)} for i in range(2_500_000)], file, 4)


def sparse_safetensors(path, size=10 << 30):
    header = b'{"w":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (size, size)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + size)


def sparse_gguf(path, size=10 << 30):
    name = b"w"
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0)
    head += struct.pack("<Q", len(name)) + name + struct.pack("<IQIQ", 1, size, 24, 0)  # one tensor of 8-bit integers
    with open(path, "wb") as file:
        file.write(head)
        file.truncate((len(head) + 31) // 32 * 32 + size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("surety")
    parser.add_argument("--peers")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch")
    words = parser.parse_args()
    scratch = pathlib.Path(tempfile.mkdtemp(dir=words.scratch, prefix="surety-bench-"))
    rows = []
    try:
        small = scratch / "small"
        small_pickles(small)
        ours = median(words.runs, [words.surety, "scan", "--threads", "1", str(small)], cores="0")
        rows.append(("10,000 pickles of about 1 kB, one core", "surety scan", ours, 1.0))
        touch = median(words.runs, [sys.executable, "-c", OPEN_READ_TOUCH, str(small)], cores="0")
        rows.append(("", "open, read, touch (Python)", touch, touch / ours))
        if words.peers:
            peer = median(min(words.runs, 3), [f"{words.peers}/bin/picklescan", "-p", str(small)], cores="0")
            rows.append(("", "picklescan", peer, peer / ours))
            part = scratch / "part"
            part.mkdir()
            for path in sorted(small.iterdir())[:1000]:
                shutil.copy(path, part)
            code = ("import sys,pathlib\nfrom fickling.loader import scan_file\n"
                    "for p in sorted(pathlib.Path(sys.argv[1]).iterdir()): scan_file(str(p), graceful=True)")
            peer = median(1, [f"{words.peers}/bin/python", "-c", code, str(part)], cores="0")
            rows.append(("", "fickling (1,000 of them, times 10)", 10 * peer, 10 * peer / ours))
        shutil.rmtree(small)
        big = scratch / "objects.pkl"
        large_pickle(big)
        seconds = median(words.runs, [words.surety, "scan", "--threads", "1", str(big)], cores="0")
        rows.append((f"one pickle of {big.stat().st_size / 1e6:.0f} MB of objects: {big.stat().st_size / 1e6 / seconds:.0f} MB/s",
                     "surety scan", seconds, 1.0))
        big.unlink()
        for name, make in (("safetensors", sparse_safetensors), ("gguf", sparse_gguf)):
            path = scratch / f"large.{name}"
            make(path)
            seconds = median(words.runs, [words.surety, "scan", str(path)])
            rows.append((f"10 GiB {name} file (sparse)", "surety scan", seconds, 1.0))
            path.unlink()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("| what | program | seconds | times ours |\n| --- | --- | --- | --- |")
    for what, program, seconds, ratio in rows:
        print(f"| {what} | {program} | {seconds:.3f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
