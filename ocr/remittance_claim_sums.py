"""Rows that look like services and hold the sums of their claim: a day, amounts, no code."""

from __future__ import annotations

from collections.abc import Sequence

from ocr.remittance_cells import MONEY, PaperClaim, ServiceLine

_MOST = 0.6  # of the claims that have such a row, before it is one of sums
_MOST_CODED = 0.5  # of the lines, before one without a code may be no service


def set_sums_apart(claims: Sequence[PaperClaim]) -> None:
    """Make rows of sums over or below a claim's services its totals, in place.

    A claim may be printed as a row of its own with days and sums before its services. Such a row
    names no service, and in what is charged and paid it is what the claim's other lines come to.
    A claim of one service cannot tell a sum from a second service at the same price: others of
    the document must have told it before.
    """
    if not mostly_coded(claims):
        return
    for place in (0, -1):
        asked = [claim for claim in claims if _may_be_sum(claim, place)]
        fitting = [claim for claim in asked if _is_sum(claim, place)]
        if len(fitting) < _MOST * len(asked) or not any(len(c.lines) > 2 for c in fitting):
            continue
        for claim in fitting:
            line = claim.lines.pop(place)
            own = {role: cell for role, cell in line.cells.items() if role in MONEY}
            claim.totals = {**own, **claim.totals}


def mostly_coded(claims: Sequence[PaperClaim]) -> bool:
    """Whether the document's lines name their services by codes, but for a few at most."""
    lines = [line for claim in claims for line in claim.lines]
    coded = sum(line.procedure_code is not None for line in lines)
    return coded >= max(1.0, _MOST_CODED * len(lines))


def _may_be_sum(claim: PaperClaim, place: int) -> bool:
    """Whether the claim's first or last line alone names no service."""
    if len(claim.lines) < 2:
        return False
    line, others = _parted(claim, place)
    bare = line.procedure_code is None and not line.reasons
    return bare and all(other.procedure_code is not None for other in others)


def _is_sum(claim: PaperClaim, place: int) -> bool:
    line, others = _parted(claim, place)
    return all(
        role in line.money and line.money[role] == sum(one.money.get(role, 0) for one in others)
        for role in ("charged_cents", "paid_cents")
    )


def _parted(claim: PaperClaim, place: int) -> tuple[ServiceLine, list[ServiceLine]]:
    line = claim.lines[place]
    return line, [other for other in claim.lines if other is not line]
