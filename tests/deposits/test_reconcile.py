"""The bank's lines enter once, settle one thing, and bring checks back as new negative events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch, posting, posting_queue, reconcile
from deposits.bank import import_file
from deposits.day import proof
from matching import search
from records import journal
from records.db import Database
from records.errors import Conflict, WrongUse
from records.files import FileStore
from records.installation import Installation
from records.models import Account, BankLine, Deposit, Payment, Posting, ReturnedItem, Settlement
from tests.deposits.build import DAY, Group, check, decide, group


@pytest.fixture
def store(installation: Installation) -> FileStore:
    return installation.store


def _approved(db: Database, made: Group, amounts: tuple[int, ...], number: str = "") -> str:
    with db.write() as session:
        payments = [check(session, made, cents, number=number) for cents in amounts]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [p.id for p in payments], "user:bill")
        batch.close(session, deposit.id, len(amounts), sum(amounts), "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        return deposit.id


def _csv(*rows: str) -> bytes:
    return ("Account,Date,Amount,Description,Reference\n" + "\n".join(rows) + "\n").encode()


def _group(db: Database) -> Group:
    with db.write() as session:
        return group(session)


def test_a_credit_of_the_same_amount_settles_the_deposit(db: Database, store: FileStore) -> None:
    made = _group(db)
    deposit = _approved(db, made, (12_500, 7_550))
    data = _csv("123456789,2026-11-21,200.50,REMOTE DEPOSIT,")
    with db.write() as session:
        done = import_file(session, store, data, "bank.csv", "user:bill")
    assert (done.new, done.known, done.settled, done.unmatched) == (1, 0, 1, 0)
    with db.read() as session:
        assert session.get_one(Deposit, deposit).state == "credited"
        assert {p.deposit_state for p in session.scalars(select(Payment))} == {"credited"}
        balances = journal.balances(session)
        assert (balances["bank:MAIN"], balances["in_transit"]) == (20_050, 0)
        shown = proof(session, DAY)
        assert shown.explained, shown.to_json()
        assert shown.bank.parts["credited"].cents == 20_050


def test_the_same_file_and_the_same_line_enter_once(db: Database, store: FileStore) -> None:
    _group(db)
    row = "123456789,2026-11-21,200.50,REMOTE DEPOSIT,"
    with db.write() as session:
        first = import_file(session, store, _csv(row, row), "a.csv", "user:bill")
        again = import_file(session, store, _csv(row, row), "a.csv", "user:bill")
        longer = import_file(session, store, _csv(row, row, row), "b.csv", "user:bill")
    assert (first.new, first.known) == (2, 0)
    assert (again.new, again.known, again.already_imported) == (0, 2, True)
    assert (longer.new, longer.known) == (1, 2)
    with db.read() as session:
        assert len(session.scalars(select(BankLine)).all()) == 3


@pytest.mark.both_databases
def test_four_imports_of_one_file_at_once_enter_it_once(db: Database, store: FileStore) -> None:
    _group(db)
    data = _csv(*(f"123456789,2026-11-21,{n}.00,DEPOSIT,R{n}" for n in range(1, 9)))

    def run(_: int) -> int:
        with db.write() as session:
            return import_file(session, store, data, "a.csv", "user:bill").new

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [0, 0, 0, 8]


def test_a_file_of_foreign_accounts_is_refused(db: Database, store: FileStore) -> None:
    _group(db)
    with pytest.raises(WrongUse) as refused, db.write() as session:
        import_file(session, store, _csv("5555,2026-11-21,1.00,X,"), "a.csv", "user:bill")
    assert refused.value.code == "bank_account_unknown"
    assert "5555" in str(refused.value)


def test_an_account_is_known_by_its_last_four_digits(db: Database, store: FileStore) -> None:
    """They are all of a bank account's number that any page shows."""
    made = _group(db)
    rows = ("6789,2026-11-21,1.00,X,R1", "****6789,2026-11-21,2.00,X,R2",
            "000123456789,2026-11-21,3.00,X,R3")  # fmt: skip
    with db.write() as session:
        assert import_file(session, store, _csv(*rows), "a.csv", "user:bill").new == 3
        assert {line.bank_account_id for line in session.scalars(select(BankLine))} == {
            made.bank_account_id
        }
    # The whole number names the same line, wherever it comes from.
    with db.write() as session:
        again = _csv("123456789,2026-11-21,1.00,X,R1")
        assert import_file(session, store, again, "b.csv", "user:bill").known == 1


