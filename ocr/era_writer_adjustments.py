"""CAS segments of an 835 that is written, from the reasons that a remittance gives or implies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocr import claim_codes
from ocr.era_guides import Guide
from ocr.era_text import clean, money

_CONTRACT = ("CO", "45")
# The standard's reason for a code of paper that is none of its own, and for an amount without one.
_NOT_STANDARD = "192"


def derived(
    charged: int, paid: int, share: int | None, allowed: int | None = None
) -> list[dict[str, Any]]:
    """The adjustments that a charge, a payment, a patient share and an allowed amount imply.

    What the charge is above the allowed amount is CO 45, by that code's own words. For anything
    else paper that prints no reason gives none: the patient's share is PR 192 and the rest OA 192,
    so that nobody writes off what an insurer denied without saying so. CARC 45, 192.
    """
    patient = share or 0
    rest = charged - paid - patient
    group, code = "OA", _NOT_STANDARD
    if allowed and rest == charged - allowed:
        group, code = _CONTRACT
    entries = [
        {"group": group, "code": code, "amount_cents": rest},
        {"group": "PR", "code": _NOT_STANDARD, "amount_cents": patient},
    ]
    return [entry for entry in entries if entry["amount_cents"]]


def cas(entries: Sequence[Mapping[str, Any]], share: int | None, guide: Guide) -> list[list[str]]:
    """CAS segments: one a group, six reasons at most in each."""
    by_group: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_group.setdefault(_group(entry, entries, share, guide), []).append(entry)
    segments: list[list[str]] = []
    for group, members in by_group.items():
        for start in range(0, len(members), 6):
            segment = ["CAS", group]
            for entry in members[start : start + 6]:
                code = clean(entry.get("code"))
                usable = claim_codes.has_reason_shape(code) and not entry.get("unknown")
                segment.extend([code if usable else _NOT_STANDARD, money(entry["amount_cents"]),
                                clean(entry.get("quantity"))])  # fmt: skip
            segments.append(segment)
    return segments


def _group(
    entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], share: int | None, guide: Guide
) -> str:
    """The entry's group; without one, PR where the patient's share leaves no other, else OA.

    OA says neither that the patient owes the amount nor that the contract takes it off.
    """
    group = clean(entry.get("group"))
    if group in guide.groups:
        return group
    known = sum(e["amount_cents"] for e in entries if clean(e.get("group")) == "PR")
    open_ = [e for e in entries if clean(e.get("group")) not in guide.groups]
    if share and sum(e["amount_cents"] for e in open_) == share - known:
        return "PR"
    return "OA"
