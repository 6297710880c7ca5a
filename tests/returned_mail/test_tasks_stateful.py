"""Whatever happens to returned mail in whatever order, its rules hold."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matching import address_versions
from records import clock
from records.errors import LockboxError
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    ConfidentialAddress,
    Office,
    Remail,
    StatementHold,
    TaskAccount,
    User,
)
from records.settings import Settings
from returned_mail import arrivals, coming_due, guarded, household, plays, remails, tasks
from returned_mail.reasons import PLAYS
from returned_mail.task_lists import UNFINISHED
from tests.databases import open_empty
from tests.inputs import sample
from tests.world import add_account, add_document, add_office

STREETS = ("12 ELM ST", "7 BIRCH LN", "900 OAK AVE", "31 PINE CT")
REASONS = sorted(set(PLAYS) - {"address_change"})
NUMBERS = ("1000000017", "1000000025", "1000000033")
PICK = st.integers(0, 50)


class ReturnedMail(RuleBasedStateMachine):
    """Pieces come back, people and days work on the tasks, addresses become confidential."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.held = open_empty(Settings(data_dir=Path(self.folder.name)))
        self.now = datetime(2026, 6, 1, 15, tzinfo=UTC)
        self.mailed: dict[str, str] = {}
        self.confidential: dict[str, str] = {}
        self.labels = 0

    @initialize()
    def world(self) -> None:
        with self.held.db.write() as session:
            office = add_office(session)
            for number in NUMBERS:
                add_account(session, office, number)
            session.add(
                User(username="ada", display_name="Ada", role="admin", password_hash="x",
                     all_offices=True)
            )  # fmt: skip

    def teardown(self) -> None:
        self.held.close()
        self.folder.cleanup()

    @contextlib.contextmanager
    def step(self) -> Any:
        """One transaction at the present time; what is refused changes nothing."""
        with (
            clock.frozen(self.now),
            contextlib.suppress(LockboxError),
            self.held.db.write() as session,
        ):
            yield session

    def a_task(self, session: Session, pick: int) -> AddressTask:
        every = session.scalars(select(AddressTask).order_by(AddressTask.id)).all()
        return every[pick % len(every)]

    def an_account(self, session: Session, pick: int) -> Account:
        number = NUMBERS[pick % len(NUMBERS)]
        return session.scalars(select(Account).where(Account.number == number)).one()

    @rule(reason=st.sampled_from(REASONS), who=PICK, street=st.sampled_from(STREETS),
          known=st.booleans(), label=st.integers(0, 3), opened=st.booleans())  # fmt: skip
    def piece(
        self, reason: str, who: int, street: str, known: bool, label: int, opened: bool
    ) -> None:
        with self.step() as session:
            office = session.scalars(select(Office)).one()
            document = add_document(session, office, "returned_mail", {"reason": reason})
            account = self.an_account(session, who)
            arrivals.take(
                session,
                document.id,
                arrivals.Arrival(
                    reason=reason,
                    account_id=account.id if known else None,
                    address=f"{street}, DAYTON OH 45419",
                    label_key=f"label:{label}" if label else None,
                    opened=opened and label == 0,
                ),
            )

    @precondition(lambda self: self.any_task())
    @rule(pick=PICK, who=PICK, what=st.sampled_from(
        ("start", "call", "assign", "reason", "close", "reopen", "again", "household", "guard")
    ), reason=st.sampled_from(REASONS))  # fmt: skip
    def work(self, pick: int, who: int, what: str, reason: str) -> None:
        with self.step() as session:
            task, user = self.a_task(session, pick), "user:sam"
            if what == "start":
                tasks.start(session, task.id, user)
            elif what == "call":
                tasks.attempt(session, task.id, user, "call", "no_answer")
            elif what == "assign":
                tasks.assign_account(session, task.id, user, self.an_account(session, who).number)
            elif what == "reason":
                tasks.change_reason(session, task.id, user, reason)
            elif what == "close":
                tasks.close_unresolved(session, task.id, user, "no address found")
            elif what == "reopen":
                tasks.reopen(session, task.id, user)
            elif what == "again":
                tasks.mail_again(session, task.id, user)
            elif what == "household":
                household.add(session, task.id, None, user)
            else:
                guarded.enter(session, task.id, ("deceased", "opened", "dispute")[who % 3], user,
                              "said so")  # fmt: skip

    @precondition(lambda self: self.any_task())
    @rule(pick=PICK, street=st.sampled_from(STREETS))
    def resolve(self, pick: int, street: str) -> None:
        with self.step() as session:
            task = self.a_task(session, pick)
            tasks.resolve(session, task.id, "user:sam", street, "Dayton", "OH", "45419")

    @precondition(lambda self: self.any_task())
    @rule(pick=PICK, which=PICK, sure=st.booleans())
    def review(self, pick: int, which: int, sure: bool) -> None:
        with self.step() as session:
            task = self.a_task(session, pick)
            if not task.queue:
                return
            outcomes = guarded.OUTCOMES[task.queue]
            outcome = outcomes[which % len(outcomes)]
            guarded.propose(session, task.id, outcome, "family", "heard", "user:bill")
            if sure and guarded.proposed(session, task) is not None:
                guarded.confirm(session, task.id, "user:ada")

    @rule(who=PICK, wish=st.booleans())
    def ask_for_confidence(self, who: int, wish: bool) -> None:
        with self.step() as session:
            account = self.an_account(session, who)
            if wish:
                row = address_versions.set_confidential(session, account.id, "user:ada", "asked")
                self.confidential[account.id] = row.address_version_id
            else:
                address_versions.lift_confidential(session, account.id, "user:ada", "ended")
                self.confidential.pop(account.id, None)

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.step() as session:
            for task_id in coming_due.due(session):
                coming_due.take(session, task_id)
            coming_due.end_holds(session)

    @rule()
    def the_printer_mails(self) -> None:
        with self.step() as session:
            waiting = [row.ref for row in remails.waiting(session, None)]
            if waiting:
                remails.mark_mailed(session, waiting, "user:bill")
                for ref in waiting:
                    assert ref not in self.mailed, "a statement was mailed again twice"
                    self.mailed[ref] = self.now.isoformat()

    def any_task(self) -> bool:
        with self.held.db.read() as session:
            return session.scalar(select(func.count()).select_from(AddressTask)) > 0

    @invariant()
    def one_unfinished_task_for_an_account_and_address(self) -> None:
        with self.held.db.read() as session:
            live = session.execute(
                select(TaskAccount.account_id, TaskAccount.address_version_id, AddressTask.state)
                .join(AddressTask)
                .where(TaskAccount.live)
            ).all()
        assert len({row[:2] for row in live}) == len(live)
        assert {row[2] for row in live} <= set(UNFINISHED)
        with self.held.db.read() as session:
            for task in session.scalars(
                select(AddressTask).where(
                    AddressTask.state.in_(UNFINISHED), AddressTask.account_id.is_not(None)
                )
            ):
                mine = [each for each in task.accounts if each.live and not each.household]
                assert [each.account_id for each in mine] == [task.account_id], task.ref

    @invariant()
    def a_hold_exists_exactly_while_a_play_says_so(self) -> None:
        today = self.now.date()
        with self.held.db.read() as session:
            holds = session.scalars(
                select(StatementHold).where(StatementHold.released_at.is_(None))
            ).all()
            in_force = [each for each in holds if each.until is None or each.until > today]
            found = {(each.task_id, each.account_id) for each in in_force}
            assert len(found) == len(in_force), "held twice"
            expected = set()
            for task in session.scalars(select(AddressTask)):
                if task.state in UNFINISHED and plays.of_task(task).hold_days is None:
                    expected |= {(task.id, each.account_id) for each in task.accounts if each.live}
                elif task.state not in UNFINISHED and not task.queue:
                    assert not any(task_id == task.id for task_id, _ in found), task.resolution
                elif plays.of_task(task).hold_days == 0 and not task.queue:
                    assert not any(task_id == task.id for task_id, _ in found), task.reason
        assert expected <= found

    @invariant()
    def a_confidential_address_is_never_another(self) -> None:
        with self.held.db.read() as session:
            rows = dict(
                session.execute(
                    select(ConfidentialAddress.account_id, ConfidentialAddress.address_version_id)
                    .where(ConfidentialAddress.ended_at.is_(None))
                ).all()
            )  # fmt: skip
            for account_id, version_id in self.confidential.items():
                account = session.get_one(Account, account_id)
                assert account.address is not None
                assert account.address.id == version_id
        assert rows == self.confidential

    @invariant()
    def nothing_is_mailed_to_the_dead_or_under_review(self) -> None:
        with self.held.db.read() as session:
            waiting = session.scalars(
                select(Remail).where(Remail.mailed_at.is_(None), Remail.cancelled_at.is_(None))
            ).all()
            assert len({row.account_id for row in waiting}) == len(waiting)
            dead = session.scalars(
                select(TaskAccount.account_id)
                .join(AddressTask)
                .where(AddressTask.queue == "deceased")
            ).all()
        assert not {row.account_id for row in waiting} & set(dead)

    @invariant()
    def only_a_fault_raises_the_flag(self) -> None:
        with self.held.db.read() as session:
            flagged = session.scalars(
                select(AddressVersion.id).where(AddressVersion.bad_since.is_not(None))
            ).all()
            worked = set(session.scalars(select(TaskAccount.address_version_id)).all())
        assert set(flagged) <= worked


ReturnedMail.TestCase.settings = settings(
    max_examples=sample(10, torture=25),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestReturnedMail = ReturnedMail.TestCase
