"""Sessions: what may write, what commits, and what an outage says."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from records import jobs
from records.db import Database
from records.errors import UnavailableError, WrongUse
from records.models import Job
from tests.servers import free_port

pytestmark = pytest.mark.both_databases


def test_a_write_session_commits_at_its_end_and_rolls_back_when_it_raises(db: Database) -> None:
    with db.write() as session:
        jobs.enqueue(session, "a", "thing", "1")

    def fail() -> None:
        with db.write() as session:
            jobs.enqueue(session, "a", "thing", "2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.read() as session:
        assert jobs.counts(session).queued == 1


def test_a_read_session_refuses_to_flush(db: Database) -> None:
    with db.read() as session:
        session.add(Job(stage="a", subject_kind="thing", subject_id="1"))
        with pytest.raises(WrongUse, match="read_session"):
            session.flush()


def test_a_read_session_refuses_to_lock_rows(db: Database) -> None:
    with db.read() as session:
        with pytest.raises(WrongUse, match="read_session"):
            session.scalars(select(Job).with_for_update()).all()
        with pytest.raises(WrongUse, match="read_session"):
            session.get(Job, "1", with_for_update=True)


def test_a_read_session_refuses_plain_sql_that_writes_and_leaves_the_pool_able_to(
    db: Database,
) -> None:
    for _ in range(3):
        with pytest.raises(DBAPIError), db.read() as session:
            session.execute(text("DELETE FROM jobs"))
    with db.write() as session:
        jobs.enqueue(session, "a", "thing", "1")


def test_a_read_session_on_sqlite_sees_one_snapshot(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    with db.read() as reader:
        assert jobs.counts(reader).queued == 0
        with db.write() as writer:
            jobs.enqueue(writer, "a", "thing", "1")
        assert jobs.counts(reader).queued == 0


def test_sqlite_is_opened_for_durability_and_foreign_keys(sqlite_url: str) -> None:
    with Database(sqlite_url).read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.scalar(text("PRAGMA synchronous")) == 2


def test_a_database_that_does_not_answer_says_so_with_a_remedy_and_no_password() -> None:
    db = Database(f"postgresql://someone:secret@127.0.0.1:{free_port()}/nothing")
    with pytest.raises(UnavailableError) as caught, db.read():
        pass
    assert caught.value.code == "database_unreachable"
    assert caught.value.remedy
    assert "secret" not in str(caught.value)


def test_a_postgresql_that_was_restarted_is_reached_again(postgres_url: str) -> None:
    db, other = Database(postgres_url), Database(postgres_url)

    def cut() -> None:
        with other.write() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    db.check()
    cut()
    db.check()

    def write_while_cut() -> None:
        with db.write() as session:
            cut()
            jobs.enqueue(session, "a", "thing", "1")

    with pytest.raises(UnavailableError) as caught:
        write_while_cut()
    assert caught.value.code == "database_unreachable"
    with db.read() as session:
        assert jobs.counts(session).queued == 0
    db.close()
    other.close()


def test_a_path_that_cannot_be_opened_is_unreachable(tmp_path: Path) -> None:
    folder = tmp_path / "x.sqlite"
    folder.mkdir()
    with pytest.raises(UnavailableError) as caught, Database(f"sqlite:///{folder}").write():
        pass
    assert caught.value.code == "database_unreachable"


@pytest.mark.parametrize("url", ["mysql://a/b", "not a url", "oracle://x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(WrongUse):
        Database(url)
