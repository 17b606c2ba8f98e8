"""The clients that applications use, unchanged, through the gateway. Runs in the environment with the SDKs.

    gateway_clients.py URL
"""
import asyncio
import sys
import unittest

import anthropic
import openai
from mcp.client import Client

URL = sys.argv.pop(1)
TOOL = '[tool get_weather {"city": "London", "unit": "celsius"}]'


class OpenAi(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(api_key="client-key", base_url=URL + "/v1", max_retries=0)
        self.addCleanup(self.client.close)

    def chat(self, text, **more):
        return self.client.chat.completions.create(model="scripted-1", messages=[{"role": "user", "content": text}], **more)

    def tools(self):
        return [{"type": "function", "function": {"name": "get_weather", "description": "Tells the weather.", "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}}}}}]

    def test_chat(self):
        answer = self.chat("[say Hello, wörld 🌍.]")
        self.assertEqual(answer.choices[0].message.content, "Hello, wörld 🌍.")
        self.assertEqual(answer.usage.completion_tokens, 5)

    def test_chat_streamed(self):
        with self.chat("[say Hello, wörld 🌍.]", stream=True, stream_options={"include_usage": True}) as stream:
            chunks = list(stream)
        self.assertEqual("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), "Hello, wörld 🌍.")
        self.assertEqual(chunks[-1].usage.completion_tokens, 5)

    def test_tool_calls(self):
        call = self.chat(TOOL, tools=self.tools()).choices[0].message.tool_calls[0]
        self.assertEqual((call.function.name, call.function.arguments), ("get_weather", '{"city": "London", "unit": "celsius"}'))
        answer = self.client.chat.completions.create(model="scripted-1", tools=self.tools(), messages=[
            {"role": "user", "content": "[say Sunny.]"},
            {"role": "assistant", "content": None, "tool_calls": [{"id": call.id, "type": "function", "function": {
                "name": call.function.name, "arguments": call.function.arguments}}]},
            {"role": "tool", "tool_call_id": call.id, "content": "18 degrees"}])
        self.assertEqual(answer.choices[0].message.content, "Sunny.")

    def test_tool_calls_streamed(self):
        name, arguments = "", ""
        with self.chat(TOOL, tools=self.tools(), stream=True) as stream:
            for chunk in stream:
                for call in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
                    name += call.function.name or ""
                    arguments += call.function.arguments or ""
        self.assertEqual((name, arguments), ("get_weather", '{"city": "London", "unit": "celsius"}'))

    def test_responses(self):
        answer = self.client.responses.create(model="scripted-1", input="[say Hello.]")
        self.assertEqual(answer.output_text, "Hello.")

    def test_responses_streamed(self):
        with self.client.responses.create(model="scripted-1", input="[say Hello there.]", stream=True) as stream:
            events = list(stream)
        self.assertEqual("".join(event.delta for event in events if event.type == "response.output_text.delta"), "Hello there.")
        self.assertEqual(events[-1].type, "response.completed")

    def test_responses_with_tools_streamed(self):
        tools = [{"type": "function", "name": "get_weather", "description": "Tells the weather.", "strict": False,
                  "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}]
        with self.client.responses.create(model="scripted-1", input=TOOL, tools=tools, stream=True) as stream:
            arguments = "".join(event.delta for event in stream if event.type == "response.function_call_arguments.delta")
        self.assertEqual(arguments, '{"city": "London", "unit": "celsius"}')

    def test_embeddings_and_models(self):
        answer = self.client.embeddings.create(model="scripted-1", input=["a", "b"], encoding_format="float")
        self.assertEqual([each.embedding for each in answer.data], [[0.25, -0.5, 1.0]] * 2)
        self.assertEqual([model.id for model in self.client.models.list()], ["scripted-1"])

    def test_errors_arrive_as_the_sdk_s_own(self):
        with self.assertRaises(openai.RateLimitError):
            self.chat("[status 429]")
        with self.assertRaises(openai.InternalServerError):
            self.chat("[reset]")
        with self.assertRaises(openai.NotFoundError):
            self.client.files.list()

    def test_many_at_once(self):
        async def run():
            async with openai.AsyncOpenAI(api_key="client-key", base_url=URL + "/v1", max_retries=0) as client:
                async def one(number):
                    stream = await client.chat.completions.create(model="scripted-1", stream=True, messages=[
                        {"role": "user", "content": f"[say This is number {number}.]"}])
                    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
                return await asyncio.gather(*(one(number) for number in range(50)))
        self.assertEqual(asyncio.run(run()), [f"This is number {number}." for number in range(50)])


class Anthropic(unittest.TestCase):
    def setUp(self):
        self.client = anthropic.Anthropic(api_key="client-key", base_url=URL, max_retries=0)
        self.addCleanup(self.client.close)
        self.tools = [{"name": "get_weather", "description": "Tells the weather.",
                       "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]

    def ask(self, text, **more):
        return dict(model="scripted-1", max_tokens=100, messages=[{"role": "user", "content": text}], **more)

    def test_messages(self):
        answer = self.client.messages.create(**self.ask("[say Hello, wörld 🌍.]"))
        self.assertEqual(answer.content[0].text, "Hello, wörld 🌍.")

    def test_messages_streamed(self):
        with self.client.messages.stream(**self.ask("[say Hello, wörld 🌍.]")) as stream:
            self.assertEqual("".join(stream.text_stream), "Hello, wörld 🌍.")
            self.assertEqual(stream.get_final_message().stop_reason, "end_turn")

    def test_tools(self):
        answer = self.client.messages.create(**self.ask(TOOL, tools=self.tools))
        self.assertEqual((answer.content[0].name, answer.content[0].input), ("get_weather", {"city": "London", "unit": "celsius"}))

    def test_tools_streamed(self):
        with self.client.messages.stream(**self.ask(TOOL, tools=self.tools)) as stream:
            self.assertEqual(stream.get_final_message().content[0].input, {"city": "London", "unit": "celsius"})

    def test_tokens_are_counted_and_models_listed(self):
        counted = self.client.messages.count_tokens(model="scripted-1", messages=[{"role": "user", "content": "hello"}])
        self.assertGreater(counted.input_tokens, 0)
        self.assertEqual([model.id for model in self.client.models.list()], ["scripted-1"])

    def test_errors_arrive_as_the_sdk_s_own(self):
        with self.assertRaises(anthropic.RateLimitError):
            self.client.messages.create(**self.ask("[status 429]"))
        with self.assertRaises(anthropic.InternalServerError):
            self.client.messages.create(**self.ask("[reset]"))


class Mcp(unittest.TestCase):
    def use(self, path, mode):
        async def run():
            async with Client(URL + path, mode=mode) as client:
                tools = await client.list_tools()
                called = await client.call_tool("add", {"a": 2, "b": 40})
                return [tool.name for tool in tools.tools], called.content[0].text
        return asyncio.run(asyncio.wait_for(run(), 60))

    def test_a_real_server_with_sessions(self):
        self.assertEqual(self.use("/real/mcp", "legacy"), (["add"], "42"))

    def test_a_real_server_without_sessions(self):
        self.assertEqual(self.use("/real/mcp", "auto"), (["add"], "42"))

    def test_the_scripted_server(self):
        self.assertEqual(self.use("/mcp", "legacy"), (["add", "shell"], "42"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
