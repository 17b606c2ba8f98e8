"""API keys of the councils. Only digests are kept; a key is shown once, when it is issued."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tenant:
    name: str
    requests_per_minute: int


class KeyStore:
    def __init__(self, path: Path) -> None:
        self._path = path

    def _read(self) -> dict[str, dict]:
        return json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}

    def issue(self, tenant: str, requests_per_minute: int = 60) -> str:
        key = f"hp_{secrets.token_urlsafe(32)}"
        keys = self._read()
        keys[hashlib.sha256(key.encode()).hexdigest()] = {"tenant": tenant, "requests_per_minute": requests_per_minute}
        self._path.write_text(json.dumps(keys, indent=2), encoding="utf-8")
        return key

    def find(self, key: str) -> Tenant | None:
        digest = hashlib.sha256(key.encode()).hexdigest()
        for known, entry in self._read().items():
            if hmac.compare_digest(known, digest):
                return Tenant(entry["tenant"], entry["requests_per_minute"])
        return None
