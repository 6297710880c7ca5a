"""Remittances that print keys and values and no table: claims and their services, key by key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ocr.claim_codes import from_print
from ocr.remittance_body import Body
from ocr.remittance_cells import CLAIM_LABELS, MONEY, PaperClaim, ServiceLine
from ocr.remittance_keyed_cells import cell_of, lacks_reason, opening_cells
from ocr.remittance_labels import joined, plausible, status_in
from ocr.remittance_lines import coded
from ocr.remittance_pairs import Pair, pairs_of
from ocr.remittance_rows import Row, Token, service_like
from ocr.remittance_takebacks import Takebacks
from ocr.remittance_totals import PAYMENT, TOTAL, fits
from ocr.types import Field

_OPENS_SERVICE = frozenset({"procedure_code", "service_on"})
_SAID_OF_A_LINE = frozenset({"description", "tooth", "rate", "line_number"})
_REASON_ROLES = frozenset({"reasons", "adjusted", "group"})
_COUNTED = r"\W*#?\s*(?:no|number)?\W*\d{1,4}\b"
_CLAIM_HEADING = re.compile(rf"^(claim|bill){_COUNTED}(\W+of\W+\d{{1,4}})?\W*$", re.IGNORECASE)
_LINE_HEADING = re.compile(
    rf"^(service|line|procedure|item)( line| item)?{_COUNTED}(\W+of\W+\d{{1,4}})?\W*$",
    re.IGNORECASE,
)
_STRIPPED = " ,;:()*|"


def keyed_lines(rows: Sequence[Row]) -> int:
    """Services of a page that are told by keys, each with its charge and what was paid of it."""
    if not any(_opens(row) for row in rows):
        return 0
    return complete_lines(keyed_body([rows], {}))


def complete_lines(body: Body) -> int:
    """Services with their code or day, charge and payment."""
    needed = {"charged_cents", "paid_cents"}
    return sum(
        needed <= line.cells.keys() and not _OPENS_SERVICE.isdisjoint(line.cells)
        for claim in body.claims
        for line in claim.lines
    )


def keyed_body(pages: Sequence[Sequence[Row]], legend: Mapping[str, str]) -> Body:
    """All that the keys of the pages tell, in print order; no claims where nothing is keyed."""
    walk = _Keyed(legend)
    for rows in pages:
        for row in rows:
            walk.row(row)
    return walk.ended()


def _opens(row: Row) -> bool:
    """The cheap first look: whether a row may name a service behind a key."""
    return ":" in row.text and any(
        pair.role in _OPENS_SERVICE and service_like(row) for pair in pairs_of(row)
    )


class _Keyed:
    """Goes down the rows with the claim and the service that are open."""

    def __init__(self, legend: Mapping[str, str]) -> None:
        self.body = Body(legend=dict(legend), asks_why=True)
        self.legend = legend
        self.claim: PaperClaim | None = None
        self.line: ServiceLine | None = None
        self.parts: dict[str, Sequence[Token]] = {}  # of the patient's name
        self.headed = False  # a heading says that a claim begins
        self.page = -1  # of the last service
        self.code: tuple[str, Token] | None = None  # of a reason, before its amount
        self.amount: Field | None = None  # the same, before its code
        self.takebacks = Takebacks()

    def row(self, row: Row) -> None:
        """Take the next row."""
        pairs = pairs_of(row)
        if _CLAIM_HEADING.match(row.text):
            self._end_line()
            self.headed, self.takebacks.open = True, False
            self._use(row)
        elif _LINE_HEADING.match(row.text):
            self._end_line()
            self._use(row)
        elif self.claim is not None and self.takebacks.opens(row):
            self._end_line()
        elif self.takebacks.open and not any(_of_a_claim(pair) for pair in pairs):
            taken = self.takebacks.read(row)
            if taken is not None:
                self.body.taken.append(taken)
            elif any(token.cents for token in row.amounts) and not TOTAL.search(row.text):
                self.body.not_understood.append(row)
        elif pairs:
            self._pairs(row, pairs)
        elif self.claim is not None and row.amounts:
            self._not_understood(row)

    def _pairs(self, row: Row, pairs: Sequence[Pair]) -> None:
        understood: set[int] = set()
        for pair in pairs:
            if pair.value and self._pair(row, pair):
                understood |= {id(token) for token in pair.value}
        if understood:
            self._use(row)
        if self.claim is not None and any(t.cents and id(t) not in understood for t in row.amounts):
            self._not_understood(row)

    def _not_understood(self, row: Row) -> None:
        if not TOTAL.search(row.text):
            self.body.not_understood.append(row)

    def _pair(self, row: Row, pair: Pair) -> bool:
        """Take a key's value; False when it is none that the key may have."""
        role = pair.role
        if role in {"last_name", "first_name"}:
            return self._part_of_name(row, pair)
        if role in CLAIM_LABELS:
            return plausible(role, pair.value) and self._whose(row, role, pair.value)
        if role == "status":
            return self._status(pair)
        if role in _OPENS_SERVICE:
            return self._opens_service(row, pair)
        if self.claim is None or role is None:
            return False
        if role in _REASON_ROLES and pair.scope != "claim":
            return self._reason(row, pair)
        if role in MONEY:
            return self._money(row, pair)
        return self._of_line(row, pair)

    def _whose(self, row: Row, role: str, value: Sequence[Token]) -> bool:
        cell = row.field(joined(role, value), value)
        claim = self.claim
        same = claim is not None and claim.known.get(role, cell).value == cell.value
        over_page = claim is not None and bool(claim.lines) and row.page != self.page
        if claim is None or self.headed or (claim.lines and not (same and over_page)):
            self._open(row)
        elif not same and not claim.lines:
            claim.doubted.add(role)  # told twice, and not alike
        if self.claim is not None:
            self.claim.known.setdefault(role, cell)
        return True

    def _part_of_name(self, row: Row, pair: Pair) -> bool:
        if not plausible("patient_name", pair.value):
            return False
        self.parts[str(pair.role)] = pair.value
        if len(self.parts) < 2:
            return True
        name = [*self.parts["first_name"], *self.parts["last_name"]]
        self.parts = {}
        return self._whose(row, "patient_name", name)

    def _status(self, pair: Pair) -> bool:
        if self.claim is None:
            return False
        text = " ".join(token.text for token in pair.value)
        self.claim.status = status_in(text) or self.claim.status
        return True

    def _open(self, row: Row) -> None:
        self._end_line()
        self.claim = PaperClaim(where=f"claim {len(self.body.claims) + 1}")
        self.body.claims.append(self.claim)
        self.headed, self.takebacks.open = False, False
        if self.body.first_line is None:
            self.body.first_line = row.number

    def _opens_service(self, row: Row, pair: Pair) -> bool:
        role = str(pair.role)
        cells = opening_cells(row, role, pair.value)
        if not cells or (self.claim is None and role == "service_on"):
            return False
        if self.claim is None or (self.headed and self.claim.lines):
            self._open(row)
        if self.line is None or role in self.line.cells:
            self._end_line()
            self.line = ServiceLine(page=row.page, box=row.line.box)
            if self.claim is not None:
                self.claim.lines.append(self.line)
            self.page = row.page
        self.line.cells.update(cells)
        return True

    def _of_line(self, row: Row, pair: Pair) -> bool:
        """What else is told of a service; words that nobody asks for are known all the same."""
        if self.line is None:
            return pair.role in _SAID_OF_A_LINE
        cell = cell_of(row, str(pair.role), pair.value)
        if cell is not None:
            self.line.cells.setdefault(str(pair.role), cell)
        return cell is not None or pair.role in _SAID_OF_A_LINE

    def _money(self, row: Row, pair: Pair) -> bool:
        """An amount of the open service, or one that its claim, or all claims, come to."""
        amounts = [token for token in pair.value if token.cents is not None]
        role, line = str(pair.role), self.line
        if len(amounts) != 1 or self.claim is None:
            return False
        cell = row.field(amounts[0].cents, amounts)
        if line is not None and pair.scope != "claim" and role not in line.cells:
            line.cells[role] = cell
            return True
        if line is None and pair.scope == "line":
            return False
        return self._total(self.claim, pair.key, role, cell)

    def _total(self, claim: PaperClaim, key: str, role: str, cell: Field) -> bool:
        """A sum behind its key: the claim's own unless only all claims come to it."""
        labelled = {role: cell}
        if claim.lines and not fits([claim], labelled):
            if fits(self.body.claims, labelled):
                self.body.printed.append((key, len(self.body.claims), labelled))
                return True
            if PAYMENT.search(key):
                return True  # of the payment, which is looked for by itself
        return bool(claim.totals.setdefault(role, cell).value == cell.value)

    def _reason(self, row: Row, pair: Pair) -> bool:
        """A reason's code and its amount, behind one key or behind two."""
        if self.line is None:
            return False
        known = True
        for token in pair.value:
            if token.cents is not None:
                self._amount(row.field(token.cents, [token]))
            else:
                for part in token.text.strip(_STRIPPED).split(","):
                    known = self._code(row, part.strip(_STRIPPED), token) and known
        return known

    def _amount(self, cell: Field) -> None:
        if self.code is not None:
            self._joined(self.code, cell)
        elif self.amount is None:
            self.amount = cell
        elif self.line is not None:
            self.line.sure = 0.3  # two amounts for one code

    def _code(self, row: Row, text: str, token: Token) -> bool:
        found = from_print(text.upper(), self.legend) if text else None
        if found is None or self.line is None:
            return not text
        if found.remark:
            self.line.remarks.append(row.field(found.code, [token]))
        elif self.amount is not None:
            self._joined((text.upper(), token), self.amount)
        else:
            self._end_reason()
            self.code = (text.upper(), token)
        return True

    def _joined(self, code: tuple[str, Token], amount: Field) -> None:
        if self.line is not None:
            self.line.reasons.append(coded(code[0], amount, self.legend, code[1].confidence))
        self.code = self.amount = None

    def _end_reason(self) -> None:
        """A code or an amount that nothing came to: its reason is not known."""
        if self.line is not None and (self.code is not None or self.amount is not None):
            self.line.unread = True
        self.code = self.amount = None

    def _end_line(self) -> None:
        self._end_reason()
        self.line = None

    def _use(self, row: Row) -> None:
        if self.claim is not None or self.headed:
            self.body.used.add((row.page, row.number))
            if self.body.first_line is None:
                self.body.first_line = row.number

    def ended(self) -> Body:
        """The whole body once the last row is taken."""
        self._end_line()
        for line in self.body.lines:
            line.unread |= lacks_reason(line)
        told = (claim for claim in self.body.claims if claim.lines or claim.totals)
        self.body.claims = list(told)
        return self.body


def _of_a_claim(pair: Pair) -> bool:
    """Whether a key opens a claim or a service, so that a block of adjustments has ended."""
    return pair.role in {*CLAIM_LABELS, *_OPENS_SERVICE, "last_name", "first_name"} and (
        pair.role != "claim_number"
    )
