"""Checks held until a day: on that day, where their bank is, they come back by themselves."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import answering, duplicates, keeping_out, questions, remittance_partners
from matching import keyed as keying
from matching.fingerprints import lock
from matching.register import ASKS_OF_FLAGS
from matching.undoing import bring_back
from records import clock
from records.errors import LockboxError, UnavailableError
from records.models import DepositException, Payment
from records.workflow import DEPOSIT_AXIS, move

ACTOR = "system:calendar"
_DATED = "postdated"


def due(session: Session) -> list[str]:
    """Ids of the payments whose day has come, the longest due first."""
    # No zone is more than a day ahead: the rest is decided by each account's own.
    latest = clock.now().date() + timedelta(days=1)
    query = (
        select(DepositException, Payment)
        .join(Payment, Payment.id == DepositException.payment_id)
        .where(DepositException.outcome == "", DepositException.until_on <= latest)
        .order_by(DepositException.until_on, DepositException.id)
    )
    return [
        payment.id
        for row, payment in session.execute(query)
        if _has_come(row.until_on, keeping_out.today(payment))
    ]


def come_back(session: Session) -> list[str]:
    """Bring back what is due; the references of what came.

    A postdated check against which nothing else speaks may be deposited at once; any other is
    asked about again; one that cannot come back keeps no other from it. The caller commits.
    """
    came = []
    for payment_id in due(session):
        try:
            with session.begin_nested():
                came.append(back(session, payment_id))
        except UnavailableError:
            raise
        except LockboxError:
            continue  # a running service tells of it
    return [ref for ref in came if ref]


def back(session: Session, payment_id: str) -> str:
    """Bring one back whose day has come; its reference, empty where somebody was faster."""
    lock(session)
    payment = answering.locked(session, payment_id)
    row = keeping_out.open_of(session, payment.id)
    if row is None or not _has_come(row.until_on, keeping_out.today(payment)):
        return ""
    if not payment.live:
        return ""  # a second scan comes back by a person's word alone
    reason = row.reason
    bring_back(session, payment, ACTOR, "date_came")
    asks = [ASKS_OF_FLAGS[flag] for flag in payment.flags
            if flag in ASKS_OF_FLAGS and not (reason == flag == _DATED)]  # fmt: skip
    if payment.amount_cents is None:
        asks.append("amount")
    if not keying.micr_of(payment).complete:
        asks.append("micr")
    if duplicates.must_be_asked(session, payment):
        asks.append("duplicate")
    if payment.written_on is not None and payment.written_on > keeping_out.today(payment):
        asks.append("date")  # held until a day before its own: the bank may refuse it till then
    if reason == _DATED and not asks:
        move(payment, DEPOSIT_AXIS, "depositable")
    elif reason != _DATED and not asks:
        asks.append(_SECOND_LOOK.get(reason, "signature"))
    questions.ask(session, payment, [*dict.fromkeys(asks), "match"])
    remittance_partners.payment_changed(session, payment)
    answering.note(session, payment, ACTOR, "payment.date_came", {"reason": reason})
    return payment.ref


_SECOND_LOOK = {"misdirected": "payee", "third_party": "payee", "stale": "date",
                "foreign": "foreign", "not_negotiable": "void"}  # fmt: skip


def _has_come(until: date | None, today: date) -> bool:
    return until is not None and until <= today
