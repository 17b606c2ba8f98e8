"""Checks on what customers type, before any model sees it."""

import re
import unicodedata

from app.settings import settings

_CARD = re.compile(r"\b(?:\d[ -]?){13,19}\b")


class Rejected(Exception):
    """The message does not go to the model; the text is shown to the customer."""


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def check_message(text: str) -> str:
    """Returns the message as the model may see it. Raises Rejected."""
    if len(text.encode()) > settings.max_input_bytes:
        raise Rejected("The message is too long.")
    text = unicodedata.normalize("NFKC", text)
    # Format and private-use characters carry text that people cannot see.
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cc") or c in "\n\t")
    if not text.strip():
        raise Rejected("The message is empty.")
    for match in _CARD.finditer(text):
        if _luhn(re.sub(r"\D", "", match.group())):
            raise Rejected("Please do not send card numbers here.")
    return text
