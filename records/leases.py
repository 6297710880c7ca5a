"""Leases: a job is claimed by one worker, held by its heartbeat, and freed when it is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from records import audit, clock, processes, workflow
from records.db import Database
from records.errors import LockboxError, UnavailableError
from records.models.jobs import Job
from records.settings import Settings

_LONGEST_MESSAGE: Final = 400
_LOG = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a claim lasts, and how often and after what waits a job is tried."""

    lease_seconds: float = 60.0
    heartbeat_seconds: float = 15.0
    backoff_base_seconds: float = 2.0
    backoff_limit_seconds: float = 300.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits an installation has set."""
        return cls(
            settings.lease_seconds,
            settings.heartbeat_seconds,
            settings.backoff_base_seconds,
            settings.backoff_limit_seconds,
        )

    def backoff(self, attempts: int) -> timedelta:
        """The wait after so many attempts: the base, doubled each time, up to the limit."""
        seconds = self.backoff_base_seconds * 2.0 ** min(max(attempts - 1, 0), 30)
        return timedelta(seconds=min(seconds, self.backoff_limit_seconds))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job one worker holds until ``lease_until``, under ``token``."""

    id: str
    stage: str
    subject_kind: str
    subject_id: str
    key: str
    token: int
    attempts: int
    max_attempts: int
    lease_until: datetime


def claim(
    db: Database,
    worker: str,
    stages: Iterable[str] | None = None,
    *,
    limits: Limits | None = None,
    job_id: str | None = None,
) -> Claimed | None:
    """Take the next ready job (of these stages, or just ``job_id``) under a lease, or None.

    Two workers never get the same: SQLite claims inside BEGIN IMMEDIATE, PostgreSQL skips rows
    that another claim has locked.
    """
    limits = limits or Limits()
    now = clock.now()
    ready: list[ColumnElement[bool]] = [Job.state == "queued", Job.run_after <= now]
    if stages is not None:
        ready.append(Job.stage.in_(list(stages)))
    if job_id is not None:
        ready.append(Job.id == job_id)
    candidate = select(Job.id).where(*ready).order_by(Job.priority, Job.run_after, Job.id).limit(1)
    if db.is_sqlite and not _any(db, candidate):  # an idle worker does not take the write lock
        return None
    with db.write() as session:
        found = session.scalar(candidate.with_for_update(skip_locked=True))
        if found is None:
            return None
        row = session.execute(
            update(Job)
            .where(Job.id == found)
            .values(
                state="running",
                token=Job.token + 1,
                attempts=Job.attempts + 1,
                worker=worker,
                lease_until=now + timedelta(seconds=limits.lease_seconds),
            )
            .returning(
                Job.id,
                Job.stage,
                Job.subject_kind,
                Job.subject_id,
                Job.key,
                Job.token,
                Job.attempts,
                Job.max_attempts,
                Job.lease_until,
            )
            .execution_options(synchronize_session=False)
        ).one()
        return Claimed(*row)


def sweep(db: Database, *, limits: Limits | None = None, actor: str = "system") -> list[str]:
    """Free jobs whose holder is gone: lease expired, or its process on this machine dead.

    Each goes back to the queue, or is dead when its attempts are used up. Ids of the freed jobs.
    """
    limits = limits or Limits()
    with db.read() as session:
        suspects = _abandoned(session)
    if not suspects:
        return []
    freed: list[str] = []
    with db.write() as session:
        for job_id, token in suspects:
            job = session.scalars(
                select(Job)
                .where(Job.id == job_id, Job.token == token, Job.state == "running")
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if job is None or not _is_abandoned(job, clock.now()):
                continue
            error = LockboxError("worker_lost", "The worker ended before the job did.")
            give_up(session, job, error, limits, actor)
            freed.append(job.id)
    return freed


class Heartbeat:
    """A thread that extends the lease while the work goes on."""

    def __init__(self, db: Database, claimed: Claimed, limits: Limits) -> None:
        self._db, self._claimed, self._limits = db, claimed, limits
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._limits.heartbeat_seconds):
            try:
                with self._db.write() as session:
                    if not hold(session, self._claimed, self._limits):
                        return
            except (UnavailableError, SQLAlchemyError):  # a deadlock as well as an outage
                _LOG.warning("heartbeat_failed", job_id=self._claimed.id)


def hold(session: Session, claimed: Claimed, limits: Limits) -> bool:
    """Extend the lease and lock the row, if the job is still ours."""
    until = clock.now() + timedelta(seconds=limits.lease_seconds)
    held = session.execute(
        update(Job)
        .where(Job.id == claimed.id, Job.token == claimed.token, Job.state == "running")
        .values(lease_until=until)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).first()
    return held is not None


def give_up(session: Session, job: Job, error: Exception, limits: Limits, actor: str) -> None:
    """Back to the queue after a wait, or dead; only our own errors are worded for people."""
    code, message = "internal_error", f"The program failed ({type(error).__name__})."
    if isinstance(error, LockboxError):
        code, message = error.code, f"{error.message} {error.remedy}".strip()
    spent = job.attempts >= job.max_attempts
    workflow.move(job, workflow.JOB, "dead" if spent else "queued")
    job.run_after = clock.now() + limits.backoff(job.attempts)
    job.lease_until, job.worker = None, None
    job.error_code, job.error_message = code[:64], message[:_LONGEST_MESSAGE]
    job.error_at = clock.now()
    action = "job.dead" if spent else "job.failed"
    record(
        session,
        actor,
        action,
        job.id,
        job.stage,
        job.subject_id,
        attempts=job.attempts,
        error_code=code,
    )


def record(
    session: Session,
    actor: str,
    action: str,
    job_id: str,
    stage: str,
    subject_id: str,
    **detail: audit.Scalar,
) -> None:
    """The audit event of something that happened to a job."""
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_kind="job",
        subject_id=job_id,
        detail={"stage": stage, "subject_id": subject_id, **detail},
    )


def _any(db: Database, candidate: Any) -> bool:
    with db.read() as session:
        return session.scalar(candidate) is not None


def _abandoned(session: Session) -> list[tuple[str, int]]:
    own = f"{processes.host()}:%"
    rows = session.scalars(
        select(Job).where(
            Job.state == "running",
            or_(Job.lease_until < clock.now(), and_(Job.worker.is_not(None), Job.worker.like(own))),
        )
    )
    now = clock.now()
    return [(job.id, job.token) for job in rows if _is_abandoned(job, now)]


def _is_abandoned(job: Job, now: datetime) -> bool:
    expired = job.lease_until is not None and job.lease_until < now
    return expired or (job.worker is not None and processes.is_gone(job.worker))
