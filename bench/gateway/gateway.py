#!/usr/bin/env python3
"""Measures the gateway beside nginx and haproxy: each proxies the same requests to the same server, one after another.

    bench/gateway/gateway.py [--surety BINARY] [--upstream BINARY] [--seconds N] [--rounds N] [--lanes requests,one,streams,idle]
                             [--only NAME,...] [--controls NAME,...] [--config NAME=FILE]...

The proxy runs alone on processor 0 with one worker; the load generator (wrk) and the server share processor 1. Requests
are POSTs of 2 KB of JSON, no two of 64 alike, answers 1 KB, connections kept. --controls adds gateways with controls on:
identity, limits, inspection, guard, log-async, log, all-async, all (see CONTROLS). --config adds one with that
configuration, in which @UPSTREAM@ stands for the server's URL and @PORT@ for the port; lines "# field: NAME: VALUE" are
sent with each request. --litellm adds that gateway with its controls off (litellm[proxy] from PyPI). Prints Markdown
tables on standard output. CPU is the proxy's own (user and system), so it says less wrong than rates on a busy machine.
Needs wrk, nginx and haproxy (those not installed are left out). Standard library only.
"""
import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMPT = "Please summarise the attached minutes of the planning meeting in three sentences and list the open questions. "
DIFFERENT = 64

# What stands in "controls" besides identity: an API key with each request. Each name takes in those before it, but that
# log stands on identity and limits alone, and that guard is not part of all.
LIMITS = "  limits: {rules: [{name: r, per: key, requests: 100000000, tokens: 100000000000}]}\n"
DETECTORS = "secret: {action: block}, personal: {action: redact}"
INSPECTION = f"  inspection: {{requests: {{{DETECTORS}, injection: {{action: observe}}}}, answers: {{{DETECTORS}}}}}\n"
GUARD = f"  inspection: {{requests: {{{DETECTORS}, injection: {{action: observe}}, guard: {{action: observe}}}}, answers: {{{DETECTORS}}}, guard: {{user: 0.9}}}}\n"
LOG = "  log: {bodies: digest}\n"
LOG_ASYNC = "  log: {bodies: digest, durable: async}\n"
CONTROLS = {
    "identity": "",
    "limits": LIMITS,
    "inspection": LIMITS + INSPECTION,
    "guard": LIMITS + GUARD,
    "log-async": LIMITS + LOG_ASYNC,
    "log": LIMITS + LOG,
    "all-async": LIMITS + INSPECTION + LOG_ASYNC,
    "all": LIMITS + INSPECTION + LOG,
}


