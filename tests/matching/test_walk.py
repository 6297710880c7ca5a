"""Two specialists and the clock do what they like; the money and the leases stay right."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from matching import review
from matching.review import AllocationInput
from records import clock, crypto, journal
from records.db import Database
from records.errors import LockboxError
from records.models import Allocation, Decision, PayerMemory, Payment, ReviewItem
from tests.matching.world import add_group, check, coupon, run

ACTORS = st.sampled_from(["user:sam", "user:sofia"])
PLACES = st.integers(0, 2)
TARGETS = st.sampled_from(["2100000045", "2100000045", "2100000011", None])


class Desk(RuleBasedStateMachine):
    """Three payments, two people; the model remembers only who was told that he holds what."""

    where: Path

    def __init__(self) -> None:
        super().__init__()
        Desk.runs += 1
        copy = self.where.with_name(f"walk-{Desk.runs}.sqlite")
        shutil.copy(self.where, copy)
        self.db = Database(f"sqlite:///{copy}")
        self.now = datetime(2026, 11, 16, 16, 0, tzinfo=UTC)
        self.leases: dict[str, tuple[str, int, datetime]] = {}
        self.answers = 0
        self.ids = self.read(
            lambda s: list(s.scalars(select(Payment.id).order_by(Payment.check_number)))
        )

    runs = 0

    def teardown(self) -> None:
        self.db.close()

    def read(self, look):  # type: ignore[no-untyped-def]
        with self.db.read() as session:
            return look(session)

    def act(self, deed):  # type: ignore[no-untyped-def]
        """Do it in one transaction; a refusal changes nothing."""
        with clock.frozen(self.now):
            try:
                with self.db.write() as session:
                    return deed(session)
            except LockboxError as error:
                return error

    def item(self, place: int) -> str | None:
        query = select(ReviewItem.id).where(ReviewItem.payment_id == self.ids[place])
        return self.read(lambda s: s.scalar(query))

    def told(self, item: object, actor: str) -> None:
        if not isinstance(item, ReviewItem):
            return
        holder = self.leases.get(item.id)
        assert holder is None or holder[0] == actor or holder[2] <= self.now
        self.leases[item.id] = (actor, item.lease_token, self.now + timedelta(minutes=5))

    def holds(self, item_id: str, actor: str) -> int:
        holder = self.leases.get(item_id)
        return holder[1] if holder and holder[0] == actor else 0

    def answering(self, item_id: str, actor: str) -> tuple[str, int]:
        """Most answers come from whoever holds the item, or takes it for that; some do not."""
        self.answers += 1
        if self.answers % 4:
            holder = self.leases.get(item_id)
            actor = holder[0] if holder and holder[2] > self.now else actor
            self.told(self.act(lambda s: review.lease(s, item_id, actor)), actor)
        return actor, self.holds(item_id, actor)

    @rule(minutes=st.integers(1, 4))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(actor=ACTORS)
    def take_the_next(self, actor: str) -> None:
        self.told(self.act(lambda s: review.lease_next(s, actor, offices=None)), actor)

    @rule(actor=ACTORS, place=PLACES)
    def take_one(self, actor: str, place: int) -> None:
        item_id = self.item(place)
        if item_id is not None:
            self.told(self.act(lambda s: review.lease(s, item_id, actor)), actor)

    @rule(actor=ACTORS, place=PLACES, payee=TARGETS, split=st.booleans())
    def confirm(self, actor: str, place: int, payee: str | None, split: bool) -> None:
        item_id = self.item(place)
        if item_id is None:
            return
        total = self.read(lambda s: s.get_one(Payment, self.ids[place]).amount_cents)
        sizes = [total - 100, 100] if split else [total]
        kind = "account" if payee else "unidentified"
        parts = [AllocationInput(kind, payee, None, cents) for cents in sizes]
        actor, token = self.answering(item_id, actor)
        done = self.act(lambda s: review.confirm(s, item_id, actor, token, allocations=parts))
        if isinstance(done, Decision):
            assert self.leases.pop(item_id)[2] > self.now

    @rule(actor=ACTORS, place=PLACES, reason=st.sampled_from(["held", "duplicate", "misdirected"]))
    def set_aside(self, actor: str, place: int, reason: str) -> None:
        item_id = self.item(place)
        if item_id is None:
            return
        actor, token = self.answering(item_id, actor)
        done = self.act(lambda s: review.set_aside(s, item_id, actor, token, reason))
        if done is None:
            assert self.leases.pop(item_id)[2] > self.now

    @rule(actor=ACTORS, place=PLACES)
    def release(self, actor: str, place: int) -> None:
        item_id = self.item(place)
        if item_id is None:
            return
        token = self.holds(item_id, actor)
        if self.act(lambda s: review.release(s, item_id, actor, token)) is None:
            self.leases.pop(item_id)

    @rule(actor=ACTORS, place=PLACES)
    def undo(self, actor: str, place: int) -> None:
        self.take_back(actor, place, "undo")

    @rule(actor=ACTORS, place=PLACES, how=st.sampled_from(["reopen", "override_duplicate"]))
    def take_back(self, actor: str, place: int, how: str) -> None:
        deed = getattr(review, how)
        done = self.act(lambda s: deed(s, self.ids[place], actor))
        if isinstance(done, ReviewItem) and done.state == "open":
            self.leases.pop(done.id, None)

    @invariant()
    def parts_make_up_decided_payments_and_no_others(self) -> None:
        def look(session):  # type: ignore[no-untyped-def]
            sums = dict(
                session.execute(
                    select(Allocation.payment_id, func.sum(Allocation.amount_cents))
                    .where(Allocation.live)
                    .group_by(Allocation.payment_id)
                ).all()
            )
            return sums, list(session.scalars(select(Payment)))

        sums, payments = self.read(look)
        for payment in payments:
            decided = payment.match_state == "decided"
            assert sums.get(payment.id) == (payment.amount_cents if decided else None)

    @invariant()
    def the_journal_tells_the_same_as_the_payments(self) -> None:
        balances, payments = self.read(
            lambda s: (journal.balances(s), list(s.scalars(select(Payment))))
        )
        out = [p for p in payments if p.deposit_state == "not_deposited"]
        assert balances["on_hand"] == sum(p.amount_cents for p in payments if p not in out)
        assert balances.get("set_aside", 0) == -sum(p.amount_cents for p in out)
        assert sum(balances.values()) == 0

    @invariant()
    def memory_counts_what_people_confirmed_and_stands(self) -> None:
        def look(session):  # type: ignore[no-untyped-def]
            kept = session.execute(
                select(func.count(func.distinct(Allocation.payment_id + Allocation.account_id)))
                .join(Decision, Decision.id == Allocation.decision_id)
                .where(Allocation.live, Allocation.destination == "account",
                       Decision.outcome == "confirmed")
            )  # fmt: skip
            return kept.scalar(), session.scalar(select(func.sum(PayerMemory.confirmations))) or 0

        kept, counted = self.read(look)
        assert kept == counted


def test_any_walk_keeps_money_memory_and_leases_right(sqlite_url: str) -> None:
    crypto.install(crypto.Keyring.generate())
    database = Database(sqlite_url)
    with database.write() as session:
        add_group(session)
        run(session, [check(125_00, "1"), coupon("2100000011", "8100000015")],
            [check(30_00, "2", "Zelda Quist")],
            [check(70_00, "3", "Zelda Quist", signed=False)])  # fmt: skip
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    Desk.where = Path(sqlite_url.removeprefix("sqlite:///"))
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            phases=[Phase.generate],  # each step is a transaction: shrinking would take minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
