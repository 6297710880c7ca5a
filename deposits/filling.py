"""Filling deposits with what waits: as many as the account's limits ask for, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits import batch
from deposits.states import CLOSED
from matching import coming_back
from records.models import BankAccount, Deposit, DepositItem, Payment

ITEM, DAY = "item_over_limit", "day_over_limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one deposit may hold, in cents and checks, and what is left of the day; None: no end."""

    item_cents: int | None = None
    deposit_cents: int | None = None
    count: int | None = None
    day_left_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Which checks go together, and what stays out: ``(id, why)``, ``ITEM`` or ``DAY``."""

    deposits: tuple[tuple[str, ...], ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """The deposits that were opened, in their order, and the references that stayed out."""

    deposits: tuple[Deposit, ...]
    left_out: tuple[tuple[str, str], ...]


def plan(checks: Sequence[tuple[str, int]], limits: Limits, held: tuple[int, int] = (0, 0)) -> Plan:
    """Part ``(id, cents)`` into deposits within the limits, in the order given.

    ``held`` is the count and cents that the first deposit has already. A check over the limit of
    one item or of one deposit alone, and one that the day has no room for, stays out.
    """
    groups: list[list[str]] = [[]]
    out: list[tuple[str, str]] = []
    count, total, left = *held, limits.day_left_cents
    for check, cents in checks:
        if _over(cents, limits.item_cents) or _over(cents, limits.deposit_cents):
            out.append((check, ITEM))
        elif _over(cents, left):
            out.append((check, DAY))
        else:
            if _over(count + 1, limits.count) or _over(total + cents, limits.deposit_cents):
                groups.append([])
                count = total = 0
            groups[-1].append(check)
            count, total = count + 1, total + cents
            left = None if left is None else left - cents
    return Plan(tuple(tuple(group) for group in groups if group), tuple(out))


def fill(session: Session, bank_account_id: str, business_on: date, actor: str) -> Filled:
    """Open deposits until nothing waits that fits; one empty one where nothing does.

    Checks held until today come back first. Raises as ``batch.open_deposit``.
    """
    coming_back.come_back(session)
    # Locked, so that two people who fill at once do not both count on what is left of the day;
    # and before a deposit names it, which each of the two would wait for the other to let go.
    session.get(BankAccount, bank_account_id, with_for_update=True)
    first = batch.open_deposit(session, bank_account_id, business_on, actor)
    account = session.get_one(BankAccount, bank_account_id)
    waiting = batch.depositable(session, bank_account_id)
    made = plan(_facts(waiting), limits_of(session, account, business_on))
    deposits = [first]
    for place, group in enumerate(made.deposits):
        if place:
            deposits.append(batch.open_deposit(session, bank_account_id, business_on, actor))
        batch.add(session, deposits[-1].id, group, actor)
    return Filled(tuple(deposits), _named(waiting, made.left_out))


def top_up(session: Session, deposit: Deposit, actor: str) -> tuple[tuple[str, str], ...]:
    """Put what waits and fits into an open deposit; what stays out, and why.

    What would fit into another deposit only is left for it, as ``deposit_full``.
    """
    coming_back.come_back(session)
    # The deposit before its account, as it is closed: so neither waits for the other for ever.
    session.refresh(deposit, with_for_update=True)
    account = session.get_one(BankAccount, deposit.bank_account_id, with_for_update=True)
    waiting = batch.depositable(session, account.id)
    held = (len(deposit.items), sum(item.amount_cents for item in deposit.items))
    made = plan(_facts(waiting), limits_of(session, account, deposit.business_on), held)
    room = _fits_first(made, waiting, account, held)
    if room:
        batch.add(session, deposit.id, room, actor)
    later = [(each, "deposit_full") for group in made.deposits for each in group
             if each not in room]  # fmt: skip
    return _named(waiting, (*made.left_out, *later))


def limits_of(session: Session, account: BankAccount, business_on: date) -> Limits:
    """The account's limits, with what deposits of that business date leave of its day."""
    left = account.day_limit_cents
    if left is not None:
        closed = select(func.coalesce(func.sum(Deposit.declared_total_cents), 0)).where(
            Deposit.bank_account_id == account.id,
            Deposit.business_on == business_on,
            Deposit.state.in_(CLOSED),
        )
        opened = (
            select(func.coalesce(func.sum(DepositItem.amount_cents), 0))
            .join(Deposit, Deposit.id == DepositItem.deposit_id)
            .where(
                Deposit.bank_account_id == account.id,
                Deposit.business_on == business_on,
                Deposit.state == "open",
            )
        )
        left -= int(session.scalar(closed) or 0) + int(session.scalar(opened) or 0)
    return Limits(
        account.item_limit_cents, account.deposit_limit_cents, account.item_count_limit, left
    )


def _fits_first(
    made: Plan, waiting: Sequence[Payment], account: BankAccount, held: tuple[int, int]
) -> tuple[str, ...]:
    """The first group, when the deposit has room for its first check; else it is another's."""
    if not made.deposits:
        return ()
    cents = dict(_facts(waiting))[made.deposits[0][0]]
    full = _over(held[0] + 1, account.item_count_limit)
    full = full or _over(held[1] + cents, account.deposit_limit_cents)
    return () if full else made.deposits[0]


def _facts(waiting: Sequence[Payment]) -> list[tuple[str, int]]:
    return [(each.id, each.amount_cents or 0) for each in waiting]


def _named(
    waiting: Sequence[Payment], out: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    refs = {each.id: each.ref for each in waiting}
    return tuple((refs[check], why) for check, why in out)


def _over(value: int, limit: int | None) -> bool:
    return limit is not None and value > limit
