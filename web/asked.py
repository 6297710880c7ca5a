"""Questions and payments as paths name them, and the offices a person works the queue for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.errors import NotFound
from records.models import Payment, ReviewItem

if TYPE_CHECKING:  # commands ask as well, and need no web server for it
    from web.context import Context

WORKERS = ("specialist", "billing", "admin")


def codes(ctx: Context, session: Session) -> frozenset[str] | None:
    """The codes of the active offices in sight; None for all."""
    if ctx.offices is None:
        return None
    return frozenset(office.code for office in ctx.visible_offices(session))


def item(session: Session, ref: str) -> ReviewItem:
    """A question by its reference or id; NotFound ``unknown_item``."""
    found = session.scalar(
        select(ReviewItem).where((ReviewItem.ref == ref) | (ReviewItem.id == ref))
    )
    if found is None:
        raise NotFound("unknown_item", "There is no such question.", "Reload the queue.")
    return found


def payment(session: Session, ref: str) -> Payment:
    """A payment by its reference or id, which the path's check has found."""
    return session.scalars(select(Payment).where((Payment.ref == ref) | (Payment.id == ref))).one()


def compared(ctx: Context, number: str, payment_ref: str) -> None:
    """Put on record that a person looked at an account beside a payment's candidates."""
    with ctx.write() as session:
        audit.record(
            session,
            actor=ctx.actor,
            action="account.compared",
            subject_kind="account",
            subject_id=number.strip()[-4:],
            detail={"payment": payment_ref},
        )
