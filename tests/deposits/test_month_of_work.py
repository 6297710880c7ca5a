"""A month of three bank accounts: every day is proved and signed, and nothing can be taken away.

Twenty days with returned items, a redeposit, a bank's correction, a file that comes twice, a cash
letter that the bank refuses, whose checks go again under a new number, a credit for two deposits,
one in two parts, and one debit for two returned checks.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from deposits import batch, posting, posting_queue, reconcile, refusing
from deposits.bank import import_file
from deposits.day import proof
from deposits.day_record import day_record, sign
from deposits.month_rows import month_view
from deposits.states import APPROVED, REJECTED_ENTRY
from records import clock
from records.db import Database
from records.installation import Installation
from records.models import (
    BankAccount,
    BankLine,
    DaySignature,
    Deposit,
    Payment,
    PostingExport,
    ReturnedItem,
)
from tests.deposits.build import Group, check, decide, group
from tests.inputs import sample

FIRST = date(2026, 11, 2)
DAYS = [FIRST + timedelta(days=n) for n in range(28) if (FIRST + timedelta(days=n)).weekday() < 5]
NUMBERS = {"ALPHA": "100000001", "BRAVO": "200000002", "CHARLIE": "300000003"}


@dataclass
class Month:
    """Three accounts and the days that happened to them."""

    installation: Installation
    groups: dict[str, Group] = field(default_factory=dict)
    random: random.Random = field(default_factory=lambda: random.Random(20268))
    serial: int = 5000

    def at(self, day: date, hour: int = 15) -> contextmanager:  # type: ignore[type-arg]
        return clock.frozen(datetime.combine(day, time(hour), UTC))

    def mail(self, session: Session, code: str, day: date) -> list[Payment]:
        """A check or two, decided and posted."""
        made = self.groups[code]
        payments = []
        for _ in range(self.random.choice((1, 2))):
            self.serial += 1
            cents = self.random.randrange(2_003, 180_007)
            payment = check(session, made, cents, received_on=day, number=str(self.serial))
            parts = [("account", made.account_id, cents)]
            if self.random.random() < 0.2:
                parts = [("account", made.account_id, cents - 1_001),
                         ("unapplied", made.account_id, 1_001)]  # fmt: skip
            decide(session, payment, parts)
            posting_queue.keep_in_step(session, payment.id, "system:test")
            payments.append(payment)
        self.post(session, code)
        return payments

    def post(self, session: Session, code: str) -> None:
        office = self.groups[code].office_id
        made = posting.export(session, self.installation.store, office, "user:bill")
        export = session.scalars(select(PostingExport).where(PostingExport.ref == made.ref)).one()
        posting.acknowledge(session, export.id, "all", {}, "user:bill")

    def deposit(self, session: Session, code: str, day: date, payments: list[Payment]) -> Deposit:
        made = batch.open_deposit(session, self.groups[code].bank_account_id, day, "user:bill")
        batch.add(session, made.id, [each.id for each in payments], "user:bill")
        total = sum(each.amount_cents or 0 for each in payments)
        batch.close(session, made.id, len(payments), total, "user:bill")
        batch.approve(session, made.id, "user:beth")
        return made

    def bank(self, session: Session, code: str, *rows: str) -> bytes:
        lines = "".join(f"{NUMBERS[code]},{row}\n" for row in rows)
        data = f"Account,Date,Amount,Description,Reference\n{lines}".encode()
        import_file(session, self.installation.store, data, "bank.csv", "user:bill")
        return data

    def credit(self, session: Session, code: str, day: date, cents: int, ref: str = "") -> bytes:
        return self.bank(session, code, f"{day},{cents / 100:.2f},DEPOSIT,{ref}")

    def line(self, session: Session) -> BankLine:
        return session.scalars(select(BankLine).where(BankLine.state == "unmatched")).one()


def _ordinary(month: Month, session: Session, code: str, day: date, following: date) -> Deposit:
    made = month.deposit(session, code, day, month.mail(session, code, day))
    month.credit(session, code, following, made.declared_total_cents or 0, made.ref)
    return made


def _first_week(month: Month, session: Session, code: str, at: int) -> bool:
    """What is out of the ordinary; False for an ordinary day."""
    day, following = DAYS[at], DAYS[min(at + 1, len(DAYS) - 1)]
    if (code, at) == ("ALPHA", 2):  # the bank reads an amount wrong, and corrects it
        made = month.deposit(session, code, day, month.mail(session, code, day))
        cents = (made.declared_total_cents or 0) - 900
        month.credit(session, code, following, cents, "9")
        reconcile.settle(session, month.line(session).id, made.id, "user:bill", "the bank's error")
        month.bank(session, code, f"{following},9.00,DEPOSIT CORRECTION,{made.ref}")
        reconcile.explain(session, month.line(session).id, "the bank's error", "user:bill")
    elif (code, at) == ("BRAVO", 4):  # the same file comes twice
        made = month.deposit(session, code, day, month.mail(session, code, day))
        data = month.credit(session, code, following, made.declared_total_cents or 0, made.ref)
        again = import_file(session, month.installation.store, data, "again.csv", "user:bill")
        assert again.already_imported
    elif (code, at) == ("BRAVO", 6):  # a check comes back, and a fee
        made = _ordinary(month, session, code, day, following)
        item = made.items[0]
        number = item.payment.check_number
        month.bank(session, code,
                   f"{following},-{item.amount_cents / 100:.2f},RETURNED NSF CK {number},",
                   f"{following},-12.00,RETURNED ITEM FEE,")  # fmt: skip
        reconcile.explain(session, month.line(session).id, "fee for a returned item", "user:bill")
        month.post(session, code)
    elif (code, at) == ("BRAVO", 9):  # and is deposited again
        [back] = session.scalars(select(ReturnedItem)).all()
        reconcile.represent(session, back.payment_id, "user:bill")
        payments = [session.get_one(Payment, back.payment_id), *month.mail(session, code, day)]
        made = month.deposit(session, code, day, payments)
        month.credit(session, code, following, made.declared_total_cents or 0, made.ref)
    else:
        return _second_week(month, session, code, at)
    return True


def _second_week(month: Month, session: Session, code: str, at: int) -> bool:
    day, following = DAYS[at], DAYS[min(at + 1, len(DAYS) - 1)]
    if (code, at) == ("CHARLIE", 8):  # this letter the bank will refuse
        made = month.deposit(session, code, day, month.mail(session, code, day))
        batch.export(session, made.id, "user:bill")
    elif (code, at) == ("CHARLIE", 9):  # it does, once the day is signed; a new one is paid late
        sent = session.scalars(select(Deposit).where(Deposit.state == "exported")).one()
        refusing.reject(session, sent.id, "file totals differ", "user:bill")
        made = refusing.rebatch(session, sent.id, "user:bill")
        batch.close(session, made.id, len(made.items), sent.declared_total_cents or 0, "user:bill")
        batch.approve(session, made.id, "user:beth")
        month.credit(session, code, DAYS[at + 4], made.declared_total_cents or 0, made.ref)
        _ordinary(month, session, code, day, following)
    elif (code, at) == ("ALPHA", 11):  # one credit for two deposits
        two = [month.deposit(session, code, day, month.mail(session, code, day)) for _ in "12"]
        month.credit(session, code, following, sum(each.declared_total_cents or 0 for each in two))
    elif (code, at) == ("CHARLIE", 13):  # one deposit in two parts
        made = month.deposit(session, code, day, month.mail(session, code, day))
        half = (made.declared_total_cents or 0) // 2 - 13
        rest = (made.declared_total_cents or 0) - half
        month.bank(session, code, f"{following},{half / 100:.2f},DEPOSIT,1",
                   f"{following},{rest / 100:.2f},DEPOSIT,2")  # fmt: skip
        assert session.get_one(Deposit, made.id).state == "credited"
    elif (code, at) == ("BRAVO", 14):  # two checks come back, and one debit takes both
        mail = [each for _ in "12" for each in month.mail(session, code, day)]
        made = month.deposit(session, code, day, mail)
        month.credit(session, code, following, made.declared_total_cents or 0, made.ref)
        back = [
            reconcile.record_returned_item(
                session, each.id, "stop_payment", following, None, "user:bill"
            )
            for each in mail[:2]
        ]
        taken = sum(each.amount_cents for each in back)
        month.bank(session, code, f"{following},-{taken / 100:.2f},RETURNED ITEMS 2,")
        month.post(session, code)
    elif (code, at) == ("ALPHA", 15):  # an electronic payment, by its trace number
        _ordinary(month, session, code, day, following)
        payment = check(session, month.groups[code], 77_001, kind="eft", received_on=day,
                        number="99887766")  # fmt: skip
        decide(session, payment, [("account", month.groups[code].account_id, 77_001)])
        posting_queue.keep_in_step(session, payment.id, "system:test")
        month.post(session, code)
        month.bank(session, code, f"{following},770.01,HCCLAIMPMT TRN*1*99887766*1,")
    else:
        return False
    return True


@pytest.fixture
def month(installation: Installation) -> Month:
    """The whole month, each day signed on the day after it."""
    made = Month(installation)
    with installation.db.write() as session:
        for code, number in NUMBERS.items():
            made.groups[code] = group(session, code, number)
    for at, day in enumerate(DAYS):
        with made.at(day), installation.db.write() as session:
            for code in NUMBERS:
                if not _first_week(made, session, code, at):
                    _ordinary(made, session, code, day, DAYS[min(at + 1, len(DAYS) - 1)])
        with made.at(day + timedelta(days=1), 5), installation.db.write() as session:
            for each in made.groups.values():
                # Signing a day of which a cent is not explained would be refused.
                account = session.get_one(BankAccount, each.bank_account_id)
                sign(session, account, day, "user:cora")
    return made


def _unguarded(session: Session) -> None:
    """No trigger and no key holds in this session; it is rolled back afterwards."""
    if session.connection().dialect.name == "sqlite":
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in names.all():
            session.execute(text(f"DROP TRIGGER {name}"))
    else:
        session.execute(text("SET session_replication_role = replica"))


@contextmanager
def _rolled_back(db: Database) -> Iterator[Session]:
    with db.write() as session:
        yield session
        session.rollback()


def _seen(session: Session, table: str, value: str, more: tuple[str, ...]) -> bool:
    """Whether the proofs are red while the row is gone."""
    nested = session.begin_nested()
    for statement in (*more, f"DELETE FROM {table} WHERE id = :value"):
        gone = session.execute(text(statement), {"value": value})
    assert gone.rowcount == 1
    session.expire_all()
    red = any(proof(session, day).unexplained_cents for day in DAYS)
    nested.rollback()
    return red


def _late_on_the_next_day(session: Session, rejected: Deposit) -> None:
    """The signed day is what it was; the next one tells what became of it, and no cent more."""
    first, second = session.scalars(
        select(DaySignature)
        .where(
            DaySignature.bank_account_id == rejected.bank_account_id,
            DaySignature.day_on.in_(DAYS[8:10]),
        )
        .order_by(DaySignature.day_on)
    )
    cents = rejected.declared_total_cents or 0
    parts = first.document["bank"]["parts"]
    assert [rejected.ref, cents] in [list(ref.values()) for ref in parts["in_transit"]["refs"]]
    late = [line for line in second.document["late"]["lines"] if line["ref"] == rejected.ref]
    assert late == [
        {"of": DAYS[8].isoformat(), "axis": "bank", "ref": rejected.ref,
         "moved": {"in_transit": -cents, "rejected": cents}, "amount_cents": 0},
    ]  # fmt: skip
    assert day_record(session, rejected.bank_account, DAYS[8]).intact


def _rejection_gone(session: Session) -> list[str]:
    """Statements that take the rejection, or a part of it, away."""
    old = "(SELECT id FROM deposits WHERE state = 'rejected')"
    new = f"(SELECT id FROM deposits WHERE follows_id IN {old})"
    entry = f"(SELECT id FROM journal_entries WHERE kind = '{REJECTED_ENTRY}')"
    assert session.scalar(text(f"SELECT count(*) FROM journal_entries WHERE id IN {entry}")) == 1
    return [
        "UPDATE deposits SET state = 'exported' WHERE state = 'rejected'",
        f"UPDATE deposit_items SET live = false WHERE deposit_id IN {new}",
        f"DELETE FROM deposit_items WHERE deposit_id IN {old}",
        f"DELETE FROM deposits WHERE id IN {old}",
        f"DELETE FROM journal_seals WHERE entry_id IN {entry}",
        f"DELETE FROM deposits WHERE follows_id IN {old}",
    ]


def _red(session: Session, change: str) -> bool:
    nested = session.begin_nested()
    assert session.execute(text(change)).rowcount
    session.expire_all()
    red = any(proof(session, day).unexplained_cents for day in DAYS)
    nested.rollback()
    return red


_ENTRY = ("DELETE FROM journal_seals WHERE entry_id = :value",
          "DELETE FROM journal_lines WHERE entry_id = :value")  # fmt: skip
_JOINT = """bank_line_id IN (SELECT bank_line_id FROM settlements
    WHERE returned_item_id IS NOT NULL GROUP BY bank_line_id HAVING count(*) = 2)"""
_EVENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("journal_entries", "", _ENTRY),
    ("settlements", "", ()),
    ("settlements", _JOINT, ()),
    ("returned_items", "", ()),
    ("postings", "", ()),
    ("deposit_items", "", ()),
    ("deposits", "", ()),
    ("payments", "", ()),
    ("allocations", "live", ()),
    ("bank_lines", "", ()),
    ("bank_lines", "state = 'explained'",
     ("DELETE FROM settlements WHERE bank_line_id = :value",)),
)  # fmt: skip


@pytest.mark.many_cases
def test_every_day_of_the_month_is_proved_and_no_event_can_be_taken_away(month: Month) -> None:
    db = month.installation.db
    with month.at(DAYS[-1] + timedelta(days=3)):
        with db.read() as session:
            for day in DAYS:
                shown = proof(session, day)
                assert shown.explained, (day, shown.to_json())
            figures = month_view(session, FIRST)
            received = sum(proof(session, day).received.total.cents for day in DAYS)
            rejected = session.scalars(select(Deposit).where(Deposit.state == "rejected")).one()
            # What the bank refused was not deposited on its day, and is deposited once.
            assert figures.total.held_over.part == len(rejected.items) > 0
            assert figures.total.deposited.cents == session.scalar(
                select(func.sum(Deposit.declared_total_cents)).where(Deposit.state.in_(APPROVED))
            )
            _late_on_the_next_day(session, rejected)
        assert figures.total.received.cents == received
        assert figures.total.returned.count == 3
        with _rolled_back(db) as session:
            _unguarded(session)
            looked_at = sample(2, torture=4)
            unseen = []
            for table, where, more in _EVENTS:
                key = f"SELECT id FROM {table}" + (f" WHERE {where}" if where else "")
                keys = sorted(session.scalars(text(key)))
                unseen += [
                    (table, where)
                    for value in month.random.sample(keys, min(looked_at, len(keys)))
                    if not _seen(session, table, value, more)
                ]
            assert not unseen
            assert all(_red(session, change) for change in _rejection_gone(session))
