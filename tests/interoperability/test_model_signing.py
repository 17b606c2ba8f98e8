"""Bundles of surety with the reference implementation of OpenSSF Model Signing, and the other way round.

Installs the packages of requirements.txt into the build folder, once. Where they cannot be had, the tests are skipped and
say why.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get("SURETY", str(HERE.parents[1] / "build/dev/src/app/surety"))
BUILD = pathlib.Path(os.environ.get("INTEROPERABILITY_BUILD", HERE.parents[1] / "build" / "interoperability"))


def install():
    """The folder of programs with the reference in it, and why there is none."""
    requirements = HERE / "requirements.txt"
    stamp = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = BUILD / f"model-signing-{stamp}"
    if (folder / "complete").exists():
        return folder / "bin", ""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for words in ([sys.executable, "-m", "venv", str(folder)],
                      [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                       "--only-binary", ":all:", "--retries", "1", "--timeout", "20", "-r", str(requirements)]):
            run = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 timeout=600)
            if run.returncode != 0:
                lines = run.stdout.decode("utf-8", "replace").strip().splitlines()
                return None, "the reference implementation cannot be had: " + (lines[-1] if lines else "no output")[:200]
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"the reference implementation cannot be had: {error}"
    (folder / "complete").touch()
    return folder / "bin", ""


PROGRAMS, MISSING = install()


class ModelSigning(unittest.TestCase):
    def setUp(self):
        if MISSING:
            self.skipTest(MISSING.replace("'", "").replace('"', ""))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="surety-interoperability-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.model = self.folder / "model"
        for name in ("a/z", "a b/q", "a-1", "a.b/c/d", "a.txt", "\u00e9t\u00e9.txt", "sub/.github/signed", "quo\"te"):
            path = self.model / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        (self.model / "empty").touch()
        (self.model / "weights.bin").write_bytes(bytes(range(256)) * 4096)
        (self.model / ".github").mkdir()
        (self.model / ".github" / "ignored.txt").write_text("x")

    def surety(self, *words, code=0):
        run = subprocess.run([BINARY, *map(str, words)], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, code, (words, run.stdout, run.stderr))
        return run.stdout.decode()

    def reference(self, *words):
        """Whether the reference's command line is content."""
        run = subprocess.run([str(PROGRAMS / "model_signing"), *map(str, words)], cwd=self.folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = run.stdout.decode("utf-8", "replace")
        return run.returncode == 0

    def keys(self, *algorithms):
        for algorithm in algorithms:
            self.surety("keygen", "--private-key", f"{algorithm}.key", "--algorithm", f"ecdsa-{algorithm}")

    def test_the_reference_verifies_what_surety_signs_and_notices_a_change(self):
        self.keys("p256", "p384", "p521")
        for key in ("p256", "p384", "p521"):
            self.surety("sign", "model", "--signature", f"{key}.sig", "--private-key", f"{key}.key")
            self.assertTrue(self.reference("verify", "key", "model", "--signature", f"{key}.sig", "--public_key",
                                           f"{key}.key.pub"), self.said)
        (self.model / "a-1").write_text("A-1")
        self.assertFalse(self.reference("verify", "key", "model", "--signature", "p256.sig", "--public_key", "p256.key.pub"))

    def test_surety_verifies_what_the_reference_signs_and_notices_a_change(self):
        self.keys("p256", "p384")
        for key in ("p256", "p384"):
            self.assertTrue(self.reference("sign", "key", "model", "--signature", f"{key}.sig", "--private_key", f"{key}.key"),
                            self.said)
            self.surety("verify", "model", "--signature", f"{key}.sig", "--public-key", f"{key}.key.pub")
        self.assertTrue(self.reference("sign", "key", "model/weights.bin", "--signature", "one.sig", "--private_key",
                                       "p256.key"), self.said)
        self.surety("verify", "model/weights.bin", "--signature", "one.sig", "--public-key", "p256.key.pub")
        (self.model / "a-1").write_text("A-1")
        self.surety("verify", "model", "--signature", "p256.sig", "--public-key", "p256.key.pub", code=4)

    def test_certificates_go_both_ways(self):
        if shutil.which("openssl") is None:
            self.skipTest("no openssl")

        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)

        self.keys("p256")
        (self.folder / "ca.ext").write_text("basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n"
                                            "subjectKeyIdentifier=hash\n")
        (self.folder / "leaf.ext").write_text("keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n"
                                              "basicConstraints=CA:false\n")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-subj",
                "/CN=Root", "-days", "30")
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "middle.key", "-out", "middle.csr", "-subj",
                "/CN=Middle")
        openssl("x509", "-req", "-in", "middle.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
                "30", "-extfile", "ca.ext", "-out", "middle.pem")
        openssl("req", "-new", "-key", "p256.key", "-subj", "/CN=Signer", "-out", "leaf.csr")
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "middle.pem", "-CAkey", "middle.key", "-CAcreateserial", "-days",
                "30", "-extfile", "leaf.ext", "-out", "leaf.pem")
        self.surety("sign", "model", "--signature", "ours.sig", "--private-key", "p256.key", "--certificate", "leaf.pem",
                    "--certificate-chain", "middle.pem")
        self.assertTrue(self.reference("verify", "certificate", "model", "--signature", "ours.sig", "--certificate_chain",
                                       "root.pem"), self.said)
        self.assertTrue(self.reference("sign", "certificate", "model", "--signature", "theirs.sig", "--private_key",
                                       "p256.key", "--signing_certificate", "leaf.pem", "--certificate_chain",
                                       "middle.pem"), self.said)
        for bundle in ("ours.sig", "theirs.sig"):
            self.surety("verify", "model", "--signature", bundle, "--certificate-chain", "root.pem")

    def test_the_report_on_interoperability_says_what_the_reference_does(self):
        self.keys("p256")
        variants = {
            "plain": ("model", []),
            "blake3": ("model", ["--hash", "blake3"]),
            "blake2b": ("model", ["--hash", "blake2b"]),
            "shards": ("model", ["--shard-size", "100000"]),
            "named": ("model/weights.bin", []),
            "dot": ("model/weights.bin", ["--dot-name"]),
        }
        cases = []
        for name, (model, options) in variants.items():
            self.surety("sign", model, "--signature", f"{name}.sig", "--private-key", "p256.key", *options)
            cases.append({"model": str(self.folder / model), "bundle": str(self.folder / f"{name}.sig"),
                          "key": str(self.folder / "p256.key.pub")})
        library = subprocess.run([str(PROGRAMS / "python"), str(HERE / "reference_library.py")], check=True,
                                 input=json.dumps(cases).encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for (name, (model, _)), said in zip(variants.items(), json.loads(library.stdout)):
            with self.subTest(name):
                report = json.loads(self.surety("verify", "--signature", f"{name}.sig", "--interop", "--format", "json"))
                reads = [entry["reads"] for entry in report["interoperability"]]
                self.assertEqual(reads[1], self.reference("verify", "key", model, "--signature", f"{name}.sig",
                                                          "--public_key", "p256.key.pub"), self.said)
                self.assertEqual(reads[2], said == "", said)
                self.surety("verify", model, "--signature", f"{name}.sig", "--public-key", "p256.key.pub")


if __name__ == "__main__":
    unittest.main()
