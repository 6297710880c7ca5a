"""What a bank returned and nobody knows is kept until its check is there or a person says more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from deposits import reconcile, unmatched_entering, unmatched_returns, unmatched_showing
from deposits.bank import import_file
from deposits.day import proof
from records.db import Database
from records.errors import Conflict, NotFound, WrongUse
from records.installation import Installation
from records.models import BankAccount, Payment, ReturnedItem, UnmatchedReturn
from tests.deposits.build import DAY, group
from tests.deposits.test_returning import (
    BACK,
    _bring,
    _credited,
    _statement,
    letter,
    returned,
)


def _rows(db: Database) -> list[UnmatchedReturn]:
    with db.read() as session:
        return list(session.scalars(select(UnmatchedReturn).order_by(UnmatchedReturn.number)))


def test_nothing_of_a_return_file_is_lost_and_the_same_file_adds_nothing(
    db: Database, installation: Installation
) -> None:
    _credited(db, installation, (5_000, "12345", "101"))
    twins = [returned(n, 777, "9/9") for n in (2, 3)]
    unread = returned(4, 0, "8/8", item_amount="00000A1200")
    file = letter(returned(1, 5_000, "12345/101"), *twins, unread)
    told = _bring(db, installation, file)
    assert [each.status for each in told.returns] == ["entered", *["not_found"] * 3]
    assert [(row.number, row.amount_cents, row.reason) for row in _rows(db)] == [
        (2, 777, "not_sufficient_funds"), (3, 777, "not_sufficient_funds"),
        (4, None, "not_sufficient_funds")]  # fmt: skip
    assert [row.sealed["micr_line"] != "" for row in _rows(db)] == [True] * 3
    again = _bring(db, installation, file)
    assert [each.status for each in again.returns] == ["known", *["not_found"] * 3]
    longer = letter(returned(2, 777, "9/9"), returned(9, 888, "9/9"))
    _bring(db, installation, longer)
    assert sorted(row.amount_cents or 0 for row in _rows(db)) == [0, 777, 777, 888]
    with db.read() as session:
        waiting = unmatched_showing.open_returns(session)
        assert [each.check_number for each in waiting] == ["9", "9", "8", "9"]
        assert all("Find its check" in each.next_step for each in waiting)
        assert "9/9" not in str([each.to_json() for each in waiting])


def test_an_item_is_tied_to_a_check_once(db: Database, installation: Installation) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "", ""), (900, "", ""))
    _bring(db, installation, letter(returned(1, 5_000, "777/1"), returned(2, 905, "777/2")))
    with db.write() as session:
        first, second = unmatched_showing.open_returns(session)
        assert first.candidates == (payments[0].ref,)
        row = unmatched_showing.find(session, first.ref)
        item = unmatched_returns.tie(
            session, row, session.get_one(Payment, payments[0].id), "user:bill"
        )
        assert (item.amount_cents, item.reason, item.returned_on) == (
            5_000, "not_sufficient_funds", BACK)  # fmt: skip
        with pytest.raises(Conflict) as refused:
            unmatched_returns.not_ours(session, row, "x", "user:bill")
        assert refused.value.code == "return_ended"
        other = unmatched_showing.find(session, second.ref)
        with pytest.raises(WrongUse) as wrong:
            unmatched_returns.tie(
                session, other, session.get_one(Payment, payments[1].id), "user:bill"
            )
        assert wrong.value.code == "amounts_differ"
        with pytest.raises(Conflict) as refused:
            unmatched_returns.tie(
                session, other, session.get_one(Payment, payments[0].id), "user:bill", "x"
            )
        assert refused.value.code == "return_tied"
        unmatched_returns.tie(
            session, other, session.get_one(Payment, payments[1].id), "user:bill", "encoded wrong"
        )
        assert unmatched_showing.open_returns(session) == []
    with db.read() as session:
        assert proof(session, DAY).explained
    again = _bring(db, installation, letter(returned(1, 5_000, "777/1")))
    assert [each.status for each in again.returns] == ["known"]
    done = _bring(db, installation, _statement(f"{BACK},-59.05,RETURNED ITEMS 2,"))
    assert done.unmatched == 1  # the sum is out by what the bank encoded wrong: a person names it


def test_a_check_that_somebody_entered_by_hand_ends_its_item(
    db: Database, installation: Installation
) -> None:
    """Who brought the file may not touch the check's account, and entered nothing."""
    _, payments, _ = _credited(db, installation, (5_000, "12345", "101"))
    with db.write() as session:
        other = group(session, "ELSE", "998877006789")
        import_file(
            session, installation.store, letter(returned(1, 5_000, "12345/101")), "x", "user:edna",
            accounts=[other.bank_account_id],
        )  # fmt: skip
    assert [row.outcome for row in _rows(db)] == [""]
    with db.write() as session:
        reconcile.record_returned_item(session, payments[0].id, "nsf", BACK, None, "user:bill")
    _bring(db, installation, _statement(f"{BACK},0.17,INTEREST,"))
    [row] = _rows(db)
    assert (row.outcome, row.ended_by) == ("entered", "user:bill")
    with db.read() as session:
        assert session.scalars(select(ReturnedItem.id)).all() == [row.returned_item_id]


