"""The gateway as transport: what passes unchanged, what is refused, and what it survives."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gateway"))
from harness import SURETY, Gateway, GatewayCase, Upstream, until  # noqa: E402


def make_certificates(folder):
    """An authority, a server's and a client's certificate for 127.0.0.1, and an expired one, by the openssl program."""
    def run(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=test authority",
        "-keyout", "ca.key", "-out", "ca.pem")
    (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\n")
    for name, days in (("server", 30), ("client", 30), ("expired", -1)):
        run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
            "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions",
            "-days", str(days), "-out", f"{name}.pem")


class PassesTest(GatewayCase):
    def test_an_answer_passes_byte_for_byte(self):
        gateway = self.gateway()
        status, fields, body = self.post(gateway, self.say("hello"))
        direct = http.client.HTTPConnection("127.0.0.1", self.upstream.port, timeout=30)
        direct.request("POST", "/v1/chat/completions", json.dumps(self.say("hello")))
        self.assertEqual((status, body), (200, direct.getresponse().read()))
        self.assertEqual(fields["content-type"], "application/json")
        direct.close()

    def test_a_stream_passes_part_by_part_as_it_comes(self):
        gateway = self.gateway()
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        connection.request("POST", "/v1/chat/completions", json.dumps(self.say("[hang-stream]", stream=True)))
        answer = connection.getresponse()  # the head comes although the stream hangs
        self.assertEqual(answer.getheader("content-type"), "text/event-stream")
        self.assertIn(b"assistant", answer.readline())  # and so does the first event
        connection.close()

    def test_hop_by_hop_fields_and_the_client_s_key_stay_here(self):
        os.environ["SURETY_TEST_UPSTREAM_KEY"] = "upstream-secret-1"
        gateway = self.gateway(self.configuration(
            servers=[{"url": self.upstream.url, "key_env": "SURETY_TEST_UPSTREAM_KEY"}],
            more="routes: [{path: /echo, upstream: models}]\n"))
        _, _, body = self.post(gateway, {}, "/echo?x=1", {
            "Authorization": "Bearer client-secret", "X-Api-Key": "client-secret", "Connection": "keep-alive, X-Own", "X-Own": "1",
            "Keep-Alive": "5", "TE": "trailers", "Proxy-Authorization": "Basic client-secret", "Upgrade": "h2c", "X-Kept": "yes"})
        echo = json.loads(body)
        self.assertEqual(echo["target"], "/echo?x=1")
        fields = {name.lower(): value for name, value in echo["fields"]}
        self.assertEqual(fields["authorization"], "Bearer upstream-secret-1")
        self.assertEqual(fields["x-kept"], "yes")
        self.assertEqual(fields["host"], f"127.0.0.1:{self.upstream.port}")
        self.assertNotIn("client-secret", body.decode())
        for name in ("connection", "x-own", "keep-alive", "te", "proxy-authorization", "upgrade", "x-api-key"):
            self.assertNotIn(name, fields)
        self.assertFalse([line for line in gateway.lines if "secret" in line])

    def test_connections_are_kept_on_both_sides(self):
        gateway = self.gateway(self.configuration(workers=1))
        before = self.upstream.received()["connections"]["total"]
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        for i in range(20):
            self.assertEqual(self.post(gateway, self.say(f"number {i}"), connection=connection)[0], 200)
        connection.close()
        self.assertEqual(gateway.metrics()["surety_gateway_connections_total"], 1)
        self.assertEqual(self.upstream.received()["connections"]["total"] - before, 2)  # one is this question's

    def test_bodies_of_every_size_pass_whole_and_streamed(self):
        gateway = self.gateway(self.configuration(
            more="routes:\n  - {path: /echo, upstream: models}\n  - {path: /streamed, target: /echo, upstream: models, body: stream}\n"))
        for size in (0, 1, 16383, 16384, 16385, 1 << 20):
            text = "x" * size
            for path in ("/echo", "/streamed"):
                with self.subTest(size=size, path=path):
                    # As a list, http.client sends it in chunks.
                    for body in (text, iter([text[:100].encode(), text[100:].encode()])):
                        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
                        connection.request("POST", path, body, encode_chunked=not isinstance(body, str),
                                           headers={} if isinstance(body, str) else {"Transfer-Encoding": "chunked"})
                        answer = connection.getresponse()
                        self.assertEqual(json.loads(answer.read())["body"], text)
                        connection.close()

    def test_requests_sent_ahead_are_answered_in_order(self):
        gateway = self.gateway()
        requests = b""
        for i in range(10):
            body = json.dumps(self.say(f"[say number {i}.]")).encode()
            requests += (f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
                         f"{'Connection: close' if i == 9 else 'X: y'}\r\n\r\n").encode() + body
        received = self.raw(gateway, requests).decode()
        places = [received.find(f"number {i}.") for i in range(10)]
        self.assertEqual(places, sorted(places))
        self.assertNotIn(-1, places)

    def test_old_clients_head_requests_and_expectations(self):
        gateway = self.gateway()
        received = self.raw(gateway, b"GET /v1/models HTTP/1.0\r\n\r\n")
        self.assertTrue(received.startswith(b"HTTP/1.1 200 "), received[:80])
        self.assertIn(b"connection: close", received)
        received = self.raw(gateway, b"HEAD /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertTrue(received.endswith(b"\r\n\r\n"), received)
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as connection:
            connection.sendall(b"POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n")
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 100 "))
            connection.sendall(b'{"input":"a"}')
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 200 "))


class RefusesTest(GatewayCase):
    def test_other_routes_and_paths_that_read_two_ways(self):
        gateway = self.gateway(self.configuration(more="routes: [{path: /v1/*, upstream: models}]\n"))
        for target in ("/", "/v2/chat", "/v1/../admin", "/v1/%2e%2e/admin", "/v1//x", "/v1/a%2fb", "/v1/a\\b", "/v1/./x"):
            with self.subTest(target):
                received = self.raw(gateway, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                self.assertTrue(received.startswith(b"HTTP/1.1 404 "), received[:60])

    def test_what_two_servers_may_read_differently_is_refused_and_closed(self):
        gateway = self.gateway()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
        smuggled = b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n"
        before = len(self.upstream.received()["requests"])
        for fields in (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
                       b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", b"X: a\r\n b\r\n\r\n", b"Content-Length : 4\r\n\r\nabcd",
                       b"X: a\nY: b\r\n\r\n", b"Host: y\r\n\r\n", b"Content-Length: 0x4\r\n\r\nabcd", b"X\x00: a\r\n\r\n"):
            with self.subTest(fields):
                received = self.raw(gateway, head + fields + smuggled)
                self.assertIn(received[9:12], (b"400", b"501"))
                self.assertEqual(received.count(b"HTTP/1.1 "), 1)  # nothing after it was read as a request
        self.assertEqual(len(self.upstream.received()["requests"]), before)

    def test_heads_and_bodies_above_their_limits(self):
        gateway = self.gateway(self.configuration(more="limits: {head_bytes: 4096, body_bytes: 1000}\n"))
        received = self.raw(gateway, b"GET /v1/models HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 5000 + b"\r\n\r\n")
        self.assertTrue(received.startswith(b"HTTP/1.1 431 "), received[:60])
        self.assertEqual(self.post(gateway, "x" * 1001)[0], 413)
        chunks = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 4
        self.assertTrue(self.raw(gateway, chunks).startswith(b"HTTP/1.1 413 "))

    def test_a_bad_configuration_says_where(self):
        cases = [("listen: [{port: 1}]\n", "upstreams"), (self.configuration(listen="  - {port: 0, adress: x}\n"), "did you mean"),
                 (self.configuration(more="routes: [{path: /x, upstream: modls}]\n"), "did you mean models"),
                 (self.configuration(servers=["http://user:pass@host/"]), "credential"),
                 (self.configuration(servers=["http://host:99999/"]), "port"), ("a: [", "line")]
        for text, reason in cases:
            with self.subTest(reason):
                file = self.folder / "bad.yaml"
                file.write_text(text)
                for command in (["gateway", "check"], ["gateway"]):
                    done = subprocess.run([SURETY, *command, "--config", str(file)], capture_output=True, text=True, timeout=60)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn("bad.yaml", done.stderr)
                    self.assertIn(reason if reason != "line" else "bad.yaml:", done.stderr)

    def test_an_address_in_use_is_an_environment_failure(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            file = self.folder / "gateway.yaml"
            file.write_text(self.configuration(listen=f"  - port: {taken.getsockname()[1]}\n"))
            done = subprocess.run([SURETY, "gateway", "--config", str(file)], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 5)
            self.assertIn("listening on", done.stderr)


class FaultsTest(GatewayCase):
    SHORT = "timeouts: {head_seconds: 0.5, body_seconds: 0.5, first_byte_seconds: 0.5, stall_seconds: 0.7, connect_seconds: 1, idle_seconds: 0.6}\n"

    def test_what_an_upstream_does_wrong(self):
        gateway = self.gateway(self.configuration(more=self.SHORT))
        for command, status in (("hang", 504), ("reset", 502), ("nonsense", 502), ("huge-head", 502), ("status 418", 418),
                                ("status 500", 500)):
            with self.subTest(command):
                status_got, _, body = self.post(gateway, self.say(f"[{command}]"))
                self.assertEqual(status_got, status, body)
                self.assertIn("error", json.loads(body))
        for command, stream in (("short", False), ("hang-stream", True), ("reset-stream", True)):
            with self.subTest(command):
                connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
                with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                    self.post(gateway, self.say(f"[{command}]", stream=stream), connection=connection)
                connection.close()
        status, _, body = self.post(gateway, self.say("[bad-sse]", stream=True))
        self.assertEqual(status, 200)
        self.assertIn(b"\xff\xfe not text", body)
        self.assertEqual(self.post(gateway, self.say("still there"))[0], 200)

    def test_slow_heads_and_bodies_are_ended(self):
        gateway = self.gateway(self.configuration(more=self.SHORT))
        self.assertTrue(self.raw(gateway, b"GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Slow: ").startswith(b"HTTP/1.1 408 "))
        received = self.raw(gateway, b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        self.assertTrue(received.startswith(b"HTTP/1.1 408 "), received)
        self.assertEqual(self.raw(gateway, b""), b"")

    def test_a_client_that_goes_away_frees_the_upstream(self):
        gateway = self.gateway()
        before = self.upstream.received()["connections"]["open"]
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        connection.request("POST", "/v1/chat/completions", json.dumps(self.say("[hang-stream]", stream=True)))
        connection.getresponse().readline()
        self.assertTrue(until(lambda: self.upstream.received()["connections"]["open"] > before))
        connection.sock.close() if connection.sock else None
        connection.close()
        self.assertTrue(until(lambda: gateway.metrics()["surety_gateway_exchanges"] == 0))
        self.assertTrue(until(lambda: self.upstream.received()["connections"]["open"] <= before))
        self.assertEqual(gateway.metrics()['surety_gateway_exchanges_total{end="client_gone"}'], 1)

    def test_a_client_that_stops_reading_does_not_fill_memory(self):
        gateway = self.gateway(self.configuration(workers=1))
        connections = []
        for _ in range(8):
            connection = socket.create_connection(("127.0.0.1", gateway.port), timeout=60)
            body = json.dumps(self.say("[endless]", stream=True)).encode()
            connection.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            connection.recv(100)
            connections.append(connection)

        def resident():
            return int(pathlib.Path(f"/proc/{gateway.pid}/statm").read_text().split()[1]) * 4096
        first = resident()
        for _ in range(5):
            self.assertEqual(self.post(gateway, self.say("others are served"))[0], 200)
        self.assertLess(resident() - first, 64 << 20)
        for connection in connections:
            connection.close()
        self.assertTrue(until(lambda: gateway.metrics()["surety_gateway_exchanges"] == 0))

    def test_many_connections_that_say_nothing(self):
        gateway = self.gateway(self.configuration(more="limits: {connections: 400}\n"))
        idle = [socket.create_connection(("127.0.0.1", gateway.port), timeout=60) for _ in range(350)]
        self.assertTrue(until(lambda: gateway.metrics()["surety_gateway_connections"] >= 300))
        self.assertEqual(self.post(gateway, self.say("others are served"))[0], 200)
        for connection in idle:
            connection.close()
        self.assertTrue(until(lambda: gateway.metrics()["surety_gateway_connections"] == 0))

    def test_retries_and_failover_go_to_the_other_server(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            dead = f"http://127.0.0.1:{closed.getsockname()[1]}"
        gateway = self.gateway(self.configuration(servers=[dead, self.upstream.url],
                                                  upstream_more="    circuit_breaker: {failures: 3, open_seconds: 600}\n"))
        for i in range(12):
            self.assertEqual(self.post(gateway, self.say(f"number {i}"))[0], 200)
        metrics = gateway.metrics()
        self.assertEqual(metrics["surety_gateway_retries_total"], 3)  # then the dead one is left out
        self.assertEqual(metrics[f'surety_gateway_server_left_out{{upstream="models",server="{dead}"}}'], 1)

    def test_a_post_is_not_sent_twice_unless_allowed(self):
        for allowed, expected in ((False, 1), (True, 2)):
            with self.subTest(allowed):
                gateway = self.gateway(self.configuration(
                    upstream_more=f"    retry: {{attempts: 2, on: ['503'], post: {str(allowed).lower()}}}\n"))
                mark = f"sent-{allowed}-{os.getpid()}"
                self.assertEqual(self.post(gateway, self.say(f"[status 503] {mark}"))[0], 503)
                sent = [each for each in self.upstream.received()["requests"] if mark in each["body"]]
                self.assertEqual(len(sent), expected)

    def test_weights_share_the_requests(self):
        other = Upstream()
        self.addCleanup(other.stop)
        gateway = self.gateway(self.configuration(servers=[{"url": self.upstream.url, "weight": 3}, {"url": other.url, "weight": 1}]))
        for i in range(20):
            self.assertEqual(self.post(gateway, self.say(f"number {i}"))[0], 200)
        metrics = gateway.metrics()
        self.assertEqual([metrics[f'surety_gateway_server_requests_total{{upstream="models",server="{url}"}}']
                          for url in (self.upstream.url, other.url)], [15, 5])


class Http2:
    """The little of HTTP/2 that tests need: frames, and heads written as literals (RFC 7541, 6.2.2)."""
    DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
    PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.sendall(self.PREFACE + self.frame(self.SETTINGS))
        self.bytes = b""

    @staticmethod
    def frame(kind, flags=0, stream=0, payload=b""):
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    @staticmethod
    def head(fields):
        out = b""
        for name, value in fields:
            for text in (name.encode(), value.encode()):
                assert len(text) < 127
            out += b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        return out

    def request(self, stream, path, body=None, more=()):
        fields = [(":method", "GET" if body is None else "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), *more]
        data = self.frame(self.HEADERS, 4 | (1 if body is None else 0), stream, self.head(fields))
        return data if body is None else data + self.frame(self.DATA, 1, stream, body)

    def read(self, count):
        while len(self.bytes) < count:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError
            self.bytes += part
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def frames(self):
        """Kind, flags, stream and payload of each frame that comes, until the gateway closes."""
        try:
            while True:
                head = self.read(9)
                yield head[3], head[4], int.from_bytes(head[5:9], "big"), self.read(int.from_bytes(head[:3], "big"))
        except (EOFError, ConnectionResetError):
            return

    def answers(self, count):
        """Bodies of so many streams, by number; asserts that each begins with status 200 (index 8 of the static table)."""
        bodies, ended = {}, 0
        for kind, flags, stream, payload in self.frames():
            if kind == self.HEADERS:
                assert payload[0] == 0x88, payload
                bodies[stream] = b""
            elif kind == self.DATA:
                bodies[stream] += payload
                # What was taken may be sent again.
                self.socket.sendall(self.frame(8, 0, 0, max(1, len(payload)).to_bytes(4, "big")))
                ended += flags & 1
                if ended == count:
                    return bodies
        raise AssertionError(f"{ended} of {count} streams ended")


class Http2Test(GatewayCase):
    def test_streams_of_one_connection_are_answered_each(self):
        gateway = self.gateway()
        client = Http2(gateway.port)
        numbers = range(1, 41, 2)
        for number in numbers:
            body = json.dumps(self.say(f"[say stream {number}.]", stream=number % 4 == 1)).encode()
            client.socket.sendall(client.request(number, "/v1/chat/completions", body))
        bodies = client.answers(len(numbers))
        client.socket.close()
        for number in numbers:
            self.assertIn(str(number).encode(), bodies[number])
        self.assertEqual(gateway.metrics()["surety_gateway_http2_connections_total"], 1)

    def test_the_upstream_hears_of_cookies_and_authority_as_http1(self):
        gateway = self.gateway(self.configuration(more="routes: [{path: /echo, upstream: models}]\n"))
        client = Http2(gateway.port)
        client.socket.sendall(client.request(1, "/echo", b"hello", [("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers")]))
        echo = json.loads(client.answers(1)[1])
        client.socket.close()
        fields = {name.lower(): value for name, value in echo["fields"]}
        self.assertEqual((fields["cookie"], echo["body"]), ("a=1; b=2", "hello"))
        self.assertNotIn("te", fields)

    def test_floods_end_the_connection_and_nobody_else_s(self):
        gateway = self.gateway(self.configuration(more="limits: {resets_per_second: 20}\n"))
        body = json.dumps(self.say("[hang]")).encode()
        floods = {
            "rapid reset": lambda number: Http2.request(Http2, number, "/v1/chat/completions", body)
            + Http2.frame(Http2.RST_STREAM, 0, number, b"\0\0\0\x08"),
            "pings": lambda number: Http2.frame(Http2.PING, 0, 0, b"12345678"),
            "settings": lambda number: Http2.frame(Http2.SETTINGS),
        }
        for name, flood in floods.items():
            with self.subTest(name):
                client = Http2(gateway.port)
                try:
                    for number in range(1, 2001, 2):
                        client.socket.sendall(flood(number))
                except (BrokenPipeError, ConnectionResetError):
                    pass
                list(client.frames())  # ends, because the gateway closes
                client.socket.close()
        self.assertEqual(gateway.metrics()["surety_gateway_http2_floods_total"], 3)
        self.assertTrue(until(lambda: gateway.metrics()["surety_gateway_exchanges"] == 0))
        self.assertEqual(self.post(gateway, self.say("others are served"))[0], 200)

    def test_what_is_no_http2_ends_the_connection(self):
        gateway = self.gateway()
        for bad in (b"\xff" * 100, Http2.frame(Http2.DATA, 0, 1, b"x"), Http2.frame(Http2.HEADERS, 4, 2, b"\x82"),
                    Http2.frame(Http2.HEADERS, 4, 1, b"\xff\xff\xff\xff\xff")):
            with self.subTest(bad):
                client = Http2(gateway.port)
                client.socket.sendall(bad)
                list(client.frames())
                client.socket.close()
        # A head above the limit ends its stream only.
        narrow = self.gateway(self.configuration(more="limits: {head_bytes: 4096}\n"))
        client = Http2(narrow.port)
        many = [(f"x-field-{i}", "a" * 100) for i in range(60)]
        client.socket.sendall(client.request(1, "/v1/models", None, many) + client.request(3, "/v1/models"))
        bodies = client.answers(1)
        self.assertNotIn(1, bodies)
        self.assertIn(b"scripted-1", bodies[3])
        client.socket.close()


class ReloadTest(GatewayCase):
    def load(self, gateway, stop, failures):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        count = 0
        while not stop.is_set():
            try:
                status, _, body = self.post(gateway, self.say("[say hello]"), connection=connection)
                if status != 200 or b"hello" not in body:
                    failures.append((status, body))
            except OSError as error:
                failures.append(error)
                connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
            except http.client.HTTPException as error:
                failures.append(error)
                connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
            count += 1
        connection.close()
        return count

    def test_reloads_under_load_drop_no_request_and_a_bad_file_changes_nothing(self):
        other = Upstream()
        self.addCleanup(other.stop)
        gateway = self.gateway()
        file = self.folder / "gateway.yaml"
        stop, failures = threading.Event(), []
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            counts = [pool.submit(self.load, gateway, stop, failures) for _ in range(4)]
            try:
                for i in range(6):
                    seen = len(gateway.lines)
                    if i % 3 == 2:
                        file.write_text("listen: nothing\n")
                        os.kill(gateway.pid, signal.SIGHUP)
                        gateway.wait_for("the old configuration stays in force", after=seen)
                    else:
                        servers = [[self.upstream.url], [other.url]][i % 2]
                        file.write_text(self.configuration(servers=servers, more=f"# change {i}\n"))
                        if i % 2:
                            os.kill(gateway.pid, signal.SIGHUP)
                        gateway.wait_for("reloaded", after=seen)  # by the signal, or because the file was watched
            finally:
                stop.set()
        self.assertEqual(failures, [])
        self.assertGreater(sum(count.result() for count in counts), 100)

    def connects(self, gateway):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", gateway.port)) == 0

    def test_draining_ends_what_is_under_way_and_takes_nothing_new(self):
        gateway = self.gateway()
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        connection.request("POST", "/v1/chat/completions", json.dumps(self.say("[deltas 20 50]", stream=True)))
        answer = connection.getresponse()
        answer.readline()
        os.kill(gateway.pid, signal.SIGTERM)
        gateway.wait_for("draining")
        self.assertTrue(until(lambda: not self.connects(gateway)))
        self.assertIn(b"[DONE]", answer.read())
        self.assertEqual(gateway.process.wait(30), 0)
        connection.close()

    def test_killed_it_starts_again_on_the_same_address(self):
        gateway = self.gateway()
        text = self.configuration(listen=f"  - port: {gateway.port}\n")
        for _ in range(3):
            self.assertEqual(self.post(gateway, self.say("hello"))[0], 200)
            gateway.stop(signal.SIGKILL)
            gateway = self.gateway(text)


@unittest.skipUnless(shutil.which("openssl"), "skipped: needs the openssl program")
class TlsTest(GatewayCase):
    def setUp(self):
        super().setUp()
        make_certificates(self.folder)

    def listen(self, more=""):
        return f"  - port: 0\n    tls: {{certificate: server.pem, key: server.key{more}}}\n"

    def ask(self, gateway, context):
        connection = http.client.HTTPSConnection("127.0.0.1", gateway.port, timeout=60, context=context)
        try:
            return self.post(gateway, self.say("[say by tls]"), connection=connection)
        finally:
            connection.close()

    def context(self):
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))

    def test_tls_on_both_sides_and_a_renewed_certificate(self):
        upstream = Upstream("--tls", str(self.folder / "server.pem"), str(self.folder / "server.key"))
        self.addCleanup(upstream.stop)
        gateway = self.gateway(self.configuration(servers=[{"url": upstream.url, "ca_file": "ca.pem"}], listen=self.listen()))
        status, _, body = self.ask(gateway, self.context())
        self.assertEqual(status, 200)
        self.assertIn(b"by tls", body)
        first = ssl.get_server_certificate(("127.0.0.1", gateway.port))
        make_certificates(self.folder)
        gateway.wait_for("reloaded")
        self.assertTrue(until(lambda: ssl.get_server_certificate(("127.0.0.1", gateway.port)) != first))

    def test_an_upstream_whose_certificate_is_not_trusted_or_has_ended_gets_nothing(self):
        for name, settings in (("server", {}), ("expired", {"ca_file": "ca.pem"}),
                               ("server", {"ca_file": "ca.pem", "server_name": "other.example"})):
            with self.subTest(name=name, settings=settings):
                upstream = Upstream("--tls", str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"))
                self.addCleanup(upstream.stop)
                gateway = self.gateway(self.configuration(servers=[dict(settings, url=upstream.url)]))
                status, _, body = self.post(gateway, self.say("hello"))
                self.assertEqual(status, 502)
                self.assertIn(b"cannot be reached", body)

    def test_clients_without_a_certificate_are_turned_away_where_one_is_required(self):
        gateway = self.gateway(self.configuration(listen=self.listen(", client_ca: ca.pem")))
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            self.ask(gateway, self.context())
        context = self.context()
        context.load_cert_chain(self.folder / "client.pem", self.folder / "client.key")
        self.assertEqual(self.ask(gateway, context)[0], 200)

    def test_plain_text_on_a_tls_port_is_closed(self):
        gateway = self.gateway(self.configuration(listen=self.listen()))
        self.assertFalse(self.raw(gateway, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP"))


class AdminTest(GatewayCase):
    def ask(self, gateway, path, method="GET", fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port(), timeout=30)
        connection.request(method, path, headers=fields or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def test_health_and_metrics(self):
        gateway = self.gateway()
        self.assertEqual(self.ask(gateway, "/healthz")[0], 200)
        self.assertEqual(self.ask(gateway, "/readyz")[0], 200)
        self.assertEqual(self.ask(gateway, "/nothing")[0], 404)
        self.post(gateway, self.say("hello"))
        self.assertEqual(gateway.metrics()['surety_gateway_answers_total{status="2xx"}'], 1)

    def test_the_token_and_the_origin_are_checked(self):
        (self.folder / "token").write_text("0123456789abcdef\n")
        text = self.configuration().replace("admin: {port: 0}", "admin: {port: 0, token_file: token}")
        gateway = self.gateway(text)
        self.assertEqual(self.ask(gateway, "/healthz")[0], 200)
        self.assertEqual(self.ask(gateway, "/metrics")[0], 401)
        self.assertEqual(self.ask(gateway, "/metrics", fields={"Authorization": "Bearer 0123456789abcdeX"})[0], 401)
        self.assertEqual(self.ask(gateway, "/metrics", fields={"Authorization": "Bearer 0123456789abcdef"})[0], 200)
        self.assertEqual(self.ask(gateway, "/healthz", fields={"Origin": "http://evil.example"})[0], 403)

    def test_an_address_for_everybody_needs_a_token(self):
        file = self.folder / "gateway.yaml"
        file.write_text(self.configuration().replace("admin: {port: 0}", "admin: {port: 0, address: 0.0.0.0}"))
        done = subprocess.run([SURETY, "gateway", "--config", str(file)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("token_file", done.stderr)


if __name__ == "__main__":
    unittest.main()
