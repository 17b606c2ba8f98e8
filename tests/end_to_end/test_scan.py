"""`surety scan` as a user meets it: formats, exit codes, standard input, acceptance, the sandbox, bad input."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

from surety import BINARY, PROJECT, Case, surety

MALICIOUS = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."
CLEAN = b"\x80\x04}\x94."


class Scan(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        (self.path / "bad.pkl").write_bytes(MALICIOUS)
        (self.path / "good.pkl").write_bytes(CLEAN)
        (self.path / "weak.py").write_text("import torch\nmodel = torch.load('x.pt')\n")

    def json(self, *words):
        run = surety("scan", *words, "--format", "json")
        return run, json.loads(run.out)

    def test_every_format_tells_the_same_verdicts_and_exit_code(self):
        run, result = self.json(str(self.path))
        self.assert_code(run, 1)
        self.assertEqual(result["exitCode"], 1)
        self.assertIn("seccomp", result["protections"])
        verdicts = {pathlib.Path(entry["path"]).name: entry["verdict"] for entry in result["files"]}
        self.assertEqual(verdicts, {"bad.pkl": "malicious", "good.pkl": "clean", "weak.py": "suspicious"})
        ids = {finding["id"] for entry in result["files"] for finding in entry["findings"]}
        sarif = json.loads(surety("scan", str(self.path), "--format", "sarif").out)["runs"][0]
        self.assertEqual({one["partialFingerprints"]["suretyFinding/v1"] for one in sarif["results"]}, ids)
        self.assertEqual(sarif["invocations"][0]["exitCode"], 1)
        suite = xml.fromstring(surety("scan", str(self.path), "--format", "junit").out)
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("3", "2"))
        page = surety("scan", str(self.path), "--format", "md").out
        self.assertIn("1 malicious, 1 suspicious, 0 incomplete, 1 clean", page)
        text = surety("scan", str(self.path)).out
        self.assertIn("1 malicious, 1 suspicious, 0 incomplete, 1 clean", text)
        self.assertTrue(all(len(line) <= 80 for line in text.splitlines()), text)

    def test_reads_standard_input_and_pipes(self):
        for content, code in ((MALICIOUS, 1), (CLEAN, 0)):
            run = subprocess.run([BINARY, "scan", "-"], input=content, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(run.returncode, code, run.stderr)

    def test_leaves_nothing_behind(self):
        before = sorted(os.listdir(self.path))
        subprocess.run([BINARY, "scan", "."], cwd=self.path, stdout=subprocess.PIPE, check=False)
        self.assertEqual(sorted(os.listdir(self.path)), before)

    def test_the_result_does_not_depend_on_threads_or_the_sandbox(self):
        def files(*words):
            return self.json(str(self.path), *words)[1]["files"]

        self.assertEqual(files("--threads", "1"), files("--threads", "4"))
        self.assertEqual(files(), files("--no-sandbox"))

    def test_an_allow_file_accepts_by_digest_and_by_finding_and_says_what_is_odd(self):
        _, result = self.json(str(self.path))
        entries = {pathlib.Path(entry["path"]).name: entry for entry in result["files"]}
        allow = self.path / "allow.yaml"
        line = "    reason: looked at by hand\n    owner: A. Person\n    expires: 2999-12-31\n"
        allow.write_text(
            "allow:\n  - rule: pickle-dangerous-call\n    sha256: " + entries["bad.pkl"]["sha256"] + "\n" + line
            + "  - finding: " + entries["weak.py"]["findings"][0]["id"] + "\n" + line)
        run, result = self.json(str(self.path / "bad.pkl"), str(self.path / "weak.py"), "--allow", str(allow))
        self.assert_code(run, 0)
        self.assertEqual(result["files"][0]["findings"][0]["accepted"]["by"], "A. Person")
        allow.write_text(allow.read_text().replace("2999", "2001"))
        run, result = self.json(str(self.path / "bad.pkl"), "--allow", str(allow))
        self.assert_code(run, 1)
        self.assertTrue(any("expired" in note for note in result["notes"]), result["notes"])

    def test_a_path_alone_never_accepts_malice(self):
        allow = self.path / "allow.yaml"
        allow.write_text("allow:\n  - rule: pickle-dangerous-call\n    path: '**'\n    reason: all of it is fine\n"
                         "    owner: x\n    expires: 2999-01-01\n")
        run = surety("scan", str(self.path), "--allow", str(allow))
        self.assert_code(run, 2)
        self.assertIn("allow.yaml:2: findings of malice", run.err)

    def test_a_baseline_hides_what_was_known_but_never_malice(self):
        baseline = str(self.path / "baseline.json")
        surety("scan", str(self.path / "weak.py"), "--write-baseline", baseline)
        self.assert_code(surety("scan", str(self.path / "weak.py"), "--baseline", baseline), 0)
        surety("scan", str(self.path / "bad.pkl"), "--write-baseline", baseline)
        self.assert_code(surety("scan", str(self.path / "bad.pkl"), "--baseline", baseline), 1)
        pathlib.Path(baseline).write_text("[]")
        run = surety("scan", str(self.path / "bad.pkl"), "--baseline", baseline)
        self.assert_code(run, 2)
        self.assertIn("baseline", run.err)

    def test_a_trace_shows_every_opcode_and_what_it_does(self):
        run = surety("scan", "--trace", str(self.path / "bad.pkl"))
        self.assert_code(run, 0)
        self.assertIn("STACK_GLOBAL", run.out)
        self.assertIn("-> calls posix.system('id')", run.out)

    def test_the_rule_page_is_what_the_program_prints(self):
        page = surety("scan", "--explain", "all", "--format", "md").out
        self.assertEqual(page, (PROJECT / "docs" / "rules.md").read_text(), "run: surety scan --explain all --format md > docs/rules.md")

    def test_large_files_are_told_without_reading_their_tensors(self):
        header = b'{"w":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}'
        size = 10 << 30
        header = header % (size, size)
        path = self.path / "large.safetensors"
        with open(path, "wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            file.truncate(8 + len(header) + size)
        run, result = self.json(str(path))
        self.assert_code(run, 0)
        self.assertIsNone(result["files"][0]["sha256"])

    def test_wrong_words_are_named(self):
        for words, said in ((("--threads", "0"), "--threads"), (("--time-limit", "x"), "--time-limit"),
                            (("--allow", "missing.yaml"), "missing.yaml"), (("missing.pkl",), "missing.pkl")):
            run = surety("scan", str(self.path / "good.pkl"), *words)
            self.assertIn(run.code, (2, 5), words)
            self.assertIn(said, run.err)


if __name__ == "__main__":
    unittest.main()
