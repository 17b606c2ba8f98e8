"""A sliding window per customer, in memory; the load balancer keeps a customer on one instance."""

import time
from collections import defaultdict, deque

from fastapi import HTTPException

from app.settings import settings


class Limiter:
    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    def check(self, key: str) -> None:
        now = time.monotonic()
        seen = self._seen[key]
        while seen and now - seen[0] > 60:
            seen.popleft()
        if len(seen) >= self._per_minute:
            raise HTTPException(status_code=429, detail="too many messages, please wait a minute")
        seen.append(now)


limiter = Limiter(settings.requests_per_minute)
