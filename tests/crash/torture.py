"""Torture: kill -9 the service, its workers or Redis at random moments while work goes on.

``torture`` takes the workload as a parameter, so that the short sample in the suite, the toy
pipeline and the real one share it. ``python -m tests.crash.torture --kills 50`` runs it for long.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from records import audit, jobs, journal
from records.installation import Installation, open_installation
from records.settings import Settings
from tests.crash import toy
from tests.servers import PostgresServer, RedisServer, free_port
from web.worker import child_environment


class Workload(Protocol):
    """What is to be done while processes die, and how to see that it was done exactly once."""

    def command(self, mode: str) -> list[str]:
        """The program that does the work: ``poll`` by itself, or ``celery`` woken by Redis."""

    def prepare(self, installation: Installation, round_number: int) -> None:
        """Put one round of work in; called again when the work ends before the kills do."""

    def problems(self, installation: Installation, rounds: int) -> list[str]:
        """Everything lost or doubled, once all is idle; empty when all is well."""


class Victim(Protocol):
    """Something that can be killed and comes back."""

    name: str

    def kill(self, chance: random.Random) -> str:
        """Kill -9 one process; what was killed, or nothing when there was none to kill."""


@dataclass
class Service:
    """A program in a process of its own; kills hit it (then it is started again) or its workers."""

    command: Sequence[str]
    settings: Settings
    name: str = "service"
    share: float = 0.3
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            self.command, env=child_environment(self.settings), stdin=subprocess.DEVNULL
        )

    def kill(self, chance: random.Random) -> str:
        """Kill one of its workers, or at times the whole of it."""
        if self.process is None or self.process.poll() is not None:
            self.start()
            return ""
        until = time.monotonic() + 10.0
        while not (below := descendants(self.process.pid)) and time.monotonic() < until:
            time.sleep(0.05)  # a service that only just starts has nothing to lose yet
        if below and chance.random() > self.share:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(below), signal.SIGKILL)
            return "worker"
        self.process.kill()
        self.process.wait()
        self.start()
        return "service"

    def stop(self) -> None:
        """End it as a person would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class RedisVictim:
    """Redis, killed with all that was in it and started again empty."""

    server: RedisServer
    name: str = "redis"
    away_seconds: float = 0.5

    def kill(self, chance: random.Random) -> str:
        """Kill it, leave it away for a while, start it empty."""
        self.server.kill()
        time.sleep(chance.random() * self.away_seconds)
        self.server.start()
        return "redis"


@dataclass
class Report:
    """What was killed, and what was wrong at the end."""

    killed: dict[str, int] = field(default_factory=dict)
    rounds: int = 1
    seconds: float = 0.0
    counts: jobs.Counts = field(default_factory=jobs.Counts)
    events: int = 0
    problems: list[str] = field(default_factory=list)


def descendants(pid: int) -> list[int]:
    """Every living process below ``pid``."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] not in {"Z", "X"}:
                parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found.extend(children)
        todo.extend(children)
    return found


def torture(
    installation: Installation,
    workload: Workload,
    victims: Sequence[Victim],
    *,
    kills: int,
    seed: int = 1,
    pause_seconds: tuple[float, float] = (0.0, 0.6),
    idle_limit_seconds: float = 120.0,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Kill ``kills`` times while the work goes on, let it end, and look at what came of it."""
    chance = random.Random(seed)
    started = time.monotonic()
    report = Report()
    workload.prepare(installation, 0)
    while sum(report.killed.values()) < kills:
        if _counts(installation).pending == 0:
            workload.prepare(installation, report.rounds)
            report.rounds += 1
        _wait_for_work(installation)
        time.sleep(chance.uniform(*pause_seconds))
        hit = chance.choice(victims).kill(chance)
        if hit:
            report.killed[hit] = report.killed.get(hit, 0) + 1
            say(f"kill {sum(report.killed.values())}: {hit}; {_counts(installation)}")
    until = time.monotonic() + idle_limit_seconds
    while _counts(installation).pending and time.monotonic() < until:
        time.sleep(0.1)
    report.counts = _counts(installation)
    report.problems = _problems(installation, report)
    report.problems += workload.problems(installation, report.rounds)
    report.seconds = time.monotonic() - started
    return report


