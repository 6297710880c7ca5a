"""Totals on the way down a remittance's rows: of a claim, of a page, of the payment."""

from __future__ import annotations

from ocr.remittance_body import Item, Table
from ocr.remittance_cells import MONEY, PaperClaim
from ocr.remittance_grid import Grid
from ocr.remittance_labels import joined, plausible
from ocr.remittance_lines import Printed, cells_of, claim_cells, read_row
from ocr.remittance_rows import Row, service_like
from ocr.remittance_sum_rows import sum_row
from ocr.remittance_totals import OF_CLAIM, PAYMENT, WHOLE, fits, labelled_amounts, mostly_fits
from ocr.remittance_walk_claims import ClaimWalk
from ocr.types import Field


class TotalWalk(ClaimWalk):
    """Keeps sums with the claims that they are of."""

    def _summary_row(self, row: Row, printed: Printed, grid: Grid) -> bool:
        known = {r: t for r, t in claim_cells(printed).items() if plausible(r, t)}
        if not known or not printed.money:
            return False
        claim = PaperClaim(where="")
        claim.known = {role: row.field(joined(role, t), t) for role, t in known.items()}
        cells = cells_of(printed, grid)
        claim.totals = {role: cell for role, cell in cells.items() if role in MONEY}
        claim.sure = row.confidence
        self.body.summary.append(claim)
        self.headed = [*self.headed, claim]
        return True

    def _sums_row(self, row: Row, printed: Printed, grid: Grid) -> bool:
        """A row of the payment's sums under their own heads: ``CHECK AMT`` among them."""
        if len(row.amounts) < 2:
            return False
        cells = cells_of(printed, grid)
        self._keep_total(row, {role: c for role, c in cells.items() if role in MONEY}, whole=True)
        for at, token in printed.money.items():
            if PAYMENT.search(grid.columns[at].text):
                self.body.payments.append(row.field(token.cents, [token]))
        return True

    def _sum_row(self, row: Row, *, named: bool) -> bool:
        """A sum of the claim behind the name of its column, below its services."""
        claim = self.claim
        if claim is None or not claim.lines or not self.closed:
            return False
        found = sum_row(row)
        if not found or (named and not claim.sums and not fits([claim], found)):
            return False
        claim.sums.append(found)
        self.line = None
        return True

    def _totals(self, row: Row, printed: Printed | None, grid: Grid | None) -> None:
        labelled = labelled_amounts(row) or sum_row(row)
        said = len(labelled) == 1 and bool(sum_row(row))
        if not labelled and printed is not None and grid is not None:
            labelled = {
                role: cell for role, cell in cells_of(printed, grid).items() if role in MONEY
            }
        self.line = None
        if len(labelled) == 1 and len(row.amounts) == 1:
            (only,) = labelled.values()
            open_ = [self.claim] if self.claim is not None else []
            if not (said or fits(open_, labelled) or fits(self.body.claims, labelled)):
                labelled = {"paid_cents": only}  # what is paid, wherever it is printed
        elif not labelled and len(row.amounts) == 1:
            labelled = {"paid_cents": row.field(row.amounts[0].cents, row.amounts)}
        if labelled:
            self._keep_total(row, labelled)
            self.total = labelled

    def _total_goes_on(self, item: Item, table: Table, row: Row) -> bool:
        """The second printed line of a total, under heads of two lines."""
        total, self.total = self.total, None
        if total is None or table.head.levels < 2 or table.grid is None or not row.amounts:
            return False
        if len(row.amounts) < len(row.tokens) or service_like(row):
            return False
        level = table.grid.level_of(row, item.shift)
        printed = read_row(row, table.grid, level, item.shift, self.body.legend)
        for role, cell in cells_of(printed, table.grid).items():
            if role in MONEY:
                total.setdefault(role, cell)
        return True

    def _keep_total(self, row: Row, labelled: dict[str, Field], *, whole: bool = False) -> None:
        claim = self.claim
        own = claim is not None and self.closed and not claim.totals and not whole
        if claim is not None and own:
            own_sum = fits([claim], labelled)
            of_all = len(self.body.claims) > 1 and (
                fits(self.body.claims, labelled)
                or (mostly_fits(self.body.claims, labelled) and not mostly_fits([claim], labelled))
            )
            said = OF_CLAIM.search(row.text) and not WHOLE.search(row.text)
            if own_sum or (said and not of_all) or not (WHOLE.search(row.text) or of_all):
                claim.totals = labelled
                return
        self.body.printed.append((row.text, len(self.body.claims), labelled))

    def _bare_total(self, row: Row, printed: Printed, grid: Grid) -> bool:
        """A row of amounts alone that are what the claim's lines, or all of them, come to."""
        if printed.service or len(row.amounts) < 1 or len(row.amounts) < len(row.tokens) - 1:
            return False
        cells = {r: c for r, c in cells_of(printed, grid).items() if r in MONEY}
        if self.claim is None or not cells or not self.closed:
            return False
        for claims in ([self.claim], self.body.claims):
            if fits(claims, cells) and len(cells) == len(row.amounts):
                if claims == [self.claim] and not self.claim.totals:
                    self.claim.totals = cells
                else:
                    self.body.printed.append((row.text, len(self.body.claims), cells))
                self.line = None
                return True
        return False
