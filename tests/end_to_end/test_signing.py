"""surety keygen, sign and verify; what assess makes of signatures."""
import base64
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

from surety import Case, surety


class Signing(Case):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="surety-signing-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.model = self.folder / "model"
        (self.model / "tokenizer").mkdir(parents=True)
        (self.model / "config.json").write_text("{}")
        (self.model / "model.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}" + bytes(400_000))
        (self.model / "tokenizer" / "vocab.txt").write_text("a\nb\n")
        (self.model / "README.md").write_text("# Model\n")
        self.key = self.folder / "model.key"
        self.assert_code(surety("keygen", "--private-key", str(self.key)), 0)

    def sign(self, *options, model=None, signature="model.sig"):
        run = surety("sign", str(model or self.model), "--signature", str(self.folder / signature), "--private-key",
                     str(self.key), *options)
        self.assert_code(run, 0)
        return run

    def verify(self, *options, model=None, signature="model.sig", key=None):
        return surety("verify", str(model or self.model), "--signature", str(self.folder / signature), "--public-key",
                      str(key or self.folder / "model.key.pub"), *options)


class Keys(Signing):
    def test_a_private_key_is_for_its_owner_alone_and_nothing_is_replaced(self):
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        before = self.key.read_bytes()
        self.assert_code(surety("keygen", "--private-key", str(self.key)), 2)
        self.assertEqual(self.key.read_bytes(), before)
        (self.folder / "other.key.pub").write_text("mine")
        self.assert_code(surety("keygen", "--private-key", str(self.folder / "other.key")), 2)
        self.assertFalse((self.folder / "other.key").exists())

    def test_a_key_that_others_can_read_signs_nothing(self):
        self.key.chmod(0o640)
        run = surety("sign", str(self.model), "--signature", str(self.folder / "s"), "--private-key", str(self.key))
        self.assert_code(run, 2)
        self.assertFalse((self.folder / "s").exists())

    def test_an_encrypted_key_needs_its_passphrase(self):
        word = self.folder / "word"
        word.write_text("correct horse\n")
        self.key = self.folder / "secret.key"
        self.assert_code(surety("keygen", "--private-key", str(self.key), "--passphrase-file", str(word)), 0)
        self.assertIn("ENCRYPTED", self.key.read_text())
        self.assert_code(surety("sign", str(self.model), "--signature", str(self.folder / "s"), "--private-key",
                                str(self.key)), 2)
        self.sign("--passphrase-file", str(word))
        self.assert_code(self.verify(key=self.folder / "secret.key.pub"), 0)

    def test_a_log_key_does_not_sign_models(self):
        self.key = self.folder / "log.key"
        self.assert_code(surety("keygen", "--private-key", str(self.key), "--algorithm", "ed25519"), 0)
        run = surety("sign", str(self.model), "--signature", str(self.folder / "s"), "--private-key", str(self.key))
        self.assert_code(run, 2)
        self.assertIn("ed25519", run.err)


