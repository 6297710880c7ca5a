"""Whose hands a check was in: who keyed a value of it, confirmed its match, gave its amount."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records.models import Decision, KeyedValue, Payment, ReadingRow, Remittance


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


def note(session: Session, payment: Payment, field: str, actor: str) -> None:
    """Remember that this person keyed or confirmed this (invariant 10), once."""
    known = select(KeyedValue.id).where(
        KeyedValue.payment_id == payment.id, KeyedValue.field == field, KeyedValue.actor == actor
    )
    if session.scalar(known) is None:
        session.add(KeyedValue(payment_id=payment.id, field=field, actor=actor))
        session.flush()


def note_remittance(session: Session, row: Remittance, payment: Payment) -> None:
    """Remember who keyed or joined the remittance of a payment: by it the money is divided.

    Else one person could write whose a check is, have the program match it so, and approve it.
    """
    keyed = select(ReadingRow.made_by).where(ReadingRow.document_id == row.document_id).distinct()
    people = {*session.scalars(keyed), row.joined_by or ""}
    for actor in sorted(each for each in people if each.startswith("user:")):
        note(session, payment, "remittance", actor)
