"""surety release: what a stranger finds on the page really verifies, and really fails where it should."""
import hashlib
import html
import os
import pathlib
import re
import shutil
import subprocess
import unittest

from surety import BINARY, Case, surety

FILES = {
    "model.safetensors": b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ",
    "it's a <prompt>.txt": b"Be kind.\n",
    "deep/er/back\\slash.bin": b"x",
    "empty": b"",
}


class Release(Case):
    def setUp(self):
        super().setUp()
        self.model = self.directory / "my model"
        for name, content in FILES.items():
            self.write(pathlib.Path("my model") / name, content)
        self.key = self.directory / "release.key"
        self.assert_code(surety("keygen", "--private-key", self.key), 0)
        self.out = self.directory / "my model.release"

    def release(self, *words, code=0):
        run = surety("release", self.model, "--private-key", self.key, *words)
        self.assert_code(run, code)
        return run

    def commands(self):
        page = (self.out / "VERIFY.html").read_text()
        return [html.unescape(found) for found in re.findall(r"<pre><code>(.*?)</code></pre>", page, re.S)]

    def stranger(self, command, folder):
        """Runs a command of the page as it stands, where model and release lie beside each other."""
        tools = self.directory / "tools"
        tools.mkdir(exist_ok=True)
        if not (tools / "surety").exists():
            (tools / "surety").symlink_to(BINARY)
        environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        return subprocess.run(["sh", "-ec", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def moved(self):
        """What a recipient has: the model without our state, and the release."""
        folder = self.directory / "recipient"
        shutil.copytree(self.model, folder / self.model.name, ignore=shutil.ignore_patterns(".surety"))
        shutil.copytree(self.out, folder / self.out.name)
        return folder

    def runnable(self):
        return [c for c in self.commands() if shutil.which("model_signing") or not c.startswith("model_signing")]

    def test_the_commands_on_the_page_verify(self):
        run = self.release()
        self.assertIn("Released my model: 4 files", run.out)
        folder = self.moved()
        commands = self.runnable()
        self.assertGreaterEqual(len(commands), 3)
        for command in commands:
            with self.subTest(command):
                done = self.stranger(command, folder)
                self.assertEqual(done.returncode, 0, done.stdout.decode())
        fingerprint = hashlib.sha256((self.out / "signer.pub").read_bytes()).hexdigest()
        self.assertIn(fingerprint, run.out)
        self.assertIn(fingerprint, (self.out / "VERIFY.html").read_text())

    def test_they_fail_for_a_file_that_was_changed_or_added(self):
        self.release()
        folder = self.moved()
        sums, verify = (next(c for c in self.commands() if word in c) for word in ("sha256sum --check", "surety verify"))
        (folder / "my model" / "extra.pkl").write_bytes(b"x")
        self.assertEqual(self.stranger(sums, folder).returncode, 0)
        done = self.stranger(verify, folder)
        self.assertEqual(done.returncode, 4, done.stdout.decode())
        (folder / "my model" / "extra.pkl").unlink()
        (folder / "my model" / "model.safetensors").write_bytes(b"poison")
        for command in (sums, verify):
            self.assertNotEqual(self.stranger(command, folder).returncode, 0, command)

    def test_they_fail_for_sums_that_somebody_else_wrote(self):
        self.release()
        folder = self.moved()
        (folder / "my model" / "empty").write_bytes(b"poison")
        path = folder / self.out.name / "SHA256SUMS"
        path.write_text(path.read_text().replace(hashlib.sha256(b"").hexdigest(), hashlib.sha256(b"poison").hexdigest()))
        sums = next(c for c in self.commands() if "sha256sum --check" in c)
        self.assertNotEqual(self.stranger(sums, folder).returncode, 0)

    def test_the_page_lists_every_file_with_its_digest_and_needs_nothing_else(self):
        run = self.release()
        page = (self.out / "VERIFY.html").read_text()
        for path in self.out.iterdir():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            self.assertIn(digest, run.out, path.name)
            if path.name != "VERIFY.html":
                self.assertIn(digest, page, path.name)
        self.assertIn("default-src &#x27;none&#x27;".replace("&#x27;", "'"), page)
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, r"(?:src|href)\s*=")
        self.assertIn("it&#39;s a &lt;prompt&gt;.txt", page)
        style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
        import base64
        self.assertIn(base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(), page)

    def test_a_release_is_evidence_and_never_written_over_another(self):
        self.release()
        run = surety("query", "-C", self.model, "--format", "json", "SELECT role FROM release_files ORDER BY role")
        self.assert_code(run, 0)
        for role in ("signature", "checksums", "verification-page"):
            self.assertIn(role, run.out)
        self.assertIn("never written over another", self.release(code=2).err)

    def test_bad_usage_is_named(self):
        self.assert_code(surety("release"), 2)
        self.assert_code(surety("release", self.model), 2)
        self.assert_code(surety("release", self.directory / "nowhere", "--private-key", self.key), 2)


if __name__ == "__main__":
    unittest.main()
