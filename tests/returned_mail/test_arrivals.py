"""A returned piece finds its task: copies, further pieces, late ones, and failed remails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from records import clock
from records.db import Database
from records.errors import Conflict, NotFound
from records.models import (
    Account,
    AccountChange,
    AddressTask,
    AddressVersion,
    Office,
    Remail,
    ReturnedPiece,
    StatementHold,
    TaskAccount,
)
from returned_mail import (
    arrivals,
    coming_due,
    guarded,
    holds,
    household,
    plays,
    remails,
    tasks,
    tying,
)
from tests.world import add_account, add_document, add_office

MONDAY = datetime(2026, 6, 1, 15, tzinfo=UTC)
ELM = "12 ELM ST, DAYTON OH 45419"
BIRCH = ("7 BIRCH LN", "DAYTON", "OH", "45419")


@pytest.fixture
def session(db: Database) -> Any:
    with clock.frozen(MONDAY), db.write() as opened:
        add_office(opened)
        yield opened


def office(session: Session) -> Office:
    return session.scalars(select(Office)).one()


def come(session: Session, account: Account | None, reason: str = "vacant", **more: Any) -> (
    ReturnedPiece
):  # fmt: skip
    document = add_document(session, office(session), "returned_mail", {"reason": reason})
    arrival = arrivals.Arrival(
        reason=reason, account_id=account.id if account else None, **{"address": ELM, **more}
    )
    return arrivals.take(session, document.id, arrival)


def task_of(session: Session, piece: ReturnedPiece) -> AddressTask:
    return session.get_one(AddressTask, piece.task_id)


def test_another_statement_joins_and_the_day_it_is_due_stays(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    first = come(session, account)
    due = task_of(session, first).due_on
    assert due == date(2026, 6, 3)
    with clock.frozen(MONDAY + timedelta(days=1)):
        second = come(session, account, "no_such_number")
    task = task_of(session, second)
    assert (second.outcome, task.id, task.pieces) == ("joined", first.task_id, 2)
    assert (task.due_on, task.reason) == (due, "vacant")


@pytest.mark.parametrize(
    ("first", "again", "outcome"),
    [
        ({"label_key": "label:1"}, {"label_key": "label:1"}, "copy"),
        ({"imb_key": "imb:9:1"}, {"imb_key": "imb:9:1"}, "copy"),
        ({"imb_key": "imb:9:1", "label_key": "label:1"}, {"imb_key": "imb:9:1"}, "copy"),
        (
            {"imb_key": "imb:9:1", "label_key": "label:1"},
            {"imb_key": "imb:9:1", "label_key": "label:2"},
            "joined",
        ),
        (
            {"imb_key": "imb:9:1", "label_key": "label:1"},
            {"imb_key": "imb:9:2", "label_key": "label:1"},
            "joined",
        ),
    ],
)
def test_the_same_envelope_is_told_from_another(
    session: Session, first: dict[str, str], again: dict[str, str], outcome: str
) -> None:
    account = add_account(session, office(session), "1000000017")
    come(session, account, **first)
    piece = come(session, account, **again)
    assert piece.outcome == outcome
    assert task_of(session, piece).pieces == (1 if outcome == "copy" else 2)


def test_a_serial_given_again_after_its_days_is_another_envelope(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    come(session, account, imb_key="imb:9:1")
    with clock.frozen(MONDAY + timedelta(days=60)):
        assert come(session, account, imb_key="imb:9:1").outcome == "joined"


def test_mail_to_an_older_address_is_history_and_leaves_the_present_one_alone(
    session: Session,
) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    new = tasks.resolve(session, task.id, "user:sam", *BIRCH)
    late = come(session, account)
    assert late.outcome == "history"
    assert late.task_id == task.id
    assert new.bad_since is None
    assert task.state == "resolved"
    assert holds.held(session, None) == []


def test_mail_back_from_the_new_address_reopens_higher_and_marks_it(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, imb_key="imb:9:1"))
    new = tasks.resolve(session, task.id, "user:sam", *BIRCH)
    (waiting,) = remails.waiting(session, None)
    assert (waiting.why, waiting.due_on) == ("new_address", date(2026, 6, 2))
    remails.mark_mailed(session, [waiting.ref], "user:bill")
    with clock.frozen(MONDAY + timedelta(days=9)):
        back = come(session, account, "no_such_number", address="7 BIRCH LN, DAYTON OH 45419")
    assert (back.outcome, back.task_id) == ("reopened", task.id)
    assert (task.state, task.priority, task.reason) == ("open", 1, "no_such_number")
    assert (task.address_version_id, new.bad_since is not None) == (new.id, True)
    assert [each.account_number for each in holds.held(session, None)] == [account.number]
    fresh = task_of(session, come(session, add_account(session, office(session), "1000000025")))
    assert [each.id for each in tasks.list_tasks(session, offices=None)] == [task.id, fresh.id]


def test_a_remail_is_mailed_once(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    tasks.resolve(session, task_of(session, come(session, account)).id, "user:sam", *BIRCH)
    (row,) = remails.waiting(session, None)
    assert "7 BIRCH LN" in remails.to_csv([row])
    assert remails.mark_mailed(session, [row.ref], "user:bill") == 1
    with pytest.raises(Conflict) as refused:
        remails.mark_mailed(session, [row.ref], "user:ada")
    assert refused.value.code == "already_mailed"
    assert remails.waiting(session, None) == []
    assert session.get_one(Remail, row.id).mailed_by == "user:bill"


def test_an_account_that_owes_nothing_is_not_mailed_again(session: Session) -> None:
    account = add_account(session, office(session), "1000000017", balance_cents=0)
    tasks.resolve(session, task_of(session, come(session, account)).id, "user:sam", *BIRCH)
    assert remails.waiting(session, None) == []


def test_away_for_a_time_waits_mails_once_and_then_asks_people(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, "temp_away"))
    assert account.address is not None
    assert account.address.bad_since is None
    tasks.start(session, task.id, "user:sam")
    assert (task.step, task.due_on) == ("wait", date(2026, 7, 1))
    assert coming_due.due(session) == []
    with clock.frozen(MONDAY + timedelta(days=30)):
        assert coming_due.due(session) == [task.id]
        assert coming_due.take(session, task.id) == "waited"
        (row,) = remails.waiting(session, None)
        assert (row.why, task.state) == ("wait_over", "resolved")
        remails.mark_mailed(session, [row.ref], "user:bill")
    with clock.frozen(MONDAY + timedelta(days=40)):
        again = come(session, account, "temp_away")
        assert (again.outcome, task.priority) == ("reopened", 1)
        tasks.start(session, task.id, "user:sam")
        assert task.step == "contact"


def test_contacts_come_due_then_a_supervisor_is_told_once(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    steps = [(task.step, task.due_on)]
    for _ in range(3):
        tasks.attempt(session, task.id, "user:sam", "call", "no_answer")
        steps.append((task.step, task.due_on))
    assert steps == [
        ("triage", date(2026, 6, 3)),
        ("contact", date(2026, 6, 8)),  # day 5 is a Saturday
        ("contact", date(2026, 6, 11)),
        ("supervisor", date(2026, 7, 1)),
    ]
    with pytest.raises(Exception, match="over"):
        tasks.attempt(session, task.id, "user:sam", "call", "reached", "", date(2026, 5, 1))
    tasks.attempt(session, task.id, "user:sam", "call", "reached", "rings back", date(2026, 6, 20))
    assert (task.step, task.due_on) == ("answer", date(2026, 6, 20))
    with clock.frozen(MONDAY + timedelta(days=30)):
        for expected in ("escalated", ""):
            assert coming_due.take(session, task.id) == expected
        assert coming_due.due(session) == []
        assert tasks.list_tasks(session, offices=None, supervisor=True) == [task]


def test_the_fourth_of_july_is_no_business_day(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    with clock.frozen(datetime(2025, 7, 3, 15, tzinfo=UTC)):
        task = task_of(session, come(session, account))
    assert task.due_on == date(2025, 7, 8)  # Friday the 4th and the weekend lie between


def test_a_fault_of_the_address_reaches_the_household_and_one_of_the_person_does_not(
    session: Session,
) -> None:
    one = add_account(session, office(session), "1000000017")
    two = add_account(session, office(session), "1000000025", "Luis Alvarez", street="12 Elm St.")
    add_account(session, office(session), "1000000033", "Ann Lee", street="14 ELM ST")
    task = task_of(session, come(session, one, "vacant"))
    assert household.at_address(session, task) == []
    tasks.change_reason(session, task.id, "user:sam", "no_such_number")
    (found,) = household.at_address(session, task)
    assert (found.account.id, found.state) == (two.id, "free")
    with pytest.raises(NotFound):
        household.add(session, task.id, ["1000000033"], "user:sam")
    household.add(session, task.id, None, "user:sam")
    assert two.address is not None
    assert two.address.bad_since is not None
    assert {each.account_number for each in holds.held(session, None)} == {one.number, two.number}
    assert come(session, two, "no_such_number").task_id == task.id
    tasks.resolve(session, task.id, "user:sam", *BIRCH)
    session.expire_all()
    assert two.address.street == "7 BIRCH LN"
    assert holds.held(session, None) == []
    assert len(remails.waiting(session, None)) == 2


def test_two_tasks_that_turn_out_to_be_one_accounts_become_one(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    first = task_of(session, come(session, account))
    second = task_of(session, come(session, None))
    assert second.id != first.id
    kept = tasks.assign_account(session, second.id, "user:sam", account.number)
    assert (kept.id, kept.pieces, second.state) == (first.id, 2, "closed_unresolved")
    live = session.scalars(select(TaskAccount).where(TaskAccount.live)).all()
    assert [each.task_id for each in live] == [first.id]


def test_a_death_stops_mail_and_calls_and_needs_two_supervisors(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, "deceased"))
    assert task.queue == "deceased"
    for stopped in (
        lambda: tasks.attempt(session, task.id, "user:sam", "call", "reached"),
        lambda: tasks.resolve(session, task.id, "user:sam", *BIRCH),
        lambda: tasks.close_unresolved(session, task.id, "user:sam", "done"),
        lambda: tasks.change_reason(session, task.id, "user:sam", "vacant"),
        lambda: guarded.confirm(session, task.id, "user:bill"),
    ):
        with pytest.raises(Conflict):
            stopped()
    guarded.propose(session, task.id, "deceased", "obituary", "in the Herald", "user:bill")
    with pytest.raises(Conflict):
        guarded.confirm(session, task.id, "user:bill")
    assert not guarded.confirmed_death(session, task)
    assert session.scalars(select(AccountChange)).all() == []
    assert session.scalars(select(AddressVersion.bad_since)).all() == [None]
    guarded.confirm(session, task.id, "user:ada")
    told = session.scalars(select(AccountChange.kind).order_by(AccountChange.kind)).all()
    assert told == ["account_note", "bad_address_set"]
    assert guarded.confirmed_death(session, task)
    assert task.state == "closed_unresolved"
    assert [each.reason for each in holds.held(session, None)] == ["deceased"]
    assert holds.held(session, None)[0].to_json()["reason"] == "guarded"
    assert task_of(session, come(session, account, "vacant")).queue == "deceased"


def test_a_death_that_is_refuted_gives_the_task_back(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, "deceased"))
    guarded.propose(session, task.id, "deceased", "other", "hearsay", "user:bill")
    guarded.refuse(session, task.id, "spoke to her", "user:ada")
    guarded.propose(session, task.id, "not deceased", "family", "spoke to her", "user:bill")
    guarded.confirm(session, task.id, "user:ada")
    assert (task.queue, task.reason, task.state) == ("", "unknown", "open")
    assert session.scalars(select(AccountChange)).all() == []
    assert not tying.stopped(session, account.id)
    tasks.attempt(session, task.id, "user:sam", "call", "reached")


def test_an_opened_envelope_goes_to_the_privacy_queue_and_comes_back_to_work(
    session: Session,
) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, "sender_handwritten", opened=True))
    assert task.queue == "opened"
    guarded.propose(session, task.id, "no breach", "envelope", "still sealed inside", "user:bill")
    assert (task.queue, task.reason) == ("", "sender_handwritten")


def test_refused_and_unclaimed_raise_no_flag_and_the_same_address_may_be_tried(
    session: Session,
) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account, "unclaimed"))
    assert session.scalars(select(AddressVersion.bad_since)).all() == [None]
    assert session.scalars(select(StatementHold)).all() == []
    tasks.mail_again(session, task.id, "user:sam")
    assert [each.why for each in remails.waiting(session, None)] == ["same_address"]


def test_a_task_keeps_the_play_it_was_opened_with(session: Session) -> None:
    here = office(session)
    account = add_account(session, here, "1000000017")
    old = task_of(session, come(session, account))
    plays.change(session, None, "vacant", {"hold_days": 7, "action": "Ring first"}, "user:ada")
    plays.change(session, here.id, "vacant", {"hold_days": 0}, "user:ada")
    new = task_of(session, come(session, add_account(session, here, "1000000025")))
    assert plays.of_task(old).hold_days is None
    assert (plays.of_task(new).hold_days, new.play_version) == (0, 2)
    assert plays.in_force(session, None, "vacant").play.action == "Ring first"
    plays.reset(session, here.id, "vacant", "user:ada")
    assert plays.in_force(session, here.id, "vacant").source == "group"
    plays.reset(session, None, "vacant", "user:ada")
    assert plays.in_force(session, here.id, "vacant").version == 0
    with pytest.raises(Exception, match="wait until a supervisor"):
        plays.change(session, None, "deceased", {"hold_days": 5}, "user:ada")
