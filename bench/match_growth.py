"""How the cost of candidates and decisions grows with the chart, as rows, kept beside a picture.

``lockbox bench match --growth 10000,100000,1000000 --database sqlite --plot docs/growth.png``. The
rows are kept in ``docs/growth.json``: a run replaces those of its own database and sizes, so that
large charts and the two databases can be measured one at a time, and the picture shows all.
"""

from __future__ import annotations

import gc
import json
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.match_load import Loaded, loaded
from bench.match_payments import draw
from bench.match_plots import growth as plotted
from bench.match_scale import SEARCHED, decided, found_in, peers_of
from bench.match_search import searched

_KEPT = ("accounts", "load_seconds", "build_seconds", "build_cpu_seconds",
         "index_bytes_per_account", "keys_per_account", "rekey_one_account_ms")  # fmt: skip
_PEERS = 10
_PEERS_UP_TO = 1_000_000
"""Beyond it a peer takes most of a minute a payment, and the texts of all accounts gigabytes."""


def measure(
    sizes: Sequence[int], payments: int, seed: int, database: str, picture: str | None = None
) -> list[dict[str, Any]]:
    """One row a size; ``times_the_smallest`` compares processor time of a decision."""
    rows = [row(size, payments, seed, database) for size in sizes]
    if picture:
        rows = keep(picture, database, rows)
    return _compared(rows)


def row(size: int, payments: int, seed: int, database: str, peers: int = _PEERS) -> dict[str, Any]:
    """The figures of one size: payments without a number found, all kinds decided, search."""
    with loaded(database, size, seed) as chart:
        found = asked_of(chart, payments, seed, peers if size <= _PEERS_UP_TO else 0)
        chart.database.close()
    return found


def asked_of(chart: Loaded, payments: int, seed: int, peers: int) -> dict[str, Any]:
    """The row of a chart that is there already; its building is measured by what it was at most."""
    built = _peak_mb()
    gc.collect()
    gc.freeze()
    todo = draw(chart.chart, chart.owing, payments, seed, number_share=0.0)
    found = found_in(chart, todo)
    serving = _resident_mb()
    mixed = decided(chart, draw(chart.chart, chart.owing, payments, seed + 1))
    typed = searched(chart, SEARCHED, seed)
    others = peers_of(chart, todo[:peers]) if peers else []
    gc.unfreeze()
    return {
        **{name: chart.figures[name] for name in _KEPT},
        "payments": found["payments"], "seed": seed,
        "household_among_first_10": found["household_among_first_10"],
        "account_among_first_200": found["account_among_first_200"],
        "candidates_ms": found["candidates_ms"],
        "decision_ms": found["decision_ms"], "decision_cpu_ms": found["decision_cpu_ms"],
        "mixed_decision_cpu_ms": mixed["decision_cpu_ms"],
        "search": {"keystrokes": typed["keystrokes"], "ms": typed["ms"],
                   "slowest_ms": typed["slowest_ms"], "found": typed["found"]},
        "building_peak_mb": built, "serving_mb": serving,
        "peers": [{"name": each["name"], "payments": each["payments"],
                   "household_among_first_10": each["household_among_first_10"],
                   "ms": each["ms"]["mean"], "times_ours": each["times_ours"]}
                  for each in others[1:]],
    }  # fmt: skip


def keep(picture: str, database: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows put beside those measured before, and all of them drawn; those of this database."""
    path = Path(picture).with_suffix(".json")
    known: dict[str, list[dict[str, Any]]] = json.loads(path.read_text()) if path.exists() else {}
    by_size = {each["accounts"]: each for each in (*known.get(database, ()), *rows)}
    known[database] = _compared([by_size[size] for size in sorted(by_size)])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1) + "\n")
    plotted(picture, known)
    return known[database]


def _compared(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    first = rows[0]["decision_cpu_ms"]["mean"] if rows else 1.0
    return [
        each | {"times_the_smallest": round(each["decision_cpu_ms"]["mean"] / max(first, 1e-9), 2)}
        for each in rows
    ]


def _peak_mb() -> int:
    """The most this process ever had in memory; a server of its own is not counted."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _resident_mb() -> int:
    """What this process has in memory now, the bench's own families among it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1_048_576
