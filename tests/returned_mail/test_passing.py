"""A returned piece that is another office's: its task goes there, nothing of it stays behind."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.db import Database
from records.errors import Conflict, NotFound
from records.models import AddressTask, AuditEvent, Document, Office, PlayVersion, ReturnedPiece
from returned_mail import arrivals, passing, plays, task_lists, tasks
from tests.returned_mail.test_tasks import IMB, IMB_DIGITS, PIECE, arrive
from tests.world import add_account, add_document, add_office


@pytest.fixture
def offices(db: Database) -> tuple[str, str]:
    """The ids of NORTH, which scans, and of WEST."""
    with db.write() as session:
        return add_office(session).id, add_office(session, "WEST").id


def refs(session: Session, office_id: str) -> list[str]:
    return task_lists.refs(session, offices=frozenset({office_id}))


def test_a_piece_surely_another_offices_opens_its_task_there(
    db: Database, offices: tuple[str, str]
) -> None:
    north, west = offices
    with db.write() as session:
        wanted = add_account(session, session.get_one(Office, west), "1000000017", imb=IMB_DIGITS)
    document_id = arrive(db, {**PIECE, "imb": IMB})
    with db.read() as session:
        task = session.scalars(select(AddressTask)).one()
        assert (task.office_id, task.account_id) == (west, wanted.id)
        assert refs(session, north) == []
        assert session.scalars(select(ReturnedPiece)).one().office_id == west
        kept = select(AuditEvent).where(AuditEvent.action == "returned_mail.passed_on")
        event = session.scalars(kept).one()
        assert (event.subject_id, event.detail) == (document_id, {"before": "NORTH", "to": "WEST"})


def test_the_same_envelope_scanned_twice_is_one_task_there(
    db: Database, offices: tuple[str, str]
) -> None:
    with db.write() as session:
        add_account(session, session.get_one(Office, offices[1]), "1000000017", imb=IMB_DIGITS)
    for _ in range(2):
        arrive(db, {**PIECE, "imb": IMB})
    with db.read() as session:
        assert session.scalars(select(AddressTask)).one().pieces == 1
        outcomes = session.scalars(select(ReturnedPiece.outcome).order_by(ReturnedPiece.id)).all()
        assert outcomes == ["opened", "copy"]


def test_a_second_scan_of_what_was_passed_on_follows_it(
    db: Database, offices: tuple[str, str]
) -> None:
    north, west = offices
    with db.write() as session:
        office = session.get_one(Office, north)
        said = arrivals.Arrival(reason="vacant", label_key="label:1234567890123")
        scans = [add_document(session, office, "returned_mail", {}) for _ in range(2)]
        first = arrivals.take(session, scans[0].id, said)
        passing.pass_on(session, str(first.task_id), "WEST", "user:sam")
        again = arrivals.take(session, scans[1].id, said)
        assert (again.outcome, again.task_id, again.office_id) == ("copy", first.task_id, west)
        assert refs(session, north) == []


def unknown(session: Session, office_id: str, kind: str = "returned_mail") -> AddressTask:
    office = session.get_one(Office, office_id)
    scan = add_document(session, office, kind, {"reason": "vacant"})
    said = {"candidates": [{"account_id": "a", "account_number": "1000000017"}]}
    arrival = arrivals.Arrival(reason="vacant", evidence=said)
    return session.get_one(AddressTask, arrivals.take(session, scan.id, arrival).task_id)


def test_a_person_passes_on_what_is_not_theirs_without_the_proposed_accounts(
    db: Database, offices: tuple[str, str]
) -> None:
    north, west = offices
    with db.write() as session:
        plays.change(session, west, "vacant", {"hold_days": 10}, "user:ada")
        task = unknown(session, north)
        passing.pass_on(session, task.id, "WEST", "user:sam")
    with db.read() as session:
        task = session.scalars(select(AddressTask)).one()
        assert (refs(session, north), refs(session, west)) == ([], [task.ref])
        assert task.evidence["candidates"] == []
        assert task.play_version == session.scalars(select(PlayVersion.version)).one()
        assert session.scalars(select(ReturnedPiece)).one().office_id == west
        kept = select(AuditEvent.detail).where(AuditEvent.action == "task.passed_on")
        said = session.scalars(kept).one()
        assert (said["before"], said["to"]) == ("NORTH", "WEST")


def test_what_is_tied_reviewed_ended_or_a_stub_is_not_passed_on(
    db: Database, offices: tuple[str, str]
) -> None:
    north = offices[0]
    with db.write() as session:
        add_account(session, session.get_one(Office, north), "1000000017")
        tied, reviewed, ended = (unknown(session, north) for _ in range(3))
        stub = unknown(session, north, "coupon")
        tasks.assign_account(session, tied.id, "user:sam", "1000000017")
        reviewed.queue = "dispute"
        tasks.close_unresolved(session, ended.id, "user:sam", "not our mail")
        for task, code in (
            (tied, "account_known"), (reviewed, "guarded_task"), (ended, "task_ended"),
            (stub, "not_an_envelope"),
        ):  # fmt: skip
            with pytest.raises(Conflict) as refused:
                passing.pass_on(session, task.id, "WEST", "user:sam")
            assert refused.value.code == code
        with pytest.raises(NotFound):
            passing.pass_on(session, stub.id, "NOWHERE", "user:sam")


def test_what_was_read_of_it_and_its_pages_are_the_other_offices(
    db: Database, offices: tuple[str, str]
) -> None:
    north, west = offices
    with db.write() as session:
        task = unknown(session, north)
        document_id = task.document_id
        assert passing.documents(session, [document_id], frozenset({"NORTH"})) == frozenset()
        passing.pass_on(session, task.id, "WEST", "user:sam")
        piece = session.get_one(Document, document_id)
        assert passing.documents(session, [piece.id], frozenset({"NORTH"})) == {document_id}
        for codes in (frozenset({"NORTH", "WEST"}), frozenset({"WEST"}), None):
            assert passing.documents(session, [piece.id], codes) == frozenset()
        assert west != north
