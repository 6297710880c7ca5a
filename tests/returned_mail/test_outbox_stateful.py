"""Any order of changes, faults and time: the PMS ends with the newest address, told once each."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from records.db import Database
from records.errors import Conflict
from records.models import Account
from returned_mail import outbox_files
from tests.conftest import quick_settings
from tests.databases import open_empty
from tests.deposits.pms.fake_open_dental import FAULTS, Fault
from tests.inputs import sample
from tests.returned_mail.outbox_practice import BILL, Practice, practice

_ONE = st.sampled_from(FAULTS)
_GOOD: Fault = ""
# A change takes two or three requests: a fault at one of them, and perhaps another soon after.
_faults = st.builds(
    lambda good, fault, then: [*[_GOOD] * good, fault, *then],
    st.integers(0, 3), _ONE, st.lists(_ONE, max_size=2),
)  # fmt: skip


class ChangesMachine(RuleBasedStateMachine):
    """One account whose address moves, is flagged and is told."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = ExitStack()
        folder = self.ends.enter_context(TemporaryDirectory())
        self.db = _empty(Path(folder), self.ends)
        self.here: Practice = self.ends.enter_context(practice(self.db))
        self.house = 100

    @rule()
    def moves(self) -> None:
        self.house += 1
        self.here.move_to(f"{self.house} BIRCH LN")

    @rule(bad=st.booleans())
    def flagged(self, bad: bool) -> None:
        self.here.flag(bad=bad)

    @rule(bad=st.booleans(), faults=_faults)
    def flagged_and_sent(self, bad: bool, faults: list[Fault]) -> None:
        self.here.flag(bad=bad)
        self.here.send(*faults)

    @rule(faults=_faults, minutes=st.sampled_from((0, 1, 6)))
    def sends(self, faults: list[Fault], minutes: int) -> None:
        self.here.send(*faults, minutes=minutes)

    @rule()
    def the_pms_gives_an_address_of_its_own(self) -> None:
        """Somebody at the practice entered one, and it came with an import of accounts."""
        self.house += 1
        street = f"{self.house} BIRCH LN"
        self.here.fake.settle()  # what comes in at the very same moment nobody can put in order
        self.here.fake.patients[self.here.patient].update(
            Address=street, City="TROY", State="OH", Zip="45373"
        )
        self.here.move_to(street, "import")

    @rule()
    def requeues(self) -> None:
        for row in self.here.rows():
            if row.state == "refused":
                with suppress(Conflict), self.db.write() as session:
                    outbox_files.requeue(session, row.ref, BILL)

    @invariant()
    def no_note_is_there_twice(self) -> None:
        assert all(self.here.notes(row.ref) <= 1 for row in self.here.rows())

    @invariant()
    def addresses_only_go_forward(self) -> None:
        houses = [int(body["Address"].split()[0]) for _, body in self.here.fake.moves]
        assert houses == sorted(houses)

    def teardown(self) -> None:
        try:
            for _ in range(4):
                self.here.send(minutes=6)
            self.no_note_is_there_twice()
            self.addresses_only_go_forward()
            assert set(self.here.states()) <= {"acknowledged", "withdrawn"}
            with self.db.read() as session:
                address = session.get_one(Account, self.here.account_id).address
            if self.house > 100 and address is not None:
                assert self.here.fake.patients[self.here.patient]["Address"] == address.street
        finally:
            self.ends.close()


def _empty(folder: Path, ends: ExitStack) -> Database:
    installation = open_empty(quick_settings(folder))
    ends.callback(installation.close)
    return installation.db


TestChanges = ChangesMachine.TestCase
TestChanges.settings = settings(
    max_examples=sample(8, torture=20), stateful_step_count=12, deadline=None
)
