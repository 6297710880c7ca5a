"""Loading a month: the rows behind ``month``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from deposits.month import Month, PaymentCourse, days_of, month_of
from deposits.states import APPROVED
from records import clock
from records.models import (
    Allocation,
    BankLine,
    Deposit,
    DepositItem,
    MailTransaction,
    Office,
    Payment,
    Posting,
    ReturnedItem,
    Settlement,
    SourceFile,
)

_CHUNK = 500


def month_view(session: Session, first: date, offices: Collection[str] | None = None) -> Month:
    """The month that begins on ``first`` for these offices (ids; None: all)."""
    last = days_of(first)[-1]
    codes = select(Office.code).order_by(Office.code)
    payments = (
        select(
            Payment.id, Office.code, Payment.kind, Payment.amount_cents, Payment.received_on,
            SourceFile.created_at, Payment.deposit_state, Payment.match_state,
        )
        .join(Office, Office.id == Payment.office_id)
        .join(MailTransaction, MailTransaction.id == Payment.transaction_id)
        .join(SourceFile, SourceFile.id == MailTransaction.source_file_id)
        .where(
            Payment.live,
            or_(
                Payment.received_on.between(first, last),
                *(Payment.id.in_(query) for query in _touched(first, last)),
            ),
        )
    )  # fmt: skip
    if offices is not None:
        payments = payments.where(Payment.office_id.in_(list(offices)))
        codes = codes.where(Office.id.in_(list(offices)))
    rows = session.execute(payments).all()
    ids = [row.id for row in rows]
    deposited, credited = _deposits(session, ids), _credits(session, ids)
    returned, posted = _returns(session, ids), _posted(session, ids)
    return month_of(
        [
            PaymentCourse(
                row.code,
                row.kind,
                row.amount_cents,
                row.received_on,
                row.created_at,
                row.deposit_state == "not_deposited",
                tuple(deposited[row.id]),
                tuple(credited[row.id]),
                tuple(returned[row.id]),
                posted.get(row.id) if row.match_state == "decided" else None,
            )
            for row in rows
        ],
        first,
        session.scalars(codes).all(),
        clock.now(),
    )


def _touched(first: date, last: date) -> Iterator[Select[Any]]:
    """Payments that were deposited, credited or returned in the month."""
    of_line = BankLine.value_on.between(first, last)
    yield (
        select(DepositItem.payment_id)
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(Deposit.business_on.between(first, last), Deposit.state.in_(APPROVED))
    )
    yield (
        select(DepositItem.payment_id)
        .join(Settlement, Settlement.deposit_id == DepositItem.deposit_id)
        .join(BankLine, BankLine.id == Settlement.bank_line_id)
        .where(of_line)
    )
    yield (
        select(Settlement.payment_id)
        .join(BankLine, BankLine.id == Settlement.bank_line_id)
        .where(of_line, Settlement.payment_id.is_not(None))
    )
    yield select(ReturnedItem.payment_id).where(ReturnedItem.returned_on.between(first, last))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _deposits(session: Session, ids: Sequence[str]) -> dict[str, list[date]]:
    found: dict[str, list[date]] = defaultdict(list)
    for chunk in _chunks(ids):
        query = (
            select(DepositItem.payment_id, Deposit.business_on)
            .join(Deposit, Deposit.id == DepositItem.deposit_id)
            .where(DepositItem.payment_id.in_(chunk), Deposit.state.in_(APPROVED))
            .order_by(DepositItem.presentation)
        )
        for payment_id, day in session.execute(query):
            found[payment_id].append(day)
    return found


def _credits(session: Session, ids: Sequence[str]) -> dict[str, list[date]]:
    """The day each deposit of a check was paid whole, and the day of an electronic credit."""
    found: dict[str, list[date]] = defaultdict(list)
    for chunk in _chunks(ids):
        by_deposit = (
            select(DepositItem.payment_id, func.max(BankLine.value_on))
            .join(Deposit, Deposit.id == DepositItem.deposit_id)
            .join(Settlement, Settlement.deposit_id == Deposit.id)
            .join(BankLine, BankLine.id == Settlement.bank_line_id)
            .where(DepositItem.payment_id.in_(chunk), Deposit.state == "credited")
            .group_by(DepositItem.payment_id, DepositItem.presentation)
            .order_by(DepositItem.presentation)
        )
        electronic = (
            select(Settlement.payment_id, func.max(BankLine.value_on))
            .join(BankLine, BankLine.id == Settlement.bank_line_id)
            .where(Settlement.payment_id.in_(chunk))
            .group_by(Settlement.payment_id)
        )
        for query in (by_deposit, electronic):
            for payment_id, day in session.execute(query):
                found[str(payment_id)].append(day)
    return found


def _returns(session: Session, ids: Sequence[str]) -> dict[str, list[date]]:
    found: dict[str, list[date]] = defaultdict(list)
    for chunk in _chunks(ids):
        query = (
            select(ReturnedItem.payment_id, ReturnedItem.returned_on)
            .where(ReturnedItem.payment_id.in_(chunk))
            .order_by(ReturnedItem.presentation)
        )
        for payment_id, day in session.execute(query):
            found[payment_id].append(day)
    return found


def _posted(session: Session, ids: Sequence[str]) -> dict[str, datetime]:
    """When the last part was first posted, of payments whose live parts all are."""
    last: dict[str, datetime] = {}
    unposted: set[str] = set()
    for chunk in _chunks(ids):
        query = (
            select(Allocation.payment_id, func.min(Posting.posted_at))
            .outerjoin(
                Posting,
                (Posting.allocation_id == Allocation.id)
                & (Posting.state == "acknowledged")
                & Posting.reverses_id.is_(None),
            )
            .where(Allocation.payment_id.in_(chunk), Allocation.live)
            .group_by(Allocation.payment_id, Allocation.id)
        )
        for payment_id, posted_at in session.execute(query):
            if posted_at is None:
                unposted.add(payment_id)
            else:
                last[payment_id] = max(posted_at, last.get(payment_id, posted_at))
    return {each: at for each, at in last.items() if each not in unposted}
