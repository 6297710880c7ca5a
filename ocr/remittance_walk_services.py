"""Services on the way down a remittance's rows, and the rows that go on with one."""

from __future__ import annotations

import re
from dataclasses import replace

from ocr.remittance_beneath import reasons_beneath, said_in_words
from ocr.remittance_body import Item, Table
from ocr.remittance_cells import MONEY, ServiceLine
from ocr.remittance_dealt import Listed, deal_out
from ocr.remittance_grid import Grid
from ocr.remittance_labels import claim_values
from ocr.remittance_lines import Printed, cells_of, coded
from ocr.remittance_rows import Row
from ocr.remittance_stacked_shares import stacked_share
from ocr.remittance_sums import adds_up
from ocr.remittance_untold_shares import blank_parts
from ocr.remittance_walk_totals import TotalWalk
from ocr.types import Field

_ADJUSTED = frozenset({"adjusted", "reasons"})
_RUN_IN = re.compile(r"\W?\d{1,3}\W\d[\d,]*\.\d\d\W?")  # ``3.25.00``, a day by its form
_OTHER_REASON = 0.3  # of a line, where one more reason stands below it that was not read
_INHERITED = 0.8  # the confidence of a day taken from the line above
_INHERITED_IN_PRINT = 0.93  # the same where no day can have been lost by reading


