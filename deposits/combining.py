"""One credit for several deposits, several credits for one, one debit for several returned items.

A sum may come out right by chance. The more subsets there are for a target and the rounder the
amounts, the likelier that is; a sum is certain only where chance would make one in less than one
of ``_ODDS`` cases, and where nothing of it fits anything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from itertools import combinations
from math import comb, gcd

from deposits.pairing import Expected, Movement, same_cents, within_days

MOST_PARTS = 6
_MOST_SUBSETS = 5_000
_ODDS = 1_000
_KINDS = ("deposit", "lockbox_deposit")
_RETURN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Combination:
    """One line and several things, or several lines and one thing, of the same cents.

    ``certain`` says that it may be settled without a person.
    """

    line_ids: tuple[str, ...]
    expected_ids: tuple[str, ...]
    certain: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """A sum to be made; ``pool`` are ``(id, cents)`` of what may be in it."""

    id: str
    cents: int
    pool: tuple[tuple[str, int], ...]
    is_line: bool


def combine(lines: Sequence[Movement], deposits: Sequence[Expected]) -> list[Combination]:
    """Every combination of two to ``MOST_PARTS`` that fits, the certain ones marked.

    Lines are credits that fit no deposit alone, deposits such that no line fits alone.
    """
    able = [line for line in lines if line.kind in _KINDS]
    found = [
        (target, members, unlikely)
        for target in [*_line_targets(able, deposits), *_deposit_targets(able, deposits)]
        for members, unlikely in _solutions(target)
    ]
    uses: Counter[str] = Counter()
    for target, members, _ in found:
        uses.update([target.id, *members])
    for line in able:
        for each in deposits:
            if same_cents(line, each) and within_days(line, each):
                uses.update([line.line_id, each.id])
    return [
        Combination(
            (target.id,) if target.is_line else members,
            members if target.is_line else (target.id,),
            unlikely and all(uses[each] == 1 for each in (target.id, *members)),
        )
        for target, members, unlikely in found
    ]


def combine_returns(
    lines: Sequence[Movement], returned: Sequence[Expected], rivals: Sequence[Expected] = ()
) -> list[Combination]:
    """Every sum of two to ``MOST_PARTS`` returned items that one debit charges back.

    ``returned`` are recorded and not settled; their ``on`` is the day they came back. ``rivals``
    are other checks that a debit may be: a debit of the amount of one is never certain. The
    returned items of a whole day are a sum as well, though more of them, but never a certain one.
    """
    able = [line for line in lines if line.kind in ("returned_item", "other")]
    targets = [_return_target(line, returned) for line in able]
    found = [(target, *each) for target in targets for each in _solutions(target)]
    uses: Counter[str] = Counter()
    for target, members, _ in found:
        uses.update([target.id, *members])
    for line in able:
        uses.update(
            one
            for each in (*returned, *rivals)
            if same_cents(line, each)
            for one in (line.line_id, each.id)
        )
    named = {line.line_id for line in able if line.kind == "returned_item"}
    sums = [
        Combination(
            (target.id,), members,
            target.id in named
            and unlikely and all(uses[each] == 1 for each in (target.id, *members)),
        )
        for target, members, unlikely in found
    ]  # fmt: skip
    return sums + [each for target in targets for each in _whole_days(target, returned)]


def _return_target(line: Movement, returned: Sequence[Expected]) -> _Target:
    pool = tuple(
        (each.id, each.amount_cents)
        for each in returned
        if each.bank_account_id == line.bank_account_id
        and 0 < each.amount_cents < line.amount_cents
        and abs(line.value_on - each.on) <= timedelta(days=_RETURN_DAYS)
    )
    return _Target(line.line_id, line.amount_cents, pool, is_line=True)


def _whole_days(target: _Target, returned: Sequence[Expected]) -> Iterator[Combination]:
    """A bank often takes at once all that it gives back on a day."""
    days = {each.id: each.on for each in returned}
    for day in sorted({days[one] for one, _ in target.pool}):
        of_day = [(one, cents) for one, cents in target.pool if days[one] == day]
        if len(of_day) > MOST_PARTS and sum(cents for _, cents in of_day) == target.cents:
            yield Combination((target.id,), tuple(one for one, _ in of_day))


def _line_targets(lines: Sequence[Movement], deposits: Sequence[Expected]) -> Iterator[_Target]:
    for line in lines:
        pool = tuple(
            (each.id, each.amount_cents)
            for each in deposits
            if each.bank_account_id == line.bank_account_id
            and 0 < each.amount_cents < line.amount_cents
            and each.whole
            and within_days(line, each)
        )
        yield _Target(line.line_id, line.amount_cents, pool, is_line=True)


def _deposit_targets(lines: Sequence[Movement], deposits: Sequence[Expected]) -> Iterator[_Target]:
    for deposit in deposits:
        pool = tuple(
            (each.line_id, each.amount_cents)
            for each in lines
            if each.bank_account_id == deposit.bank_account_id
            and 0 < each.amount_cents < deposit.amount_cents
            and within_days(each, deposit)
        )
        yield _Target(deposit.id, deposit.amount_cents, pool, is_line=False)


def _solutions(target: _Target) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Subsets that make the target, each with whether chance alone would hardly make one."""
    subsets = 0
    unit = reduce(gcd, (cents for _, cents in target.pool), target.cents)
    chances = sum(comb(len(target.pool), size) for size in range(2, MOST_PARTS + 1))
    unlikely = chances * _ODDS <= target.cents // max(unit, 1)
    for size in range(2, min(MOST_PARTS, len(target.pool)) + 1):
        subsets += comb(len(target.pool), size)
        if subsets > _MOST_SUBSETS:
            return
        for chosen in combinations(target.pool, size):
            if sum(cents for _, cents in chosen) == target.cents:
                yield tuple(each for each, _ in chosen), unlikely
