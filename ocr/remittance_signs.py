"""Claims of a scan that may be one taken back and its correction, whose minus signs were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ocr.remittance_cells import PaperClaim

_TAKEN_BACK = "22"  # X12 code list 1029: a reversal of a payment before


def lost_signs(claims: Sequence[PaperClaim]) -> frozenset[int]:
    """Places of claims that are there twice, for one patient and the same services, none below 0;
    of those with a charge above it that the page calls taken back, or with another below it.

    All amounts of a claim that is taken back turn their sign together, so that its lines add up
    with every minus lost: nothing but the sum of the payment tells.
    """
    found: set[int] = set()
    for place, one in enumerate(claims):
        above, below = (any(sign * charge > 0 for _, charge in _charges(one)) for sign in (1, -1))
        if above and (below or one.status == _TAKEN_BACK):
            found.add(place)
        for after, other in enumerate(claims[place + 1 :], start=place + 1):
            if _patient(one) == _patient(other) != "" and _same_services(one, other):
                found |= {place, after}
    return frozenset(found)


def _patient(claim: PaperClaim) -> str:
    field = claim.known.get("patient_name")
    return "".join(c for c in str(field.value).upper() if c.isalpha()) if field else ""


def _same_services(one: PaperClaim, other: PaperClaim) -> bool:
    """Whether most services are charged in both, and nothing is below zero."""
    mine, theirs = _charges(one), _charges(other)
    if any(charge < 0 for _, charge in (*mine, *theirs)):
        return False
    return 2 * (mine & theirs).total() > max(mine.total(), theirs.total())


def _charges(claim: PaperClaim) -> Counter[tuple[str, int]]:
    return Counter(
        (str(line.procedure_code), line.money.get("charged_cents", 0)) for line in claim.lines
    )
