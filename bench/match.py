"""How many payments find their account, by themselves and right, and how long that takes.

Run as ``python -m bench.match --payments 500 --seed 7 --json``. The peer in the same run is
RapidFuzz's token_set_ratio over every account's name and address, as one would do it at first.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import (
    match_allocation,
    match_confirming,
    match_febrl,
    match_growth,
    match_plans,
    match_scale,
    match_strata,
)
from bench.match_data import Case, cases
from bench.match_judged import asked
from bench.match_report import lines
from matching.importing import import_accounts, import_statements
from matching.types import Verdict
from records import crypto, migrate
from records.db import Database
from records.models import BankAccount, HomeKey, Office
from records.settings import Settings
from web.demo.group import Group, accounts_csv, make_group, statements_csv

__all__ = ["lines", "measure"]


def measure(
    payments: int | None = None,
    seed: int = 7,
    accounts: int | None = None,
    threshold: float | None = None,
    *,
    count: int | None = None,
    database: str | None = None,
    growth: str | None = None,
    reliability: str | None = None,
    noise: str | None = None,
    plot: str | None = None,
    febrl: bool = False,
    allocation: bool = False,
    confirmations: int | None = None,
    target: float | None = None,
    steady: bool = False,
) -> dict[str, Any]:
    """The figures of one run, as JSON data; milliseconds are of one process.

    ``count`` is the number of payments as ``lockbox bench`` names it. With ``accounts``,
    ``database`` or ``growth`` (sizes with commas between) it is over a large seeded chart
    (``bench.match_scale``), else over the demo's group on SQLite. ``reliability`` names a PNG to
    draw: then what goes by itself is measured kind by kind (``bench.match_strata``). ``noise`` is
    the source of noise to measure alone: ``generator``, ``uniform`` or ``read``; ``plot`` a PNG
    that shows growth. ``febrl`` links a public set beside Splink (``bench.match_febrl``),
    ``allocation`` splits checks over statements of one household (``bench.match_allocation``);
    ``confirmations`` so many payments in order, answered by who knows (``bench.match_confirming``),
    under the office's ``target``; ``steady``: no scanner drifts.
    """
    wanted = payments or count
    kind = database or "sqlite"
    if febrl:
        return match_febrl.measure(seed)
    if confirmations:
        allowed = match_confirming.TARGET if target is None else target
        return match_confirming.measure(
            confirmations, seed, accounts, target=allowed, steady=steady
        )
    if allocation:
        split = match_allocation.measure(wanted or 3000, seed)
        plans = match_plans.measure((wanted or 3000) // 3, seed, split["threshold"])
        return {**split, "plans": plans}
    if reliability:
        return match_strata.measure(accounts or 100_000, wanted or 20_000, seed, kind, reliability)
    if noise:
        return match_scale.noise(noise, accounts or 100_000, wanted, seed, kind)
    if growth:
        sizes = [int(size.replace("_", "")) for size in growth.split(",")]
        rows = match_growth.measure(sizes, wanted or 1000, seed, kind, plot)
        return {"growth": rows, "database": kind}
    if accounts or database:
        return match_scale.measure(accounts or 10_000, wanted or 2000, seed, kind)
    return _over_demo(wanted or 500, seed, 2000, threshold)


def _over_demo(payments: int, seed: int, accounts: int, threshold: float | None) -> dict[str, Any]:
    group = make_group(seed, accounts=accounts)
    todo = cases(group, payments, seed)
    sure = Settings.model_fields["match_auto_threshold"].default if threshold is None else threshold
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        crypto.install(crypto.Keyring.generate())
        migrate.upgrade(database)
        begun = time.perf_counter()
        with database.write() as session:
            build(session, group)
        build_seconds = time.perf_counter() - begun
        with database.read() as session:
            keys = session.scalar(select(func.sum(func.length(HomeKey.homes)) / 2)) or 0
            verdicts, times = _decide_all(session, todo, float(sure))
        database.close()
    return {
        "accounts": len(group.accounts),
        "payments": payments,
        "seed": seed,
        "threshold": sure,
        "build_seconds": round(build_seconds, 2),
        "keys_per_account": round(keys / max(len(group.accounts), 1), 1),
        **_timing("decision", times),
        **_shares(todo, verdicts),
        "peer": _peer(group, todo),
    }


def build(session: Session, group: Group) -> None:
    """The group's offices, accounts and statements in an empty database."""
    for office in group.offices:
        bank = BankAccount(
            code=office.code, name=office.code, routing_number="021000021",
            sealed={"account_number": office.code}, account_last4="0000",
            account_hmac=crypto.keyring().fingerprint("bank_account", office.code),
        )  # fmt: skip
        session.add(bank)
        session.flush()
        session.add(Office(code=office.code, name=office.name, bank_account_id=bank.id))
    session.flush()
    import_accounts(session, accounts_csv(group), "system:bench")
    import_statements(session, statements_csv(group), "system:bench")


