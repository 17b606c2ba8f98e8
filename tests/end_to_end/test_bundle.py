"""Exceptions, baselines, differences, signed bundles, suppliers and requirements, through the real binary."""
import json
import re
import unittest

from surety import Case, copy_example, surety

LATER = "1796256000"  # 2026-12-03, ten days after the others


def provisions(result):
    return {p["id"]: p for p in result["provisions"]}


def exception(provision, expires="2027-06-30", **fields):
    entry = {"provision": provision, "owner": "ops@example.org", "reason": "The vendor replaces it in January.",
             "compensating_control": "It runs without network in a container of its own.", "created": "2026-11-01",
             "expires": expires, **fields}
    return "  - " + json.dumps(entry) + "\n"


class Workspace(Case):
    def example(self, name="fraud-detection", into=None):
        target = self.directory / (into or name)
        copy_example(name, target)
        return target

    def assess(self, directory, *words, **options):
        return surety("assess", directory, "--format", "json", *words, **options)


class Exceptions(Workspace):
    def put(self, directory, text):
        (directory / "security").mkdir(exist_ok=True)
        (directory / "security" / "exceptions.yaml").write_text("version: 1\nexceptions:\n" + text)

    def test_an_exception_is_its_own_status_beside_the_failure(self):
        app = self.example()
        before = provisions(self.assess(app).json())
        failing = sorted(i for i, p in before.items() if p["verdict"] == "fail")
        self.put(app, "".join(exception(i) for i in failing))
        run = self.assess(app)
        after = run.json()
        self.assertEqual(run.code, 0)
        for name in failing:
            self.assertEqual(provisions(after)[name]["verdict"], "fail")
            self.assertEqual(provisions(after)[name]["shown_as"], "excepted")
        self.assertEqual({i for i, p in provisions(after).items() if p["verdict"] == "pass"},
                         {i for i, p in before.items() if p["verdict"] == "pass"})
        self.assertEqual(after["adherence"]["verdict"], "does not adhere")
        self.assertIn("excepted", after["adherence"]["reason"])
        text = surety("assess", app).out
        self.assertIn("FAIL, EXCEPTED", text)
        self.assertIn("until 2027-06-30 by ops@example.org", text)
        # A kept result is rendered as it was.
        kept = self.directory / "kept.json"
        kept.write_bytes(run.bytes)
        self.assertEqual(surety("report", "--from", kept, "-f", "json").json(), after)

    def test_expired_unused_and_soon_ending_ones_are_told(self):
        app = self.example()
        self.put(app, exception("2.4", "2026-11-10") + exception("7.1", "2026-12-01") + exception("12.1"))
        result = self.assess(app).json()
        self.assertEqual([e["state"] for e in result["exceptions"]], ["expired", "expires soon", "unused"])
        self.assertEqual(provisions(result)["2.4"]["shown_as"], "fail")
        self.assertEqual(provisions(result)["7.1"]["shown_as"], "excepted")
        later = self.assess(app, env={"SOURCE_DATE_EPOCH": LATER}).json()
        self.assertEqual(provisions(later)["7.1"]["shown_as"], "fail")
        text = surety("assess", app).out.lower()
        for words in ("counts no longer", "ends soon, on 2026-12-01", "is unused"):
            self.assertIn(words, " ".join(text.split()))

    def test_a_malformed_file_stops_the_run_with_file_and_line(self):
        app = self.example()
        for text, message in ((exception("99.9"), "there is no \"99.9\""),
                              (exception("2.4", "2026-02-30"), "expires"),
                              (exception("2.4", check="no-such-check"), "there is no \"no-such-check\""),
                              ("  - {provision: \"2.4\"}\n", "owner")):
            self.put(app, text)
            run = self.assess(app)
            self.assertEqual(run.code, 2, text)
            self.assertIn("exceptions.yaml:3", run.err)
            self.assertIn(message, run.err)
            self.assertEqual(run.out, "")


