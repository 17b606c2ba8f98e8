"""Results given to other tools and taken from them, through the real binary."""
import json
import shutil
import unittest

from surety import PROJECT, Case, surety


class Report(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT / "examples/support-assistant", self.directory / "system")
        run = surety("assess", "system", "--no-watch", "-f", "json", "-o", "result.json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (1, ""))
        self.result = json.loads((self.directory / "result.json").read_text())

    def test_a_kept_result_is_rendered_to_the_same_bytes(self):
        run = surety("report", "--from", "result.json", "-f", "json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))
        self.assertEqual(run.json(), self.result)
        self.assertEqual(run.bytes, (self.directory / "result.json").read_bytes())

    def test_the_recorded_evidence_gives_the_verdicts_of_the_run_that_recorded_it(self):
        run = surety("report", "system", "-f", "json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))
        report = run.json()
        for field in ("provisions", "counts", "adherence", "findings", "next_steps", "exit_code", "files", "checkpoint"):
            self.assertEqual(report[field], self.result[field], field)

    def test_a_result_that_contradicts_itself_is_refused(self):
        self.result["counts"]["shall"]["fail"] = 0
        self.write("result.json", json.dumps(self.result))
        run = surety("report", "--from", "result.json", cwd=self.directory)
        self.assertEqual((run.code, run.out), (2, ""))
        self.assertIn("result.json:", run.err)
        self.assertIn("counts.shall.fail: does not follow from the verdicts", run.err)

    def test_without_a_recorded_assessment_it_says_what_to_do(self):
        shutil.rmtree(self.directory / "system/.surety")
        run = surety("report", "system", cwd=self.directory)
        self.assertNotEqual(run.code, 0)
        self.assertEqual(run.out, "")
        self.assertIn("run surety assess first", run.err)


if __name__ == "__main__":
    unittest.main()
