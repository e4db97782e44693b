"""How ticket numbers are written: by date with or without a check digit, or simply counted; pure."""

from datetime import date, datetime

from tessera.tickets.hooks import NumberGenerator

DIGITS = 5
"""A counter's digits at least; more where they do not suffice."""

_LONGEST_COUNTER = 18


def by_date(instant: datetime, system_id: int, value: int) -> str:
    """Return the date, the system's id and the day's counter: `2016010110` + `00001`."""
    return f"{_day(instant)}{system_id}{value:0{DIGITS}d}"


def _day(instant: datetime) -> str:
    """Write a day as `20160101`; `strftime` would take three times as long, twice for every ticket."""
    return f"{instant.year:04}{instant.month:02}{instant.day:02}"


def by_date_with_checksum(instant: datetime, system_id: int, value: int) -> str:
    """Return the number by date with a check digit behind it."""
    number = by_date(instant, system_id, value)
    return f"{number}{check_digit(number)}"


def check_digit(number: str) -> int:
    """Return the digit OTRS appends: 10 less the sum, modulo 10, of digits weighted 1, 2, 1, 2, …; 1 for 10."""
    total = sum(int(digit) * (1 + position % 2) for position, digit in enumerate(number))
    digit = 10 - total % 10
    return 1 if digit == 10 else digit  # noqa: PLR2004 - as the formula says


def by_increment(_instant: datetime, system_id: int, value: int) -> str:
    """Return the system's id and the counter."""
    return f"{system_id}{value:0{DIGITS}d}"


def looks_dated(number: str) -> bool:
    """Tell whether a number begins with a calendar day, as the numbers by date do."""
    day = number[:8]
    if len(day) < len("yyyymmdd") or not (number.isascii() and number.isdigit()):
        return False
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return False
    return True


def counted_so_far(newest: str | None, system_id: int) -> int:
    """Return where counting goes on behind the newest number of a desk that counted before, 0 for a fresh start."""
    if newest is None or not (newest.isascii() and newest.isdigit()) or looks_dated(newest):
        return 0
    counter = newest.removeprefix(str(system_id))
    return int(counter) if 0 < len(counter) <= _LONGEST_COUNTER else 0


DATE_CHECKSUM = NumberGenerator(
    "date_checksum", lambda instant: f"date_checksum:{_day(instant)}", by_date_with_checksum
)
DATE = NumberGenerator("date", lambda instant: f"date:{_day(instant)}", by_date)
INCREMENT = NumberGenerator("increment", lambda _instant: "increment", by_increment)

GENERATORS = (DATE_CHECKSUM, DATE, INCREMENT)
"""The ways the kernel knows itself."""
