"""Torture: kill -9 the service, its workers or Redis at random moments while work goes on.

``torture`` takes the workload as a parameter, so that the short sample in the suite, the toy
pipeline and the real one share it. ``python -m tests.crash.torture --kills 50`` runs it for long.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, select

from records import audit, jobs, journal, processes
from records.installation import Installation, open_installation
from records.models import AuditEvent
from records.settings import Settings
from tests.crash import toy
from tests.crash.bag import AUTO_THRESHOLD, SmallBag
from tests.servers import PostgresServer, RedisServer, free_port
from web.worker import child_environment

_KINDS = {"decode_starter": "decoder", "web.doorbell": "celery"}  # what else is below is a worker


class Workload(Protocol):
    """What is to be done while processes die, and how to see that it was done exactly once."""

    def programs(self, mode: str) -> Mapping[str, list[str]]:
        """Programs by name: they ``poll`` by themselves, or use ``celery`` woken by Redis."""

    def prepare(self, installation: Installation, round_number: int) -> None:
        """Put one round of work in; called again when the work ends before the kills do."""

    def waiting(self) -> int:
        """What is not in yet, and so stands in no row."""

    def problems(self, installation: Installation, rounds: int) -> list[str]:
        """Everything lost or doubled, once all is idle; empty when all is well."""


class Victim(Protocol):
    """Something that can be killed and comes back."""

    def kill(self, chance: random.Random) -> str:
        """Kill -9; what was killed, nothing when there was nothing to kill."""

    def revive(self, chance: random.Random) -> None:
        """Start again what does not start by itself."""


@dataclass
class Program:
    """A program in a process of its own; a kill hits that process, and it is started again."""

    name: str
    command: Sequence[str]
    settings: Settings
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            self.command, env=child_environment(self.settings), stdin=subprocess.DEVNULL
        )

    def kill(self, chance: random.Random) -> str:
        """Kill it; what it started stays, and has to see for itself that it is alone."""
        del chance
        if self.process is None or self.process.poll() is not None:
            return ""
        self.process.kill()
        self.process.wait()
        return self.name

    def revive(self, chance: random.Random) -> None:
        """Start it again."""
        del chance
        self.start()

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
class Tree:
    """A program and every process below it, all at once, as when its container is killed."""

    program: Program
    name: str = "tree"

    def kill(self, chance: random.Random) -> str:
        """Kill all of them."""
        if self.program.process is None or not (below := descendants(self.program.process.pid)):
            return ""
        for pid in below:
            _kill(pid)
        return self.name if self.program.kill(chance) else ""

    def revive(self, chance: random.Random) -> None:
        """Start it again."""
        self.program.revive(chance)


@dataclass
class Below:
    """Any process below a program: workers, Celery, decoders."""

    program: Program

    def kill(self, chance: random.Random) -> str:
        """Kill one of them."""
        pid = 0 if self.program.process is None else self.program.process.pid
        below = descendants(pid) if pid else []
        return _kill(chance.choice(below)) if below else ""

    def revive(self, chance: random.Random) -> None:
        """The program sees to that."""
        del chance


@dataclass
class Holder:
    """The worker that holds a running job."""

    installation: Installation

    def kill(self, chance: random.Random) -> str:
        """Kill one that works right now."""
        held = sorted(_working(self.installation))
        return "worker" if held and _kill(int(chance.choice(held).split(":")[1])) else ""

    def revive(self, chance: random.Random) -> None:
        """Its supervisor sees to that."""
        del chance


@dataclass
class RedisVictim:
    """Redis, killed with all that was in it and started again empty."""

    server: RedisServer
    name: str = "redis"
    away_seconds: float = 0.5

    def kill(self, chance: random.Random) -> str:
        """Kill it."""
        del chance
        self.server.kill()
        return self.name

    def revive(self, chance: random.Random) -> None:
        """Leave it away for a while, start it empty."""
        time.sleep(chance.random() * self.away_seconds)
        self.server.start()


@dataclass
class Report:
    """What was killed, and what was wrong at the end."""

    killed: dict[str, int] = field(default_factory=dict)
    while_running: int = 0  # kills at whose moment at least one job was running
    interrupted: int = 0  # jobs that lost their worker on the way, each counted every time
    rounds: int = 1
    seconds: float = 0.0
    check_seconds: float = 0.0
    counts: jobs.Counts = field(default_factory=jobs.Counts)
    events: int = 0
    balance: int = 0
    problems: list[str] = field(default_factory=list)


def _kill(pid: int) -> str:
    """Kill -9 a process of ours; what it was, nothing when it is gone already."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
        os.kill(pid, signal.SIGKILL)
    except (OSError, ProcessLookupError):
        return ""
    return next((name for mark, name in _KINDS.items() if mark in command), "worker")


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
    victims: Sequence[tuple[Victim, float]],
    *,
    kills: int,
    seed: int = 1,
    pause_seconds: tuple[float, float] = (0.0, 0.6),
    idle_limit_seconds: float = 120.0,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Kill ``kills`` times while the work goes on, let it end, and look at what came of it.

    Each victim comes with its weight in the draw.
    """
    chance = random.Random(seed)
    started = time.monotonic()
    report = Report()
    workload.prepare(installation, 0)
    while sum(report.killed.values()) < kills:
        if not _unfinished(installation, workload):
            workload.prepare(installation, report.rounds)
            report.rounds += 1
        _wait_for_work(installation, workload)
        time.sleep(chance.uniform(*pause_seconds))
        (victim,) = chance.choices([v for v, _ in victims], [weight for _, weight in victims])
        if hit := _strike(installation, victim, chance, report):
            say(f"kill {sum(report.killed.values())}: {hit}; {_counts(installation)}")
    until = time.monotonic() + idle_limit_seconds
    while _unfinished(installation, workload) and time.monotonic() < until:
        time.sleep(0.1)
    report.counts = _counts(installation)
    report.seconds = round(time.monotonic() - started, 1)
    report.problems = _problems(installation, report)
    report.problems += workload.problems(installation, report.rounds)
    report.check_seconds = round(time.monotonic() - started - report.seconds, 1)
    return report


def _strike(
    installation: Installation, victim: Victim, chance: random.Random, report: Report
) -> str:
    """One kill, noted in the report with what it hit; what it was."""
    before = _working(installation)
    hit = victim.kill(chance)
    if not hit:
        return ""
    report.killed[hit] = report.killed.get(hit, 0) + 1
    report.while_running += bool(before)
    victim.revive(chance)
    return hit


def _working(installation: Installation) -> list[str]:
    """Living workers that hold a job."""
    with installation.db.read() as session:
        held = jobs.holders(session)
    return [worker for worker in held if not processes.is_gone(worker)]


def _unfinished(installation: Installation, workload: Workload) -> int:
    waiting = workload.waiting()  # first: what is in by now stands in a row
    return waiting + _counts(installation).pending


def _wait_for_work(
    installation: Installation, workload: Workload, limit_seconds: float = 60.0
) -> None:
    """A kill while nothing runs shows nothing: wait until a job is held."""
    until = time.monotonic() + limit_seconds
    while time.monotonic() < until:
        if _working(installation) or not _unfinished(installation, workload):
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
        report.balance = sum(journal.balances(session).values())
        report.interrupted = int(
            session.scalar(
                select(func.count())
                .select_from(AuditEvent)
                .where(AuditEvent.action == "job.failed")
            )
            or 0
        )
    report.events = chain.count
    if not chain.ok:
        found.append(f"the audit chain breaks at row {chain.first_bad_seq}")
    return found


@dataclass
class ToyWorkload:
    """Bags of the toy pipeline; each round adds some."""

    bags: int = 5

    def programs(self, mode: str) -> Mapping[str, list[str]]:
        """The toy's own service."""
        return {"service": service_command(mode, toy.REFERENCE)}

    def prepare(self, installation: Installation, round_number: int) -> None:
        """Enqueue the bags of this round beside those of the rounds before."""
        toy.enqueue_bags(installation.db, self.bags * (round_number + 1))

    def waiting(self) -> int:
        """Nothing: the bags go straight into rows."""
        return 0

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
    parser.add_argument("--toy", action="store_true", help="the toy pipeline, not the mail")
    options = parser.parse_args()
    workload: Workload = ToyWorkload() if options.toy else SmallBag()
    report = run(workload, options.kills, options.seed, postgresql=options.postgresql)
    sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    return 1 if report.problems else 0


