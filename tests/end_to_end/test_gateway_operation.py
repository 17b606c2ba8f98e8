"""Running the gateway: its self-test and evidence, people who decide, kills on open streams, faults, the monitor, the example.

SURETY_NIGHTLY=1 makes counts what they are at night: 1,000 kills under load, 10,000 connections.
"""
import http.client
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "gateway"))
sys.path.insert(0, str(HERE))
from harness import SURETY, Gateway, GatewayCase, Upstream, until  # noqa: E402
from test_gateway import Http2  # noqa: E402

NIGHTLY = os.environ.get("SURETY_NIGHTLY") == "1"
PAY = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "pay", "arguments": {"command": "transfer"}}}
ROUTES = 'routes: [{path: "/v1/*", upstream: models}, {path: /mcp, upstream: models}]\n'
OVERSIGHT = {"tools": {"rules": [{"tool": "pay", "decision": "ask"}]}, "oversight": {"wait_seconds": 60}, "log": {}}


class OperationCase(GatewayCase):
    def surety(self, *words, code=0):
        done = subprocess.run([SURETY, *map(str, words)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def with_controls(self, controls, more="", **options):
        text = self.configuration(more="controls: " + json.dumps(controls) + "\n" + more, **options)
        self.file = self.folder / "gateway.yaml"
        return self.gateway(text)

    def admin(self, gateway, method, path, value=None):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port(), timeout=30)
        connection.request(method, path, json.dumps(value) if value is not None else None, {"content-type": "application/json"})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, json.loads(body)

    def in_background(self, work):
        result = {}
        thread = threading.Thread(target=lambda: result.update(value=work()))
        thread.start()
        self.addCleanup(thread.join, 60)
        return thread, result

    def pending(self, gateway):
        found = [one for one in self.admin(gateway, "GET", "/approvals")[1]["approvals"] if one["state"] == "pending"]
        return found[0]["id"] if found else None

    def records(self):
        """Predicates of everything in the log; the gateway must not run."""
        text = self.surety("log", "export", self.folder, "--state", self.folder / "gateway-log", "--format", "jsonl").stdout
        out = []
        for line in text.splitlines():
            entry = json.loads(line)
            content = entry.get("content", entry)
            out.append((json.loads(content) if isinstance(content, str) else content)["predicate"])
        return out


class SelfTestTest(OperationCase):
    def test_the_matrix_follows_the_configuration(self):
        file = self.folder / "gateway.yaml"

        def told(controls, code):
            file.write_text(self.configuration(more="controls: " + json.dumps(controls) + "\n"))
            return json.loads(self.surety("gateway", "test", "--config", file, "--format", "json", code=code).stdout)

        controls = {"kill_switch": {}, "limits": {"rules": [{"name": "a", "per": "everyone", "requests": 25}]},
                    "inspection": {"requests": {"secret": {"action": "block"}}}, "log": {}}
        result = told(controls, 0)
        self.assertEqual(len(result["combinations"]), 8 * 7 * 5)
        self.assertEqual(len({(one["filter"], one["route"], one["block"]) for one in result["combinations"]}), 280)
        for one in result["combinations"]:
            self.assertEqual(one["outcome"] == "passed", not one["reasons"], one)
        self.assertEqual([(one["declared"], one["measured"]) for one in result["limits"]], [(25, 25)])
        self.assertEqual({one["check"]: one["outcome"] for one in result["transport"]},
                         {name: "not-applicable" if name == "tls" or name.startswith("client") else "passed" for name in
                          ("http1", "http2", "head-limit", "field-limit", "body-limit", "two-readings", "tls", "client-certificate",
                           "client-certificate-signed")})
        controls["inspection"]["mode"] = "observe"
        outcomes = {one["filter"]: one["outcome"] for one in told(controls, 0)["filters"]}
        self.assertEqual((outcomes["inspection"], outcomes["log"], outcomes["tools"]), ("observed", "passed", "not-applicable"))
        controls["inspection"] = {"requests": {"custom": {"action": "block"}}, "patterns": [{"name": "n", "expression": "N[0-9]+"}]}
        self.assertEqual(told(controls, 3)["outcome"], "not-tried")
        controls["inspection"]["patterns"][0]["sample"] = "no number"
        self.assertEqual(told(controls, 1)["outcome"], "failed")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["gateway.yaml"], "no state and no log")
        file.write_text(self.configuration(more="controls:\n  limits:\n    rules: [{name: a, per: nobody}]\n"))
        self.assertRegex(self.surety("gateway", "test", "--config", file, code=2).stderr, r"gateway\.yaml:\d+: controls\.limits\.rules")
        file.write_text(self.configuration())
        self.assertIn("no section controls", self.surety("gateway", "test", "--config", file, code=2).stderr)
        self.surety("gateway", "test", "--config", self.folder / "none.yaml", code=2)

    def test_its_result_is_evidence_until_the_file_changes(self):
        file = self.folder / "gateway.yaml"
        file.write_text(self.configuration(more="controls: " + json.dumps(
            {"identity": {"keys": "keys.json"}, "tools": {"rules": [{"tool": "a"}]}, "log": {}}) + "\n"))
        self.surety("gateway", "test", "--config", file, "--record", self.folder)

        def verdicts():
            done = subprocess.run([SURETY, "assess", str(self.folder), "--format", "json"], capture_output=True, text=True, timeout=120)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            return done.stdout

        self.assertNotIn("changed after the self-test", verdicts())
        query = [SURETY, "query", "-C", str(self.folder), "--format", "json"]
        rows = json.loads(subprocess.run([*query, "SELECT name, self_test, file FROM controls ORDER BY name"],
                                         capture_output=True, text=True, timeout=60).stdout)
        self.assertEqual([(row["name"], row["self_test"], row["file"]) for row in rows],
                         [(name, "passed", "gateway.yaml") for name in ("identity", "log", "tools", "transport")])
        file.write_text(file.read_text() + "# changed\n")
        self.assertIn("changed after the self-test", verdicts())