class Verifying(Signing):
    def test_what_was_signed_verifies_and_every_change_is_named_with_exit_code_4(self):
        self.sign()
        self.assert_code(self.verify(), 0)
        (self.model / "config.json").write_text("[]")
        (self.model / "added.txt").write_text("x")
        (self.model / "README.md").unlink()
        run = self.verify("--format", "json")
        self.assert_code(run, 4)
        result = json.loads(run.out)
        self.assertFalse(result["verified"])
        self.assertTrue(result["signature_verified"])
        self.assertEqual([(p["code"], p["path"]) for p in result["problems"]],
                         [("file-missing", "README.md"), ("file-added", "added.txt"), ("file-changed", "config.json")])

    def test_the_bundle_has_the_form_of_the_specification(self):
        self.sign()
        bundle = json.loads((self.folder / "model.sig").read_text())
        self.assertEqual(list(bundle), ["mediaType", "verificationMaterial", "dsseEnvelope"])
        self.assertEqual(bundle["mediaType"], "application/vnd.dev.sigstore.bundle.v0.3+json")
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        self.assertEqual([r["name"] for r in statement["predicate"]["resources"]],
                         ["README.md", "config.json", "model.safetensors", "tokenizer/vocab.txt"])
        self.assertEqual(statement["predicate"]["serialization"]["ignore_paths"],
                         [".git", ".gitattributes", ".github", ".gitignore"])

    def test_one_pass_makes_several_bundles(self):
        run = surety("sign", str(self.model), "--private-key", str(self.key), "--hash", "sha256", "--signature",
                     str(self.folder / "a.sig"), "--hash", "blake2b", "--signature", str(self.folder / "b.sig"))
        self.assert_code(run, 0)
        for name in ("a.sig", "b.sig"):
            self.assert_code(self.verify(signature=name), 0)
        self.assert_code(surety("sign", str(self.model), "--private-key", str(self.key), "--signature",
                                str(self.folder / "a.sig"), "--hash", "sha256", "--hash", "blake2b"), 2)

    def test_a_bundle_inside_the_model_is_left_out(self):
        self.sign(signature="model/model.sig")
        self.sign(signature="model/model.sig")  # again, over the old one
        self.assert_code(self.verify(signature="model/model.sig"), 0)

    def test_a_partial_verdict_says_so(self):
        self.sign()
        (self.model / "README.md").write_text("changed")
        run = self.verify("--partial")
        self.assert_code(run, 0)
        self.assertIn("IN PART", run.out)
        self.assertIn("3 of 4 files", run.out)
        self.assert_code(self.verify("--only", "README.md"), 4)

    def test_stricter_than_the_reference_is_marked_and_can_be_left_uncounted(self):
        self.sign()
        (self.model / ".github").mkdir()
        (self.model / ".github" / "load.py").write_text("import os\n")
        run = self.verify()
        self.assert_code(run, 4)
        self.assertIn("model_signing lets this pass", run.out)
        self.assert_code(self.verify("--as-reference"), 0)
        self.assert_code(self.verify("--ignore-paths", ".github"), 0)

    def test_a_cache_spares_reading_and_is_not_believed_once_touched(self):
        self.sign()
        cache = self.folder / "cache"
        old = 1_700_000_000
        for path in self.model.rglob("*"):
            os.utime(path, (old, old))
        first = json.loads(self.verify("--cache", str(cache), "--format", "json").out)
        self.assertEqual(first["files_from_cache"], 0)
        content = bytearray((cache / "digests").read_bytes())
        content[-1] ^= 1
        (cache / "digests").write_bytes(content)
        run = self.verify("--cache", str(cache), "--format", "json")
        self.assert_code(run, 0)
        self.assertIn("the digest cache is not authentic, and was not used", json.loads(run.out)["notes"])

    def test_interoperability_needs_neither_model_nor_key(self):
        self.sign("--hash", "blake2b")
        run = surety("verify", "--signature", str(self.folder / "model.sig"), "--interop")
        self.assert_code(run, 0)
        self.assertIn("CANNOT be read by  model_signing", run.out)
        self.assertIn("Can be read by     OMS 1.0", run.out)

    def test_wrong_usage_is_told_from_what_does_not_verify(self):
        self.sign()
        signature = str(self.folder / "model.sig")
        self.assert_code(surety("verify", str(self.model), "--signature", signature), 2)
        self.assert_code(surety("verify", "--signature", signature), 2)
        self.assert_code(surety("verify", str(self.folder / "none"), "--signature", signature, "--public-key",
                                str(self.folder / "model.key.pub")), 2)
        (self.folder / "junk").write_text("{}")
        self.assert_code(self.verify(signature="junk"), 2)
        self.assert_code(self.verify(key=self.model / "config.json"), 2)

    def test_certificates_are_checked_to_their_root_and_at_their_time(self):
        if shutil.which("openssl") is None:
            self.skipTest("no openssl")

        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root",
                "-days", "400")
        openssl("req", "-new", "-key", "model.key", "-subj", "/CN=Signer", "-out", "leaf.csr")
        (self.folder / "leaf.ext").write_text("keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n")
        openssl("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
                "-extfile", "leaf.ext", "-out", "leaf.pem")
        self.sign("--certificate", str(self.folder / "leaf.pem"))

        def verify(root, *options):
            return surety("verify", str(self.model), "--signature", str(self.folder / "model.sig"),
                          "--certificate-chain", str(self.folder / root), *options)

        run = verify("ca.pem")
        self.assert_code(run, 0)
        self.assertIn("CN=Signer", run.out)
        self.assert_code(verify("ca.pem", "--at", "2001-01-01"), 4)
        expired = verify("ca.pem", "--at", "2099-01-01")
        self.assert_code(expired, 4)
        self.assertIn("certificate-not-valid", expired.out)
        self.assert_code(verify("ca.pem", "--at", "2099-01-01", "--as-reference"), 0)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "x.key", "-out", "x.pem", "-subj", "/CN=Root",
                "-days", "400")
        self.assert_code(verify("x.pem"), 4)
        self.assert_code(self.verify(), 2)  # a key for a bundle with certificates


