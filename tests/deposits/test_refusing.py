"""A bank refuses a deposit: the number stays with what was in it, the checks go under a new one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch, icl, posting, posting_queue, refusing, sending
from deposits.bank_setup import Settings
from deposits.day import proof
from deposits.icl.letter import Sender
from deposits.states import REJECTED_ENTRY
from matching import answering
from records import audit, journal
from records.db import Database
from records.errors import Conflict, Forbidden, LockboxError, NotFound
from records.installation import Installation
from records.models import BankAccount, CashLetter, Deposit, DepositItem, JournalEntry, Payment
from tests.deposits.build import DAY, Group, check, decide, group

CENTS = (10_000, 2_550, 701)
DRAWN = datetime(2026, 11, 20, 15, tzinfo=UTC)


def approved(session: Session, made: Group, *, sent: bool = True) -> Deposit:
    """A deposit of three checks, approved and, unless said otherwise, on its way."""
    payments = [check(session, made, cents).id for cents in CENTS]
    deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
    batch.add(session, deposit.id, payments, "user:bill")
    batch.close(session, deposit.id, len(CENTS), sum(CENTS), "user:bill")
    batch.approve(session, deposit.id, "user:beth")
    if sent:
        batch.export(session, deposit.id, "user:bill")
    return deposit


def _contents(session: Session, deposit: Deposit) -> list[tuple[int, str, int, bool]]:
    return [
        (item.position, item.payment_id, item.amount_cents, item.live)
        for item in session.scalars(
            select(DepositItem)
            .where(DepositItem.deposit_id == deposit.id)
            .order_by(DepositItem.position)
        )
    ]


def test_the_old_number_keeps_its_items_and_the_checks_go_under_a_new_one(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        old = approved(session, made)
        before = _contents(session, old)
        refusing.reject(session, old.id, "  totals   differ ", "user:bill")
        assert (old.state, old.rejection) == ("rejected", "refused_by_bank")
        assert (old.rejection_reason, old.rejected_by) == ("totals differ", "user:bill")
        assert old.rejected_at is not None
        assert (old.declared_count, old.declared_total_cents) == (3, sum(CENTS))
        assert _contents(session, old) == [(*row[:3], False) for row in before]
        assert [item.live for item in old.items] == [False] * 3
        payments = session.scalars(select(Payment)).all()
        assert {(p.deposit_state, p.presentation) for p in payments} == {("depositable", 1)}
        assert journal.balances(session)["on_hand"] == sum(CENTS)
        assert journal.balances(session)["in_transit"] == 0
        [entry] = session.scalars(select(JournalEntry).where(JournalEntry.kind == REJECTED_ENTRY))
        assert entry.subject_id == old.id
        assert proof(session, DAY).explained
        new = refusing.rebatch(session, old.id, "user:bill")
        assert new.ref != old.ref
        assert (new.state, new.follows_id) == ("open", old.id)
        assert _contents(session, new) == before
        assert refusing.followers(session, old) == [new]
        batch.close(session, new.id, 3, sum(CENTS), "user:bill")
        with pytest.raises(Forbidden):
            batch.approve(session, new.id, "user:bill")
        batch.approve(session, new.id, "user:beth")
        assert proof(session, DAY).explained
        assert proof(session, new.business_on).explained
        assert audit.verify(session).ok


def test_checks_left_out_wait_for_another_deposit(db: Database) -> None:
    with db.write() as session:
        old = approved(session, group(session))
        refusing.reject(session, old.id, "one image is bad", "user:bill")
        out = old.items[1].payment_id
        with pytest.raises(NotFound):
            refusing.rebatch(session, old.id, "user:bill", ["nothing"])
        new = refusing.rebatch(session, old.id, "user:bill", [out])
        assert [item.amount_cents for item in new.items] == [10_000, 701]
        assert [p.id for p in batch.depositable(session, old.bank_account_id)] == [out]
        second = refusing.rebatch(session, old.id, "user:bill")
        assert [item.payment_id for item in second.items] == [out]
        assert refusing.followers(session, old) == [new, second]
        with pytest.raises(Conflict) as none_left:
            refusing.rebatch(session, old.id, "user:bill")
        assert none_left.value.code == "nothing_to_rebatch"


def test_a_deposit_that_was_never_sent_is_taken_back(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        unsent, sent = approved(session, made, sent=False), approved(session, made)
        refusing.reject(session, unsent.id, "the wrong account", "user:bill", withdrawn=True)
        assert unsent.rejection == "withdrawn"
        with pytest.raises(Conflict) as refused:
            refusing.reject(session, sent.id, "the wrong account", "user:bill", withdrawn=True)
        assert refused.value.code == "deposit_sent"
        assert sent.state == "exported"
        assert proof(session, DAY).explained


def test_only_a_person_with_a_reason_rejects_what_is_at_the_bank(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        deposit = approved(session, made)
        opened = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")

    def refused(step: Callable[[Session], object]) -> str:
        with pytest.raises(LockboxError) as error, db.write() as session:
            step(session)
        return error.value.code

    reject = refusing.reject
    assert refused(lambda s: reject(s, deposit.id, " ", "user:bill")) == "reason_missing"
    assert refused(lambda s: reject(s, deposit.id, "x", "system:night")) == "not_a_person"
    assert refused(lambda s: reject(s, opened.id, "x", "user:bill")) == "deposit_not_in_transit"
    assert refused(lambda s: refusing.rebatch(s, deposit.id, "user:bill")) == "deposit_not_rejected"
    with db.write() as session:
        reject(session, deposit.id, "x", "user:bill")
    assert refused(lambda s: reject(s, deposit.id, "x", "user:bill")) == "deposit_not_in_transit"


def test_a_rejected_deposit_counts_for_no_limit_of_its_day(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        session.get_one(BankAccount, made.bank_account_id).day_limit_cents = sum(CENTS) + 100
        old = approved(session, made)
        refusing.reject(session, old.id, "totals differ", "user:bill")
        again = refusing.rebatch(session, old.id, "user:bill")
        again.business_on = DAY
        batch.close(session, again.id, 3, sum(CENTS), "user:bill")


def test_the_approver_of_a_rejected_deposit_may_say_whose_a_check_is_and_not_approve_it_again(
    db: Database,
) -> None:
    with db.write() as session:
        old = approved(session, group(session))
        payment = session.get_one(Payment, old.items[0].payment_id)
        with pytest.raises(Forbidden):
            answering.refuse_approver(session, payment, "user:beth")
        refusing.reject(session, old.id, "totals differ", "user:bill")
        answering.refuse_approver(session, payment, "user:beth")


@pytest.mark.both_databases
def test_of_two_people_who_reject_one_deposit_one_does(db: Database) -> None:
    with db.write() as session:
        old = approved(session, group(session)).id

    def reject(who: str) -> str:
        try:
            with db.write() as session:
                refusing.reject(session, old, "totals differ", who)
        except Conflict as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(reject, [f"user:{n}" for n in range(4)]))
    assert outcomes == ["deposit_not_in_transit"] * 3 + ["done"]
    with db.read() as reading:
        assert journal.balances(reading)["on_hand"] == sum(CENTS)


@pytest.mark.both_databases
def test_a_deposit_that_is_being_closed_is_told_as_open_and_nobody_waits_for_ever(
    db: Database,
) -> None:
    with db.write() as session:
        made = group(session)
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [check(session, made, 700).id], "user:bill")
        ident = deposit.id

    def refused(step: Callable[[Session], object]) -> str:
        with pytest.raises(Conflict) as told, db.write() as session:
            step(session)
        return told.value.code

    steps = [lambda s: refusing.reject(s, ident, "totals differ", "user:beth"),
             lambda s: refusing.rebatch(s, ident, "user:beth")]  # fmt: skip
    with ThreadPoolExecutor(2) as pool, db.write() as session:
        session.get_one(Deposit, ident, with_for_update=True)
        answers = [pool.submit(refused, step) for step in steps]
        wait(answers, timeout=0.2)
        batch.close(session, ident, 1, 700, "user:bill")
        session.commit()
        assert [each.result() for each in answers] == [
            "deposit_not_in_transit", "deposit_not_rejected"]  # fmt: skip


@pytest.mark.both_databases
def test_checks_go_again_into_one_deposit_whoever_is_faster(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        old = approved(session, made)
        refusing.reject(session, old.id, "totals differ", "user:bill")
        other = batch.open_deposit(session, made.bank_account_id, DAY, "user:ann").id
        payments = [item.payment_id for item in old.items]

    def again(step: Callable[[Session], object]) -> bool:
        try:
            with db.write() as session:
                step(session)
        except Conflict:
            return False
        return True

    steps = [lambda s: refusing.rebatch(s, old.id, "user:bill"),
             lambda s: batch.add(s, other, payments[::-1], "user:ann")]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(again, steps)) == 1
    with db.read() as reading:
        live = reading.scalars(select(DepositItem.payment_id).where(DepositItem.live)).all()
        assert sorted(live) == sorted(payments)


def test_postings_of_a_refused_deposit_go_out_with_the_one_its_checks_are_in(
    db: Database, installation: Installation
) -> None:
    store = installation.store
    with db.write() as session:
        made = group(session)
        old = approved(session, made)
        for item in old.items:
            cents = item.amount_cents
            decide(session, item.payment, [("account", made.account_id, cents)])
            posting_queue.keep_in_step(session, item.payment_id, "system:test")
        refusing.reject(session, old.id, "totals differ", "user:bill")
        with pytest.raises(LockboxError):
            posting.export(session, store, made.office_id, "user:bill", deposit_id=old.id)
        new = refusing.rebatch(session, old.id, "user:bill", [old.items[0].payment_id])
        done = posting.export(session, store, made.office_id, "user:bill", deposit_id=new.id)
        assert done.total_cents == sum(CENTS[1:])
        assert proof(session, DAY).explained


@pytest.mark.both_databases
def test_no_letter_is_made_of_a_deposit_that_is_rejected_meanwhile(
    db: Database, installation: Installation
) -> None:
    with db.write() as session:
        old = approved(session, group(session))
        account = old.bank_account
        draft = sending.Draft(
            old.id, old.ref, 1, old.business_on, DRAWN, 3, sum(CENTS), account.account_last4,
            Sender("021000021", "021000021", "021000021", "1"), Settings(),
            icl.named("x9_100_187_2013"), (),
        )  # fmt: skip
        old_id = old.id

    def step(act: Callable[[Session], object]) -> str:
        try:
            with db.write() as session:
                act(session)
        except Conflict as refused:
            return refused.code
        return "done"

    steps = [lambda s: sending.keep(s, installation.store, draft, b"letter", "user:bill"),
             lambda s: refusing.reject(s, old_id, "totals differ", "user:bill")]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        kept, rejected = pool.map(step, steps)
    assert rejected == "done"
    assert kept in ("done", "deposit_not_approved")
    with db.read() as reading:
        letters = reading.scalars(select(CashLetter)).all()
        at = reading.get_one(Deposit, old_id).rejected_at
        assert len(letters) == (kept == "done")
        assert all(each.created_at <= at for each in letters if at)
