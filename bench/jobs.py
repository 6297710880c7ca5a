"""Jobs a second through the job table on SQLite, beside rows that are only written and changed.

Run as ``lockbox bench jobs --count 300 --json``. A job here does nothing, so what is measured is
what durability costs: claim under a lease, heartbeat, proof of the token, audit. The peer does one
INSERT and one UPDATE, each in its own transaction, on the same engine with the same settings.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.orm import Session

from records import crypto, jobs, migrate
from records.db import Database

DEFAULT_COUNT = 300
_KIND = "bench"
_PEER = Table(
    "bench_peer", MetaData(), Column("id", String, primary_key=True), Column("state", String)
)


def measure(*, seed: int = 7, count: int | None = None) -> dict[str, Any]:
    """Enqueue ``count`` jobs and run them one after another in this process."""
    wanted = DEFAULT_COUNT if count is None else count
    names = [
        f"{random.Random(f'{seed}:{number}').getrandbits(64):016x}" for number in range(wanted)
    ]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        crypto.install(crypto.Keyring.generate())
        migrate.upgrade(database)
        with database.write() as session:
            _PEER.metadata.create_all(session.connection())
        with structlog.testing.capture_logs():  # the log is not what is measured
            enqueue_seconds = _enqueue(database, names)
            run_seconds, outcomes = _run(database)
        with database.read() as session:
            left = jobs.counts(session, ["bench.nothing"])
        peer_seconds = _peer(database, names)
        database.close()
    return {
        "seed": seed,
        "jobs": wanted,
        "done": left.done,
        "not_done": left.pending + left.dead,
        "other_outcomes": sum(outcome != "done" for outcome in outcomes),
        "enqueued_per_second": _rate(wanted, enqueue_seconds),
        "jobs_per_second": _rate(wanted, run_seconds),
        "milliseconds_a_job": round(1000 * run_seconds / max(1, wanted), 2),
        "peer": {
            "name": "INSERT and UPDATE in two transactions, no lease, no audit",
            "pairs_per_second": _rate(wanted, peer_seconds),
            "time_ratio": round((enqueue_seconds + run_seconds) / max(peer_seconds, 1e-9), 2),
        },
    }


def _load(session: Session, subject_id: str) -> str:
    del session
    return subject_id


def _work(subject_id: str) -> str:
    return subject_id


def _save(session: Session, subject_id: str, output: str) -> None:
    del session, subject_id, output


_NOTHING = jobs.Stage("bench.nothing", _load, _work, _save)


def _enqueue(database: Database, names: list[str]) -> float:
    begun = time.perf_counter()
    for name in names:
        with database.write() as session:
            jobs.enqueue(session, _NOTHING.name, _KIND, name)
    return time.perf_counter() - begun


def _run(database: Database) -> tuple[float, list[str]]:
    worker, stages = jobs.this_worker(), {_NOTHING.name: _NOTHING}
    outcomes: list[str] = []
    begun = time.perf_counter()
    while (ran := jobs.run_one(database, worker, stages)) is not None:
        outcomes.append(ran.outcome)
    return time.perf_counter() - begun, outcomes


def _peer(database: Database, names: list[str]) -> float:
    begun = time.perf_counter()
    for name in names:
        with database.write() as session:
            session.execute(_PEER.insert().values(id=name, state="queued"))
        with database.write() as session:
            session.execute(_PEER.update().where(_PEER.c.id == name).values(state="done"))
    return time.perf_counter() - begun


def _rate(count: int, seconds: float) -> float:
    return round(count / max(seconds, 1e-9), 1)
