"""Ten thousand confirmations in order: does automation rise, does wrong stay under its bound, and
does an alarm stop it when a scanner begins to confuse 3 and 8?

``lockbox bench match --confirmations 10000``; ``--target`` says what the office allows, and with
``--steady`` the scanner never drifts: every alarm is then a false one. Every payment goes through
the product's own tables: registered, matched, and answered by a specialist who knows the truth
wherever the program asks. The peer in the same run is the rule that most products ship: one
threshold for all, never moved.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.match_load import Loaded, loaded
from bench.match_mail import answer, is_right, matched, newest
from bench.match_payments import Drawn, Noise, draw
from matching import proofs, strata, watching
from matching.bounds import upper_bound
from matching.model import shipped
from matching.types import Clues
from records.models import Office, Payment

TARGET = 0.001
_FILE = 50
_ROWS = 10
_DRIFT_SHARE = 0.2
"""The last fifth of the payments comes from the scanner that drifts."""
_CONFUSED = 0.5
_PEER = 0.995


def measure(
    confirmations: int,
    seed: int,
    accounts: int | None = None,
    *,
    target: float = TARGET,
    steady: bool = False,
) -> dict[str, Any]:
    """One row for each tenth of the payments, and when alarms were raised and ended.

    ``target`` is the share of wrong ones that the office allows; ``steady``: without the drift.
    """
    size = accounts or max(confirmations * 9, 2000)
    with _settings(target), loaded("sqlite", size, seed, offices=1) as chart:
        mail = _mail(chart, confirmations, seed)
        drift_from = len(mail) if steady else round(len(mail) * (1 - _DRIFT_SHARE))
        alarms = Alarms()
        rows = list(_days(chart, mail, seed, drift_from, alarms))
        chart.database.close()
    before = [row for row in rows if not row["drift"]]
    after = [row for row in rows if row["drift"]]
    return {
        "payments": len(mail), "seed": seed, "accounts": size, "target": target,
        "sampled_share": 0.01, "drift_from": None if steady else drift_from, "rows": rows,
        "alarms": alarms.told, "before_drift": _together(before), "after_drift": _together(after),
    }  # fmt: skip


class Alarms:
    """When alarms were raised and ended, by the payments matched before."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._standing: dict[str, str] = {}

    def look(self, standing: dict[str, str], place: int) -> None:
        """``standing``: those that stand after ``place`` payments, and what they say."""
        for name in sorted(standing.keys() - self._standing.keys()):
            self.told.append({"at": place, "alarm": name, "raised": True, "says": standing[name]})
        for name in sorted(self._standing.keys() - standing.keys()):
            self.told.append({"at": place, "alarm": name, "raised": False, "says": ""})
        self._standing = standing


