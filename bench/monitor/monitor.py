#!/usr/bin/env python3
"""Prints what monitoring costs and how well it tells, from bench/monitor/monitor_bench.

    bench/monitor/monitor.py [--bench PROGRAM] [--prompts FILE] [speed] [intervals] [extraction]

FILE holds JSON lines with text, label and source, as surety guard train takes them; speed and extraction need it.
Without names, all three are run. Times are CPU time of this process, so that other work on the machine counts little.
"""
import argparse
import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", default=PROJECT / "build/release/bench/monitor/monitor_bench", type=pathlib.Path)
    parser.add_argument("--prompts", type=pathlib.Path)
    parser.add_argument("what", nargs="*", choices=["speed", "intervals", "extraction", []])
    arguments = parser.parse_args()
    if not arguments.bench.exists():
        sys.exit(f"{arguments.bench} is not there: tools/build.sh release monitor_bench")
    for name in arguments.what or ["speed", "intervals", "extraction"]:
        words = [str(arguments.bench), name]
        if name != "intervals":
            if arguments.prompts is None:
                print(f"{name}: skipped, no --prompts FILE", flush=True)
                continue
            words.append(str(arguments.prompts))
        subprocess.run(words, check=True)


if __name__ == "__main__":
    main()
