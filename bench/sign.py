#!/usr/bin/env python3
"""Measures `surety sign` and `surety verify` beside openssl, b3sum and model_signing on one model in the same run, and
prints a table for docs/performance.md.

    bench/sign.py SURETY [--reference VENV] [--gibibytes 8] [--runs 3] [--scratch DIR]

VENV is a virtual environment with model-signing (tests/interoperability/requirements.txt). The model is 200 files: four of
an eighth of the size each, and 196 that share the other half; its content is random and in the page cache. Times are
medians: wall, and processor time of all threads. Everything is written below the scratch directory and removed again.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def measure(words, cwd):
    """Wall and processor seconds of a command that must succeed."""
    start = time.monotonic()
    process = subprocess.Popen(words, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{words}: exit code {process.returncode}\n{message.decode('utf-8', 'replace')[-1000:]}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def openssl_speed(algorithm):
    """Bytes per processor second on one core, as `openssl speed` tells them: it divides by user time."""
    out = subprocess.run(["openssl", "speed", "-mr", "-evp", algorithm, "-bytes", str(1 << 20), "-seconds", "3"], check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()
    return float(re.search(r"^\+F:.*:([\d.]+)$", out, re.MULTILINE).group(1))


def make_model(folder, gibibytes):
    """200 files; pieces of one random block at random places, so that no two are equal."""
    folder.mkdir()
    block = os.urandom(64 << 20)
    draw = random.Random(1)
    total = int(gibibytes * (1 << 30))
    sizes = [total // 8] * 4 + [total // 2 // 196] * 196
    sizes[-1] += total - sum(sizes)
    for i, size in enumerate(sizes):
        with open(folder / f"model-{i + 1:05}-of-00200.safetensors", "wb") as file:
            while size > 0:
                begin = draw.randrange(len(block) // 2)
                size -= file.write(block[begin:begin + min(size, 16 << 20)])
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("surety")
    parser.add_argument("--reference")
    parser.add_argument("--gibibytes", type=float, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scratch")
    arguments = parser.parse_args()
    surety = str(pathlib.Path(arguments.surety).resolve())
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="surety-bench-sign-", dir=arguments.scratch))
    try:
        total = make_model(scratch / "model", arguments.gibibytes)
        files = sorted(str(path) for path in (scratch / "model").iterdir())
        subprocess.run([surety, "keygen", "--private-key", "k.key"], cwd=scratch, check=True, stdout=subprocess.DEVNULL)

        def sign(*hashes):
            words = [surety, "sign", "model", "--private-key", "k.key"]
            for name in hashes:
                words += ["--hash", name, "--signature", f"{name}.sig"]
            return words

        verify = [surety, "verify", "model", "--public-key", "k.key.pub", "--signature"]
        commands = {
            "surety sign, SHA-256": sign("sha256"),
            "surety sign, BLAKE3": sign("blake3"),
            "surety sign, SHA-256 and BLAKE3 in one pass": sign("sha256", "blake3"),
            "surety sign, BLAKE2b": sign("blake2b"),
            "surety verify, SHA-256": [*verify, "sha256.sig"],
            "surety verify, BLAKE3": [*verify, "blake3.sig"],
            "surety verify, SHA-256, with a digest cache": [*verify, "sha256.sig", "--cache", "cache"],
        }
        if shutil.which("b3sum"):
            commands["b3sum"] = ["b3sum", *files]
            commands["b3sum --num-threads 1"] = ["b3sum", "--num-threads", "1", *files]
        if arguments.reference:
            reference = str(pathlib.Path(arguments.reference).resolve() / "bin/model_signing")
            commands["model_signing sign"] = [reference, "sign", "key", "model", "--signature", "ref.sig", "--private_key",
                                              "k.key"]
            commands["model_signing verify"] = [reference, "verify", "key", "model", "--signature", "sha256.sig",
                                                "--public_key", "k.key.pub"]
        subprocess.run(["cat", *files], check=True, stdout=subprocess.DEVNULL)
        results = {name: [] for name in commands}
        speeds = []
        for _ in range(arguments.runs):
            speeds.append(openssl_speed("sha256"))
            for name, words in commands.items():
                results[name].append(measure(words, scratch))
        openssl = statistics.median(speeds)
        print(f"{total / (1 << 30):.1f} GiB in {len(files)} files, {os.cpu_count()} cores, medians of {arguments.runs} runs\n")
        print("| | wall s | GB/s | processor s | GB per processor second |\n|---|---|---|---|---|")
        print(f"| openssl speed -evp sha256, 1 MiB, one core | | | | {openssl / 1e9:.2f} |")
        medians = {}
        for name, times in results.items():
            wall, processor = (statistics.median(values) for values in zip(*times))
            medians[name] = wall, processor
            print(f"| {name} | {wall:.2f} | {total / wall / 1e9:.2f} | {processor:.2f} | {total / processor / 1e9:.2f} |")
        print()
        print(f"SHA-256 of surety sign to openssl speed, per processor second: "
              f"{total / medians['surety sign, SHA-256'][1] / openssl:.3f}")
        if "b3sum" in medians:
            print(f"BLAKE3 of surety sign to b3sum, per processor second: "
                  f"{medians['b3sum --num-threads 1'][1] / medians['surety sign, BLAKE3'][1]:.3f}; wall, all cores: "
                  f"{medians['b3sum'][0] / medians['surety sign, BLAKE3'][0]:.3f}")
        if arguments.reference:
            for kind in ("SHA-256", "BLAKE3"):
                wall, processor = medians[f"surety sign, {kind}"]
                print(f"model_signing sign to surety sign with {kind}: {medians['model_signing sign'][0] / wall:.1f} times the "
                      f"wall time, {medians['model_signing sign'][1] / processor:.1f} times the processor time")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
