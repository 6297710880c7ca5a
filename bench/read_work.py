"""The bench's work in chunks over one or two processes, and how many checks a minute they read."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Literal

import cv2

from bench import read_peers
from bench.checks.cases import Split, case, cases
from bench.checks.nonchecks import non_checks
from bench.read_others import Taken, take
from bench.read_rows import Judged, judge, opened, stored
from intake.types import Page
from ocr.read import read_pages
from ocr.threads import one_each

CHUNK = 10
_WARM_SEED = 900_000_001  # no seed that anyone measures or tunes with


@dataclass(frozen=True, slots=True)
class Task:
    """A run of indices to draw and read; the peers are asked of every ``peers_every``-th check."""

    what: Literal["checks", "others"]
    seed: int
    split: Split
    start: int
    count: int
    peers_every: int = 0


def tasks(what: Literal["checks", "others"], seed: int, split: Split, count: int,
          peers_every: int = 0) -> list[Task]:  # fmt: skip
    """``count`` pages cut into chunks."""
    return [
        Task(what, seed, split, start, min(CHUNK, count - start), peers_every)
        for start in range(0, count, CHUNK)
    ]


def run(task: Task) -> list[Judged | Taken]:
    """Draw and read one chunk; only the verdicts stay in memory."""
    done: list[Judged | Taken] = []
    if task.what == "others":
        pages = non_checks(task.seed, task.count, start=task.start)
        done += [take(index, page) for index, page in enumerate(pages, task.start)]
        return done
    drawn = cases(task.seed, task.count, split=task.split, start=task.start)
    for index, one in enumerate(drawn, task.start):
        judged = judge(index, one)
        if task.peers_every and index % task.peers_every == 0:
            verdicts, spent = read_peers.ask(one)
            judged = replace(judged, peers=verdicts, peers_ms=spent)
        done.append(judged)
    return done


def stream(listed: Sequence[Task], jobs: int) -> Iterator[Judged | Taken]:
    """Results of all tasks as they come; with one job in this process, else in fresh ones."""
    if jobs <= 1:
        ready()
        for task in listed:
            yield from run(task)
        return
    waiting = list(reversed(listed))
    running: set[Future[list[Judged | Taken]]] = set()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=ready) as pool:
        while waiting or running:
            while waiting and len(running) < 2 * jobs:
                running.add(pool.submit(run, waiting.pop()))
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield from future.result()


def ready() -> None:
    """Limit the native libraries to one thread and load the engines before any clock runs."""
    one_each()
    cv2.setNumThreads(1)
    warm = case(_WARM_SEED, 0)
    read_pages(_pages(warm.page, warm.back), single_envelope=True)


def _pages(front: Page, back: Page | None) -> tuple[Page, ...]:
    return (front,) if back is None else (front, back)


def throughput(seed: int, split: Split, count: int, jobs: int) -> float:
    """Checks, front and back, that ``jobs`` processes read in a minute of the wall clock.

    Each process draws ``count`` checks first and keeps them encoded, as the store would; then all
    begin at once. Decoding, classifying and reading count, drawing does not.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(jobs)
    spent: Queue[tuple[float, float]] = context.Queue()
    workers = [
        context.Process(target=_race, args=(seed, split, number * count, count, barrier, spent))
        for number in range(jobs)
    ]
    for worker in workers:
        worker.start()
    times = [spent.get(timeout=900) for _ in workers]
    for worker in workers:
        worker.join()
    wall = max(end for _, end in times) - min(begun for begun, _ in times)
    return 60.0 * jobs * count / max(wall, 1e-9)


def _race(seed: int, split: Split, start: int, count: int, barrier: Barrier,
          spent: Queue[tuple[float, float]]) -> None:  # fmt: skip
    ready()
    kept = [
        [(stored(page), page) for page in _pages(one.page, one.back)]
        for one in cases(seed, count, split=split, start=start)
    ]
    packed = [[(data, page.index, page.dpi) for data, page in pages] for pages in kept]
    barrier.wait()
    begun = time.time()
    for pages in packed:
        opened_pages = [opened(data, index, dpi) for data, index, dpi in pages]
        read_pages(opened_pages, single_envelope=True)
    spent.put((begun, time.time()))
