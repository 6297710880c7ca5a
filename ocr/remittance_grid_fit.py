"""Heads fitted to the amounts that stand in rows: where each column of a table reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ocr.remittance_grid import HOLDS_AMOUNTS, Column, Grid, behind_code
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_lexicon import column_role
from ocr.remittance_rows import Row, Token, has_procedure, procedure_in

_MANY = 4  # amounts of a usual service, from where one of a single amount is none
_WIDE = 1.8  # times as wide as usual is a figure at most whose box tells where its column is
_SHORT_CODE = re.compile(r"^[A-Z]{0,2}-?\d{1,3}$")


def fit(head: Head, rows: Sequence[tuple[Row, float, int]]) -> Grid:
    """The head's columns with the span of their amounts; ``rows`` with shift and level each."""
    columns: list[Column] = []
    own = bool({"reasons", "adjusted"} & head.roles)
    percents = any(token.text.endswith("%") for row, _, _ in rows for token in row.tokens)
    rows = _without_lone(head, rows)
    widest = _WIDE * _usual_pace(row for row, _, _ in rows)
    for level in range(head.levels):
        cells = [cell for cell in head.cells if cell.level == level]
        seen = [(row, shift) for row, shift, its in rows if its == level]
        spans = _spans(
            (token, shift)
            for row, shift in seen
            for at, token in enumerate(row.tokens)
            if token.cents is not None
            and not behind_code(row, at)
            and (row.source == "text_layer" or _pace(token) <= widest)
        )
        columns.extend(_matched(cells, spans, level, max(1, len(seen)), rates=not percents))
    columns.sort(key=lambda column: (column.level, column.left))
    grid = Grid(head, columns, own, len(rows), percents)
    _told_by_rows(grid, rows)
    return grid


def _pace(token: Token) -> float:
    """How wide a figure of an amount is by its box."""
    return (token.right - token.left) / len(token.text)


