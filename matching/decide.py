"""The decision on a payment: by itself, for a person, or no match, always with its stratum."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from matching import allocate, compare, judging, score
from matching.assemble import NO_MATCH, assembled, ways_of
from matching.model import Model, shipped
from matching.partial import contradicted, partial
from matching.types import (
    Candidate,
    Outcome,
    Part,
    PaymentClues,
    Pool,
    Proposal,
    Ranking,
    Reason,
    Verdict,
)

AUTO_STRATA = frozenset(
    {
        "number_name_amount", "number_name", "number_amount", "member_name",
        "name_address_amount", "name_amount", "name_address", "address_amount", "claim_name",
    }
)  # fmt: skip
"""The kinds of evidence that may go alone once they are proved; never one kind by itself."""
NOT_SURE = "not sure enough"
UNREAD = "an amount of the remittance cannot be read"
GAINSAID = "a claim is paid that its status says pays nothing"
"""Why a match is for a person that nothing but its probability keeps from going alone."""


def decide(
    payment: PaymentClues, pools: Sequence[Pool], threshold: float, model: Model | None = None
) -> Verdict:
    """Rank each part's candidates, split the amount, and say who decides.

    ``pools`` stand in the order of ``payment.parts``. Outcome ``auto`` only when every part has
    the evidence for it, the probability that all are right reaches ``threshold``, the amount is
    known, and the split is the only one that explains it, and nothing leaves it to a person
    (``PaymentClues.doubt``). ``model`` None: the shipped one.
    """
    verdict = _decided(payment, pools, threshold, model)
    if verdict.outcome != "auto" or not payment.doubt:
        return verdict
    return replace(verdict, outcome="review", why=payment.doubt)


def _decided(
    payment: PaymentClues, pools: Sequence[Pool], threshold: float, model: Model | None
) -> Verdict:
    using = shipped() if model is None else model
    rankings = tuple(
        score.rank(part.clues, pool, using) for part, pool in zip(payment.parts, pools, strict=True)
    )
    if not payment.parts or any(not ranking.candidates for ranking in rankings):
        return _partly(payment, rankings, threshold) or _unmatched(payment, rankings)
    if len(payment.parts) == 1 and payment.parts[0].kind == "check":
        return _whole(payment, pools[0], rankings[0], threshold, using)
    verdict = _divided(payment, pools, rankings, threshold)
    if verdict.outcome == "auto":
        return verdict
    return _partly(payment, rankings, threshold) or verdict


def _partly(
    payment: PaymentClues,
    rankings: tuple[Ranking, ...],
    threshold: float,
    enough: Callable[[Candidate], bool] | None = None,
) -> Verdict | None:
    """The claims that are sure go, the others are held; None where none is."""
    found = partial(payment, rankings, threshold, enough or _enough)
    if found is None or payment.amount_cents is None:
        return None
    bests = [rankings[place].candidates[0] for place in found.sure]
    weakest = min(bests, key=lambda candidate: candidate.probability)
    labels = tuple(stratum(best) for best in bests)
    ways = (found.way, allocate.nowhere(payment.amount_cents))
    return _verdict("auto", stratum(weakest), found.chance, weakest, rankings, ways, "", labels)


def stratum(candidate: Candidate) -> str:
    """Which kinds of evidence agree, as one label; wrong rates differ tenfold between them."""
    number = _number_agrees(candidate)
    name = _name_agrees(candidate)
    amount = candidate.level(compare.AMOUNT) in compare.AMOUNT_AGREES
    if candidate.level(compare.NUMBER) == "another":
        return "number_against"
    if number:
        return "number" + ("_name" if name else "") + ("_amount" if amount else "") + (
            "" if name or amount else "_only"
        )  # fmt: skip
    if candidate.level(compare.MEMBER) == "same":
        return "member_name" if name else "member_only"
    if candidate.level(compare.CLAIM) == "found":
        return "claim_name" if name else "claim_only"
    address = candidate.level(compare.ADDRESS) in compare.ADDRESS_AGREES
    if not name:
        return ("address_amount" if amount else "address_only") if address else "other"
    return "name" + ("_address" if address else "") + ("_amount" if amount else "") + (
        "" if address or amount else "_only"
    )  # fmt: skip


def _number_agrees(candidate: Candidate) -> bool:
    on_stub = candidate.level(compare.NUMBER) in compare.NUMBER_AGREES
    return on_stub or candidate.level(compare.MEMO) == "number"


def _name_agrees(candidate: Candidate) -> bool:
    levels = {candidate.level(compare.PAYER), candidate.level(compare.PATIENT)}
    return bool(levels & compare.NAME_AGREES)


def _enough(candidate: Candidate) -> bool:
    """Whether the evidence for this candidate is of a kind that may go by itself."""
    label = stratum(candidate)
    if contradicted(candidate):
        return False
    if label == "number_amount":
        # One misread digit may hit a live account that owes the same round sum: then the name
        # must not speak against it, unless two numbers agree.
        twice = candidate.level(compare.NUMBER) in {"both", "barcode"}
        names = {candidate.level(compare.PAYER), candidate.level(compare.PATIENT)}
        return twice or "different" not in names
    if label == "number_name":
        return candidate.level(compare.PATIENT) != "different"
    return label in AUTO_STRATA


def narrowed(
    payment: PaymentClues,
    verdict: Verdict,
    threshold: float,
    lets: Callable[[str, float], bool],
) -> Verdict | None:
    """Of a remittance whose kinds of evidence may not all go, the parts that may; None for none.

    ``lets``: whether a kind of evidence may go at a probability in this office.
    """

    def enough(candidate: Candidate) -> bool:
        return _enough(candidate) and lets(stratum(candidate), candidate.probability)

    return _partly(payment, verdict.rankings, threshold, enough)


def _unmatched(payment: PaymentClues, rankings: tuple[Ranking, ...]) -> Verdict:
    ways = () if payment.amount_cents is None else (allocate.nowhere(payment.amount_cents),)
    return Verdict("no_match", "none", 0.0, 0.0, (), rankings, ways, "no account resembles it")


def _whole(
    payment: PaymentClues, pool: Pool, ranking: Ranking, threshold: float, model: Model
) -> Verdict:
    best = ranking.candidates[0]
    label = stratum(best)
    amount = payment.amount_cents
    if amount is None:
        return _verdict("review", label, best.probability, best, (ranking,), (), "amount unread")
    ways = ways_of(amount, best, pool, payment.parts[0])
    alike = _same_split(ways[0], amount, ranking, pool, payment.parts[0])
    sure = share_of(ranking, alike)
    judged = judging.judged(model.judge, judging.features(sure, ranking))
    chance = judging.probability(judged) if judged else sure
    outcome, why = _outcome(payment, ranking, ways[0], sure, chance, threshold)
    others = tuple(
        ways_of(amount, other, pool, payment.parts[0])[0] for other in ranking.candidates[1:4]
    )
    ways = (*ways, *others, allocate.nowhere(amount))
    verdict = _verdict(outcome, label, chance, best, (ranking,), _distinct(ways), why)
    return replace(verdict, judged=judged, alike=alike)


def _outcome(
    payment: PaymentClues,
    ranking: Ranking,
    way: Proposal,
    sure: float,
    chance: float,
    threshold: float,
) -> tuple[Outcome, str]:
    best = ranking.candidates[0]
    if sure < NO_MATCH:
        return "no_match", "the payer is likelier nobody's patient"
    if not _enough(best):
        return "review", f"evidence: {stratum(best)}"
    if not way.clear:
        return "review", "the amount can be split in more than one way"
    if _contested(best, ranking):
        return "review", "another account has this name and owes this amount"
    if payment.unread or payment.gainsaid:
        return "review", UNREAD if payment.unread else GAINSAID
    if payment.ambiguous and stratum(best) != "number_name_amount":
        return "review", "several checks in the envelope"
    return ("review", NOT_SURE) if chance < threshold else ("auto", "")


def _contested(best: Candidate, ranking: Ranking) -> bool:
    """Whether a number says one account, and name and amount together say another family's."""
    if _name_agrees(best):
        return False
    home = best.account.household
    return any(
        _name_agrees(rival) and rival.level(compare.AMOUNT) in compare.AMOUNT_AGREES
        for rival in ranking.candidates[1:]
        if not home or rival.account.household != home
    )


