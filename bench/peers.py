"""What peers' own test files come out as: a table of their expectation against our verdict, for docs/scanner-peers.md.

    peers.py --surety build/release/src/app/surety --picklescan CHECKOUT --modelaudit CHECKOUT --fickling FOLDER \
             --modelscan FOLDER >docs/scanner-peers.md

The checkouts are not part of this repository; their files are only read. The folders are those that bench/peer_files.py
writes.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

SEVERITIES = ["info", "low", "medium", "high", "critical"]
# What their tests expect of a file; the first pattern that fits its path counts. Files of other kinds are left out.
EXPECTED = {
    "picklescan": [
        (r"not_a_pickle|bad_pytorch", "no pickle"),
        (r"/(benign|int_array|object_array|new_pytorch_model|pytorch_model)", "benign"),
        (r"/data2?/[^/]*\.(pkl|pickle|zip|7z|npy|npz|pt|bin)$", "dangerous"),
    ],
    "modelaudit": [
        (
            r"/(jinja2/benign|jinja2/edge_cases)|/(safe_|benign|model_config|simple_nested|suspicious_benign)|license_scenarios",
            "benign",
        ),
        (r"false_positive_manifest|/jinja2/tokenizer_config|scenarios/.*/config\.json|manifests/", "policy"),
        (r"/assets/.*\.(pkl|pickle|zip|pt|safetensors|h5|pb|skops|j2|jinja|template|yaml|json)$", "dangerous"),
    ],
}
WRITTEN = ["fickling", "modelscan"]  # by peer_files.py, with expected.json
# Why the two differ, by the end of the path.
NOTES = {
    "benign_password_protected.zip": "An encrypted member cannot be read: that is said, not passed over.",
    "malformed_template.json": "A template that does not parse is said to be defective.",
    "simple_nested.pkl": "A nested structure of plain data.",
    "pipeline.skops": "Members that skops itself does not trust are a finding.",
    "agpl_model.pkl": "Objects of a class of `__main__`: a weakness of severity low.",
    ".template": "No loader reads a template under this name.",
    "malicious_config.yaml": "No loader reads a template out of such a file.",
    "custom_layer_attack.h5": "Names a class of the program's own; Keras refuses it unless the program registers one.",
    "suspicious_url.safetensors": "An address in the metadata, which nothing opens; many harmless files have one.",
    "_injection.h5": "Names a function of the program's own; Keras refuses it unless the program registers one.",
    "not_a_pickle.bin": "Neither of us calls it a pickle.",
    "frame_boundary_straddle_variants_0.pkl": "A bytes object in a frame of its head, without any import: all readers read the same.",
    "frame_boundary_straddle_variants_6.pkl": "A frame within a frame, without any import: pickle.py refuses it, the C machine makes None.",
    "private_stdlib_allowlist_1.pkl": "Imports `__future__.annotations`, which no pickler writes.",
    "safe_builtins_not_flagged_0.pkl": "Calls `len`, which no pickler does.",
    "impossible_cyclic_pickle_0.pkl": "A dict as its own key: loading fails, nothing is imported or called.",
    "impossible_cyclic_pickle_1.pkl": "A set within itself: loading fails, nothing is imported or called.",
    "resource_exhaustion_0.pkl": "A few opcodes under limits that the test sets to next to nothing.",
    "dup_expansion_detection_0.pkl": "One empty list 151 times on the stack: costs nothing.",
    "memo_expansion_detection_0.pkl": "One list with itself in it 60 times: costs nothing.",
    "duplicate_proto_1.pkl": "PROTO given twice, which every reader takes; nothing is imported.",
    "unused_variables_0.pkl": "A list of numbers: the test judges what it appends to the stream's syntax tree, not the stream.",
    "password_protected.zip": "An encrypted member cannot be read: that is said, not passed over.",
}


def scan(binary, folder):
    run = subprocess.run(
        [binary, "scan", "--all", "--format", "json", "."], cwd=folder, stdout=subprocess.PIPE, check=False
    )
    return {entry["path"]: entry for entry in json.loads(run.stdout)["files"]}


def worst(entry):
    return max((finding["severity"] for finding in entry.get("findings", [])), key=SEVERITIES.index, default="")


def scan_as(binary, file, name):
    """A template is judged under the name that loaders read it by."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(file, pathlib.Path(folder) / name)
        return scan(binary, folder).get(name)


def rows(peer, binary, folder):
    seen = scan(binary, folder)
    written = json.loads((folder / "expected.json").read_text()) if peer in WRITTEN else {}
    for path in sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()):
        if peer in WRITTEN:
            expectation = written.get(path)
        else:
            expectation = next((meant for pattern, meant in EXPECTED[peer] if re.search(pattern, "/" + path)), None)
        if expectation is None:
            continue
        entry = seen.get(path)
        if entry is None and "/jinja2/" in path and path.endswith(".json"):
            entry = scan_as(binary, folder / path, "tokenizer_config.json")
        entry = entry or {"verdict": "not judged"}
        severity = worst(entry)
        found = severity in SEVERITIES[2:]
        agrees = found == (expectation == "dangerous") or expectation in ("policy", "no pickle")
        note = "" if agrees else next((text for end, text in NOTES.items() if path.endswith(end)), "**differs**")
        rules = ", ".join(sorted({finding["rule"] for finding in entry.get("findings", [])}))
        yield path, expectation, entry["verdict"], severity, rules, note, agrees


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--surety", required=True, type=pathlib.Path)
    for peer in [*EXPECTED, *WRITTEN]:
        parser.add_argument("--" + peer, type=pathlib.Path)
    given = parser.parse_args()
    print("# Peers' test files under our scanner\n")
    print(
        "Made by `bench/peers.py`. *Expected* is what the peer's own tests say of the file; *differs* is explained where it"
    )
    print("does. The files themselves are not part of this repository.")
    for peer in [*EXPECTED, *WRITTEN]:
        checkout = getattr(given, peer)
        if checkout is None:
            continue
        folder = (checkout if peer in WRITTEN else checkout / "tests").resolve()
        table = list(rows(peer, given.surety.resolve(), folder))
        dangerous = [row for row in table if row[1] == "dangerous"]
        benign = [row for row in table if row[1] == "benign"]
        print(f"\n## {peer}\n")
        print(
            f"{sum(row[6] for row in dangerous)} of {len(dangerous)} files expected to be dangerous have a finding of medium or above; ",
            end="",
        )
        print(f"{sum(not row[6] for row in benign)} of {len(benign)} expected to be benign have one.\n")
        print("| file | expected | verdict | severity | rules | note |\n|---|---|---|---|---|---|")
        for path, expectation, verdict, severity, rules, note, _ in table:
            print(f"| {path} | {expectation} | {verdict} | {severity} | {rules} | {note} |")


if __name__ == "__main__":
    main()
