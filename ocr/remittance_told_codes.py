"""What rows of words say of the codes in a table's columns, where nothing else names a legend.

``INC  Charge is incidental`` explains the letters that stand in a column of reasons;
``Rule 29: The time limit has expired`` says that the column ``Rule`` holds reasons at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ocr.remittance_body import Table
from ocr.remittance_grid import Grid
from ocr.remittance_rows import Row, service_like

_LETTERS = re.compile(r"^[A-Z]{2,4}$")
_CODE = re.compile(r"^[A-Z]{0,3}-?\d{1,4}[A-Z]?$|^[A-Z]{1,4}$")
_FEWEST_LETTERS = 10  # of what is said of a code
_HEAD_WORD = re.compile(r"^[A-Z][a-z]{2,}$|^[A-Z]{3,}$")
_OF_AMOUNTS = frozenset({None, "discount", "adjusted", "not_covered"})


@dataclass(slots=True)
class Told:
    """Codes with what is said of them, and the rows (page, number) that say so."""

    legend: dict[str, str] = field(default_factory=dict)
    rows: set[tuple[int, int]] = field(default_factory=set)


def told_codes(tables: Sequence[Table], pages: Sequence[Sequence[Row]]) -> Told:
    """The codes that rows outside of the tables explain; their columns get their role, in place."""
    told = Told()
    letters = {code for table in tables for code in _letters_in(table)}
    heads = {
        column.text: (table.grid, at)
        for table in tables
        if table.grid is not None
        for at, column in enumerate(table.grid.columns)
        if column.role is None and _HEAD_WORD.match(column.text)
    }
    for row in (row for rows in pages for row in rows):
        if row.amounts or service_like(row):
            continue
        words = [word.text for word in row.line.words]
        if words[0].strip("():=.-") in letters and _says(words[1:]):
            told.legend[words[0].strip("():=.-")] = " ".join(words[1:]).strip(" -=:")
        elif words[0] in heads and len(words) > 1 and _coded(words[1]) and _says(words[2:]):
            told.legend[words[1].rstrip(":.=)")] = " ".join(words[2:]).strip(" -=:")
            _name(*heads[words[0]])
        else:
            continue
        told.rows.add((row.page, row.number))
    return told


def _letters_in(table: Table) -> Iterator[str]:
    """Letters that stand alone in a column of reasons."""
    grid = table.grid
    if grid is None or "reasons" not in grid.roles:
        return
    for row, shift, level in table.rows:
        for token in row.tokens if len(row.amounts) > 1 else ():
            if not _LETTERS.match(token.text):
                continue
            at = grid.text_column(token, level, shift)
            if at is not None and grid.columns[at].role == "reasons":
                yield token.text


def _coded(word: str) -> bool:
    """Whether a word is a code that an explanation follows: ``29:``."""
    return word[-1] in ":=" and _CODE.match(word.rstrip(":.=)")) is not None


def _says(words: Sequence[str]) -> bool:
    return sum(c.isalpha() for word in words for c in word) >= _FEWEST_LETTERS


def _name(grid: Grid, at: int) -> None:
    """The column as one of reasons, and the amounts under its name beside it as theirs."""
    word = grid.columns[at].text
    grid.name(at, "reasons")
    for place, column in enumerate(grid.columns):
        own = column.text.split()[:1] == [word] and place != at
        if own and column.role in _OF_AMOUNTS and column.level == grid.columns[at].level:
            grid.name(place, "adjusted")
