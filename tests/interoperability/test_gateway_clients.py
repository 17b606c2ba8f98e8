"""The openai, anthropic and MCP SDKs for Python through the gateway, streaming and tools included.

Installs the packages of gateway_requirements.txt into the build folder, once. Where they cannot be had, the tests are
skipped and say why.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
os.environ.setdefault("SURETY", str(HERE.parents[1] / "build/dev/src/app/surety"))
sys.path.insert(0, str(HERE.parent / "gateway"))
from harness import GatewayCase, Process  # noqa: E402

BUILD = pathlib.Path(os.environ.get("INTEROPERABILITY_BUILD", HERE.parents[1] / "build" / "interoperability"))


def install():
    """The Python with the SDKs, and why there is none."""
    requirements = HERE / "gateway_requirements.txt"
    stamp = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = BUILD / f"gateway-clients-{stamp}"
    if (folder / "complete").exists():
        return folder / "bin/python", ""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for words in ([sys.executable, "-m", "venv", str(folder)],
                      [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary",
                       ":all:", "--retries", "1", "--timeout", "20", "-r", str(requirements)]):
            run = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
            if run.returncode != 0:
                lines = run.stdout.decode("utf-8", "replace").strip().splitlines()
                return None, "the SDKs cannot be had: " + (lines[-1] if lines else "no output")[:200]
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"the SDKs cannot be had: {error}"
    (folder / "complete").touch()
    return folder / "bin/python", ""


PYTHON, MISSING = install()


class Clients(GatewayCase):
    def test_the_sdks_work_unchanged(self):
        if MISSING:
            self.skipTest(MISSING.replace("'", "").replace('"', ""))
        real = Process([str(PYTHON), str(HERE / "gateway_mcp_server.py")], r"^(\d+)$", "stdout")
        self.addCleanup(real.stop)
        routes = "".join(f"  - {{path: \"{path}\", upstream: models}}\n" for path in (
            "/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/models", "/v1/models/*", "/v1/messages",
            "/v1/messages/count_tokens", "/mcp"))
        gateway = self.gateway(self.configuration(
            more="routes:\n" + routes + "  - {path: /real/mcp, target: /mcp, upstream: tools, protocol: mcp}\n",
            upstream_more=f"  - name: tools\n    servers: [{{url: \"http://127.0.0.1:{real.found.group(1)}\"}}]\n"))
        run = subprocess.run([str(PYTHON), str(HERE / "gateway_clients.py"), f"http://127.0.0.1:{gateway.port}"], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        self.assertEqual(run.returncode, 0, run.stdout)
        print(run.stdout, file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
