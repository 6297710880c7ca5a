"""Settling electronic money: a credit is tied to what an 835 announced, or several together."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from deposits.settling import (
    add_settlement,
    difference_of,
    open_credit,
    require_account,
)
from records import workflow
from records.errors import Conflict, NotFound, WrongUse
from records.models import Payment
from records.money import Money


def settle_electronic(
    session: Session,
    line_id: str,
    payment_id: str,
    actor: str,
    adjustment_reason: str = "",
    why: str = "person",
) -> None:
    """Tie an electronic credit to the payment that an 835 announced; raises as ``settle`` does.

    ``why`` goes on record: ``reference`` (its trace number) or ``amount``, or a person's word.
    """
    line, payment = open_credit(session, line_id), _awaited(session, payment_id)
    require_account(line, payment.office.bank_account_id)
    difference = difference_of(line.amount_cents, payment.amount_cents or 0, adjustment_reason)
    add_settlement(
        session,
        line,
        payment,
        line.amount_cents,
        actor,
        difference=difference,
        reason=adjustment_reason,
        why=why,
    )
    workflow.move(line, workflow.BANK_LINE, "settled")
    workflow.move(payment, workflow.DEPOSIT_AXIS, "credited")
    session.flush()


def settle_together(
    session: Session,
    line_ids: Sequence[str],
    payment_ids: Sequence[str],
    actor: str,
    why: str = "person",
) -> None:
    """Tie one credit to several payments, or several credits to one, of the same cents.

    Raises as ``settle_electronic`` does; WrongUse ``nothing_chosen``, ``several_to_several``, and
    ``sums_differ``: no difference is named where several go together.
    """
    if not line_ids or not payment_ids:
        raise WrongUse("nothing_chosen", "Nothing was chosen to be settled.", "Choose a payment.")
    if len(set(line_ids)) > 1 and len(set(payment_ids)) > 1:
        raise WrongUse("several_to_several", "Several credits cannot settle several payments.",
                       "Settle one credit, or one payment, at a time.")  # fmt: skip
    lines = [open_credit(session, each) for each in sorted(set(line_ids))]
    payments = [_awaited(session, each) for each in sorted(set(payment_ids))]
    for line in lines:
        for payment in payments:
            require_account(line, payment.office.bank_account_id)
    theirs = sum(line.amount_cents for line in lines)
    ours = sum(payment.amount_cents or 0 for payment in payments)
    if theirs != ours:
        raise WrongUse("sums_differ", f"The bank credited {Money(theirs)}, ours is {Money(ours)}.",
                       "Choose what agrees to the cent, or settle one with one.")  # fmt: skip
    for line in lines:
        for payment in payments:
            cents = min(line.amount_cents, payment.amount_cents or 0)
            add_settlement(session, line, payment, cents, actor, why=why)
    for line in lines:
        workflow.move(line, workflow.BANK_LINE, "settled")
    for payment in payments:
        workflow.move(payment, workflow.DEPOSIT_AXIS, "credited")
    session.flush()


def _awaited(session: Session, payment_id: str) -> Payment:
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound("payment_unknown", "There is no such payment.", "Reload the page.")
    if payment.deposit_state != "electronic" or payment.amount_cents is None:
        raise Conflict("payment_not_awaited", f"Payment {payment.ref} awaits no electronic credit.",
                       "Choose another payment.")  # fmt: skip
    return payment
