"""Models as rows: the one that is on, keeping a fitted one, and switching between them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.fingerprints import lock
from matching.model import Model, from_json, shipped
from records import audit, clock
from records.errors import Conflict, NotFound
from records.models import MatchModel


def active(session: Session) -> Model:
    """The model that is on; the shipped one where none was switched on."""
    row = _on(session)
    return shipped() if row is None else from_json(row.data)


def by_version(session: Session, version: str) -> Model | None:
    """The model of this version, None for one that is not kept any more."""
    if version == shipped().version:
        return shipped()
    row = session.scalars(select(MatchModel).where(MatchModel.version == version)).one_or_none()
    return None if row is None else from_json(row.data)


def next_version(session: Session) -> str:
    """A version that no model has yet."""
    taken = session.scalars(select(MatchModel.version)).all()
    return f"fitted-{len(taken) + 1}"


def keep(session: Session, model: Model, figures: dict[str, Any], actor: str) -> MatchModel:
    """Store a fitted model; it is not on."""
    row = MatchModel(version=model.version, data=model.to_json(), figures=figures, made_by=actor)
    session.add(row)
    session.flush()
    audit.record(session, actor=actor, action="model.fitted", subject_kind="match_model",
                 subject_id=row.id, detail={"version": model.version})  # fmt: skip
    return row


def switch_on(session: Session, version: str, actor: str) -> None:
    """Decide by this model from now on; the shipped one's version switches fitted ones off.

    NotFound ``unknown_model``; Conflict ``model_is_on``.
    """
    lock(session)  # two that switch at once wait for each other
    now = _on(session)
    if version == (shipped().version if now is None else now.version):
        raise Conflict("model_is_on", f"The model {version} is on already.", "Nothing to do.")
    row = session.scalars(select(MatchModel).where(MatchModel.version == version)).one_or_none()
    if row is None and version != shipped().version:
        raise NotFound("unknown_model", f"There is no model {version}.",
                       "See the versions with lockbox matching models.")  # fmt: skip
    if now is not None:
        now.active = None
        session.flush()
    if row is not None:
        row.active, row.switched_on_at, row.switched_on_by = 1, clock.now(), actor
    session.flush()
    audit.record(session, actor=actor, action="model.switched_on", subject_kind="match_model",
                 subject_id=version, detail={"version": version})  # fmt: skip


def _on(session: Session) -> MatchModel | None:
    return session.scalars(select(MatchModel).where(MatchModel.active == 1)).one_or_none()
