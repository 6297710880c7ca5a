"""Values behind the keys of a service as cells: its day, its code, its count."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.remittance_cells import ServiceLine
from ocr.remittance_rows import Row, Token, procedure_in
from ocr.remittance_sums import adjustments
from ocr.types import Field


def opening_cells(row: Row, role: str, value: Sequence[Token]) -> dict[str, Field]:
    """The day, or the code with its modifiers, that opens a service; empty when it is neither."""
    if role == "service_on":
        days = [token for token in value if token.day is not None]
        if not days:
            return {}
        cells = {"service_on": row.field(days[0].day, days[:1])}
        until = days[0].until or (days[1].day if len(days) > 1 else None)
        if until is not None:
            cells["service_end_on"] = row.field(until, days[-1:])
        return cells
    for at, token in enumerate(value):
        found = procedure_in(token.text)
        if found is None:
            continue
        cells = {"procedure_code": row.field(found[0], [token])}
        beside = [t for t in value[at + 1 :] if re.fullmatch(r"[A-Z0-9]{2},?", t.text)]
        marks = [*found[1], *(t.text.strip(",") for t in beside)]
        if marks:
            cells["modifiers"] = row.field(marks, [token, *beside])
        return cells
    return {}


def cell_of(row: Row, role: str, value: Sequence[Token]) -> Field | None:
    """A day, a count or modifiers behind their key; None when the value is no such thing."""
    if role == "service_end_on":
        days = [token for token in value if token.day is not None]
        return row.field(days[0].day, days) if days else None
    if role == "units":
        return row.field(int(value[0].text), value) if value[0].text.isdigit() else None
    if role == "modifiers":
        marks = [part for token in value for part in token.text.replace(",", " ").split()]
        able = all(re.fullmatch(r"[A-Z0-9]{2}", mark) for mark in marks)
        return row.field(marks, value) if able else None
    return None


def lacks_reason(line: ServiceLine) -> bool:
    """Whether the reasons of a service come to less, or more, than was not paid of it."""
    charged, paid = line.money.get("charged_cents"), line.money.get("paid_cents")
    if charged is None or paid is None:
        return True
    return charged - paid != sum(int(each["amount_cents"]) for each in adjustments(line))
