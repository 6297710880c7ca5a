"""The instalments agreed with accounts, as the tables hold them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.postings import chunks
from records.models import PaymentPlan


def instalments(session: Session, account_ids: Sequence[str]) -> dict[str, int]:
    """Cents of each account's plan in force, by row id; those without one are left out."""
    found: dict[str, int] = {}
    for some in chunks(account_ids):
        rows = session.execute(
            select(PaymentPlan.account_id, PaymentPlan.instalment_cents).where(
                PaymentPlan.account_id.in_(some), PaymentPlan.active
            )
        )
        found |= {row[0]: row[1] for row in rows}
    return found
