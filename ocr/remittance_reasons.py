"""Codes printed apart from their amount: which column's amount each of them explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ocr.claim_codes import from_print
from ocr.remittance_cells import Reason, ServiceLine
from ocr.remittance_grid import Grid

_EXPLAINABLE = ("not_covered", "adjusted", "discount", "withheld", "other_paid",
                "patient_responsibility_cents", "shared_cost", "deductible", "coinsurance",
                "copay")  # fmt: skip
_OF_THE_PATIENT = frozenset({"patient_responsibility_cents", "shared_cost", "deductible",
                             "coinsurance", "copay"})  # fmt: skip
_FIRST = ("not_covered", "adjusted", "discount", "withheld")
_OTHER_PAYERS = ("other_paid",)  # whose column says by itself why it was not paid
_OF_OTHER_PAYERS = frozenset({"22", "23"})  # CARC: coordination of benefits, a prior payer's impact
# Whose a code's amount is not: discounts are written off, the patient's parts are owed.
_NEVER = {"PR": frozenset({"discount"}), "CO": _OF_THE_PATIENT}
_AT_ODDS = 0.3  # a line whose code and column name different debtors: one of them was misread


def explain(line: ServiceLine, grid: Grid, legend: Mapping[str, str]) -> None:
    """Give each code of the line without an amount the amount it stands beside.

    A code of one column explains the nearest column of adjustments that has an amount in this
    line; where none has, it stays among the remarks as printed. A code of what the patient owes
    explains no discount, and an obligation of the provider nothing that the patient owes: where
    nothing else is left for it the line is asked about.
    """
    for code, column, cell in line.codes:
        found = from_print(code, legend)
        never = _NEVER.get((found.group if found else None) or "", frozenset())
        ranks: list[Sequence[str]] = [_FIRST, _OTHER_PAYERS, _EXPLAINABLE]
        if found is not None and found.code in _OF_OTHER_PAYERS:
            ranks = [_OTHER_PAYERS, _FIRST, _EXPLAINABLE]
        role = _beside(line, grid, column, ranks, never)
        if role is None and found is not None and _beside(line, grid, column, ranks) is not None:
            line.sure = min(line.sure, _AT_ODDS)
        if role is None or found is None or found.remark:
            line.remarks.append(cell)
            continue
        line.explained.add(role)
        line.reasons.append(
            Reason(
                found.group,
                found.code,
                line.cells[role],
                found.payer_code,
                found.unknown,
                cell.confidence,
            )
        )
    line.codes = []


def _beside(
    line: ServiceLine,
    grid: Grid,
    column: int,
    ranks: Sequence[Sequence[str]],
    never: frozenset[str] = frozenset(),
) -> str | None:
    """The role of the column whose amount a code explains, none that it can ``never`` explain.

    The nearest column of the first of ``ranks`` that has one.
    """
    own = grid.columns[column].role if column >= 0 else None
    if own in _EXPLAINABLE and _has(line, own):
        return own if own not in never else None  # the code is a mark right behind this amount
    for roles in ranks:
        open_ = [
            (abs(at - column), at > column, column_.role)
            for at, column_ in enumerate(grid.columns)
            if column_.role in roles and column_.role not in never and _has(line, column_.role)
        ]
        if open_:
            return min(open_, key=lambda one: one[:2])[2]
    return None


def _has(line: ServiceLine, role: str | None) -> bool:
    return role in line.cells and role not in line.explained and bool(line.cells[role].value)
