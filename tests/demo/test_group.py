"""The demo group: valid numbers, equal for equal seeds, and CSV files that say the same."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.money import Money
from web.demo.codes import (
    aba_number,
    aba_valid,
    coupon_scanline,
    dollars,
    luhn_digit,
    luhn_valid,
    number_words,
)
from web.demo.group import (
    ACCOUNT_COLUMNS,
    STATEMENT_COLUMNS,
    Group,
    accounts_csv,
    make_group,
    statements_csv,
)


@pytest.fixture(scope="module")
def group() -> Group:
    return make_group(7)


def test_equal_seeds_give_equal_groups_and_others_differ(group: Group) -> None:
    assert make_group(7) == group
    assert make_group(8).accounts != group.accounts


def test_it_has_the_size_of_a_real_group(group: Group) -> None:
    assert len(group.offices) == 3
    assert len(group.accounts) == 2000
    open_ones = [s for s in group.statements if s.status == "open"]
    assert 1000 <= len(open_ones) <= 1400
    per_account = Counter(s.account_number for s in open_ones)
    assert max(per_account.values()) >= 2
    assert {user.role for user in group.users} == {
        "courier", "specialist", "billing", "admin", "auditor",
    }  # fmt: skip
    assert Counter(user.role for user in group.users)["billing"] == 2


def test_every_number_carries_its_check_digit_and_is_used_once(group: Group) -> None:
    accounts = [a.account_number for a in group.accounts]
    statements = [s.statement_number for s in group.statements]
    for number in accounts + statements:
        assert len(number) == 10
        assert luhn_valid(number)
    assert len(set(accounts)) == len(accounts)
    assert len(set(statements)) == len(statements)
    for bank in group.bank_accounts:
        assert aba_valid(bank.routing_number)
    for payer in group.payers:
        assert aba_valid(payer.routing_number)


def test_references_between_the_tables_hold(group: Group) -> None:
    offices = {office.code for office in group.offices}
    banks = {bank.code for bank in group.bank_accounts}
    accounts = {account.account_number for account in group.accounts}
    assert {office.bank_account for office in group.offices} <= banks
    assert {account.office_code for account in group.accounts} == offices
    assert {statement.account_number for statement in group.statements} <= accounts


def test_statements_are_in_order_of_time_and_money(group: Group) -> None:
    for s in group.statements:
        assert s.statement_on < s.mailed_on <= group.as_of
        assert 0 <= s.minimum_due_cents <= s.balance_cents
        assert (s.balance_cents == 0) == (s.status == "paid")
        assert len(s.imb) == 29
        assert s.imb[5:14] == group.mailer_id
    assert len({s.imb[:20] for s in group.statements}) == len(group.statements)


def test_some_guarantors_are_not_the_patient(group: Group) -> None:
    others = [a for a in group.accounts if a.guarantor != a.patient]
    assert len(others) > 200


def test_csv_files_say_what_the_group_says(group: Group) -> None:
    accounts = list(csv.DictReader(io.StringIO(accounts_csv(group))))
    assert tuple(accounts[0]) == ACCOUNT_COLUMNS
    assert [row["account_number"] for row in accounts] == [a.account_number for a in group.accounts]
    statements = list(csv.DictReader(io.StringIO(statements_csv(group))))
    assert tuple(statements[0]) == STATEMENT_COLUMNS
    assert [Money.parse(row["balance"]).cents for row in statements] == [
        s.balance_cents for s in group.statements
    ]


@given(st.text("0123456789", min_size=1, max_size=30), st.data())
def test_luhn_sees_every_single_wrong_digit(body: str, data: st.DataObject) -> None:
    number = body + luhn_digit(body)
    assert luhn_valid(number)
    place = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not luhn_valid(number[:place] + digit + number[place + 1 :])


@given(st.integers(0, 9_999_999))
def test_aba_numbers_made_are_valid(rest: int) -> None:
    assert aba_valid(aba_number(f"0{rest:07d}"))


@given(st.integers(0, 99_999_999))
def test_the_scanline_ends_in_a_luhn_digit_over_all_of_it(cents: int) -> None:
    line = coupon_scanline("2194902314", "8279785201", cents)
    assert luhn_valid(line.replace(" ", ""))
    assert int(line.split()[2][:8]) == cents


@given(st.integers(0, 10**9))
def test_dollars_parse_back(cents: int) -> None:
    assert Money.parse(dollars(cents)).cents == cents


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (14, "fourteen"),
        (45, "forty-five"),
        (100, "one hundred"),
        (1040, "one thousand forty"),
        (123456, "one hundred twenty-three thousand four hundred fifty-six"),
    ],
)
def test_amounts_in_words(number: int, words: str) -> None:
    assert number_words(number) == words
