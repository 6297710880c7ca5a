"""Dates as people write them on checks, to ISO text."""

from __future__ import annotations

import re
from datetime import date

from rapidfuzz import fuzz, process

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


def parse_date(text: str) -> tuple[str, float, tuple[int, int]] | None:
    """ISO date, how surely the text says it (0 to 1), and the span; US order, None if none."""
    for pattern, order in ((_ISO, "ymd"), (_NUMERIC, "mdy"), (_NAMED, "Mdy"), (_DAY_FIRST, "dMy")):
        match = pattern.search(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        month, sure = (int(parts["m"]), 1.0) if "m" in parts else _month(parts["M"])
        year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
        try:
            day = date(year, month, int(parts["d"]))
        except ValueError:
            continue
        if 1990 <= year <= 2079:
            return day.isoformat(), sure, match.span()
    return None


def _month(name: str) -> tuple[int, float]:
    """Number of the month a misspelt name means, and how alike it is; (0, 0) for none."""
    low = name.lower()
    if len(low) <= 4:
        for number, month in enumerate(_MONTHS, 1):
            if month.startswith(low[:3]):
                return number, 1.0
    found = process.extractOne(low, _MONTHS, scorer=fuzz.ratio)
    if found is None or found[1] < 66 or low == "number":
        return 0, 0.0
    return int(found[2]) + 1, float(found[1]) / 100.0
