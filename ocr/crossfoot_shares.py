"""Amounts of a remittance's lines that the reasons and shares of the same line prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocr.crossfoot_rules import PATIENT_REASONS, role_of_reason
from ocr.remittance_cells import PaperClaim, ServiceLine
from ocr.remittance_sums import adjustments, owed_by_rate, owed_untold, told_in_full

_SHARE = "patient_responsibility_cents"
_PARTS = frozenset({"deductible", "coinsurance", "copay"})


def borne_out(claims: Sequence[PaperClaim]) -> set[int]:
    """Amounts, by identity, of lines whose own reasons prove what these columns of theirs are.

    Charge less all reasons is what is paid, and the patient's share is what some of the reasons
    come to that may be the patient's, with all that surely are: the arithmetic of the 835, which
    holds whatever sums the table's other rows break. What is allowed stands in none of these sums:
    it is proved where some of the reasons lead from the charge to it.
    """
    own: set[int] = set()
    for claim in claims:
        for line in claim.lines:
            charged, paid = line.cells.get("charged_cents"), line.cells.get("paid_cents")
            listed = adjustments(line)
            told = sum(int(each["amount_cents"]) for each in listed)
            if charged is None or paid is None or not (line.reasons or _share_told(line, listed)):
                continue
            told += owed_untold(line)
            if charged.value - told == paid.value and _may_share(line, listed):
                free = set() if _may_allow(line, listed) else {"allowed_cents"}
                own.update(id(cell) for role, cell in line.cells.items() if role not in free)
    return own


def parts_told(claims: Sequence[PaperClaim]) -> set[int]:
    """Parts of a patient's share, by identity, that come to it, or leave the part by a rate; and
    shares that are what reasons of lines come to of which these tell all that was not paid."""
    lines = [line for claim in claims for line in claim.lines]
    parts = {
        id(cell)
        for line in lines
        if _share_told(line, adjustments(line))
        for role, cell in line.cells.items()
        if role in _PARTS and cell.value
    }
    return parts | {id(line.cells[_SHARE]) for line in lines if _share_by_reasons(line)}


def _share_by_reasons(line: ServiceLine) -> bool:
    """Whether a share is what some reasons come to, of which all tell what was not paid."""
    whole = told_in_full(line) and not owed_untold(line)
    return whole and bool(line.money.get(_SHARE)) and _may_share(line, adjustments(line))


def _share_told(line: ServiceLine, listed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether columns tell the patient's whole share, part by part, or all but the part by a rate.

    ``listed`` are the line's adjustments.
    """
    share = line.money.get(_SHARE)
    told = sum(int(each["amount_cents"]) for each in listed if each["group"] == "PR")
    return bool(share) and share == told + owed_by_rate(line)


def _may_allow(line: ServiceLine, listed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what is allowed is the charge less reasons that are no part of what is allowed."""
    able = {line.money["charged_cents"]}
    for each in listed:
        code = "" if each.get("unknown") else str(each["code"])
        if role_of_reason(each["group"], code) != PATIENT_REASONS:
            able |= {cents - int(each["amount_cents"]) for cents in able}
    return line.money.get("allowed_cents") in able


def _may_share(line: ServiceLine, listed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the patient's share is what reasons come to that may be the patient's."""
    share = line.money.get(_SHARE)
    told = sum(int(each["amount_cents"]) for each in listed if each["group"] == "PR")
    able = {told + owed_untold(line)}
    for each in listed:
        if each["group"] is None:
            able |= {cents + int(each["amount_cents"]) for cents in able}
    return share is None or share in able
