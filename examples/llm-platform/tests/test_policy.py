import pytest

from gateway.policy import Denied, check


@pytest.mark.parametrize("name,text", [("shell", "ls"), ("opening_hours", "x" * 100)])
def test_calls_outside_the_policy_are_denied(name, text):
    with pytest.raises(Denied):
        check(name, text)
