"""The tools that the model may call."""

from typing import Any

import httpx

from app import approval, policy, retrieval
from app.sessions import Session
from app.settings import settings

TOOLS = [
    {
        "name": "search_knowledge",
        "description": "Search the help centre.",
        "input_schema": {
            "type": "object",
            "properties": {"question": {"type": "string"}},
            "required": ["question"],
        },
    },
    {
        "name": "get_account",
        "description": "Read the plan, line state and recent outages of the customer in this conversation.",
        "input_schema": {"type": "object", "properties": {}},
    },
    {
        "name": "create_ticket",
        "description": "Open a ticket for a colleague when you cannot solve the problem.",
        "input_schema": {
            "type": "object",
            "properties": {"summary": {"type": "string", "maxLength": 2000}},
            "required": ["summary"],
        },
    },
    {
        "name": "send_email",
        "description": "Send the customer a summary of this conversation. A colleague reads it first.",
        "input_schema": {
            "type": "object",
            "properties": {"subject": {"type": "string"}, "body": {"type": "string"}},
            "required": ["subject", "body"],
        },
    },
    {
        "name": "issue_credit",
        "description": "Credit the customer's next bill after an outage, up to 25 pounds.",
        "input_schema": {
            "type": "object",
            "properties": {"pence": {"type": "integer"}, "reason": {"type": "string"}},
            "required": ["pence", "reason"],
        },
    },
]

_index = retrieval.Index(settings.knowledge)


def run(tool: str, arguments: dict[str, Any], session: Session) -> str:
    try:
        arguments = policy.check(tool, arguments, session)
    except policy.Denied as why:
        return f"Not allowed: {why}"
    if tool in approval.NEEDS_APPROVAL:
        approval.submit(tool, arguments)
        return "A colleague will read this before it is sent."
    if tool == "search_knowledge":
        return "\n\n".join(p.text for p in _index.search(arguments["question"], limit=3))
    if tool == "get_account":
        return _call("GET", f"{settings.billing_url}/accounts/{arguments['customer_id']}")
    if tool == "create_ticket":
        return _call("POST", f"{settings.ticket_url}/queues/ASSIST", json={"summary": arguments["summary"]})
    if tool == "issue_credit":
        path = f"{settings.billing_url}/accounts/{arguments['customer_id']}/credits"
        return _call("POST", path, json={"pence": arguments["pence"], "reason": arguments["reason"]})
    return "There is no such tool."


def _call(method: str, url: str, json: dict[str, Any] | None = None) -> str:
    response = httpx.request(method, url, json=json, timeout=5.0)
    response.raise_for_status()
    return response.text[:4000]
