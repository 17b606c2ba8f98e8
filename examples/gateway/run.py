"""Traffic through the gateway: a leak that is blocked, an approval, a kill, a drift alarm, a proof. Standard library only.

Everything lies in a temporary directory and listens on free ports of the loopback. Prints what an operator would type
and see; docs/guides/gateway-controls.md shows it. Ends with another code than 0 where something does not come as told.
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
SURETY = os.path.abspath(os.environ.get("SURETY") or shutil.which("surety") or "build/release/src/app/surety")
TOKEN = "gh" + "p_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX"


class Server:
    """A program, and the lines that it says."""

    def __init__(self, command, cwd, stream):
        self.process = subprocess.Popen(command, cwd=cwd, text=True, stdout=subprocess.PIPE if stream == "stdout" else None,
                                        stderr=subprocess.PIPE if stream == "stderr" else None)
        self.stream = getattr(self.process, stream)

    def said(self, pattern):
        for line in self.stream:
            match = re.search(pattern, line)
            if match:
                return match
        raise SystemExit(f"it ended without saying {pattern}")

    def drain(self):
        threading.Thread(target=lambda: [None for _ in self.stream], daemon=True).start()

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def expect(truth, what):
    if not truth:
        raise SystemExit(f"not as told: {what}")


class Example:
    def __init__(self, folder):
        self.folder = folder

    def surety(self, *words, code=0, show=True):
        done = subprocess.run([SURETY, *words], cwd=self.folder, capture_output=True, text=True, timeout=120)
        expect(code is None or done.returncode == code, f"surety {' '.join(words)}: {done.returncode} {done.stderr}")
        if show:
            print("$ surety " + " ".join(f"'{word}'" if " " in word else word for word in words))
            sys.stdout.write(done.stdout + done.stderr)
        return done.stdout

    def ask(self, path, value=None, port=None, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        fields = {"content-type": "application/json"}
        if key:
            fields["authorization"] = "Bearer " + key
        connection.request("POST" if value is not None else "GET", path, json.dumps(value) if value is not None else None, fields)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}, body

    def chat(self, text, key, **more):
        return self.ask("/v1/chat/completions",
                        dict({"model": "scripted-1", "messages": [{"role": "user", "content": text}]}, **more), key=key)

    def start(self):
        self.upstream = Server([sys.executable, str(PROJECT / "tests/gateway/scripted_upstream.py")], self.folder, "stdout")
        port = self.upstream.said(r"^(\d+)$").group(1)
        text = (HERE / "gateway.yaml").read_text().replace("UPSTREAM", f"http://127.0.0.1:{port}")
        (self.folder / "gateway.yaml").write_text(text)
        print("== Keys, and a test of every control before anybody comes")
        self.key = self.surety("gateway", "key", "new", "--subject", "ada", "--role", "developer", show=False).strip()
        print("$ surety gateway key new --subject ada --role developer\nsk-surety-…")
        told = self.surety("gateway", "test", "--record", ".", show=False)
        print("$ surety gateway test --record .")
        print("\n".join(line for line in told.splitlines() if re.match(r"filter|inspection|tools|oversight|limit |per-key|\d+ comb|listener|http", line)))
        expect(", 0 not tried, 0 failed" in told, "the self-test")
        self.gateway = Server([SURETY, "gateway"], self.folder, "stderr")
        self.port = int(self.gateway.said(r"listening on http://\S+:(\d+)").group(1))
        self.admin = int(self.gateway.said(r"admin on http://\S+:(\d+)").group(1))
        self.gateway.drain()

    def traffic(self):
        print("\n== Traffic")
        status, fields, body = self.chat("[say Good morning.] [fingerprint fp_1]", self.key)
        expect(status == 200 and "Good morning." in body, "an answer")
        self.exchange = fields["x-surety-exchange"]
        print(f"an application asks: {status}, \"{json.loads(body)['choices'][0]['message']['content']}\"")
        print(f"x-surety-exchange: {self.exchange}")
        status, _, body = self.chat("hello", "sk-surety-nobody")
        expect(status == 401, "an unknown key")
        print(f"somebody without a key: {status} {json.loads(body)['error']['message']}")
        status, _, body = self.chat("write to ann.jones" + "@mail.org [fingerprint fp_1]", self.key)
        received = json.loads(self.ask("/requests", port=int(re.search(r":(\d+)\n", (self.folder / "gateway.yaml").read_text().split("url:")[1]).group(1)))[2])
        sent = received["requests"][-1]["body"]
        expect("ann.jones" not in sent, "an address that is redacted")
        print("what the model got of a text with an address: " + json.loads(sent)["messages"][0]["content"])

    def leak(self):
        print("\n== A leak, blocked")
        status, _, body = self.chat("please debug: token = " + TOKEN, self.key)
        expect(status == 403 and TOKEN not in body, "a leak that is blocked")
        print(f"{status} {json.loads(body)['error']['message']}")

    def approval(self):
        print("\n== An action that waits for a person")
        result = {}
        call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "pay", "arguments": {"amount": 40, "command": "transfer to bob"}}}

        def wait():
            result["answer"] = self.ask("/mcp", call, key=self.key)

        waiting = threading.Thread(target=wait)
        waiting.start()
        found = []
        for _ in range(600):
            found = [one for one in json.loads(self.ask("/approvals", port=self.admin)[2])["approvals"] if one["state"] == "pending"]
            if found or not waiting.is_alive():
                break
            threading.Event().wait(0.05)
        expect(found, "an action that waits")
        self.surety("gateway", "approvals")
        self.surety("gateway", "approve", found[0]["id"], "--reason", "agreed with finance")
        waiting.join(60)
        expect(result["answer"][0] == 200 and "not_approved" not in result["answer"][2], "an approved call")
        print("the call went on: " + json.loads(result["answer"][2])["result"]["content"][0]["text"])
        call["params"]["arguments"]["amount"] = 4000
        status, _, body = self.ask("/mcp", call, key=self.key)
        expect("error" in json.loads(body), "an amount above what the rule allows")
        print("4,000 instead of 40: " + json.loads(body)["error"]["message"])

    def drift(self):
        print("\n== The provider changes the model")
        self.chat("[say Good morning.] [fingerprint fp_2]", self.key)
        alarms = []
        for _ in range(600):
            alarms = json.loads(self.ask("/alarms", port=self.admin)[2])["alarms"]
            if alarms:
                break
            threading.Event().wait(0.05)
        expect(alarms, "an alarm")
        print(f"GET /alarms: {alarms[0]['severity']} {alarms[0]['test']}: {re.sub('key:[0-9a-f]+', 'key:…', alarms[0]['message'])}")

    def kill(self):
        print("\n== A kill")
        self.surety("gateway", "kill", "model", "scripted-*", "--reason", "incident 17")
        status = 200
        for _ in range(600):
            status, _, body = self.chat("hello", self.key)
            if status == 503:
                break
            threading.Event().wait(0.02)
        expect(status == 503, "a model that is stopped")
        print(f"the next request: {status} {json.loads(body)['error']['message']}")
        self.surety("gateway", "kill", "model", "scripted-*", "--lift")

    def proof(self):
        print("\n== A proof of one exchange")
        self.gateway.stop()
        log = ["--state", "gateway-log"]
        (self.folder / "log-keys").write_text(self.surety("log", "key", *log, show=False))
        entries = json.loads(self.surety("log", "show", ".", *log, "--format", "json", show=False))
        entries = entries["entries"] if isinstance(entries, dict) else entries
        index = next(one["index"] for one in entries if self.exchange in json.dumps(one))
        self.surety("log", "prove", str(index), ".", *log, "-o", "exchange.tlog-proof", "--entry", "exchange.entry",
                    "--content", "exchange.json")
        self.surety("log", "verify", "--proof", "exchange.tlog-proof", "--entry", "exchange.entry", "--key", "log-keys")
        entry = json.loads((self.folder / "exchange.json").read_text())["predicate"]
        print(json.dumps({name: entry[name] for name in ("exchange", "model", "route", "status", "ended") if name in entry}))

    def evidence(self):
        print("\n== What it all leaves as evidence")
        self.surety("gateway", "test", "--record", ".", show=False)
        self.surety("assess", ".", code=None, show=False)  # what the rest of the system lacks is not of this example
        self.surety("query", "SELECT c.name, c.mode, c.self_test, a.value AS allowed, r.value AS refused FROM controls c LEFT JOIN control_counts a ON a.name = c.name AND a.count_name = 'allowed' LEFT JOIN control_counts r ON r.name = c.name AND r.count_name = 'refused' ORDER BY c.name")

    def run(self):
        try:
            self.start()
            for part in (self.traffic, self.leak, self.approval, self.drift, self.kill, self.proof, self.evidence):
                part()
        finally:
            for server in ("gateway", "upstream"):
                if hasattr(self, server):
                    getattr(self, server).stop()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Example(pathlib.Path(folder)).run()
