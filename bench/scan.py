#!/usr/bin/env python3
"""Measures `surety scan` beside its peers: the same files, the same run, medians. Prints tables for docs/performance.md.

    bench/scan.py [--surety FILE] [--peers VENV] [--runs 5] [--scratch DIR] [--only PART,...] [--large-peer MB]

VENV is a virtual environment with picklescan, fickling and modelaudit-picklescan; without it only Surety and the plain
reading are measured. The parts are small, large, sparse, tree and data. Everything is written below a scratch directory
(about 4 GB) and removed again. With --tree-of the part tree is made of files that are there: installed libraries, the
corpus, models. Needs taskset, and cc for the bare loop.

Wall seconds are what a clock shows, CPU seconds what all processes of a command used together, those that Surety starts
included; on a machine that does other things meanwhile the CPU seconds are the ones to compare.
"""
import argparse
import collections
import ctypes
import datetime
import decimal
import fractions
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
import uuid

import assess
import scan_data

PROJECT = pathlib.Path(__file__).resolve().parents[1]
GIB = 1 << 30
CRC_OF_10_GIB_OF_ZEROS = 0xF41D912F

BARE_LOOP = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
static char buffer[1 << 20];
int main(int argc, char** argv) {
  (void)argc;
  unsigned long touched = 0;
  DIR* folder = opendir(argv[1]);
  for (struct dirent* entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_type != DT_REG) continue;
    int file = openat(dirfd(folder), entry->d_name, O_RDONLY);
    long size = read(file, buffer, sizeof buffer);
    for (long i = 0; i < size; i += 64) touched += (unsigned char)buffer[i];
    close(file);
  }
  printf("%lu\n", touched);
}
"""
FICKLING = """
import pathlib, sys
from fickling.analysis import check_safety
from fickling.fickle import StackedPickle
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    with open(path, 'rb') as file:
        for pickled in StackedPickle.load(file):
            check_safety(pickled)
"""
MODELAUDIT = """
import os, sys
from modelaudit_picklescan import scan_file, shared_source_sensitive_caches
with shared_source_sensitive_caches():
    for entry in os.scandir(sys.argv[1]):
        scan_file(entry.path)
