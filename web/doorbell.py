"""The doorbell: with Redis, one generic Celery task tells a worker "job N is ready".

A ring carries an id and nothing else. It is sent after the commit that added the job, and losing
it loses nothing: the relay rings again for jobs nobody took, and while Redis is away, or Celery
does not answer, plain worker processes claim the rows instead.
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import redis
import structlog
from celery import Celery, signals
from sqlalchemy import event
from sqlalchemy.orm import Session

from records import jobs, logs, processes
from records.db import Database
from records.errors import LockboxError, UnavailableError, WrongUse
from records.installation import open_installation
from records.settings import Settings, load_settings
from web import worker

QUEUE: Final = "lockbox"
TASK: Final = "lockbox.run_job"
_CONNECT_SECONDS: Final = 1.0
_MOST_RINGS: Final = 500
_CELERY_START_SECONDS: Final = 60.0  # on a busy machine; until then it is not taken for hung
_LOG = structlog.get_logger("doorbell")


def make_app(settings: Settings, **options: float) -> Celery:
    """A Celery app for the one queue: no result backend, late acknowledgement, no prefetching.

    ``options`` are added to the transport's. WrongUse ``no_redis`` without a Redis setting.
    """
    if not settings.redis_url:
        raise WrongUse(
            "no_redis",
            "There is no Redis to ring through.",
            "Set LOCKBOX_REDIS_URL, or go without.",
        )
    app = Celery("lockbox", broker=settings.redis_url, set_as_current=False)
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,  # the relay rings again; a poison job must not loop here
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        # Celery kills a pool process that is not ready by then, over and over on a busy machine.
        worker_proc_alive_timeout=_CELERY_START_SECONDS,
        worker_max_tasks_per_child=settings.jobs_per_process,
        worker_max_memory_per_child=settings.worker_memory_bytes // 1024,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_connect_timeout": _CONNECT_SECONDS,
            "socket_timeout": 5.0,
            "socket_keepalive": True,
            **options,
        },
    )
    return app


def _ringing_app(settings: Settings) -> Celery:
    """The app that only sends: it gives up soon, since the relay rings again."""
    return make_app(settings, max_retries=1, interval_start=0.0, interval_step=0.1)


class Doorbell:
    """Sends rings from a thread of its own, so that no request waits for Redis."""

    def __init__(self, settings: Settings) -> None:
        self._app = _ringing_app(settings)
        self._ids: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._pid = 0
        self._lock = threading.Lock()

    def ring(self, job_ids: Iterable[str]) -> None:
        """Ring for these jobs soon; never blocks, never raises for a Redis that is away."""
        with self._lock:
            if self._pid != os.getpid():  # first ring of this process, or of a forked child
                self._pid = os.getpid()
                self._ids = queue.SimpleQueue()
                threading.Thread(target=self._send, name="doorbell", daemon=True).start()
        for job_id in job_ids:
            self._ids.put(job_id)

    def _send(self) -> None:
        while True:
            job_id = self._ids.get()
            try:
                self._app.send_task(TASK, args=[job_id], retry=False, ignore_result=True)
            except Exception as error:  # noqa: BLE001 - any wire trouble: the relay rings again
                _LOG.warning("ring_failed", error_type=type(error).__name__)
                while not self._ids.empty():  # the rest would fail the same, one timeout each
                    self._ids.get()


def ring(settings: Settings, job_ids: Sequence[str]) -> int:
    """Ring now for these jobs, and wait; how many rings went out before Redis failed."""
    app = _ringing_app(settings)
    sent = 0
    try:
        with app.connection_for_write() as connection:
            for job_id in job_ids:
                app.send_task(
                    TASK, args=[job_id], retry=False, ignore_result=True, connection=connection
                )
                sent += 1
    except Exception as error:  # noqa: BLE001 - any wire trouble means the same: poll instead
        _LOG.warning("ring_failed", error_type=type(error).__name__)
    return sent


_installed: list[Doorbell] = []


def install(settings: Settings) -> None:
    """From now on, each commit in this process that adds jobs rings for them."""
    if settings.redis_url:
        _installed[:] = [Doorbell(settings)]


@event.listens_for(Session, "after_commit")
def _ring_after_commit(session: Session) -> None:
    added: list[str] = session.info.get(jobs.ENQUEUED, [])
    if session.in_nested_transaction():  # a savepoint: nothing can be seen by others yet
        return
    if added and _installed:
        _installed[0].ring(tuple(added))
    added.clear()


@event.listens_for(Session, "after_rollback")
def _forget_after_rollback(session: Session) -> None:
    added: list[str] = session.info.get(jobs.ENQUEUED, [])
    added.clear()


@dataclass(slots=True)
class Relay:
    """What `lockbox worker` does beside Celery: sweep, ring again, step in when rings fail."""

    settings: Settings
    db: Database
    celery: _CeleryProcess
    fallback: worker.Pool
    stalled_since: float | None = None

    def tend(self) -> None:
        """One round; call about once a second. Raises UnavailableError from the database."""
        limits = jobs.Limits.of(self.settings)
        self.celery.keep_alive()
        self.fallback.asking.look(self.db)
        jobs.sweep(self.db, limits=limits)
        with self.db.read() as session:
            waiting = jobs.ready_ids(
                session, older_than_seconds=self.settings.relay_seconds, limit=_MOST_RINGS
            )
            holders = set(jobs.holders(session))
        outstanding = self._outstanding()
        if waiting and outstanding == 0:
            _LOG.info("rang_again", count=ring(self.settings, waiting))
        ours = {processes.name(pid) for pid in self.fallback.pids()}
        self._step_in(
            idle=not waiting and not holders,
            answered=bool(holders - ours),
            redis_away=outstanding is None,
        )

    def _outstanding(self) -> int | None:
        """Rings that lie in the queue; None while Redis does not answer."""
        try:
            with redis.Redis.from_url(
                str(self.settings.redis_url),
                socket_connect_timeout=_CONNECT_SECONDS,
                socket_timeout=_CONNECT_SECONDS,
            ) as connection:
                return int(connection.execute_command("LLEN", QUEUE))
        except redis.RedisError:
            return None

    def _step_in(self, *, idle: bool, answered: bool, redis_away: bool) -> None:
        """Claim rows ourselves while Redis is away, or when Celery takes no job for too long.

        Only a job that Celery holds (``answered``), or no work at all, ends that.
        """
        now = time.monotonic()
        if idle or answered:
            self.stalled_since = None
        elif self.stalled_since is None:
            self.stalled_since = now
        stalled = 0.0 if self.stalled_since is None else now - self.stalled_since
        deaf = stalled > 2 * self.settings.relay_seconds
        if redis_away or deaf:
            if not self.fallback.children:
                _LOG.warning("claiming_rows", reason="redis_away" if redis_away else "celery_deaf")
            self.fallback.start()
            if not redis_away and min(stalled, self.celery.age()) > _CELERY_START_SECONDS:
                self.celery.restart()
        elif self.fallback.children and (idle or answered):
            self.fallback.dismiss()
        if self.fallback.children:
            self.fallback.tend(self.db)


@dataclass(slots=True)
class _CeleryProcess:
    """Celery's own worker in a process of its own, started again when it ends."""

    settings: Settings
    concurrency: int
    stages: str
    process: subprocess.Popen[bytes] | None = field(default=None)
    start_after: float = 0.0
    started_at: float = 0.0

    def age(self) -> float:
        """Seconds since it was started; 0 while it is not there."""
        return 0.0 if self.process is None else time.monotonic() - self.started_at

    def keep_alive(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            _LOG.error("celery_ended", status=self.process.returncode)
            self.process, self.start_after = None, time.monotonic() + 1.0
        if self.process is None and time.monotonic() >= self.start_after:
            self.started_at = time.monotonic()
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self._command(),
                env=worker.child_environment(self.settings),
                stdin=subprocess.DEVNULL,
            )

    def _command(self) -> list[str]:
        options = ["--stages", self.stages, "--concurrency", str(self.concurrency)]
        return [sys.executable, "-m", "web.doorbell", *options]

    def restart(self) -> None:
        self.stop(grace_seconds=1.0)

    def stop(self, grace_seconds: float = 5.0) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def work(
    settings: Settings,
    db: Database,
    stop: threading.Event,
    *,
    concurrency: int = 2,
    stages: str = worker.ALL_STAGES,
) -> None:
    """What ``lockbox worker`` does until ``stop``: Celery with a relay, or plain workers.

    Without a Redis setting the rows are polled.
    """
    pool = worker.Pool(settings, concurrency, stages)
    celery = _CeleryProcess(settings, concurrency, stages)
    relay = Relay(settings, db, celery, pool)
    if not settings.redis_url:
        pool.start()
    try:
        while not stop.is_set():
            try:
                if settings.redis_url:
                    relay.tend()
                else:
                    pool.tend(db)
            except UnavailableError as error:
                _LOG.warning("database_away", error_code=error.code)
            stop.wait(min(1.0, settings.relay_seconds / 2))
    finally:
        celery.stop()
        pool.stop()


