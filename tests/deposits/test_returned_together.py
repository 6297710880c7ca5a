"""One debit charges back several returned items: each wholly, and never a cent more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from deposits import batch, reconcile
from deposits.bank import import_file
from deposits.bank_exceptions import bank_exceptions
from deposits.combining import combine_returns
from deposits.day import proof
from deposits.day_record import day_record, sign
from deposits.late import open_day
from deposits.month_rows import month_view
from deposits.pairing import Expected, Movement
from records import clock, ids, journal
from records.db import Database
from records.errors import Conflict, LockboxError, WrongUse
from records.installation import Installation
from records.models import BankAccount, BankLine, ReturnedItem, Settlement
from tests.deposits.build import DAY, check, group
from tests.deposits.test_money_triggers import _NOW

BACK = DAY + timedelta(days=3)
AMOUNTS = (123_457, 88_811, 45_003)
_SETTLE = """INSERT {verb} INTO settlements (id, created_at, bank_line_id, returned_item_id,
    explanation, amount_cents, difference_cents, adjustment_reason, actor)
    VALUES (:id, :at, :line, :item, '', :cents, :difference, :reason, 'user:eve')"""


def _bring(db: Database, installation: Installation, *rows: str) -> list[str]:
    """Import these lines; the ids of the open ones."""
    data = "Account,Date,Amount,Description,Reference\n" + "".join(
        f"123456789,{row}\n" for row in rows
    )
    with db.write() as session:
        import_file(session, installation.store, data.encode(), "a.csv", "user:bill")
        open_ = select(BankLine.id).where(BankLine.state == "unmatched")
        return list(session.scalars(open_.order_by(BankLine.value_on, BankLine.amount_cents)))


def _credited(db: Database, installation: Installation, *amounts: int) -> list[str]:
    """Checks of these amounts in one deposit that the bank has credited; their ids."""
    with db.write() as session:
        made = group(session)
        payments = [check(session, made, cents) for cents in amounts]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [p.id for p in payments], "user:bill")
        batch.close(session, deposit.id, len(amounts), sum(amounts), "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        found = [p.id for p in payments]
    assert _bring(db, installation, f"{DAY},{sum(amounts) / 100:.2f},DEPOSIT,") == []
    return found


def _given_back(db: Database, payments: list[str]) -> list[str]:
    """Returned by notice, no debit yet; the items' ids."""
    with db.write() as session:
        return [
            reconcile.record_returned_item(
                session, each, "not_sufficient_funds", BACK, None, "user:bill"
            ).id
            for each in payments
        ]


def _taken(db: Database) -> list[tuple[int, int]]:
    with db.read() as session:
        rows = session.execute(
            select(Settlement.amount_cents, Settlement.difference_cents)
            .where(Settlement.returned_item_id.is_not(None))
            .order_by(Settlement.amount_cents)
        )
        return [(cents, difference) for cents, difference in rows]


def _proved(db: Database) -> None:
    with db.read() as session:
        for day in (DAY, BACK, BACK + timedelta(days=1)):
            shown = proof(session, day)
            assert shown.explained, shown.to_json()


def test_a_debit_settles_all_the_items_that_it_charges_back(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, *AMOUNTS, 20_000)
    _given_back(db, payments[:3])
    assert _bring(db, installation, f"{BACK},-2572.71,RETURNED ITEMS 3,") == []
    assert _taken(db) == [(45_003, 0), (88_811, 0), (123_457, 0)]
    _proved(db)
    with db.read() as session:
        assert journal.balances(session)["bank:MAIN"] == 20_000
        figures = month_view(session, DAY.replace(day=1))
        assert figures.total.returned.cents == sum(AMOUNTS)
        [line] = session.scalars(select(BankLine).where(BankLine.direction == "debit"))
        assert line.state == "settled"
    with db.write() as session, pytest.raises(Conflict):
        reconcile.unexplain(session, line.id, "user:bill")


@pytest.mark.both_databases
def test_a_settled_part_that_is_gone_makes_the_day_red(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, *AMOUNTS)
    _given_back(db, payments)
    _bring(db, installation, f"{BACK},-2572.71,RETURNED ITEMS 3,")
    with db.write() as session:
        if db.is_sqlite:
            session.execute(text("DROP TRIGGER settlements_leave"))
        else:
            session.execute(text("SET session_replication_role = replica"))
        session.execute(text("DELETE FROM settlements WHERE amount_cents = 45003"))
        assert proof(session, BACK).unexplained_cents == 257_271
        session.rollback()


