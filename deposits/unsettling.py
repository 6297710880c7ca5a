"""Taking back what a bank's credit paid of electronic money, while nothing of it is posted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from matching.remittance_people import reason
from records import audit, journal, workflow
from records.errors import Conflict, NotFound
from records.models import (
    BankLine,
    JournalEntry,
    Payment,
    Posting,
    Settlement,
    UndoneSettlement,
)


def unsettle(session: Session, line_id: str, actor: str, why: str) -> list[str]:
    """Take back all that a credit was tied to: the references of the payments that await it again.

    What was settled together is taken back together, other credits of the same payment too. The
    settlements are kept as undone, their journal entries reversed, and the program ties these
    lines to these payments no more. WrongUse ``reason_missing``; Conflict ``not_settled`` for a
    line that pays no electronic money, and ``already_posted`` once a part of one of the payments
    has left for the practice-management system.
    """
    told = reason(why)
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound("bank_line_unknown", "There is no such bank line.", "Reload the page.")
    settled = _together(session, line)
    payments = _locked_payments(session, {each.payment_id or "" for each in settled})
    _refuse_posted(session, payments)
    lines = session.scalars(
        select(BankLine)
        .where(BankLine.id.in_({each.bank_line_id for each in settled}))
        .order_by(BankLine.id)
        .with_for_update()
    ).all()
    for each in settled:
        _keep(session, each, actor, told)
    session.flush()
    for each in settled:
        session.delete(each)
    session.flush()
    for row in lines:
        session.expire(row, ["settlements"])
        workflow.move(row, workflow.BANK_LINE, "unmatched")
    for payment in payments:
        workflow.move(payment, workflow.DEPOSIT_AXIS, "electronic")
        _reverse_credits(session, payment)
    session.flush()
    refs = [each.ref for each in payments]
    for row in lines:
        audit.record(session, actor=actor, action="bank_line_unsettled", subject_kind="bank_line",
                     subject_id=row.id, detail={"settled": refs, "reason": told})  # fmt: skip
    return refs


def undone_pairs(session: Session, line_ids: Collection[str]) -> frozenset[tuple[str, str]]:
    """Lines and payments (ids) that a person took apart, of these lines."""
    rows = session.execute(
        select(UndoneSettlement.bank_line_id, UndoneSettlement.payment_id).where(
            UndoneSettlement.bank_line_id.in_(list(line_ids))
        )
    )
    return frozenset((row.bank_line_id, row.payment_id) for row in rows)


def _together(session: Session, line: BankLine) -> list[Settlement]:
    """The line's settlements and those that stand or fall with them."""
    mine = session.scalars(select(Settlement).where(Settlement.bank_line_id == line.id)).all()
    if line.state != "settled" or not mine or any(each.payment_id is None for each in mine):
        raise Conflict("not_settled", "This line pays no electronic money.", "Reload the page.")
    payments = {each.payment_id for each in mine}
    others = session.scalars(
        select(Settlement)
        .where(Settlement.payment_id.in_(payments))
        .order_by(Settlement.created_at, Settlement.id)
    )
    return list(others)


def _locked_payments(session: Session, ids: Collection[str]) -> Sequence[Payment]:
    return session.scalars(
        select(Payment)
        .where(Payment.id.in_(ids))
        .order_by(Payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _refuse_posted(session: Session, payments: Sequence[Payment]) -> None:
    live = session.scalars(
        select(Posting)
        .where(Posting.payment_id.in_([each.id for each in payments]), Posting.live)
        .order_by(Posting.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    posted = next((each for each in live if each.state in workflow.POSTED), None)
    if posted is not None:
        raise Conflict(
            "already_posted",
            f"A part of {posted.payment.ref} has gone to the practice-management system.",
            "Take its match back on its page first: it is reversed there.",
        )


def _keep(session: Session, settled: Settlement, actor: str, why: str) -> None:
    session.add(
        UndoneSettlement(
            settlement_id=settled.id, bank_line_id=settled.bank_line_id,
            payment_id=settled.payment_id, amount_cents=settled.amount_cents,
            difference_cents=settled.difference_cents,
            adjustment_reason=settled.adjustment_reason, settled_by=settled.actor,
            settled_at=settled.created_at, reason=why, actor=actor,
        )
    )  # fmt: skip


def _reverse_credits(session: Session, payment: Payment) -> None:
    reversal = aliased(JournalEntry)
    entries = session.scalars(
        select(JournalEntry.id)
        .outerjoin(reversal, reversal.reverses_id == JournalEntry.id)
        .where(
            JournalEntry.subject_kind == "payment",
            JournalEntry.subject_id == payment.id,
            JournalEntry.kind == "credited",
            JournalEntry.reverses_id.is_(None),
            reversal.id.is_(None),
        )
    ).all()
    for entry in entries:
        journal.reverse(session, entry)
