"""A score told step by step: from the odds before anything was read to the probability at the end.

Reasons are taken as they were stored with a decision. Weights are natural logarithms of odds, so
each is a step, and the steps must reach the score that was kept; where they do not, it is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NEAR = 0.002
"""Steps that end this near to the score add up: each was rounded when it was stored."""
_MOST = 700.0


@dataclass(frozen=True, slots=True)
class Step:
    """One reason; ``before`` and ``after`` are the log odds without it and with it."""

    signal: str
    level: str
    detail: str
    weight: float
    before: float
    after: float

    def to_json(self) -> dict[str, Any]:
        """The step as the API prints it; ``odds`` are those after it, for against one."""
        return {
            "signal": self.signal,
            "level": self.level,
            "detail": self.detail,
            "weight": self.weight,
            "total": round(self.after, 6),
            "times": times(self.weight),
            "odds": odds(self.after),
        }


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All steps of one list of reasons.

    ``score`` is the log odds that were kept with the list (None where none were), ``probability``
    what came of it in the end: for a candidate, against its rivals and nobody.
    """

    steps: tuple[Step, ...]
    score: float | None
    probability: float | None

    @property
    def total(self) -> float:
        """The log odds that the steps reach."""
        return self.steps[-1].after if self.steps else 0.0

    @property
    def alone(self) -> float:
        """The probability that the steps reach, with no rival in sight."""
        return chance(self.total)

    @property
    def adds_up(self) -> bool:
        """Whether the steps reach the score."""
        return self.score is None or abs(self.total - self.score) <= _NEAR

    def to_json(self) -> dict[str, Any]:
        """The waterfall as the API prints it."""
        return {
            "steps": [step.to_json() for step in self.steps],
            "total": round(self.total, 6),
            "score": self.score,
            "adds_up": self.adds_up,
            "alone": round(self.alone, 6),
            "probability": self.probability,
        }


def waterfall(
    reasons: Iterable[Mapping[str, Any]], score: float | None, probability: float | None
) -> Waterfall:
    """The steps of stored reasons (``{signal, level, weight, detail}``), in the order stored."""
    steps: list[Step] = []
    total = 0.0
    for reason in reasons:
        weight = float(reason["weight"])
        after = total + weight
        steps.append(
            Step(
                str(reason["signal"]),
                str(reason["level"]),
                str(reason.get("detail") or ""),
                weight,
                total,
                after,
            )
        )
        total = after
    return Waterfall(tuple(steps), score, probability)


def chance(log_odds: float) -> float:
    """The probability of these log odds."""
    return 1.0 / (1.0 + math.exp(-max(min(log_odds, _MOST), -_MOST)))


def log_odds(probability: float) -> float:
    """The log odds of a probability; those of certainty are taken as very high, not endless."""
    held = min(max(probability, 1e-12), 1.0 - 1e-12)
    return math.log(held) - math.log1p(-held)


def odds(log_odds: float) -> str:
    """Log odds in words: ``55 to 1 for``, ``1 to 3,300 against``, ``even``."""
    ratio = math.exp(min(abs(log_odds), _MOST))
    if ratio < 1.05:
        return "even"
    return f"{_round(ratio)} to 1 for" if log_odds > 0 else f"1 to {_round(ratio)} against"


def times(weight: float) -> str:
    """What a weight does to the odds, in words: ``1,100 times likelier``."""
    ratio = math.exp(min(abs(weight), _MOST))
    if ratio < 1.05:
        return "no difference" if ratio < 1.005 else "hardly any difference"
    return f"{_round(ratio)} times {'likelier' if weight > 0 else 'less likely'}"


def percent(probability: float) -> str:
    """A probability for people: ``96.3 %``; what is nearly sure or nearly out is told as such."""
    if 0.0 < probability < 0.0005:
        return "under 0.1 %"
    if 0.9995 < probability < 1.0:
        return "over 99.9 %"
    return f"{100 * probability:.1f} %"


def codes(reasons: Sequence[Mapping[str, Any]]) -> list[str]:
    """Reasons for the audit chain: signal, level and weight, without a name or a number read."""
    return [f"{each['signal']}:{each['level']} {float(each['weight']):+.3f}" for each in reasons]


def sign(weight: float) -> str:
    """The same as a sign and a number: times 1,100, or divided by 12."""
    mark = "\N{MULTIPLICATION SIGN}" if weight >= 0 else "\N{DIVISION SIGN}"
    return f"{mark} {ratio(weight)}"


def ratio(weight: float) -> str:
    """How many times a weight makes one thing likelier than another, whichever: ``1,100``."""
    return _round(math.exp(min(abs(weight), _MOST)))


def _round(ratio: float) -> str:
    """Two digits that count: ``1.2``, ``55``, ``1,100``, ``3.2 million``."""
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if ratio >= 0.995 * size:
            if ratio >= 1e15:
                return "over 1,000 trillion"
            return f"{_digits(ratio / size)}{word}"
    return _digits(ratio)


def _digits(number: float) -> str:
    if number < 9.95:
        return f"{number:.1f}".removesuffix(".0")
    places = 10 ** max(len(str(int(number + 0.5))) - 2, 0)
    return f"{round(number / places) * places:,}"
