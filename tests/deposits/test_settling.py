"""Credits that pay several deposits, deposits paid in parts, and what open lines may be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from deposits import batch, reconcile
from deposits.bank import import_file
from deposits.bank_exceptions import BankException, bank_exceptions
from deposits.day import proof
from records import journal
from records.db import Database
from records.errors import Conflict, LockboxError, WrongUse
from records.installation import Installation
from records.models import BankLine, Deposit, Payment, ReturnedItem, Settlement
from tests.deposits.build import DAY, Group, check, group


def _group(db: Database) -> Group:
    with db.write() as session:
        return group(session)


def _approved(db: Database, made: Group, *amounts: int, number: str = "") -> Deposit:
    with db.write() as session:
        payments = [check(session, made, cents, number=number) for cents in amounts]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [p.id for p in payments], "user:bill")
        batch.close(session, deposit.id, len(amounts), sum(amounts), "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        return deposit


def _bring(db: Database, installation: Installation, *rows: str) -> tuple[int, list[str]]:
    """Import these lines; how many were settled, and the ids of the open ones."""
    data = "Account,Date,Amount,Description,Reference\n" + "".join(
        f"123456789,{row}\n" for row in rows
    )
    with db.write() as session:
        done = import_file(session, installation.store, data.encode(), "a.csv", "user:bill")
        open_ = session.scalars(
            select(BankLine.id).where(BankLine.state == "unmatched").order_by(BankLine.value_on)
        )
        return done.settled, list(open_)


def _states(db: Database, *deposits: Deposit) -> list[str]:
    with db.read() as session:
        return [session.get_one(Deposit, each.id).state for each in deposits]


def _proved(db: Database, *days: int) -> None:
    with db.read() as session:
        for day in days:
            shown = proof(session, DAY + timedelta(days=day))
            assert shown.explained, shown.to_json()


def test_one_credit_pays_two_deposits(db: Database, installation: Installation) -> None:
    made = _group(db)
    one, two = _approved(db, made, 123_457), _approved(db, made, 80_000, 8_811)
    third = _approved(db, made, 45_003)
    settled, _ = _bring(db, installation, "2026-11-21,2122.68,DEPOSIT,")
    assert settled == 1
    assert _states(db, one, two, third) == ["credited", "credited", "approved"]
    _proved(db, 0, 1)
    with db.read() as session:
        assert sorted(session.scalars(select(Settlement.amount_cents))) == [88_811, 123_457]
        assert journal.balances(session)["bank:MAIN"] == 212_268


def test_a_deposit_is_paid_in_two_parts_when_both_have_come(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposit = _approved(db, made, 123_457)
    assert _bring(db, installation, "2026-11-21,1000.01,DEPOSIT,A")[0] == 0
    assert _states(db, deposit) == ["approved"]
    assert _bring(db, installation, "2026-11-23,234.56,DEPOSIT,B")[0] == 2
    assert _states(db, deposit) == ["credited"]
    _proved(db, 0, 1, 3)
    with db.read() as session:
        assert proof(session, DAY).bank.parts["credited"].cents == 123_457


def test_a_part_that_a_person_names_leaves_the_rest_in_transit(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposit = _approved(db, made, 60_000, 40_000)
    _, (line,) = _bring(db, installation, "2026-11-21,700.00,DEPOSIT,A")
    with db.write() as session:
        reconcile.settle_part(session, line, deposit.id, "user:bill")
    with db.read() as session:
        shown = proof(session, DAY)
        assert shown.explained, shown.to_json()
        parts = {name: part.cents for name, part in shown.bank.parts.items()}
        assert parts == {"credited": 70_000, "in_transit": 30_000, "not_approved": 0}
        assert {p.deposit_state for p in session.scalars(select(Payment))} == {"deposited"}
        assert journal.balances(session)["in_transit"] == 30_000
    _, (late,) = _bring(db, installation, "2026-12-20,300.01,DEPOSIT,B")
    with db.write() as session:
        with pytest.raises(WrongUse) as refused:
            reconcile.settle_part(session, late, deposit.id, "user:bill")
        assert refused.value.code == "not_a_part"
        reconcile.settle(session, late, deposit.id, "user:bill", "the bank rounded")
    assert _states(db, deposit) == ["credited"]
    _proved(db, 0, 1, 30)
    with db.read() as session:
        assert {p.deposit_state for p in session.scalars(select(Payment))} == {"credited"}
        assert journal.balances(session)["adjustments"] == -1


def test_the_rest_of_a_deposit_is_found_by_its_amount(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposit = _approved(db, made, 100_000)
    _, (line,) = _bring(db, installation, "2026-11-21,700.00,DEPOSIT,A")
    with db.write() as session:
        reconcile.settle_part(session, line, deposit.id, "user:bill")
    assert _bring(db, installation, "2026-11-24,300.00,DEPOSIT,B")[0] == 1
    assert _states(db, deposit) == ["credited"]


def test_a_difference_of_several_is_named_once(db: Database, installation: Installation) -> None:
    made = _group(db)
    one, two = _approved(db, made, 10_000), _approved(db, made, 20_000)
    _, (line,) = _bring(db, installation, "2026-11-21,299.00,DEPOSIT,A")
    with db.write() as session:
        with pytest.raises(WrongUse) as refused:
            reconcile.settle_several(session, [line], [one.id, two.id], "user:bill")
        assert refused.value.code == "adjustment_needed"
        reconcile.settle_several(session, [line], [one.id, two.id], "user:bill", "a dollar short")
    assert _states(db, one, two) == ["credited", "credited"]
    with db.read() as session:
        shown = proof(session, DAY)
        assert shown.explained, shown.to_json()
        assert shown.bank.parts["adjustment:a dollar short"].refs == ((two.ref, 100),)


def test_several_credits_never_settle_several_deposits(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    one, two = _approved(db, made, 10_000), _approved(db, made, 20_000)
    _, lines = _bring(db, installation, "2026-11-21,50.00,DEPOSIT,A", "2026-11-21,250.00,DEPOSIT,B")
    with db.write() as session:
        with pytest.raises(WrongUse) as refused:
            reconcile.settle_several(session, lines, [one.id, two.id], "user:bill")
        assert refused.value.code == "several_to_several"
        reconcile.settle_part(session, lines[0], one.id, "user:bill")
        with pytest.raises(Conflict) as parts:
            reconcile.settle_several(session, lines[1:], [one.id, two.id], "user:bill")
        assert parts.value.code == "deposit_in_parts"


@pytest.mark.both_databases
def test_of_six_people_who_settle_one_credit_one_has_settled_it(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposits = [_approved(db, made, 10_000) for _ in range(6)]
    _, (line,) = _bring(db, installation, "2026-11-21,100.00,DEPOSIT,A")

    def run(deposit: Deposit) -> str:
        try:
            with db.write() as session:
                reconcile.settle(session, line, deposit.id, "user:bill")
        except LockboxError as refused:
            return refused.code
        return "settled"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(run, deposits)) == ["line_already_settled"] * 5 + ["settled"]
    assert sorted(_states(db, *deposits)) == ["approved"] * 5 + ["credited"]


@pytest.mark.both_databases
def test_of_six_credits_that_come_for_one_deposit_one_pays_it(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposit = _approved(db, made, 10_000)
    _approved(db, made, 10_000)
    rows = [f"2026-11-21,100.00,DEPOSIT,{n}" for n in range(6)]
    _, lines = _bring(db, installation, *rows)
    assert len(lines) == 6

    def run(line: str) -> str:
        try:
            with db.write() as session:
                reconcile.settle(session, line, deposit.id, "user:bill")
        except LockboxError as refused:
            return refused.code
        return "settled"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(run, lines)) == ["deposit_not_in_transit"] * 5 + ["settled"]


def _open(db: Database) -> list[BankException]:
    with db.read() as session:
        return bank_exceptions(session)


def test_an_open_credit_says_what_it_may_be_likeliest_first(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    short = _approved(db, made, 50_000, 7_777)
    _approved(db, made, 40_000)
    _bring(db, installation, "2026-11-21,500.00,DEPOSIT,A")
    [one] = _open(db)
    first = one.suggestions[0]
    with db.read() as session:
        left_out = session.scalars(select(Payment.ref).where(Payment.amount_cents == 7_777)).one()
    assert (first.action, first.refs, first.difference_cents) == ("settle", (short.ref,), -7_777)
    assert first.name == f"the bank left out {left_out}"


def test_digits_that_changed_places_and_near_amounts_are_suggested(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposit = _approved(db, made, 12_345)
    _bring(db, installation, "2026-11-21,123.54,DEPOSIT,A", "2026-11-20,123.40,DEPOSIT,B")
    near, swapped = _open(db)
    assert (swapped.suggestions[0].refs, swapped.suggestions[0].name) == (
        (deposit.ref,), "digits changed places")  # fmt: skip
    assert near.suggestions[0].reason == "nearly the same amount"


def test_equal_deposits_and_sums_that_fit_twice_are_suggested(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    equal = {_approved(db, made, 5_000).ref, _approved(db, made, 5_000).ref}
    _bring(db, installation, "2026-11-21,50.00,DEPOSIT,A", "2026-11-22,100.00,DEPOSIT,B")
    one, both = _open(db)
    assert {each.refs[0] for each in one.suggestions if each.reason.startswith("the same")} == equal
    assert any(set(each.refs) == equal for each in both.suggestions)
    assert one.to_json()["suggestions"][0]["action"] == "settle"


def test_a_returned_item_without_a_number_is_suggested_and_one_with_a_fee_in_it(
    db: Database, installation: Installation
) -> None:
    made = _group(db)
    deposit = _approved(db, made, 5_000, number="4411")
    other = _approved(db, made, 6_000, number="5522")
    _bring(db, installation, "2026-11-20,50.00,DEPOSIT,A", "2026-11-20,60.00,DEPOSIT,B")
    assert _states(db, deposit, other) == ["credited", "credited"]
    _, lines = _bring(db, installation, "2026-11-25,-50.00,RETURNED DEPOSITED ITEM,",
                      "2026-11-26,-72.00,RETURNED CHECK 0005522,")  # fmt: skip
    plain, fee = _open(db)
    assert (plain.suggestions[0].action, plain.suggestions[0].difference_cents) == ("returned", 0)
    assert (fee.suggestions[0].difference_cents, fee.suggestions[0].name) == (
        1_200, "the bank's fee for the return")  # fmt: skip
    with db.write() as session:
        payment = session.scalars(
            select(Payment).where(Payment.ref == fee.suggestions[0].refs[0])
        ).one()
        reconcile.record_returned_item(
            session, payment.id, "unspecified", fee.value_on, lines[1], "user:bill", "a fee"
        )
        assert session.scalars(select(ReturnedItem.amount_cents)).one() == 6_000
        assert proof(session, fee.value_on).explained
        assert proof(session, plain.value_on).unexplained_cents == 5_000
        assert journal.balances(session)["adjustments"] == 1_200


def test_what_was_explained_before_is_suggested_again(
    db: Database, installation: Installation
) -> None:
    _group(db)
    _, (line,) = _bring(db, installation, "2026-11-21,-15.00,SERVICE CHARGE,A")
    with db.write() as session:
        reconcile.explain(session, line, "monthly fee", "user:bill")
    _bring(db, installation, "2026-12-21,-16.00,SERVICE CHARGE,B")
    [again] = _open(db)
    assert [(each.action, each.name) for each in again.suggestions] == [("explain", "monthly fee")]
