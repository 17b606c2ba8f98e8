"""What each tool may touch, decided by code and not by the model."""

from typing import Any

from app.sessions import Session

MAX_CREDIT_PENCE = 2500
MAX_TICKETS_PER_SESSION = 3

_tickets: dict[str, int] = {}


class Denied(Exception):
    """The tool call is not allowed; the model is told so."""


def check(tool: str, arguments: dict[str, Any], session: Session) -> dict[str, Any]:
    """Returns the arguments as they may be used. Raises Denied."""
    arguments = dict(arguments)
    if tool in ("get_account", "issue_credit", "send_email"):
        # Whatever account the model names, only the session's own is used.
        arguments["customer_id"] = session.customer_id
    if tool == "issue_credit" and not 0 < int(arguments.get("pence", 0)) <= MAX_CREDIT_PENCE:
        raise Denied("credit is above the limit")
    if tool == "create_ticket":
        count = _tickets.get(session.customer_id, 0) + 1
        if count > MAX_TICKETS_PER_SESSION:
            raise Denied("too many tickets in this conversation")
        _tickets[session.customer_id] = count
    if tool == "send_email":
        arguments.pop("to", None)
    return arguments
