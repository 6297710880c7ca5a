"""Whether the amounts of a paper remittance add up, and the adjustments they amount to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ocr.remittance_cells import (
    CLAIM_LABELS,
    MONEY,
    PaperClaim,
    Reason,
    ServiceLine,
    Taken,
    evidence,
)
from ocr.remittance_rates import told_by_rate
from ocr.types import Field
from ocr.values import parse_cents

_REASON = re.compile(r"^(C+[O0]+|PR|[O0]A|P[I1l]|CR)\s?-?\s?([A-Z]?\d{1,3})$")
# A code and its amount that lost the space between; only codes common enough to be sure of.
_GLUED = re.compile(r"^(C[O0]|PR|[O0]A|P[I1])-?(45|96|97|23|1|2|3)(\d[\d,]*\.\d\d)$")
# Columns that are adjustments by themselves (X12 code lists 974 and 139).
_BY_COLUMN = {
    "discount": ("CO", "45"),
    "deductible": ("PR", "1"),
    "coinsurance": ("PR", "2"),
    "copay": ("PR", "3"),
    "not_covered": ("PR", "96"),
    "other_paid": ("OA", "23"),
}


def reason_code(text: str) -> tuple[str, str] | None:
    """``CO-45``, ``PR1``, ``OA 23`` as group and code; letters read for zeros are forgiven."""
    match = _REASON.match(text.strip(" ,;:()").upper())
    if match is None:
        return None
    group = match[1].replace("0", "O").replace("1", "I").replace("L", "I")
    return ("CO" if group.startswith("C") and group != "CR" else group), match[2]


def reasons_in(texts: Sequence[str]) -> list[tuple[str, str, int, int]]:
    """Codes followed by their amount in a row's words, in order, with the place of the code."""
    found: list[tuple[str, str, int, int]] = []
    for at, text in enumerate(texts):
        glued = _GLUED.match(text.strip(" ,;:()").upper())
        amount = parse_cents(glued[3]) if glued else None
        if glued and amount is not None:
            found.append((glued[1].replace("0", "O").replace("1", "I"), glued[2], amount, at))
    for at, (text, following) in enumerate(pairwise(texts)):
        code, amount = reason_code(text), parse_cents(following)
        if code is not None and amount is not None:
            found.append((*code, amount, at))
    return found


def adjustments(line: ServiceLine) -> list[dict[str, Any]]:
    """What a line's columns and codes say was not paid, each reason once."""
    return [reason.as_json() for reason in _reasons(line)]


def _reasons(line: ServiceLine) -> list[Reason]:
    listed = {(reason.group, reason.code, at): reason for at, reason in enumerate(line.reasons)}
    coded = {(reason.code, reason.cents) for reason in line.reasons}
    known = {(reason.group, reason.code) for reason in line.reasons}
    for role, (group, code) in _BY_COLUMN.items():
        cell = line.cells.get(role)
        if cell is None or not cell.value or role in line.explained:
            continue
        if (group, code) in known or (code, cell.value) in coded or _counted(line, role):
            continue
        whose = _not_covered_by(line) if role == "not_covered" else group
        listed[(whose, code, -1)] = Reason(whose, code, cell)
    found = [reason for reason in listed.values() if reason.cents]
    return sorted(found, key=lambda reason: (reason.group or "", reason.code))


def _counted(line: ServiceLine, role: str) -> bool:
    """Whether the reason codes say already why a column's amount was not paid."""
    cell = line.cells[role]
    if role not in {"not_covered", "discount"} or not line.reasons:
        return False
    # What the patient owes may come to the same cents as the discount, and tells nothing of it.
    telling = [each for each in line.reasons if role == "not_covered" or each.group != "PR"]
    others = sum(each.cents for each in line.reasons if each.group != "PR")
    return others == cell.value or any(each.cents == cell.value for each in telling)


def _not_covered_by(line: ServiceLine) -> str | None:
    """Who bears what is not covered: the patient, unless their printed share is without it."""
    money = line.money
    share, part = money.get("patient_responsibility_cents"), money.get("not_covered", 0)
    if share is None:
        return "PR"
    rest = sum(money.get(role, 0) for role in ("deductible", "coinsurance", "copay"))
    return "PR" if share == rest + part else "CO" if share == rest else None


