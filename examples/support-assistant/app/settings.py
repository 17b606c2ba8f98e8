"""Settings from the environment; see config/service.env for the names."""

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set")
    return value


@dataclass(frozen=True)
class Settings:
    answer_model: str = "claude-sonnet-4-5-20250929"
    max_output_tokens: int = 800
    max_tool_rounds: int = 4
    max_input_bytes: int = 8192
    requests_per_minute: int = 20
    prompts: Path = ROOT / "prompts"
    knowledge: Path = ROOT / "knowledge"
    ticket_url: str = field(default_factory=lambda: os.environ.get("TICKET_URL", "https://tickets.larkfield.example/api"))
    billing_url: str = field(default_factory=lambda: os.environ.get("BILLING_URL", "https://billing.larkfield.example/api"))

    @property
    def session_secret(self) -> str:
        return _required("SESSION_SECRET")


settings = Settings()
