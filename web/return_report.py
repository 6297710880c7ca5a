"""The days a report on returned mail is asked for, and the report as CSV."""

from __future__ import annotations

import calendar
import csv
import io
from datetime import date

from records import clock
from records.errors import WrongUse
from records.spreadsheets import plain
from returned_mail.report import AXES, Report
from web import forms

COLUMNS = ("by", "name", "returned", "mailed", "basis", "rate", "rate_low", "rate_high", "remark")
_MOST_DAYS = 800


def days_of(month: str, first: str, last: str) -> tuple[date, date]:
    """A month (``2026-11``), or the days from ``first`` to ``last``; this month for none.

    WrongUse ``wrong_period``.
    """
    try:
        if first.strip() or last.strip():
            begin, end = date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
        else:
            text = month.strip() or f"{clock.now():%Y-%m}"
            begin = date.fromisoformat(f"{text}-01")
            end = begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
    except ValueError as error:
        raise WrongUse("wrong_period", "That is no month and no span of days.",
                       "Give a month such as 2026-11, or two days.") from error  # fmt: skip
    if not 0 <= (end - begin).days <= _MOST_DAYS:
        raise WrongUse("wrong_period", "The last day comes before the first, or is too far off.",
                       "Give at most two years.")  # fmt: skip
    return forms.near(begin, "The first day"), forms.near(end, "The last day")


def to_csv(made: Report) -> str:
    """One row a line of the report; what nobody knows is empty."""
    out = io.StringIO(newline="")
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(COLUMNS)
    for axis in AXES:
        for row in made.axes[axis]:
            said = row.to_json()
            cells = ["" if said[name] is None else said[name] for name in COLUMNS[2:]]
            write.writerow([axis, plain(row.name), *cells])
    return out.getvalue()