def _decide_all(
    session: Session, todo: list[Case], threshold: float
) -> tuple[list[Verdict], list[float]]:
    verdicts: list[Verdict] = []
    times: list[float] = []
    for case in todo:
        begun = time.perf_counter()
        verdicts.append(asked(session, case.clues, threshold))
        times.append((time.perf_counter() - begun) * 1000)
    return verdicts, times


def first_of(verdict: Verdict) -> str | None:
    """The account number ranked first, None when there is no candidate."""
    candidates = verdict.rankings[0].candidates
    return candidates[0].account.number if candidates else None


def is_wrong(case: Case, verdict: Verdict) -> bool:
    """Whether an automatic decision gives money to an account it is not for."""
    got = {share.account_number for share in verdict.proposals[0].shares}
    return verdict.outcome == "auto" and got != case.accounts


def _shares(todo: list[Case], verdicts: list[Verdict]) -> dict[str, Any]:
    pairs = list(zip(todo, verdicts, strict=True))
    ours = [(case, verdict) for case, verdict in pairs if case.accounts]
    strata: dict[str, Counter[str]] = {}
    kinds: dict[str, Counter[str]] = {}
    for case, verdict in pairs:
        for table, key in ((strata, verdict.stratum), (kinds, case.kind)):
            row = table.setdefault(key, Counter())
            row["payments"] += 1
            row["auto"] += verdict.outcome == "auto"
            row["auto_wrong"] += is_wrong(case, verdict)
            row["right_first"] += first_of(verdict) in case.accounts
    return {
        "auto_share": _part(verdict.outcome == "auto" for _, verdict in pairs),
        "auto_wrong": sum(is_wrong(case, verdict) for case, verdict in pairs),
        "auto_not_a_customer": sum(v.outcome == "auto" for c, v in pairs if not c.accounts),
        "right_first_with_number": _part(
            first_of(v) in c.accounts for c, v in ours if c.with_number and not c.digit_misread
        ),
        "auto_share_with_number": _part(v.outcome == "auto" for c, v in ours if c.with_number),
        "right_first_without_number": _part(
            first_of(v) in c.accounts for c, v in ours if not c.with_number
        ),
        "household_among_first_10_without_number": _part(
            any(x.account.household == c.household for x in v.rankings[0].candidates[:10])
            for c, v in ours
            if not c.with_number
        ),
        "by_stratum": {key: dict(strata[key]) for key in sorted(strata)},
        "by_kind": {key: dict(kinds[key]) for key in sorted(kinds)},
    }


def _peer(group: Group, todo: list[Case]) -> dict[str, Any]:
    """The same question to RapidFuzz: the account whose name and address resemble most."""
    texts = [f"{a.guarantor} {a.patient} {a.street} {a.zip}".upper() for a in group.accounts]
    asked = [case for case in todo if case.accounts and not case.with_number]
    right = household = 0
    times: list[float] = []
    for case in asked:
        begun = time.perf_counter()
        query = f"{case.clues.payer_name} {case.clues.payer_address}".upper()
        best = process.extract(query, texts, scorer=fuzz.token_set_ratio, limit=10)
        times.append((time.perf_counter() - begun) * 1000)
        found = [group.accounts[place] for _, _, place in best]
        right += bool(found) and found[0].account_number in case.accounts
        household += any(account.household == case.household for account in found)
    return {
        "name": "rapidfuzz token_set_ratio over all names and addresses",
        "right_first_without_number": round(right / max(len(asked), 1), 4),
        "household_among_first_10_without_number": round(household / max(len(asked), 1), 4),
        **_timing("query", times),
    }


def _timing(what: str, times: list[float]) -> dict[str, float]:
    ordered = sorted(times) or [0.0]
    return {
        f"{what}_mean_ms": round(sum(ordered) / len(ordered), 3),
        f"{what}_p99_ms": round(ordered[int(0.99 * (len(ordered) - 1))], 3),
    }


def _part(hits: Any) -> float | None:
    found = [bool(hit) for hit in hits]
    return round(sum(found) / len(found), 4) if found else None


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--accounts", type=int)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    parser.add_argument("--growth")
    parser.add_argument("--plot", metavar="FILE.png")
    parser.add_argument("--reliability", metavar="FILE.png")
    parser.add_argument("--noise", choices=tuple(match_scale.SOURCES))
    parser.add_argument("--febrl", action="store_true")
    parser.add_argument("--allocation", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.payments, given.seed, given.accounts,
                      database=given.database, growth=given.growth,
                      reliability=given.reliability, noise=given.noise,
                      plot=given.plot, febrl=given.febrl,
                      allocation=given.allocation)  # fmt: skip
    if given.json:
        print(json.dumps(figures, indent=1))
        return
    for line in lines(figures):
        print(line)


if __name__ == "__main__":
    main()
