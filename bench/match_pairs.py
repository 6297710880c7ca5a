"""Splink's score of candidate pairs of our own chart beside ours: which account stands first.

Both get the same pairs, those the index brings in for a payment without a number. Splink gets what
its comparisons can use: the payer's first and last name as our parser has them against the
guarantor's, house number, street, town and ZIP, and the amount against the open amount that is
equal to it, else the first; it is trained on these pairs without being told which are right.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from bench.match_load import loaded
from bench.match_payments import Drawn, draw
from bench.match_splink import scored
from matching import index
from matching.decide import decide
from matching.names import people, plain
from matching.places import place
from matching.types import AccountFacts, Clues, Part, PaymentClues
from records.db import Database

_Row = dict[str, str | None]


def measure(accounts: int = 5000, payments: int = 400, seed: int = 7) -> dict[str, Any]:
    """Shares of payments whose account stands first, and milliseconds a payment."""
    with loaded("sqlite", accounts, seed) as chart:
        todo = [each for each in draw(chart.chart, chart.owing, payments, seed, number_share=0.0)
                if each.accounts]  # fmt: skip
        begun = time.perf_counter()
        ours, known = _ours(chart.database, todo)
        spent = time.perf_counter() - begun
        chart.database.close()
    read = [_read(place, each.clues) for place, each in enumerate(todo)]
    begun = time.perf_counter()
    weights = scored(known, read)
    theirs_spent = time.perf_counter() - begun
    theirs = _firsts(weights)
    right = [sum(first.get(place) in each.accounts for place, each in enumerate(todo))
             for first in (ours, theirs)]  # fmt: skip
    return {
        "accounts": accounts, "payments": len(todo), "pairs": len(known), "seed": seed,
        "scores": [
            {"name": "open lockbox", "right_first": round(right[0] / len(todo), 4),
             "ms_a_payment": round(1000 * spent / len(todo), 2), "errors_times_ours": 1.0},
            {"name": "splink", "right_first": round(right[1] / len(todo), 4),
             "ms_a_payment": round(1000 * theirs_spent / len(todo), 2),
             "errors_times_ours": round((len(todo) - right[1]) / max(len(todo) - right[0], 1), 1)},
        ],
    }  # fmt: skip


def _ours(database: Database, todo: list[Drawn]) -> tuple[dict[int, str], list[_Row]]:
    """The account that stands first for each payment, and every pair that was compared."""
    firsts: dict[int, str] = {}
    rows: list[_Row] = []
    with database.read() as session:
        for number, each in enumerate(todo):
            pool = index.pool(session, each.clues)
            payment = PaymentClues(None, (Part("check", each.clues, None),))
            (ranking,) = decide(payment, [pool], 1.0).rankings
            if ranking.candidates:
                firsts[number] = ranking.candidates[0].account.number
            rows += [_known(number, account, each.clues) for account in pool.accounts]
    return firsts, rows


def _known(number: int, account: AccountFacts, clues: Clues) -> _Row:
    owed = [cents for s in account.open_statements for cents in (s.open_cents, s.minimum_due_cents)]
    cents = clues.amount_cents if clues.amount_cents in (*owed, account.open_cents) else None
    told = cents or next(iter(owed), None)
    return _row(number, f"{number}:{account.number}", plain(account.guarantor_first),
                plain(account.guarantor_last), f"{account.street}, {account.city} "
                f"{account.state} {account.zip}", told)  # fmt: skip


def _read(number: int, clues: Clues) -> _Row:
    persons = people(clues.payer_name)
    first, last = (persons[0].first, persons[0].last) if persons else ("", "")
    return _row(number, f"read:{number}", first, last, clues.payer_address, clues.amount_cents)


def _row(
    number: int, ident: str, given: str, surname: str, address: str, cents: int | None
) -> _Row:
    where = place(address)
    town = address.rpartition(",")[2].rsplit(" ", 2)[0].strip() if address else ""
    texts = {
        "ask": str(number), "given": given, "surname": surname, "number": where.house,
        "line": where.street, "suburb": plain(town), "postcode": where.zip,
        "amount": str(cents) if cents else "",
    }  # fmt: skip
    return {"unique_id": ident, **{name: text or None for name, text in texts.items()}}


def _firsts(weights: list[tuple[float, str, str]]) -> dict[int, str]:
    best: dict[int, list[tuple[float, str]]] = defaultdict(list)
    for weight, _, known in weights:
        number, _, account = known.partition(":")
        best[int(number)].append((-weight, account))
    return {number: min(some)[1] for number, some in best.items()}