def run(workload: Workload, kills: int, seed: int, *, postgresql: bool) -> Report:
    """Start everything, torture it, stop it; on SQLite unless ``postgresql``."""
    postgres = PostgresServer.start() if postgresql else None
    redis_server = RedisServer() if postgresql else None
    if redis_server is not None:
        redis_server.start()
    with tempfile.TemporaryDirectory() as folder:
        settings = hasty_settings(
            Path(folder),
            postgres.url(postgres.new_database()) if postgres else "",
            redis_server.url if redis_server else None,
        )
        installation = open_installation(settings)
        made = workload.programs("celery" if postgresql else "poll")
        programs = [Program(name, command, settings) for name, command in made.items()]
        for program in programs:
            program.start()
        try:
            return torture(
                installation, workload, all_victims(installation, programs, redis_server),
                kills=kills, seed=seed, pause_seconds=(0.0, 4.0), idle_limit_seconds=1800.0,
                say=_tell,
            )  # fmt: skip
        finally:
            for program in programs:
                program.stop()
            installation.close()
            if redis_server is not None:
                redis_server.kill()
            if postgres is not None:
                postgres.stop()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def hasty_settings(data_dir: Path, database_url: str, redis_url: str | None) -> Settings:
    """Short waits, and so many attempts that kills alone make no job dead."""
    return Settings(
        data_dir=data_dir, database_url=database_url, redis_url=redis_url, port=free_port(),
        workers=2, poll_seconds=0.1, relay_seconds=1.0, lease_seconds=10.0, heartbeat_seconds=2.0,
        backoff_base_seconds=0.1, backoff_limit_seconds=1.0, job_attempts=50, log_level="ERROR",
        match_auto_threshold=AUTO_THRESHOLD,
    )  # fmt: skip


def all_victims(
    installation: Installation, programs: Sequence[Program], redis_server: RedisServer | None
) -> list[tuple[Victim, float]]:
    """Whatever may die, most often a worker at its work; the last program is the workers'."""
    victims: list[tuple[Victim, float]] = [(Holder(installation), 4.0)]
    victims += [(program, 2.0 / len(programs)) for program in programs]
    victims += [(Tree(programs[-1]), 1.0), (Below(programs[-1]), 1.5)]
    if redis_server is not None:
        victims.append((RedisVictim(redis_server), 2.0))
    return victims


if __name__ == "__main__":
    sys.exit(main())