def test_a_debit_for_several_of_a_signed_day_is_late_on_the_next(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, *AMOUNTS)
    _given_back(db, payments)
    with clock.frozen(datetime(2026, 12, 1, 15, tzinfo=UTC)):
        with db.write() as session:
            account = session.scalars(select(BankAccount)).one()
            sign(session, account, DAY, "user:cora")
        assert _bring(db, installation, f"{DAY},-2572.71,RETURNED ITEMS 3,") == []
        with db.write() as session:
            account = session.scalars(select(BankAccount)).one()
            shown = day_record(session, account, open_day(session, account) or DAY)
            late = [each for each in shown.document["late"]["lines"] if each["of"] == str(DAY)]
            assert [(each["axis"], each["moved"]) for each in late] == [
                ("bank_lines", {"settled": -257_271})]  # fmt: skip
            assert shown.explained
            sign(session, account, open_day(session, account) or DAY, "user:cora")


def test_what_is_explained_by_hand_is_taken_back_and_settled(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, *AMOUNTS)
    [line] = _bring(db, installation, f"{BACK},-2572.71,RETURNED ITEMS 3,")
    with db.write() as session:
        reconcile.explain(session, line, "three returned checks", "user:bill")
    items = _given_back(db, payments)
    with db.write() as session:
        reconcile.unexplain(session, line, "user:bill")
        reconcile.settle_returns(session, line, items, "user:bill")
    _proved(db)


def test_a_sum_that_chance_makes_or_that_fits_twice_is_only_suggested(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, 10_000, 20_000, 30_000, 40_000)
    items = _given_back(db, payments)
    [line] = _bring(db, installation, f"{BACK},-500.00,RETURNED ITEMS 2,")
    with db.read() as session:
        refs = {each.id: each.ref for each in session.scalars(select(ReturnedItem))}
        [open_] = bank_exceptions(session)
        found = {frozenset(each.refs) for each in open_.suggestions if each.action == "notice"}
        assert found == {
            frozenset(refs[each] for each in (items[0], items[3])),
            frozenset(refs[each] for each in (items[1], items[2])),
        }
        assert not _taken(db)
    with db.write() as session:
        reconcile.settle_returns(session, line, [items[1], items[2]], "user:bill")
    assert _taken(db) == [(20_000, 0), (30_000, 0)]
    _proved(db)


def test_a_person_charges_back_checks_and_notices_with_the_banks_fee(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, *AMOUNTS)
    [notice] = _given_back(db, payments[:1])
    [line] = _bring(db, installation, f"{BACK},-2160.68,RTD ITEMS,")
    with db.write() as session:
        with pytest.raises(WrongUse) as refused:
            reconcile.settle_returns(session, line, [], "user:bill")
        assert refused.value.code == "nothing_chosen"
        nested = session.begin_nested()
        with pytest.raises(WrongUse) as refused:
            reconcile.charge_back(session, line, payments[1:2], [notice], "nsf", "user:bill")
        assert refused.value.code == "adjustment_needed"
        nested.rollback()
        session.expire_all()
        made = reconcile.charge_back(
            session, line, payments[1:2], [notice], "nsf", "user:bill", "fee for two"
        )
        assert [(each.reason, each.returned_on) for each in made] == [("nsf", BACK)]
        assert journal.balances(session)["adjustments"] == 3_800
    assert _taken(db) == [(88_811, 0), (127_257, 3_800)]
    _proved(db)
    with db.write() as session:
        third = reconcile.record_returned_item(
            session, payments[2], "nsf", BACK, None, "user:bill"
        ).id
    [other] = _bring(db, installation, f"{BACK},-1684.60,RETURNED ITEMS 2,")
    with db.write() as session, pytest.raises(Conflict) as conflict:
        reconcile.settle_returns(session, other, [notice, third], "user:bill")
    assert conflict.value.code == "return_already_settled"


