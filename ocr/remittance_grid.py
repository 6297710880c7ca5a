"""The columns of a remittance's table: heads fitted to the amounts that stand in rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ocr.remittance_cells import MONEY
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_lexicon import column_role
from ocr.remittance_rows import Row, Token, procedure_in

CODE = re.compile(r"^(C[O0]|PR|[O0]A|P[I1l]|CR)\s?-?\s?([A-Z]?\d{1,3})$")
_SHORT_CODE = re.compile(r"^[A-Z]{0,2}-?\d{1,3}$")
_GROUP = frozenset({"CO", "PR", "OA", "PI", "CR", "C0", "0A"})
_HOLDS_AMOUNTS = frozenset(MONEY) | {None, "reasons", "units", "rate", "tooth"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its role, and where its amounts stand (``low`` to ``high``)."""

    text: str
    role: str | None
    left: float
    right: float
    level: int = 0
    low: float | None = None
    high: float | None = None
    filled: int = 0

    @property
    def holds_amounts(self) -> bool:
        """Whether amounts were seen in it."""
        return self.low is not None


@dataclass(slots=True)
class Grid:
    """The fitted columns of a table, by level (printed line of a record)."""

    head: Head
    columns: list[Column]
    own_codes: bool = True  # an amount right behind a code is the code's
    rows: int = 0
    percents: bool = False  # its rates are printed as such: no amount is one
    by_level: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for at, column in enumerate(self.columns):
            self.by_level.setdefault(column.level, []).append(at)

    @property
    def roles(self) -> set[str]:
        """The roles that are known."""
        return {column.role for column in self.columns if column.role is not None}

    def amount_column(
        self, token: Token, level: int, shift: float = 0.0, *, rates: bool = True
    ) -> int | None:
        """The number of the column that an amount stands in; ``rates`` may hold amounts, too."""
        best, found = 1e9, None
        for at in self.by_level.get(level, ()):
            column = self.columns[at]
            told = self.percents or not rates
            if column.role not in _HOLDS_AMOUNTS or (column.role == "rate" and told):
                continue
            score = _apart(token, column, shift)
            if score < best:
                best, found = score, at
        return found if best < 4.0 * token.height else None

    def _of_words(self, level: int) -> list[int]:
        """The columns of a line that hold words and not amounts."""
        return [
            at
            for at in self.by_level.get(level, ())
            if (not self.columns[at].holds_amounts or self.columns[at].role == "reasons")
            and (self.columns[at].role not in MONEY or self.columns[at].role == "adjusted")
        ]

    def level_of(self, row: Row, shift: float) -> int:
        """The level under whose columns a row's amounts stand best."""
        if len(self.by_level) < 2 or not row.amounts:
            return min(self.by_level, default=0)

        def apart(level: int) -> float:
            columns = [self.columns[at] for at in self.by_level[level]]
            able = [column for column in columns if column.role in _HOLDS_AMOUNTS]
            return sum(
                min((_apart(token, column, shift) for column in able), default=1e3)
                for token in row.amounts
            )

        return min(self.by_level, key=lambda level: (apart(level), level))

    def text_column(self, token: Token, level: int, shift: float = 0.0) -> int | None:
        """The number of the column of words that a token stands in."""
        left, right = token.left - shift, token.right - shift
        best, found = (1e9, 1e9), None
        for at in self._of_words(level) or self._of_words(0):
            column = self.columns[at]
            gap = max(column.left - right, left - column.right, 0.0)
            ends = min(abs(column.left - left), abs(column.right - right),
                       abs(column.left + column.right - left - right) / 2)  # fmt: skip
            if (gap, ends) < best:
                best, found = (gap, ends), at
        return found

    def sureness(self, row: Row, level: int, shift: float = 0.0) -> float:
        """That of the least sure word of a row that may say an amount or the code of a reason.

        A dash, a smudge beside the table and a garbled word of a description say neither.
        """
        return min((t.confidence for t in row.tokens if self._counts(t, level, shift)), default=1.0)

    def _counts(self, token: Token, level: int, shift: float) -> bool:
        if token.cents is not None or token.day is not None:
            return True
        at = self.text_column(token, level, shift)
        role = None if at is None else self.columns[at].role
        if role in {"reasons", "group"}:
            return any(char.isalnum() for char in token.text)
        return role != "description" and any(char.isdigit() for char in token.text)


def _apart(token: Token, column: Column, shift: float) -> float:
    """How far an amount is from a column, in pixels: 0 where it stands among its amounts."""
    left, right = token.left - shift, token.right - shift
    if column.low is not None and column.high is not None:
        inside = min(right, column.high) - max(left, column.low)
        if inside >= 0.5 * min(right - left, column.high - column.low):
            return 0.1 * min(abs(right - column.high), abs(left - column.low)) / token.height
        low, high = column.low, column.high
    else:
        low, high = column.left, column.right
    return 1.0 + min(abs(low - left), abs(high - right), abs(low + high - left - right) / 2)


def is_code(text: str) -> bool:
    """Whether a word is a reason code with its group: ``CO-45``."""
    return CODE.match(text.strip(" ,;:()")) is not None


def behind_code(row: Row, at: int) -> bool:
    """Whether the token stands right behind a reason code."""
    if at == 0:
        return False
    token, before = row.tokens[at], row.tokens[at - 1]
    near = token.left - before.right <= 2.2 * max(token.height, before.height)
    pair = at >= 2 and row.tokens[at - 2].text in _GROUP and before.text.isdigit()
    return near and (is_code(before.text) or pair)


def fit(head: Head, rows: Sequence[tuple[Row, float, int]]) -> Grid:
    """The head's columns with the span of their amounts; ``rows`` with shift and level each."""
    columns: list[Column] = []
    own = bool({"reasons", "adjusted"} & head.roles)
    percents = any(token.text.endswith("%") for row, _, _ in rows for token in row.tokens)
    for level in range(head.levels):
        cells = [cell for cell in head.cells if cell.level == level]
        seen = [(row, shift) for row, shift, its in rows if its == level]
        spans = _spans(
            (token, shift)
            for row, shift in seen
            for at, token in enumerate(row.tokens)
            if token.cents is not None and not behind_code(row, at)
        )
        columns.extend(_matched(cells, spans, level, max(1, len(seen)), rates=not percents))
    columns.sort(key=lambda column: (column.level, column.left))
    grid = Grid(head, columns, own, len(rows), percents)
    _told_by_rows(grid, rows)
    return grid


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
            grid.columns[at] = replace(grid.columns[at], role="procedure_code")
    for at, count in short.items():
        after = grid.columns[at + 1] if at + 1 < len(grid.columns) else None
        beside = after is not None and after.role == "adjusted"
        if beside and grid.columns[at].role is None and count >= 0.3 * len(rows):
            grid.columns[at] = replace(grid.columns[at], role="reasons")
        if grid.columns[at].role == "adjusted" and "reasons" not in grid.roles and at in bare:
            grid.columns[at] = replace(grid.columns[at], role="reasons")


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
        if cell.role in _HOLDS_AMOUNTS and (rates or cell.role != "rate")
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
