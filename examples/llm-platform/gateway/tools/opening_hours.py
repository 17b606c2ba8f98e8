"""Opening hours of the councils' offices."""

HOURS = {"town hall": "Monday to Friday 9:00 to 17:00", "library": "Tuesday to Saturday 10:00 to 18:00",
         "recycling centre": "every day 8:00 to 16:00"}


def opening_hours(office: str) -> str:
    return HOURS.get(office.strip().lower(), "no such office")