def adds_up(line: ServiceLine) -> bool:
    """Whether a line's own amounts prove each other: charge less what was not paid is payment.

    Where no reasons are printed, allowed less the patient's share must be the payment.
    """
    charged, paid = line.money.get("charged_cents"), line.money.get("paid_cents")
    if charged is None or paid is None:
        return False
    listed = adjustments(line)
    allowed = line.money.get("allowed_cents")
    share = line.money.get("patient_responsibility_cents")
    patient = sum(e["amount_cents"] for e in listed if e["group"] == "PR")
    others = sum(e["amount_cents"] for e in listed if e["group"] != "PR")
    unsaid = sum(e["amount_cents"] for e in listed if e["group"] is None)
    able = share is None or min(patient, patient + unsaid) <= share <= max(
        patient, patient + unsaid
    )
    if listed and able and charged - patient - others == paid:
        return True  # whose the amounts without a group are, the patient's share tells
    if share is not None and patient != share and _told_in_part(line, patient, share, others):
        return True
    if share is not None and patient and patient != share:
        return False
    owed = share if share is not None else patient + line.money.get("shared_cost", 0)
    if listed and charged - others - owed == paid:
        return True
    if allowed is None:
        return charged == paid and not listed and not owed
    return allowed - owed == paid and abs(charged) >= abs(allowed) and not others


def _told_in_part(line: ServiceLine, patient: int, share: int, others: int) -> bool:
    """Whether charge, patient's share and payment prove each other without the share's parts.

    A payer may print a deductible and no coinsurance, and what both come to. Only print tells so:
    on a scan a part that is less than the share is as likely one whose other part was not read,
    but where the rest is the patient's part by a rate.
    """
    money = line.money
    cells = [cell for role, cell in line.cells.items() if role in MONEY or role.startswith("?")]
    rest = abs(share) - abs(patient)  # a part of it may stand in a column that nobody knows
    part = any(
        0 < abs(int(cell.value)) <= rest
        for role, cell in line.cells.items()
        if role.startswith("?")
    )
    if not owed_untold(line):
        if line.remarks or not _of_price(line, others):
            return False  # a payer that lists reasons lists them all: one was not read
        if part or any(cell.source != "text_layer" for cell in cells):
            return False
    if not 0 <= patient * (1 if share > 0 else -1) < abs(share):
        return False
    charged, paid, allowed = money["charged_cents"], money["paid_cents"], money.get("allowed_cents")
    if charged - others - share == paid:
        return True
    return allowed is not None and not others and allowed - share == paid and (
        abs(charged) >= abs(allowed)
    )  # fmt: skip


def _of_price(line: ServiceLine, others: int) -> bool:
    """Whether all reasons of a line tell why less was allowed than charged, and none the share."""
    if not line.reasons:
        return True
    charged, allowed = line.money.get("charged_cents", 0), line.money.get("allowed_cents")
    if allowed is None or any(reason.group == "PR" for reason in line.reasons):
        return False
    return sum(reason.cents for reason in line.reasons) == others == charged - allowed


def owed_by_rate(line: ServiceLine) -> int:
    """What of a scanned line's share no column or reason tells, where it is the patient's part by
    a rate, in cents; else zero.

    A payer that tells the patient's parts by reasons told this one so, and it was not read.
    """
    if line.told_elsewhere:
        return 0
    listed = adjustments(line)
    told = sum(int(e["amount_cents"]) for e in listed if e["group"] == "PR")
    copay = sum(int(e["amount_cents"]) for e in listed if e["code"] == "3")
    share = line.money.get("patient_responsibility_cents", 0)
    return share - told if told_by_rate(line, told, copay) else 0


