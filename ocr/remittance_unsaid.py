"""Payments that leave unsaid why less is paid than charged: of all lines, or of their prices."""

from __future__ import annotations

from ocr.remittance_body import Body, Table
from ocr.remittance_cells import MONEY, ServiceLine
from ocr.remittance_sums import adjustments, share_of

_SAID = frozenset({"charged_cents", "paid_cents"})
_PRICE = "45"  # the claim adjustment reason of a charge beyond the price
_CODES = frozenset({"reasons", "group"})
_WHY = frozenset(MONEY) - _SAID


def says_no_why(body: Body, total_cents: int | None) -> bool:
    """Whether nothing is printed that the amounts of a line could add up with, and all is paid.

    Both columns are named by their heads and no table has another amount or a reason; no line is
    paid more than it was charged; and what is paid comes to the payment (``total_cents``).
    """
    named = any(table.head.roles >= _SAID for table in body.tables)
    if not named or body.asks_why or any(map(_says_amounts, body.tables)):
        return False
    if body.not_understood and any(table.roles & _CODES for table in body.tables):
        return False
    if not body.lines or not all(map(_bare, body.lines)):
        return False
    paid = sum(line.money["paid_cents"] for line in body.lines)
    return paid - sum(entry.cents for entry in body.taken) == total_cents


def _says_amounts(table: Table) -> bool:
    """Whether a table tells amounts beside charge and payment; codes alone tell none."""
    columns = () if table.grid is None else table.grid.columns
    coded = any(column.role in _CODES and column.filled for column in columns)
    return coded or bool(table.roles & _WHY)


def _bare(line: ServiceLine) -> bool:
    """Whether a line has both amounts, neither the other's in doubt, and no reason."""
    unknown = any(role.startswith("?") for role in line.cells)
    if unknown or line.unread or adjustments(line) or not set(line.money) >= _SAID:
        return False
    charged, paid = line.money["charged_cents"], line.money["paid_cents"]
    return abs(paid) <= abs(charged) and paid * charged >= 0


def prices_unsaid(body: Body) -> bool:
    """Whether a payer that tells reasons tells none where it only allows less than was charged.

    Some reason was read, so that they can be; or no code is printed at all.
    """
    read = any(line.reasons for line in body.lines)
    told = body.legend or body.asks_why or any(map(_lists_codes, body.tables))
    return (read or not told) and not any(map(_says_price, body.lines))


def _lists_codes(table: Table) -> bool:
    """Whether something stands in a column of reasons."""
    columns = () if table.grid is None else table.grid.columns
    return any(column.role in {"reasons", "group"} and column.filled for column in columns)


def of_price_alone(line: ServiceLine) -> bool:
    """Whether a line says its price, what the patient bears and the payment, and no more."""
    allowed, share = line.money.get("allowed_cents", 0), share_of(line) or 0
    charged, paid = line.money.get("charged_cents", 0), line.money.get("paid_cents", 0)
    unknown = line.unread or line.remarks or any(role.startswith("?") for role in line.cells)
    reduced = 0 < abs(allowed) < abs(charged) and allowed * charged > 0
    return reduced and not unknown and not adjustments(line) and allowed - share == paid


def _says_price(line: ServiceLine) -> bool:
    """Whether a reason or a column of its own tells why less is allowed than charged."""
    coded = any(reason.code == _PRICE for reason in line.reasons)
    return coded or any(line.money.get(role) for role in ("discount", "adjusted"))