def test_what_waits_for_its_credit_says_so_and_enters_with_it(
    db: Database, installation: Installation
) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "12345", "101"), credit=False)
    _bring(db, installation, letter(returned(1, 5_000, "12345/101")))
    with db.read() as session:
        [waiting] = unmatched_showing.open_returns(session)
        assert waiting.next_step.startswith(f"It is {payments[0].ref}, and enters when")
    done = _bring(
        db, installation,
        _statement(f"{DAY},50.00,DEPOSIT,", f"{BACK},-50.00,RETURNED CK 101,"),
    )  # fmt: skip
    assert done.unmatched == 0
    assert [row.outcome for row in _rows(db)] == ["entered"]
    with db.read() as session:
        assert proof(session, DAY).explained
        assert proof(session, BACK).explained


def test_what_is_not_ours_gets_a_reason_and_a_note_to_the_bank(
    db: Database, installation: Installation
) -> None:
    _credited(db, installation, (5_000, "", ""))
    _bring(db, installation, letter(returned(1, 64_200, "55555/4711")))
    with db.write() as session:
        [waiting] = unmatched_showing.open_returns(session)
        row = unmatched_showing.find(session, waiting.ref)
        with pytest.raises(WrongUse) as refused:
            unmatched_returns.not_ours(session, row, " ", "user:bill")
        assert refused.value.code == "reason_needed"
        note = unmatched_returns.not_ours(session, row, "No such check was deposited.", "user:bill")
    for said in ("$642.00", "4711", "ending in 6789", "No such check was deposited.", "item 1"):
        assert said in note, (said, note)
    assert "55555" not in note
    again = _bring(db, installation, letter(returned(1, 64_200, "55555/4711")))
    assert [each.status for each in again.returns] == ["known"]


def test_a_return_on_paper_is_kept_and_seen_by_its_own_offices(
    db: Database, installation: Installation
) -> None:
    _credited(db, installation, (5_000, "", ""))
    with db.write() as session:
        other = group(session, "ELSE", "998877006789")
        account = session.scalars(select(BankAccount).where(BankAccount.code == "ELSE")).one()
        with pytest.raises(WrongUse):
            unmatched_entering.note_return(session, account, 0, "stale", BACK, "", "user:bill")
        ref = unmatched_entering.note_return(
            session, account, 4_400, "stale", BACK, "check 12", "user:bill"
        ).ref
        [shown] = unmatched_showing.open_returns(session)
        assert (shown.words, "check 12" in str(shown.to_json())) == ("check 12", False)
        main = session.scalars(select(BankAccount.id).where(BankAccount.code == "MAIN")).one()
        import_file(
            session, installation.store, letter(returned(1, 31, "1/2"), returned(2, 32, "1/3")),
            "x", "user:edna",
        )  # fmt: skip

        def seen(accounts: list[str] | None, actor: str) -> set[int | None]:
            found = unmatched_showing.open_returns(session, accounts, actor)
            return {each.amount_cents for each in found}

        assert seen(None, "user:x") == {4_400, 31, 32}
        assert seen([other.bank_account_id], "user:bill") == {4_400}
        assert seen([main], "user:edna") == {31, 32}
        with pytest.raises(NotFound):
            unmatched_showing.find(session, ref, [main], "user:edna")


