"""Claims on the way down a remittance's rows: what opens one, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ocr.remittance_body import Item
from ocr.remittance_cells import MONEY, PaperClaim
from ocr.remittance_claim_rows import apart, facts_in
from ocr.remittance_doubt import doubted_in, is_place
from ocr.remittance_labels import (
    claim_values,
    is_name,
    joined,
    label_row,
    plausible,
    status_in,
    values_below,
)
from ocr.remittance_lines import Printed, cells_of, claim_cells, read_row
from ocr.remittance_rows import Row, Token
from ocr.remittance_walk_state import WalkState
from ocr.types import Field

_HEADING_LINES = 2  # that a name may stand above the numbers of its claim
_SECTION_LINES = 3  # that a family's number may stand above its first claim


class ClaimWalk(WalkState):
    """Opens claims at their headings, or at rows that name another patient."""

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
            self.told_beside = claim
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
            if self._in_own_heads() and row.source != "text_layer":
                self._open()  # the row above, which tells whose it is, was not read
                self._set(row, values)
                return True
            self.provider = self._field(row, values, "provider_name")
            return True
        return False

    def _in_own_heads(self) -> bool:
        """Whether each claim so far names who treated its patient in a heading of its own."""
        told = [claim.known.get("provider_name") for claim in self.body.claims]
        return self.provider is None and len(told) > 1 and None not in told

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
        table = item.table
        grid = table.claim_grid if table is not None else None
        if table is None or grid is None:
            return False
        facts = facts_in(item.row, table.head, item.shift)
        if not facts:
            return False
        before = self.claim
        named = before is not None and _only_named(before, facts) and not self.closed
        self.closed = not named
        self._set(item.row, facts, labelled=True)
        self.line = None
        if self.claim is not None and (named or self.claim is not before):
            cells = cells_of(read_row(item.row, grid, 0, item.shift, {}), grid)
            self.claim.totals = {role: cell for role, cell in cells.items() if role in MONEY}
        self._begin(item.row)
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
        # What is told beside the services stands below the name: one more name heads a claim.
        again = "patient_name" in in_row and self.told_beside is self.claim
        ended |= again and row.page == self.line_page
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


def _only_named(claim: PaperClaim, facts: Mapping[str, Sequence[Token]]) -> bool:
    """Whether a heading told so far whose a claim is, and nothing of what a row says of it."""
    return not (claim.lines or claim.totals or set(facts) & set(claim.known))


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
