"""The time: one place that knows it, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present instant, timezone-aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at ``at`` (aware) within the block; for tests and seeded data."""
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def business_date(at: datetime, zone: str, cut_off: time) -> date:
    """The bank's business date of an instant: the next day once the cut-off has passed, and the
    next that banks are open on.
    """
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=1) if local.time() >= cut_off else local.date()
    while banks_closed(day):
        day += timedelta(days=1)
    return day


def banks_closed(day: date) -> bool:
    """Whether the Federal Reserve's banks are closed: weekends and its holidays.

    A holiday on a Sunday is kept on Monday; one on a Saturday is not kept on Friday.
    """
    if day.weekday() >= 5:
        return True
    held = _holidays(day.year)
    return day in held or (day.weekday() == 0 and day - timedelta(days=1) in held)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - 0.3 seconds that most commands do not need

    return frozenset(holidays.country_holidays("US", years=year, observed=False))
