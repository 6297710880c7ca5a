"""The posting queue: what is to be sent to each office's PMS, kept in step with the decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from deposits.posting_plan import (
    GIVE_BACK,
    TAKEN_BACK,
    WITHOUT_MONEY,
    Part,
    PaymentFacts,
    Plan,
    Sent,
    plan,
)
from matching import questions, review, takebacks, undoing
from records import audit, ids, workflow
from records.models import Account, Allocation, Office, Payment, Posting

_DEFAULT_PMS = "pms"


def pms_of(office: Office) -> str:
    """The name of the office's PMS (settings key ``pms``); one posting per allocation and PMS."""
    return str(office.settings.get("pms") or _DEFAULT_PMS)[:20]


def facts_of(session: Session, payment_id: str) -> PaymentFacts:
    """The payment's parts and postings as they stand now."""
    payment = session.get_one(Payment, payment_id)
    live = session.scalars(
        select(Allocation)
        .where(Allocation.payment_id == payment_id, Allocation.live)
        .order_by(Allocation.created_at, Allocation.id)
        .execution_options(populate_existing=True)
    ).all()
    parts = []
    for allocation in live:
        if allocation.destination != "account" or allocation.account_id is None:
            continue
        office = session.get_one(Account, allocation.account_id).office
        parts.append(Part(allocation.id, office.id, pms_of(office), allocation.amount_cents))
    return PaymentFacts(
        payment_id=payment.id,
        live=payment.live,
        deposit_state=payment.deposit_state,
        match_state=payment.match_state,
        amount_cents=payment.amount_cents,
        live_total_cents=sum(allocation.amount_cents for allocation in live),
        parts=tuple(parts),
        sent=_sent(session, payment_id),
        give_back=GIVE_BACK in payment.flags,
        unapplied_cents=_cents_of(live, "unapplied"),
        unidentified_cents=_cents_of(live, "unidentified"),
        remittance=takebacks.has_remittance(session, payment),
    )


def _cents_of(live: Sequence[Allocation], destination: str) -> tuple[int, ...]:
    return tuple(each.amount_cents for each in live if each.destination == destination)


def _sent(session: Session, payment_id: str) -> tuple[Sent, ...]:
    postings = session.scalars(
        select(Posting)
        .where(Posting.payment_id == payment_id, Posting.live)
        .order_by(Posting.created_at, Posting.id)
        .execution_options(populate_existing=True)
    ).all()
    undone = {posting.reverses_id for posting in postings if posting.reverses_id}
    return tuple(
        Sent(
            posting.id,
            posting.allocation_id,
            posting.pms,
            posting.amount_cents,
            posting.state,
            is_reversal=posting.reverses_id is not None,
            reversed=posting.id in undone,
        )
        for posting in postings
    )


def keep_in_step(session: Session, payment_id: str, actor: str) -> Plan:
    """Lock the payment, plan anew and do what the plan says; what was done."""
    session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    session.flush()
    return carry_out(session, payment_id, plan(facts_of(session, payment_id)), actor)


def carry_out(session: Session, payment_id: str, todo: Plan, actor: str) -> Plan:
    """Write a plan's rows; the caller holds the payment's lock and has a plan of this moment."""
    for posting_id in todo.withdraw:
        posting = session.get_one(Posting, posting_id, with_for_update=True)
        workflow.move(posting, workflow.POSTING, "withdrawn")
        posting.live = False
    session.flush()
    for part in todo.queue:
        session.add(
            Posting(
                ref=ids.new_ref("PO"),
                allocation_id=part.allocation_id,
                payment_id=payment_id,
                office_id=part.office_id,
                pms=part.pms,
                amount_cents=part.amount_cents,
                state="queued",
            )
        )
    for posting_id in todo.reverse:
        original = session.get_one(Posting, posting_id, with_for_update=True)
        session.add(_reversal(original))
    session.flush()
    if todo.undo:
        _undo_decision(session, payment_id, actor)
    if todo != Plan():
        audit.record(
            session,
            actor=actor,
            action="postings_queued",
            subject_kind="payment",
            subject_id=payment_id,
            detail={
                "queued": len(todo.queue),
                "withdrawn": len(todo.withdraw),
                "reversed": len(todo.reverse),
            },
        )
    return todo


def _undo_decision(session: Session, payment_id: str, actor: str) -> None:
    """The payment goes back to review as a whole."""
    payment = session.get_one(Payment, payment_id)
    wrong = TAKEN_BACK in payment.flags
    payment.flags = [flag for flag in payment.flags if flag not in (GIVE_BACK, TAKEN_BACK)]
    if wrong:  # what its confirmation taught is forgotten, too
        review.undo(session, payment_id, actor)
    else:
        undoing.withdraw_decision(session, payment, actor, "posting_refused")
        questions.ask(session, payment, ["match"])
    session.flush()


def _reversal(original: Posting) -> Posting:
    """A new negative posting; the original stays as it is."""
    return Posting(
        ref=ids.new_ref("PO"),
        allocation_id=original.allocation_id,
        payment_id=original.payment_id,
        office_id=original.office_id,
        pms=original.pms,
        amount_cents=-original.amount_cents,
        state="queued",
        reverses_id=original.id,
    )


def out_of_step(session: Session, office_id: str) -> list[str]:
    """Payments of an office with a live posting whose allocation was undone since, or whose
    check has no money behind it."""
    query = (
        select(Posting.payment_id)
        .join(Allocation, Allocation.id == Posting.allocation_id)
        .join(Payment, Payment.id == Posting.payment_id)
        .where(
            Posting.office_id == office_id,
            Posting.live,
            Posting.reverses_id.is_(None),
            Posting.state.in_(("queued", "failed", "acknowledged")),
            or_(
                Allocation.live.is_(False),
                Payment.live.is_(False),
                Payment.deposit_state.in_(WITHOUT_MONEY),
            ),
        )
        .distinct()
    )
    return list(session.scalars(query.order_by(Posting.payment_id)))


def queue_counts(session: Session, offices: Iterable[str] | None = None) -> dict[str, int]:
    """How many postings stand in each state, in these offices (ids; None for all)."""
    query = select(Posting.state, func.count()).group_by(Posting.state)
    if offices is not None:
        query = query.where(Posting.office_id.in_(list(offices)))
    counts = dict.fromkeys(sorted(workflow.POSTING.states), 0)
    counts.update({state: int(count) for state, count in session.execute(query)})
    return counts
