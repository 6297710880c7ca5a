"""Splitting one check over one to six statements of a household: right first, and wrong unasked.

Households are drawn: one to four accounts, what is paid among what is open and what was paid long
ago. Checks pay statements in full, a minimum due, a part, or more than is owed, with a stub for
each, one stub, or none. Names and addresses are read right: it is the split that is measured. The
peer is what practice systems do by themselves: the named statement first, then the oldest. It is
told which account is meant; a second one has to begin, as we do, with the account found first.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bench.match_chart import AS_OF, Chart, Family, balance
from matching.bounds import upper_bound
from matching.decide import decide
from matching.types import (
    AccountFacts,
    Clues,
    OpenStatement,
    Part,
    PaymentClues,
    Pool,
    Share,
)
from matching.types import Chart as Known
from records.settings import Settings

MOST = 6
ACCOUNTS = 2000
STANDS_FOR = 100_000
_KINDS = ("full", "minimum", "part", "over")
Key = frozenset[tuple[str, str, int]]
Item = tuple[str, OpenStatement]


@dataclass(frozen=True, slots=True)
class Split:
    """A check over ``count`` statements: what is asked, and the true split by account.

    ``kind`` is ``full``, ``minimum``, ``part`` or ``over``; ``stubs`` is ``each``, ``one`` or
    ``none``. Of an overpayment the rest may stand unapplied on any account of the household, but
    is not to be left unidentified. ``items`` is all that is open, ``named`` what a stub names.
    """

    count: int
    kind: str
    stubs: str
    payment: PaymentClues
    pool: Pool
    truth: Key
    payer: str
    named: tuple[Item, ...]
    items: tuple[Item, ...]

    def by_age(self, account: str) -> Key:
        """The peer's split: what is named, then the account's statements by age, then others'."""
        amount = self.payment.amount_cents or 0
        then = [each for each in oldest(self.items, account) if each not in self.named]
        paid = by_age(amount, [*self.named, *then])
        rest = amount - sum(cents for _, cents in paid)
        return key(((number, s.number, cents) for (number, s), cents in paid), rest)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a check was split right, by us and the peer (``untold``: by the account found)."""

    split: Split
    first: bool
    among: bool
    clear: bool
    auto: bool
    peer: bool
    untold: bool


def measure(payments: int = 3000, seed: int = 7, threshold: float | None = None) -> dict[str, Any]:
    """Shares by the number of statements paid, by kind and by stubs, as JSON data."""
    default = Settings.model_fields["match_auto_threshold"].default
    sure = float(default if threshold is None else threshold)
    answers = [answer(split, sure) for split in splits(payments, seed)]
    groups: dict[str, dict[str, list[Answer]]] = {
        "by_statements": defaultdict(list), "by_kind": defaultdict(list),
        "by_stubs": defaultdict(list),
    }  # fmt: skip
    for each in answers:
        groups["by_statements"][str(each.split.count)].append(each)
        groups["by_kind"][each.split.kind].append(each)
        groups["by_stubs"][each.split.stubs].append(each)
    return {
        "payments": payments,
        "seed": seed,
        "threshold": sure,
        "peer": "named statement first, then the oldest",
        "all": figures(answers),
        **{
            name: {key: figures(some) for key, some in sorted(rows.items())}
            for name, rows in groups.items()
        },
    }


def splits(count: int, seed: int) -> list[Split]:
    """So many checks; the same seed gives the same."""
    rng = random.Random(f"allocation:{seed}")
    families = [f for f in Chart(seed, ACCOUNTS).families() if 1 <= len(f.patients) <= 4]
    return [_split(rng, families) for _ in range(count)]


def _split(rng: random.Random, families: Sequence[Family]) -> Split:
    count = rng.randint(1, MOST)
    accounts = household(rng, rng.choice(families), count)
    items: list[Item] = [(a.number, s) for a in accounts for s in a.open_statements]
    chosen = rng.sample(items, count)
    kind = rng.choices(_KINDS, (78, 6 if count == 1 else 0, 8, 8))[0]
    stubs = rng.choices(("each", "one", "none"), (30, 30, 40))[0]
    if kind == "part" and stubs == "none":
        # Nothing says which is meant: then the oldest is, as everybody posts it.
        chosen = oldest(items, chosen[0][0])[:count]
    paid, rest = _paid(rng, kind, chosen)
    if not paid:
        return _split(rng, families)
    payer = next(a for a in accounts if a.number == chosen[0][0])
    amount = sum(cents for _, cents in paid) + rest
    truth = key(((number, s.number, cents) for (number, s), cents in paid), rest)
    known = Known(STANDS_FOR, 3)
    others = [facts_of(f, number) for f in rng.sample(list(families), 2)
              for number in range(len(f.patients))]  # fmt: skip
    pool = Pool((*accounts, *others), known)
    named = {"each": chosen, "one": chosen[:1], "none": []}[stubs]
    payment = payment_of(payer, amount, [(s, c) for (_, s), c in paid], stubs)
    return Split(count, kind, stubs, payment, pool, truth, payer.number, tuple(named), tuple(items))


def household(rng: random.Random, family: Family, count: int) -> tuple[AccountFacts, ...]:
    """The family's accounts with at least ``count`` open statements, and more, and paid ones."""
    open_ = count + rng.choices((0, 1, 2, 3), (45, 30, 15, 10))[0]
    paid = rng.randint(0, 4)
    owed: dict[int, list[OpenStatement]] = defaultdict(list)
    for place in range(open_ + paid):
        cents = balance(rng)
        owed[rng.randrange(len(family.patients))].append(
            OpenStatement(
                f"8{rng.randrange(10**8):08d}{place}", AS_OF - timedelta(days=rng.randint(8, 200)),
                cents, cents if place < open_ else 0,
                cents if cents <= 10_000 else max(5000, cents // 1000 * 100),
            )
        )  # fmt: skip
    return tuple(
        facts_of(
            family, place, tuple(sorted(owed[place], key=lambda s: (s.statement_on, s.number)))
        )
        for place in range(len(family.patients))
    )


def facts_of(
    family: Family, place: int, statements: tuple[OpenStatement, ...] = ()
) -> AccountFacts:
    """The account of one patient of a family."""
    who = family.patients[place]
    return AccountFacts(
        who.number, who.office, who.first, who.last, who.payer_first, who.payer_last,
        family.street, family.city, family.state, family.zip, who.member_id, family.code,
        statements,
    )  # fmt: skip


def _paid(
    rng: random.Random, kind: str, chosen: Sequence[Item]
) -> tuple[list[tuple[Item, int]], int]:
    """Cents for each statement, and what is left over; nothing when the kind does not fit."""
    whole = [(item, item[1].open_cents) for item in chosen]
    if kind == "over":
        return whole, rng.randint(1, 50) * 100
    if kind == "minimum":
        minimum = chosen[0][1].minimum_due_cents or 0
        return ([(chosen[0], minimum)] if minimum < chosen[0][1].open_cents else []), 0
    if kind == "part":
        last, cents = whole[-1]
        part = cents * rng.randint(2, 9) // 10_000 * 1000
        return ([*whole[:-1], (last, part)] if part else []), 0
    return whole, 0


def payment_of(
    payer: AccountFacts, amount: int, paid: Sequence[tuple[OpenStatement, int]], stubs: str
) -> PaymentClues:
    """The check as read, with a stub for each statement, for the first of them, or without."""
    base = Clues(
        payer_name=f"{payer.guarantor_first} {payer.guarantor_last}",
        payer_address=f"{payer.street}, {payer.city} {payer.state} {payer.zip}",
        office_code=payer.office_code,
    )
    if stubs == "each" and len(paid) > 1:
        parts = tuple(
            Part("coupon", replace(base, amount_cents=cents, statement_numbers=(s.number,)), cents)
            for s, cents in paid
        )
        return PaymentClues(amount, parts)
    numbers = () if stubs == "none" else (paid[0][0].number,)
    clues = replace(base, amount_cents=amount, statement_numbers=numbers)
    return PaymentClues(amount, (Part("check", clues, amount, "check"),))


def oldest(items: Sequence[Item], first: str) -> list[Item]:
    """The payer's own statements by age, then those of the others of the household."""
    return sorted(items, key=lambda i: (i[0] != first, i[1].statement_on, i[1].number))


def by_age(amount: int, items: Sequence[Item]) -> list[tuple[Item, int]]:
    """Cents for each statement in this order, until the amount is used up."""
    shares: list[tuple[Item, int]] = []
    for item in items:
        cents = min(amount - sum(each for _, each in shares), item[1].open_cents)
        if cents:
            shares.append((item, cents))
    return shares


def key(shares: Any, rest: int) -> Key:
    """The parts of a split; what is unapplied without the account it stands on."""
    return frozenset([*shares, *([("", "", rest)] if rest else [])])


def _key_of(shares: Sequence[Share]) -> Key:
    posted = [(s.account_number or "", s.statement_number or "", s.amount_cents)
              for s in shares if s.statement_number]  # fmt: skip
    nobodys = [("nobody", "", s.amount_cents) for s in shares if s.destination == "unidentified"]
    rest = sum(s.amount_cents for s in shares if s.destination == "unapplied")
    return key([*posted, *nobodys], rest)


def answer(split: Split, threshold: float) -> Answer:
    """What we and the peer say of a check; ``threshold`` as the setting of that name."""
    pools = [split.pool] * len(split.payment.parts)
    verdict = decide(split.payment, pools, threshold)
    keys = [_key_of(way.shares) for way in verdict.proposals]
    first = verdict.rankings[0].candidates[0].account.number
    return Answer(
        split,
        first=keys[:1] == [split.truth],
        among=split.truth in keys,
        clear=verdict.proposals[0].clear,
        auto=verdict.outcome == "auto",
        peer=split.by_age(split.payer) == split.truth,
        untold=split.by_age(first) == split.truth,
    )


def figures(answers: Sequence[Answer]) -> dict[str, Any]:
    """Shares and counts of these answers, as JSON data."""
    auto = [each for each in answers if each.auto]
    wrong = sum(not each.first for each in auto)
    count = max(len(answers), 1)
    right = sum(each.first for each in answers)
    peer = sum(each.peer for each in answers)
    return {
        "payments": len(answers),
        "right_first": round(right / count, 4),
        "right_among_proposals": round(sum(each.among for each in answers) / count, 4),
        "clear_but_wrong": sum(each.clear and not each.first for each in answers),
        "auto": len(auto),
        "auto_wrong": wrong,
        "auto_wrong_at_most": round(upper_bound(wrong, len(auto)), 6) if auto else 1.0,
        "peer_right": round(peer / count, 4),
        "peer_untold_right": round(sum(each.untold for each in answers) / count, 4),
        "peer_errors_times_ours": round((count - peer) / max(count - right, 1), 1),
    }
