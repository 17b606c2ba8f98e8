"""Loads the prompts and reads tool calls out of what the model writes."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "prompts"


def system(tenant: str) -> str:
    own = FOLDER / f"{tenant}.md"
    return (own if own.exists() else FOLDER / "default.md").read_text(encoding="utf-8")


def tool_call(text: str) -> tuple[str, str] | None:
    """The call in a reply that is nothing but {"tool": ..., "input": ...}."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if isinstance(value, dict) and isinstance(value.get("tool"), str) and isinstance(value.get("input"), str):
        return value["tool"], value["input"]
    return None
