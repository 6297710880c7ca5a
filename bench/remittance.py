"""Remittances: lines, amounts and documents read right, wrong and not at all; how fast; a peer.

Run as ``lockbox bench remittance --count 200 --seed 7 --json``. Facts that balance are drawn in
payers' layouts (``bench.remittances``), each file both born digital and printed and scanned.
Layouts that are held out are those nothing was built with. Every file goes the way of
``lockbox read``.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench import remittance_tables as tables
from bench.remittance_report import lines
from bench.remittance_work import Form, Judged, Task, stream, tasks, throughput
from bench.remittances.layouts import every
from bench.remittances.layouts.every import Which

__all__ = ["lines", "measure"]

DEFAULT_COUNT = 200
_RACE = {"digital": 24, "scanned": 6}  # files for each process of the race, at most
_ENOUGH_TO_RACE = 20
_TOLD_EVERY_S = 15.0


def measure(
    *,
    seed: int = 7,
    count: int | None = None,
    layouts: Which = "all",
    scanned: bool = False,
    digital: bool = False,
    jobs: int = 2,
    peers: int | None = None,
    cross_foot: bool = True,
    race: bool | None = None,
) -> dict[str, Any]:
    """Read ``count`` drawn files, the layouts in turn; every table of the report, JSON data.

    ``scanned`` or ``digital`` alone leaves the other form out. ``peers`` is how many files the
    peers read too (default: a fifth), ``jobs`` the number of processes, ``race`` whether pages a
    minute are measured (default: of 20 files or more). Without ``cross_foot`` sums repair nothing
    on scanned pages. A remittance taken for something else counts as not read.
    """
    wanted = DEFAULT_COUNT if count is None else count
    asked = max(1, wanted // 5) if peers is None else peers
    forms: tuple[Form, ...] = ("digital", "scanned")
    if scanned != digital:
        forms = ("scanned",) if scanned else ("digital",)
    peers_every = max(1, wanted // asked) if asked else 0
    task = Task(seed, layouts, 0, wanted, forms, peers_every, cross_foot)
    judged = _judged(tasks(task), wanted * len(forms), jobs)
    result: dict[str, Any] = {
        "seed": seed,
        "files": wanted,
        "cross_foot": cross_foot,
        "layouts": {one.name: one.held_out for one in every.layouts(layouts)},
        "special": dict(Counter(one.special for one in judged if one.form == forms[0])),
    }
    for form in forms:
        own = [one for one in judged if one.form == form]
        result[form] = _of_form(own)
        if wanted >= _ENOUGH_TO_RACE if race is None else race:
            each = min(_RACE[form], max(1, wanted // (2 * jobs)))
            pages, a_minute = throughput(seed + 1, layouts, each, form, jobs)
            result[form]["pages_a_minute"] = {
                "processes": jobs, "pages": pages, "measured": round(a_minute),
                "by_processor_time": _by_processor_time(result[form]["all"], jobs),
            }  # fmt: skip
    return result


def _judged(listed: Sequence[Task], files: int, jobs: int) -> list[Judged]:
    judged: list[Judged] = []
    told = time.monotonic()
    for one in stream(listed, jobs):
        judged.append(one)
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            _tell(f"read {len(judged)} of {files} files")
    return sorted(judged, key=lambda one: (one.place, one.form))


def _of_form(judged: Sequence[Judged]) -> dict[str, Any]:
    held = [one for one in judged if one.held_out]
    known = [one for one in judged if not one.held_out]
    made: dict[str, Any] = {"all": tables.figures(judged)}
    if held and known:
        made["known"], made["held_out"] = tables.figures(known), tables.figures(held)
    made["by_layout"] = tables.split_by(judged, lambda one: one.layout)
    made["by_special"] = tables.split_by(judged, lambda one: one.special)
    if any(one.capture for one in judged):
        made["by_capture"] = tables.split_by(judged, lambda one: one.capture)
    made["peers"] = tables.peers(judged)
    return made


def _by_processor_time(told: dict[str, Any], jobs: int) -> int:
    """Pages a minute that ``jobs`` cores would read if nothing else ran on them."""
    return round(60 * jobs / max(float(told["seconds_a_page"]["both"]), 1e-4))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
