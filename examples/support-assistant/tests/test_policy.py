"""Tools act on the session's own account, within limits."""

import pytest

from app import policy
from app.sessions import Session

SESSION = Session(customer_id="C-1001")


def test_the_account_is_always_the_sessions_own():
    assert policy.check("get_account", {"customer_id": "C-2002"}, SESSION)["customer_id"] == "C-1001"


def test_a_recipient_chosen_by_the_model_is_dropped():
    assert "to" not in policy.check("send_email", {"to": "someone@example.org", "body": "b"}, SESSION)


@pytest.mark.parametrize("pence", [0, -5, 2501, 10**9])
def test_credits_outside_the_limit_are_denied(pence):
    with pytest.raises(policy.Denied):
        policy.check("issue_credit", {"pence": pence, "reason": "outage"}, SESSION)


def test_the_fourth_ticket_is_denied():
    session = Session(customer_id="C-3003")
    for _ in range(3):
        policy.check("create_ticket", {"summary": "s"}, session)
    with pytest.raises(policy.Denied):
        policy.check("create_ticket", {"summary": "s"}, session)
