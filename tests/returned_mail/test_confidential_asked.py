"""A patient asks for mail at one address alone: what the PMS is told, what becomes of tasks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_candidates, address_versions
from matching.address_versions import NewAddress
from records import clock
from records.db import Database
from records.errors import Conflict, Forbidden
from records.models import Account, AccountChange, AddressCandidate, Remail, StatementHold, User
from returned_mail import confidential, guarded, holds, household, remails, tasks, tying
from returned_mail.address import Address, standardise
from tests.returned_mail.test_arrivals import BIRCH, MONDAY, come, office, task_of
from tests.world import add_account, add_office

SHELTER = standardise("C/O Hope House, 99 Hill Rd", "Troy", "OH", "45373")


@pytest.fixture
def session(db: Database) -> Any:
    with clock.frozen(MONDAY), db.write() as opened:
        add_office(opened)
        for name, role in (("bea", "billing"), ("sofia", "specialist")):
            opened.add(User(username=name, display_name=name, role=role, password_hash="none",
                            all_offices=True))  # fmt: skip
        opened.flush()
        yield opened


def ask(session: Session, account: Account, new: Address | None = None, by: str = "bea") -> None:
    confidential.ask(session, account.id, f"user:{by}", "asked in writing", new)


def queued(session: Session, account: Account) -> list[str]:
    query = select(AccountChange).where(AccountChange.account_id == account.id)
    rows = session.scalars(query.order_by(AccountChange.created_at, AccountChange.id)).all()
    return [row.kind for row in rows if row.state == "queued"]


def street(session: Session, account: Account) -> str:
    session.expire(account, ["addresses"])
    return account.address.street if account.address else ""


def held(session: Session, account: Account) -> bool:
    live = select(StatementHold).where(
        StatementHold.account_id == account.id, StatementHold.released_at.is_(None)
    )
    return session.scalar(live) is not None


def test_the_pms_is_told_of_a_new_address_and_marked_as_confidential(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    ask(session, account, SHELTER)
    assert street(session, account) == "99 HILL RD"
    assert queued(session, account) == ["address_change"]


def test_of_the_address_on_file_the_pms_gets_a_note_and_another_when_it_ends(
    session: Session,
) -> None:
    account = add_account(session, office(session), "1000000017")
    ask(session, account)
    confidential.lift(session, account.id, "user:bea", "withdrawn by letter")
    notes = session.scalars(select(AccountChange.sealed).order_by(AccountChange.queued_at)).all()
    assert {each["note"] for each in notes} == {confidential.SET_NOTE, confidential.LIFTED_NOTE}
    assert address_versions.confidential(session, account.id) is None


def test_a_specialist_may_not_and_nothing_is_queued(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    with pytest.raises(Forbidden):
        ask(session, account, SHELTER, by="sofia")
    assert queued(session, account) == []


def test_the_address_on_file_is_not_entered_as_a_new_one(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    with pytest.raises(Conflict) as refused:
        ask(session, account, standardise("12 Elm St", "Dayton", "OH", "45419"))
    assert refused.value.code == "same_address"


def test_it_ends_the_task_that_worked_on_the_old_address(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    ask(session, account, SHELTER)
    assert (task.state, task.resolution) == ("resolved", "new_address")
    assert not held(session, account)
    (waiting,) = remails.waiting(session, None)
    assert waiting.address_version.street == "99 HILL RD"
    assert sorted(queued(session, account)) == ["account_note", "address_change"]


def test_a_reviewed_task_stays_with_supervisors_and_nothing_is_mailed(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    guarded.enter(session, task.id, "dispute", "user:sofia", "two claim it")
    ask(session, account, SHELTER)
    assert (task.state, task.queue) == ("open", "dispute")
    assert remails.waiting(session, None) == []


def family(session: Session) -> tuple[Account, Account, Account, str]:
    """Three at one address that cannot work, on one task; the first is the task's own."""
    rosa, peter, ines = (
        add_account(session, office(session), f"100000001{n}", name)
        for n, name in enumerate(("Rosa Alvarez", "Peter Novak", "Ines Alvarez"))
    )
    task = task_of(session, come(session, rosa, "no_such_number"))
    household.add(session, task.id, None, "user:sofia")
    return rosa, peter, ines, task.id


def test_the_household_never_gets_one_members_confidential_address(session: Session) -> None:
    rosa, peter, ines, task_id = family(session)
    ask(session, rosa, SHELTER)
    task = tasks.locked(session, task_id)
    assert street(session, peter) == street(session, ines) == "12 ELM ST"
    assert (task.state, task.account_id) == ("in_progress", peter.id)
    assert [held(session, each) for each in (rosa, peter, ines)] == [False, True, True]
    tasks.resolve(session, task_id, "user:sofia", *BIRCH)
    assert [street(session, each) for each in (rosa, peter, ines)] == [
        "99 HILL RD", "7 BIRCH LN", "7 BIRCH LN",
    ]  # fmt: skip
    assert tasks.locked(session, task_id).state == "resolved"


@pytest.mark.parametrize("which", [0, 1], ids=["its own account", "a member"])
def test_the_others_of_a_household_are_resolved_and_the_confidential_one_is_left(
    session: Session, which: int
) -> None:
    *people, task_id = family(session)
    kept = people[which]
    assert isinstance(kept, Account)
    ask(session, kept)
    tasks.resolve(session, task_id, "user:sofia", *BIRCH)
    task = tasks.locked(session, task_id)
    assert (task.state, task.account_id) == ("in_progress", kept.id)
    assert [each.account_id for each in tying.live_accounts(task)] == [kept.id]
    for each in people:
        assert isinstance(each, Account)
        assert street(session, each) == ("12 ELM ST" if each is kept else "7 BIRCH LN")
        assert held(session, each) == (each is kept)
    assert "address is confidential" in str(task.attempts[-1].note)
    assert len(session.scalars(select(Remail)).all()) == 2
    ask(session, kept, SHELTER)
    assert tasks.locked(session, task_id).state == "resolved"
    assert holds.held(session, None) == []


def test_where_all_are_confidential_nothing_is_changed(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    ask(session, account)
    with pytest.raises(Conflict) as refused:
        tasks.resolve(session, task.id, "user:sofia", *BIRCH)
    assert refused.value.code == "confidential_address"


def propose(session: Session, account: Account, street: str, care_of: str = "") -> AddressCandidate:
    new = NewAddress(street, "DAYTON", "OH", "45419-2525", care_of)
    return address_candidates.propose(
        session, account, new, source="label", actor="system:test", name="ROSA ALVAREZ"
    )


def test_a_proposal_that_a_person_types_is_confirmed_by_that_person(session: Session) -> None:
    account = add_account(session, office(session), "1000000017")
    task = task_of(session, come(session, account))
    same, unit, elsewhere, care = (
        propose(session, account, "7 BIRCH LANE"),
        propose(session, account, "7 BIRCH LN APT 2"),
        propose(session, account, "9 OAK LN"),
        propose(session, account, "7 BIRCH LN", "C/O ANA NOVAK"),
    )
    version = tasks.resolve(session, task.id, "user:sofia", *BIRCH)
    assert (same.state, same.decided_by, same.version_id) == (
        "confirmed", "user:sofia", version.id,
    )  # fmt: skip
    assert [each.state for each in (unit, elsewhere, care)] == ["open"] * 3
