"""What the claims that were found say of accounts: clues beside numbers and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matching import claim_compare
from matching.claim_compare import ClaimRanking
from matching.claim_facts import RemittedClaim
from matching.types import Part, PaymentClues

_MOST = 6


def with_claims(payment: PaymentClues, claims: Sequence[ClaimRanking | None]) -> PaymentClues:
    """The clues of each part with what its claims say; ``claims`` in the order of the parts."""
    if not any(claims):
        return payment
    parts = tuple(
        part if ranking is None else _with(part, ranking)
        for part, ranking in zip(payment.parts, claims, strict=True)
    )
    return replace(payment, parts=parts)


def _with(part: Part, ranking: ClaimRanking) -> Part:
    said = signals(ranking, part.claim)
    return replace(part, clues=replace(part.clues, claims=said)) if said else part


def signals(ranking: ClaimRanking, said: RemittedClaim | None) -> tuple[tuple[str, str], ...]:
    """Account numbers with ``found``, ``rival`` or ``unfit``, as ``Clues.claims`` has them."""
    outcome = ranking.outcome
    if outcome == "found":
        return ((ranking.candidates[0].claim.account_number, "found"),)
    if outcome in ("two_candidates", "doubtful"):
        likely = [c for c in ranking.candidates if c.probability >= claim_compare.RIVAL][:_MOST]
        return tuple(dict.fromkeys((c.claim.account_number, "rival") for c in likely))
    return tuple((number, "unfit") for number in _unfit(ranking, said))


def _unfit(ranking: ClaimRanking, said: RemittedClaim | None) -> list[str]:
    """Accounts whose claims were looked at and have other lines and another charge throughout.

    None where the lines that were read do not make the claim's charge: they may be misread.
    """
    charges = [line.charged_cents for line in said.lines] if said is not None else []
    if said is None or not charges or None in charges:
        return []
    if said.charged_cents != sum(cents or 0 for cents in charges):
        return []
    fits: dict[str, bool] = {}
    for each in ranking.candidates:
        number = each.claim.account_number
        like = each.level(claim_compare.LINES) != "none" or (
            each.level(claim_compare.CHARGE) == "same"
            or each.level(claim_compare.NUMBER) in {"same", "same_exact", "near"}
        )
        fits[number] = fits.get(number, False) or like
    return [number for number, like in fits.items() if not like][:_MOST]
