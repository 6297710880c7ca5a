"""Durable jobs: enqueue, claim under a lease, run a stage, save once, retry, sweep.

The row is the truth. A worker holds a job by its ``token``, which rises at each claim; the one
transaction that writes a result first proves that the token is still its own. A worker that was
paused, cut off or declared dead therefore saves nothing, whatever it still believes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from records import clock, ids, processes, workflow
from records.db import JOB_ATTEMPTS, Database
from records.errors import Conflict, NotFound
from records.leases import Claimed, Heartbeat, Limits, claim, give_up, hold, record, sweep
from records.models.jobs import Job

In = TypeVar("In")
Out = TypeVar("Out")

ENQUEUED: Final = "enqueued_jobs"  # session.info: ids of jobs this transaction added
_ROWS_AT_ONCE: Final = 100  # of twelve values each; SQLite takes 32,766 in a statement
_CURRENT_KEY: Final = "current_job_key"
_LOG = structlog.get_logger("jobs")

__all__ = [
    "ENQUEUED",
    "AnyStage",
    "Claimed",
    "Counts",
    "Limits",
    "Ran",
    "Stage",
    "Stages",
    "claim",
    "counts",
    "dead",
    "enqueue",
    "follow",
    "follow_each",
    "holders",
    "ready_ids",
    "register",
    "registered",
    "retry",
    "run_claimed",
    "run_one",
    "sweep",
    "this_worker",
]


@dataclass(frozen=True, slots=True)
class Stage(Generic[In, Out]):
    """One step: ``load`` and ``save`` touch the database, ``work`` takes and gives values.

    ``load(session, subject_id)`` reads; ``work(input)`` has no session, clock or settings;
    ``save(session, subject_id, output)`` writes the result, moves states and tells what happened
    with ``follow``. A job whose input turns out bad (quarantined, unreadable) has a result that
    says so: that is not a failure.
    """

    name: str
    load: Callable[[Session, str], In]
    work: Callable[[In], Out]
    save: Callable[[Session, str, Out], None]


AnyStage = Stage[Any, Any]
Stages = Mapping[str, AnyStage]


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a claimed job: ``done``, ``failed`` (again later), ``dead`` or ``lost``."""

    job_id: str
    stage: str
    outcome: str
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs stand in each state."""

    queued: int = 0
    running: int = 0
    done: int = 0
    dead: int = 0

    @property
    def pending(self) -> int:
        """Jobs that are still to end."""
        return self.queued + self.running


class _LeaseLostError(Exception):
    """Another worker holds the job now; internal, ends a save with nothing written."""


_registered: dict[str, AnyStage] = {}


def register(stage: AnyStage) -> None:
    """Make a stage known to this process under its name; the same stage twice is harmless."""
    known = _registered.setdefault(stage.name, stage)
    if known is not stage:
        raise ValueError(f"two stages are named {stage.name}")


def registered() -> Stages:
    """The stages of this process by name."""
    return dict(_registered)


def enqueue(
    session: Session,
    stage: str,
    subject_kind: str,
    subject_id: str,
    key: str = "",
    *,
    priority: int = 100,
    max_attempts: int | None = None,
    run_after: datetime | None = None,
) -> str:
    """Add a job, or find the one there is for this stage, subject and key; its id either way.

    A job that is done is found as well and does not run again: to run a stage once more for the
    same subject, give a new ``key``. ``max_attempts`` defaults to the setting ``job_attempts``.
    """
    values = _values(session, stage, subject_kind, subject_id, key, priority)
    if max_attempts is not None:
        values["max_attempts"] = max_attempts
    if run_after is not None:
        values["run_after"] = run_after
    added = _add(session, [values])
    if added:
        return added[0]
    return session.scalars(
        select(Job.id).where(Job.stage == stage, Job.subject_id == subject_id, Job.key == key)
    ).one()


def follow(
    session: Session,
    event: str,
    subject_id: str,
    *,
    key: str | None = None,
    priority: int = 100,
    stages_after: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> list[str]:
    """Enqueue what the workflow table says comes after ``event``; ids of the jobs.

    Within a job's ``save`` the key defaults to that job's own: what runs again under a new key
    makes all that follows run again too.
    KeyError for an event the table does not name: a typing slip must not end the mail's way.
    """
    table = workflow.STAGES_AFTER if stages_after is None else stages_after
    if key is None:
        key = str(session.info.get(_CURRENT_KEY, ""))
    return [
        enqueue(session, stage, subject_kind, subject_id, key, priority=priority)
        for subject_kind, stage in table[event]
    ]


def follow_each(session: Session, event: str, subject_ids: Sequence[str]) -> None:
    """As ``follow`` for many subjects of one event, in a few statements."""
    key = str(session.info.get(_CURRENT_KEY, ""))
    for subject_kind, stage in workflow.STAGES_AFTER[event]:
        rows = [_values(session, stage, subject_kind, each, key, 100) for each in subject_ids]
        for at in range(0, len(rows), _ROWS_AT_ONCE):
            _add(session, rows[at : at + _ROWS_AT_ONCE])


def run_one(
    db: Database,
    worker: str,
    stages: Stages | None = None,
    *,
    limits: Limits | None = None,
    job_id: str | None = None,
) -> Ran | None:
    """Claim one job and carry it through; None when none is ready.

    Raises only what is wrong with the database itself; whatever a stage raises ends in the row.
    """
    stages = registered() if stages is None else stages
    limits = limits or Limits()
    claimed = claim(db, worker, stages, limits=limits, job_id=job_id)
    return None if claimed is None else run_claimed(db, claimed, stages, limits)


def run_claimed(db: Database, claimed: Claimed, stages: Stages, limits: Limits) -> Ran:
    """Load, work and save one held job; see ``run_one``."""
    stage = stages[claimed.stage]
    try:
        with Heartbeat(db, claimed, limits):
            with db.read() as session:
                value = stage.load(session, claimed.subject_id)
            output = stage.work(value)
        _save(db, claimed, stage, output, limits)
    except _LeaseLostError:
        _LOG.info("job_lost", job_id=claimed.id, stage=claimed.stage, token=claimed.token)
        return Ran(claimed.id, claimed.stage, "lost")
    except Exception as error:  # noqa: BLE001 - a stage may fail in any way; the row records it
        return _fail(db, claimed, error, limits)
    _LOG.info("job_done", job_id=claimed.id, stage=claimed.stage, attempts=claimed.attempts)
    return Ran(claimed.id, claimed.stage, "done")


def retry(session: Session, job_id: str, actor: str) -> None:
    """A person sends a dead job round again, with all its attempts.

    Raises NotFound ``job_unknown``, or Conflict ``transition_refused`` when it is not dead.
    """
    job = session.scalars(select(Job).where(Job.id == job_id).with_for_update()).one_or_none()
    if job is None:
        raise NotFound("job_unknown", "There is no such job.", "Reload the list of jobs.")
    if job.state != "dead":
        raise Conflict(
            "job_not_dead",
            f"This job is {job.state}, so there is nothing to try again.",
            "Reload the list of jobs.",
        )
    workflow.move(job, workflow.JOB, "queued")
    job.attempts, job.run_after = 0, clock.now()
    job.lease_until, job.worker = None, None
    record(session, actor, "job.retried", job.id, job.stage, job.subject_id)
    session.info.setdefault(ENQUEUED, []).append(job.id)


def counts(session: Session, stages: Iterable[str] | None = None) -> Counts:
    """How many jobs stand in each state."""
    query = select(Job.state, func.count()).group_by(Job.state)
    if stages is not None:
        query = query.where(Job.stage.in_(list(stages)))
    return Counts(**dict(session.execute(query).all()))


def ready_ids(session: Session, *, older_than_seconds: float = 0.0, limit: int = 500) -> list[str]:
    """Jobs that have been ready and untaken for so long, next one first; for the relay."""
    before = clock.now() - timedelta(seconds=older_than_seconds)
    return list(
        session.scalars(
            select(Job.id)
            .where(Job.state == "queued", Job.run_after <= before)
            .order_by(Job.priority, Job.run_after, Job.id)
            .limit(limit)
        )
    )


def holders(session: Session) -> list[str]:
    """The workers that hold a job now, by name; gone ones among them until they are swept."""
    held = select(Job.worker).where(Job.state == "running", Job.worker.is_not(None))
    return [str(worker) for worker in session.scalars(held)]


def dead(session: Session, limit: int = 200) -> Sequence[Job]:
    """Jobs that need a person, latest first, with ``error_code`` and ``error_message``."""
    query = select(Job).where(Job.state == "dead").order_by(Job.error_at.desc()).limit(limit)
    return session.scalars(query).all()


def _values(
    session: Session, stage: str, subject_kind: str, subject_id: str, key: str, priority: int
) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": ids.new_id(),
        "created_at": now,
        "stage": stage,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "key": key,
        "state": "queued",
        "priority": priority,
        "attempts": 0,
        "max_attempts": int(session.info.get(JOB_ATTEMPTS, 5)),
        "run_after": now,
        "token": 0,
    }


def _add(session: Session, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Add those that are not there yet for their stage, subject and key; the ids of the added."""
    same = ["stage", "subject_id", "key"]
    postgres = session.get_bind().dialect.name == "postgresql"
    insert: Any = postgresql.insert(Job) if postgres else sqlite.insert(Job)
    query = insert.values(rows).on_conflict_do_nothing(index_elements=same).returning(Job.id)
    added = [str(each) for each in session.scalars(query)]
    session.info.setdefault(ENQUEUED, []).extend(added)
    return added


