"""What surety sends to OpenTelemetry collectors, parsed by the protocol's own definitions (opentelemetry-proto from PyPI,
installed into the build folder). Skipped, with the reason, where that cannot be installed."""
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import venv

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SURETY", str(PROJECT / "build/dev/src/app/surety"))
BUILD = pathlib.Path(os.environ.get("OTLP_BUILD", PROJECT / "build/otlp"))
PACKAGES = ["opentelemetry-proto==1.45.2", "protobuf==7.36.2"]

PARSER = """
import json, sys
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
kinds = {"logs": ExportLogsServiceRequest, "metrics": ExportMetricsServiceRequest, "traces": ExportTraceServiceRequest}
out = {}
for kind, body in json.load(sys.stdin):
    message = Parse(body, kinds[kind]())  # refuses unknown fields and values of a wrong kind
    if kind == "metrics":
        metrics = message.resource_metrics[0].scope_metrics[0].metrics
        out["metrics"] = {m.name: m.WhichOneof("data") for m in metrics}
        usage = next(m for m in metrics if m.name == "gen_ai.client.token.usage").histogram
        out["count"] = [point.count for point in usage.data_points]
        out["sums"] = [sum(point.bucket_counts) for point in usage.data_points]
    if kind == "logs":
        out["events"] = [r.event_name for r in message.resource_logs[0].scope_logs[0].log_records]
print(json.dumps(out))
"""


def python_with_proto():
    """Python with opentelemetry-proto, or the reason why there is none."""
    target = BUILD / "venv"
    python = target / "bin/python"
    marker = target / "installed"
    if not marker.exists():
        try:
            venv.create(target, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                           check=True, capture_output=True, timeout=300)
        except (OSError, subprocess.SubprocessError) as error:
            return None, f"opentelemetry-proto cannot be installed: {error}"
        marker.write_text("\n".join(PACKAGES))
    return python, ""


class Otlp(unittest.TestCase):
    def test_the_protocols_own_parser_reads_what_is_sent(self):
        python, reason = python_with_proto()
        if python is None:
            self.skipTest(reason)
        received = []

        class Receiver(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                received.append((self.path.rsplit("/", 1)[1], body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        with tempfile.TemporaryDirectory(prefix="surety-test-") as folder:
            log = pathlib.Path(folder) / "log.jsonl"
            with log.open("w") as out:
                for place in range(20):
                    out.write(json.dumps({
                        "time": 1_790_000_000 + place, "latency_ms": 100 + place, "key": "k",
                        "request": {"model": "m", "messages": [{"role": "user", "content": "Hello"}]},
                        "response": {"system_fingerprint": f"fp_{place // 10}",
                                     "usage": {"prompt_tokens": 5, "completion_tokens": place}}}) + "\n")
            run = subprocess.run([BINARY, "monitor", "replay", log, "--otlp",
                                  f"http://127.0.0.1:{server.server_address[1]}"], capture_output=True, timeout=120)
            self.assertEqual(run.returncode, 0, run.stderr.decode())
        parsed = subprocess.run([python, "-c", PARSER], input=json.dumps(received).encode(), capture_output=True,
                                timeout=120)
        self.assertEqual(parsed.returncode, 0, parsed.stderr.decode())
        seen = json.loads(parsed.stdout)
        self.assertEqual(seen["metrics"]["gen_ai.client.operation.duration"], "histogram")
        self.assertEqual(seen["metrics"]["surety.monitor.exchanges"], "sum")
        self.assertEqual(seen["count"], [20, 20])
        self.assertEqual(seen["sums"], [20, 20])
        self.assertEqual(seen["events"], ["surety.monitor.alarm"])


if __name__ == "__main__":
    unittest.main()