def owed_untold(line: ServiceLine) -> int:
    """What of a scanned line's share nothing printed tells, surely or by a rate; else zero."""
    listed = adjustments(line)
    told = sum(int(e["amount_cents"]) for e in listed if e["group"] == "PR")
    share = line.money.get("patient_responsibility_cents", 0)
    if not line.untold or abs(told) >= abs(share) or told * share < 0:
        return owed_by_rate(line)
    # A reason may tell it whose print leaves unsaid whose it is.
    able = _able(e["amount_cents"] for e in listed if e["group"] is None)
    return 0 if share - told in able else share - told


def _able(amounts: Iterable[int]) -> set[int]:
    """What some of the amounts may come to."""
    able = {0}
    for cents in amounts:
        able |= {other + cents for other in able}
    return able


def told_in_full(line: ServiceLine) -> bool:
    """Whether reasons and columns tell all of the charge that was not paid."""
    charged, paid = line.money.get("charged_cents", 0), line.money.get("paid_cents", 0)
    listed = sum(int(each["amount_cents"]) for each in adjustments(line))
    return charged - paid in {listed, listed + owed_untold(line)}


def unexplained(line: ServiceLine) -> bool:
    """Whether nothing is told of why a service was not paid that nobody else owes either."""
    money = line.money
    kept = money.get("charged_cents", 0) - money.get("paid_cents", 0)
    share = money.get("patient_responsibility_cents", 0) or money.get("shared_cost", 0)
    return bool(kept) and kept != share and not adjustments(line)


def share_of(line: ServiceLine) -> int | None:
    """The patient's part: its own column, or what the PR reasons come to."""
    share = line.money.get("patient_responsibility_cents")
    if share is not None:
        return share
    every = adjustments(line)
    listed = [int(e["amount_cents"]) for e in every if e["group"] == "PR"]
    shared = line.money.get("shared_cost", 0)
    # The payment may leave room for what is shared beside all reasons printed.
    left = line.money.get("charged_cents", 0) - line.money.get("paid_cents", 0)
    if shared and (not listed or left - sum(int(e["amount_cents"]) for e in every) == shared):
        return sum(listed) + shared
    known = bool(set(_BY_COLUMN) & set(line.money)) or bool(line.reasons)
    return sum(listed) if listed or known or adds_up(line) else None


def line_json(line: ServiceLine) -> dict[str, Any]:
    """The service line in the contract's shape, with the evidence of each of its cells."""
    share = share_of(line)
    cells: dict[str, Field | None] = {name: line.cells.get(name) for name in _LINE_CELLS}
    reasons = _reasons(line)
    if cells["patient_responsibility_cents"] is None and share is not None:
        named = [r.amount for r in reasons if r.group == "PR"]
        # That none of the reasons is the patient's is no surer than the reasons are.
        money = [cell for role, cell in line.cells.items() if role in MONEY]
        cell = _summed(share, named or [*money, *(reason.amount for reason in reasons)])
        if cell is not None and not named:  # nothing of it is printed: no place is its own
            cell = replace(cell, box=None, source=_ARITHMETIC)
        cells["patient_responsibility_cents"] = cell
    cells.update({f"adjustments.{at}": reason.amount for at, reason in enumerate(reasons)})
    if not reasons:
        cells["adjustments"] = _nothing_adjusted(line)
    return {
        "service_on": line.service_on,
        "service_end_on": line.value("service_end_on"),
        "procedure_code": line.procedure_code,
        "modifiers": line.value("modifiers") or [],
        "units": line.value("units"),
        "charged_cents": line.money.get("charged_cents"),
        "allowed_cents": line.money.get("allowed_cents"),
        "paid_cents": line.money.get("paid_cents"),
        "patient_responsibility_cents": share,
        "adjustments": [reason.as_json() for reason in reasons],
        "remarks": [remark.value for remark in line.remarks],
        "evidence": evidence(cells),
    }


_ARITHMETIC = "arithmetic"
_LINE_CELLS = ("service_on", "service_end_on", "procedure_code", "modifiers", "units",
               "charged_cents", "allowed_cents", "patient_responsibility_cents",
               "paid_cents")  # fmt: skip