def _usual_pace(rows: Iterable[Row]) -> float:
    """That of most amounts; a box that runs on over a fold is far wider than its figures."""
    paces = sorted(_pace(token) for row in rows for token in row.amounts)
    return paces[len(paces) // 2] if paces else 0.0


def _without_lone(
    head: Head, rows: Sequence[tuple[Row, float, int]]
) -> Sequence[tuple[Row, float, int]]:
    """The rows of a table of services without a day and a lone amount, as a payment is told."""
    counts = sorted(len(row.amounts) for row, _, level in rows if level == 0)
    usual = counts[len(counts) // 2] if counts else 0
    if head.levels > 1 or usual < _MANY or "procedure_code" not in head.roles:
        return rows
    return [each for each in rows if len(each[0].amounts) != 1 or has_procedure(each[0])]


def _told_by_rows(grid: Grid, rows: Sequence[tuple[Row, float, int]]) -> None:
    """Columns of words whose head does not say so told by their words: procedures, reasons.

    A column of adjustments in which codes stand and no amounts lists the reasons of others'.
    """
    coded: dict[int, int] = {}
    short: dict[int, int] = {}
    bare: set[int] = {
        at for at, column in enumerate(grid.columns)
        if column.role == "adjusted" and not _paid_in(grid, at, rows)
    }  # fmt: skip
    for row, shift, level in rows:
        for token in row.tokens:
            if token.cents is not None or token.day is not None:
                continue
            at = grid.text_column(token, level, shift)
            if at is None:
                continue
            if procedure_in(token.text):
                coded[at] = coded.get(at, 0) + 1
            elif _SHORT_CODE.match(token.text):
                short[at] = short.get(at, 0) + 1
    told = {None, "service_on", "description", "reasons"}
    open_ = {at: count for at, count in coded.items() if grid.columns[at].role in told}
    if open_ and "procedure_code" not in grid.roles:
        at = max(open_, key=lambda one: open_[one])
        if open_[at] >= 0.6 * len(rows):
            grid.name(at, "procedure_code")
    for at, count in short.items():
        after = grid.columns[at + 1] if at + 1 < len(grid.columns) else None
        beside = after is not None and after.role == "adjusted"
        if beside and grid.columns[at].role is None and count >= 0.3 * len(rows):
            grid.name(at, "reasons")
        if grid.columns[at].role == "adjusted" and "reasons" not in grid.roles and at in bare:
            grid.name(at, "reasons")


def _paid_in(grid: Grid, at: int, rows: Sequence[tuple[Row, float, int]]) -> bool:
    """Whether an amount stands in a column, also one behind its code."""
    column = grid.columns[at]
    return any(
        grid.amount_column(token, level, shift) == at
        for row, shift, level in rows
        if level == column.level
        for token in row.amounts
    )


@dataclass(slots=True)
class _Span:
    low: float
    high: float
    count: int = 1
    height: float = 10.0


def _spans(tokens: Iterable[tuple[Token, float]]) -> list[_Span]:
    """Amounts that stand under each other, whichever side they are aligned on."""
    spans: list[_Span] = []
    placed = sorted(
        ((token.left - shift, token.right - shift, token.height) for token, shift in tokens),
        key=lambda one: one[0] - one[1],
    )  # widest first: the narrow ones then lie within
    for left, right, height in placed:
        for span in spans:
            inside = min(right, span.high) - max(left, span.low)
            if inside >= 0.5 * min(right - left, span.high - span.low):
                span.low, span.high = min(left, span.low), max(right, span.high)
                span.count += 1
                break
        else:
            spans.append(_Span(left, right, 1, height))
    return sorted(spans, key=lambda span: span.low)


def _matched(
    cells: Sequence[HeadCell], spans: Sequence[_Span], level: int, rows: int, *, rates: bool
) -> Iterable[Column]:
    cells = [part for cell in cells for part in _split(cell, spans)]
    pairs = sorted(
        (_distance(cell, span), c, s)
        for c, cell in enumerate(cells)
        for s, span in enumerate(spans)
        if cell.role in HOLDS_AMOUNTS and (rates or cell.role != "rate")
    )
    heads: dict[int, int] = {}
    for distance, c, s in pairs:
        if c in heads or s in heads.values() or distance[0] > 3.0 * spans[s].height:
            continue
        heads[c] = s
    for c, cell in enumerate(cells):
        column = Column(cell.text, cell.role, cell.left, cell.right, level)
        span = spans[heads[c]] if c in heads else None
        if span is not None:
            column = replace(column, low=span.low, high=span.high, filled=span.count)
        yield column
    for s, span in enumerate(spans):
        if s not in heads.values() and span.count >= max(2, 0.3 * rows):
            yield Column("", None, span.low, span.high, level, span.low, span.high, span.count)


def _split(cell: HeadCell, spans: Sequence[_Span]) -> list[HeadCell]:
    """A head printed so close to the next that they seemed one, over two columns of amounts."""
    under = [
        span
        for span in spans
        if min(span.high, cell.right) - max(span.low, cell.left) > 0.6 * (span.high - span.low)
    ]
    if len(under) != 2 or len(cell.words) < 2:
        return [cell]
    middle = (under[0].high + under[1].low) / 2
    parts = [
        [word for word in cell.words if ((word[1] + word[2]) / 2 < middle) is first]
        for first in (True, False)
    ]
    if not all(parts):
        return [cell]
    return [
        HeadCell(
            text := " ".join(word[0] for word in part), column_role(text),
            min(word[1] for word in part), max(word[2] for word in part), cell.level, tuple(part),
        )
        for part in parts
    ]  # fmt: skip


def _distance(cell: HeadCell, span: _Span) -> tuple[float, float]:
    gap = max(cell.left - span.high, span.low - cell.right, 0.0)
    ends = min(abs(cell.left - span.low), abs(cell.right - span.high),
               abs(cell.left + cell.right - span.low - span.high) / 2)  # fmt: skip
    return gap, ends
