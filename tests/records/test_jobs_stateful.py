"""Jobs under any order of claims, saves, failures, sweeps and retries: each result once."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, jobs, journal
from records.db import Database
from records.jobs import Claimed, Limits, Stage
from records.journal import credit, debit
from records.models import Base, Job
from records.triggers import create_all

LIMITS = Limits(lease_seconds=60, heartbeat_seconds=30, backoff_base_seconds=1)
ATTEMPTS = 3


def _save(session: Session, subject_id: str, output: str) -> None:
    journal.post(
        session,
        "done",
        [debit(f"done:{output}", 1), credit("source", 1)],
        subject_kind="thing",
        subject_id=subject_id,
    )


def _break(value: str) -> str:
    raise ValueError(value)


GOOD = {"a": Stage("a", lambda _session, subject: subject, lambda value: value, _save)}
BAD = {"a": Stage("a", lambda _session, subject: subject, _break, _save)}


class JobsMachine(RuleBasedStateMachine):
    """The model: for each job its state, its attempts and the token of whoever holds it."""

    claims: Bundle[Claimed] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.db = Database(f"sqlite:///{Path(self.folder.name) / 'jobs.sqlite'}")
        with self.db.engine.begin() as connection:
            Base.metadata.create_all(connection)
            create_all(connection)
        self.now = clock.now()
        self.states: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.tokens: dict[str, int] = {}
        self.done: set[str] = set()

    @rule(subject=st.sampled_from("stuv"))
    def enqueue(self, subject: str) -> None:
        with clock.frozen(self.now), self.db.write() as session:
            jobs.enqueue(session, "a", "thing", subject, max_attempts=ATTEMPTS)
        self.states.setdefault(subject, "queued")
        self.attempts.setdefault(subject, 0)
        self.tokens.setdefault(subject, 0)

    @rule(target=claims, worker=st.sampled_from(["h1:1:1", "h2:1:1"]))
    def claim(self, worker: str) -> Claimed | None:
        with clock.frozen(self.now):
            claimed = jobs.claim(self.db, worker, limits=LIMITS)
        if claimed is not None:
            subject = claimed.subject_id
            assert self.states[subject] == "queued"
            self.states[subject] = "running"
            self.attempts[subject] += 1
            assert claimed.token > self.tokens[subject]
            self.tokens[subject] = claimed.token
        return claimed

    @rule(claimed=consumes(claims))
    def finish(self, claimed: Claimed | None) -> None:
        self._end(claimed, GOOD, "done")

    @rule(claimed=consumes(claims))
    def fail(self, claimed: Claimed | None) -> None:
        self._end(claimed, BAD, "failed")

    @rule(claimed=claims)
    def finish_and_try_again_later(self, claimed: Claimed | None) -> None:
        """A worker that was cut off after its save, and repeats it."""
        self._end(claimed, GOOD, "done")

    @rule(seconds=st.sampled_from([1, 5, 61]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        with clock.frozen(self.now):
            freed = jobs.sweep(self.db, limits=LIMITS)
        with self.db.read() as session:
            subjects = session.scalars(select(Job.subject_id).where(Job.id.in_(freed))).all()
        for subject in subjects:
            assert self.states[subject] == "running"
            self._given_up(subject)

    @rule(subject=st.sampled_from("stuv"))
    def retry(self, subject: str) -> None:
        if self.states.get(subject) != "dead":
            return
        with clock.frozen(self.now), self.db.write() as session:
            job = session.scalars(select(Job).where(Job.subject_id == subject)).one()
            jobs.retry(session, job.id, "user:x")
        self.states[subject], self.attempts[subject] = "queued", 0

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        with self.db.read() as session:
            rows = session.scalars(select(Job)).all()
            assert {row.subject_id: row.state for row in rows} == self.states
            assert {row.subject_id: row.attempts for row in rows} == self.attempts
            balances = journal.balances(session, prefix="done:")
        assert balances == {f"done:{subject}": 1 for subject in self.done}

    def teardown(self) -> None:
        with self.db.read() as session:
            assert audit.verify(session).ok
        self.db.close()
        self.folder.cleanup()

    def _end(self, claimed: Claimed | None, stages: jobs.Stages, wanted: str) -> None:
        if claimed is None:
            return
        subject = claimed.subject_id
        holds = self.states[subject] == "running" and self.tokens[subject] == claimed.token
        with clock.frozen(self.now):
            ran = jobs.run_claimed(self.db, claimed, stages, LIMITS)
        if not holds:
            assert ran.outcome == "lost"
        elif wanted == "done":
            assert ran.outcome == "done"
            self.states[subject] = "done"
            self.done.add(subject)
        else:
            self._given_up(subject)
            assert ran.outcome == ("dead" if self.states[subject] == "dead" else "failed")

    def _given_up(self, subject: str) -> None:
        self.states[subject] = "dead" if self.attempts[subject] >= ATTEMPTS else "queued"


TestJobs = JobsMachine.TestCase
TestJobs.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestJobs = pytest.mark.timeout(120)(TestJobs)