class _Context:
    """What a Celery pool process holds: code from before the fork, connections from after it."""

    def __init__(self, stages: str) -> None:
        self.settings: Settings | None = None
        self.db: Database | None = None
        # Loaded before the fork: each pool process is ready at once, and they share the memory.
        self.stages = worker.load_stages(stages)

    def open(self, **_: Any) -> None:
        """Called by Celery in each pool process, once."""
        worker.die_with_parent()
        self.settings = load_settings()
        logs.configure(self.settings.log_level)
        self.db = open_installation(self.settings, upgrade=False).db
        install(self.settings)

    def run_job(self, job_id: str) -> None:
        """The task: claim and run the job, if it is still ready; all else stands in its row."""
        if self.settings is None or self.db is None:
            self.open()
        if self.settings is None or self.db is None:
            return
        limits = jobs.Limits.of(self.settings)
        try:
            jobs.run_one(self.db, jobs.this_worker(), self.stages, limits=limits, job_id=job_id)
        except UnavailableError as error:
            _LOG.warning("database_away", error_code=error.code)


def _keep_our_logging(**_: Any) -> None:
    """A receiver of this signal keeps Celery from setting up logging past the allow-list."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Celery's worker for the one task; started by ``work``."""
    parser = argparse.ArgumentParser(description="Celery's worker; started by `lockbox worker`.")
    parser.add_argument("--stages", default=worker.ALL_STAGES)
    parser.add_argument("--concurrency", type=int, default=2)
    options = parser.parse_args(arguments)
    os.umask(0o077)  # what it writes holds patients' mail
    # Told to end, Celery first wants to talk to Redis: while that is away it would stay for ever.
    worker.die_with_parent(signal.SIGKILL)
    try:
        settings = load_settings()
        logs.configure(settings.log_level)
        app = make_app(settings)
    except LockboxError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    context = _Context(options.stages)
    signals.setup_logging.connect(_keep_our_logging, weak=False)
    signals.worker_process_init.connect(context.open, weak=False)
    app.task(name=TASK)(context.run_job)
    app.set_current()
    app.start(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={options.concurrency}",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--queues={QUEUE}",
        ]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
