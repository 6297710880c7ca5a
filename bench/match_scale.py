"""Candidates and decisions over a large seeded chart: what is found, how fast, and beside whom.

``lockbox bench match --accounts 100000 --payments 2000 --database sqlite --json``. Each payment is
asked one after the other on one core; ``gc.freeze`` is called after loading, as a worker does.
"""

from __future__ import annotations

import gc
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.match_judged import asked
from bench.match_load import Loaded, loaded
from bench.match_payments import Drawn, Noise, draw
from bench.match_peers import pg_trgm, rapidfuzz
from bench.match_read import papers
from bench.match_search import searched, timing
from matching import cards, index
from records.models import AccountHome

NOISES = {
    "readers": Noise("readers"),
    "uniform_2": Noise("uniform", 0.02),
    "uniform_5": Noise("uniform", 0.05),
    "uniform_10": Noise("uniform", 0.10),
    "none": Noise("none", amount_misread=0.0),
}
"""``readers`` misreads 1 to 15 % of the letters of each text; amounts are misread in 1 %."""
SOURCES = {
    "generator": ("readers", "none"),
    "uniform": ("uniform_2", "uniform_5", "uniform_10"),
    "read": ("read",),
}
"""The noises by who made them; ``read`` prints checks and reads them (``bench.match_read``)."""
_THRESHOLD = 0.995
_WARM = 100
_COSTS = frozenset({"decision_ms", "decision_cpu_ms"})
SEARCHED = 60
READ = 300


