"""Deposits walked at random: after every step the rows are what a simple model says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from deposits import batch, refusing
from deposits.day import proof
from records import ids
from records.db import Database
from records.errors import LockboxError
from records.models import Deposit, DepositItem, KeyedValue, Payment
from tests.deposits.build import DAY, Group, check, group
from tests.inputs import sample

_PEOPLE = st.sampled_from(["user:ann", "user:ben", "user:cat", "system:night"])
_PICK = st.integers(0, 50)


@dataclass
class _Batch:
    state: str = "open"
    items: dict[str, int] = field(default_factory=dict)
    closed_by: str = ""


class _Walk(RuleBasedStateMachine):
    """The model beside the database."""

    db: Database

    def __init__(self) -> None:
        super().__init__()
        self.deposits: dict[str, _Batch] = {}
        self.checks: dict[str, int] = {}
        self.where: dict[str, str] = {}
        self.touched: dict[str, set[str]] = {}
        with self.db.write() as session:
            code = ids.new_id()[-12:]
            self.made: Group = group(session, code, str(int(ids.new_id()[-8:], 16) + 10**6))

    def _allowed(self, step: object, expected: bool) -> None:
        """Run a step; it is done exactly when the model allows it."""
        try:
            with self.db.write() as session:
                step(session)  # type: ignore[operator]
        except LockboxError:
            assert not expected
        else:
            assert expected

    def _pick(self, names: dict[str, object] | dict[str, int], number: int) -> str | None:
        return sorted(names)[number % len(names)] if names else None

    @rule(cents=st.integers(1, 10**7))
    def receive(self, cents: int) -> None:
        with self.db.write() as session:
            payment = check(session, self.made, cents)
        self.checks[payment.id], self.where[payment.id] = cents, "depositable"
        self.touched[payment.id] = set()

    @rule(number=_PICK, who=_PEOPLE)
    def key(self, number: int, who: str) -> None:
        payment = self._pick(self.checks, number)
        if payment is None or who in self.touched[payment]:
            return
        with self.db.write() as session:
            session.add(KeyedValue(payment_id=payment, field="date", actor=who))
        self.touched[payment].add(who)

    @rule()
    def open(self) -> None:
        with self.db.write() as session:
            made = batch.open_deposit(session, self.made.bank_account_id, DAY, "user:ann")
        self.deposits[made.id] = _Batch()

    @rule(deposit=_PICK, payment=_PICK)
    def add(self, deposit: int, payment: int) -> None:
        to, what = self._pick(self.deposits, deposit), self._pick(self.checks, payment)  # type: ignore[arg-type]
        if to is None or what is None:
            return
        may = self.deposits[to].state == "open" and self.where[what] == "depositable"
        self._allowed(lambda session: batch.add(session, to, [what], "user:ann"), may)
        if may:
            self.deposits[to].items[what] = self.checks[what]
            self.where[what] = "in_deposit"

    @rule(deposit=_PICK, payment=_PICK)
    def remove(self, deposit: int, payment: int) -> None:
        at, what = self._pick(self.deposits, deposit), self._pick(self.checks, payment)  # type: ignore[arg-type]
        if at is None or what is None:
            return
        may = self.deposits[at].state == "open" and what in self.deposits[at].items
        self._allowed(lambda session: batch.remove(session, at, what, "user:ann"), may)
        if may:
            del self.deposits[at].items[what]
            self.where[what] = "depositable"

    @rule(deposit=_PICK, who=_PEOPLE, miscount=st.integers(-1, 1), extra=st.integers(-1, 1))
    def close(self, deposit: int, who: str, miscount: int, extra: int) -> None:
        at = self._pick(self.deposits, deposit)  # type: ignore[arg-type]
        if at is None:
            return
        made = self.deposits[at]
        count, total = len(made.items) + miscount, sum(made.items.values()) + extra
        may = made.state == "open" and bool(made.items) and not miscount and not extra
        self._allowed(lambda session: batch.close(session, at, count, total, who), may)
        if may:
            made.state, made.closed_by = "closed", who

    @rule(deposit=_PICK)
    def reopen(self, deposit: int) -> None:
        at = self._pick(self.deposits, deposit)  # type: ignore[arg-type]
        if at is None:
            return
        may = self.deposits[at].state == "closed"
        self._allowed(lambda session: batch.reopen(session, at, "user:ann"), may)
        if may:
            self.deposits[at].state = "open"

    @rule(deposit=_PICK, who=_PEOPLE)
    def approve(self, deposit: int, who: str) -> None:
        at = self._pick(self.deposits, deposit)  # type: ignore[arg-type]
        if at is None:
            return
        made = self.deposits[at]
        worked = any(who in self.touched[payment] for payment in made.items)
        may = (
            made.state == "closed"
            and who.startswith("user:")
            and who != made.closed_by
            and not worked
        )
        self._allowed(lambda session: batch.approve(session, at, who), may)
        if may:
            made.state = "approved"
            self.where.update(dict.fromkeys(made.items, "deposited"))

    @rule(deposit=_PICK, who=_PEOPLE)
    def reject(self, deposit: int, who: str) -> None:
        at = self._pick(self.deposits, deposit)  # type: ignore[arg-type]
        if at is None:
            return
        made = self.deposits[at]
        may = made.state == "approved" and who.startswith("user:")
        self._allowed(lambda session: refusing.reject(session, at, "refused", who), may)
        if may:
            made.state = "rejected"
            self.where.update(dict.fromkeys(made.items, "depositable"))

    @rule(deposit=_PICK, left=_PICK)
    def rebatch(self, deposit: int, left: int) -> None:
        at = self._pick(self.deposits, deposit)  # type: ignore[arg-type]
        if at is None:
            return
        made = self.deposits[at]
        out = sorted(made.items)[left : left + 1]
        again = {each: cents for each, cents in made.items.items()
                 if self.where[each] == "depositable" and each not in out}  # fmt: skip
        before = set(self._ids())
        may = made.state == "rejected" and bool(again)
        self._allowed(lambda session: refusing.rebatch(session, at, "user:ann", out), may)
        new = set(self._ids()) - before
        assert len(new) == may
        if may:
            self.deposits[new.pop()] = _Batch(items=again)
            self.where.update(dict.fromkeys(again, "in_deposit"))

    def _ids(self) -> Sequence[str]:
        with self.db.read() as session:
            return session.scalars(select(Deposit.id)).all()

    @rule(deposit=_PICK)
    def cancel(self, deposit: int) -> None:
        at = self._pick(self.deposits, deposit)  # type: ignore[arg-type]
        if at is None:
            return
        made = self.deposits[at]
        may = made.state == "open"
        self._allowed(lambda session: batch.cancel(session, at, "user:ann"), may)
        if may:
            self.where.update(dict.fromkeys(made.items, "depositable"))
            made.state, made.items = "cancelled", {}

    @invariant()
    def rows_are_what_the_model_says(self) -> None:
        with self.db.read() as session:
            for deposit_id, made in self.deposits.items():
                row = session.get_one(Deposit, deposit_id)
                assert row.state == made.state
                items = session.scalars(
                    select(DepositItem).where(DepositItem.deposit_id == deposit_id)
                ).all()
                assert {item.payment_id: item.amount_cents for item in items} == made.items
                assert all(item.live is (made.state != "rejected") for item in items)
                if made.state in ("closed", "approved", "rejected"):
                    assert row.declared_count == len(made.items)
                    assert row.declared_total_cents == sum(made.items.values())
            for payment_id, state in self.where.items():
                assert session.get_one(Payment, payment_id).deposit_state == state

    def teardown(self) -> None:
        with self.db.read() as session:
            assert proof(session, DAY).explained
            for day in session.scalars(select(Deposit.business_on).distinct()):
                assert proof(session, day).explained


@pytest.mark.many_cases
def test_deposits_follow_the_model_whatever_is_tried(db: Database) -> None:
    class Walk(_Walk):
        pass

    Walk.db = db
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=sample(6, torture=12),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
