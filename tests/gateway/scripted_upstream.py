#!/usr/bin/env python3
"""A model API and MCP server that does what it is told, for tests: it stands behind the gateway.

    scripted_upstream.py [--tls CERT KEY]      prints its port on standard output, then serves until killed

What a request wants is in its text: the last user message (or the prompt) may hold commands in square brackets:

    [say TEXT]            answer with TEXT (default: "You said: ..." and the message)
    [tool NAME {JSON}]    call the tool NAME with these arguments
    [delay MILLISECONDS]  wait before the answer's head
    [deltas N MS]         a stream of N deltas, MS milliseconds apart
    [status N]            answer with this status and an error body
    [hang]                read the request and never answer
    [hang-stream]         begin a stream, then never go on
    [reset]               close the connection at once, with a reset
    [reset-stream]        begin a stream, then reset the connection
    [short]               say a longer Content-Length than what is sent, then close
    [nonsense]            answer with bytes that are no HTTP
    [bad-sse]             a stream of lines that are no events of the protocol
    [huge-head]           an answer with a head of 1 MiB
    [endless]             a stream that never ends, as fast as it is taken
    [model NAME]          say in the answer that the model is NAME
    [fingerprint NAME]    and that its fingerprint is NAME
    [echo-head]           answer with the fields of the request, as JSON text

GET /requests gives what was received, as JSON: method, target, fields and body of the last 100 requests.
Standard library only.
"""
import asyncio
import json
import re
import ssl
import sys
import time

RECEIVED = []
CONNECTIONS = {"open": 0, "total": 0}
COMMAND = re.compile(r"\[([a-z-]+)(?: ([^\]]*))?\]")
TOOL = re.compile(r"\[tool (\S+) (\{.*?\})\]", re.DOTALL)


class Gone(Exception):
    pass


