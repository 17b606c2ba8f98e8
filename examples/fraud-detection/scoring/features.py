"""Features of one payment, in the order that the model expects."""

from typing import Any

import numpy as np

NAMES = ["amount_pence", "hour", "days_since_card_added", "merchant_category", "device_risk", "country_match"]
LIMITS = {
    "amount_pence": (1, 10_000_000),
    "hour": (0, 23),
    "days_since_card_added": (0, 20_000),
    "merchant_category": (0, 9999),
    "device_risk": (0.0, 1.0),
    "country_match": (0, 1),
}


class InvalidPayment(ValueError):
    """The payment cannot be scored; the caller sends it to manual review."""


def vector(payment: dict[str, Any]) -> np.ndarray:
    """Checks every value against its limits. Raises InvalidPayment."""
    values = []
    for name in NAMES:
        low, high = LIMITS[name]
        try:
            value = float(payment[name])
        except (KeyError, TypeError, ValueError):
            raise InvalidPayment(f"{name} is missing or no number") from None
        if not low <= value <= high:
            raise InvalidPayment(f"{name} is outside {low} to {high}")
        values.append(value)
    return np.array([values], dtype=np.float32)
