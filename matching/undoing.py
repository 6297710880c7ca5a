"""Taking a payment's decision back, and setting a payment aside: shared by people and stages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from matching import holding, keeping_out, learn, ledger, strata
from records.db import ReadSession
from records.errors import Conflict
from records.models import Allocation, Decision, Payment, Posting
from records.workflow import DEPOSIT_AXIS, MATCH_AXIS, POSTED, POSTING, may, move


def is_out(session: Session, payment_id: str) -> bool:
    """Whether a live posting of this payment has left for the practice-management system.

    In a session that writes, its postings are locked until the session ends.
    """
    return any(posting.state in POSTED for posting in _live_postings(session, payment_id))


def withdraw_decision(session: Session, payment: Payment, actor: str, why: str) -> Decision:
    """Undo what was decided: postings that wait are withdrawn, allocations end, money is
    unidentified again; the payment is in review. The undoing is a decision that points back.

    Conflict ``already_exported`` once a posting has left: then a reversal is the way.
    """
    waiting = _live_postings(session, payment.id)
    if any(posting.state in POSTED for posting in waiting):
        raise Conflict(
            "already_exported",
            f"A posting of {payment.ref} has gone to the practice-management system.",
            "Take it back on its page: it is reversed there first, then asked again.",
        )
    for posting in waiting:
        move(posting, POSTING, "withdrawn")
        posting.live = False
    ledger.undo(session, payment, ledger.DECIDED)
    for allocation in live_allocations(session, payment.id):
        allocation.live = False
    holding.withdraw(session, payment.id, actor)
    last = newest_decision(session, payment.id)
    undone = Decision(
        payment_id=payment.id,
        outcome="undone",
        actor=actor,
        reasons=[{"signal": "undone", "level": why, "weight": 0.0, "detail": ""}],
        score=0.0,
        supersedes_id=last.id if last else None,
    )
    session.add(undone)
    move(payment, MATCH_AXIS, "in_review")
    session.flush()
    return undone


def withdraw_taught(session: Session, payment: Payment, actor: str, why: str) -> None:
    """Undo what was decided, and what a person's confirmation of it had taught."""
    last = newest_decision(session, payment.id)
    while last is not None and last.outcome == "placed":  # teaches nothing: a part of the payment
        last = session.get(Decision, last.supersedes_id or "")
    parts = live_allocations(session, payment.id)
    if last is not None:
        parts = [part for part in parts if part.decision_id == last.id]
    by_person = last is not None and last.outcome == "confirmed"
    withdraw_decision(session, payment, actor, why)
    if last is not None and by_person:
        learn.forget(session, payment, parts)
        strata.taken_back(session, payment, last)


def take_out(session: Session, payment: Payment, reason: str, actor: str) -> None:
    """Not deposited, under a typed reason, and nobody's to post; duplicates are live no more.

    The payment must be undecided. Conflict ``transition_refused`` when it is in a deposit.
    """
    if may(DEPOSIT_AXIS, payment.deposit_state, "not_deposited"):
        keeping_out.enter(session, payment, reason, actor)
    move(payment, DEPOSIT_AXIS, "not_deposited")
    payment.not_deposited_reason = reason
    move(payment, MATCH_AXIS, "set_aside")
    if reason == "duplicate":
        payment.live = False
    ledger.set_aside(session, payment)


def bring_back(
    session: Session, payment: Payment, actor: str, outcome: str = "put_back",
    evidence: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Undo ``take_out``, for a recorded ``outcome``: the payment awaits review on both axes.

    Conflict ``envelope_replaced``: its paper is another payment's by now, and would go twice.
    """
    if not payment.transaction.live:
        raise Conflict(
            "envelope_replaced",
            f"The envelope of {payment.ref} was parted or turned, and read again.",
            "Look for its check among the new envelope's payments.",
        )
    keeping_out.end(session, payment, outcome, actor, evidence=evidence)
    ledger.undo(session, payment, ledger.SET_ASIDE)
    move(payment, DEPOSIT_AXIS, "awaiting_review")
    payment.not_deposited_reason = None
    move(payment, MATCH_AXIS, "in_review")


def live_allocations(session: Session, payment_id: str) -> list[Allocation]:
    """The allocations in force."""
    query = select(Allocation).where(Allocation.payment_id == payment_id, Allocation.live)
    return list(session.scalars(query.order_by(Allocation.created_at, Allocation.id)))


def newest_decision(session: Session, payment_id: str) -> Decision | None:
    """The decision on a payment that no other supersedes; clocks are not asked."""
    later = aliased(Decision)
    query = (
        select(Decision)
        .outerjoin(later, later.supersedes_id == Decision.id)
        .where(Decision.payment_id == payment_id, later.id.is_(None))
        .order_by(Decision.created_at.desc(), Decision.id.desc())
    )
    return session.scalars(query).first()


def _live_postings(session: Session, payment_id: str) -> list[Posting]:
    query = select(Posting).where(Posting.payment_id == payment_id, Posting.live)
    may_lock = not isinstance(session, ReadSession)
    return list(session.scalars(query.with_for_update() if may_lock else query))
