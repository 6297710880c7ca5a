"""Reasons as a page draws them: words for every signal and level, and a bar for every step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from matching import decided, explaining, stored, strata
from matching.expecting import Comparison, Line
from matching.explaining import Step, Waterfall
from matching.judging import JUDGE
from matching.types import Reason
from records.models import Decision

SIGNALS = {
    "prior": "Before anything was read",
    "number": "Number on the stub",
    "member_id": "Member id",
    "payer_name": "Who signs",
    "patient_name": "Name on the stub",
    "address": "Address",
    "amount": "Amount",
    "memo": "Memo",
    "payer_memory": "What this bank account paid before",
    "office": "Office of the bag",
    "amount_read": "How the amount was read",
    "person": "A person",
    "undone": "Taken back",
}
_COUNTED = {"0": "none", "1": "one", "2": "two or more"}
_TELLS = 0.05
_LEAST_WIDE = 0.8
"""Percent of the width that a bar has at least: one of no weight is a line."""


def of_candidate(candidate: Mapping[str, Any]) -> dict[str, Any]:
    """A stored candidate's steps, ready to be drawn."""
    return drawn(
        explaining.waterfall(candidate["reasons"], candidate["score"], candidate["probability"])
    )


def of_judge(verdict: Mapping[str, Any]) -> dict[str, Any] | None:
    """The second stage of a stored verdict, ready to be drawn; None where there was none."""
    reasons = verdict.get(stored.JUDGED)
    if not reasons:
        return None
    return drawn(decided.fall_of_judged(reasons, float(verdict["probability"])))


def of_decision(
    row: Decision, offices: Collection[str] | None, *, answered: bool
) -> dict[str, Any]:
    """Who decided what, and the reasons that were kept with it; no candidate, no name of a patient.

    ``how`` is None where nothing was weighed: a person keyed an account that was no candidate.
    """
    kept: Mapping[str, Any] = row.candidates if isinstance(row.candidates, dict) else {}
    seen = stored.in_sight(kept, offices) if kept else kept
    shown = decided.is_in_sight(kept, seen)
    fall = explaining.waterfall(row.reasons if shown else [], row.score if shown else None, None)
    by_program = decided.is_programs(row)
    weighed = any(step.weight for step in fall.steps)
    return {
        "outcome": decided.outcome(row, answered=answered),
        "actor": row.actor,
        "at": row.created_at,
        "model": strata.version_of(row.model_version),
        "why": str(kept.get("why") or "") if by_program else "",
        "how": drawn(fall) if weighed else None,
        "sure": of_judge(seen) if by_program else None,
    }


def drawn(fall: Waterfall) -> dict[str, Any]:
    """Steps with the place of their bars: ``x`` and ``width`` in percent of the whole."""
    points = [0.0, *(step.after for step in fall.steps)]
    low, high = min(points), max(points)
    span = (high - low) or 1.0
    steps = [
        {
            **_named(step),
            "tone": tone(step.weight),
            "x": round(100 * (min(step.before, step.after) - low) / span, 2),
            "width": round(max(100 * abs(step.weight) / span, _LEAST_WIDE), 2),
            "sign": explaining.sign(step.weight),
            "times": explaining.times(step.weight),
            "odds": explaining.odds(step.after),
        }
        for step in fall.steps
    ]
    return {
        "steps": steps,
        "zero": round(100 * -low / span, 2),
        "odds": explaining.odds(fall.total),
        "alone": explaining.percent(fall.alone),
        "probability": None if fall.probability is None else explaining.percent(fall.probability),
        "adds_up": fall.adds_up,
        "total": f"{fall.total:+.1f}",
        "score": None if fall.score is None else f"{fall.score:+.1f}",
    }


def compared(found: Comparison) -> dict[str, Any]:
    """A "why not" as its table shows it: both sides, and what tells them apart first."""
    lines = sorted(found.lines, key=lambda line: -abs(line.difference))
    best = found.best or found.expected
    return {
        "told": found.told,
        "label": found.label,
        "is_best": found.best is None,
        "shared": found.standing.shared,
        "best": _side(best),
        "expected": _side(found.expected),
        "lines": [_line(line) for line in lines],
        "nobody": explaining.percent(found.nobody),
    }


def what(signal: str) -> str:
    """A signal in words."""
    return SIGNALS.get(signal, signal.replace("_", " ").capitalize())


def _named(step: Step) -> dict[str, str]:
    """What was seen, and how: of the second look, each of its terms by its own name."""
    if step.signal != JUDGE:
        return {"what": what(step.signal), "detail": step.detail or _words(step.level)}
    term, _, level = step.level.partition(":")
    if term in SIGNALS:
        return {"what": what(term), "detail": _words(level)}
    return {"what": step.detail.capitalize() or what(term), "detail": _COUNTED.get(level, level)}


def _words(level: str) -> str:
    return "says nothing" if level == "absent" else level.replace("_", " ")


def tone(weight: float) -> str:
    """Whether a weight speaks ``for`` or ``against`` an account, or for nothing (``even``)."""
    if not weight:
        return "even"
    return "for" if weight > 0 else "against"


def _side(candidate: Any) -> dict[str, str]:
    account = candidate.account
    return {
        "number": account.number,
        "name": f"{account.patient_first} {account.patient_last}",
        "odds": explaining.odds(candidate.score),
        "probability": explaining.percent(candidate.probability),
    }


def _line(line: Line) -> dict[str, Any]:
    whose = "the best" if line.difference > 0 else "the one expected"
    told = f"{explaining.ratio(line.difference)} times for {whose}"
    return {
        "what": what(line.signal),
        "best": _said(line.best),
        "expected": _said(line.expected),
        "same": (line.best and line.best.level) == (line.expected and line.expected.level),
        "difference": told if abs(line.difference) >= _TELLS else "",
    }


def _said(reason: Reason | None) -> dict[str, str]:
    if reason is None:
        return {"detail": "says nothing", "times": "", "tone": "even"}
    return {
        "detail": reason.detail or _words(reason.level),
        "times": explaining.times(reason.weight),
        "tone": tone(reason.weight),
    }
