"""Days of a remittance that may not be meant as read: turned round, after the payment, alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ocr.remittance_cells import PaperClaim, ServiceLine
from ocr.text import PageText
from ocr.types import Field

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](?:20)?\d\d(?!\d)")
_DOUBTED = 0.8
_MONTHS = 12
_DAYS = ("service_on", "service_end_on")
_FEWEST = 2  # services with two days, that tell where each of them stands

Span = tuple[int, int, int]  # page, left and right of a service's days


def doubt_days(
    pages: Iterable[PageText], claims: Sequence[PaperClaim], paid_on: Field | None
) -> Field | None:
    """Lower the confidence of days of services in place; the day of the payment as it is then.

    A page that prints 13/02/2026 prints days before months: 05/02 is in February there, and read
    the other way round. Nobody pays for a service before its day. A scan's lone day where other
    services have their last one has lost its first.
    """
    turned = _day_first(pages)
    lines = [line for claim in claims for line in claim.lines]
    spans = [span for line in lines if (span := _span(line)) is not None]
    for line in lines:
        if _is_last(line, spans):
            line.cells["service_on"] = _doubted(line.cells["service_on"])
        for role in _DAYS:
            cell = line.cells.get(role)
            if cell is None:
                continue
            early = paid_on is not None and str(cell.value) > str(paid_on.value)
            if early or (turned and _either_way(cell)):
                line.cells[role] = _doubted(cell)
    return _doubted(paid_on) if paid_on is not None and turned and _either_way(paid_on) else paid_on


def _span(line: ServiceLine) -> Span | None:
    """Where a service's two days stand."""
    cells = [line.cells.get(role) for role in _DAYS]
    boxes = [cell.box for cell in cells if cell is not None and cell.box is not None]
    if len(boxes) < len(_DAYS):
        return None
    left, right = min(box[0] for box in boxes), max(box[0] + box[2] for box in boxes)
    return line.page, left, right


def _is_last(line: ServiceLine, spans: Sequence[Span]) -> bool:
    """Whether a scan's lone day stands where most services have the last of two."""
    day = line.cells.get("service_on")
    if (
        day is None
        or day.box is None
        or day.source == "text_layer"
        or "service_end_on" in line.cells
    ):
        return False
    left, right = day.box[0], day.box[0] + day.box[2]
    near = [span for span in spans if span[0] == day.page and left < span[2] and span[1] < right]
    behind = [span for span in near if left >= (span[1] + span[2]) / 2]
    return len(near) >= _FEWEST and 2 * len(behind) > len(near)


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
