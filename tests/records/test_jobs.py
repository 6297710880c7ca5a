"""Jobs: claimed once, saved once, retried with waits, dead in the end, freed when abandoned."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, jobs, processes
from records.db import Database
from records.errors import Conflict, NotFound, UnreadableError
from records.jobs import Limits, Stage
from records.models import AuditEvent, Job
from tests.crash import toy

pytestmark = pytest.mark.both_databases

LIMITS = Limits(lease_seconds=60, heartbeat_seconds=15, backoff_base_seconds=2)
ELSEWHERE = "another-host:1:1"


def _stage(
    name: str = "a",
    work: Callable[[str], str] = lambda value: value,
    save: Callable[[Session, str, str], None] = lambda _session, _subject, _output: None,
) -> jobs.Stages:
    return {name: Stage(name, lambda _session, subject: subject, work, save)}


def _fail(error: Exception) -> Callable[[str], str]:
    def work(value: str) -> str:
        raise error

    return work


def _enqueue(db: Database, subject: str = "1", **options: int) -> str:
    with db.write() as session:
        return jobs.enqueue(session, "a", "thing", subject, **options)


def _job(db: Database, job_id: str) -> Job:
    with db.read() as session:
        return session.get_one(Job, job_id)


def _actions(db: Database) -> list[str]:
    with db.read() as session:
        assert audit.verify(session).ok
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def test_a_job_is_enqueued_once_for_a_stage_subject_and_key(db: Database) -> None:
    first = _enqueue(db)
    assert _enqueue(db) == first
    with db.write() as session:
        assert jobs.enqueue(session, "a", "thing", "1", key="again") != first
        assert jobs.enqueue(session, "b", "thing", "1") != first
        assert jobs.counts(session).queued == 3


def test_a_job_that_is_done_is_not_enqueued_again(db: Database) -> None:
    first = _enqueue(db)
    jobs.run_one(db, ELSEWHERE, _stage())
    assert _enqueue(db) == first
    assert jobs.run_one(db, ELSEWHERE, _stage()) is None


def test_result_next_job_audit_event_and_end_are_one_transaction(db: Database) -> None:
    def save(session: Session, subject: str, output: str) -> None:
        jobs.enqueue(session, "next", "thing", output)
        raise UnreadableError("broken", "Saving failed.")

    job_id = _enqueue(db)
    ran = jobs.run_one(db, ELSEWHERE, _stage(save=save), limits=LIMITS)
    assert ran == jobs.Ran(job_id, "a", "failed", "broken")
    with db.read() as session:
        assert jobs.counts(session) == jobs.Counts(queued=1)
    assert _actions(db) == ["job.failed"]


def test_what_follows_is_named_by_the_table_and_carries_the_key_of_the_job(db: Database) -> None:
    after = {"happened": (("thing", "b"), ("other", "c"))}

    def save(session: Session, subject: str, output: str) -> None:
        jobs.follow(session, "happened", "7", stages_after=after)

    with db.write() as session:
        jobs.enqueue(session, "a", "thing", "1", key="second run")
    jobs.run_one(db, ELSEWHERE, _stage(save=save))
    with db.read() as session:
        rows = session.scalars(select(Job).where(Job.stage != "a").order_by(Job.stage)).all()
    found = [(row.stage, row.subject_kind, row.subject_id, row.key) for row in rows]
    assert found == [("b", "thing", "7", "second run"), ("c", "other", "7", "second run")]


def test_an_event_the_table_does_not_know_is_an_error(db: Database) -> None:
    with db.write() as session, pytest.raises(KeyError):
        jobs.follow(session, "no such event", "1")


def test_lower_priority_numbers_go_first_then_the_older(db: Database) -> None:
    late = _enqueue(db, "late", priority=200)
    first, second = _enqueue(db, "1"), _enqueue(db, "2")
    urgent = _enqueue(db, "urgent", priority=1)
    order = [jobs.claim(db, ELSEWHERE, limits=LIMITS) for _ in range(5)]
    assert [claimed and claimed.id for claimed in order] == [urgent, first, second, late, None]


def test_claims_keep_to_the_stages_asked_for_and_to_the_job_named(db: Database) -> None:
    job_id, other = _enqueue(db, "1"), _enqueue(db, "2")
    assert jobs.claim(db, ELSEWHERE, ["b"]) is None
    claimed = jobs.claim(db, ELSEWHERE, job_id=other)
    assert claimed is not None
    assert (claimed.id, claimed.token, claimed.attempts) == (other, 1, 1)
    assert jobs.claim(db, ELSEWHERE, job_id=other) is None
    assert _job(db, job_id).state == "queued"


def test_many_claimers_never_get_the_same_job(db: Database) -> None:
    for number in range(40):
        _enqueue(db, str(number))
    taken: list[str] = []

    def take(name: str) -> None:
        while (claimed := jobs.claim(db, name, limits=LIMITS)) is not None:
            taken.append(claimed.id)

    threads = [threading.Thread(target=take, args=(f"h:{n}:1",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 40


def test_a_failing_job_waits_longer_each_time_and_is_dead_in_the_end(db: Database) -> None:
    job_id = _enqueue(db, max_attempts=3)
    now = clock.now()
    for attempt, wait in ((1, 2), (2, 4)):
        with clock.frozen(now):
            ran = jobs.run_one(db, ELSEWHERE, _stage(work=_fail(ValueError("Jane"))), limits=LIMITS)
            assert ran is not None
            assert ran.outcome == "failed"
            assert _job(db, job_id).run_after == now + timedelta(seconds=wait)
            assert jobs.run_one(db, ELSEWHERE, _stage(), limits=LIMITS) is None
        assert _job(db, job_id).attempts == attempt
        now += timedelta(seconds=wait)
    with clock.frozen(now):
        ran = jobs.run_one(db, ELSEWHERE, _stage(work=_fail(ValueError("Jane"))), limits=LIMITS)
    assert ran is not None
    assert ran.outcome == "dead"
    assert _actions(db) == ["job.failed", "job.failed", "job.dead"]
    with db.read() as session:
        (dead,) = jobs.dead(session)
    assert (dead.id, dead.error_code) == (job_id, "internal_error")
    assert "Jane" not in (dead.error_message or "")


def test_an_error_worded_for_people_is_kept_with_its_remedy(db: Database) -> None:
    job_id = _enqueue(db)
    error = UnreadableError("no_engine", "Tesseract is missing.", "Install it.")
    jobs.run_one(db, ELSEWHERE, _stage(work=_fail(error)))
    job = _job(db, job_id)
    assert (job.error_code, job.error_message) == ("no_engine", "Tesseract is missing. Install it.")


def test_a_person_retries_a_dead_job_with_all_its_attempts(db: Database) -> None:
    job_id = _enqueue(db, max_attempts=1)
    jobs.run_one(db, ELSEWHERE, _stage(work=_fail(ValueError())))
    with db.write() as session:
        jobs.retry(session, job_id, "user:kim")
    ran = jobs.run_one(db, ELSEWHERE, _stage())
    assert ran is not None
    assert ran.outcome == "done"
    assert _job(db, job_id).error_code is None
    assert _actions(db) == ["job.dead", "job.retried", "job.done"]


def test_only_a_dead_job_can_be_retried(db: Database) -> None:
    job_id = _enqueue(db)
    with pytest.raises(Conflict, match="job_not_dead"), db.write() as session:
        jobs.retry(session, job_id, "user:kim")
    with pytest.raises(NotFound), db.write() as session:
        jobs.retry(session, "no such", "user:kim")


def test_a_worker_that_lost_its_lease_saves_nothing(db: Database) -> None:
    job_id = _enqueue(db, "x")
    saved: list[str] = []
    stages = _stage(save=lambda _session, _subject, output: saved.append(output))
    start = clock.now()
    with clock.frozen(start):
        first = jobs.claim(db, ELSEWHERE, limits=LIMITS)
    later = start + timedelta(seconds=61)
    with clock.frozen(later):
        assert jobs.sweep(db, limits=LIMITS) == [job_id]
    with clock.frozen(later + timedelta(seconds=10)):
        second = jobs.claim(db, "third-host:1:1", limits=LIMITS)
        assert first is not None
        assert second is not None
        assert second.token == first.token + 1
        assert jobs.run_claimed(db, first, stages, LIMITS).outcome == "lost"
        assert saved == []
        assert jobs.run_claimed(db, second, stages, LIMITS).outcome == "done"
        assert jobs.run_claimed(db, first, stages, LIMITS).outcome == "lost"
        assert (
            jobs.run_claimed(db, first, _stage(work=_fail(ValueError())), LIMITS).outcome == "lost"
        )
    assert saved == ["x"]
    assert _actions(db) == ["job.failed", "job.done"]


def test_a_job_swept_while_it_is_worked_on_is_not_saved(db: Database) -> None:
    job_id = _enqueue(db)

    def work(value: str) -> str:
        with clock.frozen(clock.now() + timedelta(seconds=3600)):
            assert jobs.sweep(db, limits=LIMITS) == [job_id]
        return value

    ran = jobs.run_one(db, ELSEWHERE, _stage(work=work), limits=LIMITS)
    assert ran is not None
    assert ran.outcome == "lost"
    assert _job(db, job_id).state == "queued"


def test_an_expired_lease_is_freed_and_at_the_last_attempt_the_job_is_dead(db: Database) -> None:
    job_id = _enqueue(db, max_attempts=2)
    now = clock.now()
    for state in ("queued", "dead"):
        with clock.frozen(now):
            assert jobs.claim(db, ELSEWHERE, limits=LIMITS) is not None
            assert jobs.sweep(db, limits=LIMITS) == []
        now += timedelta(seconds=120)
        with clock.frozen(now):
            assert jobs.sweep(db, limits=LIMITS) == [job_id]
            assert jobs.sweep(db, limits=LIMITS) == []
        assert _job(db, job_id).state == state
        now += timedelta(seconds=120)
    assert _job(db, job_id).error_code == "worker_lost"


def test_the_heartbeat_keeps_a_long_job_from_being_swept(db: Database) -> None:
    limits = Limits(lease_seconds=1.5, heartbeat_seconds=0.15)
    job_id = _enqueue(db)
    freed: list[str] = []

    def work(value: str) -> str:
        until = time.monotonic() + 2.4
        while time.monotonic() < until:
            freed.extend(jobs.sweep(db, limits=limits))
            time.sleep(0.05)
        return value

    ran = jobs.run_one(db, ELSEWHERE, _stage(work=work), limits=limits)
    assert ran is not None
    assert (ran.outcome, freed) == ("done", [])
    assert _job(db, job_id).attempts == 1


def test_a_job_of_a_process_that_died_here_is_freed_at_once(db: Database) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    worker = processes.name(process.pid)
    job_id = _enqueue(db)
    assert jobs.claim(db, worker, limits=LIMITS) is not None
    assert jobs.sweep(db, limits=LIMITS) == []
    process.kill()
    process.communicate()
    assert jobs.sweep(db, limits=LIMITS) == [job_id]


def test_a_process_id_used_again_is_another_process() -> None:
    host, pid, start = processes.name().split(":")
    assert not processes.is_gone(processes.name())
    assert processes.is_gone(f"{host}:{pid}:{int(start) + 1}")
    assert not processes.is_gone(f"another:{pid}:1")
    assert not processes.is_gone("nonsense")
    assert not processes.is_gone(f"{host}:{pid}:0")


def test_a_killed_process_nobody_waited_for_counts_as_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    worker = processes.name(process.pid)
    process.kill()
    until = time.monotonic() + 10
    while not processes.is_gone(worker) and time.monotonic() < until:
        time.sleep(0.01)
    assert processes.is_gone(worker)  # still a zombie here
    process.communicate()


def test_ready_jobs_are_listed_once_they_waited_long_enough(db: Database) -> None:
    job_id = _enqueue(db)
    with db.read() as session:
        assert jobs.ready_ids(session) == [job_id]
        assert jobs.ready_ids(session, older_than_seconds=60) == []
        with clock.frozen(clock.now() + timedelta(seconds=61)):
            assert jobs.ready_ids(session, older_than_seconds=60) == [job_id]


def test_two_stages_of_one_name_are_refused() -> None:
    (stage,) = _stage("only in this test").values()
    jobs.register(stage)
    jobs.register(stage)
    with pytest.raises(ValueError, match="two stages"):
        jobs.register(_stage("only in this test")["only in this test"])
    assert jobs.registered()["only in this test"] is stage


def test_the_toy_pipeline_runs_to_its_end_in_one_process(db: Database) -> None:
    total = toy.enqueue_bags(db, 2)
    stages = {stage.name: stage for stage in toy.ALL_STAGES}
    while jobs.run_one(db, jobs.this_worker(), stages) is not None:
        pass
    with db.read() as session:
        assert jobs.counts(session) == jobs.Counts(done=total)
