"""The sums of a scanned remittance applied: doubtful amounts put right, each told by its source."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from intake.types import Box
from ocr.crossfoot import Guess, Solution, holds, solve
from ocr.crossfoot_shares import borne_out, parts_told
from ocr.crossfoot_sums import SOURCE, UNPROVED, Cell, Sums, gather
from ocr.digit_slips import slips
from ocr.remittance_cells import PaperClaim, Taken
from ocr.types import Alternative, Field

_TAKE = 0.9  # a repair less likely than this stays an alternative
_MOST_READ = 40  # cells of a document that are read again
_LEAST_READ = 0.02  # the probability of what was read where no reader says so again
_HELD, _PROVED = 0.05, 0.9995  # what a sum that holds leaves of the doubt; the most it can prove
_REPAIRED_ONCE, _REPAIRED_TWICE = 0.95, 0.995
_FEW_OUT = 0.2  # of the rows that may break a rule through misread figures
_SAID = 0.1  # the probability by which a reader gave a value that one sum alone asks for
_FILLED_TWICE = 0.95


class Readings(Protocol):
    """What else the print of a cell may say."""

    def candidates(self, page: int, box: Box) -> tuple[Alternative, ...]:
        """Amounts in cents as printed with their probabilities, likeliest first."""
        ...


def put_right(
    claims: Sequence[PaperClaim],
    taken: Sequence[Taken],
    totals: dict[str, Field],
    payment: Field | None,
    reader: Readings,
) -> Field | None:
    """Put doubtful amounts of a scanned remittance right where sums prove how, in place.

    ``totals`` are those of the whole document by role, ``payment`` the payment's amount. A value
    so repaired has the source ``cross-foot`` and what was read first among its alternatives; the
    confidences of all amounts in sums are raised or lowered by whether those hold. Gives the
    payment's amount, which is repaired like the rest.
    """
    paid = [payment]
    sums = Sums()
    gather(sums, claims, taken, totals, paid)
    own, parts = borne_out(claims), parts_told(claims)
    guesses = _guesses(sums, reader)
    solution = solve(guesses, sums.equations)
    weak = _weak(sums, solution)
    doubted = _doubted(sums, solution.broken)
    settled = [
        _settled(
            number,
            cell,
            sums,
            solution,
            weak,
            own=id(cell.read) in own,
            part=id(cell.read) in parts,
        )
        for number, cell in enumerate(sums.cells)
    ]
    for number, (cell, value) in enumerate(zip(sums.cells, settled, strict=True)):
        if not cell.missing or set(sums.of_cell(number)) - weak:
            apart = cell.role in doubted and not (
                id(cell.read) in own and value.value == cell.read.value
            )
            sure = min(value.confidence, UNPROVED) if apart else value.confidence
            cell.put(replace(value, confidence=sure))
    return paid[0]


def _weak(sums: Sums, solution: Solution) -> frozenset[int]:
    """The equations that prove nothing: given up, or holding only by a repair that is not sure."""
    unsure = set()
    for number, cell in enumerate(sums.cells):
        if solution.values[number] != cell.read.value:
            settled = _settled(number, cell, sums, solution, solution.broken)
            if settled.confidence < _TAKE:
                unsure.update(sums.of_cell(number))
    return solution.broken | unsure | _spent(sums, solution.broken)


def _doubted(sums: Sums, broken: frozenset[int]) -> set[str]:
    """Roles of columns whose rule most rows break and no rule confirms: maybe taken for others.

    A column that comes to its own totals may still be another one: what is paid is doubted where
    the payment is not its sum and a good part of the rows break its rule.
    """
    rows: dict[str, list[int]] = {}
    for number, kind in enumerate(sums.kinds):
        if kind.startswith("row"):
            rows.setdefault(kind, []).append(number)
    doubted: set[str] = set()
    confirmed: set[str] = set()
    shaken: set[str] = set()
    for numbers in rows.values():
        roles = {sums.cells[cell].role for n in numbers for cell, _ in sums.equations[n].terms}
        out = sum(n in broken for n in numbers)
        if 2 * out > len(numbers):
            doubted |= roles
        else:
            confirmed |= roles
            if out > _FEW_OUT * len(numbers):
                shaken |= roles
    proved = any(k == "payment" and n not in broken for n, k in enumerate(sums.kinds))
    return doubted - confirmed | (shaken & {"paid_cents"} if not proved else set())


def _spent(sums: Sums, broken: frozenset[int]) -> set[int]:
    """Rows that a missing amount was made to satisfy, and no other sum confirms."""
    spent: set[int] = set()
    for number, cell in enumerate(sums.cells):
        if cell.missing and cell.read.value:
            mine = sums.of_cell(number)
            if not any(sums.equations[i].row is None and i not in broken for i in mine):
                spent.update(mine)
    return spent


def _guesses(sums: Sums, reader: Readings) -> list[tuple[Guess, ...]]:
    """What each cell may say: only what was read, but for cells in sums that do not hold."""
    values = [int(cell.read.value) for cell in sums.cells]
    guesses: list[tuple[Guess, ...]] = [(Guess(value, 0.0),) for value in values]
    for count, number in enumerate(_doubtful(sums, values)):
        guesses[number] = _of_cell(sums.cells[number], reader if count < _MOST_READ else None)
    return guesses


def _doubtful(sums: Sums, values: Sequence[int]) -> Iterator[int]:
    """Cells of rows that do not hold, then those of columns that do not hold."""
    seen: set[int] = set()
    out = [e for e in sums.equations if not holds(e, values)]
    for equation in sorted(out, key=lambda e: (e.row is None, len(e.terms))):
        for cell, _ in equation.terms:
            if cell not in seen:
                seen.add(cell)
                yield cell


def _of_cell(cell: Cell, reader: Readings | None) -> tuple[Guess, ...]:
    """The cell's guesses, what was read first: readers' alternatives and slips of a digit."""
    value = int(cell.read.value)
    if cell.missing:
        return (Guess(value, 0.0),)
    chances: dict[int, float] = {}
    if reader is not None and cell.read.box is not None:
        for other in reader.candidates(cell.read.page, cell.read.box):
            chances[cell.sign * other.value] = other.confidence
    cell.said = dict(chances)
    for cents, chance in slips(value):
        chances[cents] = max(chance, chances.get(cents, 0.0))
    first = max(chances.pop(value, 0.0), _LEAST_READ)
    return (
        Guess(value, math.log(first)),
        *(Guess(cents, math.log(max(chance, 1e-9))) for cents, chance in chances.items()),
    )


def _settled(
    number: int, cell: Cell, sums: Sums, solution: Solution, weak: frozenset[int], *,
    own: bool = False, part: bool = False,
) -> Field:  # fmt: skip
    """The field as the sums leave it: ``weak`` ones prove nothing, its ``own`` line may.

    Of the patient's share it may be a ``part`` that makes it up with the others.
    """
    read = cell.read
    value, chance = solution.values[number], solution.chances[number]
    mine = sums.of_cell(number)
    if not mine:
        return replace(read, confidence=min(read.confidence, UNPROVED)) if cell.lone else read
    held = {sums.kinds[i].split(" ")[0] for i in mine if i not in weak}
    held |= {"share"} if part else set()
    if cell.missing:
        proved = len(held) > 1 or (not read.value and _nothing_left(number, sums, weak))
        return replace(read, confidence=_FILLED_TWICE if proved else UNPROVED)
    if value != read.value and chance >= _TAKE and solution.complete:
        return _repaired(read, value, chance, proofs=len(held), said=cell.said.get(value, 0.0))
    rival = solution.rivals.get(number)
    if value != read.value or (rival is not None and rival[1] > 1.0 - _TAKE):
        other, sure = (rival, chance) if value == read.value else ((value, chance), 1.0 - chance)
        alternatives = read.alternatives
        if other is not None:
            alternatives = (Alternative(*other), *alternatives)
        return replace(
            read, confidence=min(read.confidence, sure, UNPROVED), alternatives=alternatives
        )
    # A column taken for its neighbour comes to its total all the same: rows alone gainsay it.
    of_row = [i for i in mine if sums.equations[i].row is not None]
    gainsaid = bool(of_row) and not own and solution.broken.issuperset(of_row)
    if not held or gainsaid or not solution.complete:
        return replace(read, confidence=min(read.confidence, UNPROVED))
    doubt = (1.0 - read.confidence) * _HELD ** len(held)
    return replace(read, confidence=max(read.confidence, min(_PROVED, 1.0 - doubt)))


def _nothing_left(number: int, sums: Sums, weak: frozenset[int]) -> bool:
    """Whether a row comes out without a blank cell, and other sums have all its amounts so, too.

    What was lost there would be out, but for a misread amount that makes up for it.
    """
    return any(
        all(set(sums.of_cell(cell)) - weak - {i} for cell, _ in sums.equations[i].terms
            if cell != number)
        for i in set(sums.of_cell(number)) - weak
    )  # fmt: skip


def _repaired(read: Field, value: int, chance: float, *, proofs: int, said: float) -> Field:
    """The field with another value: sure where two sums say so, or one sum and a reader."""
    most = _REPAIRED_TWICE if proofs > 1 else _REPAIRED_ONCE if said >= _SAID else UNPROVED
    first = Alternative(read.value, 1.0 - chance)
    others = tuple(a for a in read.alternatives if a.value not in {read.value, value})
    return replace(
        read, value=value, confidence=min(most, chance), source=SOURCE,
        alternatives=(first, *others),
    )  # fmt: skip
