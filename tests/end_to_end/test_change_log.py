"""The change log: append, show, watch, at, erase, and the checks that use it."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import unittest

import ledger_file
from surety import Case, copy_example, surety

SYSTEM = """version: 1
system: {name: Test, roles: [developer, system-operator], phase: maintenance, distribution: service, end_users: false}
models:
  - {id: chat, hosted: model-a, revision: "2026-01", origin: third-party}
prompts:
  - {id: main, path: prompts/system.md, used_with: [chat]}
"""


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from(index, size, leaf, proof):
    """RFC 9162, section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        assert sn > 0
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node(r, p)
        fn >>= 1
        sn >>= 1
    assert sn == 0
    return r


class ChangeLog(Case):
    minute = 0

    def git(self, *words, author="Ada <ada@example.org>", time=None):
        ChangeLog.minute += 1
        time = time or f"2026-11-0{1 + ChangeLog.minute // 60}T10:{ChangeLog.minute % 60:02}:00Z"
        name, mail = author[:-1].split(" <")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                       "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_COMMITTER_NAME": name,
                       "GIT_COMMITTER_EMAIL": mail, "GIT_AUTHOR_DATE": time, "GIT_COMMITTER_DATE": time}
        subprocess.run(["git", "-c", "init.defaultBranch=main", *words], cwd=self.directory, env=environment, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def commit(self, message, **options):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, **options)

    def repository(self):
        self.git("init", "-q")
        self.write(".gitignore", ".surety/\n")
        self.write("ai-system.yaml", SYSTEM)
        self.write("prompts/system.md", "You are helpful.\n")
        self.commit("first", time="2026-10-01T09:00:00Z")

    def run_ok(self, *words, **options):
        run = surety(*words, cwd=self.directory, **options)
        self.assert_code(run, 0)
        return run

    def events(self, *words):
        return [entry for entry in self.run_ok("log", "show", "--format", "json", *words).json() if "source" in entry]

    def at(self, time, *words):
        return self.run_ok("log", "at", time, "--format", "json", *words).json()["in_force"]

    def entries(self):
        return len(self.run_ok("log", "show", "--format", "json").json())

    def all_bytes(self):
        return b"".join(path.read_bytes() for path in (self.directory / ".surety").iterdir() if path.is_file())

    # ------------------------------------------------------------------------------------------------------ append

    def test_an_event_is_recorded_with_who_when_and_what_was_there_before(self):
        self.write("p.md", "one")
        run = self.run_ok("log", "append", "prompt-change", "--file", "p.md", "--actor", "Ada", "--reason", "First")
        self.assertEqual(run.out, "entry 0  prompt-change  p.md\n")
        self.write("p.md", "two")
        self.run_ok("log", "append", "prompt-change", "--file", "p.md", "--actor", "Bob", "--reason", "Shorter",
                    "--effective", "2026-11-20")
        first, second = self.events()
        self.assertEqual(first["after"], hashlib.sha256(b"one").hexdigest())
        self.assertNotIn("before", first)
        self.assertEqual(second["before"], first["after"])
        self.assertEqual(second["after"], hashlib.sha256(b"two").hexdigest())
        self.assertEqual((second["actor"], second["reason"]), ("Bob", "Shorter"))
        self.assertEqual(second["effective"], "2026-11-20T00:00:00Z")
        self.assert_code(surety("log", "verify", cwd=self.directory), 0)

    def test_every_kind_can_be_recorded_from_a_file(self):
        self.write("d.csv", "a,b\n1,2\n")
        self.write("events.yaml", f"""
- kind: dataset-snapshot
  file: d.csv
  source_url: https://example.org/d.csv
  collected: 2026-10-01
  licence: CC-BY-4.0
  method: download
  sanitisation: names removed
  records: 1
  reason: First collection
- {{kind: model-version, subject: m, version: v1, derived_from: [{{name: base}}]}}
- {{kind: training-run, subject: m, after: {'a' * 64}, method: fine-tuning, inputs: [{{name: d.csv, file: d.csv}}], code: c0ffee}}
- {{kind: configuration-change, subject: c.json, after: {'b' * 64}}}
- {{kind: policy-change, subject: policy.py, after: {'c' * 64}}}
- {{kind: document-change, subject: a.md, after: {'d' * 64}}}
- {{kind: decision, subject: m, decision: Keep it, concerns: ["3.1.1"], valid_until: 2027-01-01}}
- {{kind: access, subject: d.csv, operation: grant, actor: Ada}}
- {{kind: disposal, subject: old.csv, before: {'e' * 64}, method: shredded, witness: Alan}}
- {{kind: prompt-change, subject: p.md, removed: true}}
""")
        run = self.run_ok("log", "append", "--from", "events.yaml")
        self.assertEqual(len(run.out.splitlines()), 10)
        self.run_ok("log", "append", "approval", "--set", "entry=6", "--set", "outcome=approved", "--actor", "Grace")
        events = self.events()
        self.assertEqual(events[0]["collected"], "2026-10-01T00:00:00Z")
        self.assertEqual(events[0]["records"], 1)
        self.assertEqual(events[2]["inputs"][0]["digest"]["sha256"], hashlib.sha256(b"a,b\n1,2\n").hexdigest())
        self.assertEqual(events[6]["valid_until"], "2027-01-01T23:59:59Z")
        self.assertEqual(events[10]["subject"], "m", "the approval is of what the entry is about")
        self.assertEqual(len(events[10]["leaf"]), 64)
        self.assertEqual({event["kind"] for event in events},
                         {"dataset-snapshot", "model-version", "training-run", "configuration-change", "policy-change",
                          "document-change", "decision", "access", "disposal", "prompt-change", "approval"})

    def test_what_is_wrong_is_named_with_file_line_and_field_and_nothing_is_recorded(self):
        cases = [("- kind: prompt-change\n  subject: p\n  colour: red\n", ["events.yaml:3", "colour"]),
                 ("- {kind: prompt-change, subject: p}\n", ["events.yaml:1", "after", "missing"]),
                 ("- {kind: prompt-chnage, subject: p}\n", ["kind", "prompt-chnage"]),
                 ("- kind: decision\n  subject: p\n  decision: d\n\n  valid_until: soon\n", ["events.yaml:5", "valid_until"]),
                 ("- {kind: decision, subject: p, decision: d, source_url: x}\n", ["source_url", "no place"]),
                 (f"- {{kind: prompt-change, subject: p, after: {'A' * 64}}}\n", ["after"]),
                 ("- {kind: approval, entry: 99, outcome: approved}\n", ["no entry 99"]),
                 ("- {kind: erasure, subject: p}\n", ["surety log erase"]),
                 ("- {kind: prompt-change, file: nowhere.md}\n", ["nowhere.md"]),
                 ("- [1]\n", ["events.yaml", "mapping"]), ("", ["events.yaml"]), ("a: [", ["events.yaml"]),
                 (f"- {{kind: prompt-change, subject: p, after: {'a' * 64}, private: [content]}}\n", ["private"])]
        self.write("ok.yaml", f"kind: prompt-change\nsubject: q\nafter: {'d' * 64}\n")
        self.run_ok("log", "append", "--from", "ok.yaml")
        for text, words in cases:
            # A good event in front of it: all or nothing.
            good = f"- {{kind: prompt-change, subject: good, after: {'e' * 64}}}\n" if text.startswith("- {") else ""
            self.write("events.yaml", text + good)
            run = surety("log", "append", "--from", "events.yaml", cwd=self.directory)
            self.assert_code(run, 2 if "nowhere" not in text else run.code)
            self.assertIn(run.code, (2, 5), text)
            for word in words:
                self.assertIn(word, run.err, text)
        self.assertEqual(self.entries(), 1)
        for words in (["log", "append"], ["log", "append", "wish"], ["log", "append", "decision", "--set", "x"],
                      ["log", "append", "dataset-snapshot", "-s", "d", "--set", "records=many"]):
            self.assert_code(surety(*words, cwd=self.directory), 2)
        self.assertEqual(self.entries(), 1)

    def test_a_dry_run_prints_statements_and_touches_nothing(self):
        run = self.run_ok("log", "append", "decision", "-s", "m", "--set", "decision=Keep it", "--reason", "Works",
                          "--private", "reason", "--dry-run")
        statement = json.loads(run.out)
        self.assertEqual(statement["predicateType"], "urn:surety:event:decision:v1")
        self.assertEqual(len(statement["predicate"]["commitments"]["reason"]), 64)
        self.assertNotIn("Works", run.out)
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_standard_input_is_read(self):
        text = f"kind: prompt-change\nsubject: p\nafter: {'a' * 64}\nreason: r\n".encode()
        run = subprocess.run([os.environ.get("SURETY", "surety"), "log", "append", "--from", "-"], input=text,
                             cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(self.events()), 1)

    # ------------------------------------------------------------------------------------------- privacy and erasure

    def test_what_is_private_is_not_in_the_log_and_erased_it_is_nowhere(self):
        secret = "Because the customer Zebulon Quist complained"
        self.write("p.md", "the prompt that names Yolanda Ximenes")
        self.run_ok("log", "append", "prompt-change", "--file", "p.md", "--actor", "Wilhelmina", "--reason", secret,
                    "--private", "actor", "--private", "reason", "--private", "content")
        self.run_ok("log", "append", "decision", "-s", "x", "--set", "decision=Go on", "--reason", "kept reason",
                    "--private", "reason")
        event = self.events()[0]
        self.assertEqual((event["actor"], event["reason"]), ("Wilhelmina", secret))
        self.assertEqual(event["after"], hashlib.sha256(b"the prompt that names Yolanda Ximenes").hexdigest())
        ledger = b"".join((self.directory / ".surety" / name).read_bytes() for name in ("ledger.db", "ledger.entries"))
        for word in (b"Zebulon", b"Wilhelmina", b"Yolanda", event["after"].encode()):
            self.assertNotIn(word, ledger)
            if word != event["after"].encode():
                self.assertIn(word, self.all_bytes())
        self.assertEqual((self.directory / ".surety/openings.db").stat().st_mode & 0o777, 0o600)
        before = self.at("2026-11-23", "--kind", "prompt-change")[0]["proof"]

        self.assert_code(surety("log", "erase", "0", cwd=self.directory), 2)  # no reason given
        run = self.run_ok("log", "erase", "0", "--reason", "Request 17", "--actor", "DPO")
        self.assertIn("actor, content, reason", run.out)
        for word in (b"Zebulon", b"Wilhelmina", b"Yolanda"):
            self.assertNotIn(word, self.all_bytes())
        self.assertIn(b"kept reason", self.all_bytes())
        event, _, erasure = self.events()
        self.assertEqual(sorted(event["erased"]), ["actor", "content", "reason"])
        self.assertNotIn("actor", event)
        self.assertEqual((erasure["kind"], erasure["entry"], erasure["actor"], erasure["reason"]),
                         ("erasure", 0, "DPO", "Request 17"))
        # The log is as whole as before, and what was erased is proven as before.
        self.assert_code(surety("log", "fsck", cwd=self.directory), 0)
        self.assert_code(surety("log", "verify", cwd=self.directory), 0)
        after = self.at("2026-11-23", "--kind", "prompt-change")[0]
        self.assertEqual(after["proof"]["leaf"], before["leaf"])
        checkpoint = self.run_ok("log", "at", "2026-11-23", "--format", "json").json()["checkpoint"].splitlines()
        proof = after["proof"]
        self.assertEqual(base64.b64encode(root_from(proof["index"], proof["size"], base64.b64decode(proof["leaf"]),
                                                    [base64.b64decode(h) for h in proof["hashes"]])).decode(),
                         checkpoint[2])
        # Again: nothing is logged twice.
        count = self.entries()
        self.run_ok("log", "erase", "0", "--reason", "Request 17")
        self.assertEqual(self.entries(), count)
        for words in (["1", "--field", "actor"], ["2"], ["99"], ["-1"], ["x"]):
            self.assert_code(surety("log", "erase", *words, "--reason", "r", cwd=self.directory), 2)

    def test_openings_that_vanish_or_change_without_an_erasure_are_noticed(self):
        for number in range(2):
            self.run_ok("log", "append", "decision", "-s", f"d{number}", "--set", "decision=x", "--reason", "private",
                        "--private", "reason")
        path = self.directory / ".surety/openings.db"
        shutil.copy(path, self.directory / "kept.db")
        database = sqlite3.connect(path)
        database.execute("UPDATE opening SET content = CAST('another reason' AS BLOB)")
        database.commit()
        database.close()
        run = surety("log", "verify", cwd=self.directory)
        self.assert_code(run, 4)
        self.assertIn("entry 0: reason: what opens its commitment was changed", run.out)
        self.assert_code(surety("log", "show", cwd=self.directory), 4)
        database = sqlite3.connect(path)
        database.execute("DELETE FROM opening")
        database.commit()
        database.close()
        run = surety("log", "verify", cwd=self.directory)
        self.assert_code(run, 4)
        self.assertIn("entry 1: reason is private and cannot be opened, and no entry says that it was erased", run.out)
        self.assertIn("entry 1: reason is private", surety("log", "fsck", cwd=self.directory).out)
        for name in ("openings.db", "openings.db-wal", "openings.db-shm"):
            (self.directory / ".surety" / name).unlink(missing_ok=True)
        run = self.run_ok("log", "verify")  # an auditor who was given the ledger alone
        self.assertIn("2 private fields cannot be read", run.err)
        shutil.copy(self.directory / "kept.db", path)
        self.run_ok("log", "verify")

    # -------------------------------------------------------------------------------------------------------- watch

    def test_history_and_files_are_recorded_and_doing_it_again_adds_nothing(self):
        self.repository()
        self.write("prompts/system.md", "You are brief.\n")
        self.commit("Answers were too long\n\nReviewed-by: Grace <grace@example.org>", author="Bob <bob@example.org>",
                    time="2026-11-05T12:00:00Z")
        self.write("ai-system.yaml", SYSTEM.replace("model-a", "model-b").replace("2026-01", "2026-06"))
        self.commit("A better model", time="2026-11-06T12:00:00Z")
        run = self.run_ok("log", "watch")
        self.assertIn("3 commits read", run.out)
        prompts = self.events("--subject", "prompts/system.md")
        self.assertEqual([event["kind"] for event in prompts], ["prompt-change", "prompt-change"])
        self.assertTrue(prompts[0]["first_seen"])
        self.assertEqual(prompts[1]["actor"], "Bob <bob@example.org>")
        self.assertEqual(prompts[1]["approver"], "Grace <grace@example.org>")
        self.assertTrue(prompts[1]["reason"].startswith("Answers were too long"))
        self.assertEqual(prompts[1]["before"], hashlib.sha256(b"You are helpful.\n").hexdigest())
        self.assertEqual(prompts[1]["after"], hashlib.sha256(b"You are brief.\n").hexdigest())
        self.assertEqual(prompts[1]["effective"], "2026-11-05T12:00:00Z")
        models = self.events("--kind", "model-version")
        self.assertEqual([event["version"] for event in models], ["model-a@2026-01", "model-b@2026-06"])
        # Names and messages can be erased: they are not in the log itself.
        self.assertNotIn(b"bob@example.org", (self.directory / ".surety/ledger.entries").read_bytes())

        count = self.entries()
        self.assertIn("0 changes recorded", self.run_ok("log", "watch").out)
        self.assertIn("0 changes recorded", self.run_ok("log", "watch", "--all").out)
        self.assertEqual(self.entries(), count)

        self.write("prompts/system.md", "You are rude.\n")
        self.assertIn("1 change recorded", self.run_ok("log", "watch").out)
        self.assertIn("0 changes recorded", self.run_ok("log", "watch").out)
        seen = self.events("--subject", "prompts/system.md")[-1]
        self.assertEqual((seen["source"], seen["before"]), ("work-tree", prompts[1]["after"]))
        self.assertNotIn("reason", seen)
        self.write("prompts/system.md", "You are brief.\n")  # back again, which is a change too
        self.assertIn("1 change recorded", self.run_ok("log", "watch").out)
        self.write("prompts/system.md", "You are rude.\n")
        self.assertIn("1 change recorded", self.run_ok("log", "watch").out)
        (self.directory / "prompts/system.md").unlink()
        self.assertIn("1 change recorded", self.run_ok("log", "watch").out)
        self.assertTrue(self.events("--subject", "prompts/system.md")[-1]["removed"])
        self.assertIn("0 changes recorded", self.run_ok("log", "watch").out)
        self.run_ok("log", "verify")

    def test_a_rewritten_history_is_said_and_what_it_had_stays_on_record(self):
        self.repository()
        self.write("prompts/system.md", "You are brief.\n")
        self.commit("brief", time="2026-11-05T12:00:00Z")
        self.run_ok("log", "watch")
        self.git("reset", "-q", "--hard", "HEAD~1")
        run = self.run_ok("log", "watch")
        self.assertIn("rewritten", run.err)
        events = self.events("--subject", "prompts/system.md")
        self.assertEqual(events[1]["after"], hashlib.sha256(b"You are brief.\n").hexdigest())
        self.assertEqual(events[-1]["after"], hashlib.sha256(b"You are helpful.\n").hexdigest())
        self.assertIn("0 changes recorded", self.run_ok("log", "watch").out)

    def test_a_prompt_in_code_has_a_history_of_its_own(self):
        self.git("init", "-q")
        self.write("app.py", 'SYSTEM_PROMPT = "You are a helpful assistant for customers of a bank."\nx = 1\n')
        self.commit("first", time="2026-10-01T09:00:00Z")
        self.write("app.py", 'SYSTEM_PROMPT = "You are a helpful assistant for customers of a bank."\nx = 2\n')
        self.commit("code only", time="2026-11-02T09:00:00Z")
        self.write("app.py", 'SYSTEM_PROMPT = "You are a terse assistant for customers of a bank."\nx = 2\n')
        self.commit("Terse", time="2026-11-03T09:00:00Z")
        self.run_ok("log", "watch")
        events = self.events("--subject", "app.py#SYSTEM_PROMPT")
        self.assertEqual([event["reason"] for event in events], ["first", "Terse"])

    def test_a_long_history_is_read_as_far_as_is_allowed(self):
        self.repository()
        for number in range(4):
            self.write("prompts/system.md", f"You are number {number}.\n")
            self.commit(f"number {number}")
        run = self.run_ok("log", "watch", "--max-commits", "2")
        self.assertIn("not to the beginning", run.out)
        self.assertEqual(len(self.events("--subject", "prompts/system.md")), 2)
        self.run_ok("log", "watch", "--all")
        self.assertEqual(len(self.events("--subject", "prompts/system.md")), 6)  # the place where it began included
        self.assert_code(surety("log", "watch", "--max-commits", "0", cwd=self.directory), 2)

    # ----------------------------------------------------------------------------------------------------------- at

    def test_what_was_in_force_on_a_day_is_told_with_a_proof(self):
        self.repository()
        self.write("prompts/system.md", "You are brief.\n")
        self.commit("brief", time="2026-11-05T12:00:00Z")
        self.run_ok("log", "watch")
        answers = {}
        for time in ("2026-09-30", "2026-10-15", "2026-11-05T11:59:59Z", "2026-11-05", "2026-11-22"):
            found = self.at(time, "--subject", "prompts/system.md")
            answers[time] = found[0]["sha256"] if found else None
        helpful, brief = (hashlib.sha256(text).hexdigest() for text in (b"You are helpful.\n", b"You are brief.\n"))
        self.assertEqual(list(answers.values()), [None, helpful, helpful, brief, brief])
        text = self.run_ok("log", "at", "2026-11-22")
        self.assertIn("later", text.out)
        self.assertIn("proven", text.out)
        self.assertEqual(self.at("2026-11-22", "--kind", "model-version")[0]["version"], "model-a@2026-01")

        # Said later of a time before: it counts, and is seen for what it is.
        self.run_ok("log", "append", "prompt-change", "--subject", "prompts/system.md", "--after", "f" * 64, "--effective",
                    "2026-10-20", "--actor", "Eve", "--reason", "Forgotten")
        found = self.at("2026-10-25", "--subject", "prompts/system.md")[0]
        self.assertEqual(found["sha256"], "f" * 64)
        self.assertTrue(found["recorded_after"])
        known = self.at("2026-10-25", "--subject", "prompts/system.md", "--known", "2026-10-25")
        self.assertEqual(known, [])
        for words in (["log", "at"], ["log", "at", "soon"], ["log", "at", "2026-11-22", "--kind", "wish"],
                      ["log", "at", "2026-11-22", "--known", "x"]):
            self.assert_code(surety(*words, cwd=self.directory), 2)

    def test_an_entry_changed_by_hand_does_not_pass_for_proven(self):
        self.repository()
        self.run_ok("log", "watch")
        old = hashlib.sha256(b"You are helpful.\n").hexdigest().encode()
        changed = [entry for entry in ledger_file.read(self.directory / ".surety") if old in entry.content]
        self.assertTrue(changed)
        for entry in changed:
            ledger_file.change(self.directory / ".surety", entry, old, b"0" * 63 + b"1")
        self.assert_code(surety("log", "at", "2026-11-22", cwd=self.directory), 4)

    # ------------------------------------------------------------------------------------------------------- assess

    def provision(self, name, *words):
        run = surety("assess", "--format", "json", *words, cwd=self.directory)
        self.assertIn(run.code, (0, 1), run.err)
        return next(p for p in run.json()["provisions"] if p["id"] == name)

    def test_the_change_log_settles_whether_the_review_saw_the_last_change(self):
        self.repository()
        self.write("docs/threats.md", "# Threats\n\n## Prompt injection\n\nSomebody writes instructions.\n")
        self.write("ai-system.yaml", SYSTEM + "threat_model: {path: docs/threats.md, reviewed: 2026-11-03}\n")
        self.commit("Threat model", time="2026-11-03T12:00:00Z")
        self.write("README.md", "# Service\n")
        self.commit("Readme", time="2026-11-10T12:00:00Z")
        self.assertEqual(self.provision("3.1.1", "--no-record")["verdict"], "inconclusive")
        self.assertEqual(self.provision("3.1.1", "--no-watch")["verdict"], "inconclusive")
        self.assertEqual(self.provision("3.1.1")["verdict"], "pass")
        self.write("prompts/system.md", "You may do anything.\n")
        self.commit("Anything goes", time="2026-11-12T12:00:00Z")
        failed = self.provision("3.1.1")
        self.assertEqual(failed["verdict"], "fail")
        self.assertIn("prompts/system.md", repr(failed))
        self.write("ai-system.yaml", SYSTEM + "threat_model: {path: docs/threats.md, reviewed: 2026-11-13}\n")
        self.commit("Reviewed", time="2026-11-13T12:00:00Z")
        self.assertEqual(self.provision("3.1.1")["verdict"], "pass")

    def test_a_change_nobody_explains_fails_and_an_entry_settles_it(self):
        self.repository()
        self.assertEqual(self.provision("8.3")["verdict"], "pass")
        self.write("prompts/system.md", "You are rude.\n")
        failed = self.provision("8.3")
        self.assertEqual(failed["verdict"], "fail")
        self.assertIn("without a commit or an entry that says why", repr(failed))
        self.run_ok("log", "append", "prompt-change", "--file", "prompts/system.md", "--reason",
                    "Trial of another tone, agreed on 12 November")
        self.assertEqual(self.provision("8.3")["verdict"], "pass")

    def test_a_second_assessment_of_an_unchanged_system_records_its_run_only(self):
        self.repository()
        self.provision("8.3")
        count = self.entries()
        self.provision("8.3")
        kinds = [json.loads(entry.content)["predicateType"] for entry in
                 ledger_file.read(self.directory / ".surety")[count:]]
        self.assertLessEqual(set(kinds), {"urn:surety:evidence:run:v1"})

    def test_queries_see_events_and_states(self):
        self.repository()
        self.run_ok("log", "watch")
        rows = self.run_ok("query", "--format", "json", "SELECT kind, subject, source FROM states ORDER BY subject").json()
        self.assertIn({"kind": "prompt-change", "subject": "prompts/system.md", "source": "git"}, rows)
        rows = self.run_ok("query", "--format", "json", "SELECT actor FROM events WHERE kind = 'prompt-change'").json()
        self.assertEqual(rows, [{"actor": "Ada <ada@example.org>"}])


if __name__ == "__main__":
    unittest.main()
