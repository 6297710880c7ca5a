"""How often a remitted claim is put to the sent claim that it is: right, wrong, or to a person.

A seeded chart in a database of its own, found and compared by the product's own code. Claims come
electronically (the payer's habits only) and from paper (misread and unread cells as well).
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.claim_chart import Remitted, chart, remit
from matching import claim_finding
from matching.claim_compare import ClaimRanking
from matching.claim_facts import SentClaim
from matching.claim_importing import surname_begin
from records import clock, crypto, ids
from records.installation import open_installation
from records.models import Account, BankAccount, ChartClaim, ChartClaimLine, Office
from records.settings import Settings

CLAIMS = 20_000
COUNT = 1_500


def measure(*, seed: int = 7, count: int | None = None, claims: int = CLAIMS) -> dict[str, Any]:
    """Right, wrong and to a person of ``count`` claims each way, among ``claims`` that were sent.

    ``wrong``: put to a claim that it is not, or to one where it is none of the chart.
    """
    asked = count or COUNT
    rng = random.Random(f"claims {seed}")
    sent = chart(rng, claims)
    with tempfile.TemporaryDirectory() as folder:
        held = open_installation(Settings(data_dir=Path(folder)))
        try:
            with held.db.write() as session:
                _fill(session, sent)
            with held.db.read() as session:
                ways = {
                    name: _measured(session, [remit(rng, sent, exact=exact) for _ in range(asked)])
                    for name, exact in (("electronic", True), ("paper", False))
                }
        finally:
            held.close()
    return {"bench": "claims", "seed": seed, "claims": claims, "n": asked, **ways}


def _measured(session: Session, remitted: Sequence[Remitted]) -> dict[str, Any]:
    count = claim_finding.counted(session)
    outcomes: Counter[str] = Counter()
    habits: Counter[str] = Counter()
    right_of: Counter[str] = Counter()
    wrong: list[str] = []
    asked = first = 0
    took = 0.0
    for each in remitted:
        began = time.perf_counter()
        ranking = claim_finding.find(session, each.claim, count)
        took += time.perf_counter() - began
        outcomes[judged(ranking, each.truth)] += 1
        asked += each.truth is not None
        best = ranking.candidates[:1]
        first += bool(best) and best[0].claim.number == each.truth
        habits.update(set(each.habits))
        if judged(ranking, each.truth) == "right":
            right_of.update(set(each.habits))
        if judged(ranking, each.truth) == "wrong":
            wrong.append("+".join(sorted(set(each.habits))) or "plain")
    return {
        "right": outcomes["right"],
        "wrong": outcomes["wrong"],
        "to_a_person": outcomes["to_a_person"],
        "rightly_none": outcomes["rightly_none"],
        "in_chart": asked,
        "true_claim_first": first,
        "wrong_were": dict(Counter(wrong)),
        "right_by_habit": {name: [right_of[name], seen] for name, seen in sorted(habits.items())},
        "ms_each": round(1000 * took / max(len(remitted), 1), 2),
    }


def judged(ranking: ClaimRanking, truth: str | None) -> str:
    """``right``, ``wrong``, ``to_a_person``, or ``rightly_none`` for one that is not in the chart
    and was put nowhere."""
    found = ranking.found
    if found is None:
        return "to_a_person" if truth is not None else "rightly_none"
    return "right" if found.claim.number == truth else "wrong"


def _fill(session: Session, sent: Sequence[SentClaim]) -> None:
    bank = BankAccount(code="B", name="B", routing_number="021000021", sealed={},
                       account_hmac=crypto.keyring().fingerprint("bank_account", "B"),
                       account_last4="0000")  # fmt: skip
    session.add(bank)
    session.flush()
    office = Office(code="NORTH", name="North", bank_account_id=bank.id, settings={})
    session.add(office)
    session.flush()
    now = clock.now()
    accounts = {each.account_number: (ids.new_id(), each) for each in sent}
    session.execute(insert(Account), [
        {"id": ident, "created_at": now, "number": number, "office_id": office.id,
         "patient_first": each.patient_first, "patient_last": each.patient_last,
         "guarantor_first": each.patient_first, "guarantor_last": each.patient_last,
         "member_id": each.member_id}
        for number, (ident, each) in accounts.items()
    ])  # fmt: skip
    keys = [ids.new_id() for _ in sent]
    session.execute(insert(ChartClaim), [
        {"id": key, "created_at": now, "number": each.number, "payer_number": each.payer_number,
         "account_id": accounts[each.account_number][0], "member_id": each.member_id,
         "payer_name": "", "charged_cents": each.charged_cents}
        for key, each in zip(keys, sent, strict=True)
    ])  # fmt: skip
    session.execute(insert(ChartClaimLine), [
        {"id": ids.new_id(), "created_at": now, "claim_id": key, "position": place,
         "service_on": line.service_on, "procedure": line.procedure,
         "modifiers": ":".join(line.modifiers), "tooth": "", "units": line.units,
         "charged_cents": line.charged_cents, "provider_name": "",
         "surname_begin": surname_begin(each.patient_last)}
        for key, each in zip(keys, sent, strict=True)
        for place, line in enumerate(each.lines)
    ])  # fmt: skip
