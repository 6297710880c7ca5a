"""Tables of matching's models, of what people's answers prove, and of targets people accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, Identified


class MatchModel(Identified, Base):
    """A model fitted to confirmed decisions; at most one is on, none: the shipped one.

    ``data`` is ``matching.model.Model`` as JSON; ``figures`` what the fit reported, old against
    new, before anybody switched it on. ``active`` is 1 for the one that is on, else None.
    """

    __tablename__ = "match_models"
    __table_args__ = (CheckConstraint("active = 1", name="active"),)

    version: Mapped[str] = mapped_column(String(20), unique=True)
    data: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(String(80))
    switched_on_at: Mapped[datetime | None]
    switched_on_by: Mapped[str | None] = mapped_column(String(80))
    active: Mapped[int | None] = mapped_column(unique=True)


class MatchProof(Identified, Base):
    """How many sampled matches of one office and kind a person answered, and how many were wrong.

    Counted apart by the probability the model gave: ``least`` is the highest of
    ``matching.fitting.CUTS`` that it reached, in millionths. Only answers since ``MatchStratum``
    was last alarmed, and to the model of ``version``, are counted.
    """

    __tablename__ = "match_proof"
    __table_args__ = (
        UniqueConstraint("office_id", "stratum", "version", "least"),
        CheckConstraint("seen >= wrong AND wrong >= 0", name="counts"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    stratum: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    least: Mapped[int]
    seen: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)


class MatchStratum(Identified, Base):
    """What people said of one kind of evidence in one office, and whether it is alarmed.

    ``target`` is the share of wrong ones a named person accepted; None: the group's setting.
    ``alarmed_at`` is set while samples prove that more than the target are wrong; answers to
    samples count from ``since`` on, the last time that it was.
    """

    __tablename__ = "match_strata"
    __table_args__ = (
        UniqueConstraint("office_id", "stratum"),
        CheckConstraint("target IS NULL OR (target > 0 AND target < 1)", name="target"),
        CheckConstraint("(target IS NULL) = (accepted_by IS NULL)", name="accepted"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    stratum: Mapped[str] = mapped_column(String(40))
    target: Mapped[float | None]
    accepted_by: Mapped[str | None] = mapped_column(String(80))
    accepted_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]
    since: Mapped[datetime | None]
    alarm: Mapped[dict[str, Any] | None]


class EvidenceWatch(Identified, Base):
    """How often the numbers, names, addresses or amounts read in one office fit an account.

    ``newest`` has a character for each of the newest payments that had such a reading, oldest
    first: 0 it fits, 1 it does not. ``earlier`` are the counts of those before them, by block,
    ``[read, astray]``, oldest first. ``alarmed_at`` is set while the newest are out of line with
    the earlier; ``alarm`` has the counts that raised it.
    """

    __tablename__ = "match_evidence"
    __table_args__ = (
        UniqueConstraint("office_id", "evidence"),
        CheckConstraint("(alarmed_at IS NULL) = (alarm IS NULL)", name="alarm"),
        CheckConstraint("(looked_at IS NULL) = (looked_by IS NULL)", name="looked"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    evidence: Mapped[str] = mapped_column(String(20))
    newest: Mapped[str] = mapped_column(String(400), default="")
    earlier: Mapped[list[Any]] = mapped_column(default=list)
    alarmed_at: Mapped[datetime | None]
    alarm: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    looked_at: Mapped[datetime | None]
    looked_by: Mapped[str | None] = mapped_column(String(80))
