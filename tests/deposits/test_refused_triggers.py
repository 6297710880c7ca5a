"""The database itself keeps a refused deposit what it was: attacked with raw SQL on both."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from deposits import batch, reconcile, refusing
from deposits.day import proof
from records import ids, migrate
from records.db import Database
from records.errors import Conflict
from records.models import BankFile, BankLine, CashLetter, Deposit, DepositItem, Payment
from tests.deposits.build import DAY, Group, check, group
from tests.deposits.older import database_at
from tests.deposits.test_refusing import approved

pytestmark = pytest.mark.both_databases

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_STEP = """UPDATE deposits SET state = 'rejected', rejection = :kind, rejection_reason = :reason,
    rejected_by = :who, rejected_at = :at WHERE id = :id"""
_SAID = {"kind": "refused_by_bank", "reason": "totals differ", "who": "user:bill", "at": _NOW}
_RULES = "refuse|frozen|paid|never changed|live|starts|step|already|append-only|unique|duplicate"


def _run(db: Database, statement: str, **values: Any) -> None:
    with db.write() as session:
        session.execute(text(statement), values)


def _refused(db: Database, statement: str, **values: Any) -> None:
    """The statement fails by a rule of these, and not by a column that is missing."""
    with pytest.raises(IntegrityError, match=_RULES):
        _run(db, statement, **values)


def _at_bank(db: Database, *, sent: bool = True) -> tuple[Group, str]:
    with db.write() as session:
        made = group(session)
        return made, approved(session, made, sent=sent).id


def _rejected(db: Database) -> tuple[Group, str]:
    made, deposit = _at_bank(db)
    with db.write() as session:
        refusing.reject(session, deposit, "totals differ", "user:bill")
    return made, deposit


def _credit(db: Database, made: Group, cents: int = 13_251) -> str:
    with db.write() as session:
        file = BankFile(ref=ids.new_ref("BF"), sha256=ids.new_id(), name="x", format="csv",
                        imported_by="user:bill", line_count=1)  # fmt: skip
        session.add(file)
        session.flush()
        line = BankLine(bank_file_id=file.id, bank_account_id=made.bank_account_id,
                        fingerprint=ids.new_id(), value_on=DAY, amount_cents=cents,
                        direction="credit", kind="deposit")  # fmt: skip
        session.add(line)
        session.flush()
        return line.id


@pytest.mark.parametrize("lacks", [
    {"kind": None}, {"kind": "lost"}, {"kind": "withdrawn"}, {"reason": None}, {"reason": "  "},
    {"who": None}, {"who": "system:x"}, {"who": "user:"}, {"at": None},
])  # fmt: skip
def test_a_deposit_is_rejected_by_a_person_for_a_reason(
    db: Database, lacks: dict[str, Any]
) -> None:
    _, deposit = _at_bank(db)
    _refused(db, _STEP, id=deposit, **(_SAID | lacks))
    _run(db, _STEP, id=deposit, **_SAID)


def test_the_step_itself_frees_the_items_and_nothing_else_does(db: Database) -> None:
    _, deposit = _at_bank(db)
    _refused(db, "UPDATE deposit_items SET live = false WHERE deposit_id = :id", id=deposit)
    _run(db, _STEP, id=deposit, **_SAID)
    with db.read() as session:
        items = session.scalars(select(DepositItem).where(DepositItem.deposit_id == deposit))
        assert [item.live for item in items] == [False] * 3
    for change in ("live = true", "amount_cents = 1", "position = 9", "added_by = 'user:eve'"):
        _refused(db, f"UPDATE deposit_items SET {change} WHERE deposit_id = :id", id=deposit)
    _refused(db, "DELETE FROM deposit_items WHERE deposit_id = :id", id=deposit)


def test_only_an_approved_deposit_that_is_not_paid_is_rejected(db: Database) -> None:
    made, deposit = _at_bank(db)
    with db.write() as session:
        opened = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill").id
    _refused(db, _STEP, id=opened, **_SAID)
    part = _credit(db, made, 1_000)
    with db.write() as session:
        reconcile.settle_part(session, part, deposit, "user:bill")
    _refused(db, _STEP, id=deposit, **_SAID)
    rest = _credit(db, made, 12_251)
    with db.write() as session:
        reconcile.settle(session, rest, deposit, "user:bill")
    _refused(db, _STEP, id=deposit, **_SAID)


def test_what_was_said_of_a_rejected_deposit_is_frozen(db: Database) -> None:
    made, deposit = _rejected(db)
    for change in (
        "rejection = 'withdrawn'", "rejection_reason = 'other'", "rejected_by = 'user:eve'",
        "rejected_at = NULL", "state = 'approved'", "state = 'exported'", "state = 'credited'",
        "state = 'open'", "exported_at = NULL", "approved_at = NULL", "closed_at = NULL",
        "follows_id = id",
    ):  # fmt: skip
        _refused(db, f"UPDATE deposits SET {change} WHERE id = :id", id=deposit)
    other = _at_other(db, made)
    for change in ("rejection = 'withdrawn'", "rejection_reason = 'x'", "rejected_by = 'user:eve'",
                   "rejected_at = created_at", "follows_id = id"):  # fmt: skip
        _refused(db, f"UPDATE deposits SET {change} WHERE id = :id", id=other)


def _at_other(db: Database, made: Group) -> str:
    with db.write() as session:
        return approved(session, made).id


_OPEN = """INSERT INTO deposits (id, created_at, ref, bank_account_id, business_on, state,
    opened_by, rejection, rejected_by, follows_id) VALUES (:id, :at, :ref, :bank, '2026-11-20',
    'open', 'user:eve', :kind, :who, :follows)"""


def test_a_new_deposit_follows_only_a_rejected_one_of_its_account(db: Database) -> None:
    made, old = _rejected(db)
    sent = _at_other(db, made)
    with db.write() as session:
        elsewhere = group(session, "ELSE", "998877006789").bank_account_id
    given = {"at": _NOW, "bank": made.bank_account_id, "kind": None, "who": None, "follows": old}
    for wrong in ({"follows": sent}, {"bank": elsewhere}, {"kind": "withdrawn"},
                  {"who": "user:eve"}):  # fmt: skip
        _refused(db, _OPEN, **(given | {"id": ids.new_id(), "ref": ids.new_ref("DEP")} | wrong))
    _run(db, _OPEN, id=ids.new_id(), ref=ids.new_ref("DEP"), **given)


_ADD = """INSERT {verb} INTO deposit_items (id, created_at, deposit_id, payment_id, presentation,
    position, amount_cents, added_by, live)
    SELECT :id, :at, :to, i.payment_id, i.presentation, 9, i.amount_cents, 'user:eve', :live
    FROM deposit_items i WHERE i.deposit_id = :old AND i.position = 1"""


def test_a_check_is_live_in_one_deposit_and_starts_so(db: Database) -> None:
    made, old = _rejected(db)
    with db.write() as session:
        new = refusing.rebatch(session, old, "user:bill").id
        empty = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill").id
    given = {"at": _NOW, "old": old}
    for verb in ("", "OR REPLACE") if db.is_sqlite else ("",):
        for to in (empty, old):
            _refused(db, _ADD.format(verb=verb), id=ids.new_id(), to=to, live=True, **given)
    with db.write() as session:
        taken = session.scalars(
            select(DepositItem.payment_id).where(
                DepositItem.deposit_id == old, DepositItem.position == 1
            )
        ).one()
        batch.remove(session, new, taken, "user:bill")
    _refused(db, _ADD.format(verb=""), id=ids.new_id(), to=empty, live=False, **given)
    _run(db, _ADD.format(verb=""), id=ids.new_id(), to=empty, live=True, **given)


def test_a_check_says_again_what_it_says_once_no_deposit_holds_it(db: Database) -> None:
    """A bank may refuse a deposit for a line or an amount that was read wrong."""
    _, old = _rejected(db)
    change = "UPDATE payments SET check_number = '7' WHERE id = :id"
    amount = "UPDATE payments SET amount_cents = amount_cents + 1 WHERE id = :id"
    with db.write() as session:
        first, second, _ = (item.payment_id for item in session.get_one(Deposit, old).items)
        refusing.rebatch(session, old, "user:bill", [second])
    for statement in (change, amount):
        _refused(db, statement, id=first)
        _run(db, statement, id=second)
    with db.read() as session:
        assert [item.amount_cents for item in session.get_one(Deposit, old).items] == [
            10_000, 2_550, 701]  # fmt: skip


def test_a_letters_number_and_file_stay(db: Database) -> None:
    _, deposit = _rejected(db)
    with db.write() as session:
        session.add(CashLetter(number=7, deposit_id=deposit, profile="x", file_sha256="a" * 64,
                               file_name="x", item_count=3, total_cents=13_251,
                               created_by="user:bill"))  # fmt: skip
    for change in ("number = 8", "file_sha256 = 'b'", "deposit_id = 'x'"):
        _refused(db, f"UPDATE cash_letters SET {change}")
    _refused(db, "DELETE FROM cash_letters")
    if db.is_sqlite:
        _refused(db, "INSERT OR REPLACE INTO cash_letters SELECT * FROM cash_letters")


_SETTLE = """INSERT INTO settlements (id, created_at, bank_line_id, deposit_id, explanation,
    amount_cents, difference_cents, adjustment_reason, actor)
    VALUES (:id, :at, :line, :deposit, '', 13251, 0, '', 'user:eve')"""


def test_a_credit_or_a_rejection_wins_and_never_both(db: Database) -> None:
    """Four times each way round: by the code, and by raw statements."""

    def won(step: Callable[[], None]) -> bool:
        try:
            step()
        except (Conflict, IntegrityError):
            return False
        return True

    for raw in (False, True) * 4:
        with db.write() as session:
            made = group(session, ids.new_id()[-12:], str(int(ids.new_id()[-8:], 16)))
            deposit = approved(session, made).id
        line = _credit(db, made)

        def settle(deposit: str = deposit, line: str = line, raw: bool = raw) -> None:
            if raw:
                _run(db, _SETTLE, id=ids.new_id(), at=_NOW, line=line, deposit=deposit)
            else:
                with db.write() as session:
                    reconcile.settle(session, line, deposit, "user:bill")

        def reject(deposit: str = deposit, raw: bool = raw) -> None:
            if raw:
                _run(db, _STEP, id=deposit, **_SAID)
            else:
                with db.write() as session:
                    refusing.reject(session, deposit, "totals differ", "user:beth")

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(won, [settle, reject])) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database as it was before a deposit could be rejected, with one deposit closed."""
    return database_at("0017", request, tmp_path)


