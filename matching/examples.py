"""What a fit learns from: one decided payment with its candidates and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching import judging, score
from matching.decide import NOT_SURE, share_of
from matching.model import Model
from matching.types import AccountFacts, Candidate, Ranking, Reason, Verdict


@dataclass(frozen=True, slots=True)
class Example:
    """A payment in one part. ``ranking`` has weights without any model's shifts.

    ``alike`` are the accounts that lead to the best one's split; ``right`` those truly paid, empty
    when it was nobody's. ``eligible``: nothing but its probability kept it from going alone.
    ``split_right``: the split that was proposed is the true one.
    """

    ranking: Ranking
    alike: frozenset[str]
    right: frozenset[str]
    stratum: str
    eligible: bool
    split_right: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model makes of an example: its probability, and whether it may go and is right."""

    stratum: str
    probability: float
    eligible: bool
    right: bool
    first: bool


def of_verdict(
    verdict: Verdict, right: frozenset[str], model: Model, *, split_right: bool
) -> Example | None:
    """The example of a verdict whose truth is known; None where there is nothing to learn."""
    if len(verdict.rankings) != 1 or not verdict.rankings[0].candidates:
        return None
    candidates = tuple(
        Candidate(_bare(c.account), c.score, c.probability, _unshifted(c.reasons, model))
        for c in verdict.rankings[0].candidates
    )
    eligible = verdict.outcome == "auto" or verdict.why == NOT_SURE
    return Example(Ranking(candidates, verdict.rankings[0].nobody), verdict.alike, right,
                   verdict.stratum, eligible, split_right)  # fmt: skip


def of_stored(
    kept: Mapping[str, Any], right: frozenset[str], model: Model, *, split_right: bool
) -> Example | None:
    """The example of a verdict as ``matching.stored`` keeps it; ``model`` made it."""
    parts = kept.get("parts") or []
    if len(parts) != 1 or not parts[0]["candidates"] or "alike" not in kept:
        return None
    candidates = tuple(
        Candidate(
            AccountFacts(c["account_number"], "", "", "", "", "", household=c["household"]),
            float(c["score"]), float(c["probability"]),
            _unshifted([Reason(r["signal"], r["level"], float(r["weight"]))
                        for r in c["reasons"]], model),
        )
        for c in parts[0]["candidates"]
    )  # fmt: skip
    return Example(
        Ranking(candidates, float(parts[0]["nobody"])), frozenset(kept["alike"]), right,
        str(kept["stratum"]), bool(kept["eligible"]), split_right,
    )  # fmt: skip


def _bare(account: AccountFacts) -> AccountFacts:
    return AccountFacts(account.number, "", "", "", "", "", household=account.household)


def _unshifted(
    reasons: tuple[Reason, ...] | list[Reason], model: Model
) -> tuple[Reason, ...]:  # fmt: skip
    if not model.shifts:
        return tuple(reasons)
    return tuple(
        Reason(r.signal, r.level,
               r.weight - model.shifts.get(f"{r.signal}:{r.level}", 0.0), r.detail)
        for r in reasons
    )  # fmt: skip


def reranked(example: Example, model: Model) -> Ranking:
    """The candidates in this model's order."""
    if not model.shifts:
        return example.ranking
    scored = []
    for candidate in example.ranking.candidates:
        reasons = tuple([model.shifted(reason) for reason in candidate.reasons])
        scored.append((score.total(reasons), candidate.account, reasons))
    return score.ranked(scored)


def features(example: Example, ranking: Ranking) -> tuple[float, dict[str, float]]:
    """The split's share of the softmax, and what the judge is told."""
    sure = share_of(ranking, example.alike)
    return sure, judging.features(sure, ranking)


def judge(example: Example, model: Model) -> Judged:
    """What ``model`` would have made of it: another winner than the one shown may not go alone."""
    ranking = reranked(example, model)
    best = ranking.candidates[0].account.number
    same = best in example.alike
    sure, told = features(example, ranking)
    terms = judging.judged(model.judge, told)
    chance = judging.probability(terms) if terms else sure
    return Judged(example.stratum, chance, example.eligible and same,
                  example.split_right and same, best in example.right)  # fmt: skip
