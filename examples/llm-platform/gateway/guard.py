"""Checks on requests before a model server sees them."""

import unicodedata

MAX_MESSAGES = 40
MAX_BYTES = 32_768
ROLES = ("system", "user", "assistant")


class Refused(ValueError):
    pass


def check(messages: list[dict]) -> list[dict]:
    """Returns the messages as they may be passed on. Raises Refused."""
    if not messages or len(messages) > MAX_MESSAGES:
        raise Refused("between 1 and 40 messages")
    checked, total = [], 0
    for message in messages:
        role, content = message.get("role"), message.get("content")
        if role not in ROLES or not isinstance(content, str):
            raise Refused("each message has a role and text")
        content = "".join(c for c in content if unicodedata.category(c) not in ("Cf", "Co", "Cc") or c in "\n\t")
        # Control tokens of the chat template are words of the platform, not of callers.
        content = content.replace("<|", "< |")
        total += len(content.encode())
        checked.append({"role": role, "content": content})
    if total > MAX_BYTES:
        raise Refused("too long")
    return checked
