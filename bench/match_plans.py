"""Splitting checks of people who pay by a plan: the instalment, two at once, or a new statement.

Beside ``bench.match_allocation`` and measured as there. One account of a household has a plan of a
round sum; an instalment goes to its oldest statements whatever else is open, as does a second one
paid with it. Now and then the check is for a newer statement instead, named by its stub, or for
the whole of another member's. The peer knows no plan: the named statement first, then the oldest.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bench.match_allocation import (
    ACCOUNTS,
    STANDS_FOR,
    Answer,
    Item,
    Split,
    answer,
    by_age,
    facts_of,
    figures,
    household,
    key,
    oldest,
    payment_of,
)
from bench.match_chart import Chart, Family
from matching.types import AccountFacts, Pool
from matching.types import Chart as Known

_KINDS = {"instalment": 60, "two at once": 15, "a new statement": 15, "another member's": 10}
_INSTALMENTS = (2_500, 4_000, 5_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000)


def measure(payments: int, seed: int, threshold: float) -> dict[str, Any]:
    """Shares by kind and by what the check comes with, as JSON data."""
    answers = [answer(split, threshold) for split in plan_splits(payments, seed)]
    by_kind: dict[str, list[Answer]] = defaultdict(list)
    by_stubs: dict[str, list[Answer]] = defaultdict(list)
    for each in answers:
        by_kind[each.split.kind].append(each)
        by_stubs[each.split.stubs].append(each)
    return {
        "all": figures(answers),
        "by_kind": {kind: figures(some) for kind, some in sorted(by_kind.items())},
        "by_stubs": {stubs: figures(some) for stubs, some in sorted(by_stubs.items())},
    }


def plan_splits(count: int, seed: int) -> list[Split]:
    """So many checks of households with a plan; the same seed gives the same."""
    rng = random.Random(f"plans:{seed}")
    families = [f for f in Chart(seed, ACCOUNTS).families() if 1 <= len(f.patients) <= 4]
    made: list[Split] = []
    while len(made) < count:
        split = _split(rng, families)
        if split is not None:
            made.append(split)
    return made


def _split(rng: random.Random, families: Sequence[Family]) -> Split | None:
    """One check; None when the household drawn does not have what its kind asks."""
    kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]
    accounts = household(rng, rng.choice(families), rng.randint(2, 5))
    place = rng.randrange(len(accounts))
    asked = rng.choice(_INSTALMENTS)
    planned = replace(accounts[place], instalment_cents=asked)
    accounts = (*accounts[:place], planned, *accounts[place + 1 :])
    items: list[Item] = [(a.number, s) for a in accounts for s in a.open_statements]
    paid = _paid(rng, kind, planned, items, asked)
    if not paid:
        return None
    amount = sum(cents for _, cents in paid)
    stubs = "one" if kind == "a new statement" else rng.choices(("one", "none"), (40, 60))[0]
    payer = next(a for a in accounts if a.number == paid[0][0][0])
    others = [facts_of(f, n) for f in rng.sample(list(families), 2) for n in range(len(f.patients))]
    truth = key(((number, s.number, cents) for (number, s), cents in paid), 0)
    payment = payment_of(payer, amount, [(s, cents) for (_, s), cents in paid], stubs)
    named = (paid[0][0],) if stubs == "one" else ()
    pool = Pool((*accounts, *others), Known(STANDS_FOR, 3))
    return Split(len(paid), kind, stubs, payment, pool, truth, payer.number, named, tuple(items))


def _paid(
    rng: random.Random, kind: str, planned: AccountFacts, items: Sequence[Item], asked: int
) -> list[tuple[Item, int]]:
    """Cents for each statement; nothing when this household cannot be paid so."""
    own = [item for item in oldest(items, planned.number) if item[0] == planned.number]
    if kind == "another member's":
        others = [item for item in items if item[0] != planned.number]
        return [(item, item[1].open_cents) for item in rng.sample(others, min(1, len(others)))]
    if kind == "a new statement":
        return [(own[-1], own[-1][1].open_cents)] if len(own) > 1 else []
    amount = asked * (2 if kind == "two at once" else 1)
    if sum(s.open_cents for _, s in own) < amount:
        return []
    return by_age(amount, own)
