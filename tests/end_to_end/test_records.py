"""Records: written, checked, signed, held against the rest of the evidence; with OpenSSH's ssh-keygen as the judge of signatures."""
import json
import os
import re
import shutil
import subprocess
import unittest

from surety import PROJECT, Case, surety

SYSTEM = """version: 1
system: {name: x, roles: [developer, system-operator, data-custodian], phase: maintenance}
providers: [{id: acme, name: Acme}]
"""
ROSTER = """version: 1
kind: roster
records:
  - {id: dana, name: Dana Okafor, roles: [security], effective: 2025-01-01}
  - {id: sam, name: Sam Reyes, roles: [developer], effective: 2025-01-01}
"""
PROGRAMME = """version: 1
kind: training-programme
owner: dana
made_by: dana
records:
  - {id: threats, title: Threats, topics: [ai-threats], for_roles: [security], reviewed: 2026-06-01, effective: 2026-01-01}
  - {id: secure, title: Secure AI, topics: [secure-development], for_roles: [developer], reviewed: 2026-06-01, effective: 2026-01-01}
"""
TRAINING = """version: 1
kind: training
owner: dana
made_by: dana
records:
  - {id: t1, person: dana, module: threats, effective: 2026-07-01}
  - {id: t2, person: sam, module: secure, effective: 2026-07-01}
"""


def ssh_keygen(*words, **options):
    return subprocess.run(["ssh-keygen", *map(str, words)], capture_output=True, text=True, timeout=60, **options)


