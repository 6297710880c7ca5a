"""What unknown columns of amounts are, found from the sums that the rows satisfy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ocr.remittance_cells import MONEY, ServiceLine
from ocr.remittance_grid import Grid

_Vector = NDArray[np.int64]
_OPEN = ("charged_cents", "allowed_cents", "discount", "shared_cost",
         "patient_responsibility_cents", "paid_cents")  # fmt: skip
_PARTS = ("deductible", "coinsurance", "copay", "shared_cost")
_REST = {"coinsurance", "shared_cost"}  # what a patient owes beside deductible and copay
_OFF = ("discount", "not_covered", "other_paid", "withheld")
_MOST_COLUMNS = 5
_FEWEST_ROWS = 2
_HOLDS = 0.75  # of the rows at least, so that one misread amount does not hide what a column is


def tell_roles(
    grid: Grid, lines: Sequence[ServiceLine], payments: frozenset[int], taken: int
) -> bool:
    """Give unknown columns the roles that alone make the rows add up, in place.

    ``payments`` are the amounts in cents that the document names as paid, ``taken`` what was kept
    back: a column that comes to one of them is the payment. True when a role was told.
    """
    used = [line for line in lines if any(role.startswith("?") for role in line.cells)]
    unknown = sorted({
        int(role[1:]) for line in used for role in line.cells if role.startswith("?")
    })  # fmt: skip
    rows = [line for line in lines if "charged_cents" in line.cells or used]
    unknown = [n for n in unknown if sum(f"?{n}" in line.cells for line in rows) >= 0.6 * len(rows)]
    if not unknown or len(rows) < _FEWEST_ROWS:
        return False
    columns = {n: _vector(rows, f"?{n}") for n in unknown}
    asked = [n for n in unknown if columns[n].any()][:_MOST_COLUMNS]
    known = {role: _vector(rows, role) for role in MONEY if any(role in r.cells for r in rows)}
    reasons = _reasons(rows)
    sums = {payment + taken for payment in payments}
    answers = _best(known, {n: columns[n] for n in asked}, reasons, sums)
    told = False
    for number, role in answers.items():
        if role is not None:
            # What was taken off is told by the sums, and why it was is not: no contract's discount.
            name = "adjusted" if role == "discount" else role
            grid.name(number, name)
            told = True
    return told


def _vector(rows: Sequence[ServiceLine], role: str) -> _Vector:
    return np.array([int(r.cells[role].value) if role in r.cells else 0 for r in rows], np.int64)


def _reasons(rows: Sequence[ServiceLine]) -> tuple[_Vector, _Vector]:
    """What the reason codes of each row leave to the patient, and to others."""
    patient = [sum(x.cents for x in row.reasons if x.group == "PR") for row in rows]
    others = [sum(x.cents for x in row.reasons if x.group != "PR") for row in rows]
    return np.array(patient, np.int64), np.array(others, np.int64)


def _best(
    known: Mapping[str, _Vector],
    asked: Mapping[int, _Vector],
    reasons: tuple[_Vector, _Vector],
    sums: set[int],
) -> dict[int, str | None]:
    """The roles that all of the best assignments agree on."""
    best, found = 0.0, list[tuple[str | None, ...]]()
    for roles in _assignments(tuple(asked), known):
        told = zip(roles, asked.values(), strict=True)
        table = {**known, **{role: vector for role, vector in told if role is not None}}
        score = _score(table, reasons, sums)
        score -= 0.001 * sum(role is None for role in roles)
        if score > best + 1e-9:
            best, found = score, [roles]
        elif score > 0 and abs(score - best) <= 1e-9:
            found.append(roles)
    return {
        number: found[0][at] if len({roles[at] for roles in found}) == 1 else None
        for at, number in enumerate(asked)
        if found
    }


def _assignments(
    asked: tuple[int, ...], known: Mapping[str, _Vector]
) -> Iterator[tuple[str | None, ...]]:
    able = (None, *(role for role in _OPEN if role not in known))
    for roles in product(able, repeat=len(asked)):
        named = [role for role in roles if role is not None]
        if len(set(named)) == len(named):
            yield roles


def _score(table: Mapping[str, _Vector], reasons: tuple[_Vector, _Vector], sums: set[int]) -> float:
    """How many sums the columns satisfy in these roles; 0 where one of them fails or none holds."""
    if "charged_cents" not in table or "paid_cents" not in table:
        return 0.0
    charged, paid = table["charged_cents"], table["paid_cents"]
    if any(
        (np.abs(vector) > np.abs(charged)).mean() > 1 - _HOLDS
        for role, vector in table.items()
        if role != "charged_cents"
    ):
        return 0.0  # nothing of a service is more than its charge
    patient, others = reasons
    off = _total(table, _OFF, charged)
    parts = _total(table, _PARTS, charged)
    share = table.get("patient_responsibility_cents")
    allowed = table.get("allowed_cents")
    shares = [parts, parts + table.get("not_covered", 0 * charged), patient]
    held, failed = 0.0, 0

    def check(*ways: _Vector) -> None:
        nonlocal held, failed
        right = max(float((way == 0).mean()) for way in ways)
        if right >= _HOLDS:
            held += right
        else:
            failed += 1

    owed = [share] if share is not None else shares
    if allowed is not None:
        check(
            *(allowed - paid - one for one in owed),
            *(allowed - paid - one - others for one in owed),
        )
        if off.any() or others.any():
            not_paid = off + table.get("adjusted", 0 * charged)
            check(charged - allowed - not_paid, charged - allowed - others,
                  charged - allowed - off + table.get("not_covered", 0 * charged),
                  charged - paid - patient - others)  # fmt: skip
    if share is not None and (patient.any() or (parts.any() and not _in_part(table, share, parts))):
        check(*(share - one for one in shares))
    if off.any() or others.any():
        check(*(charged - paid - minus - one for one in owed for minus in (off, others)),
              charged - paid - patient - others)  # fmt: skip
    if failed or not held:
        return 0.0
    return held + (1.5 if int(paid.sum()) in sums else 0.0)


def _in_part(table: Mapping[str, _Vector], share: _Vector, parts: _Vector) -> bool:
    """Whether the columns tell of the patient's share its deductible and not the rest."""
    within = bool((np.abs(parts) <= np.abs(share)).all())
    return within and not _REST & table.keys() and bool((parts != share).any())


def _total(table: Mapping[str, _Vector], roles: Sequence[str], like: _Vector) -> _Vector:
    return sum((table[role] for role in roles if role in table), 0 * like)
