"""What an insurer's remittance takes back: the only parts of a payment that go below zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.readings import Document
from records.models import Document as DocumentRow
from records.models import Payment


def has_remittance(session: Session, payment: Payment) -> bool:
    """Whether an insurer explains this payment: an electronic one, or an advice beside the check.

    ``records.triggers_postings`` asks the same of the rows before anything is posted.
    """
    if payment.kind == "eft":
        return True
    beside = select(DocumentRow.id).where(
        DocumentRow.transaction_id == payment.transaction_id,
        DocumentRow.kind == "remittance",
        DocumentRow.live,
    )
    return session.scalar(beside.limit(1)) is not None


def takeback_cents(documents: Iterable[Document]) -> int:
    """The most that remittances take off a payment: reversed claims, and PLB amounts above zero.

    At least zero. X12 835: a PLB amount above zero lowers the payment; a claim below zero
    corrects an earlier one.
    """
    total = 0
    for document in documents:
        if document.kind != "remittance" and not document.electronic:
            continue
        claims = _cents(document.value("claims"), "paid_cents")
        adjustments = _cents(document.value("provider_adjustments"), "amount_cents")
        total -= sum(cents for cents in claims if cents < 0)
        total += sum(cents for cents in adjustments if cents > 0)
    return total


def _cents(entries: Any, name: str) -> list[int]:
    found = [e.get(name) for e in entries or [] if isinstance(e, Mapping)]
    return [each for each in found if type(each) is int]