class Records(Case):
    def setUp(self):
        super().setUp()
        self.write("ai-system.yaml", SYSTEM)
        self.write("security/roster.yaml", ROSTER)
        self.write("security/training-programme.yaml", PROGRAMME)
        self.write("security/training.yaml", TRAINING)

    def provision(self, wanted, **options):
        run = surety("assess", self.directory, "--format", "json", "--no-watch", **options)
        self.assertIn(run.code, (0, 1), run.err)
        return next(p for p in run.json()["provisions"] if p["id"] == wanted)

    def key(self, name, kind="ed25519"):
        made = ssh_keygen("-q", "-t", kind, "-N", "", "-C", name, "-f", self.directory / name)
        self.assertEqual(made.returncode, 0, made.stderr)
        return (self.directory / (name + ".pub")).read_text().strip()

    def attest(self, *attesters):
        self.write("ai-system.yaml", SYSTEM + "attesters:\n" + "".join(
            f"  - {{id: {name}, name: {name.title()}, role: Head of security, keys: [\"{key}\"], kinds: [{kinds}]}}\n"
            for name, key, kinds in attesters))

    def test_training_counts_for_people_of_the_roster_with_that_role(self):
        self.assertEqual(self.provision("1.1.1")["verdict"], "pass")
        self.assertEqual(self.provision("1.2.2")["verdict"], "pass")
        self.write("security/training.yaml", TRAINING.replace("person: sam, module: secure", "person: sam, module: threats"))
        for provision in ("1.1.1", "1.2.2"):
            self.assertEqual(self.provision(provision)["verdict"], "fail")
            self.assertIn("sam", json.dumps(self.provision(provision)))
        self.write("security/training.yaml", TRAINING)
        self.write("security/threat-briefing.yaml", """version: 1
kind: threat-briefing
owner: dana
made_by: dana
records:
  - {id: b1, title: New, threats: [AML.T0051], mitigations: [filter], material: true, effective: 2026-09-01,
     channels: [{kind: mail, reference: m1}, {kind: chat, reference: c1}], read_by: [{person: sam, date: 2026-09-02}]}
""")
        result = self.provision("1.2.2")
        self.assertEqual(result["verdict"], "fail")
        self.assertIn("before the threat briefing b1", json.dumps(result))
        self.assertIn("dana", json.dumps(self.provision("1.2")))
        self.assertEqual(self.provision("1.2.1")["verdict"], "pass")

    def test_who_has_not_read_threat_briefings_is_named_once_with_the_newest(self):
        self.write("security/threat-briefing.yaml", "version: 1\nkind: threat-briefing\nowner: dana\nmade_by: dana\nrecords:\n" + "".join(
            f"  - {{id: b{month}, title: New, threats: [AML.T0051], mitigations: [filter], material: false, effective: 2026-0{month}-01,\n"
            f"     channels: [{{kind: mail, reference: m}}], read_by: [{reader}]}}\n"
            for month, reader in ((7, "{person: dana, date: 2026-07-02}"), (8, ""), (9, "{person: sam, date: 2026-09-02}"))))
        checks = {check["id"]: check for check in self.provision("1.2")["checks"]}
        self.assertEqual({each["subject"]: each["reason"] for each in checks["staff-read-threat-briefings"]["observations"]}, {
            "dana": "has not confirmed having read the threat briefing b9 of 2026-09-01, the newest of 2 that this person has not",
            "sam": "has not confirmed having read the threat briefing b8 of 2026-08-01, the newest of 2 that this person has not"})
        self.assertIn("9 records in security/", re.sub(r"\s+", " ", surety("assess", self.directory, "--no-watch", "--no-record").out))

    def test_a_draft_of_every_kind_is_valid_and_nothing_passes_by_it(self):
        shutil.rmtree(self.directory / "security")
        before = surety("assess", self.directory, "--format", "json", "--no-record").json()
        kinds = [line.split(",")[0] for line in surety("record", "kinds", "--format", "csv").out.splitlines()[1:]]
        self.assertGreaterEqual(len(kinds), 23)
        for kind in kinds:
            run = surety("record", "new", kind, cwd=self.directory)
            self.assert_code(run, 0)
        self.assert_code(surety("record", "new", "risk", cwd=self.directory), 2)
        self.assert_code(surety("record", "check", self.directory), 0)
        after = surety("assess", self.directory, "--format", "json", "--no-record").json()
        self.assertEqual([p["verdict"] for p in before["provisions"]], [p["verdict"] for p in after["provisions"]])
        run = surety("record", "new", "trainin", cwd=self.directory)
        self.assert_code(run, 2)
        self.assertIn("did you mean training?", run.err)

    def test_what_is_wrong_is_told_with_file_line_and_reason(self):
        for content, place, reason in (
                (TRAINING.replace("person: sam", "person: saam"), "security/training.yaml:7", "did you mean \"sam\"?"),
                (TRAINING.replace("module: secure", "modul: secure"), "security/training.yaml:7", "module"),
                (TRAINING.replace("2026-07-01}\n  - {id: t2", "2027-07-01}\n  - {id: t2"), "security/training.yaml:6", "still to come"),
                (TRAINING.replace("kind: training", "kind: trainings"), "security/training.yaml:2", "did you mean \"training\"?"),
                (TRAINING + "  - [", "security/training.yaml", "")):
            self.write("security/training.yaml", content)
            for words in (("assess", self.directory, "--no-record"), ("record", "check", self.directory)):
                run = surety(*words)
                self.assert_code(run, 2)
                self.assertIn(place, run.err)
                self.assertIn(reason, run.err)

    @unittest.skipUnless(shutil.which("ssh-keygen"), "there is no ssh-keygen")
    def test_signatures_are_those_of_ssh_keygen(self):
        for kind in ("ed25519", "ecdsa", "rsa"):
            public = self.key("ciso-" + kind, kind)
            self.attest(("ciso", public, "roster"))
            target = self.directory / "security/roster.yaml"
            signature = self.directory / "security/roster.yaml.sig"
            allowed = self.write("allowed", "ciso " + public + "\n") or self.directory / "allowed"
            self.assert_code(surety("record", "sign", target, "--key", self.directory / ("ciso-" + kind)), 0)
            verified = ssh_keygen("-Y", "verify", "-f", allowed, "-I", "ciso", "-n", "surety-record", "-s", signature,
                                  input=target.read_text())
            self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
            self.assert_code(surety("record", "check", self.directory), 0)
            signature.unlink()
            made = ssh_keygen("-Y", "sign", "-f", self.directory / ("ciso-" + kind), "-n", "surety-record", target)
            self.assertEqual(made.returncode, 0, made.stderr)
            run = surety("record", "check", self.directory)
            self.assert_code(run, 0)
            self.assertIn("1 of them signed", run.out)
            signature.unlink()

    @unittest.skipUnless(shutil.which("ssh-keygen"), "there is no ssh-keygen")
    def test_an_encrypted_key_signs_with_its_passphrase_alone(self):
        made = ssh_keygen("-q", "-t", "ed25519", "-a", "1", "-N", "correct horse", "-C", "ciso", "-f", self.directory / "ciso")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.attest(("ciso", (self.directory / "ciso.pub").read_text().strip(), "roster"))
        target = self.directory / "security/roster.yaml"
        sign = ("record", "sign", target, "--key", self.directory / "ciso", "--passphrase-file", self.directory / "passphrase")
        self.write("passphrase", "wrong\n")
        run = surety(*sign)
        self.assert_code(run, 2)
        self.assertIn("incorrect passphrase", run.err)
        self.assertNotIn("wrong", run.err)
        self.assertFalse((self.directory / "security/roster.yaml.sig").exists())
        self.write("passphrase", "correct horse\n")
        self.assert_code(surety(*sign), 0)
        self.assertIn("1 of them signed", surety("record", "check", self.directory).out)
        run = surety(*sign, env=dict(os.environ, PATH=str(self.directory)))
        self.assert_code(run, 5)
        self.assertIn("ssh-keygen is not installed", run.err)

    @unittest.skipUnless(shutil.which("ssh-agent") and shutil.which("ssh-add"), "there is no ssh-agent")
    def test_a_key_in_an_agent_signs_by_its_public_half(self):
        self.key("ciso", "ecdsa")
        self.attest(("ciso", (self.directory / "ciso.pub").read_text().strip(), "roster"))
        socket = self.directory / "agent"
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE)
        try:
            agent.stdout.readline()  # written once it listens
            environment = dict(os.environ, SSH_AUTH_SOCK=str(socket))
            sign = ("record", "sign", self.directory / "security/roster.yaml", "--key", self.directory / "ciso.pub")
            subprocess.run(["ssh-add", "-q", self.directory / "ciso"], env=environment, check=True, timeout=60)
            (self.directory / "ciso").unlink()
            self.assert_code(surety(*sign, env=environment), 0)
            self.assertIn("1 of them signed", surety("record", "check", self.directory).out)
            subprocess.run(["ssh-add", "-q", "-D"], env=environment, check=True, timeout=60)
            run = surety(*sign, env=environment)
            self.assert_code(run, 2)
            self.assertIn("ssh-keygen did not sign", run.err)
        finally:
            agent.terminate()
            agent.communicate(timeout=60)

    @unittest.skipUnless(shutil.which("ssh-keygen"), "there is no ssh-keygen")
    def test_an_attested_record_is_stronger_and_a_wrong_signature_stops_everything(self):
        unsigned = self.provision("1.1")
        self.assertEqual((unsigned["verdict"], unsigned["strength"]), ("pass", "documented"))
        public = self.key("ciso")
        self.attest(("ciso", public, "training-programme"))
        target = self.directory / "security/training-programme.yaml"
        self.assert_code(surety("record", "sign", target, "--key", self.directory / "ciso"), 0)
        signed = self.provision("1.1")
        self.assertEqual((signed["verdict"], signed["strength"]), ("pass", "attested"))
        self.assertIn("Head of security", signed["attested_by"])
        self.attest(("ciso", public, "risk"))
        run = surety("assess", self.directory, "--no-record")
        self.assert_code(run, 4)
        self.assertIn("may not attest records of kind training-programme", run.err)
        self.attest(("other", self.key("other"), "training-programme"))
        self.assert_code(surety("assess", self.directory, "--no-record"), 4)
        self.attest(("ciso", public, "training-programme"))
        content = target.read_bytes()
        for at in range(0, len(content), 29):
            target.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
            self.assertIn(surety("record", "check", self.directory).code, (2, 4), at)
        target.write_bytes(content)
        (self.directory / "ciso").chmod(0o644)
        run = surety("record", "sign", target, "--key", self.directory / "ciso")
        self.assert_code(run, 2)
        self.assertIn("others may use it", run.err)

    @unittest.skipUnless(shutil.which("ssh-keygen"), "there is no ssh-keygen")
    def test_each_person_attests_only_the_provisions_that_are_theirs(self):
        keys = {name: self.key(name) for name in ("dana", "ola")}
        self.write("ai-system.yaml", SYSTEM + "attesters:\n" + "".join(
            f"  - {{id: {name}, name: {name.title()}, role: R, keys: [\"{key}\"], provisions: [{provisions}]}}\n"
            for (name, key), provisions in zip(keys.items(), ("\"1.1.1\"", "\"1.2.2\""))))
        for name in ("roster", "training"):
            self.assert_code(surety("record", "sign", self.directory / f"security/{name}.yaml", "--key",
                                    self.directory / "dana"), 0)
        self.assertEqual(self.provision("1.1.1")["strength"], "attested")
        other = self.provision("1.2.2")
        self.assertEqual((other["verdict"], other["strength"]), ("pass", "documented"))
        self.assertIn("no signature of it counts for 1.2.2", other["attested_by"])
        for name in ("roster", "training"):
            file = self.directory / f"security/{name}.yaml"
            self.assert_code(surety("record", "sign", file, "--key", self.directory / "ola", "--output",
                                    f"{file}.ola.sig"), 0)
        self.assertEqual(self.provision("1.2.2")["strength"], "attested")
        self.assertEqual(self.provision("1.1.1")["strength"], "attested")

    @unittest.skipUnless(shutil.which("ssh-keygen"), "there is no ssh-keygen")
    def test_exceptions_are_signed_by_owners_who_may_except(self):
        self.write("security/training.yaml", TRAINING.replace("person: sam, module: secure", "person: sam, module: threats"))
        self.write("security/exceptions.yaml", """version: 1
exceptions:
  - {provision: "1.1.1", owner: dana, reason: Sam is trained in December., compensating_control: Sam merges nothing alone.,
     created: 2026-06-01, expires: 2027-06-01}
""")
        unsigned = self.provision("1.1.1", env={"SOURCE_DATE_EPOCH": "1796000000"})
        self.assertEqual((unsigned["verdict"], unsigned["shown_as"]), ("fail", "excepted"))
        text = surety("assess", self.directory, "-v", env={"SOURCE_DATE_EPOCH": "1796000000"}).out
        self.assertIn("dana (not signed)", " ".join(text.split()))
        attester = "  - {{id: dana, name: Dana, role: Head, keys: [\"{}\"], {}}}\n"
        key = self.key("dana")
        self.write("ai-system.yaml", SYSTEM + "attesters:\n" + attester.format(key, "exceptions: true"))
        self.assertEqual(self.provision("1.1.1", env={"SOURCE_DATE_EPOCH": "1796000000"})["shown_as"], "fail")
        target = self.directory / "security/exceptions.yaml"
        self.assert_code(surety("record", "sign", target, "--key", self.directory / "dana"), 0)
        signed = self.provision("1.1.1", env={"SOURCE_DATE_EPOCH": "1796000000"})
        self.assertEqual((signed["verdict"], signed["shown_as"]), ("fail", "excepted"))
        for wrong, message in ((attester.format(key, "kinds: [roster]"), "may not accept failures"),
                               (attester.format(key, "exceptions: true, provisions: [\"7.1\"]"), "owns no exception"),
                               (attester.format(self.key("other"), "exceptions: true"), "no attester")):
            self.write("ai-system.yaml", SYSTEM + "attesters:\n" + wrong)
            run = surety("assess", self.directory, "--no-record")
            self.assert_code(run, 4)
            self.assertIn(message, run.err)
            self.assertIn("exceptions.yaml.sig", run.err)
        self.write("ai-system.yaml", SYSTEM + "attesters:\n" + attester.format(key, "exceptions: true"))
        target.write_text(target.read_text().replace("2027-06-01", "2027-06-02"))
        self.assert_code(surety("assess", self.directory, "--no-record"), 4)

    def test_keys_of_our_own_sign_too(self):
        self.assert_code(surety("keygen", "--private-key", "k.pem", "--algorithm", "ed25519", cwd=self.directory), 0)
        self.write("ai-system.yaml", SYSTEM + "attesters:\n  - {id: a, name: A, role: B, keys: [k.pem.pub], kinds: [roster]}\n")
        self.assert_code(surety("record", "sign", "security/roster.yaml", "--key", "k.pem", cwd=self.directory), 0)
        run = surety("record", "list", self.directory, "--kind", "roster", "--format", "json")
        self.assert_code(run, 0)
        self.assertEqual([row["signed by"] for row in run.json()], ["A", "A"])

    def test_the_ledger_keeps_the_day_on_which_it_first_saw_a_record(self):
        query = ("query", "SELECT id, received FROM record_training ORDER BY id", "--format", "json")
        surety("assess", self.directory, "--no-watch")
        self.assertEqual({row["received"] for row in surety(*query, cwd=self.directory).json()}, {"2026-11-23"})
        self.write("security/training.yaml", TRAINING.replace("records:\n", "records:\n  # moved down\n") +
                   "  - {id: t3, person: sam, module: threats, effective: 2026-07-02}\n")
        later = {"SOURCE_DATE_EPOCH": "1796256000"}  # 2026-12-03
        surety("assess", self.directory, "--no-watch", env=later)
        self.assertEqual([row["received"] for row in surety(*query, cwd=self.directory, env=later).json()],
                         ["2026-11-23", "2026-11-23", "2026-12-03"])
        (self.directory / "security/training.yaml").unlink()
        surety("assess", self.directory, "--no-watch", env=later)
        self.assertEqual(surety(*query, cwd=self.directory, env=later).json(), [])

    def test_plans_and_documents_are_bound_to_their_bytes(self):
        self.write("docs/plan.md", "# Plan\n")
        digest = subprocess.run(["sha256sum", self.directory / "docs/plan.md"], capture_output=True, text=True).stdout.split()[0]
        self.write("security/incident-plan.yaml", f"""version: 1
kind: incident-plan
owner: dana
made_by: dana
records:
  - {{id: p, effective: 2026-05-01, path: docs/plan.md, sha256: {digest}, responsible: dana, scenarios: [injection],
     support: {{end_users: mail, affected_entities: page, contact: help@example.org, agreed_in: terms 9}},
     exercises: [{{date: 2026-05-20, form: tabletop, scenario: injection, led_by: dana}}]}}
""")
        self.assertEqual(self.provision("10.3")["verdict"], "pass")
        self.write("docs/plan.md", "# Another plan\n")
        result = self.provision("10.3")
        self.assertEqual((result["verdict"], result["stale"]), ("inconclusive", True))
        self.assertIn("docs/plan.md was changed", json.dumps(result))
        (self.directory / "docs/plan.md").unlink()
        self.assertEqual(self.provision("10.3")["verdict"], "fail")

    def test_ten_thousand_records_are_read(self):
        many = "".join(f"  - {{id: m{i}, person: sam, module: secure, effective: 2026-07-01}}\n" for i in range(10_000))
        self.write("security/training.yaml", TRAINING + many)
        self.assertEqual(self.provision("1.1.1")["verdict"], "pass")
        run = surety("query", "SELECT count(*) AS n FROM record_training", "--format", "json", cwd=self.directory)
        self.assertEqual(run.json()[0]["n"], "10002")


class Pages(unittest.TestCase):
    maxDiff = None

    def test_the_page_of_provisions_is_what_the_catalogue_gives(self):
        self.assertEqual(surety("explain", "--all").out, (PROJECT / "docs/provisions.md").read_text())

    def test_the_page_of_formats_names_every_field_of_every_kind(self):
        page = (PROJECT / "docs/formats/records.md").read_text()
        for path in sorted((PROJECT / "schemas/records").glob("*.json")):
            kind = path.name.split(".")[0]
            section = page.split(f"\n## {kind}\n")[1].split("\n## ")[0]

            def fields(schema, prefix=""):
                for name, member in schema.get("properties", {}).items():
                    if prefix or name not in ("id", "effective", "valid_until", "owner", "made_by", "note"):
                        self.assertIn(f"`{prefix}{name}`", section, kind)
                    fields(member, prefix + name + ".")
                    fields(member.get("items", {}), prefix + name + "[].")
            fields(json.loads(path.read_text())["$defs"]["record"])


if __name__ == "__main__":
    unittest.main()
