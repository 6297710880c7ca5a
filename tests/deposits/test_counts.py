"""A deposit holds no more checks than its bank account allows, whoever puts them in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from deposits import batch
from records import clock, ids
from records.db import Database
from records.errors import Conflict
from records.models import BankAccount, DepositItem
from tests.deposits.build import DAY, check, group

_ADD = text("""INSERT INTO deposit_items
    (id, created_at, deposit_id, payment_id, presentation, position, amount_cents, added_by)
    SELECT :id, :at, :deposit, id, 1, 9, amount_cents, 'user:eve' FROM payments
    WHERE id = :check""")


def _limited(db: Database, most: int, checks: int) -> tuple[str, str, list[str]]:
    """An open deposit of an account with that limit, and as many checks that wait."""
    with db.write() as session:
        made = group(session)
        session.get_one(BankAccount, made.bank_account_id).item_count_limit = most
        waiting = [check(session, made, 1_000 + each).id for each in range(checks)]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        return made.bank_account_id, deposit.id, waiting


def _raw(db: Database, deposit: str, payment: str) -> bool:
    try:
        with db.write() as session:
            session.execute(_ADD, {"id": ids.new_id(), "at": clock.now().isoformat(),
                                   "deposit": deposit, "check": payment})  # fmt: skip
    except IntegrityError:
        return False
    return True


def test_one_check_more_than_the_limit_is_refused_and_all_stay_out(db: Database) -> None:
    _, deposit, waiting = _limited(db, 2, 3)
    with db.write() as session, pytest.raises(Conflict) as refused:
        batch.add(session, deposit, waiting, "user:bill")
    assert refused.value.code == "deposit_full"
    with db.write() as session:
        assert session.scalar(select(func.count()).select_from(DepositItem)) == 0
        batch.add(session, deposit, waiting[:2], "user:bill")
    with db.write() as session, pytest.raises(Conflict, match="limit of 2"):
        batch.add(session, deposit, waiting[2:], "user:bill")


@pytest.mark.both_databases
def test_a_limit_that_was_lowered_meanwhile_is_asked_on_closing(db: Database) -> None:
    account, deposit, waiting = _limited(db, 2, 2)
    with db.write() as session:
        batch.add(session, deposit, waiting, "user:bill")
        session.get_one(BankAccount, account).item_count_limit = 1
    with db.write() as session, pytest.raises(Conflict) as refused:
        batch.close(session, deposit, 2, 2_001, "user:bill")
    assert refused.value.code == "deposit_full"
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(
            text("""UPDATE deposits SET state = 'closed', closed_by = 'user:eve',
                 declared_count = 2, declared_total_cents = 2001 WHERE id = :id"""),
            {"id": deposit},
        )
    with db.write() as session:
        batch.remove(session, deposit, waiting[1], "user:bill")
        batch.close(session, deposit, 1, 1_000, "user:bill")


@pytest.mark.both_databases
def test_raw_sql_cannot_put_in_more_not_even_eight_at_once(db: Database) -> None:
    _, deposit, waiting = _limited(db, 3, 8)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda payment: _raw(db, deposit, payment), waiting))
    assert sum(done) == 3
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(DepositItem)) == 3