def request_body(size=2048, number=0):
    head = '{"model":"bench","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"'
    tail = '"}],"max_tokens":200}'
    text = (f"{number}. {PROMPT}" * (size // len(PROMPT) + 1))[: size - len(head) - len(tail)]
    return head + text + tail


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree(pid):
    """The process and those under it."""
    found = [pid]
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def resident_bytes(pids):
    return sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids) * 4096


def on_processor(number):
    return lambda: os.sched_setaffinity(0, {number})


def wait_for(port, process):
    for _ in range(2400):  # some load for a minute
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


class Proxies:
    def __init__(self, arguments, folder, upstream_port):
        self.arguments, self.folder, self.upstream = arguments, folder, upstream_port
        self.fields = {}

    def start(self, name):
        port = free_port()
        command = getattr(self, name, None)
        command = command(port) if command else self.gateway(name, port)
        process = subprocess.Popen(command, preexec_fn=on_processor(0), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port, process)
        except SystemExit:
            process.terminate()
            raise
        time.sleep(0.3)
        return process, port

    def nginx(self, port):
        file = self.folder / "nginx.conf"
        file.write_text(f"""daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 30000; }}
http {{ access_log off; keepalive_requests 100000000; client_body_buffer_size 64k; client_body_temp_path {self.folder}/b;
proxy_temp_path {self.folder}/p; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
upstream u {{ server 127.0.0.1:{self.upstream}; keepalive 512; keepalive_requests 100000000; }}
server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_buffering off; proxy_read_timeout 600s; }} }} }}""")
        return ["nginx", "-c", str(file), "-e", "/dev/null"]

    def haproxy(self, port):
        file = self.folder / "haproxy.cfg"
        file.write_text(f"""global
  nbthread 1
  maxconn {(resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200) // 2}
defaults
  mode http
  timeout client 600s
  timeout server 600s
  timeout connect 5s
  option http-no-delay
  http-reuse always
frontend f
  bind 127.0.0.1:{port} backlog 4096
  default_backend b
backend b
  server s 127.0.0.1:{self.upstream}
""")
        return ["haproxy", "-db", "-f", str(file)]

    def plain(self, port):
        return f"""listen: [{{port: {port}}}]
workers: 1
limits: {{connections: 30000}}
timeouts: {{stall_seconds: 600, first_byte_seconds: 600, idle_seconds: 600}}
upstreams: [{{name: u, servers: [{{url: "http://127.0.0.1:{self.upstream}"}}]}}]
routes: [{{path: "/*", upstream: u}}]
"""

    def litellm(self, port):
        file = self.folder / "litellm.yaml"
        file.write_text(f"""model_list:
  - model_name: bench
    litellm_params: {{model: openai/bench, api_base: "http://127.0.0.1:{self.upstream}/v1", api_key: none}}
litellm_settings: {{telemetry: false}}
general_settings: {{dangerously_permit_weak_or_unset_master_key: true}}
""")
        return [self.arguments.litellm, "--config", str(file), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]

    def surety_off(self, port):
        file = self.folder / "off.yaml"
        file.write_text(self.plain(port))
        return [self.arguments.surety, "gateway", "--config", str(file)]

    def gateway(self, name, port):
        if name in CONTROLS:
            return self.controlled(name, port)
        given = pathlib.Path(dict(each.split("=", 1) for each in self.arguments.config)[name])
        text = given.read_text().replace("@UPSTREAM@", f"http://127.0.0.1:{self.upstream}").replace("@PORT@", str(port))
        self.fields[name] = re.findall(r"^# field: ([^:]+): (.*)$", text, re.MULTILINE)
        file = self.folder / f"{name}.yaml"
        file.write_text(text)
        return [self.arguments.surety, "gateway", "--config", str(file)]


    def controlled(self, name, port):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))
        keys = folder / "keys.json"
        made = subprocess.run([self.arguments.surety, "gateway", "key", "--keys", str(keys), "--subject", "bench", "new"],
                              capture_output=True, text=True, check=True)
        self.fields[name] = [("x-api-key", made.stdout.split()[0])]
        file = folder / "gateway.yaml"
        file.write_text(self.plain(port) + "controls:\n  state: state\n  identity: {keys: keys.json}\n" + CONTROLS[name])
        return [self.arguments.surety, "gateway", "--config", str(file)]


def wrk_script(folder, fields):
    file = folder / "post.lua"
    lines = ['wrk.method = "POST"', 'wrk.headers["Content-Type"] = "application/json"']
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in fields]
    # The requests are written once, so that the generator costs the same for every proxy.
    lines += ["local requests, turn = {}, 0", "function init(arguments)"]
    lines += [f"  requests[{number + 1}] = wrk.format(nil, nil, nil, [==[{request_body(number=number)}]==])" for number in range(DIFFERENT)]
    lines += ["end", "function request()", f"  turn = turn % {DIFFERENT} + 1", "  return requests[turn]", "end"]
    file.write_text("\n".join(lines) + "\n")
    return file


def run_wrk(folder, port, connections, seconds, fields):
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(wrk_script(folder, fields)),
                           f"http://127.0.0.1:{port}/v1/chat/completions"], capture_output=True, text=True, preexec_fn=on_processor(1), check=True)

    def time_of(name):
        number, unit = re.search(rf"^\s+{name}\s+([\d.]+)(us|ms|s)", done.stdout, re.MULTILINE).groups()
        return float(number) * {"us": 1, "ms": 1000, "s": 1e6}[unit]
    requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
    errors = re.search(r"(Socket errors:.*|Non-2xx.*)", done.stdout)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1)), "requests": requests,
            "p50": time_of("50%"), "p99": time_of("99%"), "errors": errors.group(1) if errors else ""}


