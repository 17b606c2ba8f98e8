"""What a running gateway leaves as evidence: its monitor's statements, alarms and webhook, its limits held against declarations."""
import hashlib
import hmac
import http.server
import json
import pathlib
import random
import subprocess
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "gateway"))
sys.path.insert(0, str(HERE))
from harness import SURETY, until  # noqa: E402
from test_gateway_operation import OperationCase  # noqa: E402

SECRET = "a secret of the webhook"


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes alarms; answers the first delivery as a service does that is just starting."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.deliveries.append((self.headers["surety-signature"], body))
        self.send_response(503 if len(self.server.deliveries) == 1 else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class EvidenceCase(OperationCase):
    def check(self, name):
        """A check's result of an assessment of the folder."""
        done = subprocess.run([SURETY, "assess", str(self.folder), "--format", "json"], capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        found = [check for provision in json.loads(done.stdout)["provisions"] for check in provision["checks"] if check["id"] == name]
        self.assertTrue(found, name)
        return found[0]

    def query(self, sql):
        done = subprocess.run([SURETY, "query", "-C", str(self.folder), "--format", "json", sql], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)


class MonitorEvidenceTest(EvidenceCase):
    def learn_baseline(self):
        generator = random.Random(7)
        lines = []
        for place in range(1200):
            prompt = f"Could you find the order {generator.randrange(100000)} of {generator.choice(['Ada', 'Bob', 'Kim', 'Lee'])}?"
            lines.append(json.dumps({
                "time": 1_790_000_000 + place * 200, "key": "shop", "latency_ms": generator.lognormvariate(6.5, 0.4),
                "request": {"model": "scripted-1", "messages": [{"role": "user", "content": prompt}]},
                "response": {"model": "scripted-1", "system_fingerprint": "fp_scripted",
                             "usage": {"prompt_tokens": generator.randrange(10, 60), "completion_tokens": generator.randrange(3, 90)},
                             "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "It is on its way."}}]}}))
        (self.folder / "usual.jsonl").write_text("\n".join(lines) + "\n")
        self.surety("keygen", "--private-key", self.folder / "ops.key", "--public-key", self.folder / "ops.pub")
        self.surety("monitor", "baseline", self.folder / "usual.jsonl", "--private-key", self.folder / "ops.key",
                    "-o", self.folder / "usual.baseline")

    def test_drift_reaches_a_webhook_the_log_and_the_evidence_and_is_dealt_with_by_a_person(self):
        self.learn_baseline()
        hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        hook.deliveries = []
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        self.addCleanup(hook.server_close)
        self.addCleanup(hook.shutdown)
        (self.folder / "hook.secret").write_text(SECRET + "\n")
        monitor = {"baseline": "usual.baseline", "public_key": "ops.pub", "record": ".",
                   "webhook": {"url": f"http://127.0.0.1:{hook.server_port}/alarms", "secret_file": "hook.secret"}}
        gateway = self.with_controls({"log": {}}, more="monitor: " + json.dumps(monitor) + "\n")
        self.assertEqual(self.post(gateway, self.say("[say It is on its way.]"))[0], 200)
        for _ in range(60):
            self.assertIn(self.post(gateway, self.say("[status 500]"))[0], (500, 503), "503 where the breaker is open")
        alarms = until(lambda: [one for one in self.admin(gateway, "GET", "/alarms")[1]["alarms"] if one["metric"] == "failed"])
        self.assertTrue(alarms, self.admin(gateway, "GET", "/alarms"))
        self.assertEqual((alarms[0]["test"], alarms[0]["model"]), ("share-up", "scripted-1"))
        self.assertTrue(until(lambda: len(hook.deliveries) >= 2), "delivered again after 503")
        for signature, body in hook.deliveries:
            seconds, digest = (part.split("=")[1] for part in signature.split(","))
            self.assertEqual(hmac.new(SECRET.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest(), digest)
        told = [json.loads(body) for _, body in hook.deliveries]
        self.assertIn("failed", [one["alarm"]["metric"] for one in told])
        waiting = self.admin(gateway, "GET", "/alarms")[1]["waiting"]
        self.assertGreaterEqual(waiting, 1)
        self.assertEqual(self.admin(gateway, "POST", "/alarms/acknowledge", {"number": 1})[0], 400, "nobody says so")
        self.assertEqual(self.admin(gateway, "POST", "/alarms/acknowledge", {"number": 4711, "actor": "ada"})[0], 404)
        gateway.stop()
        # Nobody had to do anything for this: the end of the gateway left it in the evidence of the system beside it.
        row = self.query("SELECT name, alerts, alerts_closed FROM monitors")[0]
        self.assertEqual((row["name"], int(row["alerts"]), int(row["alerts_closed"])), ("traffic", waiting, 0))
        self.assertEqual(self.check("alarms-of-monitors-are-dealt-with")["verdict"], "pass")
        raised = [one["alarm"]["metric"] for one in self.records() if one.get("event") == "alarm-raised"]
        self.assertIn("failed", raised)

        # The same again with nobody at the webhook: the next run goes on from what the last one left, and the log has all.
        hook.shutdown()
        hook.server_close()
        gateway = self.gateway(self.file.read_text())
        self.assertEqual(self.admin(gateway, "GET", "/alarms")[1]["waiting"], waiting)
        self.assertEqual(self.post(gateway, self.say("[fingerprint fp_2] [say Changed.]"))[0], 200)
        self.assertTrue(until(lambda: self.admin(gateway, "GET", "/alarms")[1]["waiting"] > waiting))
        status, done = self.admin(gateway, "POST", "/alarms/acknowledge", {"actor": "ada", "reason": "the provider was down"})
        self.assertEqual(status, 200, done)
        self.assertEqual(self.admin(gateway, "GET", "/alarms")[1]["waiting"], 0)
        gateway.stop()
        row = self.query("SELECT alerts, alerts_closed FROM monitors")[0]
        self.assertEqual(row["alerts"], row["alerts_closed"])
        events = [one for one in self.records() if str(one.get("event", "")).startswith("alarm-")]
        self.assertIn("fingerprint", [one["alarm"]["test"] for one in events if one["event"] == "alarm-raised"])
        self.assertEqual([(one["actor"], int(one["closed"])) for one in events if one["event"] == "alarm-acknowledged"],
                         [("ada", int(row["alerts"]))])

    def test_refusals_and_lengths_of_answers_are_seen_in_streams_too(self):
        gateway = self.with_controls({"log": {}}, more="monitor: {}\n")
        for text in ("[say I'm sorry, but I can't help with that.]", "[say The parcel left the warehouse in Leeds this morning.]"):
            for stream in (False, True):
                self.assertEqual(self.post(gateway, self.say(text, stream=stream))[0], 200)
        of = 'surety_exchange_answers_total{model="scripted-1",question="refused",answer="%s"}'
        self.assertTrue(until(lambda: gateway.metrics().get(of % "yes", 0) + gateway.metrics().get(of % "no", 0) == 4))
        metrics = gateway.metrics()
        self.assertEqual((metrics[of % "yes"], metrics['surety_output_tokens_count{model="scripted-1"}']), (2, 4))

    def test_a_monitor_without_a_baseline_claims_to_cover_nothing(self):
        gateway = self.with_controls({"log": {}}, more="monitor: {record: .}\n")
        self.assertEqual(self.post(gateway, self.say("hello"))[0], 200)
        gateway.stop()
        self.assertEqual([row["name"] for row in self.query("SELECT name FROM monitors")], ["traffic"])
        self.assertEqual(self.query("SELECT value FROM monitor_lists"), [])
        self.assertEqual(self.check("alarms-of-monitors-are-dealt-with")["verdict"], "not applicable")


class DeclaredTest(EvidenceCase):
    def test_declared_limits_prompts_and_notices_are_held_against_what_the_gateway_does(self):
        (self.folder / "ai-system.yaml").write_text(
            "version: 1\nsystem: {name: shop, description: answers customers, roles: [system-operator]}\n"
            "interfaces:\n  - {id: api, kind: api, exposure: public, authentication: api-key, rate_limit: 60/minute}\n")
        controls = {"identity": {"keys": "keys.json"}, "kill_switch": {}, "log": {},
                    "limits": {"rules": [{"name": "each", "per": "key", "requests": 60}, {"name": "all", "per": "everyone", "requests": 5000}]},
                    "changes": {"prompts": [{"name": "a", "sha256": "0" * 64}], "unlisted_prompts": "alarm",
                                "notices": [{"id": "n1", "text": "Texts are kept for 30 days.", "about": "data-use"}]}}
        gateway = self.with_controls(controls)
        key = self.surety("gateway", "key", "new", "--config", self.file, "--subject", "ada").stdout.strip()
        self.assertTrue(until(lambda: self.post(gateway, self.say("hello"), fields={"x-api-key": key})[0] == 200))
        self.assertEqual(self.admin(gateway, "POST", "/kills/drill", {"kind": "model", "value": "*", "actor": "ada"})[0], 200)
        gateway.stop()
        self.surety("gateway", "test", "--config", self.file, "--record", self.folder)
        for name in ("rate-limits-are-as-declared", "data-notices-are-delivered", "kill-switch-works", "prompts-in-use-are-on-record"):
            self.assertEqual(self.check(name)["verdict"], "pass", self.check(name))
        controls["limits"]["rules"][0]["requests"] = 120
        self.file.write_text(self.configuration(more="controls: " + json.dumps(controls) + "\n"))
        self.assertEqual(self.check("rate-limits-are-as-declared")["verdict"], "inconclusive", "measured before the file changed")
        self.surety("gateway", "test", "--config", self.file, "--record", self.folder)
        found = self.check("rate-limits-are-as-declared")
        self.assertEqual(found["verdict"], "fail")
        self.assertIn("let 172800 requests a day", json.dumps(found))


if __name__ == "__main__":
    unittest.main()
