"""The threat model: what it is derived from, how its states change, and the notices that pass it on."""
import json
import os
import pathlib
import sys
import unittest
import xml.etree.ElementTree

from surety import Case, PROJECT, surety

sys.path.insert(0, str(PROJECT / "bench"))
import threats as cases  # noqa: E402

SYSTEM = """version: 1
system: {name: Desk, owner: ops@example.org, roles: [developer, system-operator], end_users: true%s}
models:
  - {id: base, hosted: model-1, revision: "1", provider: vendor, origin: third-party}
tools:
  - {id: send_mail, purpose: Sends mail., effect: send, scope: customers, approval: %s}
interfaces:
  - {id: chat, kind: chat, exposure: public, uses: [base, send_mail], authentication: oidc, rate_limit: 5/minute, max_input_bytes: 1000, output_rendered_as: [plain-text]}
providers:
  - {id: vendor, name: Vendor}
"""
AGENCY = "T-AGENCY@send_mail"


class Threats(Case):
    def system(self, extra="", approval="none", more=""):
        self.write("ai-system.yaml", SYSTEM % (extra, approval) + more)

    def model(self, *words, **options):
        run = surety("threats", self.directory, "--format", "json", *words, **options)
        self.assertEqual(run.code, 0, run.err)
        return run.json()

    def threats(self, *words, **options):
        return {threat["id"]: threat for threat in self.model(*words, **options).get("threats", [])}

    def verdicts(self, **options):
        run = surety("assess", self.directory, "--format", "json", "--no-watch", **options)
        return {provision["id"]: provision for provision in run.json()["provisions"]}

    def check(self, provision, check, **options):
        found = [c for c in self.verdicts(**options)[provision]["checks"] if c["id"] == check]
        return found[0]["verdict"]

    def garak(self, file, day, target="openai:model-1", **counts):
        """Imports a garak report: of each probe, how many answers of nine withstood."""
        lines = [{"entry_type": "start_run setup", "plugins.target_type": target.split(":")[0],
                  "plugins.target_name": target.split(":")[1]},
                 {"entry_type": "init", "garak_version": "0.17.1", "start_time": day + "T10:00:00"}]
        lines += [{"entry_type": "eval", "probe": probe + ".A", "detector": "d", "passed": passed, "fails": 9 - passed,
                   "nones": 0, "total_evaluated": 9} for probe, passed in counts.items()]
        lines.append({"entry_type": "completion", "end_time": day + "T11:00:00"})
        self.write(file, "\n".join(map(json.dumps, lines)))
        run = surety("import", self.directory / file, "-C", self.directory)
        self.assertEqual(run.code, 0, run.err)

    def test_an_attack_that_got_through_takes_claims_away_and_one_that_did_not_shows_that_a_control_works(self):
        now = {"SOURCE_DATE_EPOCH": "1795478400"}  # 2026-11-24
        threat = "T-PI-DIRECT@chat"
        self.system()
        self.garak("one.jsonl", "2026-11-01", promptinject=9, encoding=9)
        bare = self.threats(env=now)[threat]
        self.assertEqual(bare["state"], "open", "attacks are a sample, and there is no control that they tested")
        self.assertIn("was withstood, and no control is declared", bare["state_reason"])
        self.write("filter.py", "def check(text): pass\n")
        self.write("ai-system.yaml", (SYSTEM % ("", "none")).replace("rate_limit", "input_checks: [filter.py], rate_limit"))
        proved = self.threats(env=now)[threat]
        self.assertEqual(proved["state"], "mitigated-proved")
        self.assertEqual({proof["strength"] for proof in proved["proofs"]}, {"imported"})
        self.assertIn("the test prompt-injection of base on 2026-11-01 (garak) was withstood",
                      [proof["text"] for proof in proved["proofs"]])
        self.assertEqual(self.threats(env={"SOURCE_DATE_EPOCH": "1827100800"})[threat]["state"], "mitigated-claimed",
                         "a test of more than a year ago shows nothing of today")
        self.garak("two.jsonl", "2026-11-10", promptinject=8)
        broken = self.threats(env=now)[threat]
        self.assertEqual(broken["state"], "open")
        self.assertIn("of base on 2026-11-10 (garak) got through", broken["state_reason"])
        self.garak("three.jsonl", "2026-11-11", promptinject=9)
        self.assertEqual(self.threats(env=now)[threat]["state"], "mitigated-proved", "the newest of the tool counts")
        self.garak("other.jsonl", "2026-11-12", target="openai:model-10", promptinject=1)
        self.assertEqual(self.threats(env=now)[threat]["state"], "mitigated-proved", "that was another model")

    def test_a_change_of_a_file_changes_the_threats(self):
        self.system()
        before = self.threats()
        self.assertEqual(before[AGENCY]["state"], "open")
        self.assertIn("nobody approves", before[AGENCY]["reason"])
        self.assertEqual(before[AGENCY]["place"], "ai-system.yaml, line 6")
        self.assertIn("T-PI-DIRECT@chat", before)
        self.system(approval="human, enforced_by: approval.py, verified_by: test.py")
        self.assertEqual(self.threats()[AGENCY]["state"], "open", "what enforces it is not there")
        self.write("approval.py", "def ask(): pass\n")
        self.write("test.py", "def test(): pass\n")
        claimed = self.threats()[AGENCY]
        self.assertEqual(claimed["state"], "mitigated-claimed", "a file shows that somebody wrote it, not that it works")
        self.assertNotIn("T-HUMAN@send_mail", self.threats())
        self.assertEqual(before.keys() - self.threats().keys(), set())

    def test_ids_stay_when_names_change(self):
        self.system()
        before = set(self.threats())
        self.write("ai-system.yaml", (self.directory / "ai-system.yaml").read_text().replace("name: Desk", "name: Other")
                   .replace("Sends mail.", "Sends letters."))
        self.assertEqual(set(self.threats()), before)

    def test_an_acceptance_holds_until_its_day_and_reopens_after_it(self):
        self.system(more="accepted_threats:\n"
                         f"  - {{threat: {AGENCY}, owner: ciso, until: 2026-11-23, reason: trial}}\n")
        accepted = self.threats()[AGENCY]
        self.assertEqual((accepted["state"], accepted["owner"], accepted["until"]), ("accepted", "ciso", "2026-11-23"))
        later = self.threats(env={"SOURCE_DATE_EPOCH": "1795478400"})[AGENCY]
        self.assertEqual(later["state"], "open")
        self.assertIn("that day is past", later["state_reason"])

    def test_an_exclusion_needs_a_person_and_a_reason_and_holds_for_a_rule(self):
        self.system(more="excluded_threats:\n  - {threat: T-AGENCY, by: architect, reason: a dry run only}\n")
        self.assertEqual(self.threats()[AGENCY]["state"], "not-applicable")
        self.system(more="excluded_threats:\n  - {threat: T-AGENCY, by: architect}\n")
        run = surety("threats", self.directory)
        self.assertEqual(run.code, 2)
        self.assertIn("reason", run.err)

    def test_impact_is_the_declared_one(self):
        self.system()
        self.assertEqual(self.threats()[AGENCY]["risk"], "high")
        self.system(extra=", impact: {integrity: high, availability: low}")
        self.assertEqual(self.threats()[AGENCY]["risk"], "critical")
        self.system(extra=", impact: {integrity: low, availability: low}")
        self.assertEqual(self.threats()[AGENCY]["risk"], "medium")

    def test_what_nothing_uses_is_superfluous(self):
        text = SYSTEM % ("", "none")
        self.write("ai-system.yaml", text.replace("uses: [base, send_mail]", "uses: [base]"))
        model = self.model()
        self.assertIn(("tool", "send_mail"), {(s["kind"], s["name"]) for s in model["surplus"]})
        self.assertIn("T-SUPERFLUOUS@send_mail", {t["id"] for t in model["threats"]})
        self.assertEqual(self.check("3.1.2", "superfluous-functions-are-managed"), "fail")

    def test_files_speak_without_being_declared(self):
        self.write("run.py", "import openai\nclient = openai.OpenAI()\n"
                             "response = client.chat.completions.create(model='gpt-4o', messages=[])\n"
                             "print(eval(response.choices[0].message.content))\n")
        self.write("model.pkl", b"cos\nsystem\n(S'true'\ntR.")
        found = self.threats()
        self.assertEqual(found["T-MODEL-CODE@model.pkl"]["state"], "open")
        self.assertIn("T-OUT-EXEC@run.py", found)
        self.assertEqual(self.check("3.1.3", "derived-risks-are-answered"), "inconclusive", "nobody declared anything")

    def test_a_clean_scan_of_this_digest_is_proof(self):
        self.write("model.pkl", b"\x80\x04K\x01.")
        self.assertEqual(self.threats()["T-MODEL-CODE@model.pkl"]["state"], "mitigated-proved")

    def test_circles_and_many_elements_end(self):
        models = "".join(f"  - {{id: m{i}, path: models/{i}.gguf, origin: third-party, derived_from: [m{(i + 1) % 5000}]}}\n"
                         for i in range(5000))
        self.write("ai-system.yaml", "version: 1\nsystem: {name: x, roles: [developer]}\nmodels:\n" + models +
                   "components:\n  - {id: a, kind: agent, uses: [b, m0]}\n  - {id: b, kind: agent, uses: [a]}\n"
                   "flows:\n  - {source: users, target: a, trust: untrusted}\n  - {source: a, target: b}\n"
                   "  - {source: b, target: a}\n")
        model = self.model("--no-record")
        self.assertGreaterEqual(len(model["threats"]), 5000)
        svg = surety("threats", self.directory, "--no-record", "--format", "svg")
        self.assertEqual(svg.code, 0, svg.err)
        self.assertLess(len(svg.out), 200_000)

    def test_every_format_is_well_formed_and_the_same_twice(self):
        self.system()
        for form in ("text", "json", "markdown", "csv", "navigator", "svg"):
            first = surety("threats", self.directory, "--format", form)
            self.assertEqual(first.code, 0, first.err)
            self.assertEqual(first.out, surety("threats", self.directory, "--format", form).out, form)
            self.assertIn("AML.T0053" if form == "navigator" else "send_mail" if form == "svg" else "T-AGENCY", first.out)
        self.assertTrue(all(len(line) <= 80 for line in surety("threats", self.directory).out.splitlines()))
        root = xml.etree.ElementTree.fromstring(surety("threats", self.directory, "--format", "svg").out)
        self.assertTrue(root.tag.endswith("svg"))
        layer = surety("threats", self.directory, "--format", "navigator").json()
        self.assertIn("AML.T0053", {technique["techniqueID"] for technique in layer["techniques"]})

    def test_open_threats_can_gate(self):
        self.system()
        self.assertEqual(surety("threats", self.directory, "--fail-on", "high").code, 1)
        self.assertEqual(surety("threats", self.directory, "--fail-on", "critical").code, 0)

    def test_rules_of_users_join_in_and_bad_ones_are_refused(self):
        self.system()
        rule = ("- id: T-MINE\n  title: Mine\n  description: d\n  consequence: c\n  advice: a\n  harms: [integrity]\n"
                "  maturity: feasible\n  stride: [tampering]\n  provisions: ['2.2']\n  when: {}\n")
        self.write("rules/mine.yaml", rule.format("SELECT id AS element FROM declared_tools"))
        self.assertIn("T-MINE@send_mail", self.threats("--rules", self.directory / "rules"))
        for sql, said in (("SELECT absent FROM nowhere", "no such table"), ("DELETE FROM threats", "must begin with"),
                          ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c", "too many steps"),
                          ("SELECT NULL AS element", "without an element")):
            self.write("rules/mine.yaml", rule.format(json.dumps(sql)))
            run = surety("threats", self.directory, "--rules", self.directory / "rules")
            self.assertEqual(run.code, 2, sql)
            self.assertRegex(run.err, r"mine\.yaml:\d+: rule T-MINE")
            self.assertIn(said, run.err)

    def test_diff_tells_what_a_change_brought(self):
        self.system()
        self.write("a.json", surety("threats", self.directory, "--format", "json").out)
        text = (self.directory / "ai-system.yaml").read_text()
        self.write("ai-system.yaml", text.replace("effect: send", "effect: read").replace("public", "internal"))
        self.write("b.json", surety("threats", self.directory, "--format", "json").out)
        forth = surety("threats", "diff", self.directory / "a.json", self.directory / "b.json")
        self.assertEqual(forth.code, 0, forth.err)
        self.assertIn("### Gone", forth.out)
        self.assertIn("T-AGENCY@<!-- -->send\\_mail", forth.out)
        back = surety("threats", "diff", "--fail", self.directory / "b.json", self.directory / "a.json")
        self.assertEqual(back.code, 1)
        self.assertIn("### New", back.out)
        kept = surety("threats", "diff", "-C", self.directory)
        self.assertIn("### Gone", kept.out)
        self.write("b.json", "{}")
        self.assertEqual(surety("threats", "diff", self.directory / "a.json", self.directory / "b.json").code, 2)

    def test_a_review_is_bound_to_what_it_saw(self):
        self.system()
        self.write("prompts/system.md", "Answer politely.\n")
        self.assertEqual(surety("threats", "review", self.directory, "--by", "A. Engineer").code, 0)
        self.assertEqual(self.check("3.1.1", "threat-model-follows-changes"), "pass")
        self.write("prompts/system.md", "Answer rudely.\n")
        provision = self.verdicts()["3.1.1"]
        self.assertEqual(provision["verdict"], "inconclusive")
        self.assertTrue(provision.get("stale"))
        self.assertIn("prompts/system.md", json.dumps(provision))
        surety("threats", "review", self.directory, "--by", "A. Engineer")
        self.assertEqual(self.check("3.1.1", "threat-model-follows-changes"), "pass")


