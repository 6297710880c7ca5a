"""A scan's cells of nothing that were misread: a dash as ``7`` or ``co``, 0.00 as ``000``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_cells import MONEY
from ocr.remittance_grid import Column, Grid
from ocr.remittance_rows import Row, Token

_GARBLED = 0.6  # the most that a text engine is sure of what it makes of a dash
_NARROW = 1.2  # heights of the row's print: the narrowest amount is twice as wide
_NOTHING = re.compile(r"[$S]?[0OoCQ][.,]?[0OoQ]{2}|[0Oo]{2}")  # 0.00 that lost its point
_LIKELY_ZERO = 0.8  # that it is one, where a column's amounts end
_ALIGNED = 0.6  # heights between its ends and those of the column's amounts, at most


def with_dashes(row: Row, grid: Grid, level: int, shift: float) -> Row:
    """A scan's row, each narrow garbled word that ends a blank cell of an amount as its dash.

    Noughts that end one are an amount: no reason has the code 000.
    """
    if row.source == "text_layer" or not row.amounts:
        return row
    height = max(token.height for token in row.amounts)
    blank = [
        column
        for column in grid.columns
        if column.level == level and column.role in MONEY and not _filled(column, row, shift)
    ]
    row = replace(row, tokens=tuple(_zero(t, blank, shift, height) for t in row.tokens))
    found = [
        token
        for token in row.tokens
        if _may_be_dash(token, height) and any(_ends(token, each, shift, height) for each in blank)
    ]
    if not found:
        return row
    kept = tuple(token for token in row.tokens if token not in found)
    return replace(row, tokens=kept, dashes=(*row.dashes, *found))


def _zero(token: Token, blank: Sequence[Column], shift: float, height: float) -> Token:
    """A word of noughts that ends a blank cell as the zero that it is."""
    if token.cents is not None or token.day is not None or not _NOTHING.fullmatch(token.text):
        return token
    if not any(_ends(token, each, shift, height) for each in blank):
        return token
    return replace(token, cents=0, confidence=min(token.confidence, _LIKELY_ZERO))


def _may_be_dash(token: Token, height: float) -> bool:
    value = token.cents is not None or token.day is not None
    return not value and token.confidence < _GARBLED and token.right - token.left < _NARROW * height


def _filled(column: Column, row: Row, shift: float) -> bool:
    """Whether an amount of the row stands in a column."""
    if column.low is None or column.high is None:
        return True
    return any(
        token.left - shift < column.high and column.low < token.right - shift
        for token in row.amounts
    )


def _ends(token: Token, column: Column, shift: float, height: float) -> bool:
    """Whether a word stands where the amounts of a column end."""
    if column.low is None or column.high is None:
        return False
    near = abs(token.right - shift - column.high) <= _ALIGNED * height
    return near and token.left - shift >= column.low - _ALIGNED * height