def test_what_is_another_offices_is_not_ended_by_who_does_not_see_it(
    db: Database, installation: Installation
) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "12345", "101"))
    with db.write() as session:
        east = [group(session, "EAST", "999900001111").bank_account_id]
        told = letter(returned(1, 5_000, "12345/101"))
        import_file(session, installation.store, told, "x", "user:edna", accounts=east)
        [shown] = unmatched_showing.open_returns(session, east, "user:edna")
        row = unmatched_showing.find(session, shown.ref, east, "user:edna")
        with pytest.raises(Conflict) as refused:
            unmatched_returns.not_ours(session, row, "no check of ours", "user:edna")
        assert refused.value.code == "return_is_ours"
        assert payments[0].ref not in str(refused.value)
    again = _bring(db, installation, told)
    assert [each.status for each in again.returns] == ["entered"]
    assert [row.outcome for row in _rows(db)] == ["entered"]


_END = "UPDATE unmatched_returns SET outcome = :outcome, ended_by = :by, ended_at = :at"


@pytest.mark.both_databases
def test_the_database_keeps_what_the_bank_returned(
    db: Database, installation: Installation
) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "12345", "101"))
    _bring(db, installation, letter(returned(1, 700, "9/9")))
    with db.write() as session:
        item = reconcile.record_returned_item(
            session, payments[0].id, "nsf", BACK, None, "user:bill"
        ).id

    def refused(statement: str, **values: Any) -> None:
        with pytest.raises(IntegrityError), db.write() as session:
            session.execute(text(statement), values)

    ended = {"by": "user:eve", "at": datetime(2026, 11, 25, tzinfo=UTC)}
    refused("DELETE FROM unmatched_returns")
    for change in ("amount_cents = 1", "reason = 'x'", "number = 9", "note = 'x'", "ref = 'x'"):
        refused(f"UPDATE unmatched_returns SET {change}")
    refused(_END, outcome="not_ours", **ended)  # without a reason
    refused(_END, outcome="gone", **ended)
    refused(_END, outcome="tied", **ended)  # to nothing
    refused(f"{_END}, returned_item_id = :item", outcome="tied", item=item, **ended)  # 50.00, 7.00
    refused(f"{_END}, note = 'x'", outcome="not_ours", by=None, at=None)
    refused(f"{_END}, note = 'x', amount_cents = 5000", outcome="not_ours", **ended)
    with db.write() as session:
        session.execute(text(f"{_END}, note = 'x'"), {"outcome": "not_ours", **ended})
    refused("UPDATE unmatched_returns SET note = 'y'")
    refused("UPDATE unmatched_returns SET outcome = '', ended_by = NULL, ended_at = NULL")
    refused(
        "INSERT INTO unmatched_returns (ref, number, fingerprint, reason, returned_on, sealed,"
        " entered_by, outcome, note, id, created_at) SELECT 'UR-1', 2, fingerprint, reason,"
        " returned_on, sealed, entered_by, '', '', 'z', created_at FROM unmatched_returns"
    )
    refused(
        "INSERT INTO unmatched_returns (ref, number, fingerprint, reason, returned_on, sealed,"
        " entered_by, outcome, note, id, created_at, ended_by, ended_at) SELECT 'UR-1', 2, 'f',"
        " reason, returned_on, sealed, entered_by, 'not_ours', 'x', 'z', created_at, ended_by,"
        " ended_at FROM unmatched_returns"
    )
