"""E-mails wait here until a member of staff has read them."""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    id: str
    tool: str
    arguments: dict[str, Any]
    state: str = "waiting"
    decided_by: str = ""


class NotApproved(Exception):
    pass


@dataclass
class _Queue:
    requests: dict[str, Request] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_queue = _Queue()
NEEDS_APPROVAL = frozenset({"send_email"})


def submit(tool: str, arguments: dict[str, Any]) -> Request:
    request = Request(id=secrets.token_hex(8), tool=tool, arguments=arguments)
    with _queue.lock:
        _queue.requests[request.id] = request
    return request


def waiting() -> list[Request]:
    with _queue.lock:
        return [r for r in _queue.requests.values() if r.state == "waiting"]


def decide(request_id: str, approve: bool, person: str) -> None:
    if not person:
        raise NotApproved("a decision needs a name")
    with _queue.lock:
        request = _queue.requests[request_id]
        if request.state != "waiting":
            raise NotApproved("already decided")
        request.state = "approved" if approve else "refused"
        request.decided_by = person


def release(request_id: str) -> Request:
    """The request, once approved; each one is released a single time. Raises NotApproved."""
    with _queue.lock:
        request = _queue.requests.get(request_id)
        if request is None or request.state != "approved":
            raise NotApproved(request_id)
        request.state = "released"
        return request
