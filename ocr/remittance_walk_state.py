"""What is open on the way down a remittance's rows: the claim, its line, what stands over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ocr.remittance_body import Body, Table
from ocr.remittance_cells import PaperClaim, ServiceLine
from ocr.remittance_days import agrees_with_weekday
from ocr.remittance_dealt import Listed
from ocr.remittance_grid import Grid
from ocr.remittance_labels import Label, day_named, joined
from ocr.remittance_rows import Row, Token
from ocr.remittance_takebacks import Takebacks
from ocr.types import Field

_BY_WEEKDAY, _GAINSAID = 0.95, 0.5  # how sure a day is whose weekday is printed: the same, another


class WalkState:
    """The table, the claim and the line that are open, and what was read so far."""

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
        self.day_words: frozenset[str] | None = None  # beside the first such day
        self.told_beside: PaperClaim | None = None  # whose numbers stand left of its services
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

    def _use(self, row: Row) -> None:
        """Note that a row is of the claims: the payment's own data are not looked for there."""
        self.body.used.add((row.page, row.number))

    def _begin(self, row: Row) -> None:
        if self.body.first_line is None:
            self.body.first_line = row.number

    def _day_headed(self, row: Row) -> bool:
        """Keep the day that a row prints for the services below it."""
        day = day_named(row)
        if day is not None and self._of_payment(row, day):
            return False
        if day is None and any(label.role == "service_on" for label in self.below):
            day = next((after for before, after in pairwise(row.tokens)
                        if after.day and not before.text.endswith(":")), None)  # fmt: skip
        if day is None or row.amounts:
            return False
        self.headed_day = _with_weekday(row, day)
        return True

    def _of_payment(self, row: Row, day: Token) -> bool:
        """Whether a day's label says less than those over services before: a footer's ``Date:``."""
        if row.source != "text_layer":
            return False
        label = next(run for run in row.runs() if day in run)
        words = frozenset(token.text.lower().strip(".:") for token in label if not token.day)
        first = self.day_words
        if first is None:
            self.day_words = words
            return False
        return words < first or (not first and bool(words))

    def _open(self) -> None:
        self.claim = PaperClaim(where=f"claim {len(self.body.claims) + 1}")
        self.body.claims.append(self.claim)
        self.closed, self.line, self.day = False, None, None
        if self.provider is not None:
            self.claim.known["provider_name"] = self.provider
        if self.member is not None and self.member_heads:
            self.claim.known["member_id"] = self.member
        self.takebacks.open = False

    @staticmethod
    def _field(row: Row, values: Mapping[str, Sequence[Token]], role: str) -> Field:
        return row.field(joined(role, values[role]), values[role])


def _with_weekday(row: Row, day: Token) -> Field:
    """The day that a row prints; a weekday before it tells whether a figure of it was misread."""
    cell = row.field(day.day, [day])
    before = row.tokens[row.tokens.index(day) - 1].text if row.tokens.index(day) else ""
    agrees = agrees_with_weekday(str(day.day), before)
    if agrees is None or cell.source == "text_layer":
        return cell
    sure = max(cell.confidence, _BY_WEEKDAY) if agrees else min(cell.confidence, _GAINSAID)
    return replace(cell, confidence=sure)
