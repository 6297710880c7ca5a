"""Worker processes: each claims job rows and runs stages; a supervisor keeps them alive.

A child is its own Python program (``python -m web.worker``), so that a crash, a leak or a kill of
one takes nothing else with it. The supervisor restarts it and frees the job it held.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from records import jobs, logs
from records.db import Database
from records.errors import LockboxError, UnavailableError, WrongUse
from records.installation import open_installation
from records.settings import Settings, load_settings
from web.asking import Asking
from web.coming_due import Calendar
from web.stopping import Stop

ALL_STAGES: Final = "web.stages:ALL_STAGES"
_PR_SET_PDEATHSIG: Final = 1
_SWEEP_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 5.0  # what is killed then is freed, and done again later
_LONGEST_PAUSE_SECONDS: Final = 10.0
_FAILURES_IN_A_ROW: Final = 3
_LOG = structlog.get_logger("worker")


def load_stages(reference: str = ALL_STAGES) -> jobs.Stages:
    """The stages a reference like ``web.stages:ALL_STAGES`` names, by their names."""
    module, _, attribute = reference.partition(":")
    stages: Iterable[jobs.AnyStage] = getattr(importlib.import_module(module), attribute)
    return {stage.name: stage for stage in stages}


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    start_after: float = 0.0


@dataclass(slots=True)
class Pool:
    """``processes`` workers over one set of stages; call ``tend`` about every half second."""

    settings: Settings
    processes: int
    stages: str = ALL_STAGES
    children: list[_Child] = field(default_factory=list)
    dismissed: list[subprocess.Popen[bytes]] = field(default_factory=list)
    swept_at: float = 0.0
    calendar: Calendar = field(default_factory=Calendar)
    asking: Asking = field(default_factory=Asking)

    def start(self) -> None:
        """Start the children that do not run yet."""
        while len(self.children) < self.processes:
            self.children.append(_Child())
        self._restart()

    def pids(self) -> list[int]:
        """Process ids of the living children, dismissed ones among them."""
        running = [*self._started(), *self.dismissed]
        return [process.pid for process in running if process.poll() is None]

    def tend(self, db: Database) -> None:
        """Restart children that ended, free the jobs they held, and see what the day brings."""
        ended = self._restart()
        if ended or time.monotonic() - self.swept_at >= _SWEEP_SECONDS:
            freed = jobs.sweep(db, limits=jobs.Limits.of(self.settings))
            self.swept_at = time.monotonic()
            if freed:
                _LOG.warning("jobs_freed", count=len(freed))
        self.calendar.look(db)
        self.asking.look(db)

    @property
    def failing(self) -> bool:
        """Whether every child ended again and again on its own, as when an import fails."""
        return bool(self.children) and all(
            child.failures >= _FAILURES_IN_A_ROW for child in self.children
        )

    def dismiss(self) -> None:
        """Tell each child to end after its present job; waits for none."""
        self.dismissed = [each for each in self.dismissed if each.poll() is None]
        for process in self._started():
            if process.poll() is None:
                process.terminate()
                self.dismissed.append(process)
        self.children.clear()

    def stop(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """Let each child end its present job, for so long; kill what still runs then."""
        self.asking.stop()
        self.dismiss()
        until = time.monotonic() + grace_seconds
        for process in self.dismissed:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.dismissed.clear()

    def _started(self) -> list[subprocess.Popen[bytes]]:
        return [child.process for child in self.children if child.process is not None]

    def _restart(self) -> bool:
        ended = False
        for child in self.children:
            status = None if child.process is None else child.process.poll()
            if child.process is not None and status is None:
                continue
            if child.process is not None:
                ended = True
                self._note_end(child, int(status or 0))
            if time.monotonic() >= child.start_after:
                child.process = _spawn(self.settings, self.stages)
        return ended

    def _note_end(self, child: _Child, status: int) -> None:
        """A child that fails by itself waits longer each time; a killed one comes back at once."""
        child.process = None
        if status <= 0:
            child.failures = 0
            return
        child.failures += 1
        pause = min(0.1 * 2.0**child.failures, _LONGEST_PAUSE_SECONDS)
        child.start_after = time.monotonic() + pause
        _LOG.error("worker_failed", status=status, attempts=child.failures)


@contextmanager
def working(settings: Settings, db: Database, *, stages: str = ALL_STAGES) -> Iterator[Pool]:
    """Worker processes for the length of the block, tended by a thread; for ``serve``."""
    pool = Pool(settings, settings.workers, stages)
    stop = threading.Event()
    started = threading.Event()

    def tend() -> None:
        # The children die with the thread that started them (PR_SET_PDEATHSIG): start them here.
        pool.start()
        started.set()
        while not stop.wait(0.5):
            try:
                pool.tend(db)
            except UnavailableError as error:
                _LOG.warning("database_away", error_code=error.code)
        pool.stop()
        with suppress(UnavailableError):  # what had to be killed need not wait for its lease
            jobs.sweep(db, limits=jobs.Limits.of(settings))

    thread = threading.Thread(target=tend, name="pool", daemon=True)
    thread.start()
    started.wait()
    try:
        yield pool
    finally:
        stop.set()
        thread.join(_GRACE_SECONDS * 2)


def run_until_idle(
    settings: Settings,
    db: Database,
    *,
    processes: int | None = None,
    on_progress: Callable[[jobs.Counts], None] | None = None,
    stages: str = ALL_STAGES,
) -> jobs.Counts:
    """Run jobs until none is queued or running; the counts at the end, dead ones among them.

    ``processes`` defaults to the setting ``workers``; 0 runs them in this process. Raises
    UnavailableError ``workers_failing`` when no worker process stays alive.
    """
    told = on_progress or (lambda _: None)
    number = settings.workers if processes is None else processes
    if number == 0:
        return _run_inline(settings, db, told, load_stages(stages))
    pool = Pool(settings, number, stages)
    pool.start()
    try:
        while True:
            pool.tend(db)
            with db.read() as session:
                counts = jobs.counts(session)
            told(counts)
            if counts.pending == 0:
                return counts
            if pool.failing:
                raise UnavailableError(
                    "workers_failing",
                    "The worker processes end as soon as they start.",
                    "Their error stands above; `lockbox doctor` says what is missing.",
                )
            time.sleep(min(settings.poll_seconds, 0.25))
    finally:
        pool.stop()


def _run_inline(
    settings: Settings, db: Database, told: Callable[[jobs.Counts], None], stages: jobs.Stages
) -> jobs.Counts:
    limits = jobs.Limits.of(settings)
    while True:
        ran = jobs.run_one(db, jobs.this_worker(), stages, limits=limits)
        if ran is None:
            jobs.sweep(db, limits=limits)
        with db.read() as session:
            counts = jobs.counts(session)
        told(counts)
        if counts.pending == 0:
            return counts
        if ran is None:
            time.sleep(min(settings.poll_seconds, 0.1))


def serve_jobs(
    settings: Settings, db: Database, stages: jobs.Stages, stop: threading.Event, parent: int
) -> None:
    """The loop of one worker process: until told to stop, orphaned, worn out or grown too big."""
    limits = jobs.Limits.of(settings)
    ran_jobs = 0
    while not stop.is_set() and os.getppid() == parent:
        try:
            ran = jobs.run_one(db, jobs.this_worker(), stages, limits=limits)
        except UnavailableError as error:
            _LOG.warning("database_away", error_code=error.code)
            stop.wait(min(settings.poll_seconds * 4, 5.0))
            continue
        if ran is None:
            stop.wait(settings.poll_seconds)
            continue
        ran_jobs += 1
        if ran_jobs >= settings.jobs_per_process or _memory() > settings.worker_memory_bytes:
            _LOG.info("worker_recycled", count=ran_jobs)
            return


def die_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Ask the kernel for a signal when the thread that started this process ends (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a worker: the settings, and one thread for each library."""
    calm = {"OMP_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1"}
    # The child finds our packages wherever this process was started from.
    paths = [str(Path(__file__).parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    found = {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    return {**os.environ, **settings.environment(), **calm, **found}


def _spawn(settings: Settings, stages: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "web.worker", "--stages", stages, "--parent", str(os.getpid())]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        env=child_environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno() if _has_descriptor(sys.stderr) else subprocess.DEVNULL,
    )


def _has_descriptor(stream: object) -> bool:
    try:
        return stream is not None and stream.fileno() >= 0  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return False


def _memory() -> int:
    """Resident bytes of this process; 0 where /proc is absent."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _one_thread_for_opencv() -> None:
    """OpenCV starts a thread per core unless told; the workers together are the parallelism."""
    try:
        cv2 = importlib.import_module("cv2")
    except ImportError:
        return
    cv2.setNumThreads(1)


def main(arguments: Sequence[str] | None = None) -> int:
    """One worker process; exit status as in the contract."""
    parser = argparse.ArgumentParser(description="One worker process; started by its supervisor.")
    parser.add_argument("--stages", default=ALL_STAGES)
    parser.add_argument("--parent", type=int, default=os.getppid())
    options = parser.parse_args(arguments)
    os.umask(0o077)  # what it writes holds patients' mail
    die_with_parent()
    stop = Stop()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        settings = load_settings()
        logs.configure(settings.log_level)
        stages = load_stages(options.stages)
        if "cv2" in sys.modules:
            _one_thread_for_opencv()
        db = open_installation(settings, upgrade=False).db
        if settings.redis_url:
            importlib.import_module("web.doorbell").install(settings)
        serve_jobs(settings, db, stages, stop, options.parent)
    except LockboxError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    except ImportError as error:
        wrong = WrongUse("stages_missing", f"{error.name} cannot be imported: {error.msg}.")
        sys.stderr.write(f"{wrong}\n")
        return wrong.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
