"""Results in the formats of others before the judges of those formats: ajv with the official schemas of OSCAL 1.1.3 and
CycloneDX 1.6; and read back, with the verdicts compared.

ajv is installed into BOM_VALIDATORS (a folder of the build) at a fixed version through npm; where it cannot be had, or
../shared is not here, the tests say "skipped" and why.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import test_bom_validators as judges
from surety import PROJECT, Case, surety

SCHEMAS = judges.SHARED / "schemas"
OSCAL = SCHEMAS / "oscal-1.1.3"
EXAMPLES = ("fraud-detection", "llm-platform", "open-model", "support-assistant")
OSCAL_FORMATS = {
    "oscal-results": "oscal_assessment-results_schema.json",
    "oscal-catalog": "oscal_catalog_schema.json",
    "oscal-component": "oscal_component_schema.json",
    "oscal-poam": "oscal_poam_schema.json",
}
CYCLONEDX = ",".join(str(SCHEMAS / "cyclonedx" / name)
                     for name in ("bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schema.json"))


def prop(item, name):
    return next((each["value"] for each in item.get("props", []) if each["name"] == name), None)


class Formats(Case):
    names = (*EXAMPLES, "empty")

    @classmethod
    def setUpClass(cls):
        cls.assessed = pathlib.Path(tempfile.mkdtemp(prefix="surety-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.assessed, ignore_errors=True)
        (cls.assessed / "empty").mkdir()
        for name in EXAMPLES:
            shutil.copytree(PROJECT / "examples" / name, cls.assessed / name)
        for name in cls.names:
            run = surety("assess", name, "--no-watch", "-f", "json", "-o", f"{name}.result.json", cwd=cls.assessed)
            if run.code not in (0, 1):
                raise AssertionError(run.err)

    def setUp(self):
        super().setUp()
        self.remove()
        self.directory = self.assessed  # read by all tests, removed with the class

    def remove(self):
        if self.directory != self.assessed:
            super().remove()

    def result(self, name):
        return json.loads((self.directory / f"{name}.result.json").read_text())

    def report(self, name, form):
        run = surety("report", name, "-f", form, "-o", f"{name}.{form}.json", cwd=self.directory)
        self.assertEqual((run.code, run.err), (0, ""))
        return self.directory / f"{name}.{form}.json"

    def judge(self, schema, documents):
        environment = dict(os.environ, AJV_FOLDER=str(judges.FOLDER.resolve()))
        done = subprocess.run(["node", str(pathlib.Path(__file__).with_name("validate.mjs")), str(schema), *documents],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, timeout=300)
        return done.returncode, done.stdout.decode()

    def require_judges(self, *files):
        reason = judges.node_judges()
        if reason:
            self.skipTest(f"no ajv: {reason}")
        for file in files:
            if not file.exists():
                self.skipTest(f"no {file.name} beside the project (../shared)")

    def test_oscal_conforms_to_the_official_schemas(self):
        self.require_judges(*(OSCAL / schema for schema in OSCAL_FORMATS.values()))
        for form, schema in OSCAL_FORMATS.items():
            documents = [str(self.report(name, form)) for name in self.names]
            self.assertEqual(self.judge(OSCAL / schema, documents), (0, ""), form)

    def test_the_judge_objects_to_what_is_wrong(self):
        schema = OSCAL / OSCAL_FORMATS["oscal-results"]
        self.require_judges(schema)
        document = self.report("support-assistant", "oscal-results")
        broken = json.loads(document.read_text())
        broken["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] = "perhaps"
        document.write_text(json.dumps(broken))
        code, said = self.judge(schema, [str(document)])
        self.assertEqual(code, 1, said)

    def test_cyclonedx_declarations_conform_to_the_official_schema(self):
        self.require_judges(SCHEMAS / "cyclonedx/bom-1.6.schema.json")
        documents = [str(self.report(name, "cyclonedx")) for name in self.names]
        self.assertEqual(self.judge(CYCLONEDX, documents), (0, ""))

    def test_oscal_results_read_back_give_the_same_verdicts(self):
        for name in self.names:
            document = json.loads(self.report(name, "oscal-results").read_text())["assessment-results"]
            result = document["results"][0]
            verdicts = {prop(finding, "provision"): prop(finding, "verdict") for finding in result["findings"]}
            verdicts |= {each["value"]: "not applicable" for each in result["props"] if each["name"] == "not-applicable"}
            self.assertEqual(verdicts, {each["id"]: each["verdict"] for each in self.result(name)["provisions"]})
            self.assertEqual(prop(result, "adherence"), self.result(name)["adherence"]["verdict"])
            known = {observation["uuid"] for observation in result.get("observations", [])}
            risks = {risk["uuid"] for risk in result.get("risks", [])}
            for finding in result["findings"]:
                state = finding["target"]["status"]["state"]
                self.assertEqual(state == "satisfied", prop(finding, "verdict") == "pass")
                self.assertLessEqual({each["observation-uuid"] for each in finding.get("related-observations", [])}, known)
                self.assertLessEqual({each["risk-uuid"] for each in finding.get("related-risks", [])}, risks)
            items = {item["uuid"] for item in result["local-definitions"].get("inventory-items", [])}
            items |= {item["uuid"] for item in result["local-definitions"]["components"]}
            for observation in result.get("observations", []):
                self.assertLessEqual({each["subject-uuid"] for each in observation["subjects"]}, items)
            selection = result["reviewed-controls"]["control-selections"][0]
            self.assertEqual(len(selection.get("include-controls", [])) + len(selection.get("exclude-controls", [])),
                             len(verdicts))

    def test_the_plan_of_action_holds_what_is_open_and_nothing_else(self):
        for name in self.names:
            plan = json.loads(self.report(name, "oscal-poam").read_text())["plan-of-action-and-milestones"]
            open_ones = {each["id"]: each["verdict"] for each in self.result(name)["provisions"]
                         if each["verdict"] in ("fail", "inconclusive")}
            self.assertEqual({prop(item, "provision"): prop(item, "verdict") for item in plan["poam-items"]}, open_ones)
            self.assertEqual(len(plan.get("risks", [])), sum(verdict == "fail" for verdict in open_ones.values()))

    def test_the_component_definition_implements_only_what_passes(self):
        for name in self.names:
            document = json.loads(self.report(name, "oscal-component").read_text())["component-definition"]
            implemented = {prop(requirement, "provision")
                           for implementation in document["components"][0].get("control-implementations", [])
                           for requirement in implementation["implemented-requirements"]}
            self.assertEqual(implemented, {each["id"] for each in self.result(name)["provisions"]
                                           if each["verdict"] == "pass"})

    def test_the_catalogue_holds_every_provision_once(self):
        document = json.loads(self.report("empty", "oscal-catalog").read_text())["catalog"]
        found = []
        pending = [control for group in document["groups"] for control in group["controls"]]
        while pending:
            control = pending.pop()
            found.append(prop(control, "label"))
            pending += control.get("controls", [])
        self.assertEqual(sorted(found), sorted(each["id"] for each in self.result("empty")["provisions"]))

    def test_declarations_read_back_give_the_same_verdicts(self):
        for name in self.names:
            document = json.loads(self.report(name, "cyclonedx").read_text())
            claims = {claim["bom-ref"]: claim for claim in document["declarations"].get("claims", [])}
            evidence = {each["bom-ref"] for each in document["declarations"].get("evidence", [])}
            verdicts = {}
            for entry in document["declarations"]["attestations"][0]["map"]:
                self.assertNotIn("score", entry["conformance"])
                stood_for, stood_against = entry.get("claims", []), entry.get("counterClaims", [])
                word = entry["conformance"]["rationale"].split(":")[0].removesuffix(" (stale)")
                verdict = {"attested": "pass"}.get(word, word)
                self.assertEqual((len(stood_for), len(stood_against)),
                                 (int(verdict == "pass"), int(verdict == "fail")))
                for claim in (*stood_for, *stood_against):
                    self.assertLessEqual({*claims[claim].get("evidence", []), *claims[claim].get("counterEvidence", [])},
                                         evidence)
                verdicts[entry["requirement"].removeprefix("requirement:")] = verdict
            self.assertEqual(verdicts, {each["id"]: each["verdict"] for each in self.result(name)["provisions"]})

    def test_identifiers_are_the_same_in_every_run(self):
        for form in ("oscal-results", "oscal-poam", "cyclonedx", "ics-json"):
            first = self.report("support-assistant", form).read_bytes()
            self.assertEqual(self.report("support-assistant", form).read_bytes(), first, form)

    def test_conformance_statements_agree_in_all_three_forms(self):
        statement = json.loads(self.report("support-assistant", "ics-json").read_text())
        result = self.result("support-assistant")
        self.assertEqual({each["provision"]: each["verdict"] for each in statement["verdicts"]},
                         {each["id"]: each["verdict"] for each in result["provisions"]})
        claims = {"pass": "supported", "fail": "not supported"}
        items = {each["id"] for each in statement["ixit"]}
        for line, provision in zip(statement["ics"], result["provisions"]):
            self.assertEqual(line["claim"], claims.get(provision["verdict"], "no claim"))
            self.assertLessEqual(set(line["ixit"]), items)
            self.assertTrue(line["reason"])
        # Fail wins over whatever else the checks of a provision say.
        for verdict in statement["verdicts"]:
            if any(check["verdict"] == "fail" for check in verdict["test_results"]):
                self.assertEqual(verdict["verdict"], "fail")
        digests = {asset["path"]: asset["sha256"] for asset in result["assets"]}
        placed = [place for item in statement["ixit"] for place in item["evidence"] if place["ledger_entry"] is not None]
        self.assertTrue(placed)
        for place in placed:
            self.assertEqual(place["sha256"], digests[place["subject"]])
        run = surety("report", "support-assistant", "-f", "ics-csv", cwd=self.directory)
        self.assertEqual(run.out.count("\r\nICS,"), len(result["provisions"]))
        run = surety("report", "support-assistant", "-f", "ics-md", cwd=self.directory)
        for provision in result["provisions"]:
            self.assertIn(f"\n| {provision['id']} | {provision['shown_as']}", run.out.replace("\\", ""))


if __name__ == "__main__":
    unittest.main()
