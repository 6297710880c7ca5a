"""Minus signs printed at the left of their column, apart from their figures, as ledgers do."""

from __future__ import annotations

from dataclasses import replace

from ocr.remittance_rows import Row, Token, rows_of
from ocr.text import PageText, around

_FARTHEST = 4.0  # heights from the minus to its figures
_FEWEST = 2  # amounts; a single dash before one stands for nothing in the column before it


def rows_with_signs(text: PageText) -> list[Row]:
    """The page's rows; in print, dashes that are the signs of all amounts of a row join them."""
    rows = rows_of(text)
    return [with_far_minus(row) for row in rows] if text.exact else rows


def with_far_minus(row: Row) -> Row:
    """The row with such signs joined to their amounts.

    They are signs only where every amount of the row but zeros has one right before it and none
    stands elsewhere: else a dash is what is printed for nothing.
    """
    amounts = [token for token in row.tokens if token.cents]
    if not _FEWEST <= len(amounts) == len(row.dashes):
        return row
    printed = sorted((*row.tokens, *row.dashes), key=lambda token: token.left)
    signs = {id(amount): printed[printed.index(amount) - 1] for amount in amounts}
    if any(sign not in row.dashes for sign in signs.values()):
        return row
    if not all(_signs(signs[id(amount)], amount) for amount in amounts):
        return row
    tokens = tuple(
        _joined(signs[id(token)], token) if id(token) in signs else token for token in row.tokens
    )
    return replace(row, tokens=tokens, dashes=())


def _signs(sign: Token, amount: Token) -> bool:
    """Whether a dash may be the sign of an amount that has none of its own."""
    near = 0 <= amount.left - sign.right <= _FARTHEST * amount.height
    return near and (amount.cents or 0) > 0


def _joined(sign: Token, amount: Token) -> Token:
    return replace(
        amount, text=f"-{amount.text}", cents=-(amount.cents or 0),
        box=around((sign.box, amount.box)),
    )  # fmt: skip
