"""Checks kept out of deposits: each stretch of time written with its reason, and with its end."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from records import clock
from records.models import DepositException, Payment


def open_of(session: Session, payment_id: str) -> DepositException | None:
    """The stretch that has not ended, locked; None where there is none."""
    query = select(DepositException).where(
        DepositException.payment_id == payment_id, DepositException.outcome == ""
    )
    return session.scalars(query.with_for_update()).one_or_none()


def all_of(session: Session, payment_id: str) -> list[DepositException]:
    """All stretches of a check, the oldest first."""
    query = select(DepositException).where(DepositException.payment_id == payment_id)
    return list(session.scalars(query.order_by(DepositException.created_at, DepositException.id)))


def today(payment: Payment) -> date:
    """The day it is where the check's bank account is kept."""
    return clock.now().astimezone(ZoneInfo(payment.office.bank_account.zone)).date()


def enter(
    session: Session, payment: Payment, reason: str, actor: str, until_on: date | None = None
) -> DepositException:
    """Begin a stretch; a postdated check is held until its own date, when that is to come."""
    dated = payment.written_on
    if until_on is None and reason == "postdated" and dated and dated > today(payment):
        until_on = dated
    row = DepositException(
        payment_id=payment.id, reason=reason, set_by=actor, until_on=until_on,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def end(
    session: Session, payment: Payment, outcome: str, actor: str, *,
    on: date | None = None, evidence: dict[str, Any] | None = None,
) -> DepositException:  # fmt: skip
    """End the open stretch; where the last one has ended already, this is one of its own."""
    row = open_of(session, payment.id)
    if row is None:
        reason = payment.not_deposited_reason or "duplicate"
        row = DepositException(payment_id=payment.id, reason=reason, set_by=actor,
                               created_at=clock.now())  # fmt: skip
        session.add(row)
    row.outcome, row.ended_by, row.ended_at = outcome, actor, clock.now()
    row.ended_on, row.evidence = on, evidence
    session.flush()
    return row


def ended(*outcomes: str) -> ColumnElement[bool]:
    """For a query of payments: one has been kept out and that ended so; "" has not ended."""
    return (
        select(DepositException.id)
        .where(DepositException.payment_id == Payment.id, DepositException.outcome.in_(outcomes))
        .exists()
    )
