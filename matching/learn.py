"""What people's confirmations teach: which bank accounts pay which patient accounts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import Allocation, PayerMemory, Payment


def remember(session: Session, payment: Payment, allocations: Iterable[Allocation]) -> None:
    """Count a person's confirmation for each account paid; automatic matches teach nothing."""
    _count(session, payment, allocations, 1)


def forget(session: Session, payment: Payment, allocations: Iterable[Allocation]) -> None:
    """Take a confirmation back that was undone."""
    _count(session, payment, allocations, -1)


def _count(
    session: Session, payment: Payment, allocations: Iterable[Allocation], step: int
) -> None:
    if payment.payer_hmac is None:
        return
    accounts = {a.account_id for a in allocations if a.destination == "account" and a.account_id}
    for account_id in sorted(accounts):
        row = session.scalars(
            select(PayerMemory)
            .where(
                PayerMemory.payer_hmac == payment.payer_hmac,
                PayerMemory.account_id == account_id,
            )
            .with_for_update()
        ).one_or_none()
        if row is not None:
            row.confirmations = max(0, row.confirmations + step)
        elif step > 0:
            session.add(
                PayerMemory(payer_hmac=payment.payer_hmac, account_id=account_id, confirmations=1)
            )
    session.flush()
