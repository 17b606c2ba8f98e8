"""An e-mail that nobody has read does not leave."""

import pytest

from app import approval


def test_a_waiting_request_is_not_released():
    request = approval.submit("send_email", {"subject": "s", "body": "b"})
    with pytest.raises(approval.NotApproved):
        approval.release(request.id)


def test_a_refused_request_is_not_released():
    request = approval.submit("send_email", {"subject": "s", "body": "b"})
    approval.decide(request.id, False, "duty-lead")
    with pytest.raises(approval.NotApproved):
        approval.release(request.id)


def test_an_approved_request_is_released_once():
    request = approval.submit("send_email", {"subject": "s", "body": "b"})
    approval.decide(request.id, True, "duty-lead")
    assert approval.release(request.id).decided_by == "duty-lead"
    with pytest.raises(approval.NotApproved):
        approval.release(request.id)


def test_a_decision_needs_a_name():
    request = approval.submit("send_email", {"subject": "s", "body": "b"})
    with pytest.raises(approval.NotApproved):
        approval.decide(request.id, True, "")
