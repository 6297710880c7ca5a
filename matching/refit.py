"""A new model from what people confirmed, held against the old one before it is switched on."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matching import fitting, models, strata
from matching.examples import Example, Judged, of_stored
from matching.model import Model
from records.errors import Conflict
from records.models import Account, Allocation, Decision, MatchModel

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
    newest = (
        select(Decision)
        .where(Decision.outcome.in_(("confirmed", "no_match")), Decision.actor.like("user:%"),
               strata.stands())
        .order_by(Decision.created_at.desc(), Decision.id.desc())
        .limit(_MOST)
    )  # fmt: skip
    rows = session.scalars(newest).all()
    paid = _paid(session, newest.with_only_columns(Decision.id))
    known = {version: models.by_version(session, version) for version in _versions(rows)}
    made = [_example(row, paid.get(row.id, frozenset()), known) for row in reversed(rows)]
    return [each for each in made if each is not None]


def _paid(session: Session, decisions: Select[str]) -> dict[str, frozenset[str]]:
    """The accounts that each of these decisions (ids) allocated money to."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = session.execute(
        select(Allocation.decision_id, Account.number)
        .join(Account, Account.id == Allocation.account_id)
        .where(Allocation.decision_id.in_(decisions))
    )
    for decision, number in rows:
        found[decision].add(number)
    return {decision: frozenset(numbers) for decision, numbers in found.items()}


def _version(row: Decision) -> str:
    """The version of the model whose verdict the person saw; empty where none is kept."""
    return str(row.candidates.get("model", "")) if isinstance(row.candidates, dict) else ""


def _versions(rows: Iterable[Decision]) -> set[str]:
    return {_version(row) for row in rows} - {""}


def _example(
    row: Decision, right: frozenset[str], known: Mapping[str, Model | None]
) -> Example | None:
    kept, model = row.candidates, known.get(_version(row))
    if model is None:
        return None
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
