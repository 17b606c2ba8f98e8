#!/usr/bin/env python3
"""Builds the fuzz targets and runs them, the least run first, keeping what each finds on the way.

    tools/fuzz.py [TARGET…] [--seconds N] [--minutes N] [--workers N] [--kept DIR] [--pause FILE]

  TARGET       only these (default: every *_fuzz.cc of src/)
  --seconds N  how long a target runs at a time (default 60)
  --minutes N  go on until each target has so many minutes of processor time, counted over all runs with the same DIR
               (default: each runs once)
  --workers N  so many at a time (default: one)
  --kept DIR   corpora, logs and the count of minutes (default build/fuzz/kept)
  --pause FILE wait, and stop what runs, while somebody holds a lock on FILE (for measuring beside it)

Inputs that crash a target, hang it or take too much memory go to DIR/crashes and belong in the corpus of src/, together
with the fix. The table is DIR/minutes.tsv: target, seconds of processor time, inputs run, failures, and the commit of the
last run. Exit code 0 when nothing failed, 1 when something did.
"""
import argparse
import concurrent.futures
import fcntl
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BUILT = PROJECT / "build" / "fuzz"
SECONDS_PER_INPUT = 30
SECONDS_PER_INPUT_WITH_PAUSES = 900  # libFuzzer counts the time for which it was stopped
MEBIBYTES = 2048


def sources(names):
    found = {path.stem: path for path in sorted((PROJECT / "src").rglob("*_fuzz.cc"))}
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit(f"fuzz.py: no such target: {', '.join(unknown)}")
    return {name: found[name] for name in names} if names else found


class Tally:
    """Seconds and inputs of every target, kept as a table that is replaced whole after each run."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.rows = {}
        if path.exists():
            for line in path.read_text().splitlines()[1:]:
                target, seconds, inputs, failures, commit = line.split("\t")
                self.rows[target] = [float(seconds), int(inputs), int(failures), commit]

    def seconds(self, target):
        with self.lock:
            return self.rows.get(target, [0.0])[0]

    def add(self, target, seconds, inputs, failures, commit):
        with self.lock:
            row = self.rows.setdefault(target, [0.0, 0, 0, commit])
            row[0] += seconds
            row[1] += inputs
            row[2] += failures
            row[3] = commit
            lines = ["target\tseconds\tinputs\tfailures\tcommit"]
            lines += [f"{name}\t{r[0]:.1f}\t{r[1]}\t{r[2]}\t{r[3]}" for name, r in sorted(self.rows.items())]
            new = self.path.with_suffix(".new")
            new.write_text("\n".join(lines) + "\n")
            new.replace(self.path)


class Pause:
    """Whether somebody holds the lock on a file; None for never."""

    def __init__(self, path):
        self.path = path

    def wanted(self):
        if self.path is None:
            return False
        with open(self.path, "a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def run_target(program, seeds, kept, seconds, pause):
    """Runs one target for so many seconds; returns its processor time, the inputs it ran and whether it failed."""
    target = program.name
    corpus = kept / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    log = kept / "logs" / f"{target}.log"
    command = [str(program), f"-max_total_time={seconds}", f"-timeout={SECONDS_PER_INPUT_WITH_PAUSES if pause.path else SECONDS_PER_INPUT}",
               f"-rss_limit_mb={MEBIBYTES}", "-print_final_stats=1", "-close_fd_mask=1",
               f"-artifact_prefix={kept}/crashes/{target}-", str(corpus)] + ([str(seeds)] if seeds.is_dir() else [])
    with open(log, "wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        stopped = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if pause.wanted() != stopped:
                stopped = not stopped
                os.killpg(child.pid, signal.SIGSTOP if stopped else signal.SIGCONT)
            time.sleep(0.2)
    child.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(errors="replace")
    inputs = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    return usage.ru_utime + usage.ru_stime, int(inputs.group(1)) if inputs else 0, child.returncode != 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].strip())
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kept", type=pathlib.Path, default=BUILT / "kept")
    parser.add_argument("--pause", type=pathlib.Path)
    arguments = parser.parse_args()
    chosen = sources(arguments.targets)
    subprocess.run([PROJECT / "tools" / "build.sh", "fuzz", *chosen], check=True)
    kept = arguments.kept.resolve()
    for folder in ("corpus", "logs", "crashes"):
        (kept / folder).mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "-C", PROJECT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    commit = commit.stdout.strip() or "unknown"
    tally = Tally(kept / "minutes.tsv")
    pause = Pause(arguments.pause)
    waiting = sorted(chosen, key=tally.seconds)
    failed = []
    changing = threading.Lock()

    def work():
        while True:
            with changing:
                if not waiting:
                    return
                target = waiting.pop(0)
            source = chosen[target]
            program = BUILT / "src" / source.relative_to(PROJECT / "src").parts[0] / target
            seconds, inputs, failure = run_target(program, source.parent / "corpus" / target, kept, arguments.seconds, pause)
            tally.add(target, seconds, inputs, int(failure), commit)
            print(f"{target}: {inputs} inputs in {seconds:.0f} s{', FAILED' if failure else ''}; "
                  f"{tally.seconds(target) / 60:.1f} minutes in all", flush=True)
            with changing:
                if failure:
                    failed.append(target)
                elif arguments.minutes and tally.seconds(target) < 60 * arguments.minutes:
                    waiting.append(target)
                    waiting.sort(key=tally.seconds)

    with concurrent.futures.ThreadPoolExecutor(arguments.workers) as pool:
        for worker in [pool.submit(work) for _ in range(arguments.workers)]:
            worker.result()
    if failed:
        print(f"failed: {' '.join(sorted(failed))} (see {kept}/logs and {kept}/crashes)", file=sys.stderr)
        return 1
    print(f"{len(chosen)} targets, no failure")
    return 0


if __name__ == "__main__":
    sys.exit(main())
