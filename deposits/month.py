"""A month by office: received, deposited, credited, returned, how fast, and what was held over.

Days are bank days: receipt and deposit by business date, credits and returns by the bank's date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

_POST_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PaymentCourse:
    """One payment's way, as far as it has come; ``cents`` is None for an unread check.

    ``deposited`` are the business dates of its approved deposits and ``credited`` the bank's
    dates of their credits, one a presentation, in order. ``posted_at`` is when the last of its
    parts was posted, None while one is not. ``set_aside`` is a check that is never deposited.
    """

    office_code: str
    kind: str
    cents: int | None
    received_on: date
    received_at: datetime
    set_aside: bool
    deposited: tuple[date, ...] = ()
    credited: tuple[date, ...] = ()
    returned: tuple[date, ...] = ()
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """How many, and their cents."""

    count: int
    cents: int

    def to_json(self) -> dict[str, int]:
        """Plain JSON."""
        return {"count": self.count, "amount_cents": self.cents}


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share from 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; the value to four digits."""
        value = self.value
        return {
            "part": self.part,
            "whole": self.whole,
            "share": None if value is None else round(value, 4),
        }


@dataclass(frozen=True, slots=True)
class OfficeMonth:
    """The figures of one office (``office_code`` empty: of all).

    ``posted_in_time`` counts payments received in the month and posted within 24 hours of
    receipt, of those that are due; ``held_over`` checks received in the month and not deposited
    on that business date, of those to be deposited; ``credit_days`` is the mean of the days from
    receipt to the first credit, of payments whose first credit came in the month.
    """

    office_code: str
    received: Sums
    deposited: Sums
    credited: Sums
    returned: Sums
    posted_in_time: Share
    held_over: Share
    credit_days: float | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "office_code": self.office_code or None,
            "received": self.received.to_json(),
            "deposited": self.deposited.to_json(),
            "credited": self.credited.to_json(),
            "returned": self.returned.to_json(),
            "posted_within_24_hours": self.posted_in_time.to_json(),
            "held_over": self.held_over.to_json(),
            "average_days_to_credit": None
            if self.credit_days is None
            else round(self.credit_days, 2),
        }


@dataclass(frozen=True, slots=True)
class DayFlow:
    """One day's cents, of all offices in sight."""

    on: date
    received_cents: int
    deposited_cents: int
    credited_cents: int
    returned_cents: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "date": self.on.isoformat(),
            "received_cents": self.received_cents,
            "deposited_cents": self.deposited_cents,
            "credited_cents": self.credited_cents,
            "returned_cents": self.returned_cents,
        }


@dataclass(frozen=True, slots=True)
class Month:
    """A month: all offices together, each by itself, and day by day."""

    first: date
    total: OfficeMonth
    offices: tuple[OfficeMonth, ...]
    days: tuple[DayFlow, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "month": f"{self.first:%Y-%m}",
            "total": self.total.to_json(),
            "offices": [office.to_json() for office in self.offices],
            "days": [day.to_json() for day in self.days],
        }


def days_of(first: date) -> Sequence[date]:
    """Every day of the month that begins on ``first``."""
    days = [first]
    while (following := days[-1] + timedelta(days=1)).month == first.month:
        days.append(following)
    return days


def month_of(
    courses: Iterable[PaymentCourse], first: date, offices: Sequence[str], now: datetime
) -> Month:
    """The month that begins on ``first``; ``offices`` are codes, one without a payment as well.

    ``now`` says which payments have been here for 24 hours.
    """
    everything = list(courses)
    days = days_of(first)
    return Month(
        first,
        _figures("", everything, days, now),
        tuple(
            _figures(code, [each for each in everything if each.office_code == code], days, now)
            for code in offices
        ),
        tuple(_flow(everything, day) for day in days),
    )


def _figures(
    code: str, courses: Sequence[PaymentCourse], days: Sequence[date], now: datetime
) -> OfficeMonth:
    month = frozenset(days)
    received = [each for each in courses if each.received_on in month]
    due = [
        each for each in received if not each.set_aside and now - each.received_at >= _POST_WITHIN
    ]
    checks = [each for each in received if each.kind == "check" and not each.set_aside]
    waits = [
        (each.credited[0] - each.received_on).days
        for each in courses
        if each.credited and each.credited[0] in month
    ]
    return OfficeMonth(
        code,
        _sums(received, [1 for _ in received]),
        _sums(courses, _times(courses, "deposited", month)),
        _sums(courses, _times(courses, "credited", month)),
        _sums(courses, _times(courses, "returned", month)),
        Share(sum(_in_time(each) for each in due), len(due)),
        Share(sum(each.received_on not in each.deposited[:1] for each in checks), len(checks)),
        sum(waits) / len(waits) if waits else None,
    )


def _in_time(course: PaymentCourse) -> bool:
    posted = course.posted_at
    return posted is not None and posted - course.received_at <= _POST_WITHIN


def _times(courses: Sequence[PaymentCourse], what: str, days: frozenset[date]) -> Iterator[int]:
    """How often each of them had it happen on these days; a second presentation counts again."""
    for each in courses:
        happened: tuple[date, ...] = getattr(each, what)
        yield sum(day in days for day in happened)


def _sums(courses: Iterable[PaymentCourse], times: Iterable[int]) -> Sums:
    counted = [(each, often) for each, often in zip(courses, times, strict=True) if often]
    return Sums(
        sum(often for _, often in counted),
        sum((each.cents or 0) * often for each, often in counted),
    )


def _flow(courses: Sequence[PaymentCourse], day: date) -> DayFlow:
    def cents(what: str) -> int:
        return _sums(courses, _times(courses, what, frozenset([day]))).cents

    received = sum(each.cents or 0 for each in courses if each.received_on == day)
    return DayFlow(day, received, cents("deposited"), cents("credited"), cents("returned"))
