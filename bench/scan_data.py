#!/usr/bin/env python3
"""Measures what `surety scan` makes of data: its speed on a large data set, and what it finds in labelled secrets.

    bench/scan_data.py speed SURETY [GIBIBYTES]     a JSONL data set of that size (default 1), beside cat, wc -l and rg
    bench/scan_data.py secrets SURETY CASES.jsonl   recall and false alarms by source; rows have text, label, source

Times are medians of five runs with the page cache warm. The data set is drawn from a fixed seed: chats in plain words,
one row in fifty with an e-mail address, one in five thousand with a telephone number.
"""
import collections
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

WORDS = ("the of and to in a is that it for was on with as be at by this have from or had not are but what all were when we "
         "there can an your which their said if do will each about how up out them then she many some so these would other "
         "into has more her two like him see time could no make than first been its who now people my made over did down "
         "only way find use may water long little very after words called just where most know key token user system").split()


def write_chats(path, size):
    draw = random.Random(20261123)
    texts = [" ".join(draw.choice(WORDS) for _ in range(draw.randrange(20, 160))).capitalize() + "." for _ in range(4000)]
    written = number = 0
    with open(path, "w") as out:
        while written < size:
            number += 1
            row = {"id": number, "messages": [{"role": "user", "content": draw.choice(texts)},
                                              {"role": "assistant", "content": draw.choice(texts)}], "score": round(draw.random(), 4)}
            if number % 50 == 0:
                row["contact"] = f"person{number}@mail-{number % 9}.org"
            if number % 5000 == 0:
                row["phone"] = f"07700 900{number % 1000:03}"
            line = json.dumps(row) + "\n"
            written += len(line)
            out.write(line)


def timed(command):
    """Median wall seconds. The processor time of children that the program starts is not to be had from here."""
    wall = []
    for _ in range(5):
        start = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wall.append(time.monotonic() - start)
    return statistics.median(wall)


def speed(surety, gibibytes):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "chats.jsonl")
        write_chats(path, int(gibibytes * (1 << 30)))
        size = os.path.getsize(path)
        commands = {"surety scan": [surety, "scan", path], "cat": ["cat", path], "wc -l": ["wc", "-l", path]}
        if shutil.which("rg"):
            commands["rg, one word"] = ["rg", "-c", "AKIA", path]
        print(f"{'':16}{'wall s':>9}{'MB/s':>9}")
        for name, command in commands.items():
            wall = timed(command)
            print(f"{name:16}{wall:9.2f}{size / 1e6 / wall:9.0f}")


def secrets(surety, cases):
    rows = [json.loads(line) for line in open(cases, encoding="utf-8")]
    with tempfile.TemporaryDirectory() as folder:
        for number, row in enumerate(rows):
            (pathlib.Path(folder) / f"case{number}.env").write_text(row["text"], encoding="utf-8")
        run = subprocess.run([surety, "scan", "--all", "--format", "json", "."], cwd=folder, stdout=subprocess.PIPE)
        found = {entry["path"] for entry in json.loads(run.stdout)["files"]
                 if any(finding["rule"] == "secret" for finding in entry["findings"])}
    count = collections.Counter((row["source"], row["label"], f"case{number}.env" in found) for number, row in enumerate(rows))
    for source in sorted({row["source"] for row in rows}):
        for label, name in (("secret", "found"), ("benign", "false alarms")):
            total = count[source, label, True] + count[source, label, False]
            if total:
                print(f"{source:26}{name:14}{count[source, label, True]:5} of {total}")


if __name__ == "__main__":
    if len(sys.argv) >= 3 and sys.argv[1] == "speed":
        speed(os.path.abspath(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 1)
    elif len(sys.argv) == 4 and sys.argv[1] == "secrets":
        secrets(os.path.abspath(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(__doc__)
