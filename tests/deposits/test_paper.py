"""The paper of a deposit is put away, kept its days, and destroyed by two people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deposits import batch, paper, refusing
from records import audit, clock
from records.db import Database
from records.errors import Conflict, Forbidden, LockboxError, NotFound, WrongUse
from records.models import Deposit
from tests.deposits.build import DAY, check, group

AFTER = datetime(2027, 3, 1, 12, tzinfo=UTC)


def _deposit(session: Session, *, approved: bool = True) -> Deposit:
    made = group(session)
    payment = check(session, made, 12_500)
    deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
    batch.add(session, deposit.id, [payment.id], "user:bill")
    if approved:
        batch.close(session, deposit.id, 1, 12_500, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
    return deposit


def _refused(session: Session, deposit: Deposit, actor: str) -> LockboxError:
    with pytest.raises(LockboxError) as refused:
        paper.destroy(session, deposit, actor)
    return refused.value


def test_two_people_destroy_paper_after_its_days(db: Database) -> None:
    with db.write() as session:
        deposit = _deposit(session)
        row = paper.store(session, deposit, "  Box 12,  shelf B ", "user:bill")
        assert (row.location, row.keep_until.isoformat()) == ("Box 12, shelf B", "2027-01-19")
        with clock.frozen(datetime(2027, 1, 19, 12, tzinfo=UTC)):
            assert _refused(session, deposit, "user:bill").code == "paper_kept"
        with clock.frozen(AFTER):
            assert not paper.destroy(session, deposit, "user:bill")
            assert _refused(session, deposit, "user:bill").code == "second_person"
            assert paper.destroy(session, deposit, "user:beth")
            assert _refused(session, deposit, "user:dana").code == "paper_destroyed"
        with pytest.raises(Conflict):
            paper.store(session, deposit, "Box 13", "user:bill")
        assert audit.verify(session).ok


def test_an_accounts_own_days_count(db: Database) -> None:
    with db.write() as session:
        deposit = _deposit(session)
        deposit.bank_account.deposit_settings = {"paper_days": 14}
        assert paper.store(session, deposit, "Safe", "user:bill").keep_until.day == 4


def test_paper_that_moves_has_a_new_place_and_the_same_days(db: Database) -> None:
    with db.write() as session:
        deposit = _deposit(session)
        first = paper.store(session, deposit, "Box 1", "user:bill")
        until = first.keep_until
        again = paper.store(session, deposit, "Box 2", "user:beth")
        assert (again.id, again.location, again.keep_until) == (first.id, "Box 2", until)


def test_what_cannot_be_is_refused(db: Database) -> None:
    with db.write() as session:
        deposit = _deposit(session, approved=False)
        with pytest.raises(Conflict) as early:
            paper.store(session, deposit, "Box", "user:bill")
        assert early.value.code == "deposit_not_approved"
        with pytest.raises(WrongUse):
            paper.store(session, deposit, "  ", "user:bill")
        assert isinstance(_refused(session, deposit, "user:bill"), NotFound)
        assert isinstance(_refused(session, deposit, "cli:root"), Forbidden)


def test_paper_of_a_rejected_deposit_is_kept(db: Database) -> None:
    with db.write() as session:
        deposit = _deposit(session)
        paper.store(session, deposit, "Box 1", "user:bill")
        refusing.reject(session, deposit.id, "totals differ", "user:bill")
    with clock.frozen(datetime(2027, 6, 1, tzinfo=UTC)), db.write() as session:
        kept = session.get_one(Deposit, deposit.id)
        assert _refused(session, kept, "user:bill").code == "paper_wanted"
        with pytest.raises(Conflict) as refused:
            paper.store(session, kept, "Box 2", "user:bill")
        assert refused.value.code == "paper_wanted"


@pytest.mark.both_databases
def test_the_database_itself_wants_two_people(db: Database) -> None:
    with db.write() as session:
        paper.store(session, _deposit(session), "Box 1", "user:bill")
    at = "destroyed_at = '2027-03-01 00:00:00+00:00'"
    same = "destroyed_by = 'user:a', witnessed_by = 'user:a'"
    for change in (f"{same}, {at}", at):
        with pytest.raises(IntegrityError), db.write() as session:
            session.execute(text(f"UPDATE paper_originals SET {change}"))
