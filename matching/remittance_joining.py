"""Which remittance goes with which payment of one office, all of them seen at once. Pure.

The answer hangs on what is there, not on the order in which it came: whatever the program joined
by itself is asked again with every arrival, until a part of the payment has been posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from matching.remittance_scoring import Advice, Fit, Money, fit, may_be, plain_number, rule_of
from matching.remittance_together import Sum, sums
from matching.types import Reason

How = Literal[
    "own", "envelope", "number_amount", "amount_payer_date",
    "together_number", "together_envelope", "together_payer_date",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Joined:
    """A remittance and the payment it explains, by which rule and why."""

    advice: str
    payment: str
    how: How
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """A remittance that came before, as another document."""

    advice: str
    original: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A remittance and the payments that it explains together, by which rule and why."""

    advice: str
    payments: tuple[str, ...]
    how: How
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Joins:
    """All that could be said without a person; what is in none of them waits.

    Whether the claims of what is ``shared`` can be divided, its reading must say.
    """

    joined: Mapping[str, Joined]
    copies: Mapping[str, Copied]
    shared: Mapping[str, Shared] = field(default_factory=dict)


_Claims = dict[str, list[tuple[Advice, How | Literal[""]]]]


def assign(advices: Sequence[Advice], payments: Sequence[Money]) -> Joins:
    """The joins and copies among these; fixed remittances stay where they are."""
    by_id = {money.id: money for money in payments}
    claims: _Claims = defaultdict(list)
    rest: list[Advice] = []
    for advice in sorted(advices, key=lambda each: each.id):
        if advice.fixed:
            for payment_id in advice.shares or {advice.payment} - {""}:
                claims[payment_id].append((_of_one(advice, by_id.get(payment_id)), ""))
            continue
        found = _plain(advice, payments)
        if found is None:
            rest.append(advice)
        else:
            claims[found[0].id].append((advice, found[1]))
    joined: dict[str, Joined] = {}
    copies: dict[str, Copied] = {}
    for payment_id, claimants in claims.items():
        if payment_id in by_id:
            _share_out(by_id[payment_id], claimants, joined, copies)
    taken = {payment_id for payment_id, claimants in claims.items() if claimants}
    open_ = [money for money in payments if money.id not in taken]
    # What is in a sum may belong there as well.
    summed = {one for each in _sums(rest, payments, claims) for one in each.ids}
    for found_ in _alone(rest, open_):
        if not {found_.advice, found_.payment} & summed:
            joined[found_.advice] = Joined(
                found_.advice, found_.payment, "amount_payer_date", found_.reasons
            )
    taken = {each.payment for each in joined.values()} - set(claims)
    left = [each for each in rest if each.id not in joined]
    free = [each for each in payments if each.id not in taken]
    shared = _together(_sums(left, free, claims), joined)
    return Joins(joined, copies, shared)


def _of_one(advice: Advice, money: Money | None) -> Advice:
    """One that explains several payments, as each of them has it."""
    if not advice.shares or money is None:
        return advice
    return replace(advice, amount_cents=money.amount_cents, explained_cents=money.amount_cents)


def _sums(rest: Sequence[Advice], payments: Sequence[Money], claims: _Claims) -> list[Sum]:
    """Every sum of what waits, sure or not."""
    explained = {
        payment_id: sum(advice.explained_cents or 0 for advice, _ in claimants)
        for payment_id, claimants in claims.items()
        if all(advice.explained_cents is not None for advice, _ in claimants)
    }
    free = [each for each in payments if each.id not in claims or each.id in explained]
    return sums(rest, free, explained)


def _together(found_sums: Iterable[Sum], joined: dict[str, Joined]) -> dict[str, Shared]:
    """What is sure by its sum: several remittances of a payment, and payments of a remittance."""
    shared: dict[str, Shared] = {}
    for found in (each for each in found_sums if each.sure):
        how: How = f"together_{found.by}"  # type: ignore[assignment]  # three names make three
        if len(found.payments) > 1:
            shared[found.advices[0]] = Shared(found.advices[0], found.payments, how, found.reasons)
        else:
            for advice in found.advices:
                joined[advice] = Joined(advice, found.payments[0], how, found.reasons)
    return shared


def beside(advice: Advice, payments: Iterable[Money]) -> Money | None:
    """The payment of the same envelope that a remittance lies with; None where that is in doubt.

    The only one, unless number and amount both speak against it; of several the one that fits.
    """
    near = [money for money in payments if money.envelope == advice.envelope]
    fitting = [money for money in near if _agrees(advice, money)]
    if len(fitting) == 1:
        return fitting[0]
    if len(near) == 1 and not contradicts(advice, near[0]):
        return near[0]
    return None


