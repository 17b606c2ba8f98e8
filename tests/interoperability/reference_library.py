"""Runs the reference's Python library on many bundles in one process: reads a JSON list of {"model", "bundle", "key"} on
standard input, writes a JSON list of what went wrong ("" where it verified)."""
import json
import pathlib
import sys

from model_signing import verifying


def verdict(case):
    try:
        verifying.Config().use_elliptic_key_verifier(public_key=pathlib.Path(case["key"])).verify(
            pathlib.Path(case["model"]), pathlib.Path(case["bundle"]))
        return ""
    except Exception as error:  # whatever it raises is its verdict
        return f"{type(error).__name__}: {error}" or "failed"


json.dump([verdict(case) for case in json.load(sys.stdin)], sys.stdout)
