"""What an insurer's remittance takes back: the only parts of a payment that go below zero."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matching import remittance_shares
from matching.readings import Document
from records.models import Allocation, HeldPart, Payment
from records.models import Document as DocumentRow
from records.remittance_evidence import EVIDENCE

_LOCK = 0x7A6B  # any number of our own


def has_remittance(session: Session, payment: Payment) -> bool:
    """Whether an insurer explains this payment: it is electronic, or has an advice of its own.

    ``records.triggers_remittances`` asks the same view before anything is posted.
    """
    if payment.kind == "eft":
        return True
    mine = select(EVIDENCE.c.document_id).where(EVIDENCE.c.payment_id == payment.id)
    return session.scalar(mine.limit(1)) is not None


def remittances_of(session: Session, payment_id: str) -> list[DocumentRow]:
    """The documents that explain a payment, wherever they lay, in the order of their pages."""
    mine = select(EVIDENCE.c.document_id).where(EVIDENCE.c.payment_id == payment_id)
    found = session.scalars(
        select(DocumentRow)
        .where(DocumentRow.id.in_(mine))
        .order_by(DocumentRow.transaction_id, DocumentRow.position, DocumentRow.id)
    )
    return [each for each in found if each.readings]


def as_values(documents: Iterable[DocumentRow]) -> list[Document]:
    """Documents with their newest readings, as values."""
    return [
        Document(each.id, each.position, each.kind, each.reading.sealed, bool(each.page_ids))
        for each in documents
    ]


def values_of(session: Session, payment_id: str) -> list[Document]:
    """What explains a payment, as values: of a document of several payments just its share."""
    documents = as_values(remittances_of(session, payment_id))
    return remittance_shares.cut_for(session, payment_id, documents)


def takeback_cents(documents: Iterable[Document]) -> int:
    """The most that remittances take off a payment: reversed claims, and PLB amounts above zero.

    At least zero. X12 835: a PLB amount above zero lowers the payment; a claim below zero
    corrects an earlier one.
    """
    total = 0
    for document in documents:
        if document.kind != "remittance" and not document.electronic:
            continue
        claims = document.amounts("claims", "paid_cents")
        adjustments = document.amounts("provider_adjustments", "amount_cents")
        total -= sum(cents for cents in claims if cents < 0)
        total += sum(cents for cents in adjustments if cents > 0)
    return total


def lock(session: Session) -> None:
    """Let no other transaction take anything back until this one ends.

    Two that take back by one remittance, or from one payment, would not see each other. SQLite's
    write transaction does that by itself. Taken after a payment's row, and before nothing else.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def left_of(session: Session, payment: Payment) -> int:
    """What of a payment no later one has taken back yet, in cents."""
    taken = session.scalar(
        select(func.sum(HeldPart.amount_cents)).where(
            HeldPart.pair_payment_id == payment.id, HeldPart.state != "withdrawn"
        )
    )
    return (payment.amount_cents or 0) + int(taken or 0)


def taken_elsewhere(session: Session, payment_id: str, document_ids: Collection[str]) -> int:
    """What other payments have taken back already by these remittances, in cents; at least zero.

    One that lies with two checks and is joined to neither speaks for both, but takes back once.
    Of one that is divided among its payments each has its own.
    """
    divided = remittance_shares.of_payments(session, [payment_id])
    document_ids = [each for each in document_ids if each not in divided]
    beside = select(EVIDENCE.c.payment_id).where(
        EVIDENCE.c.document_id.in_(list(document_ids)), EVIDENCE.c.payment_id != payment_id
    )
    taken = session.scalar(
        select(func.sum(Allocation.amount_cents)).where(
            Allocation.live, Allocation.amount_cents < 0, Allocation.payment_id.in_(beside)
        )
    )
    return -int(taken or 0)