def measure(proxies, folder, name, connections, seconds):
    if name == "direct":
        result = run_wrk(folder, proxies.upstream, connections, seconds, [])
        return dict(result, cpu=0, resident=0)
    process, port = proxies.start(name)
    try:
        fields = proxies.fields.get(name, [])
        run_wrk(folder, port, connections, 1, fields)
        pids = tree(process.pid)
        before = cpu_seconds(pids)
        result = run_wrk(folder, port, connections, seconds, fields)
        cpu = (cpu_seconds(pids) - before) / max(1, result["requests"]) * 1e6
        return dict(result, cpu=cpu, resident=resident_bytes(pids) / (1 << 20))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def lane_requests(proxies, folder, names, arguments, connections):
    rounds = {name: [] for name in names}
    for _ in range(arguments.rounds):
        for name in names:  # in turn, so that what else runs here meets all alike
            rounds[name].append(measure(proxies, folder, name, connections, arguments.seconds))
    print(f"\n{connections} connection{'s' if connections > 1 else ''}, {arguments.rounds} rounds of {arguments.seconds} s, medians:\n")
    print("| | requests/s | of nginx | p50 µs | p99 µs | CPU µs/request | of nginx | MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|")
    middle = {name: {key: statistics.median(one[key] for one in results) for key in ("rate", "p50", "p99", "cpu", "resident")}
              for name, results in rounds.items()}
    base = middle.get("nginx")
    for name in names:
        one = middle[name]
        print(f"| {name} | {one['rate']:,.0f} | {one['rate'] / base['rate'] if base else 0:.2f} | {one['p50']:.0f} | {one['p99']:.0f} | "
              f"{one['cpu']:.1f} | {one['cpu'] / base['cpu'] if base else 0:.2f} | {one['resident']:.1f} |")
        errors = {each["errors"] for each in rounds[name]} - {""}
        if errors:
            print(f"  errors of {name}: {'; '.join(sorted(errors))}", file=sys.stderr)
    sys.stdout.flush()


def lane_streams(proxies, folder, names, arguments):
    for streams in (1, arguments.streams):
        print(f"\n{streams} stream{'s at once' if streams > 1 else ''} of 64 deltas at 20 ms, {arguments.rounds} rounds, medians; from the "
              f"server's write to the client's read; the text of each is {arguments.word!r}:\n")
        print("| | whole | p50 µs | p99 µs | longest gap ms | CPU µs/delta |\n|---|--:|--:|--:|--:|--:|")
        rounds = {name: [] for name in names}
        for _ in range(arguments.rounds):
            for name in names:
                rounds[name].append(measure_streams(proxies, folder, name, streams, arguments))
        for name in names:
            middle = {key: statistics.median(one[key] for one in rounds[name]) for key in ("p50", "p99", "cpu")}
            print(f"| {name} | {min(one['whole'] for one in rounds[name])} of {streams} | {middle['p50'] / 1000:.0f} | {middle['p99'] / 1000:.0f} | "
                  f"{max(one['longest_gap'] for one in rounds[name]) / 1e6:.0f} | {middle['cpu']:.1f} |")
            sys.stdout.flush()


def measure_streams(proxies, folder, name, streams, arguments):
    process, port = (None, proxies.upstream) if name == "direct" else proxies.start(name)
    body = folder / "stream.json"
    body.write_text(request_body(512).replace('"max_tokens"', '"stream":true,"max_tokens"'))
    pids = tree(process.pid) if process else []
    before = cpu_seconds(pids)
    done = subprocess.run([arguments.stream_client, str(port), str(streams), str(body),
                           *(f"{field}: {value}" for field, value in proxies.fields.get(name, []))],
                          capture_output=True, text=True, preexec_fn=on_processor(1), check=True)
    result = json.loads(done.stdout)
    result["cpu"] = (cpu_seconds(pids) - before) / max(1, result["deltas"]) * 1e6
    if process:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    return result


