"""What a payment's page says of its partners: what explains it, and what is awaited no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.remittance_joined import RULES
from matching import remittance_changes, remittance_people
from records.models import NoPartner, Payment, Remittance


@dataclass(frozen=True, slots=True)
class Explains:
    """A remittance of the payment; ``cents`` of it; ``says`` is what it changes, if it is late.

    ``own``: the payment was made of it, so the two cannot be parted.
    """

    ref: str
    cents: int | None
    electronic: bool
    rule: str
    by: str
    late: bool
    looked_at: str
    says: str
    own: bool


@dataclass(frozen=True, slots=True)
class Partners:
    """All of a payment's remittances, and the words that stand on what does not come."""

    explains: tuple[Explains, ...]
    words: tuple[NoPartner, ...]


def of_payment(
    session: Session, payment: Payment, offices: Collection[str] | None = None
) -> Partners:
    """The payment's partners as they are now; ``offices`` are ids of those in sight, None: all."""
    rows = remittance_people.explaining(session, payment)
    late = any(row.late for row, _ in rows)
    says = remittance_changes.compared(session, payment, offices).words if late else ""
    words = session.scalars(
        select(NoPartner)
        .where(NoPartner.payment_id == payment.id, NoPartner.ended_at.is_(None))
        .order_by(NoPartner.what)
    ).all()
    explains = tuple(_explains(payment, row, cents, says) for row, cents in rows)
    return Partners(explains, tuple(words))


def _explains(payment: Payment, row: Remittance, cents: int | None, says: str) -> Explains:
    rule = next((str(r["level"]) for r in row.reasons if r.get("signal") == "rule"), "")
    return Explains(
        row.ref, cents, row.electronic, RULES.get(rule, rule), row.joined_by or "", row.late,
        row.reason if row.late else "", says if row.late else "",
        row.document_id == payment.document_id,
    )  # fmt: skip
