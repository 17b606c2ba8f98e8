"""Tools that the chat model may call by writing {"tool": name, "input": text}."""

from gateway.policy import Denied, check
from gateway.tools.calculator import calculator
from gateway.tools.opening_hours import opening_hours

TOOLS = [
    {"name": "calculator", "description": "Work out an expression such as (3 + 4) * 12.", "parameters": {"type": "object"}},
    {"name": "opening_hours", "description": "Opening hours of an office.", "parameters": {"type": "object"}},
]
_FUNCTIONS = {"calculator": calculator, "opening_hours": opening_hours}


def run_tool(name: str, text: str) -> str:
    try:
        check(name, text)
    except Denied as why:
        return f"Not allowed: {why}"
    return _FUNCTIONS[name](text)
