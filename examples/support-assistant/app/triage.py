"""Decides whether a person should answer from the start."""

import anthropic

TRIAGE_PROMPT = """You sort messages that customers of a broadband company send to its support chat.
Answer with exactly one word.
Answer PERSON when the customer complains about how they were treated, mentions a bereavement, says that they are in
danger, depends on the line for medical equipment, or asks for a person.
Answer ASSISTANT in every other case."""


def needs_person(client: anthropic.Anthropic, message: str) -> bool:
    response = client.messages.create(
        model="claude-sonnet-4-5-20250929",
        max_tokens=5,
        system=TRIAGE_PROMPT,
        messages=[{"role": "user", "content": message}],
    )
    return response.content[0].text.strip().upper() != "ASSISTANT"
