"""The HTML report in Chromium: axe-core finds no violation, in light and dark, wide and narrow; nothing is wider than the
window; and it prints to a PDF.

axe-core and puppeteer-core are installed into REPORT_BROWSER (a folder of the build) at fixed versions through npm; the
browser is the system's Chromium. Where either cannot be had, the tests say "skipped" and why.
"""
import functools
import os
import pathlib
import shutil
import subprocess
import unittest

import test_bom_validators as judges
from surety import PROJECT, Case, surety

FOLDER = pathlib.Path(os.environ.get("REPORT_BROWSER", PROJECT / "build/report-browser"))
NPM = ("axe-core@4.10.3", "puppeteer-core@23.11.1")


def chromium():
    return next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)


@functools.lru_cache(maxsize=None)
def unavailable():
    """Why the report cannot be looked at, or None."""
    if not chromium():
        return "Chromium is not installed"
    if not shutil.which("npm"):
        return "npm is not installed"
    if all((FOLDER / "node_modules" / name.rsplit("@", 1)[0]).is_dir() for name in NPM):
        return None
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text('{"private": true}')
    return judges.attempt(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER), *NPM])


class Accessibility(Case):
    def look_at(self, *pages):
        environment = dict(os.environ, AXE_FOLDER=str(FOLDER.resolve()), HOME=str(self.directory))
        done = subprocess.run(["node", str(pathlib.Path(__file__).with_name("accessibility.mjs")), chromium(), *pages],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=600)
        return done.returncode, done.stdout.decode()

    def setUp(self):
        super().setUp()
        if unavailable():
            self.skipTest(unavailable())

    def test_reports_have_no_violation_and_print(self):
        pages = []
        (self.directory / "empty").mkdir()
        for name in ("support-assistant", "llm-platform", "empty"):
            if name != "empty":
                shutil.copytree(PROJECT / "examples" / name, self.directory / name)
            run = surety("assess", name, "--no-watch", "-o", f"{name}.html", "-q", cwd=self.directory)
            self.assertIn(run.code, (0, 1), run.err)
            pages.append(str(self.directory / f"{name}.html"))
        self.assertEqual(self.look_at(*pages), (0, ""))
        for page in pages:
            self.assertTrue(pathlib.Path(f"{page}.pdf").read_bytes().startswith(b"%PDF"))

    def test_the_judge_objects_to_what_is_wrong(self):
        page = self.write("wrong.html", "<!doctype html><html><title>x</title><body><img src='a.png'></body></html>")
        code, said = self.look_at(str(page or self.directory / "wrong.html"))
        self.assertEqual(code, 1, said)
        self.assertIn("image-alt", said)


if __name__ == "__main__":
    unittest.main()
