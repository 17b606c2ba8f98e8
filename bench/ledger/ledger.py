#!/usr/bin/env python3
"""Measures the ledger beside Tessera's POSIX log, in one run on one machine, and prints the table of docs/performance.md.

    bench/ledger/ledger.py [--entries 10000000] [--directory DIR] [--runs 3] [--without-tessera]

Needs build/release/bench/ledger/ledger_load (tools/build.sh release ledger_load) and, for Tessera, Go: it is built from the
Go module proxy by bench/ledger/tessera/go.mod. Both logs lie in the same directory, so on the same disk; both acknowledge an
entry when it is durable, and get their entries from twice as many writers as a batch may hold, each of which waits until
its entry is durable before it appends the next. Medians; CPU time is user and system."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
LOAD = os.environ.get("LEDGER_LOAD", str(PROJECT / "build/release/bench/ledger/ledger_load"))


def load(*words):
    return json.loads(subprocess.run([LOAD, *map(str, words)], check=True, stdout=subprocess.PIPE).stdout)


def median(runs, make):
    results = [make() for _ in range(runs)]
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=10_000_000, help="size of the log that is verified")
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--directory", help="where the logs go (default: a temporary directory)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without-tessera", action="store_true")
    options = parser.parse_args()
    place = pathlib.Path(tempfile.mkdtemp(prefix="ledger-bench-", dir=options.directory))
    tessera = place / "tessera"
    try:
        if not options.without_tessera:
            subprocess.run(["go", "build", "-o", tessera, "."], cwd=PROJECT / "bench/ledger/tessera", check=True)

        def ours(count, batch):
            shutil.rmtree(place / "log", ignore_errors=True)
            return load("append", place / "log", count, batch, options.bytes, 2 * batch)

        def theirs(count, batch, age):
            shutil.rmtree(place / "tlog", ignore_errors=True)
            run = subprocess.run([tessera, "-directory", place / "tlog", "-count", str(count), "-bytes", str(options.bytes),
                                  "-batch", str(batch), "-writers", str(2 * batch), "-max-age", age],
                                 check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            return json.loads(run.stdout)

        print(f"Durable appends of {options.bytes} bytes, medians of {options.runs} runs taken in turn:\n")
        print("| entries in a batch | Surety /s | per CPU-second | Tessera POSIX /s | per CPU-second | times |")
        print("|---|---|---|---|---|---|")
        for batch, count, their_count, age in ((1, 2_000, 300, "1ms"), (100, 200_000, 10_000, "5ms"),
                                               (1000, 500_000, 50_000, "20ms")):
            pairs = [(ours(count, batch), None if options.without_tessera else theirs(their_count, batch, age))
                     for _ in range(options.runs)]
            rate = statistics.median(pair[0]["per_second"] for pair in pairs)
            cpu = statistics.median(pair[0]["per_cpu_second"] for pair in pairs)
            row = f"| {batch:,} | {rate:,.0f} | {cpu:,.0f} |"
            if options.without_tessera:
                print(row + " | | |")
                continue
            other = statistics.median(pair[1]["per_second"] for pair in pairs)
            other_cpu = statistics.median(pair[1]["entries"] / pair[1]["cpu_seconds"] for pair in pairs)
            ratio = statistics.median(pair[0]["per_second"] / pair[1]["per_second"] for pair in pairs)
            print(row + f" {other:,.0f} | {other_cpu:,.0f} | {ratio:,.1f} |", flush=True)

        shutil.rmtree(place / "log", ignore_errors=True)
        grown = load("append", place / "log", options.entries, 10_000, options.bytes, 20_000)
        verified = median(options.runs, lambda: load("verify", place / "log"))
        proofs = median(options.runs, lambda: load("prove", place / "log", 100_000))
        print(f"\n| a log of {options.entries:,} entries | |\n|---|---|")
        print(f"| filled in batches of 10,000 | {grown['per_second']:,.0f} entries/s |")
        print(f"| verified whole | {verified['per_cpu_second']:,.0f} entries per CPU-second, "
              f"{verified['peak_kib'] / 1024:,.0f} MiB |")
        print(f"| inclusion proofs | {proofs['per_second']:,.0f} /s, {proofs['per_cpu_second']:,.0f} per CPU-second |")
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