@pytest.mark.both_databases
def test_the_database_lets_a_debit_take_items_wholly_and_no_more(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, 10_000, 20_000, 30_000)
    items = _given_back(db, payments)
    fee, line = _bring(db, installation, f"{BACK},-300.50,RETURNED ITEMS 2,",
                       f"{BACK},-5.00,SERVICE CHARGE,")  # fmt: skip

    def attack(item: str, cents: int, difference: int = 0, verb: str = "", to: str = line) -> Any:
        values = {"id": ids.new_id(), "at": _NOW, "line": to, "item": item, "cents": cents,
                  "difference": difference, "reason": "x" if difference else ""}  # fmt: skip
        with db.write() as session:
            session.execute(text(_SETTLE.format(verb=verb)), values)

    def refused(*args: Any, **more: Any) -> None:
        with pytest.raises(IntegrityError):
            attack(*args, **more)

    refused(items[0], 9_999)  # a part of an item
    refused(items[0], 10_050, 50)  # a difference before the line is whole
    refused(items[0], 10_000, to=fee)  # more than the line
    attack(items[0], 10_000)
    refused(items[0], 10_000)  # twice
    refused(items[2], 30_000)  # more than is left
    if db.is_sqlite:
        refused(items[0], 10_000, verb="OR REPLACE")
    with pytest.raises(IntegrityError), db.write() as session:  # half taken is not settled
        session.execute(text("UPDATE bank_lines SET state = 'settled' WHERE id = :id"),
                        {"id": line})  # fmt: skip
    with pytest.raises(IntegrityError), db.write() as session:  # nor can the rest be explained
        session.execute(
            text(
                "INSERT INTO settlements (id, created_at, bank_line_id, explanation, amount_cents,"
                " difference_cents, adjustment_reason, actor) VALUES (:id, :at, :line, 'a fee',"
                " 20050, 0, '', 'user:eve')"
            ),
            {"id": ids.new_id(), "at": _NOW, "line": line},
        )
    with db.read() as session:  # and half a line proves nothing
        assert proof(session, BACK).unexplained_cents == 30_050 + 500
    attack(items[1], 20_050, 50)
    with db.write() as session:
        session.execute(text("UPDATE bank_lines SET state = 'settled' WHERE id = :id"),
                        {"id": line})  # fmt: skip
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(text("DELETE FROM settlements WHERE returned_item_id = :id"),
                        {"id": items[0]})  # fmt: skip


@pytest.mark.both_databases
def test_of_six_people_who_charge_back_with_one_debit_one_has_done_it(
    db: Database, installation: Installation
) -> None:
    """Each has other checks in hand, and one that the next has as well."""
    payments = _credited(db, installation, *[10_000] * 7)
    items = _given_back(db, payments)
    [line] = _bring(db, installation, f"{BACK},-200.00,RETURNED ITEMS 2,")

    def run(place: int) -> str:
        try:
            with db.write() as session:
                reconcile.settle_returns(session, line, items[place : place + 2], "user:bill")
        except LockboxError as refused:
            return refused.code
        return "settled"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(run, range(6))) == ["line_already_settled"] * 5 + ["settled"]
    assert _taken(db) == [(10_000, 0)] * 2
    _proved(db)


@pytest.mark.both_databases
def test_an_item_of_another_account_is_refused_by_code_and_database(
    db: Database, installation: Installation
) -> None:
    payments = _credited(db, installation, 10_000)
    items = _given_back(db, payments)
    with db.write() as session:
        made = group(session, "ELSE", "998877006789")
        data = f"Account,Date,Amount,Description\n998877006789,{BACK},-100.00,RETURNED ITEM\n"
        import_file(session, installation.store, data.encode(), "b.csv", "user:bill")
        line = session.scalars(
            select(BankLine.id).where(BankLine.bank_account_id == made.bank_account_id)
        ).one()
        with pytest.raises(WrongUse) as refused:
            reconcile.settle_returns(session, line, items, "user:bill")
        assert refused.value.code == "line_of_another_account"
    with pytest.raises(IntegrityError), db.write() as session:
        session.execute(
            text(_SETTLE.format(verb="")),
            {"id": ids.new_id(), "at": _NOW, "line": line, "item": items[0], "cents": 10_000,
             "difference": 0, "reason": ""},
        )  # fmt: skip


_ITEMS = (Expected("a", "x", BACK, 123_457, ("RI-A",)), Expected("b", "x", BACK, 88_811, ("RI-B",)),
          Expected("c", "x", BACK, 45_003, ("RI-C",)))  # fmt: skip


def _debit(cents: int, days: int = 0, kind: str = "returned_item", at: str = "x") -> Movement:
    return Movement("l", at, BACK + timedelta(days=days), cents, kind, "RETURNED ITEMS")


def test_a_sum_of_returns_is_certain_only_where_nothing_else_fits() -> None:
    def certain(line: Movement, *rivals: Expected) -> bool:
        return [each.certain for each in combine_returns([line], _ITEMS, rivals)] == [True]

    assert certain(_debit(257_271))
    assert certain(_debit(212_268, days=-7))
    assert not certain(_debit(212_268, kind="other"))
    assert not certain(_debit(212_268), Expected("p", "x", DAY, 212_268, ("1",)))
    for line in (_debit(212_268, days=8), _debit(212_268, at="y"), _debit(212_268, kind="fee")):
        assert combine_returns([line], _ITEMS) == []


def test_all_that_came_back_on_a_day_is_suggested_however_many() -> None:
    many = [Expected(f"r{n}", "x", BACK, 1_001 + n, ("RI",)) for n in range(9)]
    total = sum(each.amount_cents for each in many)
    assert [(len(each.expected_ids), each.certain)
            for each in combine_returns([_debit(total)], many)] == [(9, False)]  # fmt: skip