class PeopleTest(OperationCase):
    def keys(self, **roles):
        out = {}
        for subject, role in roles.items():
            out[subject] = self.surety("gateway", "key", "new", "--config", self.file, "--subject", subject, "--role", role).stdout.strip()
        return out

    def test_an_action_is_approved_or_denied_by_people_and_by_nobody_else(self):
        gateway = self.with_controls(dict(OVERSIGHT, identity={"keys": "keys.json"}), more=ROUTES)
        keys = self.keys(ada="developer", grace="approver")
        self.assertTrue(until(lambda: self.post(gateway, self.say("hello"), fields={"x-api-key": keys["ada"]})[0] == 200))
        call = lambda: self.post(gateway, PAY, path="/mcp", fields={"x-api-key": keys["ada"]})  # noqa: E731

        thread, result = self.in_background(call)
        waiting = until(lambda: self.pending(gateway))
        self.assertTrue(waiting)
        decide = f"/approvals/{waiting}/approve"
        self.assertEqual(self.admin(gateway, "POST", decide, {"approver": "grace"})[0], 403, "a name is not enough")
        self.assertEqual(self.admin(gateway, "POST", decide, {"key": keys["ada"]})[0], 403, "not the role")
        self.assertTrue(thread.is_alive())
        self.assertEqual(self.admin(gateway, "POST", decide, {"key": keys["grace"], "reason": "fine"})[0], 200)
        thread.join(60)
        self.assertIn("ran transfer", result["value"][2].decode())
        self.assertNotEqual(self.admin(gateway, "POST", decide, {"key": keys["grace"]})[0], 200, "used up")

        thread, result = self.in_background(call)
        waiting = until(lambda: self.pending(gateway))
        listed = self.surety("gateway", "approvals", "--config", self.file, "--format", "json")
        self.assertIn(waiting, listed.stdout)
        self.surety("gateway", "deny", waiting, "--config", self.file, "--reason", "no")
        thread.join(60)
        self.assertIn("not_approved", result["value"][2].decode())
        self.assertNotIn("ran transfer", result["value"][2].decode())
        thread, result = self.in_background(lambda: self.post(gateway, dict(PAY, params={"name": "pay", "arguments": {"command": "x"}}),
                                                              path="/mcp", fields={"x-api-key": keys["ada"]}))
        self.surety("gateway", "approve", until(lambda: self.pending(gateway)), "--config", self.file)
        thread.join(60)
        self.assertIn("ran x", result["value"][2].decode())
        self.surety("gateway", "approve", "0123456789abcdef", "--config", self.file, code=2)

        used = [row for row in self.admin(gateway, "GET", "/permissions")[1]["callers"] if row["subject"] == "ada"]
        self.assertEqual([one["tool"] for one in used[0]["used"]], ["pay"])
        gateway.stop()
        by_command = [row for row in json.loads(self.surety("gateway", "permissions", "--config", self.file).stdout)
                      if row["subject"] == "ada"]
        self.assertEqual((by_command[0]["granted"], by_command[0]["unused"]), (["pay"], []))
        events = [one.get("event") for one in self.records()]
        for event in ("approval-requested", "approval-approved", "approval-used", "approval-denied"):
            self.assertIn(event, events)

    def test_what_was_kept_of_somebody_can_be_erased_and_the_log_still_verifies(self):
        gateway = self.with_controls({"identity": {"keys": "keys.json"}, "log": {"bodies": "full"}})
        keys = self.keys(ada="developer", bob="developer")
        for key in keys.values():
            self.assertTrue(until(lambda: self.post(gateway, self.say("marzipan"), fields={"x-api-key": key})[0] == 200))
        status, told = self.admin(gateway, "POST", "/subjects/erase", {"subject": "ada", "actor": "dpo", "reason": "request 4"})
        self.assertEqual(status, 200, told)
        self.assertNotEqual(self.admin(gateway, "POST", "/subjects/erase", {"subject": "", "actor": "dpo"})[0], 200)
        gateway.stop()
        self.surety("log", "verify", self.folder, "--state", self.folder / "gateway-log")
        records = self.records()
        self.assertIn("subject-erased", [one.get("event") for one in records])
        self.assertNotIn("marzipan", json.dumps(records))


