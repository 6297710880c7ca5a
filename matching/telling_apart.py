"""A second person's word on two scans: one check, of which one is deposited, or two checks."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matching import (
    answering,
    duplicates,
    hands,
    keeping_out,
    questions,
    remittance_partners,
    review,
    side_by_side,
)
from matching import keyed as keying
from matching.fingerprints import lock
from matching.undoing import take_out, withdraw_taught
from records.errors import Conflict
from records.models import Payment, ReviewItem
from records.workflow import DEPOSIT_AXIS, REVIEW, move

_ASK = "duplicate"


def same_check(session: Session, payment_id: str, actor: str) -> None:
    """A second person says that both scans are one check: this one is never deposited.

    Conflict ``nothing_to_compare``, ``only_scan_left``; Forbidden ``second_person``.
    """
    payment, other = _open_pair(session, payment_id, actor)
    evidence = side_by_side.evidence(payment, other)
    if payment.deposit_state != "not_deposited":
        if payment.match_state == "decided":
            withdraw_taught(session, payment, actor, "set_aside")
        duplicates.name_original(session, payment)
        payment.live = False
        take_out(session, payment, _ASK, actor)
        remittance_partners.payment_changed(session, payment)
    keeping_out.end(session, payment, "same_check", actor, evidence=evidence)
    item = questions.of_payment(session, payment.id)
    if item is not None and item.state != "done":
        questions.finish(item, actor, "set_aside:duplicate")
    hands.note(session, payment, _ASK, actor)
    answering.note(session, payment, actor, "payment.same_check", {"original": other.ref})


def another_check(session: Session, payment_id: str, actor: str) -> ReviewItem | None:
    """A second person says that these are two checks; both may be deposited.

    Where another person has confirmed this one it may be deposited now; else it is confirmed in
    review, by somebody else. The open question, if there is one. Conflict ``nothing_to_compare``,
    ``amount_missing``; Forbidden ``second_person``.
    """
    payment, other = _open_pair(session, payment_id, actor)
    evidence = side_by_side.evidence(payment, other)
    if payment.deposit_state == "not_deposited":
        return review.override_duplicate(session, payment.id, actor, evidence)
    if payment.amount_cents is None:
        raise Conflict("amount_missing", f"{payment.ref} has no amount yet.",
                       "Have it keyed in review first: it says which check it is.")  # fmt: skip
    keeping_out.end(session, payment, "another_check", actor, evidence=evidence)
    payment.override_by = actor
    item = questions.of_payment(session, payment.id)
    asks = [ask for ask in (item.asks if item is not None else []) if ask != _ASK]
    answering.note(session, payment, actor, "payment.another_check", {"original": other.ref})
    whole = keying.micr_of(payment).complete and payment.match_state == "decided"
    if whole and not asks and side_by_side.confirmed(session, payment):
        move(payment, DEPOSIT_AXIS, "depositable")
        if item is not None and item.state != "done":
            questions.finish(item, actor, "another_check")
        hands.note(session, payment, _ASK, actor)
        return None
    if item is None or item.state == "done":
        item = questions.ask(session, payment, asks or ["match"])
    item.asks = asks or ["match"]
    if item.state == "leased":  # whoever has it open was asked something else
        move(item, REVIEW, "open")
        questions.free(item)
    hands.note(session, payment, _ASK, actor)
    session.flush()
    return item


def _open_pair(session: Session, payment_id: str, actor: str) -> tuple[Payment, Payment]:
    lock(session)
    payment = answering.locked(session, payment_id)
    other = side_by_side.pair(session, payment)
    if other is None or not side_by_side.is_open(session, payment):
        raise Conflict("nothing_to_compare", f"{payment.ref} waits for no such word.",
                       "Reload the page: somebody may have decided.")  # fmt: skip
    refusal = side_by_side.why_not(session, payment, other, actor)
    if refusal is not None:
        raise refusal
    return payment, other
