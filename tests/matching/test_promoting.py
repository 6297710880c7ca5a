"""A document that is money after all becomes a payment, once, and nothing of it is guessed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from matching import promoting, questions, review
from matching.review import AllocationInput
from records import journal
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import Payment, ReviewItem
from tests.world import add_account, add_document, add_office

SAM = "user:sam"


def asked(db: Database, kind: str, fields: dict[str, Any]) -> tuple[str, int]:
    """A document with its question, held by Sam: the item's id and token."""
    with db.write() as session:
        office = add_office(session)
        add_account(session, office, "1000000017")
        item = questions.ask_document(
            session, add_document(session, office, kind, fields), ["kind"]
        )
        session.flush()
        held = review.lease(session, item.id, SAM)
        return held.id, held.lease_token


def test_an_unreadable_check_is_keyed_and_goes_to_the_bank(db: Database) -> None:
    item_id, token = asked(db, "unknown", {})
    with db.write() as session:
        made = promoting.as_payment(session, item_id, SAM, token, "check")
        assert set(made.asks) == {"amount", "micr", "match"}
        assert session.get_one(ReviewItem, item_id).outcome == "made_check"
        held = review.lease(session, made.id, SAM)
        keyed = {"routing_number": "021000021", "account_number": "5551", "check_number": "77"}
        review.confirm(
            session, held.id, SAM, held.lease_token, amount_cents=3000, keyed=keyed,
            allocations=[AllocationInput("unapplied", "1000000017", None, 3000)],
        )  # fmt: skip
    with db.read() as session:
        payment = session.scalars(select(Payment)).one()
        assert (payment.amount_cents, payment.deposit_state) == (3000, "depositable")
        assert journal.balances(session)["on_hand"] == 3000


def test_a_transfer_announced_on_paper_awaits_the_banks_credit(db: Database) -> None:
    fields = {"total_paid_cents": 185_549, "payment_number": "4725518", "payer_name": "Oak"}
    item_id, token = asked(db, "remittance", fields)
    with db.write() as session:
        promoting.as_payment(session, item_id, SAM, token, "eft")
    with db.read() as session:
        payment = session.scalars(select(Payment)).one()
        assert (payment.amount_cents, payment.deposit_state) == (185_549, "electronic")
        assert payment.check_number == "4725518"


def test_the_same_transfer_twice_is_refused(db: Database) -> None:
    fields = {"total_paid_cents": 185_549, "payment_number": "4725518", "payer_name": "Oak"}
    item_id, token = asked(db, "remittance", fields)
    with db.write() as session:
        promoting.as_payment(session, item_id, SAM, token, "eft")
        again = questions.ask_document(
            session,
            add_document(
                session, session.get_one(ReviewItem, item_id).office, "remittance", fields
            ),
            ["kind"],
        )
        session.flush()
        second = review.lease(session, again.id, SAM)
    with pytest.raises(Conflict) as refused, db.write() as session:
        promoting.as_payment(session, second.id, SAM, second.lease_token, "eft")
    assert refused.value.code == "payment_exists"


def test_a_transfer_without_a_total_is_not_guessed(db: Database) -> None:
    item_id, token = asked(db, "remittance", {"payment_number": "1"})
    with pytest.raises(WrongUse) as refused, db.write() as session:
        promoting.as_payment(session, item_id, SAM, token, "eft")
    assert refused.value.code == "total_unread"


def test_only_who_holds_the_question_answers_it(db: Database) -> None:
    item_id, token = asked(db, "unknown", {})
    with pytest.raises(Conflict), db.write() as session:
        promoting.as_payment(session, item_id, "user:sofia", token, "check")


def test_undoing_asks_again_for_all_that_was_answered(db: Database) -> None:
    item_id, token = asked(db, "unknown", {})
    with db.write() as session:
        made = promoting.as_payment(session, item_id, SAM, token, "check")
        held = review.lease(session, made.id, SAM)
        keyed = {"routing_number": "021000021", "account_number": "5551", "check_number": "77"}
        review.confirm(
            session, held.id, SAM, held.lease_token, amount_cents=100, keyed=keyed,
            allocations=[AllocationInput("unidentified", None, None, 100)],
        )  # fmt: skip
        payment_id = str(made.payment_id)
    with db.write() as session:
        item = review.undo(session, payment_id, SAM)
        assert {"amount", "micr", "match"} <= set(item.asks)
        assert session.get_one(Payment, payment_id).deposit_state == "awaiting_review"
