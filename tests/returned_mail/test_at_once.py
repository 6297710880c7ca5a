"""Two at once on PostgreSQL: two scans of one envelope, two people at one task."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.db import Database
from records.errors import Conflict
from records.models import AccountChange, AddressTask, AddressVersion, Document, Remail
from returned_mail import arrivals, tasks
from tests.world import add_account, add_document, add_office

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
