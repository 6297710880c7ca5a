"""Search for people letter by letter over a large chart: how soon, and whether they are found."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from bench.match_load import Loaded
from bench.match_noise import misspelt
from matching import search

_SHOWN = 20


def searched(chart: Loaded, count: int, seed: int) -> dict[str, Any]:
    """People typed as "Last, First" and "First Last" letter by letter, and with a letter wrong.

    Half of them are looked for by somebody of their office alone. A person counts as found when
    the account is among the twenty shown once the name is typed; many share the common names.
    """
    rng = random.Random(f"search:{seed}")
    times: list[float] = []
    found = {"whole_name": 0, "one_letter_wrong": 0, "last_name_alone": 0}
    with chart.database.read() as session:
        for place in range(count):
            family = rng.choice(chart.owing)
            patient = rng.choice(family.patients)
            scope = None if place % 2 else frozenset({patient.office})
            wrong = misspelt(rng, patient.last)
            asked = {
                "whole_name": f"{patient.first} {patient.last}",
                "one_letter_wrong": f"{wrong}, {patient.first}",
                "last_name_alone": wrong,
            }
            for kind, text in asked.items():
                for end in range(2, len(text) + 1):
                    begun = time.perf_counter()
                    hits = search.search_accounts(session, text[:end], offices=scope, limit=_SHOWN)
                    times.append((time.perf_counter() - begun) * 1000)
                found[kind] += any(hit.account_number == patient.number for hit in hits)
    return {
        "people": count,
        "keystrokes": len(times),
        "ms": timing(times),
        "slowest_ms": round(max(times, default=0.0), 1),
        "found": {kind: round(hits / max(count, 1), 3) for kind, hits in found.items()},
    }


def timing(times: Sequence[float]) -> dict[str, float]:
    """Mean, median and 99th percentile of milliseconds."""
    ordered = sorted(times) or [0.0]
    last = len(ordered) - 1
    return {
        "mean": round(sum(ordered) / len(ordered), 3),
        "p50": round(ordered[last // 2], 3),
        "p99": round(ordered[int(0.99 * last)], 3),
    }
