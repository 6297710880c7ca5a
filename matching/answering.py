"""The payment an answer is about: its row locked, who may not answer, and the answer on record."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import Deposit, DepositItem, Payment, ReviewItem


def of_item(session: Session, item: ReviewItem) -> Payment:
    """The payment of a question, locked; WrongUse ``not_a_payment``."""
    if item.payment_id is None:
        raise WrongUse("not_a_payment", "This question is about a document.", "Finish it.")
    return locked(session, item.payment_id)


def locked(session: Session, payment_id: str) -> Payment:
    """The payment as it stands now, locked; NotFound ``unknown_payment``."""
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound("unknown_payment", "There is no such payment.", "Reload the page.")
    return payment


def refuse_duplicate(payment: Payment) -> None:
    """Conflict ``duplicate_check`` for a second scan."""
    if not payment.live:
        raise Conflict(
            "duplicate_check",
            f"{payment.ref} is a second scan of a check that is held already.",
            "Set it aside as a duplicate, or let a second person override it.",
        )


def refuse_overrider(payment: Payment, actor: str) -> None:
    """Invariant 2: an override takes two persons, one to say so and one to let it through."""
    if payment.override_by == actor:
        raise Forbidden(
            "second_person",
            f"You said that {payment.ref} is no duplicate.",
            "Ask another person to confirm it.",
        )


def refuse_approver(session: Session, payment: Payment, actor: str) -> None:
    """Invariant 10 the other way round: who approved its deposit does not say whose it is.

    A deposit that was rejected pays nobody: another approves the one that its checks go into.
    """
    approved = (
        select(DepositItem.id)
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(DepositItem.payment_id == payment.id, DepositItem.live, Deposit.approved_by == actor)
    )
    if session.scalar(approved.limit(1)) is not None:
        raise Forbidden(
            "second_person",
            f"You approved the deposit that {payment.ref} is in.",
            "Ask another person to confirm its match.",
        )


def note(session: Session, payment: Payment, actor: str, action: str, detail: audit.Detail) -> None:
    """Write the answer into the audit chain: codes and counts, no names."""
    audit.record(session, actor=actor, action=action, subject_kind="payment",
                 subject_id=payment.id, detail=detail)  # fmt: skip
