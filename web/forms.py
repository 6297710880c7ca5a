"""What people type into forms, read into values; an error says which field and what to type."""

from __future__ import annotations

from datetime import date, time

from records.errors import WrongUse
from records.money import Money

_FIRST_YEAR, _LAST_YEAR = 1900, 2199
MOST_COUNTED = 100_000  # envelopes or checks of one bag
MOST_CENTS = 10**15 - 1


def cents(text: str, label: str) -> int:
    """Cents from dollars as typed (``1,234.50``); WrongUse ``wrong_amount``."""
    try:
        return Money.parse(text).cents
    except ValueError as error:
        raise WrongUse(
            "wrong_amount", f"{label} is not an amount.", "Type dollars and cents, such as 1234.50."
        ) from error


def optional_cents(text: str, label: str) -> int | None:
    """The same, or None for an empty field."""
    return cents(text, label) if text.strip() else None


def optional_count(text: str, label: str) -> int | None:
    """A number of things as typed, or None for an empty field; WrongUse ``wrong_count``."""
    digits = text.strip().replace(",", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise WrongUse("wrong_count", f"{label} is not a number.", "Type digits, such as 300.")
    return int(digits)


def day(text: str, label: str) -> date:
    """A date as ``YYYY-MM-DD``; WrongUse ``wrong_date``, also for a year nobody works in."""
    try:
        return near(date.fromisoformat(text.strip()), label)
    except ValueError as error:
        raise WrongUse("wrong_date", f"{label} is not a date.", "Type it as 2026-03-09.") from error


def optional_day(text: str, label: str) -> date | None:
    """The same, or None for an empty field."""
    return day(text, label) if text.strip() else None


def near(value: date, label: str) -> date:
    """The date, when days around it can be counted; WrongUse ``wrong_date`` for other years."""
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise WrongUse(
            "wrong_date",
            f"{label} lies outside of {_FIRST_YEAR} to {_LAST_YEAR}.",
            "Type it as 2026-03-09.",
        )
    return value


def clock_time(text: str, label: str) -> time:
    """A time of day as ``HH:MM``; WrongUse ``wrong_time``."""
    try:
        return time.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse("wrong_time", f"{label} is not a time.", "Type it as 17:00.") from error


def first_of(text: str) -> date:
    """The first day of a month typed as ``YYYY-MM``; WrongUse ``wrong_month``."""
    try:
        first = date.fromisoformat(f"{text.strip()}-01")
    except ValueError:
        raise WrongUse("wrong_month", f"{text!r} is no month.", "Type it as 2026-11.") from None
    return near(first, "The month")
