"""The remittance bench's work: draw a case, read it the way of ``lockbox read``, score it."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any, Literal

import cv2

from bench import remittance_peers
from bench.remittance_peers import PeerRows
from bench.remittance_scores import DocumentScore, score_document
from bench.remittances.cases import Case, case
from bench.remittances.layouts.every import Which, layouts
from intake import split, starter
from intake.decode import decode
from intake.pixels import open_page
from intake.types import Page
from ocr.field_json import field_json
from ocr.read import read_pages
from ocr.threads import one_each
from ocr.types import Reading

Form = Literal["digital", "scanned"]
_CHUNK = 4
_WARM_SEED = 900_000_001  # no seed that anyone measures or tunes with


@dataclass(frozen=True, slots=True)
class Task:
    """Places in the bench's order of cases to draw and read; ``peers_every`` n-th is theirs too."""

    seed: int
    which: Which
    start: int
    count: int
    forms: tuple[Form, ...]
    peers_every: int
    cross_foot: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A case in one form after reading; seconds are of one processor, decoding apart."""

    place: int
    layout: str
    held_out: bool
    special: str
    form: Form
    capture: str
    pages: int
    scores: tuple[DocumentScore, ...]
    decode_seconds: float
    read_seconds: float
    peers: tuple[PeerRows, ...] = ()


def chosen(seed: int, which: Which, place: int) -> Case:
    """The case at a place of the bench's order: the layouts in turn."""
    listed = layouts(which)
    return case(seed, listed[place % len(listed)], place // len(listed))


def run(task: Task) -> list[Judged]:
    """Draw, read and judge the cases of a task; only the verdicts stay in memory."""
    made: list[Judged] = []
    for place in range(task.start, task.start + task.count):
        drawn = chosen(task.seed, task.which, place)
        # A step further each time round, or the peers would meet some layouts only.
        turn = place + place // len(layouts(task.which))
        asked = bool(task.peers_every) and turn % task.peers_every == 0
        made += [
            judge(place, drawn, form, peers=asked, cross_foot=task.cross_foot)
            for form in task.forms
        ]
    return made


def judge(place: int, drawn: Case, form: Form, *, peers: bool, cross_foot: bool = True) -> Judged:
    """Read one case in one form and compare every payment of it with the truth."""
    capture, data = "", drawn.pdf
    if form == "scanned":
        taken, _, data = drawn.scanned()
        capture = taken.name
    begun = _spent()
    pages = pages_of(data)
    opened = _spent()
    readings = read(pages, cross_foot=cross_foot)
    done = _spent()
    scores = tuple(_scores(drawn.documents, readings))
    return Judged(
        place, drawn.layout.name, drawn.layout.held_out, drawn.special or "ordinary", form,
        capture, len(pages), scores, opened - begun, done - opened,
        remittance_peers.ask(drawn, form, pages) if peers else (),
    )  # fmt: skip


def _spent() -> float:
    """Processor seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() + children.ru_utime + children.ru_stime
    return own + starter.processor_seconds()


def pages_of(data: bytes) -> list[Page]:
    """A file's pages, decoded in the child process and opened here."""
    return [open_page(page) for page in decode(data, "remittance").pages]


def read(pages: Sequence[Page], *, cross_foot: bool = True) -> list[Reading]:
    """The readings of a file's pages, as ``ocr.files`` comes to them."""
    by_index = {page.index: page for page in pages}
    plan = split.plan([split.examine(page) for page in pages])
    made: list[Reading] = []
    for envelope in plan.envelopes:
        own = [by_index[index] for index in envelope.pages]
        made += read_pages(own, single_envelope=envelope.single, cross_foot=cross_foot)
    return made


def _scores(
    documents: Sequence[dict[str, Any]], readings: Sequence[Reading]
) -> Iterator[DocumentScore]:
    """Each payment beside the reading that begins where it does; else the one that shares most."""
    left = [one for one in readings if one.kind == "remittance"]
    for document in documents:
        wanted = set(document["pages"])
        best = max(
            left,
            key=lambda one: (one.pages[0] == document["pages"][0], len(wanted & set(one.pages))),
            default=None,
        )
        if best is None or not wanted & set(best.pages):
            yield score_document(document["fields"], None)
            continue
        left.remove(best)
        fields = {name: field_json(value) for name, value in best.fields.items()}
        yield score_document(document["fields"], fields)


def stream(tasks: Sequence[Task], jobs: int) -> Iterator[Judged]:
    """Verdicts of all tasks as they come; with one job in this process, else in fresh ones."""
    if jobs <= 1:
        ready()
        for task in tasks:
            yield from run(task)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=ready) as pool:
        for future in as_completed([pool.submit(run, task) for task in tasks]):
            yield from future.result()


def tasks(every: Task) -> list[Task]:
    """A task of many cases cut into chunks."""
    stop = every.start + every.count
    return [
        replace(every, start=start, count=min(_CHUNK, stop - start))
        for start in range(every.start, stop, _CHUNK)
    ]


@cache
def ready() -> None:
    """Limit the native libraries to one thread and load the engines before any clock runs."""
    one_each()
    cv2.setNumThreads(1)
    read(pages_of(chosen(_WARM_SEED, "known", 0).pdf))


def throughput(seed: int, which: Which, count: int, form: Form, jobs: int) -> tuple[int, float]:
    """Pages, and how many of them ``jobs`` processes read in a minute of the wall clock.

    Each draws ``count`` cases first; then all begin at once. Decoding counts, drawing does not.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(jobs)
    spent: Queue[tuple[int, float, float]] = context.Queue()
    workers = [
        context.Process(target=_race, args=(seed, which, n * count, count, form, barrier, spent))
        for n in range(jobs)
    ]
    for worker in workers:
        worker.start()
    times = [spent.get(timeout=1800) for _ in workers]
    for worker in workers:
        worker.join()
    pages = sum(count for count, _, _ in times)
    wall = max(end for _, _, end in times) - min(begun for _, begun, _ in times)
    return pages, 60.0 * pages / max(wall, 1e-9)


def _race(seed: int, which: Which, start: int, count: int, form: Form, barrier: Barrier,
          spent: Queue[tuple[int, float, float]]) -> None:  # fmt: skip
    ready()
    drawn = [chosen(seed, which, start + place) for place in range(count)]
    files = [one.pdf if form == "digital" else one.scanned()[2] for one in drawn]
    barrier.wait()
    begun, pages = time.time(), 0
    for data in files:
        opened = pages_of(data)
        read(opened)
        pages += len(opened)
    spent.put((pages, begun, time.time()))
