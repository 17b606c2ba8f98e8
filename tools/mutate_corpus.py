#!/usr/bin/env python3
"""Feeds mutations of every good sample to the real binary and looks for crashes, hangs and odd exit codes.

    tools/mutate_corpus.py SURETY [--mutations N] [--truncations BYTES] [--seed N] [--keep DIR] [--only WORD] [--seconds N]

  --mutations N        so many mutations of each sample of tests/corpus/*/benign (default 20)
  --truncations BYTES  also every truncation of samples up to so many bytes (default 0: none)
  --seed N             where the random numbers begin (default 1): the same seed gives the same files
  --keep DIR           files that fail are copied here (default: a folder in the temporary directory)
  --only WORD          only samples whose path holds WORD
  --seconds N          stop beginning new batches after so many seconds

Files are scanned in batches of some thousand, one `surety scan` each, in the sandbox. A batch fails when the exit code is
not 0, 1 or 3, or a file is missing in the result; a file fails when its reading was cut short: the child that read it
died, took too long or too much memory. Prints what was run. Exit code 0 when nothing failed, 1 when something did.
"""
import argparse
import collections
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
CUT_SHORT = {"scan-crashed", "scan-timeout", "scan-memory"}
BATCH_FILES = 4000
BATCH_BYTES = 200 << 20
NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, (1 << 64) - 1]


def mutated(data, draw, others):
    """One to four changes of `data`; `others` are samples of the same family to splice with."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.randrange(len(out) + 1)
        kind = draw.randrange(8)
        if not out or kind == 0:
            out[at:at] = draw.randbytes(draw.randrange(1, 17))
        elif kind == 1:
            out[min(at, len(out) - 1)] ^= 1 << draw.randrange(8)
        elif kind == 2:
            out[min(at, len(out) - 1)] = draw.randrange(256)
        elif kind == 3:
            del out[at : at + draw.randrange(1, 65)]
        elif kind == 4:
            begin = draw.randrange(len(out))
            out[at:at] = out[begin : begin + draw.randrange(1, 257)]
        elif kind == 5:
            size = draw.choice((1, 2, 4, 8))
            number = draw.choice(NUMBERS) & ((1 << 8 * size) - 1)
            out[at : at + size] = number.to_bytes(size, draw.choice(("little", "big")))
        elif kind == 6:
            other = draw.choice(others)
            begin = draw.randrange(len(other) + 1)
            out[at:] = other[begin:]
        else:
            del out[at:]
    return bytes(out)


def variants(samples, options):
    """(name, what, content) of every file to try."""
    families = collections.defaultdict(list)
    for path, data in samples:
        families[path.parts[0]].append(data)
    for path, data in samples:
        draw = random.Random(f"{options.seed} {path}")
        for number in range(options.mutations):
            yield path, f"m{number}", mutated(data, draw, families[path.parts[0]])
        if len(data) <= options.truncations:
            for size in range(len(data)):
                yield path, f"t{size}", data[:size]


class Trial:
    def __init__(self, surety, keep):
        self.surety, self.keep = surety, keep
        self.files = self.batches = 0
        self.failures = []
        self.verdicts = collections.Counter()

    def fail(self, why, file=None):
        self.failures.append(why)
        print(f"FAILED {why}", flush=True)
        if file is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, self.keep / file.relative_to(file.parents[1]).as_posix().replace("/", "_"))

    def run(self, batch):
        with tempfile.TemporaryDirectory(prefix="surety-mutations-", dir="/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None) as name:
            folder = pathlib.Path(name)
            for number, (path, what, content) in enumerate(batch):
                place = folder / f"{number:05}-{what}"
                place.mkdir()
                (place / path.name).write_bytes(content)
            run = subprocess.run([self.surety, "scan", "--all", "--format", "json", "."], cwd=folder, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
            self.batches += 1
            self.files += len(batch)
            if run.returncode not in (0, 1, 3):
                self.fail(f"exit code {run.returncode}: {run.stderr.decode('utf-8', 'replace')[-500:]}")
                return
            seen = {entry["path"]: entry for entry in json.loads(run.stdout)["files"]}
            for number, (path, what, content) in enumerate(batch):
                name = f"{number:05}-{what}/{path.name}"
                entry = seen.get(name)
                self.verdicts[entry["verdict"] if entry else "not listed"] += 1
                rules = {finding["rule"] for finding in entry["findings"]} & CUT_SHORT if entry else set()
                if rules:
                    self.fail(f"{', '.join(sorted(rules))}: {path} {what}", folder / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("surety")
    parser.add_argument("--mutations", type=int, default=20)
    parser.add_argument("--truncations", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "surety-mutations-failed")
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    options = parser.parse_args()
    corpus = PROJECT / "tests/corpus"
    samples = [(path.relative_to(corpus), path.read_bytes()) for path in sorted(corpus.glob("*/benign/**/*"))
               if path.is_file() and options.only in str(path)]
    random.Random(options.seed).shuffle(samples)
    trial = Trial(str(pathlib.Path(options.surety).resolve()), options.keep)
    begin = time.monotonic()
    batch, size = [], 0
    for one in variants(samples, options):
        batch.append(one)
        size += len(one[2])
        if len(batch) == BATCH_FILES or size > BATCH_BYTES:
            trial.run(batch)
            batch, size = [], 0
            if time.monotonic() - begin > options.seconds:
                break
    if batch:
        trial.run(batch)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(trial.verdicts.items()))
    print(f"{len(samples)} samples, {trial.files} files in {trial.batches} runs: {told}; {len(trial.failures)} failures")
    return 1 if trial.failures else 0


if __name__ == "__main__":
    sys.exit(main())
