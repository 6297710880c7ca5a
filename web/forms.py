"""What people type into forms, read into values; an error says which field and what to type."""

from __future__ import annotations

from datetime import date, time

from records.errors import WrongUse
from records.money import Money


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


def optional_day(text: str, label: str) -> date | None:
    """A date as ``YYYY-MM-DD``, None for an empty field; WrongUse ``wrong_date``."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse("wrong_date", f"{label} is not a date.", "Type it as 2026-03-09.") from error


def clock_time(text: str, label: str) -> time:
    """A time of day as ``HH:MM``; WrongUse ``wrong_time``."""
    try:
        return time.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse("wrong_time", f"{label} is not a time.", "Type it as 17:00.") from error
