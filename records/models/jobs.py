"""The job table: what is to be done, by which stage, and who holds it now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records import clock
from records.models.base import Base, Identified


class Job(Identified, Base):
    """One unit of work. ``token`` rises at each claim: a holder with an older one cannot save."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("stage", "subject_id", "key"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'dead')", name="state"),
        CheckConstraint("state <> 'running' OR lease_until IS NOT NULL", name="running_has_lease"),
        Index("ix_jobs_ready", "state", "priority", "run_after"),
    )

    stage: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16), default="queued")
    priority: Mapped[int] = mapped_column(default=100)  # lower goes first
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    run_after: Mapped[datetime] = mapped_column(default=clock.now)
    lease_until: Mapped[datetime | None]
    token: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(160))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(String(400))
    error_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