def _save(db: Database, claimed: Claimed, stage: AnyStage, output: object, limits: Limits) -> None:
    """One transaction: proof of the token, the result, what follows, the audit event, done."""
    with db.write() as session:
        if not hold(session, claimed, limits):
            raise _LeaseLostError
        session.info[_CURRENT_KEY] = claimed.key
        stage.save(session, claimed.subject_id, output)
        session.flush()
        job = session.get_one(Job, claimed.id)
        workflow.move(job, workflow.JOB, "done")
        job.done_at, job.lease_until = clock.now(), None
        job.error_code = job.error_message = job.error_at = None
        record(
            session,
            f"stage:{claimed.stage}",
            "job.done",
            claimed.id,
            claimed.stage,
            claimed.subject_id,
            attempts=claimed.attempts,
        )


def _fail(db: Database, claimed: Claimed, error: Exception, limits: Limits) -> Ran:
    with db.write() as session:
        if not hold(session, claimed, limits):
            return Ran(claimed.id, claimed.stage, "lost")
        job = session.get_one(Job, claimed.id)
        give_up(session, job, error, limits, f"stage:{claimed.stage}")
        state, code = job.state, job.error_code
    _LOG.warning(
        "job_failed",
        job_id=claimed.id,
        stage=claimed.stage,
        attempts=claimed.attempts,
        error_code=code,
        error_type=type(error).__name__,
        state=state,
    )
    return Ran(claimed.id, claimed.stage, "dead" if state == "dead" else "failed", code)


def this_worker() -> str:
    """This process as a worker's name; see ``processes.name``."""
    return processes.name()
