"""Days of a remittance that may not be meant as read: day before month, or after the payment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ocr.remittance_cells import PaperClaim
from ocr.text import PageText
from ocr.types import Field

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](?:20)?\d\d(?!\d)")
_DOUBTED = 0.8
_MONTHS = 12
_DAYS = ("service_on", "service_end_on")


def doubt_days(
    pages: Iterable[PageText], claims: Sequence[PaperClaim], paid_on: Field | None
) -> Field | None:
    """Lower the confidence of days of services in place; the day of the payment as it is then.

    A page that prints 13/02/2026 prints days before months: 05/02 is in February there, and read
    the other way round. Nobody pays for a service before its day.
    """
    turned = _day_first(pages)
    for line in (line for claim in claims for line in claim.lines):
        for role in _DAYS:
            cell = line.cells.get(role)
            if cell is None:
                continue
            early = paid_on is not None and str(cell.value) > str(paid_on.value)
            if early or (turned and _either_way(cell)):
                line.cells[role] = _doubted(cell)
    return _doubted(paid_on) if paid_on is not None and turned and _either_way(paid_on) else paid_on


def _day_first(pages: Iterable[PageText]) -> bool:
    """Whether more days are printed that can only begin with the day than with the month."""
    told = [
        (int(first) > _MONTHS) - (int(second) > _MONTHS)
        for text in pages
        for line in text.lines
        for first, second in _NUMERIC.findall(line.text)
        if min(int(first), int(second)) <= _MONTHS
    ]
    return sum(told) > 0


def _either_way(day: Field) -> bool:
    """Whether a day and its month could change places."""
    _, month, of_month = str(day.value).split("-")
    return int(of_month) <= _MONTHS and month != of_month


def _doubted(cell: Field) -> Field:
    return replace(cell, confidence=min(cell.confidence, _DOUBTED))
