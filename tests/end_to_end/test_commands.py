"""The program as a user meets it: commands, formats, exit codes, bad input."""
import csv
import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unicodedata
import unittest
import xml.etree.ElementTree as xml

import ledger_file
from surety import BINARY, PROJECT, Case, copy_example, surety

MALICIOUS_PICKLE = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in line)


class Help(Case):
    def test_every_command_has_help_that_fits_eighty_columns(self):
        top = surety("--help")
        self.assert_code(top, 0)
        commands = [line.split()[0] for line in top.out.split("Commands:")[1].split("\n\n")[0].splitlines() if line[2:3].strip()]
        self.assertIn("assess", commands)
        for text in [top.out] + [surety(command, "--help").out for command in commands]:
            self.assertTrue(text)
            for line in text.splitlines():
                self.assertLessEqual(width(line), 80, line)

    def test_a_mistyped_command_or_option_is_named_with_what_was_meant(self):
        run = surety("asess")
        self.assert_code(run, 2)
        self.assertIn("did you mean assess?", run.err)
        run = surety("assess", "--fromat", "json")
        self.assert_code(run, 2)
        self.assertIn("did you mean --format?", run.err)
        run = surety("assess", "--format", "jsn")
        self.assert_code(run, 2)
        self.assertIn("did you mean json?", run.err)
        self.assert_code(surety(), 2)

    def test_completions_are_valid_bash_and_name_every_command(self):
        script = surety("help", "--completions", "bash")
        self.assert_code(script, 0)
        check = subprocess.run(["bash", "-n"], input=script.bytes, stderr=subprocess.PIPE)
        self.assertEqual(check.returncode, 0, check.stderr)
        for command in ("assess", "explain", "query"):
            self.assertIn(command, script.out)

    def test_the_manual_page_is_clean(self):
        page = surety("help", "--man")
        self.assert_code(page, 0)
        if shutil.which("mandoc") is None:
            self.skipTest("mandoc is not installed")
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page.bytes, stdout=subprocess.PIPE)
        self.assertEqual(lint.stdout.decode(), "")


class Explain(Case):
    def test_topics_in_both_numberings(self):
        first = surety("explain", "5.1")
        self.assert_code(first, 0)
        self.assertIn("5.2.1-1", first.out)
        self.assertEqual(first.out, surety("explain", "5.2.1-1").out)
        for topic in ("P7", "glossary", "roles", "editions"):
            run = surety("explain", topic)
            self.assert_code(run, 0)
            self.assertGreater(len(run.out), 100)
            for line in run.out.splitlines():
                self.assertLessEqual(width(line), 80, line)
        self.assert_code(surety("explain", "99.9"), 2)


