"""Remittances as cells with known truth, misread at random, to see what the sums make of them."""

import random
from dataclasses import dataclass, field

from intake.types import Box
from ocr.crossfoot_claims import put_right
from ocr.digit_slips import slips
from ocr.remittance_cells import PaperClaim, ServiceLine, Taken
from ocr.types import Alternative, Field

ROLES = ("charged_cents", "discount", "allowed_cents", "patient_responsibility_cents", "paid_cents")


@dataclass
class Print:
    """The cells of a document by box: what they truly say, and what readers may take them for."""

    truth: dict[Box, int] = field(default_factory=dict)
    readings: dict[Box, tuple[Alternative, ...]] = field(default_factory=dict)

    def candidates(self, page: int, box: Box) -> tuple[Alternative, ...]:
        """What a second look at the cell gives."""
        return self.readings.get(box, ()) if page == 0 else ()


@dataclass
class Eob:
    """A remittance as read, and what is printed."""

    claims: list[PaperClaim]
    payment: Field | None
    print: Print
    taken: list[Taken] = field(default_factory=list)
    totals: dict[str, Field] = field(default_factory=dict)

    def cells(self) -> dict[Box, Field]:
        """All cells by box."""
        found = [cell for claim in self.claims for line in claim.lines
                 for cell in line.cells.values()]  # fmt: skip
        found += [cell for claim in self.claims for cell in claim.totals.values()]
        found += [one.amount for one in self.taken] + [*self.totals.values()]
        found += [self.payment] if self.payment is not None else []
        return {cell.box: cell for cell in found if cell.box is not None}

    def foot(self) -> None:
        """Let the sums put it right."""
        self.payment = put_right(self.claims, self.taken, self.totals, self.payment, self.print)


def eob(rng: random.Random, *, claims: int = 0, lines: int = 0, totals: bool = True) -> Eob:
    """A balanced remittance, everything read right and surely."""
    seen = Print()
    box = iter((0, y, 60, 20) for y in range(0, 100_000, 30))

    def cell(cents: int) -> Field:
        place = next(box)
        seen.truth[place] = cents
        seen.readings[place] = (Alternative(cents, 0.99),)
        return Field(cents, 0.99, 0, place, "tesseract")

    made = []
    for _ in range(claims or rng.randint(1, 4)):
        rows = [_amounts(rng) for _ in range(lines or rng.randint(1, 6))]
        claim = PaperClaim("claim")
        claim.lines = [ServiceLine({r: cell(row[r]) for r in ROLES}) for row in rows]
        if totals:
            claim.totals = {r: cell(sum(row[r] for row in rows)) for r in ROLES}
        made.append(claim)
    paid = sum(int(line.cells["paid_cents"].value) for claim in made for line in claim.lines)
    taken = [Taken("WO", cell(rng.choice((1500, 4000))))] if rng.random() < 0.3 else []
    return Eob(made, cell(paid - sum(one.cents for one in taken)), seen, taken)


def _amounts(rng: random.Random) -> dict[str, int]:
    charged = rng.choice((6200, 11200, 14000, 118500, rng.randint(20, 2000) * 100))
    allowed = charged if rng.random() < 0.2 else round(charged * rng.uniform(0.4, 0.95))
    share = round(allowed * rng.choice((0, 0, 0.2, 0.5, rng.random())))
    amounts = (charged, charged - allowed, allowed, share, allowed - share)
    return dict(zip(ROLES, amounts, strict=True))


def misread(one: Eob, rng: random.Random, places: list[Box], *, known: float = 1.0) -> None:
    """Put another value into the cells at ``places``, surely read by the page's engine.

    What is printed is among what a second look gives with probability ``known``. Cells that were
    read right have false alternatives too.
    """
    for place, cents in one.print.truth.items():
        other = rng.choice([value for value, _ in slips(cents) if value >= 0] or [cents + 100])
        one.print.readings[place] = (Alternative(cents, 0.97), Alternative(other, 0.02))
    for place in places:
        cents = one.print.truth[place]
        wrong = rng.choice([value for value, _ in slips(cents) if value >= 0] or [cents + 100])
        shares = (0.6, 0.3) if rng.random() < 0.5 else (0.2, 0.7)
        found = (Alternative(wrong, shares[0]), Alternative(cents, shares[1]))
        one.print.readings[place] = found if rng.random() < known else found[:1]
        _put(one, place, wrong)


def _put(one: Eob, place: Box, cents: int) -> None:
    cell = one.cells()[place]
    new = Field(cents, 0.95, 0, place, cell.source)
    for cells in [line.cells for c in one.claims for line in c.lines] + [
        claim.totals for claim in one.claims
    ]:
        for role, held in cells.items():
            if held.box == place:
                cells[role] = new
    for taken in one.taken:
        if taken.amount.box == place:
            taken.amount = new
    if one.payment is not None and one.payment.box == place:
        one.payment = new
