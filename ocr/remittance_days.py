"""Service dates as remittances print them: one day, or the first and the last day of a service."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from ocr.values import parse_date

_COMPACT = re.compile(r"^(0[1-9]|1[0-2])([0-3]\d)(\d\d)$")
_COMPACT_ISO = re.compile(r"^(20\d\d)(0[1-9]|1[0-2])([0-3]\d)$")
_RANGE = re.compile(r"^(\d[\d/.]{3,9})\s?[-\u2013]\s?(\d[\d/.]{5,9})$")
_YEARLESS = re.compile(r"^(\d{1,2})/(\d{1,2})$")
_YEARLESS_COMPACT = re.compile(r"^(\d\d)(\d\d)$")
_GLUED = re.compile(r"^(\d{1,2})([A-Za-z]{3})(\d{4}|\d{2})$")
_POINT = re.compile(r"^([A-Za-z]{3,9}\.? \d{1,2})\. (?=20\d\d$)")  # a comma that lost its tail
_MONTH_YY = re.compile(r"^([A-Za-z]{3,9}\.?) (\d{1,2}),? '?(\d{2})$")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* ",
                      re.IGNORECASE)  # fmt: skip
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST = timedelta(days=92)  # a service whose first day is printed without its year


@lru_cache(maxsize=65536)
def date_in(text: str) -> str | None:
    """A date as remittances print it: six digits (MMDDYY), ``03JAN2026``, ``Jan 3 26`` too."""
    text = _WEEKDAY.sub("", text.strip(" |_;:,'"))
    text = _POINT.sub(r"\1, ", text)
    match = _GLUED.match(text)
    if match is not None:
        return parse_date(f"{match[1]}-{match[2]}-{match[3]}")
    match = _MONTH_YY.match(text)
    if match is not None:
        return parse_date(f"{match[1]} {match[2]}, 20{match[3]}")
    match = _COMPACT.match(text)
    if match is not None:
        return parse_date(f"{match[1]}/{match[2]}/{match[3]}")
    match = _COMPACT_ISO.match(text)
    return parse_date(f"{match[1]}-{match[2]}-{match[3]}") if match else parse_date(text)


@lru_cache(maxsize=65536)
def days_in(text: str) -> tuple[str | None, str | None]:
    """The one day of a word, or its first and last: ``10/05-10/07/26``; (None, None) for none.

    A dash before it is of an empty cell, or a speck.
    """
    text = text.lstrip("-\u2013\u2014~=")
    if sum(c.isdigit() for c in text) < 4:
        return None, None
    day = date_in(text)
    if day is not None:
        return day, None
    match = _RANGE.match(text.strip(" |_;:,'"))
    if match is not None and (last := date_in(match[2])):
        first = date_in(match[1]) or first_day(match[1], match[2])
        if first:
            return first, last
    return None, None


@lru_cache(maxsize=65536)
def first_day(text: str, until: str) -> str | None:
    """The first day of a service, printed without its year before the last: ``1005 100726``.

    Only close before the last day, and in the same manner of print; else it is another number.
    """
    last = date_in(until)
    match = (_YEARLESS_COMPACT if _COMPACT.match(until) else _YEARLESS).match(text)
    if last is None or match is None:
        return None
    end = date.fromisoformat(last)
    for year in (end.year, end.year - 1):
        begun = parse_date(f"{match[1]}/{match[2]}/{year}")
        if begun and timedelta(0) <= end - date.fromisoformat(begun) <= _LONGEST:
            return begun
    return None


def agrees_with_weekday(day: str, before: str) -> bool | None:
    """Whether the weekday printed right before a day is that day's; None where none is.

    Of a day with a figure misread it is another one, unless it is off by a whole week.
    """
    if not _WEEKDAY.match(before.strip() + " "):
        return None
    return date.fromisoformat(day).weekday() == _WEEK.index(before.strip()[:3].lower())