@contextmanager
def _settings(target: float) -> Iterator[None]:
    """The office's target; what the environment said before stands again afterwards."""
    wanted = {"LOCKBOX_MATCH_TARGET": str(target), "LOCKBOX_MATCH_SAMPLE_SHARE": "0.01"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _mail(chart: Loaded, count: int, seed: int) -> list[Drawn]:
    """Payments of different households, so that none meets a statement that was paid before."""
    seen: set[str] = set()
    found: list[Drawn] = []
    for each in draw(chart.chart, chart.owing, 3 * count, seed, Noise(amount_misread=0.0)):
        if each.household in seen:
            continue
        seen |= {each.household} - {""}
        found.append(each)
    return found[:count]


def _days(
    chart: Loaded, mail: Sequence[Drawn], seed: int, drift_from: int, alarms: Alarms
) -> Iterator[dict[str, Any]]:
    rng = random.Random(f"drift:{seed}")
    step = max(len(mail) // _ROWS, 1)
    for start in range(0, len(mail), step):
        counts: Counter[str] = Counter()
        part = mail[start : start + step]
        for at in range(0, len(part), _FILE):
            place = start + at
            truth = part[at : at + _FILE]
            read = [drifted(rng, each) if place >= drift_from else each for each in truth]
            counts += _file(chart, read, truth, seed + place)
            alarms.look(_alarmed(chart), place + len(truth))
        yield {
            "from": start, "drift": start >= drift_from, **_row(counts),
            **_standing(chart),
        }  # fmt: skip


def _file(chart: Loaded, read: Sequence[Drawn], truth: Sequence[Drawn], seed: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    with chart.database.write() as session:
        office = session.scalars(select(Office).where(Office.code == "OFF00")).one()
        for payment, each in zip(matched(session, office, read, seed), truth, strict=True):
            counts += _one(session, payment, each)
    return counts


def _one(session: Any, payment: Payment, each: Drawn) -> Counter[str]:
    cents = each.clues.amount_cents or 0
    decision = newest(session, payment)
    right = is_right(decision, each, cents)
    counts = Counter(payments=1)
    if decision.outcome == "auto":
        counts.update(alone=1, wrong=int(not right))
    else:
        counts.update(asked=1, sampled=int(decision.outcome == "sampled"))
        answer(session, payment, each, cents)
    sure = (decision.probability or 0.0) >= _PEER
    counts.update(peer_alone=int(sure), peer_wrong=int(sure and not right))
    return counts


def _row(counts: Counter[str]) -> dict[str, Any]:
    names = ("payments", "alone", "wrong", "sampled", "peer_alone", "peer_wrong")
    return {name: counts[name] for name in names}


def _standing(chart: Loaded) -> dict[str, Any]:
    """What goes alone, and what kind that does not would still need."""
    with chart.database.read() as session:
        rows = proofs.evidence(session, _office(session), shipped())
    return {
        "open": ", ".join(sorted(row.stratum for row in rows if row.cut is not None)),
        "needs": {row.stratum: row.needs for row in rows if row.needs},
        "alarmed": ", ".join(sorted(row.stratum for row in rows if row.alarmed)),
        "shifted": ", ".join(sorted(row.stratum for row in rows if row.shifted)),
    }


def _alarmed(chart: Loaded) -> dict[str, str]:
    """Every alarm that stands: of a kind that proved wrong, or of readings that shifted."""
    with chart.database.read() as session:
        office = _office(session)
        wrong = [row for row in strata.rows_of(session, office).values() if row.alarmed_at]
        shifted = [each for each in watching.watched(session, office) if each.words]
        return {
            **{f"wrong: {row.stratum}": str(row.alarm) for row in wrong},
            **{f"shifted: {each.evidence}": each.words for each in shifted},
        }


def _office(session: Session) -> str:
    return session.scalars(select(Office.id).where(Office.code == "OFF00")).one()


def _together(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    alone, wrong = sum(r["alone"] for r in rows), sum(r["wrong"] for r in rows)
    payments = sum(r["payments"] for r in rows)
    return {
        "alone_share": round(alone / max(payments, 1), 4), "alone": alone, "wrong": wrong,
        "wrong_at_most": round(upper_bound(wrong, alone), 6) if alone else None,
        "peer_alone": sum(r["peer_alone"] for r in rows),
        "peer_wrong": sum(r["peer_wrong"] for r in rows),
    }  # fmt: skip


def drifted(rng: random.Random, each: Drawn) -> Drawn:
    """The payment as the scanner sees it that takes half of all 3 for 8 and of all 8 for 3."""
    clues = each.clues

    def seen(text: str) -> str:
        return "".join(
            {"3": "8", "8": "3"}.get(c, c) if rng.random() < _CONFUSED else c for c in text
        )

    cents = None if clues.amount_cents is None else int(seen(str(clues.amount_cents)))
    read: Clues = replace(
        clues, amount_cents=cents, payer_address=seen(clues.payer_address),
        account_numbers=tuple(seen(number) for number in clues.account_numbers),
        statement_numbers=tuple(seen(number) for number in clues.statement_numbers),
    )  # fmt: skip
    return replace(each, clues=read)