class Evidence(Signing):
    def assess(self):
        run = surety("assess", str(self.folder), "--format", "json")
        return {check["id"]: check for provision in json.loads(run.out)["provisions"] for check in provision["checks"]}

    def setUp(self):
        super().setUp()
        self.private = pathlib.Path(tempfile.mkdtemp(prefix="surety-signing-key-"))
        self.addCleanup(shutil.rmtree, self.private, True)
        self.key = self.key.rename(self.private / "model.key")
        (self.folder / "ai-system.yaml").write_text(
            "version: 1\nsystem:\n  name: Signed\n  roles: [developer]\nmodels:\n"
            "  - {id: m, path: model, origin: own, released: true}\n"
            "signing:\n  public_keys: [model.key.pub]\n")

    def test_assess_verifies_bundles_with_the_keys_that_are_declared(self):
        self.sign()
        checks = self.assess()
        self.assertEqual(checks["signatures-verify"]["verdict"], "pass")
        self.assertEqual(checks["models-are-signed"]["verdict"], "pass")
        self.assertEqual(checks["releases-carry-digests"]["verdict"], "pass")
        rows = surety("query", "SELECT bundle, model, trust, verified, verified_files FROM signatures", "-C",
                      str(self.folder), "--format", "json")
        self.assertEqual(json.loads(rows.out), [{"bundle": "model.sig", "model": "model", "trust": "key model.key.pub",
                                                 "verified": "1", "verified_files": "4"}])
        (self.model / "model.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}" + bytes(399_999) + b"\x01")
        checks = self.assess()
        self.assertEqual(checks["signatures-verify"]["verdict"], "fail")
        self.assertEqual(checks["models-are-signed"]["verdict"], "fail")
        self.assertEqual(checks["releases-carry-digests"]["verdict"], "fail")

    def test_what_the_ledger_remembers_of_a_signature_counts_for_nothing_once_its_bundle_is_gone(self):
        self.sign()
        self.assess()
        self.assess()
        count = "SELECT (SELECT count(*) FROM signatures) AS s, (SELECT count(*) FROM signed_files) AS f"
        rows = lambda: json.loads(surety("query", count, "-C", str(self.folder), "--format", "json").out)
        self.assertEqual(rows(), [{"s": "1", "f": "4"}])
        (self.folder / "model.sig").unlink()
        (self.model / "model.safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00{}" + bytes(399_999) + b"\x01")
        checks = self.assess()
        self.assertNotEqual(checks["models-are-signed"]["verdict"], "pass")
        self.assertEqual(rows(), [{"s": "0", "f": "0"}])

    def test_a_signature_of_nobody_who_is_declared_counts_for_nothing(self):
        self.sign()
        (self.folder / "ai-system.yaml").write_text("version: 1\nsystem:\n  name: Signed\n  roles: [developer]\n")
        checks = self.assess()
        self.assertEqual(checks["signatures-verify"]["verdict"], "inconclusive")
        self.assertEqual(checks["models-are-signed"]["verdict"], "inconclusive")

    def test_signing_and_verifying_are_recorded_where_there_is_a_ledger(self):
        self.sign("--no-record")
        self.assertFalse((self.folder / ".surety").exists())
        self.assertEqual(self.verify().err, "")  # no ledger, nothing recorded
        self.assess()
        (self.model / "README.md").write_text("changed")
        run = self.verify()
        self.assert_code(run, 4)
        self.assertIn("recorded in", run.err)
        rows = surety("query", "SELECT verified FROM signatures", "-C", str(self.folder), "--format", "json")
        self.assertEqual(json.loads(rows.out), [{"verified": "0"}])
        self.assert_code(surety("log", "verify", str(self.folder)), 0)
        elsewhere = self.private / "records"
        elsewhere.mkdir()
        self.verify("--record", str(elsewhere))
        self.assertTrue((elsewhere / ".surety" / "ledger.db").exists())


if __name__ == "__main__":
    unittest.main()