class Assess(Case):
    def test_an_empty_directory_passes_nothing(self):
        run = surety("assess", self.directory, "--format", "json", "--no-record")
        self.assert_code(run, 0)
        result = run.json()
        self.assertEqual(len(result["provisions"]), 72)
        self.assertEqual([p["id"] for p in result["provisions"] if p["verdict"] == "pass"], [])
        self.assertEqual(list(self.directory.iterdir()), [])
        self.assert_code(surety("assess", self.directory, "--no-record", "--strict", "--quiet"), 3)

    def test_all_formats_give_the_same_verdicts_and_exit_code(self):
        target = copy_example("support-assistant", self.directory / "app")
        verdicts = {}
        codes = set()
        for name in ("json", "sarif", "junit", "csv", "md", "html", "text"):
            run = surety("assess", target, "--no-record", "--format", name)
            codes.add(run.code)
            verdicts[name] = run.out
        self.assertEqual(codes, {1})
        by_id = {p["id"]: p["verdict"] for p in json.loads(verdicts["json"])["provisions"]}
        rows = list(csv.DictReader(io.StringIO(verdicts["csv"])))
        column = [name for name in rows[0] if name.lower() == "verdict"][0]
        key = [name for name in rows[0] if name.lower() in ("id", "provision")][0]
        self.assertEqual({row[key]: row[column] for row in rows}, by_id)
        cases = xml.fromstring(verdicts["junit"]).iter("testcase")
        failed = [case.get("name") for case in cases if case.find("failure") is not None]
        self.assertEqual(len(failed), list(by_id.values()).count("fail"))
        json.loads(verdicts["sarif"])
        for provision, verdict in by_id.items():
            if verdict == "fail":
                self.assertIn(provision, verdicts["text"])
                self.assertIn(provision, verdicts["html"])

    def test_text_fits_eighty_columns_and_holds_no_escapes(self):
        target = copy_example("llm-platform", self.directory / "app")
        run = surety("assess", target, "--no-record", "--verbose")
        for line in run.out.splitlines():
            self.assertLessEqual(width(line), 80, line)
        self.assertNotIn("\x1b", run.out)
        coloured = surety("assess", target, "--no-record", "--color", "always")
        self.assertIn("\x1b[", coloured.out)

    def test_output_is_reproducible(self):
        target = copy_example("fraud-detection", self.directory / "app")
        runs = [surety("assess", target, "--no-record", "--format", name, "--threads", threads).bytes
                for threads in ("1", "3") for name in ("json", "html")]
        self.assertEqual(runs[0], runs[2])
        self.assertEqual(runs[1], runs[3])

    def test_files_are_written_in_the_format_their_name_asks_for(self):
        run = surety("assess", self.directory, "--no-record", "-o", self.directory / "a.html", "-o", self.directory / "b.json")
        self.assert_code(run, 0)
        self.assertIn("<html", (self.directory / "a.html").read_text())
        json.loads((self.directory / "b.json").read_text())
        self.assertTrue(run.out)
        self.assert_code(surety("assess", self.directory, "--no-record", "-o", self.directory / "x.unknown"), 2)
        self.assert_code(surety("assess", self.directory, "--no-record", "-o", "/proc/nonexistent/x.html"), 5)

    def test_a_malicious_pickle_fails_with_its_place_in_every_format(self):
        self.write("model.pkl", MALICIOUS_PICKLE)
        for name in ("text", "json", "sarif", "html", "md", "junit"):
            run = surety("assess", self.directory, "--no-record", "--format", name)
            self.assert_code(run, 1)
            self.assertIn("posix.system", run.out, name)

    def test_the_gate_decides_the_exit_code(self):
        self.write("model.pkl", MALICIOUS_PICKLE)
        self.assert_code(surety("assess", self.directory, "--no-record", "--quiet"), 1)
        self.assert_code(surety("assess", self.directory, "--no-record", "--quiet", "--fail-on", "never"), 0)


