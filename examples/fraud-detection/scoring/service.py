"""HTTP service for the acquirers' gateways, and a small form on which merchants try the score."""

import hmac
import json
import logging
import os
import time
from collections import defaultdict, deque

import onnxruntime
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

from scoring import features

log = logging.getLogger("scoring")
app = FastAPI(title="Brindle fraud score", version="2.4.0")
session = onnxruntime.InferenceSession("models/fraud-score.onnx", providers=["CPUExecutionProvider"])

REVIEW_ABOVE = 0.62
PER_MINUTE = {"partner": 600, "form": 10}
_seen: dict[str, deque[float]] = defaultdict(deque)


class Payment(BaseModel):
    amount_pence: int
    hour: int
    days_since_card_added: int
    merchant_category: int
    device_risk: float
    country_match: int


class Score(BaseModel):
    score: float
    decision: str
    reasons: list[str]


def _limit(kind: str, who: str) -> None:
    now, seen = time.monotonic(), _seen[f"{kind}:{who}"]
    while seen and now - seen[0] > 60:
        seen.popleft()
    if len(seen) >= PER_MINUTE[kind]:
        raise HTTPException(status_code=429)
    seen.append(now)


def partner(x_client: str = Header(), x_client_verified: str = Header()) -> str:
    """The proxy in front ends mutual TLS and passes the client's name on, signed by its header secret."""
    if not hmac.compare_digest(x_client_verified, os.environ["PROXY_HEADER_SECRET"]):
        raise HTTPException(status_code=401)
    _limit("partner", x_client)
    return x_client


def merchant(x_merchant_session: str = Header()) -> str:
    if len(x_merchant_session) != 64:
        raise HTTPException(status_code=401)
    _limit("form", x_merchant_session)
    return x_merchant_session[:8]


def _score(payment: Payment, who: str) -> Score:
    try:
        inputs = features.vector(payment.model_dump())
    except features.InvalidPayment as why:
        log.warning(json.dumps({"event": "error", "client": who, "reason": str(why)}))
        raise HTTPException(status_code=422, detail=str(why)) from why
    _, probabilities = session.run(None, {"features": inputs})
    score = round(float(probabilities[0][1]), 4)
    decision = "review" if score > REVIEW_ABOVE else "allow"
    reasons = [n for n, v in zip(features.NAMES, inputs[0]) if n == "device_risk" and v > 0.5 or n == "country_match" and v == 0]
    log.info(json.dumps({"event": "output", "client": who, "score": score, "decision": decision}))
    return Score(score=score, decision=decision, reasons=reasons)


@app.post("/v2/score")
def score(payment: Payment, who: str = Depends(partner)) -> Score:
    return _score(payment, who)


@app.post("/v2/try")
def try_it(payment: Payment, who: str = Depends(merchant)) -> Score:
    return _score(payment, who)
