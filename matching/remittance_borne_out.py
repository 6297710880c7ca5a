"""What the payments of a joined remittance say of its head, asked of the database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remittance_gathering, remittance_shares
from matching.remittance_agreement import NONE, Agreement, Facts, agreement
from records.models import Document, Payment, Remittance, RemittanceShare


def of_row(session: Session, row: Remittance) -> Agreement:
    """The agreement of a remittance with its money; of an 835, or one that waits, none.

    An 835 has no letters to be misread, and the payment made of it says what it says.
    """
    if row.partner_state != "joined" or row.electronic or not row.document.readings:
        return NONE
    payments = _payments(session, row)
    if any(each.document_id == row.document_id for each in payments):
        return NONE
    return agreement(row.document.reading.sealed, _facts(session, row, payments))


def _payments(session: Session, row: Remittance) -> list[Payment]:
    shares = remittance_shares.live_of(session, [row.id]).get(row.id, [])
    ids = [each.payment_id for each in shares] or [row.payment_id or ""]
    return [session.get_one(Payment, each) for each in ids if each]


def _facts(session: Session, row: Remittance, payments: list[Payment]) -> Facts:
    amounts = [each.amount_cents for each in payments]
    alone = not _has_others(session, row, payments)
    known = [cents for cents in amounts if cents is not None]
    accounts = {each.payer_hmac for each in payments if each.payer_hmac}
    remembered = remittance_gathering.remembered(session, accounts, but=row.id)
    return Facts(
        numbers=tuple(each.check_number for each in payments),
        cents=sum(known) if alone and len(known) == len(amounts) else None,
        payers=_unique([
            *(each.payer_name for each in payments),
            *(name for names in remembered.values() for name in names),
        ]),
        days=tuple({each.written_on for each in payments if each.written_on is not None}),
        kind=payments[0].kind if payments else "check",
    )  # fmt: skip


def _has_others(session: Session, row: Remittance, payments: Iterable[Payment]) -> bool:
    """Whether another remittance explains a part of these payments: then totals are of pages."""
    ids = [each.id for each in payments]
    joined = select(Remittance.id).join(Document).where(
        Remittance.payment_id.in_(ids), Remittance.id != row.id, Document.live
    )  # fmt: skip
    shared = select(RemittanceShare.id).where(
        RemittanceShare.payment_id.in_(ids), RemittanceShare.ended_at.is_(None),
        RemittanceShare.remittance_id != row.id,
    )  # fmt: skip
    return any(session.scalar(query.limit(1)) is not None for query in (joined, shared))


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
