import pytest

from scoring.review import Queue


def test_a_held_payment_is_decided_by_a_named_analyst():
    queue = Queue()
    queue.hold("TX1", 0.9)
    with pytest.raises(ValueError):
        queue.decide("TX1", "decline", "")
    assert queue.decide("TX1", "release", "analyst-4").decided_by == "analyst-4"


def test_a_payment_is_decided_once():
    queue = Queue()
    queue.hold("TX2", 0.9)
    queue.decide("TX2", "decline", "analyst-4")
    with pytest.raises(ValueError):
        queue.decide("TX2", "release", "analyst-5")