def measure(
    accounts: int, payments: int, seed: int, database: str, peers: int = 40
) -> dict[str, Any]:
    """The figures of one size, as JSON data."""
    with loaded(database, accounts, seed) as chart:
        gc.collect()
        gc.freeze()
        found: dict[str, Any] = {"database": database, "seed": seed, **chart.figures}
        for name, noise in NOISES.items():
            count = payments if name == "readers" else max(payments // 2, 1)
            todo = draw(chart.chart, chart.owing, count, seed, noise, number_share=0.0)
            found[f"without_number_{name}"] = found_in(chart, todo)
        mixed = draw(chart.chart, chart.owing, payments, seed + 1)
        found["mixed"] = {**decided(chart, mixed)}
        found["search"] = searched(chart, SEARCHED, seed)
        found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        some = draw(chart.chart, chart.owing, peers, seed, number_share=0.0)
        found["peers"] = peers_of(chart, some) if peers else []
        chart.database.close()
    gc.unfreeze()
    return found


def noise(
    source: str, accounts: int, payments: int | None, seed: int, database: str, peers: int = 40
) -> dict[str, Any]:
    """Candidates and decisions under the noises of one source, with the peers on the first."""
    with loaded(database, accounts, seed) as chart:
        found: dict[str, Any] = {"database": database, "seed": seed, "noise": source,
                                 **chart.figures}  # fmt: skip
        some: list[Drawn] = []
        for name in SOURCES[source]:
            if name == "read":
                read = papers(chart.chart, chart.owing, payments or READ, seed)
                todo, found["readings"] = read.drawn, read.figures
            else:
                todo = draw(chart.chart, chart.owing, payments or 2000, seed, NOISES[name],
                            number_share=0.0)  # fmt: skip
            found[f"without_number_{name}"] = found_in(chart, todo)
            some = some or todo[:peers]
        found["peers"] = peers_of(chart, some) if some else []
        chart.database.close()
    return found


def found_in(chart: Loaded, todo: Sequence[Drawn]) -> dict[str, Any]:
    """Shares among the first candidates by kind, and milliseconds."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    times: list[float] = []
    with chart.database.read() as session:
        for each in todo[:_WARM]:
            index.candidates(session, each.clues)
        for each in todo:
            begun = time.perf_counter()
            homes = index.candidates(session, each.clues)
            times.append((time.perf_counter() - begun) * 1000)
            if not each.accounts:
                continue
            at_home, at_account = places(session, homes, each)
            hits = {"n": 1, "household_first": at_home < 1, "household": at_home < 10,
                    "account": at_account < 200}  # fmt: skip
            groups = ["all", each.kind]
            groups += ["amount_misread"] if each.amount_misread else []
            groups += ["nothing_names_the_household"] if each.bare else []
            for group in groups:
                kinds[group].update({name: int(hit) for name, hit in hits.items()})
    whole = kinds.pop("all", Counter(n=1))
    return {
        "payments": whole["n"],
        "household_first": _share(whole, "household_first"),
        "household_among_first_10": _share(whole, "household"),
        "account_among_first_200": _share(whole, "account"),
        "candidates_ms": timing(times),
        **{name: value for name, value in decided(chart, todo).items() if name in _COSTS},
        "by_kind": {
            kind: {"payments": row["n"], "household_among_first_10": _share(row, "household"),
                   "account_among_first_200": _share(row, "account")}
            for kind, row in sorted(kinds.items())
        },
    }  # fmt: skip


def places(session: Session, homes: Sequence[int], each: Drawn) -> tuple[int, int]:
    """Where the payment's household and its account stand among the candidates, from 0."""
    if not homes:
        return 10**6, 10**6
    query = select(AccountHome.id, AccountHome.label, AccountHome.card)
    rows = {row[0]: row for row in session.execute(query.where(AccountHome.id.in_(homes)))}
    at_home = at_account = 10**6
    before = 0
    for place, home in enumerate(homes):
        _, label, card = rows[home]
        members = [facts.number for facts in cards.unpack(card).values()]
        if label == f"h{each.household}":
            at_home = place
        inside = [before + n for n, number in enumerate(members) if number in each.accounts]
        at_account = min([at_account, *inside])
        before += len(members)
    return at_home, at_account


def decided(chart: Loaded, todo: Sequence[Drawn]) -> dict[str, Any]:
    """Decisions on these payments as the product makes them today, and their milliseconds.

    ``decision_cpu_ms`` is this process alone, without what other processes take of the machine.
    """
    times: list[float] = []
    busy: list[float] = []
    right = ours = auto = wrong = strangers = 0
    with chart.database.read() as session:
        for each in todo:
            begun, at = time.perf_counter(), time.thread_time()
            verdict = asked(session, each.clues, _THRESHOLD)
            times.append((time.perf_counter() - begun) * 1000)
            busy.append((time.thread_time() - at) * 1000)
            first = verdict.rankings[0].candidates[:1]
            ours += bool(each.accounts)
            right += any(c.account.number in each.accounts for c in first)
            if verdict.outcome == "auto":
                auto += 1
                got = {share.account_number for share in verdict.proposals[0].shares}
                wrong += got != each.accounts
                strangers += not each.accounts
    return {
        "payments": len(todo),
        "threshold": _THRESHOLD,
        "right_first": round(right / max(ours, 1), 4),
        "auto": auto,
        "auto_wrong": wrong,
        "auto_not_a_customer": strangers,
        "decision_ms": timing(times),
        "decision_cpu_ms": timing(busy),
    }


def peers_of(chart: Loaded, todo: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Our own candidates first, then what others find of the same payments, with their times."""
    ours = found_in(chart, todo)
    own = {name: ours[name] for name in
           ("household_among_first_10", "account_among_first_200")}  # fmt: skip
    rows = [{"name": "open lockbox", "payments": ours["payments"], **own,
             "ms": ours["candidates_ms"]}]  # fmt: skip
    rows += rapidfuzz(chart.chart, todo)
    if not chart.database.is_sqlite:
        rows += pg_trgm(chart.database, chart.chart, todo)
    for row in rows:
        row["times_ours"] = round(row["ms"]["mean"] / max(rows[0]["ms"]["mean"], 1e-9), 1)
    return rows


def _share(row: Counter[str], name: str) -> float:
    return round(row[name] / max(row["n"], 1), 4)