def _wait_for_work(installation: Installation, limit_seconds: float = 20.0) -> None:
    """A kill while nothing runs shows nothing: wait until a job is held."""
    until = time.monotonic() + limit_seconds
    while time.monotonic() < until:
        counts = _counts(installation)
        if counts.running or not counts.pending:
            return
        time.sleep(0.02)


def _counts(installation: Installation) -> jobs.Counts:
    with installation.db.read() as session:
        return jobs.counts(session)


def _problems(installation: Installation, report: Report) -> list[str]:
    found = []
    if report.counts.pending:
        found.append(f"{report.counts.pending} jobs did not end")
    if report.counts.dead:
        found.append(f"{report.counts.dead} jobs are dead")
    with installation.db.read() as session:
        chain = audit.verify(session)
    report.events = chain.count
    if not chain.ok:
        found.append(f"the audit chain breaks at row {chain.first_bad_seq}")
    return found


@dataclass
class ToyWorkload:
    """Bags of the toy pipeline; each round adds some."""

    bags: int = 5

    def command(self, mode: str) -> list[str]:
        """The toy's own service."""
        return service_command(mode, toy.REFERENCE)

    def prepare(self, installation: Installation, round_number: int) -> None:
        """Enqueue the bags of this round beside those of the rounds before."""
        toy.enqueue_bags(installation.db, self.bags * (round_number + 1))

    def problems(self, installation: Installation, rounds: int) -> list[str]:
        """Compare the journal with what one save of each job makes of it."""
        expected = toy.expected_balances(self.bags * rounds)
        with installation.db.read() as session:
            found = journal.balances(session)
        names = sorted(found.keys() | expected.keys())
        return [
            f"{name}: {found.get(name, 0)} cents, expected {expected.get(name, 0)}"
            for name in names
            if found.get(name, 0) != expected.get(name, 0)
        ]


def service_command(mode: str, stages: str) -> list[str]:
    """The command of a service that polls, or that works by Celery."""
    return [sys.executable, "-m", "tests.crash.service", mode, stages]


def main() -> int:
    """Run the torture on SQLite, or on PostgreSQL with Redis and Celery; 1 on any problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgresql", action="store_true", help="with Redis and Celery")
    parser.add_argument("--workload", default="tests.crash.bag:BagWorkload", help="module:factory")
    options = parser.parse_args()
    module, _, attribute = options.workload.partition(":")
    workload: Workload = getattr(importlib.import_module(module), attribute)()
    report = _run(workload, options.kills, options.seed, postgresql=options.postgresql)
    sys.stdout.write(f"{report}\n")
    return 1 if report.problems else 0


def _run(workload: Workload, kills: int, seed: int, *, postgresql: bool) -> Report:
    os.environ.setdefault("TOY_WORK_SECONDS", "0.1")
    postgres = PostgresServer.start() if postgresql else None
    redis_server = RedisServer() if postgresql else None
    if redis_server is not None:
        redis_server.start()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder),
            database_url=postgres.url(postgres.new_database()) if postgres else "",
            redis_url=redis_server.url if redis_server else None,
            port=free_port(), workers=2, poll_seconds=0.1, relay_seconds=1.0, lease_seconds=10.0,
            heartbeat_seconds=2.0, backoff_base_seconds=0.1, backoff_limit_seconds=1.0,
            job_attempts=50, log_level="ERROR",
        )  # fmt: skip
        installation = open_installation(settings)
        service = Service(workload.command("celery" if postgresql else "poll"), settings)
        service.start()
        victims: list[Victim] = [service]
        if redis_server is not None:
            victims = [service, service, RedisVictim(redis_server)]
        try:
            return torture(
                installation, workload, victims, kills=kills, seed=seed,
                idle_limit_seconds=1800.0, say=lambda line: sys.stderr.write(f"{line}\n") and None,
            )  # fmt: skip
        finally:
            service.stop()
            installation.close()
            if redis_server is not None:
                redis_server.kill()
            if postgres is not None:
                postgres.stop()


if __name__ == "__main__":
    sys.exit(main())
