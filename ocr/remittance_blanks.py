"""Amounts that a payer leaves blank for nothing: read as zero where the page prints no zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocr.remittance_cells import ServiceLine
from ocr.remittance_grid import Grid
from ocr.remittance_sums import adds_up
from ocr.types import Field

_BLANK = ("allowed_cents", "paid_cents", "patient_responsibility_cents")
_AS_SURE = 0.97


def fill_blanks(lines: Sequence[ServiceLine], grids: Mapping[int, Grid]) -> None:
    """Give lines of a text layer zero where a column is blank in them, in place.

    Only of a table that prints amounts in the column elsewhere and nowhere a zero: a payer that
    prints zeros leaves no cell blank for nothing.
    """
    own: dict[int, list[ServiceLine]] = {}
    for line in lines:
        own.setdefault(id(grids[id(line)]), []).append(line)
    for group in own.values():
        grid = grids[id(group[0])]
        roles = [r for r in _BLANK if r in grid.roles and _blank_for_nothing(group, r)]
        for line in group:
            _fill(line, roles)


def _blank_for_nothing(lines: Sequence[ServiceLine], role: str) -> bool:
    return all(line.money.get(role) != 0 for line in lines)


def _fill(line: ServiceLine, roles: Sequence[str]) -> None:
    """Zero in the blank cells, where the line then adds up; else an amount was not read."""
    charged = line.cells.get("charged_cents")
    blank = [role for role in roles if role not in line.cells]
    if not blank or charged is None or charged.source != "text_layer":
        return
    sure = min(_AS_SURE, charged.confidence)
    for role in blank:
        line.cells[role] = Field(0, sure, line.page, line.box, charged.source)
    if not adds_up(line):
        for role in blank:
            del line.cells[role]
