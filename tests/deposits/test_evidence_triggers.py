"""Evidence behind the money only grows, and a deposited check stays what it was: by raw SQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, NotSupportedError

from deposits import batch, posting, posting_queue, returns
from records import clock
from records.db import Database
from records.installation import Installation
from records.models import AddressVersion, KeyedValue, Payment, ReadingRow
from records.models.payments import Allocation
from records.triggers_emptied import TABLES
from tests.deposits.build import DAY, Group, check, decide, group

pytestmark = pytest.mark.both_databases


def _refused(db: Database, statement: str, **values: Any) -> None:
    """The statement fails by a rule of these, not by a key that is missing."""
    rules = "append-only|never|frozen|held already|has this row|starts queued|duplicate key"
    with pytest.raises(IntegrityError, match=rules), db.write() as session:
        session.execute(text(statement), values)


def _decided(db: Database) -> tuple[Group, str]:
    """A decided check of 100 dollars with a reading, a keyed value and an address."""
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000, number="101")
        payment.fingerprint, payment.item_fingerprint = "f" * 64, "e" * 64
        decide(session, payment, [("account", made.account_id, 10_000)], actor="user:sam")
        session.add(KeyedValue(payment_id=payment.id, field="amount", actor="user:sam"))
        session.add(ReadingRow(document_id=payment.document_id, version=1, sealed={},
                               made_by="test"))  # fmt: skip
        session.add(AddressVersion(account_id=made.account_id, version=1, street="9 Far Hills Ave",
                                   city="Dayton", state="OH", zip="45419", source="import",
                                   confirmed_by="user:ada"))  # fmt: skip
        return made, payment.id


@pytest.mark.parametrize(("table", "change"), [
    ("keyed_values", "actor = 'user:beth'"),
    ("decisions", "actor = 'user:beth'"),
    ("decisions", "outcome = 'auto'"),
    ("readings", "made_by = 'user:eve'"),
    ("address_versions", "street = '1 Evil St'"),
    ("address_versions", "confirmed_by = 'user:eve'"),
    ("allocations", "amount_cents = 1"),
    ("allocations", "account_id = 'x'"),
    ("allocations", "decision_id = 'x'"),
    ("payments", "ref = 'PAY-X'"),
])  # fmt: skip
def test_evidence_is_never_changed_or_deleted(db: Database, table: str, change: str) -> None:
    _decided(db)
    _refused(db, f"UPDATE {table} SET {change}")
    _refused(db, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", [
    "keyed_values", "decisions", "readings", "address_versions", "payments", "allocations",
    "source_files", "postings",
])  # fmt: skip
def test_nothing_is_replaced(db: Database, table: str) -> None:
    _, payment_id = _decided(db)
    with db.write() as session:
        posting_queue.keep_in_step(session, payment_id, "system:test")
    if db.is_sqlite:
        _refused(db, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        _refused(db, f"INSERT INTO {table} SELECT * FROM {table}")


def test_an_address_goes_bad_and_good_again(db: Database) -> None:
    _decided(db)
    with db.write() as session:
        session.execute(text("UPDATE address_versions SET bad_since = :at"), {"at": clock.now()})
        session.execute(text("UPDATE address_versions SET bad_since = NULL"))


def test_a_part_ends_only_when_the_pms_has_nothing_of_it_and_never_comes_back(
    db: Database, installation: Installation
) -> None:
    made, payment_id = _decided(db)
    end = "UPDATE allocations SET live = false WHERE payment_id = :id"
    with db.write() as session:
        posting_queue.keep_in_step(session, payment_id, "system:test")
        export = posting.export(session, installation.store, made.office_id, "user:bill")
    _refused(db, end, id=payment_id)
    with db.write() as session:
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
    _refused(db, end, id=payment_id)
    with db.write() as session:
        other = check(session, made, 500)
        decide(session, other, [("account", made.account_id, 500)])
        session.execute(text(end), {"id": other.id})
    _refused(db, "UPDATE allocations SET live = true WHERE payment_id = :id", id=other.id)


_CHANGES = (
    "fingerprint = 'x'", "item_fingerprint = NULL", "check_number = '2'",
    "presentation = 2", "live = false", "kind = 'eft'",
    "check_number = '2', deposit_state = 'depositable'",
    "presentation = 2, deposit_state = 'depositable'",
)  # fmt: skip


@pytest.mark.parametrize("state", ["in_deposit", "deposited", "credited"])
def test_a_check_in_a_deposit_stays_what_it_says(db: Database, state: str) -> None:
    made, payment_id = _decided(db)
    with db.write() as session:
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment_id], "user:bill")
        if state != "in_deposit":
            batch.close(session, deposit.id, 1, 10_000, "user:bill")
            batch.approve(session, deposit.id, "user:beth")
        if state == "credited":
            session.get_one(Payment, payment_id).deposit_state = "credited"
    for change in _CHANGES:
        _refused(db, f"UPDATE payments SET {change} WHERE id = :id", id=payment_id)
    _refused(db, "UPDATE payments SET sealed = :other WHERE id = :id", id=payment_id, other=b"x")


def test_a_check_out_of_its_deposit_again_may_be_corrected(db: Database) -> None:
    made, payment_id = _decided(db)
    with db.write() as session:
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment_id], "user:bill")
        batch.remove(session, deposit.id, payment_id, "user:bill")
    with db.write() as session:
        session.get_one(Payment, payment_id).check_number = "2"


def test_a_returned_check_is_presented_again_and_nothing_else_of_it_changes(db: Database) -> None:
    made, payment_id = _decided(db)
    with db.write() as session:
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment_id], "user:bill")
        batch.close(session, deposit.id, 1, 10_000, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        session.get_one(Payment, payment_id).deposit_state = "credited"
        session.flush()
        returns.record_returned_item(session, payment_id, "nsf", DAY, None, "user:bill")
    _refused(db, "UPDATE payments SET check_number = '2' WHERE id = :id", id=payment_id)
    _refused(db, "UPDATE payments SET presentation = 2 WHERE id = :id", id=payment_id)
    with db.write() as session:
        returns.represent(session, payment_id, "user:bill")
        payment = session.get_one(Payment, payment_id)
        assert (payment.presentation, payment.deposit_state) == (2, "depositable")


def test_a_check_is_never_renamed_into_a_live_twin(db: Database) -> None:
    made, first = _decided(db)
    with db.write() as session:
        second = check(session, made, 10_000).id
    verb = "UPDATE OR REPLACE" if db.is_sqlite else "UPDATE"
    _refused(db, f"{verb} payments SET fingerprint = :same WHERE id = :id", id=second,
             same="f" * 64)  # fmt: skip
    with db.read() as session:
        assert session.get(Payment, first) is not None
        assert session.query(Allocation).count() == 1


def test_no_table_of_money_is_emptied_around_the_rules_of_its_rows(postgres_url: str) -> None:
    db = Database(postgres_url)
    for table in (*TABLES, "bank_balances", "cash_letters", "decisions", "journal_lines"):
        for more in ("", " CASCADE"):
            with pytest.raises((IntegrityError, NotSupportedError)), db.write() as session:
                session.execute(text(f"TRUNCATE {table}{more}"))
    with pytest.raises(IntegrityError), db.write() as session:  # by way of what they point at
        session.execute(text("TRUNCATE accounts CASCADE"))
    db.close()
