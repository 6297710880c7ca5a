"""Processes killed at random moments: nothing is lost, nothing doubled, the audit chain holds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from records import audit, crypto, jobs, journal
from records.installation import Installation, open_installation
from records.settings import Settings
from tests.conftest import quick_settings
from tests.crash import toy
from tests.crash.torture import (
    Program,
    ToyWorkload,
    all_victims,
    service_command,
    torture,
)
from tests.inputs import sample
from tests.servers import RedisServer
from web.worker import Pool

pytestmark = pytest.mark.crash


@pytest.fixture(autouse=True)
def _long_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_WORK_SECONDS", "0.1")


def _opened(settings: Settings) -> Installation:
    crypto.load_keyring(settings.master_key_file, fresh=True)
    return open_installation(settings)


@pytest.fixture
def embedded(tmp_path: Path, sqlite_url: str) -> Iterator[Installation]:
    opened = _opened(quick_settings(tmp_path, sqlite_url))
    yield opened
    opened.close()


@pytest.fixture
def networked(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> Iterator[Installation]:
    opened = _opened(quick_settings(tmp_path, postgres_url, redis_server.url))
    yield opened
    opened.close()


def test_kills_of_the_service_and_its_workers_on_sqlite(embedded: Installation) -> None:
    kills = sample(3, torture=5)
    service = Program("service", service_command("poll", toy.REFERENCE), embedded.settings)
    service.start()
    victims = all_victims(embedded, [service], None)
    try:
        report = torture(embedded, ToyWorkload(bags=3), victims, kills=kills, seed=7)
    finally:
        service.stop()
    assert report.problems == []
    assert sum(report.killed.values()) == kills
    assert report.interrupted > 0
    assert report.events >= report.counts.done == report.rounds * 27


def test_kills_of_the_service_its_workers_and_redis_on_postgresql(
    networked: Installation, redis_server: RedisServer
) -> None:
    kills = sample(2, torture=3)
    service = Program("service", service_command("celery", toy.REFERENCE), networked.settings)
    service.start()
    victims = all_victims(networked, [service], redis_server)
    try:
        report = torture(networked, ToyWorkload(bags=3), victims, kills=kills, seed=11)
    finally:
        service.stop()
    assert report.problems == []
    assert sum(report.killed.values()) == kills


def test_a_worker_paused_past_its_lease_saves_nothing_when_it_goes_on(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_WORK_SECONDS", "1.0")
    settings = quick_settings(tmp_path, database_url).model_copy(
        update={"lease_seconds": 1.5, "heartbeat_seconds": 0.3}
    )
    installation = _opened(settings)
    db, limits = installation.db, jobs.Limits.of(settings)
    with db.write() as session:
        job_id = jobs.enqueue(session, "toy.shelve", "part", "p")
    pool = Pool(settings, 1, toy.REFERENCE)
    pool.start()
    try:
        (pid,) = pool.pids()
        _wait(lambda: _counts(installation).running == 1)
        os.kill(pid, signal.SIGSTOP)
        _wait(lambda: jobs.sweep(db, limits=limits) == [job_id])
        time.sleep(0.1)
        stages = {stage.name: stage for stage in toy.ALL_STAGES}
        _wait(lambda: jobs.run_one(db, "another-host:1:1", stages, limits=limits) is not None)
        assert _counts(installation).done == 1
        os.kill(pid, signal.SIGCONT)
        time.sleep(1.5)
        assert pool.pids() == [pid]
    finally:
        pool.stop()
    with db.read() as session:
        assert journal.balances(session, prefix="shelved") == {"shelved:p": 1}
        assert audit.verify(session).ok
    installation.close()


def _counts(installation: Installation) -> jobs.Counts:
    with installation.db.read() as session:
        return jobs.counts(session)


def _wait(true: object, limit_seconds: float = 90.0) -> None:
    assert callable(true)
    until = time.monotonic() + limit_seconds
    while not true():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)