class Baseline(Workspace):
    def test_only_what_is_new_closes_the_gate_and_the_list_only_shrinks(self):
        app = self.example()
        self.assertEqual(self.assess(app).code, 1)
        refused = surety("baseline", "write", app)
        self.assertEqual(refused.code, 2)
        self.assertIn("--author", refused.err)
        done = surety("baseline", "write", app, "--author", "A. Jones", "--reason", "before the gate")
        self.assertEqual(done.code, 0, done.err)
        file = app / "security" / "baseline.json"
        self.assertEqual(self.assess(app, "--baseline", file).code, 0)
        # A new fault is new.
        key = re.search(r"AKIA[0-9A-Z]{16}", (app / "notebooks" / "exploration.ipynb").read_text()).group(0)
        new = app / "scoring" / "settings.py"
        new.write_text(f"AWS_ACCESS_KEY_ID = \"{key}\"\n")
        run = self.assess(app, "--baseline", file)
        self.assertEqual(run.code, 1)
        self.assertFalse(provisions(run.json())["6.1"]["in_baseline"])
        refused = surety("baseline", "write", app, "--author", "A. Jones", "--reason", "again")
        self.assertEqual(refused.code, 2)
        self.assertIn("may only shrink", refused.err)
        done = surety("baseline", "write", app, "--author", "B. Smith", "--reason", "agreed", "--extend")
        self.assertEqual(done.code, 0, done.err)
        new.unlink()
        run = self.assess(app, "--baseline", file)
        self.assertEqual(run.code, 0)
        self.assertTrue(any("no longer" in note for note in run.json()["notes"]))
        surety("baseline", "write", app, "--author", "A. Jones", "--reason", "removed again")
        kept = json.loads(file.read_text())
        self.assertEqual([(h["author"], h["action"]) for h in kept["history"]],
                         [("A. Jones", "written"), ("B. Smith", "extended"), ("A. Jones", "shrunk")])
        # A line taken out, or put in, by hand is noticed.
        kept["violations"]["V-" + "0" * 16] = "no such thing"
        file.write_text(json.dumps(kept))
        run = self.assess(app, "--baseline", file)
        self.assertEqual(run.code, 2)
        self.assertIn("edited by hand", run.err)


class Difference(Workspace):
    def kept(self, app, name):
        file = self.directory / name
        file.write_bytes(self.assess(app).bytes)
        return file

    def test_a_changed_model_makes_exactly_what_rests_on_it_stale(self):
        app = self.example("open-model")
        old = self.kept(app, "old.json")
        before = provisions(json.loads(old.read_text()))
        models = [a["path"] for a in json.loads(old.read_text())["assets"] if a["kind"] == "model" and "#" not in a["path"]]
        target = app / models[0]
        data = bytearray(target.read_bytes())
        data[-1] ^= 1
        target.write_bytes(bytes(data))
        new = self.kept(app, "new.json")
        after = provisions(json.loads(new.read_text()))
        moved = {i for i in before if (before[i]["verdict"], before[i]["stale"]) != (after[i]["verdict"], after[i]["stale"])}
        stale = {i for i in after if after[i]["stale"] and not before[i]["stale"]}
        # Evaluations speak of its old digest. Digest manifests, the change log, its card and 11.2, which asks for the new
        # test itself, are refuted; a model that is not the signed one opens a threat that nobody was told of (3.2).
        # Nothing else moves.
        self.assertEqual(stale, {"2.2", "9.1", "9.2.1", "9.4", "9.4.1"})
        for name in stale:
            self.assertIn("was of", after[name]["reason"])
        self.assertEqual(moved - stale, {"2.3", "3.2", "5.2", "8.1.1", "8.1.2", "11.2"})
        run = surety("diff", old, new, "--format", "json")
        self.assertEqual(run.code, 1)
        changes = {c["provision"]: c for c in run.json()["changes"]}
        self.assertEqual(set(changes) & stale, stale)
        self.assertTrue(all(changes[i]["change"] == "stale" for i in stale))
        self.assertEqual(run.json()["unchanged"] + len(changes), len(after))
        self.assertTrue(any(line.startswith(models[0] + ": was ") for line in run.json()["evidence"]))
        self.assertIn("STALE", surety("diff", old, new).out)
        self.assertIn("| **stale** |", surety("diff", old, new, "--format", "md").out)
        # Nothing else moves when nothing else changes.
        same = surety("diff", new, self.kept(app, "again.json"), "--format", "json")
        self.assertEqual((same.code, same.json()["changes"]), (0, []))

    def test_the_last_two_runs_of_the_ledger_are_compared(self):
        app = self.example()
        self.assertEqual(surety("diff", "-C", app).code, 2)
        self.assess(app)
        (app / "models" / "more.pkl").write_bytes(b"cposix\nsystem\n(S'id'\ntR.")
        self.assess(app, env={"SOURCE_DATE_EPOCH": LATER})
        run = surety("diff", "-C", app, "--format", "json")
        self.assertEqual(run.code, 1, run.err)
        self.assertTrue(any("models/more.pkl: is new" in line for line in run.json()["evidence"]))
        changed = {c["provision"]: c for c in run.json()["changes"]}
        self.assertIn("worsened", {c["change"] for c in changed.values()})
        self.assertTrue(any("models/more.pkl" in line for line in changed["7.1"]["added"]))

    def test_what_is_no_result_is_refused(self):
        self.write("a.json", "{}")
        run = surety("diff", self.directory / "a.json", self.directory / "a.json")
        self.assertEqual(run.code, 2)
        self.assertIn("a.json", run.err)


