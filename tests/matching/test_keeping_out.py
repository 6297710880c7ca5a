"""Whatever keeps a check out of deposits is written down, and so is how it ended."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from matching import keeping_out, review
from records.db import Database
from records.models import Payment, ReviewItem
from tests.matching.world import check, run

SAM, SOFIA = "user:sam", "user:sofia"


def set_aside(db: Database, reason: str, **reading: Any) -> str:
    """A check that Sam set aside; its id."""
    with db.write() as session:
        (payment,) = run(session, [check(50_00, signed=False, **reading)])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        review.lease(session, item.id, SAM)
        review.set_aside(session, item.id, SAM, item.lease_token, reason)
        return payment.id


def trail(db: Database, payment_id: str) -> list[tuple[str, str, str, str | None]]:
    with db.read() as session:
        return [(row.reason, row.set_by, row.outcome, row.ended_by)
                for row in keeping_out.all_of(session, payment_id)]  # fmt: skip


def refused(db: Database, statement: str, **values: object) -> None:
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(text(statement), values)


def test_setting_aside_and_putting_back_leave_their_trail(group: Database) -> None:
    payment = set_aside(group, "unsigned")
    assert trail(group, payment) == [("unsigned", SAM, "", None)]
    with group.write() as session:
        review.reopen(session, payment, SOFIA)
    assert trail(group, payment) == [("unsigned", SAM, "put_back", SOFIA)]


@pytest.mark.both_databases
def test_no_check_comes_back_or_goes_aside_by_raw_sql_without_a_record(group: Database) -> None:
    payment = set_aside(group, "stale")
    refused(group, "UPDATE payments SET deposit_state = 'awaiting_review' WHERE id = :id",
            id=payment)  # fmt: skip
    with group.write() as session:
        review.reopen(session, payment, SOFIA)
    for reason in ("unsigned", "stale"):
        refused(group, "UPDATE payments SET deposit_state = 'not_deposited', "
                "not_deposited_reason = :why WHERE id = :id", id=payment, why=reason)  # fmt: skip
    with group.read() as session:
        assert session.get_one(Payment, payment).deposit_state == "awaiting_review"


@pytest.mark.both_databases
def test_a_record_ends_once_and_is_neither_changed_nor_deleted(group: Database) -> None:
    payment = set_aside(group, "misdirected")
    for change in ("reason = 'stale'", "set_by = 'user:eve'", "until_on = '2027-01-01'"):
        refused(group, f"UPDATE deposit_exceptions SET {change}")
    refused(group, "UPDATE deposit_exceptions SET outcome = 'put_back'")  # by nobody
    refused(group, "UPDATE deposit_exceptions SET outcome = 'lost', ended_by = 'user:eve', "
            "ended_at = created_at")  # fmt: skip
    refused(group, "DELETE FROM deposit_exceptions")
    if group.is_sqlite:
        refused(group, "INSERT OR REPLACE INTO deposit_exceptions (id, created_at, payment_id, "
                "reason, set_by, outcome) SELECT 'x', created_at, payment_id, 'held', 'user:eve', "
                "'' FROM deposit_exceptions")  # fmt: skip
    with group.write() as session:
        review.reopen(session, payment, SOFIA)
    refused(group, "UPDATE deposit_exceptions SET ended_by = 'user:eve'")
    refused(group, "UPDATE deposit_exceptions SET outcome = '', ended_by = NULL, ended_at = NULL")
    assert trail(group, payment) == [("misdirected", SAM, "put_back", SOFIA)]
