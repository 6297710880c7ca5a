"""Dates, dollar amounts and identifiers as printed text says them: exactly, or not at all."""

from __future__ import annotations

import re
from datetime import date

_NUMERIC = re.compile(r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})$")
_MONTH_FIRST = re.compile(r"^([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? ?(\d{4})$")
_DAY_FIRST = re.compile(r"^(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})$")
_COMPACT = re.compile(r"^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])((?:19|20)\d\d)$")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MOST_DIGITS = 15  # of cents
_AMOUNT = re.compile(
    r"^(?P<open>\()?(?P<sign>-)?\s?\$?\s?(?P<late>-)?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)"
    r"\.(?P<cents>\d\d)(?P<after>-)?(?P<close>\))?$"
)


def parse_date(text: str) -> str | None:
    """``03/04/2026``, ``3-4-26``, ``2026-03-04``, ``Mar 4, 2026``, ``04-MAR-2026`` as ISO text.

    Month first, as US mail has it; None for what is no date from 1990 to 2099.
    """
    text = " ".join(text.strip(" .,;:").split())
    if match := _NUMERIC.match(text) or _COMPACT.match(text):
        month, day, year = (int(part) for part in match.groups())
    elif match := _ISO.match(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _MONTH_FIRST.match(text):
        month, day, year = _month(match[1]), int(match[2]), int(match[3])
    elif match := _DAY_FIRST.match(text):
        month, day, year = _month(match[2]), int(match[1]), int(match[3])
    else:
        return None
    year += 2000 if year < 100 else 0
    if not 1990 <= year <= 2099:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _month(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def parse_cents(text: str) -> int | None:
    """``$1,234.50``, ``(3.50)``, ``12.00-``: cents, only with two decimals; None for the rest.

    A number of more digits than `Money` takes is none either: no column could hold it.
    """
    match = _AMOUNT.match(text.strip().replace(" ", ""))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    whole = match["whole"].replace(",", "").lstrip("0")
    if len(whole) + 2 > _MOST_DIGITS:
        return None
    value = int(whole or "0") * 100 + int(match["cents"])
    negative = match["open"] or match["sign"] or match["late"] or match["after"]
    return -value if negative else value


def looks_like_amount(text: str) -> bool:
    """Whether a word is an amount of money with cents."""
    return parse_cents(text) is not None


def npi_valid(text: str) -> bool:
    """Ten digits whose Luhn check holds with the prefix 80840 (45 CFR 162.406)."""
    return bool(re.fullmatch(r"[12]\d{9}", text)) and luhn_valid("80840" + text)


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the mod-10 check of the others (ISO/IEC 7812-1, annex B)."""
    if not digits.isascii() or not digits.isdigit() or len(digits) < 2:
        return False
    return luhn_digit(digits[:-1]) == digits[-1]


def luhn_digit(digits: str) -> str:
    """The mod-10 check digit to put behind ``digits``."""
    total = 0
    for place, symbol in enumerate(reversed(digits)):
        value = int(symbol) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
