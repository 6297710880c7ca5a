"""Payments and patients' shares of a scan that may stand in each other's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocr.remittance_cells import PaperClaim, ServiceLine
from ocr.remittance_sums import adjustments
from ocr.types import Field

_PAID, _SHARE = "paid_cents", "patient_responsibility_cents"
_DOUBTED = 0.6


def doubt_turned(claims: Sequence[PaperClaim], total_cents: int | None) -> None:
    """Lower the confidence of both, in place, where the payment's sum does not prove them.

    Where both heads are garbled a line adds up either way round. The shares that come to the
    payment are no shares, nor is one whose reasons of the patient come to what was paid.
    """
    lines = [line for claim in claims for line in claim.lines]
    paid, owed = (sum(line.money.get(role, 0) for line in lines) for role in (_PAID, _SHARE))
    by_sum = total_cents is not None and owed == total_cents != paid
    if not (by_sum or any(map(_reasons_of_payment, lines))):
        return
    for cells in (*(line.cells for line in lines), *(claim.totals for claim in claims)):
        cells.update({role: _doubted(cells[role]) for role in (_PAID, _SHARE) if role in cells})


def _reasons_of_payment(line: ServiceLine) -> bool:
    """Whether the reasons of what the patient owes come to the payment and not to the share."""
    told = sum(int(each["amount_cents"]) for each in adjustments(line) if each["group"] == "PR")
    paid, share = line.money.get(_PAID), line.money.get(_SHARE)
    return bool(told) and share is not None and told == paid != share


def _doubted(cell: Field) -> Field:
    return replace(cell, confidence=min(cell.confidence, _DOUBTED))
