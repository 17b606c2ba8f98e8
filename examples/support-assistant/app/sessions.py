"""Sessions are issued by the website after sign-in and signed with SESSION_SECRET."""

import hashlib
import hmac
import time
from dataclasses import dataclass

from fastapi import Header, HTTPException

from app.settings import settings


@dataclass(frozen=True)
class Session:
    customer_id: str
    staff_name: str = ""


def _verify(token: str) -> list[str]:
    try:
        body, signature = token.rsplit(".", 1)
        kind, subject, expires = body.split(":")
    except ValueError:
        raise HTTPException(status_code=401, detail="malformed session") from None
    expected = hmac.new(settings.session_secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature) or float(expires) < time.time():
        raise HTTPException(status_code=401, detail="session is not valid")
    return [kind, subject]


def current_session(x_session: str = Header()) -> Session:
    kind, subject = _verify(x_session)
    if kind != "customer":
        raise HTTPException(status_code=403)
    return Session(customer_id=subject)


def staff_session(x_session: str = Header()) -> Session:
    kind, subject = _verify(x_session)
    if kind != "staff":
        raise HTTPException(status_code=403)
    return Session(customer_id="", staff_name=subject)
