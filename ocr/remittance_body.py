"""The tables of a remittance's pages with their rows, and all that is read from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ocr.remittance_cells import CLAIM_LABELS, PaperClaim, ServiceLine, Taken
from ocr.remittance_claim_rows import facts_in
from ocr.remittance_dashes import with_dashes
from ocr.remittance_grid import Grid
from ocr.remittance_grid_fit import fit
from ocr.remittance_head_cells import Head, HeadCell, repeats
from ocr.remittance_heads import heads_of
from ocr.remittance_layouts import Layout, bare_head, with_learned
from ocr.remittance_letterhead import letterhead, plain
from ocr.remittance_likely_heads import likely_cells, told_by_likeness
from ocr.remittance_lost_heads import told_by_days, without_bare
from ocr.remittance_rows import Row, codes_under, has_procedure, service_like
from ocr.remittance_same_heads import told_by_lines, told_by_others
from ocr.types import Field

_SUMS = re.compile(r"\b(sub-?)?totals?\b", re.IGNORECASE)
_FEWEST_SERVICES = 2  # that make a table where no head is printed at all


@dataclass(slots=True)
class Table:
    """A table of the document, over all its pages: its head and the fitted columns."""

    head: Head
    rows: list[tuple[Row, float, int]] = field(default_factory=list)
    grid: Grid | None = None
    claim_rows: list[tuple[Row, float, int]] = field(default_factory=list)
    claim_grid: Grid | None = None  # of rows that are claims, under a head of their own

    @property
    def roles(self) -> frozenset[str]:
        """The roles of its columns, told by their heads or by what stands in them."""
        return self.head.roles | (frozenset() if self.grid is None else self.grid.roles)

    @property
    def summary(self) -> bool:
        """Whether its rows are claims and not services."""
        roles = self.head.roles
        return not roles & {"service_on", "procedure_code"} and bool(roles & set(CLAIM_LABELS))

    @property
    def totals_only(self) -> bool:
        """Whether its rows are sums of the payment."""
        roles = self.head.roles
        own = {"service_on", "procedure_code", "reasons", *CLAIM_LABELS}
        return bool(roles) and not roles & own

    @property
    def of_amounts(self) -> bool:
        """Whether amounts stand in it at all: else it was no table of claims."""
        columns = self.grid.columns if self.grid is not None else []
        least = 1 if self.reasons_only or self.summary or self.totals_only else 2
        return sum(column.filled > 0 for column in columns) >= least

    @property
    def reasons_only(self) -> bool:
        """Whether its rows are adjustments of lines that another table lists."""
        roles = self.head.roles
        return not roles & {"charged_cents", "paid_cents"} and {"reasons", "adjusted"} <= roles


@dataclass(slots=True)
class Body:
    """All that the pages of one remittance list."""

    claims: list[PaperClaim] = field(default_factory=list)
    summary: list[PaperClaim] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    totals: dict[str, Field] = field(default_factory=dict)
    printed: list[tuple[str, int, dict[str, Field]]] = field(default_factory=list)
    payments: list[Field] = field(default_factory=list)  # amounts of the payment in a table
    legend: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    columns: tuple[HeadCell, ...] = ()  # of the table that lists the services, or may do so
    not_understood: list[Row] = field(default_factory=list)
    first_line: int | None = None  # where the body begins on the first page
    used: set[tuple[int, int]] = field(default_factory=set)  # pages and rows of claims
    asks_why: bool = False  # reasons are told without a table that has a column of them
    sure: float = 1.0

    @property
    def lines(self) -> list[ServiceLine]:
        """The services of all claims."""
        return [line for claim in self.claims for line in claim.lines]


@dataclass(slots=True)
class Item:
    """A row, with the table that is open there."""

    row: Row
    table: Table | None
    shift: float
    level: int = 0
    head: bool = False
    again: bool = False  # of the letterhead, printed on a later page again


def lay_out(
    pages: Sequence[Sequence[Row]], layouts: Sequence[Layout]
) -> tuple[list[Item], list[Table]]:
    """The rows of all pages with their tables; a head printed again goes on with its table."""
    tables: list[Table] = []
    items: list[Item] = []
    by_page = told_by_lines(_heads(pages, layouts), pages)
    if any(row.source != "text_layer" for rows in pages for row in rows):
        by_page = told_by_others([told_by_likeness(heads) for heads in by_page])
        by_page = [
            without_bare(told_by_days(heads, rows))
            for heads, rows in zip(by_page, pages, strict=True)
        ]
    table = None if any(by_page) else _nameless(pages)
    if table is not None:
        tables.append(table)
    shift = 0.0
    above = letterhead(pages[0], by_page[0]) if pages else frozenset()
    for rows, found in zip(pages, by_page, strict=True):
        heads = {n: head for head in found for n in range(head.first, head.last + 1)}
        level = -1
        for printed in rows:
            row = printed if table is None else codes_under(printed, table.head.of_codes(shift))
            head = heads.get(row.number)
            if head is not None:
                table = next((t for t in tables if repeats(t.head, head)), None)
                if table is None:
                    table = Table(head)
                    tables.append(table)
                shift = _shift(table.head, head)
                items.append(Item(row, table, shift, head=True))
                level = -1
                continue
            again = rows is not pages[0] and plain(row) in above
            if again or table is None:
                item = Item(row, table, shift, max(0, level), again=again)
            else:
                item, level = _under(row, table, shift, level)
            items.append(item)
    for one in tables:
        one.grid = fit(one.head, one.rows)
        if one.claim_rows:
            one.claim_grid = fit(Head(one.head.claims, -1, -1), one.claim_rows)
    _leave_out(items)
    for item in items:
        if item.table is not None and item.table.grid is not None and not item.head:
            item.row = with_dashes(item.row, item.table.grid, item.level, item.shift)
    return items, [table for table in tables if table.of_amounts]


def _under(row: Row, table: Table, shift: float, level: int) -> tuple[Item, int]:
    """A row under the head of a table, which it joins where it is one of its rows."""
    if table.head.claims and facts_in(row, table.head, shift):
        table.claim_rows.append((row, shift, 0))
        return Item(row, table, shift), -1
    level = _level(row, table.head, level)
    any_row = table.reasons_only or table.summary or table.totals_only
    sums = row.source != "text_layer" and _SUMS.search(row.text)  # set unlike the columns' amounts
    if service_like(row) or (level > 0 and row.amounts and not sums) or any_row:
        table.rows.append((row, shift, max(0, level)))
    return Item(row, table, shift, max(0, level)), level


def _leave_out(items: Sequence[Item]) -> None:
    """What was no table at all leaves its rows to the one before."""
    kept: Table | None = None
    for item in items:
        if item.table is not None and not item.table.of_amounts:
            item.table, item.head = kept, False
        elif item.head:
            kept = item.table


def _heads(pages: Sequence[Sequence[Row]], layouts: Sequence[Layout]) -> list[list[Head]]:
    found = [heads_of(rows) for rows in pages]
    if not layouts:
        return found
    return [with_learned(heads, rows, layouts) for heads, rows in zip(found, pages, strict=True)]


def _nameless(pages: Sequence[Sequence[Row]]) -> Table | None:
    """The table where no head names an amount: its columns are told by the sums alone."""
    cells = next((cells for cells in map(bare_head, pages) if cells), ())
    services = sum(
        len(row.amounts) >= 3 and service_like(row) and any(token.day for token in row.tokens)
        for rows in pages
        for row in rows
    )
    if len(cells) < 3 and services < _FEWEST_SERVICES:
        return None
    if any(row.source != "text_layer" for rows in pages for row in rows):
        cells = likely_cells(cells)
    return Table(Head(cells, -1, -1))


def _shift(first: Head, again: Head) -> float:
    apart = sorted(b.left - a.left for a, b in zip(first.cells, again.cells, strict=True))
    return apart[len(apart) // 2]


def _level(row: Row, head: Head, before: int) -> int:
    """The printed line of a record that a row is: the one with date or code opens it."""
    if head.levels == 1:
        return 0
    first = head.level_of("service_on")
    if any(token.day is not None for token in row.tokens):
        return first
    if has_procedure(row):
        return head.level_of("procedure_code")
    if before < 0:
        return first
    return min(before + 1, head.levels - 1) if row.amounts else before