def test_last_digits_that_two_accounts_have_are_not_guessed(db: Database, store: FileStore) -> None:
    _group(db)
    with db.write() as session:
        other = group(session, "OTHER", "998877006789")
    data = _csv("6789,2026-11-21,1.00,X,R1")
    with pytest.raises(WrongUse) as refused, db.write() as session:
        import_file(session, store, data, "a.csv", "user:bill")
    assert refused.value.code == "bank_account_ambiguous"
    with db.write() as session:
        chosen = import_file(
            session, store, data, "a.csv", "user:bill", bank_account_id=other.bank_account_id
        )
        assert chosen.new == 1
        assert session.scalars(select(BankLine.bank_account_id)).one() == other.bank_account_id


def test_two_equal_deposits_and_one_credit_are_left_to_a_person(
    db: Database, store: FileStore
) -> None:
    made = _group(db)
    first, second = _approved(db, made, (5_000,)), _approved(db, made, (5_000,))
    with db.write() as session:
        done = import_file(
            session, store, _csv("123456789,2026-11-20,50.00,DEPOSIT,"), "a.csv", "user:bill"
        )
        assert (done.settled, done.unmatched) == (0, 1)
        line = session.scalars(select(BankLine.id)).one()
        assert proof(session, DAY).unexplained_cents == 5_000
        reconcile.settle(session, line, second, "user:bill")
        assert session.get_one(Deposit, first).state == "approved"
        assert proof(session, DAY).explained


def test_a_reference_decides_between_equal_deposits(db: Database, store: FileStore) -> None:
    made = _group(db)
    _approved(db, made, (5_000,))
    wanted = _approved(db, made, (5_000,))
    with db.write() as session:
        ref = session.get_one(Deposit, wanted).ref
        row = f"123456789,2026-11-20,50.00,CREDIT MEMO,{ref.replace('-', '')}"
        assert import_file(session, store, _csv(row), "a.csv", "user:bill").settled == 1
        assert session.get_one(Deposit, wanted).state == "credited"


def test_a_difference_needs_a_named_adjustment(db: Database, store: FileStore) -> None:
    made = _group(db)
    deposit = _approved(db, made, (5_000,))
    with db.write() as session:
        import_file(
            session, store, _csv("123456789,2026-11-20,49.90,DEPOSIT,"), "a.csv", "user:bill"
        )
        line = session.scalars(select(BankLine.id)).one()
        with pytest.raises(WrongUse) as refused:
            reconcile.settle(session, line, deposit, "user:bill")
        assert refused.value.code == "adjustment_needed"
        reconcile.settle(session, line, deposit, "user:bill", "bank read 49.90")
        shown = proof(session, DAY)
        assert shown.bank.parts["adjustment:bank read 49.90"].cents == 10
        assert shown.explained, shown.to_json()
        assert journal.balances(session)["adjustments"] == 10
        with pytest.raises(Conflict):
            reconcile.settle(session, line, deposit, "user:bill", "again")


def test_an_electronic_credit_settles_its_835_payment_by_trace(
    db: Database, store: FileStore
) -> None:
    made = _group(db)
    with db.write() as session:
        wanted = check(session, made, 8_000, kind="eft", number="99887766")
        other = check(session, made, 8_000, kind="eft", number="11223344")
        row = "123456789,2026-11-22,80.00,DELTA HCCLAIMPMT TRN*1*99887766*1999999999,"
        assert import_file(session, store, _csv(row), "a.csv", "user:bill").settled == 1
        assert (wanted.deposit_state, other.deposit_state) == ("credited", "electronic")
        assert proof(session, DAY).explained


def test_a_fee_is_explained_by_name_and_can_be_taken_back(db: Database, store: FileStore) -> None:
    _group(db)
    with db.write() as session:
        import_file(
            session, store, _csv("123456789,2026-11-20,-15.00,SERVICE CHARGE,"), "a", "user:bill"
        )
        line = session.scalars(select(BankLine)).one()
        assert proof(session, DAY).unexplained_cents == 1_500
        reconcile.explain(session, line.id, "bank fee", "user:bill")
        assert proof(session, DAY).explained
        reconcile.unexplain(session, line.id, "user:bill")
        assert session.scalars(select(Settlement)).first() is None
        assert line.state == "unmatched"


