"""Whether the reasons read of a service are those that its page prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from web.demo.scoring import Verdict

# A plan's own words for "not covered" do not tell these two apart.
_SAME_CODE = ({"96", "204"},)


def judged_adjustments(
    truth: Mapping[str, Any], read: Mapping[str, Any]
) -> list[tuple[int, dict[str, Any]]]:
    """The adjustments read that the truth can judge, with their places.

    Where the page prints the patient's share in one sum only, a reader may list it under PR.
    """
    listed = [(n, e) for n, e in enumerate(read.get("adjustments") or []) if e["amount_cents"]]
    shares = {"1", "2", "3", "96", "119", "204"}
    if any(entry["code"] in shares for entry in truth["adjustments"]):
        return listed
    own = [entry for _, entry in listed if entry.get("group") == "PR"]
    if sum(e["amount_cents"] for e in own) == truth.get("patient_responsibility_cents"):
        return [(n, e) for n, e in listed if e.get("group") != "PR"]
    return listed


def said_of_adjustments(truth: Mapping[str, Any], read: Mapping[str, Any]) -> Verdict:
    """Right: the reasons printed, each with its amount, in any order; unread: but for a group."""
    if same_adjustments(truth, read):
        return "right"
    return "unread" if same_adjustments(truth, read, groups=False) else "wrong"


def same_adjustments(
    truth: Mapping[str, Any], read: Mapping[str, Any], *, groups: bool = True
) -> bool:
    """Whether a line's reasons are those printed; without ``groups`` one may be left open."""
    left = [entry for _, entry in judged_adjustments(truth, read)]
    for wanted in truth["adjustments"]:
        found = next(
            (entry for entry in left if _same_adjustment(wanted, entry, groups=groups)), None
        )
        if found is None:
            return False
        left.remove(found)
    return not left


def _same_adjustment(truth: Mapping[str, Any], read: Mapping[str, Any], *, groups: bool) -> bool:
    if truth["amount_cents"] != read["amount_cents"]:
        return False
    group = read.get("group")
    open_group = truth["group"] is None or (group is None and not groups)
    if not open_group and truth["group"] != group:
        return False
    code, own = read.get("code"), truth.get("payer_code")
    same = code == truth["code"] or any({code, truth["code"]} <= each for each in _SAME_CODE)
    if own is None:
        return bool(same)
    if read.get("unknown"):
        return own in (code, read.get("payer_code"))
    return bool(same and read.get("payer_code") in (own, None))