_BEFORE = (
    """INSERT INTO deposits (id, created_at, ref, bank_account_id, business_on, state, opened_by)
        VALUES ('D', :at, 'DEP-1', :bank, '2026-11-20', 'open', 'user:bill')""",
    """INSERT INTO deposit_items (id, created_at, deposit_id, payment_id, presentation, position,
        amount_cents, added_by) VALUES ('I', :at, 'D', :payment, 1, 1, 10000, 'user:bill')""",
    """UPDATE deposits SET state = 'closed', declared_count = 1, declared_total_cents = 10000,
        closed_by = 'user:bill' WHERE id = 'D'""",
)


def test_items_of_before_hold_their_checks_and_keep_their_rules(older: Database) -> None:
    with older.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        for statement in _BEFORE:
            given = {"at": str(_NOW), "bank": made.bank_account_id, "payment": payment.id}
            names = [name for name in given if f":{name}" in statement]
            session.execute(text(statement), {name: given[name] for name in names})
        payment.deposit_state = "in_deposit"
    assert migrate.upgrade(older)
    with older.write() as session:
        item = session.scalars(select(DepositItem)).one()
        assert (item.id, item.live, item.amount_cents) == ("I", True, 10_000)
        batch.approve(session, "D", "user:beth")
        refusing.reject(session, "D", "totals differ", "user:bill")
        again = refusing.rebatch(session, "D", "user:bill").id
        assert proof(session, DAY).explained
        assert session.scalars(select(Payment.deposit_state)).all() == ["in_deposit"]
        second = check(session, made, 5_000).id
        session.execute(text("UPDATE bank_accounts SET item_count_limit = 1"))
    # A rule that others gave the items' table is there as well.
    with pytest.raises(IntegrityError, match="as many checks as it may"):
        _run(older, """INSERT INTO deposit_items (id, created_at, deposit_id, payment_id,
             presentation, position, amount_cents, added_by) VALUES ('J', :at, :to, :payment, 1, 2,
             5000, 'user:eve')""", at=_NOW, to=again, payment=second)  # fmt: skip
