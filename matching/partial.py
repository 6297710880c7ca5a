"""What of a remitted payment is sure by itself, while the rest is held under a typed reason.

A part goes alone only under the thresholds of the whole: evidence of a kind that may, and a
probability that all of them are right which reaches the same threshold. Every claim's sum must be
known and all together make the payment, so that nothing a part takes is another one's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matching import compare
from matching.assemble import NO_MATCH, claim_share
from matching.types import Candidate, Part, PaymentClues, Proposal, Ranking, Share

_RIVAL = 0.05
"""A second account at least so likely makes two candidates of them."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The split with its held parts; ``chance``: all of the ``sure`` places are right."""

    way: Proposal
    sure: tuple[int, ...]
    chance: float


def partial(
    payment: PaymentClues,
    rankings: Sequence[Ranking],
    threshold: float,
    enough: Callable[[Candidate], bool],
) -> Partial | None:
    """The sure parts and what is held; None where nothing is sure or the sums do not add up.

    ``rankings`` stand in the order of ``payment.parts``; ``enough``: whether a candidate's
    evidence is of a kind that may go by itself.
    """
    amount = payment.amount_cents
    if amount is None or payment.ambiguous or payment.unread or payment.gainsaid or payment.doubt:
        return None
    if not _adds_up(payment, amount):
        return None
    reversed_ = _reversed(payment)
    bests = [ranking.candidates[0] if ranking.candidates else None for ranking in rankings]
    able = [
        (best.probability, place)
        for place, (part, best) in enumerate(zip(payment.parts, bests, strict=True))
        if best is not None and (part.amount_cents or 0) > 0 and enough(best)
        and best.probability >= NO_MATCH and not _is_corrected(part, reversed_)
    ]  # fmt: skip
    sure, chance = _together(able, threshold)
    if not sure:
        return None
    shares: list[Share] = []
    for place, (part, ranking) in enumerate(zip(payment.parts, rankings, strict=True)):
        cents = part.amount_cents or 0
        best = bests[place]
        if place in sure and best is not None:
            shares.append(claim_share(part, best, cents))
        elif cents:
            hold = "takeback" if _is_corrected(part, reversed_) else why(part, ranking)
            shares.append(Share("unidentified", cents, reason=part.label, hold=hold))
    if payment.adjustment_cents:
        shares.append(Share("unidentified", payment.adjustment_cents, reason="insurer_adjustment",
                            hold="insurer_adjustment"))  # fmt: skip
    detail = f"{len(sure)} of {len(payment.parts)} claims sure, the rest held"
    return Partial(Proposal("parts", tuple(shares), clear=True, detail=detail), sure, chance)


def _reversed(payment: PaymentClues) -> frozenset[str]:
    """The insurer's numbers of the claims that this payment takes back."""
    taken = [part.claim for part in payment.parts if (part.amount_cents or 0) < 0]
    return frozenset(claim.claim_number for claim in taken if claim and claim.claim_number)


def _is_corrected(part: Part, taken: frozenset[str]) -> bool:
    """Whether the same payment takes the claim back and pays it anew: both go together."""
    return part.claim is not None and part.claim.claim_number in taken


def _adds_up(payment: PaymentClues, amount: int) -> bool:
    """Whether every part is a claim of a known sum, and they make the amount to the cent."""
    if any(part.kind != "claim" or part.amount_cents is None for part in payment.parts):
        return False
    said = sum(part.amount_cents or 0 for part in payment.parts)
    return said + payment.adjustment_cents == amount


def _together(able: Sequence[tuple[float, int]], threshold: float) -> tuple[tuple[int, ...], float]:
    """The likeliest places as long as the probability that all are right reaches ``threshold``."""
    sure: list[int] = []
    chance = 1.0
    for probability, place in sorted(able, key=lambda each: (-each[0], each[1])):
        if chance * probability < threshold:
            break
        chance = math.prod((chance, probability))
        sure.append(place)
    return tuple(sorted(sure)), chance if sure else 0.0


def contradicted(candidate: Candidate) -> bool:
    """Whether a number says one account and a claim's lines another's: one of them was misread."""
    claim, number = candidate.level(compare.CLAIM), candidate.level(compare.NUMBER)
    return claim == "another" or (claim == "found" and number in {"another", "household"})


def why(part: Part, ranking: Ranking) -> str:
    """The typed reason why a claim's money waits for a place."""
    if (part.amount_cents or 0) < 0:
        return "takeback"
    first = ranking.candidates[:1]
    if not first or first[0].probability < NO_MATCH:
        return "account_not_found"
    if contradicted(first[0]):
        return "numbers_disagree"
    rivals = ranking.candidates[1:2]
    two = bool(rivals) and rivals[0].probability >= _RIVAL
    return "two_candidates" if two else "account_not_found"
