"""surety log: keys, proofs, files for other tools, mirrors, witnesses, damage."""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading
import unittest

import ledger_file
from surety import BINARY, NOW, PROJECT, Case, surety

LOAD = os.environ.get("LEDGER_LOAD", str(PROJECT / "build/dev/bench/ledger/ledger_load"))


class Server:
    """HTTP on a port of the system's choosing; `answer(method, path, body)` gives status, type and body."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def reply(self, method):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                status, kind, content = answer(method, self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.reply("GET")

            def do_POST(self):
                self.reply("POST")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def serve_files(directory):
    def answer(_, path, __):
        file = directory / path.lstrip("/")
        return (200, "application/octet-stream", file.read_bytes()) if file.is_file() else (404, "text/plain", b"no\n")
    return answer


class Log(Case):
    def setUp(self):
        super().setUp()
        self.log = self.directory / "log"

    def append(self, count, where=None):
        subprocess.run([LOAD, "acknowledge", where or self.log, str(count), "100"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "SOURCE_DATE_EPOCH": NOW})

    def log_command(self, *words, code=0, **options):
        run = surety("log", *words, **options)
        self.assert_code(run, code)
        return run

    def keys(self):
        run = self.log_command("key", "--state", self.log)
        return self.write("keys", run.out)

    def prove(self, index, name="proof"):
        proof, entry = self.directory / f"{name}.tlog-proof", self.directory / f"{name}.entry"
        self.log_command("prove", str(index), "--state", self.log, "-o", proof, "--entry", entry)
        return proof, entry

    def verify(self, proof, entry, *words, code=0):
        return self.log_command("verify", "--proof", proof, "--entry", entry, *words, code=code)


class Proofs(Log):
    def test_an_entry_is_proven_without_the_log(self):
        self.append(300)
        keys = self.keys()
        proof, entry = self.prove(123)
        shutil.rmtree(self.log)
        run = self.verify(proof, entry, "--key", keys)
        self.assertIn("Proven: entry 123 of surety/", run.out)
        self.assertIn("received      2026-11-23", run.out)
        self.verify(proof, entry, "--key", keys.read_text().strip())  # the key itself instead of a file
        # Another entry, another key, no key.
        entry.write_bytes(entry.read_bytes() + b"x")
        self.verify(proof, entry, "--key", keys, code=4)
        self.verify(proof, entry, code=2)

    def test_a_proof_is_what_the_specification_says(self):
        """Recomputed here, from the record and the hashes, by RFC 6962."""
        self.append(7)
        proof, entry = self.prove(4)
        lines = proof.read_text().split("\n")
        self.assertEqual(lines[:2], ["c2sp.org/tlog-proof@v1", "index 4"])
        end = lines.index("")
        hashes = [base64.b64decode(line) for line in lines[2:end]]
        origin, size, root = lines[end + 1:end + 4]
        self.assertEqual(size, "7")
        digest = hashlib.sha256(b"\0" + entry.read_bytes()).digest()
        node = lambda left, right: hashlib.sha256(b"\1" + left + right).digest()
        # Entry 4 of 7: its sibling is 5; then 6 alone on the right; then the four on the left.
        digest = node(hashes[2], node(node(digest, hashes[0]), hashes[1]))
        self.assertEqual(base64.b64encode(digest).decode(), root)
        self.assertTrue(lines[end + 5].startswith("\u2014 " + origin + " "))

    def test_the_log_continues_an_earlier_checkpoint(self):
        self.append(10)
        keys = self.keys()
        self.log_command("export", self.directory / "files", "--state", self.log)
        old = self.write("old", (self.directory / "files/checkpoint").read_text())
        self.append(300)
        request = self.directory / "request"
        self.log_command("prove", "--from", old, "--state", self.log, "-o", request)
        run = self.log_command("verify", "--proof", request, "--checkpoint", old, "--key", keys)
        self.assertIn("with 310 entries continues what it was with 10", run.out)
        text = request.read_text().replace("old 10", "old 9")
        self.log_command("verify", "--proof", self.write("bad", text), "--checkpoint", old, "--key", keys, code=4)
        # A log put back to an older state continues nothing newer.
        new = self.write("new", (self.log / "checkpoint.signed").read_text())
        shutil.rmtree(self.log)
        self.append(20)
        self.log_command("prove", "--from", new, "--state", self.log, code=4)

    def test_a_damaged_entry_is_not_proven(self):
        self.append(5)
        damaged = ledger_file.read(self.log)[3]
        ledger_file.change(self.log, damaged, damaged.content[:1], b"?")
        self.log_command("prove", "3", "--state", self.log, code=4)
        self.prove(2)

    def test_wrong_usage_is_said(self):
        self.append(5)
        for words in (["prove"], ["prove", "x"], ["prove", "5"], ["prove", "--from", "6"], ["export"], ["follow", "a"],
                      ["witness"], ["submit"], ["key", "--revoke", "xyz"], ["key", "--expire", "00000000"]):
            run = surety("log", *words, *([] if words[0] in ("follow", "witness") else ["--state", self.log]))
            self.assert_code(run, 2)
            self.assertNotEqual(run.err, "")
        self.log_command("fsck", "--state", self.directory / "nowhere", code=2)


class Keys(Log):
    def test_a_key_that_others_may_read_is_refused(self):
        self.append(3)
        self.keys()
        key = next(self.log.glob("log-key-*.pem"))
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        key.chmod(0o640)
        run = self.log_command("prove", "1", "--state", self.log, code=2)
        self.assertIn(key.name, run.err)

    def test_rotated_keys_leave_old_proofs_valid(self):
        self.append(10)
        proof, entry = self.prove(3)
        self.log_command("key", "--rotate", "--state", self.log)
        self.append(10)
        later = self.prove(15, "later")
        keys = self.keys()
        lines = keys.read_text().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn(" until 10", lines[0])
        self.assertIn(" from 10", lines[1])
        self.verify(proof, entry, "--key", keys)
        self.verify(*later, "--key", keys)
        self.verify(*later, "--key", lines[0].split()[0], code=4)  # the old key alone does not know the new
        self.log_command("verify", "--state", self.log)

    def test_expired_and_revoked_keys(self):
        self.append(10)
        proof, entry = self.prove(3)
        identity = self.keys().read_text().split("+")[1]
        self.log_command("key", "--expire", identity, "--at", "2026-12-01T00:00:00Z", "--state", self.log)
        keys = self.keys()
        self.verify(proof, entry, "--key", keys)
        late = {"env": {"SOURCE_DATE_EPOCH": "1796083200"}}  # 2026-12-01
        run = self.log_command("verify", "--proof", proof, "--entry", entry, "--key", keys, code=4, **late)
        self.assertIn("expired at 2026-12-01", run.err)
        self.log_command("prove", "3", "--state", self.log, code=2, **late)
        run = self.log_command("key", "--revoke", identity, "--state", self.log)
        keys = self.write("revoked", run.out)
        self.assertIn(" revoked 2026-11-23", keys.read_text())
        self.verify(proof, entry, "--key", keys, code=4)
        self.log_command("prove", "3", "--state", self.log, code=2)

    def test_a_key_kept_elsewhere(self):
        self.append(3)
        elsewhere = self.directory / "elsewhere.pem"
        self.log_command("key", "--key", elsewhere, "--state", self.log)
        self.assertEqual(list(self.log.glob("*.pem")), [])
        self.log_command("prove", "1", "--state", self.log, code=2)
        self.log_command("prove", "1", "--state", self.log, "--key", elsewhere)


class Files(Log):
    def test_other_eyes_verify_the_exported_files(self):
        """The files, read by nothing but Python: every tile from the bundles, and the root."""
        self.append(70)
        self.log_command("export", self.directory / "files", "--state", self.log)
        self.append(600)
        run = self.log_command("export", self.directory / "files", "--state", self.log)
        self.assertIn("600 new entries, 670 in all", run.err)
        files = self.directory / "files"
        leaves = []
        for name, width in (("000", 256), ("001", 256), ("002.p/158", 158)):
            bundle = (files / "tile/entries" / name).read_bytes()
            for _ in range(width):
                size = int.from_bytes(bundle[:2], "big")
                leaves.append(hashlib.sha256(b"\0" + bundle[2:2 + size]).digest())
                bundle = bundle[2 + size:]
            self.assertEqual(bundle, b"")
            self.assertEqual((files / "tile/0" / name).read_bytes(), b"".join(leaves[-width:]))

        def root(hashes):
            if len(hashes) == 1:
                return hashes[0]
            split = 1 << (len(hashes) - 1).bit_length() - 1
            return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()

        self.assertEqual((files / "tile/1/000.p/2").read_bytes(), root(leaves[:256]) + root(leaves[256:512]))
        origin, size, written, empty, *_ = (files / "checkpoint").read_text().split("\n")
        self.assertEqual((size, empty), ("670", ""))
        self.assertEqual(base64.b64decode(written), root(leaves))
        self.assertEqual((files / "tile/0/000.p/70").read_bytes(), b"".join(leaves[:70]))

    def test_jsonl_has_every_entry(self):
        self.append(30)
        run = self.log_command("export", "--format", "jsonl", "--state", self.log)
        lines = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual([line["index"] for line in lines], list(range(30)))
        self.assertEqual(lines[7]["content_text"], "entry 7")
        self.log_command("export", "--format", "jsonl", "-o", self.directory / "lines", "--state", self.log)
        self.assertEqual((self.directory / "lines").read_text(), run.out)

    def test_following_over_http_remembers_and_refuses_rollback(self):
        self.append(300)
        keys = self.keys()
        files, mirror = self.directory / "files", self.directory / "mirror"
        self.log_command("export", files, "--state", self.log)
        with Server(serve_files(files)) as server:
            run = self.log_command("follow", server.url, mirror, "--key", keys)
            self.assertIn("300 entries, 300 new", run.out)
            shutil.copytree(files, self.directory / "kept")
            self.append(100)
            self.log_command("export", files, "--state", self.log)
            run = self.log_command("follow", server.url, mirror, "--key", keys)
            self.assertIn("400 entries, 100 new", run.out)
            self.log_command("fsck", "--tiles", mirror, "--key", keys)
            self.log_command("fsck", "--tiles", server.url, "--key", keys)
            # Rolled back.
            shutil.rmtree(files)
            shutil.copytree(self.directory / "kept", files)
            run = self.log_command("follow", server.url, mirror, "--key", keys, code=4)
            self.assertIn("rolled back", run.err)
            shutil.rmtree(files)
            run = self.log_command("follow", server.url, mirror, "--key", keys, code=4)
            self.assertIn("checkpoint is missing", run.err)
        self.log_command("follow", server.url, mirror, "--key", keys, code=5)  # nobody answers
        self.assertEqual((mirror / "checkpoint").read_text().split("\n")[1], "400")


class Witnesses(Log):
    def setUp(self):
        super().setUp()
        self.append(20)
        self.state = self.directory / "witness"
        run = self.log_command("witness", "--state", self.state, "--name", "witness.example/one")
        self.witness_key = self.write("witness.key", run.out)
        shutil.copy(self.keys(), self.state / "logs")

    def request(self, size, **options):
        file = self.directory / "request"
        self.log_command("prove", "--from", str(size), "--state", self.log, "-o", file, **options)
        return file

    def test_by_files_carried_to_and_from(self):
        cosigned = self.directory / "cosigned"
        self.log_command("witness", "--state", self.state, self.request(0), "-o", cosigned)
        self.log_command("submit", cosigned, "--witness-key", self.witness_key, "--state", self.log)
        proof, entry = self.prove(3)
        run = self.verify(proof, entry, "--key", self.state / "logs", "--witness-key", self.witness_key, "--quorum", "1")
        self.assertIn("witnessed by  witness.example/one at 2026-11-23", run.out)
        # Later the same, from what it saw; a request from anything else is refused with the size.
        self.append(5)
        self.log_command("submit", cosigned, "--witness-key", self.witness_key, "--state", self.log)
        self.request(20)
        run = self.log_command("witness", "--state", self.state, self.request(0), code=2)
        self.assertIn("surety log prove --from 20", run.err)
        self.log_command("witness", "--state", self.state, self.request(20), "-o", cosigned)
        # The cosignature is not on the checkpoint of now, if there is one more entry by then.
        self.append(1)
        self.request(25)
        self.log_command("submit", cosigned, "--witness-key", self.witness_key, "--state", self.log, code=4)

    def test_a_rolled_back_log_gets_no_cosignature(self):
        kept = self.directory / "kept"
        shutil.copytree(self.log, kept)
        self.append(30)
        self.log_command("witness", "--state", self.state, self.request(0))
        # Put back with its checkpoint and keys, as somebody would who can write to all of it; then goes another way.
        shutil.rmtree(self.log)
        shutil.copytree(kept, self.log)
        subprocess.run([LOAD, "append", self.log, "40", "10"], check=True, stdout=subprocess.DEVNULL)
        run = self.log_command("witness", "--state", self.state, self.request(50), code=4)
        self.assertIn("consistency proof", run.err)

    def test_over_the_protocol_behind_a_web_server(self):
        statuses = []

        def answer(method, path, body):
            run = subprocess.run([BINARY, "log", "witness", "--cgi", "--state", self.state], input=body,
                                 stdout=subprocess.PIPE, env={**os.environ, "REQUEST_METHOD": method, "PATH_INFO": path,
                                                              "CONTENT_LENGTH": str(len(body))})
            head, _, content = run.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            statuses.append(int(fields["Status"].split()[0]))
            return statuses[-1], fields["Content-Type"], content

        with Server(answer) as server:
            submit = ["submit", server.url, "--witness-key", self.witness_key, "--state", self.log]
            run = self.log_command(*submit)
            self.assertIn("cosigned by witness.example/one", run.err)
            self.append(300)
            run = self.log_command(*submit)  # it asks from 0, is told 20, and proves from there
            self.assertEqual(statuses, [200, 409, 200])
            self.assertIn("witness.example/one", run.out)
            proof, entry = self.prove(310)
            self.verify(proof, entry, "--key", self.state / "logs", "--witness-key", self.witness_key, "--quorum", "1")
            # Another witness's key: this cosignature is not its.
            other = self.log_command("witness", "--state", self.directory / "other", "--name", "other.example").out.strip()
            self.log_command("submit", server.url, "--witness-key", other, "--state", self.log, code=4)
            # A log whose keys the witness does not know.
            (self.state / "logs").write_text("")
            self.append(1)
            self.log_command(*submit, code=5)
        self.assertEqual(statuses[-1], 404)

    def test_what_the_protocol_says_is_kept_is_served(self):
        self.log_command("witness", "--state", self.state, self.request(0))
        origin = (self.log / "checkpoint").read_text().split("\n")[0]
        path = "/" + hashlib.sha256(origin.encode()).hexdigest() + "/checkpoint"
        run = self.log_command("witness", "--cgi", "--state", self.state, env={"REQUEST_METHOD": "GET", "PATH_INFO": path})
        self.assertIn(f"\r\n\r\n{origin}\n20\n".encode(), run.bytes)


class Damage(Log):
    def test_fsck_names_the_first_bad_entry_and_what_is_still_proven(self):
        self.append(1000)
        self.log_command("fsck", "--state", self.log)
        damaged = ledger_file.read(self.log)
        ledger_file.overwrite(self.log, damaged[321].begin + 13, bytes([damaged[321].received + 1 & 255]))
        ledger_file.change(self.log, damaged[900], damaged[900].content, bytes(len(damaged[900].content)))
        run = self.log_command("fsck", "--state", self.log, code=4)
        self.assertIn("First bad entry: 321 (tile 0/001)", run.out)
        self.assertIn("998 can be proven; these cannot: 321, 900.", run.out)
        report = self.log_command("fsck", "--format", "json", "--state", self.log, code=4).json()
        self.assertEqual((report["first_bad"], report["provable"], report["size"]), (321, 998, 1000))

    def test_an_older_copy_put_back_is_noticed_by_the_remembered_checkpoint(self):
        self.append(100)
        shutil.copytree(self.log, self.directory / "kept")
        self.append(50)
        self.keys()
        self.prove(1)
        remembered = self.write("remembered", (self.log / "checkpoint.signed").read_text())
        shutil.rmtree(self.log)
        shutil.copytree(self.directory / "kept", self.log)
        self.log_command("verify", "--state", self.log)  # by itself it is whole
        run = self.log_command("verify", "--checkpoint", remembered, "--state", self.log, code=4)
        self.assertIn("cut or rolled back", run.out)
        run = self.log_command("fsck", "--checkpoint", remembered, "--state", self.log, code=4)
        self.assertIn("100 can be proven", run.out)

    def test_a_lost_database_is_made_again_if_the_entries_continue_what_is_remembered(self):
        """What is private stays readable, and an older copy is refused by any checkpoint that is left."""
        append = ["append", "decision", "-s", "x", "--set", "decision=Go on", "--private", "reason", "--state", self.log]
        self.log_command(*append, "--reason", "the secret")
        older = (self.log / "ledger.entries").read_bytes()
        self.log_command(*append, "--reason", "another")
        kept = self.directory / "kept.checkpoint"
        shutil.copy(self.log / "checkpoint", kept)
        (self.log / "ledger.db").write_bytes(b"\x5a" * 8192)
        self.assertIn("surety log rebuild", self.log_command("verify", "--state", self.log, code=4).err)
        entries = (self.log / "ledger.entries").read_bytes()
        (self.log / "ledger.entries").write_bytes(older)
        self.assertIn("the log was cut or rolled back", self.log_command("rebuild", "--state", self.log, code=4).err)
        (self.log / "checkpoint").unlink()
        self.assertIn("the checkpoint file is missing as well", self.log_command("rebuild", "--state", self.log, code=4).err)
        (self.log / "ledger.entries").write_bytes(entries)
        shutil.copy(kept, self.log / "checkpoint")
        rebuilt = self.log_command("rebuild", "--checkpoint", kept, "--state", self.log)
        self.assertIn("They continue " + str(kept), rebuilt.out)
        self.assertEqual((self.log / "ledger.db.damaged").read_bytes(), b"\x5a" * 8192)
        self.log_command("verify", "--state", self.log)
        self.assertIn("the secret", self.log_command("show", "--format", "json", "--state", self.log).out)
        self.log_command("rebuild", "--state", self.log, code=2)

    def test_two_writers_at_once_take_turns_or_are_told(self):
        """One holds the log; the other is refused with the holder's number, and nothing is lost."""
        self.append(1)
        first = subprocess.Popen([LOAD, "acknowledge", self.log, "1000000"], stdout=subprocess.PIPE)
        first.stdout.readline()
        second = subprocess.run([LOAD, "acknowledge", self.log, "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(second.returncode, 5)
        self.assertIn(str(first.pid), second.stderr.decode())
        self.log_command("fsck", "--state", self.log)  # readers are not in the way
        first.kill()
        first.stdout.close()
        first.wait()
        self.append(1)
        self.log_command("verify", "--state", self.log)


if __name__ == "__main__":
    unittest.main()
