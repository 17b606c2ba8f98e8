"""Chat and embedding endpoints for the councils, and a playground for their residents' forums."""

import os
from pathlib import Path

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

from gateway import audit, guard, prompts
from gateway.keys import KeyStore, Tenant
from gateway.limits import Limits
from gateway.tools import run_tool

CHAT_URL = os.environ.get("CHAT_URL", "http://chat:8000/v1/chat/completions")
EMBED_URL = os.environ.get("EMBED_URL", "http://embed:8001/v1/embeddings")
RERANK_URL = os.environ.get("RERANK_URL", "http://rerank:8002/v1/rerank")

app = FastAPI(title="Harbour Point models", version="3.1.0")
keys = KeyStore(Path(os.environ.get("KEYS_FILE", "/var/lib/gateway/keys.json")))
limits = Limits()


class Chat(BaseModel):
    messages: list[dict]


class Texts(BaseModel):
    texts: list[str]


class Ranking(BaseModel):
    question: str
    passages: list[str]


def tenant(authorization: str = Header()) -> Tenant:
    found = keys.find(authorization.removeprefix("Bearer "))
    if found is None:
        audit.record("authentication", "unknown", accepted=False)
        raise HTTPException(status_code=401)
    audit.record("authentication", found.name, accepted=True)
    if not limits.allow(found.name, found.requests_per_minute):
        raise HTTPException(status_code=429)
    return found


def _chat(messages: list[dict], who: str) -> str:
    try:
        messages = guard.check(messages)
    except guard.Refused as why:
        audit.record("error", who, reason=str(why))
        raise HTTPException(status_code=422, detail=str(why)) from why
    audit.record("prompt", who, digest=audit.digest(messages[-1]["content"]))
    messages = [{"role": "system", "content": prompts.system(who)}, *messages]
    for _ in range(3):
        reply = httpx.post(CHAT_URL, json={"model": "saltmarsh-chat", "messages": messages}, timeout=30).json()
        text = reply["choices"][0]["message"]["content"]
        call = prompts.tool_call(text)
        if call is None:
            audit.record("output", who, digest=audit.digest(text))
            return text
        audit.record("tool-call", who, tool=call[0])
        messages += [{"role": "assistant", "content": text}, {"role": "user", "content": run_tool(*call)}]
    return "I could not work this out."


@app.post("/v1/chat")
def chat(body: Chat, who: Tenant = Depends(tenant)) -> dict:
    return {"reply": _chat(body.messages, who.name)}


@app.post("/embeddings")
def embeddings(body: Texts, who: Tenant = Depends(tenant)) -> dict:
    audit.record("user-action", who.name, texts=len(body.texts))
    return httpx.post(EMBED_URL, json={"input": body.texts}, timeout=30).json()


@app.post("/v1/rerank")
def rerank(body: Ranking, who: Tenant = Depends(tenant)) -> dict:
    audit.record("user-action", who.name, passages=len(body.passages))
    return httpx.post(RERANK_URL, json=body.model_dump(), timeout=30).json()


@app.post("/v1/playground")
def playground(body: Chat) -> dict:
    return {"reply": _chat(body.messages, "playground")}
