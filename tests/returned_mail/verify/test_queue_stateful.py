"""The queue under any mixture of questions, faults, deaths, time and people: nothing twice."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import func, select

from records import audit, clock
from records.errors import Conflict
from records.installation import open_installation
from records.models import AddressRequest, AddressSend, TaskAttempt
from returned_mail import verified
from returned_mail.address import standardise
from returned_mail.verify.sending import LEASE_SECONDS, MOST_ATTEMPTS, run_due
from tests.conftest import quick_settings
from tests.inputs import sample
from tests.returned_mail.verify.fake_services import FakeService, served
from tests.returned_mail.verify.world import NEW, hurried, make_world, set_up

_FAULTS = ("429", "429_bare", "500", "wrong_json", "wrong_shape", "closed_after", "redirect")
_PER_HOUR = 2


class _DiedError(Exception):
    """The worker's process is gone, whatever it was doing."""


class Queue(RuleBasedStateMachine):
    """One task, one verifier with a small quota, and everything that may happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        self.fake = FakeService()
        self.fake.know("7 BIRCH LN", "45373")
        for number in range(1, 5):
            self.fake.know(f"{number} OAK ST", "45373", "YDSN"[number - 1])
        url = self.stack.enter_context(served(self.fake))
        with clock.frozen(self.now):
            self.installation = open_installation(quick_settings(folder))
            self.db = self.installation.db
            self.world = make_world(self.db)
            set_up(self.db, "usps", url, per_hour=_PER_HOUR)
        self.asked: dict[str, str] = {}
        self.answers: dict[str, Any] = {}

    def teardown(self) -> None:
        self.installation.close()
        self.stack.close()

    @rule(numbers=st.sets(st.integers(0, 4), min_size=2))
    def ask(self, numbers: set[int]) -> None:
        for number in sorted(numbers):
            address = standardise(f"{number} Oak St", "Troy", "OH", "45373") if number else NEW
            with clock.frozen(self.now):
                request_id = self.world.ask("usps", address, of_candidate=number == 0)
            assert self.asked.setdefault(address.street, request_id) == request_id

    @rule(fault=st.sampled_from(_FAULTS), times=st.integers(1, MOST_ATTEMPTS))
    def trouble(self, fault: str, times: int) -> None:
        self.fake.faults = [fault] * times

    @rule()
    def work(self) -> None:
        with clock.frozen(self.now):
            run_due(self.db, opened=hurried)

    @rule(asked_first=st.booleans())
    def die_while_asking(self, *, asked_first: bool) -> None:
        def dies(db: Any, kind: str) -> Any:
            if asked_first:
                with hurried(db, kind) as adapter, db.read() as session:
                    row = session.scalars(
                        select(AddressRequest).where(AddressRequest.state == "sending").limit(1)
                    ).one()
                    adapter.ask(verified.Question.of(row.sealed))
            raise _DiedError

        with clock.frozen(self.now), suppress(_DiedError):
            run_due(self.db, opened=dies)

    @rule(minutes=st.sampled_from([1, 5, 61, 180]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def a_person_answers(self) -> None:
        for request_id in self.asked.values():
            with clock.frozen(self.now):
                try:
                    with self.db.write() as session:
                        verified.answer_by_person(session, request_id, "user:sam", "unknown")
                except Conflict:
                    continue
                return

    @invariant()
    def each_question_is_there_once_and_answered_once(self) -> None:
        with self.db.read() as session:
            rows = session.scalars(select(AddressRequest)).all()
            assert {row.id for row in rows} == set(self.asked.values())
            taken = [row for row in rows if row.taken_at is not None]
            assert taken == [row for row in rows if row.state == "answered"]
            notes = session.scalar(
                select(func.count()).select_from(TaskAttempt).where(TaskAttempt.kind == "lookup")
            )
            assert notes == len(taken)
            for row in taken:
                assert self.answers.setdefault(row.id, row.answer) == row.answer

    @invariant()
    def an_address_comes_into_force_at_most_once(self) -> None:
        assert self.world.streets() in (["12 ELM ST"], ["12 ELM ST", "7 BIRCH LN"])

    @invariant()
    def what_left_was_counted_and_within_the_quota(self) -> None:
        with self.db.read() as session:
            sent = sorted(session.scalars(select(AddressSend.created_at)))
            held = session.scalars(
                select(AddressRequest).where(AddressRequest.state == "sending")
            ).all()
        assert len(self.fake.looked_up) <= len(sent)
        for at in sent:
            within = [each for each in sent if at <= each < at + timedelta(hours=1)]
            assert len(within) <= _PER_HOUR
        assert all(row.lease_until is not None for row in held)

    def finish(self) -> None:
        """After all trouble, time alone brings every question to an answer or to words."""
        self.fake.faults = []
        for _ in range(12):
            self.now += timedelta(hours=2, seconds=LEASE_SECONDS)
            self.work()
        with self.db.read() as session:
            left = session.scalars(select(AddressRequest.state)).all()
            assert set(left) <= {"answered", "failed"}
            assert audit.verify(session).ok


class _Finished(Queue):
    def teardown(self) -> None:
        self.finish()
        self.each_question_is_there_once_and_answered_once()
        super().teardown()


TestQueue = _Finished.TestCase
# Each step speaks over sockets: to make a failing run shorter would take minutes, and tells little.
TestQueue.settings = settings(
    max_examples=sample(6, torture=12),
    stateful_step_count=15,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),
)
