"""Dates as people write them on checks: to ISO text, and to a distribution over days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import fuzz, process

from ocr.types import Alternative, Field

STALE_DAYS = 180
"""A bank need not pay a check presented later than six months after its date (UCC 4-404)."""

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_NUMERIC = re.compile(
    r"(?<![0-9])([01]?[0-9])\s*[/\-.]\s*([0-3]?[0-9])\s*[/\-.,]\s*((?:19|20)?[0-9]{2})(?![0-9])"
)
_ISO = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})-([01][0-9])-([0-3][0-9])(?![0-9])")
_NAMED = re.compile(
    r"([A-Za-z]{3,10})\.?\s*([0-3]?[0-9])(?:st|nd|rd|th)?\s*[,. ]\s*((?:19|20)[0-9]{2}|[0-9]{2})"
    r"(?![0-9])"
)
_DAY_FIRST = re.compile(r"([0-3]?[0-9])\s*-?\s*([A-Za-z]{3,10})\.?\s*-?,?\s*((?:19|20)[0-9]{2})")
_FORMS = ((_ISO, "ymd"), (_NUMERIC, "mdy"), (_NAMED, "Mdy"), (_DAY_FIRST, "dMy"))
# A slash is easily read as one of these; only a whole text of the right length may say so.
_BARE = re.compile(
    r"\s*(1[0-2]|0?[1-9])[/1lI|\-.,7]([12][0-9]|3[01]|0?[1-9])[/1lI|\-.,7]((?:20)?[0-9]{2})\s*"
)
_BARE_SURE = 0.3
_YEARS = range(1990, 2080)


@dataclass(frozen=True, slots=True)
class Days:
    """What a text says of its day: probabilities of ISO dates, likeliest first.

    They sum to less than 1 where other readings of the text are no date. ``named`` says that
    the likeliest was written with the month's name.
    """

    chances: tuple[tuple[str, float], ...]
    named: bool = False


def parse_date(text: str) -> tuple[str, float, tuple[int, int]] | None:
    """ISO date, how surely the text says it (0 to 1), and the span; US order, None if none."""
    for pattern, order in _FORMS:
        match = pattern.search(text)
        if match is None:
            continue
        found = _day(dict(zip(order, match.groups(), strict=True)))
        if found is not None:
            return found[0], found[1], match.span()
    return None


def days(texts: tuple[tuple[str, float], ...]) -> Days:
    """The distribution over days that weighted texts (see ``ocr.likely_texts``) give."""
    chances: dict[str, float] = {}
    named: dict[str, bool] = {}
    for text, chance in texts:
        found = parse_date(text)
        if found is not None:
            chances[found[0]] = chances.get(found[0], 0.0) + chance * found[1]
            named.setdefault(found[0], any(map(str.isalpha, text)))
            continue
        for day in _bare_days(text):
            chances[day] = chances.get(day, 0.0) + chance * _BARE_SURE
    ranked = tuple(sorted(chances.items(), key=lambda item: -item[1]))
    return Days(ranked, bool(ranked) and named.get(ranked[0][0], False))


def _bare_days(text: str) -> set[str]:
    """Days of a text whose slashes were read as ones; all ways to part it, if there are few."""
    match = _BARE.fullmatch(text)
    if match is None:
        return set()
    found = set()
    for month in (1, 2):
        for day in (1, 2):
            parts = {"m": text[:month], "d": text[month + 1 : month + 1 + day],
                     "y": text[month + day + 2 :]}  # fmt: skip
            if len(parts["y"]) in (2, 4) and all(part.isdigit() for part in parts.values()):
                known = _day(parts)
                if known is not None:
                    found.add(known[0])
    return found if len(found) == 1 else set()


def _day(parts: Mapping[str, str]) -> tuple[str, float] | None:
    month, sure = (int(parts["m"]), 1.0) if "m" in parts else _month(parts["M"])
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    if year not in _YEARS:
        return None
    try:
        return date(year, month, int(parts["d"])).isoformat(), sure
    except ValueError:
        return None


def _month(name: str) -> tuple[int, float]:
    """Number of the month a misspelt name means, and how alike it is; (0, 0) for none."""
    low = name.lower()
    if len(low) <= 4:
        for number, month in enumerate(_MONTHS, 1):
            if month.startswith(low[:3]):
                return number, 1.0
        best = max(range(12), key=lambda m: fuzz.ratio(low[:3], _MONTHS[m][:3]))
        alike = fuzz.ratio(low[:3], _MONTHS[best][:3])
        return (best + 1, alike / 150.0) if alike >= 66 else (0, 0.0)
    found = process.extractOne(low, _MONTHS, scorer=fuzz.ratio)
    if found is None or found[1] < 66 or low == "number":
        return 0, 0.0
    return int(found[2]) + 1, float(found[1]) / 100.0


def flags_on(written_on: date, today: date) -> tuple[str, ...]:
    """``stale`` or ``postdated``: what is wrong with a check's date on the day it is looked at.

    The reading has no clock: who asks knows the day of receipt.
    """
    if (today - written_on).days > STALE_DAYS:
        return ("stale",)
    return ("postdated",) if written_on > today else ()


def near(field: Field, received_on: date) -> Field:
    """The date as read, with the day of receipt taken into account.

    Most checks come within weeks of their date, so that of two readings the plausible one wins;
    what is left to chance (no reading at all was right) is spread over all days alike. A date
    that was read surely, or in one way only, stays as it is: odd dates are there to be flagged.
    """
    if _plausible(str(field.value), received_on) <= _ODD and field.confidence > _ODD_SURE:
        field = replace(field, confidence=_ODD_SURE)
    if field.confidence >= _SURE or not field.alternatives:
        return field
    known = [(str(field.value), field.confidence)]
    known += [(str(other.value), other.confidence) for other in field.alternatives]
    weighed = [(value, sure * _plausible(value, received_on)) for value, sure in known]
    rest = max(0.02, 1.0 - sum(sure for _, sure in known)) * _ELSEWHERE
    total = sum(weight for _, weight in weighed) + rest
    ranked = sorted(((value, weight / total) for value, weight in weighed), key=lambda i: -i[1])
    value, sure = ranked[0]
    others = tuple(Alternative(v, round(s, 4)) for v, s in ranked[1:])
    return replace(field, value=value, confidence=round(min(sure, 0.99), 4), alternatives=others)


_ELSEWHERE = 0.2
_SURE = 0.9
_ODD, _ODD_SURE = 0.002, 0.8
_AGES = ((-400, -30, 0.01), (-30, 0, 0.1), (0, 45, 1.0), (45, STALE_DAYS, 0.1), (180, 400, 0.02))


def _plausible(iso: str, received_on: date) -> float:
    """How usual it is, against a check a few days old, to receive one of this date."""
    age = (received_on - date.fromisoformat(iso)).days
    for youngest, oldest, share in _AGES:
        if youngest <= age <= oldest:
            return share
    return _ODD
