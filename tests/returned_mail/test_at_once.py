"""Two at once on PostgreSQL: two scans of one envelope, two people at one task."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matching import address_candidates, address_versions
from matching.address_versions import NewAddress
from records.db import Database
from records.errors import Conflict
from records.models import (
    Account,
    AccountChange,
    AddressCandidate,
    AddressTask,
    AddressVersion,
    ConfidentialAddress,
    Document,
    Remail,
    TaskAccount,
    User,
)
from returned_mail import arrivals, household, remails, tasks
from tests.world import add_account, add_document, add_office

pytestmark = pytest.mark.both_databases

Act = Callable[[Session, int, Callable[[], None]], None]


def both(db: Database, act: Act) -> list[str]:
    """Run ``act`` twice at once; codes of the conflicts. It calls its last argument to meet the
    other one; on SQLite writers follow one another, and nobody is met."""
    barrier = threading.Barrier(2)
    refused: list[str] = []

    def meet() -> None:
        if not db.is_sqlite:
            barrier.wait(10)

    def run(number: int) -> None:
        try:
            with db.write() as session:
                act(session, number, meet)
        except Conflict as error:
            refused.append(error.code)

    threads = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return refused


def test_two_scans_of_one_envelope_booked_at_once_open_one_task(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        scans = [
            add_document(session, office, "returned_mail", {"reason": "vacant"}).id
            for _ in range(2)
        ]

    def book(session: Session, number: int, meet: Callable[[], None]) -> None:
        session.get_one(Document, scans[number])
        meet()
        said = arrivals.Arrival(reason="vacant", label_key="label:1234567890123")
        arrivals.take(session, scans[number], said)

    assert both(db, book) == []
    with db.read() as after:
        assert after.scalar(select(func.count()).select_from(AddressTask)) == 1


def test_two_people_who_resolve_one_task_at_once_make_one_address(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        scan = add_document(session, office, "returned_mail", {"reason": "vacant"})
        said = arrivals.Arrival(reason="vacant", account_id=account.id)
        task_id = str(arrivals.take(session, scan.id, said).task_id)

    def resolve(session: Session, number: int, meet: Callable[[], None]) -> None:
        tasks.find(session, task_id)  # as a page does: the task is loaded before it is locked
        meet()
        street = ("7 BIRCH LN", "9 BIRCH LN")[number]
        tasks.resolve(session, task_id, f"user:{number}", street, "DAYTON", "OH", "45419")

    assert both(db, resolve) == ["task_ended"]
    with db.read() as after:
        for table, count in ((AddressVersion, 2), (Remail, 1)):
            assert after.scalar(select(func.count()).select_from(table)) == count
        kinds = after.scalars(select(AccountChange.kind).order_by(AccountChange.kind)).all()
        assert kinds == ["account_note", "address_change", "bad_address_set"]


def test_two_answers_to_one_proposal_at_once_make_one_address(db: Database) -> None:
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017")
        new = NewAddress("7 BIRCH LN", "DAYTON", "OH", "45419")
        made = address_candidates.propose(session, account, new, source="label", actor="system:t")
        candidate_id = made.id

    def confirm(session: Session, number: int, meet: Callable[[], None]) -> None:
        session.get_one(AddressCandidate, candidate_id)  # as a page does
        meet()
        address_candidates.confirm(session, candidate_id, f"user:{number}")

    assert both(db, confirm) == ["transition_refused"]
    with db.read() as after:
        assert after.scalar(select(func.count()).select_from(AddressVersion)) == 2


def test_an_address_said_to_be_confidential_is_the_one_in_force_by_then(db: Database) -> None:
    with db.write() as session:
        session.add(User(username="bea", display_name="b", role="billing", password_hash="x"))
        account_id = add_account(session, add_office(session), "1000000017").id

    def act(session: Session, number: int, meet: Callable[[], None]) -> None:
        held = session.get_one(Account, account_id)
        assert held.address is not None  # the page shows it
        meet()
        if number == 0:
            new = NewAddress("7 BIRCH LN", "DAYTON", "OH", "45419")
            address_versions.add(session, account_id, new, source="user", actor="user:0")
        else:
            address_versions.set_confidential(session, account_id, "user:bea", "asked by phone")

    refused = both(db, act)
    with db.read() as after:
        kept = after.scalars(select(ConfidentialAddress)).one()
        account = after.get_one(Account, account_id)
        assert account.address is not None
        assert kept.address_version_id == account.address.id
        # Who came second was refused, or the confidential address is the newer one.
        assert (len(account.addresses), refused) in [(1, ["confidential_address"]), (2, [])]


def test_two_tasks_given_one_account_without_address_at_once_become_one(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = Account(
            number="1000000033", office_id=office.id, patient_first="Ana",
            patient_last="Novak", guarantor_first="Ana", guarantor_last="Novak",
        )  # fmt: skip
        session.add(account)
        session.flush()
        ids = []
        for _ in range(2):
            scan = add_document(session, office, "returned_mail", {"reason": "vacant"})
            piece = arrivals.take(session, scan.id, arrivals.Arrival(reason="vacant"))
            ids.append(str(piece.task_id))

    def assign(session: Session, number: int, meet: Callable[[], None]) -> None:
        tasks.find(session, ids[number])
        meet()
        tasks.assign_account(session, ids[number], f"user:{number}", "1000000033")

    assert both(db, assign) == []
    with db.read() as after:
        rows = after.scalars(select(TaskAccount)).all()
        assert [each.live for each in rows] == [True]
        states = sorted(each.state for each in after.scalars(select(AddressTask)))
        assert states == ["closed_unresolved", "open"]


def test_the_database_holds_one_live_row_for_an_account_without_address(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        scan = add_document(session, office, "returned_mail", {"reason": "vacant"})
        task_id = arrivals.take(session, scan.id, arrivals.Arrival(reason="vacant")).task_id
        rows = [
            TaskAccount(task_id=task_id, account_id=account.id, actor="user:x") for _ in range(2)
        ]
    with pytest.raises(IntegrityError), db.write() as session:
        session.add_all(rows)


def test_two_people_who_tick_one_statement_at_once_mail_it_once(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        scan = add_document(session, office, "returned_mail", {"reason": "vacant"})
        said = arrivals.Arrival(reason="vacant", account_id=account.id)
        task_id = str(arrivals.take(session, scan.id, said).task_id)
        tasks.resolve(session, task_id, "user:x", "7 BIRCH LN", "DAYTON", "OH", "45419")

    def tick(session: Session, number: int, meet: Callable[[], None]) -> None:
        refs = [each.ref for each in remails.waiting(session, None)]
        meet()
        if refs:  # on SQLite the second one does not see it any more
            remails.mark_mailed(session, refs, f"user:{number}")

    assert both(db, tick) == ([] if db.is_sqlite else ["already_mailed"])


def test_the_household_is_shown_by_a_session_that_only_reads(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        add_account(session, office, "1000000025", "Peter Novak")
        scan = add_document(session, office, "returned_mail", {"reason": "no_such_number"})
        said = arrivals.Arrival(reason="no_such_number", account_id=account.id)
        task_id = str(arrivals.take(session, scan.id, said).task_id)
    with db.read() as session:
        task = session.get_one(AddressTask, task_id)
        assert [each.state for each in household.at_address(session, task)] == ["free"]
