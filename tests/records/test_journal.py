"""The journal: entries balance, are never changed, and are reversed once; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from records import clock, ids, journal
from records.db import Database
from records.errors import Conflict, NotFound, WrongUse
from records.journal import Line, credit, debit
from records.models import JournalEntry, JournalLine
from records.models.ledger import JournalSeal

pytestmark = pytest.mark.both_databases

CENTS = st.integers(1, 10**12)


def _post(db: Database, cents: int = 500, at: datetime | None = None) -> str:
    with db.write() as session:
        return journal.post(
            session,
            "received",
            [debit("held", cents), credit("owed", cents)],
            subject_kind="payment",
            subject_id="1",
            at=at,
        )


def _entry(session: Session) -> str:
    entry_id = ids.new_id()
    session.execute(
        insert(JournalEntry).values(
            id=entry_id, kind="k", at=clock.now(), subject_kind="s", subject_id="1", memo=""
        )
    )
    return entry_id


def _line(
    session: Session, entry_id: str, position: int, debit_cents: int, credit_cents: int
) -> None:
    session.execute(
        insert(JournalLine).values(
            entry_id=entry_id,
            position=position,
            account="a",
            debit_cents=debit_cents,
            credit_cents=credit_cents,
        )
    )


def _seal(session: Session, entry_id: str, cents: int) -> None:
    session.execute(insert(JournalSeal).values(entry_id=entry_id, total_cents=cents))


def test_an_entry_moves_its_cents_and_a_reversal_moves_them_back(db: Database) -> None:
    entry_id = _post(db)
    with db.read() as session:
        assert journal.balances(session) == {"held": 500, "owed": -500}
    with db.write() as session:
        undone = journal.reverse(session, entry_id)
    with db.read() as session:
        assert journal.balances(session) == {"held": 0, "owed": 0}
        assert journal.lines_of(session, undone) == [credit("held", 500), debit("owed", 500)]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(parts=st.lists(CENTS, min_size=1, max_size=6))
def test_balances_of_any_postings_sum_to_zero(db: Database, parts: list[int]) -> None:
    lines = [debit("held", sum(parts)), *(credit(f"part:{n}", c) for n, c in enumerate(parts))]
    with db.write() as session:
        journal.post(session, "split", lines, subject_kind="p", subject_id="1")
    with db.read() as session:
        assert sum(journal.balances(session).values()) == 0


@pytest.mark.parametrize("lines", [[], [debit("a", 1)], [debit("a", 2), credit("b", 1)]])
def test_an_unbalanced_entry_is_refused(db: Database, lines: list[Line]) -> None:
    with pytest.raises(WrongUse, match="unbalanced_entry"), db.write() as session:
        journal.post(session, "k", lines, subject_kind="p", subject_id="1")


@pytest.mark.parametrize(("one", "other"), [(0, 0), (1, 1), (-1, 0), (1, -1)])
def test_a_line_has_one_side_above_zero(one: int, other: int) -> None:
    with pytest.raises(ValueError, match="one side"):
        Line("a", one, other)


def test_a_line_takes_no_float() -> None:
    with pytest.raises(TypeError):
        Line("a", 1.0, 0)  # type: ignore[arg-type]


def test_an_entry_is_reversed_once_and_a_reversal_never(db: Database) -> None:
    entry_id = _post(db)
    with db.write() as session:
        undone = journal.reverse(session, entry_id)
    with pytest.raises(Conflict, match="already_reversed"), db.write() as session:
        journal.reverse(session, entry_id)
    with pytest.raises(Conflict, match="reversal_of_reversal"), db.write() as session:
        journal.reverse(session, undone)
    with pytest.raises(NotFound), db.write() as session:
        journal.reverse(session, "no such")


def test_balances_can_be_asked_by_prefix_and_instant(db: Database) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(3):
        _post(db, 10**day, start + timedelta(days=day))
    with db.read() as session:
        later = start + timedelta(days=1)
        assert journal.balances(session, prefix="he") == {"held": 111}
        assert journal.balances(session, before=later) == {"held": 1, "owed": -1}
        assert journal.balances(session, since=later, prefix="held") == {"held": 110}
        assert journal.balances(session, prefix="h%") == {}


def _unbalanced(session: Session) -> None:
    entry_id = _entry(session)
    _line(session, entry_id, 0, 5, 0)
    _line(session, entry_id, 1, 0, 4)
    _seal(session, entry_id, 5)


def _without_lines(session: Session) -> None:
    _seal(session, _entry(session), 0)


def _without_seal(session: Session) -> None:
    entry_id = _entry(session)
    _line(session, entry_id, 0, 5, 0)
    _line(session, entry_id, 1, 0, 5)


def _line_after_seal(session: Session) -> None:
    entry_id = _entry(session)
    _line(session, entry_id, 0, 5, 0)
    _line(session, entry_id, 1, 0, 5)
    _seal(session, entry_id, 5)
    _line(session, entry_id, 2, 5, 0)


def _seal_of_nothing(session: Session) -> None:
    _seal(session, "no such entry", 5)


def _two_sided_line(session: Session) -> None:
    entry_id = _entry(session)
    _line(session, entry_id, 0, 5, 5)
    _seal(session, entry_id, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        _unbalanced,
        _without_lines,
        _without_seal,
        _line_after_seal,
        _seal_of_nothing,
        _two_sided_line,
    ],
)
def test_the_database_itself_refuses_a_wrong_entry(
    db: Database, wrong: Callable[[Session], None]
) -> None:
    with pytest.raises(DBAPIError), db.write() as session:
        wrong(session)
    with db.read() as session:
        assert journal.balances(session) == {}
        assert session.scalar(text("SELECT count(*) FROM journal_entries")) == 0
    _post(db)  # and the connection is good for more


@pytest.mark.parametrize("table", ["journal_entries", "journal_lines", "journal_seals"])
@pytest.mark.parametrize("verb", ["update", "delete", "replace", "truncate"])
def test_the_database_itself_refuses_any_change(db: Database, table: str, verb: str) -> None:
    _post(db)
    column = {
        "journal_entries": "memo",
        "journal_lines": "account",
        "journal_seals": "total_cents",
    }[table]
    statement = {
        "update": f"UPDATE {table} SET {column} = '1'",
        "delete": f"DELETE FROM {table}",
        "replace": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "truncate": f"TRUNCATE {table} CASCADE",
    }[verb]
    with pytest.raises(DBAPIError), db.write() as session:
        session.execute(text(statement))
    with db.read() as session:
        assert journal.balances(session) == {"held": 500, "owed": -500}


def test_two_people_reversing_at_once_on_postgresql_make_one_reversal(postgres_url: str) -> None:
    import threading  # noqa: PLC0415 - only here

    db = Database(postgres_url)
    entry_id = _post(db)
    outcomes: list[str] = []

    def reverse() -> None:
        try:
            with db.write() as session:
                journal.reverse(session, entry_id)
            outcomes.append("done")
        except (Conflict, DBAPIError):
            outcomes.append("refused")

    threads = [threading.Thread(target=reverse) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", *["refused"] * 5]
    db.close()
