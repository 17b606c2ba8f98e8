"""The ledger when the system fails it: killed, or refused, at every system call that touches one of its files.

The method: strace lists the calls of one append; then, for every single one of them, the append runs again on a copy of
the log with that call failing, or the process killed at it. Whatever was acknowledged must be there afterwards, the log
must be whole, and the next writer must be able to go on. LEDGER_KILLS says how many times a writer under load is killed
(default: 40; the nightly run takes 1,000, and at 1,000 no call is left out)."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import unittest

from surety import BINARY, PROJECT, Case, surety

KILLS = int(os.environ.get("LEDGER_KILLS", "40"))
LOAD = os.environ.get("LEDGER_LOAD", str(PROJECT / "build/dev/bench/ledger/ledger_load"))
CALLS = ("openat,read,pread64,write,pwrite64,pwritev,fsync,fdatasync,syncfs,rename,renameat,renameat2,unlink,ftruncate,fallocate,"
         "mkdir,lseek,flock,fcntl,newfstatat,fstat,close,access")
NO_ROOM = {"openat", "write", "pwrite64", "pwritev", "fsync", "fdatasync", "syncfs", "rename", "ftruncate", "fallocate", "mkdir"}
# A failing close() or fcntl() of a lock means nothing that a program could act on; dying there does.
REFUSED = {"openat", "read", "pread64", "write", "pwrite64", "pwritev", "fsync", "fdatasync", "syncfs", "rename",
           "ftruncate", "fallocate", "mkdir", "flock", "unlink"}


def can_trace():
    """Why strace does not work here; empty where it does."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    run = subprocess.run(["strace", "-o", "/dev/null", "-e", "inject=getppid:error=EIO:when=1", "true"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return "" if run.returncode == 0 else "ptrace is not allowed here: " + run.stderr.decode(errors="replace").strip()


NO_STRACE = can_trace()


def environment():
    # Leak checking uses ptrace itself and cannot run below strace.
    return {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def calls_of(command, folder, trace):
    """The calls of a run that touch files below `folder`, as (name, how many of that name came before, plus one)."""
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", "trace=" + CALLS, *map(os.fspath, command)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
    seen, found = {}, []
    for line in pathlib.Path(trace).read_text(errors="replace").splitlines():
        match = re.match(r"\d+ +(\w+)\(", line)
        if not match:
            continue
        name = match.group(1)
        seen[name] = seen.get(name, 0) + 1
        if os.fspath(folder) in line:
            found.append((name, seen[name]))
    return found


def chosen(calls):
    """The calls to tamper with: all of them in the nightly run, each third one otherwise, which is a minute's work."""
    return calls if KILLS >= 1000 else calls[::3]


def run_with(fault, name, place, command):
    """Runs the command with one call tampered with."""
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=" + name, "-e",
                           f"inject={name}:{fault}:when={place}", *map(os.fspath, command)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, env=environment())


def said_in(entry):
    """What ledger_load wrote, without what fills the entry up."""
    return entry["content_text"].split(" x", 1)[0]


