"""Token bucket per tenant."""

import time
from dataclasses import dataclass, field


@dataclass
class Bucket:
    per_minute: int
    level: float = field(init=False)
    last: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.level = float(self.per_minute)

    def take(self) -> bool:
        now = time.monotonic()
        self.level = min(self.per_minute, self.level + (now - self.last) * self.per_minute / 60)
        self.last = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Limits:
    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def allow(self, who: str, per_minute: int) -> bool:
        return self._buckets.setdefault(who, Bucket(per_minute)).take()