def text_of(content):
    """The text of a message's content: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content if isinstance(part, dict) and part.get("text"))
    return ""


def last_text(body):
    for key in ("messages", "input"):
        value = body.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and value:
            if all(isinstance(each, str) for each in value):
                return " ".join(value)
            for message in reversed(value):
                if isinstance(message, dict) and message.get("role") in ("user", None):
                    found = text_of(message.get("content"))
                    if found:
                        return found
    return body.get("prompt", "") if isinstance(body.get("prompt"), str) else ""


class Exchange:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.commands, self.tool, self.text = {}, None, ""

    async def read(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = await self.reader.readline()
            if not line:
                raise Gone
            head += line
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
        lower = {name.lower(): value for name, value in self.fields}
        body = b""
        if lower.get("transfer-encoding", "").lower() == "chunked":
            while True:
                size = int((await self.reader.readline()).split(b";")[0], 16)
                body += await self.reader.readexactly(size)
                if size == 0:
                    await self.reader.readline()
                    break
                await self.reader.readexactly(2)
        elif "content-length" in lower:
            body = await self.reader.readexactly(int(lower["content-length"]))
        self.body = body
        self.lower = lower
        if not self.target.startswith("/requests"):
            RECEIVED.append({"method": self.method, "target": self.target, "fields": self.fields,
                             "body": body.decode("utf-8", "replace"), "time": time.monotonic()})
            del RECEIVED[:-100]

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, status, value, fields=()):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        head = f"HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        head += "".join(f"{name}: {text}\r\n" for name, text in fields)
        await self.send(head.encode() + b"\r\n" + body)

    async def begin_stream(self):
        await self.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                        b"transfer-encoding: chunked\r\n\r\n")

    async def event(self, value, name=None):
        text = (f"event: {name}\n" if name else "") + "data: " + (value if isinstance(value, str) else json.dumps(value)) + "\n\n"
        data = text.encode()
        await self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def end_stream(self):
        await self.send(b"0\r\n\r\n")

    def reset(self):
        self.writer.transport.abort()
        raise Gone

    async def serve(self):
        await self.read()
        path = self.target.split("?")[0]
        if path == "/requests":
            await self.answer(200, {"requests": RECEIVED, "connections": CONNECTIONS})
            return
        if path == "/echo":
            await self.answer(200, {"method": self.method, "target": self.target, "fields": self.fields,
                                    "body": self.body.decode("utf-8", "replace")})
            return
        try:
            self.value = json.loads(self.body) if self.body else {}
        except ValueError:
            await self.answer(400, {"error": {"message": "no JSON", "type": "invalid_request_error"}})
            return
        if not isinstance(self.value, dict):
            self.value = {}
        self.text = last_text(self.value)
        self.commands = {name: argument or "" for name, argument in COMMAND.findall(self.text)}
        called = TOOL.search(self.text)
        self.tool = (called.group(1), called.group(2)) if called else None
        if "delay" in self.commands:
            await asyncio.sleep(int(self.commands["delay"]) / 1000)
        if await self.misbehave():
            return
        handler = {"/v1/chat/completions": self.chat, "/v1/responses": self.responses, "/v1/messages": self.messages,
                   "/v1/messages/count_tokens": self.count_tokens, "/v1/embeddings": self.embeddings,
                   "/mcp": self.mcp}.get(path)
        if handler is not None:
            await handler()
        elif path == "/v1/models":
            await self.answer(200, {"object": "list", "data": [
                {"id": "scripted-1", "object": "model", "created": 1, "owned_by": "tests", "type": "model",
                 "display_name": "Scripted", "created_at": "2026-01-01T00:00:00Z"}], "has_more": False,
                "first_id": "scripted-1", "last_id": "scripted-1"})
        else:
            await self.answer(404, {"error": {"message": "no such path", "type": "not_found_error"}})

    async def misbehave(self):
        commands = self.commands
        if "status" in commands:
            status = int(commands["status"])
            await self.answer(status, {"type": "error", "error": {"message": "as told", "type": "api_error"}})
        elif "hang" in commands:
            await self.reader.read()
            raise Gone
        elif "reset" in commands:
            self.reset()
        elif "short" in commands:
            await self.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"id\":")
            self.writer.close()
            raise Gone
        elif "nonsense" in commands:
            await self.send(b"\x00\x01\x02 this is no HTTP at all\r\n\r\n")
            self.writer.close()
            raise Gone
        elif "huge-head" in commands:
            await self.send(b"HTTP/1.1 200 OK\r\nx-huge: " + b"a" * (1 << 20) + b"\r\ncontent-length: 0\r\n\r\n")
        elif "bad-sse" in commands:
            await self.begin_stream()
            for line in (b"\xff\xfe not text\n", b"data: {\"unfinished\n\n", b"data\n\n", b": comment\n", b"data: 12\n\n",
                         b"event:\n\n", b"\n\n\n", b"data: [DONE]"):
                await self.send(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            await self.end_stream()
        else:
            return False
        return True

    def pieces(self):
        """The deltas of a streamed answer, and the seconds between two."""
        if "deltas" in self.commands:
            count, pause = self.commands["deltas"].split()
            return [f"word{i} " for i in range(int(count))], int(pause) / 1000
        said = self.said()
        return re.findall(r"\S+\s*|\s+", said) or [""], 0

    def said(self):
        if "echo-head" in self.commands:
            return json.dumps(dict(self.fields))
        return self.commands.get("say", "You said: " + COMMAND.sub("", self.text).strip())

    def model(self):
        return self.commands.get("model", self.value.get("model", "scripted-1"))

    async def stop_in_stream(self):
        if "hang-stream" in self.commands:
            await self.reader.read()
            raise Gone
        if "reset-stream" in self.commands:
            self.reset()

    async def chat(self):
        base = {"id": "chatcmpl-1", "created": 1, "model": self.model(),
                "system_fingerprint": self.commands.get("fingerprint", "fp_scripted")}
        usage = {"prompt_tokens": len(self.text) // 4 + 1, "completion_tokens": 5,
                 "total_tokens": len(self.text) // 4 + 6}
        if not self.value.get("stream"):
            message = {"role": "assistant", "content": None if self.tool else self.said(), "refusal": None}
            if self.tool:
                message["tool_calls"] = [{"id": "call_1", "type": "function",
                                          "function": {"name": self.tool[0], "arguments": self.tool[1]}}]
            await self.answer(200, dict(base, object="chat.completion", usage=usage, choices=[
                {"index": 0, "message": message, "logprobs": None,
                 "finish_reason": "tool_calls" if self.tool else "stop"}]))
            return

        def chunk(delta, reason=None):
            return dict(base, object="chat.completion.chunk",
                        choices=[{"index": 0, "delta": delta, "finish_reason": reason}])
        await self.begin_stream()
        await self.event(chunk({"role": "assistant", "content": ""}))
        await self.stop_in_stream()
        if "endless" in self.commands:
            while True:
                await self.event(chunk({"content": "again " * 100}))
        if self.tool:
            await self.event(chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                                                    "function": {"name": self.tool[0], "arguments": ""}}]}))
            for at in range(0, len(self.tool[1]), 7):
                await self.event(chunk({"tool_calls": [{"index": 0, "function": {"arguments": self.tool[1][at:at + 7]}}]}))
        else:
            pieces, pause = self.pieces()
            for piece in pieces:
                await self.event(chunk({"content": piece}))
                if pause:
                    await asyncio.sleep(pause)
        await self.event(chunk({}, "tool_calls" if self.tool else "stop"))
        if (self.value.get("stream_options") or {}).get("include_usage"):
            await self.event(dict(base, object="chat.completion.chunk", choices=[], usage=usage))
        await self.event("[DONE]")
        await self.end_stream()

    async def responses(self):
        if self.tool:
            item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": self.tool[0],
                    "arguments": self.tool[1], "status": "completed"}
        else:
            item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                    "content": [{"type": "output_text", "text": self.said(), "annotations": []}]}
        whole = {"id": "resp_1", "object": "response", "created_at": 1, "model": self.model(), "status": "completed",
                 "output": [item], "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "error": None,
                 "incomplete_details": None, "instructions": None, "metadata": {}, "temperature": 1, "top_p": 1,
                 "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8,
                           "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}}
        if not self.value.get("stream"):
            await self.answer(200, whole)
            return
        number = 0

        async def event(kind, **rest):
            nonlocal number
            await self.event(dict(rest, type=kind, sequence_number=number), kind)
            number += 1
        await self.begin_stream()
        begun = dict(whole, status="in_progress", output=[], usage=None)
        await event("response.created", response=begun)
        await self.stop_in_stream()
        if self.tool:
            await event("response.output_item.added", output_index=0, item=dict(item, arguments="", status="in_progress"))
            for at in range(0, len(self.tool[1]), 7):
                await event("response.function_call_arguments.delta", item_id="fc_1", output_index=0,
                            delta=self.tool[1][at:at + 7])
            await event("response.function_call_arguments.done", item_id="fc_1", output_index=0, name=self.tool[0],
                        arguments=self.tool[1])
        else:
            await event("response.output_item.added", output_index=0, item=dict(item, content=[], status="in_progress"))
            await event("response.content_part.added", item_id="msg_1", output_index=0, content_index=0,
                        part={"type": "output_text", "text": "", "annotations": []})
            pieces, pause = self.pieces()
            for piece in pieces:
                await event("response.output_text.delta", item_id="msg_1", output_index=0, content_index=0, delta=piece,
                            logprobs=[])
                if pause:
                    await asyncio.sleep(pause)
            await event("response.output_text.done", item_id="msg_1", output_index=0, content_index=0,
                        text="".join(pieces), logprobs=[])
        await event("response.output_item.done", output_index=0, item=item)
        await event("response.completed", response=whole)
        await self.end_stream()

    async def messages(self):
        block = ({"type": "tool_use", "id": "toolu_1", "name": self.tool[0], "input": json.loads(self.tool[1])}
                 if self.tool else {"type": "text", "text": self.said()})
        reason = "tool_use" if self.tool else "end_turn"
        whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": self.model(), "content": [block],
                 "stop_reason": reason, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 5}}
        if not self.value.get("stream"):
            await self.answer(200, whole)
            return

        async def event(kind, **rest):
            await self.event(dict(rest, type=kind), kind)
        await self.begin_stream()
        await event("message_start", message=dict(whole, content=[], stop_reason=None))
        await self.stop_in_stream()
        await event("ping")
        if self.tool:
            await event("content_block_start", index=0, content_block=dict(block, input={}))
            for at in range(0, len(self.tool[1]), 7):
                await event("content_block_delta", index=0,
                            delta={"type": "input_json_delta", "partial_json": self.tool[1][at:at + 7]})
        else:
            await event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            pieces, pause = self.pieces()
            for piece in pieces:
                await event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
                if pause:
                    await asyncio.sleep(pause)
        await event("content_block_stop", index=0)
        await event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 5})
        await event("message_stop")
        await self.end_stream()

    async def count_tokens(self):
        await self.answer(200, {"input_tokens": len(self.body) // 4})

    async def embeddings(self):
        given = self.value.get("input")
        count = len(given) if isinstance(given, list) else 1
        await self.answer(200, {"object": "list", "model": self.model(), "data": [
            {"object": "embedding", "index": i, "embedding": [0.25, -0.5, 1.0]} for i in range(count)],
            "usage": {"prompt_tokens": 3, "total_tokens": 3}})

    async def mcp(self):
        """Streamable HTTP: with a session (initialize) or without one (each request stands alone)."""
        if self.method == "GET":
            await self.answer(405, {})
            return
        if self.method == "DELETE":
            await self.answer(200, {})
            return
        method, number = self.value.get("method"), self.value.get("id")
        if number is None:
            await self.send(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
            return
        parameters = self.value.get("params") or {}
        tools = [{"name": "add", "description": "Adds two numbers.",
                  "inputSchema": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                                  "required": ["a", "b"]}},
                 {"name": "shell", "description": "Runs a command.",
                  "inputSchema": {"type": "object", "properties": {"command": {"type": "string"}}}}]
        fields = []
        if method == "initialize":
            fields.append(("mcp-session-id", "session-1"))
            result = {"protocolVersion": parameters.get("protocolVersion", "2025-06-18"),
                      "capabilities": {"tools": {"listChanged": False}},
                      "serverInfo": {"name": "scripted", "version": "1"}}
        elif method == "tools/list":
            result = {"tools": tools}
        elif method == "tools/call":
            arguments = parameters.get("arguments") or {}
            said = (str(arguments.get("a", 0) + arguments.get("b", 0)) if parameters.get("name") == "add"
                    else "ran " + str(arguments.get("command")))
            result = {"content": [{"type": "text", "text": said}], "isError": False}
        elif method == "ping":
            result = {}
        else:
            await self.answer(200, {"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "no such method"}})
            return
        reply = {"jsonrpc": "2.0", "id": number, "result": result}
        if "text/event-stream" in self.lower.get("accept", "") and method == "tools/call":
            await self.begin_stream()
            await self.event(reply, "message")
            await self.end_stream()
        else:
            await self.answer(200, reply, fields)


async def serve_connection(reader, writer):
    CONNECTIONS["open"] += 1
    CONNECTIONS["total"] += 1
    try:
        while True:
            await Exchange(reader, writer).serve()
    except (Gone, ConnectionError, asyncio.IncompleteReadError, ValueError):
        pass
    finally:
        CONNECTIONS["open"] -= 1
        writer.close()


async def main():
    context = None
    if "--tls" in sys.argv:
        at = sys.argv.index("--tls")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[at + 1], sys.argv[at + 2])
    server = await asyncio.start_server(serve_connection, "127.0.0.1", 0, ssl=context, limit=1 << 21, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
