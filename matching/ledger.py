"""The journal entries of a payment: received, decided, set aside, and their undoing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from records import journal
from records.errors import Conflict
from records.models import Allocation, JournalEntry, Payment

RECEIVED = "received"
DECIDED = "decided"
SET_ASIDE = "set_aside"


def receive(session: Session, payment: Payment) -> None:
    """Take the money in: on hand, or in transit when the bank has it; from nobody known yet.

    Nothing is written while the amount is unread, nor for one of zero.
    """
    if not payment.amount_cents:
        return
    held = "in_transit" if payment.kind == "eft" else "on_hand"
    _post(session, payment, RECEIVED, [(held, payment.amount_cents)],
          [("unidentified", payment.amount_cents)])  # fmt: skip


def change_amount(session: Session, payment: Payment, cents: int) -> None:
    """Set the amount a person gives: the old entry is reversed, a new one takes its place.

    Conflict ``amount_frozen`` once the check is in a deposit or set aside, or its match decided.
    """
    if payment.amount_cents == cents:
        return
    if payment.deposit_state not in {"awaiting_review", "depositable"} or (
        payment.match_state not in {"undecided", "in_review"}
    ):
        raise Conflict(
            "amount_frozen",
            f"The amount of {payment.ref} can no longer be changed.",
            "Undo its match and take it out of its deposit first.",
        )
    undo(session, payment, RECEIVED)
    payment.amount_cents = cents
    receive(session, payment)


def decide(session: Session, payment: Payment, allocations: Iterable[Allocation]) -> None:
    """Move the allocated parts from unidentified to allocated or unapplied."""
    sums = {"allocated": 0, "unapplied": 0}
    names = {"account": "allocated", "unapplied": "unapplied"}
    for allocation in allocations:
        if allocation.destination in names:
            sums[names[allocation.destination]] += allocation.amount_cents
    debits = [("unidentified", sum(sums.values()))]
    _post(session, payment, DECIDED, debits, list(sums.items()))


def place(
    session: Session, payment: Payment, ended: Iterable[Allocation], made: Iterable[Allocation]
) -> None:
    """Move what was held to the parts that take its place; both have the same sum."""
    sums = {"unidentified": 0, "allocated": 0, "unapplied": 0}
    names = {"account": "allocated", "unapplied": "unapplied", "unidentified": "unidentified"}
    for step, allocations in ((-1, ended), (1, made)):
        for allocation in allocations:
            sums[names[allocation.destination]] += step * allocation.amount_cents
    _post(session, payment, DECIDED, [], list(sums.items()))


def set_aside(session: Session, payment: Payment) -> None:
    """Book a payment that is not deposited, under its typed reason."""
    cents = payment.amount_cents
    if not cents:
        return
    reason = f"not_deposited:{payment.not_deposited_reason}"
    _post(session, payment, SET_ASIDE, [(reason, cents), ("unidentified", cents)],
          [("on_hand", cents), ("set_aside", cents)])  # fmt: skip


def undo(session: Session, payment: Payment, kind: str) -> None:
    """Reverse every standing entry of this kind: a match has one more for each part placed."""
    while (entry_id := standing(session, payment, kind)) is not None:
        journal.reverse(session, entry_id)


def standing(session: Session, payment: Payment, kind: str) -> str | None:
    """The id of the payment's entry of this kind that has not been reversed."""
    reversal = aliased(JournalEntry)
    return session.scalar(
        select(JournalEntry.id)
        .outerjoin(reversal, reversal.reverses_id == JournalEntry.id)
        .where(
            JournalEntry.subject_kind == "payment",
            JournalEntry.subject_id == payment.id,
            JournalEntry.kind == kind,
            reversal.id.is_(None),
        )
    )


def _post(
    session: Session, payment: Payment, kind: str, debits: list[tuple[str, int]],
    credits_: list[tuple[str, int]],
) -> None:  # fmt: skip
    """Write one entry; an amount below zero stands on the other side, zero nowhere."""
    lines = [_line(account, cents) for account, cents in debits if cents]
    lines += [_line(account, -cents) for account, cents in credits_ if cents]
    if lines:
        journal.post(session, kind, lines, subject_kind="payment", subject_id=payment.id)


def _line(account: str, cents: int) -> journal.Line:
    return journal.debit(account, cents) if cents > 0 else journal.credit(account, -cents)
