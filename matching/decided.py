"""A payment's decisions as they are told: who decided what and when, with reasons step by step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import explaining, stored, strata
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
            _decision(row, offices, newest=not place)
            for place, row in enumerate(decisions(session, payment.id))
        ],
    }


def outcome(row: Decision, *, newest: bool) -> str:
    """What came of a decision; of a sample nobody is told before it has been answered."""
    return "review" if newest and row.outcome == SAMPLED else row.outcome


def decisions(session: Session, payment_id: str) -> Sequence[Decision]:
    """Every decision on a payment, newest first."""
    query = select(Decision).where(Decision.payment_id == payment_id)
    return session.scalars(query.order_by(Decision.created_at.desc(), Decision.id.desc())).all()


def _decision(row: Decision, offices: Collection[str] | None, *, newest: bool) -> dict[str, Any]:
    kept: Mapping[str, Any] = row.candidates if isinstance(row.candidates, dict) else {}
    seen = stored.in_sight(kept, offices) if kept else kept
    return {
        "outcome": outcome(row, newest=newest),
        "actor": row.actor,
        "decided_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "model_version": row.model_version,
        "stratum": str(seen.get("stratum") or strata.stratum_of(row.model_version)),
        "why": str(seen.get("why") or ""),
        "probability": row.probability,
        "reasons": explaining.waterfall(row.reasons, row.score, None).to_json(),
        "judged": judged(seen) if row.model_version else None,
        "parts": [_part(part) for part in seen.get("parts") or ()],
        "proposals": list(seen.get("proposals") or ()),
    }


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
