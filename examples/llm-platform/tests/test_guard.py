import pytest

from gateway.guard import Refused, check


def test_control_tokens_are_defused():
    assert check([{"role": "user", "content": "<|system|> hello"}])[0]["content"] == "< |system|> hello"


@pytest.mark.parametrize("messages", [[], [{"role": "root", "content": "x"}], [{"role": "user", "content": 3}],
                                      [{"role": "user", "content": "x" * 40_000}]])
def test_what_is_refused(messages):
    with pytest.raises(Refused):
        check(messages)