class StreamTest(OperationCase):
    """What happens to a stream that is open. Order is asserted; times are printed."""

    def open_stream(self, gateway, text):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        connection.request("POST", "/v1/chat/completions", json.dumps(self.say(text, stream=True)), {"content-type": "application/json"})
        answer = connection.getresponse()
        self.addCleanup(connection.close)
        return answer

    def test_a_kill_ends_a_stream_over_http1(self):
        gateway = self.with_controls({"kill_switch": {}, "log": {}})
        answer = self.open_stream(gateway, "[deltas 100000 20]")
        self.assertIn(b"data:", answer.readline())
        begun = time.monotonic()
        self.surety("gateway", "kill", "model", "scripted-*", "--config", self.file)
        rest = answer.read()
        print(f"HTTP/1.1: the stream ended {(time.monotonic() - begun) * 1000:.0f} ms after the command began", file=sys.stderr)
        self.assertIn(b"stopped", rest)
        self.assertTrue(rest.rstrip().endswith(b"data: [DONE]"), rest[-200:])
        self.assertEqual(self.post(gateway, self.say("hello"))[0], 503)

    def test_a_kill_ends_a_stream_over_http2_and_only_what_it_names(self):
        gateway = self.with_controls({"kill_switch": {}})
        client = Http2(gateway.port)
        for number, model in ((1, "scripted-1"), (3, "other")):
            body = json.dumps(dict(self.say("[deltas 100000 20]" if number == 1 else "[deltas 40 20]", stream=True), model=model))
            client.socket.sendall(client.request(number, "/v1/chat/completions", body.encode()))
        bodies, ended, killed = {1: b"", 3: b""}, [], None
        for kind, flags, stream, payload in client.frames():
            if kind == Http2.DATA:
                bodies[stream] += payload
                client.socket.sendall(client.frame(8, 0, 0, max(1, len(payload)).to_bytes(4, "big")))
                if payload:
                    client.socket.sendall(client.frame(8, 0, stream, len(payload).to_bytes(4, "big")))
                if flags & 1:
                    ended.append(stream)
            if killed is None and all(bodies.values()):
                killed = time.monotonic()
                status, effect = self.admin(gateway, "POST", "/kills", {"kind": "model", "value": "scripted-*", "actor": "ada"})
                self.assertEqual((status, effect["matched"]), (200, 1), effect)
                print(f"HTTP/2: {effect['slowest_us']} us until the stream's thread had noticed", file=sys.stderr)
            if len(ended) == 2:
                break
        client.socket.close()
        self.assertEqual(ended, [1, 3], "the killed stream ends first, the other one by itself")
        self.assertIn(b"stopped", bodies[1])
        self.assertIn(b"word39", bodies[3])

    def test_a_call_within_a_stream_waits_for_approval_and_nothing_of_it_leaves_before(self):
        gateway = self.with_controls(OVERSIGHT)
        tools = [{"type": "function", "function": {"name": "pay", "parameters": {"type": "object"}}}]
        value = self.say('[tool pay {"command": "transfer"}]', stream=True, tools=tools)

        def ask():
            return self.post(gateway, value)

        thread, result = self.in_background(ask)
        waiting = until(lambda: self.pending(gateway))
        self.assertTrue(waiting and thread.is_alive())
        self.assertEqual(self.admin(gateway, "POST", f"/approvals/{waiting}/approve", {"approver": "grace"})[0], 200)
        thread.join(60)
        self.assertIn(b"ransfer", result["value"][2], "in whatever pieces it came")
        self.assertTrue(result["value"][2].endswith(b"data: [DONE]\n\n"), result["value"][2][-200:])
        thread, result = self.in_background(ask)
        self.admin(gateway, "POST", f"/approvals/{until(lambda: self.pending(gateway))}/deny", {"approver": "grace"})
        thread.join(60)
        self.assertNotIn(b"ransfer", result["value"][2])
        self.assertIn(b"not_approved", result["value"][2])


