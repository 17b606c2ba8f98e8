"""Results given to other tools and taken from them, through the real binary."""
import json
import shlex
import shutil
import unittest

from surety import PROJECT, Case, surety


class Report(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT / "examples/support-assistant", self.directory / "system")
        run = surety("assess", "system", "--no-watch", "-f", "json", "-o", "result.json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (1, ""))
        self.result = json.loads((self.directory / "result.json").read_text())

    def test_a_kept_result_is_rendered_to_the_same_bytes(self):
        run = surety("report", "--from", "result.json", "-f", "json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))
        self.assertEqual(run.json(), self.result)
        self.assertEqual(run.bytes, (self.directory / "result.json").read_bytes())

    def test_the_recorded_evidence_gives_the_verdicts_of_the_run_that_recorded_it(self):
        run = surety("report", "system", "-f", "json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))
        report = run.json()
        for field in ("provisions", "counts", "adherence", "findings", "next_steps", "exit_code", "files", "checkpoint"):
            self.assertEqual(report[field], self.result[field], field)

    def test_a_result_that_contradicts_itself_is_refused(self):
        self.result["counts"]["shall"]["fail"] = 0
        self.write("result.json", json.dumps(self.result))
        run = surety("report", "--from", "result.json", cwd=self.directory)
        self.assertEqual((run.code, run.out), (2, ""))
        self.assertIn("result.json:", run.err)
        self.assertIn("counts.shall.fail: does not follow from the verdicts", run.err)

    def test_without_a_recorded_assessment_it_says_what_to_do(self):
        shutil.rmtree(self.directory / "system/.surety")
        run = surety("report", "system", cwd=self.directory)
        self.assertNotEqual(run.code, 0)
        self.assertEqual(run.out, "")
        self.assertIn("run surety assess first", run.err)


SAMPLES = PROJECT / "src/imports/corpus/imports_fuzz"


class Import(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT / "examples/support-assistant", self.directory / "system")
        self.assertEqual(surety("assess", "system", "--no-watch", "-q", cwd=self.directory).code, 1)

    def imported(self, *files):
        run = surety("import", "-C", "system", "-f", "json", *files, cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))
        return run.json()

    def test_every_format_is_recognised_and_recorded(self):
        results = self.imported(*sorted(SAMPLES.iterdir()))
        self.assertEqual({each["format"] for each in results},
                         {"sarif", "cyclonedx-vex", "scorecard", "garak", "promptfoo", "modelscan", "modelaudit", "trivy"})
        run = surety("query", "-C", "system", "-f", "json", cwd=self.directory, *[
            "SELECT file, passed, failed, errors FROM imported_results ORDER BY file"])
        self.assertEqual(len(run.json()), len(results))

    def test_what_a_tool_found_refutes_and_what_it_did_not_find_settles_nothing(self):
        def verdicts():
            run = surety("assess", "system", "--no-watch", "-f", "json", cwd=self.directory)
            return {each["id"]: each for each in run.json()["provisions"]}

        before = verdicts()
        clean = (SAMPLES / "garak.jsonl").read_text().replace('"passed": 6, "fails": 3', '"passed": 9, "fails": 0')
        self.write("clean.jsonl", clean)
        self.imported("clean.jsonl")
        self.assertEqual({id: each["verdict"] for id, each in verdicts().items()},
                         {id: each["verdict"] for id, each in before.items()})
        self.imported(SAMPLES / "garak.jsonl", SAMPLES / "trivy.json")
        after = verdicts()
        self.assertEqual(after["2.2"]["verdict"], "fail")
        check = next(each for each in after["2.2"]["checks"] if each["id"] == "imported-red-team-tests-find-nothing")
        self.assertEqual((check["verdict"], check["strength"]), ("fail", "imported"))
        self.assertIn("3 of 9 answers hit", check["observations"][0]["reason"])
        self.assertEqual(after["11.1"]["verdict"], "fail")

    def test_a_finding_counts_while_the_scanned_bytes_are_there(self):
        scanned = self.directory / "system/app/triage.py"
        sarif = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "audit"}}, "results": [
            {"ruleId": "R", "level": "error", "message": {"text": "bad"},
             "locations": [{"physicalLocation": {"artifactLocation": {"uri": "app/triage.py"}}}]}]}]}
        self.write("audit.sarif", json.dumps(sarif))
        (result,) = self.imported("audit.sarif")
        self.assertEqual(result["subjects"][0]["path"], "app/triage.py")
        self.assertTrue(result["subjects"][0]["digest_is_ours"])

        def objections():
            run = surety("query", "-C", "system", "-f", "json", "--check", "imported-code-scans-find-nothing-serious",
                         cwd=self.directory)
            return run.json()

        surety("assess", "system", "--no-watch", "-q", cwd=self.directory)
        self.assertEqual(len(objections()), 1)
        scanned.write_text(scanned.read_text() + "\n# changed\n")
        surety("assess", "system", "--no-watch", "-q", cwd=self.directory)
        self.assertEqual(objections(), [])

    def test_the_sarif_of_this_program_is_read_back_whole(self):
        done = surety("report", "system", "--format", "sarif", "-o", "own.sarif", cwd=self.directory)
        self.assertEqual((done.code, done.err), (0, ""))
        results = json.loads((self.directory / "own.sarif").read_text())["runs"][0]["results"]
        (result,) = self.imported("own.sarif")
        self.assertEqual((result["tool"], result["failed"], result["errors"]), ("Surety", len(results), 0))
        self.assertIn("config/service.env", [each["path"] for each in result["subjects"]])

    def test_a_result_with_nothing_in_it_is_refused_and_then_nothing_is_recorded(self):
        self.write("empty.sarif", json.dumps({"version": "2.1.0", "runs": []}))
        run = surety("import", "-C", "system", SAMPLES / "trivy.json", "empty.sarif", cwd=self.directory)
        self.assertEqual((run.code, run.out), (2, ""))
        self.assertIn("empty.sarif: nothing to import", run.err)
        rows = surety("query", "-C", "system", "-f", "json", "SELECT * FROM imported_results", cwd=self.directory)
        self.assertEqual(rows.json(), [])

    def test_no_record_touches_nothing(self):
        run = surety("import", "-C", "system", "--no-record", SAMPLES / "trivy.json", cwd=self.directory)
        self.assertEqual(run.code, 0)
        self.assertIn("Nothing was recorded", run.out)
        rows = surety("query", "-C", "system", "-f", "json", "SELECT * FROM imported_results", cwd=self.directory)
        self.assertEqual(rows.json(), [])


