import os
from dataclasses import dataclass, field


@dataclass
class Settings:
    home: str = field(default_factory=lambda: os.path.expanduser("~/.cache/thing"))
    workers: int = int(os.environ.get("WORKERS", "4"))


def child_environment(**more):
    environment = os.environ.copy()
    environment.update(more)
    return environment
