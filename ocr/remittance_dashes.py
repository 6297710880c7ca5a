"""Dashes of a scan's empty cells that were read as letters: ``7`` or ``co`` where no amount is."""

from __future__ import annotations

from dataclasses import replace

from ocr.remittance_cells import MONEY
from ocr.remittance_grid import Column, Grid
from ocr.remittance_rows import Row, Token

_GARBLED = 0.6  # the most that a text engine is sure of what it makes of a dash
_NARROW = 1.2  # heights of the row's print: the narrowest amount is twice as wide
_ALIGNED = 0.6  # heights between its end and that of the column's amounts, at most


def with_dashes(row: Row, grid: Grid, level: int, shift: float) -> Row:
    """A scan's row, each narrow garbled word that ends a blank cell of an amount as its dash."""
    if row.source == "text_layer" or not row.amounts:
        return row
    height = max(token.height for token in row.amounts)
    blank = [
        column
        for column in grid.columns
        if column.level == level and column.role in MONEY and not _filled(column, row, shift)
    ]
    found = [
        token
        for token in row.tokens
        if _may_be_dash(token, height) and any(_ends(token, each, shift, height) for each in blank)
    ]
    if not found:
        return row
    kept = tuple(token for token in row.tokens if token not in found)
    return replace(row, tokens=kept, dashes=(*row.dashes, *found))


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
    return near and token.left - shift >= column.low