def _posted_check(db: Database, store: FileStore) -> tuple[Group, str]:
    """A credited check of 50 dollars: 40 posted, 10 unapplied."""
    made = _group(db)
    with db.write() as session:
        payment = check(session, made, 5_000, number="4411")
        decide(session, payment, [("account", made.account_id, 4_000),
                                  ("unapplied", made.account_id, 1_000)])  # fmt: skip
        posting_queue.keep_in_step(session, payment.id, "system:test")
        export = posting.export(session, store, made.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        batch.close(session, deposit.id, 1, 5_000, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        return made, payment.id


_BOTH = (
    "123456789,2026-11-20,50.00,DEPOSIT,",
    "123456789,2026-11-25,-50.00,DEPOSITED ITEM RETURNED NSF CK 4411,",
)


def test_a_returned_check_is_a_new_negative_event_and_its_posting_is_reversed(
    db: Database, store: FileStore
) -> None:
    made, payment_id = _posted_check(db, store)
    with db.write() as session:
        done = import_file(session, store, _csv(*_BOTH), "a.csv", "user:bill")
        assert (done.settled, done.unmatched) == (2, 0)
        item = session.scalars(select(ReturnedItem)).one()
        assert (item.amount_cents, item.reason) == (5_000, "not_sufficient_funds")
        assert session.get_one(Payment, payment_id).deposit_state == "returned"
        assert proof(session, DAY).explained, proof(session, DAY).to_json()
        export = posting.export(session, store, made.office_id, "user:bill")
        assert export.total_cents == -4_000
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
    with db.read() as session:
        shown = proof(session, DAY)
        assert shown.explained, shown.to_json()
        assert shown.deposited.parts["reversed"].cents == 5_000
        balances = {name: cents for name, cents in journal.balances(session).items() if cents}
        assert balances == {"returned_items": 5_000, "reversed": -5_000}
        assert proof(session, DAY + timedelta(days=5)).explained


def _posting_states(session: Session, made: Group) -> list[str]:
    """What an account's status says of the posting of each part, in order."""
    number = session.get_one(Account, made.account_id).number
    told = search.account_status(session, number).to_json()["payments"]
    return sorted(each["posting_state"] for each in told if each["part_cents"] == 4_000) + [
        each["posting_state"] for each in told if each["part_cents"] == 1_000
    ]


def test_a_returned_check_is_presented_again_only_after_its_reversal(
    db: Database, store: FileStore
) -> None:
    made, payment_id = _posted_check(db, store)
    with db.write() as session:
        import_file(session, store, _csv(*_BOTH), "a.csv", "user:bill")
        with pytest.raises(Conflict) as refused:
            reconcile.represent(session, payment_id, "user:bill")
        assert refused.value.code == "reversal_pending"
        reversal = posting.export(session, store, made.office_id, "user:bill")
        assert _posting_states(session, made) == ["acknowledged", "none"]
        posting.acknowledge(session, reversal.id, "all", {}, "user:bill")
        session.expire_all()
        assert _posting_states(session, made) == ["reversed", "none"]
        reconcile.represent(session, payment_id, "user:bill")
        assert _posting_states(session, made) == ["queued", "none"]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment_id], "user:bill")
        batch.close(session, deposit.id, 1, 5_000, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        again = posting.export(session, store, made.office_id, "user:bill")
        assert again.total_cents == 4_000
        posting.acknowledge(session, again.id, "all", {}, "user:bill")
        row = "123456789,2026-11-24,50.00,DEPOSIT,"
        assert import_file(session, store, _csv(row), "b.csv", "user:bill").settled == 1
        shown = proof(session, DAY)
        assert shown.explained, shown.to_json()
        assert len(session.scalars(select(Posting)).all()) == 3


def test_a_return_known_by_notice_waits_for_the_banks_debit(db: Database, store: FileStore) -> None:
    _, payment_id = _posted_check(db, store)
    with db.write() as session:
        import_file(session, store, _csv(_BOTH[0]), "a.csv", "user:bill")
        reconcile.record_returned_item(session, payment_id, "stop_payment", DAY, None, "user:bill")
        assert proof(session, DAY).explained
        assert import_file(session, store, _csv(_BOTH[1]), "b.csv", "user:bill").settled == 1
        assert session.scalars(select(ReturnedItem.reason)).one() == "stop_payment"
        assert proof(session, DAY).explained


def test_a_return_of_what_was_never_credited_is_refused(db: Database, store: FileStore) -> None:
    _, payment_id = _posted_check(db, store)
    with db.write() as session:
        with pytest.raises(Conflict) as refused:
            reconcile.record_returned_item(session, payment_id, "nsf", DAY, None, "user:bill")
        assert refused.value.code == "payment_not_credited"
