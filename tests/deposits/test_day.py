"""The day's proof explains every cent on both axes, and shows the cent that nothing explains."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from deposits import batch, posting, posting_queue
from deposits.day import deposited_equation, proof, received_equation
from deposits.standing import PaymentMoney, owed
from records import clock, ids, journal
from records.db import Database
from records.installation import Installation
from records.models import Pickup, SourceFile
from tests.deposits.build import DAY, check, decide, group, set_aside


def test_an_empty_day_is_explained_and_closed(db: Database) -> None:
    with db.read() as session:
        shown = proof(session, DAY)
    assert (shown.explained, shown.closed, shown.unexplained_cents) == (True, True, 0)


def test_a_whole_day_is_explained_at_every_step(db: Database, installation: Installation) -> None:
    with db.write() as session:
        made = group(session)
        good, split, odd, waiting, gone, unread = (
            check(session, made, cents, state=state)
            for cents, state in (
                (10_000, "depositable"), (9_000, "depositable"), (800, "depositable"),
                (70, "awaiting_review"), (5_555, "awaiting_review"), (None, "awaiting_review"),
            )
        )  # fmt: skip
        eft = check(session, made, 4_200, kind="eft")
        decide(session, good, [("account", made.account_id, 10_000)])
        decide(session, split, [("account", made.account_id, 5_000),
                                ("unapplied", made.account_id, 3_000),
                                ("unidentified", None, 1_000)])  # fmt: skip
        set_aside(session, gone, "misdirected")
        check(session, made, 99, received_on=DAY + timedelta(days=1))
        for payment in (good, split):
            posting_queue.keep_in_step(session, payment.id, "system:test")
        before = proof(session, DAY)
        assert before.explained, before.to_json()
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [good.id, split.id, odd.id], "user:bill")
        batch.close(session, deposit.id, 3, 19_800, "user:bill")
        assert proof(session, DAY).explained
        batch.approve(session, deposit.id, "user:beth")
        export = posting.export(session, installation.store, made.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        shown = proof(session, DAY)
        only = proof(session, DAY, offices=frozenset({made.office_id}))
        nobody = proof(session, DAY, offices=frozenset())
    assert shown.explained, shown.to_json()
    assert not shown.closed
    assert shown.unread == (unread.ref,)
    parts = {name: part.cents for name, part in shown.received.parts.items()}
    assert parts == {"deposited": 19_800, "electronic": 4_200, "on_hand": 0,
                     "awaiting_review": 70, "not_deposited:misdirected": 5_555}  # fmt: skip
    assert shown.received.total.cents == sum(parts.values())
    assert [ref for ref, _ in shown.received.parts["electronic"].refs] == [eft.ref]
    assert [ref for ref, _ in shown.received.parts["awaiting_review"].refs] == [waiting.ref]
    axis = {name: part.cents for name, part in shown.deposited.parts.items()}
    assert axis == {"posted": 15_000, "allocated": 0, "unapplied": 3_000, "unidentified": 1_800,
                    "reversed": 0}  # fmt: skip
    assert shown.bank.parts["in_transit"].cents == 19_800
    assert (only.received, only.journal) == (shown.received, ())
    assert nobody.received.total.count == 0


def test_parts_that_do_not_make_up_a_check_are_unexplained(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [("account", made.account_id, 9_990)])
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        batch.close(session, deposit.id, 1, 10_000, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        shown = proof(session, DAY)
    assert not shown.explained
    assert shown.deposited.unexplained_cents == 10
    assert shown.deposited.broken.refs == ((payment.ref, 10),)


@pytest.mark.both_databases
def test_a_row_changed_behind_the_journals_back_is_unexplained(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        assert proof(session, DAY).explained
        session.execute(text("UPDATE payments SET amount_cents = 9999 WHERE id = :id"),
                        {"id": payment.id})  # fmt: skip
        session.expire_all()
        shown = proof(session, DAY)
        assert {check.account for check in shown.journal if check.difference_cents} == {
            "on_hand", "unidentified",
        }  # fmt: skip
        assert not shown.explained


def test_an_entry_without_its_row_is_unexplained(db: Database) -> None:
    with db.write() as session:
        group(session)
        lines = [journal.debit("on_hand", 1), journal.credit("posted", 1)]
        journal.post(session, "received", lines, subject_kind="payment", subject_id="nobody")
        assert proof(session, DAY).unexplained_cents == 2


def test_a_bag_that_holds_less_than_declared_shows_its_variance(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        pickup = Pickup(ref=ids.new_ref("PU"), office_id=made.office_id, bag_number="17",
                        declared_envelopes=2, declared_checks=2, declared_total_cents=300,
                        created_by="user:carl")  # fmt: skip
        session.add(pickup)
        session.flush()
        session.get_one(SourceFile, made.file_id).pickup_id = pickup.id
        check(session, made, 100)
        bank = pickup.office.bank_account
        on = clock.business_date(pickup.created_at, bank.zone, bank.cut_off)
        [count] = proof(session, on).pickups
        assert proof(session, on - timedelta(days=1)).pickups == ()
    assert (count.received_checks, count.received_total_cents, count.varies) == (1, 100, True)


_STATES = st.sampled_from(
    ["awaiting_review", "depositable", "in_deposit", "deposited", "credited", "returned",
     "not_deposited", "electronic"]
)  # fmt: skip


@st.composite
def _money(draw: st.DrawFn) -> PaymentMoney:
    a, u, n = (draw(st.integers(0, 10**9)) for _ in range(3))
    state = draw(_STATES)
    backed = state not in ("awaiting_review", "not_deposited")
    return PaymentMoney(
        draw(st.uuids()).hex, "check", a + u + n, state,
        draw(st.sampled_from(["undecided", "in_review", "decided", "set_aside"])), "held",
        {"account": a, "unapplied": u, "unidentified": n},
        draw(st.sampled_from([0, a])) if backed else 0,
    )  # fmt: skip


@given(st.lists(_money(), max_size=12))
def test_both_equations_hold_for_any_payments_whose_parts_sum(payments: list[PaymentMoney]) -> None:
    assert received_equation(payments).unexplained_cents == 0
    deposited = deposited_equation(
        [money for money in payments if money.match_state != "set_aside"]
    )
    assert deposited.unexplained_cents == 0
    assert all(sum(owed(money).values()) == money.amount_cents for money in payments)


@given(_money(), st.integers(1, 10**6))
def test_a_cent_too_many_in_one_never_hides_a_cent_too_few_in_another(
    money: PaymentMoney, cents: int
) -> None:
    def off(by: int) -> PaymentMoney:
        return PaymentMoney(money.ref, "check", money.amount_cents + by, "deposited", "decided",
                            None, money.parts, 0)  # fmt: skip

    assert deposited_equation([off(cents), off(-cents)]).unexplained_cents == 2 * cents


@pytest.mark.parametrize(("posted", "sent"), [(700, 0), (0, 700), (700, 700)])
@pytest.mark.parametrize("state", ["depositable", "deposited", "returned"])
def test_more_posted_than_the_parts_for_accounts_is_unexplained(
    posted: int, sent: int, state: str
) -> None:
    parts = {"account": 500, "unapplied": 100}
    over = PaymentMoney("P", "check", 600, state, "decided", None, parts, posted, sent)
    under = PaymentMoney("Q", "check", 600, state, "decided", None, parts, 300, 300)
    shown = received_equation([over, under])
    assert (shown.unexplained_cents, shown.broken.refs) == (200, (("P", 200),))


@pytest.mark.parametrize(("posted", "sent"), [(500, 0), (0, 500), (500, 500)])
@pytest.mark.parametrize("state", ["awaiting_review", "not_deposited"])
def test_a_posting_of_a_check_that_no_deposit_stands_behind_is_unexplained(
    posted: int, sent: int, state: str
) -> None:
    money = PaymentMoney(
        "P", "check", 500, state, "decided", "held", {"account": 500}, posted, sent
    )
    shown = received_equation([money])
    assert (shown.unexplained_cents, shown.broken.refs) == (500, (("P", 500),))


@pytest.mark.parametrize("reason", [None, ""])
def test_not_deposited_without_a_reason_is_unexplained(reason: str | None) -> None:
    money = PaymentMoney("P", "check", 500, "not_deposited", "set_aside", reason)
    assert received_equation([money]).unexplained_cents == 500
