"""A person takes a match back: what has left is reversed in the PMS, then the match is undone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from deposits.posting_answers import give_back
from deposits.posting_plan import TAKEN_BACK
from matching import review
from matching.remittance_people import reason
from matching.undoing import is_out
from records import audit
from records.errors import Conflict, NotFound
from records.models import Payment


def take_back(session: Session, payment_id: str, actor: str, why: str) -> bool:
    """Take a payment's match back, with a reason; whether it is undone already.

    Where a part has left, its reversal is queued, and the match is undone as soon as the
    practice-management system has taken that. WrongUse ``reason_missing``; Conflict
    ``not_decided``, or ``taken_back_already`` while the reversal is under way.
    """
    told = reason(why)
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound("payment_unknown", "There is no such payment.", "Look at it again.")
    if payment.match_state != "decided":
        raise Conflict("not_decided", f"{payment.ref} has no match to undo.", "Reload the page.")
    if TAKEN_BACK in payment.flags:
        raise Conflict(
            "taken_back_already",
            f"{payment.ref} is being taken back; its reversal waits for the office's system.",
            "Write the office's file under Postings, then say what it took.",
        )
    audit.record(session, actor=actor, action="payment.taken_back", subject_kind="payment",
                 subject_id=payment.id, detail={"ref": payment.ref, "reason": told})  # fmt: skip
    if not is_out(session, payment.id):
        review.undo(session, payment.id, actor)
        return True
    payment.flags = [*payment.flags, TAKEN_BACK]
    give_back(session, payment.id, actor)
    return False
