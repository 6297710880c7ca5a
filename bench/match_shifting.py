"""How often an office is alarmed though its mail is as ever, and how soon when it is not.

``python -m bench.match_shifting 200 20267``: so many office-months of 2,000 payments after 2,300
before them, for each evidence that is watched. Days are not alike: with a spread of s, the share
astray is drawn anew each day of 80 payments (beta, of correlation s between two payments of a
day). The delays are of readings that go astray more often from one payment to the next.
"""

from __future__ import annotations

import random
import statistics
import sys
from typing import Any

from matching.shifting import Watch, seen

MONTH = 2_000
_BEFORE = 2_300
_DAY = 80
STEADY = {"number": (0.5, 0.03), "name": (0.98, 0.12), "address": (0.85, 0.25),
          "amount": (0.99, 0.16)}  # fmt: skip
"""Of each evidence, the share of payments that have it, and of these the share astray."""
SPREADS = (0.0, 0.01, 0.02)
SHIFTS = ((0.03, 0.06), (0.03, 0.10), (0.03, 0.20), (0.03, 0.60), (0.15, 0.25), (0.15, 0.30),
          (0.15, 0.50), (0.25, 0.40), (0.25, 0.60))  # fmt: skip
_TRIES = 20


def measure(months: int, seed: int) -> dict[str, Any]:
    """False alarms by spread and evidence, and the delays of sudden changes."""
    return {
        "months": months, "seed": seed,
        "false_alarms": [
            {"spread": spread, "evidence": name, "alarms": sum(
                _month(rng, share, rate, spread) for _ in range(months))}
            for spread in SPREADS
            for name, (share, rate) in STEADY.items()
            for rng in [random.Random(f"{seed}{name}{spread}")]
        ],
        "delays": [_delay(random.Random(f"{old}{new}"), old, new) for old, new in SHIFTS],
    }  # fmt: skip


def _month(rng: random.Random, share: float, rate: float, spread: float) -> int:
    """Alarms raised in one office whose mail is as ever."""
    watch, raised, today = Watch(), 0, rate
    for place in range(_BEFORE + MONTH):
        if spread and place % _DAY == 0:
            many = (1.0 - spread) / spread
            today = rng.betavariate(rate * many, (1.0 - rate) * many)
        if rng.random() >= share:
            continue
        before, watch = watch, seen(watch, astray=rng.random() < today)
        raised += watch.alarm is not None and before.alarm is None
    return raised


def _delay(rng: random.Random, old: float, new: float) -> dict[str, Any]:
    """Payments with the reading from the change to the alarm, within 2,000 of them."""
    found = []
    for _ in range(_TRIES):
        watch = Watch()
        for _ in range(2_200):
            watch = seen(watch, astray=rng.random() < old)
        after = 0
        while watch.alarm is None and after < MONTH:
            watch = seen(watch, astray=rng.random() < new)
            after += 1
        if watch.alarm is not None:
            found.append(after)
    return {"from": old, "to": new, "seen": len(found), "of": _TRIES,
            "median": statistics.median(found) if found else None}  # fmt: skip


if __name__ == "__main__":
    for name, rows in measure(int(sys.argv[1]), int(sys.argv[2])).items():
        print(name, *(rows if isinstance(rows, list) else [rows]), sep="\n")
