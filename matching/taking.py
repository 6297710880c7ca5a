"""Taking over an amount that a balance verified: the payment, its money and its question."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matching import electronic_twins, keyed, ledger, questions, remittance_partners
from matching.amounts import MISMATCH
from matching.fingerprints import fingerprints, lock, same_check, same_item
from matching.verifying import ACTOR, Verified
from records import audit
from records.models import Payment, ReviewItem
from records.workflow import DEPOSIT_AXIS, move


def as_clue(payment: Payment) -> int | None:
    """The payment's amount where it may say whose the payment is: not one a balance verified."""
    return None if payment.amount_by == ACTOR else payment.amount_cents


def may_be_verified(payment: Payment) -> bool:
    """Whether a balance may settle the amount: in doubt, and numerals and words do not differ.

    Where they differ the words rule by law (UCC 3-114), and a person says what they are.
    """
    return (
        payment.kind == "check"
        and payment.amount_cents is None
        and payment.deposit_state == "awaiting_review"
        and MISMATCH not in payment.flags
    )


def take(session: Session, payment: Payment, item: ReviewItem | None, amount: Verified) -> bool:
    """Give the payment the verified amount and close its question; the reading stays as it was.

    False, and nothing is done, when more is asked than the amount, when somebody holds the
    question, or when the check as now known may be a second scan or a transfer's money: then a
    person decides.
    """
    if item is None or item.state != "open" or item.asks != ["amount"]:
        return False
    if not may_be_verified(payment) or not payment.live:
        return False
    lock(session)
    prints = fingerprints(keyed.micr_of(payment), amount.cents)
    if prints.check is None or same_check(session, prints, but=[payment.id]) is not None:
        return False
    if same_item(session, prints, but=[payment.id]) is not None:
        return False
    if electronic_twins.of_check(session, payment, cents=amount.cents) is not None:
        return False
    ledger.change_amount(session, payment, amount.cents)
    payment.amount_by = ACTOR
    payment.fingerprint = prints.check
    payment.item_fingerprint, payment.payer_hmac = prints.item, prints.payer
    move(payment, DEPOSIT_AXIS, "depositable")
    questions.finish(item, ACTOR, "amount_verified")
    remittance_partners.payment_changed(session, payment)
    audit.record(session, actor=ACTOR, action="payment.amount_verified", subject_kind="payment",
                 subject_id=payment.id,
                 detail={"source": amount.source, "cents": amount.cents})  # fmt: skip
    return True
