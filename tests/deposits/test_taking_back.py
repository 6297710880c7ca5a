"""A wrong match that was posted is taken back: reversed in the PMS first, then asked again."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import posting, posting_queue, reconcile
from deposits.bank import import_file
from deposits.day import proof
from deposits.taking_back import take_back
from records.db import Database
from records.errors import Conflict, WrongUse
from records.installation import Installation
from records.models import AuditEvent, BankLine, Payment, Posting, ReviewItem
from tests.deposits.build import DAY, check, decide, group

BILL = "user:bill"
CREDIT = "Account,Date,Amount,Description,Reference\n123456789,2026-11-22,80.00,HCCLAIMPMT 77000,\n"


def _credited(session: Session, installation: Installation) -> Payment:
    """What an 835 announced and the bank credited, decided and waiting to be posted."""
    made = group(session)
    payment = check(session, made, 80_00, kind="eft", number="77000")
    import_file(session, installation.store, CREDIT.encode(), "b.csv", BILL)
    decide(session, payment, [("account", made.account_id, 80_00)])
    posting_queue.keep_in_step(session, payment.id, BILL)
    return payment


def _answered(session: Session, installation: Installation, payment: Payment) -> None:
    made = posting.export(session, installation.store, payment.office_id, BILL)
    posting.acknowledge(session, made.id, "all", {}, BILL)


def test_what_was_posted_is_reversed_first_and_then_all_may_be_taken_apart(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        payment = _credited(session, installation)
        line = session.scalars(select(BankLine)).one()
        _answered(session, installation, payment)
        with pytest.raises(Conflict) as refused:
            reconcile.unsettle(session, line.id, BILL, "of another insurer")
        assert refused.value.code == "already_posted"
        assert not take_back(session, payment.id, BILL, " of another  insurer ")
        assert payment.match_state == "decided", "it stands in the office's system still"
        with pytest.raises(Conflict) as twice:
            take_back(session, payment.id, BILL, "again")
        assert twice.value.code == "taken_back_already"
        _answered(session, installation, payment)
        assert (payment.match_state, payment.flags) == ("in_review", [])
        sums = session.scalars(select(Posting.amount_cents).order_by(Posting.amount_cents)).all()
        assert sums == [-80_00, 80_00]
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        assert (item.state, item.asks) == ("open", ["match"])
        reconcile.unsettle(session, line.id, BILL, "of another insurer")
        assert (line.state, payment.deposit_state) == ("unmatched", "electronic")
        assert proof(session, DAY).explained
    with db.read() as session:
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "payment.taken_back")
        )
        assert (event.actor, event.detail["reason"]) == (BILL, "of another insurer")


def test_what_is_on_its_way_is_reversed_once_its_answer_has_come(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        payment = _credited(session, installation)
        sent = posting.export(session, installation.store, payment.office_id, BILL)
        assert not take_back(session, payment.id, BILL, "another patient")
        assert session.scalars(select(Posting.state)).all() == ["exported"]
        posting.acknowledge(session, sent.id, "all", {}, BILL)
        assert payment.match_state == "decided"
        _answered(session, installation, payment)
        assert payment.match_state == "in_review"


def test_what_has_not_left_is_undone_at_once(db: Database, installation: Installation) -> None:
    with db.write() as session:
        payment = _credited(session, installation)
        with pytest.raises(WrongUse, match="Say why"):
            take_back(session, payment.id, BILL, "  ")
        assert take_back(session, payment.id, BILL, "another patient")
        assert payment.match_state == "in_review"
        assert session.scalars(select(Posting.state)).all() == ["withdrawn"]
        with pytest.raises(Conflict) as refused:
            take_back(session, payment.id, BILL, "another patient")
        assert refused.value.code == "not_decided"
