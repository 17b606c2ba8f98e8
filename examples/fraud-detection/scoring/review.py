"""The queue of payments that a person decides: a payment held for review is never declined by the model alone."""

import json
import logging
from dataclasses import dataclass

log = logging.getLogger("review")


@dataclass
class Held:
    transaction_id: str
    score: float
    decided_by: str = ""
    decision: str = ""


class Queue:
    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def hold(self, transaction_id: str, score: float) -> Held:
        return self._held.setdefault(transaction_id, Held(transaction_id, score))

    def decide(self, transaction_id: str, decision: str, analyst: str) -> Held:
        if decision not in ("release", "decline") or not analyst:
            raise ValueError("a decision needs an analyst and is release or decline")
        held = self._held[transaction_id]
        if held.decision:
            raise ValueError("already decided")
        held.decision, held.decided_by = decision, analyst
        log.info(json.dumps({"event": "user-action", "transaction": transaction_id, "decision": decision, "by": analyst}))
        return held
