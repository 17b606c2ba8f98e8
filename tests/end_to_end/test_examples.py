"""Each example: every planted fault is found, and nothing else is reported as failing (FAULTS.md is the list)."""
import re
import unittest

from surety import PROJECT, Case, copy_example, surety

EXAMPLES = ["support-assistant", "fraud-detection", "llm-platform", "open-model"]


def faults(example):
    """Rows of the table in FAULTS.md: (number, [where], [provisions], [checks and rules])."""
    text = (PROJECT / "examples" / example / "FAULTS.md").read_text()
    rows = []
    header = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if header is None and "provisions" in [cell.lower() for cell in cells]:
            header = [cell.lower() for cell in cells]
            continue
        if header is None or len(cells) != len(header) or set("".join(cells)) <= set("-: "):
            continue
        row = dict(zip(header, cells))
        where = re.findall(r"`([^`]+)`", row["where"]) or [row["where"]]
        provisions = re.findall(r"\d+(?:\.\d+)+", row["provisions"])
        rows.append((row["#"], where, provisions, [name.strip("` ") for name in row["check or rule"].split(",")]))
    return rows


class Examples(Case):
    def check(self, name):
        copy_example(name, self.directory / name)
        run = surety("assess", self.directory / name, "--format", "json")
        self.assertIn(run.code, (0, 1), run.err)
        result = run.json()
        failing = {p["id"]: p for p in result["provisions"] if p["verdict"] == "fail"}
        stale = {p["id"]: p for p in result["provisions"] if p["stale"]}
        expected = set()
        for number, where, provisions, rules in faults(name):
            if not provisions:  # a finding that fails no provision must still be there
                self.assertTrue(any(finding["rule"] in rules and any(place in repr(finding) for place in where)
                                    for finding in result["findings"]), f"{name}: fault {number} ({where}) is not found")
            for provision in provisions:
                expected.add(provision)
                self.assertIn(provision, failing | stale, f"{name}: fault {number} ({where}) is not found")
                said = repr((failing | stale)[provision])
                self.assertTrue(any(place in said for place in where),
                                f"{name}: fault {number}: {provision} fails or is stale, but names none of {where}")
        told = failing | stale
        self.assertEqual(set(told) - expected, set(),
                         f"{name}: fails or is stale without a planted fault: " +
                         "; ".join(f"{i}: {told[i]['reason']}" for i in sorted(set(told) - expected)))
        self.assertEqual(run.code, 1 if any(p["verb"] == "shall" for p in failing.values()) else 0)

    def test_fault_lists_are_read(self):
        for name in EXAMPLES[:3]:
            self.assertGreaterEqual(len(faults(name)), 10, name)


for example in EXAMPLES:
    def test(self, example=example):
        self.check(example)
    setattr(Examples, "test_every_fault_of_" + example.replace("-", "_") + "_is_found_and_nothing_else", test)

if __name__ == "__main__":
    unittest.main()
