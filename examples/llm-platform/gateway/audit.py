"""One JSON line for each event; texts as digests."""

import datetime
import hashlib
import json
import sys
from typing import Any


def record(event: str, tenant: str, **details: Any) -> None:
    entry = {"time": datetime.datetime.now(datetime.timezone.utc).isoformat(), "event": event, "tenant": tenant, **details}
    print(json.dumps(entry, sort_keys=True), file=sys.stdout, flush=True)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