class Ledger(Case):
    def setUp(self):
        super().setUp()
        self.app = copy_example("open-model", self.directory / "app")

    def assess(self, **options):
        return surety("assess", self.app, "--quiet", **options)

    def entries(self):
        return len(surety("log", "show", self.app, "--format", "json").json())

    def test_a_second_run_appends_only_the_run_record(self):
        self.assess(env={"SOURCE_DATE_EPOCH": "1795392000"})
        before = self.entries()
        self.assess(env={"SOURCE_DATE_EPOCH": "1795392060"})
        self.assertEqual(self.entries(), before + 1)
        run = surety("log", "verify", self.app)
        self.assert_code(run, 0)
        self.assertIn("Intact", run.out)

    def test_edits_deletions_reordering_and_truncation_are_detected(self):
        self.assess()
        state = self.app / ".surety"
        keep = self.directory / "keep"
        shutil.copytree(state, keep)
        entries = ledger_file.read(state)
        whole = (state / "ledger.entries").read_bytes()
        first, second = entries[1], entries[2]

        def swap():
            ledger_file.overwrite(state, first.begin, whole[second.begin:second.end] + whole[first.begin:first.end])

        changes = {
            "edit": lambda: ledger_file.change(state, next(e for e in entries if b"sha256" in e.content), b"sha256", b"sha257"),
            "delete": lambda: ledger_file.overwrite(state, second.begin, bytes(second.end - second.begin)),
            "truncate": lambda: ledger_file.truncate(state, entries[-1].begin),
            "swap": swap,
        }
        self.assertGreater(len(entries), 3)
        for name, change in changes.items():
            shutil.rmtree(state)
            shutil.copytree(keep, state)
            change()
            run = surety("log", "verify", self.app)
            self.assert_code(run, 4)
            self.assertIn("NOT INTACT", run.out, name)

    def test_a_log_rolled_back_is_noticed_by_a_checkpoint_kept_elsewhere(self):
        self.assess(env={"SOURCE_DATE_EPOCH": "1795392000"})
        shutil.copytree(self.app / ".surety", self.directory / "old")
        self.assess(env={"SOURCE_DATE_EPOCH": "1795392060"})
        shutil.copy(self.app / ".surety/checkpoint", self.directory / "kept")
        shutil.rmtree(self.app / ".surety")
        shutil.copytree(self.directory / "old", self.app / ".surety")
        self.assert_code(surety("log", "verify", self.app), 0)
        self.assert_code(surety("log", "verify", self.app, "--checkpoint", self.directory / "kept"), 4)

    def test_a_corrupt_ledger_is_refused_and_left_alone(self):
        self.assess()
        path = self.app / ".surety/ledger.db"
        path.write_bytes(b"not a database, but of some length" * 100)
        for words in (("assess", self.app), ("log", "verify", self.app), ("query", "SELECT 1", "-C", self.app)):
            run = surety(*words)
            self.assertIn(run.code, (2, 4), run.err)
            self.assertIn("ledger.db", run.err)
        self.assertTrue(path.read_bytes().startswith(b"not a database"))

    def test_a_run_killed_midway_loses_nothing_and_the_next_one_works(self):
        self.assess()
        before = self.entries()
        for delay in (0.0, 0.01, 0.02, 0.03, 0.05, 0.08):
            (self.app / "prompts").mkdir(exist_ok=True)
            (self.app / "prompts" / "system.txt").write_text(f"You are a helpful assistant, number {delay}.")
            process = subprocess.Popen([BINARY, "assess", str(self.app), "--quiet"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.kill()
            process.wait()
            self.assert_code(surety("log", "verify", self.app), 0)
            self.assertGreaterEqual(self.entries(), before)
            before = self.entries()
        self.assertIn(self.assess().code, (0, 1))

    def test_queries_read_the_recorded_facts_and_can_write_nothing(self):
        self.assess()
        run = surety("query", "SELECT count(*) AS n FROM assets WHERE kind='model'", "-C", self.app, "--format", "json")
        self.assert_code(run, 0)
        self.assertGreater(int(run.json()[0]["n"]), 0)
        for sql in ("DELETE FROM assets", "ATTACH 'x.db' AS x", "PRAGMA journal_mode=DELETE", "SELECT load_extension('x')",
                    "SELECT 1; SELECT 2", "nonsense", "CREATE TABLE x(y)"):
            self.assert_code(surety("query", sql, "-C", self.app), 2)
        loop = surety("query", "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT count(*) FROM n", "-C", self.app)
        self.assert_code(loop, 2)
        self.assertIn("too many steps", loop.err)
        self.assertIn("assets", surety("query", "--schema").out)


class BadInput(Case):
    def test_a_missing_or_wrong_directory(self):
        self.assert_code(surety("assess", self.directory / "nowhere"), 2)
        self.write("file", "x")
        self.assert_code(surety("assess", self.directory / "file"), 2)

    def test_an_unreadable_directory_is_an_environment_failure(self):
        (self.directory / "closed").mkdir(mode=0)
        os.chmod(self.directory, 0o755)

        def as_nobody():
            if os.geteuid() == 0:  # root reads everything
                os.setgid(65534)
                os.setuid(65534)
        try:
            run = surety("assess", self.directory / "closed", "--no-record", preexec_fn=as_nobody)
        except PermissionError:
            self.skipTest("the program lies where only root can run it")
        self.assert_code(run, 5)

    def test_an_invalid_system_file_names_line_and_what_was_meant(self):
        self.write("ai-system.yaml", "version: 1\nsystem:\n  name: x\n  roles: [developer]\nmodls: []\n")
        run = surety("assess", self.directory, "--no-record")
        self.assert_code(run, 2)
        self.assertIn("ai-system.yaml:5", run.err)
        self.assertIn('did you mean "models"?', run.err)
        self.write("ai-system.yaml", "version: 1\nsystem: [\n")
        run = surety("assess", self.directory, "--no-record")
        self.assert_code(run, 2)
        self.assertIn("ai-system.yaml:", run.err)

    def test_a_malformed_check_is_refused_with_file_and_line(self):
        self.write("checks/bad.yaml", "- id: x\n  title: t\n")
        run = surety("assess", self.directory, "--no-record", "--checks", self.directory / "checks")
        self.assert_code(run, 2)
        self.assertIn("bad.yaml", run.err)

    def test_hostile_files_end_in_findings_not_in_crashes(self):
        deep = "[" * 10_000 + "]" * 10_000
        self.write("deep.json", deep)
        self.write("config.json", deep)
        self.write("prompts/deep.yaml", "- " * 5000 + "x")
        self.write("mcp.json", '{"mcpServers": ' + '{"a":' * 10_000 + "1" + "}" * 10_001)
        self.write("requirements.txt", b"\xff\xfe\x00" * 1000)
        self.write("model.safetensors", b"\xff" * 8 + b"{")
        self.write("model.gguf", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64)
        self.write("model.pkl", b"\x80\x04" + b"\x94" * 100)
        self.write("model.pt", b"PK\x03\x04" + b"\x00" * 100)
        self.write("weights.npy", b"\x93NUMPY\x01\x00\xff\xff{'descr'")
        self.write(b"name-\xff\xfe.pkl".decode("utf-8", "surrogateescape"), MALICIOUS_PICKLE)
        os.mkfifo(self.directory / "pipe.pkl")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.directory / "socket"))
        os.symlink(".", self.directory / "loop")
        os.symlink("/etc/passwd", self.directory / "prompt.txt")
        with open(self.directory / "sparse.safetensors", "wb") as sparse:
            sparse.truncate(1 << 40)
        run = surety("assess", self.directory, "--no-record", "--format", "json")
        listener.close()
        self.assert_code(run, 1)
        notes = " ".join(run.json()["notes"])
        for word in ("FIFO", "socket", "symbolic link"):
            self.assertIn(word, notes)
        self.assertNotIn("root:", run.out)

    def test_a_two_gibibyte_single_line_takes_bounded_memory(self):
        with open(self.directory / "huge.jsonl", "wb") as huge:
            huge.write(b'{"text": "')
            huge.truncate((2 << 30) + 10)
        script = ("import resource,subprocess,sys;"
                  "r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);"
                  "print(r.returncode,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        if "dev" in pathlib.Path(BINARY).parts or os.environ.get("SURETY_SANITIZED"):
            limit_kib = 900_000  # the sanitizers' shadow memory counts too
        else:
            limit_kib = 300_000
        done = subprocess.run(["python3", "-c", script, BINARY, "assess", str(self.directory), "--no-record", "--quiet"],
                              stdout=subprocess.PIPE, timeout=300)
        code, peak_kib = map(int, done.stdout.split())
        self.assertIn(code, (0, 1))
        self.assertLess(peak_kib, limit_kib)

    def test_a_full_disk_is_said_and_loses_nothing(self):
        app = copy_example("open-model", self.directory / "app")
        self.assertIn(surety("assess", app, "--quiet").code, (0, 1))
        self.write("app/prompts/new.txt", "You are a careful assistant that answers in short sentences.\n" * 200)
        import resource

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        run = surety("assess", app, "--quiet", preexec_fn=limit)
        self.assert_code(run, 5)
        self.assertTrue(run.err)
        self.assert_code(surety("log", "verify", app), 0)
        self.assertIn(surety("assess", app, "--quiet").code, (0, 1))


class Init(Case):
    def test_the_draft_is_valid_and_half_filled(self):
        app = copy_example("support-assistant", self.directory / "app")
        os.remove(app / "ai-system.yaml")
        run = surety("init", app)
        self.assert_code(run, 0)
        draft = (app / "ai-system.yaml").read_text()
        self.assertIn("#", draft)
        self.assertIn("prompts:", draft)
        self.assertIn(surety("assess", app, "--quiet", "--no-record").code, (0, 1))
        self.assert_code(surety("init", app), 2)
        self.assert_code(surety("init", app, "--force"), 0)


class Network(Case):
    def test_an_assessment_needs_no_network(self):
        if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("network namespaces are not to be had here")
        app = copy_example("support-assistant", self.directory / "app")
        done = subprocess.run(["unshare", "-rn", BINARY, "assess", str(app), "--no-record", "--quiet"], stdout=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
