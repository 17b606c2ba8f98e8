"""Known good states: snapshot, restore and drift, from a directory, git and an S3-compatible store that may lie."""
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import threading
import unittest
import urllib.parse

from surety import Case, surety

FILES = {"model.bin": b"weights" * 1000, "prompts/system prompt.txt": b"Be kind.\n", "config.json": b"{}"}
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class S3(http.server.BaseHTTPRequestHandler):
    """Answers GET as the class attribute `script` says, once the signature (AWS Signature Version 4) is right."""

    protocol_version = "HTTP/1.1"
    objects = {}
    script = {}  # key: "lie", "cut", "endless", "redirect", "broken"
    key, secret = "AKIAEXAMPLE", "secret+/key"
    problems = []

    def log_message(self, *_):
        pass

    def signature_fault(self):
        headers = {name.lower(): value.strip() for name, value in self.headers.items()}
        authorization = headers.get("authorization", "")
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            return "no signature"
        parts = dict(part.strip().split("=", 1) for part in authorization[len("AWS4-HMAC-SHA256 "):].split(","))
        scope = parts["Credential"].split("/", 1)[1]
        date, region, service, _ = scope.split("/")
        if (region, service) != ("eu-west-2", "s3") or parts["Credential"].split("/")[0] != self.key:
            return f"scope {scope}"
        names = parts["SignedHeaders"].split(";")
        if headers.get("x-amz-content-sha256") != EMPTY_SHA256 or "host" not in names or "x-amz-date" not in names:
            return f"headers {names}"
        canonical = "\n".join(["GET", self.path.partition("?")[0], "", *[f"{n}:{headers[n]}" for n in names], "",
                               ";".join(names), EMPTY_SHA256])
        text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope,
                          hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in (date, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        wanted = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return None if wanted == parts["Signature"] else "signature"

    def do_GET(self):
        fault = self.signature_fault()
        if fault:
            self.problems.append(fault)
            return self.answer(403, fault.encode())
        key = urllib.parse.unquote(self.path).split("/", 2)[2]  # /BUCKET/KEY
        if key not in self.objects:
            return self.answer(404, b"no such key")
        body, trick = self.objects[key], self.script.get(key)
        if trick == "lie":
            body = body[:-1] + b"?"
        if trick == "redirect":
            self.send_response(301)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if trick == "broken":
            return self.answer(500, b"")
        if trick == "cut":
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return None
        if trick == "endless":
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"x" * 65536)
            return None
        return self.answer(200, body)

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextlib.contextmanager
def s3_store(objects, script=()):
    handler = type("Handler", (S3,), {"objects": objects, "script": dict(script), "problems": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"s3://models/good?endpoint=http://127.0.0.1:{server.server_port}&region=eu-west-2", handler
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


CREDENTIALS = {"AWS_ACCESS_KEY_ID": S3.key, "AWS_SECRET_ACCESS_KEY": S3.secret}


class Recovery(Case):
    def setUp(self):
        super().setUp()
        self.system = self.directory / "system"
        self.kept = self.directory / "kept"
        for name, content in FILES.items():
            path = self.system / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        shutil.copytree(self.system, self.kept)
        self.key = self.directory / "good.key"
        self.assert_code(surety("keygen", "--private-key", self.key), 0)

    def snapshot(self, place, code=0):
        run = surety("snapshot", self.system, "--private-key", self.key, "--place", place)
        self.assert_code(run, code)
        return run

    def drill(self, code, *words, **environment):
        run = surety("restore", self.system, "--drill", *words, env=environment)
        self.assert_code(run, code)
        return run

    def query(self, sql):
        run = surety("query", "-C", self.system, "--format", "json", sql)
        self.assert_code(run, 0)
        return json.loads(run.out)

    def verdict_of(self, check):
        run = surety("assess", self.system, "--format", "json", "--fail-on", "never")
        self.assert_code(run, 0)
        found = []

        def walk(value):
            if isinstance(value, dict):
                if check in (value.get("check"), value.get("id")) and "verdict" in value:
                    found.append(value)
                for member in value.values():
                    walk(member)
            elif isinstance(value, list):
                for element in value:
                    walk(element)

        walk(json.loads(run.out))
        self.assertTrue(found, check)
        return found[0]

    def test_a_directory_is_restored_and_the_drill_is_evidence(self):
        self.assertEqual(self.verdict_of("known-good-state-was-restored")["verdict"], "inconclusive")
        run = self.snapshot(self.kept)
        self.assertIn("Recorded 3 files", run.out)
        self.assertEqual(self.verdict_of("known-good-state-was-restored")["verdict"], "inconclusive")
        self.assertEqual(self.verdict_of("running-state-is-the-signed-state")["verdict"], "pass")
        run = self.drill(0)
        self.assertIn("Restored: 3 of 3 files", run.out)
        self.assertEqual(self.verdict_of("known-good-state-was-restored")["verdict"], "pass")
        self.assert_code(surety("log", "verify", self.system), 0)

    def test_the_bytes_come_back_into_a_directory_that_is_named(self):
        self.snapshot(self.kept)
        out = self.directory / "out"
        self.assert_code(surety("restore", self.system, "--into", out), 0)
        self.assertEqual({str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}, FILES)
        run = surety("restore", self.system, "--into", out)
        self.assert_code(run, 2)
        self.assertIn("is not empty", run.err)

    def test_a_place_that_changed_is_named_file_by_file(self):
        self.snapshot(self.kept)
        (self.kept / "model.bin").write_bytes(b"poison" * 1000)
        (self.kept / "config.json").unlink()
        run = self.drill(4)
        self.assertIn("NOT RESTORED  config.json: ", run.out)
        self.assertIn("NOT RESTORED  model.bin: ", run.out)
        failed = self.verdict_of("known-good-state-was-restored")
        self.assertEqual(failed["verdict"], "fail")
        shutil.rmtree(self.kept)
        run = self.drill(5)
        self.assertIn("no such directory", run.out)

    def test_links_in_a_place_are_not_followed(self):
        self.snapshot(self.kept)
        (self.kept / "model.bin").rename(self.directory / "elsewhere")
        (self.kept / "model.bin").symlink_to(self.directory / "elsewhere")
        self.assertIn("model.bin: is a link", self.drill(5).out.replace(str(self.kept) + "/", ""))

    def test_drift_names_the_files(self):
        self.snapshot(self.kept)
        (self.system / "model.bin").write_bytes(b"other")
        (self.system / "config.json").unlink()
        (self.system / "backdoor.txt").write_bytes(b"x")
        failed = self.verdict_of("running-state-is-the-signed-state")
        self.assertEqual(failed["verdict"], "fail")
        self.assertEqual([[row["path"], row["change"]] for row in self.query("SELECT path, change FROM drift_files ORDER BY path")],
                         [["backdoor.txt", "file-added"], ["config.json", "file-missing"], ["model.bin", "file-changed"]])
        for path, content in FILES.items():
            (self.system / path).write_bytes(content)
        (self.system / "backdoor.txt").unlink()
        self.assertEqual(self.verdict_of("running-state-is-the-signed-state")["verdict"], "pass")

    def test_an_exchanged_signature_is_noticed(self):
        self.snapshot(self.kept)
        bundle = self.system / ".surety" / "snapshot.sigstore.json"
        other = self.directory / "other"
        shutil.copytree(self.kept, other)
        (other / "model.bin").write_bytes(b"poison")
        key = self.directory / "thief.key"
        self.assert_code(surety("keygen", "--private-key", key), 0)
        self.assert_code(surety("sign", other, "--signature", bundle, "--private-key", key), 0)
        run = self.drill(4)
        self.assertIn("is not the signature that the ledger has", run.err)
        self.assertEqual(self.verdict_of("running-state-is-the-signed-state")["verdict"], "fail")

    def test_a_commit_in_git(self):
        def git(*words):
            return subprocess.run(["git", "-C", self.kept, "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
                                  check=True, stdout=subprocess.PIPE).stdout.decode().strip()

        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "good")
        good = git("rev-parse", "HEAD")
        (self.kept / "model.bin").write_bytes(b"later")
        git("commit", "-qam", "later")
        self.snapshot(f"git+file://{self.kept}?revision={good}")
        self.assertIn("Restored: 3 of 3 files", self.drill(0).out)
        later = git("rev-parse", "HEAD")
        self.assertIn("NOT RESTORED  model.bin", self.drill(4, "--place", f"git+file://{self.kept}?revision={later}").out)
        run = surety("snapshot", self.system, "--private-key", self.key, "--place", f"git+file://{self.kept}?revision=main")
        self.assert_code(run, 2)
        self.assertIn("a branch or tag can be moved", run.err)

    def test_an_s3_compatible_store(self):
        objects = {f"good/{name}": content for name, content in FILES.items()}
        with s3_store(objects) as (place, handler):
            self.snapshot(place)
            run = self.drill(0, **CREDENTIALS)
            self.assertIn("Restored: 3 of 3 files", run.out)
            self.assertEqual(handler.problems, [])
            self.assertIn("status 403", self.drill(5, **{**CREDENTIALS, "AWS_SECRET_ACCESS_KEY": "wrong"}).out)
            self.assertIn("AWS_ACCESS_KEY_ID", self.drill(5, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="").out)
        self.assertIn("NOT RESTORED", self.drill(5, **CREDENTIALS).out)

    def test_a_store_that_lies_breaks_off_or_never_ends(self):
        objects = {f"good/{name}": content for name, content in FILES.items()}
        for trick, code, words in (
            ("lie", 4, "model.bin: "),
            ("cut", 5, "model.bin: "),
            ("endless", 5, "model.bin: the place serves more bytes than the snapshot has"),
            ("redirect", 5, "status 301"),
            ("broken", 5, "status 500"),
        ):
            with self.subTest(trick), s3_store(objects, {"good/model.bin": trick}) as (place, _):
                self.snapshot(place)
                run = self.drill(code, **CREDENTIALS)
                self.assertIn(words, run.out)
                self.assertIn("Not restored: ", run.out)

    def test_bad_usage_is_named(self):
        self.assert_code(surety("restore", self.system, "--drill"), 2)
        run = surety("snapshot", self.system, "--private-key", self.key)
        self.assert_code(run, 2)
        self.assertIn("--place is needed", run.err)
        self.snapshot("ftp://nowhere/x", code=2)
        self.snapshot(self.kept)
        self.assert_code(surety("restore", self.system), 2)
        self.assert_code(surety("restore", self.system, "--drill", "--into", self.directory / "x"), 2)


if __name__ == "__main__":
    unittest.main()
