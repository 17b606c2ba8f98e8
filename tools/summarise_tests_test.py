#!/usr/bin/env python3
"""Tests of summarise_tests.py."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import summarise_tests

RESULTS = """<?xml version="1.0"?>
<testsuite name="(empty)" tests="6">
 <testcase name="a.Passes" status="run"><system-out>fine</system-out></testcase>
 <testcase name="a.Fails" status="fail"><failure message=""/><system-out>bad</system-out></testcase>
 <testcase name="a.Skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>
[ RUN      ] A.Skips
/x/a_test.cc:12: Skipped
may not mount
here

[  SKIPPED ] A.Skips (0 ms)
</system-out></testcase>
 <testcase name="a.SkipsSilently" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
 <testcase name="a.IsGone" status="notrun"><system-out>Unable to find executable</system-out></testcase>
 <testcase name="end_to_end.commands" status="run"><system-out>
test_one (__main__.Commands.test_one) ... ok
test_two (__main__.Commands.test_two)
What it is about. ... skipped 'mandoc is not installed'
test_three (__main__.Commands.test_three) ... skipped "root reads everyone's files"
</system-out></testcase>
</testsuite>
"""


class SummariseTests(unittest.TestCase):
    def summarise(self, text, *words):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results.xml"
            if text is not None:
                path.write_text(text)
            with contextlib.redirect_stdout(io.StringIO()) as out:
                code = summarise_tests.main([*words, str(path)])
        return code, out.getvalue().splitlines()

    def test_counts_and_names(self):
        code, lines = self.summarise(RESULTS)
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], "2 passed, 2 failed, 4 skipped")
        self.assertIn("skipped: a.Skips: may not mount here", lines)
        self.assertIn("skipped: a.SkipsSilently: no reason given", lines)
        self.assertIn("skipped: end_to_end.commands: Commands.test_two: mandoc is not installed", lines)
        self.assertIn("skipped: end_to_end.commands: Commands.test_three: root reads everyone's files", lines)
        self.assertIn("failed: a.Fails", lines)
        self.assertIn("failed: a.IsGone (did not run)", lines)

    def test_only_passes_is_success(self):
        code, lines = self.summarise('<testsuite><testcase name="a" status="run"/></testsuite>', "--step", "format=passed")
        self.assertEqual((code, lines[-1]), (0, "2 passed, 0 failed, 0 skipped"))

    def test_a_step_that_failed_fails_all(self):
        code, lines = self.summarise('<testsuite><testcase name="a" status="run"/></testsuite>', "--step", "format=failed")
        self.assertEqual((code, lines[-1]), (1, "1 passed, 1 failed, 0 skipped"))

    def test_nothing_that_ran_is_a_failure(self):
        for text in (None, "<testsuite/>"):
            code, lines = self.summarise(text, "--step", "packages=passed")
            self.assertEqual((code, lines[-2:]), (1, ["no test ran", "1 passed, 0 failed, 0 skipped"]))

    def test_damaged_results_are_a_failure(self):
        code, lines = self.summarise("<testsuite><testcase")
        self.assertEqual((code, lines[-1]), (1, "0 passed, 1 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
