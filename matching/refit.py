"""A new model from what people confirmed, held against the old one before it is switched on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from matching import fitting, models, strata
from matching.examples import Example, Judged, of_stored
from records.errors import Conflict
from records.models import Account, Allocation, Decision, MatchModel, Payment

HELD_OUT = 0.3
"""The newest share of the confirmations: what a fit never sees, and the new model is proved on."""
LEAST_HELD_OUT = 60
SURE = (0.99, 0.999, 0.9999)
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model that was fitted and kept, and its figures beside the old one's."""

    version: str
    figures: dict[str, Any]


def refit(session: Session, actor: str) -> Fitted:
    """Fit to the confirmed decisions, prove on the newest, keep; nothing is switched on.

    Conflict ``too_little_to_learn``.
    """
    found = confirmed(session)
    split = round(len(found) * (1.0 - HELD_OUT))
    learnt, newest = found[:split], found[split:]
    if len(newest) < LEAST_HELD_OUT:
        raise Conflict(
            "too_little_to_learn",
            f"{len(found)} confirmed payments are too few to learn from.",
            f"Confirm more matches: {round(LEAST_HELD_OUT / HELD_OUT)} are the least.",
        )
    old = models.active(session)
    fitted = fitting.fit(learnt, old, models.next_version(session))
    after = fitting.judged_by(newest, fitted)
    model = replace(fitted, proof=fitting.proof(after))
    figures = {
        "confirmations": len(found), "learnt_from": len(learnt), "held_out": len(newest),
        "old": {"version": old.version, **told(fitting.judged_by(newest, old))},
        "new": {"version": model.version, **told(after)},
    }  # fmt: skip
    models.keep(session, model, figures, actor)
    return Fitted(model.version, figures)


def confirmed(session: Session) -> list[Example]:
    """The decisions that people made and that stand, oldest first; the newest 50,000."""
    undone = aliased(Decision)
    undoing = select(undone.id).where(
        undone.supersedes_id == Decision.id, undone.outcome == "undone"
    )
    rows = session.scalars(
        select(Decision)
        .where(Decision.outcome.in_(("confirmed", "no_match")), Decision.actor.like("user:%"),
               ~undoing.exists())
        .order_by(Decision.created_at.desc(), Decision.id.desc())
        .limit(_MOST)
    ).all()  # fmt: skip
    made = [_example(session, row) for row in reversed(rows)]
    return [each for each in made if each is not None]


def _example(session: Session, row: Decision) -> Example | None:
    kept = row.candidates
    if not isinstance(kept, dict) or "model" not in kept:
        return None
    model = models.by_version(session, str(kept["model"]))
    if model is None:
        return None
    right = frozenset(session.scalars(
        select(Account.number)
        .join(Allocation, Allocation.account_id == Account.id)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.decision_id == row.id)
    ))  # fmt: skip
    said = {account for account, _, _ in strata.proposed(kept)}
    return of_stored(kept, right, model, split_right=said - {None} == right)


def told(judged: Sequence[Judged]) -> dict[str, Any]:
    """How a model does on these: right first, log loss of its probabilities, and how much of what
    may go alone reaches each probability, of that how much is wrong, by kind of evidence.
    """
    loss = -sum(
        math.log(min(max(j.probability if j.right else 1.0 - j.probability, 1e-6), 1.0))
        for j in judged
    )
    kinds = sorted({j.stratum for j in judged if j.eligible})
    return {
        "right_first": round(sum(j.first for j in judged) / max(len(judged), 1), 4),
        "log_loss": round(loss / max(len(judged), 1), 5),
        "by_stratum": {
            kind: {
                f"{least:g}": _above([j for j in judged if j.stratum == kind and j.eligible], least)
                for least in SURE
            }
            for kind in kinds
        },
    }


def _above(judged: Sequence[Judged], least: float) -> dict[str, int]:
    above = [j for j in judged if j.probability >= least]
    return {"of": len(judged), "sure": len(above), "wrong": sum(not j.right for j in above)}


def kept(session: Session) -> list[dict[str, Any]]:
    """The fitted models, newest first, with their figures."""
    rows = session.scalars(select(MatchModel).order_by(MatchModel.created_at.desc()))
    return [
        {
            "version": row.version, "made_by": row.made_by,
            "made_at": row.created_at.isoformat(), "on": row.active == 1,
            "switched_on_by": row.switched_on_by, "figures": row.figures,
        }
        for row in rows
    ]  # fmt: skip