def _same_split(
    way: Proposal, amount: int, ranking: Ranking, pool: Pool, part: Part
) -> frozenset[str]:
    """The accounts whose candidates lead to this split, the best one's among them.

    A check for two children fits either child's account; both say the same split.
    """
    household = ranking.candidates[0].account.household
    wanted = _key(way)
    alike = {ranking.candidates[0].account.number}
    for candidate in ranking.candidates[1:]:
        related = bool(household) and candidate.account.household == household
        if related and _key(ways_of(amount, candidate, pool, part)[0]) == wanted:
            alike.add(candidate.account.number)
    return frozenset(alike)


def share_of(ranking: Ranking, accounts: frozenset[str]) -> float:
    """The probability, by the scores alone, that it is one of these accounts."""
    found = (c.probability for c in ranking.candidates if c.account.number in accounts)
    return min(math.fsum(found), 1.0)


def _key(way: Proposal) -> tuple[tuple[str, str, int], ...]:
    return tuple(sorted((s.account_number or "", s.statement_number or "", s.amount_cents)
                        for s in way.shares))  # fmt: skip


def _distinct(ways: Sequence[Proposal]) -> tuple[Proposal, ...]:
    kept: dict[tuple[tuple[str, str, int], ...], Proposal] = {}
    for way in ways:
        kept.setdefault(_key(way), way)
    return tuple(kept.values())


def _divided(
    payment: PaymentClues, pools: Sequence[Pool], rankings: tuple[Ranking, ...], threshold: float
) -> Verdict:
    """Several stubs or claims: each finds its own account, and together they make the check."""
    bests = [ranking.candidates[0] for ranking in rankings]
    weakest = min(bests, key=lambda candidate: candidate.probability)
    labels = tuple(stratum(best) for best in bests)
    chance = math.prod(best.probability for best in bests)
    label = stratum(weakest) if len(set(labels)) > 1 else labels[0]
    amount = payment.amount_cents
    if amount is None:
        return _verdict("review", label, chance, weakest, rankings, (), "amount unread", labels)
    way = assembled(payment, pools, bests, amount)
    outcome: Outcome = "review"
    why = NOT_SURE
    if not all(_enough(best) for best in bests):
        why = f"evidence: {label}"
    elif payment.ambiguous:
        why = "several checks in the envelope"
    elif payment.unread:
        why = UNREAD
    elif payment.gainsaid:
        why = GAINSAID
    elif not way.clear:
        why = "the parts do not add up to the check"
    elif chance >= threshold:
        outcome, why = "auto", ""
    ways = (way, allocate.nowhere(amount))
    return _verdict(outcome, label, chance, weakest, rankings, ways, why, labels)


def _verdict(
    outcome: Outcome, label: str, chance: float, best: Candidate, rankings: tuple[Ranking, ...],
    ways: tuple[Proposal, ...], why: str, labels: tuple[str, ...] = (),
) -> Verdict:  # fmt: skip
    reasons: tuple[Reason, ...] = best.reasons
    return Verdict(outcome, label, chance, best.score, reasons, rankings, ways, why, labels)
