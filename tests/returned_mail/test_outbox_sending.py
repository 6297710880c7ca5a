"""Account changes sent to a fake Open Dental: made once, whatever is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deposits import posting_connections
from matching import address_versions
from records import audit, clock
from records.db import Database
from records.errors import Conflict
from records.models import User
from returned_mail import outbox_files
from returned_mail.outbox_lines import ChangeAnswer, ChangeLine
from returned_mail.outbox_sending import Run, Tally, sender
from tests.deposits.pms.fake_open_dental import FAULTS, Fault
from tests.returned_mail.outbox_practice import BILL, Practice, practice

_GOOD: list[Fault] = ["", ""]


@pytest.fixture
def here(db: Database) -> Iterator[Practice]:
    with practice(db) as made:
        yield made


def test_a_new_address_is_put_on_the_patient_and_a_flag_into_the_commlog(here: Practice) -> None:
    here.flag()
    assert here.send() == Tally(acknowledged=1)
    here.move_to("7 BIRCH LN")
    assert here.send() == Tally(acknowledged=1)
    held = here.fake.patients[here.patient]
    assert (held["Address"], held["City"], held["Zip"]) == ("7 BIRCH LN", "TROY", "45373")
    flag, move = here.rows()
    assert here.notes(flag.ref) == 1
    assert (flag.state, move.state, move.pms_reference) == (
        "acknowledged", "acknowledged", f"patient {here.patient}",
    )  # fmt: skip
    with here.db.read() as session:
        assert audit.verify(session).ok


def test_an_address_that_the_practice_has_already_is_not_written_again(here: Practice) -> None:
    here.move_to("7 BIRCH LN")
    here.fake.patients[here.patient].update(Address="7 Birch Lane", City="Troy", Zip="45373")
    assert here.send() == Tally(acknowledged=1)
    assert here.fake.moves == []


def test_what_the_practice_entered_itself_is_never_overwritten(here: Practice) -> None:
    here.move_to("7 BIRCH LN")
    here.fake.patients[here.patient].update(Address="900 Front Desk Ave")
    assert here.send() == Tally(refused=1)
    assert here.fake.moves == []
    (row,) = here.rows()
    assert "compare" in row.error
    with here.db.write() as session:  # compared: the old one there was a slip
        outbox_files.requeue(session, row.ref, BILL)
    here.fake.patients[here.patient].update(Address="12 ELM ST")
    assert here.send() == Tally(acknowledged=1)


def test_a_patient_of_another_name_is_left_alone(here: Practice) -> None:
    here.fake.patients[here.patient]["LName"] = "Novak"
    here.move_to("7 BIRCH LN")
    assert here.send() == Tally(refused=1)
    assert here.fake.moves == []


def test_a_confidential_address_is_entered_by_a_person_alone(here: Practice) -> None:
    here.move_to("7 BIRCH LN")
    with here.db.write() as session:
        session.add(User(username="bea", display_name="Bea", role="billing", password_hash="x",
                         active=True))  # fmt: skip
        session.flush()
        address_versions.set_confidential(session, here.account_id, "user:bea", "in writing")
    assert here.send() == Tally(refused=1)
    assert here.fake.seen == []
    with here.db.write() as session:
        outbox_files.entered_by_hand(session, here.rows()[0].ref, BILL)
    assert here.states() == ["acknowledged"]


def test_nothing_is_sent_where_the_connection_is_off(here: Practice) -> None:
    here.move_to("7 BIRCH LN")
    with here.db.write() as session:
        posting_connections.switch_off(session, here.office_id, "user:root")
    with pytest.raises(Conflict):
        here.send()
    assert here.fake.seen == []


@pytest.mark.parametrize("fault", [*FAULTS[1:], "timeout_after"])
@pytest.mark.parametrize("at", [1, 2])
def test_an_address_is_there_once_whatever_happens_to_a_request(
    here: Practice, fault: Fault, at: int
) -> None:
    here.move_to("7 BIRCH LN")
    here.send(*_GOOD[: at - 1], fault)
    for _ in range(3):
        here.send(minutes=6)
    assert here.states() == ["acknowledged"]
    assert here.fake.patients[here.patient]["Address"] == "7 BIRCH LN"
    assert len(here.fake.moves) == 1


@pytest.mark.parametrize("fault", [*FAULTS[1:], "timeout_after"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_note_is_there_once_whatever_happens_to_a_request(
    here: Practice, fault: Fault, at: int
) -> None:
    here.flag()
    here.send(*_GOOD[: at - 1], fault)
    for _ in range(3):
        here.send(minutes=6)
    (row,) = here.rows()
    assert (row.state, here.notes(row.ref)) == ("acknowledged", 1)


def test_what_may_still_be_on_its_way_is_not_looked_up_yet(here: Practice) -> None:
    here.flag()
    assert here.send("", "", "late") == Tally(sent=1)
    assert here.send(minutes=1) == Tally()
    assert here.states() == ["sent"]


class _Killed(BaseException):
    """The plug is pulled."""


class _Dies:
    """A sender that sends, and never comes back to say so."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def send(self, line: ChangeLine) -> ChangeAnswer:
        self._inner.send(line)  # type: ignore[attr-defined]
        raise _Killed

    def look_up(self, line: ChangeLine) -> ChangeAnswer:
        raise NotImplementedError


def test_a_kill_between_sending_and_storing_doubles_nothing(here: Practice) -> None:
    here.flag()
    opened = sender(here.db, here.office_id, here.open)
    with clock.frozen(here.at), opened as (spoken, requests), pytest.raises(_Killed):
        Run(here.db, here.office_id, _Dies(spoken), requests, BILL).send()
    assert here.states() == ["sent"]
    assert here.send(minutes=6) == Tally(acknowledged=1)
    assert here.notes(here.rows()[0].ref) == 1


def test_behind_an_unknown_change_nothing_of_that_account_is_sent(here: Practice) -> None:
    here.flag()
    here.send("", "", "late")
    here.flag(bad=False)
    assert here.send(minutes=1) == Tally()
    assert here.states() == ["sent", "queued"]
    assert here.send(minutes=6) == Tally(acknowledged=2)
    assert ["comes back" in row["Note"] for row in here.fake.commlogs] == [True, False]
