"""A credit and the 835 it was tied to are taken apart, in a person's name, until it is posted."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deposits import posting, posting_queue, reconcile
from deposits.bank import import_file
from deposits.day import proof
from records import journal
from records.db import Database
from records.errors import Conflict, WrongUse
from records.installation import Installation
from records.models import (
    AuditEvent,
    BankLine,
    Payment,
    Posting,
    Settlement,
    UndoneSettlement,
)
from tests.deposits.build import DAY, check, decide, group

BILL = "user:bill"


def _csv(*lines: tuple[str, str]) -> bytes:
    rows = "".join(f"123456789,2026-11-22,{cents},HCCLAIMPMT {text},\n" for cents, text in lines)
    return f"Account,Date,Amount,Description,Reference\n{rows}".encode()


def _credited(
    session: Session, installation: Installation, paid: tuple[str, ...], *announced: int
) -> list[Payment]:
    """Payments that 835s announced, and credits that name all their traces."""
    made = group(session)
    payments = [
        check(session, made, cents, kind="eft", number=f"7700{at}")
        for at, cents in enumerate(announced)
    ]
    named = " ".join(each.check_number for each in payments)
    data = _csv(*((cents, named) for cents in paid))
    import_file(session, installation.store, data, "b.csv", BILL)
    assert {each.deposit_state for each in payments} == {"credited"}
    for each in payments:
        decide(session, each, [("account", made.account_id, each.amount_cents or 0)])
    return payments


def _lines(session: Session) -> list[BankLine]:
    return list(session.scalars(select(BankLine).order_by(BankLine.id)))


@pytest.mark.parametrize(
    ("paid", "announced"),
    [
        (("80.00",), (80_00,)),
        (("80.00",), (50_00, 30_00)),
        (("50.00", "30.00"), (80_00,)),
    ],
    ids=["one to one", "one credit of two", "two credits of one"],
)
def test_what_was_settled_together_is_taken_apart_together_and_stays_apart(
    db: Database, installation: Installation, paid: tuple[str, ...], announced: tuple[int, ...]
) -> None:
    with db.write() as session:
        payments = _credited(session, installation, paid, *announced)
        before = len(session.scalars(select(Settlement)).all())
        refs = reconcile.unsettle(session, _lines(session)[0].id, BILL, "of another  insurer")
        assert sorted(refs) == sorted(each.ref for each in payments)
        assert {each.state for each in _lines(session)} == {"unmatched"}
        assert {each.deposit_state for each in payments} == {"electronic"}
        assert session.scalars(select(Settlement)).all() == []
        kept = session.scalars(select(UndoneSettlement)).all()
        assert len(kept) == before
        assert {(each.reason, each.actor) for each in kept} == {("of another insurer", BILL)}
        assert journal.balances(session, prefix="bank:").get("bank:MAIN", 0) == 0
        assert proof(session, DAY).explained
        assert reconcile.reconcile(session, "system:bank") == 0, "a person's word stands"
        lines = [each.id for each in _lines(session)]
        ids = [each.id for each in payments]
        reconcile.settle_together(session, lines, ids, BILL)
        assert {each.deposit_state for each in payments} == {"credited"}
        assert proof(session, DAY).explained
    with db.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "bank_line_unsettled")
        ).all()
        assert {each.subject_id for each in events} == set(lines)


def test_what_was_taken_apart_does_not_keep_the_credit_from_another(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        [payment] = _credited(session, installation, ("80.00",), 80_00)
        reconcile.unsettle(session, _lines(session)[0].id, BILL, "of another insurer")
        other = check(session, group(session, "EAST", "000123456780"), 80_00, kind="eft")
        other.office_id = payment.office_id
        session.flush()
        reconcile.settle_electronic(session, _lines(session)[0].id, other.id, BILL)
        assert (payment.deposit_state, other.deposit_state) == ("electronic", "credited")


@pytest.mark.parametrize("answered", [False, True])
def test_nothing_is_taken_apart_once_a_part_is_posted(
    db: Database, installation: Installation, *, answered: bool
) -> None:
    with db.write() as session:
        payments = _credited(session, installation, ("80.00",), 50_00, 30_00)
        posting_queue.keep_in_step(session, payments[0].id, BILL)
        line = _lines(session)[0]
        export = posting.export(session, installation.store, payments[0].office_id, BILL)
        if answered:
            posting.acknowledge(session, export.id, "all", {}, BILL)
        with pytest.raises(Conflict) as refused:
            reconcile.unsettle(session, line.id, BILL, "of another insurer")
        assert refused.value.code == "already_posted"
        assert line.state == "settled"
        assert session.scalars(select(UndoneSettlement)).all() == []


def test_what_waits_to_be_posted_hinders_nothing(db: Database, installation: Installation) -> None:
    with db.write() as session:
        [payment] = _credited(session, installation, ("80.00",), 80_00)
        posting_queue.keep_in_step(session, payment.id, BILL)
        assert session.scalars(select(Posting.state)).all() == ["queued"]
        reconcile.unsettle(session, _lines(session)[0].id, BILL, "of another insurer")
        assert proof(session, DAY).explained


def test_a_reason_is_asked_and_a_line_that_pays_nothing_electronic_is_refused(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        _credited(session, installation, ("80.00",), 80_00)
        line = _lines(session)[0]
        with pytest.raises(WrongUse, match="Say why"):
            reconcile.unsettle(session, line.id, BILL, "  ")
        reconcile.unsettle(session, line.id, BILL, "a slip")
        with pytest.raises(Conflict) as refused:
            reconcile.unsettle(session, line.id, BILL, "a slip")
        assert refused.value.code == "not_settled"
        reconcile.explain(session, line.id, "a transfer", BILL)
        with pytest.raises(Conflict):
            reconcile.unsettle(session, line.id, BILL, "a slip")


@pytest.mark.both_databases
def test_the_database_lets_no_settlement_go_that_is_not_kept(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        _credited(session, installation, ("80.00",), 80_00)
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(delete(Settlement))
    with db.write() as session:
        reconcile.unsettle(session, _lines(session)[0].id, BILL, "a slip")
    for change in ("UPDATE undone_settlements SET reason = 'x'", "DELETE FROM undone_settlements"):
        with pytest.raises(IntegrityError), db.write() as session:
            session.execute(text(change))
