"""A payment's decisions as they are told: who decided what and when, with reasons step by step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import explaining, stored, strata
from matching.decide import NOT_SURE
from matching.sampling import SAMPLED
from records.models import Decision, Payment

_SAME = 1e-6


def told(session: Session, payment: Payment, offices: Collection[str] | None) -> dict[str, Any]:
    """The payment's decisions, newest first, as the API and the command line print them.

    ``candidates`` of offices out of sight (``offices`` are codes, None for all) are only counted,
    as ``hidden``. The caller writes the look into the audit chain.
    """
    return {
        "payment": payment.ref,
        "match_state": payment.match_state,
        "decisions": [
            _decision(row, offices, answered=payment.match_state == "decided")
            for row in decisions(session, payment.id)
        ],
    }


def outcome(row: Decision, *, answered: bool) -> str:
    """What came of a decision; of a sample nobody is told while it is to be answered."""
    return "review" if row.outcome == SAMPLED and not answered else row.outcome


def decisions(session: Session, payment_id: str) -> Sequence[Decision]:
    """Every decision on a payment, newest first."""
    query = select(Decision).where(Decision.payment_id == payment_id)
    return session.scalars(query.order_by(Decision.created_at.desc(), Decision.id.desc())).all()


def _decision(row: Decision, offices: Collection[str] | None, *, answered: bool) -> dict[str, Any]:
    kept: Mapping[str, Any] = row.candidates if isinstance(row.candidates, dict) else {}
    seen = stored.in_sight(kept, offices) if kept else kept
    reasons = row.reasons if is_in_sight(kept, seen) else []
    score = row.score if reasons else None
    return {
        "outcome": outcome(row, answered=answered),
        "actor": row.actor,
        "decided_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "model_version": row.model_version,
        "stratum": str(seen.get("stratum") or strata.stratum_of(row.model_version)),
        "why": str(seen.get("why") or _why(row)),
        "probability": row.probability if reasons else seen.get("probability"),
        "reasons": explaining.waterfall(reasons, score, None).to_json(),
        "judged": judged(seen) if is_programs(row) else None,
        "parts": [_part(part) for part in seen.get("parts") or ()],
        "proposals": list(seen.get("proposals") or ()),
    }


def is_programs(row: Decision) -> bool:
    """Whether the program decided, and no person."""
    return row.actor.startswith("system:")


def is_in_sight(kept: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    """Whether the split the reasons are of is among what a person may see of a verdict."""
    return list(kept.get("proposals") or ())[:1] == list(seen.get("proposals") or ())[:1]


def _why(row: Decision) -> str:
    """Samples are told like all else that waits, or they would be known by having no reason."""
    return NOT_SURE if row.outcome == SAMPLED else ""


def judged(verdict: Mapping[str, Any]) -> dict[str, Any] | None:
    """The second stage of a stored verdict, step by step; None where no judge was asked.

    Its reasons reach the log odds of the probability that the best split is right.
    """
    reasons = verdict.get(stored.JUDGED)
    if not reasons:
        return None
    return fall_of_judged(reasons, float(verdict["probability"])).to_json()


def fall_of_judged(
    reasons: Sequence[Mapping[str, Any]], probability: float
) -> explaining.Waterfall:
    """The judge's reasons with the log odds of the probability that was kept with them."""
    fall = explaining.waterfall(reasons, None, probability)
    if abs(fall.alone - probability) < _SAME:  # near certainty log odds mean nothing any more
        return fall
    return explaining.waterfall(reasons, explaining.log_odds(probability), probability)


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": part["label"],
        "nobody": part["nobody"],
        "hidden": part.get("hidden", 0),
        "candidates": [
            {
                **each,
                "reasons": explaining.waterfall(
                    each["reasons"], each["score"], each["probability"]
                ).to_json(),
            }
            for each in part["candidates"]
        ],
    }