class Bundles(Workspace):
    def key(self, name):
        file = self.directory / name
        done = surety("keygen", "--private-key", file, "--algorithm", "ed25519")
        self.assertEqual(done.code, 0, done.err)
        return file, self.directory / (name + ".pub")

    def bundle(self, app, key, name="app.surety"):
        self.assertIn(self.assess(app).code, (0, 1))
        file = self.directory / name
        done = surety("report", app, "--sign", "--key", key, "-o", file)
        self.assertEqual(done.code, 0, done.err)
        return file

    def test_a_stranger_computes_every_verdict_again(self):
        app = self.example("support-assistant")
        key, public = self.key("report.key")
        file = self.bundle(app, key)
        run = surety("verify", file, "--public-key", public, "--format", "json")
        self.assertEqual(run.code, 0, run.err)
        there = {p["id"]: p["verdict"] for p in run.json()["outcome"]["provisions"]}
        here = {p["id"]: p["verdict"] for p in self.assess(app).json()["provisions"]}
        self.assertEqual(there, here)
        self.assertEqual(surety("verify", file).code, 3)  # nobody said whose key counts
        other = self.key("other.key")[1]
        refused = surety("verify", file, "--public-key", other)
        self.assertEqual(refused.code, 4)
        # The same bundle each time.
        again = self.directory / "again.surety"
        surety("report", app, "--sign", "--key", key, "-o", again)
        self.assertEqual(len(again.read_bytes()), len(file.read_bytes()))

    def test_damage_is_an_integrity_failure(self):
        app = self.example("support-assistant")
        key, public = self.key("report.key")
        data = self.bundle(app, key).read_bytes()
        damaged = self.directory / "damaged.surety"
        for place in [*range(0, len(data), max(1, len(data) // 40)), len(data) - 2]:
            changed = bytearray(data)
            changed[place] ^= 0x04
            damaged.write_bytes(bytes(changed))
            run = surety("verify", damaged, "--public-key", public)
            self.assertEqual(run.code, 4, (place, run.out, run.err))
            self.assertIn("damaged.surety", run.err)
        for kept in (0, 1, 16, len(data) // 2, len(data) - 1):
            damaged.write_bytes(data[:kept])
            self.assertEqual(surety("verify", damaged, "--public-key", public).code, 4, kept)
        self.assertEqual(surety("verify", self.directory / "nowhere.surety", "--public-key", public).code, 2)

    def test_another_edition_of_the_catalogue_is_named(self):
        app = self.example("support-assistant")
        key, public = self.key("report.key")
        self.write("checks/house.yaml", "- id: house-rule\n  title: House rule\n  provisions: [\"5.1\"]\n  settles: false\n"
                   "  strength: executed\n  severity: low\n  proves: Something of the house.\n  limits: Nothing else.\n"
                   "  remedy: Do it.\n  subjects: SELECT path FROM assets\n"
                   "  violations: SELECT path, NULL, 'x' FROM assets WHERE 0\n")
        checks = self.directory / "checks"
        self.assess(app)
        file = self.directory / "house.surety"
        done = surety("report", app, "--sign", "--key", key, "-o", file, "--checks", checks)
        self.assertEqual(done.code, 0, done.err)
        run = surety("verify", file, "--public-key", public)
        self.assertEqual(run.code, 4)
        self.assertIn("not the edition here", run.err)
        self.assertEqual(surety("verify", file, "--public-key", public, "--checks", checks).code, 0)
        self.assertEqual(surety("verify", file, "--public-key", public, "--own-catalogue").code, 0)

    def test_private_fields_stay_private(self):
        app = self.example("support-assistant")
        key, _ = self.key("report.key")
        self.assess(app)
        done = surety("log", "append", "decision", app, "--subject", "prompts", "--set", "decision=keep the wording",
                      "--actor", "Zebulon Quartermaine", "--reason", "The secret zebra asked for it.",
                      "--private", "actor", "--private", "reason")
        self.assertEqual(done.code, 0, done.err)
        data = self.bundle(app, key).read_bytes()
        self.assertNotIn(b"Quartermaine", data)
        self.assertNotIn(b"zebra", data)

    def test_a_provision_that_is_the_suppliers_by_contract_has_the_suppliers_verdict(self):
        vendor = self.example("open-model", "vendor")
        key, public = self.key("vendor.key")
        file = self.bundle(vendor, key, "vendor.surety")
        there = provisions(self.assess(vendor).json())
        app = self.example("support-assistant")
        system = (app / "ai-system.yaml").read_text()
        system = system.replace("roles: [developer, system-operator]", "roles: [system-operator]")
        (app / "ai-system.yaml").write_text(system.replace("providers:\n", "providers:\n  - {id: vendor, name: Vendor}\n"))
        self.assertEqual(provisions(self.assess(app).json())["3.1.2"]["verdict"], "not applicable")
        passing = next(i for i in ("3.1.2", "8.1.1", "9.4") if there[i]["verdict"] == "pass")
        failing = next(i for i, each in there.items() if each["verdict"] == "fail" and "developer" in each["actors"])
        contract = app / "security/vendor.yaml"
        parts = "".join(f"      - {{provision: \"{i}\", role: developer, side: provider}}\n" for i in (passing, failing))
        text = ("version: 1\nkind: shared-responsibility\nowner: priya\nmade_by: priya\nrecords:\n  - id: v\n"
                "    effective: 2026-01-01\n    provider: vendor\n    duties: [{duty: backup, side: us}]\n    provisions:\n")
        contract.write_text(text + parts)
        without = provisions(self.assess(app).json())[passing]
        self.assertEqual(without["verdict"], "inconclusive")
        self.assertIn("no bundle of this supplier was imported", without["reason"])
        done = surety("supplier", "import", file, "--as", "vendor", "--public-key", public, "-C", app)
        self.assertEqual(done.code, 0, done.err)
        result = self.assess(app).json()
        here = provisions(result)
        self.assertEqual((here[passing]["verdict"], here[passing]["shown_as"]), ("pass", "attested"))
        self.assertEqual(here[passing]["inherited"][0]["verdict"], "pass")
        self.assertEqual(here[passing]["inherited"][0]["stated_in"], "security/vendor.yaml, line 6")
        self.assertEqual(here[failing]["verdict"], "fail")
        self.assertIn("its own bundle shows", here[failing]["reason"])
        digest = here[passing]["inherited"][0]["bundle"][:12]
        for form in ("text", "md", "html", "json", "csv", "junit", "sarif", "oscal-results"):
            self.assertIn(digest, surety("report", app, "-f", form, *(["-v"] if form == "text" else [])).out, form)
        kept = self.directory / "kept.json"
        kept.write_text(surety("report", app, "-f", "json").out)
        again = surety("report", "--from", kept, "-f", "json").json()
        self.assertEqual(provisions(again)[passing]["inherited"], here[passing]["inherited"])
        # Whoever gets a bundle of this system sees it too, and may refuse it.
        own_key, own_public = self.key("app.key")
        own = self.bundle(app, own_key, "app.surety")
        for inherited, code in (("true", 0), ("false", 1)):
            self.write("wanted.yaml", f"version: 1\nprovisions:\n  - {{id: \"{passing}\", inherited: {inherited}}}\n")
            run = surety("verify", own, "--public-key", own_public, "--requirements", self.directory / "wanted.yaml")
            self.assertEqual(run.code, code, run.out + run.err)
        self.assertIn("inherits from vendor", run.out)
        contract.write_text(text + parts.replace(passing, "2.5.1"))
        run = self.assess(app)
        self.assertEqual(run.code, 2)
        self.assertIn("security/vendor.yaml:6: ", run.err)
        self.assertIn("2.5.1 is addressed to Organisation", run.err)

    def test_a_suppliers_bundle_is_inherited_and_held_against_requirements(self):
        vendor = self.example("open-model", "vendor")
        key, public = self.key("vendor.key")
        file = self.bundle(vendor, key, "vendor.surety")
        app = self.example("support-assistant")
        self.assess(app)
        refused = surety("supplier", "import", file, "--as", "vendor", "-C", app)
        self.assertEqual(refused.code, 2)
        done = surety("supplier", "import", file, "--as", "vendor", "--public-key", public, "-C", app)
        self.assertEqual(done.code, 0, done.err)
        self.assertIn("Imported", done.out)
        rows = surety("query", "-C", app, "--format", "json",
                      "SELECT provision, verdict, strength FROM inherited WHERE provider = 'vendor'").json()
        there = {p["id"]: p["verdict"] for p in self.assess(vendor).json()["provisions"]}
        self.assertEqual({row["provision"]: row["verdict"] for row in rows}, there)
        self.assertNotIn("executed", {row["strength"] for row in rows})
        self.assertIn("vendor", surety("supplier", "list", "-C", app).out)
        # Whoever rests on this system cannot be what it rests on.
        own_key, own_public = self.key("app.key")
        own = self.bundle(app, own_key, "app.surety")
        cyclic = surety("supplier", "import", own, "--as", "customer", "--public-key", own_public, "-C", vendor)
        self.assertEqual(cyclic.code, 2)
        self.assertIn("cyclic", cyclic.err)
        itself = surety("supplier", "import", own, "--as", "self", "--public-key", own_public, "-C", app)
        self.assertEqual(itself.code, 2)
        passing = sorted(i for i, v in there.items() if v == "pass")
        self.write("requirements.yaml", "version: 1\nmax_age_days: 365\nprovisions:\n" +
                   "".join(f"  - {{id: \"{i}\"}}\n" for i in passing))
        met = surety("verify", file, "--public-key", public, "--requirements", self.directory / "requirements.yaml")
        self.assertEqual(met.code, 0, met.out)
        self.assertIn("Requirements: all met", met.out)
        self.write("strict.yaml", "version: 1\nadheres: true\nwitnesses: 1\nprovisions:\n"
                   "  - {verb: shall, strength: executed, not_applicable: false}\n")
        gaps = surety("verify", file, "--public-key", public, "--requirements", self.directory / "strict.yaml")
        self.assertEqual(gaps.code, 1)
        self.assertIn("0 witnesses cosigned", gaps.out)
        self.write("wrong.yaml", "version: 1\nprovisions: [{id: \"77.7\"}]\n")
        wrong = surety("verify", file, "--public-key", public, "--requirements", self.directory / "wrong.yaml")
        self.assertEqual(wrong.code, 2)
        self.assertIn("wrong.yaml:2", wrong.err)


if __name__ == "__main__":
    unittest.main()
