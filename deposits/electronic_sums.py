"""One credit for several 835s, or several credits for one: which of them make each other up. Pure.

Certain is what the bank names by trace number and what sums to the cent; or the only sum there is
of one payer's payments, where chance would hardly make one and nothing of it fits anything else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deposits.combining import Combination
from deposits.pairing import (
    Expected,
    Movement,
    may_be_eft,
    may_be_traced,
    names,
    same_cents,
)
from matching.sums import MOST_MET, met, unlikely

_MOST_FOUND = 3
"""More sums of one credit than this are no help to anybody."""


@dataclass(frozen=True, slots=True)
class _Found:
    sum: Combination
    named: bool
    telling: bool


def combine_electronic(
    lines: Sequence[Movement], payments: Sequence[Expected]
) -> list[Combination]:
    """Every sum of open electronic credits and announced payments that fits, the certain marked.

    Credits and payments that fit one to one belong into ``pair_electronic`` first. A credit of
    another kind than ``eft_credit`` counts only with the trace numbers that it names.
    """
    able = [line for line in lines if line.kind in ("eft_credit", "other", "deposit")]
    found = [*_of_lines(able, payments), *_of_payments(able, payments)]
    uses: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for each in found:
        uses.update([*each.sum.line_ids, *each.sum.expected_ids])
        named.update([*each.sum.line_ids, *each.sum.expected_ids] if each.named else ())
    uses.update(_alone(able, payments))
    return [
        Combination(
            each.sum.line_ids, each.sum.expected_ids,
            _only(each.sum, named) if each.named else each.telling and _only(each.sum, uses),
        )
        for each in found
    ]  # fmt: skip


def _only(found: Combination, uses: Counter[str]) -> bool:
    return all(uses[each] == 1 for each in (*found.line_ids, *found.expected_ids))


def _alone(lines: Sequence[Movement], payments: Sequence[Expected]) -> Iterator[str]:
    """Whatever fits something by itself may belong there rather than into a sum."""
    by_cents: dict[tuple[str, int], list[Expected]] = defaultdict(list)
    for payment in payments:
        by_cents[payment.bank_account_id, payment.amount_cents].append(payment)
    for line in lines:
        for payment in by_cents[line.bank_account_id, line.amount_cents]:
            if same_cents(line, payment) and may_be_eft(line, payment):
                yield from (line.line_id, payment.id)


def _of_lines(lines: Sequence[Movement], payments: Sequence[Expected]) -> Iterator[_Found]:
    for line in lines:
        near = [
            each
            for each in payments
            if each.bank_account_id == line.bank_account_id
            and 0 < each.amount_cents < line.amount_cents
            and may_be_traced(line, each)
        ]
        named = [each for each in near if names(line.words, each.marks)]
        if len(named) > 1 and sum(each.amount_cents for each in named) == line.amount_cents:
            yield _Found(_one_line(line, named), named=True, telling=True)
        elif line.kind == "eft_credit":
            yield from _sums_of(line, near, named)


def _sums_of(line: Movement, near: list[Expected], named: list[Expected]) -> Iterator[_Found]:
    """Sums of one payer's payments, with all that the line names in each."""
    known = {each.id for each in named}
    groups: dict[str, list[Expected]] = defaultdict(list)
    for each in near:
        if each.id in known or may_be_eft(line, each, traced=bool(known)):
            groups[each.company.upper() or " ".join(each.payer.upper().split())].append(each)
    for payer, pool in groups.items():
        if not known <= {each.id for each in pool} or len(pool) > MOST_MET:
            continue
        cents = [each.amount_cents for each in pool]
        found = met(cents, line.amount_cents, _MOST_FOUND, least=2)
        for places in found:
            chosen = [pool[place] for place in places]
            if known <= {each.id for each in chosen}:
                sure = bool(payer) and unlikely(cents, line.amount_cents)
                yield _Found(_one_line(line, chosen), named=False, telling=sure)


def _of_payments(lines: Sequence[Movement], payments: Sequence[Expected]) -> Iterator[_Found]:
    for payment in payments:
        near = [
            line
            for line in lines
            if line.bank_account_id == payment.bank_account_id
            and 0 < line.amount_cents < payment.amount_cents
            and may_be_eft(line, payment)
        ]
        named = [line for line in near if names(line.words, payment.marks)]
        if len(named) > 1 and sum(each.amount_cents for each in named) == payment.amount_cents:
            yield _Found(_one_payment(named, payment), named=True, telling=True)
            continue
        pool = [line for line in near if line.kind == "eft_credit"]
        if len(pool) > MOST_MET:
            continue
        cents = [line.amount_cents for line in pool]
        for places in met(cents, payment.amount_cents, _MOST_FOUND, least=2):
            chosen = [pool[place] for place in places]
            if all(line in chosen for line in named):
                sure = unlikely(cents, payment.amount_cents)
                yield _Found(_one_payment(chosen, payment), named=False, telling=sure)


def _one_line(line: Movement, chosen: Sequence[Expected]) -> Combination:
    return Combination((line.line_id,), tuple(each.id for each in chosen))


def _one_payment(chosen: Sequence[Movement], payment: Expected) -> Combination:
    return Combination(tuple(each.line_id for each in chosen), (payment.id,))