def lane_idle(proxies, folder, names, arguments):
    """Streams that have begun and say nothing: what they cost in memory. The server sends one delta, then waits."""
    count = min(arguments.idle, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 300) // 2)  # two descriptors each
    print(f"\n{count:,} streams that say nothing:\n\n| | open | MiB | KiB a stream |\n|---|--:|--:|--:|")
    upstream = start_upstream(arguments, "--deltas", "2", "--pause-ms", "600000")
    quiet = Proxies(arguments, folder, upstream[1])
    body = request_body(512).replace('"max_tokens"', '"stream":true,"max_tokens"').encode()
    for name in names:
        if name == "direct":
            continue
        process, port = quiet.start(name)
        pids = tree(process.pid)
        before = resident_bytes(pids)
        extra = "".join(f"{field}: {value}\r\n" for field, value in quiet.fields.get(name, []))
        request = f"POST /v1/chat/completions/stream HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{extra}content-length: {len(body)}\r\n\r\n".encode() + body
        open_streams = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=120)
            connection.sendall(request)
            open_streams.append(connection)
        begun = sum(connection.recv(12).startswith(b"HTTP/1.1 200") for connection in open_streams)
        used = resident_bytes(pids) - before
        print(f"| {name} | {begun:,} | {(before + used) / (1 << 20):.0f} | {used / max(1, begun) / 1024:.1f} |")
        sys.stdout.flush()
        for connection in open_streams:
            connection.close()
        for pid in pids:  # nginx's worker outlives a master that is killed
            os.kill(pid, signal.SIGKILL)
        process.wait(60)
    upstream[0].kill()
    upstream[0].wait()


def start_upstream(arguments, *more):
    process = subprocess.Popen([arguments.upstream, *more], stdout=subprocess.PIPE, text=True, preexec_fn=on_processor(1))
    return process, int(process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--surety", default=str(ROOT / "build/release/src/app/surety"))
    parser.add_argument("--upstream", default=str(ROOT / "build/release/bench/gateway/gateway_upstream"))
    parser.add_argument("--stream-client", default=str(ROOT / "build/release/bench/gateway/gateway_stream_client"))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--word", default="paragraph ", help="the text of each delta; of short words inspection holds the last back")
    parser.add_argument("--streams", type=int, default=512)
    parser.add_argument("--idle", type=int, default=10000)
    parser.add_argument("--lanes", default="requests,one,streams,idle")
    parser.add_argument("--only", default="")
    parser.add_argument("--controls", default="", help=", ".join(CONTROLS))
    parser.add_argument("--litellm", help="the program of LiteLLM's proxy")
    parser.add_argument("--config", action="append", default=[])
    arguments = parser.parse_args()
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (65536, 65536))
    except (ValueError, PermissionError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    names = ["direct", *(name for name in ("nginx", "haproxy") if shutil.which(name)), *(["litellm"] if arguments.litellm else []), "surety_off",
             *(name for name in arguments.controls.split(",") if name), *(each.split("=", 1)[0] for each in arguments.config)]
    unknown = set(arguments.controls.split(",")) - {"", *CONTROLS}
    if unknown:
        raise SystemExit(f"no controls of the name {', '.join(sorted(unknown))}")
    if arguments.only:
        names = [name for name in names if name in arguments.only.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        folder.chmod(0o755)
        upstream, port = start_upstream(arguments, "--word", arguments.word)
        try:
            proxies = Proxies(arguments, folder, port)
            for lane in arguments.lanes.split(","):
                if lane == "requests":
                    lane_requests(proxies, folder, names, arguments, 64)
                elif lane == "one":
                    lane_requests(proxies, folder, names, arguments, 1)
                elif lane == "streams":
                    lane_streams(proxies, folder, names, arguments)
                elif lane == "idle":
                    lane_idle(proxies, folder, names, arguments)
                else:
                    raise SystemExit(f"no lane {lane}")
        finally:
            upstream.kill()
            upstream.wait()


if __name__ == "__main__":
    main()
