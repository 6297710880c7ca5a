"""Deposits are filled with what waits, oldest first, as many as the limits ask for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from deposits import batch, filling
from deposits.filling import DAY as OF_DAY
from deposits.filling import ITEM, Limits, plan
from records.db import Database
from records.models import BankAccount, DepositItem, Payment
from tests.deposits.build import DAY, check, group

CENTS = st.integers(1, 1_000)


@given(
    st.lists(CENTS, max_size=30),
    st.builds(
        Limits, st.none() | CENTS, st.none() | CENTS, st.none() | st.integers(1, 6),
        st.none() | st.integers(0, 5_000),
    ),
)  # fmt: skip
def test_every_check_goes_once_or_is_named_and_no_limit_is_passed(
    amounts: list[int], limits: Limits
) -> None:
    checks = [(str(place), cents) for place, cents in enumerate(amounts)]
    cents = dict(checks)
    made = plan(checks, limits)
    inside = [each for deposit in made.deposits for each in deposit]
    assert sorted([*inside, *(each for each, _ in made.left_out)], key=int) == list(cents)
    assert inside == sorted(inside, key=int)  # oldest first
    for deposit in made.deposits:
        assert 1 <= len(deposit) <= (limits.count or len(deposit))
        assert sum(cents[each] for each in deposit) <= (limits.deposit_cents or 10**9)
    assert all(cents[each] <= (limits.item_cents or 10**9) for each in inside)
    if limits.day_left_cents is not None:
        assert sum(cents[each] for each in inside) <= limits.day_left_cents
    # No deposit is opened that the one before it had room for.
    for one, after in zip(made.deposits, made.deposits[1:], strict=False):
        full = len(one) == limits.count
        over = sum(cents[each] for each in one) + cents[after[0]] > (limits.deposit_cents or 10**9)
        assert full or over


def test_limits_of_count_amount_and_day_open_several_deposits(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        account = session.get_one(BankAccount, made.bank_account_id)
        account.item_count_limit, account.deposit_limit_cents = 2, 5_000
        account.item_limit_cents, account.day_limit_cents = 4_000, 10_000
        old = check(session, made, 3_000, received_on=DAY - timedelta(days=2))
        rest = [check(session, made, cents) for cents in (1_000, 1_500, 4_001, 4_000, 900)]
        found = filling.fill(session, account.id, DAY, "user:bill")
        inside = [[item.payment_id for item in each.items] for each in found.deposits]
        assert inside == [[old.id, rest[0].id], [rest[1].id], [rest[3].id]]
        assert found.left_out == ((rest[2].ref, ITEM), (rest[4].ref, OF_DAY))
        for deposit in found.deposits:
            total = sum(item.amount_cents for item in deposit.items)
            batch.close(session, deposit.id, len(deposit.items), total, "user:bill")
        # The same day has no room left, the next one has.
        tomorrow = DAY + timedelta(days=1)
        assert filling.fill(session, account.id, DAY, "user:bill").left_out[-1][1] == OF_DAY
        later = filling.fill(session, account.id, tomorrow, "user:bill")
        assert [len(each.items) for each in later.deposits] == [1]


@pytest.mark.both_databases
def test_people_who_fill_at_once_wait_for_each_other_and_each_check_goes_once(
    db: Database,
) -> None:
    with db.write() as session:
        made = group(session)
        checks = [check(session, made, cents).id for cents in (1_000, 2_000)]

    def fill(who: str) -> int:
        with db.write() as session:
            return len(filling.fill(session, made.bank_account_id, DAY, who).deposits)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(fill, [f"user:{n}" for n in range(6)])) == [1] * 6
    with db.read() as reading:
        assert sorted(reading.scalars(select(DepositItem.payment_id))) == sorted(checks)


def test_a_deposit_is_topped_up_to_its_limit_and_says_what_is_for_another(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        session.get_one(BankAccount, made.bank_account_id).item_count_limit = 2
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        first, second, third = (check(session, made, cents) for cents in (1_000, 2_000, 3_000))
        batch.add(session, deposit.id, [second.id], "user:bill")
        assert filling.top_up(session, deposit, "user:bill") == ((third.ref, "deposit_full"),)
        session.expire(deposit, ["items"])
        assert {item.payment_id for item in deposit.items} == {first.id, second.id}
        assert filling.top_up(session, deposit, "user:bill") == ((third.ref, "deposit_full"),)
        assert session.get_one(Payment, third.id).deposit_state == "depositable"
