import pytest

from scoring.features import InvalidPayment, vector

PAYMENT = {"amount_pence": 1250, "hour": 14, "days_since_card_added": 200, "merchant_category": 5812,
           "device_risk": 0.1, "country_match": 1}


def test_values_stand_in_the_order_of_the_model():
    assert vector(PAYMENT).tolist()[0][:2] == [1250.0, 14.0]


@pytest.mark.parametrize("name,value", [("hour", 24), ("device_risk", 1.5), ("amount_pence", -1), ("hour", "noon"),
                                        ("device_risk", float("nan"))])
def test_values_outside_the_limits_are_refused(name, value):
    with pytest.raises(InvalidPayment):
        vector({**PAYMENT, name: value})
