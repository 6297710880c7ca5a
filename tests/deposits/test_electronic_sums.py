"""One credit pays several 835s, or several credits one: to the cent, and never by chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deposits import reconcile
from deposits.bank_exceptions import bank_exceptions
from deposits.combining import Combination
from deposits.crosscheck import check_journal
from deposits.day import proof
from deposits.electronic_sums import combine_electronic
from deposits.pairing import Expected, Movement
from matching.sums import met
from records import ids
from records.db import Database
from records.errors import WrongUse
from records.models import BankFile, BankLine, Payment, Settlement
from tests.deposits.build import DAY, Group, check, group

COMPANY = "1411289245"


def line(cents: int, words: str = "HCCLAIMPMT", name: str = "l", days: int = 0) -> Movement:
    return Movement(name, "x", DAY + timedelta(days=days), cents, "eft_credit", words)


def era(cents: int, name: str, trace: str = "", company: str = COMPANY) -> Expected:
    return Expected(name, "x", DAY, cents, (trace or f"9000{name}",), company=company)


def test_a_credit_that_names_its_835s_by_trace_is_certain() -> None:
    payments = [era(80_00, "1"), era(70_00, "2"), era(150_00, "3", company="1999999999")]
    told = line(150_00, "HCCLAIMPMT TRN*1*90001 TRN*1*90002")
    assert combine_electronic([told], payments) == [Combination(("l",), ("1", "2"), True)]


def test_the_only_sum_of_one_payers_is_certain_and_a_second_payers_is_not() -> None:
    payments = [era(812_37, "1"), era(704_19, "2"), era(333_33, "3")]
    credit = line(812_37 + 704_19)
    (found,) = combine_electronic([credit], payments)
    assert found == Combination(("l",), ("1", "2"), True)
    mixed = [payments[0], replace(payments[1], company="1999999999"), payments[2]]
    assert combine_electronic([credit], mixed) == []


def test_round_amounts_and_rivals_are_for_a_person() -> None:
    round_ = [era(80_00, "1"), era(70_00, "2"), era(50_00, "3")]
    assert [each.certain for each in combine_electronic([line(150_00)], round_)] == [False]
    payments = [era(812_37, "1"), era(704_19, "2"), era(812_37 + 704_19, "3", company="")]
    found = combine_electronic([line(812_37 + 704_19)], payments)
    assert [each.certain for each in found] == [False]


def test_several_credits_that_name_one_trace_pay_it() -> None:
    credits_ = [line(80_00, "HCCLAIMPMT TRN*1*90001", "a"), line(70_00, "TRN*1*90001", "b", 2)]
    found = combine_electronic(credits_, [era(150_00, "1")])
    assert found == [Combination(("a", "b"), ("1",), True)]


@given(st.lists(st.integers(-60, 60), max_size=9), st.integers(-120, 120))
@settings(max_examples=200, deadline=None)
def test_sums_that_meet_in_the_middle_are_all_the_sums_there_are(
    amounts: list[int], target: int
) -> None:
    places = range(len(amounts))
    wanted = {
        chosen
        for size in range(1, len(amounts) + 1)
        for chosen in combinations(places, size)
        if sum(amounts[place] for place in chosen) == target
    }
    assert set(met(amounts, target, most=1_000)) == wanted


def _credit(session: Session, made: Group, cents: int, words: str = "HCCLAIMPMT") -> BankLine:
    file = BankFile(ref=ids.new_ref("BNK"), sha256=ids.new_id().ljust(64, "0")[:64],
                    name="a.bai", format="bai2",
                    imported_by="user:bill", line_count=1)  # fmt: skip
    session.add(file)
    session.flush()
    row = BankLine(
        bank_file_id=file.id, bank_account_id=made.bank_account_id, fingerprint=ids.new_id(),
        value_on=DAY, amount_cents=cents, direction="credit", kind="eft_credit",
        details={"text": words},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _settled(session: Session) -> int:
    return reconcile.reconcile(session, "user:bill")


def _whole(session: Session) -> None:
    assert all(each.journal_cents == each.rows_cents for each in check_journal(session))
    assert proof(session, DAY).explained


def test_one_credit_settles_several_and_the_day_proves(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payments = [check(session, made, cents, kind="eft", number=f"9988770{n}")
                    for n, cents in enumerate((812_37, 704_19), start=1)]  # fmt: skip
        row = _credit(session, made, 812_37 + 704_19, "TRN*1*99887701 TRN*1*99887702")
        assert _settled(session) == 1
        assert row.state == "settled"
        assert {each.deposit_state for each in payments} == {"credited"}
        _whole(session)


def test_several_credits_settle_one_and_a_part_alone_does_not(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 150_00, kind="eft", number="99887701")
        first = _credit(session, made, 80_00, "TRN*1*99887701")
        assert _settled(session) == 0
        second = _credit(session, made, 70_00, "TRN*1*99887701")
        assert _settled(session) == 2
        assert (first.state, second.state, payment.deposit_state) == (
            "settled", "settled", "credited",
        )  # fmt: skip
        _whole(session)


def test_a_person_settles_what_is_only_offered(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payments = [check(session, made, cents, kind="eft", number=f"9988770{n}")
                    for n, cents in enumerate((80_00, 70_00), start=1)]  # fmt: skip
        row = _credit(session, made, 150_00)
        assert _settled(session) == 0
        (open_,) = bank_exceptions(session)
        offered = next(each for each in open_.suggestions if each.action == "electronic")
        assert set(offered.refs) == {each.ref for each in payments}
        with pytest.raises(WrongUse, match=r"150\.00") as refused:
            reconcile.settle_together(session, [row.id], [payments[0].id], "user:bill")
        assert refused.value.code == "sums_differ"
        reconcile.settle_together(session, [row.id], [p.id for p in payments], "user:bill")
        assert row.state == "settled"
        _whole(session)


@pytest.mark.both_databases
def test_the_database_refuses_more_than_a_line_or_a_payment_has(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        one = check(session, made, 80_00, kind="eft", number="99887701")
        other = check(session, made, 70_00, kind="eft", number="99887702")
        row = _credit(session, made, 140_00)
        ids_ = row.id, one.id, other.id
    line_id, one_id, other_id = ids_
    parts = [Settlement(bank_line_id=line_id, payment_id=payment_id, amount_cents=cents,
                        actor="user:x")
             for payment_id, cents in ((one_id, 80_00), (other_id, 70_00))]  # fmt: skip
    with pytest.raises(IntegrityError, match="settles what fits it"), db.write() as session:
        session.add_all(parts)
    with pytest.raises(IntegrityError, match="credited when the bank"), db.write() as session:
        session.execute(
            text("UPDATE payments SET deposit_state = 'credited' WHERE id = :id"), {"id": one_id}
        )
    with db.read() as session:
        assert not session.scalars(select(Settlement)).all()
        assert session.get_one(Payment, one_id).deposit_state == "electronic"
