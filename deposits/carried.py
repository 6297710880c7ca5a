"""What a day hands on: everything of a bank account that is not finished, and how old it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from deposits import reconcile
from deposits.bank_axes import line_name
from deposits.payment_money import payment_money
from deposits.standing import BANKED, owed
from records.models import Allocation, BankAccount, BankLine, Office, Payment, Posting

AGES = ((0, "this day"), (1, "1 day"), (3, "2 to 3 days"), (7, "4 to 7 days"),
        (30, "8 to 30 days"))  # fmt: skip
OLDER = "over 30 days"
_WAITING = {
    "awaiting_review": "awaiting_review",
    "depositable": "on_hand",
    "in_deposit": "on_hand",
    "electronic": "electronic",
}
_OPEN_PARTS = {"allocated": "to_be_posted", "unapplied": "unapplied",
               "unidentified": "unidentified"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CarriedItem:
    """One thing not finished: ``what`` is open of it, since which day, and how many cents.

    ``what`` is ``awaiting_review``, ``on_hand``, ``electronic``, ``to_be_posted``,
    ``unapplied``, ``unidentified``, ``in_transit`` or ``bank_line``; a debit is below zero.
    """

    what: str
    ref: str
    since: date
    cents: int

    def days(self, on: date) -> int:
        """Age in days at the end of ``on``."""
        return (on - self.since).days

    def to_json(self, on: date) -> dict[str, Any]:
        """Plain JSON, with the age."""
        return {
            "what": self.what,
            "ref": self.ref,
            "since": self.since.isoformat(),
            "days": self.days(on),
            "amount_cents": self.cents,
        }


def age_of(days: int) -> str:
    """The name of the age group that so many days belong to."""
    return next((name for most, name in AGES if days <= most), OLDER)


def by_age(items: Iterable[CarriedItem], on: date) -> list[dict[str, Any]]:
    """Count and cents of each age group, the youngest first; empty ones as well."""
    groups = {name: [0, 0] for _, name in AGES} | {OLDER: [0, 0]}
    for item in items:
        group = groups[age_of(item.days(on))]
        group[0] += 1
        group[1] += item.cents
    return [
        {"age": name, "count": count, "amount_cents": cents}
        for name, (count, cents) in groups.items()
    ]


def carried_items(session: Session, account: BankAccount, on: date) -> list[CarriedItem]:
    """What is unfinished now of this account's days until ``on``, the oldest first."""
    offices = session.scalars(select(Office.id).where(Office.bank_account_id == account.id)).all()
    items = [
        *_waiting(session, offices, on),
        *_unowned(session, offices, on),
        *_in_transit(session, account, on),
        *_open_lines(session, account, on),
    ]
    return sorted(items, key=lambda item: (item.since, item.what, item.ref))


def _waiting(session: Session, offices: Sequence[str], on: date) -> list[CarriedItem]:
    """Not at the bank yet; a check that could not be read counts with no cents."""
    rows = session.execute(
        select(Payment.ref, Payment.received_on, Payment.amount_cents, Payment.deposit_state).where(
            Payment.office_id.in_(offices),
            Payment.received_on <= on,
            Payment.live,
            Payment.deposit_state.in_(list(_WAITING)),
        )
    )
    return [CarriedItem(_WAITING[state], ref, day, cents or 0) for ref, day, cents, state in rows]


def _unowned(session: Session, offices: Sequence[str], on: date) -> list[CarriedItem]:
    """At the bank, and not wholly posted to accounts yet."""
    posting = aliased(Posting)
    posted = exists().where(
        posting.allocation_id == Allocation.id, posting.live, posting.state == "acknowledged"
    )
    unfinished = exists().where(
        Allocation.payment_id == Payment.id,
        Allocation.live,
        or_(Allocation.destination != "account", ~posted),
    )
    which = and_(
        Payment.office_id.in_(offices),
        Payment.received_on <= on,
        Payment.deposit_state.in_([state for state in BANKED if state != "returned"]),
        or_(Payment.match_state != "decided", unfinished),
    )
    rows = session.execute(select(Payment.ref, Payment.received_on).where(which))
    days = {row.ref: row.received_on for row in rows}
    return [
        CarriedItem(_OPEN_PARTS[name], money.ref, days[money.ref], cents)
        for money in payment_money(session, which)
        for name, cents in owed(money).items()
        if name in _OPEN_PARTS and cents
    ]


def _in_transit(session: Session, account: BankAccount, on: date) -> list[CarriedItem]:
    """Named by its reference, which is the one mark of a deposit."""
    return [
        CarriedItem("in_transit", each.marks[0], each.on, each.amount_cents)
        for each in reconcile.expected_deposits(session)
        if each.bank_account_id == account.id and each.on <= on
    ]


def _open_lines(session: Session, account: BankAccount, on: date) -> list[CarriedItem]:
    lines = session.scalars(
        select(BankLine).where(
            BankLine.bank_account_id == account.id,
            BankLine.value_on <= on,
            BankLine.state == "unmatched",
        )
    )
    return [
        CarriedItem(
            "bank_line",
            line_name(line),
            line.value_on,
            line.amount_cents if line.direction == "credit" else -line.amount_cents,
        )
        for line in lines
    ]