class Notices(Case):
    def setUp(self):
        super().setUp()
        self.maker = self.directory / "maker"
        self.city = self.directory / "city"
        for name, folder, roles in (("maker", self.maker, "[developer]"), ("city", self.city, "[system-operator]")):
            self.write(f"{name}/ai-system.yaml",
                       (SYSTEM % (", distribution: product", "none")).replace("[developer, system-operator]", roles))
            run = surety("keygen", "--private-key", self.directory / f"{name}.key", "--algorithm", "ed25519")
            self.assertEqual(run.code, 0, run.err)
            self.assertIn(surety("assess", folder, "--no-watch", "-q").code, (0, 1))

    def check(self, folder, check, day=None):
        run = surety("assess", folder, "--format", "json", "--no-watch",
                     env={"SOURCE_DATE_EPOCH": day} if day else None)
        for provision in run.json()["provisions"]:
            for result in provision["checks"]:
                if result["id"] == check:
                    return result["verdict"]
        raise AssertionError(check)

    def send(self):
        run = surety("threats", "notice", self.maker, "--to", "City", "--due", "10", "--key", self.directory / "maker.key",
                     "-o", self.directory / "notice.json")
        self.assertEqual(run.code, 0, run.err)
        return run

    def take(self, file="notice.json", key="maker.key.pub", into=None):
        return surety("threats", "import", self.directory / file, "-C", into or self.city, "--trust", self.directory / key)

    def test_a_notice_goes_there_and_its_answer_back(self):
        self.assertEqual(self.check(self.maker, "unresolved-threats-are-passed-on"), "fail")
        self.send()
        self.assertEqual(self.check(self.maker, "unresolved-threats-are-passed-on"), "pass")
        self.assertEqual(self.check(self.city, "received-threats-are-acknowledged"), "inconclusive", "none came")
        taken = self.take()
        self.assertEqual(taken.code, 0, taken.err)
        self.assertIn("from ops@example.org", taken.err)
        self.assertEqual(self.check(self.city, "received-threats-are-acknowledged"), "inconclusive", "not answered yet")
        late = "1796601600"  # 2026-12-07
        self.assertEqual(self.check(self.city, "received-threats-are-acknowledged", late), "fail", "overdue there")
        self.assertEqual(self.check(self.maker, "unresolved-threats-are-passed-on", late), "fail", "and here")
        self.write("city/limits.md", "# Limits\n\nThe assistant can be misled.\n")
        answer = surety("threats", "acknowledge", "-C", self.city, "--by", "ops", "--key", self.directory / "city.key",
                        "--told-in", "limits.md", "-o", self.directory / "answer.json")
        self.assertEqual(answer.code, 0, answer.err)
        self.assertEqual(self.check(self.city, "received-threats-are-acknowledged", late), "pass")
        back = self.take("answer.json", "city.key.pub", self.maker)
        self.assertEqual(back.code, 0, back.err)
        self.assertEqual(self.check(self.maker, "unresolved-threats-are-passed-on", late), "pass")

    def test_what_was_changed_or_signed_by_another_is_refused(self):
        self.send()
        self.assertEqual(self.take(key="city.key.pub").code, 4)
        envelope = json.loads((self.directory / "notice.json").read_text())
        payload = envelope["payload"]
        middle = len(payload) // 2
        envelope["payload"] = payload[:middle] + ("A" if payload[middle] != "A" else "B") + payload[middle + 1:]
        self.write("notice.json", json.dumps(envelope))
        self.assertEqual(self.take().code, 4)
        self.write("notice.json", "{}")
        self.assertEqual(self.take().code, 2)
        self.assertEqual(surety("threats", "import", self.directory / "none.json", "-C", self.city, "--trust",
                                self.directory / "maker.key.pub").code, 2)

    def test_answers_to_nothing_are_refused(self):
        run = surety("threats", "acknowledge", "-C", self.city, "--by", "ops", "--key", self.directory / "city.key")
        self.assertEqual(run.code, 2)
        self.assertIn("no notice", run.err)
        run = surety("threats", "acknowledge", "T-NONE@x", "-C", self.city, "--by", "ops")
        self.assertEqual(run.code, 2)
        self.assertIn("no threat of that id", run.err)
        self.send()
        self.take()
        answer = surety("threats", "acknowledge", "-C", self.city, "--by", "ops", "--key", self.directory / "city.key",
                        "-o", self.directory / "answer.json")
        self.assertEqual(answer.code, 0, answer.err)
        self.assertEqual(self.take("answer.json", "city.key.pub", self.city).code, 2, "it was not sent from there")
        self.assertEqual(surety("threats", "acknowledge", AGENCY, "-C", self.city, "--by", "ops", "--told-in",
                                "/etc/passwd", "--key", self.directory / "city.key").code, 2)


class Measured(unittest.TestCase):
    """What docs/guides/threats.md says was measured."""

    def test_recall_and_precision_are_what_the_guide_says(self):
        result = cases.measure(os.environ.get("SURETY", str(PROJECT / "build/dev/src/app/surety")))
        guide = (PROJECT / "docs/guides/threats.md").read_text()
        for case in result["cases"]:
            row = (f"| {case['case']} | {len(case['expected'])} | {len(case['found'])} | "
                   f"{', '.join(case['missed']) or 'none'} |")
            self.assertIn(row, guide)
        for system in result["benign"]:
            self.assertEqual(system["open"], [], system["system"])
            self.assertEqual(system["surplus"], [], system["system"])
            self.assertIn(f"| {system['system']} | {len(system['threats'])} |", guide)


if __name__ == "__main__":
    unittest.main()
