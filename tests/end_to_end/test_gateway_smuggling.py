"""Requests that two servers may read as different ones: each is refused, or reaches the upstream as one request that has one reading.

Our own cases, by what is known of the class: lengths and codings that disagree (RFC 9112, 6.3 and 11.2), codings that only some
servers see, chunks, line ends and folding, names and values, targets, and what HTTP/2 can carry that HTTP/1.1 cannot. What the
upstream saw is asserted on the bytes that came to it.
"""
import pathlib
import re
import socket
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "gateway"))
sys.path.insert(0, str(HERE))
from harness import GatewayCase, until  # noqa: E402
from test_gateway import Http2  # noqa: E402

HIDDEN = b"GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/echo HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


class Recorder:
    """An upstream that keeps the bytes of each connection, and answers each request that a plain reader sees in them."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        self.requests = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        data = b""
        with connection:
            while True:
                end = data.find(b"\r\n\r\n")
                if end >= 0:
                    head = data[:end + 4]
                    lengths = re.findall(rb"(?i)\r\ncontent-length: *(\d+)\r\n", head)
                    whole = end + 4 + (int(lengths[0]) if lengths else 0)
                    if len(data) >= whole:
                        with self.lock:
                            self.requests.append((head, data[end + 4:whole]))
                        data = data[whole:]
                        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok")
                        continue
                part = connection.recv(65536)
                if not part:
                    return
                data += part

    def taken(self):
        with self.lock:
            out, self.requests = self.requests, []
            return out

    def close(self):
        self.listener.close()


# What must be refused, and nothing of it reach the upstream. Each is followed by a hidden request.
REFUSED = {
    # Lengths beside codings.
    "both, length first": POST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "both, coding first": POST + CHUNKED + b"Content-Length: 6\r\n\r\n0\r\n\r\n",
    "both, length 0": POST + b"Content-Length: 0\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "both on a GET": b"GET /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    # Lengths.
    "two that differ": POST + b"Content-Length: 0\r\nContent-Length: 38\r\n\r\n",
    "two alike": POST + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
    "two in other case": POST + b"Content-Length: 4\r\ncontent-LENGTH: 5\r\n\r\nabcde",
    "a list": POST + b"Content-Length: 4, 4\r\n\r\nabcd",
    "negative": POST + b"Content-Length: -1\r\n\r\n",
    "with a plus": POST + b"Content-Length: +4\r\n\r\nabcd",
    "hexadecimal": POST + b"Content-Length: 0x4\r\n\r\nabcd",
    "a fraction": POST + b"Content-Length: 4.0\r\n\r\nabcd",
    "an exponent": POST + b"Content-Length: 4e0\r\n\r\nabcd",
    "with an underscore": POST + b"Content-Length: 1_0\r\n\r\nabcdefghij",
    "a space within": POST + b"Content-Length: 1 0\r\n\r\nabcdefghij",
    "empty": POST + b"Content-Length:\r\n\r\n",
    "of other digits": POST + "Content-Length: ٤\r\n\r\nabcd".encode(),
    "quoted": POST + b'Content-Length: "4"\r\n\r\nabcd',
    "above 64 bits": POST + b"Content-Length: 18446744073709551620\r\n\r\nabcd",
    "below zero by overflow": POST + b"Content-Length: 9999999999999999999999999\r\n\r\nabcd",
    "with a nul": POST + b"Content-Length: 4\x00\r\n\r\nabcd",
    "with a vertical tab": POST + b"Content-Length: \x0b4\r\n\r\nabcd",
    # Codings that only some see.
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked and more": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "gzip before": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nabcd",
    "two fields": POST + CHUNKED + b"Transfer-Encoding: cow\r\n\r\n0\r\n\r\n",
    "two fields alike": POST + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n",
    "a comma alone": POST + b"Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
    "a parameter": POST + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    "quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "a vertical tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a form feed": POST + b"Transfer-Encoding:\x0cchunked\r\n\r\n0\r\n\r\n",
    "a nul before": POST + b"Transfer-Encoding: \x00chunked\r\n\r\n0\r\n\r\n",
    "a nul behind": POST + b"Transfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\n",
    "a bare carriage return": POST + b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a carriage return behind": POST + b"Transfer-Encoding: chunked\r\r\n\r\n0\r\n\r\n",
    "a blank before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a tab before the colon": POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "a blank before the name": POST + b" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an underscore in lengths and a coding": POST + b"Content-Length: 6\r\nX: 1\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "folded": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "folded with a tab": POST + b"Transfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n",
    "behind a folded field": POST + b"X: a\r\n b\r\nContent-Length: 4\r\n\r\nabcd",
    "a line separator of Unicode": POST + "X: a\u2028Transfer-Encoding: chunked\r\n".encode() + b"Foo\r\n\r\n0\r\n\r\n",
    "before HTTP/1.1": b"POST /v1/echo HTTP/1.0\r\nHost: x\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    # Line ends.
    "bare line feeds": b"POST /v1/echo HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
    "one bare line feed": POST + b"X: a\nContent-Length: 4\r\n\r\nabcd",
    "the head ends in line feeds": POST + b"Content-Length: 4\n\nabcd",
    "an empty line first": b"\r\n" + POST + b"Content-Length: 0\r\n\r\n",
    "a line feed first": b"\n" + POST + b"Content-Length: 0\r\n\r\n",
    # Names, values, start lines.
    "a nul in a name": POST + b"X\x00Y: a\r\nContent-Length: 0\r\n\r\n",
    "an empty name": POST + b": a\r\nContent-Length: 0\r\n\r\n",
    "no colon": POST + b"Content-Length 4\r\n\r\nabcd",
    "a name of other bytes": POST + b"Content-Leng\xfeth: 4\r\n\r\nabcd",
    "brackets in a name": POST + b"Content[Length]: 4\r\n\r\nabcd",
    "two Hosts": POST + b"Host: y\r\nContent-Length: 0\r\n\r\n",
    "no Host": b"GET /v1/echo HTTP/1.1\r\nX: a\r\n\r\n",
    "two blanks": b"GET  /v1/echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank in the target": b"GET /v1/echo HTTP/1.1 /v1/b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a nul in the target": b"GET /v1/echo\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /v1/echo\r\nHost: x\r\n\r\n",
    "another version": b"GET /v1/echo HTTP/3.0\r\nHost: x\r\n\r\n",
    "a version in small letters": b"GET /v1/echo http/1.1\r\nHost: x\r\n\r\n",
    "a method that is none": b"G\x00T /v1/echo HTTP/1.1\r\nHost: x\r\n\r\n",
    # Targets that are no path: where they lead must not depend on who reads them.
    "authority form": b"CONNECT other:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "an authority in the path": b"GET @other/v1/echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "two slashes": b"GET //v1/echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "a segment of points": b"GET /v1/../v1/echo HTTP/1.1\r\nHost: x\r\n\r\n",
    "an encoded line end": b"GET /v1/%2e%2e/echo HTTP/1.1\r\nHost: x\r\n\r\n",
}

# Bodies in chunks that are wrong: the request ends there, and nothing behind it is read as another.
BAD_CHUNKS = {
    "a size of no number": b"z\r\nhello\r\n0\r\n\r\n",
    "a negative size": b"-5\r\nhello\r\n0\r\n\r\n",
    "a size with 0x": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a size above 64 bits": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "a blank before the size": b" 5\r\nhello\r\n0\r\n\r\n",
    "an empty size": b"\r\nhello\r\n0\r\n\r\n",
    "a line feed behind the size": b"5\nhello\r\n0\r\n\r\n",
    "a carriage return behind the size": b"5\rhello\r\n0\r\n\r\n",
    "data longer than its size": b"5\r\nhello!\r\n0\r\n\r\n",
    "a line feed behind the data": b"5\r\nhello\n0\r\n\r\n",
    "an extension with a line feed": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "an extension with a carriage return": b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    "a trailer that is no field": b"5\r\nhello\r\n0\r\nno field\r\n\r\n",
    "a trailer that names a length": b"5\r\nhello\r\n0\r\nContent-Length: 99\r\n\r\n",
    "a trailer that names a coding": b"5\r\nhello\r\n0\r\nTransfer-Encoding: x\r\n\r\n",
    "a trailer with a nul": b"5\r\nhello\r\n0\r\nX\x00: a\r\n\r\n",
}

# What has one reading: method, target and body as the upstream must see them.
FORWARDED = {
    "a length": (POST + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "a length with blanks around it": (POST + b"Content-Length:  \t5 \t\r\n\r\nhello", b"hello"),
    "a length with zeros": (POST + b"Content-Length: 0005\r\n\r\nhello", b"hello"),
    "a name in small letters": (POST + b"content-length: 5\r\n\r\nhello", b"hello"),
    "chunks": (POST + CHUNKED + b"\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", b"hello"),
    "chunked in capitals": (POST + b"Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"hello"),
    "a size with zeros": (POST + CHUNKED + b"\r\n005\r\nhello\r\n000\r\n\r\n", b"hello"),
    "extensions of chunks": (POST + CHUNKED + b'\r\n5;a=b;c="d;e"\r\nhello\r\n0;last\r\n\r\n', b"hello"),
    "a trailer, which stays here": (POST + CHUNKED + b"\r\n5\r\nhello\r\n0\r\nX: y\r\nHost: y\r\n\r\n", b"hello"),
    "a request in the body": (POST + b"Content-Length: " + str(len(HIDDEN)).encode() + b"\r\n\r\n" + HIDDEN, HIDDEN),
    "a request in a chunk": (POST + CHUNKED + b"\r\n" + f"{len(HIDDEN):x}".encode() + b"\r\n" + HIDDEN + b"\r\n0\r\n\r\n", HIDDEN),
    "a body of a GET": (b"GET /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "fields that look alike": (POST + b"Content_Length: 99\r\nTransfer_Encoding: chunked\r\nX-Transfer-Encoding: chunked\r\n"
                               b"Content-Length: 5\r\n\r\nhello", b"hello"),
    "a length named by Connection": (POST + b"Connection: content-length\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    "an upgrade to HTTP/2": (POST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                             b"Content-Length: 5\r\n\r\nhello", b"hello"),
}


class SmugglingTest(GatewayCase):
    def setUp(self):
        super().setUp()
        self.recorder = Recorder()
        self.addCleanup(self.recorder.close)
        self.serving = self.gateway(self.configuration(
            servers=[self.recorder.url], more="routes: [{path: /v1/echo, upstream: models}, {path: /v1/hidden, upstream: models}]\n"))

    def alone(self, name, head, body):
        """The upstream saw one request, and it has one reading."""
        seen = self.recorder.taken()
        self.assertEqual(len(seen), 1, (name, seen))
        got_head, got_body = seen[0]
        self.assertEqual(got_body, body, name)
        self.assertEqual(got_head.split(b"\r\n")[0], head, name)
        names = [line.split(b":")[0].lower() for line in got_head.split(b"\r\n")[1:] if line]
        self.assertLessEqual(names.count(b"content-length"), 1, got_head)
        self.assertEqual(names.count(b"host"), 1, got_head)
        self.assertNotIn(b"transfer-encoding", names)
        for dropped in (b"upgrade", b"http2-settings", b"connection"):
            self.assertNotIn(dropped, names)

    def test_what_has_two_readings_is_refused_and_nothing_of_it_reaches_the_upstream(self):
        for name, data in REFUSED.items():
            with self.subTest(name):
                received = self.raw(self.serving, data + HIDDEN + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if name in ("asterisk form", "two slashes", "a segment of points", "an encoded line end",
                            "an authority in the path"):
                    # Well formed, and no route leads there: what follows is a request of its own.
                    self.assertRegex(received[:12], rb"HTTP/1\.1 40[04]")
                    seen = [head.split(b" ")[1] for head, _ in self.recorder.taken()]
                    self.assertLessEqual(set(seen), {b"/v1/hidden"})
                    continue
                self.assertRegex(received[:12], rb"HTTP/1\.1 (40[05]|431|501|505)")
                self.assertEqual(received.count(b"HTTP/1.1 "), 1, received)
                self.assertEqual(self.recorder.taken(), [])

    def test_chunks_that_are_wrong_end_the_connection(self):
        for name, chunks in BAD_CHUNKS.items():
            with self.subTest(name):
                received = self.raw(self.serving, POST + CHUNKED + b"\r\n" + chunks + HIDDEN)
                self.assertRegex(received[:12], rb"HTTP/1\.1 400")
                self.assertEqual(received.count(b"HTTP/1.1 "), 1, received)
                self.assertEqual(self.recorder.taken(), [])

    def test_what_has_one_reading_reaches_the_upstream_so(self):
        for name, (data, body) in FORWARDED.items():
            with self.subTest(name):
                received = self.raw(self.serving, data + b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertEqual(received.count(b"HTTP/1.1 200"), 1, received)
                self.assertEqual(received.count(b"HTTP/1.1 404"), 1, "what follows it is read behind its end")
                self.alone(name, data.split(b"\r\n")[0], body)

    def test_an_address_as_target_is_its_path_whatever_host_it_names(self):
        received = self.raw(self.serving, b"POST http://other/v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        self.assertRegex(received[:12], rb"HTTP/1\.1 200")
        self.alone("absolute form", b"POST /v1/echo HTTP/1.1", b"hello")

    def test_a_request_behind_another_is_one_of_its_own_however_the_bytes_come(self):
        data = POST + CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\r\n" + POST + b"Content-Length: 2\r\nConnection: close\r\n\r\nhi"
        for step in (1, 7, 64, len(data)):
            with socket.create_connection(("127.0.0.1", self.serving.port), timeout=30) as connection:
                for at in range(0, len(data), step):
                    connection.sendall(data[at:at + step])
                received = b""
                while part := connection.recv(65536):
                    received += part
            self.assertEqual(received.count(b"HTTP/1.1 200"), 2, received)
            self.assertEqual([body for _, body in self.recorder.taken()], [b"hello", b"hi"])

    def http2(self, fields, body):
        """Sends one request over HTTP/2; True where it was answered with 200."""
        client = Http2(self.serving.port)
        data = client.frame(Http2.HEADERS, 4 | (1 if body is None else 0), 1, client.head(fields))
        client.socket.sendall(data + (b"" if body is None else client.frame(Http2.DATA, 1, 1, body)))
        good = False
        for kind, flags, stream, payload in client.frames():
            good = good or (kind == Http2.HEADERS and stream == 1 and payload[:1] == b"\x88")
            if (stream == 1 and (kind == Http2.RST_STREAM or (kind in (Http2.DATA, Http2.HEADERS) and flags & 1))) or kind == Http2.GOAWAY:
                break
        client.socket.close()
        return good

    def test_what_http2_carries_and_http1_does_not_is_refused(self):
        start = [(":method", "POST"), (":scheme", "http"), (":path", "/v1/echo"), (":authority", "x")]

        def replaced(name, value):
            return [(key, value if key == name else text) for key, text in start]

        cases = {
            "a line end in a value": start + [("x", "a\r\nTransfer-Encoding: chunked")],
            "a line feed in a value": start + [("x", "a\nhost: y")],
            "a nul in a value": start + [("x", "a\0b")],
            "a line end in a name": start + [("x: a\r\nhost", "y")],
            "a colon in a name": start + [("x: a", "y")],
            "a blank in a name": start + [("content-length ", "0")],
            "capitals in a name": start + [("Transfer-Encoding", "chunked")],
            "a coding": start + [("transfer-encoding", "chunked")],
            "fields of a connection": start + [("connection", "close")],
            "an upgrade": start + [("upgrade", "h2c")],
            "another te": start + [("te", "chunked")],
            "a length that is too small": start + [("content-length", "0")],
            "a length that is too large": start + [("content-length", "99")],
            "a length that is none": start + [("content-length", "5x")],
            "two lengths": start + [("content-length", "5"), ("content-length", "5")],
            "a line end in the path": replaced(":path", "/v1/echo HTTP/1.1\r\nHost: y\r\n\r\nGET /v1/hidden"),
            "a blank in the path": replaced(":path", "/v1/echo HTTP/1.1"),
            "an empty path": replaced(":path", ""),
            "a path that is an address": replaced(":path", "http://other/v1/echo"),
            "a blank in the method": replaced(":method", "GET /v1/hidden HTTP/1.1"),
            "a line end in the method": replaced(":method", "GET /v1/hidden HTTP/1.1\r\nX"),
            "a line end in the authority": replaced(":authority", "x\r\nX-Injected: y"),
            "two paths": start + [(":path", "/v1/hidden")],
            "a pseudo field behind the others": start[:2] + [("x", "y")] + start[2:],
            "an unknown pseudo field": start + [(":x", "y")],
            "no path": [pair for pair in start if pair[0] != ":path"],
            "no method": [pair for pair in start if pair[0] != ":method"],
        }
        for name, fields in cases.items():
            with self.subTest(name):
                self.assertFalse(self.http2(fields, b"hello"))
                self.assertEqual(self.recorder.taken(), [])
        for more in ([], [("content-length", "5")], [("te", "trailers")], [("content_length", "99")]):
            with self.subTest(more):
                self.assertTrue(self.http2(start + more, b"hello"))
                self.alone(str(more), b"POST /v1/echo HTTP/1.1", b"hello")
        self.assertTrue(until(lambda: self.serving.metrics()["surety_gateway_exchanges"] == 0))


if __name__ == "__main__":
    unittest.main()
