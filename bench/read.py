"""Check fronts: what is read right, wrong and not at all, how fast, and beside others.

Run as ``lockbox bench read --count 2000 --seed 7 --json``. The checks are drawn
(``bench.checks``): forms, hands and captures of known truth, three forms and five hands of which
nothing was tuned on. The figures compare versions and thresholds; what real pictures give stands
apart in the same report. Milliseconds are processor time of one core.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench import read_others, read_peers, read_real
from bench.checks.cases import Split
from bench.read_evidence import ablation
from bench.read_others import Taken
from bench.read_report import lines
from bench.read_rows import Judged
from bench.read_tables import FIELDS, SURE, by_field, calibration, spread, thresholds
from bench.read_work import stream, tasks, throughput

__all__ = ["lines", "measure"]

DEFAULT_COUNT = 60
_RACE = 60  # checks for each process of the race, at most
_TOLD_EVERY_S = 15.0


def measure(
    *,
    seed: int = 7,
    count: int | None = None,
    split: Split = "test",
    peers: int | None = None,
    jobs: int = 2,
    others: int | None = None,
    real: bool = True,
) -> dict[str, Any]:
    """Read ``count`` drawn checks; every table of the report, JSON data.

    ``peers`` is how many of them the peers read too (default: a fifth, at most 60), ``others`` how
    many pages that are no checks are read (default: a quarter of ``count``), ``jobs`` the number
    of processes, ``real`` whether the real pictures are read too. A check taken for something
    else counts as unread in every field.
    """
    wanted = DEFAULT_COUNT if count is None else count
    asked = min(60, max(1, wanted // 5)) if peers is None else peers
    strange = wanted // 4 if others is None else others
    every = max(1, wanted // asked) if asked else 0
    listed = tasks("checks", seed, split, wanted, every) + tasks("others", seed, split, strange)
    judged: list[Judged] = []
    taken: list[Taken] = []
    told = time.monotonic()
    for one in stream(listed, jobs):
        if isinstance(one, Judged):
            judged.append(one)
        else:
            taken.append(one)
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            _tell(f"read {len(judged)} of {wanted} checks, {len(taken)} of {strange} other pages")
    judged.sort(key=lambda one: one.index)
    _tell("racing")
    racing = min(_RACE, max(2, wanted // (2 * jobs)))
    a_minute = throughput(seed + 1, split, racing, jobs)
    if real:
        _tell("reading the real pictures")
    return {
        **_sample(judged, seed, split),
        **_accuracy(judged),
        "milliseconds": _times(judged),
        "checks_a_minute": {
            "processes": jobs,
            "measured": round(a_minute),
            "checks": racing * jobs,
            "by_processor_time": _by_processor_time(judged, jobs),
        },
        "amount_by_evidence": ablation(judged, seed),
        "peers": read_peers.figures(judged),
        "non_checks": read_others.figures(sorted(taken, key=lambda one: one.index)),
        "real": read_real.figures() if real else {"left_out": "not asked for"},
    }


def _sample(judged: Sequence[Judged], seed: int, split: Split) -> dict[str, Any]:
    """What was drawn: the report begins with it."""
    return {
        "seed": seed,
        "split": split,
        "checks": len(judged),
        "held_out": sum(one.held_out for one in judged),
        "designs": dict(Counter(one.design for one in judged).most_common()),
        "hands": dict(Counter(one.hand for one in judged if one.hand).most_common()),
        "captures": dict(sorted(Counter(one.capture for one in judged).items())),
        "writing": dict(Counter(one.writing for one in judged)),
    }


def _accuracy(judged: Sequence[Judged]) -> dict[str, Any]:
    rows = [row for one in judged for row in one.rows]
    found = {name: [row for row in rows if row.field == name] for name in FIELDS}
    return {
        "found": sum(one.found for one in judged),
        "wrong_and_sure": sum(row.verdict == "wrong" and row.confidence >= SURE for row in rows),
        "fields": by_field(judged),
        "thresholds": thresholds(judged),
        "calibration": {name: calibration(listed) for name, listed in found.items() if listed},
    }


def _times(judged: Sequence[Judged]) -> dict[str, Any]:
    """Processor time of a front by step, and of a back."""
    names = sorted({name for one in judged for name in one.steps_ms})
    share = max(1, len(judged))
    return {
        "front": spread([one.front_ms for one in judged]),
        "back": spread([one.back_ms for one in judged if one.back_ms]),
        "by_capture": {
            capture: spread([one.front_ms for one in judged if one.capture == capture])
            for capture in sorted({one.capture for one in judged})
        },
        "steps": {
            name: round(sum(one.steps_ms.get(name, 0.0) for one in judged) / share, 2)
            for name in names
        },
    }


def _by_processor_time(judged: Sequence[Judged], jobs: int) -> int:
    """Checks a minute that ``jobs`` cores would read if nothing else ran on them."""
    each = sum(one.front_ms + one.back_ms for one in judged) / max(1, len(judged))
    return round(60_000 * jobs / max(each, 0.1))


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
