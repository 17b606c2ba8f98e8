"""The gateway's controls through the real program: keys, limits, a blocked leak, an approval, a kill, the record."""
import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gateway"))
from harness import SURETY, GatewayCase, until  # noqa: E402

SECRET = "gh" + "p_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX"


class ControlsTest(GatewayCase):
    def with_controls(self, controls):
        gateway = self.gateway(self.configuration(more="controls: " + json.dumps(controls) + "\n"))
        return gateway, self.folder / "gateway.yaml"

    def surety(self, *words, code=0):
        done = subprocess.run([SURETY, *map(str, words)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_keys_are_handed_out_used_and_revoked_while_it_runs(self):
        gateway, file = self.with_controls({"identity": {"keys": "keys.json"}, "log": {}})
        key = self.surety("gateway", "key", "new", "--config", file, "--subject", "ada").strip()
        self.assertTrue(key.startswith("sk-surety-"))
        self.assertEqual(self.post(gateway, self.say("hello"))[0], 401)
        self.assertTrue(until(lambda: self.post(gateway, self.say("hello"), fields={"x-api-key": key})[0] == 200))
        self.surety("gateway", "key", "revoke", key[10:26], "--config", file)
        self.assertTrue(until(lambda: self.post(gateway, self.say("hello"), fields={"x-api-key": key})[0] == 401))
        self.assertNotIn(key[27:], (file.parent / "keys.json").read_text())

    def test_a_leak_is_blocked_and_a_kill_stops_what_comes(self):
        gateway, file = self.with_controls({"inspection": {"requests": {"secret": {"action": "block"}}}, "kill_switch": {}})
        status, fields, body = self.post(gateway, self.say("use " + SECRET))
        self.assertEqual(status, 403)
        self.assertNotIn(SECRET, body.decode())
        self.assertIn("x-surety-exchange", fields)
        self.assertEqual(self.post(gateway, self.say("hello"))[0], 200)
        self.surety("gateway", "kill", "everything", "--config", file, "--reason", "drill")
        self.assertTrue(until(lambda: self.post(gateway, self.say("hello"))[0] == 503))
        self.surety("gateway", "kill", "everything", "--lift", "--config", file)
        self.assertTrue(until(lambda: self.post(gateway, self.say("hello"))[0] == 200))

    def test_the_log_holds_every_exchange_and_survives_a_kill(self):
        gateway, file = self.with_controls({"log": {"bodies": "full"}})
        ids = [self.post(gateway, self.say(f"number {i}"))[1]["x-surety-exchange"] for i in range(20)]
        gateway.process.kill()
        gateway.process.wait()
        shown = self.surety("log", "verify", file.parent, "--state", file.parent / "gateway-log")
        self.assertTrue(shown)
        found = json.loads(self.surety("log", "show", file.parent, "--state", file.parent / "gateway-log", "--format", "json"))
        text = json.dumps(found)
        for one in ids:
            self.assertIn(one, text)


if __name__ == "__main__":
    unittest.main()