class Next(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT / "examples/support-assistant", self.directory / "system")
        run = surety("assess", "system", "--no-watch", "-f", "json", cwd=self.directory)
        self.provisions = {each["id"]: each for each in run.json()["provisions"]}

    def test_steps_are_cheapest_first_and_cover_all_that_is_open(self):
        steps = surety("next", "system", "--count", "100", "-f", "json", cwd=self.directory).json()["steps"]
        covered = [id for step in steps for id in step["provisions"]]
        self.assertEqual(sorted(covered), sorted(id for id, each in self.provisions.items()
                                                 if each["verdict"] in ("fail", "inconclusive")
                                                 and each["shown_as"] != "excepted"))
        self.assertEqual(steps[0]["verb"], "shall")
        self.assertTrue(steps[0]["known_fault"])
        for step in steps:
            self.assertTrue(step["run"], step)
            for before in step["after"]:
                self.assertLess(before, step["step"])

    def test_every_command_of_a_step_is_one_of_the_program(self):
        steps = surety("next", "system", "--count", "100", "-f", "json", cwd=self.directory).json()["steps"]
        for command in {command for step in steps for command in step["run"]}:
            words = shlex.split(command)
            self.assertEqual(words[0], "surety")
            self.assertEqual(surety("help", words[1]).code, 0, command)
            if words[1] in ("query", "explain", "inventory", "bom", "scan", "threats", "record"):
                self.assertIn(surety(*words[1:], cwd=self.directory).code, (0, 1, 3), command)

    def test_a_plan_says_what_fits_and_what_does_not(self):
        plan = surety("plan", "system", "--by", "2026-12-01", "-f", "json", cwd=self.directory).json()
        fits = [step["fits"] for step in plan["steps"]]
        self.assertEqual(fits, sorted(fits, reverse=True))
        self.assertIn(False, fits)
        self.assertEqual([step["ends"] for step in plan["steps"]], sorted(step["ends"] for step in plan["steps"]))
        later = surety("plan", "system", "--by", "2036-12-01", "-f", "json", cwd=self.directory).json()
        self.assertTrue(all(step["fits"] for step in later["steps"]))
        more = surety("plan", "system", "--by", "2036-12-01", "--people", "4", "-f", "json", cwd=self.directory).json()
        self.assertLess(more["steps"][-1]["ends"], later["steps"][-1]["ends"])
        shalls = surety("plan", "system", "--by", "2036-12-01", "--shall-only", "-f", "json", cwd=self.directory).json()
        self.assertEqual({step["verb"] for step in shalls["steps"]}, {"shall"})

    def test_a_plan_in_every_form(self):
        for form, begins in (("md", "# Plan"), ("csv", "step,ends"), ("ics", "BEGIN:VCALENDAR\r\n"), ("text", "Plan for")):
            run = surety("plan", "system", "--by", "2027-03-01", "-f", form, cwd=self.directory)
            self.assertEqual((run.code, run.err), (0, ""))
            self.assertTrue(run.bytes.decode().startswith(begins), run.out[:80])
            if form == "ics":
                self.assertTrue(all(len(line) <= 75 for line in run.bytes.split(b"\r\n")))
                self.assertEqual(run.out.count("BEGIN:VTODO"), run.out.count("END:VTODO"))

    def test_dates_that_make_no_sense_are_refused(self):
        for by in ("soon", "2020-01-01"):
            run = surety("plan", "system", "--by", by, cwd=self.directory)
            self.assertEqual((run.code, run.out), (2, ""))
            self.assertIn("--by", run.err)
        self.assertEqual(surety("plan", "system", cwd=self.directory).code, 2)


