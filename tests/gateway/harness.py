"""Starts the gateway and scripted upstreams for tests, on free ports of the loopback, and stops them by pid."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SURETY = os.environ["SURETY"]
HERE = pathlib.Path(__file__).resolve().parent


class Process:
    """A program that says on one of its streams where it listens."""

    def __init__(self, command, pattern, stream, **options):
        self.lines = []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE if stream == "stdout" else subprocess.DEVNULL,
                                        stderr=subprocess.PIPE if stream == "stderr" else None, **options)
        self.reader = threading.Thread(target=self._read, args=(getattr(self.process, stream),), daemon=True)
        self.reader.start()
        self.found = self.wait_for(pattern)

    def _read(self, stream):
        for line in stream:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()
        stream.close()

    def wait_for(self, pattern, seconds=60, after=0):
        """The match of the first line that fits, waiting for it; fails where the program ends without one."""
        end = time.monotonic() + seconds
        at = after
        with self.changed:
            while True:
                while at < len(self.lines):
                    if self.lines[at] is None:
                        raise AssertionError(f"it ended without saying {pattern}: {self.lines}")
                    match = re.search(pattern, self.lines[at])
                    if match:
                        return match
                    at += 1
                if not self.changed.wait(max(0, end - time.monotonic())) and time.monotonic() >= end:
                    raise AssertionError(f"it did not say {pattern}: {self.lines}")

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(60)
        self.reader.join(60)
        return code


class Upstream(Process):
    def __init__(self, *arguments):
        super().__init__([sys.executable, str(HERE / "scripted_upstream.py"), *arguments], r"^(\d+)$", "stdout")
        self.port = int(self.found.group(1))
        self.url = ("https" if "--tls" in arguments else "http") + f"://127.0.0.1:{self.port}"

    def received(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/requests")
        value = json.loads(connection.getresponse().read())
        connection.close()
        return value


class Gateway(Process):
    def __init__(self, file, **options):
        super().__init__([SURETY, "gateway", "--config", str(file)], r"listening on https?://\S+:(\d+)$", "stderr", **options)
        self.port = int(self.found.group(1))
        self.pid = self.process.pid

    def admin_port(self):
        return int(self.wait_for(r"admin on http://\S+:(\d+)$").group(1))

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port(), timeout=30)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: float(value) for name, value in re.findall(r"^(surety_\S+) (\S+)$", text, re.MULTILINE)}


def until(condition, seconds=30):
    """Asks until the answer is true, and gives it; for what another process does in its own time."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = condition()
        if value or time.monotonic() >= end:
            return value
        pause.wait(0.02)


class GatewayCase(unittest.TestCase):
    """Tests with one upstream; each test starts the gateway that it wants."""

    @classmethod
    def setUpClass(cls):
        cls.upstream = Upstream()

    @classmethod
    def tearDownClass(cls):
        cls.upstream.stop()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def configuration(self, more="", servers=None, upstream_more="", listen="  - port: 0\n", workers=2):
        servers = servers or [self.upstream.url]
        lines = "".join(f"      - url: {url}\n" if isinstance(url, str) else f"      - {json.dumps(url)}\n" for url in servers)
        return (f"listen:\n{listen}admin: {{port: 0}}\nworkers: {workers}\nupstreams:\n  - name: models\n    servers:\n{lines}"
                f"{upstream_more}{more}")

    def gateway(self, text=None, **options):
        file = self.folder / "gateway.yaml"
        file.write_text(text or self.configuration())
        gateway = Gateway(file, **options)
        self.addCleanup(gateway.stop, signal.SIGKILL)
        return gateway

    def post(self, gateway, value, path="/v1/chat/completions", fields=None, connection=None):
        """Posts JSON; gives status, fields and body."""
        own = connection or http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        own.request("POST", path, json.dumps(value) if not isinstance(value, (bytes, str)) else value,
                    dict({"content-type": "application/json"}, **(fields or {})))
        answer = own.getresponse()
        body = answer.read()
        if connection is None:
            own.close()
        return answer.status, dict((name.lower(), text) for name, text in answer.getheaders()), body

    def say(self, text, **more):
        return dict({"model": "scripted-1", "messages": [{"role": "user", "content": text}]}, **more)

    def raw(self, gateway, data, seconds=30):
        """Sends bytes and gives all that comes until the gateway closes."""
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=seconds) as connection:
            connection.sendall(data)
            received = b""
            try:
                while True:
                    part = connection.recv(65536)
                    if not part:
                        return received
                    received += part
            except ConnectionResetError:
                return received
