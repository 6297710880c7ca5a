"""Whose hands a check was in: who keyed a value of it, confirmed its match, gave its amount."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records.models import Decision, KeyedValue, Payment


def has_worked_on(session: Session, payment_ids: Collection[str] | Select[str], actor: str) -> bool:
    """Whether ``actor`` did any of that with any of these payments (ids, or a query for them)."""
    looks = (
        select(KeyedValue.id).where(
            KeyedValue.payment_id.in_(payment_ids), KeyedValue.actor == actor
        ),
        select(Decision.id).where(
            Decision.payment_id.in_(payment_ids),
            Decision.outcome == "confirmed",
            Decision.actor == actor,
        ),
        select(Payment.id).where(Payment.id.in_(payment_ids), Payment.amount_by == actor),
    )
    return any(session.scalars(look.limit(1)).first() is not None for look in looks)
