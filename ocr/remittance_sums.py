"""Whether the amounts of a paper remittance add up, and the adjustments they amount to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

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


@dataclass(slots=True)
class ServiceLine:
    """One service as printed: money by column, reason codes with their amounts."""

    service_on: str | None = None
    procedure_code: str | None = None
    money: dict[str, int] = field(default_factory=dict)
    reasons: list[tuple[str, str, int]] = field(default_factory=list)
    sure: float = 1.0


@dataclass(slots=True)
class PaperClaim:
    """One claim as printed; ``totals`` are those of its own total line."""

    where: str
    known: dict[str, str] = field(default_factory=dict)
    lines: list[ServiceLine] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    sure: float = 1.0

    def total(self, role: str) -> int | None:
        """The sum of a column over the lines; the printed total where there are no lines."""
        if not self.lines:
            return self.totals.get(role)
        found = [line.money.get(role) for line in self.lines]
        return None if any(v is None for v in found) else sum(v for v in found if v is not None)


def reason_code(text: str) -> tuple[str, str] | None:
    """``CO-45``, ``PR1``, ``OA 23`` as group and code; letters read for zeros are forgiven."""
    match = _REASON.match(text.strip(" ,;:()").upper())
    if match is None:
        return None
    group = match[1].replace("0", "O").replace("1", "I").replace("L", "I")
    return ("CO" if group.startswith("C") and group != "CR" else group), match[2]


def reasons_in(texts: Sequence[str]) -> list[tuple[str, str, int]]:
    """Codes followed by their amount in a row's words, in order."""
    found: list[tuple[str, str, int]] = []
    for text in texts:
        glued = _GLUED.match(text.strip(" ,;:()").upper())
        amount = parse_cents(glued[3]) if glued else None
        if glued and amount is not None:
            found.append((glued[1].replace("0", "O").replace("1", "I"), glued[2], amount))
    for text, following in pairwise(texts):
        code, amount = reason_code(text), parse_cents(following)
        if code is not None and amount is not None:
            found.append((*code, amount))
    return found


def adjustments(line: ServiceLine) -> list[dict[str, Any]]:
    """What a line's columns and codes say was not paid, each reason once."""
    listed = {(group, code): amount for group, code, amount in line.reasons}
    for role, key in _BY_COLUMN.items():
        amount = line.money.get(role)
        if amount and key not in listed and not (role == "not_covered" and _counted(line, amount)):
            listed[key] = amount
    return [
        {"group": group, "code": code, "amount_cents": amount}
        for (group, code), amount in sorted(listed.items())
        if amount
    ]


def _counted(line: ServiceLine, amount: int) -> bool:
    """Whether the part not covered stands in the reason codes already."""
    return any(code == "96" and value == amount for _, code, value in line.reasons)


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
    if share is not None and patient and patient != share:
        return False
    owed = share if share is not None else patient
    if listed and charged - others - owed == paid:
        return True
    if allowed is None:
        return charged == paid and not listed and not owed
    return allowed - owed == paid and charged >= allowed and not others


def share_of(line: ServiceLine) -> int | None:
    """The patient's part: its own column, or what the PR reasons come to."""
    share = line.money.get("patient_responsibility_cents")
    if share is not None:
        return share
    listed = [e["amount_cents"] for e in adjustments(line) if e["group"] == "PR"]
    known = bool(set(_BY_COLUMN) & set(line.money)) or bool(line.reasons)
    return sum(listed) if listed or known or adds_up(line) else None


def claim_json(claim: PaperClaim) -> dict[str, Any]:
    """The claim in the contract's shape."""
    lines = [
        {
            "service_on": line.service_on,
            "procedure_code": line.procedure_code,
            "charged_cents": line.money.get("charged_cents"),
            "allowed_cents": line.money.get("allowed_cents"),
            "paid_cents": line.money.get("paid_cents"),
            "patient_responsibility_cents": share_of(line),
            "adjustments": adjustments(line),
        }
        for line in claim.lines
    ]
    shares = [share_of(line) for line in claim.lines]
    known = [value for value in shares if value is not None]
    share = claim.totals.get("patient_responsibility_cents")
    if lines and len(known) == len(shares):
        share = sum(known)
    return {
        "patient_name": claim.known.get("patient_name"),
        "member_id": claim.known.get("member_id"),
        "patient_account": claim.known.get("patient_account"),
        "claim_number": claim.known.get("claim_number"),
        "provider_name": claim.known.get("provider_name"),
        "lines": lines,
        "charged_cents": claim.total("charged_cents"),
        "paid_cents": claim.total("paid_cents"),
        "patient_responsibility_cents": share,
    }


def imbalances(
    claims: Sequence[PaperClaim], taken: Sequence[Mapping[str, Any]], total_cents: int | None
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
            if claim.lines and summed is not None and summed != printed:
                note(f"{claim.where}, {role.removesuffix('_cents')}", summed, printed)
    if total_cents is not None and claims:
        paid = [claim.total("paid_cents") for claim in claims]
        summed = None if None in paid else sum(value for value in paid if value is not None)
        if summed is not None:
            summed -= sum(entry["amount_cents"] for entry in taken)
        if summed != total_cents:
            note("payment", summed, total_cents)
    return found
