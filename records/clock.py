"""The time: one place that knows it, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
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
    """The bank's business date of an instant: the next weekday once the cut-off has passed.

    Weekends move to Monday; bank holidays are the bank's calendar and not known here.
    """
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=1) if local.time() >= cut_off else local.date()
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day
