"""The columns of a remittance's table, and which of them a word or an amount stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ocr.remittance_cells import MONEY
from ocr.remittance_head_cells import Head
from ocr.remittance_rows import Row, Token

CODE = re.compile(r"^(C[O0]|PR|[O0]A|P[I1l]|CR)\s?-?\s?([A-Z]?\d{1,3})$")
_GROUP = frozenset({"CO", "PR", "OA", "PI", "CR", "C0", "0A"})
HOLDS_AMOUNTS = frozenset(MONEY) | {None, "reasons", "units", "rate", "tooth"}
"""Roles of columns that amounts, or what looks like them, may stand in."""


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
    _words: dict[int, list[int]] = field(default_factory=dict)  # columns of words, by level

    def __post_init__(self) -> None:
        for at, column in enumerate(self.columns):
            self.by_level.setdefault(column.level, []).append(at)

    def name(self, at: int, role: str | None) -> None:
        """Give a column its role."""
        self.columns[at] = replace(self.columns[at], role=role)
        self._words.clear()

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
            if column.role not in HOLDS_AMOUNTS or (column.role == "rate" and told):
                continue
            score = _apart(token, column, shift)
            if score < best:
                best, found = score, at
        return found if best < 4.0 * token.height else None

    def _of_words(self, level: int) -> list[int]:
        """The columns of a line that hold words and not amounts."""
        known = self._words.get(level)
        if known is None:
            known = self._words[level] = [
                at
                for at in self.by_level.get(level, ())
                if (not self.columns[at].holds_amounts or self.columns[at].role == "reasons")
                and (self.columns[at].role not in MONEY or self.columns[at].role == "adjusted")
            ]
        return known

    def level_of(self, row: Row, shift: float) -> int:
        """The level under whose columns a row's amounts stand best."""
        if len(self.by_level) < 2 or not row.amounts:
            return min(self.by_level, default=0)

        def apart(level: int) -> float:
            columns = [self.columns[at] for at in self.by_level[level]]
            able = [column for column in columns if column.role in HOLDS_AMOUNTS]
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
            if gap > best[0]:
                continue
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
