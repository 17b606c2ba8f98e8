import pytest

from readability import MAX_CHARACTERS, Readability, UnsuitableText

MODEL = Readability("model")


def test_plain_and_difficult_are_told_apart():
    assert MODEL.classify("Put your form out on Monday.")[0] == "plain"
    assert MODEL.classify("Notwithstanding the foregoing, the notice shall be deemed discharged.")[0] == "difficult"


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_CHARACTERS + 1)])
def test_unsuitable_texts_are_refused(text):
    with pytest.raises(UnsuitableText):
        MODEL.classify(text)
