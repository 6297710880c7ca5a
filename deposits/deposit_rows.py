"""The rows of one deposit: found and locked, its checks with them, flushed, told to the audit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deposits.states import APPROVED
from records import audit
from records.errors import Conflict, NotFound
from records.models import Deposit, DepositItem, Payment


def locked(session: Session, deposit_id: str) -> Deposit:
    """The deposit as it stands now, held; NotFound ``deposit_unknown``."""
    deposit = session.get(Deposit, deposit_id, with_for_update=True, populate_existing=True)
    if deposit is None:
        raise NotFound("deposit_unknown", "There is no such deposit.", "Reload the page.")
    return deposit


def payments_of(session: Session, deposit_id: str) -> Sequence[Payment]:
    """Its checks, held; in one order everywhere, so that two people cannot deadlock."""
    return session.scalars(
        select(Payment)
        .join(DepositItem, DepositItem.payment_id == Payment.id)
        .where(DepositItem.deposit_id == deposit_id)
        .order_by(Payment.id)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    ).all()


def require_approved(deposit: Deposit) -> None:
    """Conflict ``deposit_not_approved`` for what does not go to the bank, or no more."""
    if deposit.state not in APPROVED:
        raise Conflict(
            "deposit_not_approved",
            f"Deposit {deposit.ref} is {deposit.state}; only an approved one goes to the bank.",
            "Its checks go in another deposit." if deposit.state == "rejected"
            else "Close it, and have a second person approve it.",
        )  # fmt: skip


def flush_once(session: Session) -> None:
    """Flush; what the database refuses is somebody else's faster change."""
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            "deposit_changed_meanwhile",
            "The database refused this step: a check or the deposit changed meanwhile.",
            "Reload the page and try again.",
        ) from error


def note(session: Session, actor: str, action: str, deposit: Deposit, **detail: str | int) -> None:
    """Tell the audit chain what was done with the deposit."""
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_kind="deposit",
        subject_id=deposit.id,
        detail={"ref": deposit.ref, **detail},
    )
