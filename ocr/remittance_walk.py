"""The way down a remittance's rows: claims open and close, services and totals join them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.remittance_beneath import reasons_beneath
from ocr.remittance_body import Body, Item, Table
from ocr.remittance_cells import MONEY, PaperClaim, ServiceLine
from ocr.remittance_claim_rows import apart, facts_in
from ocr.remittance_dealt import Listed, deal_out
from ocr.remittance_doubt import doubted_in, is_place
from ocr.remittance_grid import Grid
from ocr.remittance_heads import named_roles
from ocr.remittance_labels import (
    Label,
    claim_values,
    day_heading,
    day_named,
    is_name,
    joined,
    label_row,
    plausible,
    status_in,
    values_below,
)
from ocr.remittance_lines import Printed, cells_of, claim_cells, coded, read_row
from ocr.remittance_rows import Row, Token, service_like
from ocr.remittance_stacked_shares import stacked_share
from ocr.remittance_sum_rows import sum_row
from ocr.remittance_sums import adds_up
from ocr.remittance_takebacks import Takebacks
from ocr.remittance_totals import OF_CLAIM, PAYMENT, TOTAL, WHOLE, fits, labelled_amounts
from ocr.types import Field

_MAYBE_CODE = re.compile(r"^(?:(?:CO|PR|OA|PI|CR)-?)?[A-Z]?\d{1,3}$")
_HEADING_LINES = 2  # that a name may stand above the numbers of its claim
_SECTION_LINES = 3  # that a family's number may stand above its first claim
_INHERITED = 0.8  # the confidence of a day taken from the line above
_INHERITED_IN_PRINT = 0.93  # the same where no day can have been lost by reading


class Walk:
    """Goes down the rows of all pages with the table and the claim that are open."""

    def __init__(self, legend: Mapping[str, str]) -> None:
        self.body = Body(legend=dict(legend))
        self.claim: PaperClaim | None = None
        self.closed = True  # the open claim has its lines; the next name starts another
        self.waiting: list[Label] = []  # labels whose values stand below
        self.below: list[Label] = []  # the same for the claims after
        self.line: ServiceLine | None = None
        self.names: dict[str, list[Token]] = {}  # of the open claim's first row
        self.line_page = -1
        self.table: Table | None = None
        self.total: dict[str, Field] | None = None  # the one printed last, of two lines perhaps
        self.takebacks = Takebacks()
        self.day: Field | None = None
        self.headed_day: Field | None = None  # printed over the services and not beside them
        self.heading: list[Token] = []  # a name on a line of its own
        self.heading_row: Row | None = None
        self.headed: list[PaperClaim] = []  # rows of a table of claims since the last service
        self.provider: Field | None = None  # of the claims that follow
        self.member: Field | None = None  # the same: a family's number in a section's heading
        self.member_row: Row | None = None
        self.number: Field | None = None  # of a claim that is not open yet
        self.number_row: Row | None = None
        self.member_heads = False  # it stood right above a claim
        self.heads_claims = False  # names without a label open claims here
        self.grids: dict[int, Grid] = {}  # of each service line, by identity
        self.listed: dict[int, list[Listed]] = {}  # rows of reasons of each claim, by number

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
        elif self._below_labels(row) or self._over_services(item) or self._claim_row(item):
            self._use(row)
        elif self._money_row(item):
            if self.line is not None:
                self._use(row)
        elif self._headings(item):
            self._use(row)
            self._day_headed(row)
        elif not (self.claim is not None and self._day_headed(row)):
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

    def _use(self, row: Row) -> None:
        """Note that a row is of the claims: the payment's own data are not looked for there."""
        self.body.used.add((row.page, row.number))

    def _day_headed(self, row: Row) -> bool:
        """Keep the day that a row prints for the services below it."""
        day = day_named(row)
        if day is None:
            day = next((token for token in row.tokens if token.day), None) if self.below else None
        if day is None or row.amounts:
            return False
        self.headed_day = row.field(day.day, [day])
        return True

    def _money_row(self, item: Item) -> bool:
        row, table = item.row, item.table
        named_total = TOTAL.search(row.text) is not None
        if self.takebacks.opens(row):
            return True
        if not (named_total and len(row.amounts) > 1):
            taken = None if self._service_row(item) else self.takebacks.read(row)
            if taken is not None:
                self.body.taken.append(taken)
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

    def _begin(self, row: Row) -> None:
        if self.body.first_line is None:
            self.body.first_line = row.number

    # Claims

    def _beside(self, item: Item) -> Item:
        """The row without what a column at its left says of the open claim, which is kept."""
        table, claim = item.table, self.claim
        if item.head or table is None or table.grid is None or claim is None or not claim.in_row:
            return item
        if item.row.page != self.line_page or self.takebacks.open or claim.totals:
            return item
        left, rest = apart(item.row, table.grid, item.shift)
        if left is None:
            return item
        values, status = claim_values(left), status_in(left.text)
        if not (values or status) or not set(values).isdisjoint(claim.known):
            return item
        for role, tokens in values.items():
            claim.known[role] = left.field(joined(role, tokens), tokens)
            claim.sure = min(claim.sure, *(token.confidence for token in tokens))
        claim.status = status or claim.status
        return replace(item, row=rest)

    def _headings(self, item: Item) -> bool:
        row = item.row
        labels = label_row(row)
        if labels:
            self.waiting = labels
            return True
        values = claim_values(row)
        first = row.runs()[0]
        alone = not values and len(first) == len(row.tokens)
        beside = set(values) == {"provider_name"} and first[-1].right < _left(values)
        if (alone or beside) and not row.amounts and _is_person(first):
            self.heading, self.heading_row = list(first), row
        return self._section(item, values) or self._heads_claim(item, values)

    def _section(self, item: Item, values: Mapping[str, Sequence[Token]]) -> bool:
        """A heading over several claims: whose family, or who treated them."""
        row = item.row
        if set(values) == {"member_id"} and (self.claim is None or self.closed):
            self.member, self.member_row = self._field(row, values, "member_id"), row
            self.member_heads = False
            return self.claim is not None
        of_claims = self.claim is not None or self.heading_row is row
        if not of_claims or item.table is None or not self.closed:
            return False
        if set(values) == {"provider_name"}:
            self.provider = self._field(row, values, "provider_name")
            return True
        return False

    def _heads_claim(self, item: Item, values: Mapping[str, Sequence[Token]]) -> bool:
        """A heading of one claim: its labels with their values, or a name alone."""
        row = item.row
        whose = {"patient_name", "claim_number", "patient_account"} & set(values)
        if self.claim is None and set(values) == {"claim_number"} and _says_claim(row, values):
            self.number, self.number_row = self._field(row, values, "claim_number"), row
        if not whose and self.claim is None:
            return False  # of the payment's head, not of a claim
        if len(values) >= 2 or (values and self.claim is not None and not self.closed):
            self._set(row, values)
            self._begin(row)
            return True
        opens = item.table is not None or (
            "patient_name" in values and is_name(values["patient_name"])
        )
        if opens and set(values) & {"patient_name", "claim_number"}:
            self._set(row, values)
            return True
        if item.table is None or row.amounts:
            return False
        if self.below and self.closed:
            placed = values_below(self.below, row)
            ids = set(placed) - {"patient_name", "provider_name"}
            if ids and "patient_name" in placed:
                self._set(row, placed, labelled=True)
                return True
        first = row.runs()[0]
        left = min((cell.left for cell in item.table.head.cells), default=0.0) + item.shift
        unnamed = not any("patient_name" in claim.known for claim in self.body.claims)
        unnamed |= self.heads_claims
        if self.closed and unnamed and first[0].left <= left + 2 * row.height and _is_person(first):
            self.heading, self.heading_row = list(first), row
        return False

    def _set(
        self, row: Row, found: Mapping[str, Sequence[Token]], *, labelled: bool = False
    ) -> None:
        known = self.claim.known if self.claim is not None else {}
        doubted = set() if labelled else doubted_in(row, found)
        values = {role: joined(role, tokens) for role, tokens in found.items()}
        same = known and all(
            role in known and known[role].value == value for role, value in values.items()
        )
        over_page = self.line_page != row.page and self.claim is not None and not self.claim.totals
        if same and ("continued" in row.text.lower() or over_page):
            return
        again = any(
            role in known and role != "provider_name" and known[role] is not self.member
            for role in found
        )
        only = set(found) <= {"provider_name"}
        if self.claim is None or ((self.closed or again) and not only):
            over = self.member_row
            near = over is not None and over.page == row.page
            if near and over is not None and 0 < row.number - over.number <= _SECTION_LINES:
                self.member_heads = True
            self._open()
            self.headed_day = None
            self._headed_by_name(row, found)
            self._numbered_above(row, found)
        if self.claim is None:
            return
        self.claim.status = status_in(row.text) or self.claim.status
        for role, tokens in found.items():
            self.claim.known[role] = row.field(values[role], tokens)
            self.claim.sure = min(self.claim.sure, *(token.confidence for token in tokens))
            self.claim.doubted -= {role}
        if "patient_name" in found:
            self.claim.unlabelled = not labelled and found["patient_name"][0] is row.tokens[0]
        self.claim.doubted |= doubted

    def _headed_by_name(self, row: Row, found: Mapping[str, Sequence[Token]]) -> None:
        """Give a new claim the name that stands alone on the line right above its numbers."""
        above, name = self.heading_row, self.heading
        self.heading, self.heading_row = [], None
        if self.claim is None or above is None or not name or "patient_name" in found:
            return
        if above.page == row.page and 0 < row.number - above.number <= _HEADING_LINES:
            self.claim.known["patient_name"] = above.field(joined("patient_name", name), name)
            self.claim.unlabelled = True
            self.claim.sure = min(self.claim.sure, *(token.confidence for token in name))

    def _numbered_above(self, row: Row, found: Mapping[str, Sequence[Token]]) -> None:
        """Give the first claim the number that stands alone right above its other labels."""
        above, number = self.number_row, self.number
        self.number = self.number_row = None
        if self.claim is None or above is None or number is None or "claim_number" in found:
            return
        if above.page == row.page and 0 < row.number - above.number <= _HEADING_LINES:
            self.claim.known["claim_number"] = number

    def _claim_row(self, item: Item) -> bool:
        """A row under a head of claims: whose the services below are, and what they come to."""
        grid = item.table.claim_grid if item.table is not None else None
        if grid is None:
            return False
        facts = facts_in(item.row, grid.head.cells, item.shift)
        if not facts:
            return False
        self.closed = True
        before = self.claim
        self._set(item.row, facts, labelled=True)
        self.line = None
        if self.claim is not None and self.claim is not before:
            cells = cells_of(read_row(item.row, grid, 0, item.shift, {}), grid)
            self.claim.totals = {role: cell for role, cell in cells.items() if role in MONEY}
        self._begin(item.row)
        return True

    @staticmethod
    def _field(row: Row, values: Mapping[str, Sequence[Token]], role: str) -> Field:
        return row.field(joined(role, values[role]), values[role])

    def _open(self) -> None:
        self.claim = PaperClaim(where=f"claim {len(self.body.claims) + 1}")
        self.body.claims.append(self.claim)
        self.closed, self.line, self.day = False, None, None
        if self.provider is not None:
            self.claim.known["provider_name"] = self.provider
        if self.member is not None and self.member_heads:
            self.claim.known["member_id"] = self.member
        self.takebacks.open = False

    # Services

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
        if "service_on" not in cells and self.headed_day is not None:
            cells["service_on"] = self.headed_day
        elif "service_on" not in cells and self.day is not None:
            printed_day = self.day.source == "text_layer"
            sure = _INHERITED_IN_PRINT if printed_day else _INHERITED
            cells["service_on"] = replace(self.day, confidence=min(sure, self.day.confidence))
        self.day = cells.get("service_on", self.day)
        line = ServiceLine(
            cells, list(printed.reasons), list(printed.remarks),
            sure=grid.sureness(row, printed.level, item.shift), page=row.page, box=row.line.box,
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

    def _claim_of(self, row: Row, printed: Printed, cells: Mapping[str, Field]) -> None:
        in_row = {
            role: tokens for role, tokens in claim_cells(printed).items() if plausible(role, tokens)
        }
        above = self.heading_row
        own_page = above is not None and above.page == row.page
        if self.heading and self.closed and not in_row and above is not None and own_page:
            self._open()
            self.heads_claims = True
            if self.claim is not None:
                self.claim.known["patient_name"] = above.field(
                    joined("patient_name", self.heading), self.heading
                )
                self.claim.unlabelled = True
        self.heading = []
        self._headed()
        ended = self.claim is not None and bool(self.claim.totals and self.claim.lines)
        ended = ended and self.line is None  # its total stands right above
        turned = self.claim is not None and _turned(self.claim, cells)
        if in_row and (self.claim is None or ended or turned or _another(self.claim, in_row)):
            self._open()
        if self.claim is None:
            self._open()
        if self.claim is None:
            return
        self.names = {} if self.claim.in_row else {r: [*t] for r, t in in_row.items()}
        for role, tokens in in_row.items():
            value = row.field(joined(role, tokens), tokens)
            self.claim.known.setdefault(role, value)
            if self.claim.in_row.setdefault(role, str(value.value)) != value.value:
                self.claim.sure = min(self.claim.sure, 0.5)  # one of the rows is misread
            self.claim.sure = min(self.claim.sure, value.confidence)

    def _headed(self) -> None:
        """Open the claim that a row of a table of claims named right before its services."""
        headed, self.headed = self.headed, []
        if len(headed) != 1 or (self.claim is not None and not self.closed):
            return  # a list of all claims, or the claim has a heading of its own
        self._open()
        if self.claim is not None:
            self.claim.known.update(headed[0].known)
            self.claim.totals = dict(headed[0].totals)
            self.claim.sure = headed[0].sure

    def _names_go_on(self, printed: Printed) -> None:
        """Names of the row above that go on in the line below it."""
        if self.claim is None or len(self.claim.lines) != 1:
            return
        for role in ("patient_name", "provider_name"):
            tokens = [t for t in printed.texts.get(role, ()) if any(c.isalpha() for c in t.text)]
            named = all(t.text[0].isupper() and t.text.strip(",.").isalpha() for t in tokens)
            spoken = bool(printed.reasons) or not is_name([*self.names.get(role, ()), *tokens])
            if role in self.names and tokens and len(tokens) <= 3 and named and not spoken:
                self.names[role] += tokens
                self.claim.known[role] = printed.row.field(
                    joined(role, self.names[role]), self.names[role]
                )

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
            self.line.sure = min(self.line.sure, row.confidence)
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
            return False
        if not (printed.reasons or printed.codes or printed.remarks or printed.money):
            return False
        coded = len(printed.codes) + len(printed.remarks)
        if not printed.reasons and not printed.money and coded < 0.5 * len(item.row.tokens):
            return False  # words with a number among them: of the page's head
        line.reasons.extend(printed.reasons)
        line.remarks.extend(printed.remarks)
        _explain(line, printed)
        line.sure = min(line.sure, grid.sureness(item.row, printed.level, item.shift))
        return True

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
            line.sure = min(line.sure, token.confidence)
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

    # Totals

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
            of_all = fits(self.body.claims, labelled) and len(self.body.claims) > 1
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


def _turned(claim: PaperClaim, cells: Mapping[str, Field]) -> bool:
    """Whether a row's charge has the other sign: a claim and its reversal share one number."""
    charge = int(cells["charged_cents"].value) if "charged_cents" in cells else 0
    return any(charge * line.money.get("charged_cents", 0) < 0 for line in claim.lines)


def _says_claim(row: Row, values: Mapping[str, Sequence[Token]]) -> bool:
    """Whether a claim's own word labels its number, and not a mere reference."""
    at = row.tokens.index(values["claim_number"][0])
    return any("claim" in token.text.lower() for token in row.tokens[:at])


def _left(values: Mapping[str, Sequence[Token]]) -> float:
    return min(token.left for tokens in values.values() for token in tokens)


def _explain(line: ServiceLine, printed: Printed) -> None:
    """Codes that stand without an amount: they say why the column beside them was not paid."""
    line.unread |= printed.unread
    for token, code, column in printed.codes:
        line.codes.append((code, column, printed.row.field(code, [token])))


def _coded(row: Row) -> bool:
    """Whether a word of a row may be a reason's code: its amount is then one of an adjustment."""
    return any(_MAYBE_CODE.match(t.text.strip(" ,;:().*")) for t in row.tokens if t.cents is None)


def _another(claim: PaperClaim, in_row: Mapping[str, Sequence[Token]]) -> bool:
    """Whether a row that repeats its patient belongs to another claim than the open one."""
    named = {role: joined(role, tokens) for role, tokens in in_row.items()}
    known = claim.in_row or {role: str(cell.value) for role, cell in claim.known.items()}
    if "claim_number" in named and "claim_number" in known:
        return named["claim_number"] != known["claim_number"]
    return any(
        role in known and known[role] != value
        for role, value in named.items()
        if role != "provider_name"
    )


def _is_person(tokens: Sequence[Token]) -> bool:
    """Whether words may head a claim as its patient's name."""
    return is_name(tokens) and not is_place(tokens)
