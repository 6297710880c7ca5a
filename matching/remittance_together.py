"""Remittances and checks that go together by their sum: one EOB for several checks, several EOBs
for one check. Pure.

A sum comes out right by chance, and the oftener the more there is to choose from. So it is sure
only with the evidence of a number or of one envelope, or where it is the only sum of one payer's
papers of one day, hardly made by chance, and nothing of it could be anything else. Any other sum
is for a person. Candidates are looked up by number, day and envelope; nothing compares all with
all, and a search among more than ``MOST_MET`` is not begun.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from matching.remittance_scoring import Advice, Fit, Money, fit, may_be, plain_number
from matching.sums import MOST_MET, met, unlikely
from matching.types import Reason

By = Literal["number", "envelope", "payer_date"]
MOST_FOUND = 3
"""More sums of one document or check than this are no help to anybody."""
_MOST_COMPARED = 20_000
"""Pairs of one day that are looked at; beyond them nothing is looked for."""
_SURE_PAYER = frozenset({"same", "remembered"})


@dataclass(frozen=True, slots=True)
class Sum:
    """Remittances and payments of the same cents: several of one of them, one of the other.

    ``by`` says by what they were found; ``sure`` that they may be joined without a person.
    """

    advices: tuple[str, ...]
    payments: tuple[str, ...]
    by: By
    sure: bool
    reasons: tuple[Reason, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """All that is in it."""
        return (*self.advices, *self.payments)


def sums(
    advices: Sequence[Advice], payments: Sequence[Money], explained: Mapping[str, int] | None = None
) -> list[Sum]:
    """Every sum among remittances that wait and payments that lack one, the sure ones marked.

    ``explained``: of payments that have some of their remittances, the cents that those explain.
    Only remittances of which the claims make up the total are in a sum.
    """
    known = explained or {}
    advices = sorted(advices, key=lambda each: each.id)
    payments = sorted(payments, key=lambda each: each.id)
    whole = [
        each
        for each in advices
        if each.amount_cents is not None and each.amount_cents == each.explained_cents
    ]
    checks = [each for each in payments if each.amount_cents and not each.electronic]
    bare = [each for each in checks if each.id not in known]
    found = [*_divided(whole, bare), *_of_number(whole, checks, known), *_of_day(whole, bare)]
    uses = Counter(one for each in found for one in set(each.ids))
    numbered = Counter(one for each in found if each.by == "number" for one in each.ids)
    rivals = _rivals(advices, payments, {one for each in found for one in each.ids})

    def is_alone(each: Sum) -> bool:
        # Two checks may bear one number: documents that name it are then of neither for sure.
        if each.by == "number":
            return all(numbered[one] == 1 for one in each.ids)
        return all(uses[one] == 1 and not rivals[one] for one in each.ids)

    return [replace(each, sure=each.sure and is_alone(each)) for each in found]


def _rivals(advices: Sequence[Advice], payments: Sequence[Money], named: set[str]) -> Counter[str]:
    """How many single partners each of these may have, a check of unread amount counted as well."""
    by_cents: dict[int | None, list[Money]] = defaultdict(list)
    for money in payments:
        by_cents[money.amount_cents].append(money)
    found: Counter[str] = Counter()
    for advice in advices:
        for money in (*by_cents[advice.amount_cents], *by_cents[None]):
            if advice.amount_cents is None or not ({advice.id, money.id} & named):
                continue
            if may_be(fit(advice, money)):
                found.update([advice.id, money.id])
    return found


def _divided(advices: Sequence[Advice], payments: Sequence[Money]) -> list[Sum]:
    """One document for several checks."""
    by_envelope, by_day = _index(payments)
    found: list[Sum] = []
    compared = 0
    for advice in advices:
        compared += len(by_day.get(advice.paid_on, ()))
        if not advice.amount_cents or compared > _MOST_COMPARED:
            continue
        beside = [m for m in by_envelope[advice.envelope] if m.id not in advice.apart]
        near = {m.id: m for m in (*beside, *by_day.get(advice.paid_on, ()))}
        pool = [(m, fit(advice, m)) for m in near.values() if m.id not in advice.apart]
        pool = [(m, f) for m, f in pool if _may_share(f) and _cents(m) < advice.amount_cents]
        if len(beside) > 1 and sum(map(_cents, beside)) == advice.amount_cents:
            if len([m for m, _ in pool if m in beside]) == len(beside):
                found.append(_sum((advice,), beside, "envelope", sure=_number_fits(advice, beside)))
            continue
        found += _found(advice, [(m, f) for m, f in pool if _is_of_day(f)])
    return found


def _found(advice: Advice, pool: Sequence[tuple[Money, Fit]]) -> list[Sum]:
    if not 1 < len(pool) <= MOST_MET or advice.amount_cents is None:
        return []
    cents = [_cents(money) for money, _ in pool]
    made = []
    for places in met(cents, advice.amount_cents, MOST_FOUND, least=2):
        chosen = [pool[place][0] for place in places]
        if _number_fits(advice, chosen):
            sure = unlikely(cents, advice.amount_cents)
            made.append(_sum((advice,), chosen, "payer_date", sure=sure))
    return made


def _of_number(
    advices: Sequence[Advice], payments: Sequence[Money], explained: Mapping[str, int]
) -> list[Sum]:
    """Several documents for one check, all that name its number: those and no others."""
    by_number: dict[str, list[Advice]] = defaultdict(list)
    for advice in advices:
        by_number[plain_number(advice.number)].append(advice)
    found = []
    for money in payments:
        number, rest = plain_number(money.number), _cents(money) - explained.get(money.id, 0)
        mine = [] if not number else [
            each
            for each in by_number[number]
            if money.id not in each.apart and _names(fit(each, money))
        ]  # fmt: skip
        least = 1 if money.id in explained else 2
        if len(mine) >= least and rest > 0 and sum(map(_explained, mine)) == rest:
            found.append(_sum(mine, (money,), "number", sure=True))
    return found


def _of_day(advices: Sequence[Advice], payments: Sequence[Money]) -> list[Sum]:
    """Several documents for one check, of its payer and day, that name no number."""
    by_day: dict[date, list[Advice]] = defaultdict(list)
    for advice in advices:
        if advice.paid_on is not None:
            by_day[advice.paid_on].append(advice)
    found = []
    compared = 0
    for money in payments:
        compared += len(by_day.get(money.written_on, ()))  # type: ignore[arg-type]  # None: none
        if compared > _MOST_COMPARED:
            break
        pool = [
            each
            for each in by_day.get(money.written_on, ())  # type: ignore[arg-type]  # None: none
            if 0 < _explained(each) < _cents(money)
            and money.id not in each.apart
            and _may_share(seen := fit(each, money))
            and _is_of_day(seen)
        ]
        if not 1 < len(pool) <= MOST_MET:
            continue
        cents = [_explained(each) for each in pool]
        for places in met(cents, _cents(money), MOST_FOUND, least=2):
            chosen = [pool[place] for place in places]
            sure = unlikely(cents, _cents(money)) and not any(each.number for each in chosen)
            found.append(_sum(chosen, (money,), "payer_date", sure=sure))
    return found


def _index(
    payments: Iterable[Money],
) -> tuple[Mapping[str, list[Money]], Mapping[date | None, list[Money]]]:
    by_envelope: dict[str, list[Money]] = defaultdict(list)
    by_day: dict[date | None, list[Money]] = defaultdict(list)
    for money in payments:
        by_envelope[money.envelope].append(money)
        if money.written_on is not None:
            by_day[money.written_on].append(money)
    return by_envelope, by_day


def _may_share(found: Fit) -> bool:
    """Whether nothing but the amount speaks against the two."""
    near = found.level("received") == "near" and found.level("office") == "same"
    return near and found.level("payer") != "different" and found.level("date") != "far"


def _is_of_day(found: Fit) -> bool:
    return found.level("payer") in _SURE_PAYER and found.level("date") == "same"


def _names(found: Fit) -> bool:
    """Whether it is the check's number that it names, and a short one with the payer's name."""
    number, payer = found.level("number"), found.level("payer")
    telling = number == "same" or (number == "same_short" and payer in _SURE_PAYER)
    return telling and _may_share(found)


def _number_fits(advice: Advice, chosen: Sequence[Money]) -> bool:
    """A document that names a number names that of one of its checks."""
    number = plain_number(advice.number)
    return not number or number in {plain_number(each.number) for each in chosen}


def _sum(advices: Sequence[Advice], payments: Sequence[Money], by: By, *, sure: bool) -> Sum:
    """With the reasons of the pair that has the most to say, its amounts aside."""
    fits = [fit(one, other) for one in advices for other in payments]
    best = max(fits, key=lambda each: each.score)
    reasons = tuple(each for each in best.reasons if each.signal != "amount")
    return Sum(
        tuple(each.id for each in advices), tuple(each.id for each in payments), by, sure,
        (Reason("sum", "same", 6.0, ""), *reasons),
    )  # fmt: skip


def _cents(money: Money) -> int:
    return money.amount_cents or 0


def _explained(advice: Advice) -> int:
    return advice.explained_cents or 0
