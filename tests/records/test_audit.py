"""The audit chain: unbroken under threads and rollbacks, and it shows any change."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from records import audit, jobs
from records.db import Database
from records.models import AuditEvent

pytestmark = pytest.mark.both_databases


def _record(db: Database, count: int = 1, action: str = "seen") -> None:
    for number in range(count):
        with db.write() as session:
            audit.record(
                session,
                actor="user:x",
                action=action,
                subject_kind="thing",
                subject_id=str(number),
                detail={"number": number, "codes": ["a", None, True]},
            )


def test_an_empty_chain_verifies(db: Database) -> None:
    with db.read() as session:
        assert audit.verify(session) == audit.Verification(True, 0, None, audit.GENESIS)


def test_events_of_many_writers_form_one_chain_without_gaps(db: Database) -> None:
    threads = [threading.Thread(target=_record, args=(db, 15)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as session:
        found = audit.verify(session)
        numbers = session.scalars(select(AuditEvent.seq).order_by(AuditEvent.seq)).all()
    assert (found.ok, found.count) == (True, 60)
    assert list(numbers) == list(range(1, 61))


def test_a_rolled_back_transaction_leaves_no_event(db: Database) -> None:
    def fail() -> None:
        with db.write() as session:
            audit.record(session, actor="a", action="b", subject_kind="c", subject_id="d")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.read() as session:
        assert audit.verify(session).count == 0


def test_a_rolled_back_savepoint_takes_its_events_along_and_no_others(db: Database) -> None:
    with db.write() as session:
        audit.record(session, actor="a", action="outer", subject_kind="c", subject_id="1")
        nested = session.begin_nested()
        audit.record(session, actor="a", action="undone", subject_kind="c", subject_id="2")
        nested.rollback()
        with session.begin_nested():
            audit.record(session, actor="a", action="kept", subject_kind="c", subject_id="3")
    with db.read() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
        assert actions == ["outer", "kept"]
        assert audit.verify(session).ok


def test_several_events_of_one_transaction_keep_their_order(db: Database) -> None:
    with db.write() as session:
        for action in "abc":
            audit.record(session, actor="x", action=action, subject_kind="y", subject_id="z")
    with db.read() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert actions == ["a", "b", "c"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'user:y' WHERE seq = 2",
        "DELETE FROM audit_events WHERE seq = 2",
        "DELETE FROM audit_events",
        "INSERT INTO audit_events SELECT * FROM audit_events WHERE seq = 2",
    ],
)
def test_the_database_refuses_to_change_the_chain(db: Database, statement: str) -> None:
    _record(db, 3)
    with pytest.raises(DBAPIError), db.write() as session:
        session.execute(text(statement))
    with db.read() as session:
        assert audit.verify(session).count == 3


def test_sqlite_refuses_to_replace_an_event(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    _record(db, 2)
    with pytest.raises(DBAPIError, match="append-only"), db.write() as session:
        session.execute(text("INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events"))


def test_postgresql_refuses_to_truncate(postgres_url: str) -> None:
    db = Database(postgres_url)
    _record(db, 2)
    with pytest.raises(DBAPIError, match="append-only"), db.write() as session:
        session.execute(text("TRUNCATE audit_events"))
    db.close()


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        ("UPDATE audit_events SET actor = 'user:y' WHERE seq = 3", 3),
        ("UPDATE audit_events SET detail = '{}' WHERE seq = 2", 2),
        ("UPDATE audit_events SET at = '2020-01-01 00:00:00' WHERE seq = 4", 4),
        ("DELETE FROM audit_events WHERE seq = 1", 1),
        ("DELETE FROM audit_events WHERE seq = 3", 3),
    ],
)
def test_verification_names_the_first_row_that_was_changed_behind_the_triggers(
    db: Database, change: str, first_bad: int
) -> None:
    _record(db, 5)
    with db.engine.begin() as connection:
        if db.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER audit_events_no_update")
            connection.exec_driver_sql("DROP TRIGGER audit_events_no_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_events DISABLE TRIGGER USER")
        connection.exec_driver_sql(change)
    with db.read() as session:
        found = audit.verify(session)
    assert (found.ok, found.first_bad_seq) == (False, first_bad)


@pytest.mark.parametrize("detail", [{"a": 1.5}, {"a": object()}])
def test_details_that_would_not_hash_alike_everywhere_are_refused(
    db: Database, detail: dict[str, int]
) -> None:
    with pytest.raises(TypeError), db.write() as session:
        audit.record(
            session, actor="a", action="b", subject_kind="c", subject_id="d", detail=detail
        )


def test_a_long_text_is_no_detail(db: Database) -> None:
    with pytest.raises(ValueError, match="id or a code"), db.write() as session:
        audit.record(
            session,
            actor="a",
            action="b",
            subject_kind="c",
            subject_id="d",
            detail={"text": "x" * 201},
        )


def test_the_hash_of_a_row_is_fixed_for_good() -> None:
    """A change of this value would break every chain that exists."""
    values = {
        "seq": 1,
        "at": datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        "actor": "user:x",
        "action": "seen",
        "subject_kind": "thing",
        "subject_id": "1",
        "detail": {"n": 1},
        "previous_hash": audit.GENESIS,
    }
    assert audit.event_hash(values) == (
        "87f31393cd2a10e2e544c33ba0b27725f6aa53cf638c87e4a4eb770a19a34a0c"
    )


def test_chains_are_not_slow(db: Database) -> None:
    """50 events a second are asked for; a transaction of 200 must stay far below a second."""
    with db.write() as session:
        for number in range(200):
            jobs.enqueue(session, "a", "thing", str(number))
            audit.record(session, actor="x", action="y", subject_kind="z", subject_id=str(number))
    with db.read() as session:
        assert audit.verify(session).count == 200
