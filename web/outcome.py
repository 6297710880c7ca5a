"""What became of received files, item by item: the answer of ``ingest --wait`` and of the API.

References and ids differ from one installation to the next; everything else here is the same
wherever and in whatever order the jobs ran.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import (
    AddressTask,
    Document,
    MailTransaction,
    Payment,
    ReviewItem,
    SourceFile,
)


def of_files(session: Session, source_file_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Each file with its documents in page order, the money's two states and what is asked."""
    return [_of_file(session, session.get_one(SourceFile, each)) for each in source_file_ids]


def _of_file(session: Session, file: SourceFile) -> dict[str, Any]:
    positions = {page.id: page.position for page in file.pages}
    envelopes = list(
        session.scalars(
            select(MailTransaction)
            .where(MailTransaction.source_file_id == file.id, MailTransaction.live)
            .order_by(MailTransaction.position)
        )
    )
    items = [
        _of_document(session, document, positions, number)
        for number, envelope in enumerate(envelopes)
        for document in envelope.documents
        if document.live
    ]
    return {
        "ref": file.ref,
        "name": file.name,
        "state": file.state,
        "error_code": file.error_code,
        "error_message": file.error_message,
        "problems": file.problems,
        "pages": file.page_count,
        "envelopes": len(envelopes),
        "items": items,
    }


def _of_document(
    session: Session, document: Document, positions: dict[str, int], envelope: int
) -> dict[str, Any]:
    payment = session.scalar(select(Payment).where(Payment.document_id == document.id))
    item = session.scalar(
        select(ReviewItem).where(
            (ReviewItem.document_id == document.id)
            | (ReviewItem.payment_id == (payment.id if payment else ""))
        )
    )
    task = session.scalar(select(AddressTask).where(AddressTask.document_id == document.id))
    shown: dict[str, Any] = {
        "document": document.ref,
        "kind": document.kind,
        "envelope": envelope,
        "pages": [positions[page] for page in document.page_ids if page in positions],
        "region": document.region,
        "payment": payment.ref if payment else None,
        "amount_cents": payment.amount_cents if payment else None,
        "deposit_state": payment.deposit_state if payment else None,
        "not_deposited_reason": payment.not_deposited_reason if payment else None,
        "match_state": payment.match_state if payment else None,
        "flags": sorted(payment.flags) if payment else [],
        "asks": sorted(item.asks) if item and item.state != "done" else [],
        "task_reason": task.reason if task else None,
        "allocations": [],
    }
    if payment is not None:
        shown["allocations"] = sorted(
            (
                {
                    "destination": each.destination,
                    "account_number": each.account.number if each.account else None,
                    "statement_number": each.statement.number if each.statement else None,
                    "amount_cents": each.amount_cents,
                }
                for each in payment.allocations
                if each.live
            ),
            key=lambda each: (str(each["account_number"]), str(each["statement_number"])),
        )
    return shown
