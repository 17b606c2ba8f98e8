import pytest

from app.filters import Rejected, check_message


def test_invisible_characters_are_removed():
    assert check_message("my\u200b router\U000e0041 is off") == "my router is off"


@pytest.mark.parametrize("text", ["", "   \n", "x" * 9000, "4111 1111 1111 1111"])
def test_what_is_rejected(text):
    with pytest.raises(Rejected):
        check_message(text)
