"""HTTP service: one chat endpoint for the website's widget, one for staff who approve e-mails."""

import logging

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, Field

from app import approval, audit
from app.assistant import Assistant
from app.filters import Rejected, check_message
from app.limits import limiter
from app.sessions import Session, current_session, staff_session
from app.settings import settings

log = logging.getLogger("assistant")
app = FastAPI(title="Larkfield support assistant", version="1.8.2")
assistant = Assistant()


class ChatRequest(BaseModel):
    message: str = Field(min_length=1, max_length=settings.max_input_bytes)


class ChatReply(BaseModel):
    reply: str
    sources: list[str]
    handed_over: bool


@app.post("/v1/chat", response_model=ChatReply)
def chat(body: ChatRequest, request: Request, session: Session = Depends(current_session)) -> ChatReply:
    limiter.check(session.customer_id)
    audit.record("authentication", session, address=request.client.host if request.client else "")
    try:
        message = check_message(body.message)
    except Rejected as why:
        audit.record("error", session, reason=str(why))
        raise HTTPException(status_code=422, detail=str(why)) from why
    audit.record("prompt", session, digest=audit.digest(message))
    answer = assistant.answer(message, session)
    audit.record("output", session, digest=audit.digest(answer.text), sources=answer.sources)
    return ChatReply(reply=answer.text, sources=answer.sources, handed_over=answer.handed_over)


@app.get("/v1/approvals")
def waiting(staff: Session = Depends(staff_session)) -> list[approval.Request]:
    return approval.waiting()


@app.post("/v1/approvals/{request_id}/{decision}")
def decide(request_id: str, decision: str, staff: Session = Depends(staff_session)) -> dict[str, str]:
    if decision not in ("approve", "refuse"):
        raise HTTPException(status_code=404)
    approval.decide(request_id, decision == "approve", staff.staff_name)
    audit.record("user-action", staff, request=request_id, decision=decision)
    return {"state": decision}
