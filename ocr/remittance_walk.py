"""The way down a remittance's rows: claims open and close, services and totals join them."""

from __future__ import annotations

import re

from ocr.remittance_body import Item, Table
from ocr.remittance_cells import MONEY
from ocr.remittance_grid import Grid
from ocr.remittance_labels import day_heading, values_below
from ocr.remittance_lines import read_row
from ocr.remittance_named_roles import named_roles
from ocr.remittance_rows import Row, service_like
from ocr.remittance_totals import TOTAL
from ocr.remittance_walk_services import ServiceWalk

_MAYBE_CODE = re.compile(r"^(?:(?:CO|PR|OA|PI|CR)-?)?[A-Z]?\d{1,3}$")


class Walk(ServiceWalk):
    """Goes down the rows of all pages with the table and the claim that are open."""

    def item(self, item: Item) -> None:
        """Take the next row, or the head of a table."""
        item = self._beside(item)
        row = item.row
        if not row.tokens:
            return
        if item.head:
            self.waiting = []
            if item.table is not self.table:
                self.line, self.table = None, item.table
            self._begin(row)
            self._use(row)
        elif (
            self._below_labels(row)
            or self._code_run_in(item)
            or self._over_services(item)
            or self._claim_row(item)
        ):
            self._use(row)
        elif self._money_row(item):
            if self.line is not None:
                self._use(row)
        elif self._headings(item):
            self._use(row)
            self._day_headed(row)
        elif not ((self.claim is not None or item.table is not None) and self._day_headed(row)):
            self._not_understood(item)

    def _below_labels(self, row: Row) -> bool:
        """Values that stand under the labels of the row above."""
        if not self.waiting or not re.search(r"[A-Za-z0-9]{2}", row.text):
            return False
        labels, self.waiting = self.waiting, []
        values = values_below(labels, row)
        if not values:
            return False
        self.below = labels
        self._set(row, values, labelled=True)
        self._day_headed(row)
        return True

    def _over_services(self, item: Item) -> bool:
        """A day that is a heading over its services."""
        if item.table is None or self.waiting or day_heading(item.row) is None:
            return False
        self._day_headed(item.row)
        self.line = None
        return True

    def _not_understood(self, item: Item) -> None:
        row = item.row
        if item.table is None or self._labelled(row):
            return
        if len(row.amounts) >= 2 or (row.amounts and self.line is not None and _coded(row)):
            self.body.not_understood.append(row)

    def _money_row(self, item: Item) -> bool:
        row, table = item.row, item.table
        named_total = TOTAL.search(row.text) is not None
        if self.takebacks.opens(row):
            return True
        if not (named_total and len(row.amounts) > 1):
            taken = None if self._service_row(item) else self.takebacks.read(row)
            if taken is not None:
                self.body.taken += [taken] if taken.cents else []  # nothing was kept back
                self.body.sure = min(self.body.sure, row.confidence)
                self.line = None
                return True
        summed = table is not None and self._sum_row(row, named=named_total)
        if summed or table is None or table.grid is None:
            return summed or self._headless_total(row, named=named_total)
        return self._row_of_columns(item, table, table.grid, named=named_total)

    def _headless_total(self, row: Row, *, named: bool) -> bool:
        if named and row.amounts:
            self._totals(row, None, None)
        return named and bool(row.amounts)

    def _row_of_columns(self, item: Item, table: Table, grid: Grid, *, named: bool) -> bool:
        """A service, what goes on with it, or a total, under the heads of its table."""
        row, level = item.row, item.level
        if not service_like(row) and (named or self.line is None):
            level = grid.level_of(row, item.shift)
        printed = read_row(row, grid, level, item.shift, self.body.legend)
        if named and row.amounts and printed.procedure is None:
            self._totals(row, printed, grid)
            return True
        if self._beneath(row, table, printed) or self._service(item, table, printed):
            return True
        if self._total_goes_on(item, table, row):
            return True
        return bool(row.amounts) and self._bare_total(row, printed, grid)

    def _service_row(self, item: Item) -> bool:
        return item.table is not None and len(item.row.amounts) >= 2 and service_like(item.row)

    def _labelled(self, row: Row) -> bool:
        """Whether the row's amounts stand behind labels: a line of the payment's summary."""
        named = [n for n in named_roles(row) if n.role in MONEY]
        return bool(named)


def _coded(row: Row) -> bool:
    """Whether a word of a row may be a reason's code: its amount is then one of an adjustment."""
    return any(_MAYBE_CODE.match(t.text.strip(" ,;:().*")) for t in row.tokens if t.cents is None)
