"""A scanned head that lost the name of a column: of days, told by the rows under it, or of what is
allowed, told by the sums of the rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_rows import Row, has_procedure

_FEWEST, _MOST_ROWS = 0.6, 40
_BARE = re.compile(r"am(oun)?ts?\.?", re.IGNORECASE)


def told_by_days(heads: Sequence[Head], rows: Sequence[Row]) -> list[Head]:
    """The heads of a page, each with its nameless column told that has a day in most services.

    Without it a table of services whose days are called by a misread word, and their codes by
    none, is taken for a list of claims. A row counts that has a procedure's code as well.
    """
    return [
        _told(head, _under(rows, head, heads[at + 1 :])) for at, head in enumerate(heads)
    ]  # fmt: skip


def without_bare(heads: Sequence[Head]) -> list[Head]:
    """The heads of a scanned page, a lone ``AMT`` in them left without a role.

    Where what is allowed has no column it was ``ALLOWED AMT`` as likely as an adjustment's amount;
    the sums of the rows say which.
    """
    return [
        replace(head, cells=tuple(map(_unsaid, head.cells)))
        if {"charged_cents", "not_covered", "paid_cents"} <= head.roles
        and "allowed_cents" not in head.roles
        else head
        for head in heads
    ]


def _unsaid(cell: HeadCell) -> HeadCell:
    bare = cell.role == "adjusted" and _BARE.fullmatch(cell.text.strip()) is not None
    return replace(cell, role=None) if bare else cell


def _under(rows: Sequence[Row], head: Head, after: Sequence[Head]) -> list[Row]:
    """Rows with a day and a procedure's code between a head and the next."""
    end = after[0].first if after else head.last + 1 + _MOST_ROWS
    between = [row for row in rows if head.last < row.number < end]
    return [row for row in between if any(t.day for t in row.tokens) and has_procedure(row)]


def _told(head: Head, services: Sequence[Row]) -> Head:
    if head.roles & {"service_on", "procedure_code"} or not services:
        return head
    counts = [sum(_holds_day(cell, row) for row in services) for cell in head.cells]
    nameless = [at for at, cell in enumerate(head.cells) if cell.role is None]
    best = max(nameless, key=lambda at: counts[at], default=None)
    if best is None or counts[best] < _FEWEST * len(services):
        return head
    cells = list(head.cells)
    cells[best] = replace(cells[best], role="service_on")
    return replace(head, cells=tuple(cells))


def _holds_day(cell: HeadCell, row: Row) -> bool:
    return any(t.day and t.left < cell.right and cell.left < t.right for t in row.tokens)
