"""Deposits open, fill, close by count and total, and are approved by a second person."""

from __future__ import annotations

import pytest

from deposits import batch
from records import journal
from records.db import Database
from records.errors import Conflict, Forbidden
from records.models import BankAccount, Deposit, KeyedValue, Payment
from tests.deposits.build import DAY, check, decide, group


def _closed(db: Database, amounts: tuple[int, ...] = (12_500, 7_550)) -> tuple[str, list[str]]:
    with db.write() as session:
        made = group(session)
        payments = [check(session, made, cents) for cents in amounts]
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [p.id for p in payments], "user:bill")
        batch.close(session, deposit.id, len(amounts), sum(amounts), "user:bill")
        return deposit.id, [p.id for p in payments]


def test_a_closed_deposit_is_approved_by_somebody_else_and_its_money_is_in_transit(
    db: Database,
) -> None:
    deposit_id, payment_ids = _closed(db)
    with db.write() as session:
        batch.approve(session, deposit_id, "user:beth")
    with db.read() as session:
        assert session.get_one(Deposit, deposit_id).state == "approved"
        states = {session.get_one(Payment, each).deposit_state for each in payment_ids}
        assert states == {"deposited"}
        balances = journal.balances(session)
        assert (balances["in_transit"], balances["on_hand"]) == (20_050, 0)


def test_only_an_approved_deposit_leaves_for_the_bank_and_twice_is_no_news(db: Database) -> None:
    deposit_id, _ = _closed(db)
    with db.write() as session:
        with pytest.raises(Conflict) as refused:
            batch.export(session, deposit_id, "user:bill")
        assert refused.value.code == "deposit_not_approved"
        batch.approve(session, deposit_id, "user:beth")
        batch.export(session, deposit_id, "user:bill")
        batch.export(session, deposit_id, "user:bill")
        assert session.get_one(Deposit, deposit_id).state == "exported"


def test_a_declared_count_or_total_that_differs_does_not_close(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 12_500)
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        for count, total in ((2, 12_500), (1, 12_501)):
            with pytest.raises(Conflict) as refused:
                batch.close(session, deposit.id, count, total, "user:bill")
            assert refused.value.code == "deposit_count_differs"
        assert deposit.state == "open"


def test_an_empty_deposit_does_not_close_but_can_be_cancelled(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        with pytest.raises(Conflict, match="no checks"):
            batch.close(session, deposit.id, 0, 0, "user:bill")
        batch.cancel(session, deposit.id, "user:bill")
        assert deposit.state == "cancelled"


def test_cancelling_frees_the_checks_for_another_deposit(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 12_500)
        first = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, first.id, [payment.id], "user:bill")
        batch.cancel(session, first.id, "user:bill")
        second = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, second.id, [payment.id], "user:bill")
        assert payment.deposit_state == "in_deposit"


def test_nobody_who_worked_on_the_checks_approves_them(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 12_500)
        session.add(KeyedValue(payment_id=payment.id, field="date", actor="user:kim"))
        decide(session, payment, [("account", made.account_id, 12_500)], actor="user:sam")
        payment.amount_by = "user:ann"
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        batch.close(session, deposit.id, 1, 12_500, "user:bill")
        for actor in ("user:bill", "user:kim", "user:sam", "user:ann", "system:night"):
            with pytest.raises(Forbidden):
                batch.approve(session, deposit.id, actor)
        assert deposit.state == "closed"


def test_a_closed_deposit_is_frozen_until_it_is_reopened(db: Database) -> None:
    deposit_id, payment_ids = _closed(db)
    with db.write() as session:
        with pytest.raises(Conflict) as refused:
            batch.remove(session, deposit_id, payment_ids[0], "user:bill")
        assert refused.value.code == "deposit_not_open"
        batch.reopen(session, deposit_id, "user:bill")
        batch.remove(session, deposit_id, payment_ids[0], "user:bill")
        batch.close(session, deposit_id, 1, 7_550, "user:bill")
        deposit = session.get_one(Deposit, deposit_id)
        assert [item.amount_cents for item in deposit.items] == [7_550]


def test_limits_hold_for_an_item_a_deposit_and_a_day(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        account = session.get_one(BankAccount, made.bank_account_id)
        account.item_limit_cents, account.deposit_limit_cents = 10_000, 15_000
        account.day_limit_cents = 16_000
        big, one, two, small = (check(session, made, c) for c in (10_001, 9_000, 9_000, 7_000))
        first = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        with pytest.raises(Conflict) as refused:
            batch.add(session, first.id, [big.id], "user:bill")
        assert refused.value.code == "item_over_limit"
        batch.add(session, first.id, [one.id, two.id], "user:bill")
        with pytest.raises(Conflict, match="one deposit"):
            batch.close(session, first.id, 2, 18_000, "user:bill")
        batch.remove(session, first.id, two.id, "user:bill")
        batch.close(session, first.id, 1, 9_000, "user:bill")
        second = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, second.id, [two.id], "user:bill")
        with pytest.raises(Conflict, match="one day"):
            batch.close(session, second.id, 1, 9_000, "user:bill")
        batch.remove(session, second.id, two.id, "user:bill")
        batch.add(session, second.id, [small.id], "user:bill")
        batch.close(session, second.id, 1, 7_000, "user:bill")


@pytest.mark.parametrize("cents", [None, 0])
def test_a_check_without_an_amount_is_not_deposited(db: Database, cents: int | None) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, cents)
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        with pytest.raises(Conflict) as refused:
            batch.add(session, deposit.id, [payment.id], "user:bill")
        assert refused.value.code == "check_without_amount"


def test_a_check_of_another_bank_account_is_refused(db: Database) -> None:
    with db.write() as session:
        ours, other = group(session), group(session, "OTHER", "987654321")
        payment = check(session, other, 5_000)
        deposit = batch.open_deposit(session, ours.bank_account_id, DAY, "user:bill")
        with pytest.raises(Conflict) as refused:
            batch.add(session, deposit.id, [payment.id], "user:bill")
        assert refused.value.code == "check_of_another_account"
        assert [p.id for p in batch.depositable(session, other.bank_account_id)] == [payment.id]