def contradicts(advice: Advice, money: Money) -> bool:
    """Whether both numbers and both amounts are known and neither is the same."""
    numbers = plain_number(advice.number), plain_number(money.number)
    amounts = advice.amount_cents, money.amount_cents
    return (
        all(numbers) and numbers[0] != numbers[1]
        and None not in amounts and amounts[0] != amounts[1]
    )  # fmt: skip


def _agrees(advice: Advice, money: Money) -> bool:
    number = plain_number(advice.number)
    if number and number == plain_number(money.number):
        return True
    return money.amount_cents is not None and money.amount_cents == advice.amount_cents


def _plain(advice: Advice, payments: Sequence[Money]) -> tuple[Money, How] | None:
    """The payment made of it, beside it, or of its number and amount and no other."""
    own = [money for money in payments if money.document == advice.document]
    if own:
        return own[0], "own"
    payments = [money for money in payments if money.id not in advice.apart]
    near = beside(advice, payments)
    if near is not None:
        return near, "envelope"
    equal = [m for m in payments if _same_money(advice, m)]
    fits = [(money, fit(advice, money)) for money in equal]
    strong = [(money, found) for money, found in fits if rule_of(found) == "number_amount"]
    if len(strong) > 1:  # two insurers gave one number and amount: the name must tell
        strong = [(m, f) for m, f in strong if f.level("payer") in {"same", "remembered"}]
    return (strong[0][0], "number_amount") if len(strong) == 1 else None


def _share_out(
    money: Money,
    claimants: Sequence[tuple[Advice, How | Literal[""]]],
    joined: dict[str, Joined],
    copies: dict[str, Copied],
) -> None:
    """Of several remittances of one payment: one whole one explains it, or pages of it together."""
    ordered = sorted(claimants, key=lambda each: _rank(*each))
    whole = [each for each, _ in ordered if _is_whole(each, money)]
    known = 0
    for place, (advice, how) in enumerate(ordered):
        if how == "":
            known += advice.explained_cents or 0
            continue
        first = next((each for each in whole if each.id != advice.id), None)
        if first is not None and whole[0].id != advice.id and _same_money(advice, money):
            copies[advice.id] = Copied(advice.id, first.id)
            continue
        fits_in = known + (advice.explained_cents or 0) <= (money.amount_cents or 0)
        if how == "number_amount" and place and not fits_in:
            continue  # more than the check: a person says which of them it is
        known += advice.explained_cents or 0
        reasons = fit(advice, money).reasons
        joined[advice.id] = Joined(advice.id, money.id, how, reasons)


def _rank(advice: Advice, how: str) -> tuple[bool, bool, bool, bool, tuple[str, ...]]:
    """Who explains a payment first: what is fixed, its own 835, a file, what lay beside it."""
    return how != "", how != "own", not advice.electronic, how != "envelope", advice.order


def _is_whole(advice: Advice, money: Money) -> bool:
    wanted = money.amount_cents if money.amount_cents is not None else advice.amount_cents
    return advice.explained_cents is not None and advice.explained_cents == wanted


def _same_money(advice: Advice, money: Money) -> bool:
    return advice.amount_cents is not None and advice.amount_cents == money.amount_cents


def _alone(rest: Sequence[Advice], open_: Sequence[Money]) -> list[Fit]:
    """Pairs of amount, payer and date where neither could belong to anything else."""
    by_cents: dict[int | None, list[Money]] = defaultdict(list)
    for money in open_:
        by_cents[money.amount_cents].append(money)
    fits = [fit(one, money) for one in rest for money in _candidates(one, open_, by_cents)]
    possible = [each for each in fits if may_be(each)]
    of_advice: dict[str, int] = defaultdict(int)
    of_payment: dict[str, int] = defaultdict(int)
    for each in possible:
        of_advice[each.advice] += 1
        of_payment[each.payment] += 1
    return [
        each
        for each in possible
        if rule_of(each) == "amount_payer_date"
        and of_advice[each.advice] == 1
        and of_payment[each.payment] == 1
    ]


def _candidates(
    advice: Advice, open_: Sequence[Money], by_cents: Mapping[int | None, Sequence[Money]]
) -> list[Money]:
    """Those of its cents, and those of which the cents are not read; all for one without cents."""
    if advice.amount_cents is None:
        found: Iterable[Money] = open_
    else:
        found = (*by_cents.get(advice.amount_cents, ()), *by_cents.get(None, ()))
    return [money for money in found if money.id not in advice.apart]
