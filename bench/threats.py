#!/usr/bin/env python3
"""How well the rules of `surety threats` see what happened, and how often they raise an alarm for nothing.

    bench/threats.py [--surety BINARY] [--json]

Recall: ten case studies of MITRE ATLAS, each as the ai-system.yaml of the system that was attacked (tests/threats/cases).
Expected are the techniques of the case study that a defender could see, by their exact ids (tests/threats/expected.json).
Precision: systems whose controls are in place (tests/threats/benign): which threats are derived, and which stand open.
"""
import argparse
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[1]
THREATS = PROJECT / "tests" / "threats"
HARMS = "AML.T0048"  # External Harms: what came of it, not what was done to the system


def model_bytes():
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + struct.pack("<4f", 0.25, -1.5, 3.0, 0.5)


def write_system(text, directory, benign):
    """The ai-system.yaml and, for a benign system, the files it names."""
    directory = pathlib.Path(directory)
    if benign:
        model = model_bytes()
        digest = hashlib.sha256(model).hexdigest()
        text = text.replace("@SHA256@", digest)
        for path, content in {
            "app/policy.py": "def check(text):\n    return len(text) < 8192\n",
            "app/approval.py": "def approve(call, person):\n    return person.confirms(call)\n",
            "tests/test_policy.py": "def test_policy():\n    assert True\n",
            "tests/test_approval.py": "def test_approval():\n    assert True\n",
            "docs/evaluation.md": "# Evaluation\n\nEvery attempt was turned away.\n",
            "prompts/instructions.md": "Answer from the handbook only.\n",
            "handbook/printers.md": "# Printers\n\nTurn it off and on again.\n",
            "data/parcels.csv": "weight,belt\n1.5,3\n2.5,4\n",
        }.items():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        if digest in text:
            (directory / "models").mkdir()
            (directory / "models/sorter.safetensors").write_bytes(model)
            (directory / "SHA256SUMS").write_text(f"{digest}  models/sorter.safetensors\n")
    (directory / "ai-system.yaml").write_text(text)


def threats_of(surety, path, benign=False):
    with tempfile.TemporaryDirectory(prefix="surety-threats-") as directory:
        write_system(path.read_text(), directory, benign)
        environment = dict(os.environ, SOURCE_DATE_EPOCH="1795392000")
        done = subprocess.run([surety, "threats", directory, "--no-record", "--format", "json"], env=environment,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise SystemExit(f"{path.name}: surety threats ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)


def measure(surety):
    expected = json.loads((THREATS / "expected.json").read_text())
    cases = []
    for name, case in expected.items():
        model = threats_of(surety, THREATS / "cases" / (name + ".yaml"))
        found = {technique for rule in model.get("used", []) for technique in rule.get("atlas", [])}
        cases.append({"case": name, "expected": case["techniques"], "threats": len(model.get("threats", [])),
                      "found": [t for t in case["techniques"] if t in found],
                      "missed": [t for t in case["techniques"] if t not in found]})
    benign = []
    for path in sorted((THREATS / "benign").glob("*.yaml")):
        model = threats_of(surety, path, benign=True)
        benign.append({"system": path.stem, "threats": [t["id"] for t in model.get("threats", [])],
                       "open": [t["id"] for t in model.get("threats", []) if t["state"] == "open"],
                       "surplus": [s["name"] for s in model.get("surplus", [])]})
    return {"cases": cases, "benign": benign}


def ratio(cases, keep):
    found = sum(sum(1 for t in case["found"] if keep(t)) for case in cases)
    expected = sum(sum(1 for t in case["expected"] if keep(t)) for case in cases)
    return found, expected


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surety", default=os.environ.get("SURETY", str(PROJECT / "build/release/src/app/surety")))
    parser.add_argument("--json", action="store_true", help="print what was measured as JSON")
    arguments = parser.parse_args()
    result = measure(arguments.surety)
    if arguments.json:
        json.dump(result, sys.stdout, indent=1)
        print()
        return
    print("| case study | techniques a defender could see | found | missed |\n|---|---|---|---|")
    for case in result["cases"]:
        print(f"| {case['case']} | {len(case['expected'])} | {len(case['found'])} | {', '.join(case['missed']) or 'none'} |")
    found, expected = ratio(result["cases"], lambda t: True)
    print(f"\nRecall: {found} of {expected} techniques, by exact id.")
    found, expected = ratio(result["cases"], lambda t: not t.startswith(HARMS))
    print(f"Without External Harms ({HARMS} and below): {found} of {expected}.\n")
    print("| system with its controls in place | threats | open | superfluous |\n|---|---|---|---|")
    for system in result["benign"]:
        print(f"| {system['system']} | {len(system['threats'])} | {', '.join(system['open']) or 'none'} | "
              f"{', '.join(system['surplus']) or 'none'} |")


if __name__ == "__main__":
    main()
