"""What the journal says of some payments: by their own entries, postings and returns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from records.models import JournalEntry, JournalLine, Posting, ReturnedItem

MOVED_BY_RETURNS = ("allocated", "reversed", "unapplied", "unidentified")
"""The accounts between which returns, and decisions about returned checks, move money."""


def balances(session: Session, payments: Select[Any]) -> dict[str, int]:
    """Balances, debits less credits, of ``MOVED_BY_RETURNS`` by all entries about payments.

    ``payments`` selects their ids.
    """
    subjects = {
        "payment": payments,
        "posting": select(Posting.id).where(Posting.payment_id.in_(payments)),
        "returned_item": select(ReturnedItem.id).where(ReturnedItem.payment_id.in_(payments)),
    }
    about = or_(*(
        and_(JournalEntry.subject_kind == kind, JournalEntry.subject_id.in_(ids))
        for kind, ids in subjects.items()
    ))  # fmt: skip
    cents = func.sum(JournalLine.debit_cents) - func.sum(JournalLine.credit_cents)
    rows = session.execute(
        select(JournalLine.account, cents)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(about, JournalLine.account.in_(MOVED_BY_RETURNS))
        .group_by(JournalLine.account)
    )
    return {account: int(total) for account, total in rows}