class RoutingTest(OperationCase):
    def test_models_lead_to_their_upstreams_and_a_reload_moves_them(self):
        other = Upstream()
        self.addCleanup(other.stop)

        def configuration(moved):
            routes = [{"path": "/v1/chat/completions", "models": ["scripted-1"], "upstream": "models"},
                      {"path": "/v1/chat/completions", "models": ["fast", "scripted-*"], "upstream": "others", "model": "tiny-7"},
                      {"path": "/v1/models*", "upstream": "models"}]
            if moved:
                routes[1]["upstream"] = "models"
            more = ("  - name: others\n    servers:\n      - url: " + other.url + "\ncontrols: " + json.dumps({"log": {}}) +
                    "\nroutes: " + json.dumps(routes) + "\n")
            return self.configuration(more=more)

        gateway = self.gateway(configuration(False))

        def asked(model):
            status, fields, body = self.post(gateway, dict(self.say("hello"), model=model))
            called = {name.lower(): value for name, value in fields.items()}.get("x-surety-upstream-model")
            return status, json.loads(body).get("model"), called

        self.assertEqual(asked("scripted-1"), (200, "scripted-1", None))
        self.assertEqual(asked("fast"), (200, "fast", "tiny-7"))
        self.assertEqual(asked("scripted-2"), (200, "scripted-2", "tiny-7"))
        self.assertEqual(asked("another")[0], 404)
        tried = json.loads(self.surety("gateway", "test", "--config", self.folder / "gateway.yaml", "--format", "json").stdout)["routing"]
        self.assertEqual([(one["upstream"], one["outcome"]) for one in tried],
                         [("models", "passed"), ("", "passed"), ("others", "passed"), ("others", "passed")])
        self.assertEqual([json.loads(one["body"])["model"] for one in other.received()["requests"]], ["tiny-7", "tiny-7"])
        status, _, body = self.get(gateway, "/v1/models")
        self.assertEqual((status, [one["id"] for one in json.loads(body)["data"]]), (200, ["scripted-1", "fast"]))
        self.assertEqual(self.get(gateway, "/v1/models/fast")[0], 200)
        self.assertEqual(self.get(gateway, "/v1/models/another")[0], 404)
        events = self.post(gateway, dict(self.say("hello"), model="fast", stream=True))[2].decode().split("\n\n")
        said = {json.loads(one[6:])["model"] for one in events if one.startswith("data: {")}
        self.assertEqual(said, {"fast"}, "in each event")
        (self.folder / "gateway.yaml").write_text(configuration(True))
        before = len(self.upstream.received()["requests"])
        self.assertTrue(until(lambda: asked("fast")[0] == 200 and len(self.upstream.received()["requests"]) > before))

    def get(self, gateway, path):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), body


