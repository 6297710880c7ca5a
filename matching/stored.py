"""Verdicts as they are kept with a decision, and read back for the specialist: plain JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from matching.claim_compare import ClaimRanking, why_not
from matching.decide import NOT_SURE
from matching.types import Candidate, Proposal, Reason, Share, Verdict
from matching.verifying import Verified

AMOUNT = "amount_verified"
JUDGED = "judged"


def reasons_json(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Reasons as ``{signal, level, weight, detail}``; they hold no names and no numbers."""
    return [
        {"signal": r.signal, "level": r.level, "weight": r.weight, "detail": r.detail}
        for r in reasons
    ]


def verdict_json(
    verdict: Verdict,
    labels: Sequence[str],
    amount: Verified | None = None,
    claims: Sequence[ClaimRanking | None] = (),
) -> dict[str, Any]:
    """What the specialist sees: each part's ranked candidates, and the proposed splits.

    ``labels`` name the parts; ``amount`` is the evidence for an amount that a balance verified.
    Sealed where it is stored: it has names and addresses. ``judged`` are the second stage's
    reasons, which reach the log odds of ``probability``; it is left out where there was none.
    ``alike`` are the accounts of the same split; ``eligible``: only its probability kept it, if
    anything did, from going alone. ``claims``: of each part, the claims that were sent which it
    may be.
    """
    return {
        **({} if amount is None else {AMOUNT: amount.to_json()}),
        "why": verdict.why,
        "stratum": verdict.stratum,
        "probability": verdict.probability,
        **({} if not verdict.judged else {JUDGED: reasons_json(verdict.judged)}),
        "alike": sorted(verdict.alike),
        "eligible": verdict.outcome == "auto" or verdict.why == NOT_SURE,
        "parts": [
            {
                "label": label,
                "nobody": ranking.nobody,
                "candidates": [candidate_json(c) for c in ranking.candidates],
                **_claims_json(claims[place] if place < len(claims) else None),
            }
            for place, (label, ranking) in enumerate(zip(labels, verdict.rankings, strict=True))
        ],
        "proposals": [proposal_json(each) for each in verdict.proposals],
    }


_SHOWN_CLAIMS = 3


def _claims_json(ranking: ClaimRanking | None) -> dict[str, Any]:
    """The likeliest claims with their reasons, and why not the second; nothing for no claims."""
    if ranking is None or not ranking.candidates:
        return {}
    return {
        "claim_outcome": ranking.outcome,
        "claims": [
            {
                "claim_number": each.claim.number,
                "account_number": each.claim.account_number,
                "patient_name": f"{each.claim.patient_first} {each.claim.patient_last}",
                "charged_cents": each.claim.charged_cents,
                "score": each.score,
                "probability": each.probability,
                "reasons": reasons_json(each.reasons),
            }
            for each in ranking.candidates[:_SHOWN_CLAIMS]
        ],
        "why_not_second": why_not(ranking),
    }


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """A candidate account with its reasons and what it owes."""
    account = candidate.account
    return {
        "account_number": account.number,
        "patient_name": f"{account.patient_first} {account.patient_last}",
        "guarantor_name": f"{account.guarantor_first} {account.guarantor_last}",
        "address": f"{account.street}, {account.city}, {account.state} {account.zip}",
        "office_code": account.office_code,
        "household": account.household,
        "score": candidate.score,
        "probability": candidate.probability,
        "reasons": reasons_json(candidate.reasons),
        "statements": [
            {
                "statement_number": s.number,
                "statement_on": s.statement_on.isoformat(),
                "open_cents": s.open_cents,
                "minimum_due_cents": s.minimum_due_cents,
            }
            for s in account.open_statements
        ],
    }


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """A way to split the payment."""
    return {
        "kind": proposal.kind,
        "clear": proposal.clear,
        "detail": proposal.detail,
        "allocations": [share_json(share) for share in proposal.shares],
    }


def share_json(share: Share) -> dict[str, Any]:
    """One part of a split, in the shape ``review.confirm`` takes."""
    return {
        "destination": share.destination,
        "account_number": share.account_number,
        "statement_number": share.statement_number,
        "amount_cents": share.amount_cents,
        "reason": share.reason,
        **({"hold": share.hold} if share.hold else {}),
    }


def reasons_for(stored: Mapping[str, Any], account_number: str | None) -> tuple[float, list[Any]]:
    """Score and reasons the stored candidates give for an account; nothing for one not listed."""
    for part in stored.get("parts") or []:
        for candidate in part["candidates"]:
            if candidate["account_number"] == account_number:
                return float(candidate["score"]), list(candidate["reasons"])
    return 0.0, []


def in_sight(verdict: Mapping[str, Any], offices: Collection[str] | None) -> Mapping[str, Any]:
    """A stored verdict as a person of these offices (codes; None: all) may see it.

    Candidates of other offices are only counted, as each part's ``hidden``, and splits that name
    an account that is no candidate in sight are left out, as a household may have one in another
    office; the probability is then that of the best account in sight.
    """
    if offices is None:
        return verdict
    parts = [_part_in_sight(part, offices) for part in verdict["parts"]]
    shown = {each["account_number"]: each for part in parts for each in part["candidates"]}
    proposals = [
        each
        for each in verdict["proposals"]
        if all(share["account_number"] in {None, *shown} for share in each["allocations"])
    ]
    if proposals == list(verdict["proposals"]) and not any(part["hidden"] for part in parts):
        return verdict
    seen = {**verdict, "parts": parts, "proposals": proposals}
    if proposals[:1] != list(verdict["proposals"][:1]):
        chances = [each["probability"] for each in shown.values()]
        seen |= {"probability": max(chances, default=0.0), JUDGED: [], "alike": []}
    return seen


def _part_in_sight(part: Mapping[str, Any], offices: Collection[str]) -> dict[str, Any]:
    shown = [each for each in part["candidates"] if each["office_code"] in offices]
    seen = {**part, "candidates": shown, "hidden": len(part["candidates"]) - len(shown)}
    numbers = {each["account_number"] for each in shown}
    if all(claim["account_number"] in numbers for claim in part.get("claims") or ()):
        return seen
    claims = [claim for claim in part["claims"] if claim["account_number"] in numbers]
    return {**seen, "claims": claims, "why_not_second": []}
