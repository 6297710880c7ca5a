"""Payments whose tables say what was charged and paid, and of nothing else."""

from __future__ import annotations

from ocr.remittance_body import Body
from ocr.remittance_cells import MONEY, ServiceLine
from ocr.remittance_sums import adjustments

_SAID = frozenset({"charged_cents", "paid_cents"})
_WHY = frozenset({"reasons", "group", *MONEY}) - _SAID


def says_no_why(body: Body, total_cents: int | None) -> bool:
    """Whether nothing is printed that the amounts of a line could add up with, and all is paid.

    Both columns are named by their heads and no table has another amount or a reason; no line is
    paid more than it was charged; and what is paid comes to the payment (``total_cents``).
    """
    named = any(table.head.roles >= _SAID for table in body.tables)
    if not named or body.asks_why or any(table.roles & _WHY for table in body.tables):
        return False
    if not body.lines or not all(map(_bare, body.lines)):
        return False
    paid = sum(line.money["paid_cents"] for line in body.lines)
    return paid - sum(entry.cents for entry in body.taken) == total_cents


def _bare(line: ServiceLine) -> bool:
    """Whether a line has both amounts, neither the other's in doubt, and no reason."""
    unknown = any(role.startswith("?") for role in line.cells)
    if unknown or line.unread or adjustments(line) or not set(line.money) >= _SAID:
        return False
    charged, paid = line.money["charged_cents"], line.money["paid_cents"]
    return abs(paid) <= abs(charged) and paid * charged >= 0
