"""The audit log: one JSON object a line on standard output, shipped to the central log store and kept 180 days."""

import datetime
import hashlib
import json
import sys
from typing import Any

from app.sessions import Session


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record(event: str, session: Session, **details: Any) -> None:
    entry = {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "event": event,
        "customer": digest(session.customer_id)[:16] if session.customer_id else "",
        "staff": session.staff_name,
        **details,
    }
    print(json.dumps(entry, sort_keys=True), file=sys.stdout, flush=True)
