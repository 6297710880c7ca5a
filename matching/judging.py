"""The judge: whether the best candidate is right, told by its evidence and by its rivals.

A softmax over candidates knows only what their scores add up to. The judge is a logistic model
on named features of the winner, its lead over other households, and how many others share the
name; its terms are reasons too, and add up to the log odds it gives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from matching import compare
from matching.types import Candidate, Ranking, Reason

JUDGE = "judge"
BIAS = "bias"
_CHANCE_KNOTS = (-3.0, 1.0, 4.0, 7.0, 10.0)
_LEAD_KNOTS = (0.0, 2.0, 5.0, 9.0, 14.0)
_SCORE_KNOTS = (-2.0, 3.0, 8.0, 14.0, 20.0)
_SIGNALS = (
    compare.NUMBER, compare.PAYER, compare.PATIENT, compare.ADDRESS, compare.AMOUNT,
    compare.MEMBER, compare.MEMO, compare.MEMORY, compare.OFFICE,
)  # fmt: skip
_MOST = 16.0
# No judge has been fitted to plans yet: an instalment says what a minimum due says.
_ALIKE = {f"{compare.AMOUNT}:instalment": f"{compare.AMOUNT}:minimum"}
_WORDS = {
    BIAS: "before anything is known",
    "chance": "how likely it is among the candidates",
    "lead": "its lead over other households",
    "score": "all its evidence together",
    "namesakes": "other households of the same name",
}


def features(sure: float, ranking: Ranking) -> dict[str, float]:
    """What the judge is told: name to value. ``sure`` is the split's share of the softmax."""
    best = ranking.candidates[0]
    rivals = other_homes(ranking)
    lead = best.score - max([rival.score for rival in rivals], default=best.score - _MOST)
    odds = math.log(max(sure, 1e-9)) - math.log(max(1.0 - sure, 1e-9))
    told = {BIAS: 1.0}
    for name, value, knots in (
        ("chance", odds, _CHANCE_KNOTS), ("lead", lead, _LEAD_KNOTS),
        ("score", best.score, _SCORE_KNOTS),
    ):  # fmt: skip
        told |= {f"{name}>{low:g}": part for low, part in _bent(value, knots)}
    told[f"namesakes:{min(_namesakes(rivals), 2)}"] = 1.0
    levels = [f"{signal}:{best.level(signal)}" for signal in _SIGNALS]
    told |= {_ALIKE.get(level, level): 1.0 for level in levels}
    return told


def other_homes(ranking: Ranking) -> tuple[Candidate, ...]:
    """The candidates that are not of the best one's household, best first."""
    home = ranking.candidates[0].account.household
    return tuple(c for c in ranking.candidates[1:] if not home or c.account.household != home)


def _namesakes(rivals: tuple[Candidate, ...]) -> int:
    return sum(
        bool({rival.level(compare.PAYER), rival.level(compare.PATIENT)} & compare.NAME_AGREES)
        for rival in rivals
    )


def _bent(value: float, knots: tuple[float, ...]) -> list[tuple[float, float]]:
    """The value as a broken line: how far it reaches into each stretch, 0 to 1 of it."""
    return [
        (low, min(max(value - low, 0.0), high - low) / (high - low))
        for low, high in pairwise(knots)
    ]


def judged(weights: Mapping[str, float], told: Mapping[str, float]) -> tuple[Reason, ...]:
    """The judge's terms; the broken lines of one value are one term each. Nothing for none."""
    terms: dict[str, float] = {}
    for name, value in told.items():
        term = name.partition(">")[0]
        terms[term] = terms.get(term, 0.0) + weights.get(name, 0.0) * value
    return tuple(
        Reason(JUDGE, term, round(weight, 6), _WORDS.get(term.partition(":")[0], ""))
        for term, weight in terms.items()
        if weight
    )


def probability(reasons: tuple[Reason, ...]) -> float:
    """The probability whose log odds the reasons add up to."""
    odds = math.fsum(reason.weight for reason in reasons)
    return 1.0 / (1.0 + math.exp(-max(min(odds, 40.0), -40.0)))
