"""The events of a long log as a file of tables: used, noticed when it was edited, never more than the log says."""
import hashlib
import json
import sqlite3
import unittest

import ledger_file
from surety import Case, surety

SYSTEM = """version: 1
system: {name: Test, owner: ops@example.org, roles: [developer, system-operator], phase: maintenance}
prompts:
  - {id: main, path: prompts/system.md}
"""
MANY = 5200


def event(number, **more):
    return {"kind": "access", "subject": f"data/part-{number % 7}.csv", "operation": "read", "actor": f"person-{number % 11}",
            "reason": "nightly job", "effective": f"2026-10-{1 + number % 28:02}T10:00:00Z", **more}


class EventProjection(Case):
    def setUp(self):
        super().setUp()
        self.write("ai-system.yaml", SYSTEM)
        self.write("prompts/system.md", "You answer questions on bicycles.\n")
        self.append([event(i) for i in range(MANY)])
        self.file = self.directory / ".surety/events.db"

    def append(self, events):
        self.write("events.json", json.dumps(events))
        run = surety("log", "append", "--from", "events.json", ".", cwd=self.directory)
        self.assertEqual(run.code, 0, run.err)
        (self.directory / "events.json").unlink()

    def assess(self, *options):
        run = surety("assess", ".", "-f", "json", "--no-watch", *options, cwd=self.directory)
        self.assertIn(run.code, (0, 1, 3), run.err)
        return run.json()

    def query(self, sql):
        run = surety("query", sql, "-f", "json", "-C", self.directory)
        self.assertEqual(run.code, 0, run.err)
        return run.json()

    def count(self):
        return int(self.query("SELECT count(*) AS n FROM events")[0]["n"])

    @staticmethod
    def verdicts(assessment):
        return {p["id"]: (p["verdict"], p["reason"]) for p in assessment["provisions"]}

    def test_is_written_once_and_gives_the_same_verdicts(self):
        first = self.assess()
        digest = hashlib.sha256(self.file.read_bytes()).hexdigest()
        self.assertEqual(self.verdicts(self.assess()), self.verdicts(first))
        self.assertEqual(hashlib.sha256(self.file.read_bytes()).hexdigest(), digest)
        self.assertEqual(self.verdicts(self.assess("--no-cache")), self.verdicts(first))
        self.assertEqual(self.count(), MANY)
        rows = "SELECT * FROM events ORDER BY entry LIMIT 3"
        projected = self.query(rows)
        self.file.unlink()
        self.assertEqual(self.query(rows), projected)

    def test_a_few_events_after_it_are_read_from_the_log(self):
        self.assess()
        written = self.file.read_bytes()
        self.append([event(i, reason="later") for i in range(20)])
        self.assess()
        self.assertEqual(self.file.read_bytes(), written)
        self.assertEqual(self.count(), MANY + 20)
        self.assertEqual(len(self.query("SELECT 1 FROM events WHERE reason = 'later'")), 20)

    def test_a_file_that_was_edited_is_noticed_and_does_not_count(self):
        honest = self.verdicts(self.assess())
        database = sqlite3.connect(self.file)
        database.execute("DELETE FROM events WHERE entry < 100")
        database.commit()
        database.close()
        assessment = self.assess()
        self.assertTrue(any("is not what was recorded" in note for note in assessment["notes"]), assessment["notes"])
        self.assertEqual(self.verdicts(assessment), honest)
        self.assertEqual(self.count(), MANY)
        self.assertFalse(any("is not what was recorded" in note for note in self.assess()["notes"]))

    def test_every_kind_of_damage_leaves_the_events_as_they_are(self):
        self.assess()
        whole = self.file.read_bytes()
        for damage in (b"", b"SQLite format 3\0", whole[:-1], whole + b"x", whole[:5000] + b"\xff" + whole[5001:]):
            with self.subTest(bytes=len(damage)):
                self.file.write_bytes(damage)
                self.assertEqual(self.count(), MANY)

    def test_an_entry_changed_behind_the_log_counts_as_it_was_and_verify_names_it(self):
        self.assess()
        ledger_file.change(self.directory / ".surety", ledger_file.read(self.directory / ".surety")[7], b"nightly",
                           b"secret!")
        self.assess()
        self.assertEqual(self.query("SELECT reason FROM events WHERE entry = 7"), [{"reason": "nightly job"}])
        run = surety("log", "verify", self.directory)
        self.assertEqual(run.code, 4, run.out)
        self.assertIn("entry 7", run.out + run.err)

    def test_an_entry_that_vouches_and_was_edited_is_an_integrity_failure(self):
        self.assess()
        changed = [entry for entry in ledger_file.read(self.directory / ".surety") if b"event-projection" in entry.key]
        self.assertEqual(len(changed), 1)
        ledger_file.change(self.directory / ".surety", changed[0], b":5200", b":5201")
        run = surety("assess", ".", "-q", "--no-watch", cwd=self.directory)
        self.assertEqual(run.code, 4, run.err)

    def test_private_fields_are_not_in_it_and_can_be_erased(self):
        self.append([event(1, actor="Grace Hopper", private=["actor"])])
        self.assess()
        self.assertNotIn(b"Grace", self.file.read_bytes())
        who = "SELECT entry, actor, erased FROM events WHERE actor = 'Grace Hopper' OR erased IS NOT NULL"
        rows = self.query(who)
        self.assertEqual([row["actor"] for row in rows], ["Grace Hopper"])
        run = surety("log", "erase", str(rows[0]["entry"]), "--reason", "Asked for", self.directory)
        self.assertEqual(run.code, 0, run.err)
        rows = self.query(who)
        self.assertEqual([(row["actor"], row["erased"]) for row in rows], [(None, "actor")])

    def test_without_cache_nothing_is_written(self):
        self.assess("--no-cache")
        self.assertFalse(self.file.exists())


if __name__ == "__main__":
    unittest.main()