class HostileTest(OperationCase):
    def test_bodies_that_two_readers_read_differently_reach_nobody(self):
        gateway = self.with_controls({"inspection": {"requests": {"secret": {"action": "block"}}}})
        before = len(self.upstream.received()["requests"])
        start = b'{"model":"scripted-1","messages":[{"role":"user","content":"hello"}]'
        for name, body in {"a member twice": start + b',"model":"other"}',
                           "10,000 levels": start + b',"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
                           "10,000 objects": start + b',"x":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
                           "no UTF-8": start.replace(b"hello", b"\xff\xfe") + b"}",
                           "half a surrogate": start.replace(b"hello", b"\\ud800") + b"}",
                           "two values": start + b"}{}", "cut off": start}.items():
            with self.subTest(name):
                status, _, answer = self.post(gateway, body)
                self.assertEqual(status, 400, answer)
                self.assertIn("error", json.loads(answer))
        self.assertEqual(len(self.upstream.received()["requests"]), before)
        self.assertEqual(self.post(gateway, start + b"}")[0], 200)

    def test_errors_of_the_configuration_name_file_line_and_field(self):
        file = self.folder / "gateway.yaml"
        for more, what in {
            "controls: {limits: {rules: [{name: a, per: key, requests: 1}]}}": "counts per caller, but identity is off",
            "controls: {tools: {rules: [{tool: a, decision: ask}]}}": "oversight is off",
            "controls: {inspection: {requests: {secret: {action: ask}}}}": "oversight is off",
            "controls: {tools: {rules: [{tool: a, decision: refuse, after_untrusted: allow}]}}": "freer after untrusted content",
            "controls: {identity: {}}": "nobody could pass",
            "controls: {inspection: {requests: {custom: {action: block}}, patterns: [{name: a, expression: '('}]}}": "inspection",
            "controls: {unknown: {}}": "unknown",
            "controls: {}\nmonitor: {baseline: a}": "baseline and public_key go together",
            "monitor: {}": "no section controls",
            "controls: {}\nmonitor: {max_keys: 0}": "max_keys",
        }.items():
            with self.subTest(more):
                file.write_text(self.configuration(more=more + "\n"))
                said = self.surety("gateway", "check", "--config", file, code=2).stderr
                self.assertIn(what, said)
                self.assertRegex(said, r"gateway\.yaml:\d+")

    def test_many_connections_are_held_and_served(self):
        count = 10_000 if NIGHTLY else 400
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < count + 200:
            self.skipTest(f"only {hard} descriptors may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        gateway = self.with_controls({"log": {"durable": "async"}})
        body = json.dumps(self.say("hello")).encode()
        request = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: "
                   + str(len(body)).encode() + b"\r\n\r\n" + body)
        connections = []
        try:
            for _ in range(count):
                connections.append(socket.create_connection(("127.0.0.1", gateway.port), timeout=60))
            self.assertTrue(until(lambda: gateway.metrics()["surety_gateway_connections"] >= count))
            for connection in connections[:: max(1, count // 200)]:
                connection.sendall(request)
                self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 200"))
        finally:
            for connection in connections:
                connection.close()


class FaultTest(OperationCase):
    def fill_disk(self, gateway):
        """From now on the gateway can make no file longer, as on a disk that is full."""
        before = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        return lambda: resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, before)

    def test_a_full_disk_shuts_the_gateway_until_there_is_room(self):
        gateway = self.with_controls({"log": {}})
        self.assertEqual(self.post(gateway, self.say("hello"))[0], 200)

        def asked(text):
            try:
                return self.post(gateway, self.say(text))[0]
            except (OSError, http.client.HTTPException):
                return 503  # refused by its head, and the connection closed before the body was sent

        make_room = self.fill_disk(gateway)
        status, fields, body = self.post(gateway, self.say("unrecorded"))
        self.assertEqual((status, json.loads(body)["error"]["code"]), (503, "log_unavailable"), "said, though its answer passes unchanged")
        self.assertEqual(asked("unrecorded"), 503)
        self.assertIsNone(gateway.process.poll())
        make_room()
        self.assertTrue(until(lambda: asked("recorded") == 200))
        gateway.stop()
        self.surety("log", "verify", self.folder, "--state", self.folder / "gateway-log")

    def test_a_full_disk_lets_pass_where_it_is_told_to_and_the_records_follow(self):
        gateway = self.with_controls({"log": {"on_failure": "continue"}})
        make_room = self.fill_disk(gateway)
        status, fields, _ = self.post(gateway, self.say("kept in memory"))
        self.assertEqual(status, 200)
        make_room()
        self.assertTrue(until(lambda: gateway.metrics().get('surety_log_records_total{outcome="written"}', 0) >= 1))
        gateway.stop()
        self.assertIn(fields["x-surety-exchange"], [one.get("exchange") for one in self.records()])

    def test_nothing_that_was_acknowledged_is_lost_by_a_kill_under_load(self):
        controls = {"limits": {"rules": [{"name": "all", "per": "everyone", "requests": 1_000_000, "seconds": 86_400}]}, "log": {}}
        acknowledged, lock = [], threading.Lock()
        for _ in range(1000 if NIGHTLY else 12):
            gateway = self.with_controls(controls)
            enough = threading.Event()

            def work():
                connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
                try:
                    while True:
                        status, fields, _ = self.post(gateway, self.say("count me"), connection=connection)
                        if status == 200:
                            with lock:
                                acknowledged.append(fields["x-surety-exchange"])
                                if len(acknowledged) % 20 == 0:
                                    enough.set()
                except (OSError, http.client.HTTPException):
                    pass
                finally:
                    connection.close()

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            self.assertTrue(enough.wait(60))
            gateway.process.kill()
            gateway.process.wait()
            for thread in threads:
                thread.join(60)
        self.surety("log", "verify", self.folder, "--state", self.folder / "gateway-log")
        recorded = {one.get("exchange") for one in self.records()}
        self.assertEqual([one for one in acknowledged if one not in recorded], [])


class MonitorTest(OperationCase):
    def test_it_watches_what_passes_and_survives_a_reload(self):
        gateway = self.with_controls({"log": {}}, more="monitor: {}\n")
        for _ in range(3):
            self.assertEqual(self.post(gateway, self.say("[say Good morning.] [fingerprint fp_1]"))[0], 200)
        watched = 'surety_exchanges_total{model="scripted-1"}'
        self.assertTrue(until(lambda: gateway.metrics().get(watched) == 3))
        self.assertEqual(self.admin(gateway, "GET", "/alarms")[1]["alarms"], [])
        self.file.write_text(self.file.read_text() + "# reload\n")
        reloads = 'surety_gateway_reloads_total{result="taken"}'
        self.assertTrue(until(lambda: any(name.startswith("surety_gateway_reloads_total") and "refused" not in name and value >= 1
                                          for name, value in gateway.metrics().items())), reloads)
        self.assertEqual(self.post(gateway, self.say("[say Good morning.] [fingerprint fp_2]"))[0], 200)
        alarms = until(lambda: self.admin(gateway, "GET", "/alarms")[1]["alarms"])
        self.assertEqual([(one["test"], one["from"], one["to"]) for one in alarms], [("fingerprint", "fp_1", "fp_2")])
        metrics = gateway.metrics()
        self.assertEqual((metrics[watched], metrics["surety_monitor_not_observed_total"]), (4, 0))
        gateway.stop()
        records = self.records()
        raised = [one for one in records if one.get("event") == "alarm-raised"]
        self.assertEqual([one["alarm"]["test"] for one in raised], ["fingerprint"])
        summaries = [one for one in records if one.get("name") == "log" and one.get("source") == "gateway"]
        self.assertEqual({count["name"]: int(count["value"]) for count in summaries[-1]["counts"]}["allowed"], 4)

    def test_summaries_go_on_over_a_restart(self):
        for _ in range(2):
            gateway = self.with_controls({"log": {}})
            self.assertEqual(self.post(gateway, self.say("hello"))[0], 200)
            gateway.stop()
        summaries = [one for one in self.records() if one.get("name") == "log" and one.get("source") == "gateway"]
        self.assertEqual([{count["name"]: int(count["value"]) for count in one["counts"]}["allowed"] for one in summaries], [1, 2])


class ExampleTest(unittest.TestCase):
    def test_it_shows_what_it_says(self):
        done = subprocess.run([str(PROJECT / "examples/gateway/run.sh")], env=dict(os.environ, SURETY=SURETY), capture_output=True,
                              text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        for told in ("Good morning.", "401 a valid key is needed", "write to [redacted: email]", "403 this request holds what may not pass",
                     "ran transfer to bob", "this call is not allowed here", "the provider's build changed from fp_1 to fp_2",
                     "503 this was stopped by its operator", "Proven: entry"):
            self.assertIn(told, done.stdout)


if __name__ == "__main__":
    unittest.main()
