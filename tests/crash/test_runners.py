"""The two runners over the same rows: worker processes, and Celery with its relay."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from records import crypto, jobs, journal
from records.db import Database
from records.errors import UnavailableError
from records.installation import Installation, open_installation
from records.settings import Settings
from tests.conftest import quick_settings
from tests.crash import toy
from tests.crash.torture import descendants, service_command
from tests.servers import RedisServer
from web import doorbell, worker

pytestmark = pytest.mark.crash


@contextmanager
def _opened(settings: Settings) -> Iterator[Installation]:
    crypto.load_keyring(settings.master_key_file, fresh=True)
    opened = open_installation(settings)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def _serving(settings: Settings) -> Iterator[None]:
    """``lockbox worker`` in a process of its own, as it is deployed."""
    process = subprocess.Popen(
        service_command("celery", toy.REFERENCE), env=worker.child_environment(settings)
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(40)


@pytest.fixture
def _doorbell_off() -> Iterator[None]:
    yield
    doorbell._installed.clear()


def _wait(true: Callable[[], bool], limit_seconds: float = 90.0) -> float:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < limit_seconds, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - started


def _done(db: Database, number: int) -> Callable[[], bool]:
    def is_done() -> bool:
        with db.read() as session:
            return jobs.counts(session).done == number

    return is_done


def _outstanding(server: RedisServer) -> int:
    with redis.Redis(port=server.port, decode_responses=True) as connection:
        return int(connection.execute_command("LLEN", doorbell.QUEUE))


def test_worker_processes_run_all_jobs_once_and_worn_out_ones_are_replaced(
    installation: Installation,
) -> None:
    settings = installation.settings.model_copy(update={"jobs_per_process": 3})
    total = toy.enqueue_bags(installation.db, 1)
    told: list[jobs.Counts] = []
    counts = worker.run_until_idle(
        settings, installation.db, processes=2, on_progress=told.append, stages=toy.REFERENCE
    )
    assert counts == told[-1] == jobs.Counts(done=total)
    with installation.db.read() as session:
        assert journal.balances(session) == toy.expected_balances(1)


def test_jobs_can_run_in_this_process(installation: Installation) -> None:
    total = toy.enqueue_bags(installation.db, 1)
    counts = worker.run_until_idle(
        installation.settings, installation.db, processes=0, stages=toy.REFERENCE
    )
    assert counts == jobs.Counts(done=total)


def test_workers_that_cannot_start_end_the_wait_with_an_error(
    tmp_path: Path, sqlite_url: str
) -> None:
    with _opened(quick_settings(tmp_path, sqlite_url)) as installation:
        toy.enqueue_bags(installation.db, 1)
        with pytest.raises(UnavailableError, match="workers_failing"):
            worker.run_until_idle(
                installation.settings, installation.db, processes=1, stages="no.such:STAGES"
            )


def test_workers_end_with_the_service_that_is_killed(tmp_path: Path, sqlite_url: str) -> None:
    settings = quick_settings(tmp_path, sqlite_url)
    with _opened(settings):
        service = subprocess.Popen(
            service_command("poll", toy.REFERENCE), env=worker.child_environment(settings)
        )
        _wait(lambda: len(descendants(service.pid)) == 2)
        time.sleep(1.0)
        children = descendants(service.pid)
        service.kill()
        service.wait()
        _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_celery_ends_with_its_killed_relay_even_while_redis_is_away(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    settings = quick_settings(tmp_path, postgres_url, redis_server.url)
    with _opened(settings) as installation:
        service = subprocess.Popen(
            service_command("celery", toy.REFERENCE), env=worker.child_environment(settings)
        )
        total = toy.enqueue_bags(installation.db, 1)
        _wait(_done(installation.db, total))  # Celery and its pool are there
        redis_server.kill()
        time.sleep(1.0)
        below = descendants(service.pid)
        assert len(below) >= 3
        service.kill()
        service.wait()
        _wait(lambda: not any(_lives(pid) for pid in below), 30.0)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def test_a_worker_told_to_stop_ends_its_job_first(tmp_path: Path, sqlite_url: str) -> None:
    settings = quick_settings(tmp_path, sqlite_url)
    with pytest.MonkeyPatch.context() as patch, _opened(settings) as installation:
        patch.setenv("TOY_WORK_SECONDS", "1.0")
        with installation.db.write() as session:
            jobs.enqueue(session, "toy.shelve", "part", "p")
        pool = worker.Pool(settings, 1, toy.REFERENCE)
        pool.start()
        with installation.db.read() as session:
            assert jobs.counts(session).done == 0
        _wait(lambda: _running(installation.db) == 1)
        os.kill(pool.pids()[0], signal.SIGTERM)
        pool.stop(grace_seconds=60.0)  # a loaded machine is no reason to kill it
        with installation.db.read() as session:
            assert jobs.counts(session) == jobs.Counts(done=1)


def _running(db: Database) -> int:
    with db.read() as session:
        return jobs.counts(session).running


@pytest.mark.usefixtures("_doorbell_off")
def test_a_commit_rings_once_for_each_job_and_a_rollback_never(
    tmp_path: Path, sqlite_url: str, redis_server: RedisServer
) -> None:
    settings = quick_settings(tmp_path, sqlite_url, redis_server.url)
    with _opened(settings) as installation:
        doorbell.install(settings)
        toy.enqueue_bags(installation.db, 3)
        _wait(lambda: _outstanding(redis_server) == 3)

        def fail() -> None:
            with installation.db.write() as session:
                jobs.enqueue(session, "toy.open", "bag", "never")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        toy.enqueue_bags(installation.db, 3)  # there already: nothing new to ring for
        time.sleep(0.3)
        assert _outstanding(redis_server) == 3


@pytest.mark.usefixtures("_doorbell_off")
@pytest.mark.parametrize("trouble", ["refuses", "hangs"])
def test_a_redis_that_is_away_holds_up_no_commit(
    tmp_path: Path, sqlite_url: str, trouble: str
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if trouble == "hangs":
            silent.listen()  # the connection stands, and no answer ever comes
        settings = quick_settings(
            tmp_path, sqlite_url, f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        )
        with _opened(settings) as installation:
            doorbell.install(settings)
            started = time.monotonic()
            for bags in range(1, 6):
                toy.enqueue_bags(installation.db, bags)
            assert time.monotonic() - started < 12.0  # five waits for an answer would be 25 seconds
            assert doorbell.ring(settings, ["x"]) == 0
            assert time.monotonic() - started < 40.0


@pytest.mark.usefixtures("_doorbell_off")
def test_rings_alone_carry_jobs_through_celery(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    settings = quick_settings(tmp_path, postgres_url, redis_server.url).model_copy(
        update={"relay_seconds": 3600.0}  # the relay never rings again in this test
    )
    with _opened(settings) as installation:
        doorbell.install(settings)
        total = toy.enqueue_bags(installation.db, 2)
        with _serving(settings):
            _wait(_done(installation.db, total))
        with installation.db.read() as session:
            assert journal.balances(session) == toy.expected_balances(2)


def test_everything_ends_while_redis_is_away_and_after_it_came_back_empty(
    tmp_path: Path, postgres_url: str, redis_server: RedisServer
) -> None:
    settings = quick_settings(tmp_path, postgres_url, redis_server.url)
    redis_server.kill()
    with _opened(settings) as installation:
        db = installation.db
        total = toy.enqueue_bags(db, 1)
        with _serving(settings):
            _wait(_done(db, total))
            redis_server.start()
            toy.enqueue_bags(db, 3)
            redis_server.flush()
            _wait(_done(db, 3 * total))
        with db.read() as session:
            assert journal.balances(session) == toy.expected_balances(3)