class Codes(Case):
    AI, SOFTWARE, GOVERNANCE = "uk-ai-code", "uk-software-security-code", "uk-cyber-governance-code"

    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT / "examples/support-assistant", self.directory / "system")

    def test_several_codes_share_evidence_and_the_overlap_is_told_once(self):
        run = surety("assess", "system", "--no-record", "-f", "json", "--code", self.AI, "--code", self.SOFTWARE,
                     "--code", self.GOVERNANCE, cwd=self.directory)
        self.assertEqual((run.code, run.err), (1, ""))
        found = run.json()
        self.assertEqual([each["catalogue"]["id"] for each in found["assessments"]],
                         [self.AI, self.SOFTWARE, self.GOVERNANCE])
        self.assertEqual([len(each["provisions"]) for each in found["assessments"]], [72, 14, 22])
        alone = surety("assess", "system", "--no-record", "-f", "json", cwd=self.directory).json()
        self.assertEqual({each["id"]: each["verdict"] for each in found["assessments"][0]["provisions"]},
                         {each["id"]: each["verdict"] for each in alone["provisions"]})
        shared = {each["check"]: each for each in found["shared_evidence"]}
        self.assertEqual(len(shared), len(found["shared_evidence"]))
        self.assertEqual(set(shared["dependencies-are-locked"]["provisions"]), {self.AI, self.SOFTWARE})
        for assessment in found["assessments"]:
            for provision in assessment["provisions"]:
                for check in provision["checks"]:
                    if check["id"] in shared:
                        self.assertEqual(check["verdict"], shared[check["id"]]["verdict"])

    def test_governance_is_never_settled_by_files(self):
        run = surety("assess", "system", "--no-record", "-f", "json", "--code", self.GOVERNANCE, cwd=self.directory)
        self.assertNotIn("pass", {each["verdict"] for each in run.json()["provisions"]})

    def test_other_formats_take_one_code_at_a_time(self):
        run = surety("assess", "system", "--no-record", "-f", "sarif", "--code", self.AI, "--code", self.SOFTWARE,
                     cwd=self.directory)
        self.assertEqual((run.code, run.out), (2, ""))
        self.assertIn("surety report --code", run.err)
        surety("assess", "system", "--no-watch", "-q", cwd=self.directory)
        run = surety("report", "system", "--code", self.SOFTWARE, "-f", "oscal-results", cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))

    def test_codes_and_provisions_that_concern_an_organisation_each_with_a_rule(self):
        found = surety("applicable", "system", "-f", "json", cwd=self.directory).json()
        codes = {each["code"]: each for each in found["codes"]}
        self.assertTrue(codes[self.AI]["concerns"])
        self.assertEqual(codes[self.SOFTWARE]["rule"], "software-provided")
        self.assertFalse(codes["uk-consumer-iot"]["concerns"])
        for code in found["codes"]:
            self.assertTrue(code["reason"], code["code"])
            for provision in code["provisions"]:
                self.assertTrue(provision["reason"])
                self.assertEqual(provision["applies"], provision["rule"] is None)

    def test_several_roles_give_the_union(self):
        (self.directory / "none").mkdir()

        def applying(*roles):
            words = [word for role in roles for word in ("--role", role)]
            found = surety("applicable", "none", "-f", "json", *words, cwd=self.directory).json()
            (code,) = (each for each in found["codes"] if each["code"] == self.AI)
            return {each["provision"] for each in code["provisions"] if each["applies"]}

        developer, operator = applying("developer"), applying("system-operator")
        self.assertNotEqual(developer, operator)
        self.assertEqual(applying("developer", "system-operator"), developer | operator)
        self.assertEqual(surety("applicable", "none", "--role", "king", cwd=self.directory).code, 2)

    def test_what_the_organisation_says_excludes_until_a_file_contradicts_it(self):
        directory = self.directory / "bank"
        directory.mkdir()
        new = surety("applicable", "--new")
        self.assertEqual((new.code, new.err), (0, ""))
        (directory / "organisation.yaml").write_text(new.out)
        self.assertEqual(len(self.excluded("bank")), 0)
        (directory / "organisation.yaml").write_text(
            "version: 1\nname: Bank\nsize: small\njurisdictions: [US]\nfunctions: {builds-ai: true}\ntechnologies:\n"
            "  generative: false\n  agent: false\n  fine-tuning: false\n  hosted-models: false\n")
        self.assertEqual(self.excluded("bank"), {"3.1.2": "no-general-purpose-model"})
        codes = {each["code"]: each for each in self.answer("bank")["codes"]}
        self.assertFalse(codes[self.GOVERNANCE]["concerns"])
        self.assertFalse(codes["en-304223"]["concerns"])
        run = surety("assess", "bank", "-f", "json", cwd=self.directory).json()
        self.assertEqual({each["id"]: each["rule"] for each in run["provisions"] if each["verdict"] == "not applicable"
                          and not each["rule"].startswith("check ")}, self.excluded("bank"))
        (directory / "chat.py").write_text("import openai\nclient = openai.OpenAI()\n")
        self.assertEqual(self.excluded("bank"), {})
        run = surety("assess", "bank", "-f", "json", cwd=self.directory).json()
        self.assertTrue([note for note in run["notes"] if "chat.py: it uses openai" in note and "3.1.2 applies" in note])
        (directory / "ai-system.yaml").write_text(
            "version: 1\nsystem: {name: s, roles: [developer]}\nmodels:\n  - {id: m, hosted: gpt-4o, origin: third-party, purpose: chat}\n")
        for command in ("assess", "applicable"):
            run = surety(command, "bank", cwd=self.directory)
            self.assertEqual((run.code, run.out), (2, ""))
            self.assertIn("ai-system.yaml:4:", run.err)
            self.assertIn("organisation.yaml, line 10 says hosted-models: false", run.err)

    def answer(self, name):
        return surety("applicable", name, "-f", "json", cwd=self.directory).json()

    def excluded(self, name):
        (code,) = (each for each in self.answer(name)["codes"] if each["code"] == self.AI)
        return {each["provision"]: each["rule"] for each in code["provisions"] if not each["applies"]}

    def test_relations_are_explained_and_name_their_reason(self):
        run = surety("explain", "6.4", "--crosswalk")
        self.assertEqual(run.code, 0)
        for framework in ("nist-ai-rmf", "iso-42001", "owasp-llm-2025", "mitre-atlas", "ncsc-guidelines", "eu-ai-act"):
            run = surety("explain", "--crosswalk", framework)
            self.assertEqual((run.code, run.err), (0, ""), framework)
            self.assertIn("confidence", run.out)
        self.assertEqual(surety("explain", "--crosswalk", "nothing").code, 2)

    def test_guidance_differs_by_scenario(self):
        run = surety("explain", "6.2")
        for scenario in ("Chatbot:", "Fraud detection:", "LLM platform:", "Open model:"):
            self.assertIn(scenario, run.out)


if __name__ == "__main__":
    unittest.main()