"""


def measure(words, cores=None, ok=(0, 1, 3)):
    """Wall seconds, CPU seconds and peak resident MiB of the largest process of a command, orphans included."""
    if cores is not None:
        words = ["taskset", "-c", cores, *words]
    start = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    message = process.stderr.read()
    cpu = peak = 0
    wall = code = None
    while True:  # orphans come to this process: see main()
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
        if pid == process.pid:
            wall = time.monotonic() - start
            code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in ok:
        sys.exit(f"{words}: exit code {code}: {message.decode(errors='replace')[-500:]}")
    return wall, cpu, peak


def medians(runs, words, warm=True, **options):
    if warm:
        measure(words, **options)  # the page cache
    rows = [measure(words, **options) for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rows)]


def apart(function, *arguments):
    """Runs it in a process of its own: what starts another program passes its own peak of memory on to it."""
    pid = os.fork()
    if pid == 0:
        function(*arguments)
        os._exit(0)
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit(f"{function.__name__} failed")


def small_pickles(folder, count=10_000):
    """About 1 kB each: plain values, and objects of the standard library as every fourth."""
    draw = random.Random(1)
    folder.mkdir()
    for i in range(count):
        value = {"name": f"m{i}", "w": [draw.random() for _ in range(60)], "cfg": {f"k{j}": draw.randrange(10**6) for j in range(25)}}
        if i % 4 == 0:
            value["w"] = collections.OrderedDict((f"layer.{j}.weight", draw.random()) for j in range(20))
            value["made"] = [datetime.datetime(2026, 1, 1 + i % 28), uuid.UUID(int=draw.getrandbits(128)),
                             decimal.Decimal(i), fractions.Fraction(i, 7), complex(i, 1)]
        (folder / f"{i:05}.pkl").write_bytes(pickle.dumps(value, 2 + i % 4))


def large_pickle(path, objects):
    draw = random.Random(2)
    with open(path, "wb") as file:
        pickle.dump([{"id": i, "a": draw.randrange(10**6), "b": draw.random(), "c": str(i)} for i in range(objects)], file, 4)


def sparse_safetensors(path, size=10 * GIB):
    header = b'{"w":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (size, size)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + size)


def sparse_gguf(path, size=10 * GIB):
    name = b"w"
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0)
    head += struct.pack("<Q", len(name)) + name + struct.pack("<IQIQ", 1, size, 24, 0)  # one tensor of 8-bit integers
    with open(path, "wb") as file:
        file.write(head)
        file.truncate((len(head) + 31) // 32 * 32 + size)


def sparse_torch(path, size=10 * GIB):
    """What torch.save writes of {"w": tensor of 10 Gi bytes}: stored members, zip64 where the size needs it."""
    import zlib
    number = b"\x8a\x05" + size.to_bytes(5, "little")
    text = lambda word: b"X" + struct.pack("<I", len(word)) + word
    data = (b"\x80\x02}q\x00" + text(b"w") + b"q\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((" + text(b"storage") + b"q\x03ctorch\nByteStorage\nq\x04"
            + text(b"0") + b"q\x05" + text(b"cpu") + b"q\x06" + number + b"tq\x07QK\x00" + number + b"\x85q\x08K\x01\x85q\x09\x89ccollections\n"
            b"OrderedDict\nq\x0a)Rq\x0btq\x0cRq\x0ds.")
    directory = b""
    with open(path, "wb") as file:
        for name, content, length, crc in ((b"archive/data.pkl", data, len(data), zlib.crc32(data)), (b"archive/byteorder", b"little", 6, zlib.crc32(b"little")),
                                           (b"archive/data/0", None, size, CRC_OF_10_GIB_OF_ZEROS), (b"archive/version", b"3\n", 2, zlib.crc32(b"3\n"))):
            at = file.tell()
            wide = content is None
            shown = 0xFFFFFFFF if wide else length
            extra = struct.pack("<HHQQ", 1, 16, length, length) if wide else b""
            file.write(struct.pack("<4s5HIIIHH", b"PK\x03\x04", 45, 0, 0, 0, 0x5821, crc, shown, shown, len(name), len(extra)) + name + extra)
            if wide:
                file.seek(length, os.SEEK_CUR)
            else:
                file.write(content)
            place = 0xFFFFFFFF if at > 0xFFFFFFFE else at
            extra = (struct.pack("<QQ", length, length) if wide else b"") + (struct.pack("<Q", at) if place != at else b"")
            extra = struct.pack("<HH", 1, len(extra)) + extra if extra else b""
            directory += struct.pack("<4s6HIIIHHHHHII", b"PK\x01\x02", 45, 45, 0, 0, 0, 0x5821, crc, shown, shown, len(name), len(extra), 0, 0, 0, 0, place) + name + extra
        at = file.tell()
        file.write(directory)
        end = file.tell()
        file.write(struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 4, 4, len(directory), at) + struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
                   + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 4, 4, len(directory), 0xFFFFFFFF, 0))


def mixed_tree(root, files):
    """Every second file generated text as a repository has it, every second one of tests/corpus, over and over."""
    assess.make_tree(root, files // 2)
    corpus = [path for path in sorted((PROJECT / "tests/corpus").rglob("*")) if path.is_file() and path.stat().st_size < 64 << 10]
    for i in range(files - files // 2):
        source = corpus[i % len(corpus)]
        folder = root / f"c{i // 1000:03d}" / f"s{i // 100 % 10}"
        if i % 100 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / f"{i}-{source.name}")


def tree_of(root, folders, files):
    """Links to files of the folders as they are, drawn at random: up to 4 MiB each, without caches of bytecode."""
    found = []
    for folder in folders:
        for here, inner, names in os.walk(folder):
            inner[:] = [name for name in inner if name != "__pycache__"]
            found += [path for path in (os.path.join(here, name) for name in names)
                      if not os.path.islink(path) and os.path.getsize(path) <= 4 << 20]
    random.Random(3).shuffle(found)
    for i, path in enumerate(found[:files]):
        folder = root / f"{i // 1000:03d}" / f"{i % 1000:03d}"  # by itself, as names decide among formats
        folder.mkdir(parents=True)
        try:
            os.link(path, folder / os.path.basename(path))
        except OSError:
            shutil.copyfile(path, folder / os.path.basename(path))


class Table:
    def __init__(self):
        self.rows = []
        print("| what | program | wall s | CPU s | times ours | rate | peak MiB |\n| --- | --- | --- | --- | --- | --- | --- |")

    def add(self, what, program, figures, ours=None, rate=""):
        wall, cpu, peak = figures
        times = "" if ours is None else f"{cpu / ours[1]:.1f}"
        print(f"| {what} | {program} | {wall:.3f} | {cpu:.3f} | {times} | {rate} | {peak:.0f} |", flush=True)


def bench_small(table, words, scratch):
    folder = scratch / "small"
    apart(small_pickles, folder)
    total = sum(path.stat().st_size for path in folder.iterdir())
    what = f"10,000 pickles, {total / 1e7:.2f} kB each, one core"
    ours = medians(words.runs, [words.surety, "scan", "--threads", "1", str(folder)], cores="0")
    table.add(what, "surety scan", ours, ours, f"{10_000 / ours[1]:,.0f} files/s")
    source = scratch / "loop.c"
    source.write_text(BARE_LOOP)
    if shutil.which("cc") and subprocess.run(["cc", "-O2", "-o", str(scratch / "loop"), str(source)]).returncode == 0:
        bare = medians(words.runs, [str(scratch / "loop"), str(folder)], cores="0")
        table.add("", "open, read, touch (C)", bare, ours, f"{10_000 / bare[1]:,.0f} files/s")
    if words.peers:
        peer = medians(words.runs, [f"{words.peers}/bin/picklescan", "-p", str(folder)], cores="0")
        table.add("", "picklescan", peer, ours)
        none = scratch / "none"
        none.mkdir()
        for name, code, share in (("modelaudit-picklescan", MODELAUDIT, 100), ("fickling", FICKLING, 10)):
            part = scratch / name
            part.mkdir()
            for path in sorted(folder.iterdir())[:10_000 // share]:
                shutil.copy(path, part)
            start, peer = (medians(words.peer_runs, [f"{words.peers}/bin/python", "-c", code, str(where)], warm=False, cores="0")
                           for where in (none, part))
            whole = [start[i] + share * (peer[i] - start[i]) for i in range(2)] + [peer[2]]
            table.add("", f"{name} (its start, and {share} times {10_000 // share:,} of them)", whole, ours)
    shutil.rmtree(folder)


def bench_large(table, words, scratch):
    path = scratch / "objects.pkl"
    apart(large_pickle, path, 4_700_000)
    size = path.stat().st_size
    ours = medians(words.runs, [words.surety, "scan", "--threads", "1", str(path)], cores="0")
    table.add(f"one pickle of {size / 1e6:.0f} MB of plain objects, one core", "surety scan", ours, ours, f"{size / 1e6 / ours[1]:.0f} MB/s")
    if words.peers and words.large_peer:
        apart(large_pickle, path, 4_700_000 * words.large_peer // 190)
        part = path.stat().st_size
        of_it = measure([f"{words.peers}/bin/picklescan", "-p", str(path)], cores="0")
        small = medians(words.runs, [words.surety, "scan", "--threads", "1", str(path)], cores="0")
        table.add(f"one of {part / 1e6:.0f} MB", "surety scan", small, small, f"{part / 1e6 / small[1]:.0f} MB/s")
        table.add("", "picklescan (one run)", of_it, small, f"{part / 1e6 / of_it[1]:.1f} MB/s")
    path.unlink()


def bench_sparse(table, words, scratch):
    for name, make in (("model.pt", sparse_torch), ("model.safetensors", sparse_safetensors), ("model.gguf", sparse_gguf)):
        path = scratch / name
        make(path)
        answer = subprocess.run([words.surety, "scan", str(path)], stdout=subprocess.PIPE)
        if answer.returncode != 0:
            sys.exit(f"{path.name}: exit code {answer.returncode}: {answer.stdout.decode()}")
        table.add(f"10 GiB, {name} (sparse)", "surety scan", medians(words.runs, [words.surety, "scan", str(path)]))
        path.unlink()


def bench_tree(table, words, scratch):
    tree = scratch / "tree"
    if words.tree_of:
        apart(tree_of, tree, words.tree_of, words.files)
    else:
        apart(mixed_tree, tree, words.files)
    sizes = [path.stat().st_size for path in tree.rglob("*") if path.is_file()]
    files, size = len(sizes), sum(sizes)
    rate = lambda figures: f"{files / figures[0]:,.0f} files/s, {size / 1e6 / figures[0]:,.0f} MB/s"
    ours = medians(words.runs, [words.surety, "scan", str(tree)])
    table.add(f"{files:,} mixed files, {size / 1e6:.0f} MB, {os.cpu_count()} cores", "surety scan", ours, ours, rate(ours))
    copy = medians(words.runs, ["sh", "-c", f"find {tree} -type f -print0 | xargs -0 -n 256 -P {os.cpu_count()} cat >/dev/null"])
    table.add("", "find and cat", copy, ours, rate(copy))
    state = tree / ".surety"

    def first():
        shutil.rmtree(state, ignore_errors=True)
        return measure([words.surety, "assess", str(tree), "--quiet"])

    first()
    cold = [statistics.median(column) for column in zip(*[first() for _ in range(words.runs)])]
    table.add("", "surety assess, first run", cold, ours, rate(cold))
    time.sleep(3)  # files younger than two seconds are not cached
    again = medians(words.runs, [words.surety, "assess", str(tree), "--quiet"])
    table.add("", "surety assess, nothing changed", again, ours, rate(again))
    shutil.rmtree(tree)


def bench_data(table, words, scratch):
    path = scratch / "chats.jsonl"
    apart(scan_data.write_chats, str(path), GIB)
    size = path.stat().st_size
    ours = medians(words.runs, [words.surety, "scan", "--threads", "1", str(path)], cores="0")
    table.add("JSONL of 1 GiB, secrets, personal data and injections, one core", "surety scan", ours, ours, f"{size / 1e6 / ours[1]:.0f} MB/s")
    table.add("", "cat", medians(words.runs, ["sh", "-c", f"cat {path} >/dev/null"], cores="0"), ours)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--surety", default=str(PROJECT / "build/release/src/app/surety"))
    parser.add_argument("--peers")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer-runs", type=int, default=3, help="for the slow ones")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--tree-of", action="append", metavar="FOLDER", help="the tree is of files of these folders, not generated")
    parser.add_argument("--large-peer", type=int, default=19, metavar="MB", help="size of the pickle that picklescan is given; 0 for none")
    parser.add_argument("--scratch")
    parser.add_argument("--only", default="small,large,sparse,tree,data")
    words = parser.parse_args()
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: the children of children are counted too
    parts = {"small": bench_small, "large": bench_large, "sparse": bench_sparse, "tree": bench_tree, "data": bench_data}
    scratch = pathlib.Path(tempfile.mkdtemp(dir=words.scratch, prefix="surety-bench-"))
    try:
        print(f"Measured: {assess.machine()}. Medians of {words.runs} runs, page cache warm, sandbox on.\n")
        table = Table()
        for name in words.only.split(","):
            parts[name](table, words, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
