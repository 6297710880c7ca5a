"""The parts a person gives a payment, checked against the payment and the chart of accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import takebacks
from matching.types import AllocationInput, Destination, Share
from records.errors import Conflict, WrongUse
from records.models import Account, Payment, Statement
from records.models.held_parts import HELD_REASONS
from records.models.payments import DESTINATIONS


def shares(
    session: Session,
    payment: Payment,
    allocations: Sequence[AllocationInput],
    offices: Collection[str] | None,
) -> tuple[Share, ...]:
    """The person's parts as shares of the payment; ``offices`` are codes, None for all.

    WrongUse ``amount_missing``, ``not_the_amount``, ``wrong_value``, ``unknown_statement``;
    Conflict ``account_of_another_office`` (an unknown one as well).
    """
    if payment.amount_cents is None:
        raise WrongUse("amount_missing", "The amount is not known.", "Key the amount first.")
    total = sum(part.amount_cents for part in allocations)
    if not allocations or total != payment.amount_cents:
        raise WrongUse(
            "not_the_amount",
            f"The parts make {total} cents, the payment has {payment.amount_cents}.",
            "Make the parts add up to the payment.",
        )
    _refuse_hidden_money(session, payment, allocations)
    return tuple(share(session, part, offices) for part in allocations)


def _refuse_hidden_money(
    session: Session, payment: Payment, parts: Sequence[AllocationInput]
) -> None:
    """No part is zero or below, or more than was paid: a sum would hide it.

    Only what a remittance takes back is below zero, and nobody's; the others make up for it.
    """
    taken = -sum(part.amount_cents for part in parts if part.amount_cents < 0)
    limit = (payment.amount_cents or 0) + taken
    wrong = any(
        part.amount_cents > limit
        or part.amount_cents == 0
        or (part.amount_cents < 0 and part.destination != "unidentified")
        for part in parts
    )
    said = 0
    if taken and takebacks.has_remittance(session, payment):
        takebacks.lock(session)
        documents = takebacks.remittances_of(session, payment.id)
        said = takebacks.takeback_cents(takebacks.values_of(session, payment.id))
        said -= takebacks.taken_elsewhere(session, payment.id, [each.id for each in documents])
    if wrong or taken > said:
        raise WrongUse(
            "wrong_value",
            "A part is not above zero, or is more than was paid.",
            "Key parts above zero; only what a remittance takes back is below, as unidentified.",
        )


def share(session: Session, part: AllocationInput, offices: Collection[str] | None) -> Share:
    """One part as a share, checked against the chart; raises as ``shares`` does."""
    if part.destination not in DESTINATIONS or part.amount_cents == 0:
        raise WrongUse("wrong_value", "A part has no destination or no amount.", "Correct it.")
    if part.hold and (part.hold not in HELD_REASONS or part.destination == "account"):
        raise WrongUse("unknown_reason", f"{part.hold} is no reason to hold this part.",
                       f"Hold what has no place for one of {', '.join(HELD_REASONS)}.")  # fmt: skip
    destination: Destination = part.destination  # type: ignore[assignment]
    if destination == "unidentified":
        return Share(destination, part.amount_cents, reason="confirmed", hold=part.hold)
    account = session.scalars(
        select(Account).where(Account.number == (part.account_number or ""))
    ).one_or_none()
    if account is not None and offices is not None and account.office.code not in offices:
        account = None
    if account is None:
        # One answer for both, so that nobody learns which numbers another office has.
        raise Conflict(
            "account_of_another_office",
            "There is no such account in your offices.",
            "Key its number again, or leave the part unidentified.",
        )
    if destination == "unapplied" or not part.statement_number:
        kept = part.hold if destination == "unapplied" else ""
        return Share(destination, part.amount_cents, account.number, reason="confirmed", hold=kept)
    known = select(Statement.id).where(
        Statement.number == part.statement_number, Statement.account_id == account.id
    )
    if session.scalar(known) is None:
        raise WrongUse("unknown_statement", "The account has no such statement.",
                       "Leave the statement out, or key it again.")  # fmt: skip
    return Share(destination, part.amount_cents, account.number, part.statement_number, "confirmed")
