#!/usr/bin/env python3
"""Measures `surety` beside plain hashing of the same files, in the same run, and prints tables for docs/performance.md.

    make bench                                   everything
    bench/assess.py --repository DIR [...]       also assess these real repositories

Needs find, xargs and openssl. Everything is written below a scratch directory (--scratch) and removed again.
"""
import argparse
import ctypes
import json
import os
import pathlib
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]


def measure(words, cwd=None, ok=(0, 1)):
    """Wall seconds, CPU seconds and peak resident MiB (of the largest process) of one command. The children in which
    surety reads files outlive the process that started them: they come to this one, and are counted."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    start = time.monotonic()
    process = subprocess.Popen(words, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    message = process.stderr.read()
    wall = cpu = peak = 0
    while process.returncode is None or has_child():
        pid, status, usage = os.wait4(-1, 0)
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
        if pid == process.pid:
            wall = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ok:
        sys.exit(f"{words}: exit code {process.returncode}: {message.decode(errors='replace')[:500]}")
    return wall, cpu, peak


def has_child():
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def medians(runs, words, prepare=None, **options):
    rows = []
    for _ in range(runs):
        if prepare:
            prepare()
        rows.append(measure(words, **options))
    return [statistics.median(column) for column in zip(*rows)]


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    commit = subprocess.run(["git", "-C", PROJECT, "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE).stdout.decode().strip()
    kernel = platform.release().split("-")[0]
    return f"commit {commit or 'unknown'}, {os.cpu_count()} cores, {model}, Linux {kernel}, {time.strftime('%Y-%m-%d')}"


def make_tree(root, files):
    """A tree of many small files, as a large repository has them; log-normal sizes, 5 KB on average. Of the program text a
    third speaks of what the observers look for (models, keys, addresses) and is read word by word."""
    generator = random.Random(7)
    mix = {".py": 25, ".ts": 20, ".json": 15, ".bin": 20, ".yaml": 5, ".md": 5, ".txt": 5, ".csv": 5}
    endings = [ending for ending, share in mix.items() for _ in range(share)]
    generator.shuffle(endings)
    lines = {".py": ["value_{i} = compute({i}, other)\n", "self.url = settings.get('key_{i}', model)  # load\n"],
             ".ts": ["const value{i} = compute({i}, other);\n", "this.url = settings.get('key_{i}', model); // load\n"],
             ".json": ['{{"name": "entry {i}", "values": [1, 2, 3]}}\n'], ".yaml": ["entry{i}: [1, 2, three]\n"],
             ".md": ["Some words on the subject number {i}, and a few more.\n"],
             ".txt": ["Some words on the subject number {i}, and a few more.\n"], ".csv": ["{i},some words,12.5,north\n"]}
    total = 0
    for i in range(files):
        folder = root / f"d{i // 1000:03d}" / f"s{i // 100 % 10}"
        if i % 100 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        size = min(200_000, max(16, int(generator.lognormvariate(8.0, 1.0))))
        ending = endings[i % len(endings)]
        if ending == ".bin":
            body = generator.randbytes(size)
        else:
            kinds = lines[ending]
            line = kinds[1 if len(kinds) > 1 and i % 3 == 0 else 0].format(i=i)
            body = (line * (size // len(line) + 1)).encode()[:size]
        (folder / f"f{i}{ending}").write_bytes(body)
        total += size
    return total


def hashing(directory, name="*"):
    quoted = f"find {directory} -type f -name '{name}' -not -path '*/.surety/*' -print0 | xargs -0 -P {os.cpu_count()} -n 256 openssl dgst -sha256"
    return ["sh", "-c", quoted + " > /dev/null"]


def table(title, columns, rows):
    print(f"\n### {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--surety", default=str(PROJECT / "build/release/src/app/surety"))
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--large-gib", type=int, default=4)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch", default=None)
    parser.add_argument("--repository", nargs="*", default=[])
    options = parser.parse_args()
    surety = options.surety
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="surety-bench-", dir=options.scratch))
    try:
        print(f"Measured: {machine()}. Medians of {options.runs} runs, page cache warm.")
        rows = []
        for path in [PROJECT / "examples" / name for name in ("support-assistant", "fraud-detection", "llm-platform", "open-model")] + [
                pathlib.Path(name) for name in options.repository]:
            words = [surety, "assess", str(path), "--no-record", "--quiet"]
            measure(words)
            wall, cpu, peak = medians(options.runs, words)
            result = json.loads(subprocess.run([surety, "assess", str(path), "--no-record", "--format", "json"],
                                               stdout=subprocess.PIPE).stdout)
            files = result["summary"]["files"] if "summary" in result else result["files"]
            verdicts = [p["verdict"] for p in result["provisions"]]
            rows.append((path.name, files, f"{wall * 1000:.0f} ms", f"{files / wall:,.0f}", f"{peak:.0f} MiB",
                         verdicts.count("fail"), verdicts.count("pass")))
        table("`surety assess`", ["directory", "files", "wall", "files/s", "peak memory", "fail", "pass"], rows)

        tree = scratch / "tree"
        total = make_tree(tree, options.files)
        large = scratch / "large"
        large.mkdir()
        with open(large / "weights.bin", "wb") as out:
            block = random.Random(1).randbytes(1 << 24)
            for _ in range(options.large_gib * 64):
                out.write(block)
        time.sleep(3)  # files younger than two seconds are not cached
        rows = []
        for name, directory, size in ((f"{options.files:,} files, {total / 1e6:.0f} MB", tree, total),
                                      (f"one file of {options.large_gib} GiB", large, options.large_gib << 30)):
            state = directory / ".surety"

            def forget(state=state):
                shutil.rmtree(state, ignore_errors=True)
            list_words = [surety, "inventory", str(directory), "--state", str(state), "--format", "json"]
            measure(hashing(directory))
            peer = medians(options.runs, hashing(directory))

            def cold(state=state):
                forget(state)
                state.mkdir()
            first = medians(options.runs, list_words, prepare=cold)
            measure(list_words)
            again = medians(options.runs, list_words)
            rows.append((name, f"{peer[0] * 1000:.0f} ms", f"{first[0] * 1000:.0f} ms", f"{first[0] / peer[0]:.2f}",
                         f"{size / first[0] / 1e6:,.0f} MB/s", f"{again[0] * 1000:.0f} ms", f"{first[0] / again[0]:.0f}",
                         f"{max(first[2], again[2]):.0f} MiB"))
            forget()
        table("Discovery and hashing (`surety inventory`) beside `find | xargs -P openssl dgst -sha256`",
              ["what", "find + openssl", "first run", "ratio", "rate", "second run", "times faster", "peak memory"], rows)
        rows = []
        state = tree / ".surety"
        words = [surety, "assess", str(tree), "--quiet"]

        def forget_all():
            shutil.rmtree(state, ignore_errors=True)
        first = medians(options.runs, words, prepare=forget_all)
        again = medians(options.runs, words)
        rows.append((f"{options.files:,} files", f"{first[0] * 1000:.0f} ms", f"{again[0] * 1000:.0f} ms", f"{first[0] / again[0]:.0f}",
                     f"{max(first[2], again[2]):.0f} MiB"))
        table("`surety assess` on the same tree, ledger and verdicts included", ["what", "first run", "second run", "times faster", "peak memory"], rows)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
