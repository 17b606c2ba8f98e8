"""The conversation loop: retrieve, ask the model, run the tools it asks for, answer."""

from dataclasses import dataclass, field

import anthropic

from app import retrieval, tools, triage
from app.sessions import Session
from app.settings import settings


@dataclass
class Answer:
    text: str
    sources: list[str] = field(default_factory=list)
    handed_over: bool = False


class Assistant:
    def __init__(self) -> None:
        self._client = anthropic.Anthropic()
        self._system = (settings.prompts / "system.md").read_text(encoding="utf-8")
        self._handover = (settings.prompts / "handover.md").read_text(encoding="utf-8")
        self._index = retrieval.Index(settings.knowledge)

    def answer(self, message: str, session: Session) -> Answer:
        if triage.needs_person(self._client, message):
            return self._hand_over(message, session)
        passages = self._index.search(message, limit=4)
        context = "\n\n".join(f"<passage source={p.source!r}>\n{p.text}\n</passage>" for p in passages)
        messages = [{"role": "user", "content": f"{context}\n\nCustomer: {message}"}]
        for _ in range(settings.max_tool_rounds):
            response = self._client.messages.create(
                model="claude-sonnet-4-5-20250929",
                max_tokens=settings.max_output_tokens,
                system=self._system,
                tools=tools.TOOLS,
                messages=messages,
            )
            if response.stop_reason != "tool_use":
                text = "".join(block.text for block in response.content if block.type == "text")
                return Answer(text=text, sources=[p.source for p in passages])
            messages.append({"role": "assistant", "content": response.content})
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": tools.run(block.name, block.input, session)}
                for block in response.content
                if block.type == "tool_use"
            ]
            messages.append({"role": "user", "content": results})
        return self._hand_over(message, session)

    def _hand_over(self, message: str, session: Session) -> Answer:
        response = self._client.messages.create(
            model="claude-sonnet-4-5-20250929",
            max_tokens=300,
            system=self._handover,
            messages=[{"role": "user", "content": message}],
        )
        summary = response.content[0].text
        tools.run("create_ticket", {"summary": summary}, session)
        return Answer(text="I have passed this to a colleague, who will write to you today.", handed_over=True)
