"""Questions for people: the review item of a payment or document, opened, widened and closed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock, ids
from records.models import Document, Payment, ReviewItem
from records.workflow import REVIEW, move


def of_payment(session: Session, payment_id: str) -> ReviewItem | None:
    """The payment's review item, locked; None when nothing was ever asked."""
    query = select(ReviewItem).where(ReviewItem.payment_id == payment_id).with_for_update()
    return session.scalars(query).one_or_none()


def ask(
    session: Session, payment: Payment, asks: Iterable[str], guess_cents: int = 0
) -> ReviewItem:
    """Ask these about a payment: a new item, or the one there is, open again and widened."""
    item = of_payment(session, payment.id)
    value = payment.amount_cents or guess_cents
    if item is None:
        item = ReviewItem(
            ref=ids.new_ref("REV"),
            office_id=payment.office_id,
            payment_id=payment.id,
            asks=list(dict.fromkeys(asks)),
            value_cents=value,
            created_at=clock.now(),
        )
        session.add(item)
        session.flush()
        return item
    fresh = item.state == "done"
    known = [] if fresh else item.asks
    item.asks = list(dict.fromkeys([*known, *asks]))
    item.value_cents = value or item.value_cents
    if fresh:
        reopen(item)
    return item


def ask_document(session: Session, document: Document, asks: Iterable[str]) -> ReviewItem:
    """Ask these about a document that is no payment."""
    item = ReviewItem(
        ref=ids.new_ref("REV"),
        office_id=document.transaction.office_id,
        document_id=document.id,
        asks=list(asks),
    )
    session.add(item)
    return item


def again_of_document(session: Session, document: Document, asks: Iterable[str]) -> ReviewItem:
    """Ask these about a document: its item anew, where one was answered before."""
    query = select(ReviewItem).where(ReviewItem.document_id == document.id).with_for_update()
    item = session.scalars(query).one_or_none()
    if item is None:
        item = ask_document(session, document, asks)
        session.flush()
        return item
    known = [] if item.state == "done" else item.asks
    item.asks = list(dict.fromkeys([*known, *asks]))
    if item.state == "done":
        reopen(item)
    return item


def reopen(item: ReviewItem) -> None:
    """Put a finished item back into the queue."""
    move(item, REVIEW, "open")
    item.done_by = item.done_at = None
    item.outcome = ""
    free(item)


def free(item: ReviewItem) -> None:
    """Forget who holds it; the token stays, so that an old answer is still refused."""
    item.leased_by = item.lease_until = None


def finish(item: ReviewItem, actor: str, outcome: str) -> None:
    """Close an item with what came of it."""
    move(item, REVIEW, "done")
    item.done_by, item.done_at = actor, clock.now()
    item.outcome = outcome[:40]
    free(item)