def _nothing_adjusted(line: ServiceLine) -> Field | None:
    """That a line has no adjustments, where the whole charge was paid, but for what the patient
    owes by a rate; None where it does not say.

    As sure as these amounts are: nothing is left that a reason could take off.
    """
    charged, paid = line.cells.get("charged_cents"), line.cells.get("paid_cents")
    owed = owed_untold(line)
    if charged is None or paid is None or charged.value - owed != paid.value:
        return None
    sure = min(charged.confidence, paid.confidence)
    if owed:
        sure = min(sure, line.cells["patient_responsibility_cents"].confidence)
    return Field([], sure, paid.page, None, _ARITHMETIC)


_LOST = 0.8  # at most, for a sum of lines of which some may have been lost


def _summed(value: int, parts: Sequence[Field], *, most: float = 1.0) -> Field | None:
    """A sum of printed amounts: as sure as the least sure of them, at the place of the first."""
    if not parts:
        return None
    sure = min(most, *(part.confidence for part in parts))
    return replace(parts[0], value=value, confidence=sure, alternatives=())


def claim_json(claim: PaperClaim) -> dict[str, Any]:
    """The claim in the contract's shape."""
    shares = [share_of(line) for line in claim.lines]
    known = [value for value in shares if value is not None]
    printed = claim.totals.get("patient_responsibility_cents")
    share = None if printed is None else int(printed.value)
    if shares and len(known) == len(shares):
        share = sum(known)
    cells: dict[str, Field | None] = {**claim.totals, **claim.known}
    for role in ("charged_cents", "paid_cents"):
        total = claim.total(role)
        if claim.lines and total is not None and role not in cells:
            cells[role] = _summed(
                total,
                [line.cells[role] for line in claim.lines],
                most=1.0 if claim.whole else _LOST,
            )
    return {
        **{role: known_value(claim, role) for role in CLAIM_LABELS},
        "status": claim.status,
        "lines": [line_json(line) for line in claim.lines],
        "charged_cents": claim.total("charged_cents"),
        "paid_cents": claim.total("paid_cents"),
        "patient_responsibility_cents": share,
        "adjustments": [reason.as_json() for reason in claim.reasons],
        "remarks": [remark.value for remark in claim.remarks],
        "evidence": evidence(cells),
    }


def known_value(claim: PaperClaim, role: str) -> str | None:
    """What the page says of whose claim it is, None where it does not say."""
    cell = claim.known.get(role)
    return None if cell is None else str(cell.value)


def imbalances(
    claims: Sequence[PaperClaim],
    taken: Sequence[Taken],
    total_cents: int | None,
    totals: Mapping[str, Field] | None = None,
) -> list[dict[str, Any]]:
    """Lines, claim totals and the payment that do not add up: ``{where, expected, found}``."""
    found: list[dict[str, Any]] = []

    def note(where: str, expected: int | None, seen: int | None) -> None:
        entry = {"where": where, "expected_cents": expected, "found_cents": seen}
        found.append(entry)

    for claim in claims:
        for number, line in enumerate(claim.lines, start=1):
            if not adds_up(line):
                charged = line.money.get("charged_cents")
                minus = sum(e["amount_cents"] for e in adjustments(line))
                expected = None if charged is None else charged - minus
                note(f"{claim.where}, line {number}", expected, line.money.get("paid_cents"))
        for role, printed in sorted(claim.totals.items()):
            summed = claim.total(role)
            if claim.lines and summed is not None and summed != printed.value:
                note(f"{claim.where}, {role.removesuffix('_cents')}", summed, int(printed.value))
    for role, cell in sorted((totals or {}).items()):
        sums = [claim.total(role) for claim in claims]
        summed = None if None in sums else sum(value for value in sums if value is not None)
        if summed is not None and summed != cell.value:
            note(f"all claims, {role.removesuffix('_cents')}", summed, int(cell.value))
    if total_cents is not None and claims:
        paid = [claim.total("paid_cents") for claim in claims]
        summed = None if None in paid else sum(value for value in paid if value is not None)
        if summed is not None:
            summed -= sum(entry.cents for entry in taken)
        if summed != total_cents:
            note("payment", summed, total_cents)
    return found
