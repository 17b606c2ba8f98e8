"""Every malicious file of the corpus is found, no benign one is blamed, and both are read in full."""
import json
import os
import pathlib
import subprocess
import unittest

BINARY = os.environ["SURETY"]
CORPUS = pathlib.Path(__file__).resolve().parent
NOTABLE = {"medium", "high", "critical"}
# Benign files that hold what no parser reads; each with the reason. They may be incomplete, never more.
MAY_BE_INCOMPLETE = set()


def scan(folder):
    """What the scanner says of each file below `folder`, by path relative to it."""
    run = subprocess.run([BINARY, "scan", "--all", "--format", "json", "."], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 1, 3):
        raise AssertionError(f"{folder}: exit code {run.returncode}: {run.stderr.decode()[-2000:]}")
    return {entry["path"]: entry for entry in json.loads(run.stdout)["files"]}


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class Corpus(unittest.TestCase):
    maxDiff = None

    def families(self, kind):
        folders = sorted(path for path in CORPUS.glob(f"*/{kind}") if path.is_dir())
        self.assertTrue(folders)
        return folders

    def test_every_malicious_file_is_found(self):
        missed = []
        for folder in self.families("malicious"):
            seen = scan(folder)
            # A folder of its own is one sample: a finding in any of its files is one.
            samples = {}
            for name in files_below(folder):
                entry = seen.get(name, {})
                found = any(finding["severity"] in NOTABLE for finding in entry.get("findings", []))
                sample = name.split("/")[0]
                samples[sample] = samples.get(sample, False) or found
            missed += [f"{folder.parent.name}/{name}" for name, found in samples.items() if not found]
        self.assertEqual(missed, [])

    def test_no_benign_file_is_blamed_and_each_is_read_in_full(self):
        wrong = []
        for folder in self.families("benign"):
            for name, entry in sorted(scan(folder).items()):
                where = f"{folder.parent.name}/{name}"
                notable = sorted({finding["rule"] for finding in entry.get("findings", []) if finding["severity"] in NOTABLE})
                if notable:
                    wrong.append(f"{where}: {', '.join(notable)}")
                elif entry["verdict"] == "incomplete" and where not in MAY_BE_INCOMPLETE:
                    wrong.append(f"{where}: incomplete: {entry.get('not_covered')}")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