class ServiceWalk(TotalWalk):
    """Reads services and joins to each what is printed below it."""

    def _service(self, item: Item, table: Table, printed: Printed) -> bool:
        row, grid = item.row, table.grid
        if grid is None:
            return False
        if table.reasons_only:
            return self._reason_row(printed)
        if table.summary:
            return self._summary_row(row, printed, grid)
        if table.totals_only:
            return self._sums_row(row, printed, grid)
        later = printed.level > table.head.opens and self.line is not None
        if later or not printed.service or not (printed.money or printed.procedure):
            return self._goes_on(item, printed, grid)
        cells = cells_of(printed, grid)
        amounts = [role for role in cells if role in MONEY or role.startswith("?")]
        alone = "procedure_code" in cells and "charged_cents" in cells  # the rest left blank
        if table.head.levels == 1 and len(amounts) + len(printed.reasons) < 2 and not alone:
            return False
        if not amounts and (printed.procedure is None or claim_values(row)):
            return False
        self._claim_of(row, printed, cells)
        self._dated(cells)
        line = ServiceLine(
            cells, list(printed.reasons), list(printed.remarks),
            least=grid.sureness(row, printed.level, item.shift), page=row.page, box=row.line.box,
            blanks=blank_parts(printed, grid, item.shift),
        )  # fmt: skip
        _explain(line, printed)
        if printed.twice or printed.stray:
            line.sure = min(line.sure, 0.3)
        if self.claim is not None:
            self.claim.lines.append(line)
            self.closed, self.line, self.line_page = True, line, row.page
            self.grids[id(line)] = grid
        self._begin(row)
        return True

    def _dated(self, cells: dict[str, Field]) -> None:
        """Give a service without a day the one printed over it, or that of the line above."""
        if "service_on" not in cells and self.headed_day is not None:
            cells["service_on"] = self.headed_day
        elif "service_on" not in cells and self.day is not None:
            printed_day = self.day.source == "text_layer"
            sure = _INHERITED_IN_PRINT if printed_day else _INHERITED
            cells["service_on"] = replace(self.day, confidence=min(sure, self.day.confidence))
        self.day = cells.get("service_on", self.day)

    def _beneath(self, row: Row, table: Table, printed: Printed) -> bool:
        """Reasons of the service above in a row of words of their own."""
        if self.line is None or printed.service or table.reasons_only or printed.reasons:
            return False
        found = reasons_beneath(row, self.body.legend)
        charged = abs(self.line.money.get("charged_cents", 0))
        if any(abs(reason.cents) > charged for reason in found):
            return False
        self.line.reasons.extend(found)
        if found:
            self.line.least = min(self.line.least, row.confidence)
        return bool(found)

    def _goes_on(self, item: Item, printed: Printed, grid: Grid) -> bool:
        """A row that goes on with the service above it: amounts of its next line, more reasons."""
        line = self.line
        if line is None:
            return False
        self._names_go_on(printed)
        if printed.level == 0 and self._stacked_reason(line, printed, grid):
            return True
        if printed.level == 0 and stacked_share(line, printed, grid, self.body.legend):
            return True
        if printed.level > 0 and (printed.money or printed.procedure):
            for role, cell in cells_of(printed, grid).items():
                if role in line.cells and role in MONEY:
                    line.sure = 0.3
                line.cells.setdefault(role, cell)
        elif printed.money:
            if _lone_adjustment(printed, grid):
                line.sure = min(line.sure, _OTHER_REASON)
            return False
        if not (printed.reasons or printed.codes or printed.remarks or printed.money):
            return False
        coded = len(printed.codes) + len(printed.remarks)
        if not printed.reasons and not printed.money and coded < 0.5 * len(item.row.tokens):
            return False  # words with a number among them: of the page's head
        line.reasons.extend(said_in_words(item.row, printed.reasons))
        line.remarks.extend(printed.remarks)
        _explain(line, printed)
        line.least = min(line.least, grid.sureness(item.row, printed.level, item.shift))
        return True

    def _code_run_in(self, item: Item) -> bool:
        """A scan's row that is a code and its amount read as one word: its service is asked."""
        row, grid = item.row, None if item.table is None else item.table.grid
        if self.line is None or grid is None or row.source == "text_layer" or len(row.tokens) != 1:
            return False
        column = grid.amount_column(row.tokens[0], item.level, item.shift)
        if column is None or grid.columns[column].role not in _ADJUSTED:
            return False
        found = _RUN_IN.fullmatch(row.tokens[0].text) is not None
        if found:
            self.line.sure = min(self.line.sure, _OTHER_REASON)
        return found

    def _stacked_reason(self, line: ServiceLine, printed: Printed, grid: Grid) -> bool:
        """A row that holds only the code of the amount above it, or the next amount of a column
        of reasons: amounts and their codes over each other."""
        alone = len(printed.row.tokens) == 1 and printed.row.page == line.page
        if not alone or len(printed.money) + len(printed.codes) != 1:
            return False
        for at, token in printed.money.items():
            if grid.columns[at].role != "reasons" or f"?{at}" in line.cells:
                return False
            line.cells[f"?{at}"] = printed.row.field(token.cents, [token])
        for token, code, at in printed.codes:
            amount = line.cells.pop(f"?{at}", None)
            if amount is None:
                return False
            line.reasons.append(coded(code, amount, self.body.legend, token.confidence))
            line.least = min(line.least, token.confidence)
        return True

    def _reason_row(self, printed: Printed) -> bool:
        numbers = [t for t in printed.texts.get("line_number", ()) if t.text.isdigit()]
        if self.claim is None or not self.claim.lines or not printed.reasons:
            if self.claim is not None and printed.remarks and self.line is not None:
                self.line.remarks.extend(printed.remarks)
                return True
            return False
        at = int(numbers[0].text) - 1 if numbers else self._line_left()
        listed = Listed(at if numbers else None, tuple(printed.reasons), tuple(printed.remarks))
        self.listed.setdefault(len(self.body.claims) - 1, []).append(listed)
        if not 0 <= at < len(self.claim.lines):
            if printed.row.source == "text_layer":
                return False
            at = self._line_left()  # the number was misread
        self.line = self.claim.lines[at]
        self.line.reasons.extend(printed.reasons)
        self.line.remarks.extend(printed.remarks)
        return True

    def deal_out(self) -> None:
        """Put reasons whose service's number was misread where they add up."""
        for number, listed in self.listed.items():
            deal_out(self.body.claims[number].lines, listed)

    def _line_left(self) -> int:
        """The line that a reason of no readable number goes to: the first that lacks reasons."""
        lines = self.claim.lines if self.claim is not None else []
        last = next((at for at, line in enumerate(lines) if line is self.line), 0)
        if last < len(lines) and adds_up(lines[last]) and lines[last].reasons:
            return last + 1
        return last


def _lone_adjustment(printed: Printed, grid: Grid) -> bool:
    """Whether a scan's row is an amount of adjustments whose code was not read."""
    alone = len(printed.row.tokens) == 1 and printed.row.source != "text_layer"
    return alone and all(grid.columns[at].role in _ADJUSTED for at in printed.money)


def _explain(line: ServiceLine, printed: Printed) -> None:
    """Codes that stand without an amount: they say why the column beside them was not paid."""
    line.unread |= printed.unread
    for token, code, column in printed.codes:
        line.codes.append((code, column, printed.row.field(code, [token])))