class Faults(Case):
    def make_log(self, where, count):
        subprocess.run([LOAD, "acknowledge", where, str(count), "50"], check=True, stdout=subprocess.DEVNULL)

    def entries(self, log):
        run = surety("log", "export", "--format", "jsonl", "--state", log)
        self.assert_code(run, 0)
        return [json.loads(line) for line in run.out.splitlines()]

    def check_log(self, log, acknowledged, label):
        """All that was acknowledged (index and number of each) is there, nothing is damaged, and the next writer goes on."""
        if (log / "ledger.db").exists() and (log / "ledger.db").stat().st_size > 0 and acknowledged:
            fsck = surety("log", "fsck", "--state", log, "--format", "json")
            report = json.loads(fsck.out) if fsck.out else {}
            self.assertEqual(report.get("first_bad"), None, f"{label}: {fsck.out}{fsck.err}")
            self.assertEqual(report["provable"], report["size"], label)
            self.assertGreater(report["size"], max(index for index, _ in acknowledged), label)
        onward = subprocess.run([LOAD, "acknowledge", log, "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(onward.returncode, 0, f"{label}: the next writer: {onward.stderr.decode()}")
        entries = self.entries(log)
        self.assertEqual([entry["index"] for entry in entries], list(range(len(entries))), label)
        for index, number in acknowledged:
            self.assertEqual(said_in(entries[index]), f"entry {number}", f"{label}: acknowledged and lost")
        self.assert_code(surety("log", "fsck", "--state", log), 0)

    def every_call(self, before, count):
        """Every fault at every call of appending to a log of `before` entries."""
        kept, log = self.directory / "kept", self.directory / "log"
        if before:
            self.make_log(kept, before)
        else:
            kept.mkdir()

        def fresh():
            shutil.rmtree(log, ignore_errors=True)
            shutil.copytree(kept, log)

        command = [LOAD, "acknowledge", log, str(count), "1"]
        fresh()
        calls = calls_of(command, log, self.directory / "trace")
        self.assertGreater(len(calls), 20)
        runs = died = refused = 0
        for name, place in chosen(calls):
            faults = ["signal=KILL"]
            faults += ["error=EIO"] if name in REFUSED else []
            faults += ["error=ENOSPC"] if name in NO_ROOM else []
            for fault in faults:
                fresh()
                run = run_with(fault, name, place, command)
                acknowledged = [(int(line), int(line)) for line in run.stdout.decode().splitlines()]
                label = f"{fault} at {name} {place}"
                self.assertIn(run.returncode, (0, 5, -signal.SIGKILL, 128 + signal.SIGKILL),
                              f"{label}: {run.stderr.decode()}")
                died += run.returncode not in (0, 5)
                refused += run.returncode == 5
                self.check_log(log, acknowledged, label)
                runs += 1
        print(f"{len(calls)} calls, {runs} runs, {died} killed, {refused} refused with an error", flush=True)
        self.assertEqual(died, len(chosen(calls)), "a process was to be killed and was not")
        self.assertGreater(refused, 0)

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_every_call_of_an_append(self):
        self.every_call(300, 1)

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_every_call_of_making_a_log(self):
        self.every_call(0, 1)

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_writing_and_syncing_fail_while_the_next_batch_is_prepared(self):
        """What was prepared behind a batch that failed fails with it; nothing of either is there afterwards. Batches of
        40 KB are written by a thread of their own."""
        log, kept = self.directory / "log", self.directory / "kept"
        self.make_log(kept, 300)
        for name in ("pwritev", "fdatasync"):
            for place in (1, 2, 5) if KILLS < 1000 else range(1, 20):
                for fault in ("signal=KILL", "error=EIO", "error=ENOSPC"):
                    shutil.rmtree(log, ignore_errors=True)
                    shutil.copytree(kept, log)
                    run = run_with(fault, name, place, [LOAD, "pipeline", log, "400", "20", "40", "2000"])
                    label = f"{fault} at {name} {place}"
                    acknowledged = [tuple(map(int, line.split())) for line in run.stdout.decode().splitlines()]
                    self.assertEqual([index for index, _ in acknowledged], list(range(300, 300 + len(acknowledged))), label)
                    self.assertEqual(run.returncode == 0, len(acknowledged) == 400, f"{label}: {run.stderr.decode()}")
                    if (name, place) != ("pwritev", 1):  # that one is tried again without the zeros behind it
                        self.assertNotEqual(run.returncode, 0, f"{label}: did not strike")
                    self.check_log(log, acknowledged, label)

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_every_call_of_an_export(self):
        """Killed anywhere, the files are the log of the last checkpoint or of the next, never something else."""
        log, kept, out = self.directory / "log", self.directory / "kept", self.directory / "out"
        self.make_log(log, 250)
        self.assert_code(surety("log", "export", kept, "--state", log), 0)
        self.make_log(log, 20)  # fills a tile and starts the next
        self.assert_code(surety("log", "key", "--state", log), 0)
        keys = log / "log-keys"

        def fresh():
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(kept, out)

        command = [BINARY, "log", "export", out, "--state", log]
        fresh()
        calls = calls_of(command, out, self.directory / "trace")
        self.assertGreater(len(calls), 20)
        sizes = set()
        for name, place in chosen(calls):
            for fault in ["signal=KILL"] + (["error=EIO", "error=ENOSPC"] if name in NO_ROOM else []):
                fresh()
                run_with(fault, name, place, command)
                label = f"{fault} at {name} {place}"
                self.assert_code(surety("log", "fsck", "--tiles", out, "--key", keys), 0)
                size = int((out / "checkpoint").read_text().splitlines()[1])
                self.assertIn(size, (250, 270), label)
                sizes.add(size)
                again = surety("log", "export", out, "--state", log)
                self.assert_code(again, 0)
                self.assert_code(surety("log", "fsck", "--tiles", out, "--key", keys), 0)
        self.assertEqual(sizes, {250, 270})

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_every_call_of_a_witness(self):
        """A witness that was killed remembers what it cosigned, if anybody got the cosignature."""
        log, kept, state = self.directory / "log", self.directory / "kept", self.directory / "witness"
        self.make_log(log, 10)
        self.assert_code(surety("log", "witness", "--state", kept, "--name", "witness.example"), 0)
        self.assert_code(surety("log", "key", "--state", log), 0)
        shutil.copy(log / "log-keys", kept / "logs")
        request = self.directory / "request"
        self.assert_code(surety("log", "prove", "--from", "0", "--state", log, "-o", request), 0)
        command = [BINARY, "log", "witness", "--state", state, request]
        shutil.copytree(kept, state)
        calls = calls_of(command, state, self.directory / "trace")
        self.assertGreater(len(calls), 10)
        for name, place in chosen(calls):
            for fault in ["signal=KILL"] + (["error=EIO", "error=ENOSPC"] if name in NO_ROOM else []):
                shutil.rmtree(state)
                shutil.copytree(kept, state)
                run = run_with(fault, name, place, command)
                remembered = list(state.glob("*/checkpoint"))
                if run.stdout:
                    self.assertEqual(len(remembered), 1, f"{fault} at {name} {place}: cosigned and forgotten")
                # It goes on: the same request once more, or the one from the size that it remembers.
                again = surety("log", "witness", "--state", state, request)
                self.assertEqual(again.code, 2 if remembered else 0, f"{fault} at {name} {place}: {again.err}")

    def every_call_of_an_event(self, command, check):
        """Every fault at every call of a command that touches a file of the log; then check(label, acknowledged)."""
        log, kept = self.directory / "log", self.directory / "kept"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(log, kept)
        calls = calls_of(command, log, self.directory / "trace")
        self.assertGreater(len(calls), 20)
        finished = 0
        for name, place in chosen(calls):
            # To die before a call that changes nothing is to die before the next one that does.
            faults = ["signal=KILL"] if name in NO_ROOM | {"unlink"} else []
            faults += ["error=EIO"] if name in REFUSED else []
            faults += ["error=ENOSPC"] if name in NO_ROOM else []
            for fault in faults:
                shutil.rmtree(log)
                shutil.copytree(kept, log)
                run = run_with(fault, name, place, command)
                label = f"{fault} at {name} {place}"
                self.assertIn(run.returncode, (0, 5, -signal.SIGKILL, 128 + signal.SIGKILL),
                              f"{label}: {run.stderr.decode()}")
                finished += run.returncode == 0
                # What counts as said is the whole answer on standard output, whatever became of the process.
                check(label, run.stdout.endswith(b"\n"))
                self.assert_code(surety("log", "verify", "--state", log), 0)
        print(f"{len(calls)} calls, {finished} runs ended as if nothing had happened", flush=True)

    def events(self):
        run = surety("log", "show", "--format", "json", "--state", self.directory / "log")
        self.assert_code(run, 0)
        return [entry for entry in json.loads(run.out) if "source" in entry]

    def holds(self, secret):
        """Whether the bytes stand in any file of the log."""
        return any(secret in path.read_bytes() for path in (self.directory / "log").rglob("*") if path.is_file())

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_every_call_of_recording_what_is_private(self):
        """Whatever happens, no entry has a private field that nobody can open."""
        log = self.directory / "log"
        append = [BINARY, "log", "append", "decision", "-s", "x", "--set", "decision=Go on", "--private", "reason",
                  "--state", log, "--reason"]
        self.assert_code(surety(*append[1:], "the first secret"), 0)

        def check(label, acknowledged):
            reasons = [event["reason"] for event in self.events()]
            self.assertIn(reasons, (["the first secret"], ["the first secret", "the second secret"]), label)
            self.assertTrue(len(reasons) == 2 or not acknowledged, f"{label}: acknowledged and lost")

        self.every_call_of_an_event([*append, "the second secret"], check)

    @unittest.skipIf(NO_STRACE, NO_STRACE)
    def test_every_call_of_an_erasure(self):
        """What was said to be erased is nowhere; and erasing again finishes what was interrupted, logged once."""
        log = self.directory / "log"
        self.assert_code(surety("log", "append", "decision", "-s", "x", "--set", "decision=Go on", "--reason",
                                "Because Zebulon asked", "--private", "reason", "--state", log), 0)
        self.assertTrue(self.holds(b"Zebulon"))
        erase = [BINARY, "log", "erase", "0", "--reason", "Request 17", "--state", log]

        def check(label, acknowledged):
            if acknowledged:
                self.assertFalse(self.holds(b"Zebulon"), f"{label}: said to be erased, and there")
            else:
                self.assert_code(surety(*erase[1:]), 0)
                self.assertFalse(self.holds(b"Zebulon"), label)
            decision, *erasures = self.events()
            self.assertEqual((decision["erased"], [event["kind"] for event in erasures]), (["reason"], ["erasure"]), label)

        self.every_call_of_an_event(erase, check)

    def test_a_writer_killed_under_load_loses_nothing_it_acknowledged(self):
        log = self.directory / "log"
        acknowledged = set()
        for round_ in range(KILLS):
            way = ["pipeline", log, "1000000", str(1 + round_ % 17), "40", "3000"] if round_ % 2 else [
                "acknowledge", log, "1000000", str(1 + round_ % 17)]
            writer = subprocess.Popen([LOAD, *way], stdout=subprocess.PIPE, env=environment())
            # As many lines as this round says, then whatever is still in the pipe when it is dead.
            lines = [writer.stdout.readline() for _ in range(1 + 7 * (round_ % 23))]
            writer.kill()
            lines += writer.stdout.readlines()
            writer.stdout.close()
            self.assertEqual(writer.wait(), -signal.SIGKILL)
            acknowledged.update(int(line.split()[0]) for line in lines if line.endswith(b"\n"))
            if round_ % 10 == 9 or round_ == KILLS - 1:
                self.assert_code(surety("log", "fsck", "--state", log), 0)
        entries = self.entries(log)
        self.assertGreater(len(acknowledged), KILLS)
        for place in acknowledged:
            self.assertEqual(said_in(entries[place]), f"entry {place}")
        self.assert_code(surety("log", "verify", "--state", log), 0)


if __name__ == "__main__":
    unittest.main()
